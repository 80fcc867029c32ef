"""Checks files of requests before anything is paid for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from summarize.batch_files.lines import URL, custom_id, id_bytes
from summarize.batch_files.request_files import MAX_BYTES, MAX_LINES
from summarize.errors import ConfigurationError, InputError
from summarize.sources.utf8 import cannot_read, display_name
from summarize.storage.disk_tables import DiskTables

__all__ = ["CheckedRequests", "hash_of"]

_HINT = "give what summarize requests wrote"
# In place of a file's number, for requests whose answers are there.
_ANSWERED = -1
# Lines between two calls of `on_progress`.
_STEP = 1_000


class CheckedRequests:
    """The requests of the files that were checked; on the disk where they are many.

    Args:
        model: the name in the requests' bodies.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._names: list[str] = []
        self._ids = DiskTables(
            "the list of requests", "asked (id BLOB PRIMARY KEY, file INTEGER) WITHOUT ROWID"
        )

    def close(self) -> None:
        """Frees the disk."""
        self._ids.close()

    def __contains__(self, id_: str) -> bool:
        return self._ids.row("SELECT 1 FROM asked WHERE id = ?", (id_bytes(id_),)) is not None

    def check(self, path: Path, *, is_answered: bool, on_progress: Callable[[], None]) -> int:
        """Checks a file, and adds its requests.

        Args:
            path: of the file.
            is_answered: whether its answers are there: requests that other files share with it cost
                nothing.
            on_progress: called every thousand lines.

        Returns:
            The number of its requests.

        Raises:
            InputError: it cannot be read, or holds something else.
            ConfigurationError: it is too large, a request is for another model, or is there twice.
        """
        name, lines, size = display_name(path), 0, 0
        file = _ANSWERED if is_answered else len(self._names)
        self._names.append(name)
        try:
            with path.open("rb") as stream:
                for lines, line in enumerate(stream, start=1):
                    size += len(line)
                    place = f"{name}, line {lines}"
                    self._add(_checked(line, place, self._model), file, place)
                    if lines % _STEP == 0:
                        on_progress()
        except (OSError, ValueError) as error:
            raise cannot_read(name, error) from error
        if not lines:
            raise InputError(f"{name}: is empty", hint=_HINT)
        if lines > MAX_LINES or size > MAX_BYTES:
            raise ConfigurationError(
                f"{name}: has {lines:,} requests and {size:,} bytes; a batch takes "
                f"{MAX_LINES:,} and {MAX_BYTES:,}",
                hint="summarize requests splits them",
            )
        return lines

    def _add(self, id_: str, file: int, place: str) -> None:
        is_new = self._ids.execute(
            "INSERT INTO asked VALUES (?, ?) ON CONFLICT (id)"
            " DO UPDATE SET file = excluded.file WHERE file = ?",
            (id_bytes(id_), file, _ANSWERED),
        )
        if is_new or file == _ANSWERED:
            return
        row = self._ids.row("SELECT file FROM asked WHERE id = ?", (id_bytes(id_),))
        other = self._names[row[0]] if row else ""
        raise ConfigurationError(
            f"{place}: is in {other} already, and would be paid for twice",
            hint="name only one of the files, or have summarize requests write them anew",
        )


def hash_of(path: Path) -> str:
    """The SHA-256 of a file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise cannot_read(display_name(path), error) from error


def _checked(line: bytes, place: str, model: str) -> str:
    """The id of the request in a line."""
    try:
        # Strictly UTF-8, without a byte order mark, as a batch reads it.
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
