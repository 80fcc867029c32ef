"""Logistic regression that begins at weights learned before.

The weights are those with the highest posterior probability, where the prior is normal around the
earlier weights: what few examples say nothing about stays as it was. Source: Chelba and Acero,
"Adaptation of Maximum Entropy Capitalizer" (EMNLP 2004).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_array

from summarize.evidence.features import Features
from summarize.evidence.scorer import Scorer

__all__ = ["fit"]

# A feature of one example alone is chance: by cross-validation of the package's own weights.
_MIN_EXAMPLES = 2

_Vector = npt.NDArray[np.float64]


def fit(
    rows: Sequence[Features],
    labels: Sequence[bool],
    prior: Scorer,
    variance: float,
    *,
    balanced: bool = False,
) -> Scorer:
    """Returns the prior's weights, moved by the examples.

    Args:
        rows: features of each example.
        labels: which of them are right.
        prior: the weights to begin at.
        variance: of the prior: the higher, the more the examples count.
        balanced: right and wrong examples count alike, whatever their number.
    """
    if not rows:
        return prior
    counts = Counter(name for row in rows for name in row)
    frequent = [name for name, count in counts.items() if count >= _MIN_EXAMPLES]
    names = {name: place for place, name in enumerate(frequent)}
    signs = np.where(labels, 1.0, -1.0)
    importance = np.ones(len(rows))
    if balanced and any(labels) and not all(labels):
        for sign in (1.0, -1.0):
            importance[signs == sign] = len(rows) / (2 * np.count_nonzero(signs == sign))
    table = _table(rows, names)
    known = np.array([prior.log_odds(row) for row in rows])

    def wrong(change: _Vector) -> _Vector:
        """The probability that each example is given of being what it is not."""
        margin = signs * (known + table @ change)
        return np.asarray(1 / (1 + np.exp(np.clip(margin, -30, 30))))

    def loss(change: _Vector) -> float:
        margin = signs * (known + table @ change)
        return float(importance @ np.logaddexp(0, -margin) + change @ change / (2 * variance))

    def slope(change: _Vector) -> _Vector:
        pull = -importance * signs * wrong(change)
        return np.asarray(table.T @ pull + change / variance)

    def curvature(change: _Vector, direction: _Vector) -> _Vector:
        share = wrong(change)
        pull = importance * share * (1 - share) * (table @ direction)
        return np.asarray(table.T @ pull + direction / variance)

    start = np.zeros(len(names) + 1)
    change = minimize(loss, start, jac=slope, hessp=curvature, method="Newton-CG").x
    weights = dict(prior.weights)
    for name, place in names.items():
        weights[name] = weights.get(name, 0.0) + float(change[place])
    return Scorer(prior.bias + float(change[-1]), weights)


def _table(rows: Sequence[Features], names: dict[str, int]) -> csr_array:
    """Returns the values of the features, a row an example, and a last column of ones."""
    values, columns, ends = [], [], [0]
    for row in rows:
        for name, value in row.items():
            if name in names:
                values.append(value)
                columns.append(names[name])
        values.append(1.0)
        columns.append(len(names))
        ends.append(len(values))
    return csr_array((values, columns, ends), shape=(len(rows), len(names) + 1))
