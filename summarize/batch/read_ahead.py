"""An iterator that may keep one waiting, read in a thread and taken from an event loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from queue import Empty, Queue
from threading import Thread
from typing import Generic, TypeVar

__all__ = ["ReadAhead"]

T = TypeVar("T")


class ReadAhead(Generic[T]):
    """Reads on while there is room; made in the event loop that it is taken from.

    The thread does not wait for the loop with each item: Python hands over from one to the other
    after 5 ms only, which would be 200 items a second.

    Args:
        items: to be read, in the thread.
        room: how many are held at most.
    """

    def __init__(self, items: Iterable[T], room: int) -> None:
        self._items = items
        self._queue: Queue[T] = Queue(room)
        self._loop = asyncio.get_running_loop()
        # That there is something new: an item, the end, or that nobody wants any more.
        self._news = asyncio.Event()
        self._is_ended = False
        self._error: Exception | None = None
        # Python closes it when it ends, and cannot while this thread waits for it: that is fatal.
        self._held = sys.stdin
        Thread(target=self._read, daemon=True).start()

    async def take(self) -> T | None:
        """The next item; None at the end.

        Raises:
            Exception: what the iterator broke off with, once.
        """
        while True:
            try:
                return self._queue.get_nowait()
            except Empty:
                pass
            if self._is_ended and self._queue.empty():
                error, self._error = self._error, None
                if error:
                    raise error
                return None
            self._news.clear()
            # It may have come in between.
            if self._queue.empty() and not self._is_ended:
                await self._news.wait()

    def close(self) -> None:
        """Ends it for whoever waits; the thread ends with the item that it waits for."""
        self._is_ended = True
        while not self._queue.empty():
            self._queue.get_nowait()
        self._news.set()

    def _read(self) -> None:
        try:
            for item in self._items:
                if self._is_ended:
                    return
                self._queue.put(item)
                self._tell()
        except Exception as error:  # noqa: BLE001  the iterable may be anybody's
            self._error = error
        self._is_ended = True
        self._tell()

    def _tell(self) -> None:
        if self._news.is_set():
            return
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:
            self._is_ended = True  # the loop is closed
