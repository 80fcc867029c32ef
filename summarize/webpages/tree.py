"""A page of HTML as a tree, and the measures of text that all who read the tree share."""

from __future__ import annotations

import re
from typing import Any

from summarize.errors import InputError

__all__ = [
    "HEADINGS",
    "allowed",
    "is_sentence",
    "key",
    "length",
    "line",
    "parsed",
    "says_title",
    "shown",
    "unname",
    "weight",
]

HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())

# Of HTML's parser: https://gitlab.gnome.org/GNOME/libxml2, HTML_PARSER_MAX_DEPTH with huge trees.
_MAX_DEPTH = 2048
# What XML forbids (https://www.w3.org/TR/xml/#charsets), and half characters. Neither lxml nor
# trafilatura takes them, though pages may hold them, as "&#1;" too.
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Of elements and attributes; with "<o:p>" and "<p\">", neither library can go on.
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_SPACES = str.maketrans("\x0b\x0c", "  ")
# What takes the room of two characters: https://www.unicode.org/reports/tr11
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f"
    "\uff01-\uff60\U00017000-\U0001b2ff\U00020000-\U0003fffd]"
)


def parsed(page: str, name: str) -> Any:
    """The tree; None if there is none.

    Args:
        page: HTML of any kind.
        name: tells the user which page.

    Raises:
        InputError: its elements are nested so deep that the parser leaves out what follows.
    """
    from lxml import etree, html

    # As bytes: some pages declare another encoding.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        tree = html.document_fromstring(allowed(page).encode(), parser)
    except etree.ParserError:
        return None
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        why = f"{name}: the page's elements are nested more than {_MAX_DEPTH:,} deep"
        raise InputError(why, hint="copy the article's text to a file")
    for element in tree.iter():
        _clean(element)
    return tree


def _clean(element: Any) -> None:
    """Leaves only names and characters that XML allows: references stand for others, too."""
    if isinstance(element.tag, str):
        if not _NAME.fullmatch(element.tag):
            element.tag = "span"
        for name, value in element.items():
            if _FORBIDDEN.search(value) and _NAME.fullmatch(name):
                element.set(name, allowed(value))
        if element.text and _FORBIDDEN.search(element.text):
            element.text = allowed(element.text)
    if element.tail and _FORBIDDEN.search(element.tail):
        element.tail = allowed(element.tail)


def allowed(text: str) -> str:
    """The characters of a text that XML allows: spaces for what stands for one, no halves."""
    if not _FORBIDDEN.search(text):
        return text
    # Two halves that stand side by side are one character.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _FORBIDDEN.sub("", whole.translate(_SPACES))


def line(text: str) -> str:
    """A text on one line, with single spaces."""
    return " ".join(text.split())


def shown(element: Any) -> str:
    """The words of an element on one line."""
    return line("".join(element.itertext()))


def weight(text: str) -> int:
    """Characters, wide ones threefold: what takes the room of two says as much as three."""
    return len(text) if text.isascii() else len(text) + 2 * len(_WIDE.findall(text))


def length(element: Any) -> int:
    """Characters of text."""
    return sum(map(len, element.itertext()))


def unname(element: Any) -> None:
    """Leaves trafilatura nothing to judge an element by but its words."""
    for name in ("class", "id", "itemprop", "role"):
        element.attrib.pop(name, None)


# Ends of sentences, and what may close after them.
_SENTENCE = re.compile(r".*[.!?…。！？؟।][\"'”’»)\]]*", re.DOTALL)
# Characters beside the links of a sentence with links: " and .".
_BESIDE = 3


def is_sentence(words: str, linked: int) -> bool:
    """Whether words of which so many are linked make a sentence, and no list of links."""
    return len(words) - linked >= _BESIDE and bool(_SENTENCE.fullmatch(words))


def key(text: str) -> str:
    """The letters and digits of a text: what is the same in every setting of it."""
    return "".join(filter(str.isalnum, text)).casefold()


def says_title(words: str, title: str) -> bool:
    """Whether a heading says the title, which may go on with the outlet; both are keys."""
    return bool(words) and 2 * len(words) > len(title) and title.startswith(words)
