"""When a question is sent again: `Patience` in tenacity's terms."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from summarize.errors import SummarizeError
from summarize.models.faults import DroppedParameterError, SilentError, UnreachableError
from summarize.models.settings import Patience
from summarize.progress import Progress, ProgressCallback

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["retries"]


def retries(patience: Patience, report: ProgressCallback) -> dict[str, Any]:
    """What tenacity is called with; made anew for each question, since it keeps count."""
    from tenacity import retry_if_exception

    # Worked out here: the parameters of tenacity's own backoff change from version to version.
    def backoff(number: int) -> float:
        wait = min(patience.first_wait * 2.0 ** (number - 1), patience.longest_wait)
        return wait + random.uniform(0, patience.jitter)  # noqa: S311  not a secret

    def wait(state: RetryCallState) -> float:
        error = _error(state)
        if isinstance(error, DroppedParameterError):
            return 0.0
        asked = getattr(error, "retry_after", None)
        if asked is None:
            return backoff(state.attempt_number)
        # "At once" is believed once: in a storm it would use up every attempt in no time.
        return float(
            asked if state.attempt_number == 1 else max(asked, backoff(state.attempt_number))
        )

    def stop(state: RetryCallState) -> bool:
        error = _error(state)
        # Each parameter is dropped once, so this ends; it says nothing of the endpoint's health.
        if isinstance(error, DroppedParameterError):
            return False
        slow = isinstance(error, (UnreachableError, SilentError))
        limit = min(patience.attempts, patience.slow_attempts) if slow else patience.attempts
        asked = getattr(error, "retry_after", None) or 0.0
        return asked > patience.longest_retry_after or state.attempt_number >= limit

    def before_sleep(state: RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        error = _error(state)
        note = str(error.args[0]) if isinstance(error, SummarizeError) and error.args else ""
        if seconds:
            report(Progress("waiting", 0, seconds, "seconds", note))

    return {
        "retry": retry_if_exception(_is_passing),
        "wait": wait,
        "stop": stop,
        "before_sleep": before_sleep,
        "reraise": True,
    }


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _is_passing(error: BaseException) -> bool:
    """Whether waiting may help."""
    return isinstance(error, SummarizeError) and error.retryable
