"""`summarize export`: summaries as tables, for a spreadsheet or a data frame."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from summarize.cli import DONE, SOME_FAILED
from summarize.cli.console import Messages
from summarize.cli.summaries import Summaries
from summarize.cli.words import counted
from summarize.errors import ConfigurationError
from summarize.report.table_files import write_tables
from summarize.report.tables import TABLES
from summarize.sources.articles import STANDARD_INPUT

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Writes the tables; returns the exit code."""
    path, folder = Path(options.summaries), Path(options.output)
    if options.output == STANDARD_INPUT:
        raise ConfigurationError("-: tables are several files", hint="name a folder with -o")
    if options.format == "parquet":
        from summarize.report.parquet_tables import check_pyarrow

        check_pyarrow()
    if path.resolve() in [(folder / f"{name}.{options.format}").resolve() for name in TABLES]:
        raise ConfigurationError(
            f"{path}: is where a table would be", hint="name another folder with -o"
        )
    with Messages(quiet=False) as messages:
        messages.begin(str(path))
        records = Summaries(path, messages)
        rows = write_tables(records, folder, options.format, raw=options.raw)
        messages.say(_told(rows, options))
    return SOME_FAILED if records.wrong else DONE


def _told(rows: Mapping[str, int], options: argparse.Namespace) -> str:
    done = [counted(rows["articles"], "article")]
    done += [counted(rows[name], one, many) for name, one, many in _ITEMS]
    told = f"{options.output}: {', '.join(done)}"
    if rows["failures"]:
        told += f"; {counted(rows['failures'], 'failed article')} in failures.{options.format}"
    return told


_ITEMS = (
    ("actors", "actor", "actors"),
    ("agenda_items", "agenda item", "agenda items"),
    ("outcomes", "outcome", "outcomes"),
    ("quotes", "quote", "quotes"),
)
