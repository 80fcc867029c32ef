"""`summarize batch`: articles by the thousand, one line of JSON each."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from threading import Thread

from summarize.api import LIMITS
from summarize.batch.engines import opened
from summarize.batch.run import Batch
from summarize.cli import INTERRUPTED, NOTHING_DONE, SOME_FAILED, error_message
from summarize.cli.arguments import FILES, taken
from summarize.cli.batch_setup import BatchSetup, set_up
from summarize.cli.messages import counted, duration, rate, usage
from summarize.cli.signals import stoppable
from summarize.errors import InputError, OutputError
from summarize.progress import Progress
from summarize.sources.inputs import count_records

# Seconds between two updates of the live line: often enough to look alive.
_TICK = 0.25


def run_batch(options: argparse.Namespace) -> int:
    """Summarizes the articles that the options name; returns the exit code."""
    with set_up(options, options.output) as setup:
        plan = setup.plan(options.limit)
        if plan.is_done():
            return setup.report_nothing_to_do(plan)
        setup.messages.start_model(setup.settings, options.replay)
        display = _Display(setup)
        given = taken(options, ("engine", *LIMITS, *FILES))
        report = display.on_progress
        with opened(plan, setup.settings, setup.output, report=report, **given) as batch:
            return _run(batch, setup, display)


def _run(batch: Batch, setup: BatchSetup, display: _Display) -> int:
    messages = setup.messages

    def stop() -> None:
        batch.call_soon(batch.stop)
        articles = counted(batch.in_flight, "article")
        what = f"finishing {articles} in flight; once more stops now"
        batch.call_soon(partial(messages.error, what))

    failure: Exception | None = None
    with stoppable(stop, lambda: batch.call_soon(batch.abort)) as stopped:
        try:
            asyncio.run(_consume(batch, setup, display))
        except OSError:
            raise  # of standard output, as with all commands: its reader has gone, for one
        except Exception as error:  # noqa: BLE001  what was done is kept
            failure = error
    # A rate over less than a second says nothing.
    seconds, time = batch.seconds, "at once"
    if seconds >= 1:
        time = f"in {duration(seconds)} ({rate((batch.done + batch.failed) / seconds)})"
    spent = usage(batch.limiter.tokens, batch.cost_usd)
    setup.report_end(batch.plan, counted(batch.done, "summary", "summaries"), time, *spent)
    if batch.is_out_of_tokens:
        messages.error("stopped at the limit of tokens")
    if failure:
        messages.error(f"stopped: {error_message(failure)}")
    if batch.is_stopped and setup.results and not isinstance(failure, OutputError):
        messages.error(f"the same command goes on from here ({setup.options.output})")
    if failure:
        return NOTHING_DONE
    if stopped.is_set():
        return INTERRUPTED
    return SOME_FAILED if batch.plan.kept_failures else messages.exit_code()


async def _consume(batch: Batch, setup: BatchSetup, display: _Display) -> None:
    async def tick() -> None:
        while True:
            display.update(batch)
            await asyncio.sleep(_TICK)

    ticking = asyncio.create_task(tick())
    try:
        async for group in batch.groups():
            display.waiting = ""
            for result in group:
                setup.add(result)
    finally:
        ticking.cancel()


class _Display:
    """How far a run is, on the live line; `waiting` is for what, until a result comes."""

    def __init__(self, setup: BatchSetup) -> None:
        self.waiting = ""
        self._inputs = setup.options.inputs
        self._messages = setup.messages
        self._is_running = False
        # Records of the input, once they are counted.
        self._total: int | None = setup.options.limit
        Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        # Whoever reads the input says what is wrong with it.
        with suppress(InputError):
            counts = [count_records(self._inputs), self._total]
            self._total = min((count for count in counts if count is not None), default=None)

    def on_progress(self, progress: Progress) -> None:
        """A `ProgressCallback`: keeps what the model waits for."""
        if progress.stage == "adapting" or not self._is_running:
            self._messages.on_progress(progress)
        elif progress.stage == "waiting":
            self.waiting = progress.note

    def update(self, batch: Batch) -> None:
        """Shows how far the run is."""
        self._is_running = True
        self._messages.update(" · ".join(self._parts(batch)))

    def _parts(self, batch: Batch) -> Iterator[str]:
        yield f"{batch.met:,}" + (f" of {self._total:,}" if self._total else "")
        if failed := batch.failed + batch.plan.kept_failures:
            yield f"{failed:,} failed"
        speed = (batch.done + batch.failed) / max(batch.seconds, 1.0)
        if speed:
            yield rate(speed)
        yield from usage(batch.limiter.tokens, batch.cost_usd)
        yield f"{batch.in_flight} in flight"
        if self.waiting:
            yield f"waiting: {self.waiting}"
        if batch.limiter.pause > 1:
            yield f"the endpoint asks to wait {duration(batch.limiter.pause)}"
        if speed and self._total:
            yield f"{duration((self._total - batch.met) / speed)} left"
