"""What a person sees on standard error: which model, what is going on, what went wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from summarize.cli import one_line
from summarize.errors import SummarizeError
from summarize.models import ModelSettings
from summarize.progress import Progress

__all__ = ["Messages"]

_STAGES = {
    "assembling": "putting the embedded model together",
    "checking": "checking the embedded model",
    "loading": "loading the embedded model",
    "reading": "reading",
    "writing": "writing",
    "waiting": "waiting",
}
# As often as the eye wants it; more is work for nothing.
_FRAMES_PER_SECOND = 8
# Seconds; a log of a night has a line for every half minute.
_LOG_INTERVAL = 30.0


class Messages:
    """Messages and progress on standard error; a live line on a terminal, plain lines elsewhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._spinner = Spinner("dots", Text("starting"))
        self._live: Live | None = None
        self._task = ""
        # When the task, or the last line of a log, began.
        self._since = time.monotonic()
        self._logged: set[str] = set()
        self._lock = Lock()

    def __enter__(self) -> Self:
        if not self._quiet and self._console.is_interactive:
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def info(self, line: str) -> None:
        """Prints a line, unless quiet."""
        if not self._quiet:
            self._print(line)

    def error(self, error: SummarizeError | str) -> None:
        """Prints a line, quiet or not."""
        self._print(f"summarize: {error}")

    def start_task(self, task: str) -> None:
        """Names what the progress is about from now on."""
        with self._lock:
            self._task, self._since = task, time.monotonic()
            self._logged.clear()
            self._spinner.update(text=Text(one_line(task)))

    def start_model(self, settings: ModelSettings, replay: str | None = None) -> None:
        """Says which model it is and why, before it is loaded."""
        where = f" at {settings.address}" if settings.address else ""
        replayed = f", replayed from {replay}" if replay else ""
        self.info(f"model: {settings.name}{where} ({settings.why}){replayed}")
        self.start_task(settings.name)

    def update(self, line: str) -> None:
        """Replaces the live line; where there is none, prints one now and then."""
        with self._lock:
            if self._live:
                self._spinner.update(text=Text(one_line(line)))
            elif not self._quiet and time.monotonic() - self._since > _LOG_INTERVAL:
                self._since = time.monotonic()
                self._print(line)

    def on_progress(self, progress: Progress) -> None:
        """Shows one step; a `ProgressCallback`."""
        if progress.stage == "adapting":
            self.info(progress.note)
            return
        with self._lock:
            if self._live:
                seconds = f" · {time.monotonic() - self._since:.0f} s"
                line = one_line(f"{self._task}{_step(progress)}{seconds}")
                self._spinner.update(text=Text(line))
            elif not self._quiet:
                # Once for each task: a log is no place for a line that moves.
                step = _step(progress, with_figures=False)
                if step not in self._logged:
                    self._logged.add(step)
                    self._print(f"{self._task}{step}")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Removes the live line while results are written to the same terminal."""
        was_live = self._live is not None
        self._stop()
        try:
            yield
        finally:
            if was_live:
                self._start()

    def _start(self) -> None:
        # Results go to standard output as it is: it may be a file, whatever standard error is.
        self._live = Live(
            self._spinner,
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=_FRAMES_PER_SECOND,
        )
        self._live.start()

    def _stop(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _print(self, line: str) -> None:
        line = one_line(line)
        if self._live:
            # Above the live line, which moves down.
            self._console.print(Text(line), soft_wrap=True)
        else:
            print(line, file=sys.stderr, flush=True)  # noqa: T201


def _step(progress: Progress, *, with_figures: bool = True) -> str:
    """The words for a step, with how far it is unless the line stays."""
    note = f" ({progress.note})" if progress.note else ""
    words = f" · {_STAGES[progress.stage]}{note}"
    has_begun = with_figures and progress.done
    if progress.unit == "bytes" and progress.total:
        share = f" {progress.done / progress.total:.0%}" if has_begun else ""
        return f"{words}{share} ({progress.total / 1e9:.1f} GB)"
    if progress.unit == "seconds" and progress.total:
        return f"{words} {progress.total:.0f} s"
    return f"{words} · {progress.done:.0f} tokens" if has_begun else words
