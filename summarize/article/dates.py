"""Dates in an article: what names a day, and which day it is.

Where an article does not settle the day, there is none: a day that is a week off is worse.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from summarize.article.tense import Tense, tense_at

WEEKDAY = re.compile(r"(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")


def names_day(text: str) -> bool:
    """Whether words name a day: by number, month or weekday, or as today or yesterday."""
    return bool(re.search(r"\d", text) or _NAMED_DAY.search(text) or WEEKDAY.search(text))


_NAMED_DAY = re.compile(r"(?i)\b(?:today|tonight|yesterday|last night|tomorrow|weekend)\b")

# Full dates

# The first newspaper is of 1605; the last year leaves room to count on from a date.
_FIRST_YEAR, _LAST_YEAR = 1605, 9998
# Longer is no date. ISO 8601 with a time and a zone has at most 35 characters.
_MAX_DATE = 60
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
# ISO 8601's basic format, and GDELT's: 20250304, 20250304T101500Z, 20250304101500.
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[T ]?\d\d[\d:.,]*)?\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)?")
# Seconds, milliseconds or microseconds, as databases and programs write times; not 2025030410.
_SINCE_1970 = re.compile(r"1[0-8]\d{8}(?:\d{3}){0,2}")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")


# Most articles of a batch are of a few days, and a date in words takes a millisecond to read.
@lru_cache(maxsize=4096)
def full_day(text: str) -> str | None:
    """The ISO day of a full date as pages and data sets write it, in any language, or None.

    "5/4/2024" is the fifth of April in London and the fourth of May in New York, so it is neither.
    """
    text = text.strip()
    if len(text) > _MAX_DATE:
        return None
    if _SINCE_1970.fullmatch(text):
        return dt.datetime.fromtimestamp(int(text[:10]), dt.UTC).date().isoformat()
    if match := _YEAR_FIRST.match(text) or _DIGITS.fullmatch(text):
        return _iso(_date(*map(int, match.groups())))
    if match := _YEAR_LAST.match(text):
        first, mark, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
        # A dot stands in dates that begin with the day only.
        if mark == "." or first > 12 or first == second:
            return _iso(_date(year, second, first))
        return _iso(_date(year, first, second)) if second > 12 else None
    # "Yesterday" and "Monday" would be read from today's date, and differ from run to run.
    if not _YEAR.search(text):
        return None
    import dateparser

    parsed = dateparser.parse(
        re.sub(r"(?i)(?<=\d)(?:st|nd|rd|th)\b", "", text),
        settings={"REQUIRE_PARTS": ["day", "month", "year"]},
    )
    return _iso(parsed.date()) if parsed else None


def _iso(date: dt.date | None) -> str | None:
    return date.isoformat() if date and _FIRST_YEAR <= date.year <= _LAST_YEAR else None


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


# Days as running text names them

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS = "mon tue wed thu fri sat sun".split()
MONTH_NAME = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_MONTH = rf"(?:{MONTH_NAME}|{MONTH_NAME.upper()})\b\.?"
_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?(?![\d%]|[.,:]\d|[^\W\d_])"
_TO = r"\s*(?:[-–—]|\b(?:to|and|through|until)\b)\s*"
_OF_YEAR = r"(?:,?\s+(?P<year>\d{4})(?![\d:]))?"
# "March 6-7" and "3-4 March" are the first of two days.
_MONTH_FIRST = re.compile(
    rf"\b(?P<month>{_MONTH})\s?(?P<day>{_NUMBER})(?:{_TO}{_NUMBER}(?!\s{_MONTH}))?{_OF_YEAR}"
)
_DAY_FIRST = re.compile(
    rf"(?<![\d:.,-])(?P<day>{_NUMBER})(?:{_TO}{_NUMBER})?\s(?:of\s)?(?P<month>{_MONTH}){_OF_YEAR}"
)
# "25/2" has no year: it is matched so that the weekday beside it is not taken for a day of its own.
_NUMERIC = re.compile(
    r"(?<![\d/.-])(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4}|\d{1,2}/\d{1,2})"
    r"(?![\d/])"
)
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_RELATIVE = re.compile(
    r"(?i)\b(?:(?P<before_last>the day before yesterday)|(?P<after_next>the day after tomorrow)"
    r"|(?P<yesterday>yesterday|last night)|(?P<tomorrow>tomorrow)"
    r"|(?P<today>today|tonight|this (?:morning|afternoon|evening))"
    rf"|(?P<count>\d{{1,2}}|{'|'.join(_COUNTS)})\sdays?\sago)\b"
)
_RELATIVE_DAYS = {"before_last": -2, "yesterday": -1, "today": 0, "tomorrow": 1, "after_next": 2}


@dataclass(frozen=True)
class _Day:
    """A day as running text names it, and where.

    Attributes:
        weekday: from 0 for Monday.
        shift: days from the day of writing.
        iso: a full date by numbers; empty if it is none or could be two.
    """

    start: int
    end: int
    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None
    shift: int | None = None
    iso: str | None = None


# What `re` takes for the same letters when it ignores case, and `lower` does not.
_SAME_LETTERS = str.maketrans("İıſ", "Iis")


def _days(text: str) -> list[_Day]:
    """The days that a text names, in order; "Thursday, March 6" is one."""
    text = text.translate(_SAME_LETTERS)
    found = [
        _day_of(match)
        for pattern in (_NUMERIC, _MONTH_FIRST, _DAY_FIRST, _RELATIVE, WEEKDAY)
        for match in pattern.finditer(text)
    ]
    days: list[_Day] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        last = days[-1] if days else None
        if last is None or one.start >= last.end:
            merged = last and _merged(last, one, text[last.end : one.start])
            days[-1 if merged else len(days) :] = [merged or one]
    return days


def _day_of(match: re.Match[str]) -> _Day:
    words = match.groupdict()
    if match.re is _NUMERIC:
        return _Day(*match.span(), iso=full_day(match[0]) or "")
    if match.re is WEEKDAY:
        return _Day(*match.span(), weekday=_WEEKDAYS.index(match[0][:3].lower()))
    if match.re is _RELATIVE:
        count = words["count"]
        ago = -(_COUNTS.get(count.lower()) or int(count)) if count else 0
        return _Day(*match.span(), shift=_RELATIVE_DAYS.get(match.lastgroup or "", ago))
    return _Day(
        *match.span(),
        day=int(re.sub(r"\D", "", words["day"])),
        month=_MONTHS.index(words["month"][:3].lower()) + 1,
        year=int(words["year"] or 0) or None,
    )


def days_in(text: str) -> list[tuple[int, int]]:
    """Where a text names days: start and end of each."""
    return [(day.start, day.end) for day in _days(text)]


_BESIDE = re.compile(r"[\s,(]*(?:\bthe\s)?")
_RANGE = re.compile(_TO)


def _merged(one: _Day, other: _Day, between: str) -> _Day | None:
    """A weekday and the date beside it, or the first day of a range with its year at the end."""
    if _RANGE.fullmatch(between):
        if one.month and other.month and other.year and not one.year:
            year = other.year - (one.month > other.month)
            return replace(one, end=other.end, year=year)
    elif _BESIDE.fullmatch(between):
        weekday, date = (one, other) if one.weekday is not None else (other, one)
        if weekday.weekday is not None and date.weekday is None and date.shift is None:
            return replace(date, start=one.start, end=other.end, weekday=weekday.weekday)
    return None


# Which day it is

# Days around the day of writing among which a day is that has no year: by the verb, of dates and of
# weekdays. A date is not said of a day nearly a year away; a day's difference is that of the zones.
_OF_DATES = {"reported": (-335, 1), "ahead": (-1, 335), "open": (-90, 90), "mixed": (-90, 90)}
_OF_WEEKDAYS = {"reported": (-6, 0), "ahead": (0, 6), "open": (-2, 2), "mixed": (-2, 0)}
# Where the day of writing may be another one at the place, two weekdays can be meant.
_OF_WEEKDAYS_ELSEWHERE = {**_OF_WEEKDAYS, "reported": (-6, 1), "ahead": (0, 7)}

_NO_ONE_DAY = re.compile(
    r"(?i)\b(?:every|each|that|one|a|same|(?:the\s)?(?:following|previous|preceding)"
    # Of which week, nobody can tell without a calendar of the writer's habits.
    r"|(?:last|next|this)\s+(?:week|month|year),?(?:\s+on)?|weeks?\s+(?:ago|earlier|later)(?:,?\s+on)?"
    # Holidays and what is called after them.
    r"|good|black|ash|easter|palm|holy|bloody|super|maundy)\s+$"
)
_OF_A_WEEK = re.compile(
    r"(?i)(?:\s+(?:morning|afternoon|evening|night))?,?\s+(?:of\s+)?"
    r"(?:last|next|this|the\s+(?:following|previous))\s+(?:week|month|year)\b"
)
_WHICH = re.compile(r"(?i)\b(?P<which>last|next)\s+$")


@dataclass(frozen=True)
class Calendar:
    """The day of an article, from which its dates count.

    Attributes:
        published: the ISO day of publication, which may be that of UTC.
        written: the ISO day that its dateline or byline says.
    """

    published: str | None = None
    written: str | None = None

    def resolve(self, words: str, sentence: str | None = None, start: int = 0) -> str | None:
        """Returns the ISO day that words of an article mean, where the article settles it.

        Args:
            words: hold the day.
            sentence: in which they stand; without one they are taken for a day that is past.
            start: where they begin in it.
        """
        text = words if sentence is None else sentence
        end = start + len(words)
        day = next((one for one in _days(text) if one.start < end and one.end > start), None)
        if day is None:
            return full_day(words)
        tense = tense_at(text, day.start, day.end) if sentence is not None else "reported"
        found = {_resolved(day, text, tense, *base) for base in self._bases()}
        return found.pop() if len(found) == 1 else None

    def _bases(self) -> Sequence[tuple[dt.date | None, bool]]:
        """The days that may be that of writing, and whether each is that of the place."""
        published = dt.date.fromisoformat(self.published) if self.published else None
        written = dt.date.fromisoformat(self.written) if self.written else None
        if not written:
            return [(published, False)]
        if not published or abs(published - written) <= dt.timedelta(days=1):
            return [(written, True)]
        return [(published, False), (written, True)]


def _resolved(
    day: _Day, text: str, tense: Tense, base: dt.date | None, is_local: bool
) -> str | None:
    """The day that is meant in an article of the day `base`; None if it can be two."""
    dates: Iterable[dt.date | None] = ()
    if day.iso is not None:
        dates = [dt.date.fromisoformat(day.iso)] if day.iso else []
    elif day.year and day.month and day.day:
        dates = [_date(day.year, day.month, day.day)]
    elif base:
        first, last = _window(day, text, tense, base, is_local=is_local)
        shifts = range(base.toordinal() + first, base.toordinal() + last + 1)
        dates = [dt.date.fromordinal(n) for n in shifts if 0 < n <= dt.date.max.toordinal()]
    found = [
        date
        for date in dates
        if date
        and (day.weekday is None or date.weekday() == day.weekday)
        and (day.day is None or (date.month, date.day) == (day.month, day.day))
    ]
    return found[0].isoformat() if len(found) == 1 else None


def _window(
    day: _Day, text: str, tense: Tense, base: dt.date, *, is_local: bool
) -> tuple[int, int]:
    """From the first day to the last, counted from the day of writing, that can be meant."""
    before = text[: day.start]
    if day.shift is not None:
        # "We meet tomorrow," he said on Monday: it counts from another day.
        is_quoted = before.count('"') % 2 or before.count("“") > before.count("”")
        return (1, 0) if is_quoted and len(_days(text)) > 1 else (day.shift, day.shift)
    if day.day:
        return _OF_DATES[tense]
    if _NO_ONE_DAY.search(before) or _OF_A_WEEK.match(text, day.end):
        return 1, 0
    if which := _WHICH.search(before):
        # Of another week, whether weeks begin on Monday or on Sunday.
        of_week = (base.weekday(), (base.weekday() + 1) % 7)
        is_last = which["which"].lower() == "last"
        return (-7, -max(of_week) - 1) if is_last else (7 - min(of_week), 7)
    return (_OF_WEEKDAYS if is_local else _OF_WEEKDAYS_ELSEWHERE)[tense]


# Datelines

# "SEOUL, March 6 (Yonhap) -- ", "MOSCOW, March 6. /TASS/. ", "Delhi, Thursday, 6 March 2025: ".
_DATELINE = re.compile(
    rf"(?:(?:[^\W\d_]|[“\"(])[^\n\d:;()—–]{{1,40}}?(?:,\s?|\s\([^()\n]{{1,30}}\)\s?[,—–-]*\s?|\s[—–-]+\s))?"
    r"(?:(?:[Mm]on|[Tt]ues|[Ww]ednes|[Tt]hurs|[Ff]ri|[Ss]atur|[Ss]un)day,?\s)?"
    rf"(?P<date>{_MONTH}\s?{_NUMBER}(?:,\s\d{{4}})?|{_NUMBER}\s{_MONTH}(?:,?\s\d{{4}})?)"
    r"[.,]?\s?(?:(?:\([^()\n]{2,40}\)|/[^/\n]{2,30}/\.?)\s?(?:[—–:]|--?(?=\s)|$)?|(?:[—–:]|--?(?=\s)|$))"
)


def dateline_day(paragraph: str, published: str | None) -> str | None:
    """The ISO day of the dateline that a paragraph begins with, in the year of publication."""
    match = _DATELINE.match(paragraph)
    return Calendar(published).resolve(match["date"], match["date"], 0) if match else None
