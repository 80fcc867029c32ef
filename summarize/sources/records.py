"""Records: an article with its id, or the reason why there is none."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from summarize.article.article import Article
from summarize.article.reading import read_line
from summarize.errors import DuplicateIdError, InputError
from summarize.sources.articles import read_file
from summarize.sources.utf8 import check_text, display_name, replace_surrogates

__all__ = [
    "TEXT_NAMES",
    "Place",
    "Record",
    "array_in",
    "column_named",
    "record_of_file",
    "record_of_object",
    "record_of_python",
    "score_of_header",
]


@dataclass(frozen=True, slots=True)
class Record:
    """One line or file of the input, ready to be summarized or with the reason why it cannot be.

    Attributes:
        id: of the article; no other record has it, but those with a `DuplicateIdError`.
        article: None where there is an error.
        error: None where there is an article.
        place: where it stands, for messages.
    """

    id: str
    article: Article | None
    error: InputError | None
    place: str = field(default="", compare=False)

    @property
    def is_repeated(self) -> bool:
        """Whether an earlier record has the same id."""
        return isinstance(self.error, DuplicateIdError)


class Place(NamedTuple):
    """Where a record stands.

    Attributes:
        name: for messages.
        id: of the record, if it has none of its own.
        file: the path of its file, if that can be read again.
    """

    name: str
    id: str
    file: str | None = None


# What each field may be called: by us, and then by datasets of news, APIs and feeds. The first that
# says something counts.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "content", "body", "article", "full_text", "maintext", "content_html"),
    "id": ("id", "uid", "_id"),
    "title": ("title", "headline"),
    "url": ("url", "link"),
    "published": (
        *("published", "date", "publish_date", "date_publish", "published_at", "publishedAt"),
        *("date_published", "pubDate", "seendate"),
    ),
    "outlet": ("outlet", "source", "publisher", "domain", "source_domain"),
}
TEXT_NAMES = _NAMES["text"]
# What APIs call the array of what they found.
_ARRAYS = ("articles", "records", "data", "items", "results", "docs")
# What pandas and databases write for nothing.
_NOTHING = frozenset({"nan", "none", "null", "n/a", "<na>"})
_HTML = re.compile(r"&#?\w+;|<[/A-Za-z]")


def record_of_object(given: object, place: Place) -> Record:
    """Returns the record of an object of JSON, or of a mapping."""
    id_ = place.id
    try:
        if not isinstance(given, Mapping):
            raise InputError(f"{place.name}: is no object", hint='write {"text": "…"}')
        id_ = _unless_blank(_value(given, "id", place)) or id_
        return Record(id_, _article(given, id_, place), None, place.name)
    except InputError as error:
        return Record(id_, None, error, place.name)


def _article(given: Mapping[str, object], id_: str, place: Place) -> Article:
    text = _value(given, "text", place)
    if text is None:
        raise InputError(f"{place.name}: 'text' is missing", hint="give the text of an article")
    fields = {name: _value(given, name, place) for name in ("url", "title", "outlet", "published")}
    check_text(text, f"{place.name}: the text")
    return Article(
        text,
        id=id_,
        source=_unless_blank(fields["url"]) or place.file,
        title=_in_words(fields["title"]),
        outlet=_in_words(fields["outlet"]),
        published=_unless_blank(fields["published"]),
        records=place.file,
    )


def _value(given: Mapping[str, object], name: str, place: Place) -> str | None:
    """Returns what a field says by the first of its names that says something.

    Raises:
        InputError: none does, and the value of our own name is of a wrong type.
    """
    ours, *others = (_simplified(given.get(one), name) for one in _NAMES[name])
    found = (value for value in (ours, *others) if isinstance(value, str) and value.strip())
    if (said := next(found, None)) is not None:
        return said
    if ours is None or isinstance(ours, str):
        return ours
    wanted = "a string or an integer" if name == "id" else "a string"
    hint = "change it, or leave it out"
    raise InputError(f"{place.name}: {name!r} is not {wanted}", hint=hint)


def _simplified(value: object, name: str) -> object:
    """Returns the text in a value of a field, where it is written in one of the ways known."""
    # WordPress: {"rendered": "<p>They met.</p>"}; MongoDB: {"$date": {"$numberLong": "17410824"}}.
    for key in ("rendered", "$date", "$numberLong"):
        if isinstance(value, Mapping) and isinstance(value.get(key), (str, int, Mapping)):
            value = value[key]
    if name == "outlet" and isinstance(value, Mapping):
        value = value.get("name")
    # Data frames write NaN for what is missing, and floats for integers in a column with NaN.
    if isinstance(value, float):
        value = None if math.isnan(value) else int(value) if value.is_integer() else value
    # An id, or a day such as 20250304.
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and name in {"id", "published"} else value


def _unless_blank(given: str | None) -> str | None:
    return replace_surrogates(given) if given and not given.isspace() else None


def _in_words(given: str | None) -> str | None:
    """Returns a headline or a name without HTML."""
    given = _unless_blank(given)
    if given is None or given.strip().casefold() in _NOTHING:
        return None
    return (read_line(given) or given) if _HTML.search(given) else given


def array_in(given: Mapping[str, object]) -> list[object] | None:
    """Returns the array of records that an object wraps; None if it is a record itself."""
    if "text" in given or any(isinstance(given.get(name), str) for name in TEXT_NAMES):
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


# The columns of tables


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


# Of two that are one so, such as `id` and `_id`, it is the first.
_BY_BARE_NAME = {_bare(name): name for names in _NAMES.values() for name in reversed(names)}


def column_named(header: str) -> str:
    """Returns what a record calls a column of a table: "Publish date" is `publish_date`."""
    return _BY_BARE_NAME.get(_bare(header), header)


def score_of_header(columns: Sequence[str]) -> tuple[bool, int]:
    """Returns whether a header names a text, and how many of its columns are known."""
    named = {column_named(column) for column in columns}
    return not named.isdisjoint(TEXT_NAMES), len(named.intersection(_BY_BARE_NAME.values()))


# Files of one article, and what Python code gives


def record_of_file(path: Path) -> Record:
    """Returns the record of a file of text or HTML."""
    name = display_name(path)
    try:
        article = read_file(path)
    except InputError as error:
        return Record(display_name(path.stem), None, error, name)
    return Record(article.id, article, None, name)


def record_of_python(given: object, place: Place) -> Record:
    """Returns the record of an article that Python code gives."""
    match given:
        case Mapping():
            return record_of_object(given, place)
        case PathLike():
            return replace(record_of_file(Path(os.fsdecode(given))), place=place.name)
        case Article() | str():
            pass
        case _:
            why = f"{place.name}: is no article but of type {type(given).__name__}"
            hint = "give a text, a Path, an Article or a mapping"
            return Record(place.id, None, InputError(why, hint=hint), place.name)
    text, id_ = (given, place.id) if isinstance(given, str) else (given.text, given.id)
    id_ = _unless_blank(id_) or place.id
    try:
        check_text(text, f"{place.name}: the text")
    except InputError as error:
        return Record(id_, None, error, place.name)
    if isinstance(given, str):
        given = Article.of(text)
    elif given.id != id_:
        # Otherwise it stays the same object: it may have been read already.
        given = replace(given, id=id_)
    return Record(given.id, given, None, place.name)
