"""The lines of batch files: requests as they are sent, results as they come back.

The format is OpenAI's (https://platform.openai.com/docs/guides/batch), also as `vllm run-batch`
writes it (vllm/entrypoints/openai/run_batch.py): an error is in `error`, as an object or as text,
or in the response's body, with or without a status.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from summarize.errors import InputError
from summarize.models.responses import texts_of

__all__ = ["URL", "Result", "Worth", "custom_id", "id_bytes", "read_result", "request_line"]

URL = "/v1/chat/completions"
# Hexadecimal digits. OpenAI allows 64 characters; 128 bits tell any number of requests apart.
_ID_DIGITS = 32
# Allowed in JSON strings, but some programs take them for the end of a line.
_LINE_ENDS = {end.encode(): f"\\u{ord(end):04x}".encode() for end in "\u2028\u2029\u0085"}
# Reasons to finish that servers give for a whole answer.
_FINISHED = frozenset({None, "stop", "tool_calls", "function_call", "eos", "end_turn"})
# OpenAI's codes for requests that a batch did not get to, and does not charge for.
_NOT_ASKED = frozenset({"batch_expired", "batch_cancelled"})


def custom_id(body: bytes) -> str:
    """The id of a request: a hash of its body, whatever the order of keys and the spacing."""
    canonical = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:_ID_DIGITS]


def id_bytes(id_: str) -> bytes:
    """An id for a table: a file's ids may hold half characters, which SQLite takes for no text."""
    return id_.encode("utf-8", "surrogatepass")


def request_line(id_: str, body: bytes) -> bytes:
    """A line of a file of requests, with its end; the body as it would have been sent."""
    for end, escape in _LINE_ENDS.items():
        body = body.replace(end, escape)
    return b'{"custom_id":"%s","method":"POST","url":"%s","body":%s}\n' % (
        id_.encode(),
        URL.encode(),
        body,
    )


class Worth(IntEnum):
    """Which of several results of one request counts: the one of most worth."""

    NOT_ASKED = 0
    ERROR = 1
    # Cut off, declined, empty, or without JSON.
    NO_ANSWER = 2
    ANSWER = 3


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a request.

    Attributes:
        custom_id: of the request.
        status: the answer's HTTP status; 200 where the line gives none.
        body: the answer's body.
        not_asked: the batch's code where the model was never asked; else empty.
    """

    custom_id: str
    status: int
    body: Any
    not_asked: str = ""

    @property
    def worth(self) -> Worth:
        """How much of an answer it is."""
        match self.body:
            case _ if self.not_asked:
                return Worth.NOT_ASKED
            case {"error": error} if error:
                return Worth.ERROR
            case _ if self.status >= 300:
                return Worth.ERROR
            case {"choices": [{"message": dict(message), **choice}, *_]} if choice.get(
                "finish_reason"
            ) in _FINISHED and any("{" in text for text in texts_of(message)):
                return Worth.ANSWER
        return Worth.NO_ANSWER


def read_result(line: bytes) -> Result:
    """The result in a line.

    Raises:
        InputError: there is none; the message says why, but not where.
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as why:
        # Also for bytes that are not UTF-8, and for numbers with too many digits.
        raise InputError(f"is no JSON ({type(why).__name__})") from None
    if not isinstance(record, dict):
        raise InputError("is no object")
    id_ = record.get("custom_id")
    if not isinstance(id_, str):
        raise InputError("has no custom_id")
    if "response" not in record and "error" not in record:
        raise InputError("is a request, no result" if "body" in record else "has no response")
    error, response = record.get("error"), record.get("response")
    if isinstance(error, dict) and not any(error.values()):
        error = None
    if not isinstance(response, dict):
        if not error:
            raise InputError("has neither a response nor an error")
        response = {}
    status, body = response.get("status_code"), response.get("body")
    if type(status) is not int or not 200 <= status < 600:
        status = 200
    if error and (status < 300 or body is None):
        body = _error_body(error)
        code = str(body["error"].get("code"))
        if status < 300 and code in _NOT_ASKED:
            return Result(id_, status, body, not_asked=code)
    return Result(id_, status, body)


def _error_body(error: object) -> dict[str, Any]:
    """An error as the body of an answer: vLLM writes all of that, OpenAI the inner part."""
    inner = (error.get("error") or error) if isinstance(error, dict) else error
    if isinstance(inner, dict):
        return {"error": {**inner, "message": inner.get("message") or inner.get("code") or "?"}}
    return {"error": {"message": str(inner)}}
