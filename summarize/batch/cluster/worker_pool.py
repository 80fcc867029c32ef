"""The workers of a run: actors of Ray, replaced where they are lost."""

from __future__ import annotations

import asyncio
import pickle
import threading
from contextlib import suppress
from importlib.metadata import version
from types import ModuleType
from typing import Any

from summarize.batch.cluster.connection import Connection
from summarize.batch.cluster.pool_size import Staff
from summarize.batch.cluster.worker import Job, Outcome
from summarize.errors import ClusterError, EndpointError
from summarize.models import Meter
from summarize.models.error_mapping import one_line
from summarize.models.rate_limiter import RateLimiter, StoppedError
from summarize.progress import Progress, ProgressCallback

__all__ = ["Crew", "LostWorkerError", "Member"]

# Seconds to wait for a worker where there is none: as long as for an endpoint that is away.
_PATIENCE = 300.0
# Seconds to wait for the other workers once there is one.
_GRACE = 5.0
# Seconds between two looks at the cluster's head, and how many times in a row nobody is there.
_LOOKING = 5.0
_MISSES = 3
# Seconds to wait for the end of a worker, which takes a millisecond where there is a head.
_KILLING = 1.0
# Seconds between two tries to start a worker where they end while they start.
_PAUSE = 2.0


class LostWorkerError(EndpointError):
    """The worker that had the article is gone, with its machine or alone."""


class Crew:
    """So many workers on the cluster; one that is lost is replaced where there is room."""

    def __init__(
        self,
        cluster: Connection,
        setup: bytes,
        staff: Staff,
        limiter: RateLimiter,
        report: ProgressCallback,
    ) -> None:
        self._cluster = cluster
        self._ray = ray = cluster.ray
        self._setup = setup
        self._staff = staff
        self._limiter = limiter
        self._report = report
        self._class = ray.remote(_actor_class())
        self._there: list[Member] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._killing: list[threading.Thread] = []
        # What the last one ended with that did not come up.
        self._why = ""
        # A worker has come, or has room again.
        self.news = asyncio.Event()

    async def start(self) -> None:
        """Starts them; returns when they are there, or one is and the others take their time.

        Raises:
            ClusterError: one of them cannot do its work, or none can be had.
        """
        self._keepers = [asyncio.create_task(self._keep()) for _ in range(self._staff.workers)]
        self._keepers.append(asyncio.create_task(self._watch()))
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE
        while len(self._there) < self._staff.workers:
            self._check()
            try:
                if not await self._told(deadline):
                    break
            except StoppedError:
                # Whoever asks for one is told.
                return
            if self._there:
                deadline = min(deadline, loop.time() + _GRACE)
        if not self._there:
            raise self._nobody()

    async def free(self) -> Member:
        """The one that has the least to do.

        Raises:
            ClusterError: one of them cannot do its work, or none can be had.
            StoppedError: the run is being stopped, and there is none.
        """
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while True:
            self._check()
            room = self._staff.room
            free = [worker for worker in self._there if room is None or worker.busy < room]
            if free:
                return min(free, key=lambda worker: worker.busy)
            if not await self._told(deadline) and not self._there:
                raise self._nobody()

    async def end(self) -> None:
        """Ends them, with whatever they do."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for killing in self._killing:
            # Ray would start anew for one that comes after its end.
            killing.join(_KILLING)

    async def _told(self, deadline: float) -> bool:
        """Whether there was news before the deadline.

        Raises:
            StoppedError: the run is being stopped.
        """
        self.news.clear()
        left = deadline - asyncio.get_running_loop().time()
        if not self._there:
            note = "no worker on the Ray cluster yet"
            self._report(Progress("waiting", 0, left, "seconds", note))
        return await self._limiter.wait(self.news, left)

    def _check(self) -> None:
        """Raises what a worker could not be had for, by any means."""
        for keeper in self._keepers:
            if keeper.done() and (error := keeper.exception()):
                raise error

    def _nobody(self) -> ClusterError:
        if self._why:
            return ClusterError(f"no worker comes up on the Ray cluster: {self._why}")
        what = ", ".join(f"{name} {number:g}" for name, number in self._staff.resources.items())
        return ClusterError(
            f"no node of the Ray cluster has had room for a worker ({what}) for {_PATIENCE:.0f} s",
            hint="wait until other work has ended, or add a node",
        )

    async def _watch(self) -> None:
        """Sees to the cluster's head: a minute after its end Ray ends the driver as well (2.60)."""
        misses = 0
        while misses < _MISSES:
            await asyncio.sleep(_LOOKING)
            try:
                await asyncio.to_thread(self._cluster.check)
                misses = 0
            except ClusterError:
                misses += 1
        self.news.set()
        raise ClusterError("the head of the Ray cluster is gone", hint="start the cluster again")

    async def _keep(self) -> None:
        """Keeps one worker at work: another one when it is lost."""
        while True:
            actor = None
            try:
                actor = self._class.options(
                    **self._staff.resources,
                    scheduling_strategy="SPREAD",
                    max_concurrency=_MOST_CALLS,
                    max_restarts=0,
                ).remote()
                worker = Member(self._ray, actor)
                await worker.start(self._setup)
                self._there.append(worker)
                self._why = ""
                self.news.set()
                await worker.is_lost.wait()
                self._there.remove(worker)
            except LostWorkerError as error:
                self._why = one_line(str(error.__cause__))
                await asyncio.sleep(_PAUSE)
            except ClusterError:
                raise
            except Exception as error:
                # Else it would count as the failure of every article to come.
                raise ClusterError(f"the Ray cluster fails: {one_line(str(error))}") from error
            finally:
                self.news.set()
                if actor is not None:
                    # It may only be out of reach. Without a head this takes a minute.
                    killing = threading.Thread(target=self._kill, args=(actor,), daemon=True)
                    killing.start()
                    self._killing.append(killing)

    def _kill(self, actor: Any) -> None:
        with suppress(Exception):
            self._ray.kill(actor)


# Calls that an actor takes at a time; the pace decides how many there are.
_MOST_CALLS = 100_000


class Member:
    """An actor as the driver sees it."""

    def __init__(self, ray: ModuleType, actor: Any) -> None:
        self._ray = ray
        self._actor = actor
        self.busy = 0
        self.is_lost = asyncio.Event()

    async def start(self, setup: bytes) -> None:
        """Has it make ready; waits for room on a node first.

        Raises:
            ClusterError: it cannot do its work.
            LostWorkerError: it is gone.
        """
        ours = version("summarize")
        node, theirs, error = await self._told(self._actor.start.remote(ours, setup))
        if theirs != ours:
            found = f"has summarize {theirs}" if theirs else "has no summarize"
            raise ClusterError(
                f"node {node} of the Ray cluster {found}, and this is {ours}",
                hint="install the same version on every node",
            )
        if error is not None:
            reason: Exception = pickle.loads(error)  # noqa: S301  from a worker of ours
            raise ClusterError(f"node {node} of the Ray cluster: {reason}") from reason

    async def work(self, job: Job) -> tuple[Meter, Outcome]:
        """Has a job done.

        Raises:
            LostWorkerError: it is gone.
        """
        packed = await self._told(self._actor.work.remote(pickle.dumps(job)))
        # From a worker of ours.
        answer: tuple[Meter, Outcome] = pickle.loads(packed)  # noqa: S301
        return answer

    async def _told(self, coming: Any) -> Any:
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
    """The class of the actors.

    It is made here so that Ray sends it as it is, not by its name: it has to work, and to say so,
    where this package is missing or of another version.
    """

    class SummarizeWorker:
        async def start(self, wanted: str, setup: bytes) -> tuple[str, str, bytes | None]:
            """The machine, the version of summarize there, and what went wrong, pickled."""
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
            except Exception as error:  # noqa: BLE001  the driver is to say it
                return node, found, pickle.dumps(portable(error))
            return node, found, None

        async def work(self, packed: bytes) -> bytes:
            return await self._worker.work(packed)

    return SummarizeWorker
