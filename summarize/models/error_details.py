"""What an endpoint says of an error: in the body and the headers of its response."""

from __future__ import annotations

import html
import re
from typing import Any

__all__ = ["message_of_error", "one_line", "page_title", "retry_after"]


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
