"""Explains why a request is not in a cassette."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from summarize.cassettes.cassette_file import Request

__all__ = ["reason_of_miss"]

# What can differ. Of several, those recorded for the same article are looked at.
_REASONS = {
    "messages": "the article, the example or a follow-up question is not in the recording",
    "endpoint": "the endpoint differs (recorded with {recorded}, asked of {asked})",
    "model": "the model differs (recorded with {recorded}, asked of {asked})",
    "prompt": "the prompt (system message) changed",
    "schema": "the schema (response_format) changed",
    "settings": "sampling settings changed (recorded {recorded}, asked {asked})",
}


def reason_of_miss(asked: Request, recorded: Iterable[Request]) -> str:
    """Returns why a request is not among those recorded."""
    if not asked.is_chat_completion:
        return "a cassette holds chat completions only"
    ours = _parts(asked)
    like = [_parts(request) for request in recorded]
    for name, reason in _REASONS.items():
        same = [theirs for theirs in like if theirs[name] == ours[name]]
        if like and not same:
            return reason.format(recorded=like[0][name], asked=ours[name])
        like = same
    return "the cassette is empty"


@lru_cache(maxsize=10_000)
def _parts(request: Request) -> dict[str, Any]:
    body = json.loads(request.content).get("body")
    settings = dict(body) if isinstance(body, dict) else {}
    messages = settings.pop("messages", None) or []
    return {
        "messages": messages[1:],
        "endpoint": request.path,
        "model": settings.pop("model", None),
        "prompt": messages[:1],
        "schema": settings.pop("response_format", None),
        "settings": settings,
    }
