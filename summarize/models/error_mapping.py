"""Maps exceptions of openai, of other providers' clients and of the network to our errors.

Exceptions go by the names of their classes: the clients of several providers are generated from one
mould, but share no base class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from summarize.cassettes import find_miss
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
)
from summarize.models.conversation import InvalidAnswerError
from summarize.models.error_details import code_of, message_of_error, one_line, retry_after
from summarize.models.replies import cut_off, invalid_answer

__all__ = [
    "OtherStyleError",
    "SilentError",
    "UnreachableError",
    "failed_generation",
    "map_error",
    "refusal_words",
]

# Characters of an endpoint's message that are searched for what it refuses.
_MAX_REFUSAL = 2_000
# As OpenAI and vLLM ("maximum context length"), llama.cpp ("context size"), Anthropic ("prompt is
# too long"), Google ("input token count … exceeds the maximum"), SGLang ("Input length (N tokens)
# exceeds the maximum allowed length"), Qwen ("Range of input length should be [1, M]") and others
# ("N tokens exceeds max_seq_len M") say it.
_TOO_LONG = re.compile(
    r"(?i)context[ _](?:size|length|window)|exceed_context|max_(?:seq|model|input|context)\w*_?len"
    r"|\b(?:input|prompt|sequence|messages?)s?\b.{0,40}\b(?:too (?:long|large)|tokens)\b"
    r".{0,40}(?:exceed|limit|maximum|than)"
    r"|\b(?:input|prompt|sequence|conversation|messages?)s?\b.{0,40}\btoo (?:long|many tokens)\b"
    r"|\b(?:input|prompt|sequence) (?:token )?(?:length|size|count)\b"
    r"|tokens?\b.{0,30}\bexceed|too many (?:input |prompt )?tokens"
    r"|(?:reduce|shorten) (?:the |your )?(?:length|size|prompt|input|messages)"
)


class UnreachableError(EndpointError):
    """No connection: nothing listens there, so no other article would fare better."""

    fatal = True


class SilentError(EndpointError):
    """No answer in time. Another, shorter article may have one."""


class OtherStyleError(RequestError):
    """The next request is made in another style, which the endpoint may take."""

    retryable = True


def map_error(error: Exception, model: str, where: str, timeout: float) -> SummarizeError:
    """Returns one of our errors for whatever a library raised.

    Args:
        error: what was raised.
        model: the model's name, for messages.
        where: the endpoint's address, or the model's name.
        timeout: of the request, in seconds.
    """
    if miss := find_miss(error):
        return miss
    for cause in _causes(error):
        # Our own, on its way through a client.
        if isinstance(cause, SummarizeError):
            return cause
        if type(cause).__name__ == "IncompleteOutputException":
            return cut_off()
        if isinstance(cause, ValidationError):
            return invalid_answer(cause)
    while type(error).__name__ == "InstructorRetryException" and error.__cause__:
        error = error.__cause__  # type: ignore[assignment]
    return (
        _no_connection(error, where, timeout)
        or _http_error(error, model, where)
        or _unreadable(error, where)
    )


def _no_connection(error: Exception, where: str, timeout: float) -> EndpointError | None:
    """What a request without an answer means."""
    kinds = {kind.__name__ for cause in _causes(error) for kind in type(cause).__mro__}
    if "APIConnectionError" not in kinds:
        return None
    root = list(_causes(error))[-1]
    why = one_line(re.sub(r"^\[Errno -?\d+\] ", "", str(root)) or type(root).__name__)
    is_unreachable = bool(kinds & {"ConnectError", "ClientConnectorError", "InvalidURL"})
    # openai reports other failures of aiohttp's connections as timeouts, too.
    if not kinds & {"ClientOSError", "ServerDisconnectedError"}:
        if "ConnectTimeout" in kinds:
            is_unreachable, why = True, "no connection in time"
        elif "APITimeoutError" in kinds:
            return SilentError(
                f"{where} did not answer within {timeout:g} s",
                hint="give it longer with --timeout",
            )
    if is_unreachable:
        return UnreachableError(
            f"{where} cannot be reached ({why})",
            hint="check the address, the network and that the server is running",
        )
    return EndpointError(
        f"{where} broke the connection ({why})", hint="try again later, or look at its log"
    )


def _http_error(error: Exception, model: str, where: str) -> SummarizeError | None:
    """What an HTTP status means."""
    status = getattr(error, "status_code", None)
    if not isinstance(status, int) or status < 300:
        return None
    words, code = message_of_error(error), code_of(error)
    if "insufficient_quota" in code or status == 402:
        return AuthenticationError(
            f"{where}: the account has no quota left ({words})", hint="check its billing"
        )
    if status in {401, 403}:
        return AuthenticationError(
            f"{where} refuses the key ({status}: {words})",
            hint="check the API key and what it may be used for",
        )
    # OpenAI says so of one request that takes more tokens than a minute has: waiting helps nobody.
    is_too_large = status == 413 or (status == 429 and "request too large" in words.lower())
    if status == 429 and not is_too_large:
        limited = RateLimitError(
            f"{where} asks to slow down (429: {words})",
            hint="wait a while, or ask for fewer articles at a time",
        )
        limited.retry_after = retry_after(error)
        return limited
    if status == 404:
        return _not_found(model, where, words, code)
    if status in {408, 409} or status >= 500:
        failed = EndpointError(f"{where} failed ({status}: {words})", hint="try again later")
        # A gateway without a server behind it has nothing for any article; over anything else the
        # server may have failed because of this one.
        failed.fatal = status in {502, 503}
        failed.retry_after = retry_after(error)
        return failed
    if is_too_large or "context_length_exceeded" in code or _TOO_LONG.search(f"{code} {words}"):
        return ContextLengthError(
            f"the article is too long for {model} ({words})",
            hint="name a model that reads more at once with --model",
        )
    if generated := failed_generation(error):
        return InvalidAnswerError(
            f"the answer is not the JSON that was asked for ({words})",
            text=generated,
            problems=[f"answer: {words}"],
        )
    if "content_filter" in code:
        return RefusalError(
            "a content filter stopped the request", hint="try another model with --model"
        )
    return RequestError(
        f"{where} rejects the request ({status}: {words})",
        hint="check --model and --base-url, or try another model",
    )


def _not_found(model: str, where: str, words: str, code: str) -> SummarizeError:
    if "parameters" in words:
        # OpenRouter, where no server that has the model takes all of a request.
        return RequestError(f"{where} rejects the request (404: {words})", hint="try another model")
    if "model" in f"{code} {words}".lower():
        return ConfigurationError(
            f"{where} has no model {model.partition('/')[2]!r} (404: {words})",
            hint="check --model",
        )
    return ConfigurationError(
        f"{where} has no chat completions (404: {words})",
        hint="check --base-url; most end in /v1",
    )


def _unreadable(error: Exception, where: str) -> AnswerError:
    """What an answer with status 200 means over which a client stumbles."""
    unreadable = AnswerError(
        f"{where} answered with something unreadable ({one_line(str(error))})",
        hint="check --base-url; most end in /v1",
    )
    # A defect of a library or of ours stays when the request is sent again.
    unreadable.retryable = not isinstance(error, (TypeError, AttributeError, NameError))
    return unreadable


def failed_generation(error: Any) -> str:
    """Returns what the model wrote where the endpoint refuses to pass it on (Groq); else empty."""
    body = getattr(error, "body", None)
    failed = body.get("failed_generation") if isinstance(body, dict) else None
    return failed if isinstance(failed, str) else ""


def refusal_words(error: Exception) -> str:
    """Returns an endpoint's message about a refused request, the parameter that it names first.

    Empty where the error is not an endpoint's.
    """
    while not hasattr(error, "status_code") and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if getattr(error, "status_code", 0) < 400:
        return ""
    words = message_of_error(error, _MAX_REFUSAL)
    return f"{getattr(error, 'param', None) or ''} {words}".strip()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and its causes."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__
