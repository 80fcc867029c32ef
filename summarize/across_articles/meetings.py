"""Makes meetings of the reports in articles.

Reports are of one meeting where people or countries, day, place, type and topics say so. Reports
of one article are never merged, nor those that give other days, call it a call and a visit, or name
other people.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from hashlib import sha256
from itertools import combinations
from typing import Any

from summarize.across_articles import weights
from summarize.across_articles.clusters import Component, Partition, components
from summarize.across_articles.decisions import DossierDecision
from summarize.across_articles.report_comparison import (
    Report,
    compare_reports,
    may_be_one,
    probability,
)
from summarize.across_articles.store import Store
from summarize.across_articles.wording import content_words
from summarize.grounding.matching import fold

__all__ = ["resolve_meetings"]


def resolve_meetings(
    store: Store, decisions: Iterable[DossierDecision], threshold: float
) -> list[str]:
    """Assigns reports that are new, or whose actors changed, to meetings.

    Returns a message for each decision about a report that is not there.
    """
    problems = _decide(store, decisions)
    if store.has_changed("threshold", repr(threshold)):
        store.execute("INSERT OR IGNORE INTO touched_report SELECT key FROM report")
    reports = lru_cache(50_000)(lambda key: _report(store, key))
    _compare_changed(store, reports)
    starts = [key for (key,) in store.each("SELECT report FROM touched_report ORDER BY report")]
    ids = lru_cache(50_000)(lambda key: store.value("SELECT id FROM report WHERE key = ?", key))
    for component in components(store, "report", starts, threshold, ids):
        _assign(store, component, {key: reports(key) for key in component.members})
    return problems


def _decide(store: Store, decisions: Iterable[DossierDecision]) -> list[str]:
    problems = []
    about = [one for one in decisions if one.meetings]
    for decision in about:
        keys = []
        for article, item in decision.meetings:
            found = store.rows(
                "SELECT r.key FROM report r JOIN article a ON a.key = r.article"
                " WHERE a.id = ? AND r.item = ?",
                *(article, item),
            )
            if not found:
                why = "no summary has this meeting; a decision is not applied"
                problems.append(f"{article} {item}: {why}")
            keys += [key for (key,) in found]
        is_same = decision.decision == "same"
        rows = [("report", one, other, is_same) for one, other in combinations(keys, 2)]
        store.insert("decided", rows, 4)
    if store.has_changed("meeting decisions", repr(about)):
        store.execute("INSERT OR IGNORE INTO touched_report SELECT key FROM report")
    return problems


def _report(store: Store, key: int) -> Report:
    id_, article, type_, published, day, low, high, content = store.rows(
        "SELECT r.id, r.article, r.type, a.published, r.day, r.lo, r.hi, r.content FROM report r"
        " JOIN article a ON a.key = r.article WHERE r.key = ?",
        key,
    )[0]
    who = store.rows(
        "SELECT CASE WHEN f.apart THEN -p.mention ELSE f.actor END, f.class, f.name, f.country,"
        " a.country FROM participant p JOIN form f ON f.key = p.form"
        " LEFT JOIN actor a ON a.key = f.actor WHERE p.report = ?",
        key,
    )
    said = json.loads(content)
    countries = {own or known for _, _, _, own, known in who}
    return Report(
        key=key,
        id=id_,
        article=article,
        type=type_,
        published=date.fromisoformat(published) if published else None,
        days=(date.fromisoformat(low), date.fromisoformat(high)) if low else None,
        is_sure=bool(day),
        people={actor: name for actor, class_, name, _, _ in who if class_ == "person"},
        countries=frozenset(country for country in countries if country),
        places=frozenset(fold(place) for place in said["places"]),
        topics=content_words(*(topic for topic, _, _ in said["topics"])),
        wording=frozenset(
            _hash(words)
            for _, _, text in said["quotes"]
            if len(words := content_words(text)) >= weights.SENTENCE
        ),
    )


def _hash(words: frozenset[str]) -> int:
    digest = sha256(" ".join(sorted(words)).encode()).digest()
    # Beyond all keys of countries and days.
    return -int.from_bytes(digest[:7], "big") - (1 << 56)


def _compare_changed(store: Store, reports: Any) -> None:
    changed = []
    for key, meeting in store.rows(
        "SELECT key, meeting FROM report JOIN changed ON report = key ORDER BY key"
    ):
        changed.append(key)
        if meeting:
            _forget(store, key)
        store.insert("block", ((block, key) for block in reports(key).blocks()), 2)
    store.execute("INSERT OR IGNORE INTO touched_report SELECT report FROM changed")
    is_changed = set(changed)
    for key in changed:
        report = reports(key)
        for (other,) in store.rows(
            "SELECT DISTINCT theirs.report FROM block mine JOIN block theirs"
            " ON theirs.key = mine.key WHERE mine.report = ? AND theirs.report != mine.report",
            key,
        ):
            # Two changed ones meet twice.
            if other in is_changed and other < key:
                continue
            # The words for it are the same in whichever order they came.
            both = sorted((report, reports(other)), key=lambda one: one.id)
            compared = compare_reports(*both)
            score = probability(compared)
            if score >= weights.KEPT:
                words = json.dumps(compared, ensure_ascii=False)
                store.insert("report_pair", [(*sorted((key, other)), score, words)], 4)
                if other not in is_changed:
                    store.execute("INSERT OR IGNORE INTO touched_report VALUES (?)", other)


def _forget(store: Store, key: int) -> None:
    """Removes what was compared with a report, and has those decided about anew."""
    store.execute("DELETE FROM block WHERE report = ?", key)
    for one, other in (("one", "other"), ("other", "one")):
        pairs = f"FROM report_pair WHERE {one} = ?"
        store.execute(f"INSERT OR IGNORE INTO touched_report SELECT {other} {pairs}", key)
        store.execute(f"DELETE {pairs}", key)


def _assign(store: Store, component: Component, reports: dict[int, Report]) -> None:
    def may_unite(one: Collection[int], other: Collection[int]) -> bool:
        return may_be_one(*([reports[key] for key in keys] for keys in (one, other)))

    partition = Partition(component, may_unite)
    for _, one, other in component.pairs:
        partition.unite(one, other)
    keys = ", ".join(map(str, component.members))
    before = store.rows(f"SELECT DISTINCT meeting FROM report WHERE key IN ({keys})")
    touched = {min(members) for members in partition.sets} | {key for (key,) in before if key}
    store.insert("touched_meeting", ((key,) for key in touched), 1)
    for members in partition.sets:
        keys = ", ".join(map(str, members))
        store.execute(f"UPDATE report SET meeting = ? WHERE key IN ({keys})", min(members))
