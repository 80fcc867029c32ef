"""The workers of a run: Ray actors, replaced where they are lost."""

from __future__ import annotations

import asyncio
import pickle
from contextlib import suppress
from importlib.metadata import version
from types import ModuleType
from typing import Any, Self

from summarize.article.article import Article
from summarize.batch.cluster.connection import Connection
from summarize.batch.cluster.pool_size import PoolSize
from summarize.batch.cluster.worker import Outcome
from summarize.errors import ClusterError, EndpointError
from summarize.models import Meter
from summarize.models.error_details import one_line
from summarize.models.rate_limiter import RateLimiter
from summarize.progress import Progress, ProgressCallback

__all__ = ["LostWorkerError", "RemoteWorker", "WorkerPool"]

# Seconds to wait for a worker where there is none: as long as for an endpoint that is away.
_PATIENCE = 300.0
# Seconds between two tries to start a worker where they end while they start.
_RESTART_PAUSE = 2.0
# Calls that an actor takes at a time; the pool hands out fewer.
_MAX_CALLS = 100_000


class LostWorkerError(EndpointError):
    """The worker that had the article is gone, alone or with its machine."""


class WorkerPool:
    """The workers on a cluster. One that is lost is replaced as soon as there is room.

    Use it as an asynchronous context manager; workers come up in the background.

    Args:
        cluster: where they run.
        setup: a pickled `Setup`.
        size: how many, and what each takes.
        limiter: of the run; when it stops, nobody waits for a worker.
        report: called with progress.
    """

    def __init__(
        self,
        cluster: Connection,
        setup: bytes,
        size: PoolSize,
        limiter: RateLimiter,
        report: ProgressCallback,
    ) -> None:
        self._cluster = cluster
        self._setup = setup
        self._size = size
        self._limiter = limiter
        self._report = report
        self._class = cluster.ray.remote(_actor_class())
        self._workers: list[RemoteWorker] = []
        self._keepers: list[asyncio.Task[None]] = []
        # Why the last worker that did not come up ended.
        self._why = ""
        # Set when a worker comes up, has room again, or cannot be had.
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._keepers = [asyncio.create_task(self._keep()) for _ in range(self._size.workers)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def summarize(self, article: Article) -> tuple[Meter, Outcome]:
        """Has the worker with the fewest articles summarize one; waits until one has room.

        Raises:
            ClusterError: a worker cannot do its work, or none can be had.
            LostWorkerError: the worker is gone.
            StoppedError: the run is being stopped, and there is no worker with room.
        """
        worker = await self._free()
        worker.busy += 1
        try:
            return await worker.summarize(article)
        finally:
            worker.busy -= 1
            self._changed.set()

    async def _free(self) -> RemoteWorker:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE
        while True:
            for keeper in self._keepers:
                if keeper.done() and (error := keeper.exception()):
                    raise error
            there = [worker for worker in self._workers if not worker.is_lost.is_set()]
            worker = min(there, key=lambda worker: worker.busy, default=None)
            if worker and worker.busy < self._size.share:
                return worker
            self._changed.clear()
            if self._workers:
                deadline = loop.time() + _PATIENCE
            left = deadline - loop.time()
            if not self._workers:
                note = "no worker on the Ray cluster yet"
                self._report(Progress("waiting", 0, left, "seconds", note))
            if not await self._limiter.wait(self._changed, left) and not self._workers:
                raise self._no_worker()

    def _no_worker(self) -> ClusterError:
        if self._why:
            return ClusterError(f"no worker comes up on the Ray cluster: {self._why}")
        what = ", ".join(f"{name} {number:g}" for name, number in self._size.resources.items())
        return ClusterError(
            f"no node of the Ray cluster has had room for a worker ({what}) for {_PATIENCE:.0f} s",
            hint="wait until other work has ended, or add a node",
        )

    async def _keep(self) -> None:
        """Keeps one worker running."""
        while True:
            actor = None
            try:
                actor = self._class.options(
                    **self._size.resources,
                    scheduling_strategy="SPREAD",
                    max_concurrency=_MAX_CALLS,
                    max_restarts=0,
                ).remote()
                worker = RemoteWorker(self._cluster.ray, actor)
                await worker.start(self._setup)
                self._workers.append(worker)
                self._changed.set()
                await worker.is_lost.wait()
                self._workers.remove(worker)
            except LostWorkerError as error:
                self._why = one_line(str(error.__cause__))
                await asyncio.sleep(_RESTART_PAUSE)
            except ClusterError:
                raise
            except Exception as error:
                # Else it would count as the failure of every article to come.
                raise ClusterError(f"the Ray cluster fails: {one_line(str(error))}") from error
            finally:
                self._changed.set()
                if actor is not None:
                    # It may only be out of reach.
                    with suppress(Exception):
                        self._cluster.ray.kill(actor)


class RemoteWorker:
    """An actor as the driver sees it."""

    def __init__(self, ray: ModuleType, actor: Any) -> None:
        self._ray = ray
        self._actor = actor
        self.busy = 0
        self.is_lost = asyncio.Event()

    async def start(self, setup: bytes) -> None:
        """Makes it ready; waits for room on a node first.

        Raises:
            ClusterError: it cannot do its work.
            LostWorkerError: it is gone.
        """
        ours = version("summarize")
        node, theirs, error = await self._result(self._actor.start.remote(ours, setup))
        if theirs != ours:
            found = f"has summarize {theirs}" if theirs else "has no summarize"
            raise ClusterError(
                f"node {node} of the Ray cluster {found}, and this is {ours}",
                hint="install the same version on every node",
            )
        if error is not None:
            reason: Exception = pickle.loads(error)  # noqa: S301  from a worker of ours
            raise ClusterError(f"node {node} of the Ray cluster: {reason}") from reason

    async def summarize(self, article: Article) -> tuple[Meter, Outcome]:
        """Summarizes an article.

        Raises:
            LostWorkerError: it is gone.
        """
        packed = await self._result(self._actor.summarize.remote(pickle.dumps(article)))
        answer: tuple[Meter, Outcome] = pickle.loads(packed)  # noqa: S301  from a worker of ours
        return answer

    async def _result(self, coming: Any) -> Any:
        exceptions = self._ray.exceptions
        try:
            return await coming
        except exceptions.RayTaskError as error:
            raise RuntimeError(f"on the Ray cluster: {one_line(str(error.cause))}") from error
        except (exceptions.RayActorError, exceptions.NodeDiedError) as error:
            # Unreachable is gone: Ray takes 15 s to be sure (2.60), and others can do the work.
            self.is_lost.set()
            raise LostWorkerError(
                "the Ray worker that had the article is gone", hint="did its machine fail?"
            ) from error


def _actor_class() -> type:
    """Returns the class of the actors.

    It is made here so that Ray sends it as it is, not by its name: it has to work, and to say so,
    where this package is missing or of another version.
    """

    class SummarizeWorker:
        async def start(self, wanted: str, setup: bytes) -> tuple[str, str, bytes | None]:
            """Returns the machine, its version of summarize, and the pickled error, if any."""
            import importlib.metadata
            import pickle
            import socket

            node = socket.gethostname()
            try:
                found = importlib.metadata.version("summarize")
            except importlib.metadata.PackageNotFoundError:
                found = ""
            if found != wanted:
                return node, found, None
            try:
                from summarize.batch.cluster.worker import Worker
                from summarize.errors import portable
            except ImportError as error:
                return node, f"{found} without {error.name}", None
            try:
                self._worker = Worker(setup)
                await self._worker.open()
            except Exception as error:  # noqa: BLE001  the driver reports it
                return node, found, pickle.dumps(portable(error))
            return node, found, None

        async def summarize(self, packed: bytes) -> bytes:
            return await self._worker.summarize(packed)

    return SummarizeWorker
