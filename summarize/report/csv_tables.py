"""Tables as CSV (RFC 4180), for spreadsheets as much as for programs."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from summarize.report.tables import Kind, Row, Value

__all__ = ["CsvTable", "protected", "unprotected"]

# What a spreadsheet may take for the beginning of a formula, after spaces and in East Asian width,
# too (CWE-1236; OWASP ASVS 5, 1.2.10). Also in docs/output.md.
_FORMULA = r" *[=+\-@＝＋－＠\t\r\n\x00]"
_LIKE_A_FORMULA = re.compile(f"'*{_FORMULA}")
_PROTECTED = re.compile(f"^'('*{_FORMULA})")


def protected(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that could be gets an apostrophe.

    Those that had apostrophes get one more, so that `unprotected` always gives back what there was.
    """
    return f"'{cell}" if _LIKE_A_FORMULA.match(cell) else cell


def unprotected(cell: str) -> str:
    """What a cell was before it was `protected`."""
    return _PROTECTED.sub(r"\1", cell)


class CsvTable:
    """One table, written row by row."""

    ending = ".csv"

    def __init__(self, path: Path, columns: Mapping[str, Kind], *, raw: bool = False) -> None:
        """Begins a file.

        Args:
            path: of the file.
            columns: of the table.
            raw: leaves text as it is, also where a spreadsheet would take it for a formula.
        """
        # The byte order mark tells Excel that it is UTF-8; what reads CSV elsewhere skips it.
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.DictWriter(self._file, columns)
        self._writer.writeheader()
        self._raw = raw

    def write(self, row: Row) -> None:
        """Adds a row."""
        self._writer.writerow({name: self._cell(value) for name, value in row.items()})

    def finish(self) -> None:
        """Writes what is held, and closes the file."""
        self.close()

    def close(self) -> None:
        """Closes the file, as it is."""
        self._file.close()

    def _cell(self, value: Value) -> str | int | float | None:
        # Before numbers: True is one of them.
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            value = "; ".join(value)
        return protected(value) if isinstance(value, str) and not self._raw else value
