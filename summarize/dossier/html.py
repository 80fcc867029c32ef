"""Renders a dossier as one page of HTML: a time line, meetings, actors, who met whom, and where.

The page is made as the report's is (see `summarize.report.html`): it opens from the disk, fetches
nothing, and words of articles are data in it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from importlib import resources
from typing import IO, Any

from summarize.dossier.records import ActorRecord, MeetingRecord
from summarize.grounding.countries import country_names, country_of_place
from summarize.grounding.country_facts import borders, capital_coordinates
from summarize.report import wording
from summarize.report.html import assets, content_policy, data_element, page_end
from summarize.report.wording import clean
from summarize.schema import MEETING_NAMES

__all__ = ["MOST_MEETINGS", "write_page"]

MOST_MEETINGS = 5_000
"""The most meetings on a page, the latest: with them it has about 20 MB and opens in seconds."""

_SCRIPTS = (*("records.js", "timeline.js", "picture.js", "parts.js", "pages.js", "dossier.js"),)
_KIND_NAMES = {
    "person": "Person",
    "organization": "Organization",
    "group": "Group",
    "country": "Country",
}


def write_page(
    stream: IO[str],
    meetings: Iterable[MeetingRecord],
    actors: Iterable[ActorRecord],
    *,
    most: int = MOST_MEETINGS,
) -> None:
    """Writes the page.

    Args:
        stream: of text in UTF-8.
        meetings: in any order.
        actors: of which the page has those that its meetings name.
        most: the most meetings; earlier ones are left out, and the page says so.
    """
    counted = _Counted(meetings)
    # Only so many are in memory at a time.
    shown = heapq.nlargest(most, counted, key=_last_day)
    stream.write(_page_start())
    for number, meeting in enumerate(shown):
        stream.write(data_element(f"meeting-{number}", meeting.model_dump(mode="json")))
    named = {id_ for meeting in shown for id_ in _named_by(meeting)}
    entries: list[dict[str, Any]] = []
    for actor in actors:
        if actor.id in named:
            stream.write(data_element(f"actor-{len(entries)}", actor.model_dump(mode="json")))
            entries.append(_actor_entry(actor))
    index = _index(shown, entries)
    stream.write(data_element("index", {**index, "left_out": counted.number - len(shown)}))
    names = {entry["id"]: entry["name"] for entry in entries}
    # Where no script may run, a list of the meetings in a few words.
    lines = "".join(_unscripted(meeting, names) for meeting in shown)
    stream.write(f"<noscript>\n<ol>\n{lines}</ol>\n</noscript>\n{page_end(_script())}")


class _Counted:
    """Meetings, counted as they are read."""

    def __init__(self, meetings: Iterable[MeetingRecord]) -> None:
        self._meetings = meetings
        self.number = 0

    def __iter__(self) -> Iterator[MeetingRecord]:
        for meeting in self._meetings:
            self.number += 1
            yield meeting


def _last_day(meeting: MeetingRecord) -> tuple[str, str]:
    return meeting.day or (meeting.window[1] if meeting.window else ""), meeting.id


def _named_by(meeting: MeetingRecord) -> Iterator[str]:
    yield from meeting.participants
    for outcome in meeting.outcomes:
        yield from outcome.parties


# What the list, the pictures and the tables are made of


def _index(shown: list[MeetingRecord], actors: list[dict[str, Any]]) -> dict[str, Any]:
    entries = [_meeting_entry(meeting) for meeting in shown]
    spots = {code for entry in entries for code in entry["spots"]}
    capitals = capital_coordinates() if spots else {}
    codes = {code for entry in entries for code in entry["countries"]} | spots
    codes |= {actor["country"] for actor in actors if actor["country"]}
    return {
        "meetings": entries,
        "actors": actors,
        "articles": {
            report.article: {
                "title": report.title,
                "outlet": report.outlet,
                "source": report.source,
            }
            for meeting in shown
            for report in meeting.reports
        },
        "capitals": {code: capitals[code] for code in sorted(spots & capitals.keys())},
        "outlines": borders() if spots else "",
        "words": {
            "meetings": MEETING_NAMES,
            "whens": wording.WHEN_NAMES,
            "outcomes": wording.OUTCOME_NAMES,
            "kinds": _KIND_NAMES,
            "nobody": wording.NOBODY_NAMED,
            "countries": {code: country_names().get(code, code) for code in sorted(codes)},
        },
    }


def _meeting_entry(meeting: MeetingRecord) -> dict[str, Any]:
    searched = [topic.topic for topic in meeting.topics]
    searched += [outcome.description for outcome in meeting.outcomes]
    searched += [words for one in meeting.reports for words in (one.title, one.outlet) if words]
    places = dict.fromkeys(country_of_place(place) for place in meeting.places)
    return {
        "id": meeting.id,
        "type": meeting.type,
        "when": meeting.when,
        "day": meeting.day,
        "window": meeting.window,
        "places": meeting.places,
        "participants": meeting.participants,
        "countries": meeting.countries,
        "spots": [code for code in places if code],
        "articles": meeting.article_count,
        "sources": meeting.independent_sources,
        "words": "\n".join(dict.fromkeys(searched)),
    }


def _actor_entry(actor: ActorRecord) -> dict[str, Any]:
    return {
        "id": actor.id,
        "name": actor.name,
        "kind": actor.kind,
        "country": actor.country,
        "office": actor.offices[-1].title if actor.offices else None,
        "spellings": "\n".join(spelling.name for spelling in actor.spellings),
    }


# The page


@cache
def _own(name: str) -> str:
    return (resources.files(__package__) / "page" / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    return "\n".join((assets("text.js"), *map(_own, _SCRIPTS)))


def _page_start() -> str:
    style = f"{assets('page.css')}\n{_own('dossier.css')}"
    policy = content_policy(_script(), style)
    return _own("page.html").replace("{policy}", policy, 1).replace("{style}", style, 1)


def _unscripted(meeting: MeetingRecord, names: dict[str, str]) -> str:
    who = ", ".join(clean(names[id_]) for id_ in meeting.participants if id_ in names)
    day, _ = _last_day(meeting)
    line = " · ".join([day, MEETING_NAMES[meeting.type], *map(clean, meeting.places)])
    return f"<li><h2 dir=auto>{escape(who)}</h2><p dir=auto>{escape(line)}</p></li>\n"
