"""Splits a text into lines, these into paragraphs and those into sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from summarize.article.characters import MappedText

Blocks: TypeAlias = list[list[MappedText]]
"""The lines between blank lines."""

SENTENCE_END = re.compile(r"[.!?…。！？؟۔।:;][\"'”’»)\]]*$")
BULLET = re.compile(r"(?:[-*•–]|\d{1,2}[.)])\s+")
# Text wrapped by hand keeps its lines under this; the articles of one paragraph a line do not.
_MAX_WRAPPED_LINE = 100
MIN_WRAPPED_LINE = 40
# Models take `<|im_start|>`, `</s>` and `<article>` for their own markup, also inside an article.
_HARMLESS = {"<": "‹", ">": "›"}
_LOOSE = re.compile("[<>]|  +")


def blocks_of(text: MappedText) -> Blocks:
    """Returns the lines between blank lines, with single spaces and no marks of HTML."""
    plain = text.edited((*m.span(), _HARMLESS.get(m[0], " ")) for m in _LOOSE.finditer(text.text))
    blocks: Blocks = [[]]
    end = -1
    for line in plain.text.split("\n"):
        start, end = end + 1, end + 1 + len(line)
        if bare := line.strip():
            start += line.startswith(" ")
            blocks[-1].append(plain.part(start, start + len(bare)))
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def is_broken(line: MappedText) -> bool:
    """Whether a line can have been broken by hand: long, and without the end of a sentence."""
    return MIN_WRAPPED_LINE <= len(line.text) <= _MAX_WRAPPED_LINE and not SENTENCE_END.search(
        line.text
    )


def is_wrapped(block: list[MappedText]) -> bool:
    """Whether the lines of a block are wrapped by hand, so that a paragraph runs over several."""
    *before, _ = block
    if not before:
        return False
    broken = sum(not SENTENCE_END.search(line.text) for line in before)
    return (
        max(len(line.text) for line in block) <= _MAX_WRAPPED_LINE
        and any(len(line.text) >= MIN_WRAPPED_LINE for line in before)
        and broken * 2 >= len(before)
    )


def paragraphs_of(block: list[MappedText]) -> Iterator[MappedText]:
    """Yields the paragraphs of a block: one a line, or wrapped lines up to the next list item."""
    if not is_wrapped(block):
        yield from block
        return
    current: list[MappedText] = []
    for line in block:
        if current and BULLET.match(line.text):
            yield joined(current)
            current = []
        current.append(line)
    yield joined(current)


def joined(lines: Sequence[MappedText]) -> MappedText:
    """Returns lines as one; a space for a line break has the offset right before the next line."""
    text: list[str] = []
    offsets: list[int] = []
    for line in lines:
        # Chinese and Japanese are written without spaces.
        if text and not (_is_wide(text[-1][-1]) and _is_wide(line.text[0])):
            text.append(" ")
            offsets.append(line.offsets[0] - 1)
        text.append(line.text)
        offsets.extend(line.offsets)
    return MappedText("".join(text), tuple(offsets))


def _is_wide(character: str) -> bool:
    wide = unicodedata.east_asian_width(character) in {"W", "F"}
    return wide and not unicodedata.name(character, "").startswith("HANGUL")


# Sentences

# Characters. sentencex takes quadratic time over opening quotes that nothing closes (1.5 s for
# 100 kB of them); the longest paragraph of the sixteen annotated articles has 2,500 characters.
_MAX_PIECE = 8_000


def sentences_of(paragraph: str) -> Iterator[tuple[int, int]]:
    """Yields where sentences begin and end, without white space around them."""
    from sentencex import get_sentence_boundaries

    for first, last in _pieces(paragraph):
        for boundary in get_sentence_boundaries("en", paragraph[first:last]):
            start, end = first + boundary["start_index"], first + boundary["end_index"]
            said = paragraph[start:end]
            if bare := said.strip():
                start += len(said) - len(said.lstrip())
                yield start, start + len(bare)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """A paragraph, in pieces that end in a sentence or at least a word where it is very long."""
    start = 0
    while len(text) - start > _MAX_PIECE:
        limit = start + _MAX_PIECE
        end = max(text.rfind(stop, start, limit) for stop in (". ", "? ", "! ", ".” ", "。"))
        end = end + 1 if end > start else text.rfind(" ", start, limit)
        end = end if end > start else limit
        yield start, end
        start = end
    yield start, len(text)
