"""One article: from a file of text or HTML, standard input, an address of the Web, or a string."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from summarize.article.article import Article
from summarize.errors import InputError
from summarize.sources.decoding import (
    bom_encoding,
    check_text,
    decode_page,
    decode_utf8,
    display_name,
    read_bytes,
    replace_surrogates,
)

STANDARD_INPUT = "-"
PAGE_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})

_WANTED = "give the text of an article"


def is_address(text: str) -> bool:
    """Whether a string is an address of the Web, and no path."""
    return text[:8].lower().startswith(("http://", "https://"))


def read_file(path: Path) -> Article:
    """Returns the article in a file of text or HTML.

    Text stays as it is, with its line ends and byte order mark; of a page the article is its main
    text. A file is a page if its suffix or its beginning says so and it has a tag.

    Raises:
        InputError: the file is missing, a folder, unreadable, empty, binary or not UTF-8, or it is
            a page without an article.
    """
    data = read_bytes(path)
    is_page = _begins_as_page(data)
    if path.suffix.lower() in PAGE_SUFFIXES:
        is_page = bool(_TAG.search(data.replace(b"\0", b"")))
    return _read(data, display_name(path.stem), display_name(path), is_page=is_page)


def read_standard_input() -> Article:
    """Returns the article on standard input, text or HTML.

    Raises:
        InputError: it is closed, empty, binary or not UTF-8, or a page without an article.
    """
    # Python has none where the shell closed it.
    if sys.stdin is None:
        raise InputError("standard input: is closed", hint=_WANTED)
    data = sys.stdin.buffer.read()
    return _read(data, "stdin", None, is_page=_begins_as_page(data))


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

    address, data, media_type, charset = fetch(url, allow_private=allow_private, timeout=timeout)
    name = replace_surrogates(url)
    # The last part of the path, or else the host.
    parts = urlsplit(name)
    last = parts.path.rstrip("/").rpartition("/")[2]
    id_ = f"{last}?{parts.query}" if parts.query else Path(last).stem or parts.hostname or name
    if media_type != "text/plain" and (media_type or _begins_as_page(data)):
        # The outlet follows from the address after redirects; the source is the one given.
        return Article.from_html(decode_page(data, charset), address, id=id_, source=name)
    if b"\0" in data and not bom_encoding(data):
        raise InputError(f"{name}: is binary, not text", hint=_WANTED)
    text = decode_page(data, charset)
    check_text(text, f"{name}: the text")
    return Article(text, id=id_, source=name, is_carried=True)


def read_text(text: str) -> Article:
    """Returns an article that is a string; its id is the start of its hash.

    Raises:
        InputError: it is blank, or holds a lone surrogate.
    """
    check_text(text)
    return Article.of(text)


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


def _read(data: bytes, id_: str, source: str | None, *, is_page: bool) -> Article:
    if is_page:
        return Article.from_html(decode_page(data), id=id_, source=source)
    return Article(decode_utf8(data, source or "standard input"), id=id_, source=source)
