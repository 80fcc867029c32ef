"""One article: from a file of text or HTML, standard input, an address of the Web, or a string."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from summarize.article.article import Article
from summarize.errors import InputError
from summarize.sources.charsets import decode
from summarize.sources.utf8 import (
    bom_encoding,
    cannot_read,
    check_text,
    decode_utf8,
    display_name,
    replace_surrogates,
)

__all__ = [
    "PAGE_SUFFIXES",
    "STANDARD_INPUT",
    "read_file",
    "read_standard_input",
    "read_text",
    "read_url",
]

STANDARD_INPUT = "-"
PAGE_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})

_WANTED = "give the text of an article"


def read_file(path: Path) -> Article:
    """Returns the article in a file of text or HTML.

    Text stays as it is, with its line ends and byte order mark; of a page the article is its main
    text. A file is a page if its suffix or its beginning says so and it has a tag.

    Raises:
        InputError: the file is missing, a folder, unreadable, empty, binary or not UTF-8, or it is
            a page without an article.
    """
    name = display_name(path)
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise cannot_read(name, error) from error
    id_ = display_name(path.stem)
    is_named_page = path.suffix.lower() in PAGE_SUFFIXES
    if _TAG.search(data.replace(b"\0", b"")) if is_named_page else _begins_as_page(data):
        return Article.from_html(decode(data), id=id_, source=name)
    return Article(decode_utf8(data, name), id=id_, source=name)


def read_standard_input() -> Article:
    """Returns the article on standard input, text or HTML.

    Raises:
        InputError: it is closed, empty, binary or not UTF-8, or a page without an article.
    """
    # Python has none where the shell closed it.
    if sys.stdin is None:
        raise InputError("standard input: is closed", hint=_WANTED)
    data = sys.stdin.buffer.read()
    if _begins_as_page(data):
        return Article.from_html(decode(data), id="stdin")
    return Article(decode_utf8(data, "standard input"), id="stdin")


def read_url(url: str, *, allow_private: bool = False, timeout: float | None = None) -> Article:
    """Returns the article at an address: the main text of a page, or a text as it is.

    Its summary carries the text, since the page may change. Call it before a recording or a replay
    begins: those intercept every request of the process.

    Args:
        url: with http or https.
        allow_private: whether it may be on this machine or in a private network.
        timeout: seconds for all of it; 30 by default.

    Raises:
        InputError: it cannot be fetched, or there is no article there; `retryable` where a later
            try may succeed.
    """
    from summarize.sources.fetching import fetch

    fetched = fetch(url, allow_private=allow_private, timeout=timeout)
    name = replace_surrogates(url)
    id_ = _id_of(name)
    if fetched.media_type != "text/plain" and (fetched.media_type or _begins_as_page(fetched.data)):
        # The outlet follows from the address after redirects; the source is the one given.
        page = decode(fetched.data, fetched.charset)
        return Article.from_html(page, fetched.address, id=id_, source=name)
    if b"\0" in fetched.data and not bom_encoding(fetched.data):
        raise InputError(f"{name}: is binary, not text", hint=_WANTED)
    text = decode(fetched.data, fetched.charset)
    check_text(text, f"{name}: the text")
    return Article(text, id=id_, source=name, is_carried=True)


def _id_of(url: str) -> str:
    """Returns the last part of an address's path, or else its host."""
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    if parts.query:
        return f"{last}?{parts.query}"
    return Path(last).stem or parts.hostname or url


# How pages begin, after white space and comments.
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(rb"<[a-zA-Z!/]")
# Bytes within which a page shows that it is one.
_BEGINNING = 4096
# Byte order marks, and the zero bytes of ASCII characters in UTF-16.
_NO_ASCII = re.compile(rb"^[\xef\xbb\xbf\xfe\xff]{2,3}|\0")


def _begins_as_page(data: bytes) -> bool:
    return bool(_PAGE.match(_NO_ASCII.sub(b"", data[:_BEGINNING])))


def read_text(text: str) -> Article:
    """Returns an article that is a string; its id is the start of its hash.

    Raises:
        InputError: it is blank, or holds a lone surrogate.
    """
    check_text(text)
    return Article.of(text)
