"""`summarize verify`: every quote against its article again, without a model."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from summarize.cli import DONE, NOTHING_DONE, SOME_FAILED, line
from summarize.cli.originals import Originals
from summarize.cli.words import counted
from summarize.errors import InputError, SummarizeError
from summarize.evaluation.verification import read_summaries, verify

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Prints a verdict a summary, and one on all; returns the exit code."""
    path = Path(options.summaries)
    summaries = quotes = wrong = unchecked = 0
    articles = Originals(path, options.articles)
    for record in read_summaries(path):
        summaries += 1
        if isinstance(record, SummarizeError):
            _say(str(record))
            wrong += 1
            continue
        try:
            article = articles.of(record)
        except InputError as error:
            _say(f"{record.article.id}: cannot be checked: {error}")
            unchecked += 1
            continue
        verdict = verify(record, article)
        quotes += verdict.quotes
        wrong += bool(verdict.problems)
        told = "; ".join(verdict.problems) or f"{counted(verdict.quotes, 'quote')}, all in place"
        _say(f"{verdict.id}: {told}")
    if not summaries:
        raise InputError(
            f"{path}: holds no summaries",
            hint="give what summarize article --format jsonl wrote",
        )
    total = f"{counted(summaries, 'summary', 'summaries')}, {counted(quotes, 'quote')}"
    failed = [f"{wrong} wrong"] if wrong else []
    failed += [f"{unchecked} could not be checked"] if unchecked else []
    _say(f"{total}: {', '.join(failed) or 'all right'}")
    if not failed:
        return DONE
    return SOME_FAILED if wrong + unchecked < summaries or quotes else NOTHING_DONE


def _say(text: str) -> None:
    # Ids and paths are a stranger's.
    sys.stdout.write(f"{line(text)}\n")
