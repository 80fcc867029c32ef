"""What grounding gives: items in the article's words, with quotes, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass

from summarize.article.article import Article
from summarize.article.reading import Span
from summarize.schema import Actor, AgendaItem, Meeting, Outcome, Quote, Unsupported

# Why something is set aside.
NOT_FOUND = "not found in the article"
PRONOUN = "a pronoun, which names nothing"


@dataclass(frozen=True)
class Grounded:
    """What of a draft the article bears out."""

    meetings: tuple[Meeting, ...]
    actors: tuple[Actor, ...]
    agenda_items: tuple[AgendaItem, ...]
    outcomes: tuple[Outcome, ...]
    unsupported: tuple[Unsupported, ...]

    @property
    def is_meeting(self) -> bool:
        """Whether the article reports a meeting."""
        return bool(self.meetings)


def quote_of(article: Article, span: Span) -> Quote:
    """The quote that a span of the article's reading stands for, in the text as given."""
    given = article.reading.given(span)
    return Quote(start=given.start, end=given.end, text=article.text[given.start : given.end])
