"""Summaries as they stand in a file, one after the other; any number of them."""

from __future__ import annotations

import codecs
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from os import PathLike
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TypeAlias

from pydantic import ValidationError

from summarize.batch.results import BatchError, BatchResult
from summarize.errors import DuplicateIdError, InputError
from summarize.schema import Summary
from summarize.sources.articles import STANDARD_INPUT
from summarize.sources.utf8 import cannot_read, decode_utf8, display_name, replace_surrogates
from summarize.storage.disk_tables import DiskTables

__all__ = ["WANTED", "read_each", "read_results", "read_stored"]

WANTED = "give what summarize article --format jsonl or summarize batch wrote"
"""The hint where a file holds no summaries."""


def read_stored(path: Path) -> Iterator[Summary | BatchResult | InputError]:
    """What a JSONL file, a JSON array or a single JSON object holds, in its order.

    Yields:
        A summary, be it by itself or in the line of a batch; the failure of an article in a batch;
        or an error that says which line is neither and why.

    Raises:
        InputError: the file cannot be read, or is empty.
    """
    with _opened(path) as (name, stream):
        for _, place, record in _records(stream, name):
            yield _read(record, place)


def read_each(
    path: Path, *, report: Callable[[str], None] = lambda _: None
) -> Iterator[Summary | BatchResult | InputError]:
    """The same, with each article once: its last summary, or else its last failure.

    A batch that was killed, or several files put together, may hold an article more than once. Two
    texts with one id are two articles. The file is read twice; what comes through a pipe is kept on
    the disk meanwhile.

    Args:
        path: the file; `-` for standard input.
        report: told how many lines are left out, and of ids that several articles have.

    Raises:
        InputError: as `read_stored`.
    """
    with _opened(path) as (name, stream):
        outdated = _outdated(_records(stream, name), report)
        stream.seek(0)
        for number, place, record in _records(stream, name):
            if number not in outdated:
                yield _read(record, place)


def read_results(path: str | PathLike[str]) -> Iterator[Summary | BatchResult]:
    """The summaries and failures that a batch, or `summarize article`, left in a file.

    Each article is there once: with its last summary, or else its last failure.

    Args:
        path: JSONL, a JSON array, or a single JSON object.

    Raises:
        InputError: the file cannot be read, or a line of it is neither.
    """
    for record in read_each(Path(path)):
        if isinstance(record, InputError):
            raise record
        yield record


# What is where

_Placed: TypeAlias = tuple[int, str, object]
"""A JSON value, or an `InputError`; its number, and where it is in words."""


@contextmanager
def _opened(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """A file's name for messages, and its bytes, which can be read again from the start."""
    is_piped = str(path) == STANDARD_INPUT
    name = "standard input" if is_piped else display_name(path)
    with ExitStack() as stack:
        try:
            stream = _standard_input() if is_piped else stack.enter_context(path.open("rb"))
            if is_piped or not path.is_file():
                kept = stack.enter_context(TemporaryFile())
                shutil.copyfileobj(stream, kept)
                kept.seek(0)
                stream = kept
        except (OSError, ValueError) as error:
            raise cannot_read(name, error) from error
        yield name, stream


def _standard_input() -> IO[bytes]:
    # Python has none where the shell closed it.
    if sys.stdin is None or sys.stdin.closed:
        raise InputError("standard input: is closed", hint=WANTED)
    return sys.stdin.buffer


def _records(stream: IO[bytes], name: str) -> Iterator[_Placed]:
    """Each JSON value of a file.

    Raises:
        InputError: it is empty, binary, or in another encoding.
    """
    try:
        lines = _filled(stream)
        first = next(lines, None)
        if first is None:
            raise InputError(f"{name}: is empty", hint=WANTED)
        # Another encoding, or no text at all, shows at once; a bad byte later costs its line only.
        decode_utf8(first[1], name, wanted=WANTED)
        second = next(lines, None)
        ahead = [line for line in (first, second) if line]
        if _is_document(*(line for _, line in ahead)):
            yield from _of_document([*ahead, *lines], name)
        else:
            yield from _of_lines(chain(ahead, lines), name)
    except OSError as error:
        raise cannot_read(name, error) from error


def _filled(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each line that is not blank, with its number."""
    for number, line in enumerate(stream, start=1):
        # Some editors begin a file with a byte order mark, which is no part of its JSON.
        bare = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if bare and not bare.isspace():
            yield number, bare


def _is_document(first: bytes, second: bytes = b"") -> bool:
    """Whether a file that begins with these lines is one JSON value instead of one a line."""
    if first.lstrip().startswith(b"["):
        return True
    if not second or _is_json(first):
        return False
    # An object goes on with a name; another object is the next line after a broken one.
    return not second.startswith(b"{") or first.rstrip().endswith((b":", b"[", b","))


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
            text = decode_utf8(line.rstrip(b"\r\n"), place, wanted=WANTED, file=name)
        except InputError as error:
            yield number, place, error
        else:
            yield number, place, _json(text, place)


# The halves of a character beyond U+FFFF, as JSON may write them.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def _json(text: str, place: str) -> object:
    """A JSON value, or an `InputError` that says why it is none."""
    try:
        value = json.loads(text)
        is_failure = isinstance(value, dict) and value.get("ok") is False
        if _HALF.search(text) and not is_failure:
            # What can be said of a failure is said; a summary's words have to be exact.
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except UnicodeEncodeError:
        why = "holds half a character (a lone surrogate)"
        return InputError(f"{place}: {why}", hint="write it again from the article")
    except RecursionError:
        return InputError(f"{place}: is no JSON of ours (nested too deeply)", hint=WANTED)
    except ValueError as error:
        return InputError(f"{place}: is no JSON ({error})", hint=WANTED)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


# What it is


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


def _failure(record: dict[str, object]) -> BatchResult:
    """A failed article, as far as its line tells of it."""
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


# What counts


# The last line on each article, by its number.
_LATEST = "latest (id BLOB, sha256 TEXT, number INTEGER, PRIMARY KEY (id, sha256)) WITHOUT ROWID"


def _outdated(records: Iterable[_Placed], report: Callable[[str], None]) -> set[int]:
    """The numbers of summaries that a later one replaces, and of failures that a summary does."""
    outdated: set[int] = set()
    with DiskTables("the list of articles", _LATEST) as index:
        for number, place, record in records:
            if known := _article(record):
                is_sound = partial(_is_sound, record, place)
                outdated.update(_replaced(index, *known, number, is_sound))
        shared = list(
            index.rows("SELECT id, count(*) FROM latest GROUP BY id HAVING count(*) > 1 LIMIT 2")
        )
    if outdated:
        lines = f"{len(outdated):,} line{'s' * (len(outdated) != 1)}"
        report(f"{lines} left out: of several on the same article, the last summary counts")
    if shared:
        id_, number = shared[0]
        others = ", and other ids are shared, too" if len(shared) > 1 else ""
        told = f"{id_.decode('utf-8', 'replace')} is the id of {number} different articles{others}"
        report(f"{told}: all are kept, but no id tells them apart")
    return outdated


# Stands for the text of a failed article, which nothing is known of.
_FAILED = ""


def _replaced(
    index: DiskTables, id_: str, sha256: str, number: int, is_sound: Callable[[], bool]
) -> Iterator[int]:
    """The numbers that one more line makes outdated, maybe its own."""
    key = id_.encode("utf-8", "surrogatepass")
    known = dict(index.rows("SELECT sha256, number FROM latest WHERE id = ?", (key,)))
    if sha256 == _FAILED and known.keys() - {_FAILED}:
        yield number
        return
    # What is no summary after all replaces none.
    if known and not is_sound():
        return
    for text in {sha256, _FAILED} & known.keys():
        index.execute("DELETE FROM latest WHERE id = ? AND sha256 = ?", (key, text))
        yield known[text]
    index.execute("INSERT INTO latest VALUES (?, ?, ?)", (key, sha256, number))


def _is_sound(record: object, place: str) -> bool:
    return not isinstance(_read(record, place), InputError)


def _article(record: object) -> tuple[str, str] | None:
    """The id of the article that it is about, and the hash of its text; None if it is neither."""
    match record:
        case {"ok": False, "error": {"type": DuplicateIdError.__name__}}:
            # Of another article, that has the id of one before.
            return None
        case {"ok": False, "id": str(id_)}:
            return id_, _FAILED
        case {"ok": True, "summary": {"article": {"id": str(id_), "sha256": str(sha256)}}} | {
            "article": {"id": str(id_), "sha256": str(sha256)}
        }:
            return id_, sha256
        case _:
            return None
