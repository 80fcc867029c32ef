"""Files of requests, checked before anything is paid for."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from summarize.batch_files.lines import URL, custom_id
from summarize.batch_files.request_files import MAX_BYTES, MAX_LINES
from summarize.errors import ConfigurationError, InputError
from summarize.sources.utf8 import cannot_read, display_name
from summarize.storage.disk_tables import DiskTables

__all__ = ["CheckedFiles", "hash_of"]

_HINT = "give what summarize requests wrote"
# Lines between two words about how far it is.
_STEP = 1_000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where requests are: the number of their file, and whether they are answered already."""

    file: int
    is_answered: bool


class CheckedFiles:
    """Which requests are in the files of a run; on the disk where they are many.

    Args:
        model: that the requests have to be for.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._names: list[str] = []
        self._ids = DiskTables(
            "the list of requests",
            "asked (id BLOB PRIMARY KEY, file INTEGER, answered INTEGER) WITHOUT ROWID",
        )

    def close(self) -> None:
        """Forgets them."""
        self._ids.close()

    def __contains__(self, id_: str) -> bool:
        return self._ids.row("SELECT 1 FROM asked WHERE id = ?", (_bytes(id_),)) is not None

    def take(self, path: Path, *, is_answered: bool) -> Iterator[int]:
        """Checks a file.

        Args:
            path: of the file.
            is_answered: whether its answers are there. What it shares with others costs nothing.

        Yields:
            How many requests were checked so far, now and then and at the end.

        Raises:
            InputError: it cannot be read, holds something else, or a request twice.
            ConfigurationError: it is too large, its requests are for another model, or in another
                file, too.
        """
        name, number, size = display_name(path), 0, 0
        place = _Place(len(self._names), is_answered)
        self._names.append(name)
        shared = Counter[int]()
        try:
            with path.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    size += len(line)
                    id_ = _checked(line, f"{name}, line {number}", self._model)
                    if (other := self._clash(id_, place)) is not None:
                        shared[other] += 1
                    if number % _STEP == 0:
                        yield number
        except (OSError, ValueError) as error:
            raise cannot_read(name, error) from error
        if not number:
            raise InputError(f"{name}: is empty", hint=_HINT)
        if number > MAX_LINES or size > MAX_BYTES:
            raise ConfigurationError(
                f"{name}: has {number:,} requests and {size:,} bytes; a batch takes "
                f"{MAX_LINES:,} and {MAX_BYTES:,}",
                hint="summarize requests splits them",
            )
        if twice := shared.pop(place.file, 0):
            raise InputError(f"{name}: repeats {twice:,} of its {number:,} requests", hint=_HINT)
        if shared:
            names = ", ".join(self._names[other] for other in sorted(shared))
            raise ConfigurationError(
                f"{name}: {shared.total():,} of its {number:,} requests are in {names}, too, and "
                "would be paid for twice",
                hint="name only one of them, or have summarize requests write them anew",
            )
        yield number

    def _clash(self, id_: str, place: _Place) -> int | None:
        """Takes in a request; the number of the file where it is already, and to be paid for."""
        values = (_bytes(id_), place.file, place.is_answered)
        if self._ids.execute("INSERT OR IGNORE INTO asked VALUES (?, ?, ?)", values):
            return None
        if place.is_answered:
            return None
        replaced = "UPDATE asked SET file = ?, answered = 0 WHERE id = ? AND answered"
        if self._ids.execute(replaced, (place.file, _bytes(id_))):
            return None
        found = self._ids.row("SELECT file FROM asked WHERE id = ?", (_bytes(id_),))
        return int(found[0]) if found else None


def hash_of(path: Path) -> str:
    """The SHA-256 of a file.

    Raises:
        InputError: it cannot be read.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        # It is read again, to be checked and to be sent.
        raise InputError(f"{display_name(path)}: is no file", hint="save the requests to one")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise cannot_read(display_name(path), error) from error


def _bytes(id_: str) -> bytes:
    # Half a character would be no text to the tables.
    return id_.encode("utf-8", "surrogatepass")


def _checked(line: bytes, place: str, model: str) -> str:
    """The id of the request in a line, which others read less kindly than Python does."""
    if line.isspace():
        raise InputError(f"{place}: is blank", hint="take the line out; a batch would not bear it")
    if line.startswith(codecs.BOM_UTF8):
        raise InputError(
            f"{place}: begins with a byte order mark", hint="save it as UTF-8 without one"
        )
    try:
        request = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        request = None
    match request:
        case {"custom_id": str(id_), "method": "POST", "url": url, "body": {"model": str(asked)}}:
            if url != URL or id_ != custom_id(json.dumps(request["body"]).encode()):
                raise InputError(f"{place}: is no request of summarize requests", hint=_HINT)
            if asked != model:
                raise ConfigurationError(
                    f"{place}: is for the model {asked}, and not for {model}",
                    hint="name the same with --model as for summarize requests",
                )
            return id_
        case _:
            raise InputError(f"{place}: is no request", hint=_HINT)
