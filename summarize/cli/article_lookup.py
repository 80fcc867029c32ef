"""Finds the articles that summaries were made from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from summarize.article.article import Article
from summarize.errors import InputError, OutputError
from summarize.schema import Summary
from summarize.sources.articles import is_address, read_file
from summarize.sources.inputs import read_records
from summarize.storage.disk_tables import DiskTables

__all__ = ["ArticleLookup"]

_HINT = "give --articles, the folder or the file of records it was made from"
# Characters of a path or an id that a message repeats.
_MAX_SHOWN = 200


class ArticleLookup:
    """Finds the articles that summaries were made from.

    Args:
        summaries: the path of the summaries.
        place: a folder of articles, or a file of records; None for where the summaries say.
        output: that must not be one of the articles; None if there is none.

    Raises:
        InputError: the file of records cannot be read.
    """

    def __init__(self, summaries: Path, place: str | None, output: str | None = None) -> None:
        self._folders = summaries.absolute().parents
        self._place = None if place is None else Path(place)
        self._output = None if output is None else Path(output)
        self._records = _Records()
        self._is_of_records = self._place is not None and not self._place.is_dir()
        if self._place and self._is_of_records:
            self._records.read(self._place)

    def find(self, summary: Summary) -> Article:
        """Returns the article of a summary: where the user says it is, else the text it carries.

        Raises:
            InputError: it cannot be found or read.
            OutputError: it is in the file that is written to.
        """
        id_, text = summary.article.id, summary.article.text
        found = None
        if self._place and self._is_of_records:
            found = self._records.article(self._place, id_)
        elif self._place or text is None:
            found = self._in_files(summary)
        # Of many, some may be pages, whose text is nowhere else.
        if found is None and text is not None:
            found = Article(text, id=id_)
        if found is None:
            raise self._missing(summary)
        return found

    def _in_files(self, summary: Summary) -> Article | None:
        """The article with the text that was summarized, or else the first of its name or id."""
        first = None
        for path in self._files(summary):
            if self._output and path.resolve() == self._output.resolve():
                why = f"{self._output}: is the article of {summary.article.id}"
                raise OutputError(why, hint="name another file with -o")
            if summary.article.records is None:
                found: Article | None = read_file(path)
            else:
                self._records.read(path)
                found = self._records.article(path, summary.article.id)
            if found and found.sha256 == summary.article.sha256:
                return found
            first = first or found
        return first

    def _files(self, summary: Summary) -> Iterator[Path]:
        """Files that may hold the article, whatever a stranger's summary names."""
        id_, source, records = summary.article.id, summary.article.source, summary.article.records
        named = records or source
        if self._place is None:
            if not named or (records is None and is_address(named)):
                return
            # Written down from where the run was started: here, or a folder above the summaries.
            paths = [Path(named), *(folder / named for folder in self._folders)]
        else:
            names = [Path(named).name] if named else []
            # The name of a file, not a way to one elsewhere.
            if records is None and Path(f"{id_}.txt").name == f"{id_}.txt":
                names.insert(0, f"{id_}.txt")
            paths = [self._place / name for name in names]
        yield from filter(_is_file, paths)

    def _missing(self, summary: Summary) -> InputError:
        id_, source, records = summary.article.id, summary.article.source, summary.article.records
        if self._place is not None:
            return InputError(
                f"{self._place} has no article {_short(id_)!r}", hint="check --articles"
            )
        if records:
            is_there = any(self._files(summary))
            what = f"has no record {_short(id_)!r}" if is_there else "no such file"
            return InputError(f"{_short(records)}: {what}", hint=_HINT)
        if source is None:
            return InputError("the summary names no file", hint=_HINT)
        what = "is an address, and not asked" if is_address(source) else "no such file"
        return InputError(f"{_short(source)}: {what}", hint=_HINT)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or none at all
        return False


def _short(path: str) -> str:
    return path if len(path) <= _MAX_SHOWN else f"{path[:_MAX_SHOWN]}…"


class _Records:
    """The texts of files of records by their ids, on the disk: there may be any number."""

    def __init__(self) -> None:
        self._tables: DiskTables | None = None
        self._files: set[Path] = set()

    def read(self, path: Path) -> None:
        """Takes in a file, once.

        Raises:
            InputError: there is no such file.
        """
        if path in self._files:
            return
        if self._tables is None:
            self._tables = DiskTables(
                "the list of articles",
                "article (path TEXT, id TEXT, text TEXT, error TEXT, PRIMARY KEY (path, id))",
            )
        for record in read_records([path]):
            text = record.article and record.article.text
            error = str(record.error.args[0]) if record.error else ""
            # The name of a file may be any bytes. An id that is repeated is the first one's.
            row = (os.fsencode(path), record.id, text, error)
            self._tables.execute("INSERT OR IGNORE INTO article VALUES (?, ?, ?, ?)", row)
        self._files.add(path)

    def article(self, path: Path, id_: str) -> Article | None:
        """Returns the article with this id in a file that was taken in.

        Raises:
            InputError: its record cannot be read.
        """
        wanted = "SELECT text, error FROM article WHERE path = ? AND id = ?"
        row = self._tables and self._tables.row(wanted, (os.fsencode(path), id_))
        if not row:
            return None
        text, error = row
        if text is None:
            raise InputError(error, hint="mend the record")
        return Article(text, id=id_)
