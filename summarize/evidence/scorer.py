"""What was learned of annotated articles: logistic regressions as tables of numbers.

`weights.json` is made by `python benchmarks/train.py`, which says in it of what, and how well the
scores did on articles held out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from summarize.evidence.features import OWN_WORD, Features
from summarize.schema import OutcomeKind

__all__ = ["SENTENCE_QUESTIONS", "Learned", "Question", "Scorer", "ThresholdName", "learned"]

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
class Learned:
    """All that was learned.

    Attributes:
        scorers: by what they are asked.
        kinds: of outcomes, by the kind.
        thresholds: probabilities from which on a thing is taken, where the F1 was best.
        words: common words of the articles, folded.
        provenance: of what it was learned, and how well it did on articles held out.
    """

    scorers: Mapping[Question, Scorer]
    kinds: Mapping[OutcomeKind, Scorer]
    thresholds: Mapping[ThresholdName, float]
    words: frozenset[str]
    provenance: Mapping[str, Any]


@cache
def learned() -> Learned:
    """What the package holds, read once."""
    with files("summarize.evidence").joinpath("weights.json").open(encoding="utf-8") as file:
        data = json.load(file)
    vocabulary = [f"{OWN_WORD}{word}" for word in data["vocabulary"].split()]

    def scorer(table: Mapping[str, Any]) -> Scorer:
        # Without weights for the vocabulary there are none at all.
        hundredths = map(int, table.get("hundredths", "").split())
        words = {word: n / 100 for word, n in zip(vocabulary, hundredths, strict=False) if n}
        return Scorer(table["bias"], table["weights"] | words)

    return Learned(
        scorers={name: scorer(table) for name, table in data["scorers"].items()},
        kinds={name: scorer(table) for name, table in data["kinds"].items()},
        thresholds=data["thresholds"],
        words=frozenset(data["words"].split()),
        provenance=data["provenance"],
    )
