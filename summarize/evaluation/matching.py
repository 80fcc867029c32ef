"""Matches the items of a summary with those of the gold, one to one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias, get_args

from summarize.evaluation.gold import (
    Gold,
    GoldActor,
    GoldItem,
    GoldMeeting,
    GoldOutcome,
    GoldTopic,
    is_country,
)
from summarize.schema import MAIN_MEETING, Actor, AgendaItem, Item, Meeting, Outcome, Summary

PartName = Literal["participants", "agenda_items", "outcomes", "other_meetings", "actors"]
PARTS: tuple[PartName, ...] = get_args(PartName)
"""The parts that are scored; `actors` are the participants and those only mentioned."""
AnyGold: TypeAlias = GoldActor | GoldTopic | GoldOutcome | GoldMeeting


def words_of(item: Item) -> str:
    """The name, topic or description of an item; of a meeting, when and where."""
    match item:
        case Meeting():
            return f"{item.when} {item.type} {', '.join(item.places)}".strip()
        case Actor():
            return item.name
        case AgendaItem():
            return item.topic
        case Outcome():
            return item.description


def news_of(meetings: Iterable[Meeting]) -> set[str]:
    """Returns the ids of the meetings that readers take together as the news: all reported ones."""
    return {meeting.id for meeting in meetings if meeting.when == "reported"} | {MAIN_MEETING}


def paired(fits: Sequence[Sequence[bool]]) -> dict[int, int]:
    """Returns the places of items, and of the gold that each is matched with.

    Those that fit the fewest choose first, so that a general item takes no special one's place.

    Args:
        fits: for each item, which of the gold it fits.
    """
    pairs: dict[int, int] = {}
    for place in sorted(range(len(fits)), key=lambda place: sum(fits[place])):
        taken = pairs.values()
        free = next((i for i, fit in enumerate(fits[place]) if fit and i not in taken), None)
        if free is not None:
            pairs[place] = free
    return pairs


@dataclass(frozen=True)
class MatchedPart:
    """The items of one part in a summary and in the gold; `names` are of its actors, by id."""

    name: PartName
    said: Sequence[Item]
    gold: Sequence[AnyGold]
    names: Mapping[str, str]

    def fits(self, known: AnyGold, item: Item) -> bool:
        """Whether an item of the summary is the one of the gold."""
        if not isinstance(known, GoldMeeting):
            return known.fits(words_of(item))
        if not isinstance(item, Meeting):
            return False
        names = [self.names[id_] for id_ in item.participants if id_ in self.names]
        return known.fits(item.when, names, [quote.text for quote in item.quotes])

    @cached_property
    def pairs(self) -> Mapping[int, int]:
        """The places of items said, and of the gold that each is matched with."""
        return paired([[self.fits(known, item) for known in self.gold] for item in self.said])

    @property
    def shown(self) -> int:
        """How many items were found whose quote is of the gold's sentence."""
        found = ((self.said[one], self.gold[other]) for one, other in self.pairs.items())
        return sum(
            known.is_shown_by(quote.text for quote in item.quotes)
            for item, known in found
            if isinstance(known, GoldItem)
        )


def matched_parts(gold: Gold, summary: Summary | None) -> Iterator[MatchedPart]:
    """Yields the parts that count for an article; countries do not."""
    actors, meetings = (summary.actors, summary.meetings) if summary else ((), ())
    topics, outcomes = (summary.agenda_items, summary.outcomes) if summary else ((), ())
    said = [actor for actor in actors if not is_country(actor.name, actor.kind)]
    known = [actor for actor in gold.actors if actor.kind != "country"]
    names = {actor.id: actor.name for actor in actors}
    news = news_of(meetings)

    def part(name: PartName, said: Iterable[Item], known: Sequence[AnyGold]) -> MatchedPart:
        return MatchedPart(name, tuple(said), known, names)

    if gold.is_meeting:
        present = [actor for actor in known if actor.part == "participant"]
        yield part("participants", (a for a in said if a.part == "participant"), present)
    yield part("agenda_items", (t for t in topics if t.meeting in news), gold.agenda_items)
    yield part("outcomes", (o for o in outcomes if o.meeting in news), gold.outcomes)
    if gold.other_meetings is not None:
        has_parallel = any(one.when == "parallel" for one in gold.other_meetings)
        others = (m for m in meetings[1:] if m.when != "reported" or has_parallel)
        yield part("other_meetings", others, gold.other_meetings)
    yield part("actors", said, known)
