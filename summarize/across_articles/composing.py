"""Composes the records of meetings from their reports."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NamedTuple

from summarize.across_articles import weights
from summarize.across_articles.clusters import spanning
from summarize.across_articles.records import (
    Disagreement,
    MeetingOutcome,
    MeetingRecord,
    MeetingReport,
    MeetingTopic,
    QuoteIn,
    Reason,
)
from summarize.across_articles.store import Store
from summarize.across_articles.wording import content_words, shingles

__all__ = ["OPEN", "compose_meetings"]

OPEN = ("agreement", "commitment", "follow_up")
"""Kinds of outcomes that later meetings may take up."""
_WHEN = ("reported", "earlier", "planned")


class _Row(NamedTuple):
    key: int
    id: str
    article: int
    item: str
    type: str
    when: str
    day: str | None
    low: str | None
    high: str | None
    content: dict[str, Any]
    title: str | None
    outlet: str | None
    source: str | None
    published: str | None
    sha256: str


@dataclass
class _Said:
    """A topic or an outcome, with the quotes of all articles that have it."""

    words: Counter[str] = field(default_factory=Counter)
    parties: dict[str, None] = field(default_factory=dict)
    quotes: list[QuoteIn] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words that most articles have."""
        return most_common(self.words.elements())[0]


def compose_meetings(store: Store) -> None:
    """Keeps the records of all meetings that were touched."""
    for (key,) in store.rows("SELECT meeting FROM touched_meeting ORDER BY meeting"):
        store.execute("DELETE FROM meeting WHERE key = ?", key)
        store.execute("DELETE FROM party WHERE meeting = ?", key)
        rows = [
            _Row._make((*row[:9], json.loads(row[9]), *row[10:]))
            for row in store.rows(
                "SELECT r.key, r.id, r.article, r.item, r.type, r.tense, r.day, r.lo, r.hi,"
                " r.content, a.title, a.outlet, a.source, a.published, a.sha256 FROM report r"
                " JOIN article a ON a.key = r.article WHERE r.meeting = ?",
                key,
            )
        ]
        if not rows:
            continue
        rows.sort(key=lambda row: (row.published or "9", row.id))
        record, day, people = _composed(store, rows)
        store.execute(
            "INSERT INTO meeting VALUES (?, ?, ?, ?)",
            *(key, record.id, day, record.model_dump_json()),
        )
        is_open = any(outcome.kind in OPEN for outcome in record.outcomes)
        pairs = [
            (f"{a} {b}", is_open, day or "", key, kind, record.when == "planned")
            for kind, ids in (("country", record.countries), ("person", people))
            for a, b in combinations(ids, 2)
        ]
        store.insert("party", pairs, 6)


class _Who(NamedTuple):
    """A mention of an actor, in an article of a meeting."""

    article: int
    item: str
    id: str
    country: str | None
    class_: str
    report: int | None


def _mentions(store: Store, rows: Sequence[_Row]) -> list[_Who]:
    """Returns the mentions in the articles, each with the report that it takes part in."""
    articles, reports = (
        ", ".join(map(str, keys)) for keys in zip(*((r.article, r.key) for r in rows), strict=True)
    )
    found = store.rows(
        "SELECT m.article, m.item, a.id, a.country, a.class, p.report FROM mention m"
        " JOIN form f ON f.key = m.form"
        " JOIN actor a ON a.key = CASE WHEN f.apart THEN -m.key ELSE f.actor END"
        f" LEFT JOIN participant p ON p.mention = m.key AND p.report IN ({reports})"
        f" WHERE m.article IN ({articles})"
    )
    return [_Who._make(row) for row in found]


def _composed(store: Store, rows: Sequence[_Row]) -> tuple[MeetingRecord, str | None, list[str]]:
    """Returns the record, the day by which it is ordered, if any is known, and who took part."""
    ids = store.article_ids({row.article for row in rows})
    copies = _copies(rows)
    originals = [row for row in rows if row.article not in copies]
    mentions = _mentions(store, rows)
    present = [one for one in mentions if one.report]
    said = [row.day for row in (*originals, *rows) if row.day]
    day = most_common(said)[0] if said else None
    tense = min((row.when for row in rows), key=_WHEN.index)
    windows = [(row.low, row.high) for row in rows if row.low and row.high]
    window = None
    if windows and not day:
        window = (max(low for low, _ in windows), min(high for _, high in windows))
    record = MeetingRecord.model_validate(
        {
            "id": min(row.id for row in rows),
            "type": most_common(row.type for row in originals)[0],
            "when": tense,
            "day": day,
            "window": window,
            "places": tuple(most_common(place for row in rows for place in row.content["places"])),
            "countries": tuple(sorted({one.country for one in present if one.country})),
            "participants": tuple(most_common(one.id for one in present)),
            "reports": tuple(_report(row, ids, copies) for row in rows),
            "article_count": len(rows),
            "independent_sources": len(originals),
            "topics": _topics(rows, ids),
            "outcomes": _outcomes(rows, ids, mentions),
            "disagreements": tuple(_disagreements(rows, ids)),
            "reasons": tuple(_reasons(store, rows, ids)),
        }
    )
    people = sorted({one.id for one in present if one.class_ == "person"})
    return record, day or (window[0] if window else None), people


def _report(row: _Row, ids: dict[int, str], copies: dict[int, int]) -> MeetingReport:
    original = copies.get(row.article)
    return MeetingReport.model_validate(
        {
            "article": ids[row.article],
            "meeting": row.item,
            "title": row.title,
            "outlet": row.outlet,
            "published": row.published,
            "source": row.source,
            "type": row.type,
            "when": row.when,
            "day": row.day,
            "places": tuple(row.content["places"]),
            "copy_of": original and ids[original],
            "quotes": _quotes(ids[row.article], row.item, row.content["quotes"]),
        }
    )


def _quotes(article: str, item: str, quotes: Iterable[Sequence[Any]]) -> tuple[QuoteIn, ...]:
    return tuple(
        QuoteIn(article=article, item=item, start=start, end=end, text=text)
        for start, end, text in quotes
    )


def _copies(rows: Sequence[_Row]) -> dict[int, int]:
    """Returns the articles that repeat an earlier one, with that one."""
    copies: dict[int, int] = {}
    originals: list[tuple[_Row, frozenset[tuple[str, ...]]]] = []
    for row in rows:
        said = row.content
        texts = [text for _, _, text in said["quotes"]]
        texts += [text for _, _, quotes in said["topics"] for _, _, text in quotes]
        texts += [text for *_, quotes, _ in said["outcomes"] for _, _, text in quotes]
        runs = shingles(*dict.fromkeys(texts))
        for original, others in originals:
            common = len(runs & others)
            if row.sha256 == original.sha256 or common > weights.COPY * len(runs | others):
                copies[row.article] = original.article
                break
        else:
            originals.append((row, runs))
    return copies


def _topics(rows: Sequence[_Row], ids: dict[int, str]) -> tuple[MeetingTopic, ...]:
    found: defaultdict[object, _Said] = defaultdict(_Said)
    for row in rows:
        for topic, item, quotes in row.content["topics"]:
            said = found[content_words(topic) or topic]
            said.words[topic] += 1
            said.quotes += _quotes(ids[row.article], item, quotes)
    return tuple(
        MeetingTopic(topic=said.text, quotes=tuple(said.quotes)) for said in found.values()
    )


def _outcomes(
    rows: Sequence[_Row], ids: dict[int, str], mentions: Sequence[_Who]
) -> tuple[MeetingOutcome, ...]:
    actors = {(one.article, one.item): one.id for one in mentions}
    found: defaultdict[tuple[Any, object], _Said] = defaultdict(_Said)
    for row in rows:
        for kind, description, item, quotes, parties in row.content["outcomes"]:
            said = found[kind, content_words(description) or description]
            said.words[description] += 1
            said.quotes += _quotes(ids[row.article], item, quotes)
            known = (actors.get((row.article, party)) for party in parties)
            said.parties |= dict.fromkeys(actor for actor in known if actor)
    return tuple(
        MeetingOutcome(
            kind=kind,
            description=said.text,
            parties=tuple(said.parties),
            quotes=tuple(said.quotes),
            follow_ups=(),
        )
        for (kind, _), said in found.items()
    )


def _disagreements(rows: Sequence[_Row], ids: dict[int, str]) -> Iterable[Disagreement]:
    fields: dict[Any, Callable[[_Row], str | None]] = {
        "type": lambda row: row.type,
        "day": lambda row: row.day,
        "places": lambda row: ", ".join(row.content["places"]) or None,
    }
    for name, value_of in fields.items():
        values: defaultdict[str, list[str]] = defaultdict(list)
        for row in rows:
            if value := value_of(row):
                values[value].append(ids[row.article])
        if len(values) > 1:
            said = ((value, tuple(articles)) for value, articles in sorted(values.items()))
            yield Disagreement(field=name, values=tuple(said))


def _reasons(store: Store, rows: Sequence[_Row], ids: dict[int, str]) -> Iterable[Reason]:
    names = {row.key: (row.id, ids[row.article]) for row in rows}
    keys = ", ".join(map(str, names))
    pairs = [
        (-score, *sorted((names[one], names[other])), words)
        for one, other, score, words in store.rows(
            "SELECT one, other, score, words FROM report_pair"
            f" WHERE one IN ({keys}) AND other IN ({keys})"
        )
    ]
    for (_, one), (_, other), words in spanning((a, b, words) for _, a, b, words in sorted(pairs)):
        for name, score, why in json.loads(words):
            yield Reason(comparator=name, score=score, words=f"{one} and {other}: {why}")


def most_common(values: Iterable[str]) -> list[str]:
    """Returns the different values, the most frequent first."""
    counts = Counter(values)
    return sorted(counts, key=lambda value: (-counts[value], value))
