"""What was learned of annotated articles: logistic regressions as tables of numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from summarize.evidence.features import Features
from summarize.schema import OutcomeKind

__all__ = [
    "SENTENCE_QUESTIONS",
    "THRESHOLDS",
    "Curves",
    "Learned",
    "Question",
    "Scorer",
    "ThresholdName",
]

Question = Literal[
    "topic sentence",
    "outcome sentence",
    "actor",
    "topic",
    "outcome",
    "meeting",
    "earlier",
    "planned",
]
# In the order of `SentenceScores`.
SENTENCE_QUESTIONS: tuple[Question, ...] = get_args(Question)[:2]
ThresholdName = Literal["meeting", "actor", "topic", "outcome", "sentence", "other meeting"]
# Probabilities that are tried as thresholds: 0.10, 0.14, … 0.74.
THRESHOLDS = tuple(percent / 100 for percent in range(10, 75, 4))


@dataclass(frozen=True)
class Scorer:
    """A logistic regression.

    Attributes:
        bias: log odds where nothing is known.
        weights: log odds that each feature adds.
    """

    bias: float
    weights: Mapping[str, float]

    def log_odds(self, features: Features) -> float:
        """Of a thing with such features; what was never seen adds nothing."""
        weights = self.weights
        return self.bias + sum(
            weights[name] * value for name, value in features.items() if name in weights
        )

    def probability(self, features: Features) -> float:
        """Of a thing with such features, 0 to 1."""
        # Past 30 nothing changes in six digits; past 700 `exp` overflows.
        return 1 / (1 + math.exp(-max(min(self.log_odds(features), 30.0), -30.0)))


@dataclass(frozen=True)
class Curves:
    """What each of `THRESHOLDS` would have given on annotated articles.

    Attributes:
        wanted: by threshold's name, how many items their readers found.
        counts: by threshold's name, how many items would be right, and how many there would be.
        sentences: the same of the threshold "sentence", for each threshold "outcome".
        no_meetings: probabilities of a meeting of the articles that report none.
    """

    wanted: Mapping[str, int]
    counts: Mapping[str, Sequence[tuple[int, int]]]
    sentences: Sequence[Sequence[tuple[int, int]]]
    no_meetings: Sequence[float]

    def __add__(self, other: Curves) -> Curves:
        def added(
            one: Sequence[tuple[int, int]], two: Sequence[tuple[int, int]]
        ) -> list[tuple[int, int]]:
            return [(a[0] + b[0], a[1] + b[1]) for a, b in zip(one, two, strict=True)]

        return Curves(
            wanted={name: self.wanted[name] + other.wanted[name] for name in self.wanted},
            counts={name: added(self.counts[name], other.counts[name]) for name in self.counts},
            sentences=list(map(added, self.sentences, other.sentences)),
            no_meetings=[*self.no_meetings, *other.no_meetings],
        )


NO_CURVES = Curves({}, {}, (), ())


@dataclass(frozen=True)
class Learned:
    """All that was learned.

    Attributes:
        scorers: by what they are asked.
        kinds: of outcomes, by the kind.
        thresholds: probabilities from which on a thing is taken, where the F1 was best.
        words: common words of the articles, folded.
        vocabulary: words whose meanings were learned of, too.
        curves: what each threshold would have given.
        provenance: of what it was learned, and how well it did on articles held out.
    """

    scorers: Mapping[Question, Scorer]
    kinds: Mapping[OutcomeKind, Scorer]
    thresholds: Mapping[ThresholdName, float]
    words: frozenset[str]
    provenance: Mapping[str, Any]
    vocabulary: Sequence[str] = ()
    curves: Curves = NO_CURVES
