"""Where articles come from: files and standard input."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from summarize.article import Article
from summarize.errors import InputError

__all__ = ["STANDARD_INPUT", "read_file", "read_standard_input", "read_text"]

STANDARD_INPUT = "-"

# Longest first: UTF-32's mark begins with UTF-16's.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def read_file(path: Path) -> Article:
    """The article in a text file, every character as it is, line ends and byte order mark too.

    Raises:
        InputError: the file is missing, no file, not readable, empty, binary or not UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file", hint="check the path") from None
    except IsADirectoryError:
        hint = f"name its files, such as {path}/*.txt"
        raise InputError(f"{path}: is a folder", hint=hint) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    return Article(_decoded(data, str(path)), id=path.stem, source=str(path))


def read_standard_input() -> Article:
    """The article on standard input.

    Raises:
        InputError: it is empty, binary or not UTF-8.
    """
    data = sys.stdin.buffer.read()
    return Article(_decoded(data, "standard input"), id="stdin")


def read_text(text: str) -> Article:
    """An article that is a string. Its id is the start of its hash.

    Raises:
        InputError: it is blank.
    """
    if not text.strip():
        raise InputError("the text is empty", hint="give the text of an article")
    return Article.of(text)


def _decoded(data: bytes, name: str) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            raise InputError(
                f"{name}: is {encoding}, not UTF-8",
                hint=f"convert it: iconv -f {encoding} -t UTF-8",
            )
    if b"\0" in data:
        raise InputError(f"{name}: is binary, not text", hint="give the text of an article")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: is not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start})",
            hint="convert it: iconv -f ENCODING -t UTF-8, where ENCODING may be WINDOWS-1252",
        ) from None
    if not text.strip("\ufeff \t\r\n"):
        raise InputError(f"{name}: is empty", hint="give the text of an article")
    return text
