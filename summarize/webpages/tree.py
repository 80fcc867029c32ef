"""Parses a page of HTML, takes out what is hidden, and measures the text in its elements."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from summarize.errors import InputError

HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
# The weight of a paragraph that is no byline, and no button.
LONG_PARAGRAPH = 60

# Finding the article takes up to quadratic time: 120,000 elements in one paragraph took 111 s,
# 30,000 take 7. A page of news has some thousand.
_MAX_ELEMENTS = 30_000
# What XML forbids (https://www.w3.org/TR/xml/#charsets), and half characters. Neither lxml nor
# trafilatura takes them, though pages may hold them, as "&#1;" too.
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Of elements and attributes; with "<o:p>" and "<p\">", neither library can go on.
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_SPACES = str.maketrans("\x0b\x0c", "  ")


def parsed(page: str, name: str) -> Any:
    """Returns the tree of a page; None if there is none.

    Args:
        page: HTML of any kind.
        name: tells the user which page.

    Raises:
        InputError: the page is too deep or too large to be read in seconds.
    """
    from lxml import etree, html

    # As bytes: some pages declare another encoding.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        tree = html.document_fromstring(allowed(page).encode(), parser)
    except etree.ParserError:
        return None
    # With huge trees the parser itself goes 2,048 deep.
    is_deep = any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)
    elements = list(islice(tree.iter(), _MAX_ELEMENTS + 1))
    if is_deep or len(elements) > _MAX_ELEMENTS:
        what = "2,048 elements in each other" if is_deep else f"{_MAX_ELEMENTS:,} elements"
        hint = "copy the article's text to a file"
        raise InputError(f"{name}: the page has more than {what}", hint=hint)
    for element in elements:
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
        element.text = element.text and allowed(element.text)
    element.tail = element.tail and allowed(element.tail)


def allowed(text: str) -> str:
    """Returns the characters that XML allows: spaces for what stands for one, no halves."""
    if not _FORBIDDEN.search(text):
        return text
    # Two halves that stand side by side are one character.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _FORBIDDEN.sub("", whole.translate(_SPACES))


def drop(tree: Any, elements: list[Any]) -> None:
    """Takes elements and all comments out of a tree; the text behind them stays."""
    from lxml import etree

    for element in elements:
        element.tag = "dropped"
    # All at once: one by one, each joins the text before it to the text behind it.
    etree.strip_elements(tree, "dropped", etree.Comment, etree.PI, with_tail=False)


# What readers do not see. Neither style sheets nor scripts are read: what only they hide is read.

HIDING_STYLE = re.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d])"
    r"|font-size\s*:\s*(?:0(?![.\d])|1px)|(?<![\w-])color\s*:\s*transparent"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3}"
)
"""Matches in a `style` attribute whose element a browser does not show."""

_NEVER_SEEN = frozenset("template noscript noembed noframes del s strike".split())


def visible(tree: Any) -> Any:
    """Returns the tree without what attributes and styles hide.

    Scripts show some pages once they are loaded: no style hides most of a page.
    """
    whole = length(tree)
    hidden = [
        element
        for element in tree.iterfind("body//*")
        if element.tag in _NEVER_SEEN
        or "hidden" in element.attrib
        or (HIDING_STYLE.search(element.get("style", "")) and 2 * length(element) < whole)
    ]
    drop(tree, hidden)
    return tree


# Text in elements


def line(text: str) -> str:
    """Returns a text on one line, with single spaces."""
    return " ".join(text.split())


def shown(element: Any) -> str:
    """Returns the words of an element on one line."""
    return line("".join(element.itertext()))


def weight(text: str) -> int:
    """Counts bytes of UTF-8: a Chinese character says as much as three Latin ones."""
    return len(text.encode())


def length(element: Any) -> int:
    """Counts characters of text."""
    return sum(map(len, element.itertext()))


def linked(element: Any) -> int:
    """Counts characters of text in links."""
    return sum(map(length, element.iter("a")))


# Ends of sentences, and what may close after them.
_SENTENCE = re.compile(r".*[.!?…。！？؟।][\"'”’»)\]]*", re.DOTALL)
# Characters beside the links of a sentence with links: " and .".
_BESIDE = 3


def is_sentence(element: Any) -> bool:
    """Whether the words of an element make a sentence, and no list of links."""
    words = shown(element)
    return len(words) - linked(element) >= _BESIDE and bool(_SENTENCE.fullmatch(words))


def key(text: str) -> str:
    """Returns the letters and digits of a text: what is the same in every setting of it."""
    return "".join(filter(str.isalnum, text)).casefold()


def says_title(words: str, title: str) -> bool:
    """Whether a heading says the title, which may go on with the outlet; both are keys."""
    return bool(words) and 2 * len(words) > len(title) and title.startswith(words)
