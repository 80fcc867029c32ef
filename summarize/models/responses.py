"""Chat completions as parsed JSON, from any server: where the answer's text and the tokens are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

__all__ = ["as_json", "finish_reason", "first_choice", "message_of", "texts_of"]

# Fields of a message with the model's reasoning: of vLLM and DeepSeek; of OpenRouter; of Ollama.
_REASONING = ("reasoning_content", "reasoning", "thinking", "reasoning_details")


def as_json(response: object) -> Any:
    """Returns a response as parsed JSON.

    Text that holds JSON is parsed, and the events of a stream that nobody asked for are joined;
    other text stays as it is.
    """
    if isinstance(response, BaseModel):
        return response.model_dump(mode="json", warnings=False)
    if not isinstance(response, str):
        return response
    if whole := _parsed(response):
        return whole
    events = [_parsed(line.removeprefix("data:")) for line in response.splitlines()]
    choices = [choice for choice in map(first_choice, events) if choice]
    if not choices:
        return response
    text = "".join(str(_dict(choice.get("delta")).get("content") or "") for choice in choices)
    usages = [event["usage"] for event in events if event.get("usage")]
    choice = {**choices[-1], "message": {"content": text}}
    return {"choices": [choice], "usage": usages[-1] if usages else None}


def _parsed(text: str) -> dict[str, Any]:
    try:
        return _dict(json.loads(text.strip(" \ufeff")))
    except (ValueError, RecursionError):
        return {}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def first_choice(response: object) -> dict[str, Any]:
    """Returns the first choice of a response; empty where there is none."""
    choices = _dict(response).get("choices")
    return _dict(choices[0]) if isinstance(choices, list) and choices else {}


def message_of(response: object) -> dict[str, Any]:
    """Returns the message of a response: of its first choice, or itself, as of Anthropic."""
    return _dict(first_choice(response).get("message")) or _dict(response)


def finish_reason(response: object) -> str:
    """Returns why the answer ended, as the server calls it; empty where it does not say."""
    reason = first_choice(response).get("finish_reason") or _dict(response).get("stop_reason")
    return str(reason or "")


def texts_of(message: Mapping[str, Any]) -> list[str]:
    """Returns the texts of a message in which the answer may stand, the likeliest first.

    First the content (its parts joined), then arguments of tool calls, and last the reasoning: some
    servers send the whole answer as reasoning, with no content.
    """
    content = message.get("content")
    functions = [_dict(call).get("function") for call in message.get("tool_calls") or ()]
    texts = [
        _joined(content),
        *(_joined(_dict(function).get("arguments")) for function in functions),
        *(_joined(message.get(key), is_reasoning=True) for key in _REASONING),
        _joined(content, is_reasoning=True),
    ]
    return [text for text in texts if text.strip()]


def _joined(content: object, *, is_reasoning: bool = False) -> str:
    """Returns text as it is, parts joined, and other JSON as text."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict) and "type" not in content:
        return json.dumps(content, ensure_ascii=False)
    return "".join(_texts(content, is_reasoning))


def _texts(part: object, is_reasoning: bool) -> Iterator[str]:
    """The texts of a part or of a list of parts; those of reasoning only where asked for."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for inner in part:
            yield from _texts(inner, is_reasoning)
    elif isinstance(part, dict):
        kind = str(part.get("type") or "text")
        if is_reasoning or ("text" in kind and part.get("thought") is not True):
            for key in ("text", "content", *_REASONING):
                if isinstance(part.get(key), (str, list)):
                    yield from _texts(part[key], is_reasoning)
