"""The answers in files of results, found by the request that they answer."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from summarize.batch_files.lines import Result, custom_id, read_result
from summarize.errors import ConfigurationError, InputError, MissingResultError
from summarize.sources.utf8 import bom_encoding, cannot_read, display_name
from summarize.storage.disk_tables import DiskTables

__all__ = ["Answers", "LostAnswersError"]

# How a file of gzip begins (RFC 1952, 2.3.1), with its only method; as long as any mark of UTF-16.
_GZIP = b"\x1f\x8b\x08"
# Lines, some milliseconds of reading.
_OFTEN = 500
# Files of results that are kept open.
_MAX_OPEN = 64


class LostAnswersError(ConfigurationError):
    """What was read before cannot be read again, or the list of it cannot be kept."""


class Answers:
    """Where the answer to each request is.

    Of several to one, that of most worth counts, and of these the newest, in whatever order they
    come. Only places are kept, on the disk where they are many, so any number of results will do.

    Attributes:
        results: lines taken in.
        broken: lines that hold no result.
    """

    def __init__(self) -> None:
        self.results = 0
        self.broken = 0
        self._paths: list[Path] = []
        self._open: dict[int, IO[bytes]] = {}
        self._index = DiskTables(
            "the list of results",
            "answer (id BLOB PRIMARY KEY, file INTEGER, start INTEGER, worth INTEGER,"
            " created INTEGER, digest BLOB, used INTEGER) WITHOUT ROWID",
            error=LostAnswersError,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close_files()
        self._index.close()

    def read(
        self,
        path: Path,
        *,
        broken: Callable[[str], None] = lambda _: None,
        report: Callable[[], None] = lambda: None,
    ) -> None:
        """Takes in a file of results.

        Args:
            path: of the file.
            broken: told of each line that holds no result, and why.
            report: called now and then.

        Raises:
            InputError: the file cannot be read.
            LostAnswersError: there is no room for the list of them.
        """
        name = display_name(path)
        if path.is_dir():
            hint = f"name the files in it, such as {name}/*.jsonl"
            raise InputError(f"{name}: is a folder", hint=hint)
        if path.exists() and not path.is_file():
            # It is read again, here and there.
            raise InputError(f"{name}: is no file", hint="save the results to one")
        self._paths.append(path)
        place = 0
        try:
            with path.open("rb") as lines:
                _check_is_text(lines, name)
                for number, line in enumerate(lines, start=1):
                    start, place = place, place + len(line)
                    if number % _OFTEN == 0:
                        report()
                    bare = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                    if bare and not bare.isspace():
                        try:
                            result = read_result(bare)
                        except InputError as error:
                            self.broken += 1
                            broken(f"{name}, line {number}: {error}")
                        else:
                            self._note(result, start + len(line) - len(bare), bare.strip())
        except (OSError, ValueError) as error:
            raise cannot_read(name, error) from error

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer to a request.

        Raises:
            MissingResultError: there is none.
            LostAnswersError: it cannot be read again.
        """
        id_ = custom_id(body)
        found = self._index.row("SELECT file, start FROM answer WHERE id = ?", (id_.encode(),))
        if found is None:
            raise _missing(f"its result is missing from the files of results ({id_})", body)
        self._index.execute("UPDATE answer SET used = 1 WHERE id = ?", (id_.encode(),))
        result = self._read_again(*found)
        if result is None or result.custom_id != id_:
            raise LostAnswersError(
                f"{self._paths[found[0]]}: has changed while it was read",
                hint="run the same command again",
            )
        if result.not_asked:
            words = result.body["error"]["message"]
            raise _missing(f"the batch did not get to it ({result.not_asked}: {words})", body)
        return result.status, json.dumps(result.body).encode()

    def unknown(self) -> Iterator[str]:
        """The ids of the results that nobody has asked for so far, in their order."""
        unused = self._index.rows("SELECT id FROM answer WHERE NOT used ORDER BY file, start")
        return (id_.decode("utf-8", "replace") for (id_,) in unused)

    @property
    def distinct(self) -> int:
        """How many requests have a result."""
        return self._index.count("answer")

    def _note(self, result: Result, start: int, line: bytes) -> None:
        self.results += 1
        id_ = result.custom_id.encode("utf-8", "surrogatepass")
        # Where all else is the same, the digest decides: any order of the files gives one choice.
        digest = hashlib.sha256(line).digest()
        self._index.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT (id) DO UPDATE SET"
            " file = excluded.file, start = excluded.start, worth = excluded.worth,"
            " created = excluded.created, digest = excluded.digest"
            " WHERE (excluded.worth, excluded.created, excluded.digest)"
            " > (answer.worth, answer.created, answer.digest)",
            (id_, len(self._paths) - 1, start, result.worth, result.created, digest),
        )

    def _read_again(self, file: int, start: int) -> Result | None:
        try:
            if file not in self._open:
                if len(self._open) >= _MAX_OPEN:
                    self._close_files()
                self._open[file] = self._paths[file].open("rb")
            self._open[file].seek(start)
            return read_result(self._open[file].readline())
        except (OSError, InputError):
            return None

    def _close_files(self) -> None:
        while self._open:
            self._open.popitem()[1].close()


def _check_is_text(file: IO[bytes], name: str) -> None:
    """Refuses what would be broken line by line."""
    head = file.read(len(_GZIP))
    file.seek(0)
    if head == _GZIP:
        raise InputError(f"{name}: is compressed", hint=f"unpack it: gunzip {name}")
    if encoding := bom_encoding(head):
        raise InputError(f"{name}: is {encoding}, not UTF-8", hint="save it as UTF-8")


def _missing(why: str, body: bytes) -> MissingResultError:
    error = MissingResultError(why, hint="summarize requests --done writes what is missing")
    error.request = body
    return error
