"""An article: the text as given, and what it says of itself."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

from summarize.article.boilerplate import find_date
from summarize.article.dates import Calendar, dateline_day, full_day
from summarize.article.reading import Reading, read
from summarize.schema import ArticleInfo


@dataclass(frozen=True)
class Article:
    """A news article as given.

    Attributes:
        text: the text, never changed.
        id: how the user knows it.
        source: path or address it came from, None for a string.
        title, outlet, published: what a record or a page says of it; None to take it from the text.
        is_carried: whether the summary carries the text, since the source does not hold it word
            for word, or may change.
        records: path of the file in which the text is one of many records.
    """

    text: str
    id: str
    source: str | None = None
    title: str | None = None
    outlet: str | None = None
    published: str | None = None
    is_carried: bool = False
    records: str | None = None

    @classmethod
    def of(cls, text: str) -> Article:
        """An article that has nothing but its text: its id is the start of its SHA-256."""
        unnamed = cls(text, id="")
        return cls(text, id=unnamed.sha256[:16])

    @classmethod
    def from_html(
        cls,
        html: str,
        url: str | None = None,
        *,
        id: str | None = None,  # noqa: A002  as the field is called
        source: str | None = None,
    ) -> Article:
        """The article in a page of HTML: its main text, and what the page says of it.

        Args:
            html: the whole page.
            url: where it is from, if known.
            id: how the user knows it; None for the start of the text's SHA-256.
            source: where it came from, if that is not `url`.

        Raises:
            InputError: there is no article in it.
        """
        from summarize.webpages.page import read_page

        source = source or url
        page = read_page(html, url, name=source or "the page")
        return cls(
            page.text,
            id=id or cls.of(page.text).id,
            source=source,
            title=page.title,
            outlet=page.outlet,
            published=page.published,
            is_carried=True,
        )

    @property
    def name(self) -> str:
        """What messages call it: its id among the records of a file, else where it came from."""
        return self.id if self.records else self.source or self.id

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
        published = self.published and full_day(self.published)
        return ArticleInfo(
            id=self.id,
            source=self.source,
            title=self.title or title,
            outlet=self.outlet or outlet,
            published=published or _published(self.reading),
            records=self.records,
            sha256=self.sha256,
            characters=len(self.text),
            text=self.text if self.is_carried else None,
        )

    @cached_property
    def calendar(self) -> Calendar:
        """The day from which the dates in the text count."""
        published = self.info.published
        reading = self.reading
        starts = (reading.text[p.start : p.end] for p in reading.paragraphs[:_HEAD])
        written = next(filter(None, (dateline_day(text, published) for text in starts)), None)
        return Calendar(published, written or _day_of_byline(reading))


# Paragraphs, with the headline, among which the one with the dateline is.
_HEAD = 4

# Names of outlets as headlines and bylines have them: with a word that tells what they are.
_OUTLET = (
    r"(?:(?:[A-Z][\w.]*\s)+(?:News|Times|Post|Agency|Daily|Media|Press|Herald|Tribune|Journal|Radio"
    r"|TV|Sabah|House|Guardian|Telegraph|Gazette|Ministry)|Reuters|BBC|CNN|AP|AFP|Xinhua|TASS|Anadolu"
    r"|(?:Voice|Radio)\sof\s\w+)(?:\s[A-Z]\w+)?"
)
# Headlines often end in the outlet: "… – Voice of America", "… | Reuters". A dash alone does not
# tell an outlet from a speaker.
_OUTLET_SUFFIX = re.compile(
    rf"(?P<title>.{{10,}}?)\s+(?:\|\s*(?P<piped>[^|]{{2,40}})|[-–—]\s*(?P<dashed>{_OUTLET}))"
)
# Fields of a header may be of any length; the pattern takes quadratic time over a long one.
_MAX_TITLE = 300
_DATE_KEY = re.compile("date|publish")
_CHANGE = re.compile("modif|updat|edit")


def _title_and_outlet(reading: Reading) -> tuple[str | None, str | None]:
    named = (v for k, v in reading.header.items() if "title" in k or k == "headline")
    title = next(filter(None, named), reading.title)
    outlet = _outlet(reading)
    if title and len(title) <= _MAX_TITLE and (match := _OUTLET_SUFFIX.fullmatch(title)):
        return match["title"], outlet or match["piped"] or match["dashed"]
    return title, outlet


def _outlet(reading: Reading) -> str | None:
    """The outlet that the byline names, or the address behind "Source:"."""
    byline = reading.byline or ""
    if match := re.search(rf"\b{_OUTLET}", byline.replace(find_date(byline) or "\0", "|")):
        return match[0]
    host = re.sub(r"^(?:https?://)?(?:www\.)?", "", reading.origin or "").split("/")[0]
    return host or None


def _published(reading: Reading) -> str | None:
    """The day that the header says, or else the byline."""
    # A later change of the page is not the day of publication.
    keys = sorted(filter(_DATE_KEY.search, reading.header), key=lambda k: bool(_CHANGE.search(k)))
    days = (full_day(reading.header[key]) for key in keys)
    return next(filter(None, days), None) or _day_of_byline(reading)


def _day_of_byline(reading: Reading) -> str | None:
    date = reading.byline and find_date(reading.byline)
    return full_day(date) if date else None
