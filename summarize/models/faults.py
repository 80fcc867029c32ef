"""What went wrong: one of our errors for whatever `openai`, `instructor` or the network raised."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from summarize.cassettes import missed
from summarize.errors import (
    AnswerError,
    AuthenticationError,
    ConfigurationError,
    ContextLengthError,
    EndpointError,
    RateLimitError,
    RefusalError,
    RequestError,
    SummarizeError,
    TruncatedAnswerError,
)
from summarize.models.conversation import InvalidAnswerError

__all__ = ["DroppedParameterError", "Request", "UnreachableError", "one_line", "translate"]


@dataclass(frozen=True)
class Request:
    """What a fault is about.

    Attributes:
        model: its name, for the user.
        where: the endpoint's address, or the model's name.
        timeout: seconds.
        parameters: names of sampling parameters that could be left out.
        response: what came back, if anything did.
        attempts: requests sent so far.
        tokens: tokens the model wrote so far.
    """

    model: str
    where: str
    timeout: float
    parameters: Collection[str]
    response: Any
    attempts: int
    tokens: int

    @property
    def text(self) -> str:
        """What the model wrote, empty where there is nothing."""
        choices = getattr(self.response, "choices", None) or []
        return (choices[0].message.content or "") if choices else ""


class UnreachableError(EndpointError):
    """No connection: nothing listens there."""


class DroppedParameterError(RequestError):
    """The model does not take a sampling parameter; the next request goes without it."""

    retryable = True

    def __init__(self, parameter: str) -> None:
        super().__init__(f"the model does not take {parameter}")
        self.parameter = parameter


def translate(error: Exception, request: Request) -> SummarizeError:
    """One of our errors for whatever a library raised."""
    from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException

    if miss := missed(error):
        return miss
    while isinstance(error, InstructorRetryException) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    translated = (
        _declined(request.response)
        or (_cut_off(request) if isinstance(error, IncompleteOutputException) else None)
        or _http_error(error, request)
        or _bad_answer(error, request)
    )
    translated.attempts = request.attempts
    return translated


def _declined(response: object) -> RefusalError | None:
    """Whether the model or a filter said no."""
    choices = getattr(response, "choices", None) or []
    if not choices:
        return None
    refusal = getattr(choices[0].message, "refusal", None)
    if refusal or choices[0].finish_reason == "content_filter":
        said = f": {one_line(refusal)}" if refusal else " (content filter)"
        return RefusalError(f"the model declined{said}", hint="try another model with --model")
    return None


def _cut_off(request: Request) -> TruncatedAnswerError:
    return TruncatedAnswerError(
        f"the answer was cut off after {request.tokens} tokens",
        hint="try a larger model with --model",
    )


def _http_error(error: Exception, request: Request) -> SummarizeError | None:
    """What an HTTP status or a broken connection means."""
    import openai

    where = request.where
    if isinstance(error, openai.APITimeoutError):
        return EndpointError(
            f"{where} did not answer within {request.timeout:g} s",
            hint="give it longer with --timeout",
        )
    if isinstance(error, openai.APIConnectionError):
        return UnreachableError(
            f"{where} cannot be reached ({_root(error)})",
            hint="check the address and that the server is running",
        )
    if not isinstance(error, openai.APIStatusError):
        return None
    said = _said(error)
    code = str(error.code or "")
    status = error.status_code
    if status in {401, 403}:
        return AuthenticationError(
            f"{where} refuses the key ({status}: {said})", hint="check the API key"
        )
    if status == 429 and code == "insufficient_quota":
        return AuthenticationError(
            f"{where}: the account has no quota left", hint="check its billing"
        )
    if status == 429:
        limited = RateLimitError(f"{where} asks to slow down (429)", hint="ask for less at a time")
        limited.retry_after = _retry_after(error)
        return limited
    if status == 404:
        return ConfigurationError(
            f"{where} has no model {request.model.partition('/')[2]!r} (404: {said})",
            hint="check --model and --base-url",
        )
    if status in {408, 409} or status >= 500:
        failed = EndpointError(f"{where} failed ({status}: {said})", hint="try again later")
        failed.retry_after = _retry_after(error)
        return failed
    if code == "context_length_exceeded" or re.search(
        r"context (?:size|length|window)|exceed_context", said
    ):
        return ContextLengthError(f"the article is too long for {request.model}")
    if code == "content_filter":
        return RefusalError("a content filter stopped the request", hint="try another model")
    if parameter := _unsupported_parameter(error, request):
        return DroppedParameterError(parameter)
    return RequestError(f"{where} rejects the request ({status}: {said})", hint="check --model")


def _unsupported_parameter(error: Any, request: Request) -> str | None:
    """The sampling parameter a 400 complains about, if it is one we could do without."""
    named = f"{error.param or ''} {_said(error)}"
    return next((key for key in request.parameters if key in named), None)


def _bad_answer(error: Exception, request: Request) -> AnswerError:
    """What is wrong with an answer that came with status 200."""
    if isinstance(error, ValidationError) and request.text:
        problems = [
            f"{'.'.join(str(part) for part in problem['loc']) or 'answer'}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        ]
        return InvalidAnswerError(
            f"the answer is not the JSON that was asked for ({problems[0]})",
            text=request.text,
            problems=problems,
        )
    if isinstance(request.response, str):
        page = re.search(r"(?is)<title[^>]*>(.*?)</title>", request.response)
        what = f"a web page ({one_line(page[1])})" if page else "text that is no JSON"
        return AnswerError(f"the endpoint answered with {what}", hint="check --base-url")
    if request.response is not None and not getattr(request.response, "choices", None):
        return AnswerError("the answer is empty (no choices)", hint="try again later")
    if request.response is not None and not request.text:
        return AnswerError("the answer is empty", hint="try again later")
    return AnswerError(
        f"the endpoint answered with something unreadable ({one_line(str(error))})",
        hint="check --base-url",
    )


def _said(error: Any) -> str:
    """The endpoint's own words, on one line, without a page's markup."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    if message is None and isinstance(body, dict) and isinstance(body.get("error"), dict):
        message = body["error"].get("message")
    text = (
        message if isinstance(message, str) else str(getattr(error.response, "text", "") or error)
    )
    if page := re.search(r"(?is)<title[^>]*>(.*?)</title>", text):
        text = page[1]
    return one_line(re.sub(r"<[^>]*>", " ", text))


def one_line(text: str, limit: int = 160) -> str:
    """A text with its white space single, cut at a limit of characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _root(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return one_line(str(error) or type(error).__name__)


def _retry_after(error: Any) -> float | None:
    """Seconds from `Retry-After`: a number or an HTTP date (RFC 9110, 10.2.3)."""
    headers = error.response.headers
    if milliseconds := headers.get("retry-after-ms"):
        try:
            return float(milliseconds) / 1000
        except ValueError:
            return None
    value = headers.get("retry-after")
    if not value:
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return max(email.utils.parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except ValueError:
        return None
