"""`summarize verify`: every quote against its article again, without a model."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from summarize.article import Article
from summarize.cli import DONE, NOTHING_DONE, SOME_FAILED
from summarize.errors import InputError, SummarizeError
from summarize.schema import Summary
from summarize.sources import read_file
from summarize.verification import read_summaries, verify

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Prints a verdict a summary, and one on all; returns the exit code."""
    path = Path(options.summaries)
    summaries = quotes = wrong = 0
    for record in read_summaries(path):
        summaries += 1
        if isinstance(record, SummarizeError):
            sys.stdout.write(f"{record}\n")
            wrong += 1
            continue
        try:
            article = _article(record, path, options.articles)
        except InputError as error:
            sys.stdout.write(f"{record.article.id}: cannot be checked: {error}\n")
            wrong += 1
            continue
        verdict = verify(record, article)
        quotes += verdict.quotes
        wrong += bool(verdict.problems)
        told = "; ".join(verdict.problems) or f"{verdict.quotes} quotes, all in place"
        sys.stdout.write(f"{verdict.id}: {told}\n")
    if not summaries:
        raise InputError(f"{path}: holds no summaries", hint="give the output of summarize article")
    right = "all right" if not wrong else f"{wrong} wrong"
    sys.stdout.write(f"{summaries} summaries, {quotes} quotes: {right}\n")
    if not wrong:
        return DONE
    return SOME_FAILED if wrong < summaries or quotes else NOTHING_DONE


def _article(summary: Summary, path: Path, folder: str | None) -> Article:
    """The article a summary was made from: in the folder given, at its path, or beside the file."""
    if folder is not None:
        return read_file(Path(folder) / f"{summary.article.id}.txt")
    if summary.article.source is None:
        raise InputError("the summary names no file", hint="give --articles DIR")
    source = Path(summary.article.source)
    beside = path.parent / source
    return read_file(beside if beside.is_file() and not source.is_file() else source)
