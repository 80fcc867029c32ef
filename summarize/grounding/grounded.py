"""What grounding gives: items in the article's words, with quotes, and what was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from summarize.article.article import Article
from summarize.article.reading import Span
from summarize.grounding.candidates import Candidate
from summarize.schema import Actor, AgendaItem, Event, Outcome, Quote, Unsupported

__all__ = ["Grounded", "actor_of", "quote_of"]


@dataclass(frozen=True)
class Grounded:
    """What of a draft the article bears out."""

    is_meeting: bool
    event: Event
    actors: tuple[Actor, ...]
    agenda_items: tuple[AgendaItem, ...]
    outcomes: tuple[Outcome, ...]
    unsupported: tuple[Unsupported, ...]


def quote_of(article: Article, span: Span) -> Quote:
    """The quote that a span of the article's reading stands for, in the text as given."""
    given = article.reading.given(span)
    return Quote(start=given.start, end=given.end, text=article.text[given.start : given.end])


def actor_of(number: int, candidate: Candidate, quotes: Sequence[Quote]) -> Actor:
    """The actor that a candidate has become."""
    return Actor(
        id=f"a{number}",
        name=candidate.name,
        aliases=tuple(form for form in candidate.forms if form != candidate.name),
        kind=candidate.kind,
        role=max(candidate.roles, key=len, default=None),
        country=candidate.country,
        inferred=("country",) if candidate.is_country_inferred else (),
        part=candidate.part,
        confidence=None if candidate.confidence is None else round(candidate.confidence, 2),
        quotes=tuple(quotes),
    )
