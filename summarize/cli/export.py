"""`summarize export`: summaries as tables, for a spreadsheet or a data frame."""

from __future__ import annotations

import argparse
from pathlib import Path

from summarize.cli import DONE, SOME_FAILED
from summarize.cli.formatting import counted
from summarize.cli.messages import Messages
from summarize.cli.summaries import SummariesFile
from summarize.errors import ConfigurationError
from summarize.report.table_files import write_tables
from summarize.report.tables import TABLES
from summarize.sources.articles import STANDARD_INPUT

# What the closing line counts.
_COUNTED = {
    "articles": ("article", "articles"),
    "actors": ("actor", "actors"),
    "agenda_items": ("agenda item", "agenda items"),
    "outcomes": ("outcome", "outcomes"),
    "quotes": ("quote", "quotes"),
}


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
    with Messages() as messages:
        messages.start_task(str(path))
        summaries = SummariesFile(path, messages)
        rows = write_tables(summaries, folder, options.format, raw=options.raw)
        done = ", ".join(counted(rows[table], *words) for table, words in _COUNTED.items())
        if rows["failures"]:
            failed = counted(rows["failures"], "failed article")
            done += f"; {failed} in failures.{options.format}"
        messages.info(f"{options.output}: {done}")
    return SOME_FAILED if summaries.wrong else DONE
