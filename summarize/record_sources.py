"""Where records come from: lines, documents and files of text, each read when its turn comes."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from summarize.errors import InputError
from summarize.record import Place, Placed, Record, array_in, loaded, of_file, of_object
from summarize.sources import PAGES, decoded, foreign_encoding, name_of, read_utf8, unreadable
from summarize.trees import Unreadable

__all__ = ["TAKEN", "Source", "source_at", "source_of", "standard_input"]

_LINES = {".jsonl", ".ndjson"}
_DOCUMENT = ".json"
TAKEN = {".txt", ".md", ".text", *PAGES, _DOCUMENT, *_LINES}
# Bytes. What is in a larger one takes three times as much memory, or with other scripts ten.
_MAX_DOCUMENT = 256_000_000
# Bytes of which it is quickly seen whether they hold an array of objects.
_MAX_COUNTED = 1_000_000


class Source(Protocol):
    """What holds records."""

    def placed(self) -> Iterator[Placed]:
        """The records."""

    def count(self) -> int | None:
        """How many there are, None where nobody knows."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """JSON lines: of a file, a pipe or standard input."""

    name: str
    stem: str
    opened: Callable[[], AbstractContextManager[IO[bytes]]]
    can_be_read_again: bool

    def placed(self) -> Iterator[Placed]:
        file = self.name if self.can_be_read_again else None
        try:
            with self.opened() as stream:
                for number, line in _numbered(stream):
                    if number == 1 and foreign_encoding(line):
                        # Nor are its line ends those of UTF-8.
                        yield self._of_line(line, Place(self.name, self.stem))
                        return
                    name = f"{self.name}, line {number}"
                    yield self._of_line(line, Place(name, f"{self.stem}:{number}", file))
        except OSError as error:
            yield Placed(self.name, Record(self.stem, None, unreadable(self.name, error)))

    def _of_line(self, line: bytes, place: Place) -> Placed:
        hint = 'write one object a line, such as {"text": "…"}'
        try:
            text = decoded(line.rstrip(b"\r\n"), place.name, wanted=hint, file=self.name)
            given = loaded(text, place.name, hint)
        except InputError as error:
            return Placed(place.name, Record(place.id, None, error))
        return Placed(place.name, of_object(given, place))

    def count(self) -> int | None:
        if not self.can_be_read_again:
            return None
        try:
            with self.opened() as stream:
                return sum(1 for _ in _numbered(stream))
        except OSError:
            return 1


def _numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each line that is not blank, with its number."""
    for number, line in enumerate(lines, start=1):
        bare = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if bare and not bare.isspace():
            yield number, bare


@dataclass(frozen=True, slots=True)
class _Document:
    """A JSON file: one object, an array of them, or an object with such an array."""

    path: Path

    def placed(self) -> Iterator[Placed]:
        name, stem = name_of(str(self.path)), name_of(self.path.stem)
        hint = "give an object or an array of objects; one object a line is for .jsonl"
        try:
            self._check_size(name)
            given = loaded(read_utf8(self.path, wanted=hint).removeprefix("\ufeff"), name, hint)
        except InputError as error:
            yield Placed(name, Record(stem, None, error))
            return
        if isinstance(given, Mapping) and (inside := array_in(given)) is not None:
            given = inside
        if not isinstance(given, list):
            yield Placed(name, of_object(given, Place(name, stem, name)))
            return
        for number, item in enumerate(given, start=1):
            place = Place(f"{name}, record {number}", f"{stem}:{number}", name)
            yield Placed(place.name, of_object(item, place))

    def _check_size(self, name: str) -> None:
        with suppress(OSError, ValueError):  # which reading tells in words
            if self.path.stat().st_size > _MAX_DOCUMENT:
                why = f"{name}: is larger than {_MAX_DOCUMENT // 1_000_000} MB"
                raise InputError(why, hint="write one object a line into a .jsonl file")

    def count(self) -> int | None:
        try:
            with self.path.open("rb") as stream:
                start = stream.read(_MAX_COUNTED).removeprefix(codecs.BOM_UTF8).lstrip()
        except OSError:
            return 1
        is_object = start.startswith(b"{") and len(start) < _MAX_COUNTED - len(codecs.BOM_UTF8)
        return 1 if is_object and not _ARRAY.search(start) else None


# What may be an array of objects.
_ARRAY = re.compile(rb"\[\s*[{\]]")


@dataclass(frozen=True, slots=True)
class _TextFile:
    """A file that is an article, as text or HTML."""

    path: Path

    def placed(self) -> Iterator[Placed]:
        yield Placed(name_of(str(self.path)), of_file(self.path))

    def count(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class _UnreadableFolder:
    """A folder within an input that cannot be looked into."""

    path: Path
    error: OSError

    def placed(self) -> Iterator[Placed]:
        name = name_of(str(self.path))
        yield Placed(name, Record(name_of(self.path.name), None, unreadable(name, self.error)))

    def count(self) -> int:
        return 1


def source_of(file: Path | Unreadable) -> Source:
    """What a file in a folder holds, or that a folder cannot be looked into."""
    return source_at(file) if isinstance(file, Path) else _UnreadableFolder(file.path, file.error)


def source_at(path: Path, *, is_regular: bool = True) -> Source:
    """What a file holds, by its ending; JSON lines if it is no regular one, such as a pipe."""
    ending = path.suffix.lower()
    if ending in _LINES or not is_regular:
        name, stem = name_of(str(path)), name_of(path.stem)
        return _Lines(name, stem, lambda: path.open("rb"), can_be_read_again=is_regular)
    return _Document(path) if ending == _DOCUMENT else _TextFile(path)


def standard_input() -> Source:
    """The JSON lines on standard input.

    Raises:
        InputError: the shell has closed it.
    """
    # Python has none where the shell closed it.
    if sys.stdin is None or sys.stdin.closed:
        hint = "give it one JSON object a line, or name a file"
        raise InputError("standard input: is closed", hint=hint)
    # It is not ours to close.
    opened = nullcontext(sys.stdin.buffer)
    return _Lines("standard input", "stdin", lambda: opened, can_be_read_again=False)
