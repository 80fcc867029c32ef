"""Short invented articles about one meeting: who was there, and what their sentences report.

The topics of `told("They discussed fishing rights.")` are ["fishing rights"].
"""

from __future__ import annotations

from dataclasses import dataclass

from summarize.actors import find_actors
from summarize.agenda import discussed
from summarize.article import Article
from summarize.candidates import Candidate
from summarize.cast import Cast
from summarize.conclusions import concluded
from summarize.draft import Draft, DraftOutcome, DraftPerson
from summarize.matching import Finder
from summarize.mentions import named_entities
from summarize.reading import Reading, Span

HEADLINE = "Norwegian premier in Bern"
# Whose sentence reports nothing but the meeting.
LEAD = "Norwegian Prime Minister Lars Holm met Swiss President Anna Keller in Bern on Monday."


@dataclass(frozen=True)
class Told:
    """What an article tells."""

    reading: Reading
    candidates: list[Candidate]

    @property
    def cast(self) -> Cast:
        return Cast(self.reading, self.candidates)

    @property
    def topics(self) -> list[str]:
        return [self.words(report.span) for report in discussed(self.reading, self.cast)]

    @property
    def results(self) -> list[str]:
        return [self.words(report.span) for report in concluded(self.reading, self.cast)]

    @property
    def present(self) -> set[str]:
        return {c.name for c in self.candidates if c.part == "participant"}

    def words(self, span: Span) -> str:
        return self.reading.text[span.start : span.end]


def told(
    *paragraphs: str,
    lead: str = LEAD,
    claimed: tuple[str, ...] = ("Lars Holm", "Anna Keller"),
) -> Told:
    """An article of a headline, a lead and paragraphs; a model claims that some took part."""
    reading = Article("\n\n".join((HEADLINE, lead, *paragraphs)), id="x").reading
    candidates, _ = find_actors(
        drafted(*claimed),
        Finder(reading),
        named_entities(reading),
        english=True,
    )
    return Told(reading, candidates)


def drafted(
    *people: str, topics: tuple[str, ...] = (), outcomes: tuple[str, ...] = (), event: str = "talks"
) -> Draft:
    """A draft that says so much, and nothing of places and days."""
    return Draft(
        event=event,
        place="",
        date="",
        participants=[DraftPerson(name=name, role="") for name in people],
        topics=list(topics),
        outcomes=[DraftOutcome(kind="statement", text=text) for text in outcomes],
    )
