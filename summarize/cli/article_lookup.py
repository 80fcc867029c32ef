"""Finds articles by their ids, and those that summaries were made from."""

from __future__ import annotations

import os
import pickle
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from summarize.article.article import Article
from summarize.cli.messages import Messages
from summarize.errors import ConfigurationError, InputError
from summarize.schema import ArticleInfo, Summary
from summarize.sources.articles import is_address, read_file
from summarize.sources.inputs import read_records
from summarize.storage.disk_tables import DiskTables

# Ids that one message names.
_MAX_SHOWN = 10


class ArticleLookup:
    """Finds articles by their ids, and those that summaries were made from.

    Args:
        place: a folder with ID.txt, or a file of records; None for where the summaries say.
        summaries: the path of the summaries.
        output: the file that is written to, which must not be one of those that are read.

    Raises:
        InputError: `place` is not there.
    """

    def __init__(
        self, place: str | Path | None, summaries: Path = Path(), output: str | None = None
    ) -> None:
        self._place = None if place is None else Path(place)
        self._folders = summaries.absolute().parents
        self._output = None if output is None else Path(output).resolve()
        self._records = DiskTables(
            "the list of articles", "record (path BLOB, id TEXT, found BLOB, UNIQUE (path, id))"
        )
        self._opened: set[Path] = set()
        if self._place and not self._place.is_dir():
            self._open(self._place)

    def by_id(self, id_: str, place: Path | None = None) -> Article | None:
        """Returns the article with this id in a place, or in that of all articles.

        It is None if it is not there; raises an InputError if it cannot be read.
        """
        place = place or self._place or Path()
        if place.is_dir():
            path = place / f"{id_}.txt"
            # The name of a file, not a way to one elsewhere.
            return self._read(path) if path.parent == place else None
        self._open(place)
        wanted = "SELECT found FROM record WHERE path = ? AND id = ?"
        row = self._records.row(wanted, (os.fsencode(place), id_))
        found: Article | InputError | None = pickle.loads(row[0]) if row else None  # noqa: S301
        if isinstance(found, InputError):
            raise found
        return found

    def find(self, summary: Summary) -> Article:
        """Returns the article, if it can be with the text that was summarized.

        Raises an InputError where it cannot be found or read.
        """
        info = summary.article
        first = None
        for article in filter(None, self._candidates(info)):
            if article.sha256 == info.sha256:
                return article
            first = first or article
        if first is None:
            raise self._missing(info)
        return first

    def _candidates(self, info: ArticleInfo) -> Iterator[Article | None]:
        """Articles that it may be, whatever a stranger's summary names."""
        named = info.records or info.source
        paths: list[Path] = []
        if self._place:
            yield self.by_id(info.id)
            if named and self._place.is_dir():
                paths = [self._place / Path(named).name]
        elif named and info.text is None and (info.records or not is_address(named)):
            # Written down from where the run was started: here, or a folder above the summaries.
            paths = [Path(named), *(folder / named for folder in self._folders)]
        for path in filter(_is_file, paths):
            yield self.by_id(info.id, path) if info.records else self._read(path)
        # Of many, some may be pages, whose text is nowhere else.
        if info.text is not None:
            yield Article(info.text, id=info.id)

    def _open(self, place: Path) -> None:
        """Reads a file of records, once; raises an InputError where it is not there."""
        if place in self._opened:
            return
        self._check(place)
        for record in read_records([place]):
            # The name of a file may be any bytes. An id that is repeated is the first one's.
            row = (os.fsencode(place), record.id, pickle.dumps(record.article or record.error))
            self._records.execute("INSERT OR IGNORE INTO record VALUES (?, ?, ?)", row)
        self._opened.add(place)

    def _read(self, path: Path) -> Article | None:
        """Returns the article of a file, None if it is not there, or raises an InputError."""
        if not _is_file(path):
            return None
        self._check(path)
        return read_file(path)

    def _check(self, path: Path) -> None:
        if path.resolve() == self._output:
            raise ConfigurationError(f"{path}: is one of the inputs", hint="name another file")

    def _missing(self, info: ArticleInfo) -> InputError:
        if self._place:
            return InputError(f"{self._place} has no article {info.id!r}", hint="check --articles")
        what = "the summary names no file"
        if info.records:
            what = f"{info.records}: no such file with the record {info.id!r}"
        elif info.source:
            is_web = is_address(info.source)
            what = f"{info.source}: {'is an address, and not asked' if is_web else 'no such file'}"
        hint = "give --articles, the folder or the file of records it was made from"
        return InputError(what, hint=hint)


def _is_file(path: Path) -> bool:
    """Whether a file is there, whatever the name."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or none at all
        return False


def annotated_articles(place: Path, ids: Collection[str], messages: Messages) -> dict[str, Article]:
    """Reads the articles with these ids; says which cannot be read, or are not there."""
    lookup = ArticleLookup(place)
    articles, missing = {}, []
    for id_ in ids:
        try:
            if article := lookup.by_id(id_):
                articles[id_] = article
            else:
                missing.append(id_)
        except InputError as error:
            messages.error(f"{error}; left out")
    if not articles:
        raise InputError(
            f"{place}: has no article that there is gold for",
            hint="the gold of 17.txt, or of the record with the id 17, is 17.json",
        )
    if missing:
        messages.error(f"{place}: has no article for the gold of {listed(missing)}; left out")
    return articles


def listed(ids: Sequence[str]) -> str:
    """Names the first of these ids."""
    return ", ".join(ids[:_MAX_SHOWN]) + (", …" if len(ids) > _MAX_SHOWN else "")
