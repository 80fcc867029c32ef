"""Where the articles are that summaries were made from."""

from __future__ import annotations

from pathlib import Path

from summarize.article import Article
from summarize.disk_tables import DiskTables
from summarize.errors import InputError, OutputError
from summarize.fetching import is_address
from summarize.records import read_records
from summarize.schema import Summary
from summarize.sources import read_file

__all__ = ["Originals"]

_HINT = "give --articles, the folder or the JSONL records it was made from"


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
        self._records: DiskTables | None = None
        if self._place and not self._place.is_dir():
            self._records = _kept(self._place)

    def of(self, summary: Summary) -> Article:
        """The article of a summary: where the user says it is, else the text that it carries.

        Raises:
            InputError: it cannot be found or read.
            OutputError: it is in the file that is written to.
        """
        id_, text = summary.article.id, summary.article.text
        if self._records is not None:
            found = self._record(self._records, id_)
        elif self._place is None and text is not None:
            found = None
        else:
            found = self._file(summary)
        if found is not None:
            return found
        # Of many, some may be pages, whose text is nowhere else.
        if text is not None:
            return Article(text, id=id_)
        raise self._missing(summary)

    def _record(self, records: DiskTables, id_: str) -> Article | None:
        row = records.row("SELECT text, error FROM article WHERE id = ?", (id_,))
        if row is None:
            return None
        text, error = row
        if text is None:
            raise InputError(error, hint="mend the record")
        return Article(text, id=id_)

    def _file(self, summary: Summary) -> Article | None:
        """The article in a file of its own; whatever else the summary names is not opened."""
        found = next(filter(_is_file, self._files(summary)), None)
        if found is None:
            return None
        if self._output is not None and found.resolve() == Path(self._output).resolve():
            why = f"{self._output}: is the article of {summary.article.id}"
            raise OutputError(why, hint="name another file with -o")
        return read_file(found)

    def _files(self, summary: Summary) -> list[Path]:
        id_, source = summary.article.id, summary.article.source
        if self._place is not None:
            names = [f"{id_}.txt", *([Path(source).name] if source else [])]
            # The name of a file, not a way to one elsewhere.
            return [self._place / name for name in names if Path(name).name == name]
        if source is None or is_address(source):
            return []
        return [Path(source), self._path.parent / source]

    def _missing(self, summary: Summary) -> InputError:
        id_, source = summary.article.id, summary.article.source
        if self._place is not None:
            return InputError(
                f"{self._place} has no article {_short(id_)!r}", hint="check --articles"
            )
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


def _kept(path: Path) -> DiskTables:
    """The texts of a file of records by their ids, on the disk: there may be any number."""
    texts = DiskTables(
        "the list of articles", "article (id TEXT PRIMARY KEY, text TEXT, error TEXT)"
    )
    for record in read_records([path]):
        text = record.article and record.article.text
        error = str(record.error.args[0]) if record.error else ""
        # An id that is repeated is the first one's.
        texts.execute("INSERT OR IGNORE INTO article VALUES (?, ?, ?)", (record.id, text, error))
    return texts
