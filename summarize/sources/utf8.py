"""Strict UTF-8: decodes files, and explains what is wrong with those that are something else."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path

from summarize.errors import InputError
from summarize.sources.charsets import BYTE_ORDER_MARKS

_WANTED = "give the text of an article"


def read_utf8(path: Path, *, wanted: str = _WANTED) -> str:
    """Returns the text of a file; `wanted` is the hint where the file holds no text.

    Raises:
        InputError: the file is missing, a folder, unreadable, empty, binary or not UTF-8.
    """
    return decode_utf8(read_bytes(path), display_name(path), wanted=wanted)


def read_bytes(path: Path) -> bytes:
    """Returns what is in a file.

    Raises:
        InputError: the file is missing, a folder or unreadable.
    """
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise cannot_read(display_name(path), error) from error


def decode_utf8(data: bytes, name: str, *, wanted: str = _WANTED) -> str:
    """Returns the text of bytes that have to be UTF-8.

    Args:
        data: the bytes.
        name: what they are called in messages.
        wanted: the hint where they are empty or binary.

    Raises:
        InputError: they are empty, binary or not UTF-8.
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
        hint = (
            "convert it: iconv -f WINDOWS-1252 -t UTF-8, with WINDOWS-1254 for Turkish, or"
            " whatever it was saved in"
        )
        where = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        raise InputError(f"{name}: is not UTF-8 ({where})", hint=hint) from None
    if is_blank(text):
        raise InputError(f"{name}: is empty", hint=wanted)
    return text


def bom_encoding(data: bytes) -> str | None:
    """Returns the encoding that a byte order mark names, unless it is UTF-8."""
    marked = (encoding.upper() for mark, encoding in BYTE_ORDER_MARKS if data.startswith(mark))
    return next((encoding for encoding in marked if encoding != "UTF-8-SIG"), None)


def is_blank(text: str) -> bool:
    """Whether a text has nothing but white space."""
    return not text.strip("\ufeff \t\r\n")


def check_text(text: str, name: str = "the text") -> None:
    """Checks that a string can be the text of an article; `name` is what messages call it.

    Raises:
        InputError: it is blank, or holds a lone surrogate.
    """
    if is_blank(text):
        raise InputError(f"{name} is empty", hint=_WANTED)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        why = f"{name} holds half a character (a lone surrogate) at offset {error.start}"
        raise InputError(why, hint="decode it again from where it came") from None


def cannot_read(name: str, error: OSError | ValueError) -> InputError:
    """Returns the error that says why the file called `name` cannot be read."""
    if isinstance(error, FileNotFoundError):
        return InputError(f"{name}: no such file", hint="check the path")
    if isinstance(error, IsADirectoryError):
        return InputError(
            f"{name}: is a folder", hint=f"name the files in it, such as {name}/*.txt"
        )
    # A path with a null character is a ValueError.
    why = error.strerror if isinstance(error, OSError) else error
    return InputError(f"{name}: cannot be read ({why})", hint="check the path and who may read it")


def display_name(path: str | PathLike[str]) -> str:
    """Returns a path as text that UTF-8 can encode: the name of a file may be any bytes."""
    return replace_surrogates(os.fspath(path))


def replace_surrogates(text: str) -> str:
    """Returns a string with U+FFFD for each lone surrogate."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
