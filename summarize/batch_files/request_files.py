"""Writes files of requests: each request once, no file larger than a batch takes."""

from __future__ import annotations

import secrets
from contextlib import suppress
from itertools import count, takewhile
from pathlib import Path
from typing import IO, Self

from summarize.batch_files.lines import custom_id, request_line
from summarize.errors import ConfigurationError, OutputError
from summarize.storage.atomic_files import replace_file
from summarize.storage.disk_tables import DiskTables

__all__ = ["MAX_BYTES", "MAX_LINES", "RequestFiles"]

# OpenAI's limits for a batch
# (https://platform.openai.com/docs/api-reference/batch/create, read in November 2026).
MAX_LINES = 50_000
MAX_BYTES = 200_000_000


class RequestFiles:
    """Files of requests. Use it as a context manager: the files appear when it ends well.

    Args:
        path: of the first file; the others are numbered: requests.jsonl, requests-2.jsonl.
        max_lines: requests in a file at most.
        max_bytes: size of a file at most.

    Attributes:
        path: of the first file.
        requests: written so far.
        repeated: requests left out because they were there already.
        paths: of the files, once they are there.

    Raises:
        ConfigurationError: there can be no file of that name.
    """

    def __init__(
        self, path: Path, *, max_lines: int = MAX_LINES, max_bytes: int = MAX_BYTES
    ) -> None:
        # A link stays a link: what it points to is replaced.
        self.path = path.resolve() if path.is_symlink() else path
        if str(path) == "-" or (path.exists() and not path.is_file()):
            raise ConfigurationError(f"{path}: is no file", hint="name one with -o")
        if not path.parent.is_dir():
            raise ConfigurationError(
                f"{path}: the folder does not exist", hint=f"create it: mkdir -p {path.parent}"
            )
        self.requests = 0
        self.repeated = 0
        self.paths: list[Path] = []
        self._max_lines, self._max_bytes = max_lines, max_bytes
        self._parts: list[Path] = []
        self._part: IO[bytes] | None = None
        self._lines = self._bytes = 0
        self._known: DiskTables | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._put()
        finally:
            if self._known:
                self._known.close()
            if self._part:
                # A full disk refuses what is still buffered; it is given up.
                with suppress(OSError):
                    self._part.close()
            for part in self._parts:
                part.unlink(missing_ok=True)

    @property
    def left(self) -> list[Path]:
        """Files of an earlier run that could be taken for parts of this one."""
        parts = map(self._path_of, count(len(self._parts) + 1))
        return list(takewhile(Path.exists, parts))

    def add(self, body: bytes) -> None:
        """Writes a request, unless it is there already.

        Raises:
            OutputError: it cannot be written.
        """
        if self._known is None:
            self._known = DiskTables(
                "the list of requests",
                "known (id TEXT PRIMARY KEY) WITHOUT ROWID",
                error=OutputError,
            )
        id_ = custom_id(body)
        if not self._known.execute("INSERT OR IGNORE INTO known VALUES (?)", (id_,)):
            self.repeated += 1
            return
        try:
            self._write(request_line(id_, body))
        except OSError as error:
            raise self._unwritten(error) from error
        self.requests += 1

    def _write(self, line: bytes) -> None:
        is_full = self._lines >= self._max_lines or self._bytes + len(line) > self._max_bytes
        if self._part is None or is_full:
            if self._part:
                self._part.close()
            # Beside its place, so that it can be moved there; under a name that nobody reads.
            part = self.path.with_name(f".summarize-{secrets.token_hex(6)}")
            self._part = part.open("xb")
            self._parts.append(part)
            self._lines = self._bytes = 0
        self._part.write(line)
        self._lines += 1
        self._bytes += len(line)

    def _put(self) -> None:
        try:
            if self._part:
                self._part.close()
            for number, part in enumerate(self._parts, start=1):
                replace_file(part, self._path_of(number))
                self.paths.append(self._path_of(number))
        except OSError as error:
            raise self._unwritten(error) from error

    def _path_of(self, number: int) -> Path:
        if number == 1:
            return self.path
        return self.path.with_name(f"{self.path.stem}-{number}{self.path.suffix}")

    def _unwritten(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self.path}: cannot be written ({error.strerror})",
            hint="free some space or check who may write there, then run the same command again",
        )
