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

from summarize.batch.engines import opened
from summarize.batch.plan import Plan, recipe_of
from summarize.batch.results import BatchResult
from summarize.batch.results_file import ResultsFile, ResultsStream
from summarize.batch.run import Batch, BatchProgress, Limits
from summarize.cli import DONE, INTERRUPTED, NOTHING_DONE, SOME_FAILED, error_message
from summarize.cli.batch_messages import (
    Failures,
    InputCount,
    check_apart,
    report_earlier,
    report_kept,
    report_nothing_to_do,
)
from summarize.cli.formatting import counted, duration, rate, usage
from summarize.cli.messages import Messages
from summarize.cli.model_options import settings_of
from summarize.cli.signals import stoppable
from summarize.errors import OutputError
from summarize.progress import Progress
from summarize.sources.inputs import read_records

# Seconds between two updates of the live line: often enough to look alive.
_TICK = 0.25
# Seconds that the speed is measured over, and articles in them that are enough for it.
_SPEED_WINDOW, _ENOUGH = 60, 20


def run(options: argparse.Namespace) -> int:
    """Summarizes the articles that the options name; returns the exit code."""
    with Messages(quiet=options.quiet) as messages, ExitStack() as stack:
        settings = settings_of(options)
        recipe = recipe_of(settings, options.prompts)
        records = read_records(options.inputs, on_skipped=messages.info)
        results = None
        if options.output != "-":
            check_apart(Path(options.output), options.inputs)
            results = stack.enter_context(ResultsFile.opened(Path(options.output)))
            report_earlier(results, recipe, messages, retry_failed=options.retry_failed)
        plan = Plan(
            islice(records, options.limit), recipe, results, retry_failed=options.retry_failed
        )
        if plan.is_done():
            return report_nothing_to_do(plan, messages)
        limits = Limits.of(
            settings,
            options.concurrency,
            rpm=options.rpm,
            tpm=options.tpm,
            max_tokens=options.max_tokens_total,
        )
        messages.start_model(settings, options.replay)
        display = _Display(messages, options)
        engine = stack.enter_context(
            opened(
                options.engine,
                settings,
                limits,
                concurrency=options.concurrency,
                prompts=options.prompts,
                record=options.record,
                replay=options.replay,
                report=display.on_progress,
            )
        )
        if engine.about:
            messages.info(engine.about)
        output = results or ResultsStream(sys.stdout)
        batch = Batch(plan, engine.summarizer, engine.limiter, engine.limits, output)
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
            display.messages.error(f"stopped: {error_message(error)}")
            if not isinstance(error, OutputError):
                display.say_how_to_resume(batch)
            return NOTHING_DONE
    display.end(batch)
    display.say_how_to_resume(batch)
    if stopped.is_set():
        return INTERRUPTED
    progress = batch.progress
    failed = progress.failed or progress.kept_failures or batch.is_out_of_tokens
    return SOME_FAILED if failed else DONE


async def _consume(batch: Batch, display: _Display) -> None:
    ticking = asyncio.create_task(_tick(batch, display))
    try:
        async for result in batch.run():
            display.add(result)
    finally:
        ticking.cancel()


async def _tick(batch: Batch, display: _Display) -> None:
    while True:
        display.update(batch.progress)
        await asyncio.sleep(_TICK)


class _Display:
    """What is said of a run on standard error."""

    def __init__(self, messages: Messages, options: argparse.Namespace) -> None:
        self.messages = messages
        # The name of the file that a run can be resumed from.
        self._file = "" if options.output == "-" else options.output
        self._failures = Failures(messages, self._file or "the output")
        self._count = InputCount(options.inputs, options.limit)
        # What the model does; dropped when a result comes.
        self._step: Progress | None = None
        # Times, and how many articles were through.
        self._pulse: deque[tuple[float, int]] = deque(maxlen=int(_SPEED_WINDOW / _TICK))

    def on_progress(self, progress: Progress) -> None:
        """A `ProgressCallback`: keeps what the model does for the live line."""
        if progress.stage == "adapting" or not self._pulse:
            self.messages.on_progress(progress)
        if progress.stage != "adapting":
            self._step = progress

    def add(self, result: BatchResult) -> None:
        """Takes in a result."""
        self._step = None
        self._failures.add(result)

    def update(self, progress: BatchProgress) -> None:
        """Shows how far the run is."""
        self._pulse.append((time.monotonic(), progress.done + progress.failed))
        self.messages.update(" · ".join(self._parts(progress)))

    def _parts(self, progress: BatchProgress) -> Iterator[str]:
        yield f"{progress.met:,}{self._count}"
        if failed := progress.failed + progress.kept_failures:
            yield f"{failed:,} failed"
        if speed := self._speed(progress):
            yield rate(speed)
        yield from usage(progress.tokens, progress.cost_usd)
        yield f"{progress.in_flight} in flight"
        if (step := self._step) and step.stage in {"reading", "writing"} and step.done:
            yield f"{step.stage}, {step.done:,.0f} tokens"
        elif step and step.stage == "waiting" and step.note:
            yield f"waiting: {step.note}"
        if speed and self._count.total:
            yield f"{duration((self._count.total - progress.met) / speed)} left"
        if progress.pause > 1:
            yield f"the endpoint asks to wait {duration(progress.pause)}"

    def _speed(self, progress: BatchProgress) -> float:
        """Articles a second: of the last minute, or of all where they are few."""
        (first, before), (last, now) = self._pulse[0], self._pulse[-1]
        if now - before >= _ENOUGH:
            return (now - before) / (last - first)
        return now / progress.seconds if progress.seconds else 0.0

    def stopping(self, progress: BatchProgress) -> None:
        """Says what the first Ctrl-C does."""
        articles = counted(progress.in_flight, "article")
        self.messages.error(f"finishing {articles} in flight; once more stops now")

    def end(self, batch: Batch) -> None:
        """Says what was done."""
        progress = batch.progress
        seconds = progress.seconds
        parts = [counted(progress.done, "summary", "summaries"), *self._failures.parts()]
        # A rate over less than a second says nothing.
        speed = rate((progress.done + progress.failed) / seconds) if seconds >= 1 else ""
        parts.append(f"in {duration(seconds)} ({speed})" if speed else "at once")
        self.messages.info(", ".join([*parts, *usage(progress.tokens, progress.cost_usd)]))
        report_kept(batch.plan, self.messages)
        if batch.is_out_of_tokens:
            self.messages.error("stopped at the limit of tokens")

    def say_how_to_resume(self, batch: Batch) -> None:
        """Says how to go on with what was not done."""
        if batch.is_stopped and self._file:
            self.messages.error(f"the same command goes on from here ({self._file})")
