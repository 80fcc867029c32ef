"""How well it goes before and after learning, on articles that were not learned of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from summarize.evaluation.gold_summaries import grounded_summary
from summarize.evaluation.scoring import Evaluation, evaluate
from summarize.evidence.assisted import AssistedGrounding
from summarize.evidence.scorer import Learned
from summarize.learning.examples import Example
from summarize.learning.training import FOLDS, folds, learn

__all__ = ["cross_validated", "scored"]


def cross_validated(
    examples: Sequence[Example], base: Learned, words: frozenset[str]
) -> tuple[Evaluation, Evaluation]:
    """Returns the scores with what was learned before, and with what the examples teach.

    Each part of the examples is scored with what was learned of the other parts.

    Args:
        examples: the annotated articles.
        base: what was learned before.
        words: common words of the examples, folded.
    """
    taught: dict[str, Learned] = {}
    for part in folds(len(examples), FOLDS):
        others = [example for i, example in enumerate(examples) if i not in part]
        learned = learn(others, base, words)
        taught.update((examples[i].article.id, learned) for i in part)
    before = scored(examples, lambda _: base)
    return before, scored(examples, lambda example: taught[example.article.id])


def scored(examples: Sequence[Example], known: Callable[[Example], Learned]) -> Evaluation:
    """Returns the scores of summaries that are weighed by what was learned for each article."""
    summaries = {}
    for example in examples:
        grounding = AssistedGrounding(example.article, known=known(example))
        grounded = grounding.ground(example.draft)
        summaries[example.article.id] = grounded_summary(grounded, example.article)
    return evaluate(
        {example.article.id: example.gold for example in examples},
        {example.article.id: example.article for example in examples},
        summaries,
    )
