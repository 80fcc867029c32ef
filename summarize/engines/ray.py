"""Ray: the same run, with its articles spread over the machines of a cluster.

The driver keeps the run: what comes next, the pace, what is sent again, which failures end it, what
is written. It is the code that runs without Ray, with the work on an article put elsewhere: actors,
one of our own class on each machine or more, read the article, send its requests and ground the
answers, many articles at a time each, and hand each summary over as soon as it is there. A request
is a call of an actor, made when the one `Pace` of the run lets it go, so that limits hold for the
whole cluster. An article whose actor is gone goes on with another one from the answers it had.

Why not Ray Data (2.60, two nodes on two cores): `map` over an actor pool, a block an article, does
spread the work, hands over each result, and does again only what a lost node had in flight (316
requests for 300 articles). But a dataset takes its input whole before it starts, which neither a
pipe nor bounded memory allows; cut in windows, each one costs 2 to 3 s until its first result, and
waits for its slowest article. A block costs the driver 5.6 ms, and 113 a second are the most; a
call of an actor costs 0.6 ms. And what looks across articles (the pace, failures held back until
somebody gets through, the first Ctrl-C) would need an actor beside it, and a second way of doing
what `Batch` does.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import re
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from itertools import count
from math import ceil
from os import PathLike
from types import FrameType, ModuleType
from typing import Any, Self

from summarize.article import Article
from summarize.engines.worker import Asking, Done, Job, Outcome, Setup
from summarize.errors import ClusterError, ConfigurationError, EndpointError
from summarize.models import Meter, ModelSettings, Reply
from summarize.models.endpoints import find_endpoint
from summarize.models.faults import one_line
from summarize.models.pacing import Pace
from summarize.models.retrying import patiently
from summarize.pipeline import MENDABLE, Answer
from summarize.progress import ProgressCallback
from summarize.prompts import load_prompts
from summarize.schema import Provenance
from summarize.summarizer import Render

__all__ = ["Cluster", "LostWorkerError", "Staff", "staff"]

# In flight for each node unless told otherwise, and for each worker at most while there are CPUs
# for more of them. An article takes a worker some 6 ms: 32 in flight at an endpoint that answers
# within a second take a fifth of a CPU.
IN_FLIGHT_EACH = 32
# The embedded model was measured on two cores, and asks for 2 GB of memory (README).
_LOCAL_CPUS = 2
_LOCAL_MEMORY = 2 * 10**9
# Bytes. What Ray keeps for large objects, of which there are none here.
_OBJECT_STORE = 100 * 2**20
# Seconds to wait for a worker where there is none: as long as for an endpoint that is away.
_PATIENCE = 300.0
# Seconds to wait for the other workers once there is one.
_GRACE = 5.0
# Seconds until the head of a cluster has answered.
_KNOCKING = 10.0
# Seconds between two tries to start a worker where they end while they start.
_PAUSE = 2.0
# Workers that an article may outlive before its first request.
_TRIES = 3
# What clients of models look for: a driver's settings are to hold on every machine.
_ENVIRONMENT = re.compile(
    r"\w+_(?:API_KEY|API_TOKEN|BASE_URL)|(?:OPENAI|AZURE|AWS|GOOGLE|OLLAMA)_\w+"
)
# Ray prints what it thinks of its nodes to standard output, where results go, and counts its users.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS_SKIP_REGEX": "."}


class LostWorkerError(EndpointError):
    """The worker that had the article is gone, with its machine or alone."""


@dataclass(frozen=True, slots=True)
class Staff:
    """The workers of a run.

    Attributes:
        workers: how many.
        concurrency: articles in flight, of all together.
        room: articles at a time in one of them; None for any number.
        resources: what each takes of its node, as Ray names it.
    """

    workers: int
    concurrency: int
    room: int | None
    resources: Mapping[str, float]


def staff(
    nodes: Sequence[Mapping[str, float]], settings: ModelSettings, concurrency: int | None
) -> Staff:
    """The workers that suit a cluster.

    Args:
        nodes: what each has, as Ray names it: "CPU" in number, "memory" in bytes.
        settings: of the model.
        concurrency: articles in flight as asked for; None for 32 a node, or, with the embedded
            model, for as many as there is room for.

    Raises:
        ClusterError: there is no room for a single one.
    """
    cpus = [int(node["CPU"]) for node in nodes if node.get("CPU", 0) >= 1]
    if not cpus:
        raise ClusterError(
            "no node of the Ray cluster has a CPU for tasks", hint="start one with --num-cpus 1"
        )
    if settings.is_local:
        each = min(_LOCAL_CPUS, max(cpus))
        fits = sum(
            min(int(node.get("CPU", 0)) // each, int(node.get("memory", 0)) // _LOCAL_MEMORY)
            for node in nodes
        )
        if not fits:
            raise ClusterError(
                "no node of the Ray cluster has 2 GB of memory for the embedded model",
                hint="start one with --memory 2000000000, or name another model with --model",
            )
        number = min(fits, concurrency or fits)
        return Staff(number, number, 1, {"num_cpus": each, "memory": _LOCAL_MEMORY})
    most = concurrency or IN_FLIGHT_EACH * len(cpus)
    number = min(sum(cpus), max(len(cpus), ceil(most / IN_FLIGHT_EACH)), most)
    return Staff(number, most, None, {"num_cpus": 1})


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
        self._ray = _import_ray()
        self.staff: Staff
        self.about = ""

    def __enter__(self) -> Self:
        if not self._settings.is_local:
            # A key that is missing is missing everywhere.
            find_endpoint(self._settings, replay=False, report=lambda _: None)
        address = os.environ.get("RAY_ADDRESS", "")
        self._is_ours = not self._ray.is_initialized()
        try:
            if self._is_ours:
                self._connect(address)
            nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
            nodes = [node for node in nodes if node.get("CPU", 0) >= 1]
            self.staff = staff(nodes, self._settings, self._asked)
        except BaseException:
            self.__exit__()
            raise
        where = address if address else "started for this run" if self._is_ours else "as connected"
        number = self.staff.workers
        self.about = (
            f"Ray, {where}: {number} worker{'' if number == 1 else 's'} on {len(nodes)} "
            f"node{'' if len(nodes) == 1 else 's'}, {self.staff.concurrency} in flight"
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_ours:
            self._ray.shutdown()

    def _connect(self, address: str) -> None:
        if "://" in address:
            raise ClusterError(
                f"RAY_ADDRESS: {address!r} is no address of a cluster's head",
                hint="give HOST:6379 or auto, and run the command on a machine of the cluster",
            )
        if address and address != "auto":
            _knock(address)
        # A cluster that is there already has its own of these.
        started = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE}
        try:
            with _uninterrupted():
                self._ray.init(
                    address=address or "local",
                    log_to_driver=False,
                    logging_level="CRITICAL",
                    **({} if address else started),
                )
        except (OSError, RuntimeError, ValueError) as error:
            raise ClusterError(
                f"no Ray cluster can be had {f'at {address}' if address else 'here'}: "
                f"{one_line(str(error))}",
                hint="summarize doctor says which Ray is installed",
            ) from error

    def summarizer(
        self, prompts: str | PathLike[str] | None, pace: Pace, report: ProgressCallback
    ) -> RaySummarizer:
        """Has articles summarized by the cluster's workers.

        Raises:
            PromptError: the templates cannot be used.
        """
        environment = {k: v for k, v in os.environ.items() if _ENVIRONMENT.fullmatch(k)}
        setup = Setup(self._settings, load_prompts(prompts), environment)
        return RaySummarizer(self._ray, setup, self.staff, pace, report)


class RaySummarizer:
    """Stands in for a `Summarizer` in a batch."""

    def __init__(
        self, ray: ModuleType, setup: Setup, staff: Staff, pace: Pace, report: ProgressCallback
    ) -> None:
        self._ray = ray
        self._setup = setup
        self._staff = staff
        self._pace = pace
        self._report = report
        self._keys = count()

    @asynccontextmanager
    async def rendering(self, concurrency: int) -> AsyncIterator[tuple[Render, int]]:
        """As of a `Summarizer`; the workers live as long.

        Raises:
            ClusterError: no worker can be had, or one cannot do its work.
        """
        workers = _Workers(self._ray, pickle.dumps(self._setup), self._staff)
        try:
            await workers.start()
            # While one is read or grounded, another may be asked about; not by the embedded model.
            spare = 0 if self._staff.room else concurrency // 4
            yield partial(self._render, workers), concurrency + spare
        finally:
            await workers.end()

    async def _render(self, workers: _Workers, article: Article) -> tuple[str, Provenance]:
        under_way = _UnderWay(workers, next(self._keys), article)
        try:
            while isinstance(step := await under_way.step(), Asking):
                try:
                    answer: Answer = await patiently(
                        under_way.reply,
                        step.characters,
                        under_way.meter,
                        patience=self._setup.settings.patience,
                        report=self._report,
                        pace=self._pace,
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

    workers: _Workers
    key: int
    article: Article
    meter: Meter = field(default_factory=Meter)
    answers: list[Answer] = field(default_factory=list)
    worker: _Worker | None = None

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
            self.worker = await self.workers.free()
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
            self.workers.news.set()


class _Workers:
    """So many workers on the cluster; one that is lost is replaced where there is room."""

    def __init__(self, ray: ModuleType, setup: bytes, staff: Staff) -> None:
        self._ray = ray
        self._setup = setup
        self._staff = staff
        self._class = ray.remote(_actor_class())
        self._there: list[_Worker] = []
        self._keepers: list[asyncio.Task[None]] = []
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
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE
        while len(self._there) < self._staff.workers:
            self._check()
            if not await self._told(deadline):
                break
            if self._there:
                deadline = min(deadline, loop.time() + _GRACE)
        if not self._there:
            raise self._nobody()

    async def free(self) -> _Worker:
        """The one that has the least to do.

        Raises:
            ClusterError: one of them cannot do its work, or none can be had.
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

    async def _told(self, deadline: float) -> bool:
        """Whether there was news before the deadline."""
        self.news.clear()
        try:
            async with asyncio.timeout_at(deadline):
                await self.news.wait()
        except TimeoutError:
            return False
        return True

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

    async def _keep(self) -> None:
        """Keeps one worker at work: another one when it is lost."""
        while True:
            actor = self._class.options(
                **self._staff.resources,
                scheduling_strategy="SPREAD",
                max_concurrency=_MOST_CALLS,
                max_restarts=0,
            ).remote()
            worker = _Worker(self._ray, actor)
            try:
                await worker.start(self._setup)
                self._there.append(worker)
                self._why = ""
                self.news.set()
                await worker.is_lost.wait()
                self._there.remove(worker)
            except LostWorkerError as error:
                self._why = one_line(str(error.__cause__))
                await asyncio.sleep(_PAUSE)
            finally:
                self.news.set()
                # It may only be out of reach.
                self._ray.kill(actor)


# Calls that an actor takes at a time; the pace decides how many there are.
_MOST_CALLS = 100_000


class _Worker:
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
        except exceptions.RayError as error:
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
                from summarize.engines.worker import Worker
                from summarize.errors import portable
            except ImportError as error:
                return node, f"{found} without {error.name}", None
            try:
                self._worker = Worker(setup)
                await self._worker.connect()
            except Exception as error:  # noqa: BLE001  the driver is to say it
                return node, found, pickle.dumps(portable(error))
            return node, found, None

        async def work(self, packed: bytes) -> bytes:
            return await self._worker.work(packed)

    return SummarizeWorker


def _knock(address: str) -> None:
    """Whether anybody is there: Ray itself tries for more than a minute (2.60).

    Raises:
        ClusterError: nobody is.
    """
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCKING):
            pass
    except (OSError, ValueError, OverflowError) as error:
        raise ClusterError(
            f"no Ray cluster answers at {address}: {one_line(str(error))}",
            hint="check RAY_ADDRESS, or leave it out to have one started",
        ) from error


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keeps a first Ctrl-C for the end: in the middle of its start Ray crashes over it (2.60)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    pressed = 0

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        pressed += 1
        if pressed > 1:
            raise KeyboardInterrupt

    # Not where it is ignored, as for a program in the background.
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def _import_ray() -> ModuleType:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise ConfigurationError(
            "the engine ray needs Ray, which is not installed", hint="pip install 'summarize[ray]'"
        ) from error
    module: ModuleType = ray
    return module
