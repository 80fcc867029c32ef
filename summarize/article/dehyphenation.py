"""Joins words that were hyphenated at the end of a line, as text taken out of a PDF has them.

"secu-" and "rity" on two lines are one word; "Al-" and "Sharaa", "30-" and "day", "follow-" and
"up" keep their hyphen. What the rest of the text writes decides, and no dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def line_end_edits(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields what to replace so that no word is broken, in order, without overlap.

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
