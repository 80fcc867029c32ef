"""Ctrl-C for runs that end in good order."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


def interrupt() -> None:
    """Ends a run as Ctrl-C does."""
    raise KeyboardInterrupt


@contextmanager
def stoppable(
    first: Callable[[], None] = lambda: None, later: Callable[[], None] = interrupt
) -> Iterator[Event]:
    """Has the first Ctrl-C or SIGTERM set the event and call `first`, later ones call `later`."""
    stopped = Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        act = later if stopped.is_set() else first
        stopped.set()
        act()

    # Not where they are ignored, as for a program in the background.
    taken = {
        number: signal.signal(number, stop)
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield stopped
    finally:
        for number, before in taken.items():
            signal.signal(number, before)
