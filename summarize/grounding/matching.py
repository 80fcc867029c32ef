"""Finds words in a text: to the letter, then with spelling folded, then nearly.

Folding forgets what writers vary: case, diacritics, the Turkish İ and ı, the shape of quotes,
dashes and spaces. Every folded character knows the character it came from, so a match is always a
range of the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import product
from typing import Literal, NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import LCSseq

from summarize.article.reading import Reading, Span

# From `python benchmarks/fuzzy_threshold.py` over the recorded drafts: at 85, 11 of the 17 phrases
# that the model had reworded are found in their own article, and 3 of 254 in another one; at 80 it
# would be 15 and 6, at 90 9 and none.
FUZZY_THRESHOLD = 85.0
# Shorter words are like too many others: PKK and PJAK differ in two letters.
_MIN_FUZZY_LENGTH = 8


class Match(NamedTuple):
    """Where a value stands in a reading, and how surely.

    Attributes:
        span: in the reading's text.
        how: to the letter, with spelling folded, or nearly.
        score: 0 to 100; 100 for the first two.
    """

    span: Span
    how: Literal["exact", "folded", "fuzzy"]
    score: float = 100.0


# Folding

# NFKD leaves these alone, or makes an accent and a space of them. Sources: Unicode's confusables
# for quotes and dashes, and SpecialCasing for the dotless ı, which `casefold` keeps apart from i.
# The reading shows < and > as ‹ and ›.
_FOLDED = {
    "æ": "ae",
    "œ": "oe",
    **dict(zip("ıłøđð", "ilodd", strict=True)),
    **dict.fromkeys("ʼʻʿʾ‘’‚‛‹›<>`´", "'"),
    **dict.fromkeys("“”„‟«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}


def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    if character in _FOLDED:
        return _FOLDED[character]
    # Twice: "𝐀" and "™" have a small form only once they are decomposed.
    plain = unicodedata.normalize("NFKD", character).casefold()
    decomposed = unicodedata.normalize("NFKD", plain)
    bare = "".join(c for c in decomposed if not _is_unseen(c))
    return "".join(_FOLDED.get(c, c) for c in bare)


def _is_unseen(character: str) -> bool:
    """Whether a character only marks another one, or is invisible: a joiner, a soft hyphen."""
    return bool(unicodedata.combining(character)) or unicodedata.category(character) == "Cf"


class _Folding(dict[int, str]):
    """What each code point folds to, for `str.translate`: worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = _fold_character(chr(code))
        return self[code]


_FOLDING = _Folding()
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# Characters. Names and offices are folded again and again, to be compared with each other.
_MAX_CACHED = 200


def fold(text: str) -> str:
    """A text with its spelling folded and its white space single."""
    return _fold(text) if len(text) <= _MAX_CACHED else _fold.__wrapped__(text)


@lru_cache(maxsize=16_384)
def _fold(text: str) -> str:
    return " ".join(_translated(text).split())


def _translated(text: str) -> str:
    """A text with each of its characters folded."""
    # `str.translate` takes a text that is all ASCII in a twentieth of the time.
    return _NOT_ASCII.sub(lambda run: run[0].translate(_FOLDING), text).translate(_FOLDING)


# The same text is folded to find words and to find countries in it.
@lru_cache(maxsize=16)
def fold_with_origins(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its characters the index of its origin."""
    whole = _translated(text)
    # All of ASCII folds to one character each.
    others = set("".join(_NOT_ASCII.findall(text)))
    if "  " not in whole and all(len(_FOLDING[ord(character)]) == 1 for character in others):
        return whole, range(len(text))
    characters: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        for folded in _FOLDING[ord(character)]:
            if folded == " " and characters and characters[-1] == " ":
                continue
            characters.append(folded)
            origins.append(index)
    return "".join(characters), origins


# Finding


class Finder:
    """Finds values in one reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._folded, self._origins = fold_with_origins(reading.text)
        # What was looked for before: a second draft says most of the first one again.
        self._places: dict[str, list[Match]] = {}
        self._nearest: dict[tuple[str, float], Match | None] = {}

    def find(self, value: str) -> Match | None:
        """The first and surest place of a value, or None."""
        return next(iter(self.every(value)), None) or self.nearest(value)

    def every(self, value: str) -> Sequence[Match]:
        """Every place of a value: those to the letter first, then those with spelling folded.

        A value without a letter or digit has no place.
        """
        if value not in self._places:
            self._places[value] = self._search(" ".join(value.split()))
        return self._places[value]

    def _search(self, value: str) -> list[Match]:
        folded = fold(value)
        count = self._folded.count(folded)
        if not count or not any(map(str.isalnum, value)):
            return []
        found = [Match(span, "exact") for span in _occurrences(self.reading.text, value)]
        # As often as to the letter: in no other spelling.
        if len(found) < count:
            exact = {match.span for match in found}
            folds = filter(self._is_whole, _occurrences(self._folded, folded))
            others = (span for span in map(self._from_folded, folds) if span not in exact)
            found += (Match(span, "folded") for span in others)
        return found

    def nearest(self, value: str, *, threshold: float = FUZZY_THRESHOLD) -> Match | None:
        """The stretch of one sentence that is most like a value, or None below the threshold."""
        needle = fold(value)
        if (needle, threshold) not in self._nearest:
            self._nearest[needle, threshold] = self._likest(needle, threshold)
        return self._nearest[needle, threshold]

    def _likest(self, needle: str, threshold: float) -> Match | None:
        if len(needle) < _MIN_FUZZY_LENGTH:
            return None
        # A stretch with such a score shares at least so many characters with the needle, in order.
        # To count them takes a tenth of the time of an alignment.
        least = int(len(needle) * threshold / (200 - threshold))
        sentences = [self._folded[start:end] for start, end in self._sentences]
        near = process.extract_iter(needle, sentences, scorer=LCSseq.similarity, score_cutoff=least)
        best: Match | None = None
        for sentence, _, index in near:
            aligned = _align(needle, sentence, threshold)
            if aligned is None:
                continue
            start, end = _complete(needle, sentence, aligned)
            score = fuzz.ratio(needle, sentence[start:end])
            if score >= threshold and (best is None or score > best.score):
                first = self._sentences[index].start
                best = Match(self._from_folded(Span(first + start, first + end)), "fuzzy", score)
        return best

    @cached_property
    def _sentences(self) -> list[Span]:
        """Where each sentence stands in the folded text."""
        spans = (sentence.span for sentence in self.reading.sentences)
        return [Span(*(bisect_left(self._origins, end) for end in span)) for span in spans]

    def _is_whole(self, folded: Span) -> bool:
        """Whether a folded span is of whole characters: "2" is only a part of "½"."""
        origins = self._origins
        start, end = folded
        return (start == 0 or origins[start - 1] != origins[start]) and (
            end == len(origins) or origins[end - 1] != origins[end]
        )

    def _from_folded(self, folded: Span) -> Span:
        """Where in the reading's text a stretch of the folded text stands."""
        start, end = self._origins[folded.start], self._origins[folded.end - 1] + 1
        text = self.reading.text
        # A combining mark belongs to the letter before it.
        while end < len(text) and _is_mark(text[end]):
            end += 1
        return Span(start, end)


def _occurrences(text: str, value: str) -> Iterator[Span]:
    """Every place where a value stands as whole words, without overlap."""
    start = text.find(value) if value else -1
    while start != -1:
        end = start + len(value)
        is_whole = not _joined(text, start) and not _joined(text, end)
        if is_whole:
            yield Span(start, end)
        start = text.find(value, end if is_whole else start + 1)


# Nearly


def _align(needle: str, haystack: str, threshold: float) -> Span | None:
    """The whole words of the haystack that a needle lies on best, if its score may do."""
    if len(needle) >= len(haystack):
        return Span(0, len(haystack))
    # What ends in the middle of words scores less than whole words, by more than 10 at times.
    alignment = fuzz.partial_ratio_alignment(needle, haystack, score_cutoff=threshold - 20)
    if alignment is None:
        return None
    first, last = alignment.dest_start, alignment.dest_end
    # The alignment is as long as the needle; the text may have a word more, or less.
    words = [match.span() for match in _WORD.finditer(haystack)]
    starts = sorted((start for start, _ in words), key=lambda start: abs(start - first))[:3]
    ends = sorted((end for _, end in words), key=lambda end: abs(end - last))[:3]
    spans = (Span(*span) for span in product(sorted(starts), sorted(ends)) if span[0] < span[1])
    return max(spans, key=lambda s: fuzz.ratio(needle, haystack[slice(*s)]), default=None)


# Letters of an article or preposition, which a phrase does not end with.
_MAX_SHORT_WORD = 3
# How alike two forms of a word are: "program" and "programs", "aggression" and "aggressor".
_SAME_WORD = 60.0
_EDGES = ".,;:!?\"'()"


def _complete(needle: str, haystack: str, span: Span) -> Span:
    """A span without the start of what the needle says in other words.

    "Aid to Gaza" lies on "aid to the" of "aid to the people of Gaza": only "aid" is a phrase there.
    """
    wanted = [word.strip(_EDGES) for word in needle.split()]
    words = haystack[span.start : span.end].split(" ")
    if fuzz.ratio(words[-1].strip(_EDGES), wanted[-1]) < _SAME_WORD:
        while len(words) > 1 and (
            words[-1].strip(_EDGES) not in wanted or len(words[-1]) <= _MAX_SHORT_WORD
        ):
            words.pop()
    return Span(span.start, span.start + len(" ".join(words)))


# Words

# Scripts written without spaces: Thai, Lao, Tibetan, Myanmar, Khmer, Chinese, Japanese. Korean has
# spaces, but particles follow a name without one.
_SPACELESS = (
    "\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff"
)
_IS_SPACELESS = re.compile(f"[{_SPACELESS}]")
_WORD = re.compile(rf"[{_SPACELESS}]|[^\W{_SPACELESS}]+(?:[^\w\s]+[^\W{_SPACELESS}]+)*")
# Vowels and finals of a Hangul syllable in decomposed form, and joiners.
_GOES_ON = re.compile("[\u1160-\u11ff\u200c\u200d]")


@lru_cache(maxsize=4096)
def _is_mark(character: str) -> bool:
    """Whether a character only goes on with the one before it."""
    return unicodedata.category(character).startswith("M") or bool(_GOES_ON.match(character))


def _joined(text: str, index: int) -> bool:
    """Whether a word runs across an index. Scripts written without spaces have no such words."""
    if not 0 < index < len(text):
        return False
    before, after = text[index - 1], text[index]
    if _is_mark(after):
        return not before.isspace()
    # A word goes on behind its marks: the é of "José" can be two characters.
    while _is_mark(before) and index > 1:
        index -= 1
        before = text[index - 1]
    return before.isalnum() and after.isalnum() and not _IS_SPACELESS.search(before + after)
