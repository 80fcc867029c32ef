"""Many articles as a stream of records, never held whole: from files and folders, or from Python.

One bad record costs no other one: it comes as a record that says why it cannot be summarized.
"""

from __future__ import annotations

import codecs
import json
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import IO, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from summarize.article import Article
from summarize.disk_tables import DiskTables
from summarize.errors import DuplicateIdError, InputError
from summarize.fetching import is_address
from summarize.sources import (
    PAGES,
    STANDARD_INPUT,
    check_text,
    decoded,
    foreign_encoding,
    name_of,
    read_file,
    read_utf8,
    unreadable,
    whole_characters,
)
from summarize.trees import Tree, Unreadable

__all__ = ["Record", "count_records", "read_records", "reads", "records_of"]


@dataclass(frozen=True, slots=True)
class Record:
    """One line or file of the input, ready to be summarized or with the reason why it cannot be.

    Attributes:
        id: of the article; no other record has it, but those with a `DuplicateIdError`.
        article: None where there is an error.
        error: None where there is an article.
    """

    id: str
    article: Article | None
    error: InputError | None

    @property
    def is_repeated(self) -> bool:
        """Whether an earlier record has the same id."""
        return isinstance(self.error, DuplicateIdError)


def read_records(
    inputs: Sequence[str | PathLike[str]], *, skipped: Callable[[str], None] = lambda _: None
) -> Iterator[Record]:
    """The records of all inputs, in their order, each as soon as it can be read.

    An input is `-` (JSON lines on standard input), a file (`.jsonl` and `.ndjson`: JSON lines;
    `.json`: an object, an array of objects, or an object with one; any other: one article, as text
    or HTML), a pipe (JSON lines), a folder, or a pattern such as `news/**/*.txt`. A folder is read
    with all that is in it, in the order of names, but for hidden files and folders, files of other
    endings than usual for text, and what browsers save with a page.

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


def reads(given: str | PathLike[str], path: Path) -> bool:
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
    of text or HTML; a mapping has the fields of a JSON line. A missing id is "record:17" in the
    seventeenth.

    Raises:
        ConfigurationError: while reading: no room in the folder of temporary files.
    """
    return _told_apart(_all_given(articles))


# Where records come from

_LINES = {".jsonl", ".ndjson"}
_DOCUMENT = ".json"
_TAKEN = {".txt", ".md", ".text", *PAGES, _DOCUMENT, *_LINES}
# Bytes. What is in a larger one takes three times as much memory, or with other scripts ten.
_MAX_DOCUMENT = 256_000_000
# Bytes of which it is quickly seen whether they hold an array of objects.
_MAX_COUNTED = 1_000_000


class _Place(NamedTuple):
    """Where a record stands, for messages, and its id if it says none."""

    name: str
    id: str


class _Placed(NamedTuple):
    """A record, and where it stands."""

    place: str
    record: Record


class _Source(Protocol):
    """What holds records."""

    def placed(self) -> Iterator[_Placed]:
        """The records."""

    def count(self) -> int | None:
        """How many there are, None where nobody knows."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """JSON lines: of a file, a pipe or standard input."""

    name: str
    stem: str
    opened: Callable[[], AbstractContextManager[IO[bytes]]]
    can_be_read_again: bool

    def placed(self) -> Iterator[_Placed]:
        try:
            with self.opened() as stream:
                for number, line in _numbered(stream):
                    if number == 1 and foreign_encoding(line):
                        # Nor are its line ends those of UTF-8.
                        yield self._of_line(line, _Place(self.name, self.stem))
                        return
                    name = f"{self.name}, line {number}"
                    yield self._of_line(line, _Place(name, f"{self.stem}:{number}"))
        except OSError as error:
            yield _Placed(self.name, Record(self.stem, None, unreadable(self.name, error)))

    def _of_line(self, line: bytes, place: _Place) -> _Placed:
        hint = 'write one object a line, such as {"text": "…"}'
        try:
            text = decoded(line.rstrip(b"\r\n"), place.name, wanted=hint, file=self.name)
            given = _json(text, place.name, hint)
        except InputError as error:
            return _Placed(place.name, Record(place.id, None, error))
        return _Placed(place.name, _of_object(given, place))

    def count(self) -> int | None:
        if not self.can_be_read_again:
            return None
        try:
            with self.opened() as stream:
                return sum(1 for _ in _numbered(stream))
        except OSError:
            return 1


def _numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each line that is not blank, with its number."""
    for number, line in enumerate(lines, start=1):
        bare = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if bare and not bare.isspace():
            yield number, bare


@dataclass(frozen=True, slots=True)
class _Document:
    """A JSON file: one object, an array of them, or an object with such an array."""

    path: Path

    def placed(self) -> Iterator[_Placed]:
        name, stem = name_of(str(self.path)), name_of(self.path.stem)
        hint = "give an object or an array of objects; one object a line is for .jsonl"
        try:
            self._check_size(name)
            given = _json(read_utf8(self.path, wanted=hint).removeprefix("\ufeff"), name, hint)
        except InputError as error:
            yield _Placed(name, Record(stem, None, error))
            return
        if isinstance(given, Mapping) and (inside := _array_in(given)) is not None:
            given = inside
        if not isinstance(given, list):
            yield _Placed(name, _of_object(given, _Place(name, stem)))
            return
        for number, item in enumerate(given, start=1):
            place = _Place(f"{name}, record {number}", f"{stem}:{number}")
            yield _Placed(place.name, _of_object(item, place))

    def _check_size(self, name: str) -> None:
        with suppress(OSError, ValueError):  # which reading tells in words
            if self.path.stat().st_size > _MAX_DOCUMENT:
                why = f"{name}: is larger than {_MAX_DOCUMENT // 1_000_000} MB"
                raise InputError(why, hint="write one object a line into a .jsonl file")

    def count(self) -> int | None:
        try:
            with self.path.open("rb") as stream:
                start = stream.read(_MAX_COUNTED).removeprefix(codecs.BOM_UTF8).lstrip()
        except OSError:
            return 1
        is_object = start.startswith(b"{") and len(start) < _MAX_COUNTED - len(codecs.BOM_UTF8)
        return 1 if is_object and not _ARRAY.search(start) else None


# What may be an array of objects.
_ARRAY = re.compile(rb"\[\s*[{\]]")
# What APIs call the array of what they found.
_ARRAYS = ("articles", "records", "data", "items", "results", "docs")


def _array_in(given: Mapping[str, object]) -> list[object] | None:
    """The array of records that an object wraps; None if it is a record itself."""
    if "text" in given or any(isinstance(given.get(name), str) for name in _NAMES["text"]):
        return None
    arrays = {name: value for name, value in given.items() if isinstance(value, list)}
    named = next((arrays[name] for name in _ARRAYS if name in arrays), None)
    if named is not None:
        return named
    # Comments, or paragraphs, of one article whose text has a name that is not known.
    if any(isinstance(given.get(name), str) for names in _NAMES.values() for name in names):
        return None
    of_objects = [array for array in arrays.values() if any(isinstance(i, Mapping) for i in array)]
    return of_objects[0] if len(of_objects) == 1 else None


@dataclass(frozen=True, slots=True)
class _TextFile:
    """A file that is an article, as text or HTML."""

    path: Path

    def placed(self) -> Iterator[_Placed]:
        yield _Placed(name_of(str(self.path)), _of_file(self.path))

    def count(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """A folder within an input that cannot be looked into."""

    path: Path
    error: OSError

    def placed(self) -> Iterator[_Placed]:
        name = name_of(str(self.path))
        yield _Placed(name, Record(name_of(self.path.name), None, unreadable(name, self.error)))

    def count(self) -> int:
        return 1


def _source(path: Path, *, is_regular: bool = True) -> _Source:
    ending = path.suffix.lower()
    if ending in _LINES or not is_regular:
        name, stem = name_of(str(path)), name_of(path.stem)
        return _Lines(name, stem, lambda: path.open("rb"), can_be_read_again=is_regular)
    return _Document(path) if ending == _DOCUMENT else _TextFile(path)


# Inputs, as the user names them


def _checked(inputs: Sequence[str | PathLike[str]]) -> list[_Source | Tree]:
    """What the user named, all of it there."""
    if sum(given == STANDARD_INPUT for given in inputs) > 1:
        raise InputError("standard input: is named more than once", hint="name it once")
    return [
        _standard_input() if given == STANDARD_INPUT else _named(os.fsdecode(given))
        for given in inputs
    ]


def _sources(inputs: list[_Source | Tree], skipped: Callable[[str], None]) -> Iterator[_Source]:
    for given in inputs:
        if isinstance(given, Tree):
            yield from map(_found, given.files(skipped))
        else:
            yield given


def _found(file: Path | Unreadable) -> _Source:
    return _source(file) if isinstance(file, Path) else _Unreadable(file.path, file.error)


def _standard_input() -> _Source:
    # Python has none where the shell closed it.
    if sys.stdin is None or sys.stdin.closed:
        hint = "give it one JSON object a line, or name a file"
        raise InputError("standard input: is closed", hint=hint)
    # It is not ours to close.
    opened = nullcontext(sys.stdin.buffer)
    return _Lines("standard input", "stdin", lambda: opened, can_be_read_again=False)


def _named(path: str) -> _Source | Tree:
    """What is at a path, or else what it is a pattern of."""
    if not path:
        raise InputError("the path of an input is empty", hint="check the path")
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError) as error:
        return _matched(path, error)
    if not S_ISDIR(mode):
        return _source(Path(path), is_regular=S_ISREG(mode))
    tree = _folder(path)
    if tree.is_empty:
        hint = f"its files have to end in one of {' '.join(sorted(_TAKEN))}"
        raise InputError(f"{name_of(path)}: holds no articles", hint=hint)
    return tree


def _folder(path: str) -> Tree:
    return Tree(path, ("**", "*"), frozenset(_TAKEN))


def _matched(path: str, missing: OSError | ValueError) -> Tree:
    """What a pattern names; `missing` says why it is no path."""
    name = name_of(path)
    if is_address(path):
        hint = "save the pages to a folder; summarize article fetches addresses, one by one"
        raise InputError(f"{name}: is an address", hint=hint)
    tree = Tree.matching(path)
    if tree is None:
        raise unreadable(name, missing) from missing
    if tree.is_empty:
        hint = "* stands for a part of a name, ** for folders, such as 'news/**/*.txt'"
        raise InputError(f"{name}: matches no file", hint=hint)
    return tree


# Records, from what was read


def _json(text: str, name: str, hint: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        what = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
        line = f"line {error.lineno}, " if "\n" in text else ""
        why = f"is not JSON ({what} at {line}column {error.colno})"
    except RecursionError:
        why = "is nested too deeply"
    except ValueError:
        why, hint = "holds a number of too many digits", "make it a string"
    raise InputError(f"{name}: {why}", hint=hint)


# What each field may be called: by us, and then in the order in which a name comes before the next
# by datasets of news, APIs and feeds. The first that says something counts.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "content", "body", "article", "full_text", "maintext"),
    "id": ("id", "uid", "_id"),
    "title": ("title", "headline"),
    "url": ("url", "link"),
    "published": (
        *("published", "date", "publish_date", "date_publish", "published_at", "publishedAt"),
        "pubDate",
    ),
    "outlet": ("outlet", "source", "publisher", "domain", "source_domain"),
}


def _chosen(given: Mapping[str, object]) -> dict[str, object]:
    """The fields of a record by our names.

    A field of our name has to be of the right type; of another name it may be something else.
    """
    fields: dict[str, object] = {}
    for field, (ours, *others) in _NAMES.items():
        value = _as_meant(given.get(ours))
        if field == "outlet" and isinstance(value, Mapping):
            value = value.get("name")
        if field != "id" and (value is None or (isinstance(value, str) and not value.strip())):
            found = (_said(given.get(other), field) for other in others)
            value = next(filter(None, found), value)
        fields[field] = value
    return fields


def _as_meant(value: object) -> object:
    """What data frames write for a missing value, and for an integer in a column that has some."""
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    return value


def _said(value: object, field: str) -> str | None:
    """What a field of another name says; of an outlet that is an object, its name."""
    if field == "outlet" and isinstance(value, Mapping):
        value = value.get("name")
    return value if isinstance(value, str) and value.strip() else None


class _Fields(BaseModel):
    """The fields of a record that are read."""

    model_config = ConfigDict(strict=True)

    text: str
    id: str | int | None = None
    title: str | None = None
    url: str | None = None
    published: str | None = None
    outlet: str | None = None


def _of_object(given: object, place: _Place) -> Record:
    if not isinstance(given, Mapping):
        hint = 'write {"text": "…"}'
        return Record(place.id, None, InputError(f"{place.name}: is no object", hint=hint))
    ids = (_own_id(_as_meant(given.get(name))) for name in _NAMES["id"])
    id_ = next(filter(None, ids), place.id)
    try:
        return Record(id_, _article(given, id_, place.name), None)
    except InputError as error:
        return Record(id_, None, error)


def _own_id(given: object) -> str | None:
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    return _unless_blank(given) if isinstance(given, str) else None


def _unless_blank(given: str | None) -> str | None:
    return whole_characters(given) if given and not given.isspace() else None


def _article(given: Mapping[str, object], id_: str, name: str) -> Article:
    try:
        fields = _Fields.model_validate(_chosen(given))
    except ValidationError as error:
        raise _wrong_field(error, name) from None
    check_text(fields.text, f"{name}: the text")
    return Article(
        fields.text,
        id=id_,
        source=_unless_blank(fields.url),
        title=_unless_blank(fields.title),
        outlet=_unless_blank(fields.outlet),
        published=_unless_blank(fields.published),
    )


def _wrong_field(error: ValidationError, name: str) -> InputError:
    """What is wrong with a record's first wrong field."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = first["loc"][0]
    if first["input"] is None:
        return InputError(f"{name}: {field!r} is missing", hint="give the text of an article")
    wanted = "a string or an integer" if field == "id" else "a string"
    return InputError(f"{name}: {field!r} is not {wanted}", hint="change it, or leave it out")


def _of_file(path: Path) -> Record:
    try:
        article = read_file(path)
    except InputError as error:
        return Record(name_of(path.stem), None, error)
    return Record(article.id, article, None)


def _all_given(articles: Iterable[object]) -> Iterator[_Placed]:
    for number, given in enumerate(articles, start=1):
        place = _Place(f"record {number}", f"record:{number}")
        yield _Placed(place.name, _of_python(given, place))


def _of_python(given: object, place: _Place) -> Record:
    """The record of an article that Python code gives."""
    match given:
        case str():
            return _of_text(given, place)
        case Article():
            return _of_article(given, place)
        case PathLike():
            return _of_file(Path(os.fsdecode(given)))
        case Mapping():
            return _of_object(given, place)
    why = f"{place.name}: is no article but of type {type(given).__name__}"
    hint = "give a text, a Path, an Article or a mapping"
    return Record(place.id, None, InputError(why, hint=hint))


def _of_text(text: str, place: _Place) -> Record:
    try:
        check_text(text, f"{place.name}: the text")
    except InputError as error:
        return Record(place.id, None, error)
    article = Article.of(text)
    return Record(article.id, article, None)


def _of_article(article: Article, place: _Place) -> Record:
    id_ = _own_id(article.id) or place.id
    try:
        check_text(article.text, f"{place.name}: the text")
    except InputError as error:
        return Record(id_, None, error)
    # As it is where that can be: it may have been read already.
    return Record(id_, article if article.id == id_ else replace(article, id=id_), None)


# Repeated ids


def _told_apart(found: Iterator[_Placed]) -> Iterator[Record]:
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
