"""Reads summaries from a file: JSONL, a JSON array, or a single JSON object."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from os import PathLike
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, TypeAlias

from pydantic import ValidationError

from summarize.batch.results import BatchError, BatchResult
from summarize.errors import DuplicateIdError, InputError
from summarize.schema import Summary
from summarize.sources.articles import STANDARD_INPUT
from summarize.sources.jsonl import filled_lines, parse_json
from summarize.sources.utf8 import cannot_read, decode_utf8, display_name, replace_surrogates
from summarize.storage.disk_tables import DiskTables

__all__ = ["WANTED", "read_each", "read_results", "read_stored"]

WANTED = "give what summarize article --format jsonl or summarize batch wrote"
"""The hint where a file holds no summaries."""

_Placed: TypeAlias = tuple[int, str, object]
"""The number of a JSON value, its place for messages, and itself or an `InputError`."""

# The halves of a character beyond U+FFFF, as JSON may write them.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")

# A failure tells nothing of the text.
_LINES = "line (number INTEGER PRIMARY KEY, id BLOB, sha256 TEXT)"
_FAILED = ""
_OUTDATED = f"""
SELECT number FROM line WHERE number NOT IN (SELECT max(number) FROM line GROUP BY id, sha256)
OR (sha256 = '{_FAILED}' AND id IN (SELECT id FROM line WHERE sha256 != '{_FAILED}'))
"""  # noqa: S608  words of our own
_SHARED = f"""
SELECT id, count(DISTINCT sha256) AS texts FROM line WHERE sha256 != '{_FAILED}'
GROUP BY id HAVING texts > 1 LIMIT 2
"""  # noqa: S608


def read_stored(path: Path) -> Iterator[Summary | BatchResult | InputError]:
    """Reads what a file holds, in its order.

    Yields:
        A summary, by itself or from the line of a batch; the failure of an article in a batch; or
        an error that says which line is neither and why.

    Raises:
        InputError: the file cannot be read, or is empty.
    """
    with _opened(path) as (name, stream):
        for _, place, record in _records(stream, name):
            yield _read(record, place)


def read_each(
    path: Path, *, on_message: Callable[[str], None] = lambda _: None
) -> Iterator[Summary | BatchResult | InputError]:
    """Reads each article once: its last summary, or else its last failure.

    A batch that was killed, or several files put together, may hold an article more than once. Two
    texts with one id are two articles. The file is read twice; what comes through a pipe is kept on
    the disk meanwhile.

    Args:
        path: the file; `-` for standard input.
        on_message: called with how many lines are left out, and with ids that several articles
            have.

    Raises:
        InputError: as `read_stored`.
    """
    with _opened(path) as (name, stream):
        outdated = _outdated(_records(stream, name), on_message)
        stream.seek(0)
        for number, place, record in _records(stream, name):
            if number not in outdated:
                yield _read(record, place)


def read_results(path: str | PathLike[str]) -> Iterator[Summary | BatchResult]:
    """Reads the summaries and failures that a batch, or `summarize article`, left in a file.

    Each article comes once: with its last summary, or else its last failure.

    Args:
        path: JSONL, a JSON array, or a single JSON object.

    Raises:
        InputError: the file cannot be read, or a line of it is neither.
    """
    for record in read_each(Path(path)):
        if isinstance(record, InputError):
            raise record
        yield record


@contextmanager
def _opened(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Opens a file; its bytes can be read again from the start."""
    is_piped = str(path) == STANDARD_INPUT
    name = "standard input" if is_piped else display_name(path)
    # Python has none where the shell closed it.
    if is_piped and (sys.stdin is None or sys.stdin.closed):
        raise InputError("standard input: is closed", hint=WANTED)
    with ExitStack() as stack:
        try:
            stream = sys.stdin.buffer if is_piped else stack.enter_context(path.open("rb"))
            if is_piped or not path.is_file():
                kept = stack.enter_context(TemporaryFile())
                shutil.copyfileobj(stream, kept)
                kept.seek(0)
                stream = kept
        except (OSError, ValueError) as error:
            raise cannot_read(name, error) from error
        yield name, stream


def _records(stream: IO[bytes], name: str) -> Iterator[_Placed]:
    """Yields each JSON value of a file.

    Raises:
        InputError: it is empty, binary, or in another encoding.
    """
    try:
        lines = filled_lines(stream)
        first = next(lines, None)
        if first is None:
            raise InputError(f"{name}: is empty", hint=WANTED)
        # Another encoding, or no text at all, shows at once; a bad byte later costs its line only.
        decode_utf8(first[1], name, wanted=WANTED)
        # With a line break in it JSON begins with a bracket alone, unless it is an array.
        if first[1].startswith(b"[") or first[1].strip() == b"{":
            yield from _of_document([first, *lines], name)
        else:
            yield from _of_lines(chain([first], lines), name)
    except OSError as error:
        raise cannot_read(name, error) from error


def _of_document(lines: list[tuple[int, bytes]], name: str) -> Iterator[_Placed]:
    data = b"".join(line for _, line in lines)
    whole = _json(decode_utf8(data, name, wanted=WANTED), name)
    if isinstance(whole, list):
        for number, record in enumerate(whole, start=1):
            yield number, f"{name}, record {number}", record
    elif not isinstance(whole, InputError):
        yield 1, f"{name}, line 1", whole
    else:
        yield from _of_lines(lines, name)


def _of_lines(lines: Iterable[tuple[int, bytes]], name: str) -> Iterator[_Placed]:
    for number, line in lines:
        place = f"{name}, line {number}"
        try:
            text = decode_utf8(line.rstrip(b"\r\n"), place, wanted=WANTED)
        except InputError as error:
            yield number, place, error
        else:
            yield number, place, _json(text, place)


def _json(text: str, place: str) -> object:
    """Returns a JSON value, or an `InputError` that says why it is none."""
    try:
        value = parse_json(text, place, WANTED)
    except InputError as error:
        return error
    is_failure = isinstance(value, dict) and value.get("ok") is False
    if _HALF.search(text) and not is_failure:
        # What can be said of a failure is said; a summary's words have to be exact.
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            why = "holds half a character (a lone surrogate)"
            return InputError(f"{place}: {why}", hint="write it again from the article")
    return value


def _read(record: object, place: str) -> Summary | BatchResult | InputError:
    if isinstance(record, InputError):
        return record
    if isinstance(record, dict) and "ok" in record:
        if record["ok"] is False:
            return _failure(record)
        record = record.get("summary")
    if isinstance(record, dict) and isinstance(record.get("text") or record.get("content"), str):
        hint = "summarize it first: summarize batch"
        return InputError(f"{place}: is an article, not a summary", hint=hint)
    try:
        return Summary.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        why = f"{field or 'record'}: {first['msg']}"
        return InputError(f"{place}: is no summary ({why})", hint=WANTED)


def _failure(record: dict[str, Any]) -> BatchResult:
    """Returns a failed article, as far as its line tells of it."""
    given = record.get("error")
    told = given if isinstance(given, dict) else {}
    attempts = told.get("attempts")
    error = BatchError(
        type=_text(told.get("type")),
        message=_text(told.get("message")),
        retryable=told.get("retryable") is True,
        attempts=attempts if isinstance(attempts, int) else 0,
    )
    return BatchResult(_text(record.get("id")), error=error)


def _text(value: object) -> str:
    # JSON can write half a character, which no file of text can hold.
    return replace_surrogates(value) if isinstance(value, str) else ""


def _outdated(records: Iterable[_Placed], on_message: Callable[[str], None]) -> set[int]:
    """Returns the numbers of lines that a later summary, or for a failure any summary, replaces."""
    with DiskTables("the list of articles", _LINES) as index:
        for number, _, record in records:
            if known := _article(record):
                id_, sha256 = known
                key = id_.encode("utf-8", "surrogatepass")
                index.execute("INSERT INTO line VALUES (?, ?, ?)", (number, key, sha256))
        outdated = {number for (number,) in index.rows(_OUTDATED)}
        shared = list(index.rows(_SHARED))
    if outdated:
        lines = f"{len(outdated):,} line{'s' * (len(outdated) != 1)}"
        on_message(f"{lines} left out: of several on the same article, the last summary counts")
    if shared:
        id_, texts = shared[0]
        others = ", and other ids are shared, too" if len(shared) > 1 else ""
        told = f"{id_.decode('utf-8', 'replace')} is the id of {texts} different articles{others}"
        on_message(f"{told}: all are kept, but no id tells them apart")
    return outdated


def _article(record: object) -> tuple[str, str] | None:
    """Returns the id of the article that it is about and the hash of its text, if it is."""
    match record:
        case {"ok": False, "error": {"type": DuplicateIdError.__name__}}:
            # Of another article, that has the id of one before.
            return None
        case {"ok": False, "id": str(id_)}:
            return id_, _FAILED
        case {"ok": True, "summary": {"article": {"id": str(id_), "sha256": str(sha256)}}} | {
            "article": {"id": str(id_), "sha256": str(sha256)}
        } if sha256.isascii():
            return id_, sha256
        case _:
            return None
