"""What is known of articles, names and reports of meetings, in a file of SQLite.

It stays beside the outputs, so that a later run reads what is new and works on what that touches.
A run is one transaction: one that is killed leaves the file as it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from summarize.across_articles.names import Keys, body_keys, person_keys
from summarize.errors import ConfigurationError, OutputError

FILE = "dossier.sqlite"
_VERSION = 1

# A form is a name of a class (person, country, body) with a country, or '' for none. Forms that
# are one actor's have the same `actor`, the least key among them; each mention of one that is
# `apart` is an actor of its own. `day` of a report is the one that its article gives, `lo` and `hi`
# the first and last it may have been. The reports of one meeting have the same `meeting`.
_TABLES = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE article (key INTEGER PRIMARY KEY, id TEXT, sha256 TEXT, version TEXT, title TEXT,
    outlet TEXT, source TEXT, published TEXT, UNIQUE (id, sha256));
CREATE TABLE form (key INTEGER PRIMARY KEY, id TEXT UNIQUE, class TEXT, name TEXT, country TEXT,
    actor INTEGER, apart INTEGER DEFAULT 0, person INTEGER);
CREATE INDEX form_actor ON form (actor);
CREATE TABLE form_key (key TEXT, form INTEGER, PRIMARY KEY (key, form)) WITHOUT ROWID;
CREATE TABLE alias (article INTEGER, one INTEGER, other INTEGER);
CREATE INDEX alias_article ON alias (article);
CREATE TABLE form_pair (one INTEGER, other INTEGER, score REAL, words TEXT,
    PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE mention (key INTEGER PRIMARY KEY, article INTEGER, item TEXT, form INTEGER, kind TEXT,
    role TEXT, day TEXT, place TEXT);
CREATE INDEX mention_article ON mention (article, item);
CREATE INDEX mention_form ON mention (form);
CREATE TABLE spelling (mention INTEGER, name TEXT, main INTEGER, start INTEGER, end INTEGER,
    text TEXT);
CREATE INDEX spelling_mention ON spelling (mention);
CREATE TABLE decided (what TEXT, one INTEGER, other INTEGER, same INTEGER);
CREATE INDEX decided_one ON decided (what, one);
CREATE INDEX decided_other ON decided (what, other);
CREATE TABLE actor (key INTEGER PRIMARY KEY, id TEXT, name TEXT, class TEXT, country TEXT,
    record TEXT);
CREATE INDEX actor_id ON actor (id);
CREATE TABLE report (key INTEGER PRIMARY KEY, id TEXT UNIQUE, article INTEGER, item TEXT,
    type TEXT, tense TEXT, day TEXT, lo TEXT, hi TEXT, content TEXT, meeting INTEGER);
CREATE INDEX report_article ON report (article);
CREATE INDEX report_meeting ON report (meeting);
CREATE TABLE participant (report INTEGER, mention INTEGER, form INTEGER,
    PRIMARY KEY (report, mention)) WITHOUT ROWID;
CREATE INDEX participant_form ON participant (form);
CREATE TABLE block (key INTEGER, report INTEGER, PRIMARY KEY (key, report)) WITHOUT ROWID;
CREATE INDEX block_report ON block (report);
CREATE TABLE report_pair (one INTEGER, other INTEGER, score REAL, words TEXT,
    PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE INDEX form_pair_other ON form_pair (other);
CREATE INDEX report_pair_other ON report_pair (other);
CREATE TABLE meeting (key INTEGER PRIMARY KEY, id TEXT, day TEXT, record TEXT);
CREATE TABLE party (pair TEXT, is_open INTEGER, day TEXT, meeting INTEGER, kind TEXT,
    planned INTEGER, PRIMARY KEY (pair, is_open, day, meeting)) WITHOUT ROWID;
CREATE INDEX party_meeting ON party (meeting);
CREATE TABLE follow_up (meeting INTEGER, outcome INTEGER, later INTEGER, score REAL, words TEXT,
    quote TEXT, PRIMARY KEY (meeting, outcome, later)) WITHOUT ROWID;
CREATE INDEX follow_up_later ON follow_up (later);
"""
_WORK = """
CREATE TEMP TABLE new_form (form INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched_form (form INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched_report (report INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched_meeting (meeting INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched_actor (actor INTEGER PRIMARY KEY);
CREATE TEMP TABLE changed (report INTEGER PRIMARY KEY);
"""


def hash_id(prefix: str, *parts: str) -> str:
    """Returns an id that is a hash of what it is of."""
    return prefix + sha256("\0".join(parts).encode()).hexdigest()[:12]


class Store:
    """The tables of a dossier."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._form = lru_cache(100_000)(self._find_or_add_form)

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[Store]:
        """Opens the file, or creates it; what is done is kept only by `commit`.

        Raises:
            ConfigurationError: it is no such file, of another version, or in use.
            OutputError: it cannot be written.
        """
        try:
            database = sqlite3.connect(path, isolation_level=None, timeout=1)
            try:
                database.execute("PRAGMA cache_size = -65536")
                database.execute("BEGIN EXCLUSIVE")
                store = cls(database)
                store._create(path)
                yield store
            finally:
                database.close()
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                why = f"{path}: another run is at work on it"
                raise ConfigurationError(why, hint="wait until it is done") from error
            raise OutputError(f"{path}: cannot be kept ({error})", hint="make room") from error
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(f"{path}: {error}", hint="name another folder") from error

    def _create(self, path: Path) -> None:
        version = self.value("PRAGMA user_version")
        is_new = not self.value("SELECT count(*) FROM sqlite_master")
        if not is_new and version != _VERSION:
            why = f"{path}: was made by another version of summarize"
            raise ConfigurationError(why, hint="name another folder, and give all summaries again")
        for statement in (_TABLES * is_new + _WORK).split(";"):
            self.execute(statement)
        self.execute(f"PRAGMA user_version = {_VERSION}")

    def commit(self) -> None:
        """Keeps what was done."""
        self._database.execute("COMMIT")

    def execute(self, statement: str, *values: object) -> int:
        """Runs a statement; returns the key of the row it inserted."""
        return self._database.execute(statement, values).lastrowid or 0

    def insert(self, table: str, rows: Iterable[Sequence[object]], columns: int) -> None:
        """Inserts rows of so many columns; those that are there already stay."""
        marks = ", ".join("?" * columns)
        self._database.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Returns the rows that a query finds; for few."""
        return self._database.execute(query, values).fetchall()

    def each(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yields the rows that a query finds, which may be many."""
        yield from self._database.execute(query, values)

    def value(self, query: str, *values: object) -> Any:
        """Returns the first value that a query finds, or None."""
        row = self._database.execute(query, values).fetchone()
        return row[0] if row else None

    def has_changed(self, setting: str, value: str) -> bool:
        """Keeps a setting; returns whether it was another one before."""
        before = self.value("SELECT value FROM setting WHERE name = ?", setting)
        self.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", setting, value)
        return before is not None and before != value

    def article_ids(self, keys: Iterable[int]) -> dict[int, str]:
        """Returns the ids of articles; of two texts with one id, with the hash of the text."""
        marks = ", ".join(map(str, keys))
        return {
            key: f"{id_}@{digest[:8]}" if is_twice else id_
            for key, id_, digest, is_twice in self.rows(
                "SELECT key, id, sha256, EXISTS (SELECT 1 FROM article other WHERE other.id ="
                f" article.id AND other.key != article.key) FROM article WHERE key IN ({marks})"
            )
        }

    def form(self, class_: str, name: str, country: str | None) -> int:
        """Returns the key of a form, which is added if it is new."""
        return self._form(class_, name, country or "")

    def _find_or_add_form(self, class_: str, name: str, country: str) -> int:
        id_ = hash_id("a", class_, name, country)
        if key := self.value("SELECT key FROM form WHERE id = ?", id_):
            return int(key)
        key = self.execute(
            "INSERT INTO form (id, class, name, country) VALUES (?, ?, ?, ?)",
            *(id_, class_, name, country),
        )
        keys = keys_of(class_, name, country).own
        self.insert("form_key", ((one, key) for one in keys), 2)
        self.execute("INSERT INTO new_form VALUES (?)", key)
        return key


def keys_of(class_: str, name: str, country: str) -> Keys:
    """Returns the keys for blocking of a form; a country is its own code."""
    if class_ == "person":
        return person_keys(name, country)
    if class_ == "body":
        return body_keys(name, country)
    return Keys(frozenset(), frozenset())
