"""Tables of delimited text, CSV and TSV, as spreadsheets, databases and data frames write them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import IO, Any, NamedTuple

__all__ = ["Row", "TooLargeCellError", "rows"]

# A spreadsheet writes the separator of its country: a semicolon where the comma is in numbers.
_SEPARATORS = (",", ";", "\t", "|")
# The line in which Excel is told it.
_TOLD = re.compile(r"(?i)\"?sep=(.)\"?\s*")
# Characters. Python's own limit is 131,072; a quote that nothing closes reaches to the end.
_MAX_CELL = 100_000_000


class Row(NamedTuple):
    """A row that is not blank.

    Attributes:
        line: the number of its first line.
        is_open: a quote in it is closed nowhere, so it has swallowed the rest of the table.
    """

    line: int
    cells: list[str]
    is_open: bool


class TooLargeCellError(Exception):
    """A cell of more characters than any text has: most likely a quote that is closed nowhere."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def rows(text: IO[str], score: Callable[[Sequence[str]], Any]) -> Iterator[Row]:
    """The rows of a table, the header first; only one is held at a time.

    Args:
        text: the table, opened with `newline=""`.
        score: of the cells of a header; the separator that gives the best ones is taken.

    Raises:
        TooLargeCellError: while reading.
    """
    csv.field_size_limit(_MAX_CELL)
    before, first = _first_line(text, 0)
    if told := _TOLD.fullmatch(first):
        separator = told[1]
        before, first = _first_line(text, before + 1)
    else:
        headers = {one: next(csv.reader([first], delimiter=one), []) for one in _SEPARATORS}
        separator = max(headers, key=lambda one: (score(headers[one]), len(headers[one])))
    header = next(csv.reader([first], delimiter=separator), [])
    is_spaced = len(header) > 1 and all(cell.startswith(" ") for cell in header[1:])
    lines = _Lines(chain([first], text))
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=is_spaced)
    while True:
        line = before + reader.line_num + 1
        lines.quotes = 0
        try:
            cells = next(reader, None)
        except csv.Error:
            raise TooLargeCellError(line) from None
        if cells is None:
            return
        if any(cell and not cell.isspace() for cell in cells):
            yield Row(line, cells, is_open=lines.have_ended and lines.quotes % 2 == 1)


def _first_line(text: IO[str], before: int) -> tuple[int, str]:
    """The first line that is not blank, and how many lines stand before it."""
    line = text.readline()
    while line.isspace():
        before += 1
        line = text.readline()
    return before, line


class _Lines:
    """Lines, and what tells whether the row that ends with them is whole."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.quotes = 0
        self.have_ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines, "")
        if not line:
            # The reader asks for more only while a quote is open, or for the next row.
            self.have_ended = True
            raise StopIteration
        self.quotes += line.count('"')
        return line
