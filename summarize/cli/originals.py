"""Where the articles are that summaries were made from."""

from __future__ import annotations

import os
from pathlib import Path

from summarize.article.article import Article
from summarize.errors import InputError, OutputError
from summarize.schema import Summary
from summarize.sources.articles import read_file
from summarize.sources.fetching import is_address
from summarize.sources.inputs import read_records
from summarize.storage.disk_tables import DiskTables

__all__ = ["Originals"]

_HINT = "give --articles, the folder or the file of records it was made from"


class Originals:
    """Where the articles are that summaries were made from.

    Args:
        path: of the summaries.
        place: a folder of articles, or a file of records; None for where the summaries say.
        output: that must not be one of the articles; None if there is none.
    """

    def __init__(self, path: Path, place: str | None, output: str | None = None) -> None:
        self._path = path
        self._place = None if place is None else Path(place)
        self._output = output
        self._records = _Records()
        self._is_of_records = self._place is not None and not self._place.is_dir()
        if self._place and self._is_of_records:
            self._records.read(self._place)

    def of(self, summary: Summary) -> Article:
        """The article of a summary: where the user says it is, else the text that it carries.

        Raises:
            InputError: it cannot be found or read.
            OutputError: it is in the file that is written to.
        """
        id_, text = summary.article.id, summary.article.text
        if self._place and self._is_of_records:
            found = self._records.article(self._place, id_)
        elif self._place is None and text is not None:
            found = None
        else:
            found = self._file(summary) or self._record(summary)
        if found is not None:
            return found
        # Of many, some may be pages, whose text is nowhere else.
        if text is not None:
            return Article(text, id=id_)
        raise self._missing(summary)

    def _file(self, summary: Summary) -> Article | None:
        """The article in a file of its own; whatever else the summary names is not opened."""
        found = next(filter(_is_file, self._files(summary)), None)
        if found is None:
            return None
        self._check_output(found, summary)
        return read_file(found)

    def _files(self, summary: Summary) -> list[Path]:
        id_, source = summary.article.id, summary.article.source
        if summary.article.records is not None:
            source = None
        if self._place is not None:
            names = [f"{id_}.txt", *([Path(source).name] if source else [])]
            # The name of a file, not a way to one elsewhere.
            return [self._place / name for name in names if Path(name).name == name]
        if source is None or is_address(source):
            return []
        return self._ways(source)

    def _record(self, summary: Summary) -> Article | None:
        """The article among the records of the file that the summary names.

        Where there are several such files, it is the one with the text that was summarized.
        """
        first = None
        for path in filter(_is_file, self._record_files(summary)):
            self._check_output(path, summary)
            self._records.read(path)
            found = self._records.article(path, summary.article.id)
            if found and found.sha256 == summary.article.sha256:
                return found
            first = first or found
        return first

    def _record_files(self, summary: Summary) -> list[Path]:
        named = summary.article.records
        if named is None:
            return []
        if self._place is not None:
            return [self._place / Path(named).name]
        return self._ways(named)

    def _ways(self, named: str) -> list[Path]:
        """Where a path may lead: from here, or from a folder above the summaries.

        It was written down from where the run was started, which may be any of them.
        """
        return [Path(named), *(folder / named for folder in self._path.absolute().parents)]

    def _check_output(self, found: Path, summary: Summary) -> None:
        if self._output is not None and found.resolve() == Path(self._output).resolve():
            why = f"{self._output}: is the article of {summary.article.id}"
            raise OutputError(why, hint="name another file with -o")

    def _missing(self, summary: Summary) -> InputError:
        id_, source = summary.article.id, summary.article.source
        if self._place is not None:
            return InputError(
                f"{self._place} has no article {_short(id_)!r}", hint="check --articles"
            )
        if records := summary.article.records:
            is_there = any(map(_is_file, self._record_files(summary)))
            what = f"has no record {_short(id_)!r}" if is_there else "no such file"
            return InputError(f"{_short(records)}: {what}", hint=_HINT)
        if source is None:
            return InputError("the summary names no file", hint=_HINT)
        if is_address(source):
            return InputError(f"{_short(source)}: is an address, and not asked", hint=_HINT)
        return InputError(f"{_short(source)}: no such file", hint=_HINT)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or none at all
        return False


# Characters of a path that a message repeats.
_MAX_SHOWN = 200


def _short(path: str) -> str:
    return path if len(path) <= _MAX_SHOWN else f"{path[:_MAX_SHOWN]}…"


class _Records:
    """The texts of files of records by their ids, on the disk: there may be any number."""

    def __init__(self) -> None:
        self._tables: DiskTables | None = None
        self._read: set[Path] = set()

    def read(self, path: Path) -> None:
        """Takes in a file, once.

        Raises:
            InputError: there is no such file.
        """
        if path in self._read:
            return
        if self._tables is None:
            self._tables = DiskTables(
                "the list of articles",
                "article (path TEXT, id TEXT, text TEXT, error TEXT, PRIMARY KEY (path, id))",
            )
        for record in read_records([path]):
            text = record.article and record.article.text
            error = str(record.error.args[0]) if record.error else ""
            # An id that is repeated is the first one's.
            row = (_key(path), record.id, text, error)
            self._tables.execute("INSERT OR IGNORE INTO article VALUES (?, ?, ?, ?)", row)
        self._read.add(path)

    def article(self, path: Path, id_: str) -> Article | None:
        """The article with this id in a file that was taken in.

        Raises:
            InputError: its record cannot be read.
        """
        wanted = "SELECT text, error FROM article WHERE path = ? AND id = ?"
        row = self._tables and self._tables.row(wanted, (_key(path), id_))
        if not row:
            return None
        text, error = row
        if text is None:
            raise InputError(error, hint="mend the record")
        return Article(text, id=id_)


def _key(path: Path) -> bytes:
    # The name of a file may be any bytes.
    return os.fsencode(path)
