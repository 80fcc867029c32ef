"""Splits paragraphs into sentences."""

from __future__ import annotations

from collections.abc import Iterator

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
