"""Applies decisions to summaries.

A decision is applied to the very item that it is about, in a summary of the very text, or not at
all: what cannot be applied is told.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from summarize.grounding.grounded import Grounded
from summarize.pipeline.paragraph import compose
from summarize.review.decisions import FIELDS, Decision, ItemKey, field_of, read_decisions
from summarize.schema import MAIN_MEETING, Actor, AgendaItem, Item, Meeting, Outcome, Summary

__all__ = ["Review", "Reviewed", "State", "apply_review"]

State: TypeAlias = Literal["confirmed", "edited", "added", "wrong"]
_T = TypeVar("_T")
# Summaries made anew may have hundreds of other items.
_MAX_TOLD = 10
_PREFIXES = {"meetings": "m", "actors": "a", "agenda_items": "g", "outcomes": "o"}


@dataclass(frozen=True)
class Reviewed:
    """A summary and what people decided about it.

    Attributes:
        summary: corrected.
        view: the same with the items that are wrong, as a person reviews it. Its ids may differ.
        keys: of the items of the view, by their ids.
        states: of the items of the view that somebody decided about, by their ids.
        decisions: that hold, in the order in which they were made.
        problems: a message for each decision that could not be applied.
        is_complete: whether there is a decision about every item, or that the article is done.
    """

    summary: Summary
    view: Summary
    keys: Mapping[str, ItemKey]
    states: Mapping[str, State]
    decisions: tuple[Decision, ...]
    problems: tuple[str, ...]
    is_complete: bool


class Review:
    """All decisions about a file of summaries."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        # By the article's id and the hash of its text.
        self._decisions: dict[tuple[str, str], list[Decision]] = defaultdict(list)
        self._seen: set[tuple[str, str]] = set()
        for decision in decisions:
            self.add(decision)

    def add(self, decision: Decision) -> None:
        """Adds a decision, later than all others."""
        self._decisions[decision.article, decision.sha256].append(decision)

    def is_about(self, summary: Summary) -> bool:
        """Whether there are decisions about a summary."""
        return (summary.article.id, summary.article.sha256) in self._decisions

    def of(self, summary: Summary, *more: Decision) -> Reviewed:
        """Returns a summary with its decisions applied, and with `more` of them."""
        key = (summary.article.id, summary.article.sha256)
        self._seen.add(key)
        return _reviewed(summary, [*self._decisions.get(key, ()), *more])

    def correct(
        self, records: Iterable[_T], on_problem: Callable[[str], None]
    ) -> Iterator[_T | Summary]:
        """Yields the records with each summary corrected; tells what could not be applied."""
        for record in self.each(records, on_problem):
            yield record.summary if isinstance(record, Reviewed) else record

    def each(
        self, records: Iterable[_T], on_problem: Callable[[str], None]
    ) -> Iterator[_T | Reviewed]:
        """Yields the records, with its decisions each summary that has some.

        Args:
            records: summaries, and others, which stay as they are.
            on_problem: called with what could not be applied: some messages, and how many more.
        """
        told = 0
        for record in records:
            problems: Iterable[str] = ()
            if isinstance(record, Summary) and self.is_about(record):
                reviewed = self.of(record)
                problems = reviewed.problems
                yield reviewed
            else:
                yield record
            told += _tell(problems, on_problem, told)
        told += _tell(self.unapplied(), on_problem, told)
        if told > _MAX_TOLD:
            on_problem(f"{told - _MAX_TOLD} more messages like these")

    def unapplied(self) -> Iterator[str]:
        """Yields a message for each text with decisions that no summary so far was of."""
        for key, decisions in self._decisions.items():
            if key not in self._seen:
                number = f"{len(decisions)} decision{'s' * (len(decisions) != 1)}"
                yield f"{key[0]}: {number} not applied, no summary is of the text it was made about"


def _tell(problems: Iterable[str], on_problem: Callable[[str], None], told: int) -> int:
    """Tells problems as long as there were few before; returns how many there are."""
    number = 0
    for number, problem in enumerate(problems, start=1):
        if told + number <= _MAX_TOLD:
            on_problem(problem)
    return number


def apply_review(
    records: Iterable[_T],
    path: str | PathLike[str],
    on_problem: Callable[[str], None] = warnings.warn,
) -> Iterator[_T | Summary]:
    """Yields summaries as people corrected them.

    Args:
        records: summaries; others, such as the failures of `read_results`, stay as they are.
        path: the file of decisions that `summarize review` wrote.
        on_problem: called with a message for each decision that could not be applied.

    Raises:
        InputError: the file cannot be read.
    """
    decisions, problems = read_decisions(Path(path))
    for problem in problems:
        on_problem(problem)
    yield from Review(decisions).correct(records, on_problem)


@dataclass(frozen=True)
class _Entry:
    """An item of a summary, with what was decided about it."""

    item: Item
    key: ItemKey
    decision: Decision | None = None
    is_added: bool = False

    @property
    def state(self) -> State | None:
        if self.decision is None:
            return None
        if self.decision.kind == "wrong":
            return "wrong"
        if self.is_added:
            return "added"
        return "edited" if self.decision.new else "confirmed"


@dataclass
class _Decided:
    """The decisions about one article that hold, by the items that they are about."""

    latest: dict[ItemKey, Decision] = field(default_factory=dict)
    added: dict[ItemKey, Decision] = field(default_factory=dict)
    rest: dict[ItemKey, Decision] = field(default_factory=dict)

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> _Decided:
        decided = cls()
        for decision in decisions:
            if decision.kind == "done":
                for key in decision.items:
                    decided.rest.setdefault(key, decision)
            elif decision.kind == "add" and decision.new:
                key = ItemKey.of(decision.new)
                decided.added.setdefault(key, decision)
                decided.latest[key] = decision
            else:
                decided.latest[decision.items[0]] = decision
        return decided

    def get(self, key: ItemKey) -> Decision | None:
        """What was decided about an item; the rest of a done article is what nothing else is of."""
        return self.latest.get(key) or self.rest.get(key)


def _reviewed(summary: Summary, decisions: Sequence[Decision]) -> Reviewed:
    id_ = summary.article.id
    problems = []
    undone = {one.undoes for one in decisions}
    holding = tuple(one for one in decisions if one.kind != "undo" and one.id not in undone)
    decided = _Decided.of(holding)
    keys = [ItemKey.of(item) for item in summary.items]
    entries = [
        _Entry(item, key, decided.get(key)) for item, key in zip(summary.items, keys, strict=True)
    ]
    known = set(keys)
    ids = {entry.item.id for entry in entries}
    for key, decision in decided.added.items():
        if key not in known and decision.new:
            item = decision.new.model_copy(update={"id": _free_id(key, ids)})
            ids.add(item.id)
            entries.append(_Entry(item, key, decided.latest[key], is_added=True))
    known.update(decided.added)
    for key in decided.latest:
        if key not in known:
            problems.append(f"{id_}: has no {key} any more; the decision about it is not applied")
    entries = _with_new_items(entries)
    is_complete = all(entry.decision for entry in entries) and bool(
        entries or any(one.kind == "done" for one in holding)
    )
    order = {one.id: number for number, one in enumerate(holding)}
    return Reviewed(
        summary=_assembled(summary, [e for e in entries if e.state != "wrong"], order),
        view=_assembled(summary, entries, order),
        keys={entry.item.id: entry.key for entry in entries},
        states={entry.item.id: entry.state for entry in entries if entry.state},
        decisions=holding,
        problems=tuple(problems),
        is_complete=is_complete,
    )


def _free_id(key: ItemKey, taken: set[str]) -> str:
    prefix = _PREFIXES[key.field]
    numbers = [int(one[1:]) for one in taken if one[0] == prefix and one[1:].isdecimal()]
    return f"{prefix}{max(numbers, default=0) + 1}"


def _with_new_items(entries: Iterable[_Entry]) -> list[_Entry]:
    """Puts what was edited or added in its place, with the ids of this summary."""
    entries = list(entries)
    ids: dict[ItemKey, str] = {}
    for entry in entries:
        ids.setdefault(entry.key, entry.item.id)
    made = []
    for entry in entries:
        decision = entry.decision
        if decision is None:
            made.append(entry)
            continue
        item = entry.item
        if decision.new:
            known = {id_: ids[key] for id_, key in decision.refers.items() if key in ids}
            item = _with_ids(decision.new, known)
            item = item.model_copy(update={"id": entry.item.id, "confidence": None})
        review = None if entry.state == "wrong" else entry.state
        made.append(replace(entry, item=item.model_copy(update={"review": review})))
    return made


def _with_ids(item: Item, known: Mapping[str, str]) -> Item:
    """An item whose references have the ids of this summary; those to nothing are left out."""

    def kept(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(known[id_] for id_ in ids if id_ in known)

    match item:
        case Meeting():
            return item.model_copy(update={"participants": kept(item.participants)})
        case AgendaItem():
            return item.model_copy(update={"meeting": known.get(item.meeting, MAIN_MEETING)})
        case Outcome():
            meeting = known.get(item.meeting, MAIN_MEETING)
            return item.model_copy(update={"meeting": meeting, "parties": kept(item.parties)})
    return item


def _assembled(summary: Summary, entries: Sequence[_Entry], order: Mapping[str, int]) -> Summary:
    """Returns a summary of these items, which agree with each other."""
    fields: dict[str, list[Any]] = {name: [] for name in FIELDS}
    for entry in entries:
        fields[field_of(entry.item)].append(entry.item)
    if all(entry.decision is None or entry.state == "confirmed" for entry in entries) and len(
        entries
    ) == len(summary.items):
        return summary.model_copy(update={name: tuple(items) for name, items in fields.items()})
    actors = {actor.id for actor in fields["actors"]}
    meetings: list[Meeting] = [
        one.model_copy(update={"participants": tuple(p for p in one.participants if p in actors)})
        for one in fields["meetings"]
    ]
    meetings = _with_parts(meetings, entries, summary, order)
    # The first of the meetings is the main one.
    main = meetings[0].id if meetings else MAIN_MEETING
    meetings = [_renamed(one, main) for one in meetings]
    present = {
        id_
        for number, meeting in enumerate(meetings)
        if number == 0 or meeting.when == "reported"
        for id_ in meeting.participants
    }
    known = {meeting.id for meeting in meetings}
    made = Grounded(
        meetings=tuple(meetings),
        actors=tuple(
            one.model_copy(update={"part": "participant" if one.id in present else "mentioned"})
            for one in fields["actors"]
        ),
        agenda_items=tuple(
            item for one in fields["agenda_items"] if (item := _moved(one, main)).meeting in known
        ),
        outcomes=tuple(
            item.model_copy(update={"parties": tuple(p for p in item.parties if p in actors)})
            for one in fields["outcomes"]
            if (item := _moved(one, main)).meeting in known
        ),
        unsupported=summary.unsupported,
    )
    return summary.model_copy(
        update={**vars(made), "is_meeting": made.is_meeting, "summary": compose(made)}
    )


def _renamed(meeting: Meeting, main: str) -> Meeting:
    return meeting.model_copy(update={"id": MAIN_MEETING}) if meeting.id == main else meeting


_Statement = TypeVar("_Statement", AgendaItem, Outcome)


def _moved(item: _Statement, main: str) -> _Statement:
    """The item with the id that its meeting has now; of one that is gone, an id of none."""
    if item.meeting == main:
        return item.model_copy(update={"meeting": MAIN_MEETING})
    gone = main != MAIN_MEETING and item.meeting == MAIN_MEETING
    return item.model_copy(update={"meeting": ""}) if gone else item


def _with_parts(
    meetings: list[Meeting],
    entries: Iterable[_Entry],
    summary: Summary,
    order: Mapping[str, int],
) -> list[Meeting]:
    """Has those take part in the news whom a person says to, and no others.

    The later of two edits counts: that of the actor, or that of the meeting.
    """
    parts = {actor.id: actor.part for actor in summary.actors}
    edited = {
        entry.item.id: order[entry.decision.id]
        for entry in entries
        if entry.decision and entry.decision.new
    }
    for entry in entries:
        actor, decision = entry.item, entry.decision
        if not isinstance(actor, Actor) or not decision or not decision.new:
            continue
        if parts.get(actor.id) == actor.part:
            continue
        for number, meeting in enumerate(meetings):
            is_news = number == 0 or meeting.when == "reported"
            if not is_news or edited.get(meeting.id, -1) > order[decision.id]:
                continue
            others = tuple(id_ for id_ in meeting.participants if id_ != actor.id)
            if actor.part == "mentioned":
                meetings[number] = meeting.model_copy(update={"participants": others})
            elif number == 0 and len(others) == len(meeting.participants):
                ids = (*meeting.participants, actor.id)
                meetings[number] = meeting.model_copy(update={"participants": ids})
    return meetings
