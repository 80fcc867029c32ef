"""Decodes a text into the characters that a reader sees, each with its offset in the text as given.

HTML's character references ("Norway&#8217;s") are decoded, also where they were escaped more than
once. Ligatures ("oﬃcials") become letters, words that a line end breaks are whole, white space is
a space or a line feed, and characters that do not show are left out.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from html.entities import html5
from typing import NamedTuple, TypeAlias

Edit: TypeAlias = tuple[int, int, str]
"""Where a stretch of a text starts and ends, and what takes its place."""


class MappedText(NamedTuple):
    """A text, and for each of its characters the offset of where it comes from."""

    text: str
    offsets: Sequence[int]

    def edited(self, edits: Iterable[Edit]) -> MappedText:
        """Returns the text with stretches replaced; of two that overlap, only the first is."""
        texts: list[str] = []
        offsets: list[int] = []
        position = 0
        for start, end, replacement in edits:
            if start < position:
                continue
            texts += (self.text[position:start], replacement)
            offsets += self.offsets[position:start]
            offsets += [self.offsets[start]] * len(replacement)
            position = end
        if not position:
            return self
        texts.append(self.text[position:])
        offsets += self.offsets[position:]
        return MappedText("".join(texts), offsets)

    def part(self, start: int, end: int) -> MappedText:
        """Returns a stretch of the text."""
        return MappedText(self.text[start:end], self.offsets[start:end])


def decode_characters(text: str) -> tuple[MappedText, Mapping[int, int]]:
    """Returns the text as a reader sees it.

    Also returns how many characters of the text as given one stands for, by their offset, where
    there is anything between them.
    """
    edits = sorted(_letters(text))
    widths = {start: end - start for start, end, replacement in edits if replacement}
    decoded = MappedText(text, range(len(text))).edited(edits)
    decoded = decoded.edited(_line_ends(decoded.text))
    decoded = decoded.edited(_backwards(decoded.text))
    decoded = decoded.edited(_invisible(decoded.text))
    joiners = _USELESS_JOINERS.finditer(decoded.text) if _SHAPING & set(decoded.text) else ()
    return decoded.edited((*match.span(), "") for match in joiners), widths


_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_LIGATURE = re.compile("[\ufb00-\ufb06]")
# Only with a semicolon: "AT&T" is none, nor is "&copy" in an address. What was escaped again has
# an ampersand's name in it: "&amp;#8217;", "&#038;amp;". No name of HTML is longer.
_REFERENCE = re.compile(
    r"&(?P<again>(?:(?:amp|#0{0,4}38|#[xX]0{0,4}26);)*)"
    r"(?P<last>#\d{1,7}|#[xX][\da-fA-F]{1,6}|(?P<name>[A-Za-z][A-Za-z\d]{1,30}));"
)


def _letters(text: str) -> Iterator[Edit]:
    """Decodes references and ligatures."""
    for match in _LIGATURE.finditer(text):
        yield *match.span(), match[0].translate(_LIGATURES)
    for match in _REFERENCE.finditer(text):
        name = match["name"]
        if name is None or f"{name};" in html5:
            decoded = html.unescape(f"&{match['last']};")
            yield *match.span(), decoded.translate(_LIGATURES)
        elif match["again"]:
            yield match.start(), match.end("again"), "&"


_LETTER = r"[^\W\d_]"
# U+00AD and `¬` are hyphens of a line's end only. Between two pages there may be a form feed, and
# the number of a page before it.
_BROKEN = re.compile(
    rf"(?P<left>\w(?:[\w’'-]{{0,60}}\w)?)(?P<hyphen>[-\u2010\u00ad¬])"
    rf"(?P<end>[ \t]*(?:\r\n|[\n\r\u2028])[ \t]*|\s*(?:\d{{1,4}}\s*)?\f\s*)"
    rf"(?P<right>{_LETTER}[\w’'-]{{0,60}}|\d+)(?P<rest>\S*)(?P<space>[ \t]?)"
)
# A search for a hyphen runs faster than one for the letter before it.
_MAY_BE_BROKEN = re.compile(r"[-\u2010\u00ad¬](?<=\w.)\s*[\n\r\f\u2028]")
_WORD = re.compile(rf"{_LETTER}+(?:[-\u2010]{_LETTER}+)*")


def _line_ends(text: str) -> Iterator[Edit]:
    """Joins words that were hyphenated at the end of a line, as text out of a PDF has them.

    "secu-" and "rity" are one word; "Al-" and "Sharaa", "30-" and "day", "follow-" and "up" keep
    their hyphen. What the rest of the text writes decides, and no dictionary.

    A line break that was inside of a word stands behind it then: lines keep about their length.
    """
    if not _MAY_BE_BROKEN.search(text):
        return
    whole = _BROKEN.sub(r"\n\g<rest> ", text).casefold().replace("\u2010", "-")
    words = set(_WORD.findall(whole))
    parts = {part for word in words for part in word.split("-")}
    beginnings = {word.partition("-")[0] for word in words if "-" in word}
    endings = {word.rpartition("-")[2] for word in words if "-" in word}
    for match in _BROKEN.finditer(text):
        left, right = match["left"].casefold(), match["right"].casefold()
        # "short- and long-term": the hyphen stands for the rest of the compound.
        if right in {"and", "or"}:
            continue
        is_of_the_word = (
            match["hyphen"] in "-\u2010"
            and f"{left}{right}" not in parts
            and (
                # No hyphenation makes a capital or a number.
                not match["right"][0].islower()
                or not left.isalpha()
                or "-" in right
                or left in beginnings
                or right in endings
                # "follow" and "up" are words, "secu" and "rity" are none.
                or (left in parts and right in parts)
            )
        )
        start = match.end("hyphen") if is_of_the_word else match.start("hyphen")
        yield start, match.end("end"), ""
        if match["space"]:
            yield *match.span("space"), "\n"


# Written from right to left whatever the letters are, so that they show backwards.
_OVERRIDE = re.compile(r"\u202e[^\u202c\u202e\n\r]*\u202c?")


def _backwards(text: str) -> Iterator[Edit]:
    """Leaves out what shows backwards, unless it has letters of Arabic or Hebrew."""
    for match in _OVERRIDE.finditer(text):
        if {"R", "AL"}.isdisjoint(map(unicodedata.bidirectional, match[0])):
            yield *match.span(), " "


# Joiners shape Persian and Indic words; every other invisible character only hides something.
_SHAPING = {"\u200c", "\u200d"}
_BREAKS = {"\r\n": "\n", "\u2029": "\n\n"}
_BREAKS.update(dict.fromkeys("\n\r\v\f\x1c\x1d\x1e\x85\u2028", "\n"))
# Before Hebrew are Latin, Greek and Cyrillic, which have no use for joiners.
_USELESS_JOINERS = re.compile("(?<![\u0590-\U0010ffff])[\u200c\u200d]+|[\u200c\u200d]+(?=\\s|$)")


def _invisible(text: str) -> Iterator[Edit]:
    """Makes white space a space or a line feed, and leaves out what does not show."""
    changed = {character for character in set(text) if _shown(character) != character}
    if changed:
        odd = re.compile(rf"\r\n|[{re.escape(''.join(changed))}]")
        for match in odd.finditer(text):
            # U+2028 before a small letter breaks a line inside of a sentence.
            is_space = match[0] == "\u2028" and text[match.end() : match.end() + 1].islower()
            yield *match.span(), " " if is_space else _shown(match[0])


@lru_cache(maxsize=4096)
def _shown(character: str) -> str:
    if character in _BREAKS:
        return _BREAKS[character]
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    is_hidden = category in {"Cc", "Cf", "Cs", "Co", "Cn"} and character not in _SHAPING
    return "" if is_hidden else character
