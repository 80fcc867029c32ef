"""Writes tables to a folder, as CSV (RFC 4180) or Parquet.

All tables appear at once and whole. Other files in the folder stay as they are.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

from summarize.batch.results import BatchResult
from summarize.errors import ConfigurationError, OutputError
from summarize.report.tables import TABLES, Kind, Row, Value, rows_of
from summarize.schema import Summary

__all__ = ["FileFormat", "move_files", "protected", "work_folder", "write_tables"]

FileFormat: TypeAlias = Literal["csv", "parquet"]


def write_tables(
    summaries: Iterable[Summary | BatchResult],
    folder: Path,
    file_format: FileFormat = "csv",
    *,
    raw: bool = False,
) -> Counter[str]:
    """Writes a file for each table, empty tables included.

    Summaries are written as they come. The files are moved into the folder when all are complete;
    after an error, the folder is as it was.

    Args:
        summaries: Summaries, and failures of a batch.
        folder: Created if it does not exist.
        file_format: "csv" or "parquet".
        raw: Writes cells of CSV as they are, even if a spreadsheet would read them as formulas.

    Returns:
        The number of rows of each table.

    Raises:
        ConfigurationError: The folder cannot be used.
        OutputError: The tables cannot be written.
    """
    files = {name: f"{name}.{file_format}" for name in TABLES}
    counts = Counter(dict.fromkeys(TABLES, 0))
    try:
        with work_folder(folder, files.values()) as work:
            with ExitStack() as stack:
                tables = {
                    name: stack.enter_context(_table(work / file, name, file_format, raw=raw))
                    for name, file in files.items()
                }
                for summary in summaries:
                    for name, row in rows_of(summary):
                        tables[name](row)
                        counts[name] += 1
            move_files(work, folder, list(files.values()))
    except OSError as error:
        raise OutputError(
            f"{folder}: cannot be written ({error.strerror or error})",
            hint="check who may write there, whether a table is open elsewhere, and the free space",
        ) from error
    return counts


def _table(
    path: Path, name: str, file_format: FileFormat, *, raw: bool
) -> AbstractContextManager[Callable[[Row], None]]:
    if file_format == "parquet":
        from summarize.report.parquet_tables import parquet_table

        return parquet_table(path, TABLES[name])
    return _csv_table(path, TABLES[name], raw=raw)


# CSV

# What a spreadsheet may read as the beginning of a formula, also after spaces and in East Asian
# width (CWE-1236; OWASP ASVS 5, 1.2.10). Also in docs/output.md.
_LIKE_A_FORMULA = re.compile(r"'* *[=+\-@＝＋－＠\t\r\n\x00]")


def protected(cell: str) -> str:
    """Returns the cell with an apostrophe before it if a spreadsheet could read it as a formula.

    Such cells that begin with apostrophes get one more, so that the first can always be removed.
    """
    return f"'{cell}" if _LIKE_A_FORMULA.match(cell) else cell


@contextmanager
def _csv_table(
    path: Path, columns: Mapping[str, Kind], *, raw: bool
) -> Iterator[Callable[[Row], None]]:
    """Opens a table and yields the function that adds a row."""
    # Excel recognizes UTF-8 by the byte order mark; other readers of CSV skip it.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()

        def add(row: Row) -> None:
            writer.writerow({name: _cell(value, raw=raw) for name, value in row.items()})

        yield add


def _cell(value: Value, *, raw: bool) -> str | int | float | None:
    # Before numbers, since True is an int.
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = "; ".join(value)
    return protected(value) if isinstance(value, str) and not raw else value


# Files


@contextmanager
def work_folder(folder: Path, files: Iterable[str]) -> Iterator[Path]:
    """Yields a temporary folder on the same disk as the folder."""
    is_new = not folder.exists()
    if not is_new and not folder.is_dir():
        raise ConfigurationError(f"{folder}: is not a folder", hint="name a folder with -o")
    if not folder.parent.is_dir():
        raise ConfigurationError(
            f"{folder.parent}: the folder does not exist",
            hint=f"create it: mkdir -p {folder.parent}",
        )
    if taken := [name for name in files if (folder / name).is_dir()]:
        raise ConfigurationError(
            f"{folder / taken[0]}: is a folder", hint="name another folder with -o"
        )
    # Within the folder if it exists, since it may be the mount point of another disk.
    place = folder.parent if is_new else folder
    with TemporaryDirectory(prefix=".summarize-", dir=place) as work:
        yield Path(work)


def move_files(work: Path, folder: Path, files: list[str]) -> None:
    """Moves the files to their places; if one cannot be moved, restores those that were there."""
    folder.mkdir(exist_ok=True)
    before = work / "before"
    before.mkdir()
    moved: list[str] = []
    try:
        for file in files:
            with suppress(FileNotFoundError):
                shutil.copymode(folder / file, work / file)
                (folder / file).replace(before / file)
            moved.append(file)
            (work / file).replace(folder / file)
    except BaseException:
        for file in moved:
            with suppress(FileNotFoundError):
                (folder / file).replace(work / file)
            with suppress(FileNotFoundError):
                (before / file).replace(folder / file)
        raise
