"""The reply in a response, or the error that says why there is none."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from summarize.errors import AnswerError, ConfigurationError, RefusalError, TruncatedAnswerError
from summarize.models.answers import read_record
from summarize.models.conversation import InvalidAnswerError, Reply
from summarize.models.error_details import one_line, page_title
from summarize.models.responses import finish_reason, first_choice, message_of, texts_of

__all__ = ["WebPageError", "cut_off", "invalid_answer", "read_reply", "reply_in_text"]

A = TypeVar("A", bound=BaseModel)

# Mistakes that the model is shown at most: one broken list makes dozens.
_MAX_PROBLEMS = 8
_CUT_OFF = frozenset({"length", "max_tokens"})
_CHECK_URL = "check --base-url; most end in /v1"


class WebPageError(ConfigurationError):
    """A web page instead of an answer: a wrong address, or a proxy in trouble."""


def read_reply(response: Any, schema: type[A], where: str, tokens: int) -> Reply[A]:
    """Returns the reply in a response.

    Args:
        response: as parsed JSON.
        schema: of the answer.
        where: the endpoint's address, for messages.
        tokens: of the answer, for messages.

    Raises:
        SummarizeError: why there is none.
    """
    message, reason = message_of(response), finish_reason(response)
    if (refusal := message.get("refusal")) or reason == "content_filter":
        why = f": {one_line(str(refusal))}" if refusal else " (content filter)"
        raise RefusalError(f"the model declined{why}", hint="try another model with --model")
    texts = texts_of(message)
    try:
        return reply_in_text(texts, schema, is_cut_off=reason in _CUT_OFF)
    except ValueError as error:
        if reason in _CUT_OFF:
            raise cut_off(tokens) from error
        if not texts:
            raise _no_text(response, where) from error
        raise invalid_answer(error, texts[0]) from error


def cut_off(tokens: int = 0) -> TruncatedAnswerError:
    """Returns the error for an answer that ended at its token limit."""
    after = f" after {tokens} tokens" if tokens else ""
    return TruncatedAnswerError(
        f"the answer was cut off{after}", hint="try a larger model with --model"
    )


def invalid_answer(error: ValueError, text: str = "") -> InvalidAnswerError:
    """Returns the error for an answer that does not fit the schema."""
    problems = _problems(error)
    return InvalidAnswerError(
        f"the answer is not the JSON that was asked for ({problems[0]})",
        text=text,
        problems=problems,
    )


def reply_in_text(texts: list[str], schema: type[A], *, is_cut_off: bool = False) -> Reply[A]:
    """Returns the reply in texts: as written, or the record alone where it is among other text.

    Raises:
        ValueError: as `read_record`.
    """
    try:
        return Reply(schema.model_validate_json(texts[0]), texts[0])
    except (ValueError, IndexError):
        record = read_record(texts, schema, is_cut_off=is_cut_off)
        return Reply(record, record.model_dump_json())


def _no_text(response: Any, where: str) -> AnswerError | WebPageError:
    """What a response without an answer means."""
    if isinstance(response, str):
        if title := page_title(response):
            return WebPageError(f"{where} answered with a web page ({title})", hint=_CHECK_URL)
        return AnswerError(
            f"{where} answered with text that is no JSON ({one_line(response, 60)})",
            hint=_CHECK_URL,
        )
    if isinstance(response, dict) and (reported := response.get("error")):
        words = reported.get("message") if isinstance(reported, dict) else reported
        return AnswerError(
            f"{where} reports an error ({one_line(str(words))})", hint="try again later"
        )
    why = "" if first_choice(response) else " (no choices)"
    return AnswerError(f"{where} sent an empty answer{why}", hint="try again later")


def _problems(error: ValueError) -> list[str]:
    """What is wrong with the JSON, a line each, in words that no upgrade of pydantic changes."""
    if not isinstance(error, ValidationError):
        return [f"answer: {one_line(str(error))}"]
    return [
        f"{'.'.join(str(part) for part in problem['loc']) or 'answer'}: {one_line(problem['msg'])}"
        for problem in error.errors(include_url=False, include_input=False)[:_MAX_PROBLEMS]
    ]
