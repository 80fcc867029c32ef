"""Files of requests on their way to the disk: each request once, no file larger than is taken."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from itertools import count, takewhile
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from summarize.batch_files.lines import custom_id, request_line
from summarize.errors import ConfigurationError, OutputError
from summarize.storage.disk_tables import DiskTables

__all__ = ["MAX_BYTES", "MAX_LINES", "RequestFiles", "part_of"]

# "The file can contain up to 50,000 requests, and can be up to 200 MB in size"
# (https://platform.openai.com/docs/api-reference/batch/create, read in November 2026).
MAX_LINES = 50_000
MAX_BYTES = 200_000_000


def part_of(path: Path, number: int) -> Path:
    """The n-th file of a name: requests.jsonl, requests-2.jsonl, and so on."""
    return path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")


class RequestFiles:
    """Writes requests. Use it as a context manager: when it ends well, they are in their place.

    Args:
        path: of the first file; those after it are numbered.
        max_lines: requests in a file.
        max_bytes: of a file.

    Attributes:
        requests: written so far.
        repeated: were there already.
        paths: of the files, once they are in their place.

    Raises:
        ConfigurationError: there can be no file of that name.
    """

    def __init__(
        self, path: Path, *, max_lines: int = MAX_LINES, max_bytes: int = MAX_BYTES
    ) -> None:
        if path.is_dir() or str(path) == "-":
            raise ConfigurationError(f"{path}: is no name of a file", hint="name one with -o")
        # A link stays a link: what it points to is replaced.
        path = path.resolve() if path.is_symlink() else path
        if path.exists() and not path.is_file():
            raise ConfigurationError(
                f"{path}: is no file, and requests may fill several", hint="name one with -o"
            )
        if not path.parent.is_dir():
            raise ConfigurationError(
                f"{path}: the folder does not exist", hint=f"create it: mkdir -p {path.parent}"
            )
        self.path = path
        self.requests = 0
        self.repeated = 0
        self.paths: list[Path] = []
        self._max_lines, self._max_bytes = max_lines, max_bytes
        self._parts: list[Path] = []
        self._part: IO[bytes] | None = None
        self._lines = self._bytes = 0
        self._known: DiskTables | None = None

    def __enter__(self) -> Self:
        self._known = DiskTables(
            "the list of requests", "known (id TEXT PRIMARY KEY) WITHOUT ROWID", error=OutputError
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._put()
        finally:
            if self._known:
                self._known.close()
            if self._part:
                # On a full disk, what is still to be written; it is given up.
                with suppress(OSError):
                    self._part.close()
            for part in self._parts:
                part.unlink(missing_ok=True)

    @property
    def left(self) -> list[Path]:
        """Files of an earlier run that are easily taken for parts of this one."""
        parts = (part_of(self.path, number) for number in count(len(self._parts) + 1))
        return list(takewhile(Path.exists, parts))

    def add(self, body: bytes) -> bool:
        """Takes in a request; whether it is new.

        Raises:
            OutputError: it cannot be written.
        """
        if self._known is None:
            raise OutputError(f"{self.path}: is not open")
        id_ = custom_id(body)
        if not self._known.execute("INSERT OR IGNORE INTO known VALUES (?)", (id_,)):
            self.repeated += 1
            return False
        line = request_line(id_, body)
        try:
            self._write(line)
        except OSError as error:
            raise self._unwritten(error) from error
        self.requests += 1
        return True

    def _write(self, line: bytes) -> None:
        is_full = self._lines >= self._max_lines or self._bytes + len(line) > self._max_bytes
        if self._part is None or is_full:
            self._end_part()
            # Beside its place, so that it can be moved there; under a name that nobody reads.
            part = self.path.with_name(f".summarize-{secrets.token_hex(6)}")
            self._part = part.open("xb")
            self._parts.append(part)
            self._lines = self._bytes = 0
        self._part.write(line)
        self._lines += 1
        self._bytes += len(line)

    def _end_part(self) -> None:
        if self._part:
            self._part.flush()
            os.fsync(self._part.fileno())
            self._part.close()

    def _put(self) -> None:
        try:
            self._end_part()
            for number, part in enumerate(self._parts, start=1):
                place = part_of(self.path, number)
                part.replace(place)
                self.paths.append(place)
        except OSError as error:
            raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self.path}: cannot be written ({error.strerror})",
            hint="free some space or check who may write there, then run the same command again",
        )
