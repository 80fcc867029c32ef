"""Tables that may have more rows than memory holds, and are gone when they are closed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from summarize.errors import ConfigurationError


class DiskTables:
    """A private SQLite database in a temporary file, which SQLite writes once it is large.

    Any thread may use it, one at a time. Strings that may hold lone surrogates have to be put in as
    bytes: SQLite takes no such text.
    """

    def __init__(
        self, holds: str, *tables: str, error: type[ConfigurationError] = ConfigurationError
    ) -> None:
        """Creates the tables; raises an `error`, as all methods do, where there is no room.

        Args:
            holds: what they hold, for messages.
            tables: each as in SQL's CREATE TABLE, from its name on.
            error: the class of the error.
        """
        self._holds = holds
        self._error = error
        # Without a journal, a database that lacked room once is malformed and stays unusable.
        self._failed: sqlite3.OperationalError | None = None
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        # Nothing is ever rolled back, nor kept for another run.
        self.execute("PRAGMA journal_mode = OFF")
        for table in tables:
            self.execute(f"CREATE TABLE {table}")
        self.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def execute(self, statement: str, values: Sequence[object] = ()) -> int:
        """Runs a statement, and returns how many rows it inserted, changed or deleted."""
        with self._room():
            return self._database.execute(statement, values).rowcount

    def rows(self, statement: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Yields the rows that a query finds; to be taken before the tables are closed."""
        with self._room():
            yield from self._database.execute(statement, values)

    def row(self, statement: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """Returns the first row that a query finds; None if there is none."""
        return next(self.rows(statement, values), None)

    def close(self) -> None:
        """Deletes the tables."""
        self._database.close()

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
