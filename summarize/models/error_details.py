"""What an endpoint says of an error: in the body and the headers of its response."""

from __future__ import annotations

import email.utils
import html
import math
import re
import time
from datetime import UTC
from typing import Any

__all__ = ["code_of", "message_of_error", "one_line", "page_title", "retry_after"]


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
    for name in ("authorization", "api-key", "x-api-key"):
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


def code_of(error: Any) -> str:
    """Returns the code and the type that an endpoint gives an error."""
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        return ""
    return " ".join(str(inner[key]) for key in ("code", "type") if inner.get(key) is not None)


def retry_after(error: Any) -> float | None:
    """Returns the seconds of `Retry-After`: a number or an HTTP date (RFC 9110, 10.2.3)."""
    # Some clients, such as Mistral's, keep the response elsewhere.
    headers = getattr(getattr(error, "response", None), "headers", {})
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    try:
        date = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(date.replace(tzinfo=date.tzinfo or UTC).timestamp() - time.time(), 0.0)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    # "nan" is a number to Python, but no time to wait.
    return max(number, 0.0) if not math.isnan(number) else None
