"""Where articles come from: files and standard input."""

from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path

from summarize.article import Article
from summarize.errors import InputError

__all__ = [
    "STANDARD_INPUT",
    "check_text",
    "decoded",
    "foreign_encoding",
    "name_of",
    "read_file",
    "read_standard_input",
    "read_text",
    "read_utf8",
    "unreadable",
    "whole_characters",
]

STANDARD_INPUT = "-"

# Longest first: UTF-32's mark begins with UTF-16's.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_WANTED = "give the text of an article"


def read_file(path: Path) -> Article:
    """The article in a text file, every character as it is, line ends and byte order mark too.

    Raises:
        InputError: the file is missing, no file, not readable, empty, binary or not UTF-8.
    """
    text = read_utf8(path)
    return Article(text, id=name_of(path.stem), source=name_of(str(path)))


def read_utf8(path: Path, *, wanted: str = _WANTED) -> str:
    """The text of a file; `wanted` tells the user what the file should have been.

    Raises:
        InputError: the file is missing, no file, not readable, empty, binary or not UTF-8.
    """
    name = name_of(str(path))
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from error
    return decoded(data, name, wanted=wanted)


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
    """The article on standard input.

    Raises:
        InputError: it is empty, binary or not UTF-8.
    """
    # Python has none where the shell closed it.
    if sys.stdin is None:
        raise InputError("standard input: is closed", hint=_WANTED)
    data = sys.stdin.buffer.read()
    return Article(decoded(data, "standard input"), id="stdin")


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
    marked = (encoding for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark))
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
