"""Ray: the same run, with its articles spread over the machines of a cluster.

The driver keeps the run: what comes next, the rate limits, what is sent again, which failures end
it, what is written. It is the code that runs without Ray, with the work on an article put
elsewhere: actors, one of our own class on each machine or more, read the article, send its requests
and ground the answers, many articles at a time each, and hand each summary over as soon as it is
there. Reading and grounding have a process of their own beside each actor: an article that kills it
takes no other one's request along. A request is a call of an actor, made when the one `RateLimiter`
of the run lets it go, so that limits hold for the whole cluster. An article whose actor is gone
goes on with another one from the answers it had.

Why not Ray Data (2.60, two nodes on two cores): `map` over an actor pool, a block an article, does
spread the work, hands over each result, and does again only what a lost node had in flight (316
requests for 300 articles). But a dataset takes its input whole before it starts, which neither a
pipe nor bounded memory allows; cut in windows, each one costs 2 to 3 s until its first result, and
waits for its slowest article. A block costs the driver 5.6 ms, and 113 a second are the most; a
call of an actor costs 0.6 ms. And what looks across articles (the limiter, failures held back until
somebody gets through, the first Ctrl-C) would need an actor beside it, and a second way of doing
what `Batch` does.
"""

from __future__ import annotations

import pickle
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from os import PathLike
from typing import Any, Self

from summarize.article.article import Article
from summarize.batch.cluster.connection import Connection, connected
from summarize.batch.cluster.pool_size import Staff, staff
from summarize.batch.cluster.worker import Asking, Done, Job, Setup, provider_variables
from summarize.batch.cluster.worker_pool import Crew, LostWorkerError, Member
from summarize.models import Meter, ModelSettings, Reply
from summarize.models.endpoints import find_endpoint
from summarize.models.rate_limiter import RateLimiter
from summarize.models.retries import with_retries
from summarize.pipeline.pipeline import MENDABLE, Answer
from summarize.pipeline.summarizer import Render
from summarize.progress import ProgressCallback
from summarize.prompting.templates import load_prompts
from summarize.schema import Provenance

__all__ = ["Cluster"]

# Workers that an article may outlive before its first request.
_TRIES = 3


class Cluster:
    """The cluster at `RAY_ADDRESS`, else one started for the run, which ends with it.

    Where the program has called `ray.init` already, that is the one. Use it as a context manager.

    Args:
        settings: of the model.
        concurrency: articles in flight as asked for; None for what suits the cluster.

    Attributes:
        staff: the workers it has room for.
        about: itself in words.

    Raises:
        ClusterError: there is no such cluster, or no room on it.
        ConfigurationError: Ray is not installed, or the model's key is missing.
    """

    def __init__(self, settings: ModelSettings, concurrency: int | None = None) -> None:
        self._settings = settings
        self._asked = concurrency
        self._connection: Connection
        self.staff: Staff
        self.about = ""

    def __enter__(self) -> Self:
        if not self._settings.is_local:
            # A key that is missing is missing everywhere.
            find_endpoint(self._settings, replay=False, report=lambda _: None)
        with ExitStack() as stack:
            self._connection = stack.enter_context(connected())
            nodes = [node["Resources"] for node in self._connection.ray.nodes() if node["Alive"]]
            nodes = [node for node in nodes if node.get("CPU", 0) >= 1]
            self.staff = staff(nodes, self._settings, self._asked)
            self._open = stack.pop_all()
        number = self.staff.workers
        self.about = (
            f"Ray, {self._connection.where}: {number} worker{'' if number == 1 else 's'} on "
            f"{len(nodes)} node{'' if len(nodes) == 1 else 's'}, {self.staff.concurrency} in flight"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def summarizer(
        self, prompts: str | PathLike[str] | None, limiter: RateLimiter, report: ProgressCallback
    ) -> RaySummarizer:
        """Has articles summarized by the cluster's workers.

        Raises:
            PromptError: the templates cannot be used.
        """
        setup = Setup(self._settings, load_prompts(prompts), provider_variables(self._settings))
        return RaySummarizer(self._connection, setup, self.staff, limiter, report)


class RaySummarizer:
    """Stands in for a `Summarizer` in a batch."""

    def __init__(
        self,
        cluster: Connection,
        setup: Setup,
        staff: Staff,
        limiter: RateLimiter,
        report: ProgressCallback,
    ) -> None:
        self._cluster = cluster
        self._setup = setup
        self._staff = staff
        self._limiter = limiter
        self._report = report
        self._keys = count()

    @asynccontextmanager
    async def rendering(self, concurrency: int) -> AsyncIterator[tuple[Render, int]]:
        """As of a `Summarizer`; the workers live as long.

        Raises:
            ClusterError: no worker can be had, or one cannot do its work.
        """
        setup = pickle.dumps(self._setup)
        crew = Crew(self._cluster, setup, self._staff, self._limiter, self._report)
        try:
            await crew.start()
            # While one is read or grounded, another may be asked about; not by the embedded model.
            spare = 0 if self._staff.room else concurrency // 4
            yield partial(self._render, crew), concurrency + spare
        finally:
            await crew.end()

    async def _render(self, crew: Crew, article: Article) -> tuple[str, Provenance]:
        under_way = _UnderWay(crew, next(self._keys), article)
        try:
            while isinstance(step := await under_way.step(), Asking):
                try:
                    answer: Answer = await with_retries(
                        under_way.reply,
                        step.characters,
                        under_way.meter,
                        retry_policy=self._setup.settings.retry_policy,
                        report=self._report,
                        limiter=self._limiter,
                    )
                except MENDABLE as error:
                    answer = error
                under_way.answers.append(answer)
        finally:
            under_way.leave()
        return step.json, step.provenance


@dataclass
class _UnderWay:
    """An article, and the worker that has it."""

    crew: Crew
    key: int
    article: Article
    meter: Meter = field(default_factory=Meter)
    answers: list[Answer] = field(default_factory=list)
    worker: Member | None = None

    async def step(self) -> Asking | Done:
        """That there is a question, made ready to be sent, or the summary.

        Raises:
            SummarizeError: why there is neither.
        """
        deaths = 0
        while True:
            try:
                step: Asking | Done = await self._work(is_sent=False)
            except LostWorkerError:
                deaths += 1
                if deaths >= _TRIES:
                    raise
            else:
                return step

    async def reply(self) -> Reply[Any]:
        """The reply to the question, sent once.

        Raises:
            SummarizeError: why there is none.
        """
        try:
            reply: Reply[Any] = await self._work(is_sent=True)
        except LostWorkerError:
            # It may have been sent.
            self.meter.attempts += 1
            raise
        return reply

    async def _work(self, *, is_sent: bool) -> Any:
        if self.worker is None or self.worker.is_lost.is_set():
            self.leave()
            self.worker = await self.crew.free()
            self.worker.busy += 1
        job = Job(self.key, self.article, self.answers, self.meter, is_sent)
        meter, outcome = await self.worker.work(job)
        self.meter.catch_up(meter)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def leave(self) -> None:
        """Gives its place to another one."""
        if self.worker:
            self.worker.busy -= 1
            self.worker = None
            self.crew.news.set()
