"""Where articles come from: files of text or HTML, standard input, addresses."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from summarize.article.article import Article
from summarize.errors import InputError
from summarize.sources.charsets import WIDE_MARKS, decode

__all__ = [
    "PAGES",
    "STANDARD_INPUT",
    "check_text",
    "decoded",
    "foreign_encoding",
    "name_of",
    "read_file",
    "read_standard_input",
    "read_text",
    "read_url",
    "read_utf8",
    "unreadable",
    "whole_characters",
]

STANDARD_INPUT = "-"
PAGES = frozenset({".html", ".htm", ".xhtml"})
"""What the names of files of HTML end in."""

_WANTED = "give the text of an article"


def read_file(path: Path) -> Article:
    """The article in a file of text or HTML.

    Of text every character is as it is, line ends and byte order mark too; of a page the article
    is its main text. A file is a page if its name or its beginning says so and it has a tag.

    Raises:
        InputError: the file is missing, no file, not readable, empty, binary or not UTF-8, or it is
            a page without an article.
    """
    name, id_ = name_of(str(path)), name_of(path.stem)
    data = _bytes_of(path)
    if _is_page(data, is_named=path.suffix.lower() in PAGES):
        return Article.from_html(decode(data), id=id_, source=name)
    return Article(decoded(data, name), id=id_, source=name)


def read_utf8(path: Path, *, wanted: str = _WANTED) -> str:
    """The text of a file; `wanted` tells the user what the file should have been.

    Raises:
        InputError: the file is missing, no file, not readable, empty, binary or not UTF-8.
    """
    return decoded(_bytes_of(path), name_of(str(path)), wanted=wanted)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise unreadable(name_of(str(path)), error) from error


def unreadable(name: str, error: OSError | ValueError) -> InputError:
    """Why the file called `name` cannot be read."""
    match error:
        case FileNotFoundError():
            return InputError(f"{name}: no such file", hint="check the path")
        case IsADirectoryError():
            hint = f"name the files in it, such as {name}/*.txt"
            return InputError(f"{name}: is a folder", hint=hint)
        case OSError():
            why = f"{name}: cannot be read ({error.strerror})"
            return InputError(why, hint="check the path and who may read it")
    # A null character.
    return InputError(f"{name!r}: is no path", hint="check the path")


def read_standard_input() -> Article:
    """The article on standard input, text or HTML.

    Raises:
        InputError: it is empty, binary or not UTF-8, or a page without an article.
    """
    # Python has none where the shell closed it.
    if sys.stdin is None:
        raise InputError("standard input: is closed", hint=_WANTED)
    data = sys.stdin.buffer.read()
    if _is_page(data):
        return Article.from_html(decode(data), id="stdin")
    return Article(decoded(data, "standard input"), id="stdin")


def read_url(url: str, *, allow_private: bool = False, timeout: float | None = None) -> Article:
    """The article at an address: the main text of a page, or a text as it is.

    Its summary carries the text, for it may be another one tomorrow. Read it before a recording or
    a replay begins: those take hold of every request of the process.

    Args:
        url: with http or https.
        allow_private: whether it may be on this machine or in a private network.
        timeout: seconds for all of it; None for 30.

    Raises:
        InputError: it cannot be fetched, or there is no article there; `retryable` where it may
            work later.
    """
    from summarize.sources.fetching import fetch

    fetched = fetch(url, allow_private=allow_private, timeout=timeout)
    name = whole_characters(url)
    id_ = _id_of(name)
    if fetched.media_type != _PLAIN and (fetched.media_type or _is_page(fetched.data)):
        # Its outlet is where it was in the end; it is known by the address that was given.
        page = decode(fetched.data, fetched.charset)
        return Article.from_html(page, fetched.address, id=id_, source=name)
    if b"\0" in fetched.data and not foreign_encoding(fetched.data):
        raise InputError(f"{name}: is binary, not text", hint=_WANTED)
    text = decode(fetched.data, fetched.charset)
    check_text(text, f"{name}: the text")
    return Article(text, id=id_, source=name, is_carried=True)


_PLAIN = "text/plain"


def _id_of(url: str) -> str:
    """What an article is called by its address: the last part of the path, or else the host."""
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
# Byte order marks, and the other half of characters of ASCII in UTF-16.
_NO_ASCII = re.compile(rb"^[\xef\xbb\xbf\xfe\xff]{2,3}|\0")


def _is_page(data: bytes, *, is_named: bool = False) -> bool:
    """Whether bytes are a page of HTML; `is_named` where their name says so."""
    if is_named:
        return bool(_TAG.search(data.replace(b"\0", b"")))
    return bool(_PAGE.match(_NO_ASCII.sub(b"", data[:_BEGINNING])))


def read_text(text: str) -> Article:
    """An article that is a string. Its id is the start of its hash.

    Raises:
        InputError: it is blank, or holds half a character.
    """
    check_text(text)
    return Article.of(text)


def check_text(text: str, name: str = "the text") -> None:
    """Checks that a string can be an article's text; `name` tells the user which.

    Raises:
        InputError: it is blank, or holds half a character.
    """
    if not text.strip("\ufeff \t\r\n"):
        raise InputError(f"{name} is empty", hint=_WANTED)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"{name} holds half a character (a lone surrogate) at offset {error.start}",
            hint="decode it again from where it came",
        ) from None


def name_of(path: str) -> str:
    """A path as text: a file's name may be any bytes, a summary is UTF-8."""
    try:
        return os.fsencode(path).decode("utf-8", errors="replace")
    except UnicodeEncodeError:  # no file's name
        return whole_characters(path)


def whole_characters(text: str) -> str:
    """A string that UTF-8 can encode: with U+FFFD for each half of a character."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def foreign_encoding(data: bytes) -> str | None:
    """The encoding that a byte order mark says, where it is not UTF-8."""
    marked = (encoding.upper() for mark, encoding in WIDE_MARKS if data.startswith(mark))
    return next(marked, None)


def decoded(data: bytes, name: str, *, wanted: str = _WANTED, file: str = "") -> str:
    """The text that bytes hold.

    Args:
        data: the bytes.
        name: tells the user what they are.
        wanted: tells the user what they should have been.
        file: what to convert if they are in another encoding; `name` unless given.

    Raises:
        InputError: they are empty, binary or not UTF-8.
    """
    if encoding := foreign_encoding(data):
        hint = _conversion(file or name, encoding)
        raise InputError(f"{name}: is {encoding}, not UTF-8", hint=hint)
    if b"\0" in data:
        raise InputError(f"{name}: is binary, not text", hint=wanted)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Encodings of one byte a character cannot be told apart for sure.
        raise InputError(
            f"{name}: is not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start})",
            hint=_conversion(file or name, "WINDOWS-1252")
            + ", with WINDOWS-1254 for Turkish, or whatever it was saved in",
        ) from None
    if not text.strip("\ufeff \t\r\n"):
        raise InputError(f"{name}: is empty", hint=wanted)
    return text


def _conversion(name: str, encoding: str) -> str:
    file = "" if name == "standard input" else f" {name!r}"
    return f"convert it: iconv -f {encoding} -t UTF-8{file}"
