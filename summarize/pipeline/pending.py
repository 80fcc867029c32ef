"""Pipelines that wait for answers in a worker process.

All that is known of an article is in the answers so far: a pipeline that was dropped, or was in a
process that ended, is made again from them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from summarize.article.article import Article
from summarize.models import Question
from summarize.pipeline.pipeline import Answer, Pipeline
from summarize.prompting.strategy import Strategy
from summarize.prompting.templates import Prompts
from summarize.schema import Provenance

__all__ = ["PendingPipelines"]

# More than are in flight; those of articles that were given up would stay for ever.
_MAX_PENDING = 512


class PendingPipelines:
    """The pipelines of a process.

    Args:
        prompts: the templates.
        context_tokens: how many tokens the model reads at once.
        strategy: how much help it gets.
    """

    def __init__(self, prompts: Prompts, context_tokens: int, strategy: Strategy) -> None:
        self._setup = (prompts, context_tokens, strategy)
        self._pending: OrderedDict[int, tuple[Pipeline, int]] = OrderedDict()

    def step(
        self, key: int, article: Article, answers: Sequence[Answer], provenance: Provenance
    ) -> Question[Any] | str:
        """Returns the next question after these answers, or the summary as JSON.

        Raises:
            SummarizeError: there is neither.
        """
        pipeline, taken = self._pending.pop(key, (None, 0))
        if pipeline is None or taken > len(answers):
            pipeline, taken = Pipeline(article, *self._setup), 0
        for answer in answers[taken:]:
            pipeline.take(answer)
        if pipeline.question is None:
            return pipeline.summary(provenance).to_json()
        self._pending[key] = pipeline, len(answers)
        if len(self._pending) > _MAX_PENDING:
            self._pending.popitem(last=False)
        return pipeline.question
