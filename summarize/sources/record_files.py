"""Reads the records of a file: JSON lines, a JSON document, a table, or a single article."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import IO, TypeAlias

from summarize.errors import InputError
from summarize.sources.articles import PAGE_SUFFIXES
from summarize.sources.folders import UnreadableFolder
from summarize.sources.jsonl import filled_lines, parse_json, parse_line
from summarize.sources.records import (
    TEXT_NAMES,
    Place,
    Record,
    array_in,
    column_named,
    record_of_file,
    record_of_object,
    score_of_header,
)
from summarize.sources.utf8 import (
    bom_encoding,
    cannot_read,
    decode_utf8,
    display_name,
    read_utf8,
)

__all__ = ["SUFFIXES", "Source", "count_in", "holds_records", "records_in"]

Source: TypeAlias = Path | UnreadableFolder | None
"""A file, a pipe, or a folder that cannot be looked into; None is standard input."""

_LINES = {".jsonl", ".ndjson"}
_DOCUMENT = ".json"
_TABLES = {".csv", ".tsv"}
_OF_RECORDS = {_DOCUMENT, *_LINES, *_TABLES}
SUFFIXES = frozenset({".txt", ".md", ".text", *PAGE_SUFFIXES, *_OF_RECORDS})
"""Of the files in a folder that are read."""
# Bytes. What is in a larger one takes three times as much memory, or with other scripts ten.
_MAX_DOCUMENT = 256_000_000
# Bytes of a document in which an array of objects is looked for, to count its records.
_MAX_COUNTED = 1_000_000
_ARRAY = re.compile(rb"\[\s*[{\]]")
# Characters. Python's own limit is 131,072; a quote that nothing closes reaches to the end.
_MAX_CELL = 100_000_000
# Characters of a header that a message repeats.
_MAX_HEADER = 80


def holds_records(path: Path) -> bool:
    """Whether a file, by its suffix, holds records and is no article itself."""
    return path.suffix.lower() in _OF_RECORDS


def records_in(source: Source) -> Iterator[Record]:
    """Yields the records of a source; what cannot be read is a record with an error."""
    if isinstance(source, UnreadableFolder):
        name = display_name(source.path)
        error = cannot_read(name, source.error)
        yield Record(display_name(source.path.name), None, error, name)
        return
    if source is None:
        yield from _records_of_lines(sys.stdin.buffer, Place("standard input", "stdin"))
        return
    name, stem = display_name(source), display_name(source.stem)
    suffix = source.suffix.lower()
    try:
        if suffix in _TABLES:
            yield from _records_of_table(source, Place(name, stem, _if_regular(source)))
        elif suffix in _LINES or _is_pipe(source):
            with source.open("rb") as stream:
                yield from _records_of_lines(stream, Place(name, stem, _if_regular(source)))
        elif suffix == _DOCUMENT:
            yield from _records_of_document(source, Place(name, stem, name))
        else:
            yield record_of_file(source)
    except OSError as error:
        yield Record(stem, None, cannot_read(name, error), name)
    except InputError as error:
        yield Record(stem, None, error, name)


def count_in(source: Source) -> int | None:
    """Returns how many records a source has; None where only reading them tells."""
    if isinstance(source, UnreadableFolder):
        return 1
    if source is None or _is_pipe(source):
        return None
    suffix = source.suffix.lower()
    try:
        if suffix in _LINES:
            with source.open("rb") as stream:
                return sum(1 for _ in filled_lines(stream))
        if suffix in _TABLES:
            return sum(1 for _ in records_in(source))
        if suffix == _DOCUMENT:
            with source.open("rb") as stream:
                start = stream.read(_MAX_COUNTED).removeprefix(b"\xef\xbb\xbf").lstrip()
            is_object = start.startswith(b"{") and len(start) < _MAX_COUNTED - 3
            return 1 if is_object and not _ARRAY.search(start) else None
    except OSError:
        pass
    return 1


def _is_pipe(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _if_regular(path: Path) -> str | None:
    return None if _is_pipe(path) else display_name(path)


# JSON


def _records_of_lines(stream: Iterable[bytes], file: Place) -> Iterator[Record]:
    hint = 'write one object a line, such as {"text": "…"}'
    for number, line in filled_lines(stream):
        # The line ends of other encodings are not those of UTF-8.
        is_foreign = number == 1 and bom_encoding(line)
        name, id_ = f"{file.name}, line {number}", f"{file.id}:{number}"
        place = file if is_foreign else Place(name, id_, file.file)
        try:
            given = parse_line(line, place.name, hint=hint, file=file.name)
        except InputError as error:
            yield Record(place.id, None, error, place.name)
        else:
            yield record_of_object(given, place)
        if is_foreign:
            return


def _records_of_document(path: Path, file: Place) -> Iterator[Record]:
    """Yields the records of an object, an array of them, or an object with such an array."""
    hint = "give an object or an array of objects; one object a line is for .jsonl"
    with suppress(OSError, ValueError):  # which reading tells in words
        if path.stat().st_size > _MAX_DOCUMENT:
            why = f"{file.name}: is larger than {_MAX_DOCUMENT // 1_000_000} MB"
            raise InputError(why, hint="write one object a line into a .jsonl file")
    given = parse_json(read_utf8(path, wanted=hint).removeprefix("\ufeff"), file.name, hint)
    if isinstance(given, Mapping) and (inside := array_in(given)) is not None:
        given = inside
    if not isinstance(given, list):
        yield record_of_object(given, file)
        return
    for number, item in enumerate(given, start=1):
        place = Place(f"{file.name}, record {number}", f"{file.id}:{number}", file.file)
        yield record_of_object(item, place)


# Tables


def _records_of_table(path: Path, file: Place) -> Iterator[Record]:
    """Yields the records of the rows under a header that names the fields."""
    with path.open("rb") as stream:
        if bom_encoding(start := stream.peek(4)):
            # Raises an error that tells which it is.
            decode_utf8(start, file.name)
        # Bytes that are not UTF-8 are told with their row.
        with io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="") as text:
            columns: list[str] | None = None
            for line, cells in _rows(text):
                place = Place(f"{file.name}, line {line}", f"{file.id}:{line}", file.file)
                if columns is None:
                    columns = _columns(cells, place, file.name)
                else:
                    yield _record_of_row(cells, columns, place, file.name)


def _rows(text: IO[str]) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yields each row that is not blank, with the number of its first line, the header first."""
    csv.field_size_limit(_MAX_CELL)
    before, first = _first_line(text, 0)
    # The line in which Excel is told the separator.
    if told := re.fullmatch(r"(?i)\"?sep=(.)\"?\s*", first):
        separator = told[1]
        before, first = _first_line(text, before + 1)
    else:
        # A spreadsheet writes a semicolon where the comma is in numbers.
        headers = {one: next(csv.reader([first], delimiter=one), []) for one in ",;\t|"}
        separator = max(headers, key=lambda one: (score_of_header(headers[one]), len(headers[one])))
    header = next(csv.reader([first], delimiter=separator), [])
    is_spaced = len(header) > 1 and all(cell.startswith(" ") for cell in header[1:])
    reader = csv.reader(
        chain([first], text), delimiter=separator, skipinitialspace=is_spaced, strict=True
    )
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield line, error
            if "limit" in str(error):
                # A quote that is closed nowhere: all that follows is in it.
                return
            continue
        if cells is None:
            return
        if any(cell and not cell.isspace() for cell in cells):
            yield line, cells


def _first_line(text: IO[str], before: int) -> tuple[int, str]:
    """Returns the first line that is not blank, and how many lines stand before it."""
    line = text.readline()
    while line.isspace():
        before += 1
        line = text.readline()
    return before, line


def _columns(cells: list[str] | csv.Error, place: Place, file: str) -> list[str]:
    header = _checked(cells, place, file)
    columns = [column_named(cell.strip()) for cell in header]
    if set(columns).isdisjoint(TEXT_NAMES):
        named = ", ".join(cell.strip() for cell in header)
        named = named if len(named) <= _MAX_HEADER else f"{named[:_MAX_HEADER]}…"
        names = " or ".join(TEXT_NAMES)
        hint = f"the first line names the columns: call the one of the text {names}"
        raise InputError(f"{file}: its first line names no column of texts ({named})", hint=hint)
    return columns


def _record_of_row(
    cells: list[str] | csv.Error, columns: list[str], place: Place, file: str
) -> Record:
    try:
        row = _checked(cells, place, file)
        if any(row[len(columns) :]):
            why = f"{place.name}: has {len(row)} cells, the first line {len(columns)}"
            hint = "put a cell in quotes that has separators or quotes in it, and double its quotes"
            raise InputError(why, hint=hint)
    except InputError as error:
        return Record(place.id, None, error, place.name)
    fields: dict[str, str] = {}
    for column, cell in zip(columns, row, strict=False):
        if cell and not cell.isspace():
            fields.setdefault(column, cell)
    return record_of_object(fields, place)


def _checked(cells: list[str] | csv.Error, place: Place, file: str) -> list[str]:
    """Returns the cells of a row.

    Raises:
        InputError: they are not text, or their quotes do not match.
    """
    if isinstance(cells, csv.Error):
        hint = "close it, or double the quotes that are part of a cell"
        if "expected after" in str(cells):
            raise InputError(f"{place.name}: a quote closes within a cell", hint=hint)
        raise InputError(f"{place.name}: a quote opens that is closed nowhere", hint=hint)
    if data := "".join(cells).encode("utf-8", "surrogateescape"):
        decode_utf8(data, place.name, file=file)
    return cells
