"""Turns what trafilatura found into blocks of plain words."""

from __future__ import annotations

from typing import Any

from summarize.webpages.tree import line

# Elements of trafilatura's that stand within a line.
_INLINE = frozenset({"hi", "ref", "del", "code", "graphic"})


def blocks_of(body: Any) -> list[str]:
    """Returns the paragraphs, headings, lists and rows of trafilatura's XML, each a string.

    Each item of a list is a line of its own, and the cells of a row are separated by commas.
    """
    pieces: list[str] = []
    _write(body, pieces)
    blocks = []
    for block in "".join(pieces).split("\0\0"):
        lines = [line(part) for part in block.split("\0")]
        text = "\n".join(one for one in lines if one.strip(" -"))
        if text:
            blocks.append(text)
    return blocks


def _write(element: Any, pieces: list[str], *, is_in_item: bool = False) -> None:
    """Writes an element's text: two NULs stand between blocks, one between lines."""
    tag = element.tag
    if tag == "row":
        cells = (line(" ".join(cell.itertext())) for cell in element.iter("cell"))
        pieces += ["\0\0", ", ".join(filter(None, cells)), "\0\0", element.tail or ""]
        return
    before = after = "" if tag in _INLINE else " " if is_in_item else "\0\0"
    if tag == "item":
        before, after = "\0- ", ""
    elif tag == "list" and is_in_item:
        # What stands behind a list within an item is an item, too.
        before, after = "", "\0- "
    pieces += [before, element.text or ""]
    for inner in element:
        _write(inner, pieces, is_in_item=is_in_item or tag == "item")
    pieces += [after, element.tail or ""]
