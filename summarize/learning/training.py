"""Learns the questions in their order, each from scores of articles that were not learned of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from summarize.evidence.features import Features
from summarize.evidence.other_meetings import OTHER_WHENS
from summarize.evidence.scorer import SENTENCE_QUESTIONS, Learned, Question, Scorer
from summarize.learning.examples import Example
from summarize.learning.thresholds import best_thresholds, curves_of

__all__ = ["FOLDS", "STRENGTHS", "Fit", "folds", "learn", "train"]

# Strength of regularization by question, the inverse of it as in scikit-learn. By cross-validation.
STRENGTHS: dict[Question, float] = {
    "topic sentence": 1.0,
    "outcome sentence": 1.0,
    "actor": 0.1,
    "topic": 0.3,
    "outcome": 0.3,
    # Of the few features of a whole article.
    "meeting": 3.0,
    # Of the few features of a word that may mean another meeting.
    "earlier": 0.3,
    "planned": 0.3,
}
# The user's articles count more beside the package's: of 1, 2 and 4 times, 2 had the best F1 on 25
# articles after learning from 40 of the same four outlets, mean of five draws (docs/quality.md).
_EMPHASIS = 2.0
# Parts of the examples for scores that were not learned of them.
FOLDS = 5


class Fit(Protocol):
    """Learns one question from examples."""

    def __call__(
        self,
        question: Question,
        rows: Sequence[Features],
        labels: Sequence[bool],
        strength: float,
    ) -> Scorer:
        """Returns the scorer.

        Args:
            question: what is learned.
            rows: features of each example.
            labels: which of them are right.
            strength: of regularization, the inverse of it.
        """


def learn(
    examples: Sequence[Example], base: Learned, words: frozenset[str] = frozenset()
) -> Learned:
    """Returns what was learned before, taught by further examples.

    Args:
        examples: one or more.
        base: what was learned before.
        words: common words of the examples, folded.
    """
    from summarize.learning.regression import fit

    def adapt(
        question: Question, rows: Sequence[Features], labels: Sequence[bool], strength: float
    ) -> Scorer:
        prior = base.scorers[question]
        # Articles with and without a meeting count alike.
        balanced = question == "meeting"
        return fit(rows, labels, prior, strength * _EMPHASIS, balanced=balanced)

    scorers = train(examples, folds(len(examples), FOLDS), adapt)
    curves = base.curves + curves_of(examples)
    return replace(
        base,
        scorers=scorers,
        thresholds=best_thresholds(curves),
        curves=curves,
        words=base.words | words,
    )


def train(
    examples: Sequence[Example], parts: Sequence[Sequence[int]], fit: Fit
) -> dict[Question, Scorer]:
    """Returns the scorers learned of all examples.

    A later question builds on the scores of earlier ones. So that these are as uncertain as they
    will be for a new article, those of each part are learned of the other parts. They stay in the
    examples.

    Args:
        examples: the annotated articles.
        parts: places of the examples, in parts that are not learned of together.
        fit: learns one question.
    """
    every = range(len(examples))
    apart = [
        ([examples[i] for i in every if i not in set(part)], [examples[i] for i in part])
        for part in parts
    ]
    scorers: dict[Question, Scorer] = {}
    for questions, apply in (
        (_sentences, Example.score_sentences),
        (_items, Example.set_probabilities),
        (_meeting, Example.set_meeting_probability),
    ):
        for others, own in apart:
            learned = questions(others, fit)
            for example in own:
                apply(example, learned)
        scorers |= questions(examples, fit)
    return scorers


def folds(number: int, parts: int, seed: int = 1) -> list[list[int]]:
    """Returns the places of so many examples in parts, drawn by chance."""
    places = list(range(number))
    random.Random(seed).shuffle(places)  # noqa: S311
    return [places[part::parts] for part in range(parts)]


def _sentences(examples: Sequence[Example], fit: Fit) -> dict[Question, Scorer]:
    """What sentences tell."""
    rows = [row for example in examples for row in example.sentence_rows]
    return {
        question: _fitted(fit, question, rows, [x for e in examples for x in e.labels[question]])
        for question in SENTENCE_QUESTIONS
    }


def _items(examples: Sequence[Example], fit: Fit) -> dict[Question, Scorer]:
    """Who took part, what was discussed, what came of it, and which other meetings there are."""
    # Whether there was a meeting at all is asked apart.
    meetings = [example for example in examples if example.gold.is_meeting]
    marked = [example for example in meetings if example.gold.other_meetings is not None]

    def of(question: Question, *names: str) -> Scorer:
        rows = [row for e in meetings for name in names for row in e.rows[name]]
        labels = [label for e in meetings for name in names for label in e.labels[name]]
        return _fitted(fit, question, rows, labels)

    others = [mention.features for example in marked for mention in example.mentions]
    return {
        "actor": of("actor", "actor"),
        "topic": of("topic", "topic"),
        "outcome": of("outcome", "outcome", "sentence"),
        **{
            when: _fitted(fit, when, others, [x for e in marked for x in e.labels[when]])
            for when in OTHER_WHENS
        },
    }


def _meeting(examples: Sequence[Example], fit: Fit) -> dict[Question, Scorer]:
    """Whether there was a meeting."""
    rows = [example.rows["meeting"][0] for example in examples]
    labels = [example.gold.is_meeting for example in examples]
    return {"meeting": _fitted(fit, "meeting", rows, labels)}


def _fitted(
    fit: Fit, question: Question, rows: Sequence[Features], labels: Sequence[bool]
) -> Scorer:
    return fit(question, rows, labels, STRENGTHS[question])
