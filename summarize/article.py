"""An article: the text as given, and what it says of itself."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from functools import cached_property

from summarize.reading import Reading, find_date, read
from summarize.schema import ArticleInfo

__all__ = ["Article"]


@dataclass(frozen=True)
class Article:
    """A news article as given.

    Attributes:
        text: the text, never changed.
        id: how the user knows it.
        source: path or address it came from, None for a string.
        title, outlet, published: what a record says of it; None to take it from the text.
    """

    text: str
    id: str
    source: str | None = None
    title: str | None = None
    outlet: str | None = None
    published: str | None = None

    @classmethod
    def of(cls, text: str) -> Article:
        """An article that has nothing but its text: its id is the start of its SHA-256."""
        unnamed = cls(text, id="")
        return cls(text, id=unnamed.sha256[:16])

    @cached_property
    def sha256(self) -> str:
        """Of the text in UTF-8, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def reading(self) -> Reading:
        """The part worth reading, with offsets into `text`."""
        return read(self.text)

    @cached_property
    def info(self) -> ArticleInfo:
        """What the summary says of the article; metadata of a record before what the text says."""
        title, outlet = _title_and_outlet(self.reading)
        published = self.published or _published(self.reading)
        return ArticleInfo(
            id=self.id,
            source=self.source,
            title=self.title or title,
            outlet=self.outlet or outlet,
            published=_day(published) if published else None,
            sha256=self.sha256,
            characters=len(self.text),
        )


# Headlines often end in the outlet: "… – Voice of America", "… | Reuters". A dash alone does not
# tell an outlet from a speaker, so the words have to.
_OUTLET_SUFFIX = re.compile(
    r"(?P<title>.{10,}?)\s+(?:\|\s*(?P<piped>[^|]{2,40})"
    r"|[-–—]\s*(?P<dashed>(?:[A-Z][\w.]*\s)*(?:News|Times|Post|Agency|Daily|Media|Press|Herald"
    r"|Tribune|Journal|Radio|TV|Sabah|Reuters|BBC|CNN|AP|AFP|(?:Voice|Radio)\sof\s\w+)(?:\s[A-Z]\w+)?))"
)
# Words of a byline that name a section of the site, or a person.
_SECTION = re.compile(r"(?i)\b(?:news|world|politics|updated|published|posted|on|at)\b.*$")
_AUTHOR = re.compile(r"(?i)^by\b.*$")


def _title_and_outlet(reading: Reading) -> tuple[str | None, str | None]:
    title = reading.title
    for key, value in reading.header.items():
        if "title" in key and value:
            title = html.unescape(value.strip("'\""))
            break
    outlet = _outlet(reading)
    if title and (match := _OUTLET_SUFFIX.fullmatch(title)):
        return match["title"], outlet or match["piped"] or match["dashed"]
    return title, outlet


def _outlet(reading: Reading) -> str | None:
    if reading.byline:
        before = reading.byline.split(find_date(reading.byline) or "\0")[0]
        before = _SECTION.sub("", _AUTHOR.sub("", before)).strip(" ,|-–—•·")
        if before and not re.fullmatch(r"(?i)(?:mon|tues|wednes|thurs|fri|satur|sun)day", before):
            return before
    if reading.origin:
        return re.sub(r"^(?:https?://)?(?:www\.)?", "", reading.origin).split("/")[0]
    return None


def _published(reading: Reading) -> str | None:
    dates = (value for key, value in reading.header.items() if "date" in key and value)
    return next(dates, reading.byline and find_date(reading.byline))


def _day(text: str) -> str | None:
    """The ISO day of a full date as pages write it, or None."""
    if match := re.match(r"\d{4}-\d{2}-\d{2}", text):
        return match[0]
    import dateparser

    parsed = dateparser.parse(text, settings={"REQUIRE_PARTS": ["day", "month", "year"]})
    return parsed.date().isoformat() if parsed else None
