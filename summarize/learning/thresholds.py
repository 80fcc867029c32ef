"""Chooses the probabilities from which on an item is reported: where the F1 is best.

What each threshold would have given is counted on articles that the scores were not learned of. The
package keeps the counts of its own articles, so that those of others are added to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from summarize.evaluation.gold import GoldMeeting
from summarize.evaluation.matching import paired
from summarize.evidence.other_meetings import OTHER_WHENS
from summarize.evidence.scorer import THRESHOLDS, Curves, ThresholdName
from summarize.learning.examples import Example

__all__ = ["best_thresholds", "curves_of"]

# Of articles without a meeting, the share that may be taken for one, if there are enough to tell;
# and the bounds within which that decides.
_MAX_INVENTED = 0.1
_MEETING_BOUNDS = (0.35, 0.5)
# Neighbours of a threshold that count where there are few items to choose it by.
_WIDE = 2
# So that it lies above the probability it was chosen by.
_MARGIN = 0.005


def best_thresholds(curves: Curves) -> dict[ThresholdName, float]:
    """Returns the thresholds with the best F1."""
    low, high = _MEETING_BOUNDS
    others = sorted(curves.no_meetings, reverse=True)
    edge = others[int(_MAX_INVENTED * len(others))] + _MARGIN if others else high
    chosen: dict[ThresholdName, float] = {"meeting": round(min(max(edge, low), high), 3)}
    names: tuple[ThresholdName, ...] = ("actor", "topic", "other meeting")
    for name in names:
        wanted = curves.wanted[name]
        curve = [_f1(*counts, wanted) for counts in curves.counts[name]]
        chosen[name] = _best(curve, _WIDE)
    wanted = curves.wanted["outcome"]
    most = -1.0
    for threshold, (right, said), further in zip(
        THRESHOLDS, curves.counts["outcome"], curves.sentences, strict=True
    ):
        curve = [_f1(right + more, said + all_, wanted) for more, all_ in further]
        if max(curve) > most:
            most = max(curve)
            chosen["outcome"], chosen["sentence"] = threshold, _best(curve)
    return chosen


def curves_of(examples: Iterable[Example]) -> Curves:
    """Returns what each threshold would give on examples with probabilities."""
    examples = list(examples)
    meetings = [one for one in examples if one.gold.is_meeting]
    actors = [pair for one in meetings for pair in _actors(one)]
    topics = [pair for one in meetings for pair in _pairs(one, "topic")]
    outcomes = [pair for one in meetings for pair in _pairs(one, "outcome")]
    marked = [one for one in meetings if one.gold.other_meetings is not None]
    people = (
        actor
        for one in meetings
        for actor in one.gold.actors
        if actor.part == "participant" and actor.kind != "country"
    )
    return Curves(
        wanted={
            "actor": sum(1 for _ in people),
            "topic": sum(len(one.gold.agenda_items) for one in meetings),
            "outcome": sum(len(one.gold.outcomes) for one in meetings),
            "other meeting": sum(len(_gold_meetings(one)) for one in marked),
        },
        counts={
            "actor": [_counted(actors, threshold) for threshold in THRESHOLDS],
            "topic": [_counted(topics, threshold) for threshold in THRESHOLDS],
            "outcome": [_counted(outcomes, threshold) for threshold in THRESHOLDS],
            "other meeting": [_other_meetings(marked, threshold) for threshold in THRESHOLDS],
        },
        sentences=[_sentences(meetings, threshold) for threshold in THRESHOLDS],
        no_meetings=[
            one.probabilities["meeting"][0] for one in examples if not one.gold.is_meeting
        ],
    )


def _pairs(example: Example, name: str) -> list[tuple[float, bool]]:
    return list(zip(example.probabilities[name], example.labels[name], strict=True))


def _actors(example: Example) -> list[tuple[float, bool]]:
    """Countries do not count."""
    pairs = zip(example.found.candidates, _pairs(example, "actor"), strict=True)
    return [pair for candidate, pair in pairs if candidate.kind != "country"]


def _counted(pairs: Sequence[tuple[float, bool]], threshold: float) -> tuple[int, int]:
    """Returns how many are right, and how many there are, from the threshold on."""
    taken = [label for probability, label in pairs if probability >= threshold]
    return sum(taken), len(taken)


def _sentences(examples: Sequence[Example], threshold: float) -> list[tuple[int, int]]:
    """Counts the sentences without an outcome of the draft, where that has its own threshold."""
    free: list[tuple[float, bool]] = []
    for example in examples:
        taken = [
            item.span
            for item, probability in zip(
                example.found.outcomes, example.probabilities["outcome"], strict=True
            )
            if probability >= threshold
        ]
        pairs = zip(example.found.sentences, _pairs(example, "sentence"), strict=True)
        free += [pair for item, pair in pairs if not any(map(item.span.holds, taken))]
    return [_counted(free, other) for other in THRESHOLDS]


def _gold_meetings(example: Example) -> list[GoldMeeting]:
    return [one for one in example.gold.other_meetings or () if one.when in OTHER_WHENS]


def _other_meetings(examples: Sequence[Example], threshold: float) -> tuple[int, int]:
    right = said = 0
    for example in examples:
        found = example.other_meetings(threshold)
        gold = _gold_meetings(example)
        right += len(paired([[example.fits_meeting(g, one) for g in gold] for one in found]))
        said += len(found)
    return right, said


def _f1(right: int, said: int, wanted: int) -> float:
    return 2 * right / (said + wanted) if said + wanted else 0.0


def _best(curve: Sequence[float], neighbours: int = 1) -> float:
    """Returns the threshold with the best F1, that of so many on each side counted in."""
    near = [
        curve[max(0, place - neighbours) : place + neighbours + 1] for place in range(len(curve))
    ]
    smooth = [sum(part) / len(part) for part in near]
    return THRESHOLDS[smooth.index(max(smooth))]
