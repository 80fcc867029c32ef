"""Dates in an article: what names a day, and which day it is."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

__all__ = ["WEEKDAY", "names_day", "resolve_date"]

WEEKDAY = re.compile(r"(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")


def names_day(text: str) -> bool:
    """Whether words name a day: by number, month or weekday, or as today or yesterday."""
    return bool(re.search(r"\d", text) or _NAMED_DAY.search(text) or WEEKDAY.search(text))


_NAMED_DAY = re.compile(r"(?i)\b(?:today|yesterday|tomorrow|weekend)\b")


# Reading a date takes a millisecond; articles of one day speak of the same few.
@lru_cache(maxsize=4096)
def resolve_date(text: str, published: str | None) -> str | None:
    """The ISO day that a date in an article means, where the article settles it.

    A date without a year, or a day of the week, is the last such day up to the publication day.
    """
    if not names_day(text):
        return None
    import dateparser

    first = re.sub(r"(?<=\d)\s*[-–]\s*\d{1,2}\b(?=[,\s]|$)", "", text)  # "March 23-25" begins on 23
    settings: dict[str, object] = {"PREFER_DATES_FROM": "past"}
    if re.search(r"\d", first):
        settings["REQUIRE_PARTS"] = ["day"]
    base = dt.datetime.max
    if published:
        base = dt.datetime.fromisoformat(published).replace(hour=23, minute=59)
        if WEEKDAY.search(text):
            # dateparser takes the weekday before today; an article of Monday means its own Monday.
            base += dt.timedelta(days=1)
        settings["RELATIVE_BASE"] = base
    else:
        settings["REQUIRE_PARTS"] = ["day", "month", "year"]
    parsed = dateparser.parse(first, languages=["en"], settings=settings)
    if parsed is None:
        return None
    # "Feb. 29" in another year would be years ago: no article means that without saying the year.
    too_long_ago = published and not re.search(r"\d{4}", text) and base - parsed > _YEAR
    return None if too_long_ago else parsed.date().isoformat()


_YEAR = dt.timedelta(days=366)
