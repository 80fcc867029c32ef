"""What every report says, whatever it is drawn with: wording, order, grouping, excerpts.

Nothing here is markup. `clean` makes the words of articles and models safe to show; the rest
arranges a `Summary` into sections whose items share their evidence.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from summarize.schema import EVENT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from summarize.schema import Actor, OutcomeKind, Part, Quote, Summary

__all__ = [
    "FIELD_NAMES",
    "NOTHING_FOUND",
    "NO_MEETING",
    "OUTCOME_NAMES",
    "Excerpt",
    "Group",
    "Item",
    "Section",
    "byline",
    "clean",
    "event_line",
    "excerpt",
    "headline",
    "offsets",
    "paragraph",
    "provenance_line",
    "sections",
    "unsupported_lines",
]

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
    "event.date": "date",
    "event.places": "place",
}


# Words that are safe to show.

# Bidi embeddings, overrides and isolates; characters without a shape of their own. They carry no
# content, and each can hide or reorder what stands around it.
_UNSEEN = re.compile(
    "[\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LEFT_TO_RIGHT_MARK = "\u200e"


def clean(text: str) -> str:
    """The text on one line, unable to act on a terminal or to reorder its surroundings."""
    return _settled(_plain(text))


def _plain(text: str) -> str:
    text = " ".join(_UNSEEN.sub("", text).split())
    text = _CONTROL.sub(_picture, text)
    if text and unicodedata.category(text[0]).startswith("M"):
        # A combining mark with nothing to stand on would take the character before the text.
        text = "\u25cc" + text
    return text


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def _settled(text: str) -> str:
    # Without the mark a bidi terminal draws numbers and columns that follow on the wrong side.
    if _RIGHT_TO_LEFT.search(text) and not text.endswith(_LEFT_TO_RIGHT_MARK):
        return text + _LEFT_TO_RIGHT_MARK
    return text


# Lines about the whole.


def headline(summary: Summary) -> str:
    """The title of the article, or its id."""
    return clean(summary.article.title or "") or clean(summary.article.id)


def byline(summary: Summary) -> str:
    """Outlet and date, where known."""
    return _listed((summary.article.outlet, summary.article.published))


def event_line(summary: Summary) -> str:
    """What took place, where and when: "Visit · Damascus · Sept. 17"."""
    if not summary.is_meeting:
        return NO_MEETING
    event = summary.event
    when = None
    if event.date is not None:
        when = event.date.text
        if event.date.iso and event.date.iso != when:
            when = f"{clean(when)} ({event.date.iso})"
    places = ", ".join(filter(None, map(clean, event.places)))
    return _listed((EVENT_NAMES[event.type], places, when))


def paragraph(summary: Summary) -> str:
    """The summary in one paragraph; where there was no meeting, the event line has said it all."""
    return clean(summary.summary) if summary.is_meeting else ""


def provenance_line(summary: Summary) -> str:
    """Model, seconds, tokens and attempts."""
    made, usage = summary.provenance, summary.provenance.usage
    tokens = cost = None
    if usage.prompt_tokens or usage.completion_tokens:
        tokens = f"{usage.prompt_tokens:,} tokens in, {usage.completion_tokens:,} out"
    if usage.cost_usd is not None:
        cost = f"${usage.cost_usd:.4f}"
    attempts = "1 attempt" if made.attempts == 1 else f"{made.attempts} attempts"
    return _listed((made.model, f"{made.seconds:.1f} s", tokens, cost, attempts))


def unsupported_lines(summary: Summary) -> tuple[str, ...]:
    """What the model said that the article does not, one line each."""
    return tuple(
        f"{FIELD_NAMES[one.field]}: {clean(one.value)} ({clean(one.reason)})"
        for one in summary.unsupported
    )


def offsets(quote: Quote) -> str:
    """Where the quote stands in the article: "130–143"."""
    return f"{quote.start}–{quote.end}"


def _listed(parts: Iterable[str | None]) -> str:
    return " · ".join(filter(None, (clean(part) for part in parts if part)))


# Sections of items, grouped by the evidence they share.


@dataclass(frozen=True, slots=True)
class Item:
    """An actor, agenda item or outcome in words; what it does not have is empty."""

    text: str  # name, topic or description
    label: str  # kind of outcome
    country: str  # code
    detail: str  # role of an actor, parties of an outcome
    phrases: tuple[str, ...]  # to look for in a quote, the best first
    verbatim: tuple[Quote, ...]  # say no more than `text` does: only their offsets are news
    evidence: tuple[Quote, ...]  # every other quote


@dataclass(frozen=True, slots=True)
class Group:
    """Items that rest on the same quotes."""

    items: tuple[Item, ...]
    evidence: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its items; `actors` where they have countries and roles."""

    heading: str
    groups: tuple[Group, ...]
    actors: bool


def sections(summary: Summary) -> tuple[Section, ...]:
    """Participants, agenda and outcomes, then who else is mentioned.

    A meeting has the first three even where they are empty: that nothing came of it is news.
    """
    names = {actor.id: clean(actor.name) for actor in summary.actors}
    agenda = [_item(one.topic, one.quotes) for one in summary.agenda_items]
    outcomes = [
        _item(
            one.description,
            one.quotes,
            label=OUTCOME_NAMES[one.kind],
            detail=", ".join(names.get(party, clean(party)) for party in one.parties),
        )
        for one in summary.outcomes
    ]
    main = (
        Section("Participants", _grouped(_actors(summary, "participant")), actors=True),
        Section("Agenda", _grouped(agenda), actors=False),
        Section("Outcomes", _grouped(outcomes), actors=False),
    )
    mentioned = Section("Mentioned", _grouped(_actors(summary, "mentioned")), actors=True)
    return (
        *(section for section in main if summary.is_meeting or section.groups),
        *([mentioned] if mentioned.groups else []),
    )


def _actors(summary: Summary, part: Part) -> list[Item]:
    return [_actor(actor) for actor in summary.actors if actor.part == part]


def _actor(actor: Actor) -> Item:
    return _item(
        actor.name,
        actor.quotes,
        country=actor.country or "",
        detail=clean(actor.role or ""),
        aliases=actor.aliases,
        # Where an actor is only mentioned the place is enough.
        compact=actor.part == "mentioned",
    )


def _item(
    text: str,
    quotes: Iterable[Quote],
    *,
    label: str = "",
    country: str = "",
    detail: str = "",
    aliases: tuple[str, ...] = (),
    compact: bool = False,
) -> Item:
    quotes = tuple(dict.fromkeys(quotes))
    verbatim = tuple(one for one in quotes if compact or _letters(one.text) == _letters(text))
    return Item(
        text=clean(text),
        label=label,
        country=country,
        detail=detail,
        phrases=tuple(filter(None, map(_plain, (text, *aliases)))),
        verbatim=verbatim,
        evidence=tuple(one for one in quotes if one not in verbatim),
    )


def _letters(text: str) -> str:
    return _plain(text).rstrip(" .")


def _grouped(items: Iterable[Item]) -> tuple[Group, ...]:
    """The items by evidence, in the order of the first of each group.

    Items without evidence to print stay where they are, each in a group with its like before it.
    """
    groups: list[list[Item]] = []
    shared: dict[tuple[Quote, ...], list[Item]] = {}
    for item in items:
        if item.evidence:
            known = shared.get(item.evidence)
        else:
            known = groups[-1] if groups and not groups[-1][0].evidence else None
        if known is None:
            known = []
            groups.append(known)
            shared[item.evidence] = known
        known.append(item)
    return tuple(Group(tuple(group), group[0].evidence) for group in groups)


# Excerpts of long quotes.


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quote as it is shown; `marks` are the stretches of `text` that bear its items out."""

    text: str
    marks: tuple[tuple[int, int], ...]


def excerpt(quote: Quote, items: Sequence[Item], *, limit: int) -> Excerpt:
    """The quote, cut to about `limit` characters around the words of the items."""
    text = _plain(quote.text)
    marks = _merged(mark for item in items for mark in _support(text, item.phrases))
    pieces: list[str] = []
    shown: list[tuple[int, int]] = []
    length = 0
    windows = _windows(text, marks, limit)
    for start, end in windows:
        if start > 0:
            lead = " … " if pieces else "… "
            pieces.append(lead)
            length += len(lead)
        shown += [
            (max(a, start) - start + length, min(b, end) - start + length)
            for a, b in marks
            if a < end and b > start
        ]
        pieces.append(text[start:end])
        length += end - start
    if windows and windows[-1][1] < len(text):
        pieces.append(" …")
    return Excerpt(_settled("".join(pieces)), tuple(shown))


_WORD = re.compile(r"\w+")


def _support(text: str, phrases: Sequence[str]) -> list[tuple[int, int]]:
    """Where the text says the first phrase it has, else the longest run of the first one's words.

    Only to show: what supports an item has been settled before.
    """
    for phrase in phrases:
        start = text.find(phrase)
        if start >= 0:
            return [(start, start + len(phrase))]
    words = list(_WORD.finditer(text))
    there = [word[0].casefold() for word in words]
    wanted = [word.casefold() for word in _WORD.findall(phrases[0])] if phrases else []
    run = SequenceMatcher(None, wanted, there, autojunk=False).find_longest_match()
    # One short word ("the", "of") says nothing about where the support is.
    if run.size == 0 or (run.size == 1 and len(there[run.b]) < 5):
        return []
    return [(words[run.b].start(), words[run.b + run.size - 1].end())]


def _merged(stretches: Iterable[tuple[int, int]], gap: int = 0) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1] + gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _windows(text: str, marks: Sequence[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    if len(text) <= limit:
        return [(0, len(text))]
    kept = list(marks) or [(0, 0)]
    if sum(end - start for start, end in kept) > limit:
        share = max(1, limit // len(kept))
        kept = [(start, _cut(text, start, min(end, start + share))) for start, end in kept]
    room = max(0, limit - sum(end - start for start, end in kept)) // (2 * len(kept))
    windows = []
    for start, end in kept:
        # What one side has no use for goes to the other.
        spare_before = max(0, room - start)
        spare_after = max(0, room - (len(text) - end))
        left = max(0, start - room - spare_after)
        right = min(len(text), end + room + spare_before)
        windows.append((_word_start(text, left, start), _word_end(text, right, end)))
    # A gap of a few characters is not worth an ellipsis.
    return _merged(windows, gap=8)


def _cut(text: str, start: int, end: int) -> int:
    """An end at or before `end` behind a whole word, where there is one."""
    if end < len(text) and text[end] != " " and (space := text.rfind(" ", start, end)) > start:
        end = space
    while end > start + 1 and text[end - 1] == " ":
        end -= 1
    return end


def _word_start(text: str, left: int, start: int) -> int:
    if left == 0 or text[left - 1] == " ":
        return left
    space = text.find(" ", left, start)
    return _past_marks(text, left) if space < 0 else space + 1


def _word_end(text: str, right: int, end: int) -> int:
    if right == len(text) or text[right] == " ":
        return right
    space = text.rfind(" ", end, right)
    return _past_marks(text, right) if space < 0 else space


def _past_marks(text: str, at: int) -> int:
    while at < len(text) and unicodedata.category(text[at]).startswith("M"):
        at += 1
    return at
