"""`summarize verify`: every quote against its article again, without a model."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from summarize.article import Article
from summarize.cli import DONE, NOTHING_DONE, SOME_FAILED, line
from summarize.errors import InputError, SummarizeError
from summarize.schema import Summary
from summarize.sources import read_file
from summarize.verification import read_summaries, verify

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Prints a verdict a summary, and one on all; returns the exit code."""
    path = Path(options.summaries)
    summaries = quotes = wrong = unchecked = 0
    for record in read_summaries(path):
        summaries += 1
        if isinstance(record, SummarizeError):
            _say(str(record))
            wrong += 1
            continue
        try:
            article = _article(record, path, options.articles)
        except InputError as error:
            _say(f"{record.article.id}: cannot be checked: {error}")
            unchecked += 1
            continue
        verdict = verify(record, article)
        quotes += verdict.quotes
        wrong += bool(verdict.problems)
        told = "; ".join(verdict.problems) or f"{_counted(verdict.quotes, 'quote')}, all in place"
        _say(f"{verdict.id}: {told}")
    if not summaries:
        raise InputError(
            f"{path}: holds no summaries",
            hint="give what summarize article --format jsonl wrote",
        )
    counted = f"{_counted(summaries, 'summary', 'summaries')}, {_counted(quotes, 'quote')}"
    failed = [f"{wrong} wrong"] if wrong else []
    failed += [f"{unchecked} could not be checked"] if unchecked else []
    _say(f"{counted}: {', '.join(failed) or 'all right'}")
    if not failed:
        return DONE
    return SOME_FAILED if wrong + unchecked < summaries or quotes else NOTHING_DONE


def _say(text: str) -> None:
    # Ids and paths are a stranger's.
    sys.stdout.write(f"{line(text)}\n")


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _article(summary: Summary, path: Path, folder: str | None) -> Article:
    """The article a summary was made from: in the folder given, at its path, or beside the file."""
    source = Path(summary.article.source) if summary.article.source else None
    if folder is not None:
        by_id = Path(folder) / f"{summary.article.id}.txt"
        by_name = Path(folder) / source.name if source else by_id
        return read_file(by_name if by_name.is_file() and not by_id.is_file() else by_id)
    if source is None:
        raise InputError("the summary names no file", hint="give --articles DIR")
    beside = path.parent / source
    return read_file(beside if beside.is_file() and not source.is_file() else source)
