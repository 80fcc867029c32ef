"""Reads JSON lines; for all that do: records, results of batches, summaries."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator

from summarize.errors import InputError
from summarize.sources.utf8 import decode_utf8


def filled_lines(stream: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yields the lines of a binary file that are not blank, with their numbers.

    A byte order mark, with which some editors begin a file, is no part of the first.
    """
    for number, line in enumerate(stream, start=1):
        bare = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if bare and not bare.isspace():
            yield number, bare


def parse_line(line: bytes, name: str, *, hint: str) -> object:
    """Returns the value of a line.

    Args:
        line: its bytes.
        name: what messages call it.
        hint: what to write instead.

    Raises:
        InputError: it is not UTF-8, or not JSON.
    """
    return parse_json(decode_utf8(line.rstrip(b"\r\n"), name, wanted=hint), name, hint)


def parse_json(text: str, name: str, hint: str) -> object:
    """Returns the value of a text of JSON; `name` and `hint` are as in `parse_line`.

    Raises:
        InputError: it is not JSON.
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
