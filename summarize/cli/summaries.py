"""The commands that read summaries: `summarize report`, `verify` and `export`, and their schema."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from summarize.batch.results import BatchResult
from summarize.batch.summaries import WANTED, read_each
from summarize.cli import DONE, NOTHING_DONE, SOME_FAILED, one_line
from summarize.cli.article_lookup import ArticleLookup
from summarize.cli.messages import Messages, counted
from summarize.cli.output import open_output
from summarize.cli.reviews import review_of
from summarize.errors import ConfigurationError, InputError, check_library
from summarize.evaluation.verification import verify
from summarize.report.html import CHANGED, NOT_HERE, HtmlReport
from summarize.report.table_files import write_tables
from summarize.report.tables import TABLES
from summarize.schema import Summary

# Wrong lines that are shown one by one.
_MAX_SHOWN = 5
# What the closing line of an export counts.
_COUNTED = ("articles", "meetings", "actors", "agenda_items", "outcomes", "quotes", "failures")


def run_report(options: argparse.Namespace) -> int:
    """Writes the page; returns the exit code."""
    path = Path(options.summaries)
    with Messages() as messages:
        messages.start_task(str(path))
        articles = ArticleLookup(options.articles, path, options.output)
        # Why articles cannot be had, and how many for that reason.
        missing: Counter[str] = Counter()
        with open_output(options.output, inputs=[options.summaries]) as stream:
            page = HtmlReport(stream)
            for number, record in enumerate(_read(options, messages), start=1):
                messages.update(f"{path} · {counted(number, 'article')}")
                if isinstance(record, BatchResult):
                    page.add_failure(record)
                elif why := _add(page, record, articles):
                    missing[why] += 1
            page.close()
        done = counted(page.summaries, "summary", "summaries")
        if page.failures:
            done += f", {counted(page.failures, 'failed article')}"
        messages.info(f"{'the page' if options.output == '-' else options.output}: {done}")
        for why, number in missing.items():
            messages.info(f"{counted(number, 'summary', 'summaries')} without the article: {why}")
        return messages.exit_code()


def _add(page: HtmlReport, summary: Summary, articles: ArticleLookup) -> str:
    """Adds a summary beside its article; returns why the article cannot be had, or nothing."""
    try:
        article = articles.find(summary)
    except InputError as error:
        page.add(summary, missing=NOT_HERE.format(why=error.args[0]))
        return error.hint or str(error)
    page.add(summary, article.text, missing=CHANGED)
    if article.sha256 == summary.article.sha256:
        return ""
    return "what was found is another text than the one that was summarized"


def run_export(options: argparse.Namespace) -> int:
    """Writes the tables; returns the exit code."""
    path, folder = Path(options.summaries), Path(options.output)
    if options.output == "-":
        raise ConfigurationError("-: tables are several files", hint="name a folder with -o")
    if options.format == "parquet":
        check_library("pyarrow.parquet", "Parquet", "parquet", "take --format csv")
    if path.resolve() in [(folder / f"{name}.{options.format}").resolve() for name in TABLES]:
        raise ConfigurationError(
            f"{path}: is where a table would be", hint="name another folder with -o"
        )
    with Messages() as messages:
        messages.start_task(str(path))
        rows = write_tables(_read(options, messages), folder, options.format, raw=options.raw)
        words = {table: table.replace("_", " ").removesuffix("s") for table in _COUNTED}
        done = ", ".join(counted(rows[table], word) for table, word in words.items())
        messages.info(f"{options.output}: {done}")
        return messages.exit_code()


def _read(options: argparse.Namespace, messages: Messages) -> Iterator[Summary | BatchResult]:
    """Yields each article's last summary, corrected, or else its last failure.

    Says which lines are neither; raises an InputError where all are.
    """
    right = wrong = 0
    path = Path(options.summaries)
    review = review_of(options, path, messages)
    records = read_each(path, on_message=messages.info)
    for record in review.correct(records, messages.info):
        if not isinstance(record, InputError):
            right += 1
            yield record
            continue
        wrong += 1
        if wrong <= _MAX_SHOWN:
            messages.error(record)
    if not right:
        raise InputError(f"{path}: holds no summaries", hint=WANTED)
    if wrong > _MAX_SHOWN:
        messages.error(f"{path}: {counted(wrong - _MAX_SHOWN, 'more line')} like these")


def run_verify(options: argparse.Namespace) -> int:
    """Prints a verdict a summary, and one on all; returns the exit code."""
    path = Path(options.summaries)
    summaries = quotes = wrong = unchecked = 0
    articles = ArticleLookup(options.articles, path)
    messages = Messages()
    review = review_of(options, path, messages)
    for record in review.correct(read_each(path, with_replaced=True), messages.info):
        if isinstance(record, BatchResult):
            continue
        summaries += 1
        if isinstance(record, InputError):
            wrong += 1
            _print(str(record))
            continue
        try:
            problems = verify(record, articles.find(record))
        except InputError as error:
            unchecked += 1
            _print(f"{record.article.id}: cannot be checked: {error}")
            continue
        quotes += len(record.quotes)
        wrong += bool(problems)
        all_right = f"{counted(len(record.quotes), 'quote')}, all in place"
        _print(f"{record.article.id}: {'; '.join(problems) or all_right}")
    if not summaries:
        raise InputError(f"{path}: holds no summaries", hint=WANTED)
    failed = [f"{wrong} wrong"] if wrong else []
    failed += [f"{unchecked} could not be checked"] if unchecked else []
    total = f"{counted(summaries, 'summary', 'summaries')}, {counted(quotes, 'quote')}"
    _print(f"{total}: {', '.join(failed) or 'all right'}")
    if not failed:
        return DONE
    return SOME_FAILED if wrong + unchecked < summaries or quotes else NOTHING_DONE


def _print(text: str) -> None:
    # Ids and paths are a stranger's.
    sys.stdout.write(f"{one_line(text)}\n")


def run_schema(_: argparse.Namespace) -> int:
    """Prints the JSON Schema of a summary; returns the exit code."""
    schema = Summary.model_json_schema(mode="serialization")
    sys.stdout.write(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
    return DONE
