"""Adds summaries to the store: their articles, names and reports of meetings."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256
from itertools import count

from summarize.across_articles.store import Store, hash_id, keys_of
from summarize.schema import Actor, Meeting, Quote, Summary

__all__ = ["add_summaries"]

# Rows of mentions that are inserted together.
_MAX_WAITING = 2_000
_NO_DAY = "9999-99-99"
# Days before an article's own that news of a meeting may be about.
_NEWS_DAYS = 2


def add_summaries(store: Store, summaries: Iterable[Summary]) -> int:
    """Adds summaries; returns how many of them are new."""
    adding = _Adding(store)
    new = 0
    for summary in summaries:
        new += adding.add(summary)
    adding.insert_waiting()
    return new


class _Adding:
    """Adds one summary after the other; some rows wait until many are inserted together."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
        self._keys: dict[str, Iterator[int]] = {}

    def add(self, summary: Summary) -> bool:
        """Adds a summary, in place of an earlier one of the same text; returns whether it is new.

        Of several of one text, that made last counts.
        """
        article = summary.article
        digest = sha256(summary.to_json().encode()).hexdigest()[:16]
        version = f"{summary.provenance.created} {digest}"
        known = self._store.rows(
            "SELECT key, version FROM article WHERE id = ? AND sha256 = ?",
            article.id,
            article.sha256,
        )
        if known:
            if known[0][1] >= version:
                return False
            self.insert_waiting()
            self._remove(known[0][0])
        key = self._store.execute(
            "INSERT INTO article VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            *(article.id, article.sha256, version, article.title, article.outlet),
            *(article.source, article.published),
        )
        if self._store.value("SELECT count(*) FROM article WHERE id = ?", article.id) > 1:
            self._touch_twins(article.id)
        mentions = {actor.id: self._add_actor(key, actor, summary) for actor in summary.actors}
        for meeting in summary.meetings:
            self._add_report(key, meeting, summary, mentions)
        if len(self._waiting["mention"]) > _MAX_WAITING:
            self.insert_waiting()
        return True

    def _touch_twins(self, id_: str) -> None:
        """Another text with the id changes how an article is called."""
        self.insert_waiting()
        twins = "article IN (SELECT key FROM article WHERE id = ?)"
        for statement in (
            f"touched_form SELECT form FROM mention WHERE {twins}",
            f"touched_meeting SELECT meeting FROM report WHERE {twins} AND meeting NOTNULL",
        ):
            self._store.execute(f"INSERT OR IGNORE INTO {statement}", id_)

    def _remove(self, article: int) -> None:
        """Removes an article; its names stay, for their next mention."""
        of_article = "SELECT key FROM {} WHERE article = ?"
        reports, mentions = of_article.format("report"), of_article.format("mention")
        touched = "INSERT OR IGNORE INTO touched_{} SELECT {}"
        statements = [
            f"{touched.format('form', 'form')} FROM mention WHERE key IN ({mentions})",
            touched.format("meeting", "meeting FROM report WHERE article = ? AND meeting NOTNULL"),
            *(
                f"{touched.format('report', end)} FROM report_pair WHERE {start} IN ({reports})"
                for start, end in (("one", "other"), ("other", "one"))
            ),
            *(f"DELETE FROM report_pair WHERE {end} IN ({reports})" for end in ("one", "other")),
            *(
                f"DELETE FROM {table} WHERE report IN ({reports})"
                for table in ("block", "participant", "touched_report", "changed")
            ),
            f"DELETE FROM spelling WHERE mention IN ({mentions})",
            *(f"DELETE FROM {table} WHERE article = ?" for table in ("report", "mention", "alias")),
            "DELETE FROM article WHERE key = ?",
        ]
        for statement in statements:
            self._store.execute(statement, article)

    def _add_actor(self, article: int, actor: Actor, summary: Summary) -> tuple[int, int]:
        """Returns the keys of the mention and of its form."""
        class_ = actor.kind if actor.kind in ("person", "country") else "body"
        is_coded = class_ == "country" and actor.country
        form = self._store.form(class_, actor.country if is_coded else actor.name, actor.country)  # type: ignore[arg-type]
        day = summary.article.published
        mention = self._next_key("mention")
        place = f"{day or _NO_DAY} {summary.article.id} {summary.article.sha256}"
        self._later("mention", mention, article, actor.id, form, actor.kind, actor.role, day, place)
        for name in dict.fromkeys((actor.name, *actor.aliases)):
            is_main = name == actor.name
            self._later("spelling", mention, name, is_main, *_mention_of(name, actor.quotes))
        self._later("touched_form", form)
        if class_ == "body" and keys_of(class_, actor.name, "").own:
            others = [one for one in actor.aliases if keys_of(class_, one, "").own]
            aliases = [
                (article, form, self._store.form(class_, one, actor.country)) for one in others
            ]
            self._store.insert("alias", aliases, 3)
            self._store.execute("INSERT OR IGNORE INTO new_form VALUES (?)", form)
        return mention, form

    def _add_report(
        self,
        article: int,
        meeting: Meeting,
        summary: Summary,
        mentions: dict[str, tuple[int, int]],
    ) -> None:
        published = summary.article.published
        day = meeting.date.iso if meeting.date else None
        low = high = day
        if not day and published and meeting.when == "reported":
            low, high = str(date.fromisoformat(published) - timedelta(_NEWS_DAYS)), published
        content = {
            "places": meeting.places,
            "quotes": _dumped(meeting.quotes),
            "topics": [
                (item.topic, item.id, _dumped(item.quotes))
                for item in summary.agenda_items
                if item.meeting == meeting.id
            ],
            "outcomes": [
                (item.kind, item.description, item.id, _dumped(item.quotes), item.parties)
                for item in summary.outcomes
                if item.meeting == meeting.id
            ],
        }
        report = self._next_key("report")
        self._later(
            "report",
            *(report, hash_id("m", summary.article.id, summary.article.sha256, meeting.id)),
            *(article, meeting.id, meeting.type, meeting.when, day, low, high),
            *(json.dumps(content, ensure_ascii=False), None),
        )
        for keys in {mentions[id_] for id_ in meeting.participants if id_ in mentions}:
            self._later("participant", report, *keys)
        self._later("changed", report)

    def _later(self, table: str, *row: object) -> None:
        """Inserts a row together with others, which takes a quarter of the time."""
        self._waiting[table].append(row)

    def insert_waiting(self) -> None:
        """Inserts the rows that wait."""
        for table, rows in self._waiting.items():
            if rows:
                self._store.insert(table, rows, len(rows[0]))
        self._waiting.clear()

    def _next_key(self, table: str) -> int:
        if table not in self._keys:
            self._keys[table] = count(1 + (self._store.value(f"SELECT max(key) FROM {table}") or 0))
        return next(self._keys[table])


def _dumped(quotes: Iterable[Quote]) -> list[tuple[int, int, str]]:
    return [(quote.start, quote.end, quote.text) for quote in quotes]


def _mention_of(name: str, quotes: Sequence[Quote]) -> tuple[int, int, str]:
    """Returns the first mention that is spelled so, else the first one."""
    quote = next((one for one in quotes if one.text == name), quotes[0])
    return quote.start, quote.end, quote.text
