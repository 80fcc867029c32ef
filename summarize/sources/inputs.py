"""Many articles as a stream of records, never held whole: from files and folders, or from Python.

One bad record costs no other one: it comes as a record that says why it cannot be summarized.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from summarize.article.article import Article
from summarize.errors import DuplicateIdError, InputError
from summarize.sources.articles import STANDARD_INPUT
from summarize.sources.fetching import is_address
from summarize.sources.folders import Tree
from summarize.sources.record_files import (
    TAKEN,
    Source,
    holds_records,
    source_at,
    source_of,
    standard_input,
)
from summarize.sources.records import Place, Placed, Record, of_python
from summarize.sources.utf8 import cannot_read, display_name
from summarize.storage.disk_tables import DiskTables

__all__ = ["Record", "count_records", "holds_records", "includes", "read_records", "records_of"]


def read_records(
    inputs: Sequence[str | PathLike[str]], *, skipped: Callable[[str], None] = lambda _: None
) -> Iterator[Record]:
    """The records of all inputs, in their order, each as soon as it can be read.

    An input is `-` (JSON lines on standard input), a file (`.jsonl` and `.ndjson`: JSON lines;
    `.json`: an object, an array of objects, or an object with one; `.csv` and `.tsv`: rows under
    a header; any other: one article, as text or HTML), a pipe (JSON lines), a folder, or a pattern
    such as `news/**/*.txt`. A folder is read with all that is in it, in the order of names, but for
    hidden files and folders, files of other endings than usual for text, and what browsers save
    with a page.

    Only the names in a folder, and a whole `.json` file (of at most 256 MB), are ever held at once.

    Args:
        inputs: their paths.
        skipped: told, for each folder, what files in it were left out: "news: 3 files skipped
            (.csv, .pdf)".

    Raises:
        InputError: an input does not exist, or holds no articles; before the first record. What
            is wrong with a single record is in that record.
        ConfigurationError: while reading: no room in the folder of temporary files.
    """
    sources = _sources(_checked(inputs), skipped)
    return _told_apart(placed for source in sources for placed in source.placed())


def count_records(inputs: Sequence[str | PathLike[str]]) -> int | None:
    """How many records the inputs hold, or None where only reading them tells.

    Raises:
        InputError: as `read_records`.
    """
    total = 0
    for source in _sources(_checked(inputs), lambda _: None):
        count = source.count()
        if count is None:
            return None
        total += count
    return total


def includes(given: str | PathLike[str], path: Path) -> bool:
    """Whether an input is this file, or takes it in as soon as it is there."""
    place = Path(given)
    if place.is_dir():
        return _folder(os.fspath(place)).takes(path)
    tree = None if place.exists() else Tree.matching(os.fspath(place))
    return tree.takes(path) if tree else place.resolve() == path.resolve()


def records_of(
    articles: Iterable[str | PathLike[str] | Article | Mapping[str, object]],
) -> Iterator[Record]:
    """A record of each article, lazily.

    A string is an article's text, and its id is the start of its SHA-256; a path is that of a file
    of text or HTML, or of one of records, which are all taken; a mapping has the fields of a JSON
    line. A missing id is "record:17" in the seventeenth.

    Raises:
        ConfigurationError: while reading: no room in the folder of temporary files.
    """
    return _told_apart(_all_given(articles))


def _all_given(articles: Iterable[object]) -> Iterator[Placed]:
    for number, given in enumerate(articles, start=1):
        if isinstance(given, PathLike) and holds_records(path := Path(os.fsdecode(given))):
            yield from source_at(path).placed()
            continue
        place = Place(f"record {number}", f"record:{number}")
        yield Placed(place.name, of_python(given, place))


# Inputs, as the user names them


def _checked(inputs: Sequence[str | PathLike[str]]) -> list[Source | Tree]:
    """What the user named, all of it there."""
    if sum(given == STANDARD_INPUT for given in inputs) > 1:
        raise InputError("standard input: is named more than once", hint="name it once")
    return [
        standard_input() if given == STANDARD_INPUT else _named(os.fsdecode(given))
        for given in inputs
    ]


def _sources(inputs: list[Source | Tree], skipped: Callable[[str], None]) -> Iterator[Source]:
    for given in inputs:
        if isinstance(given, Tree):
            yield from map(source_of, given.files(skipped))
        else:
            yield given


def _named(path: str) -> Source | Tree:
    """What is at a path, or else what it is a pattern of."""
    if not path:
        raise InputError("the path of an input is empty", hint="check the path")
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError) as error:
        return _matched(path, error)
    if not S_ISDIR(mode):
        return source_at(Path(path), is_regular=S_ISREG(mode))
    tree = _folder(path)
    if tree.is_empty:
        hint = f"its files have to end in one of {' '.join(sorted(TAKEN))}"
        raise InputError(f"{display_name(path)}: holds no articles", hint=hint)
    return tree


def _folder(path: str) -> Tree:
    return Tree(path, ("**", "*"), frozenset(TAKEN))


def _matched(path: str, missing: OSError | ValueError) -> Tree:
    """What a pattern names; `missing` says why it is no path."""
    name = display_name(path)
    if is_address(path):
        hint = "save the pages to a folder; summarize article fetches addresses, one by one"
        raise InputError(f"{name}: is an address", hint=hint)
    tree = Tree.matching(path)
    if tree is None:
        raise cannot_read(name, missing) from missing
    if tree.is_empty:
        hint = "* stands for a part of a name, ** for folders, such as 'news/**/*.txt'"
        raise InputError(f"{name}: matches no file", hint=hint)
    return tree


# Repeated ids


def _told_apart(found: Iterator[Placed]) -> Iterator[Record]:
    """The records, of which those with an id that was there before are errors."""
    with DiskTables(
        "the list of ids", "seen (id TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID"
    ) as ids:
        for place, record in found:
            before = ids.row("SELECT place FROM seen WHERE id = ?", (record.id,))
            if before is None:
                ids.execute("INSERT INTO seen VALUES (?, ?)", (record.id, place))
                yield record
            else:
                yield _repeated(record.id, place, *before)


# Characters of an id that a message repeats.
_MAX_ID = 80


def _repeated(id_: str, place: str, before: str) -> Record:
    shown = id_ if len(id_) <= _MAX_ID else f"{id_[:_MAX_ID]}…"
    error = DuplicateIdError(
        f"{place}: the id {shown!r} was there before ({before})",
        hint="give each its own id; a file's is its name without the ending",
    )
    return Record(id_, None, error)
