"""The probabilities of one article's items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from summarize.article.reading import Reading, Span
from summarize.evidence.evidence_file import learned
from summarize.evidence.features import (
    Context,
    SentenceScores,
    actor_features,
    article_features,
    item_features,
    sentence_features,
)
from summarize.evidence.other_meetings import (
    OTHER_WHENS,
    by_sentence,
    meeting_mentions,
    words_of_language,
)
from summarize.evidence.scorer import SENTENCE_QUESTIONS, Learned, Question
from summarize.grounding.actors import Candidate
from summarize.grounding.places import Item
from summarize.prompting.draft import Draft
from summarize.schema import OutcomeKind, When

__all__ = ["Evidence", "Proposals"]

# The share of an article's words that have to be known. Of 85 annotated articles in English the one
# with fewest has 0.65; of ten in other languages (tests/languages) the one with most has 0.14.
_MIN_KNOWN = 0.4


@dataclass(frozen=True)
class Proposals:
    """What of a draft and an article may belong into the summary.

    Attributes:
        candidates: everybody named, in order.
        topics, outcomes: of the draft, found in the article.
        sentences: of the body, each of which may tell of an outcome.
    """

    candidates: Sequence[Candidate]
    topics: Sequence[Item]
    outcomes: Sequence[Item]
    sentences: Sequence[Item]

    @property
    def names(self) -> list[Span]:
        """Where actors are named, in order."""
        return sorted(mention for c in self.candidates for mention in c.mentions)


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

    def weigh(self, found: Proposals, draft: Draft) -> tuple[float, Proposals]:
        """The probability that there was a meeting, and what was proposed, with confidence."""
        scorers, names = self.known.scorers, found.names

        def weighed(question: Question, items: Sequence[Item], count: int) -> list[Item]:
            rows = (item_features(self.context, item, count, names) for item in items)
            shares = map(scorers[question].probability, rows)
            return [replace(item, confidence=s) for item, s in zip(items, shares, strict=True)]

        for candidate in found.candidates:
            row = actor_features(self.context, candidate, found.candidates)
            candidate.confidence = scorers["actor"].probability(row)
        # Countries are named in news of all kinds.
        actors = [c.confidence or 0 for c in found.candidates if c.kind != "country"]
        article = article_features(self.context, draft.event, actors)
        return scorers["meeting"].probability(article), replace(
            found,
            topics=weighed("topic", found.topics, len(draft.topics)),
            outcomes=weighed("outcome", found.outcomes, len(draft.outcomes)),
            sentences=weighed("outcome", found.sentences, len(draft.outcomes)),
        )

    def other_meetings(self, candidates: Sequence[Candidate]) -> dict[When, list[float]]:
        """By when it is, how likely each sentence tells of another meeting than the main one.

        Args:
            candidates: everybody named.
        """
        mentions = meeting_mentions(self.context, candidates, words_of_language())
        rows = [mention.features for mention in mentions]
        return {
            when: by_sentence(
                self.context, mentions, map(self.known.scorers[when].probability, rows)
            )
            for when in OTHER_WHENS
        }

    def kind(self, span: Span) -> OutcomeKind:
        """What an outcome is that the draft does not have."""
        features = item_features(self.context, Item(span), 0, ())
        kinds = {kind: s.log_odds(features) for kind, s in self.known.kinds.items()}
        return max(kinds, key=lambda kind: kinds[kind])

    def is_known_language(self) -> bool:
        """Whether the article's words are among those that something was learned of."""
        keys = [t.key for tokens in self.context.tokens for t in tokens if t.key.isalpha()]
        return sum(key in self.known.words for key in keys) >= _MIN_KNOWN * len(keys) > 0
