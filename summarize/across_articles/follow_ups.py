"""Finds later meetings of the same parties that may take up an outcome.

They are candidates for a reader, each with its quote: no more is known than words in common.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any

from summarize.across_articles import weights
from summarize.across_articles.composing import OPEN
from summarize.across_articles.records import FollowUp
from summarize.across_articles.store import Store
from summarize.across_articles.wording import content_words

__all__ = ["find_follow_ups", "follow_ups_of"]

_DAY = timedelta(1)


@dataclass(frozen=True)
class _Meeting:
    """A meeting, as it is compared.

    Attributes:
        outcomes: that may be taken up: their numbers and words.
        said: its topics and outcomes: their words and quotes.
    """

    day: date
    outcomes: list[tuple[int, frozenset[str]]]
    said: list[tuple[frozenset[str], dict[str, Any]]]


def find_follow_ups(store: Store) -> None:
    """Compares each meeting that was touched with those before and after it."""
    meetings = lru_cache(50_000)(partial(_meeting, store))
    rows = store.rows(
        "SELECT t.meeting, m.day FROM touched_meeting t LEFT JOIN meeting m ON m.key = t.meeting"
        " ORDER BY m.day, t.meeting"
    )
    for key, _ in rows:
        store.execute("DELETE FROM follow_up WHERE meeting = ?1 OR later = ?1", key)
    far = timedelta(weights.FOLLOW_UP_DAYS)
    for key, day in rows:
        if not day:
            continue
        this = meetings(key)
        for other in _of_same_parties(store, key, "theirs.is_open", this.day - far, this.day):
            _compare(store, other, key, meetings)
        if this.outcomes:
            # Those that were touched look back themselves.
            others = "theirs.meeting NOT IN (SELECT meeting FROM touched_meeting)"
            for other in _of_same_parties(store, key, others, this.day + _DAY, this.day + far):
                _compare(store, key, other, meetings)


def _meeting(store: Store, key: int) -> _Meeting:
    day, text = store.rows("SELECT day, record FROM meeting WHERE key = ?", key)[0]
    record = json.loads(text)
    ordinary = content_words(*record["places"])
    outcomes = [content_words(one["description"]) - ordinary for one in record["outcomes"]]
    said = [(content_words(one["topic"]), one["quotes"][0]) for one in record["topics"]]
    said += [
        (words, one["quotes"][0]) for words, one in zip(outcomes, record["outcomes"], strict=True)
    ]
    return _Meeting(
        day=date.fromisoformat(day),
        outcomes=[
            (number, words)
            for number, words in enumerate(outcomes)
            if record["outcomes"][number]["kind"] in OPEN
        ],
        said=said,
    )


def _of_same_parties(store: Store, key: int, where: str, first: date, last: date) -> Iterator[int]:
    rows = store.rows(
        "SELECT DISTINCT theirs.meeting FROM party mine JOIN party theirs"
        " ON theirs.pair = mine.pair WHERE mine.meeting = ? AND theirs.is_open IN (0, 1)"
        f" AND theirs.day >= ? AND theirs.day < ? AND {where}",
        *(key, str(first), str(last)),
    )
    return (other for (other,) in rows)


def _compare(store: Store, earlier: int, later: int, meetings: Callable[[int], _Meeting]) -> None:
    """Keeps what of a later meeting may take up an outcome of an earlier one."""
    for number, words in meetings(earlier).outcomes:
        best, quote = max(
            ((words & others, quote) for others, quote in meetings(later).said),
            key=lambda found: len(found[0]),
            default=(frozenset[str](), {}),
        )
        score = len(best) / max(1, len(words))
        if len(best) >= weights.FOLLOW_UP_WORDS and score >= weights.FOLLOW_UP:
            common = f"both speak of {', '.join(sorted(best))}"
            rows = [(earlier, number, later, round(score, 3), common, json.dumps(quote))]
            store.insert("follow_up", rows, 6)


def follow_ups_of(store: Store, meeting: int, outcome: int) -> tuple[FollowUp, ...]:
    """Returns the candidates that take up an outcome, the likeliest first."""
    rows = store.rows(
        "SELECT m.id, f.score, f.words, f.quote FROM follow_up f JOIN meeting m ON m.key = f.later"
        " WHERE f.meeting = ? AND f.outcome = ? ORDER BY f.score DESC, m.day, m.id LIMIT ?",
        *(meeting, outcome, weights.MAX_FOLLOW_UPS),
    )
    return tuple(
        FollowUp(meeting=id_, score=score, words=words, quote=json.loads(quote))
        for id_, score, words, quote in rows
    )
