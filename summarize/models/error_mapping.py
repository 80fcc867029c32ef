"""What went wrong: one of our errors for whatever a client, `instructor` or the network raised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from summarize.cassettes.misses import find_miss
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
from summarize.models.conversation import InvalidAnswerError, first_choice, written
from summarize.models.error_details import code_of, one_line, page_title, retry_after, said

__all__ = [
    "OtherwiseError",
    "Request",
    "SilentError",
    "UnreachableError",
    "WebPageError",
    "failed_generation",
    "one_line",
    "refusal_words",
    "translate",
]

# The model is shown this many of its mistakes at most: one broken list makes dozens.
_MAX_PROBLEMS = 8


@dataclass(frozen=True)
class Request:
    """What a fault is about.

    Attributes:
        model: its name, for the user.
        where: the endpoint's address, or the model's name.
        timeout: seconds.
        response: what came back, if anything did.
        attempts: requests sent so far.
        tokens: tokens the model wrote in answer to this request.
    """

    model: str
    where: str
    timeout: float
    response: Any
    attempts: int
    tokens: int


class UnreachableError(EndpointError):
    """No connection: nothing listens there, so no other article would fare better."""

    fatal = True


class SilentError(EndpointError):
    """No answer in time. Another, shorter article may have one."""


class WebPageError(ConfigurationError):
    """A page for people instead of an answer: a wrong address, or a proxy that stumbled."""


class OtherwiseError(RequestError):
    """The next request is made in another way, which the endpoint may take."""

    retryable = True

    def __init__(self, message: str = "", *, attempts: int = 0) -> None:
        super().__init__(message or "asked in another way meanwhile")
        self.attempts = attempts


def translate(error: Exception, request: Request) -> SummarizeError:
    """One of our errors for whatever a library raised."""
    from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException

    if miss := find_miss(error):
        miss.attempts = request.attempts
        return miss
    for cause in _causes(error):
        # Of the answers in a file, on its way through the client.
        if isinstance(cause, SummarizeError):
            return cause
    while isinstance(error, InstructorRetryException) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    translated = (
        _declined(request.response)
        or (_cut_off(request) if isinstance(error, IncompleteOutputException) else None)
        or _no_connection(error, request)
        or _http_error(error, request)
        or _bad_answer(error, request)
    )
    translated.attempts = request.attempts
    return translated


def _declined(response: object) -> RefusalError | None:
    """Whether the model or a filter said no."""
    choice = first_choice(response)
    refusal = getattr(getattr(choice, "message", None), "refusal", None)
    if refusal or getattr(choice, "finish_reason", None) == "content_filter":
        why = f": {one_line(str(refusal))}" if refusal else " (content filter)"
        return RefusalError(f"the model declined{why}", hint="try another model with --model")
    return None


def _cut_off(request: Request) -> TruncatedAnswerError:
    after = f" after {request.tokens} tokens" if request.tokens else ""
    return TruncatedAnswerError(
        f"the answer was cut off{after}", hint="try a larger model with --model"
    )


def _no_connection(error: Exception, request: Request) -> SummarizeError | None:
    """What a request without an answer means.

    Errors go by their names: the clients of several providers are made from one mould, but are not
    of one family.
    """
    kinds = _kinds(error)
    if "APIConnectionError" not in kinds:
        return None
    where, root = request.where, list(_causes(error))[-1]
    # As httpx and aiohttp say it.
    if "LocalProtocolError" in kinds or type(root) is ValueError:
        # The reason quotes the header, and the header may be the key.
        return ConfigurationError(
            f"the request to {where} cannot be sent: a header has characters that are not allowed",
            hint="check the API key for a line break or a quotation mark too many",
        )
    # openai passes off whatever else happens to aiohttp's connections as a timeout, too.
    is_late = not kinds & {"ClientOSError", "ServerDisconnectedError"}
    if is_late and "ConnectTimeout" in kinds:
        return UnreachableError(
            f"{where} cannot be reached (no connection in time)",
            hint="check the address, the network and that the server is running",
        )
    if is_late and "APITimeoutError" in kinds:
        return SilentError(
            f"{where} did not answer within {request.timeout:g} s",
            hint="give it longer with --timeout",
        )
    why = one_line(re.sub(r"^\[Errno -?\d+\] ", "", str(root)) or type(root).__name__)
    if kinds & {"ConnectError", "ClientConnectorError", "UnsupportedProtocol", "InvalidURL"}:
        return UnreachableError(
            f"{where} cannot be reached ({why})",
            hint="check the address and that the server is running",
        )
    return EndpointError(
        f"{where} broke the connection ({why})", hint="try again later, or look at its log"
    )


def _http_error(error: Exception, request: Request) -> SummarizeError | None:
    """What an HTTP status means."""
    status = getattr(error, "status_code", None)
    if not isinstance(status, int) or status < 300:
        return None
    where, words, code = request.where, said(error), code_of(error)
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
        return _not_found(request, words, code)
    if status in {408, 409} or status >= 500:
        failed = EndpointError(f"{where} failed ({status}: {words})", hint="try again later")
        # A gateway without a server behind it has nothing for any article. Whatever else the server
        # stumbled over may have been this one.
        failed.fatal = status in {502, 503}
        failed.retry_after = retry_after(error)
        return failed
    if is_too_large or "context_length_exceeded" in code or _TOO_LONG.search(f"{code} {words}"):
        return ContextLengthError(
            f"the article is too long for {request.model} ({words})",
            hint="name a model that reads more at once with --model",
        )
    if unfit := failed_generation(error):
        return InvalidAnswerError(
            f"the answer is not the JSON that was asked for ({words})",
            text=unfit,
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


def failed_generation(error: Any) -> str:
    """What the model wrote where the endpoint refuses to pass it on (Groq); else empty."""
    body = getattr(error, "body", None)
    failed = body.get("failed_generation") if isinstance(body, dict) else None
    return failed if isinstance(failed, str) else ""


def refusal_words(error: Exception) -> str:
    """What an endpoint says of a request that it refuses: the parameter, if it names one, first.

    Empty where the error is not an endpoint's.
    """
    while not hasattr(error, "status_code") and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if getattr(error, "status_code", 0) < 400:
        return ""
    return f"{getattr(error, 'param', None) or ''} {said(error, _MAX_WORDS)}".strip()


# Characters of an endpoint's words that are looked through for what it refuses.
_MAX_WORDS = 2_000


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


def _not_found(request: Request, words: str, code: str) -> SummarizeError:
    if "parameters" in words:
        # OpenRouter, where no server that has the model takes all of a request.
        return RequestError(
            f"{request.where} rejects the request (404: {words})", hint="try another model"
        )
    if "model" in f"{code} {words}".lower():
        return ConfigurationError(
            f"{request.where} has no model {request.model.partition('/')[2]!r} (404: {words})",
            hint="check --model",
        )
    return ConfigurationError(
        f"{request.where} has no chat completions (404: {words})",
        hint="check --base-url; most end in /v1",
    )


def _bad_answer(error: Exception, request: Request) -> SummarizeError:
    """What is wrong with an answer that came with status 200."""
    where, response = request.where, request.response
    text = written(response)
    if text and isinstance(error, ValueError):
        problems = _problems(error)
        return InvalidAnswerError(
            f"the answer is not the JSON that was asked for ({problems[0]})",
            text=text,
            problems=problems,
        )
    if isinstance(response, str):
        if title := page_title(response):
            return WebPageError(
                f"{where} answered with a web page ({title})",
                hint="check --base-url; most end in /v1",
            )
        return AnswerError(
            f"{where} answered with text that is no JSON ({one_line(response, 60)})",
            hint="check --base-url; most end in /v1",
        )
    if response is not None and (reported := getattr(response, "error", None)):
        words = reported.get("message") if isinstance(reported, dict) else reported
        return AnswerError(
            f"{where} reports an error ({one_line(str(words))})", hint="try again later"
        )
    if response is not None and first_choice(response) is None:
        return AnswerError(f"{where} sent an empty answer (no choices)", hint="try again later")
    if response is not None and not text:
        return AnswerError(f"{where} sent an empty answer", hint="try again later")
    unreadable = AnswerError(
        f"{where} answered with something unreadable ({one_line(str(error))})",
        hint="check --base-url; most end in /v1",
    )
    # A defect, in a library or here, is not mended by asking again.
    unreadable.retryable = not isinstance(error, (TypeError, AttributeError, NameError))
    return unreadable


def _problems(error: ValueError) -> list[str]:
    """What is wrong with the JSON, a line each, in words that no upgrade of pydantic changes."""
    if not isinstance(error, ValidationError):
        return [f"answer: {one_line(str(error))}"]
    return [
        f"{'.'.join(str(part) for part in problem['loc']) or 'answer'}: {one_line(problem['msg'])}"
        for problem in error.errors(include_url=False, include_input=False)[:_MAX_PROBLEMS]
    ]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what lies behind it."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__


def _kinds(error: BaseException) -> set[str]:
    """The names of an error's classes, and of those behind it."""
    return {kind.__name__ for cause in _causes(error) for kind in type(cause).__mro__}
