"""A page's tree with every word in a paragraph, an item, a heading or a cell.

What finds articles in pages throws words away that stand in elements it does not expect: a date in
a `<time>`, a sentence in a `<div>` beside paragraphs. So all is made paragraphs before.
"""

from __future__ import annotations

import re
from typing import Any

from summarize.webpages.styles import declarations
from summarize.webpages.tree import HEADINGS, is_sentence, length, shown, unname

__all__ = ["plain"]

# What holds words, and not blocks.
_LINES = HEADINGS | {"p", "pre", "dt", "figcaption", "caption"}
_HOLDERS = frozenset(
    "body main article section div header hgroup blockquote center td th li dd details".split()
)
_LISTS = frozenset("ul ol dl table thead tbody tfoot tr".split())
# What is no part of a text.
_APART = frozenset(
    "nav aside footer form figure iframe script style head title meta link button select textarea"
    " svg video audio object hr".split()
)
_BLOCKS = _LINES | _HOLDERS | _LISTS | _APART
_INLINE = (
    *("span", "time", "output", "label", "data", "abbr", "acronym", "cite", "small", "big", "bdi"),
    *("bdo", "q", "mark", "u", "font", "ins", "kbd", "samp", "var", "dfn", "wbr", "nobr", "tt"),
)
# Inline elements that trafilatura keeps, unless their names say that they are something else.
_KEPT = frozenset("a b i em strong sub sup code".split())
_WITHIN = frozenset(_INLINE) | _KEPT
# Names, whole, of what stands between a headline and a body.
_LEAD = re.compile(
    r"(?:article[-_])?(?:lead|lede|intro|standfirst|deck|dek|subtitle|subhead|summary|ingress)",
    re.IGNORECASE,
)
# Characters of a line that is full, and so may have been broken within a sentence.
_WRAPPED = 40
# Characters of a cell that is no datum.
_LONG_CELL = 300


def plain(tree: Any) -> Any:
    """The tree with all text in paragraphs, items of lists, headings and cells."""
    from lxml import etree

    for element in list(tree.iter(etree.Element)):
        _rename(element)
    # What they hide is gone, and what trafilatura reads in them is not what browsers do.
    etree.strip_attributes(tree, "style")
    for form in list(tree.iter("form")):
        # Some systems put whole pages in one.
        if 2 * length(form) > length(tree):
            form.tag = "div"
    for br in list(tree.iter("br")):
        _space(br)
    for table in list(tree.iter("table")):
        _simplify(table)
    for element in list(tree.iter(*_HOLDERS)):
        _wrap(element)
    for element in list(tree.iter(*_LINES, "li", "dd", "td", "th")):
        # In C, and all at once.
        etree.strip_tags(element, *_INLINE)
        for inner in element.iterdescendants(*_KEPT):
            unname(inner)
    return tree


def _rename(element: Any) -> None:
    """What is not known, or thrown away where it stands, under a plainer name."""
    tag = element.tag
    is_lead = tag == "aside" and any(map(_LEAD.fullmatch, element.get("class", "").split()))
    if is_lead or (tag == "figure" and element.find(".//blockquote") is not None):
        element.tag = "div"
    elif tag in {"cite", "footer"} and element.getparent() is not None:
        if element.getparent().tag == "blockquote":
            element.tag = "p"
    elif tag in {"button", "math"} and _is_in_line(element, on_both_sides=True):
        element.tag = "span"
    elif tag == "fieldset":
        element.tag = "div"
    elif "-" in tag and length(element):
        element.tag = "span" if _is_in_line(element) else "div"
    elif tag in _WITHIN and _is_block(element):
        element.tag = "div"


def _is_in_line(element: Any, *, on_both_sides: bool = False) -> bool:
    """Whether it stands among the words of a line."""
    before = element.getprevious()
    beside = element.getparent().text if before is None else before.tail
    sides = [bool(text and text.strip()) for text in (beside, element.tail)]
    if on_both_sides:
        return all(sides)
    return any(sides) or any(up.tag in _LINES for up in element.iterancestors())


def _is_block(element: Any) -> bool:
    """Whether an inline element holds blocks, or is shown as one."""
    if next(element.iterdescendants(*_LINES, *_HOLDERS, *_LISTS), None) is not None:
        return True
    shown_as = declarations(element.get("style", "")).get("display")
    return shown_as in {"block", "flex", "grid"} and not _is_in_line(element)


def _simplify(table: Any) -> None:
    """Makes divisions of a table that holds the page together, and plain cells in one of data."""
    from lxml import etree

    cells = list(table.iter("td", "th"))
    long = [cell for cell in cells if length(cell) > _LONG_CELL]
    filled = [cell for cell in cells if shown(cell)]
    is_layout = (
        next(table.iterdescendants("table"), None) is not None
        or (len(long) * 2 >= len(filled) if filled else False)
        or any(next(cell.iter("h1", "h2"), None) is not None for cell in cells)
    )
    if is_layout:
        rows = table.iterdescendants("tr", "tbody", "thead", "tfoot", "caption")
        for element in (table, *list(rows), *cells):
            element.tag = "div"
        return
    for caption in table.findall("caption"):
        caption.tag = "p"
        table.addprevious(caption)
    for cell in cells:
        for inner in cell.iterdescendants():
            if inner.tag in _BLOCKS or inner.tag == "br":
                inner.tail = f" {inner.tail or ''}"
        etree.strip_tags(cell, *(_BLOCKS - {"td", "th"}), "br")


def _wrap(holder: Any) -> None:
    """Puts text that stands beside blocks in paragraphs of its own."""
    children = list(holder)
    has_blocks = any(child.tag in _BLOCKS for child in children)
    if not has_blocks:
        if holder.tag in {"div", "section", "center"}:
            holder.tag = "p" if _says_something(holder) else holder.tag
        elif holder.tag in {"body", "main", "article", "header", "blockquote", "details"}:
            _into_paragraphs(holder, children)
        return
    if holder.tag in {"li", "dd", "td", "th"}:
        return
    _into_paragraphs(holder, children)


def _into_paragraphs(holder: Any, children: list[Any]) -> None:
    paragraph = _begun(holder.text)
    holder.text = None
    for child in children:
        is_break = child.tag == "br" and _is_doubled(child)
        if child.tag in _BLOCKS or is_break:
            _put_before(child, paragraph)
            paragraph = _begun(child.tail)
            child.tail = None
        else:
            tail = child.tail
            child.tail = None
            paragraph = paragraph if paragraph is not None else _begun("", is_wanted=True)
            paragraph.append(child)
            child.tail = tail
    if paragraph is not None:
        holder.append(paragraph)
        if not _says_something(paragraph):
            paragraph.drop_tag()


def _is_doubled(br: Any) -> bool:
    """Whether another line break follows at once."""
    following = br.getnext()
    return following is not None and following.tag == "br" and not (br.tail or "").strip()


def _space(br: Any) -> None:
    """Leaves a space where a line ends, and no end of a line within a sentence or a heading."""
    br.tail = f" {br.tail or ''}"
    before = br.getprevious()
    ended = (before.tail or "" if before is not None else br.getparent().text or "").rstrip()
    follows = br.tail.strip()
    # A sentence goes on; in lists of names and in addresses, lines have no such end.
    is_wrapped = len(ended) >= _WRAPPED and ended[-1].isalnum() and is_sentence(follows, 0)
    is_within = ended.endswith(",") or follows[:1].islower() or is_wrapped
    if (ended and follows and is_within) or br.getparent().tag in HEADINGS:
        br.drop_tag()


def _begun(text: str | None, *, is_wanted: bool = False) -> Any:
    from lxml import html

    if not is_wanted and not (text or "").strip():
        return None
    paragraph = html.Element("p")
    paragraph.text = text
    return paragraph


def _put_before(child: Any, paragraph: Any) -> None:
    if paragraph is not None:
        child.addprevious(paragraph)
        if not _says_something(paragraph):
            paragraph.drop_tag()


def _says_something(element: Any) -> bool:
    """Whether it has words, and they are no list of links."""
    words = shown(element)
    linked = sum(length(link) for link in element.iter("a"))
    return bool(words) and (linked * 2 <= len(words) or is_sentence(words, linked))
