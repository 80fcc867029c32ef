"""The article in a page of HTML: its words without all that stands around them, and its metadata.

Only what readers see counts: text that is hidden from them could be written for a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from summarize.errors import InputError

__all__ = ["Page", "read_page"]

# Characters. Less is what stands on a page that wants scripts, a login or consent first; the
# shortest of the sixteen annotated articles has 1,300.
_MIN_ARTICLE = 100
# Elements. Finding the article takes up to quadratic time: 120,000 elements in one paragraph took
# 111 s, 30,000 take 7. A page of news has some thousand.
_MAX_ELEMENTS = 30_000


@dataclass(frozen=True, slots=True)
class Page:
    """The article in a page.

    Attributes:
        text: its headline and paragraphs, with an empty line between them.
        title, outlet, published: what the page says of itself; None where it does not.
    """

    text: str
    title: str | None
    outlet: str | None
    published: str | None


def read_page(html: str, url: str | None = None, *, name: str = "the page") -> Page:
    """Finds the article in a page.

    Args:
        html: the whole page.
        url: where it is from, if known.
        name: tells the user which page.

    Raises:
        InputError: there is none.
    """
    hint = "if it shows in a browser, save it from there, or copy its text to a file"
    try:
        found = _extracted(html, url, name)
        blocks = list(_blocks(found.body)) if found else []
    except InputError:
        raise
    except Exception as error:  # a page may be anything
        why = f"{name}: the page cannot be read ({type(error).__name__})"
        raise InputError(why, hint=hint) from error
    if sum(map(len, blocks)) < _MIN_ARTICLE:
        raise InputError(f"{name}: no article was found in the page", hint=hint)
    title = _line(found.title or "") or None
    if title:
        # It may stand below what it stands above: a section, an agency.
        key = title.casefold()
        blocks = [title, *(block for block in blocks if block.casefold() != key)]
    return Page("\n\n".join(blocks), title, _outlet(found), found.date)


def _extracted(html: str, url: str | None, name: str) -> Any:
    """What trafilatura finds: `body`, `title`, `sitename`, `hostname`, `date`; None if nothing."""
    import trafilatura

    # Half characters and what no markup may hold.
    whole = html.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
    tree = trafilatura.load_html(whole)
    if tree is None:
        return None
    _drop_unseen(tree)
    if sum(1 for _ in tree.iter()) > _MAX_ELEMENTS:
        why = f"{name}: the page has more than {_MAX_ELEMENTS:,} elements"
        raise InputError(why, hint="copy the article's text to a file")
    _unfold_tables(tree)
    return trafilatura.bare_extraction(
        tree,
        url,
        with_metadata=True,
        include_comments=False,
        # A day that the page gives as its own; any other in it may be that of another page.
        date_extraction_params={"original_date": True, "extensive_search": False},
    )


def _outlet(found: Any) -> str | None:
    host = (found.hostname or "").removeprefix("www.")
    said = _line(found.sitename or "").removeprefix("@") or host
    return said if said and not _NUMERIC_HOST.fullmatch(said) else None


_NUMERIC_HOST = re.compile(r"\d+(?:\.\d+){3}(?::\d+)?|\[?[\da-f]*:[\da-f:]*\]?(?::\d+)?")


# What readers do not see, and what is not the page's own. Neither is known for sure without the
# page's style sheets and scripts.

_NEVER_SEEN = ("template", "noscript")
_UNSEEN_STYLE = re.compile(
    r"display:none|visibility:(?:hidden|collapse)"
    r"|(?:font-size|opacity):0(?:[a-z%]*(?:;|!|$)|\.0*(?:;|$))"
)
# Classes of most sites' style sheets, where they do not show the same on wider screens.
_UNSEEN_CLASS = re.compile(
    r"(?!.*\b(?:sm|md|lg|xl|2xl)[:-])"
    r"(?:.*\s)?(?:visually-?hidden|sr-only|screen-reader(?:-text)?|d-none|hidden)(?:\s|$)",
    re.IGNORECASE | re.DOTALL,
)
_ADVERTISEMENT = re.compile(
    r"(?:^|\s)(?:ads?|adverts?|advertise?ments?|advertising|sponsored|promo)(?:[-_]\S*)?(?:\s|$)",
    re.IGNORECASE,
)
# Characters. Names like "ad-free" are given to whole pages, too.
_MAX_ADVERTISEMENT = 500


def _drop_unseen(tree: Any) -> None:
    for element in list(tree.iter()):
        if element.getparent() is None or element.tag in {"html", "body", "head"}:
            # Some pages are shown by a script once they are loaded.
            continue
        if _is_unseen(element) or _is_advertisement(element):
            element.drop_tree()


def _is_unseen(element: Any) -> bool:
    style = "".join(element.get("style", "").split()).lower()
    return (
        element.tag in _NEVER_SEEN
        or "hidden" in element.attrib
        or bool(style and _UNSEEN_STYLE.search(style))
        or bool(_UNSEEN_CLASS.match(element.get("class", "")))
    )


def _is_advertisement(element: Any) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return bool(_ADVERTISEMENT.search(names)) and not _is_longer(element, _MAX_ADVERTISEMENT)


def _is_longer(element: Any, limit: int) -> bool:
    """Whether an element has more characters of text than that."""
    return any(length > limit for length in accumulate(map(len, element.itertext())))


# Tables that hold the page together, as was done before 2005, and is still in mail.

_BLOCKS = frozenset("p div h1 h2 h3 h4 h5 h6 ul ol table blockquote article section".split())
# Characters of a cell that is no datum.
_MAX_CELL = 300


def _unfold_tables(tree: Any) -> None:
    """Makes plain divisions of tables that hold paragraphs instead of data."""
    for table in list(tree.iter("table")):
        cells = list(table.iter("td", "th"))
        if any(_holds_text(cell) for cell in cells):
            for element in (table, *table.iterchildren("tbody"), *table.iter("tr"), *cells):
                element.tag = "div"


def _holds_text(cell: Any) -> bool:
    is_block = any(inner.tag in _BLOCKS for inner in cell.iterdescendants())
    return is_block or _is_longer(cell, _MAX_CELL)


# What was found, as text


# Elements of trafilatura's that stand within a line.
_INLINE = frozenset({"hi", "ref", "del", "code", "graphic"})


def _blocks(body: Any) -> Iterator[str]:
    """The paragraphs, headings and lists; each item of a list is a line of its own."""
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
        items = (_line("".join(_own(item))) for item in element.iter("item"))
        yield "", True
        yield "\n".join(f"- {item}" for item in items if item), False
        yield "", True
        return
    if element.tag == "row":
        cells = (_line("".join(_own(cell))) for cell in element.iter("cell"))
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


def _own(element: Any) -> Iterator[str]:
    """The text of an item or a cell, but for that of lists within it."""
    yield element.text or ""
    for inner in element:
        around = "" if inner.tag in _INLINE else " "
        yield around
        if inner.tag != "list":
            yield from _own(inner)
        yield f"{around}{inner.tail or ''}"


def _block(pieces: list[str]) -> Iterator[str]:
    """The block of these pieces, if it says anything."""
    whole = "".join(pieces)
    is_list = whole.startswith("- ") and "\n- " in whole
    text = "\n".join(filter(None, map(_line, whole.split("\n")))) if is_list else _line(whole)
    if text:
        yield text


def _line(text: str) -> str:
    return " ".join(text.split())
