"""Runs a batch: so many articles at a time, each result written as it comes.

Records come from a thread of their own, since standard input may block. Each of the workers takes a
record, asks, and hands on the result; a writer puts on the disk together whatever has come while it
wrote. Memory holds only what is in flight.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from dataclasses import dataclass
from typing import Protocol

from summarize.batch.plan import Plan, Task
from summarize.batch.read_ahead import ReadAhead
from summarize.batch.results import BatchError, BatchResult
from summarize.errors import (
    AuthenticationError,
    ClusterError,
    ConfigurationError,
    InputError,
    LocalModelError,
    RateLimitError,
    SummarizeError,
)
from summarize.garbage_collection import collecting_rarely
from summarize.models import ModelSettings
from summarize.models.rate_limiter import RateLimiter, StoppedError
from summarize.pipeline.summarizer import Render
from summarize.sources.inputs import Record

__all__ = ["Batch", "BatchProgress", "Limits", "Renderer"]


# Few enough for a first run against an endpoint of unknown limits.
DEFAULT_CONCURRENCY = 8
# Failures in a row, at least, before they are taken for the endpoint's.
_MIN_SUSPECTS = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use.

    Attributes:
        concurrency: articles in flight.
        rpm: requests a minute.
        tpm: tokens a minute, of prompts and answers.
        max_tokens: tokens altogether.
    """

    concurrency: int
    rpm: float | None = None
    tpm: float | None = None
    max_tokens: int | None = None

    @classmethod
    def of(
        cls,
        settings: ModelSettings,
        concurrency: int | None = None,
        *,
        rpm: float | None = None,
        tpm: float | None = None,
        max_tokens_total: int | None = None,
    ) -> Limits:
        """Returns the limits as asked for; the embedded model takes one article at a time.

        Raises:
            ConfigurationError: a limit is not above 0.
        """
        asked = {"rpm": rpm, "tpm": tpm, "max_tokens_total": max_tokens_total}
        for name, number in {"concurrency": concurrency, **asked}.items():
            if number is not None and not number > 0:
                raise ConfigurationError(f"{name} of {number} cannot work", hint="give more than 0")
        # Two at a time would share the cores, and the state that every article begins from.
        most = 1 if settings.is_local else concurrency or DEFAULT_CONCURRENCY
        return cls(most, rpm, tpm, max_tokens_total)


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a run is.

    Attributes:
        done: summaries made in this run.
        failed: articles that failed in this run.
        kept: summaries of earlier runs that stand.
        kept_failures: failures of earlier runs that stand.
        seconds: since the first article was asked about.
        in_flight: articles being asked about.
        pause: seconds that the endpoint asks to wait; 0 if it does not.
        tokens: used in this run, failed requests included.
        cost_usd: of the summaries made; None where the price is not known.
    """

    done: int
    failed: int
    kept: int
    kept_failures: int
    seconds: float
    in_flight: int
    pause: float
    tokens: int
    cost_usd: float | None

    @property
    def met(self) -> int:
        """Records that are through, in this run or before."""
        return self.done + self.failed + self.kept + self.kept_failures


class Output(Protocol):
    """Where results go."""

    def append(self, results: Iterable[BatchResult]) -> None:
        """Writes results; returns when they are safe, or raises an OutputError."""


class Renderer(Protocol):
    """What makes articles their summaries: in this process, in others, or on other machines."""

    def rendering(self, concurrency: int) -> AbstractAsyncContextManager[tuple[Render, int]]:
        """For as long as a run lasts; see `Summarizer.rendering`."""


@dataclass(frozen=True, slots=True)
class _Finished:
    """A result, and whether it is to be written: a failure never replaces a summary."""

    result: BatchResult
    is_written: bool = True


class Batch:
    """One run. Iterate over `run()` or `groups()` once.

    Args:
        plan: what is to be done.
        summarizer: a Summarizer, or what stands in for one; made with `limiter`.
        limiter: of this run.
        limits: what it may use.
        output: where results go before they count.

    Attributes:
        is_stopped: it ended, or is ending, before all was done.
        is_out_of_tokens: it ended because of `Limits.max_tokens`.
    """

    def __init__(
        self,
        plan: Plan,
        summarizer: Renderer,
        limiter: RateLimiter,
        limits: Limits,
        output: Output | None = None,
    ) -> None:
        self.plan = plan
        self.is_stopped = False
        self.is_out_of_tokens = False
        self._summarizer = summarizer
        self._render: Render
        self._limiter = limiter
        self._limits = limits
        self._output = output
        self._done = 0
        self._failed = 0
        self._cost_usd: float | None = None
        self._started = time.monotonic()
        self._busy = 0
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._workers: list[asyncio.Task[None]] = []
        # Failures that may be the endpoint's and not the article's: see `_judged`.
        self._suspects: list[_Finished] = []
        self._tasks: ReadAhead[Task] | None = None
        self._finished: asyncio.Queue[_Finished | None] = asyncio.Queue(limits.concurrency)
        self._written: asyncio.Queue[BatchResult | None] = asyncio.Queue()
        self._is_read = asyncio.Event()

    @property
    def progress(self) -> BatchProgress:
        """How far it is."""
        return BatchProgress(
            done=self._done,
            failed=self._failed,
            kept=self.plan.kept,
            kept_failures=self.plan.kept_failures,
            seconds=time.monotonic() - self._started,
            in_flight=min(self._busy, self._limits.concurrency),
            pause=self._limiter.pause,
            tokens=self._limiter.tokens,
            cost_usd=self._cost_usd,
        )

    def stop(self) -> None:
        """Takes no more articles; those in flight are finished."""
        self.is_stopped = True
        self._limiter.stop()
        if self._tasks:
            self._tasks.close()
        if self._work and not self._workers:
            # Nothing is in flight yet, and getting ready may take long.
            self._work.cancel()

    def abort(self) -> None:
        """Drops what is in flight, too."""
        self.stop()
        for worker in self._workers:
            worker.cancel()

    def call_soon(self, action: Callable[[], None]) -> None:
        """Has the event loop do something, from a signal handler or another thread."""
        if self._loop is None:
            action()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(action)

    async def run(self) -> AsyncGenerator[BatchResult]:
        """As `groups`, one result at a time."""
        async with aclosing(self.groups()) as groups:
            async for group in groups:
                for result in group:
                    yield result

    async def groups(self) -> AsyncGenerator[list[BatchResult]]:
        """Does what is to be done; yields results once they are written, in no order.

        Raises:
            SummarizeError: no other article would fare better: the key is refused, nothing gets
                through, the results cannot be written. What was done is kept.
        """
        self._loop = asyncio.get_running_loop()
        self._tasks = ReadAhead(self.plan, self._limits.concurrency)
        work = self._work = asyncio.create_task(self._render_all())
        try:
            with collecting_rarely():
                while group := await self._group():
                    yield group
                await work
        finally:
            # Leaving the loop early stops the run.
            self.is_stopped |= not work.done()
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            self._tasks.close()
        if self._error:
            raise self._error

    async def _group(self) -> list[BatchResult]:
        """The results that are there, at least one; none at the end."""
        group = [await self._written.get()]
        while not self._written.empty():
            group.append(self._written.get_nowait())
        self._is_read.set()
        if group[-1] is None and len(group) > 1:
            self._written.put_nowait(None)
        return [result for result in group if result is not None]

    async def _render_all(self) -> None:
        try:
            concurrency = self._limits.concurrency
            async with self._summarizer.rendering(concurrency) as (self._render, number):
                await self._run_workers(number)
        except asyncio.CancelledError:
            if not self.is_stopped:
                raise
        except Exception as error:  # noqa: BLE001  raised by `groups`
            self._error = self._error or error
        finally:
            self._written.put_nowait(None)

    async def _run_workers(self, number: int) -> None:
        self._started = time.monotonic()
        writer = asyncio.create_task(self._write())
        try:
            self._workers = [asyncio.create_task(self._worker()) for _ in range(number)]
            ended = await asyncio.gather(*self._workers, return_exceptions=True)
            for end in ended:
                if isinstance(end, Exception):
                    self._end(end)
            # A run that is stopped leaves them to the next one.
            if not (self._error or self.is_stopped):
                for suspect in self._suspects:
                    await self._finished.put(suspect)
            await self._finished.put(None)
            await writer
        finally:
            for task in (*self._workers, writer):
                task.cancel()
            await asyncio.gather(*self._workers, writer, return_exceptions=True)

    def _end(self, error: BaseException) -> None:
        """Ends the run for all articles."""
        self._error = self._error or error
        self.is_stopped = True
        for worker in self._workers:
            if worker is not asyncio.current_task():
                worker.cancel()

    async def _worker(self) -> None:
        while task := await self._next():
            self._busy += 1
            try:
                finished = await self._judged(task)
            finally:
                self._busy -= 1
            for each in finished:
                await self._finished.put(each)

    async def _next(self) -> Task | None:
        """The next record, if there is one and it may be asked about."""
        if self.is_stopped or self._tasks is None:
            return None
        try:
            task = await self._tasks.take()
        except Exception as error:  # noqa: BLE001  the input may raise anything
            self._error = self._error or error
            self.stop()
            return None
        if self.is_stopped or (task and not self._is_affordable(task)):
            return None
        return task

    def _is_affordable(self, task: Task) -> bool:
        """Whether the tokens that are left will do for one more article."""
        most, article = self._limits.max_tokens, task.record.article
        if most is None or article is None:
            return True
        # The prompt costs something, too: an article is a request at least.
        mean = self._limiter.tokens / max(self._limiter.answered, 1)
        # What is in flight will cost about as much again.
        expected = (self._busy + 1) * max(self._limiter.expected(len(article.text)), mean)
        if self._limiter.tokens + expected <= most:
            return True
        self.is_out_of_tokens = self.is_stopped = True
        return False

    async def _judged(self, task: Task) -> list[_Finished]:
        """What is to be written now that one more record is through.

        A key that is refused ends the run. An endpoint that cannot be reached or fails may be down
        for all, or fail over this article: that shows when the next one gets through. Until then
        the failure is held back, and a run that nobody gets through ends without it, so that the
        article is done when the run is taken up again.
        """
        try:
            result = await self._result(task.record)
        except StoppedError:
            return []
        except (AuthenticationError, ClusterError, LocalModelError) as error:
            self._end(error)
            return []
        except Exception as error:  # noqa: BLE001  a defect costs no other article
            # An earlier summary, of another text or model, stands until there is a better one.
            is_written = not (task.earlier and task.earlier.ok)
            told = BatchError.of(error)
            failed = _Finished(BatchResult(task.record.id, error=told), is_written)
            if not _may_be_for_all(error):
                # An article that was never asked about says nothing of the endpoint.
                return [*(self._cleared() if told.attempts else ()), failed]
            self._suspects.append(failed)
            if len(self._suspects) >= max(_MIN_SUSPECTS, self._limits.concurrency):
                self._end(error)
            return []
        return [*self._cleared(), _Finished(result)]

    def _cleared(self) -> list[_Finished]:
        """The failures held back: somebody got through, so they are the articles' own."""
        cleared, self._suspects = self._suspects, []
        return cleared

    async def _result(self, record: Record) -> BatchResult:
        if record.article is None:
            raise record.error or InputError("no article")
        json, provenance = await self._render(record.article)
        cost = provenance.usage.cost_usd
        if cost is not None:
            self._cost_usd = (self._cost_usd or 0.0) + cost
        return BatchResult(record.id, json)

    async def _write(self) -> None:
        """Writes what is finished, all at once what has come meanwhile: the disk takes its time."""
        is_last = is_broken = False
        while not is_last:
            items = [await self._finished.get()]
            while not self._finished.empty():
                items.append(self._finished.get_nowait())
            is_last = None in items
            finished = [item for item in items if item is not None]
            if self._output and not is_broken:
                lines = [item.result for item in finished if item.is_written]
                try:
                    await asyncio.to_thread(self._output.append, lines)
                except Exception as error:  # noqa: BLE001  nothing more can be kept
                    is_broken = True
                    self._end(error)
            if is_broken:
                continue
            for item in finished:
                self._done += item.result.ok
                self._failed += not item.result.ok
                self._written.put_nowait(item.result)
            while self._written.qsize() > self._limits.concurrency:
                self._is_read.clear()
                await self._is_read.wait()


def _may_be_for_all(error: Exception) -> bool:
    """Whether it may be the endpoint that fails, and not this article."""
    return isinstance(error, RateLimitError) or (isinstance(error, SummarizeError) and error.fatal)
