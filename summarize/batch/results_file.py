"""The output of a batch: a JSONL file of results, one line an article, that a run can resume from.

A line counts once it is whole and on the disk. Nothing is changed in place: a result that replaces
an earlier one is appended, and the earlier one is dropped when the run ends. What a kill, a full
disk or a power cut leaves behind is mended when the file is opened again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import IO, Any, Self

from summarize.batch.results import BatchResult, Recipe
from summarize.errors import (
    ConfigurationError,
    DuplicateIdError,
    MissingResultError,
    OutputError,
)
from summarize.storage.atomic_files import replace_file
from summarize.storage.disk_tables import DiskTables

# What `BatchResult.to_json` begins with.
_START = b'{"id":"'


@dataclass(frozen=True, slots=True)
class Earlier:
    """A result that the file holds already.

    Attributes:
        ok: whether it is a summary.
        sha256: of the summarized text, in hexadecimal; empty for a failure.
        recipe: what it was made with; None for a failure.
        error: the type of the failure; empty for a summary.
    """

    ok: bool
    sha256: str = ""
    recipe: Recipe | None = None
    error: str = ""

    def outweighs(self, result: BatchResult) -> bool:
        """Whether it is worth more than a new result, and so stays.

        A summary is worth more than a failure, also one of another text or model; a missing result
        is worth the least.
        """
        if result.error is None:
            return False
        missing = MissingResultError.__name__
        return self.ok or (result.error.type == missing and self.error != missing)


class ResultsFile:
    """The results of this run and of earlier ones; see `ResultsFile.opened`.

    Attributes:
        torn: bytes of a torn last line that were dropped.
        foreign: lines of other tools, which stay as they are.
        recipes: how many summaries were made with each recipe.
        failures: how many failures are of each type.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = 0
        self.foreign = 0
        self.recipes: Counter[Recipe] = Counter()
        self.failures: Counter[str] = Counter()
        # Ids are bytes in it: half a character is no text to SQLite.
        self._index = DiskTables(
            "the list of results",
            "result (id BLOB, repeat INTEGER, start INTEGER, ok INTEGER, sha256 TEXT, error TEXT,"
            " model TEXT, prompt TEXT, schema TEXT, PRIMARY KEY (id, repeat)) WITHOUT ROWID",
            "replaced (start INTEGER PRIMARY KEY)",
        )
        self._repeats: Counter[str] = Counter()
        self._file: IO[bytes] | None = None
        self._end = 0
        # Closing waits for a thread that writes, and for one that reads the index.
        self._writing = Lock()
        self._looking = Lock()

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[Self]:
        """Opens a file for this run alone, mends it, and reads what it holds.

        Raises:
            ConfigurationError: it cannot be written, or another run is writing to it.
        """
        with _opening(path):
            path = path.resolve()
            if path.exists() and not path.is_file():
                raise ConfigurationError(f"{path}: is no file", hint="name a file with -o")
            if not path.parent.is_dir():
                raise ConfigurationError(
                    f"{path}: the folder does not exist", hint=f"create it: mkdir -p {path.parent}"
                )
        with _locked(path):
            results = cls(path)
            with closing(results):
                with _opening(path):
                    results._open()
                yield results

    def earlier(self, id_: str, *, repeat: int = 0) -> Earlier | None:
        """Returns what the file holds for an article, or for the n-th repetition of its id."""
        with self._looking:
            row = self._index.row(
                "SELECT ok, sha256, error, model, prompt, schema FROM result"
                " WHERE id = ? AND repeat = ?",
                (_bytes(id_), repeat),
            )
        if row is None:
            return None
        ok, sha256, error, *made = row
        return Earlier(bool(ok), sha256, None if None in made else Recipe(*made), error)

    def append(self, results: Iterable[BatchResult]) -> None:
        """Writes results; returns when they are on the disk.

        Raises:
            OutputError: they are not; what was written whole before stays good.
        """
        lines = [(r, f"{r.to_json()}\n".encode()) for r in results]
        with self._writing:
            self._append(b"".join(line for _, line in lines))
            for result, line in lines:
                error = result.error.type if result.error else ""
                self._note(result.id, Earlier(result.ok, error=error), len(line))

    def close(self) -> None:
        """Closes the file, without the lines that others have replaced."""
        with self._writing, self._looking, closing(self._index):
            file, self._file = self._file, None
            if file is None:
                return
            # The file is good with them; the next run drops what this one cannot.
            with file, suppress(OSError, ConfigurationError):
                if os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                    self._drop_replaced()

    # Opening

    def _open(self) -> None:
        self._file = self.path.open("a+b", buffering=0)
        with self.path.open("rb") as lines:
            for line in lines:
                is_whole = line.endswith(b"\n")
                self._read_line(line if is_whole else self._mended(line, self._file))
                if not is_whole:
                    break
        made = self._index.rows(
            "SELECT count(*), model, prompt, schema FROM result WHERE ok GROUP BY 2, 3, 4"
        )
        self.recipes.update({Recipe(*words): number for number, *words in made})
        failed = self._index.rows("SELECT error, count(*) FROM result WHERE NOT ok GROUP BY error")
        self.failures.update(dict(failed))

    def _mended(self, last: bytes, file: IO[bytes]) -> bytes:
        """Drops a torn last line of ours; ends one of another tool."""
        # The zeros are what a power cut leaves.
        is_ours = _START.startswith(last.rstrip(b"\0")[: len(_START)])
        if is_ours and _parsed(last) is None:
            os.ftruncate(file.fileno(), self._end)
            self.torn, last = len(last), b""
        else:
            _write(file, b"\n")
            last += b"\n"
        os.fsync(file.fileno())
        return last

    def _read_line(self, line: bytes) -> None:
        match _parsed(line):
            case {
                "id": str(id_),
                "ok": True,
                "summary": {
                    "article": {"sha256": str(sha256)},
                    "provenance": {"model": str(m), "prompt": str(p), "schema": str(s)},
                },
            } if sha256.isascii():
                self._note(id_, Earlier(True, sha256, Recipe(m, p, s)), len(line))
            case {"id": str(id_), "ok": False, "error": {"type": str(error)}} if error.isascii():
                self._note(id_, Earlier(False, error=error), len(line))
            case _:
                self.foreign += bool(line.strip())
                self._end += len(line)

    def _note(self, id_: str, result: Earlier, length: int) -> None:
        """Notes where a result is; the last one for an id counts."""
        repeat = 0
        if result.error == DuplicateIdError.__name__:
            self._repeats[id_] += 1
            repeat = self._repeats[id_]
        made = astuple(result.recipe) if result.recipe else (None, None, None)
        key = (_bytes(id_), repeat)
        self._index.execute(
            "INSERT INTO replaced SELECT start FROM result WHERE id = ? AND repeat = ?", key
        )
        self._index.execute(
            "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, self._end, result.ok, result.sha256, result.error, *made),
        )
        self._end += length

    # Writing

    def _append(self, data: bytes) -> None:
        if self._file is None:
            raise OutputError(f"{self.path}: is closed")
        start = None
        try:
            self._check_place(self._file)
            # Another tool may have added to it.
            self._end = start = self._file.seek(0, os.SEEK_END)
            _write(self._file, data)
            os.fsync(self._file.fileno())
        except OSError as error:
            # Without the part of a line that still fitted on the disk.
            with suppress(OSError):
                if start is not None:
                    written = self._file.seek(0, os.SEEK_END) - start
                    whole = data.rfind(b"\n", 0, written) + 1
                    os.ftruncate(self._file.fileno(), start + whole)
            raise OutputError(
                f"{self.path}: cannot be written ({error.strerror})",
                hint="free some space or check the disk, then run the same command again",
            ) from error

    def _check_place(self, file: IO[bytes]) -> None:
        """Checks that the file still is where its name says: a removed file takes writes."""
        with suppress(FileNotFoundError, NotADirectoryError):
            if os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                return
        raise OutputError(
            f"{self.path}: was moved away or removed during the run",
            hint="put it back if you can, and run the same command again",
        )

    def _drop_replaced(self) -> None:
        """Writes the file anew, without the lines that others have replaced."""
        rows = self._index.rows("SELECT start FROM replaced ORDER BY start")
        replaced = next(rows, None)
        if replaced is None:
            return
        with NamedTemporaryFile(dir=self.path.parent, prefix=".summarize-", delete=False) as new:
            try:
                position = 0
                with self.path.open("rb") as lines:
                    for line in lines:
                        if (position,) == replaced:
                            replaced = next(rows, None)
                        else:
                            new.write(line)
                        position += len(line)
                new.close()
                shutil.copymode(self.path, new.name)
                replace_file(Path(new.name), self.path)
            finally:
                Path(new.name).unlink(missing_ok=True)


def write_results(stream: IO[str], results: Iterable[BatchResult]) -> None:
    """Writes results to a pipe, from which no run can resume, and flushes them.

    Raises:
        BrokenPipeError: the reader has gone.
    """
    stream.writelines(f"{result.to_json()}\n" for result in results)
    stream.flush()


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    """Says of which file an error of the system is."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        # Links in a circle and disks without locks are a RuntimeError.
        why = getattr(error, "strerror", None) or error
        raise ConfigurationError(
            f"{path}: cannot be opened ({why})",
            hint="check who may use it, or name another file",
        ) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keeps a second run out; the lock goes with the process, however that ends."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f".{path.name}.lock"), thread_local=False)
    with _opening(path):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise ConfigurationError(
                f"{path}: another run is writing to it",
                hint="wait for it to end, or name another file with -o",
            ) from None
    try:
        yield
    finally:
        # While it is held: whoever opened it meanwhile sees that it has no name, and starts anew.
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()


def _write(file: IO[bytes], data: bytes) -> None:
    """Writes all of it: the system may take a part at a time."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _parsed(line: bytes) -> Any:
    """Returns the JSON value of a line; None where it is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
