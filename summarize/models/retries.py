"""When a question is sent again, by a `RetryPolicy`."""

from __future__ import annotations

import random
import time

from summarize.errors import RateLimitError, SummarizeError
from summarize.models.error_mapping import OtherStyleError, SilentError, UnreachableError
from summarize.models.model_settings import RetryPolicy
from summarize.models.rate_limiter import RateLimiter
from summarize.models.responses import WebPageError
from summarize.progress import Progress, ProgressCallback

__all__ = ["Attempts"]


class Attempts:
    """The attempts at one question so far.

    With a run's limiter, the whole run waits where the endpoint asks to slow down.
    """

    def __init__(
        self, policy: RetryPolicy, report: ProgressCallback, limiter: RateLimiter | None = None
    ) -> None:
        self._policy = policy
        self._report = report
        self._limiter = limiter
        self._number = 0
        self._failures = 0
        self._refusals = 0
        self._answered = limiter.answered if limiter else 0
        # When this question first failed after the last answer that anybody got.
        self._down_since: float | None = None

    def wait_after(self, error: SummarizeError) -> float | None:
        """Returns the seconds until the next attempt, after an attempt failed; None to give up."""
        self._number += 1
        seconds = self._wait(error)
        if seconds:
            self._report(Progress("waiting", 0, seconds, "seconds", str(error.args[0])))
        return seconds

    def _wait(self, error: SummarizeError) -> float | None:
        policy, asked = self._policy, getattr(error, "retry_after", None)
        # A web page alone is a wrong address; in a run it may be a proxy in trouble.
        if not (error.retryable or (self._limiter and isinstance(error, WebPageError))):
            return None
        if isinstance(error, OtherStyleError):
            return 0.0  # styles come to an end
        if (asked or 0.0) > policy.longest_retry_after:
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
        # In a storm the number has no limit, but the power of two has one.
        backoff = min(policy.first_wait * 2.0 ** min(self._number - 1, 50), policy.longest_wait)
        backoff += random.uniform(0, policy.jitter)  # noqa: S311  not a secret
        if asked is None:
            return backoff
        # "At once" is believed once: in a storm it would use up every attempt in no time.
        return float(asked if self._number == 1 else max(asked, backoff))

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
