"""What a person sees on standard error: which model, what is going on, what went wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from summarize.cli import DONE, NOTHING_DONE, SOME_FAILED, one_line
from summarize.errors import SummarizeError
from summarize.models import ModelSettings
from summarize.progress import Progress

# As often as the eye wants it; more is work for nothing.
_FRAMES_PER_SECOND = 8
# Seconds; a log of a night has a line for every half minute.
_LOG_INTERVAL = 30.0


class Messages:
    """Messages and progress on standard error; a live line on a terminal, plain lines elsewhere.

    Attributes:
        errors: how many errors were printed.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.errors = 0
        self._quiet = quiet
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._spinner = Spinner("dots", Text("starting"))
        self._live: Live | None = None
        self._task = ""
        # When the task, or the last line of a log, began.
        self._since = time.monotonic()
        self._logged: set[str] = set()

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
        self.errors += 1
        self._print(f"summarize: {error}")

    def exit_code(self, *, is_anything_done: bool = True) -> int:
        """Returns the exit code of a command that has printed an error for all that failed."""
        if self.errors == 0:
            return DONE
        return SOME_FAILED if is_anything_done else NOTHING_DONE

    def start_task(self, task: str) -> None:
        """Names what the progress is about from now on."""
        self._task, self._since = task, time.monotonic()
        self._logged.clear()
        self._show(task)

    def start_model(self, settings: ModelSettings, replay: str | None = None) -> None:
        """Says which model it is and why, before it is loaded."""
        where = f" at {settings.address}" if settings.address else ""
        replayed = f", replayed from {replay}" if replay else ""
        self.info(f"model: {settings.name}{where} ({settings.why}){replayed}")
        self.start_task(settings.name)

    def update(self, line: str) -> None:
        """Replaces the live line; where there is none, prints one now and then."""
        self._show(line)
        if not self._live and time.monotonic() - self._since > _LOG_INTERVAL:
            self._since = time.monotonic()
            self.info(line)

    def on_progress(self, progress: Progress) -> None:
        """Shows one step; a `ProgressCallback`."""
        if progress.stage == "adapting":
            self.info(progress.note)
            return
        what, far = _words(progress)
        step = f"{self._task} · {what}"
        self._show(f"{step}{far} · {time.monotonic() - self._since:.0f} s")
        # Once for each task: a log is no place for a line that moves.
        if not self._live and step not in self._logged:
            self._logged.add(step)
            self.info(step)

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

    def _show(self, line: str) -> None:
        self._spinner.update(text=Text(one_line(line)))

    def _print(self, line: str) -> None:
        line = one_line(line)
        if self._live:
            # Above the live line, which moves down.
            self._console.print(Text(line), soft_wrap=True)
        else:
            print(line, file=sys.stderr, flush=True)  # noqa: T201


def _words(progress: Progress) -> tuple[str, str]:
    """Returns what is done, and how far it is."""
    what, far = str(progress.stage), ""
    if progress.unit == "bytes" and progress.total:
        what += f" the embedded model ({progress.total / 1e9:.1f} GB)"
        far = f" · {progress.done / progress.total:.0%}"
    elif progress.unit == "seconds" and progress.total:
        what += f" {progress.total:.0f} s"
    elif progress.done:
        far = f" · {progress.done:.0f} tokens"
    return what + (f" ({progress.note})" if progress.note else ""), far


# Numbers in words


def counted(number: int, one: str, many: str = "") -> str:
    """A number of things: "1 summary", "1,200 summaries"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """A time as people say it: "8 s", "3 min 05 s", "11 h 20 min"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def rate(per_second: float) -> str:
    """So many a second, or a minute where they are slow."""
    return f"{per_second:.1f}/s" if per_second >= 1 else f"{per_second * 60:.1f}/min"


def usage(tokens: int, cost_usd: float | None) -> Iterator[str]:
    """Tokens and their price, as far as they are known."""
    if tokens:
        yield f"{tokens:,} tokens"
    if cost_usd is not None:
        yield f"${cost_usd:.2f}"
