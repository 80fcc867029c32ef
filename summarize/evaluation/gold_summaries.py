"""Gold as a summary, to be scored against the gold of another reader."""

from __future__ import annotations

from summarize.article.article import Article
from summarize.evaluation.gold import Gold
from summarize.grounding.grounded import quote_of
from summarize.grounding.matching import Finder
from summarize.schema import (
    MAIN_MEETING,
    Actor,
    AgendaItem,
    Meeting,
    Outcome,
    Provenance,
    Quote,
    Summary,
    Usage,
)

__all__ = ["NO_PROVENANCE", "summary_of_gold"]

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

    actors = tuple(
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
    )
    others = [
        Meeting(
            id=f"m{number}",
            type="other",
            when="reported" if meeting.when == "parallel" else meeting.when,
            places=(),
            date=None,
            participants=tuple(
                actor.id
                for actor in actors
                if any(actor.name == name or name in actor.aliases for name in meeting.participants)
            ),
            quotes=quoted,
        )
        for number, meeting in enumerate(gold.other_meetings or (), start=2)
        if (quoted := quotes(meeting.evidence))
    ]
    main = Meeting(
        id=MAIN_MEETING,
        type="other",
        when="reported",
        places=(),
        date=None,
        participants=tuple(actor.id for actor in actors if actor.part == "participant"),
        quotes=(),
    )
    return Summary(
        article=article.info,
        is_meeting=gold.is_meeting,
        meetings=(main, *others) if gold.is_meeting else (),
        actors=actors,
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
