"""Tables on the disk: what they hold, and what is said where there is no room for it."""

from __future__ import annotations

import pytest

from summarize.errors import ConfigurationError, OutputError
from summarize.storage.disk_tables import DiskTables


def test_rows_are_put_in_and_found_again() -> None:
    with DiskTables("the list", "seen (id TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID") as tables:
        put = [
            tables.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", row)
            for row in [("a", "here"), ("b", "there"), ("a", "elsewhere")]
        ]
        assert put == [1, 1, 0]
        assert tables.row("SELECT place FROM seen WHERE id = ?", ("a",)) == ("here",)
        assert tables.row("SELECT place FROM seen WHERE id = ?", ("c",)) is None
        assert list(tables.rows("SELECT id FROM seen ORDER BY id")) == [("a",), ("b",)]
        assert tables.row("SELECT count(*) FROM seen") == (2,)


@pytest.mark.parametrize("error", [ConfigurationError, OutputError])
def test_no_room_is_told_and_ends_their_use(error: type[ConfigurationError]) -> None:
    """Without a journal, nothing that they hold can be believed after that."""
    told = r"the list cannot be kept \(database or disk is full\); make room in"
    with DiskTables("the list", "seen (id TEXT)", "other (id TEXT)", error=error) as tables:
        tables.execute("INSERT INTO other VALUES (?)", ("a",))
        tables.execute("PRAGMA max_page_count = 4")
        with pytest.raises(error, match=told):
            tables.execute("INSERT INTO seen VALUES (?)", ("x" * 100_000,))
        with pytest.raises(error, match=told):
            tables.row("SELECT count(*) FROM other")
