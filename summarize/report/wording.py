"""The wording that all reports share: lines, sections, grouping of items, excerpts of quotes.

Nothing here is markup. `clean` makes the words of articles and models safe to show; `sections`
arranges a `Summary` into sections, where items with the same quotes stand together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from summarize.schema import MAIN_MEETING, MEETING_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from summarize.schema import Actor, Meeting, OutcomeKind, Quote, Review, Summary, When

NO_MEETING: Final = "This article reports no meeting."
NOTHING_FOUND: Final = "None found in the article."

OUTCOME_NAMES: Final[dict[OutcomeKind, str]] = {
    "agreement": "Agreement",
    "commitment": "Commitment",
    "decision": "Decision",
    "statement": "Statement",
    "follow_up": "Follow-up",
}
FIELD_NAMES: Final = {
    "actors": "participant",
    "agenda_items": "topic",
    "outcomes": "outcome",
    "meetings": "meeting",
    "meetings.date": "date",
    "meetings.places": "place",
}
WHEN_NAMES: Final[dict[When, str]] = {
    "reported": "Reported",
    "earlier": "Earlier",
    "planned": "Planned",
}
NOBODY_NAMED: Final = "nobody named"
REVIEW_SIGNS: Final[dict[Review | None, str]] = {
    None: "",
    "confirmed": "✓",
    "edited": "✎",
    "added": "+",
}


# Safe text

# Bidi embeddings, overrides and isolates, and characters without a glyph. They carry no content,
# and each can hide or reorder what stands around it.
_INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LEFT_TO_RIGHT_MARK = "\u200e"


def clean(text: str) -> str:
    """Returns the text on one line, unable to act on a terminal or to reorder its surroundings."""
    return _end_right_to_left(_on_one_line(text))


def _on_one_line(text: str) -> str:
    return _CONTROL.sub("\ufffd", " ".join(_INVISIBLE.sub("", text).split()))


def _end_right_to_left(text: str) -> str:
    # Without the mark, terminals draw the numbers and columns that follow on the wrong side.
    if _RIGHT_TO_LEFT.search(text) and not text.endswith(_LEFT_TO_RIGHT_MARK):
        return text + _LEFT_TO_RIGHT_MARK
    return text


# Lines about the whole summary


def headline(summary: Summary) -> str:
    """Returns the title of the article, or its id."""
    return clean(summary.article.title or "") or clean(summary.article.id)


def byline(summary: Summary) -> str:
    """Returns outlet and date, where known."""
    return _joined(summary.article.outlet, summary.article.published)


def event_line(summary: Summary) -> str:
    """Returns what took place, where and when: "Visit · Damascus · Sept. 17"."""
    main = summary.main
    if main is None:
        return NO_MEETING
    return _meeting_line(main) if main.when == "reported" else meeting_heading(main)


def reviewed_event_line(summary: Summary) -> str:
    """Returns the same with the sign of what a person did about the meeting."""
    main = summary.main
    return _joined(event_line(summary), REVIEW_SIGNS[main.review] if main else "")


def meeting_heading(meeting: Meeting) -> str:
    """Returns the heading of a meeting besides the main one: "Earlier · Talks · Doha"."""
    return _joined(WHEN_NAMES[meeting.when], _meeting_line(meeting))


def _meeting_line(meeting: Meeting) -> str:
    when = None
    if meeting.date is not None:
        when = meeting.date.text
        if meeting.date.iso and meeting.date.iso != when:
            when = f"{clean(when)} ({meeting.date.iso})"
    places = ", ".join(filter(None, map(clean, meeting.places)))
    return _joined(MEETING_NAMES[meeting.type], places, when)


def paragraph(summary: Summary) -> str:
    """Returns the one-paragraph summary; empty without a meeting, which the event line states."""
    return clean(summary.summary) if summary.is_meeting else ""


def provenance_line(summary: Summary) -> str:
    """Returns model, seconds, tokens and attempts."""
    made, usage = summary.provenance, summary.provenance.usage
    tokens = cost = None
    if usage.prompt_tokens or usage.completion_tokens:
        tokens = f"{usage.prompt_tokens:,} tokens in, {usage.completion_tokens:,} out"
    if usage.cost_usd is not None:
        cost = f"${usage.cost_usd:.4f}"
    attempts = "1 attempt" if made.attempts == 1 else f"{made.attempts} attempts"
    return _joined(made.model, f"{made.seconds:.1f} s", tokens, cost, attempts)


def review_line(summary: Summary) -> str:
    """Returns what the signs of reviewed items mean; empty where nobody reviewed any."""
    kinds = {item.review for item in summary.items}
    signs = [f"{sign} {kind}" for kind, sign in REVIEW_SIGNS.items() if kind and kind in kinds]
    return f"Reviewed: {', '.join(signs)}" if signs else ""


def unsupported_lines(summary: Summary) -> tuple[str, ...]:
    """Returns a line for each thing the model said that the article does not support."""
    return tuple(
        f"{FIELD_NAMES[one.field]}: {clean(one.value)} ({clean(one.reason)})"
        for one in summary.unsupported
    )


def offsets(quote: Quote) -> str:
    """Returns the place of the quote in the article: "130–143"."""
    return f"{quote.start}–{quote.end}"


def _joined(*parts: str | None) -> str:
    return " · ".join(filter(None, (clean(part) for part in parts if part)))


# Sections of items, grouped by the quotes they share


@dataclass(frozen=True, slots=True)
class Item:
    """An actor, agenda item or outcome in words. What it does not have is empty."""

    text: str  # name, topic or description
    label: str  # kind of outcome
    country: str  # code
    detail: str  # role of an actor, parties of an outcome
    phrases: tuple[str, ...]  # to highlight in a quote, the best first
    verbatim: tuple[Quote, ...]  # repeat `text`: only their offsets are shown
    evidence: tuple[Quote, ...]  # all other quotes
    review: str = ""  # sign of what a person did


@dataclass(frozen=True, slots=True)
class Group:
    """Items with the same evidence."""

    items: tuple[Item, ...]
    evidence: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its items. `actors` is true where they have countries and roles."""

    heading: str
    groups: tuple[Group, ...]
    actors: bool


def sections(summary: Summary) -> tuple[Section, ...]:
    """Returns the main meeting's participants, agenda and outcomes, each other meeting, the rest.

    The main meeting has three sections even if they are empty: that nothing came of it is news.
    """
    names = {actor.id: clean(actor.name) for actor in summary.actors}
    present = set(summary.main.participants) if summary.main else set()
    participants = [_actor(one) for one in summary.actors if one.id in present]
    mentioned = [_actor(one, offsets_only=True) for one in summary.actors if one.id not in present]
    agenda, outcomes = _statements(summary, MAIN_MEETING, names)
    main = (
        Section("Participants", _grouped(participants), actors=True),
        Section("Agenda", _grouped(agenda), actors=False),
        Section("Outcomes", _grouped(outcomes), actors=False),
    )
    return (
        *(section for section in main if summary.is_meeting or section.groups),
        *(_other_meeting(summary, meeting, names) for meeting in summary.meetings[1:]),
        *([Section("Mentioned", _grouped(mentioned), actors=True)] if mentioned else []),
    )


def _other_meeting(summary: Summary, meeting: Meeting, names: Mapping[str, str]) -> Section:
    who = ", ".join(names.get(one, clean(one)) for one in meeting.participants)
    told = _item(who or NOBODY_NAMED, meeting.quotes, label="Participants", review=None)
    agenda, outcomes = _statements(summary, meeting.id, names)
    topics = [replace(item, label="Topic") for item in agenda]
    heading = _joined(meeting_heading(meeting), REVIEW_SIGNS[meeting.review])
    return Section(heading, _grouped([told, *topics, *outcomes]), actors=False)


def _statements(
    summary: Summary, meeting: str, names: Mapping[str, str]
) -> tuple[list[Item], list[Item]]:
    """Returns the agenda and the outcomes of a meeting."""
    agenda = [
        _item(i.topic, i.quotes, review=i.review)
        for i in summary.agenda_items
        if i.meeting == meeting
    ]
    outcomes = [
        _item(
            one.description,
            one.quotes,
            review=one.review,
            label=OUTCOME_NAMES[one.kind],
            detail=", ".join(names.get(party, clean(party)) for party in one.parties),
        )
        for one in summary.outcomes
        if one.meeting == meeting
    ]
    return agenda, outcomes


def _actor(actor: Actor, *, offsets_only: bool = False) -> Item:
    return _item(
        actor.name,
        actor.quotes,
        review=actor.review,
        country=actor.country or "",
        detail=clean(actor.role or ""),
        aliases=actor.aliases,
        offsets_only=offsets_only,
    )


def _item(
    text: str,
    quotes: Iterable[Quote],
    *,
    review: Review | None,
    label: str = "",
    country: str = "",
    detail: str = "",
    aliases: tuple[str, ...] = (),
    offsets_only: bool = False,
) -> Item:
    quotes = tuple(dict.fromkeys(quotes))
    verbatim = tuple(one for one in quotes if offsets_only or _words(one.text) == _words(text))
    return Item(
        text=clean(text),
        label=label,
        country=country,
        detail=detail,
        phrases=tuple(filter(None, map(_on_one_line, (text, *aliases)))),
        verbatim=verbatim,
        evidence=tuple(one for one in quotes if one not in verbatim),
        review=REVIEW_SIGNS[review],
    )


def _words(text: str) -> str:
    return _on_one_line(text).rstrip(" .")


def _grouped(items: Iterable[Item]) -> tuple[Group, ...]:
    """Returns the items by evidence, in the order of the first item of each group.

    Neighbouring items without evidence form a group, which stays in its place.
    """
    groups: list[list[Item]] = []
    by_evidence: dict[tuple[Quote, ...], list[Item]] = {}
    for item in items:
        if item.evidence:
            group = by_evidence.get(item.evidence)
        else:
            group = groups[-1] if groups and not groups[-1][0].evidence else None
        if group is None:
            group = by_evidence[item.evidence] = []
            groups.append(group)
        group.append(item)
    return tuple(Group(tuple(group), group[0].evidence) for group in groups)


# Excerpts of long quotes

Span: TypeAlias = tuple[int, int]


def excerpt(quote: Quote, items: Iterable[Item], *, limit: int) -> str:
    """Returns the quote, cut to about `limit` characters around the words of the items."""
    text = _on_one_line(quote.text)
    start, end = _window(text, marks(text, items), limit)
    lead = "… " if start else ""
    tail = " …" if end < len(text) else ""
    return _end_right_to_left(lead + text[start:end] + tail)


def marks(text: str, items: Iterable[Item]) -> list[Span]:
    """Returns where the text has words of the items: of each item, the first phrase found."""
    spans: list[Span] = []
    for item in items:
        phrase = next((phrase for phrase in item.phrases if phrase in text), "")
        if phrase:
            start = text.index(phrase)
            spans.append((start, start + len(phrase)))
    return sorted(spans)


def _window(text: str, spans: Sequence[Span], limit: int) -> Span:
    """Returns the start and end of about `limit` characters around the first spans."""
    if len(text) <= limit:
        return 0, len(text)
    first = spans[0][0] if spans else 0
    last = max((end for _, end in spans if end - first <= limit), default=first)
    start = max(0, min(first - (limit - (last - first)) // 2, len(text) - limit))
    end = start + limit
    # Whole words, where there are any.
    if start and text[start - 1] != " ":
        start = text.find(" ", start, first) + 1 or start
    if end < len(text) and text[end] != " ":
        space = text.rfind(" ", max(start, last), end)
        end = space if space > start else end
    return start, end
