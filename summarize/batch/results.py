"""The output of a batch: a JSONL file of results, one line an article, that a run can go on from.

A line counts once it is whole and on the disk. Nothing is changed in place: a result that replaces
an earlier one is appended, and the earlier one is dropped when the run ends. Whatever a kill, a
full disk or a power cut leaves behind is mended when the file is opened again.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import IO, Any, Self

from summarize.errors import (
    ConfigurationError,
    DuplicateIdError,
    InputError,
    OutputError,
    SummarizeError,
)
from summarize.schema import Summary
from summarize.storage.disk_tables import DiskTables

__all__ = [
    "INPUT_ERRORS",
    "BatchError",
    "BatchResult",
    "Earlier",
    "Recipe",
    "ResultsFile",
    "ResultsStream",
]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a summary is made with, as its provenance tells it."""

    model: str
    prompt: str
    schema: str


@dataclass(frozen=True, slots=True)
class BatchError:
    """Why an article has no summary.

    Attributes:
        type: name of the error's class.
        message: what happened and what to do.
        retryable: the same request may succeed later.
        attempts: requests sent to the model.
    """

    type: str
    message: str
    retryable: bool
    attempts: int

    @classmethod
    def of(cls, error: Exception) -> BatchError:
        """The same as a value; an error that is not ours is a defect, and named as one."""
        if isinstance(error, SummarizeError):
            return cls(type(error).__name__, str(error), error.retryable, error.attempts)
        return cls(type(error).__name__, f"{error}; this is a defect", False, 0)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one article.

    Attributes:
        id: of the article.
        summary_json: the summary as JSON; None if there is none.
        error: why there is none; None if there is one.
    """

    id: str
    summary_json: str | None = None
    error: BatchError | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a summary."""
        return self.summary_json is not None

    @property
    def summary(self) -> Summary | None:
        """The summary; read from its JSON each time it is asked for."""
        return None if self.summary_json is None else Summary.model_validate_json(self.summary_json)

    def to_json(self) -> str:
        """The result as one line of JSON, without its end."""
        id_ = _json(self.id)
        if self.summary_json is not None:
            return f'{{"id":{id_},"ok":true,"summary":{self.summary_json}}}'
        error = _json(self.error and asdict(self.error))
        return f'{{"id":{id_},"ok":false,"error":{error}}}'


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
        torn: bytes of a last line without its end that were dropped.
        foreign: lines of other tools, which stay as they are.
        recipes: how many summaries were made with each recipe.
        failures: how many failures are of each type. Of neither those that others have replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = 0
        self.foreign = 0
        self.recipes: Counter[Recipe] = Counter()
        self.failures: Counter[str] = Counter()
        # Strings are bytes in it, since half a character would be no text to it.
        self._index = DiskTables(
            "the list of results",
            "result (id BLOB, repeat INTEGER, start INTEGER, ok INTEGER, sha256 BLOB,"
            " recipe INTEGER, error BLOB, met INTEGER, PRIMARY KEY (id, repeat)) WITHOUT ROWID",
            "replaced (start INTEGER PRIMARY KEY)",
        )
        self._recipes: list[Recipe] = []
        self._repeats: Counter[str] = Counter()
        self._file: IO[bytes] | None = None
        self._end = 0
        # Closing waits for a thread that is writing.
        self._writing = Lock()
        # And for one that reads ahead: SQLite does not outlive a look at what is being closed.
        self._looking = Lock()

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[Self]:
        """Opens a file for this run alone, mends it, and learns what it holds.

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
        """Learns what a file holds, and leaves it as it is; a run may be writing to it.

        Raises:
            ConfigurationError: it cannot be read.
        """
        results = cls(path)
        try:
            try:
                results._learn_all()
            except OSError as error:
                raise ConfigurationError(
                    f"{path}: cannot be read ({error.strerror})", hint="check who may read it"
                ) from error
            yield results
        finally:
            results._close()

    def earlier(self, id_: str, *, repeat: int = 0) -> Earlier | None:
        """What the file holds for an article, or for the n-th repetition of its id."""
        with self._looking:
            return self._earlier((_bytes(id_), repeat))

    def _earlier(self, key: tuple[bytes, int]) -> Earlier | None:
        row = self._index.row(
            "SELECT ok, sha256, recipe, error FROM result WHERE id = ? AND repeat = ?", key
        )
        if row is None:
            return None
        self._index.execute("UPDATE result SET met = 1 WHERE id = ? AND repeat = ?", key)
        ok, sha256, number, error = row
        recipe = None if number is None else self._recipes[number]
        return Earlier(bool(ok), _text(sha256), recipe, _text(error))

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
                self._note(result.id, error, None, len(line), met=True)

    def _append(self, data: bytes) -> None:
        if self._file is None:
            raise OutputError(f"{self.path}: is closed")
        try:
            self._check_place()
            # Another tool may have added to it.
            self._end = self._file.seek(0, os.SEEK_END)
            _write(self._file.fileno(), data)
            os.fsync(self._file.fileno())
        except OSError as error:
            self._cut_to_whole_lines()
            raise OutputError(
                f"{self.path}: cannot be written ({error.strerror})",
                hint="free some space or check the disk, then run the same command again",
            ) from error

    def drop_unmet(self) -> None:
        """Drops failures of the input that no record of it met: it has been put right."""
        marks = ",".join("?" * len(INPUT_ERRORS))
        unmet = f"FROM result WHERE NOT ok AND NOT met AND error IN ({marks})"
        errors = [_bytes(error) for error in INPUT_ERRORS]
        self._index.execute(f"INSERT INTO replaced SELECT start {unmet}", errors)
        self._index.execute(f"DELETE {unmet}", errors)

    def _open(self) -> None:
        try:
            self._file = self.path.open("a+b", buffering=0)
            self._mend(self._file)
            self._learn_all()
        except OSError as error:
            raise ConfigurationError(
                f"{self.path}: cannot be opened ({error.strerror})",
                hint="check who may write there, or name another file with -o",
            ) from error

    def _learn_all(self) -> None:
        with self.path.open("rb") as lines:
            for line in lines:
                self._learn(line)
        self._count()

    def _mend(self, file: IO[bytes]) -> None:
        """Drops a line of ours that was torn off; ends one of another tool."""
        size = file.seek(0, os.SEEK_END)
        start = _start_of_last_line(file, size)
        if start == size:
            return
        file.seek(start)
        last = file.read(size - start)
        if _is_json(last) or not _is_torn(last):
            _write(file.fileno(), b"\n")
        else:
            os.ftruncate(file.fileno(), start)
            self.torn = size - start
        os.fsync(file.fileno())

    def _learn(self, line: bytes) -> None:
        """Takes in a line of the file."""
        match _object(line):
            case {
                "id": str(id_),
                "ok": True,
                "summary": {
                    "article": {"sha256": str(sha256)},
                    "provenance": {"model": str(m), "prompt": str(p), "schema": str(s)},
                },
            }:
                self._note(id_, "", (sha256, Recipe(m, p, s)), len(line))
            case {"id": str(id_), "ok": False, "error": {"type": str(error)}}:
                self._note(id_, error, None, len(line))
            case _:
                self.foreign += bool(line.strip())
                self._end += len(line)

    def _count(self) -> None:
        """Counts what it holds, but for what a killed run has replaced and not dropped."""
        made = "SELECT recipe, count(*) FROM result WHERE ok GROUP BY recipe"
        for number, count in self._index.rows(made):
            self.recipes[self._recipes[number]] = count
        failed = "SELECT error, count(*) FROM result WHERE NOT ok GROUP BY error"
        for error, count in self._index.rows(failed):
            self.failures[_text(error)] = count

    def _note(
        self,
        id_: str,
        error: str,
        made: tuple[str, Recipe] | None,
        length: int,
        *,
        met: bool = False,
    ) -> None:
        """Remembers where a result is; the last one for an id counts."""
        repeat = 0
        if error == DuplicateIdError.__name__:
            self._repeats[id_] += 1
            repeat = self._repeats[id_]
        sha256, number = "", None
        if made:
            sha256, recipe = made
            if recipe not in self._recipes:
                self._recipes.append(recipe)
            number = self._recipes.index(recipe)
        key = (_bytes(id_), repeat)
        self._index.execute(
            "INSERT INTO replaced SELECT start FROM result WHERE id = ? AND repeat = ?", key
        )
        self._index.execute(
            "INSERT OR REPLACE INTO result (id, repeat, start, ok, sha256, recipe, error, met)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, self._end, not error, _bytes(sha256), number, _bytes(error), met),
        )
        self._end += length

    def _check_place(self) -> None:
        """Sees that the file still is where its name says: a file that was removed takes writes."""
        file = self._file
        if file is None:
            return
        with suppress(FileNotFoundError, NotADirectoryError):
            if os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                return
        if os.fstat(file.fileno()).st_nlink:
            raise OutputError(
                f"{self.path}: was moved away during the run",
                hint="move it back and run the same command again; it is good as it is",
            )
        saved = self._save_elsewhere(file)
        raise OutputError(
            f"{self.path}: was removed during the run",
            hint=(f"what it held is in {saved}: move it back, and " if saved else "")
            + "run the same command again",
        )

    def _save_elsewhere(self, file: IO[bytes]) -> Path | None:
        """Copies a removed file to the nearest folder that is left."""
        folder = next((p for p in self.path.parents if p.is_dir()), None)
        with suppress(OSError):
            file.seek(0)
            with NamedTemporaryFile(
                dir=folder, prefix=f"{self.path.stem[:50]}-", suffix=".jsonl", delete=False
            ) as copy:
                try:
                    while block := file.read(_BLOCK):
                        copy.write(block)
                    copy.flush()
                except OSError:
                    Path(copy.name).unlink()
                    raise
            return Path(copy.name)
        return None

    def _cut_to_whole_lines(self) -> None:
        """Takes off the part of a line that still fitted on the disk."""
        if self._file is not None:
            with suppress(OSError):
                size = self._file.seek(0, os.SEEK_END)
                os.ftruncate(self._file.fileno(), _start_of_last_line(self._file, size))

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
                new.flush()
                os.fsync(new.fileno())
                new.close()
                status = self.path.stat()
                # Windows has no owners by number.
                with suppress(OSError, AttributeError):
                    os.chown(new.name, status.st_uid, status.st_gid)
                Path(new.name).chmod(stat.S_IMODE(status.st_mode))
                Path(new.name).replace(self.path)
            finally:
                Path(new.name).unlink(missing_ok=True)


class ResultsStream:
    """Results on their way to a pipe: nothing to go on from."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def append(self, results: Iterable[BatchResult]) -> None:
        """Writes results; returns when they are out of our hands.

        Raises:
            BrokenPipeError: the reader has gone.
        """
        self._stream.writelines(f"{result.to_json()}\n" for result in results)
        self._stream.flush()


# Failures of the input itself: they show again as soon as it is read.
INPUT_ERRORS = frozenset({InputError.__name__, DuplicateIdError.__name__})
# Bytes; a few lines.
_BLOCK = 1 << 16


def _checked(path: Path) -> Path:
    """Where a path leads; refuses what can be no file of results, with what to do instead."""
    try:
        path = path.resolve()
        _check(path)
    except (OSError, RuntimeError) as error:
        # A name that is too long, a folder that may not be looked into, links in a circle.
        why = getattr(error, "strerror", None) or "its links lead in a circle"
        raise ConfigurationError(
            f"{path}: cannot be opened ({why})", hint="name another file with -o"
        ) from error
    return path


def _check(path: Path) -> None:
    if path.is_dir():
        raise ConfigurationError(f"{path}: is a folder", hint="name a file with -o")
    if path.exists() and not path.is_file():
        raise ConfigurationError(f"{path}: is no file", hint="name a file with -o")
    if not path.parent.is_dir():
        raise ConfigurationError(
            f"{path}: the folder does not exist", hint=f"create it: mkdir -p {path.parent}"
        )


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
    """Where what follows the last line end starts: at the size where nothing does."""
    end = size
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        if (found := file.read(end - start).rfind(b"\n")) >= 0:
            return start + found + 1
        end = start
    return 0


# What `BatchResult.to_json` begins with. Other tools' lines look otherwise, and are left alone.
_START = b'{"id":"'
_ID = re.compile(rb'\{"id":"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)
_MIDDLES = (b',"ok":true,"summary":{', b',"ok":false,"error":{')


def _is_torn(line: bytes) -> bool:
    """Whether it is the beginning of a line of ours, or the zeros that a power cut leaves."""
    line = line.rstrip(b"\0")
    if not (id_ := _ID.match(line)):
        return _START.startswith(line)
    rest = line[id_.end() :]
    return any(rest.startswith(middle) or middle.startswith(rest) for middle in _MIDDLES)


def _json(value: object) -> str:
    """As JSON that UTF-8 can encode: half a character becomes an escape, which JSON has, too."""
    told = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return told.encode("utf-8", "backslashreplace").decode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
