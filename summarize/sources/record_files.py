"""Reads the records of a file: JSON lines, a JSON document, a table, or a single article."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, TypeAlias

from summarize.errors import InputError
from summarize.sources.articles import PAGE_SUFFIXES, read_file
from summarize.sources.decoding import (
    bom_encoding,
    cannot_read,
    decode_utf8,
    display_name,
    filled_lines,
    parse_json,
    parse_line,
    read_utf8,
)
from summarize.sources.records import (
    TEXT_NAMES,
    Place,
    Record,
    array_in,
    column_named,
    record_of_object,
    score_of_header,
)

Source: TypeAlias = Path | None
"""A file, a pipe, or a folder that cannot be looked into; None is standard input."""

_LINES = {".jsonl", ".ndjson"}
_DOCUMENT = ".json"
_TABLES = {".csv", ".tsv"}
_OF_RECORDS = {_DOCUMENT, *_LINES, *_TABLES}
SUFFIXES = frozenset({".txt", ".md", ".text", *PAGE_SUFFIXES, *_OF_RECORDS})
"""Of the files in a folder that are read."""
# Bytes. What is in a larger one takes three times as much memory, or with other scripts ten.
_MAX_DOCUMENT = 256_000_000
# Bytes of a document that is read once more to count its records.
_MAX_COUNTED = 1_000_000
# Characters. Python's own limit is 131,072; a quote that nothing closes reaches to the end.
_MAX_CELL = 100_000_000
# Characters of a header that a message repeats.
_MAX_HEADER = 80


def holds_records(path: Path) -> bool:
    """Whether a file, by its suffix, holds records and is no article itself."""
    return path.suffix.lower() in _OF_RECORDS


def records_in(source: Source) -> Iterator[Record]:
    """Yields the records of a source; what cannot be read is a record with an error."""
    if source is None:
        yield from _records_of_lines(sys.stdin.buffer, Place("standard input", "stdin"))
        return
    suffix = source.suffix.lower()
    place = Place(display_name(source), display_name(source.stem), display_name(source))
    try:
        if source.is_dir():
            next(source.iterdir(), None)
        if _is_pipe(source):
            suffix, place = ".jsonl", place._replace(file=None)
        if suffix in _TABLES:
            yield from _records_of_table(source, place)
        elif suffix in _LINES:
            with source.open("rb") as stream:
                yield from _records_of_lines(stream, place)
        elif suffix == _DOCUMENT:
            yield from _records_of_document(source, place)
        else:
            article = read_file(source)
            yield Record(article.id, article, None, place.name)
    except OSError as error:
        yield place.failed(cannot_read(place.name, error))
    except InputError as error:
        yield place.failed(error)


def count_in(source: Source) -> int | None:
    """Returns how many records a source has; None where only reading them tells."""
    if source is None or _is_pipe(source):
        return None
    if not holds_records(source):
        return 1
    suffix = source.suffix.lower()
    try:
        if suffix in _LINES:
            with source.open("rb") as stream:
                return sum(1 for _ in filled_lines(stream))
        if suffix == _DOCUMENT and source.stat().st_size > _MAX_COUNTED:
            return None
    except OSError:
        return 1
    return sum(1 for _ in records_in(source))


def _is_pipe(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def _records_of_lines(stream: Iterable[bytes], file: Place) -> Iterator[Record]:
    hint = 'write one object a line, such as {"text": "…"}'
    for number, line in filled_lines(stream):
        # The line ends of other encodings are not those of UTF-8.
        is_foreign = number == 1 and bom_encoding(line)
        place = file if is_foreign else file.within("line", number)
        try:
            given = parse_line(line, place.name, hint=hint)
        except InputError as error:
            yield place.failed(error)
        else:
            yield record_of_object(given, place)
        if is_foreign:
            return


def _records_of_document(path: Path, file: Place) -> Iterator[Record]:
    """Yields the records of an object, an array of them, or an object with such an array."""
    hint = "give an object or an array of objects; one object a line is for .jsonl"
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
        yield record_of_object(item, file.within("record", number))


# Tables


def _records_of_table(path: Path, file: Place) -> Iterator[Record]:
    """Yields the records of the rows under a header that names the fields."""
    with path.open("rb") as stream:
        if bom_encoding(start := stream.read(4)):
            # Raises an error that tells which it is.
            decode_utf8(start, file.name)
    # Bytes that are not UTF-8 are told with their row.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        rows = _rows(text, file)
        place, cells = next(rows, (file, ["text"]))
        columns = _columns(_checked(cells, place), file)
        for place, cells in rows:
            try:
                fields = _fields(_checked(cells, place), columns, place)
            except InputError as error:
                yield place.failed(error)
            else:
                yield record_of_object(fields, place)


def _rows(text: IO[str], file: Place) -> Iterator[tuple[Place, list[str] | csv.Error]]:
    """Yields each row that is not blank, with the place of its first line, the header first."""
    csv.field_size_limit(_MAX_CELL)
    before, first = 0, text.readline()
    while first.isspace():
        before, first = before + 1, text.readline()
    # The line in which Excel is told the separator.
    if told := re.fullmatch(r"(?i)\"?sep=(.)\"?\s*", first):
        separator, before, first = told[1], before + 1, text.readline()
    else:
        # A spreadsheet writes a semicolon where the comma is in numbers.
        headers = {one: next(csv.reader([first], delimiter=one), []) for one in ",;\t|"}
        separator = max(headers, key=lambda one: (score_of_header(headers[one]), len(headers[one])))
    reader = csv.reader(chain([first], text), delimiter=separator, strict=True)
    while True:
        place = file.within("line", before + reader.line_num + 1)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield place, error
            if "limit" in str(error):
                # A quote that is closed nowhere: all that follows is in it.
                return
        else:
            if any(cell and not cell.isspace() for cell in cells):
                yield place, cells


def _columns(header: list[str], file: Place) -> list[str]:
    columns = [column_named(cell.strip()) for cell in header]
    if set(columns).isdisjoint(TEXT_NAMES):
        named = ", ".join(cell.strip() for cell in header)
        named = named if len(named) <= _MAX_HEADER else f"{named[:_MAX_HEADER]}…"
        names = " or ".join(TEXT_NAMES)
        hint = f"the first line names the columns: call the one of the text {names}"
        why = f"{file.name}: its first line names no column of texts ({named})"
        raise InputError(why, hint=hint)
    return columns


def _checked(cells: list[str] | csv.Error, place: Place) -> list[str]:
    """Returns the cells of a row.

    Raises:
        InputError: they are not text, or their quotes do not match.
    """
    if isinstance(cells, csv.Error):
        closes = "expected after" in str(cells)
        why = "a quote closes within a cell" if closes else "a quote opens that is closed nowhere"
        hint = "close it, or double the quotes that are part of a cell"
        raise InputError(f"{place.name}: {why}", hint=hint)
    if data := "".join(cells).encode("utf-8", "surrogateescape"):
        decode_utf8(data, place.name)
    return cells


def _fields(cells: list[str], columns: list[str], place: Place) -> dict[str, str]:
    if any(cells[len(columns) :]):
        why = f"{place.name}: has {len(cells)} cells, the first line {len(columns)}"
        hint = "put a cell in quotes that has separators or quotes in it, and double its quotes"
        raise InputError(why, hint=hint)
    fields: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=False):
        if cell and not cell.isspace():
            fields.setdefault(column, cell)
    return fields
