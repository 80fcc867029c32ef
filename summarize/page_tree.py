"""A page of HTML as a tree: what readers see of it, with every word in a paragraph.

What finds articles in pages throws words away that stand in elements it does not expect: a date in
a `<time>`, a sentence in a `<div>` beside paragraphs. So all is made paragraphs before.
"""

from __future__ import annotations

import re
from typing import Any

from summarize.errors import InputError

__all__ = ["HEADINGS", "is_sentence", "length", "line", "parsed", "plain", "unname", "visible"]


def parsed(page: str) -> Any:
    """The tree; None if there is none.

    Raises:
        InputError: it is nested so deeply that the parser would leave out the rest.
    """
    from lxml import etree, html

    # Half characters and what no markup may hold. As bytes: some pages declare another encoding.
    whole = page.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
    # Without `huge_tree` it reads 256 levels, with it 2,048 (libxml2 2.14).
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        tree = html.document_fromstring(whole.encode(), parser)
    except etree.ParserError:
        return None
    if any("depth" in error.message for error in parser.error_log if error.level_name == "FATAL"):
        raise InputError("the page is nested too deeply", hint="copy the article's text to a file")
    _clean(tree)
    return tree


# What XML may not hold (https://www.w3.org/TR/xml/#charsets), and HTML may, as references too.
_FORBIDDEN = {
    **dict.fromkeys([*range(0x20), 0xFFFE, 0xFFFF]),
    **{ord(kept): kept for kept in "\t\n\r"},
    **dict.fromkeys([0x0B, 0x0C], " "),
}
_IS_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _clean(tree: Any) -> None:
    """Takes out what the tree can be read with, but not written."""
    from lxml import etree

    for element in tree.iter(etree.Element):
        for name, value in element.attrib.items():
            if _IS_FORBIDDEN.search(value):
                element.set(name, value.translate(_FORBIDDEN))
    for node in tree.iter():
        if node.text and _IS_FORBIDDEN.search(node.text):
            node.text = node.text.translate(_FORBIDDEN)
        if node.tail and _IS_FORBIDDEN.search(node.tail):
            node.tail = node.tail.translate(_FORBIDDEN)


def line(text: str) -> str:
    """A text on one line, with single spaces."""
    return " ".join(text.split())


# What readers do not see, and what is not the page's own. Neither is known for sure without the
# page's style sheets and scripts.

_NEVER_SEEN = frozenset({"template", "noscript", "del", "s", "strike"})
# Classes of most sites' style sheets.
_UNSEEN_CLASSES = frozenset(
    "visuallyhidden visually-hidden sr-only screen-reader screen-reader-text d-none hidden hide"
    " is-hidden u-hidden invisible".split()
)
# As in "hidden md:block" and "d-none d-md-block": shown on other screens.
_SEEN_ELSEWHERE = re.compile(r"\S+:\S+|d-(?:sm|md|lg|xl|xxl|print)-(?!none)\S+")
_ADVERTISEMENT = re.compile(
    r"(?:ads?|adverts?|advertisements?|advertising|sponsored)"
    r"|(?:ads?|advert|advertisement)[-_](?:slot|unit|box|banner|container|wrapper|label|block)\S*",
    re.IGNORECASE,
)
# Characters. Names like "advertising" are given to whole pages, too.
_MAX_ADVERTISEMENT = 500
# Pixels to the side or above, from which nothing is seen.
_OUTSIDE = -900
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SELECTOR = re.compile(r"[.#][\w-]+")


def visible(tree: Any) -> Any:
    """The tree without what its markup hides, and without advertisements.

    That is: the `hidden` attribute, styles of the element's own, simple rules of the page's own
    style sheet, and class names that most sites hide. Where most of the page would go because of
    opacity or class names, these are not believed: some pages are shown by a script once they are
    loaded.
    """
    from lxml import etree

    hidden = _hidden_selectors(tree)
    sure, maybe = [], []
    for element in tree.iter(etree.Element):
        if element.getparent() is None or element.tag in {"html", "body", "head"}:
            continue
        declared = _declarations(element.get("style", ""))
        if _is_unseen(element, declared, hidden) or _is_advertisement(element):
            sure.append(element)
        elif _is_maybe_unseen(element, declared):
            maybe.append(element)
    _drop(tree, sure)
    if 2 * sum(map(length, _outermost(maybe))) < length(tree):
        _drop(tree, maybe)
    return tree


def _outermost(elements: list[Any]) -> list[Any]:
    """Those that are not within others."""
    known = set(elements)
    return [one for one in elements if known.isdisjoint(one.iterancestors())]


def _drop(tree: Any, elements: list[Any]) -> None:
    from lxml import etree

    for element in elements:
        element.tag = "unseen"
    # All at once: one by one, each joins what was before it to what comes after.
    etree.strip_elements(tree, "unseen", etree.Comment, with_tail=False)


def _is_unseen(element: Any, declared: dict[str, str], hidden: frozenset[str]) -> bool:
    if element.tag in _NEVER_SEEN or "hidden" in element.attrib:
        return True
    if hidden and not hidden.isdisjoint(_names(element)):
        return True
    return bool(declared) and _hides(declared)


def _hides(declared: dict[str, str]) -> bool:
    def number(name: str) -> float | None:
        match = _NUMBER.match(declared.get(name, ""))
        return float(match[0]) if match else None

    size = number("font-size") if "font-size" in declared else number("font")
    is_small = size == 0 or (size == 1 and declared.get("font-size", "").endswith("px"))
    is_aside = declared.get("position") in {"absolute", "fixed"} and any(
        (number(side) or 0) <= _OUTSIDE for side in ("left", "top", "right")
    )
    colour = declared.get("color", "").replace(" ", "")
    return (
        declared.get("display") == "none"
        or declared.get("visibility") in {"hidden", "collapse"}
        or is_small
        or is_aside
        or (number("text-indent") or 0) <= _OUTSIDE
        or colour == "transparent"
        or bool(re.fullmatch(r"(?:rgba|hsla)\(.*,0?\.?0+\)", colour))
        or bool(colour and colour == declared.get("background-color", declared.get("background")))
        or bool(re.match(r"rect\(\s*0|rect\(\s*1px", declared.get("clip", "")))
        or declared.get("clip-path", "").startswith(("inset(50%", "inset(100%"))
        or declared.get("transform", "").startswith("scale(0)")
    )


def _is_maybe_unseen(element: Any, declared: dict[str, str]) -> bool:
    opacity = _NUMBER.match(declared.get("opacity", ""))
    if opacity and float(opacity[0]) == 0:
        return True
    classes = element.get("class", "")
    return not _UNSEEN_CLASSES.isdisjoint(classes.lower().split()) and not any(
        map(_SEEN_ELSEWHERE.fullmatch, classes.split())
    )


def _declarations(style: str) -> dict[str, str]:
    """What an element's own style says, by names."""
    if not style:
        return {}
    # A backslash and digits are a character: https://www.w3.org/TR/css-syntax-3/#escaping
    style = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda m: chr(int(m[1], 16) % 0x110000), style)
    style = re.sub(r"/\*.*?\*/", "", style).lower()
    pairs = (part.partition(":") for part in style.split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def _hidden_selectors(tree: Any) -> frozenset[str]:
    """The classes and ids that the page's own style sheet hides everywhere, with dot or hash."""
    found: set[str] = set()
    for style in tree.iter("style"):
        # What holds for some screens only has rules within rules.
        rules = re.sub(r"@[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", style.text or "")
        for selectors, body in _RULE.findall(rules):
            declared = _declarations(body)
            if declared.get("display") == "none" or declared.get("visibility") == "hidden":
                names = (selector.strip() for selector in selectors.split(","))
                found.update(name for name in names if _SELECTOR.fullmatch(name))
    return frozenset(found)


def _names(element: Any) -> list[str]:
    names = [f".{name}" for name in element.get("class", "").split()]
    return [*names, f"#{element.get('id')}"] if element.get("id") else names


def _is_advertisement(element: Any) -> bool:
    # A paragraph of the article may be called anything.
    if element.tag in {"p", "li", "h1", "h2", "h3"}:
        return False
    names = [*element.get("class", "").split(), element.get("id", "")]
    return any(map(_ADVERTISEMENT.fullmatch, names)) and length(element) <= _MAX_ADVERTISEMENT


def length(element: Any) -> int:
    """Characters of text."""
    return sum(map(len, element.itertext()))


# Paragraphs

HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
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
# Characters of a paragraph that is no byline, and no button.
_LONG_PARAGRAPH = 60
# Names, whole, of what stands between a headline and a body.
_LEAD = re.compile(
    r"(?:article[-_])?(?:lead|lede|intro|standfirst|deck|dek|subtitle|subhead|summary|ingress)",
    re.IGNORECASE,
)
# Characters of a cell that is no datum.
_LONG_CELL = 300


def plain(tree: Any) -> Any:
    """The tree with all text in paragraphs, items of lists, headings and cells."""
    from lxml import etree

    for element in list(tree.iter(etree.Element)):
        _rename(element)
    for br in list(tree.iter("br")):
        _space(br)
    for table in list(tree.iter("table")):
        _simplify(table)
    for element in list(tree.iter(*_HOLDERS)):
        _wrap(element)
    for paragraph in tree.iter("p"):
        if length(paragraph) >= _LONG_PARAGRAPH and _is_in_article(paragraph):
            unname(paragraph)
    for element in list(tree.iter(*_LINES, "li", "dd", "td", "th")):
        # In C, and all at once.
        etree.strip_tags(element, *_INLINE)
        for inner in element.iterdescendants(*_KEPT):
            unname(inner)
    return tree


def unname(element: Any) -> None:
    """Leaves trafilatura nothing to judge an element by but its words."""
    for name in ("class", "id", "itemprop", "role"):
        element.attrib.pop(name, None)


def _is_in_article(element: Any) -> bool:
    return any(up.tag in {"article", "main"} for up in element.iterancestors())


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
    elif tag in _WITHIN and not _is_in_line(element) and _is_block(element):
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
    if next(element.iterdescendants(*_BLOCKS), None) is not None:
        return True
    return _declarations(element.get("style", "")).get("display") in {"block", "flex", "grid"}


def _simplify(table: Any) -> None:
    """Makes divisions of a table that holds the page together, and plain cells in one of data."""
    from lxml import etree

    cells = list(table.iter("td", "th"))
    long = [cell for cell in cells if length(cell) > _LONG_CELL]
    filled = [cell for cell in cells if line("".join(cell.itertext()))]
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
    follows = br.tail.lstrip()
    is_within = ended.endswith(",") or follows[:1].islower()
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
    words = line("".join(element.itertext()))
    linked = sum(length(link) for link in element.iter("a"))
    return bool(words) and (linked * 2 <= len(words) or is_sentence(words, linked))


# Ends of sentences, and what may close after them.
_SENTENCE = re.compile(r".*[.!?…。！？؟।][\"'”’»)\]]*", re.DOTALL)
# Characters beside the links of a sentence with links: " and .".
_BESIDE = 3


def is_sentence(words: str, linked: int) -> bool:
    """Whether words of which so many are linked make a sentence, and no list of links."""
    return len(words) - linked >= _BESIDE and bool(_SENTENCE.fullmatch(words))
