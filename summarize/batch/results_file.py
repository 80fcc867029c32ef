"""The output of a batch: a JSONL file of results, one line an article, that a run can resume from.

A line counts once it is whole and on the disk. Nothing is changed in place: a result that replaces
an earlier one is appended, and the earlier one is dropped when the run ends. What a kill, a full
disk or a power cut leaves behind is mended when the file is opened again.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import IO, Any, Self

from summarize.batch.results import BatchResult, Recipe
from summarize.errors import ConfigurationError, DuplicateIdError, InputError, OutputError
from summarize.storage.atomic_files import replace_file
from summarize.storage.disk_tables import DiskTables

__all__ = ["INPUT_ERRORS", "Earlier", "ResultsFile", "ResultsStream"]

# Failures of the input itself: they show again as soon as it is read.
INPUT_ERRORS = frozenset({InputError.__name__, DuplicateIdError.__name__})
# What `BatchResult.to_json` begins with.
_START = b'{"id":"'
# Bytes read at a time.
_BLOCK = 1 << 16


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
            "result (id BLOB, repeat INTEGER, start INTEGER, ok INTEGER, sha256 TEXT,"
            " recipe INTEGER, error TEXT, met INTEGER, PRIMARY KEY (id, repeat)) WITHOUT ROWID",
            "replaced (start INTEGER PRIMARY KEY)",
        )
        self._recipes: list[Recipe] = []
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
        path = _checked(path)
        with _locked(path):
            results = cls(path)
            try:
                results._open()
                yield results
            finally:
                results._close()

    @classmethod
    @contextmanager
    def read(cls, path: Path) -> Iterator[Self]:
        """Reads what a file holds, and leaves it as it is; a run may be writing to it.

        Raises:
            ConfigurationError: it cannot be read.
        """
        results = cls(path)
        try:
            try:
                results._read_lines()
            except OSError as error:
                raise ConfigurationError(
                    f"{path}: cannot be read ({error.strerror})", hint="check who may read it"
                ) from error
            yield results
        finally:
            results._close()

    def earlier(self, id_: str, *, repeat: int = 0) -> Earlier | None:
        """Returns what the file holds for an article, or for the n-th repetition of its id."""
        key = (_bytes(id_), repeat)
        with self._looking:
            row = self._index.row(
                "SELECT ok, sha256, recipe, error FROM result WHERE id = ? AND repeat = ?", key
            )
            if row is None:
                return None
            self._index.execute("UPDATE result SET met = 1 WHERE id = ? AND repeat = ?", key)
        ok, sha256, number, error = row
        return Earlier(bool(ok), sha256, None if number is None else self._recipes[number], error)

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
                self._note(result.id, Earlier(result.ok, error=error), len(line), met=True)

    def drop_unmet(self) -> None:
        """Drops failures of the input that no record of it met: it has been put right."""
        marks = ",".join("?" * len(INPUT_ERRORS))
        unmet = f"FROM result WHERE NOT ok AND NOT met AND error IN ({marks})"
        errors = list(INPUT_ERRORS)
        self._index.execute(f"INSERT INTO replaced SELECT start {unmet}", errors)
        self._index.execute(f"DELETE {unmet}", errors)

    # Opening

    def _open(self) -> None:
        try:
            self._file = self.path.open("a+b", buffering=0)
            self._mend(self._file)
            self._read_lines()
        except OSError as error:
            raise ConfigurationError(
                f"{self.path}: cannot be opened ({error.strerror})",
                hint="check who may write there, or name another file with -o",
            ) from error

    def _mend(self, file: IO[bytes]) -> None:
        """Drops a torn last line of ours; ends one of another tool."""
        size = file.seek(0, os.SEEK_END)
        start = _start_of_last_line(file, size)
        if start == size:
            return
        file.seek(start)
        last = file.read(size - start)
        # The zeros are what a power cut leaves.
        is_ours = _START.startswith(last.rstrip(b"\0")[: len(_START)])
        if is_ours and _parsed(last) is None:
            os.ftruncate(file.fileno(), start)
            self.torn = size - start
        else:
            _write(file.fileno(), b"\n")
        os.fsync(file.fileno())

    def _read_lines(self) -> None:
        with self.path.open("rb") as lines:
            for line in lines:
                self._read_line(line)
        made = "SELECT recipe, count(*) FROM result WHERE ok GROUP BY recipe"
        for number, count in self._index.rows(made):
            self.recipes[self._recipes[number]] = count
        failed = "SELECT error, count(*) FROM result WHERE NOT ok GROUP BY error"
        self.failures.update(dict(self._index.rows(failed)))

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

    def _note(self, id_: str, result: Earlier, length: int, *, met: bool = False) -> None:
        """Notes where a result is; the last one for an id counts."""
        repeat = 0
        if result.error == DuplicateIdError.__name__:
            self._repeats[id_] += 1
            repeat = self._repeats[id_]
        number = None
        if result.recipe:
            if result.recipe not in self._recipes:
                self._recipes.append(result.recipe)
            number = self._recipes.index(result.recipe)
        key = (_bytes(id_), repeat)
        self._index.execute(
            "INSERT INTO replaced SELECT start FROM result WHERE id = ? AND repeat = ?", key
        )
        self._index.execute(
            "INSERT OR REPLACE INTO result (id, repeat, start, ok, sha256, recipe, error, met)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, self._end, result.ok, result.sha256, number, result.error, met),
        )
        self._end += length

    # Writing

    def _append(self, data: bytes) -> None:
        if self._file is None:
            raise OutputError(f"{self.path}: is closed")
        try:
            self._check_place(self._file)
            # Another tool may have added to it.
            self._end = self._file.seek(0, os.SEEK_END)
            _write(self._file.fileno(), data)
            os.fsync(self._file.fileno())
        except OSError as error:
            # The part of a line that still fitted on the disk.
            with suppress(OSError):
                size = self._file.seek(0, os.SEEK_END)
                os.ftruncate(self._file.fileno(), _start_of_last_line(self._file, size))
            raise OutputError(
                f"{self.path}: cannot be written ({error.strerror})",
                hint="free some space or check the disk, then run the same command again",
            ) from error

    def _check_place(self, file: IO[bytes]) -> None:
        """Checks that the file still is where its name says: a removed file takes writes."""
        with suppress(FileNotFoundError, NotADirectoryError):
            if os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                return
        if os.fstat(file.fileno()).st_nlink:
            raise OutputError(
                f"{self.path}: was moved away during the run",
                hint="move it back and run the same command again",
            )
        copy = self._copy_removed(file)
        raise OutputError(
            f"{self.path}: was removed during the run",
            hint=(f"its content is in {copy}: move it back, and " if copy else "")
            + "run the same command again",
        )

    def _copy_removed(self, file: IO[bytes]) -> Path | None:
        """Copies a removed file, which still can be read, to the nearest folder that is left."""
        folder = next(parent for parent in self.path.absolute().parents if parent.is_dir())
        with suppress(OSError):
            # The name of a file may have 255 bytes.
            with NamedTemporaryFile(
                dir=folder, prefix=f"{self.path.stem[:50]}-", suffix=".jsonl", delete=False
            ) as copy:
                file.seek(0)
                shutil.copyfileobj(file, copy)
            return Path(copy.name)
        return None

    # Closing

    def _close(self) -> None:
        with self._writing, self._looking, closing(self._index), ExitStack() as stack:
            file, self._file = self._file, None
            if file is None:
                return
            stack.enter_context(file)
            # The file is good without it; the next run does what this one cannot.
            with suppress(OSError, ConfigurationError):
                is_there = os.path.samestat(os.fstat(file.fileno()), self.path.stat())
                if is_there and self._index.row("SELECT 1 FROM replaced LIMIT 1"):
                    self._drop_replaced()

    def _drop_replaced(self) -> None:
        """Writes the file anew, without the lines that others have replaced."""
        replaced = (
            start for (start,) in self._index.rows("SELECT start FROM replaced ORDER BY start")
        )
        following = next(replaced, None)
        with NamedTemporaryFile(dir=self.path.parent, prefix=".summarize-", delete=False) as new:
            try:
                position = 0
                with self.path.open("rb") as lines:
                    for line in lines:
                        if position == following:
                            following = next(replaced, None)
                        else:
                            new.write(line)
                        position += len(line)
                new.close()
                status = self.path.stat()
                # Windows has no owners by number.
                with suppress(OSError, AttributeError):
                    os.chown(new.name, status.st_uid, status.st_gid)
                Path(new.name).chmod(stat.S_IMODE(status.st_mode))
                replace_file(Path(new.name), self.path)
            finally:
                Path(new.name).unlink(missing_ok=True)


class ResultsStream:
    """Results on their way to a pipe, from which no run can resume."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def append(self, results: Iterable[BatchResult]) -> None:
        """Writes results and flushes them.

        Raises:
            BrokenPipeError: the reader has gone.
        """
        self._stream.writelines(f"{result.to_json()}\n" for result in results)
        self._stream.flush()


def _checked(path: Path) -> Path:
    """Returns where a path leads; refuses what can be no file of results."""
    try:
        path = path.resolve()
        if path.is_dir():
            raise ConfigurationError(f"{path}: is a folder", hint="name a file with -o")
        if path.exists() and not path.is_file():
            raise ConfigurationError(f"{path}: is no file", hint="name a file with -o")
        if not path.parent.is_dir():
            raise ConfigurationError(
                f"{path}: the folder does not exist", hint=f"create it: mkdir -p {path.parent}"
            )
    except (OSError, RuntimeError) as error:
        # A name that is too long, a folder that may not be looked into, links in a circle.
        why = getattr(error, "strerror", None) or "its links lead in a circle"
        raise ConfigurationError(
            f"{path}: cannot be opened ({why})", hint="name another file with -o"
        ) from error
    return path


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keeps a second run out; the lock goes with the process, however that ends."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f".{path.name}.lock"), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ConfigurationError(
            f"{path}: another run is writing to it",
            hint="wait for it to end, or name another file with -o",
        ) from None
    except (OSError, NotImplementedError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigurationError(
            f"{path}: cannot be written ({why})",
            hint="check who may write there, or name another file with -o",
        ) from error
    try:
        yield
    finally:
        # While it is held: whoever opened it meanwhile sees that it has no name, and starts anew.
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()


def _write(descriptor: int, data: bytes) -> None:
    """Writes all of it: the system may take a part at a time."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _start_of_last_line(file: IO[bytes], size: int) -> int:
    """Returns where what follows the last line end starts: at the size where nothing does."""
    end = size
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        if (found := file.read(end - start).rfind(b"\n")) >= 0:
            return start + found + 1
        end = start
    return 0


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _parsed(line: bytes) -> Any:
    """Returns the JSON value of a line; None where it is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
