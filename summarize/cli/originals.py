"""Where the articles are that summaries were made from."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from summarize.article import Article
from summarize.errors import InputError
from summarize.records import read_records
from summarize.schema import Summary
from summarize.sources import read_file

__all__ = ["Originals"]


class Originals:
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
        """The article of a summary: where the user says it is, else the text that it carries.

        Raises:
            InputError: it cannot be found or read.
        """
        text = summary.article.text
        if text is None:
            return self._found(summary)
        if self._place is not None:
            # Of many, some may be pages, whose text is nowhere else.
            with suppress(InputError):
                return self._found(summary)
        return Article(text, id=summary.article.id)

    def _found(self, summary: Summary) -> Article:
        """The article that is not in its summary."""
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
