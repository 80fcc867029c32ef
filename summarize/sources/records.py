"""Records: an article with its id, or the reason why there is none."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from summarize.article.article import Article
from summarize.article.reading import read_line
from summarize.errors import DuplicateIdError, InputError
from summarize.sources.decoding import check_text, replace_surrogates


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

    def within(self, what: str, number: int) -> Place:
        """Returns the place of one of the records here, such as its line."""
        return Place(f"{self.name}, {what} {number}", f"{self.id}:{number}", self.file)

    def failed(self, error: InputError) -> Record:
        """Returns the record that says why there is no article here."""
        return Record(self.id, None, error, self.name)


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
    try:
        if not isinstance(given, Mapping):
            raise InputError(f"{place.name}: is no object", hint='write {"text": "…"}')
        place = place._replace(id=_unless_blank(_value(given, "id", place)) or place.id)
        return record_of_article(_article(given, place), place)
    except InputError as error:
        return place.failed(error)


def record_of_article(article: Article, place: Place) -> Record:
    """Returns the record of an article, if its text can be one."""
    try:
        check_text(article.text, f"{place.name}: the text")
    except InputError as error:
        return place.failed(error)
    return Record(article.id, article, None, place.name)


def _article(given: Mapping[str, object], place: Place) -> Article:
    text, url, title, outlet, published = (
        _value(given, name, place) for name in ("text", "url", "title", "outlet", "published")
    )
    if text is None:
        raise InputError(f"{place.name}: 'text' is missing", hint="give the text of an article")
    return Article(
        text,
        id=place.id,
        source=_unless_blank(url) or place.file,
        title=_in_words(title),
        outlet=_in_words(outlet),
        published=_unless_blank(published),
        records=place.file,
    )


def _value(given: Mapping[str, object], name: str, place: Place) -> str | None:
    """Returns what a field says by the first of its names that says something.

    Raises:
        InputError: none does, and the value of our own name is of a wrong type.
    """
    values = [_simplified(given.get(one), name) for one in _NAMES[name]]
    for value in values:
        if isinstance(value, str) and value.strip():
            return value
    ours = values[0]
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
    # Comments, or paragraphs, of one article whose text has a name that is not known.
    is_record = any(isinstance(given.get(name), str) for name in _BY_BARE_NAME.values())
    if named is not None or is_record:
        return named
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
