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
from typing import IO, TypeAlias

from pydantic import TypeAdapter, ValidationError

from summarize.batch.results import BatchError, BatchResult
from summarize.errors import DuplicateIdError, InputError, first_problem
from summarize.schema import Summary
from summarize.sources.articles import STANDARD_INPUT
from summarize.sources.decoding import (
    cannot_read,
    decode_utf8,
    display_name,
    filled_lines,
    parse_line,
)
from summarize.storage.disk_tables import DiskTables

WANTED = "give what summarize article --format jsonl or summarize batch wrote"
"""The hint where a file holds no summaries."""

_Placed: TypeAlias = tuple[str, object]
"""The place of a JSON value, for messages, and itself or an `InputError`."""

_ERROR = TypeAdapter(BatchError)
# The halves of a character beyond U+FFFF, as JSON may write them.
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")

# The hash of a failure is empty: it tells nothing of the text.
_OUTDATED = """
SELECT number FROM line WHERE number NOT IN (SELECT max(number) FROM line GROUP BY id, sha256)
OR (sha256 = x'' AND id IN (SELECT id FROM line WHERE sha256 != x''))
"""


def read_each(
    path: Path,
    *,
    with_replaced: bool = False,
    on_message: Callable[[str], None] = lambda _: None,
) -> Iterator[Summary | BatchResult | InputError]:
    """Reads each article once: its last summary, or else its last failure.

    A batch that was killed, or several files put together, may hold an article more than once. Two
    texts with one id are two articles. The file is read twice; what comes through a pipe is kept on
    the disk meanwhile.

    Args:
        path: the file; `-` for standard input.
        with_replaced: yield what later lines replace, too.
        on_message: called with how many lines are left out.

    Yields:
        A summary, by itself or from the line of a batch; the failure of an article in a batch; or
        an error that says which line is neither and why.

    Raises:
        InputError: the file cannot be read, or is empty.
    """
    with _opened(path) as (name, stream):
        outdated = set() if with_replaced else _outdated(_records(stream, name))
        if outdated:
            lines = f"{len(outdated):,} line{'s' * (len(outdated) != 1)}"
            on_message(f"{lines} left out: of several on the same article, the last summary counts")
        stream.seek(0)
        for number, (place, record) in enumerate(_records(stream, name)):
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
        lines = chain([first], lines)
        # With a line break in it JSON begins with a bracket alone, unless it is an array.
        if first[1].startswith(b"[") or first[1].strip() == b"{":
            held = list(lines)
            whole = _value(b"".join(line for _, line in held), name)
            if not isinstance(whole, InputError):
                for number, record in enumerate(whole if isinstance(whole, list) else [whole], 1):
                    yield f"{name}, record {number}", record
                return
            lines = iter(held)
        for number, line in lines:
            place = f"{name}, line {number}"
            yield place, _value(line, place)
    except OSError as error:
        raise cannot_read(name, error) from error


def _value(line: bytes, place: str) -> object:
    """Returns a JSON value, or an `InputError` that says why it is none."""
    try:
        value = parse_line(line, place, hint=WANTED)
        if _HALF.search(line):
            json.dumps(value, ensure_ascii=False).encode()
    except InputError as error:
        return error
    except UnicodeEncodeError:
        why = f"{place}: holds half a character (a lone surrogate)"
        return InputError(why, hint="write it again from the article")
    return value


def _read(record: object, place: str) -> Summary | BatchResult | InputError:
    if isinstance(record, InputError):
        return record
    try:
        if isinstance(record, dict) and record.get("ok") is False:
            error = _ERROR.validate_python(record.get("error"))
            return BatchResult(str(record.get("id")), error=error)
        if isinstance(record, dict) and "ok" in record:
            record = record.get("summary")
        elif isinstance(record, dict) and isinstance(record.get("text"), str):
            hint = "summarize it first: summarize batch"
            return InputError(f"{place}: is an article, not a summary", hint=hint)
        return Summary.model_validate(record)
    except ValidationError as invalid:
        why = first_problem(invalid, "record")
        return InputError(f"{place}: is no summary ({why})", hint=WANTED)


def _outdated(records: Iterable[_Placed]) -> set[int]:
    """Returns the numbers of the records that others replace."""
    with DiskTables(
        "the list of articles", "line (number INTEGER PRIMARY KEY, id BLOB, sha256 BLOB)"
    ) as index:
        for number, (_, record) in enumerate(records):
            match record:
                case {"ok": False, "error": {"type": DuplicateIdError.__name__}}:
                    # Of another article, that has the id of one before.
                    continue
                case {"ok": False, "id": str(id_)}:
                    sha256 = ""
                case {"ok": True, "summary": {"article": {"id": str(id_), "sha256": str(sha256)}}}:
                    pass
                case {"article": {"id": str(id_), "sha256": str(sha256)}}:
                    pass
                case _:
                    continue
            # Half a character is no text to SQLite.
            key = (number, *(text.encode("utf-8", "surrogatepass") for text in (id_, sha256)))
            index.execute("INSERT INTO line VALUES (?, ?, ?)", key)
        return {number for (number,) in index.rows(_OUTDATED)}
