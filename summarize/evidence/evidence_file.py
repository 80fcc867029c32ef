"""Reads and writes what was learned, as JSON.

`weights.json` is the package's own, made by `python benchmarks/train.py`, which says in it of what,
and how well the scores did on articles held out. `summarize learn` writes further ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from summarize.evidence.features import OWN_WORD
from summarize.evidence.scorer import Curves, Learned, Scorer

__all__ = ["learned", "to_json"]

# Weights smaller than that change nothing.
_MIN_WEIGHT = 0.01


@cache
def learned(data: str | None = None) -> Learned:
    """Returns what was learned: the package's own, or that of an evidence file's content.

    Raises:
        ValueError: the content is not what `to_json` gives.
    """
    if data is None:
        data = files("summarize.evidence").joinpath("weights.json").read_text("utf-8")
    try:
        return _read(json.loads(data))
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError("is no evidence file") from error


def _read(data: Mapping[str, Any]) -> Learned:
    vocabulary = tuple(data["vocabulary"].split())
    names = [f"{OWN_WORD}{word}" for word in vocabulary]

    def scorer(table: Mapping[str, Any]) -> Scorer:
        # Without weights for the vocabulary there are none at all.
        hundredths = map(int, table.get("hundredths", "").split())
        words = {name: n / 100 for name, n in zip(names, hundredths, strict=False) if n}
        return Scorer(table["bias"], table["weights"] | words)

    return Learned(
        scorers={name: scorer(table) for name, table in data["scorers"].items()},
        kinds={name: scorer(table) for name, table in data["kinds"].items()},
        thresholds=data["thresholds"],
        words=frozenset(data["words"].split()),
        provenance=data["provenance"],
        vocabulary=vocabulary,
        curves=Curves(**data["curves"]),
    )


def to_json(learned: Learned) -> str:
    """Returns the content of an evidence file."""
    names = [f"{OWN_WORD}{word}" for word in learned.vocabulary]
    known = set(names)

    def table(scorer: Scorer) -> dict[str, Any]:
        values = [scorer.weights.get(name, 0.0) for name in names]
        weights = {
            name: round(weight, 3)
            for name, weight in sorted(scorer.weights.items())
            if abs(weight) >= _MIN_WEIGHT and name not in known
        }
        written: dict[str, Any] = {"bias": round(scorer.bias, 3), "weights": weights}
        if any(values):
            written["hundredths"] = " ".join(str(round(100 * value)) for value in values)
        return written

    curves = learned.curves
    data = {
        "provenance": learned.provenance,
        "thresholds": dict(learned.thresholds),
        # Compact, for these are many.
        "curves": {
            "wanted": curves.wanted,
            "counts": curves.counts,
            "sentences": curves.sentences,
            "no_meetings": [round(probability, 3) for probability in curves.no_meetings],
        },
        "scorers": {name: table(scorer) for name, scorer in learned.scorers.items()},
        "kinds": {name: table(scorer) for name, scorer in learned.kinds.items()},
        "words": " ".join(sorted(learned.words)),
        "vocabulary": " ".join(learned.vocabulary),
    }
    return json.dumps(data, ensure_ascii=False, indent=0) + "\n"
