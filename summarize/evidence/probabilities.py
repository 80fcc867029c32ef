"""The probabilities of one article's items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from summarize.article.reading import Reading, Span
from summarize.evidence.features import (
    Context,
    Proposal,
    SentenceScores,
    actor_features,
    article_features,
    item_features,
    sentence_features,
)
from summarize.evidence.scorer import SENTENCE_QUESTIONS, Learned, learned
from summarize.grounding.candidates import Candidate
from summarize.prompting.draft import Draft
from summarize.schema import OutcomeKind

__all__ = ["Evidence", "without_countries"]

# The share of an article's words that have to be known. Of 85 annotated articles in English the one
# with fewest has 0.65; of ten in other languages (tests/languages) the one with most has 0.14.
_MIN_KNOWN = 0.4


class Evidence:
    """What is known of one article.

    Args:
        reading: of the article.
        known: what was learned; None for what the package holds.
    """

    def __init__(self, reading: Reading, known: Learned | None = None) -> None:
        self.known = known or learned()
        self.context = Context(reading)
        scorers = [self.known.scorers[question] for question in SENTENCE_QUESTIONS]
        rows = [sentence_features(self.context, i) for i in range(len(reading.sentences))]
        self.context.scores = [SentenceScores(*(s.log_odds(row) for s in scorers)) for row in rows]

    def actors(self, candidates: Sequence[Candidate]) -> list[float]:
        """How likely each of those named took part."""
        scorer = self.known.scorers["actor"]
        return [scorer.probability(actor_features(self.context, c, candidates)) for c in candidates]

    def items(
        self,
        question: Literal["topic", "outcome"],
        proposals: Sequence[Proposal],
        count: int,
        names: Sequence[Span],
    ) -> list[float]:
        """How likely each was discussed, or came of the meeting.

        Args:
            question: which of the two.
            proposals: what may have been.
            count: how many of them the draft has.
            names: where actors are named, in order.
        """
        scorer = self.known.scorers[question]
        return [scorer.probability(item_features(self.context, p, count, names)) for p in proposals]

    def meeting(
        self, draft: Draft, candidates: Sequence[Candidate], shares: Sequence[float]
    ) -> float:
        """How likely the article reports a meeting.

        Args:
            draft: of a model.
            candidates: everybody named.
            shares: how likely each took part.
        """
        features = article_features(
            self.context, draft.event, without_countries(candidates, shares)
        )
        return self.known.scorers["meeting"].probability(features)

    def kind(self, span: Span) -> OutcomeKind:
        """What an outcome is that the draft does not have."""
        features = item_features(self.context, Proposal(span), 0, ())
        kinds = {kind: s.log_odds(features) for kind, s in self.known.kinds.items()}
        return max(kinds, key=lambda kind: kinds[kind])

    def is_known_language(self) -> bool:
        """Whether the article's words are among those that something was learned of."""
        keys = [t.key for tokens in self.context.tokens for t in tokens if t.key.isalpha()]
        return sum(key in self.known.words for key in keys) >= _MIN_KNOWN * len(keys) > 0


def without_countries(candidates: Sequence[Candidate], shares: Sequence[float]) -> list[float]:
    """The probabilities of people and bodies."""
    return [s for c, s in zip(candidates, shares, strict=True) if c.kind != "country"]
