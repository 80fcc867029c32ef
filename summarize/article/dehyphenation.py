"""Words that were hyphenated at the end of a line, as text taken out of a PDF has them.

"secu-" and "rity" on two lines are one word; "Al-" and "Sharaa", "30-" and "day", "follow-" and
"up" keep their hyphen. What the rest of the text writes decides, and no dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

__all__ = ["line_end_edits"]

_LETTER = r"[^\W\d_]"
# What may stand between two pages: a form feed, and a page's number before or after it.
_NUMBER = r"[-–]?[ \t]?\d{1,4}[ \t]?[-–]?"
_PAGE = rf"\s*?(?:\n\s*{_NUMBER}\s*?)?\f(?:\s*{_NUMBER}\s*?\n)?\s*"
# U+00AD and `¬` are hyphens of a line's end only.
_BROKEN = re.compile(
    rf"(?P<left>\w(?:[\w’'-]{{0,60}}\w)?)(?P<hyphen>[-\u2010\u00ad¬])"
    rf"(?P<end>[ \t]*(?:\r\n|[\n\r\u2028])[ \t]*|{_PAGE})"
    rf"(?P<right>{_LETTER}[\w’'-]{{0,60}}|\d+)(?P<rest>\S*)(?P<space>[ \t]?)"
)
_MAY_BE_BROKEN = re.compile(r"\w[-\u2010\u00ad¬]\s*[\n\r\f\u2028]")
# A sentence that goes on on the next page.
_PAGE_BREAK = re.compile(rf"(?<=[\w,]){_PAGE}(?=(?P<next>{_LETTER}))")
_WORD = re.compile(rf"{_LETTER}+")
_COMPOUND = re.compile(rf"(?<![\w-]){_LETTER}+(?:[-\u2010]{_LETTER}+)+(?![\w-])")
# "short- and long-term": the hyphen stands for the rest of the compound.
_SUSPENDED = frozenset({"and", "or"})


def line_end_edits(text: str) -> Iterator[tuple[int, int, str]]:
    """What to replace so that no word and no sentence is broken, in order, without overlap.

    A line break that was inside of a word stands behind it then: lines keep about their length.
    """
    broken = list(_BROKEN.finditer(text)) if _MAY_BE_BROKEN.search(text) else []
    pages = [m for m in _PAGE_BREAK.finditer(text) if m["next"].islower()] if "\f" in text else []
    if not broken and not pages:
        return
    edits = [(*match.span(), "\n") for match in pages]
    words = _Words(text, broken)
    for match in broken:
        if match["right"].casefold() in _SUSPENDED:
            continue
        start = match.end("hyphen") if words.keeps_hyphen(match) else match.start("hyphen")
        edits.append((start, match.end("end"), ""))
        if match["space"]:
            edits.append((*match.span("space"), "\n"))
    position = 0
    for start, end, replacement in sorted(edits):
        if start >= position:
            yield start, end, replacement
            position = end


class _Words:
    """What a text writes apart from the words at its line ends."""

    def __init__(self, text: str, broken: list[re.Match[str]]) -> None:
        starts = [0, *(match.end("right") for match in broken)]
        ends = [*(match.start("left") for match in broken), len(text)]
        between = (text[start:end] for start, end in zip(starts, ends, strict=True))
        self._text = "\n".join(between).casefold().replace("\u2010", "-")

    @cached_property
    def _single(self) -> set[str]:
        return set(_WORD.findall(self._text))

    @cached_property
    def _compounds(self) -> set[str]:
        return set(_COMPOUND.findall(self._text))

    @cached_property
    def _parts(self) -> tuple[set[str], set[str]]:
        """What compounds begin with, and what they end in."""
        parts = [compound.partition("-") for compound in self._compounds]
        return {first for first, _, _ in parts}, {last for _, _, last in parts}

    def keeps_hyphen(self, match: re.Match[str]) -> bool:
        """Whether the hyphen at a line's end is part of the word."""
        if match["hyphen"] in "\u00ad¬":
            return False
        left, right = match["left"], match["right"]
        first, last = left.casefold(), right.casefold()
        if f"{first}-{last}" in self._compounds:
            return True
        if f"{first}{last}" in self._single:
            return False
        # No hyphenation makes a capital or a number.
        if right[0].isupper() or right[0].isdigit() or left[-1].isdigit():
            return True
        if "-" in left or "-" in right:
            return True
        if first in self._parts[0] or last in self._parts[1]:
            return True
        # "follow" and "up" are words, "secu" and "rity" are none.
        return first in self._single and last in self._single
