"""Puts every word of a page in a paragraph, an item, a heading or a cell.

trafilatura drops words in elements that it does not expect: a date in a `<time>`, a sentence in a
`<div>` beside paragraphs.
"""

from __future__ import annotations

from typing import Any

from summarize.webpages.tree import HEADINGS, is_sentence, length, linked, shown

# What holds words, and not blocks.
_LINES = HEADINGS | {"p", "pre", "dt", "figcaption", "caption"}
_HOLDERS = frozenset(
    "body main article section div header hgroup blockquote center fieldset details".split()
)
# What holds words or blocks, or is no part of a text.
_BLOCKS = (
    _LINES
    | _HOLDERS
    | frozenset(
        "ul ol li dl dd table thead tbody tfoot tr td th nav aside footer form figure iframe script"
        " style head title meta link button select textarea svg video audio object hr".split()
    )
)
_INLINE = frozenset(
    "span time output label data abbr acronym cite small big bdi bdo q mark u font ins kbd samp var"
    " dfn wbr nobr tt".split()
)
# Inline elements that trafilatura keeps, unless their names say that they are something else.
_KEPT = frozenset("a b i em strong sub sup code".split())
# Characters of a cell that is no datum.
_LONG_CELL = 500


def flattened(tree: Any) -> Any:
    """Returns the tree with all text in paragraphs, items of lists, headings and cells."""
    from lxml import etree

    for element in list(tree.iter(etree.Element)):
        # Elements of a site's own have a hyphen in their name.
        if "-" in element.tag or element.tag in _INLINE or element.tag in _KEPT:
            is_own = "-" in element.tag
            has_blocks = any(inner.tag in _BLOCKS for inner in element.iterdescendants())
            if has_blocks or (is_own and is_sentence(shown(element), 0)):
                element.tag = "div"
            elif is_own:
                element.tag = "span"
        elif element.tag == "fieldset" or (
            element.tag == "figure" and element.find(".//blockquote") is not None
        ):
            element.tag = "div"
        elif element.tag == "table" and _is_layout(element):
            for part in element.iter("table", "tbody", "tr", "td", "th"):
                part.tag = "div"
    for form in list(tree.iter("form")):
        # Some systems put whole pages in one.
        if 2 * length(form) > length(tree):
            form.tag = "div"
    for br in list(tree.iter("br")):
        _join_lines(br)
    for holder in list(tree.iter(*_HOLDERS)):
        _wrap(holder)
    for element in list(tree.iter(*_LINES, "li", "dd", "td", "th")):
        etree.strip_tags(element, *_INLINE)
        for inner in element.iterdescendants(*_KEPT):
            unname(inner)
    return tree


def unname(element: Any) -> None:
    """Leaves trafilatura nothing to judge an element by but its words."""
    for name in ("class", "id", "itemprop", "role", "style"):
        element.attrib.pop(name, None)


def _is_layout(table: Any) -> bool:
    """Whether a table holds the page together, and no data."""
    cells = table.iterdescendants("td", "th")
    return table.find(".//table") is not None or any(length(cell) > _LONG_CELL for cell in cells)


def _join_lines(br: Any) -> None:
    """Leaves no end of a line within a sentence or a heading."""
    br.tail = f" {br.tail or ''}"
    if br.tail.strip()[:1].islower() or br.getparent().tag in HEADINGS:
        br.drop_tag()


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
    for child in children:
        tail, child.tail = child.tail, None
        if child.tag in _BLOCKS:
            child.addprevious(paragraph)
            _unwrap_empty(paragraph)
            paragraph = html.Element("p")
            paragraph.text = tail
        else:
            paragraph.append(child)
            child.tail = tail
    holder.append(paragraph)
    _unwrap_empty(paragraph)


def _unwrap_empty(paragraph: Any) -> None:
    if not _says_something(paragraph):
        paragraph.drop_tag()


def _says_something(element: Any) -> bool:
    """Whether an element has words, and they are no list of links."""
    words, in_links = shown(element), linked(element)
    return bool(words) and (in_links * 2 <= len(words) or is_sentence(words, in_links))
