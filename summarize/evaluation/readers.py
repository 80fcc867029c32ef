"""What a reader found in an article as a summary, to be scored by what another reader found."""

from __future__ import annotations

from collections.abc import Sequence

from summarize.article.article import Article
from summarize.evaluation.gold import Gold
from summarize.grounding.grounded import quote_of
from summarize.grounding.matching import Finder
from summarize.schema import Actor, AgendaItem, Event, Outcome, Provenance, Quote, Summary, Usage

__all__ = ["summary_of_gold"]

_READER = Provenance(
    model="a reader",
    prompt="",
    schema="",
    created="",
    seconds=0,
    attempts=0,
    usage=Usage(),
    package="",
)


def summary_of_gold(gold: Gold, article: Article) -> Summary:
    """The summary; without what the article has no words for."""
    finder = Finder(article.reading)

    def quotes(words: Sequence[str]) -> tuple[Quote, ...]:
        found = filter(None, map(finder.find, words))
        return tuple(quote_of(article, match.span) for match in found)[:1]

    said = [(actor, quotes([actor.name, *actor.aliases])) for actor in gold.actors]
    topics = [(item, quotes([item.evidence])) for item in gold.agenda_items]
    outcomes = [(item, quotes([item.evidence])) for item in gold.outcomes]
    return Summary(
        article=article.info,
        is_meeting=gold.is_meeting,
        event=Event(type="other" if gold.is_meeting else "none", places=(), date=None),
        actors=tuple(
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
            for number, (actor, quoted) in enumerate(said, start=1)
            if quoted
        ),
        agenda_items=tuple(
            AgendaItem(id=f"g{number}", topic=item.topic, quotes=quoted)
            for number, (item, quoted) in enumerate(topics, start=1)
            if quoted
        ),
        outcomes=tuple(
            Outcome(
                id=f"o{number}",
                kind="statement",
                description=item.description,
                parties=(),
                quotes=quoted,
            )
            for number, (item, quoted) in enumerate(outcomes, start=1)
            if quoted
        ),
        summary="",
        unsupported=(),
        provenance=_READER,
    )
