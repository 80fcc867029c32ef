"""Where records come from: lines, documents and files of text, each read when its turn comes."""

from __future__ import annotations

import codecs
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from summarize.errors import InputError
from summarize.sources.articles import PAGE_SUFFIXES
from summarize.sources.delimited import Row, TooLargeCellError, rows
from summarize.sources.folders import Unreadable
from summarize.sources.records import (
    TEXT_NAMES,
    Place,
    Placed,
    Record,
    array_in,
    column_named,
    loaded,
    of_file,
    of_object,
    score_of_header,
)
from summarize.sources.utf8 import bom_encoding, cannot_read, decode_utf8, display_name, read_utf8

__all__ = ["TAKEN", "Source", "holds_records", "source_at", "source_of", "standard_input"]

_LINES = {".jsonl", ".ndjson"}
_DOCUMENT = ".json"
_TABLES = {".csv", ".tsv"}
_RECORDS = {_DOCUMENT, *_LINES, *_TABLES}
TAKEN = {".txt", ".md", ".text", *PAGE_SUFFIXES, *_RECORDS}
# Bytes. What is in a larger one takes three times as much memory, or with other scripts ten.
_MAX_DOCUMENT = 256_000_000
# Bytes of which it is quickly seen whether they hold an array of objects.
_MAX_COUNTED = 1_000_000


class Source(Protocol):
    """What holds records."""

    def placed(self) -> Iterator[Placed]:
        """The records."""

    def count(self) -> int | None:
        """How many there are, None where nobody knows."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """JSON lines: of a file, a pipe or standard input."""

    name: str
    stem: str
    opened: Callable[[], AbstractContextManager[IO[bytes]]]
    can_be_read_again: bool

    def placed(self) -> Iterator[Placed]:
        file = self.name if self.can_be_read_again else None
        try:
            with self.opened() as stream:
                for number, line in _numbered(stream):
                    if number == 1 and bom_encoding(line):
                        # Nor are its line ends those of UTF-8.
                        yield self._of_line(line, Place(self.name, self.stem))
                        return
                    name = f"{self.name}, line {number}"
                    yield self._of_line(line, Place(name, f"{self.stem}:{number}", file))
        except OSError as error:
            yield Placed(self.name, Record(self.stem, None, cannot_read(self.name, error)))

    def _of_line(self, line: bytes, place: Place) -> Placed:
        hint = 'write one object a line, such as {"text": "…"}'
        try:
            text = decode_utf8(line.rstrip(b"\r\n"), place.name, wanted=hint, file=self.name)
            given = loaded(text, place.name, hint)
        except InputError as error:
            return Placed(place.name, Record(place.id, None, error))
        return Placed(place.name, of_object(given, place))

    def count(self) -> int | None:
        if not self.can_be_read_again:
            return None
        try:
            with self.opened() as stream:
                return sum(1 for _ in _numbered(stream))
        except OSError:
            return 1


def _numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each line that is not blank, with its number."""
    for number, line in enumerate(lines, start=1):
        bare = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if bare and not bare.isspace():
            yield number, bare


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows of delimited text, under a header that names the fields."""

    path: Path
    can_be_read_again: bool

    def placed(self) -> Iterator[Placed]:
        name, stem = display_name(self.path), display_name(self.path.stem)
        try:
            with self._rows() as (columns, found):
                file = name if self.can_be_read_again else None
                for row in found:
                    place = Place(f"{name}, line {row.line}", f"{stem}:{row.line}", file)
                    yield Placed(place.name, _of_row(row, columns, place, name))
        except OSError as error:
            yield Placed(name, Record(stem, None, cannot_read(name, error)))
        except TooLargeCellError as error:
            place = Place(f"{name}, line {error.line}", f"{stem}:{error.line}")
            yield Placed(place.name, Record(place.id, None, _open_quote(place.name)))
        except InputError as error:
            yield Placed(name, Record(stem, None, error))

    def count(self) -> int | None:
        if not self.can_be_read_again:
            return None
        try:
            with self._rows() as (_, found):
                return sum(1 for _ in found)
        except (InputError, OSError):
            return 1
        except TooLargeCellError:
            return None

    @contextmanager
    def _rows(self) -> Iterator[tuple[list[str], Iterator[Row]]]:
        """What the columns are called, and the rows below the header."""
        name = display_name(self.path)
        with self.path.open("rb") as stream:
            if bom_encoding(start := stream.peek(4)):
                # Raises an error that tells which it is.
                decode_utf8(start, name)
            # Bytes that are not UTF-8 are told with their row.
            with io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="") as text:
                found = rows(text, score_of_header)
                header = next(found, None)
                columns = [column_named(cell.strip()) for cell in header.cells] if header else []
                if header:
                    _check_header(header, columns, name)
                yield columns, found


def _check_header(header: Row, columns: list[str], name: str) -> None:
    _check_bytes(header.cells, f"{name}, line {header.line}", name)
    if not set(columns).isdisjoint(TEXT_NAMES):
        return
    named = ", ".join(cell.strip() for cell in header.cells)
    if len(named) > _MAX_HEADER:
        named = f"{named[:_MAX_HEADER]}…"
    hint = f"the first line names the columns: call the one of the text {' or '.join(TEXT_NAMES)}"
    raise InputError(f"{name}: its first line names no column of texts ({named})", hint=hint)


# Characters of a header that a message repeats.
_MAX_HEADER = 80


def _of_row(row: Row, columns: list[str], place: Place, file: str) -> Record:
    cells = row.cells
    try:
        _check_bytes(cells, place.name, file)
        if row.is_open:
            raise _open_quote(place.name)
        if any(cells[len(columns) :]):
            why = f"{place.name}: has {len(cells)} cells, the first line {len(columns)}"
            hint = "put a cell in quotes that has separators or quotes in it, and double its quotes"
            raise InputError(why, hint=hint)
    except InputError as error:
        return Record(place.id, None, error)
    fields: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=False):
        if cell and not cell.isspace():
            fields.setdefault(column, cell)
    return of_object(fields, place)


def _open_quote(name: str) -> InputError:
    hint = "close it, or double the quotes that are part of a cell"
    return InputError(f"{name}: a quote opens that is closed nowhere", hint=hint)


def _check_bytes(cells: list[str], name: str, file: str) -> None:
    """Checks that cells are text.

    Raises:
        InputError: they are binary or not UTF-8.
    """
    data = "".join(cells).encode("utf-8", "surrogateescape")
    if data:
        decode_utf8(data, name, file=file)


@dataclass(frozen=True, slots=True)
class _Document:
    """A JSON file: one object, an array of them, or an object with such an array."""

    path: Path

    def placed(self) -> Iterator[Placed]:
        name, stem = display_name(self.path), display_name(self.path.stem)
        hint = "give an object or an array of objects; one object a line is for .jsonl"
        try:
            self._check_size(name)
            given = loaded(read_utf8(self.path, wanted=hint).removeprefix("\ufeff"), name, hint)
        except InputError as error:
            yield Placed(name, Record(stem, None, error))
            return
        if isinstance(given, Mapping) and (inside := array_in(given)) is not None:
            given = inside
        if not isinstance(given, list):
            yield Placed(name, of_object(given, Place(name, stem, name)))
            return
        for number, item in enumerate(given, start=1):
            place = Place(f"{name}, record {number}", f"{stem}:{number}", name)
            yield Placed(place.name, of_object(item, place))

    def _check_size(self, name: str) -> None:
        with suppress(OSError, ValueError):  # which reading tells in words
            if self.path.stat().st_size > _MAX_DOCUMENT:
                why = f"{name}: is larger than {_MAX_DOCUMENT // 1_000_000} MB"
                raise InputError(why, hint="write one object a line into a .jsonl file")

    def count(self) -> int | None:
        try:
            with self.path.open("rb") as stream:
                start = stream.read(_MAX_COUNTED).removeprefix(codecs.BOM_UTF8).lstrip()
        except OSError:
            return 1
        is_object = start.startswith(b"{") and len(start) < _MAX_COUNTED - len(codecs.BOM_UTF8)
        return 1 if is_object and not _ARRAY.search(start) else None


# What may be an array of objects.
_ARRAY = re.compile(rb"\[\s*[{\]]")


@dataclass(frozen=True, slots=True)
class _TextFile:
    """A file that is an article, as text or HTML."""

    path: Path

    def placed(self) -> Iterator[Placed]:
        yield Placed(display_name(self.path), of_file(self.path))

    def count(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class _UnreadableFolder:
    """A folder within an input that cannot be looked into."""

    path: Path
    error: OSError

    def placed(self) -> Iterator[Placed]:
        name = display_name(self.path)
        yield Placed(
            name, Record(display_name(self.path.name), None, cannot_read(name, self.error))
        )

    def count(self) -> int:
        return 1


def holds_records(path: Path) -> bool:
    """Whether a file, by its ending, holds records and is no article itself."""
    return path.suffix.lower() in _RECORDS


def source_of(file: Path | Unreadable) -> Source:
    """What a file in a folder holds, or that a folder cannot be looked into."""
    return source_at(file) if isinstance(file, Path) else _UnreadableFolder(file.path, file.error)


def source_at(path: Path, *, is_regular: bool = True) -> Source:
    """What a file holds, by its ending; JSON lines if a pipe or such tells nothing else."""
    ending = path.suffix.lower()
    if ending in _TABLES:
        return _Table(path, can_be_read_again=is_regular)
    if ending in _LINES or not is_regular:
        name, stem = display_name(path), display_name(path.stem)
        return _Lines(name, stem, lambda: path.open("rb"), can_be_read_again=is_regular)
    return _Document(path) if ending == _DOCUMENT else _TextFile(path)


def standard_input() -> Source:
    """The JSON lines on standard input.

    Raises:
        InputError: the shell has closed it.
    """
    # Python has none where the shell closed it.
    if sys.stdin is None or sys.stdin.closed:
        hint = "give it one JSON object a line, or name a file"
        raise InputError("standard input: is closed", hint=hint)
    # It is not ours to close.
    opened = nullcontext(sys.stdin.buffer)
    return _Lines("standard input", "stdin", lambda: opened, can_be_read_again=False)
