"""Runs a batch on Ray: the same run, with its articles spread over the machines of a cluster.

The driver keeps the run: what comes next, which failures end it, what is written. An article is one
call of an actor, which reads it, sends its requests, grounds the answers and hands the summary
over. The run's limiter counts articles, and each worker has its share of the limits on requests, so
that they hold for the whole cluster. An article whose worker is gone is done again by another.

Not Ray Data (2.60): it takes its input whole before it starts, which neither a pipe nor bounded
memory allows; in windows, each one waits for its slowest article.
"""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import count
from types import ModuleType
from typing import Any

from summarize.article.article import Article
from summarize.batch.cluster.connection import PoolSize
from summarize.errors import ClusterError, EndpointError
from summarize.models import Meter
from summarize.models.error_mapping import one_line
from summarize.models.rate_limiter import RateLimiter
from summarize.pipeline.summarizer import Render
from summarize.progress import Progress, ProgressCallback
from summarize.schema import Provenance

# Seconds; an actor may be waited for for ever.
_LONG = 3_600.0
# Seconds between two tries to start a worker where they end while they start.
_RESTART_PAUSE = 2.0
# Calls that an actor takes at a time; fewer are made.
_MAX_CALLS = 100_000
# Workers that may be lost over one article, or one after the other while they start.
_MAX_LOST = 3


class LostWorkerError(EndpointError):
    """The worker that had the article is gone, alone or with its machine."""


@dataclass
class _Worker:
    """An actor, and how many articles it has."""

    actor: Any
    busy: int = 0
    is_lost: asyncio.Event = field(default_factory=asyncio.Event)


class ClusterSummarizer:
    """Has articles summarized by Ray actors; stands in for a `Summarizer`.

    `setup` are the arguments of each actor's `Worker`; the limiter is the run's.
    """

    def __init__(
        self,
        ray: ModuleType,
        size: PoolSize,
        setup: tuple[Any, ...],
        limiter: RateLimiter,
        report: ProgressCallback,
    ) -> None:
        self._ray = ray
        self._size = size
        self._setup = pickle.dumps(setup)
        self._limiter = limiter
        self._report = report
        self._class = ray.remote(_actor_class())
        self._workers: list[_Worker] = []
        self._keepers: list[asyncio.Task[None]] = []
        # Set when an actor comes up, has room again, or cannot be had.
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def rendering(self, concurrency: int) -> AsyncIterator[tuple[Render, int]]:
        """As of a `Summarizer`; actors come up in the background and end with the context."""
        self._keepers = [asyncio.create_task(self._keep()) for _ in range(self._size.workers)]
        try:
            yield self._render, concurrency
        finally:
            for keeper in self._keepers:
                keeper.cancel()
            await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _render(self, article: Article) -> tuple[str, Provenance]:
        meter = Meter()
        packed = pickle.dumps(article)
        async with self._limiter.turn(len(article.text), meter):
            for lost in count(1):
                worker = await self._free()
                worker.busy += 1
                try:
                    answer = await self._answer(worker.actor.summarize.remote(packed))
                    break
                except LostWorkerError:
                    worker.is_lost.set()
                    if lost >= _MAX_LOST:
                        raise
                finally:
                    worker.busy -= 1
                    self._changed.set()
            used, outcome = pickle.loads(answer)  # noqa: S301  from an actor of ours
            meter.catch_up(used)
            if isinstance(outcome, Exception):
                raise outcome
            json, provenance = outcome
            return json, provenance

    async def _free(self) -> _Worker:
        """The actor with the fewest articles, once one has room."""
        while True:
            for keeper in self._keepers:
                if keeper.done() and (error := keeper.exception()):
                    raise error
            there = [worker for worker in self._workers if not worker.is_lost.is_set()]
            worker = min(there, key=lambda worker: worker.busy, default=None)
            if worker and worker.busy < self._size.share:
                return worker
            if worker is None:
                self._report(Progress("waiting", note="no worker on the Ray cluster yet"))
            self._changed.clear()
            await self._limiter.wait(self._changed, _LONG)

    async def _keep(self) -> None:
        """Keeps one actor running; one that is lost is replaced as soon as there is room."""
        actor = None
        lost = 0
        while True:
            try:
                actor = self._class.options(
                    **self._size.resources,
                    scheduling_strategy="SPREAD",
                    max_concurrency=_MAX_CALLS,
                    max_restarts=0,
                ).remote()
                why = await self._answer(actor.start.remote(version("summarize"), self._setup))
                if why:
                    raise ClusterError(why)
                lost = 0
                worker = _Worker(actor)
                self._workers.append(worker)
                self._changed.set()
                await worker.is_lost.wait()
                self._workers.remove(worker)
            except LostWorkerError as error:
                lost += 1
                if lost >= _MAX_LOST and not self._workers:
                    why = one_line(str(error.__cause__))
                    raise ClusterError(f"no worker comes up on the Ray cluster: {why}") from error
                await asyncio.sleep(_RESTART_PAUSE)
            except ClusterError:
                raise
            except Exception as error:
                # Else it would count as the failure of every article to come.
                raise ClusterError(f"the Ray cluster fails: {one_line(str(error))}") from error
            finally:
                self._changed.set()
                # It may only be out of reach.
                with suppress(Exception):
                    self._ray.kill(actor)

    async def _answer(self, coming: Any) -> Any:
        """What a call of an actor returns."""
        exceptions = self._ray.exceptions
        try:
            return await coming
        except exceptions.RayTaskError as error:
            raise RuntimeError(f"on the Ray cluster: {one_line(str(error.cause))}") from error
        except (exceptions.RayActorError, exceptions.NodeDiedError) as error:
            # Unreachable is gone: Ray takes 15 s to be sure (2.60), and others can do the work.
            raise LostWorkerError(
                "the Ray worker that had the article is gone", hint="did its machine fail?"
            ) from error


def _actor_class() -> type:
    """Returns the class of the actors.

    It is made here so that Ray sends it as it is, not by its name: it has to work, and to say so,
    where this package is missing or of another version.
    """

    class SummarizeWorker:
        async def start(self, wanted: str, setup: bytes) -> str:
            """Returns why it cannot work; nothing where it can."""
            import importlib.metadata
            import pickle
            import socket

            try:
                found = importlib.metadata.version("summarize")
                if found == wanted:
                    from summarize.batch.cluster.worker import Worker

                    self._worker = Worker(*pickle.loads(setup))  # noqa: S301  from the driver
                    await self._worker.open()
                    return ""
                why = f"has summarize {found}, and this is {wanted}; install the same version"
            except Exception as error:  # noqa: BLE001  the driver reports it
                why = f"cannot work ({error})"
            return f"node {socket.gethostname()} of the Ray cluster {why}"

        async def summarize(self, packed: bytes) -> bytes:
            return await self._worker.summarize(packed)

    return SummarizeWorker
