"""The answers in files of results, found by the request that they answer.

The format is OpenAI's (https://platform.openai.com/docs/guides/batch), also as `vllm run-batch`
writes it (vllm/entrypoints/openai/run_batch.py): an error is in `error`, as an object or as text,
or in the response's body, with or without a status.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple, Self

from summarize.batch_files.request_files import custom_id
from summarize.errors import ConfigurationError, InputError, MissingResultError
from summarize.models.responses import texts_of
from summarize.sources.decoding import cannot_read, display_name, replace_surrogates
from summarize.storage.disk_tables import DiskTables

# Reasons to finish that servers give for a whole answer.
_FINISHED = frozenset({None, "stop", "tool_calls", "function_call", "eos", "end_turn"})
# OpenAI's codes for requests that a batch did not get to, and does not charge for.
_NOT_ASKED = frozenset({"batch_expired", "batch_cancelled"})


class LostAnswersError(ConfigurationError):
    """A file of results has changed since it was read, or the index of results cannot be kept."""


class Answers:
    """Finds the answer to each request.

    Of several results of one request the one of most worth counts, and of these the last one read.
    Only their places are kept, on the disk where they are many, so memory does not grow.

    Attributes:
        results: lines that hold a result.
        broken: lines that hold none.
    """

    def __init__(self) -> None:
        self.results = 0
        self.broken = 0
        self._paths: list[Path] = []
        self._index = DiskTables(
            "the list of results",
            "answer (id TEXT PRIMARY KEY, file INTEGER, start INTEGER, worth INTEGER, used INTEGER)"
            " WITHOUT ROWID",
            error=LostAnswersError,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._index.close()

    def read(self, path: Path) -> Iterator[str]:
        """Reads a file of results; yields the place of each line that holds none, and the reason.

        Raises:
            InputError: the file cannot be read.
            LostAnswersError: there is no room for the index.
        """
        name = display_name(path)
        if path.exists() and not path.is_file():
            # Answers are read again from their places.
            raise InputError(f"{name}: is no file", hint="name the files of results one by one")
        self._paths.append(path)
        place = 0
        try:
            with path.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    if not line.isspace():
                        try:
                            self._add(read_result(line), place)
                        except InputError as error:
                            self.broken += 1
                            yield f"{name}, line {number}: {error}"
                    place += len(line)
        except (OSError, ValueError) as error:
            raise cannot_read(name, error) from error

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """Returns the status and the body of the answer to a request.

        Raises:
            MissingResultError: there is none.
            LostAnswersError: it cannot be read again.
        """
        id_ = custom_id(body)
        found = self._index.row("SELECT file, start FROM answer WHERE id = ?", (id_,))
        if found is None:
            raise _missing(f"its result is missing from the files of results ({id_})", body)
        self._index.execute("UPDATE answer SET used = 1 WHERE id = ?", (id_,))
        path, start = self._paths[found[0]], found[1]
        try:
            with path.open("rb") as file:
                file.seek(start)
                result = read_result(file.readline())
        except (OSError, InputError):
            result = None
        if result is None or result.custom_id != id_:
            raise LostAnswersError(
                f"{path}: has changed while it was read", hint="run the same command again"
            )
        if result.not_asked:
            raise _missing(f"the batch did not get to it ({result.not_asked})", body)
        return result.status, json.dumps(result.body).encode()

    def unknown(self) -> Iterator[str]:
        """The ids of the results that were not asked for so far, in the order of the files."""
        unused = self._index.rows("SELECT id FROM answer WHERE NOT used ORDER BY file, start")
        return (id_ for (id_,) in unused)

    def _add(self, result: Result, start: int) -> None:
        self.results += 1
        self._index.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, 0) ON CONFLICT (id) DO UPDATE SET"
            " file = excluded.file, start = excluded.start, worth = excluded.worth"
            " WHERE excluded.worth >= answer.worth",
            # An id of another tool may hold half a character, which SQLite takes for no text.
            (replace_surrogates(result.custom_id), len(self._paths) - 1, start, result.worth),
        )


def _missing(why: str, body: bytes) -> MissingResultError:
    error = MissingResultError(why, hint="summarize requests --done writes what is missing")
    error.request = body
    return error


class Worth(IntEnum):
    """Which of several results of one request counts: the one of most worth."""

    NOT_ASKED = 0
    ERROR = 1
    # Cut off, declined, empty, or without JSON.
    NO_ANSWER = 2
    ANSWER = 3


class Result(NamedTuple):
    """The result of a request: the status and the body of its answer."""

    custom_id: str
    status: int
    body: Any

    @property
    def not_asked(self) -> str:
        """The reason where the batch did not get to the request; else empty."""
        match self.body:
            case {"error": {"code": str(code), "message": message}} if code in _NOT_ASKED:
                return f"{code}: {message}"
        return ""

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
    """Returns the result in a line; raises an `InputError` that says why there is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as why:
        # Also for bytes that are not UTF-8, and for numbers with too many digits.
        raise InputError(f"is no JSON ({type(why).__name__})") from None
    match record:
        case {"custom_id": str(id_), **rest}:
            error, response = rest.get("error"), rest.get("response")
        case _:
            raise InputError("has no custom_id")
    if isinstance(error, dict):
        # vLLM writes the body of an answer, OpenAI the inner part.
        error = error.get("error") or (error if any(error.values()) else None)
    if not isinstance(response, dict):
        if not error:
            raise InputError("has neither a response nor an error")
        response = {}
    status, body = response.get("status_code"), response.get("body")
    if type(status) is not int or not 200 <= status < 600:
        status = 200
    if error and (status < 300 or body is None):
        inner = error if isinstance(error, dict) else {"message": str(error)}
        body = {"error": {**inner, "message": inner.get("message") or inner.get("code") or "?"}}
    return Result(id_, status, body)
