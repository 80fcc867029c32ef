"""`summarize verify`: every quote against its article again, without a model."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

from summarize.article import Article
from summarize.cli import DONE, NOTHING_DONE, SOME_FAILED, line
from summarize.cli.words import counted
from summarize.errors import InputError, SummarizeError
from summarize.records import read_records
from summarize.schema import Summary
from summarize.sources import read_file
from summarize.verification import read_summaries, verify

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Prints a verdict a summary, and one on all; returns the exit code."""
    path = Path(options.summaries)
    summaries = quotes = wrong = unchecked = 0
    articles = _Articles(path, options.articles)
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


class _Articles:
    """Where the articles are that summaries were made from.

    Args:
        path: of the summaries.
        place: a folder of articles, or a file of records; None for where the summaries say.
    """

    def __init__(self, path: Path, place: str | None) -> None:
        self._path = path
        self._place = None if place is None else Path(place)
        self._texts: sqlite3.Connection | None = None
        if self._place and not self._place.is_dir():
            self._texts = _stored(self._place)

    def of(self, summary: Summary) -> Article:
        """The article of a summary.

        Raises:
            InputError: it cannot be found or read.
        """
        id_ = summary.article.id
        source = Path(summary.article.source) if summary.article.source else None
        if self._texts is not None:
            row = self._texts.execute("SELECT text FROM article WHERE id = ?", (id_,)).fetchone()
            if row is None:
                raise InputError(f"{self._place} has no article {id_!r}", hint="check --articles")
            return Article(row[0], id=id_)
        if self._place is not None:
            by_id = self._place / f"{id_}.txt"
            by_name = self._place / source.name if source else by_id
            return read_file(by_name if by_name.is_file() and not by_id.is_file() else by_id)
        if source is None:
            hint = "give --articles, the folder or the JSONL records it was made from"
            raise InputError("the summary names no file", hint=hint)
        beside = self._path.parent / source
        return read_file(beside if beside.is_file() and not source.is_file() else source)


def _stored(path: Path) -> sqlite3.Connection:
    """The texts of a file of records by their ids, on the disk: there may be any number."""
    texts = sqlite3.connect("", isolation_level=None)
    texts.execute("PRAGMA journal_mode = OFF")
    texts.execute("CREATE TABLE article (id TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID")
    for record in read_records([path]):
        if record.article:
            texts.execute("INSERT INTO article VALUES (?, ?)", (record.id, record.article.text))
    return texts
