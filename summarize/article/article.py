"""An article: the text as given, and what it says of itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from summarize.article.dates import Calendar, dateline_day, full_day
from summarize.article.reading import Reading, find_date, read
from summarize.schema import ArticleInfo

__all__ = ["Article"]


@dataclass(frozen=True)
class Article:
    """A news article as given.

    Attributes:
        text: the text, never changed.
        id: how the user knows it.
        source: path or address it came from, None for a string.
        title, outlet, published: what a record or a page says of it; None to take it from the text.
        is_carried: whether the summary carries the text, since the source does not hold it in so
            many words, or not for sure tomorrow.
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
        starts = [reading.text[p.span.start : p.span.end] for p in reading.paragraphs[:_HEAD]]
        written = next(filter(None, (dateline_day(text, published) for text in starts)), None)
        byline = reading.byline and find_date(reading.byline)
        return Calendar(published, written or (full_day(byline) if byline else None))


# Paragraphs, with the headline, among which the one with the dateline is.
_HEAD = 4

# Headlines often end in the outlet: "… – Voice of America", "… | Reuters". A dash alone does not
# tell an outlet from a speaker, so the words have to.
_OUTLET_SUFFIX = re.compile(
    r"(?P<title>.{10,}?)\s+(?:\|\s*(?P<piped>[^|]{2,40})"
    r"|[-–—]\s*(?P<dashed>(?:[A-Z][\w.]*\s)*(?:News|Times|Post|Agency|Daily|Media|Press|Herald"
    r"|Tribune|Journal|Radio|TV|Sabah|Reuters|BBC|CNN|AP|AFP|(?:Voice|Radio)\sof\s\w+)(?:\s[A-Z]\w+)?))"
)
# Fields of a header may be of any length; the pattern takes quadratic time over a long one.
_MAX_TITLE = 300
_OUTLET_WORD = re.compile(
    r"\b(?:News|Times|Post|Agency|Daily|Media|Press|Herald|Tribune|Journal|Radio|TV|Sabah|Reuters|BBC"
    r"|CNN|AP|AFP|Voice|House|Guardian|Telegraph|Gazette|Xinhua|TASS|Anadolu|Jazeera|Ministry)\b"
)
# What stands in a byline between bars, commas and dashes and is no outlet: a section of the site,
# a verb, a day, a person, a place in capitals.
_NO_OUTLET = re.compile(
    r"(?i:news|world|politics|business|opinion|home|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:last\s+)?(?:updated|published|posted|modified)\b.*|on|at|by\b.*|written by\b.*"
    r"|report(?:ed|ing) by\b.*|[\d:\s]*(?:[ap]\.?m\.?|gmt|utc|est|et|bst|cet)?)|[A-Z]{6,}"
)


def _title_and_outlet(reading: Reading) -> tuple[str | None, str | None]:
    title = reading.title
    for key, value in reading.header.items():
        if ("title" in key or key == "headline") and value.strip("'\" "):
            title = value.strip("'\" ")
            break
    outlet = _outlet(reading)
    if title and len(title) <= _MAX_TITLE and (match := _OUTLET_SUFFIX.fullmatch(title)):
        return match["title"], outlet or match["piped"] or match["dashed"]
    return title, outlet


def _outlet(reading: Reading) -> str | None:
    if reading.byline:
        before, _, after = reading.byline.partition(find_date(reading.byline) or "\0")
        known = [part for part in _parts(f"{before}|{after}") if _OUTLET_WORD.search(part)]
        # Without a word that tells an outlet, "By Jane Doe, Oslo" has none.
        is_signed = re.match(r"(?i)\W*(?:by|written|report)", before)
        first = known or ([] if is_signed else list(_parts(before)))
        if first:
            return first[0]
    if reading.origin:
        return re.sub(r"^(?:https?://)?(?:www\.)?", "", reading.origin).split("/")[0] or None
    return None


def _parts(byline: str) -> Iterator[str]:
    """The parts of a byline that can be an outlet."""
    for part in re.split(r"[|,•·/]|\s[-–—]\s", byline):
        bare = re.sub(r"(?i)\s+(?:updated|published|posted|on|at)\b.*$", "", part).strip(" -–—.")
        if bare and not _NO_OUTLET.fullmatch(bare):
            yield bare


def _published(reading: Reading) -> str | None:
    """The day that the header says, or else the byline."""
    dates = [(key, value) for key, value in reading.header.items() if _DATE_KEY.search(key)]
    # A later change of the page is not the day of publication.
    dates.sort(key=lambda date: bool(_CHANGE_KEY.search(date[0])))
    days = filter(None, (full_day(value.strip("'\" ")) for _, value in dates))
    byline = reading.byline and find_date(reading.byline)
    return next(days, None) or (full_day(byline) if byline else None)


_DATE_KEY = re.compile(r"date|publish")
_CHANGE_KEY = re.compile(r"modif|updat|edit")
