"""Runs a batch on Ray: the same run, with its articles spread over the machines of a cluster.

The driver keeps the run: what comes next, which failures end it, what is written. An article is one
call of an actor, which reads it, sends its requests, grounds the answers and hands the summary
over. The run's limiter counts articles, and each worker has its share of the limits on requests, so
that they hold for the whole cluster. An article whose worker is gone is done again by another.

Not Ray Data (2.60): it takes its input whole before it starts, which neither a pipe nor bounded
memory allows; in windows, each one waits for its slowest article.
"""

from __future__ import annotations

import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from os import PathLike

from summarize.article.article import Article
from summarize.batch.cluster.connection import Connection
from summarize.batch.cluster.pool_size import PoolSize
from summarize.batch.cluster.worker import Setup, provider_variables
from summarize.batch.cluster.worker_pool import LostWorkerError, WorkerPool
from summarize.models import Meter, ModelSettings
from summarize.models.rate_limiter import RateLimiter
from summarize.pipeline.summarizer import Render
from summarize.progress import ProgressCallback
from summarize.prompting.templates import load_prompts
from summarize.schema import Provenance

__all__ = ["ClusterSummarizer"]

# Workers that may be lost over one article.
_MAX_LOST = 3


class ClusterSummarizer:
    """Has articles summarized by the workers of a cluster; stands in for a `Summarizer`.

    Args:
        cluster: where the workers run.
        size: their number.
        settings: of the model.
        prompts: a folder of templates instead of the package's own.
        limiter: of the run.
        rpm: requests a minute of all workers together; None for no limit.
        report: called with progress.

    Raises:
        ConfigurationError: the templates cannot be used.
    """

    def __init__(
        self,
        cluster: Connection,
        size: PoolSize,
        settings: ModelSettings,
        *,
        prompts: str | PathLike[str] | None,
        limiter: RateLimiter,
        rpm: float | None,
        report: ProgressCallback,
    ) -> None:
        setup = Setup(
            settings,
            load_prompts(prompts),
            provider_variables(settings),
            concurrency=size.share,
            rpm=rpm and rpm / size.workers,
        )
        self._pool = partial(WorkerPool, cluster, pickle.dumps(setup), size, limiter, report)
        self._limiter = limiter

    @asynccontextmanager
    async def rendering(self, concurrency: int) -> AsyncIterator[tuple[Render, int]]:
        """As of a `Summarizer`; the workers live as long as the context."""
        async with self._pool() as pool:
            yield partial(self._render, pool), concurrency

    async def _render(self, pool: WorkerPool, article: Article) -> tuple[str, Provenance]:
        meter = Meter()
        lost = 0
        async with self._limiter.turn(len(article.text), meter):
            while True:
                try:
                    used, outcome = await pool.summarize(article)
                    break
                except LostWorkerError:
                    lost += 1
                    if lost >= _MAX_LOST:
                        raise
            meter.catch_up(used)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome
