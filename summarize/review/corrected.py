"""Corrects one summary by the decisions about it.

A decision is applied to the very item that it is about, or not at all: what cannot be applied is
told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, TypeVar

from summarize.grounding.grounded import Grounded
from summarize.pipeline.paragraph import compose
from summarize.review.decisions import FIELDS, Decision, ItemKey, field_of
from summarize.schema import MAIN_MEETING, Actor, AgendaItem, Item, Meeting, Outcome, Summary

__all__ = ["Reviewed", "State", "corrected"]

State: TypeAlias = Literal["confirmed", "edited", "added", "wrong"]
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


def corrected(summary: Summary, decisions: Sequence[Decision]) -> Reviewed:
    """Returns a summary with the decisions about it applied, which are in order of time."""
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
