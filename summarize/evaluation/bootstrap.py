"""Bootstrap intervals over articles, and comparisons of runs.

Articles are drawn with replacement and scored again; 95 of 100 figures lie within the interval.
Two runs are compared on the same drawings, so that an article that is hard for both does not count.
Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), percentile intervals.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from summarize.evaluation.scoring import (
    MEAN_PARTS,
    ArticleScore,
    Evaluation,
    PartName,
    Score,
    words_of,
)
from summarize.grounding.matching import fold
from summarize.schema import Actor, Item, Summary

__all__ = ["FIGURES", "Interval", "differences", "intervals", "share_in_all"]

FIGURES = (*MEAN_PARTS, "mean_f1")

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


def intervals(result: Evaluation) -> Mapping[str, Interval] | None:
    """The intervals of the F1 of each part, and of their mean; None with less than two articles."""
    return _intervals(len(result.articles), lambda places: _figures(result.articles, places))


def differences(one: Evaluation, other: Evaluation) -> Mapping[str, Interval] | None:
    """The intervals of the F1 of one run less that of another over the same articles.

    Raises:
        ValueError: the articles are not the same, in the same order.
    """
    if [article.id for article in one.articles] != [article.id for article in other.articles]:
        raise ValueError("other articles")

    def difference(places: Sequence[int]) -> dict[str, float]:
        first, second = _figures(one.articles, places), _figures(other.articles, places)
        return {figure: first[figure] - second[figure] for figure in FIGURES}

    return _intervals(len(one.articles), difference)


def share_in_all(runs: Sequence[Mapping[str, Summary]]) -> float | None:
    """The share of all items that each of several runs has; None if there are no items."""
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


def _intervals(
    count: int, figures: Callable[[Sequence[int]], dict[str, float]]
) -> Mapping[str, Interval] | None:
    if count < 2:
        return None
    chance = random.Random(_SEED)  # noqa: S311
    drawn = [figures(chance.choices(range(count), k=count)) for _ in range(_DRAWINGS)]
    return {figure: _interval([figures[figure] for figures in drawn]) for figure in FIGURES}


def _figures(articles: Sequence[ArticleScore], places: Sequence[int]) -> dict[str, float]:
    """The F1 of each part of the articles at some places, and the mean."""
    drawn = [articles[place].scores for place in places]
    figures: dict[str, float] = {part: _f1(drawn, part) for part in MEAN_PARTS}
    figures["mean_f1"] = sum(figures.values()) / len(MEAN_PARTS)
    return figures


def _f1(drawn: Sequence[Mapping[PartName, Score]], part: PartName) -> float:
    counted = [scores[part] for scores in drawn if part in scores]
    found = sum(score.found for score in counted)
    both = sum(score.said + score.gold for score in counted)
    return 2 * found / both if both else 0.0


def _interval(values: Sequence[float]) -> Interval:
    ranked = sorted(values)
    cut = int(_TAIL * len(ranked))
    return Interval(round(ranked[cut], 3), round(ranked[-1 - cut], 3))
