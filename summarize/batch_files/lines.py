"""The lines of batch files: requests as they are sent, results as they come back.

OpenAI's form (https://platform.openai.com/docs/guides/batch), and what `vllm run-batch` makes of it
(vllm/entrypoints/openai/run_batch.py): errors may be in `error`, as an object or as text, or in the
response's body, with or without a status.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from summarize.errors import InputError
from summarize.models.answers import texts_of

__all__ = ["URL", "Result", "Worth", "custom_id", "read_result", "request_line"]

# As servers say that an answer is whole.
_FINISHED = frozenset({None, "stop", "tool_calls", "function_call", "eos", "end_turn"})
URL = "/v1/chat/completions"
# Hexadecimal digits; OpenAI's ids may have 64 characters, and 128 bits tell any number apart.
_ID_DIGITS = 32
# JSON has them in strings, and some programs take them for the end of a line.
_LINE_ENDS = {end.encode(): f"\\u{ord(end):04x}".encode() for end in "\u2028\u2029\u0085"}
# What OpenAI says of requests that a batch did not get to, and does not charge for.
_NOT_ASKED = frozenset({"batch_expired", "batch_cancelled"})


def custom_id(body: bytes) -> str:
    """What a request is known by: the hash of what it says, in whatever order and spacing."""
    said = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()[:_ID_DIGITS]


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
    # Cut off, declined, empty, or other than the JSON that was asked for.
    NO_ANSWER = 2
    ANSWER = 3


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a request.

    Attributes:
        custom_id: of the request.
        status: the HTTP status of the answer, or the one that says the same.
        body: the answer's body.
        not_asked: why the model was never asked; empty if it was.
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

    @property
    def created(self) -> int:
        """When it was made, in seconds since 1970; 0 where it does not say."""
        created = self.body.get("created") if isinstance(self.body, dict) else None
        # As large as a table holds.
        return created if type(created) is int and 0 <= created < 1 << 62 else 0


def read_result(line: bytes) -> Result:
    """The result that a line holds.

    Raises:
        InputError: it holds none; the message says why, but not where.
    """
    record = _object(line)
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
        return _failed(id_, error)
    status, body = response.get("status_code"), response.get("body")
    known = status if type(status) is int and 200 <= status < 600 else None
    if error and (known is None or known < 300):
        return _failed(id_, error)
    if body is None:
        body = _as_body(error) if error else None
    return Result(id_, known or 200, body)


def _failed(id_: str, error: object) -> Result:
    """A request without an answer, for a reason that is no HTTP error."""
    body = _as_body(error)
    inner = body["error"]
    code = str(inner.get("code") or "") if isinstance(inner, dict) else ""
    if code in _NOT_ASKED:
        return Result(id_, 200, body, not_asked=code)
    return Result(id_, 200, body)


def _as_body(error: object) -> dict[str, Any]:
    """An error as an endpoint says it: vLLM has it whole, OpenAI its inner part, others text."""
    if isinstance(error, dict):
        inner = error.get("error") or error
        if isinstance(inner, dict):
            return {"error": {**inner, "message": inner.get("message") or inner.get("code") or "?"}}
        error = inner
    return {"error": {"message": str(error)}}


def _object(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except RecursionError:
        raise InputError("is nested too deeply") from None
    except ValueError as error:
        # Of bytes that are no UTF-8, too, and of numbers with too many digits.
        raise InputError(f"is no JSON ({type(error).__name__})") from None
    if not isinstance(record, dict):
        raise InputError("is no object")
    return record
