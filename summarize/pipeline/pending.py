"""The articles that a process works on, between the questions that are asked about them.

All that is known of an article is in the answers there were: a pipeline that is dropped, or was in
a process that ended, is made again from them.
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

__all__ = ["Desk"]

# Pipelines kept between two questions.
_MAX_LIVE = 512


class Desk:
    """The pipelines under way.

    Args:
        prompts: the templates.
        context_tokens: how many tokens the model reads at once.
        strategy: how much help it gets.
    """

    def __init__(self, prompts: Prompts, context_tokens: int, strategy: Strategy) -> None:
        self._setup = (prompts, context_tokens, strategy)
        self._live: OrderedDict[int, tuple[Pipeline, int]] = OrderedDict()

    def take(self, key: int, article: Article, answers: Sequence[Answer]) -> Pipeline:
        """An article's pipeline after these answers; whoever takes it may `keep` it.

        Raises:
            SummarizeError: there is no way on from them.
        """
        pipeline, taken = self._live.pop(key, (None, 0))
        if pipeline is None or taken > len(answers):
            pipeline, taken = Pipeline(article, *self._setup), 0
        for answer in answers[taken:]:
            pipeline.take(answer)
        return pipeline

    def keep(self, key: int, pipeline: Pipeline, answers: int) -> None:
        """Keeps a pipeline that has had so many answers."""
        self._live[key] = pipeline, answers
        if len(self._live) > _MAX_LIVE:
            self._live.popitem(last=False)

    def step(
        self, key: int, article: Article, answers: Sequence[Answer], provenance: Provenance
    ) -> Question[Any] | str:
        """The next question, or the summary as JSON.

        Raises:
            SummarizeError: there is neither.
        """
        pipeline = self.take(key, article, answers)
        if pipeline.question is None:
            return pipeline.summary(provenance).to_json()
        self.keep(key, pipeline, len(answers))
        return pipeline.question
