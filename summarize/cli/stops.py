"""Ctrl-C for runs that end in good order."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

__all__ = ["stoppable"]


@contextmanager
def stoppable(act: Callable[[], None] = lambda: None) -> Iterator[Event]:
    """The first Ctrl-C, or SIGTERM, calls `act` and sets the event; the second breaks in."""
    stopped = Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
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
