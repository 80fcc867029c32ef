"""Finds words in a text: to the letter, then with spelling folded, then nearly.

Folding forgets what writers vary: case, diacritics, the Turkish İ and ı, the shape of quotes,
dashes and spaces. Every folded character knows the character it came from, so a match is always a
range of the text itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz

from summarize.reading import Reading, Span

__all__ = ["FUZZY_THRESHOLD", "Finder", "Match", "fold"]

# From `python benchmarks/fuzzy_threshold.py` over the recorded drafts: at 85 every phrase that the
# model had reworded slightly is found in its own article, and fewer than 1 in 100 phrases of one
# article are found in another.
FUZZY_THRESHOLD = 85.0
# Shorter words are like too many others: PKK and PJAK differ in two letters.
_MIN_FUZZY_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Match:
    """Where a value stands in a reading, and how surely.

    Attributes:
        span: in the reading's text.
        how: to the letter, with spelling folded, or nearly.
        score: 0 to 100; 100 for the first two.
    """

    span: Span
    how: Literal["exact", "folded", "fuzzy"]
    score: float = 100.0


# NFKD leaves these alone. Sources: Unicode's confusables for quotes and dashes, and SpecialCasing
# for the dotless ı, which `casefold` keeps apart from i.
_FOLDED = {
    "ı": "i",
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "æ": "ae",
    "œ": "oe",
    "ʼ": "'",
    "ʻ": "'",
    "ʿ": "'",
    "ʾ": "'",
    "‘": "'",
    "’": "'",
    "‚": "'",
    "‛": "'",
    "‹": "'",
    "›": "'",
    "`": "'",
    "´": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "‟": '"',
    "«": '"',
    "»": '"',
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "–": "-",
    "—": "-",
    "―": "-",
    "−": "-",
}


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    if character in _FOLDED:
        return _FOLDED[character]
    decomposed = unicodedata.normalize("NFKD", character.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return "".join(_FOLDED.get(c, c) for c in bare)


def fold(text: str) -> str:
    """A text with its spelling folded and its white space single."""
    return _fold(text)[0].strip()


def _fold(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the index of its origin."""
    characters: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        for folded in _fold_character(character):
            if folded == " " and characters and characters[-1] == " ":
                continue
            characters.append(folded)
            origins.append(index)
    return "".join(characters), origins


class Finder:
    """Finds values in one reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._folded, self._origins = _fold(reading.text)
        # The index in the folded text at which each sentence begins and ends.
        self._sentences = [self._to_folded(s.span) for s in reading.sentences]

    def find(self, value: str, *, threshold: float = FUZZY_THRESHOLD) -> Match | None:
        """The first and surest place of a value, or None."""
        return next(self.every(value), None) or self.nearest(value, threshold=threshold)

    def every(self, value: str) -> Iterator[Match]:
        """Every place of a value: those to the letter first, then those with spelling folded."""
        value = " ".join(value.split())
        exact = [Match(span, "exact") for span in _occurrences(self.reading.text, value)]
        yield from exact
        known = {match.span for match in exact}
        for folded in _occurrences(self._folded, fold(value)):
            span = self._from_folded(folded)
            if span not in known:
                yield Match(span, "folded")

    def nearest(self, value: str, *, threshold: float = FUZZY_THRESHOLD) -> Match | None:
        """The stretch of one sentence that is most like a value, or None below the threshold.

        The stretch is widened to whole words and measured again, so that the score is of what is
        returned.
        """
        needle = fold(value)
        if len(needle) < _MIN_FUZZY_LENGTH:
            return None
        best: Match | None = None
        for sentence in self._sentences:
            haystack = self._folded[sentence.start : sentence.end]
            if len(haystack) < len(needle) // 2:
                continue
            span = _align(needle, haystack, threshold)
            if span is None:
                continue
            score = fuzz.ratio(needle, haystack[span.start : span.end])
            if score >= threshold and (best is None or score > best.score):
                shifted = Span(sentence.start + span.start, sentence.start + span.end)
                best = Match(self._from_folded(shifted), "fuzzy", score)
        return best

    def _to_folded(self, span: Span) -> Span:
        from bisect import bisect_left

        return Span(bisect_left(self._origins, span.start), bisect_left(self._origins, span.end))

    def _from_folded(self, span: Span) -> Span:
        end = self._origins[span.end - 1] + 1
        text = self.reading.text
        # A combining mark belongs to the letter before it.
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        return Span(self._origins[span.start], end)


def _align(needle: str, haystack: str, threshold: float) -> Span | None:
    """The whole words of the haystack that a needle lies on."""
    if len(needle) >= len(haystack):
        return Span(0, len(haystack))
    # A needle cut at word boundaries loses some of its score again, so the search is looser.
    alignment = fuzz.partial_ratio_alignment(needle, haystack, score_cutoff=threshold - 10)
    if alignment is None or alignment.dest_start >= alignment.dest_end:
        return None
    start, end = alignment.dest_start, alignment.dest_end
    candidates = [
        Span(a, b)
        for a in (_word_start(haystack, start), _next_word(haystack, start))
        for b in (_word_end(haystack, end), _previous_word(haystack, end))
        if a < b
    ]
    return max(
        candidates, key=lambda s: fuzz.ratio(needle, haystack[s.start : s.end]), default=None
    )


def _word_start(text: str, index: int) -> int:
    while index > 0 and _joined(text, index):
        index -= 1
    return index


def _next_word(text: str, index: int) -> int:
    while index < len(text) and (_joined(text, index) or not text[index].isalnum()):
        index += 1
    return index


def _word_end(text: str, index: int) -> int:
    while index < len(text) and _joined(text, index):
        index += 1
    return index


def _previous_word(text: str, index: int) -> int:
    while index > 0 and (_joined(text, index) or not text[index - 1].isalnum()):
        index -= 1
    return index


def _occurrences(text: str, value: str) -> Iterator[Span]:
    """Every place where a value stands as whole words."""
    if not value:
        return
    start = text.find(value)
    while start != -1:
        end = start + len(value)
        if not _joined(text, start) and not _joined(text, end):
            yield Span(start, end)
        start = text.find(value, start + 1)


def _joined(text: str, index: int) -> bool:
    """Whether a word runs across an index. Scripts written without spaces have no such words."""
    if not 0 < index < len(text):
        return False
    before, after = text[index - 1], text[index]
    return (
        before.isalnum()
        and (after.isalnum() or bool(unicodedata.combining(after)))
        and not (_is_spaceless(before) or _is_spaceless(after))
    )


def _is_spaceless(character: str) -> bool:
    if character.isascii():
        return False
    name = unicodedata.name(character, "")
    return name.startswith(("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"))
