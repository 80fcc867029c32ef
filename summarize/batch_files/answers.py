"""The answers in files of results, found by the request that they answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Self

from summarize.batch_files.lines import Result, custom_id, id_bytes, read_result
from summarize.errors import ConfigurationError, InputError, MissingResultError
from summarize.sources.utf8 import bom_encoding, cannot_read, display_name
from summarize.storage.disk_tables import DiskTables

__all__ = ["Answers", "LostAnswersError"]

# The first bytes of a gzip file (RFC 1952, 2.3.1).
_GZIP = b"\x1f\x8b"


class LostAnswersError(ConfigurationError):
    """A file of results has changed since it was read, or the index of results cannot be kept."""


class Answers:
    """Finds the answer to each request.

    Of several results of one request the one of most worth counts, and of these the last one read.
    Only their places are kept, on the disk where they are many, so memory does not grow.

    Attributes:
        results: lines that hold a result.
        broken: lines that hold none.
    """

    def __init__(self) -> None:
        self.results = 0
        self.broken = 0
        self._paths: list[Path] = []
        self._index = DiskTables(
            "the list of results",
            "answer (id BLOB PRIMARY KEY, file INTEGER, start INTEGER, worth INTEGER, used INTEGER)"
            " WITHOUT ROWID",
            error=LostAnswersError,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._index.close()

    def __contains__(self, id_: str) -> bool:
        return self._index.row("SELECT 1 FROM answer WHERE id = ?", (id_bytes(id_),)) is not None

    def read(self, path: Path, *, on_broken: Callable[[str], None] = lambda _: None) -> None:
        """Reads a file of results.

        Args:
            path: of the file.
            on_broken: called with the place of each line that holds no result, and the reason.

        Raises:
            InputError: the file cannot be read.
            LostAnswersError: there is no room for the index.
        """
        name = display_name(path)
        if path.is_dir():
            hint = f"name the files in it, such as {name}/*.jsonl"
            raise InputError(f"{name}: is a folder", hint=hint)
        if path.exists() and not path.is_file():
            # Answers are read again from their places.
            raise InputError(f"{name}: is no file", hint="save the results to one")
        self._paths.append(path)
        place = 0
        try:
            with path.open("rb") as lines:
                _check_is_text(lines, name)
                for number, line in enumerate(lines, start=1):
                    if not line.isspace():
                        try:
                            self._add(read_result(line), place)
                        except InputError as error:
                            self.broken += 1
                            on_broken(f"{name}, line {number}: {error}")
                    place += len(line)
        except (OSError, ValueError) as error:
            raise cannot_read(name, error) from error

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer to a request.

        Raises:
            MissingResultError: there is none.
            LostAnswersError: it cannot be read again.
        """
        id_ = custom_id(body)
        found = self._index.row("SELECT file, start FROM answer WHERE id = ?", (id_bytes(id_),))
        if found is None:
            raise _missing(f"its result is missing from the files of results ({id_})", body)
        self._index.execute("UPDATE answer SET used = 1 WHERE id = ?", (id_bytes(id_),))
        path, start = self._paths[found[0]], found[1]
        try:
            with path.open("rb") as file:
                file.seek(start)
                result = read_result(file.readline())
        except (OSError, InputError):
            result = None
        if result is None or result.custom_id != id_:
            raise LostAnswersError(
                f"{path}: has changed while it was read", hint="run the same command again"
            )
        if result.not_asked:
            reason = result.body["error"]["message"]
            raise _missing(f"the batch did not get to it ({result.not_asked}: {reason})", body)
        return result.status, json.dumps(result.body).encode()

    def unknown(self) -> Iterator[str]:
        """The ids of the results that were not asked for so far, in the order of the files."""
        unused = self._index.rows("SELECT id FROM answer WHERE NOT used ORDER BY file, start")
        return (id_.decode("utf-8", "replace") for (id_,) in unused)

    def _add(self, result: Result, start: int) -> None:
        self.results += 1
        self._index.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, 0) ON CONFLICT (id) DO UPDATE SET"
            " file = excluded.file, start = excluded.start, worth = excluded.worth"
            " WHERE excluded.worth >= answer.worth",
            (id_bytes(result.custom_id), len(self._paths) - 1, start, result.worth),
        )


def _check_is_text(file: IO[bytes], name: str) -> None:
    """Refuses a file of which every line would be broken."""
    # As long as a byte order mark.
    head = file.read(4)
    file.seek(0)
    if head.startswith(_GZIP):
        raise InputError(f"{name}: is compressed", hint=f"unpack it: gunzip {name}")
    if encoding := bom_encoding(head):
        raise InputError(f"{name}: is {encoding}, not UTF-8", hint="save it as UTF-8")


def _missing(why: str, body: bytes) -> MissingResultError:
    error = MissingResultError(why, hint="summarize requests --done writes what is missing")
    error.request = body
    return error
