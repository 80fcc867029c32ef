"""How sure a figure is: bootstrap intervals over articles, and comparisons of two runs.

The articles of an evaluation are drawn anew, with replacement, and scored again: 95 of 100 figures
lie within the interval. Two runs are drawn together, article by article, so that an article that is
hard for both does not count as a difference. Source: Efron and Tibshirani, An Introduction to the
Bootstrap (1993), percentile intervals.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from summarize.evaluation.scoring import MEAN_PARTS, ArticleScore, Evaluation, PartName, Score
from summarize.grounding.matching import fold
from summarize.schema import Actor, AgendaItem, Summary

__all__ = ["FIGURES", "Interval", "differences", "intervals", "share_in_all"]

FIGURES = (*MEAN_PARTS, "mean_f1")

# Drawings: the ends of an interval move by less than 0.01 from draw to draw (sixteen articles).
_DRAWINGS = 1_000
# The same drawings for everybody who runs it.
_SEED = 1
# Of the figures, on either side, outside of the interval.
_TAIL = 0.025


class Interval(NamedTuple):
    """Where 95 of 100 figures lie."""

    low: float
    high: float


def intervals(result: Evaluation) -> Mapping[str, Interval] | None:
    """Of the F1 of each part, and of their mean; None with fewer than two articles."""
    if len(result.articles) < 2:
        return None
    drawn = _drawn(len(result.articles), lambda places: _figures(result.articles, places))
    return {figure: _interval([figures[figure] for figures in drawn]) for figure in FIGURES}


def differences(one: Evaluation, other: Evaluation) -> Mapping[str, Interval] | None:
    """Of what the F1 of one run is above that of another over the same articles.

    Raises:
        ValueError: the articles are not the same, in the same order.
    """
    if [article.id for article in one.articles] != [article.id for article in other.articles]:
        raise ValueError("other articles")
    if len(one.articles) < 2:
        return None

    def difference(places: Sequence[int]) -> dict[str, float]:
        first, second = _figures(one.articles, places), _figures(other.articles, places)
        return {figure: first[figure] - second[figure] for figure in FIGURES}

    drawn = _drawn(len(one.articles), difference)
    return {figure: _interval([figures[figure] for figures in drawn]) for figure in FIGURES}


def share_in_all(runs: Sequence[Mapping[str, Summary]]) -> float | None:
    """The share of all items that each of several runs has; None if there are no items."""
    said = [
        {(id_, *_known(item)) for id_, summary in run.items() for item in summary.items}
        for run in runs
    ]
    every = set[tuple[str, str, str]]().union(*said)
    return len(set.intersection(*said)) / len(every) if every else None


def _known(item: object) -> tuple[str, str]:
    """By what an item is the same in another run."""
    if isinstance(item, Actor):
        return item.part, fold(item.name)
    words = item.topic if isinstance(item, AgendaItem) else getattr(item, "description", "")
    return type(item).__name__, fold(words)


def _drawn(
    count: int, figures: Callable[[Sequence[int]], dict[str, float]]
) -> list[dict[str, float]]:
    chance = random.Random(_SEED)  # noqa: S311
    return [figures(chance.choices(range(count), k=count)) for _ in range(_DRAWINGS)]


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
