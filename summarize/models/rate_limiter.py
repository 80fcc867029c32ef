"""When a request may be sent, and when it is sent again.

A run keeps within its requests in flight, and its requests and tokens a minute. When the endpoint
asks to slow down (429), nothing is sent for as long as it asks; after that half as many requests
are in flight, and more again with each answer: the way of TCP with a network that drops packets
(RFC 5681), which finds what an endpoint takes without being told.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, Retrying

from summarize.errors import ConfigurationError, EndpointError, RateLimitError, SummarizeError
from summarize.models.conversation import Meter
from summarize.models.error_mapping import (
    OtherStyleError,
    SilentError,
    UnreachableError,
    WebPageError,
)
from summarize.progress import Progress, ProgressCallback

__all__ = ["RateLimiter", "RetryPolicy", "StoppedError", "aretrying", "retrying"]

# Seconds. Without a Retry-After the first pause is short, and each further one, as long as nothing
# gets through, twice as long: providers count requests by the minute.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
# Seconds. A longer Retry-After is the endpoint's way of saying no.
_LONGEST_ASKED = 600.0
# Of the requests in flight. One more for each round of answers would take 64 rounds back to 64; a
# quarter more takes a dozen, and rarely more than the endpoint takes.
_GROWTH = 0.25
# Before anything is measured: English has some five characters a token, and an answer to a page of
# news has a few hundred tokens (the seeds: 150 to 430).
_TOKENS_PER_CHARACTER = 0.2
_ANSWER_TOKENS = 400


def _backoff(failures: int, asked: float | None, first: float, longest: float) -> float:
    """The seconds to wait after so many failures in a row; `asked` are those of Retry-After."""
    seconds = min(first * 2.0 ** min(failures - 1, 50), longest)
    if asked is None:
        return seconds
    # "At once" is believed once: in a storm it would use up every attempt in no time.
    return asked if failures == 1 else max(asked, seconds)


class StoppedError(Exception):
    """The run is being stopped, and this article would have to wait."""


class RateLimiter:
    """The limits of one run, shared by all its requests, in one event loop.

    `rpm` and `tpm` are requests and tokens a minute at most; None for any number.

    Attributes:
        answered: requests that the endpoint has answered.
        last_answer: when it last did, by the monotonic clock; None before it first did.
        tokens: used by all requests so far.
    """

    def __init__(
        self, concurrency: int, *, rpm: float | None = None, tpm: float | None = None
    ) -> None:
        self.answered = 0
        self.last_answer: float | None = None
        self.tokens = 0
        self._concurrency = concurrency
        self._window = float(concurrency)
        self._active = 0
        self._requests = _PerMinute(rpm)
        self._spending = _PerMinute(tpm)
        self._characters = 0
        self._paused_until = 0.0
        self._slowed = 0.0
        self._refusals = 0
        # First come, first served; only the first of those who wait looks at the clock.
        self._queue = asyncio.Lock()
        self._room = asyncio.Event()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ends all waiting: what is in flight ends, what would have to wait is given up."""
        self._stopping.set()
        self._room.set()

    async def sleep(self, seconds: float) -> None:
        """Sleeps; raises a `StoppedError` where the run is being stopped."""
        if seconds:
            await self.wait(asyncio.Event(), seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Waits for an event; returns whether it came in time.

        Raises:
            StoppedError: the run is being stopped.
        """
        waiting = [asyncio.create_task(e.wait()) for e in (event, self._stopping)]
        try:
            done, _ = await asyncio.wait(
                waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in waiting:
                task.cancel()
        if waiting[0] not in done and waiting[1] in done:
            raise StoppedError
        return waiting[0] in done

    def expected(self, characters: int) -> float:
        """Returns the tokens that a request and its answer will take, by those so far."""
        if not self._characters:
            return characters * _TOKENS_PER_CHARACTER + _ANSWER_TOKENS
        return characters * self.tokens / self._characters

    @property
    def pause(self) -> float:
        """Seconds until the next request may be sent, as the endpoint asked."""
        return max(self._paused_until - time.monotonic(), 0.0)

    @property
    def window(self) -> int:
        """How many requests may be in flight now."""
        return int(self._window)

    @asynccontextmanager
    async def turn(self, characters: int, meter: Meter) -> AsyncIterator[None]:
        """Waits until a request of so many characters may be sent, and learns from its outcome.

        Its tokens are counted by the meter.

        Raises:
            StoppedError: the run is being stopped, and this request would have to wait.
        """
        expected = self.expected(characters)
        async with self._queue:
            await self._admission(is_first=not meter.attempts)
            self._requests.take(1)
            self._spending.take(expected)
            self._active += 1
        started, before = time.monotonic(), meter.tokens
        try:
            yield
        except RateLimitError as error:
            self._slow_down(started, error.retry_after)
            raise
        except SummarizeError as error:
            # A refusal, or no JSON, is of no use, but an answer. Else nobody answered, or somebody
            # else did, such as a proxy with a web page.
            if not isinstance(error, (EndpointError, ConfigurationError)):
                self._speed_up()
            raise
        else:
            self._speed_up()
        finally:
            self._active -= 1
            used = meter.tokens - before
            self.tokens += used
            if used:
                self._characters += characters
                self._spending.take(used - expected)
            self._room.set()

    async def _admission(self, *, is_first: bool) -> None:
        while True:
            if is_first and self._stopping.is_set():
                raise StoppedError
            wait = max(self.pause, self._requests.delay(), self._spending.delay())
            if self._active >= self.window:
                self._room.clear()
                await self._room.wait()
            elif wait > 0:
                await self.sleep(wait)
            else:
                return

    def _slow_down(self, started: float, retry_after: float | None) -> None:
        asked = retry_after if (retry_after or 0) <= _LONGEST_ASKED else None
        now = time.monotonic()
        # Requests that were in flight at the last refusal are refused as well, and say nothing new.
        is_echo = started < self._slowed
        if not is_echo:
            self._slowed = now
            self._refusals += 1
            self._window = max(1.0, self._window / 2)
        if asked is not None or not is_echo:
            pause = _backoff(self._refusals, asked, _FIRST_PAUSE, _LONGEST_PAUSE)
            self._paused_until = max(self._paused_until, now + pause)

    def _speed_up(self) -> None:
        self.answered += 1
        self.last_answer = time.monotonic()
        self._refusals = 0
        grown = self._window + max(1.0, self._window * _GROWTH) / self._window
        self._window = min(float(self._concurrency), grown)


class _PerMinute:
    """An amount a minute, spread evenly."""

    def __init__(self, per_minute: float | None) -> None:
        self._seconds_each = 60 / per_minute if per_minute else 0.0
        self._next = 0.0

    def delay(self) -> float:
        """Returns the seconds until there is room for more."""
        return self._next - time.monotonic() if self._seconds_each else 0.0

    def take(self, amount: float) -> None:
        """Takes room for an amount, or gives it back where negative."""
        # A timer that goes off late is made up for, by one at most.
        latest = max(self._next, time.monotonic() - self._seconds_each)
        self._next = latest + amount * self._seconds_each


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a question is sent again, and how many seconds to wait in between.

    Attributes:
        attempts: requests for one question; waits of 1 to 16 seconds bridge half a minute.
        slow_attempts: requests where there is no connection or no answer in time: a refused
            connection seldom recovers, and each silence costs the whole timeout.
        first_wait: before the second request; each wait after it is twice as long.
        longest_wait: the waits grow no further.
        jitter: added to each wait, at most, so that many clients do not come at once.
        outage: how long an endpoint that has answered in a run may be away, as for a restart.
    """

    attempts: int = 6
    slow_attempts: int = 3
    first_wait: float = 1.0
    longest_wait: float = 60.0
    jitter: float = 1.0
    outage: float = 300.0


def retrying(policy: RetryPolicy, report: ProgressCallback) -> Retrying:
    """Returns what calls a function until it answers, and raises the last error if it gives up."""
    return Retrying(**_settings(_Attempts(policy, report, None)))


def aretrying(
    policy: RetryPolicy, report: ProgressCallback, limiter: RateLimiter | None = None
) -> AsyncRetrying:
    """As `retrying`, for asyncio. With a run's limiter, the whole run waits where it has to."""
    settings = _settings(_Attempts(policy, report, limiter))
    return AsyncRetrying(sleep=limiter.sleep if limiter else asyncio.sleep, **settings)


def _settings(attempts: _Attempts) -> dict[str, Any]:
    return {"retry": attempts.go_on, "wait": lambda _: attempts.seconds, "reraise": True}


class _Attempts:
    """The attempts at one question so far, and the seconds until the next one."""

    def __init__(
        self, policy: RetryPolicy, report: ProgressCallback, limiter: RateLimiter | None
    ) -> None:
        self.seconds = 0.0
        self._policy = policy
        self._report = report
        self._limiter = limiter
        self._number = 0
        self._failures = 0
        self._refusals = 0
        self._answered = limiter.answered if limiter else 0
        # When this question first failed after the last answer that anybody got.
        self._down_since: float | None = None

    def go_on(self, state: RetryCallState) -> bool:
        """Whether to try again."""
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, SummarizeError):
            return False
        self._number += 1
        seconds = self._wait(error)
        if seconds:
            self._report(Progress("waiting", 0, seconds, "seconds", str(error.args[0])))
        self.seconds = seconds or 0.0
        return seconds is not None

    def _wait(self, error: SummarizeError) -> float | None:
        """Returns the seconds until the next attempt; None to give up."""
        policy, asked = self._policy, getattr(error, "retry_after", None)
        # A web page alone is a wrong address; in a run it may be a proxy in trouble.
        if not (error.retryable or (self._limiter and isinstance(error, WebPageError))):
            return None
        if isinstance(error, OtherStyleError):
            return 0.0  # styles come to an end
        if (asked or 0.0) > _LONGEST_ASKED:
            return None
        if self._limiter and isinstance(error, RateLimitError):
            # The whole run waits, and others may get through first.
            is_alone = self._limiter.answered == self._answered
            self._refusals = self._refusals + 1 if is_alone else 1
            self._answered = self._limiter.answered
            return 0.0 if self._refusals < policy.attempts else None
        self._failures += 1
        is_slow = isinstance(error, (UnreachableError, SilentError, WebPageError))
        limit = min(policy.attempts, policy.slow_attempts) if is_slow else policy.attempts
        if not self._is_down(error) and self._failures >= limit:
            return None
        jitter = random.uniform(0, policy.jitter)  # noqa: S311  not a secret
        wait = _backoff(self._number, asked, policy.first_wait, policy.longest_wait)
        return wait if asked is not None else wait + jitter

    def _is_down(self, error: SummarizeError) -> bool:
        """Whether an endpoint that answered in this run is away, and may yet come back."""
        last, now = self._limiter.last_answer if self._limiter else None, time.monotonic()
        if last is None:
            return False
        if self._down_since is None or last > self._down_since:
            # Until the next failure others may get through.
            self._down_since = now
            return False
        return error.fatal and now - self._down_since < self._policy.outage
