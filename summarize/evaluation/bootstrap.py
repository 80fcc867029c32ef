"""How sure figures are: bootstrap intervals over articles, and how far runs agree.

Articles are drawn with replacement and scored again; 95 of 100 figures lie within the interval.
Two runs are compared on the same drawings, so that an article that is hard for both does not count.
Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), percentile intervals.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from summarize.evaluation.matching import words_of
from summarize.evaluation.scoring import FIGURES, Evaluation
from summarize.grounding.matching import fold
from summarize.schema import Actor, Item, Summary

# The ends of an interval of sixteen articles move by less than 0.01 from draw to draw.
_DRAWINGS = 1_000
# So that the drawings are always the same.
_SEED = 1
# The share of the figures outside of the interval, on either side.
_TAIL = 0.025


class Interval(NamedTuple):
    """Where 95 of 100 figures lie."""

    low: float
    high: float


def intervals(result: Evaluation, other: Evaluation | None = None) -> Mapping[str, Interval] | None:
    """Returns the intervals of each figure of `FIGURES`; None with less than two articles.

    With another run over the same articles, in the same order, they are of this run's F1 less that
    one's.
    """
    count = len(result.articles)
    if count < 2:
        return None
    chance = random.Random(_SEED)  # noqa: S311
    drawn: dict[str, list[float]] = {figure: [] for figure in FIGURES}
    for _ in range(_DRAWINGS):
        places = chance.choices(range(count), k=count)
        figures = _f1(result, places)
        others = _f1(other, places) if other else dict.fromkeys(FIGURES, 0.0)
        for figure, values in drawn.items():
            values.append(figures[figure] - others[figure])
    return {figure: _interval(values) for figure, values in drawn.items()}


def _f1(result: Evaluation, places: Sequence[int]) -> Mapping[str, float]:
    return Evaluation(tuple(result.articles[place] for place in places)).f1


def _interval(values: Sequence[float]) -> Interval:
    ranked = sorted(values)
    cut = int(_TAIL * len(ranked))
    return Interval(round(ranked[cut], 3), round(ranked[-1 - cut], 3))


def share_in_all(runs: Sequence[Mapping[str, Summary]]) -> float | None:
    """Returns the share of all items that each of several runs has; None without items."""
    said = [
        {(id_, *_identity(item)) for id_, summary in run.items() for item in summary.items}
        for run in runs
    ]
    every = set[tuple[str, str, str]]().union(*said)
    return len(set.intersection(*said)) / len(every) if every else None


def _identity(item: Item) -> tuple[str, str]:
    """By what an item is the same in another run."""
    kind = item.part if isinstance(item, Actor) else type(item).__name__
    return kind, fold(words_of(item))
