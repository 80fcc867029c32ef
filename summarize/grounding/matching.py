"""Finds words in a text: to the letter, then with spelling folded, then nearly.

Folding forgets what writers vary: case, diacritics, the Turkish İ and ı, the shape of quotes,
dashes and spaces. Every folded character knows the character it came from, so a match is always a
range of the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from summarize.article.reading import Reading, Span

__all__ = [
    "FUZZY_THRESHOLD",
    "Finder",
    "Match",
    "any_of",
    "any_word",
    "fold",
    "fold_with_origins",
    "small",
]

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


# NFKD leaves these alone, or makes an accent and a space of them. Sources: Unicode's confusables
# for quotes and dashes, and SpecialCasing for the dotless ı, which `casefold` keeps apart from i.
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
    # What the reading shows as ‹ and ›.
    "<": "'",
    ">": "'",
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
        folded = _fold_character(chr(code))
        if len(self) < _MAX_FOLDING:
            self[code] = folded
        return folded


# Code points. News in one language has a few hundred, in Chinese a few thousand.
_MAX_FOLDING = 16_384
_FOLDING = _Folding()
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# Names and offices are folded again and again, to be compared with each other.
_MAX_CACHED = 200


def fold(text: str) -> str:
    """A text with its spelling folded and its white space single."""
    return _fold_short(text) if len(text) <= _MAX_CACHED else _fold(text)


def _fold(text: str) -> str:
    return " ".join(_translated(text).split())


def _translated(text: str) -> str:
    """A text with each of its characters folded."""
    # `str.translate` takes a text that is all ASCII in a twentieth of the time.
    return _NOT_ASCII.sub(lambda run: run[0].translate(_FOLDING), text).translate(_FOLDING)


_fold_short = lru_cache(maxsize=16_384)(_fold)


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


def any_of(patterns: Iterable[str]) -> str:
    """A pattern for any of several, none of which has a bar outside of brackets.

    Those that begin with the same characters are grouped by them, so that a search tries letters
    and not patterns. Of two words, one of which begins with the other, the longer one is tried
    first.
    """
    grouped: dict[str, list[str]] = {}
    for pattern in patterns:
        plain = _PLAIN.match(pattern)
        first = plain[0] if plain else ""
        grouped.setdefault(first, []).append(pattern[len(first) :])
    others = grouped.pop("", [])
    parts = (
        f"{first}(?:{any_of(rest)})" if len(rest) > 1 else f"{first}{rest[0]}"
        for first, rest in grouped.items()
    )
    return "|".join((*parts, *others))


# A character of a pattern that stands for itself, once.
_PLAIN = re.compile(r"(?:[^\\.^$*+?{}()|\[\]]|\\\W)(?![?*+{])")


def any_word(patterns: Iterable[str]) -> re.Pattern[str]:
    """Finds any of several words or phrases, whole, in a text of small letters."""
    return re.compile(rf"\b(?:{any_of(patterns)})\b")


# What `re` takes for the same letters when it ignores case, and `lower` does not.
_SAME_LETTERS = {"İ": "i", "ı": "i", "ſ": "s"}


def small(text: str) -> str:
    """A text in small letters, in which a search is far faster than one that ignores case."""
    for letter, same in _SAME_LETTERS.items():
        text = text.replace(letter, same)
    return text.lower()


class Finder:
    """Finds values in one reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._folded, self._origins = fold_with_origins(reading.text)
        # What was looked for before: a second draft says most of the first one again.
        self._places: dict[str, tuple[Match, ...]] = {}
        self._nearest: dict[tuple[str, float], Match | None] = {}

    def find(self, value: str, *, threshold: float = FUZZY_THRESHOLD) -> Match | None:
        """The first and surest place of a value, or None."""
        return next(self.every(value), None) or self.nearest(value, threshold=threshold)

    def every(self, value: str) -> Iterator[Match]:
        """Every place of a value: those to the letter first, then those with spelling folded.

        A value without a letter or digit has no place.
        """
        if value not in self._places:
            self._places[value] = tuple(self._search(" ".join(value.split())))
        return iter(self._places[value])

    def _search(self, value: str) -> Iterator[Match]:
        if not any(map(str.isalnum, value)):
            return
        text, folded = self.reading.text, fold(value)
        exact = list(_occurrences(text, value))
        yield from (Match(span, "exact") for span in exact)
        # As often as to the letter: in no other spelling.
        if self._folded.count(folded) == len(exact):
            return
        known = set(exact)
        for found in _occurrences(self._folded, folded):
            if self._is_whole(found):
                span = self._from_folded(found)
                if span not in known:
                    yield Match(span, "folded")

    def nearest(self, value: str, *, threshold: float = FUZZY_THRESHOLD) -> Match | None:
        """The stretch of one sentence that is most like a value, or None below the threshold.

        The stretch is widened to whole words and measured again, so that the score is of what is
        returned.
        """
        needle = fold(value)
        if (needle, threshold) not in self._nearest:
            self._nearest[needle, threshold] = self._likest(needle, threshold)
        return self._nearest[needle, threshold]

    def _likest(self, needle: str, threshold: float) -> Match | None:
        if len(needle) < _MIN_FUZZY_LENGTH:
            return None
        best: Match | None = None
        for sentence in self._sentences:
            haystack = self._folded[sentence.start : sentence.end]
            if len(haystack) < len(needle) // 2:
                continue
            least = _least_shared(needle, best.score if best else threshold)
            if LCSseq.similarity(needle, haystack, score_cutoff=least) < least:
                continue
            span = _align(needle, haystack, threshold)
            if span is None:
                continue
            span = _complete(needle, haystack, _stripped(haystack, span))
            score = fuzz.ratio(needle, haystack[span.start : span.end])
            if score >= threshold and (best is None or score > best.score):
                found = Span(sentence.start + span.start, sentence.start + span.end)
                best = Match(self._from_folded(found), "fuzzy", score)
        return best

    @cached_property
    def _sentences(self) -> list[Span]:
        """Where each sentence stands in the folded text."""
        return [self._to_folded(sentence.span) for sentence in self.reading.sentences]

    def _to_folded(self, span: Span) -> Span:
        return Span(bisect_left(self._origins, span.start), bisect_left(self._origins, span.end))

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


def _stripped(text: str, span: Span) -> Span:
    words = text[span.start : span.end]
    lead = len(words) - len(words.lstrip(" "))
    return Span(span.start + lead, span.start + len(words.rstrip(" ")))


# Letters of an article or preposition, which a phrase does not end with.
_MAX_SHORT_WORD = 3
# How alike two forms of a word are: "program" and "programs", "aggression" and "aggressor".
_SAME_WORD = 60.0


def _complete(needle: str, haystack: str, span: Span) -> Span:
    """A span without the start of what the needle says in other words, and with whole brackets.

    "Aid to Gaza" lies on "aid to the" of "aid to the people of Gaza": only "aid" is a phrase there.
    """
    wanted = [word.strip(_EDGES) for word in needle.split()]
    words = haystack[span.start : span.end].split(" ")
    if fuzz.ratio(words[-1].strip(_EDGES), wanted[-1]) < _SAME_WORD:
        while len(words) > 1 and (
            words[-1].strip(_EDGES) not in wanted or len(words[-1]) <= _MAX_SHORT_WORD
        ):
            words.pop()
    end = span.start + len(" ".join(words))
    kept = haystack[span.start : end]
    starts_inside = ")" in kept and "(" not in kept.partition(")")[0]
    opening = haystack.rfind("(", 0, span.start) if starts_inside else -1
    return Span(opening if opening != -1 else span.start, end)


_EDGES = ".,;:!?\"'()"


def _least_shared(needle: str, score: float) -> int:
    """How many characters words have to share with a needle, in order, to reach a score.

    The score is twice their number in proportion to both lengths, and the words have at least them.
    Counting them in a sentence takes a tenth of the time that aligning it takes.
    """
    return int(len(needle) * score / (200 - score))


def _align(needle: str, haystack: str, threshold: float) -> Span | None:
    """The whole words of the haystack that a needle lies on."""
    if len(needle) >= len(haystack):
        return Span(0, len(haystack))
    # A needle cut at word boundaries loses some of its score again, so the search is looser.
    alignment = fuzz.partial_ratio_alignment(needle, haystack, score_cutoff=threshold - 10)
    if alignment is None or alignment.dest_start >= alignment.dest_end:
        return None
    start, end = alignment.dest_start, alignment.dest_end
    starts = {_word_start(haystack, start), _next_word(haystack, start)}
    ends = {_word_end(haystack, end), _previous_word(haystack, end)}
    # The alignment is as long as the needle; where the text has a word more, it cuts one off.
    starts.add(_word_start(haystack, max(0, min(starts) - 2)))
    ends.add(_word_end(haystack, min(len(haystack), max(ends) + 2)))
    candidates = [Span(a, b) for a in sorted(starts) for b in sorted(ends) if a < b]
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
    """Every place where a value stands as whole words, without overlap."""
    if not value:
        return
    start = text.find(value)
    while start != -1:
        end = start + len(value)
        is_whole = not _joined(text, start) and not _joined(text, end)
        if is_whole:
            yield Span(start, end)
        start = text.find(value, end if is_whole else start + 1)


def _joined(text: str, index: int) -> bool:
    """Whether a word runs across an index. Scripts written without spaces have no such words."""
    if not 0 < index < len(text):
        return False
    before, after = text[index - 1], text[index]
    if before == " " or after == " ":
        return False
    if before.isascii() and after.isascii():
        return before.isalnum() and after.isalnum()
    if _is_mark(after):
        return not text[index - 1].isspace()
    # A word goes on behind its marks: the é of "José" can be two characters.
    start = index - 1
    while start > 0 and _is_mark(text[start]):
        start -= 1
    before = text[start]
    return (
        before.isalnum() and after.isalnum() and not (_is_spaceless(before) or _is_spaceless(after))
    )


# Vowels and finals of a Hangul syllable in decomposed form (the block Hangul Jamo).
_JAMO_TAIL = ("\u1160", "\u11ff")
_JOINERS = "\u200c\u200d"


def _is_mark(character: str) -> bool:
    """Whether a character only goes on with the one before it."""
    if character.isascii():
        return False
    return (
        unicodedata.category(character).startswith("M")
        or character in _JOINERS
        or _JAMO_TAIL[0] <= character <= _JAMO_TAIL[1]
    )


# Korean has spaces, but particles follow a name without one.
_SPACELESS = (
    "CJK",
    "IDEOGRAPHIC",
    "HIRAGANA",
    "KATAKANA",
    "HALFWIDTH KATAKANA",
    "HANGUL",
    "THAI",
    "LAO",
    "KHMER",
    "MYANMAR",
    "TIBETAN",
)


@lru_cache(maxsize=4096)
def _is_spaceless(character: str) -> bool:
    return not character.isascii() and unicodedata.name(character, "").startswith(_SPACELESS)
