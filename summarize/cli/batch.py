"""`summarize batch`: articles by the thousand, one line of JSON each."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from threading import Thread

from summarize.batch.engines import opened
from summarize.batch.plan import Plan, recipe_of
from summarize.batch.results import BatchResult
from summarize.batch.results_file import ResultsFile, ResultsStream
from summarize.batch.run import Batch, BatchProgress, Limits
from summarize.cli import DONE, INTERRUPTED, NOTHING_DONE, SOME_FAILED, told
from summarize.cli.asking import settings_of
from summarize.cli.console import Messages
from summarize.cli.outcome import (
    Failures,
    check_apart,
    nothing_to_do,
    spent,
    tell_earlier,
    tell_kept,
)
from summarize.cli.stops import stoppable
from summarize.cli.words import counted, duration, rate
from summarize.errors import OutputError
from summarize.progress import Progress
from summarize.sources.inputs import count_records, read_records

__all__ = ["run"]

# Seconds between two looks at the progress: often enough to look alive.
_TICK = 0.25
# Articles in the last minute that make a rate of their own.
_ENOUGH = 20


def run(options: argparse.Namespace) -> int:
    """Summarizes what the options name; returns the exit code."""
    with Messages(quiet=options.quiet) as messages, ExitStack() as stack:
        settings = settings_of(options)
        recipe = recipe_of(settings, options.prompts)
        records = read_records(options.inputs, on_skipped=messages.say)
        results = None
        if options.output != "-":
            check_apart(Path(options.output), options.inputs)
            results = stack.enter_context(ResultsFile.opened(Path(options.output)))
            tell_earlier(results, recipe, messages, retry_failed=options.retry_failed)
        plan = Plan(
            islice(records, options.limit), recipe, results, retry_failed=options.retry_failed
        )
        if plan.is_done():
            return nothing_to_do(plan, messages)
        limits = Limits.of(
            settings,
            options.concurrency,
            rpm=options.rpm,
            tpm=options.tpm,
            max_tokens=options.max_tokens_total,
        )
        messages.begin_model(settings, options.replay)
        display = _Display(messages, str(options.output), options.limit)
        with opened(
            options.engine,
            settings,
            limits,
            concurrency=options.concurrency,
            prompts=options.prompts,
            record=options.record,
            replay=options.replay,
            report=display.report,
        ) as engine:
            if engine.about:
                messages.say(engine.about)
            output = results or ResultsStream(sys.stdout)
            batch = Batch(plan, engine.summarizer, engine.limiter, engine.limits, output)
            Thread(target=display.count, args=(options.inputs,), daemon=True).start()
            code = _run(batch, display)
        if options.limit is None:
            plan.tidy()
        return code


def _run(batch: Batch, display: _Display) -> int:
    def stop() -> None:
        batch.call_soon(batch.stop)
        batch.call_soon(lambda: display.stopping(batch.progress))

    with stoppable(stop, lambda: batch.call_soon(batch.abort)) as stopped:
        try:
            asyncio.run(_consume(batch, display))
        except OSError:
            raise  # of standard output, as with all commands: its reader has gone, for one
        except Exception as error:  # noqa: BLE001  what was done is kept
            display.end(batch)
            display.messages.fail(f"stopped: {told(error)}")
            if not isinstance(error, OutputError):
                display.go_on(batch)
            return NOTHING_DONE
    display.end(batch)
    display.go_on(batch)
    if stopped.is_set():
        return INTERRUPTED
    progress = batch.progress
    failed = progress.failed or progress.kept_failures or batch.is_out_of_tokens
    return SOME_FAILED if failed else DONE


async def _consume(batch: Batch, display: _Display) -> None:
    ticking = asyncio.create_task(_tick(batch, display))
    try:
        async for result in batch.run():
            display.tell(result)
    finally:
        ticking.cancel()


async def _tick(batch: Batch, display: _Display) -> None:
    while True:
        display.show(batch.progress)
        await asyncio.sleep(_TICK)


class _Display:
    """What is said of a run on standard error."""

    def __init__(self, messages: Messages, output: str, limit: int | None) -> None:
        self.messages = messages
        self._keeps = output != "-"
        self._output = output if self._keeps else "the output"
        self._limit = limit
        self._total: int | None = limit
        self._note: Progress | None = None
        # Articles through when it came.
        self._noted = 0
        self._failures = Failures(messages, self._output)
        # Times and numbers of articles through, over the last minute or so.
        self._pulse: deque[tuple[float, int]] = deque(maxlen=int(60 / _TICK))
        self._is_running = False

    def count(self, inputs: list[str]) -> None:
        """Counts the input, which may take a moment; runs in a thread of its own."""
        number = count_records(inputs)
        if number is not None:
            self._total = number if self._limit is None else min(number, self._limit)

    def report(self, progress: Progress) -> None:
        """A `ProgressCallback`: what the model does, for the line that moves."""
        if progress.stage == "adapting":
            self.messages.report(progress)
            return
        self._note = progress
        self._noted = self._pulse[-1][1] if self._pulse else 0
        if not self._is_running:
            self.messages.report(progress)

    def show(self, progress: BatchProgress) -> None:
        """Shows how far the run is."""
        self._is_running = True
        through = progress.done + progress.failed
        self._pulse.append((time.monotonic(), through))
        self.messages.show(" · ".join(self._parts(progress)))

    def _parts(self, progress: BatchProgress) -> Iterator[str]:
        total = f" of {self._total:,}" if self._total else ""
        yield f"{progress.met:,}{total}"
        if failed := progress.failed + progress.kept_failures:
            yield f"{failed:,} failed"
        if speed := self._speed(progress):
            yield rate(speed)
        yield from spent(progress.tokens, progress.cost_usd)
        yield f"{progress.in_flight} in flight"
        note = self._note
        if note and note.stage in {"reading", "writing"} and note.done:
            yield f"{note.stage}, {note.done:,.0f} tokens"
        # Old news once another article has come through.
        is_news = self._noted == progress.done + progress.failed
        if note and note.stage == "waiting" and note.note and is_news:
            yield f"waiting: {note.note}"
        if speed and self._total:
            yield f"{duration((self._total - progress.met) / speed)} left"
        if progress.pause > 1:
            yield f"the endpoint asks to wait {duration(progress.pause)}"

    def _speed(self, progress: BatchProgress) -> float:
        """Articles a second: of late, or of all where they are few."""
        (first, before), (last, now) = self._pulse[0], self._pulse[-1]
        if now - before >= _ENOUGH:
            return (now - before) / (last - first)
        return now / progress.seconds if progress.seconds else 0.0

    def tell(self, result: BatchResult) -> None:
        """Says that an article failed; the first few times why."""
        self._failures.tell(result)

    def stopping(self, progress: BatchProgress) -> None:
        """Says what the first Ctrl-C does."""
        flying = counted(progress.in_flight, "article")
        self.messages.fail(f"finishing {flying} in flight; once more stops now")

    def end(self, batch: Batch) -> None:
        """The closing report."""
        self.messages.say(", ".join(self._closing(batch.progress)))
        tell_kept(batch.plan, self.messages)
        if batch.is_out_of_tokens:
            self.messages.fail("stopped at the limit of tokens")

    def go_on(self, batch: Batch) -> None:
        """Says how to go on with what was not done."""
        if batch.is_stopped and self._keeps:
            self.messages.fail(f"the same command goes on from here ({self._output})")

    def _closing(self, progress: BatchProgress) -> Iterator[str]:
        yield counted(progress.done, "summary", "summaries")
        if self._failures.number:
            yield str(self._failures)
        through = progress.done + progress.failed
        seconds = progress.seconds
        # A rate over less than a second says nothing.
        yield f"in {duration(seconds)} ({rate(through / seconds)})" if seconds >= 1 else "at once"
        yield from spent(progress.tokens, progress.cost_usd)
