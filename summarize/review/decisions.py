"""Decisions about the items of summaries: values, and the file that keeps them.

The file is append-only, one line of JSON a decision. A decision counts once its line is whole and
on the disk. Files of several people can be put together with `cat`.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from summarize.errors import ConfigurationError, InputError, OutputError, first_problem
from summarize.evaluation.matching import words_of
from summarize.schema import Actor, AgendaItem, Item, ItemField, Meeting
from summarize.sources.decoding import cannot_read, display_name

__all__ = ["FIELDS", "Decision", "DecisionFile", "ItemKey", "field_of", "read_decisions"]

DecisionKind = Literal["right", "wrong", "edit", "add", "undo", "done"]
FIELDS: tuple[ItemField, ...] = get_args(ItemField)

# How a line begins, for the rest of a line behind one that a kill tore.
_START = re.compile(rb'\{"id":"[0-9a-f]{32}"')


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def field_of(item: Item) -> ItemField:
    """The field of a summary that an item is in."""
    match item:
        case Meeting():
            return "meetings"
        case Actor():
            return "actors"
        case AgendaItem():
            return "agenda_items"
    return "outcomes"


class ItemKey(_Value):
    """What tells an item of a summary from all others, also when the summary is made anew.

    Attributes:
        words: its name, topic or description; of a meeting, when, type and places.
        spans: start and end of each of its quotes.
    """

    field: ItemField
    words: str
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, item: Item) -> Self:
        """The key of an item."""
        spans = tuple((quote.start, quote.end) for quote in item.quotes)
        return cls(field=field_of(item), words=words_of(item), spans=spans)

    def __str__(self) -> str:
        return f"{self.field.rstrip('s').replace('_', ' ')} {self.words!r}"


class Decision(_Value):
    """What a person decided about items of one summary: a line of the file.

    Attributes:
        id: of the decision; a line with the same id is the same decision.
        article: id of the article.
        sha256: of the article's text.
        kind: `right`, `wrong` and `edit` are of one item, `add` of a new one, `undo` of an earlier
            decision; `done` says that the rest of the article, `items`, is right.
        items: the items as the summary has them, or as they were added.
        new: the item in its place, or the one added; its own id means nothing.
        refers: the keys of the actors and meetings whose ids are in `new`.
        undoes: id of the decision that no longer holds.
        reviewer: who.
        time: when: ISO 8601, UTC.
    """

    id: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    article: str
    sha256: str
    kind: DecisionKind
    items: tuple[ItemKey, ...] = ()
    new: Item | None = None
    refers: Mapping[str, ItemKey] = {}
    undoes: str | None = None
    reviewer: str = ""
    time: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.kind in ("right", "wrong", "edit") and len(self.items) != 1:
            raise ValueError(f"{self.kind} is about one item")
        if (self.new is not None) != (self.kind in ("edit", "add")):
            raise ValueError(f"{self.kind} and a new item do not go together, or it has none")
        if self.kind == "edit" and self.new and field_of(self.new) != self.items[0].field:
            raise ValueError("the new item is of another field")
        if (self.undoes is not None) != (self.kind == "undo"):
            raise ValueError("undo names the decision that it undoes, and nothing else does")
        return self

    def made(self, reviewer: str) -> Self:
        """The decision, as made by a person now."""
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return self.model_copy(update={"reviewer": reviewer, "time": now})

    def to_json(self) -> str:
        """The decision as one line of JSON, without its end."""
        return self.model_dump_json(exclude_defaults=True)


def read_decisions(path: Path) -> tuple[list[Decision], list[str]]:
    """Reads a file of decisions, in the order in which they were made.

    Returns:
        The decisions, each once, and a message for each line that is none. A torn last line is
        left out without a message: its decision was never said to be saved.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with path.open("rb") as lines:
            return _parsed(lines, display_name(path))
    except OSError as error:
        raise cannot_read(display_name(path), error) from error


def _parsed(lines: Iterable[bytes], name: str) -> tuple[list[Decision], list[str]]:
    found: dict[str, Decision] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        try:
            decision = _decision(line)
        except ValidationError as invalid:
            if line.endswith(b"\n"):
                why = first_problem(invalid)
                problems.append(f"{name}, line {number}: is no decision ({why})")
            continue
        if decision:
            found.setdefault(decision.id, decision)
    return sorted(found.values(), key=lambda decision: decision.time), problems


def _decision(line: bytes) -> Decision | None:
    """Returns the decision of a line, also behind one that was torn; None if it is blank."""
    line = line.strip(b"\0 \r\n\t")
    if not line:
        return None
    try:
        return Decision.model_validate_json(line)
    except ValidationError:
        starts = [match.start() for match in _START.finditer(line)]
        if len(starts) < 2:
            raise
        return Decision.model_validate_json(line[starts[-1] :])


class DecisionFile:
    """A file of decisions that is open for more; see `DecisionFile.opened`.

    Attributes:
        decisions: by their ids, in the order in which they were made.
        problems: a message for each line that is no decision.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self._file = file
        decisions, self.problems = read_decisions(path)
        self.decisions = {decision.id: decision for decision in decisions}

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[Self]:
        """Opens a file for this process alone, and mends a torn last line.

        Raises:
            ConfigurationError: it cannot be written, or another review has it open.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(path.with_name(f".{path.name}.lock"), thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise ConfigurationError(
                f"{path}: another review has it open",
                hint="end that one, or name a file of your own with --review",
            ) from None
        except (OSError, RuntimeError) as error:
            raise _cannot_open(path, error) from error
        try:
            with _opened(path) as file:
                _mend(path, file)
                yield cls(path, file)
        finally:
            with suppress(OSError):
                if not path.stat().st_size:
                    path.unlink()
            with suppress(OSError):
                Path(lock.lock_file).unlink()
            lock.release()

    def append(self, decision: Decision) -> None:
        """Writes a decision, once; returns when it is on the disk.

        Raises:
            OutputError: it is not.
        """
        if decision.id in self.decisions:
            return
        start = None
        try:
            # A file that was removed takes writes.
            if not os.path.samestat(os.fstat(self._file.fileno()), self.path.stat()):
                raise OSError(errno.ESTALE, "it was replaced by another file")
            start = self._file.seek(0, os.SEEK_END)
            left = memoryview(f"{decision.to_json()}\n".encode())
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):
                if start is not None:
                    os.ftruncate(self._file.fileno(), start)
            raise OutputError(f"{self.path}: cannot be written ({error.strerror})") from error
        self.decisions[decision.id] = decision


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        file = path.open("a+b", buffering=0)
    except OSError as error:
        raise _cannot_open(path, error) from error
    with file:
        yield file


def _cannot_open(path: Path, error: Exception) -> ConfigurationError:
    why = getattr(error, "strerror", None) or error
    hint = "check who may use it, or name another file with --review"
    return ConfigurationError(f"{path}: cannot be opened ({why})", hint=hint)


def _mend(path: Path, file: IO[bytes]) -> None:
    """Ends a last line without an end: drops it if a kill tore it."""
    data = b""
    whole = 0
    with path.open("rb") as lines:
        for line in lines:
            data = line
            whole += len(line) if line.endswith(b"\n") else 0
    if not data or data.endswith(b"\n"):
        return
    try:
        is_whole = _decision(data) is not None
    except ValidationError:
        is_whole = False
    if is_whole:
        file.write(b"\n")
    elif data.lstrip().startswith(b'{"id":"'[: len(data)]) or not data.strip(b"\0"):
        os.ftruncate(file.fileno(), whole)
    else:
        raise InputError(
            f"{display_name(path)}: its last line is no decision",
            hint="name a file of decisions with --review, or one that is not there yet",
        )
    os.fsync(file.fileno())
