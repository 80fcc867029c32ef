"""A folder of tables: all of them appear at once, whole, and other files stay as they are."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Protocol, TypeAlias

from summarize.batch.results import BatchResult
from summarize.errors import ConfigurationError, OutputError
from summarize.report.tables import TABLES, Kind, Row, rows_of
from summarize.schema import Summary

__all__ = ["Form", "write_tables"]

Form: TypeAlias = Literal["csv", "parquet"]


def write_tables(
    summaries: Iterable[Summary | BatchResult],
    folder: Path,
    form: Form = "csv",
    *,
    raw: bool = False,
) -> Counter[str]:
    """Writes a file for each table, also for those of which there is nothing.

    Each summary is written as it comes. Nothing is there before all is; where an error comes, what
    was there before stays.

    Args:
        summaries: summaries, and failures of a batch.
        folder: made if it is not there.
        form: of the files.
        raw: leaves text in CSV as it is, also where a spreadsheet would take it for a formula.

    Returns:
        How many rows each table has.

    Raises:
        ConfigurationError: they cannot be written.
    """
    files = {name: f"{name}.{form}" for name in TABLES}
    counts = Counter(dict.fromkeys(TABLES, 0))
    with _made(folder, files.values()) as work:
        with ExitStack() as stack:
            tables: dict[str, _Table] = {}
            for name, columns in TABLES.items():
                tables[name] = _table(work / files[name], columns, form, raw=raw)
                stack.callback(tables[name].close)
            for summary in summaries:
                for name, row in rows_of(summary):
                    tables[name].write(row)
                    counts[name] += 1
            for table in tables.values():
                table.finish()
        _put(work, folder, list(files.values()))
    return counts


def _put(work: Path, folder: Path, files: list[str]) -> None:
    """Moves files to their places; where one cannot go, those that were there come back."""
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


class _Table(Protocol):
    def write(self, row: Row) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None: ...


def _table(path: Path, columns: Mapping[str, Kind], form: Form, *, raw: bool) -> _Table:
    if form == "parquet":
        from summarize.report.parquet_tables import ParquetTable

        return ParquetTable(path, columns)
    from summarize.report.csv_tables import CsvTable

    return CsvTable(path, columns, raw=raw)


@contextmanager
def _made(folder: Path, files: Iterable[str]) -> Iterator[Path]:
    """A folder within the folder, to write in; both go if nothing comes of it."""
    is_new = False
    try:
        if folder.exists() and not folder.is_dir():
            raise ConfigurationError(f"{folder}: is no folder", hint="name a folder with -o")
        if not folder.parent.is_dir():
            raise ConfigurationError(
                f"{folder.parent}: the folder does not exist",
                hint=f"create it: mkdir -p {folder.parent}",
            )
        if not folder.exists():
            folder.mkdir()
            is_new = True
        if taken := [name for name in files if (folder / name).is_dir()]:
            raise ConfigurationError(
                f"{folder / taken[0]}: is a folder", hint="name another folder with -o"
            )
        try:
            with TemporaryDirectory(prefix=".summarize-", dir=folder) as work:
                yield Path(work)
        except BaseException:
            if is_new:
                # Unless somebody has put something in it.
                with suppress(OSError):
                    folder.rmdir()
            raise
    except OSError as error:
        raise OutputError(
            f"{folder}: cannot be written ({error.strerror or error})",
            hint="check who may write there, whether a table is open elsewhere, and the free space",
        ) from error
