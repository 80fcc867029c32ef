"""`summarize verify`: every quote against its article again, without a model."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from summarize.cli import DONE, NOTHING_DONE, SOME_FAILED, one_line
from summarize.cli.article_lookup import ArticleLookup
from summarize.cli.formatting import counted
from summarize.errors import InputError, SummarizeError
from summarize.evaluation.verification import read_summaries, verify


def run(options: argparse.Namespace) -> int:
    """Prints a verdict a summary, and one on all; returns the exit code."""
    path = Path(options.summaries)
    summaries = quotes = wrong = unchecked = 0
    articles = ArticleLookup(path, options.articles)
    for record in read_summaries(path):
        summaries += 1
        if isinstance(record, SummarizeError):
            _print(str(record))
            wrong += 1
            continue
        try:
            article = articles.find(record)
        except InputError as error:
            _print(f"{record.article.id}: cannot be checked: {error}")
            unchecked += 1
            continue
        verdict = verify(record, article)
        quotes += verdict.quotes
        wrong += bool(verdict.problems)
        all_right = f"{counted(verdict.quotes, 'quote')}, all in place"
        _print(f"{verdict.id}: {'; '.join(verdict.problems) or all_right}")
    if not summaries:
        raise InputError(
            f"{path}: holds no summaries",
            hint="give what summarize article --format jsonl wrote",
        )
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
