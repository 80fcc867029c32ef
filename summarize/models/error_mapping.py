"""Maps exceptions of openai and of the network to our errors, with what the endpoint says."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

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

__all__ = [
    "CHECK_URL",
    "OtherStyleError",
    "SilentError",
    "UnreachableError",
    "WebPageError",
    "map_error",
    "message_of_error",
    "one_line",
    "page_title",
    "retry_after",
]

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

CHECK_URL = "check --base-url; most end in /v1"
"""The hint where something else answers than an endpoint of models."""


class UnreachableError(EndpointError):
    """No connection: nothing listens there, so no other article would fare better."""

    fatal = True


class SilentError(EndpointError):
    """No answer in time. Another, shorter article may have one."""


class WebPageError(ConfigurationError):
    """A web page instead of an answer: a wrong address, or a proxy in trouble."""


class OtherStyleError(RequestError):
    """The next request is made in another style, which the endpoint may take."""

    retryable = True


def map_error(error: Exception, model: str, where: str, timeout: float) -> SummarizeError:
    """Returns one of our errors for whatever was raised, with what was asked and where."""
    import openai

    if miss := find_miss(error):
        return miss
    for cause in _causes(error):
        # Our own, perhaps on its way through a client.
        if isinstance(cause, SummarizeError):
            return cause
    if isinstance(error, openai.APIConnectionError):
        return _connection_error(error, where, timeout)
    if isinstance(error, openai.APIStatusError) and error.status_code >= 300:
        return _status_error(error, model, where)
    unreadable = AnswerError(
        f"{where} answered with something unreadable ({one_line(str(error))})",
        hint=CHECK_URL,
    )
    # A defect of a library or of ours stays when the request is sent again.
    unreadable.retryable = not isinstance(error, (TypeError, AttributeError, NameError))
    return unreadable


def _connection_error(error: Exception, where: str, timeout: float) -> EndpointError:
    """What a request without an answer means, by the classes of httpx and aiohttp behind it."""
    causes = list(_causes(error))
    kinds = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    why = one_line(re.sub(r"^\[Errno -?\d+\] ", "", str(causes[-1])) or type(causes[-1]).__name__)
    # openai reports other failures of aiohttp's connections as timeouts, too.
    broken = {"ClientOSError", "ServerDisconnectedError"}
    is_timeout = "APITimeoutError" in kinds and not kinds & broken
    if is_timeout and "ConnectTimeout" not in kinds:
        return SilentError(
            f"{where} did not answer within {timeout:g} s", hint="give it longer with --timeout"
        )
    if is_timeout or kinds & {"ConnectError", "ClientConnectorError", "InvalidURL"}:
        return UnreachableError(
            f"{where} cannot be reached ({'no connection in time' if is_timeout else why})",
            hint="check the address, the network and that the server is running",
        )
    return EndpointError(
        f"{where} broke the connection ({why})", hint="try again later, or look at its log"
    )


def _status_error(error: Any, model: str, where: str) -> SummarizeError:
    """What an HTTP status means."""
    status, words = error.status_code, message_of_error(error)
    code = " ".join(str(code) for code in (error.code, error.type) if code is not None)
    says = f"({status}: {words})"
    if status == 402 or "insufficient_quota" in code:
        return AuthenticationError(
            f"{where}: the account has no quota left ({words})", hint="check its billing"
        )
    if status in {401, 403}:
        return AuthenticationError(
            f"{where} refuses the key {says}", hint="check the API key and what it may be used for"
        )
    # OpenAI says so of one request that takes more tokens than a minute has: waiting helps nobody.
    is_too_large = status == 413 or (status == 429 and "request too large" in words.lower())
    if status == 429 and not is_too_large:
        limited = RateLimitError(
            f"{where} asks to slow down {says}",
            hint="wait a while, or ask for fewer articles at a time",
        )
        limited.retry_after = retry_after(error)
        return limited
    if status in {408, 409} or status >= 500:
        failed = EndpointError(f"{where} failed {says}", hint="try again later")
        # A gateway without a server behind it has nothing for any article; over anything else the
        # server may have failed because of this one.
        failed.fatal = status in {502, 503}
        failed.retry_after = retry_after(error)
        return failed
    # OpenRouter says 404 where no server that has the model takes all of a request's parameters.
    if status == 404 and "parameters" not in words:
        is_model = "model" in f"{code} {words}".lower()
        what = f"model {model.partition('/')[2]!r}" if is_model else "chat completions"
        return ConfigurationError(
            f"{where} has no {what} {says}",
            hint="check --model" if is_model else CHECK_URL,
        )
    if is_too_large or "context_length_exceeded" in code or _TOO_LONG.search(f"{code} {words}"):
        return ContextLengthError(
            f"the article is too long for {model} ({words})",
            hint="name a model that reads more at once with --model",
        )
    if "content_filter" in code:
        return RefusalError(
            "a content filter stopped the request", hint="try another model with --model"
        )
    return RequestError(
        f"{where} rejects the request {says}",
        hint="check --model and --base-url, or try another model",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and its causes."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__


def one_line(text: str, limit: int = 160) -> str:
    """Returns a text with single spaces and nothing invisible, cut at `limit` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def page_title(text: str) -> str:
    """Returns the title of a web page; empty if the text is none."""
    if titled := re.search(r"(?is)<title[^>]*>(.*?)</title>", text):
        return one_line(html.unescape(titled[1])) or "without a title"
    return "without a title" if re.match(r"(?i)\s*<(?:!doctype html|html)\b", text) else ""


def message_of_error(error: Any, limit: int = 160) -> str:
    """Returns the endpoint's own words on one line, without a page's markup or the key."""
    response = getattr(error, "response", None)
    text = _message(getattr(error, "body", None)) or getattr(response, "text", "") or str(error)
    words = page_title(text) or one_line(re.sub(r"<[^>]*>", " ", text), limit)
    headers = getattr(getattr(response, "request", None), "headers", {})
    for name in ("authorization", "api-key"):
        # Some servers quote the key that they refuse.
        secret = str(headers.get(name) or "").removeprefix("Bearer ")
        if len(secret) > len("none"):
            words = words.replace(secret, "***")
    return words


def _message(body: object) -> str:
    if isinstance(body, str):
        return body
    if not isinstance(body, dict):
        return ""
    message = body.get("message") or body.get("error") or body.get("detail")
    if not isinstance(message, str):
        return _message(message)
    # A router's own words, and those of the server that it asked (OpenRouter).
    inner = body["metadata"].get("raw") if isinstance(body.get("metadata"), dict) else None
    return f"{message}: {inner}" if isinstance(inner, str) and inner else message


def retry_after(error: Any) -> float | None:
    """Returns the seconds of `Retry-After`; None without one, or where it is a date."""
    value = error.response.headers.get("retry-after", "").strip()
    return max(float(value), 0.0) if re.fullmatch(r"-?\d+(\.\d+)?", value) else None
