"""When and where the meeting was, as far as the article bears out what the draft says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from summarize.countries import is_capital, is_country_word
from summarize.dates import Calendar, names_day
from summarize.draft import Draft, says_something
from summarize.evidence import has_contact, has_meeting, is_background
from summarize.matching import Finder, fold
from summarize.reading import Span
from summarize.schema import Event, EventDate, Unsupported

__all__ = ["event_of"]

# Sentences at the beginning, title included, which tell of the event itself.
_LEAD = 3


def event_of(
    draft: Draft, finder: Finder, calendar: Calendar, *, english: bool
) -> tuple[Event, list[Unsupported]]:
    """The event of a draft, and what the article does not bear out of it.

    Args:
        draft: says what it was, where and when.
        finder: of the article.
        calendar: of the article.
        english: whether the article is held to the cues of English.
    """
    scene = _Scene(finder, english=english)
    unsupported: list[Unsupported] = []
    # Who telephones is in two places at least, and the article names others still.
    places: list[str] = []
    if draft.event != "call":
        for part in filter(says_something, (p.strip() for p in draft.place.split(","))):
            if place := scene.place(part):
                places.append(place)
            else:
                reason = "not said to be the place"
                unsupported.append(Unsupported(field="event.places", value=part, reason=reason))
        places = places or list(scene.visited())
    date = None
    if says_something(draft.date):
        day = scene.day(draft.date)
        if day:
            date = EventDate(text=scene.words(day), iso=scene.iso(day, calendar))
        else:
            found = any(finder.every(draft.date))
            reason = "not the day of this meeting" if found else "not found in the article"
            unsupported.append(Unsupported(field="event.date", value=draft.date, reason=reason))
    return Event(type=draft.event, places=tuple(dict.fromkeys(places)), date=date), unsupported


class _Scene:
    """Where an article places its meeting."""

    def __init__(self, finder: Finder, *, english: bool) -> None:
        self._finder = finder
        self._reading = finder.reading
        self._english = english

    def day(self, words: str) -> Span | None:
        """Where a day is named, in the lead or where the article tells of the meeting."""
        match = next(self._finder.every(words), None)
        if match is None or not names_day(words):
            return None
        sentence = self._reading.sentence_at(match.span.start)
        text = self.words(sentence.span)
        is_lead = not self._english or sentence in self._reading.sentences[:_LEAD]
        if is_lead or (has_contact(text) and not is_background(text)):
            return match.span
        return None

    def iso(self, span: Span, calendar: Calendar) -> str | None:
        """Which day is named somewhere, where the article settles it."""
        sentence = self._reading.sentence_at(span.start).span
        return calendar.resolve(
            self.words(span), self.words(sentence), max(span.start - sentence.start, 0)
        )

    def place(self, words: str) -> str | None:
        """The words of a place where the meeting is said to be."""
        match = next((m for m in self._finder.every(words) if self._is_place(m.span)), None)
        return self.words(match.span) if match else None

    def _is_place(self, span: Span) -> bool:
        """Whether the meeting is said to be there: named after "in", "to" or "visited"."""
        if not self._english:
            return True
        sentence = self._reading.sentence_at(span.start)
        before = self._reading.text[sentence.span.start : span.start]
        text = self.words(sentence.span)
        if fold(text) == fold(self.words(span)):  # a dateline
            return True
        return bool(_PLACE_BEFORE.search(before)) and has_meeting(text) and not is_background(text)

    def visited(self) -> Iterator[str]:
        """The country or capital that the first sentence about a visit names."""
        if not self._english:
            return
        for sentence in self._reading.sentences:
            text = self.words(sentence.span)
            if sentence.is_title or not has_meeting(text) or is_background(text):
                continue
            for match in _VISITED.finditer(text):
                if is_country_word(match["place"]) or is_capital(match["place"]):
                    yield match["place"]
                    return

    def words(self, span: Span) -> str:
        """The words of a span."""
        return self._reading.text[span.start : span.end]


_PLACE_BEFORE = re.compile(r"(?i)\b(?:in|at|to|visit(?:ed|s|ing)?|city of|capital|,)\s*$")
_VISITED = re.compile(
    r"\b(?:visited|visit(?:s)?(?:\s+to)?|trip\s+to|travel(?:l)?ed\s+to|arrived\s+in|talks\s+in|in)\s+"
    r"(?P<place>[A-Z]\w+(?:\s[A-Z]\w+)?)"
)
