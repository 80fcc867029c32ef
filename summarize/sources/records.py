"""What a run takes in: an article with its id, or the reason why there is none."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from summarize.article.article import Article
from summarize.article.reading import read_line
from summarize.errors import DuplicateIdError, InputError
from summarize.sources.articles import read_file
from summarize.sources.utf8 import check_text, display_name, replace_surrogates

__all__ = [
    "TEXT_NAMES",
    "Place",
    "Placed",
    "Record",
    "array_in",
    "column_named",
    "loaded",
    "of_file",
    "of_object",
    "of_python",
    "score_of_header",
]


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


class Place(NamedTuple):
    """Where a record stands, for messages, and its id if it says none.

    `file` is the path of the file it stands in, if that can be read again.
    """

    name: str
    id: str
    file: str | None = None


class Placed(NamedTuple):
    """A record, and where it stands."""

    place: str
    record: Record


# Of JSON


def loaded(text: str, name: str, hint: str) -> object:
    """What JSON says.

    Args:
        text: the JSON.
        name: tells the user where it stands.
        hint: what to write instead.

    Raises:
        InputError: it is none.
    """
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


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


# Of two that are one so, such as `id` and `_id`, it is the first.
_BY_BARE_NAME = {_bare(name): name for names in _NAMES.values() for name in reversed(names)}


def column_named(header: str) -> str:
    """What a record calls a column of a table: "Publish date" is `publish_date`."""
    return _BY_BARE_NAME.get(_bare(header), header)


def score_of_header(columns: Sequence[str]) -> tuple[bool, int]:
    """Whether a header names a text, and how many of its columns are known."""
    named = {column_named(column) for column in columns}
    return not named.isdisjoint(_NAMES["text"]), len(named.intersection(_BY_BARE_NAME.values()))


TEXT_NAMES = _NAMES["text"]


def _chosen(given: Mapping[str, object]) -> dict[str, object]:
    """The fields of a record by our names.

    A field of our name has to be of the right type; of another name it may be something else.
    """
    fields: dict[str, object] = {}
    for field, (ours, *others) in _NAMES.items():
        value = _as_meant(_inside(given.get(ours)))
        if field == "outlet" and isinstance(value, Mapping):
            value = value.get("name")
        if field != "id" and (value is None or (isinstance(value, str) and not value.strip())):
            found = (_said(given.get(other), field) for other in others)
            value = next(filter(None, found), value)
        fields[field] = _digits(value) if field == "published" else value
    return fields


def _as_meant(value: object) -> object:
    """What data frames write for a missing value, and for an integer in a column that has some."""
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    return value


def _digits(value: object) -> object:
    """A day that is written as a number: 20250304."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _inside(value: object) -> object:
    """What is within an object as WordPress writes texts, and MongoDB days.

    `{"rendered": "<p>They met.</p>"}`, `{"$date": {"$numberLong": "1741082400000"}}`.
    """
    inner = None
    if isinstance(value, Mapping):
        inner = next((value[key] for key in _WITHIN if key in value), None)
    if isinstance(inner, Mapping):
        return _inside(inner)
    return inner if isinstance(inner, (str, int)) else value


_WITHIN = ("rendered", "$date", "$numberLong")


def _said(value: object, field: str) -> str | None:
    """What a field of another name says; of an outlet that is an object, its name."""
    value = _inside(value)
    if field == "outlet" and isinstance(value, Mapping):
        value = value.get("name")
    if field == "published":
        value = _digits(_as_meant(value))
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


def of_object(given: object, place: Place) -> Record:
    """The record of an object of JSON, or of a mapping."""
    if not isinstance(given, Mapping):
        hint = 'write {"text": "…"}'
        return Record(place.id, None, InputError(f"{place.name}: is no object", hint=hint))
    ids = (_own_id(_as_meant(given.get(name))) for name in _NAMES["id"])
    id_ = next(filter(None, ids), place.id)
    try:
        return Record(id_, _article(given, id_, place), None)
    except InputError as error:
        return Record(id_, None, error)


def _own_id(given: object) -> str | None:
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    return _unless_blank(given) if isinstance(given, str) else None


def _unless_blank(given: str | None) -> str | None:
    return replace_surrogates(given) if given and not given.isspace() else None


def _in_words(given: str | None) -> str | None:
    """A headline or a name, of which HTML may have been made."""
    given = _unless_blank(given)
    if given and given.strip().casefold() in _NOTHING:
        return None
    return read_line(given) or given if given and _HTML.search(given) else given


# What pandas and databases write for nothing.
_NOTHING = frozenset({"nan", "none", "null", "n/a", "<na>"})
_HTML = re.compile(r"&#?\w+;|<[/A-Za-z]")


def _article(given: Mapping[str, object], id_: str, place: Place) -> Article:
    try:
        fields = _Fields.model_validate(_chosen(given))
    except ValidationError as error:
        raise _wrong_field(error, place.name) from None
    check_text(fields.text, f"{place.name}: the text")
    return Article(
        fields.text,
        id=id_,
        source=_unless_blank(fields.url) or place.file,
        title=_in_words(fields.title),
        outlet=_in_words(fields.outlet),
        published=_unless_blank(fields.published),
        records=place.file,
    )


def _wrong_field(error: ValidationError, name: str) -> InputError:
    """What is wrong with a record's first wrong field."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = first["loc"][0]
    if first["input"] is None:
        return InputError(f"{name}: {field!r} is missing", hint="give the text of an article")
    wanted = "a string or an integer" if field == "id" else "a string"
    return InputError(f"{name}: {field!r} is not {wanted}", hint="change it, or leave it out")


# What APIs call the array of what they found.
_ARRAYS = ("articles", "records", "data", "items", "results", "docs")


def array_in(given: Mapping[str, object]) -> list[object] | None:
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


# Of files and of Python's own


def of_file(path: Path) -> Record:
    """The record of a file of text or HTML."""
    try:
        article = read_file(path)
    except InputError as error:
        return Record(display_name(path.stem), None, error)
    return Record(article.id, article, None)


def of_python(given: object, place: Place) -> Record:
    """The record of an article that Python code gives."""
    match given:
        case str():
            return _of_text(given, place)
        case Article():
            return _of_article(given, place)
        case PathLike():
            return of_file(Path(os.fsdecode(given)))
        case Mapping():
            return of_object(given, place)
    why = f"{place.name}: is no article but of type {type(given).__name__}"
    hint = "give a text, a Path, an Article or a mapping"
    return Record(place.id, None, InputError(why, hint=hint))


def _of_text(text: str, place: Place) -> Record:
    try:
        check_text(text, f"{place.name}: the text")
    except InputError as error:
        return Record(place.id, None, error)
    article = Article.of(text)
    return Record(article.id, article, None)


def _of_article(article: Article, place: Place) -> Record:
    id_ = _own_id(article.id) or place.id
    try:
        check_text(article.text, f"{place.name}: the text")
    except InputError as error:
        return Record(id_, None, error)
    # As it is where that can be: it may have been read already.
    return Record(id_, article if article.id == id_ else replace(article, id=id_), None)
