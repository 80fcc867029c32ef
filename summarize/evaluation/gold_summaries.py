"""Gold, and what grounding gives, as summaries that are scored."""

from __future__ import annotations

from collections.abc import Iterable

from summarize.article.article import Article
from summarize.evaluation.gold import Gold
from summarize.grounding.grounded import Grounded, quote_of
from summarize.grounding.matching import Finder
from summarize.schema import (
    Actor,
    AgendaItem,
    Meeting,
    Outcome,
    Provenance,
    Quote,
    Summary,
    Usage,
    When,
)

NO_PROVENANCE = Provenance(
    model="", prompt="", schema="", created="", seconds=0, attempts=0, usage=Usage(), package=""
)
"""The provenance of a summary that is only made to be scored."""


def summary_of_gold(gold: Gold, article: Article) -> Summary:
    """Returns the items of the gold that the article has words for."""
    finder = Finder(article.reading)

    def quotes(*words: str) -> tuple[Quote, ...]:
        found = filter(None, map(finder.find, words))
        return tuple(quote_of(article, match.span) for match in found)[:1]

    def meeting(number: int, when: When, actors: Iterable[Actor], *evidence: str) -> Meeting:
        return Meeting(
            id=f"m{number}",
            type="other",
            when=when,
            places=(),
            date=None,
            participants=tuple(actor.id for actor in actors),
            quotes=quotes(*evidence),
        )

    actors = [
        Actor(
            id=f"a{number}",
            name=actor.name,
            aliases=actor.aliases,
            kind=actor.kind,
            role=None,
            country=None,
            part=actor.part,
            quotes=quoted,
        )
        for number, actor in enumerate(gold.actors, start=1)
        if (quoted := quotes(actor.name, *actor.aliases))
    ]
    main = meeting(1, "reported", (actor for actor in actors if actor.part == "participant"))
    meetings = [main] if gold.is_meeting else []
    for number, other in enumerate(gold.other_meetings or (), start=2):
        when = "reported" if other.when == "parallel" else other.when
        named = (a for a in actors if not {a.name, *a.aliases}.isdisjoint(other.participants))
        if (told := meeting(number, when, named, other.evidence)).quotes:
            meetings.append(told)
    return Summary(
        article=article.info,
        is_meeting=gold.is_meeting,
        meetings=tuple(meetings),
        actors=tuple(actors),
        agenda_items=tuple(
            AgendaItem(id="", topic=item.topic, quotes=quoted)
            for item in gold.agenda_items
            if (quoted := quotes(item.evidence))
        ),
        outcomes=tuple(
            Outcome(
                id="", kind="statement", description=item.description, parties=(), quotes=quoted
            )
            for item in gold.outcomes
            if (quoted := quotes(item.evidence))
        ),
        summary="",
        unsupported=(),
        provenance=NO_PROVENANCE,
    )


def grounded_summary(grounded: Grounded, article: Article) -> Summary:
    """Returns what grounding gives as a summary that is only made to be scored."""
    return Summary(
        article=article.info,
        is_meeting=grounded.is_meeting,
        meetings=grounded.meetings,
        actors=grounded.actors,
        agenda_items=grounded.agenda_items,
        outcomes=grounded.outcomes,
        summary="",
        unsupported=grounded.unsupported,
        provenance=NO_PROVENANCE,
    )
