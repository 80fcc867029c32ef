"""Tables for more rows than memory holds, gone when they are closed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from summarize.errors import ConfigurationError

__all__ = ["DiskTables"]


class DiskTables:
    """A private database of SQLite that lies on the disk where it is large.

    Any thread may use it, one at a time. Strings that may hold half characters are kept as bytes:
    they would be no text to it.
    """

    def __init__(
        self, holds: str, *tables: str, error: type[ConfigurationError] = ConfigurationError
    ) -> None:
        """Sets up the tables.

        Args:
            holds: what they hold, as messages name it.
            tables: each as SQL creates it, from its name on.
            error: that is raised where there is no room.

        Raises:
            ConfigurationError: there is no room for them; of the given class, here and below.
        """
        self._holds = holds
        self._error = error
        # Without a journal, what lacked room once is malformed: nothing in it counts any more.
        self._failed: sqlite3.OperationalError | None = None
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        # Nothing is ever taken back, nor kept for another run.
        self.execute("PRAGMA journal_mode = OFF")
        for table in tables:
            self.execute(f"CREATE TABLE {table}")
        self.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def execute(self, statement: str, values: Sequence[object] = ()) -> int:
        """Runs one statement of SQL.

        Returns:
            How many rows it put in, changed or took out.
        """
        with self._room():
            return self._database.execute(statement, values).rowcount

    def rows(self, statement: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """What a statement of SQL finds, row by row; to be taken before they are closed."""
        with self._room():
            yield from self._database.execute(statement, values)

    def row(self, statement: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """The first row that a statement of SQL finds; None if there is none."""
        with self._room():
            found: tuple[Any, ...] | None = self._database.execute(statement, values).fetchone()
            return found

    def count(self, rows: str) -> int:
        """How many rows there are: `rows` is a table, with a condition or without."""
        found = self.row(f"SELECT count(*) FROM {rows}")  # noqa: S608  words of our own
        return int(found[0]) if found else 0

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            if self._failed:
                raise self._failed
            yield
        except sqlite3.OperationalError as error:
            self._failed = error
            raise self._error(
                f"{self._holds} cannot be kept ({error})",
                hint="make room in the folder of temporary files, or set SQLITE_TMPDIR to another",
            ) from error

    def close(self) -> None:
        """Gives up what it holds."""
        self._database.close()
