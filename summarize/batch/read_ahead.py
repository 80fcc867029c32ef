"""Reads a blocking iterator in a thread, ahead of the event loop that takes its items."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from contextlib import suppress
from threading import Semaphore, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class ReadAhead(Generic[T]):
    """Reads on while it holds less than `room` items. Made in the event loop that takes them.

    The thread does not wait for the loop after each item: Python switches between them after 5 ms
    only, which would be 200 items a second.
    """

    def __init__(self, items: Iterable[T], room: int) -> None:
        self._items = items
        self._room = Semaphore(room)
        # None and errors end it.
        self._queue: asyncio.Queue[T | Exception | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._is_closed = False
        # Python closes it when it ends, and cannot while this thread waits for it: that is fatal.
        self._held = sys.stdin
        Thread(target=self._read, daemon=True).start()

    async def take(self) -> T | None:
        """Returns the next item; None at the end.

        Raises:
            Exception: what the iterator raised, once.
        """
        item = None if self._is_closed else await self._queue.get()
        if self._is_closed or item is None or isinstance(item, Exception):
            # For others who wait.
            self._queue.put_nowait(None)
            if isinstance(item, Exception):
                raise item
            return None
        self._room.release()
        return item

    def close(self) -> None:
        """Ends it for whoever waits; the thread ends with the item that it waits for."""
        self._is_closed = True
        self._room.release()
        self._queue.put_nowait(None)

    def _read(self) -> None:
        try:
            for item in self._items:
                self._room.acquire()
                if self._is_closed:
                    return
                self._put(item)
        except Exception as error:  # noqa: BLE001  the iterable may be anybody's
            self._put(error)
        self._put(None)

    def _put(self, item: T | Exception | None) -> None:
        # The loop may be closed.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)
