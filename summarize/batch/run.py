"""Runs a batch: so many articles at a time, each result written as it comes.

Records come from a thread of their own, since standard input may block. Each of the workers takes a
record, asks, and hands on the result; a writer puts on the disk together whatever has come while it
wrote. Memory holds only what is in flight.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, suppress

from summarize.batch.plan import Plan, Task
from summarize.batch.read_ahead import ReadAhead
from summarize.batch.results import BatchError, BatchResult
from summarize.errors import (
    AuthenticationError,
    ClusterError,
    InputError,
    LocalModelError,
    RateLimitError,
    SummarizeError,
)
from summarize.models.rate_limiter import RateLimiter, StoppedError
from summarize.pipeline.garbage_collection import collecting_rarely
from summarize.pipeline.summarizer import Render
from summarize.sources.inputs import Record

# Failures in a row, at least, before they are taken for the endpoint's.
_MIN_SUSPECTS = 3

_Finished = tuple[Task, BatchResult]

Output = Callable[[list[BatchResult]], None]
"""Writes results; returns when they are safe, or raises an OutputError."""

Rendering = Callable[[int], AbstractAsyncContextManager[tuple[Render, int]]]
"""Makes articles their summaries, in this process or on others; see `Summarizer.rendering`."""


class Batch:
    """One run. Iterate over `groups()` once.

    `rendering` makes the summaries, with the same limiter; `output` is called with results before
    they count; `max_tokens` are those after which no more articles are begun.

    Attributes:
        done: summaries made in this run.
        failed: articles that failed in this run.
        cost_usd: of the summaries made; None where the price is not known.
        is_stopped: it ended, or is ending, before all was done.
        is_out_of_tokens: it ended because of `max_tokens`.
    """

    def __init__(
        self,
        plan: Plan,
        rendering: Rendering,
        limiter: RateLimiter,
        concurrency: int,
        *,
        max_tokens: int | None = None,
        output: Output | None = None,
    ) -> None:
        self.plan = plan
        self.limiter = limiter
        self.done = 0
        self.failed = 0
        self.cost_usd: float | None = None
        self.is_stopped = False
        self.is_out_of_tokens = False
        self._rendering = rendering
        self._concurrency = concurrency
        self._max_tokens = max_tokens
        self._output = output
        self._started = time.monotonic()
        self._busy = 0
        self._error: BaseException | None = None
        # The first four are there from the start of the run on.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None]
        self._tasks: ReadAhead[Task]
        self._render: Render
        self._workers: list[asyncio.Task[None]] = []
        # Failures that may be the endpoint's and not the article's: see `_judged`.
        self._suspects: list[_Finished] = []
        self._finished: asyncio.Queue[_Finished | None] = asyncio.Queue(concurrency)
        self._written: list[BatchResult] = []
        self._is_written = asyncio.Event()
        self._is_read = asyncio.Event()

    @property
    def met(self) -> int:
        """Records that are through, in this run or before."""
        return self.done + self.failed + self.plan.kept + self.plan.kept_failures

    @property
    def seconds(self) -> float:
        """Seconds since the first article was asked about."""
        return time.monotonic() - self._started

    @property
    def in_flight(self) -> int:
        """Articles being asked about."""
        return min(self._busy, self._concurrency)

    def stop(self) -> None:
        """Takes no more articles; those in flight are finished."""
        self.is_stopped = True
        self.limiter.stop()
        if self._loop:
            self._tasks.close()
            if not self._workers:
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

    async def groups(self) -> AsyncGenerator[list[BatchResult]]:
        """Does what is to be done; yields results once they are written, in no order.

        Raises:
            SummarizeError: no other article would fare better: the key is refused, nothing gets
                through, the results cannot be written. What was done is kept.
        """
        self._tasks = ReadAhead(self.plan, self._concurrency)
        self._work = asyncio.create_task(self._summarize())
        self._loop = asyncio.get_running_loop()
        try:
            with collecting_rarely():
                while self._written or not self._work.done():
                    await self._is_written.wait()
                    self._is_written.clear()
                    group, self._written = self._written, []
                    self._is_read.set()
                    if group:
                        yield group
                await self._work
        finally:
            # Leaving the loop early stops the run.
            self.is_stopped |= not self._work.done()
            self._work.cancel()
            with suppress(asyncio.CancelledError):
                await self._work
            self._tasks.close()
        if self._error:
            raise self._error

    async def _summarize(self) -> None:
        try:
            async with (
                self._rendering(self._concurrency) as (self._render, number),
                asyncio.TaskGroup() as group,
            ):
                self._started = time.monotonic()
                self._workers = [group.create_task(self._worker()) for _ in range(number)]
                group.create_task(self._write())
                await asyncio.wait(self._workers)
                # A run that is stopped leaves them to the next one.
                for suspect in [] if self.is_stopped else self._suspects:
                    await self._finished.put(suspect)
                await self._finished.put(None)
        except asyncio.CancelledError:
            if not self.is_stopped:
                raise
        except Exception as error:  # noqa: BLE001  raised by `groups`
            self._error = self._error or error
        finally:
            self._is_written.set()

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
        if self.is_stopped:
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
        article = task.record.article
        if self._max_tokens is None or article is None:
            return True
        # The prompt costs something, too: an article is a request at least.
        mean = self.limiter.tokens / max(self.limiter.answered, 1)
        # What is in flight will cost about as much again.
        expected = (self._busy + 1) * max(self.limiter.expected(len(article.text)), mean)
        if self.limiter.tokens + expected <= self._max_tokens:
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
            failure = BatchError.of(error)
            result = BatchResult(task.record.id, error=failure)
            is_fatal = isinstance(error, SummarizeError) and error.fatal
            if is_fatal or isinstance(error, RateLimitError):
                self._suspects.append((task, result))
                if len(self._suspects) >= max(_MIN_SUSPECTS, self._concurrency):
                    self._end(error)
                return []
            if not failure.attempts:
                # An article that was never asked about says nothing of the endpoint.
                return [(task, result)]
        # Somebody got through: the failures held back are the articles' own.
        cleared, self._suspects = self._suspects, []
        return [*cleared, (task, result)]

    async def _result(self, record: Record) -> BatchResult:
        if record.article is None:
            raise record.error or InputError("no article")
        json, provenance = await self._render(record.article)
        cost = provenance.usage.cost_usd
        if cost is not None:
            self.cost_usd = (self.cost_usd or 0.0) + cost
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
                lines = [r for t, r in finished if not (t.earlier and t.earlier.outweighs(r))]
                try:
                    await asyncio.to_thread(self._output, lines)
                except Exception as error:  # noqa: BLE001  nothing more can be kept
                    is_broken = True
                    self._end(error)
            if is_broken:
                continue
            for _, result in finished:
                self.done += result.ok
                self.failed += not result.ok
                self._written.append(result)
            self._is_written.set()
            while len(self._written) > self._concurrency:
                self._is_read.clear()
                await self._is_read.wait()
