"""Renders a dossier as one page of HTML: a time line, meetings, actors, who met whom, and where.

The page is made as the report's is (see `summarize.report.html`): it opens from the disk, fetches
nothing, and words of articles are data in it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from html import escape
from operator import itemgetter
from typing import IO, Any

from summarize.across_articles.records import ActorRecord, MeetingRecord
from summarize.grounding.countries import country_names, country_of_place
from summarize.grounding.country_facts import borders, capital_coordinates
from summarize.report import wording
from summarize.report.html import assets, content_policy, data_element, page_end, page_start
from summarize.report.wording import clean
from summarize.schema import MEETING_NAMES

__all__ = ["LatestMeetings", "write_page"]

# With so many meetings a page has some 10 MB and opens within two seconds.
_MOST_MEETINGS = 5_000

_PACKAGE = "summarize.across_articles"
_SCRIPTS = ("records.js", "timeline.js", "picture.js", "parts.js", "pages.js", "dossier.js")
_KIND_NAMES = {
    "person": "Person",
    "organization": "Organization",
    "group": "Group",
    "country": "Country",
}


class LatestMeetings:
    """The latest of the meetings that pass, for the page; no more are in memory at a time."""

    def __init__(self, most: int = _MOST_MEETINGS) -> None:
        self._most = most
        self._latest: list[tuple[tuple[str, str], MeetingRecord]] = []
        self.left_out = 0

    def passing(self, meetings: Iterable[MeetingRecord]) -> Iterator[MeetingRecord]:
        """Yields the meetings as they are."""
        for meeting in meetings:
            one = ((meeting.last_day or "", meeting.id), meeting)
            if len(self._latest) < self._most:
                heapq.heappush(self._latest, one)
            else:
                heapq.heappushpop(self._latest, one)
                self.left_out += 1
            yield meeting

    @property
    def meetings(self) -> list[MeetingRecord]:
        """Those that passed, the latest first."""
        return [meeting for _, meeting in sorted(self._latest, key=itemgetter(0), reverse=True)]


def write_page(
    stream: IO[str],
    meetings: Sequence[MeetingRecord],
    actor: Callable[[str], ActorRecord | None],
    *,
    left_out: int = 0,
) -> None:
    """Writes the page.

    Args:
        stream: of text in UTF-8.
        meetings: in the order of the time line.
        actor: returns an actor by its id.
        left_out: how many earlier meetings there are, which the page says.
    """
    stream.write(_page_start())
    for number, meeting in enumerate(meetings):
        stream.write(data_element(f"meeting-{number}", meeting.model_dump(mode="json")))
    actors: list[dict[str, Any]] = []
    for id_ in dict.fromkeys(id_ for meeting in meetings for id_ in _named_by(meeting)):
        if record := actor(id_):
            stream.write(data_element(f"actor-{len(actors)}", record.model_dump(mode="json")))
            actors.append(_actor_entry(record))
    stream.write(data_element("index", {**_index(meetings, actors), "left_out": left_out}))
    names = {entry["id"]: entry["name"] for entry in actors}
    # Where no script may run, a list of the meetings in a few words.
    lines = "".join(_unscripted(meeting, names) for meeting in meetings)
    stream.write(f"<noscript>\n<ol>\n{lines}</ol>\n</noscript>\n{page_end(_script())}")


def _named_by(meeting: MeetingRecord) -> Iterator[str]:
    yield from meeting.participants
    for outcome in meeting.outcomes:
        yield from outcome.parties


# What the list, the pictures and the tables are made of


def _index(shown: Sequence[MeetingRecord], actors: list[dict[str, Any]]) -> dict[str, Any]:
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
def _script() -> str:
    return f"{assets('text.js')}\n{assets(*_SCRIPTS, package=_PACKAGE)}"


def _page_start() -> str:
    style = f"{assets('page.css')}\n{assets('dossier.css', package=_PACKAGE)}"
    policy = content_policy(_script(), style)
    return page_start(policy, style, package=_PACKAGE)


def _unscripted(meeting: MeetingRecord, names: dict[str, str]) -> str:
    who = ", ".join(clean(names[id_]) for id_ in meeting.participants if id_ in names)
    line = " · ".join(
        [meeting.last_day or "", MEETING_NAMES[meeting.type], *map(clean, meeting.places)]
    )
    return f"<li><h2 dir=auto>{escape(who)}</h2><p dir=auto>{escape(line)}</p></li>\n"
