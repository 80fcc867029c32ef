"""Reads and grounds articles in a process that `summarize.pipeline.worker_pool` starts.

Standard input gives one pickle after the other, and standard output answers them in order, each
with its length before it. The process lives as long as its standard input is open, which its
parent's death closes too.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from collections.abc import Sequence
from typing import Any

from summarize.article.article import Article
from summarize.errors import portable
from summarize.models import Question
from summarize.pipeline.garbage_collection import collect_rarely
from summarize.pipeline.pipeline import Answer, Pipeline
from summarize.prompting.strategy import Strategy
from summarize.prompting.templates import Prompts
from summarize.schema import Provenance

LENGTH = struct.Struct("!Q")
"""The length of the pickle that follows, in bytes."""
# More than are in flight; those of articles that were given up would stay for ever.
_MAX_PENDING = 512


class PendingPipelines:
    """The pipelines of a process that wait for answers.

    All that is known of an article is in the answers so far: a pipeline that was dropped, or was in
    a process that ended, is made again from them.
    """

    def __init__(self, prompts: Prompts, context_tokens: int, strategy: Strategy) -> None:
        self._setup = (prompts, context_tokens, strategy)
        self._pending: dict[int, tuple[Pipeline, int]] = {}

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
            del self._pending[next(iter(self._pending))]
        return pipeline.question


def _main() -> None:
    # Ctrl-C reaches every process of the terminal; the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever is printed goes to standard error; the answers have a channel of their own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    collect_rarely()
    # All that comes is from this process's own parent.
    pipelines = PendingPipelines(*pickle.load(sys.stdin.buffer))  # noqa: S301
    while True:
        try:
            job = pickle.load(sys.stdin.buffer)  # noqa: S301
        except EOFError:
            return
        try:
            answer: object = pipelines.step(*job)
        except Exception as error:  # noqa: BLE001  whatever it is, it is the caller's
            answer = portable(error)
        data = pickle.dumps(answer)
        try:
            answers.write(LENGTH.pack(len(data)) + data)
            answers.flush()
        except BrokenPipeError:
            # The parent has gone; to end in order would be to write again.
            os._exit(0)


if __name__ == "__main__":
    _main()
