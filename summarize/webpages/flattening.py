"""Puts every word of a page in a paragraph, an item, a heading or a cell.

trafilatura drops words in elements that it does not expect: a date in a `<time>`, a sentence in a
`<div>` beside paragraphs.
"""

from __future__ import annotations

from typing import Any

from summarize.webpages.tree import HEADINGS, is_sentence, length, linked, shown

_HOLDERS = frozenset(
    "body main article section div header hgroup blockquote center details".split()
)
# What holds words or blocks, or is no part of a text.
_BLOCKS = (
    HEADINGS
    | _HOLDERS
    | frozenset(
        "p pre dt figcaption caption ul ol li dl dd table thead tbody tfoot tr td th nav aside"
        " footer form fieldset figure iframe script style html head title meta link button select"
        " textarea svg video audio object hr".split()
    )
)
# Inline elements that trafilatura keeps, unless their names say that they are something else.
_KEPT = frozenset("a b i em strong sub sup code br img".split())
# Characters of a cell that is no datum.
_LONG_CELL = 500


def flattened(tree: Any) -> Any:
    """Returns the tree with all text in paragraphs, items of lists, headings and cells."""
    from lxml import etree

    whole = length(tree)
    for element in list(tree.iter(etree.Element)):
        if element.tag not in _BLOCKS:
            has_blocks = any(inner.tag in _BLOCKS for inner in element.iterdescendants())
            # Elements of a site's own have a hyphen in their name.
            if has_blocks or ("-" in element.tag and is_sentence(element)):
                element.tag = "div"
            elif element.tag not in _KEPT:
                element.tag = "span"
            else:
                unname(element)
        elif element.tag == "table" and _is_layout(element):
            for part in element.iter("table", "tbody", "tr", "td", "th"):
                part.tag = "div"
        elif element.tag == "form" and 2 * length(element) > whole:
            # Some systems put whole pages in one.
            element.tag = "div"
    for br in list(tree.iter("br")):
        br.tail = f" {br.tail or ''}"
        # No line ends within a sentence or a heading.
        if br.tail.strip()[:1].islower() or br.getparent().tag in HEADINGS:
            br.drop_tag()
    for holder in list(tree.iter(*_HOLDERS)):
        _wrap(holder)
    etree.strip_tags(tree, "span")
    return tree


def unname(element: Any) -> None:
    """Leaves trafilatura nothing to judge an element by but its words."""
    for name in ("class", "id", "itemprop", "role", "style"):
        element.attrib.pop(name, None)


def _is_layout(table: Any) -> bool:
    """Whether a table holds the page together, and no data."""
    cells = table.iterdescendants("td", "th")
    return table.find(".//table") is not None or any(length(cell) > _LONG_CELL for cell in cells)


def _wrap(holder: Any) -> None:
    """Puts text that stands beside blocks in paragraphs of its own."""
    from lxml import html

    children = list(holder)
    if holder.tag in {"div", "section", "center"} and not any(
        child.tag in _BLOCKS for child in children
    ):
        holder.tag = "p" if _says_something(holder) else holder.tag
        return
    paragraph = html.Element("p")
    paragraph.text, holder.text = holder.text, None
    for child in (*children, None):
        if child is not None and child.tag not in _BLOCKS:
            paragraph.append(child)
            continue
        if child is None:
            holder.append(paragraph)
        else:
            child.addprevious(paragraph)
        if not _says_something(paragraph):
            paragraph.drop_tag()
        if child is not None:
            paragraph = html.Element("p")
            paragraph.text, child.tail = child.tail, None


def _says_something(element: Any) -> bool:
    """Whether an element has words, and they are no list of links."""
    words = len(shown(element))
    return words > 0 and (linked(element) * 2 <= words or is_sentence(element))
