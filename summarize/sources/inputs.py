"""Many articles as a stream of records, never held whole: from files and folders, or from Python.

One bad record costs no other one: it comes as a record that says why it cannot be summarized.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from stat import S_ISDIR

from summarize.article.article import Article
from summarize.errors import DuplicateIdError, InputError
from summarize.sources.articles import STANDARD_INPUT, is_address
from summarize.sources.decoding import cannot_read, display_name
from summarize.sources.folders import FileTree
from summarize.sources.record_files import SUFFIXES, Source, count_in, holds_records, records_in
from summarize.sources.records import Place, Record, record_of_article, record_of_object
from summarize.storage.disk_tables import DiskTables

__all__ = ["Record", "count_records", "holds_records", "includes", "read_records", "records_of"]

# Characters of an id that a message repeats.
_MAX_ID = 80


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
    sources = _checked(inputs)
    return _without_repeated(
        record for source in _files(sources, on_skipped) for record in records_in(source)
    )


def count_records(inputs: Sequence[str | PathLike[str]]) -> int | None:
    """Returns how many records the inputs hold; None where only reading them tells.

    Raises:
        InputError: as `read_records`.
    """
    total = 0
    for source in _files(_checked(inputs), lambda _: None):
        if (count := count_in(source)) is None:
            return None
        total += count
    return total


def includes(given: str | PathLike[str], path: Path) -> bool:
    """Whether an input is this file, or takes it in as soon as it is there."""
    place = Path(given)
    if place.is_dir():
        return FileTree(place, suffixes=SUFFIXES).takes(path)
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
    return _without_repeated(
        record
        for number, given in enumerate(articles, start=1)
        for record in _given(given, Place(f"record {number}", f"record:{number}"))
    )


def _given(given: object, place: Place) -> Iterator[Record]:
    """Yields the records of what Python code gives."""
    match given:
        case Mapping():
            yield record_of_object(given, place)
        case PathLike():
            yield from records_in(Path(os.fsdecode(given)))
        case Article() if given.id.strip():
            yield record_of_article(given, place._replace(id=given.id))
        case Article():
            yield record_of_article(replace(given, id=place.id), place)
        case str():
            yield record_of_article(Article.of(given), place)
        case _:
            why = f"{place.name}: is no article but of type {type(given).__name__}"
            hint = "give a text, a Path, an Article or a mapping"
            yield place.failed(InputError(why, hint=hint))


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
        if not S_ISDIR(path.stat().st_mode):
            return path
        tree = FileTree(path, suffixes=SUFFIXES)
        why = "holds no articles"
        hint = f"its files have to end in one of {' '.join(sorted(SUFFIXES))}"
    except (OSError, ValueError) as missing:
        if is_address(given):
            hint = "save the pages to a folder; summarize article fetches addresses, one by one"
            raise InputError(f"{name}: is an address", hint=hint) from None
        if (pattern := FileTree.matching(given)) is None:
            raise cannot_read(name, missing) from missing
        tree, why = pattern, "matches no file"
        hint = "* stands for a part of a name, ** for folders, such as 'news/**/*.txt'"
    if tree.is_empty:
        raise InputError(f"{name}: {why}", hint=hint)
    return tree


# Repeated ids


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
                continue
            shown = record.id if len(record.id) <= _MAX_ID else f"{record.id[:_MAX_ID]}…"
            error = DuplicateIdError(
                f"{record.place}: the id {shown!r} was there before ({before[0]})",
                hint="give each its own id; a file's is its name without the ending",
            )
            yield Record(record.id, None, error, record.place)
