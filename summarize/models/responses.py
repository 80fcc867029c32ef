"""Chat completions as parsed JSON, from any server: the reply in one, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from summarize.errors import AnswerError, RefusalError, TruncatedAnswerError
from summarize.models.answers import read_record
from summarize.models.conversation import InvalidAnswerError, Reply
from summarize.models.error_mapping import CHECK_URL, WebPageError, one_line, page_title

__all__ = ["as_json", "read_reply", "texts_of"]

A = TypeVar("A", bound=BaseModel)

# Fields of a message with the model's reasoning: of vLLM and DeepSeek; of OpenRouter; of Ollama.
_REASONING = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
# Mistakes that the model is shown at most: one broken list makes dozens.
_MAX_PROBLEMS = 8


def as_json(response: object) -> Any:
    """Returns a response as parsed JSON; text that is no JSON stays as it is."""
    if isinstance(response, BaseModel):
        return response.model_dump(mode="json", warnings=False)
    if not isinstance(response, str):
        return response
    try:
        # From a server that does not say that it sends JSON.
        return json.loads(response.strip(" \ufeff"))
    except (ValueError, RecursionError):
        return response


def read_reply(response: Any, schema: type[A], where: str, tokens: int) -> Reply[A]:
    """Returns the reply in a response: as written, or the record alone if among other text.

    Messages name the endpoint's address and the tokens of the answer.

    Raises:
        SummarizeError: why there is none.
    """
    choices = _dict(response).get("choices")
    choice = _dict(choices[0]) if isinstance(choices, list) and choices else {}
    message, reason = _dict(choice.get("message")), choice.get("finish_reason")
    if (refusal := message.get("refusal")) or reason == "content_filter":
        why = f": {one_line(str(refusal))}" if refusal else " (content filter)"
        raise RefusalError(f"the model declined{why}", hint="try another model with --model")
    texts = texts_of(message)
    is_cut_off = reason in {"length", "max_tokens"}
    try:
        return Reply(schema.model_validate_json(texts[0]), texts[0])
    except (ValueError, IndexError):
        pass
    try:
        record = read_record(texts, schema, is_cut_off=is_cut_off)
    except ValueError as error:
        if is_cut_off:
            after = f" after {tokens} tokens" if tokens else ""
            raise TruncatedAnswerError(
                f"the answer was cut off{after}", hint="try a larger model with --model"
            ) from error
        if not texts:
            raise _no_text(response, where, has_choice=bool(choice)) from error
        problems = _problems(error)
        raise InvalidAnswerError(
            f"the answer is not the JSON that was asked for ({problems[0]})",
            text=texts[0],
            problems=problems,
        ) from error
    return Reply(record, record.model_dump_json())


def texts_of(message: Mapping[str, Any]) -> list[str]:
    """Returns the texts of a message in which the answer may stand, the likeliest first.

    First the content (its parts joined), then arguments of tool calls, and last the reasoning: some
    servers send the whole answer as reasoning, with no content.
    """
    content, calls = message.get("content"), message.get("tool_calls") or ()
    texts = [
        _said(content),
        *(_said(_dict(_dict(call).get("function")).get("arguments")) for call in calls),
        *(_text(message.get(key), is_reasoning=True) for key in _REASONING),
        _text(content, is_reasoning=True),
    ]
    return [text for text in texts if text.strip()]


def _said(value: object) -> str:
    """Content or arguments as text; some servers parse them."""
    return json.dumps(value) if isinstance(value, dict) else _text(value)


def _text(part: object, *, is_reasoning: bool = False) -> str:
    """The text of a part, or of a list of parts; that of reasoning only where asked for."""
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return "".join(_text(inner, is_reasoning=is_reasoning) for inner in part)
    if not isinstance(part, dict):
        return ""
    kind = str(part.get("type") or "text")
    if not is_reasoning and ("text" not in kind or part.get("thought") is True):
        return ""
    held = [part.get(key) for key in ("text", "content", *_REASONING)]
    inner = [part for part in held if isinstance(part, (str, list))]
    return _text(inner, is_reasoning=is_reasoning)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _no_text(response: Any, where: str, *, has_choice: bool) -> AnswerError | WebPageError:
    """What a response without an answer means."""
    if isinstance(response, str):
        if title := page_title(response):
            return WebPageError(f"{where} answered with a web page ({title})", hint=CHECK_URL)
        text = one_line(response, 60)
        return AnswerError(f"{where} answered with text that is no JSON ({text})", hint=CHECK_URL)
    if reported := _dict(response).get("error"):
        words = one_line(str(_dict(reported).get("message") or reported))
        return AnswerError(f"{where} reports an error ({words})", hint="try again later")
    why = "" if has_choice else " (no choices)"
    return AnswerError(f"{where} sent an empty answer{why}", hint="try again later")


def _problems(error: ValueError) -> list[str]:
    """What is wrong with the JSON, a line each, in words that no upgrade of pydantic changes."""
    if not isinstance(error, ValidationError):
        return [f"answer: {one_line(str(error))}"]
    return [
        f"{'.'.join(map(str, problem['loc'])) or 'answer'}: {one_line(problem['msg'])}"
        for problem in error.errors(include_url=False, include_input=False)[:_MAX_PROBLEMS]
    ]
