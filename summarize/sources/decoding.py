"""Decodes bytes: strict UTF-8 and JSON of files, with what is wrong, and pages in any encoding."""

from __future__ import annotations

import codecs
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from os import PathLike
from pathlib import Path

from summarize.errors import InputError

_WANTED = "give the text of an article"
# UTF-32's begins with UTF-16's, so it comes first.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)

# Files


def read_utf8(path: Path, *, wanted: str = _WANTED) -> str:
    """Returns the text of a file, as `decode_utf8`; raises an `InputError` if it is not there."""
    return decode_utf8(read_bytes(path), display_name(path), wanted=wanted)


def read_bytes(path: Path) -> bytes:
    """Returns what is in a file; raises an `InputError` where it cannot be read."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise cannot_read(display_name(path), error) from error


def cannot_read(name: str, error: OSError | ValueError) -> InputError:
    """Returns the error that says why the file called `name` cannot be read."""
    if isinstance(error, FileNotFoundError):
        return InputError(f"{name}: no such file", hint="check the path")
    if isinstance(error, IsADirectoryError):
        hint = f"name the files in it, such as {name}/*.txt"
        return InputError(f"{name}: is a folder", hint=hint)
    # A path with a null character is a ValueError.
    why = error.strerror if isinstance(error, OSError) else error
    return InputError(f"{name}: cannot be read ({why})", hint="check the path and who may read it")


def display_name(path: str | PathLike[str]) -> str:
    """Returns a path as text that UTF-8 can encode: the name of a file may be any bytes."""
    return replace_surrogates(os.fspath(path))


def replace_surrogates(text: str) -> str:
    """Returns a string with U+FFFD for each lone surrogate."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# Strict UTF-8


def decode_utf8(data: bytes, name: str, *, wanted: str = _WANTED) -> str:
    """Returns the text of bytes that have to be UTF-8.

    Raises:
        InputError: they are empty, binary or not UTF-8. It calls them by `name`, and says what is
            `wanted`.
    """
    if encoding := bom_encoding(data):
        hint = f"convert it: iconv -f {encoding} -t UTF-8"
        raise InputError(f"{name}: is {encoding}, not UTF-8", hint=hint)
    if b"\0" in data:
        raise InputError(f"{name}: is binary, not text", hint=wanted)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Single-byte encodings cannot be told apart for sure.
        hint = "convert it: iconv -f WINDOWS-1252 -t UTF-8, with WINDOWS-1254 for Turkish, or "
        hint += "whatever it was saved in"
        where = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        raise InputError(f"{name}: is not UTF-8 ({where})", hint=hint) from None
    if _is_blank(text):
        raise InputError(f"{name}: is empty", hint=wanted)
    return text


def bom_encoding(data: bytes) -> str | None:
    """Returns the encoding that a byte order mark names, unless it is UTF-8."""
    return next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)


def check_text(text: str, name: str = "the text") -> None:
    """Checks that a string can be the text of an article; `name` is what messages call it.

    Raises:
        InputError: it is blank, or holds a lone surrogate.
    """
    if _is_blank(text):
        raise InputError(f"{name} is empty", hint=_WANTED)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        why = f"{name} holds half a character (a lone surrogate) at offset {error.start}"
        raise InputError(why, hint="decode it again from where it came") from None


def _is_blank(text: str) -> bool:
    return not text.strip("\ufeff \t\r\n")


# JSON


def filled_lines(stream: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yields the lines of a binary file that are not blank, with their numbers.

    A byte order mark, with which some editors begin a file, is no part of the first.
    """
    for number, line in enumerate(stream, start=1):
        bare = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if bare and not bare.isspace():
            yield number, bare


def parse_line(line: bytes, name: str, *, hint: str) -> object:
    """Returns the value of a line of JSON, as `parse_json`, and as `decode_utf8` of its bytes."""
    return parse_json(decode_utf8(line.rstrip(b"\r\n"), name, wanted=hint), name, hint)


def parse_json(text: str, name: str, hint: str) -> object:
    """Returns the value of a text of JSON.

    Raises:
        InputError: it is not JSON. It calls the text by `name`, and says what to write instead.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        what = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
        line = f"line {error.lineno}, " if "\n" in text else ""
        why = f"is not JSON ({what} at {line}column {error.colno})"
    except RecursionError:
        why = "is nested too deeply"
    except ValueError:
        why, hint = "holds a number of too many digits", "make it a string"
    raise InputError(f"{name}: {why}", hint=hint)


# Pages and texts of the Web

# Labels that mean a larger character set on the Web: https://encoding.spec.whatwg.org
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    # A label that could be read is not in one of these.
    "utf-16": "utf-8",
    "utf-32": "utf-8",
}
# In the bytes within which browsers look for what a page says of its encoding.
_LABEL = re.compile(
    rb"""<(?:\?xml|meta)\b[^>]{0,400}?(?:encoding|charset)\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_HEAD = 1024


def decode_page(data: bytes, declared: str | None = None) -> str:
    """Returns the text of a page.

    Its encoding is that of a byte order mark; UTF-8 if the bytes are that; what the server declared
    or else the page itself; or a guess.
    """
    if encoding := bom_encoding(data):
        return data.decode(encoding, errors="replace")
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", errors="replace")
    # Text in another encoding is never UTF-8 by chance, unless it is all ASCII; servers, however,
    # declare ISO 8859-1 for pages of any kind.
    if not data.isascii():
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8")
    in_page = _LABEL.search(data[:_HEAD])
    for label in (declared, in_page and in_page[1].decode("ascii"), "utf-8"):
        if label and (text := _decode_mostly(data, label)) is not None:
            return text.removeprefix("\ufeff")
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return str(best) if best else data.decode("utf-8", errors="replace")


def _decode_mostly(data: bytes, label: str) -> str | None:
    """Returns the text if most of what is not ASCII can be read in an encoding."""
    try:
        name = codecs.lookup(label.strip().removeprefix("x-")).name
        text = data.decode(_MEANT.get(name, name), errors="replace")
    # Some codecs of Python's are not of text.
    except (LookupError, ValueError):
        return None
    # One broken byte does not make a page another encoding's. In a wrong encoding, by contrast,
    # nearly every character is broken: in Turkish of windows-1254, taken for UTF-8, all are.
    wrong = text.count("\ufffd")
    right = sum(not character.isascii() for character in text) - wrong if wrong else 0
    return text if 2 * wrong <= right else None
