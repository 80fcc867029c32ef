"""When a question is sent again: `RetryPolicy` in tenacity's terms."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from summarize.errors import RateLimitError, SummarizeError
from summarize.models.conversation import Meter
from summarize.models.error_mapping import (
    OtherwiseError,
    SilentError,
    UnreachableError,
    WebPageError,
)
from summarize.models.model_settings import RetryPolicy
from summarize.models.rate_limiter import RateLimiter
from summarize.progress import Progress, ProgressCallback

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["retries", "with_retries"]

T = TypeVar("T")


async def with_retries(
    send: Callable[[], Awaitable[T]],
    characters: int,
    meter: Meter,
    *,
    retry_policy: RetryPolicy,
    report: ProgressCallback,
    limiter: RateLimiter | None,
) -> T:
    """Sends a request until it is answered or cannot be.

    Args:
        send: sends it once.
        characters: of the request.
        meter: where its tokens are counted.
        retry_policy: how often to try.
        report: told about waiting for the endpoint.
        limiter: of the run; None for as many requests as are asked for.

    Raises:
        SummarizeError: why there is no answer.
    """
    from tenacity import AsyncRetrying

    async for attempt in AsyncRetrying(**retries(retry_policy, report, limiter)):
        with attempt:
            async with limiter.turn(characters, meter) if limiter else nullcontext():
                answer = await send()
    return answer


def retries(
    retry_policy: RetryPolicy, report: ProgressCallback, limiter: RateLimiter | None = None
) -> dict[str, Any]:
    """What tenacity is called with; made anew for each question, since it keeps count."""
    from tenacity import retry_if_exception

    trial = _Trial(retry_policy, report, limiter)
    called_with = {
        "retry": retry_if_exception(trial.is_passing),
        "wait": trial.wait,
        "stop": trial.stop,
        "before_sleep": trial.before_sleep,
        "reraise": True,
    }
    return called_with if limiter is None else {**called_with, "sleep": limiter.sleep}


class _Trial:
    """How one question has fared so far."""

    def __init__(
        self, retry_policy: RetryPolicy, report: ProgressCallback, limiter: RateLimiter | None
    ) -> None:
        self._retry_policy = retry_policy
        self._report = report
        self._limiter = limiter
        self._failures = 0
        self._refusals = 0
        self._answered = limiter.answered if limiter else 0
        # Since when nobody has got through, as far as this question has noticed.
        self._cut_off_since: float | None = None

    def is_passing(self, error: BaseException) -> bool:
        """Whether waiting may help."""
        if self._limiter and isinstance(error, WebPageError):
            # Alone it is a wrong address; among many it may be a proxy that stumbled.
            return True
        return isinstance(error, SummarizeError) and error.retryable

    # Worked out here: the parameters of tenacity's own backoff change from version to version.
    def wait(self, state: RetryCallState) -> float:
        """Seconds until the next request."""
        error = _error(state)
        if isinstance(error, OtherwiseError):
            return 0.0
        if self._limiter and isinstance(error, RateLimitError):
            return 0.0  # the whole run waits
        backoff = self._backoff(state.attempt_number)
        asked = getattr(error, "retry_after", None)
        if asked is None:
            return backoff
        # "At once" is believed once: in a storm it would use up every attempt in no time.
        return float(asked if state.attempt_number == 1 else max(asked, backoff))

    def _backoff(self, number: int) -> float:
        retry_policy = self._retry_policy
        # In a storm the number has no limit, but the power of two has one.
        wait = min(retry_policy.first_wait * 2.0 ** min(number - 1, 50), retry_policy.longest_wait)
        return wait + random.uniform(0, retry_policy.jitter)  # noqa: S311  not a secret

    def stop(self, state: RetryCallState) -> bool:
        """Whether to give up."""
        error, retry_policy = _error(state), self._retry_policy
        # A ladder has an end, so this ends; it says nothing of the endpoint's health.
        if isinstance(error, OtherwiseError):
            return False
        if (getattr(error, "retry_after", None) or 0.0) > retry_policy.longest_retry_after:
            return True
        if self._limiter and isinstance(error, RateLimitError):
            return self._is_refused_for_good(self._limiter)
        self._failures += 1
        is_cut_off = self._is_cut_off(error)
        is_slow = isinstance(error, (UnreachableError, SilentError, WebPageError))
        limit = (
            min(retry_policy.attempts, retry_policy.slow_attempts)
            if is_slow
            else retry_policy.attempts
        )
        return self._failures >= limit and not is_cut_off

    def _is_refused_for_good(self, limiter: RateLimiter) -> bool:
        """Whether nobody got through in all of its attempts: others may go first, in a storm."""
        self._refusals = 1 if limiter.answered > self._answered else self._refusals + 1
        self._answered = limiter.answered
        return self._refusals >= self._retry_policy.attempts

    def _is_cut_off(self, error: BaseException | None) -> bool:
        """Whether the endpoint went away in the middle of a run, and may yet come back."""
        last, now = self._limiter.last_answer if self._limiter else None, time.monotonic()
        if last is None:
            return False
        if self._cut_off_since is None or last > self._cut_off_since:
            # Until the next failure others may get through.
            self._cut_off_since = now
            return False
        return (
            getattr(error, "fatal", False) and now - self._cut_off_since < self._retry_policy.outage
        )

    def before_sleep(self, state: RetryCallState) -> None:
        """Says what is being waited for."""
        seconds = state.next_action.sleep if state.next_action else 0.0
        error = _error(state)
        note = str(error.args[0]) if isinstance(error, SummarizeError) and error.args else ""
        if seconds:
            self._report(Progress("waiting", 0, seconds, "seconds", note))


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
