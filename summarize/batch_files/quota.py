"""When to try again where an account has too much waiting already."""

from __future__ import annotations

import time

__all__ = ["Queue"]

# Seconds that others of the account may keep it full: a batch has a day.
_FULL = 26 * 3_600.0
# Seconds, at most, between two tries; each leaves a failed batch behind.
_LONGEST_PAUSE = 1_800.0


class Queue:
    """The places for batches, as far as one of ours that was refused tells of them.

    Args:
        pause: seconds to the second try; each pause after it is twice as long.
    """

    def __init__(self, pause: float) -> None:
        self._first = self._pause = pause
        self._full_since: float | None = None
        self._next = 0.0

    def moved(self) -> None:
        """There was room."""
        self._pause, self._full_since, self._next = self._first, None, 0.0

    def is_worth_waiting(self) -> bool:
        """Whether others may still be through; called when a try has failed."""
        now = time.monotonic()
        self._full_since = now if self._full_since is None else self._full_since
        self._next = now + self._pause
        self._pause = min(2 * self._pause, max(self._first, _LONGEST_PAUSE))
        return now - self._full_since <= _FULL

    def is_time(self) -> bool:
        """Whether to try again."""
        return time.monotonic() >= self._next
