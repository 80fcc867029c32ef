"""What was found of a page, as text: trafilatura's XML in blocks of plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from summarize.webpages.tree import line

__all__ = ["blocks_of"]

# Elements of trafilatura's that stand within a line.
_INLINE = frozenset({"hi", "ref", "del", "code", "graphic"})


def blocks_of(body: Any) -> Iterator[str]:
    """The paragraphs, headings and lists, each a string.

    Args:
        body: what trafilatura found, in its own XML; each item of a list is a line of its own.
    """
    text: list[str] = []
    for element, is_new in _walked(body):
        if is_new:
            yield from _block(text)
            text.clear()
        if isinstance(element, str):
            text.append(element)
    yield from _block(text)


def _walked(element: Any) -> Iterator[tuple[Any, bool]]:
    """Each piece of text, and whether a new block begins before it."""
    if element.tag == "list":
        yield "", True
        yield "\n".join(f"- {item}" for item in _items(element) if item), False
        yield "", True
        return
    if element.tag == "row":
        cells = (line("".join(_own(cell))) for cell in element.iter("cell"))
        yield ", ".join(filter(None, cells)), True
        yield "", True
        return
    is_heading = element.tag == "head"
    is_block = element.tag not in _INLINE
    yield element.text or "", is_block
    for inner in element:
        if is_heading and inner.tag == "lb":
            yield " ", False
        else:
            yield from _walked(inner)
        yield inner.tail or "", False
    if is_block:
        yield "", True


def _items(element: Any) -> Iterator[str]:
    """The lines of a list; what stands before and after a list within an item are lines, too."""
    for item in element:
        own = [item.text or ""]
        for inner in item:
            if inner.tag == "list":
                yield line("".join(own))
                yield from _items(inner)
                own = [inner.tail or ""]
            else:
                around = "" if inner.tag in _INLINE else " "
                own += [around, *_own(inner), f"{around}{inner.tail or ''}"]
        yield line("".join(own))


def _own(element: Any) -> Iterator[str]:
    """The text of an item or a cell."""
    yield element.text or ""
    for inner in element:
        around = "" if inner.tag in _INLINE else " "
        yield around
        yield from _own(inner)
        yield f"{around}{inner.tail or ''}"


def _block(pieces: list[str]) -> Iterator[str]:
    """The block of these pieces, if it says anything."""
    whole = "".join(pieces)
    is_list = whole.startswith("- ") and "\n- " in whole
    text = "\n".join(filter(None, map(line, whole.split("\n")))) if is_list else line(whole)
    if text:
        yield text
