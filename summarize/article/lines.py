"""The lines of a text, cleaned, and which of them belong together.

Every character of a line knows its offset in the text as given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from summarize.article.boilerplate import MARKUP, is_byline
from summarize.article.markup import Gap, emphasis

SENTENCE_END = re.compile(r"[.!?…。！？؟۔।:;][\"'”’»)\]]*$")
# A line that ends in one of these goes on in the next.
_OPEN_END = re.compile(
    r"(?i)(?:\b(?:a|an|the|of|in|on|at|to|for|from|by|with|and|or|as|that|his|her|their|its)|,)$"
)
# Text wrapped by hand keeps its lines under this; the articles of one paragraph a line do not.
_MAX_WRAPPED_LINE = 100
_MIN_WRAPPED_LINE = 40


class Line(NamedTuple):
    """A line after cleaning: its characters and where each came from."""

    text: str
    offsets: Sequence[int]


# U+2028 before a small letter breaks a line inside of a sentence.
_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2029]|\u2028(?![a-zß-öø-ÿ])")


def blocks_of(text: str, gaps: Sequence[Gap] = ()) -> list[list[Line]]:
    """Runs of lines between blank lines, without what stands in the gaps."""
    blocks: list[list[Line]] = [[]]
    position = index = 0
    for start, end, is_paragraph_end in _cuts(text, gaps):
        within: list[Gap] = []
        while index < len(gaps) and gaps[index].start < start:
            if gaps[index].start >= position:
                within.append(gaps[index])
            index += 1
        line = _plain(text[position:start], position, within)
        if within and not any(map(str.isalnum, line.text)):
            line = Line("", ())
        position = end
        if line.text:
            blocks[-1].append(line)
        if blocks[-1] and (is_paragraph_end or not line.text):
            blocks.append([])
    return [block for block in blocks if block]


def _cuts(text: str, gaps: Sequence[Gap]) -> Iterator[tuple[int, int, bool]]:
    """Where lines end, where the next ones begin, and whether paragraphs end there."""
    index = 0
    for match in _LINE_BREAK.finditer(text):
        start, end = match.span()
        while index < len(gaps) and gaps[index].end <= start:
            yield from _cut(gaps[index])
            index += 1
        if index == len(gaps) or start < gaps[index].start:
            yield start, end, text[start] == "\u2029"
    for gap in gaps[index:]:
        yield from _cut(gap)
    yield len(text), len(text), False


def _cut(gap: Gap) -> Iterator[tuple[int, int, bool]]:
    if gap.kind in {"line", "paragraph"}:
        yield gap.start, gap.end, gap.kind == "paragraph"


def _plain(raw: str, position: int, gaps: Sequence[Gap] = ()) -> Line:
    """A line without gaps and invisible characters, its white space single."""
    bare = raw.strip()
    # Most lines are plain but for white space at their ends.
    if not gaps and bare.isprintable() and not _ODD.search(bare):
        start = position + len(raw) - len(raw.lstrip())
        return Line(bare, range(start, start + len(bare)))
    characters: list[str] = []
    offsets: list[int] = []
    start = position
    for gap in (*gaps, None):
        end = gap.start if gap else position + len(raw)
        for offset in range(start, end):
            shown = _shown(raw[offset - position])
            before = characters[-1] if characters else " "
            if (shown == " " and before == " ") or (shown in _JOINERS and before < _FIRST_JOINED):
                continue
            if shown:
                characters.append(shown)
                offsets.append(offset)
        if gap:
            start = gap.end
            if gap.kind == "apart" and _parts_words(characters, raw[start - position :][:1]):
                characters.append(" ")
                offsets.append(gap.start)
    while characters and (characters[-1] == " " or characters[-1] in _JOINERS):
        characters.pop()
        offsets.pop()
    return Line("".join(characters), tuple(offsets))


def _parts_words(before: Sequence[str], after: str) -> bool:
    """Whether what is left out stands right between two words."""
    return bool(before) and before[-1].isalnum() and after.isalnum()


# Joiners shape Persian and Indic words; every other invisible character only hides something.
_JOINERS = frozenset("\u200c\u200d")
# The first letter of the scripts that joiners shape; before it are Latin, Greek and Cyrillic.
_FIRST_JOINED = "\u0590"
# Models take `<|im_start|>`, `</s>` and `<article>` for their own markup, also inside an article.
_HARMLESS = {"<": "‹", ">": "›"}
# What is printable and not left as it is.
_ODD = re.compile(f"  |[{''.join(_HARMLESS)}]")


@lru_cache(maxsize=4096)
def _shown(character: str) -> str:
    """What the model sees of a character: itself, one space, or nothing."""
    if character.isspace():
        return " "
    if character in _HARMLESS:
        return _HARMLESS[character]
    category = unicodedata.category(character)
    if category in {"Cc", "Cs", "Co", "Cn"} or (category == "Cf" and character not in _JOINERS):
        return ""
    return character


_HEADING = re.compile(r"#{1,6}\s+")
_HEADING_END = re.compile(r"\s#+$")
# Tags in square brackets: what is closed in a line is opened there.
_BRACKET_CLOSE = re.compile(r"\[/([a-z][a-z #]{0,30})?\]")
_BRACKET_OPEN = re.compile(r"\[([a-z][a-z #]{0,30})(?:=[^\[\]]*)?\]")


# What all of them have.
_MARK = re.compile(r"[\[*#_~`]")


def unmarked(line: Line) -> Line:
    """A line without the markup of a content system."""
    if not _MARK.search(line.text):
        return line
    stretches = [match.span() for match in MARKUP.finditer(line.text)]
    if line.text[0] == "#" and (heading := _HEADING.match(line.text)):
        stretches.append(heading.span())
        if closing := _HEADING_END.search(line.text):
            stretches.append(closing.span())
    stretches += emphasis(line.text)
    if "[/" in line.text:
        closes = list(_BRACKET_CLOSE.finditer(line.text))
        names = {match[1] for match in closes}
        opens = [match for match in _BRACKET_OPEN.finditer(line.text) if match[1] in names]
        stretches += [match.span() for match in (*closes, *opens)]
    if not stretches:
        return line
    kept = [True] * len(line.text)
    for start, end in stretches:
        kept[start:end] = [False] * (end - start)
    characters: list[str] = []
    offsets: list[int] = []
    for character, offset, keep in zip(line.text, line.offsets, kept, strict=True):
        if keep and not (character == " " and (not characters or characters[-1] == " ")):
            characters.append(character)
            offsets.append(offset)
    if characters and characters[-1] == " ":
        characters.pop()
        offsets.pop()
    return Line("".join(characters), tuple(offsets))


def runs_on(block: Sequence[Line]) -> bool:
    """Whether the first line of a block goes on in the second one."""
    if len(block) < 2 or not is_broken(block[0]) or is_byline(block[1].text):
        return False
    line, following = block[0].text, block[1].text
    if following[0].islower() or _OPEN_END.search(line):
        return True
    # Wrapped text breaks a line where the next word does not fit.
    width = max((len(other.text) for other in block[1:-1]), default=0)
    return is_wrapped(block) and _MIN_WRAPPED_LINE <= width < len(line) + 1 + len(
        following.split(" ")[0]
    )


def is_broken(line: Line) -> bool:
    """Whether a line can have been broken by hand: long, and without the end of a sentence."""
    return _MIN_WRAPPED_LINE <= len(line.text) <= _MAX_WRAPPED_LINE and not SENTENCE_END.search(
        line.text
    )


def is_wrapped(block: Sequence[Line]) -> bool:
    """Whether the lines of a block are wrapped by hand, so that a paragraph runs over several."""
    *before, _ = block
    if not before:
        return False
    broken = sum(not SENTENCE_END.search(line.text) for line in before)
    return (
        max(len(line.text) for line in block) <= _MAX_WRAPPED_LINE
        and any(len(line.text) >= _MIN_WRAPPED_LINE for line in before)
        and broken * 2 >= len(before)
    )


def joined(lines: Sequence[Line]) -> Line:
    """Lines as one; the space that stands for a line break has an offset before the next line."""
    text: list[str] = []
    offsets: list[int] = []
    for line in lines:
        # Chinese and Japanese are written without spaces.
        if text and not (_is_wide(text[-1][-1]) and _is_wide(line.text[0])):
            text.append(" ")
            offsets.append(offsets[-1] + 1)
        text.append(line.text)
        offsets.extend(line.offsets)
    return Line("".join(text), tuple(offsets))


def _is_wide(character: str) -> bool:
    wide = unicodedata.east_asian_width(character) in {"W", "F"}
    return wide and not unicodedata.name(character, "").startswith("HANGUL")
