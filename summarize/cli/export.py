"""`summarize export`: summaries as tables, for a spreadsheet or a data frame."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from summarize.cli import DONE, SOME_FAILED, line
from summarize.cli.words import counted
from summarize.errors import ConfigurationError, InputError
from summarize.report.folder import write_tables
from summarize.report.tables import TABLES
from summarize.results import BatchResult
from summarize.schema import Summary
from summarize.stored import WANTED, read_each

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Writes the tables; returns the exit code."""
    path, folder = Path(options.summaries), Path(options.output)
    if options.format == "parquet":
        from summarize.report.parquet_tables import check_pyarrow

        check_pyarrow()
    if path.resolve() in [(folder / f"{name}.{options.format}").resolve() for name in TABLES]:
        raise ConfigurationError(
            f"{path}: is where a table would be", hint="name another folder with -o"
        )
    records = _Records(path)
    rows = write_tables(records, folder, options.format, raw=options.raw)
    done = [counted(rows["articles"], "article")]
    done += [counted(rows[name], one, many) for name, one, many in _ITEMS]
    told = f"{folder}: {', '.join(done)}"
    if rows["failures"]:
        told += f"; {counted(rows['failures'], 'failed article')} in failures.{options.format}"
    _print(told)
    return SOME_FAILED if records.wrong else DONE


_ITEMS = (
    ("actors", "actor", "actors"),
    ("agenda_items", "agenda item", "agenda items"),
    ("outcomes", "outcome", "outcomes"),
    ("quotes", "quote", "quotes"),
)


class _Records:
    """What a file holds; what is wrong in it is told and left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.wrong = 0

    def __iter__(self) -> Iterator[Summary | BatchResult]:
        right = 0
        for record in read_each(self._path, report=_print):
            if isinstance(record, InputError):
                self.wrong += 1
                _print(f"summarize: {record}")
            else:
                right += 1
                yield record
        if not right:
            raise InputError(f"{self._path}: holds no summaries", hint=WANTED)


def _print(text: str) -> None:
    # Ids and paths are a stranger's.
    print(line(text), file=sys.stderr)  # noqa: T201
