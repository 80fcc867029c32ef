"""Many articles as a stream of records, never held whole: from files and folders, or from Python.

One bad record costs no other one: it comes as a record that says why it cannot be summarized.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from stat import S_ISDIR

from summarize.article.article import Article
from summarize.errors import DuplicateIdError, InputError
from summarize.sources.articles import STANDARD_INPUT
from summarize.sources.fetching import is_address
from summarize.sources.folders import FileTree
from summarize.sources.record_files import SUFFIXES, Source, count_in, holds_records, records_in
from summarize.sources.records import Place, Record, record_of_python
from summarize.sources.utf8 import cannot_read, display_name
from summarize.storage.disk_tables import DiskTables

__all__ = ["Record", "count_records", "holds_records", "includes", "read_records", "records_of"]


def read_records(
    inputs: Sequence[str | PathLike[str]], *, on_skipped: Callable[[str], None] = lambda _: None
) -> Iterator[Record]:
    """Yields the records of all inputs, in their order, each as soon as it can be read.

    An input is `-` (JSON lines on standard input), a file (`.jsonl` and `.ndjson`: JSON lines;
    `.json`: an object, an array of objects, or an object with one; `.csv` and `.tsv`: rows under
    a header; any other: one article, as text or HTML), a pipe (JSON lines), a folder, or a pattern
    such as `news/**/*.txt`. A folder is read with all that is in it, in the order of names, except
    hidden files and folders, files of other suffixes, and what browsers save with a page.

    Only the names in a folder, and a whole `.json` file (of at most 256 MB), are ever held at once.

    Args:
        inputs: their paths.
        on_skipped: called for each folder in which files are left out, with a message such as
            "news: 3 files skipped (.doc, .pdf)".

    Raises:
        InputError: an input does not exist, or holds no articles; before the first record. What
            is wrong with a single record is in that record.
        ConfigurationError: while reading: no room in the folder of temporary files.
    """
    return _without_repeated(_read(_checked(inputs), on_skipped))


def _read(sources: list[Source | FileTree], on_skipped: Callable[[str], None]) -> Iterator[Record]:
    for source in _files(sources, on_skipped):
        yield from records_in(source)


def count_records(inputs: Sequence[str | PathLike[str]]) -> int | None:
    """Returns how many records the inputs hold; None where only reading them tells.

    Raises:
        InputError: as `read_records`.
    """
    total = 0
    for source in _files(_checked(inputs), lambda _: None):
        count = count_in(source)
        if count is None:
            return None
        total += count
    return total


def includes(given: str | PathLike[str], path: Path) -> bool:
    """Whether an input is this file, or takes it in as soon as it is there."""
    place = Path(given)
    if place.is_dir():
        return _folder(place).takes(path)
    tree = None if place.exists() else FileTree.matching(os.fspath(place))
    return tree.takes(path) if tree else place.resolve() == path.resolve()


def records_of(
    articles: Iterable[str | PathLike[str] | Article | Mapping[str, object]],
) -> Iterator[Record]:
    """Yields a record for each article.

    A string is an article's text, and its id is the start of its SHA-256; a path is that of a file
    of text or HTML, or of one of records, which are all taken; a mapping has the fields of a JSON
    line. A missing id is "record:17" in the seventeenth.

    Raises:
        ConfigurationError: while reading: no room in the folder of temporary files.
    """
    return _without_repeated(_given(articles))


def _given(articles: Iterable[object]) -> Iterator[Record]:
    for number, given in enumerate(articles, start=1):
        if isinstance(given, PathLike) and holds_records(path := Path(os.fsdecode(given))):
            yield from records_in(path)
        else:
            yield record_of_python(given, Place(f"record {number}", f"record:{number}"))


# Inputs, as the user names them


def _checked(inputs: Sequence[str | PathLike[str]]) -> list[Source | FileTree]:
    """Returns what the user named, all of it there."""
    if sum(given == STANDARD_INPUT for given in inputs) > 1:
        raise InputError("standard input: is named more than once", hint="name it once")
    return [_named(os.fsdecode(given)) for given in inputs]


def _files(sources: list[Source | FileTree], on_skipped: Callable[[str], None]) -> Iterator[Source]:
    for source in sources:
        if isinstance(source, FileTree):
            yield from source.files(on_skipped)
        else:
            yield source


def _named(given: str) -> Source | FileTree:
    """Returns what is at a path, or else what it is a pattern of."""
    name, path = display_name(given), Path(given)
    if not given:
        raise InputError("the path of an input is empty", hint="check the path")
    if given == STANDARD_INPUT:
        # Python has none where the shell closed it.
        if sys.stdin is None or sys.stdin.closed:
            hint = "give it one JSON object a line, or name a file"
            raise InputError("standard input: is closed", hint=hint)
        return None
    try:
        is_folder = S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError) as missing:
        return _matching(given, name, missing)
    if not is_folder:
        return path
    tree = _folder(path)
    if tree.is_empty:
        hint = f"its files have to end in one of {' '.join(sorted(SUFFIXES))}"
        raise InputError(f"{name}: holds no articles", hint=hint)
    return tree


def _folder(path: Path) -> FileTree:
    return FileTree(path, suffixes=SUFFIXES)


def _matching(given: str, name: str, missing: OSError | ValueError) -> FileTree:
    """Returns the files that a pattern names; `missing` says why it is no path."""
    if is_address(given):
        hint = "save the pages to a folder; summarize article fetches addresses, one by one"
        raise InputError(f"{name}: is an address", hint=hint)
    tree = FileTree.matching(given)
    if tree is None:
        raise cannot_read(name, missing) from missing
    if tree.is_empty:
        hint = "* stands for a part of a name, ** for folders, such as 'news/**/*.txt'"
        raise InputError(f"{name}: matches no file", hint=hint)
    return tree


# Repeated ids

# Characters of an id that a message repeats.
_MAX_ID = 80


def _without_repeated(records: Iterator[Record]) -> Iterator[Record]:
    """Yields the records; those with the id of an earlier one become errors."""
    with DiskTables(
        "the list of ids", "seen (id TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID"
    ) as ids:
        for record in records:
            before = ids.row("SELECT place FROM seen WHERE id = ?", (record.id,))
            if before is None:
                ids.execute("INSERT INTO seen VALUES (?, ?)", (record.id, record.place))
                yield record
            else:
                yield _repeated(record, *before)


def _repeated(record: Record, before: str) -> Record:
    shown = record.id if len(record.id) <= _MAX_ID else f"{record.id[:_MAX_ID]}…"
    error = DuplicateIdError(
        f"{record.place}: the id {shown!r} was there before ({before})",
        hint="give each its own id; a file's is its name without the ending",
    )
    return Record(record.id, None, error, record.place)
