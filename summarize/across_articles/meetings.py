"""Makes meetings of the reports in articles.

Reports are of one meeting where people or countries, day, place, type and topics say so. Reports
of one article are never merged, nor those that give other days, call it a call and a visit, or name
other people.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import combinations
from math import exp
from typing import Any, TypeAlias

from summarize.across_articles import weights
from summarize.across_articles.clusters import Component, Partition, components
from summarize.across_articles.decisions import DossierDecision
from summarize.across_articles.names import compare_persons
from summarize.across_articles.store import Store
from summarize.across_articles.wording import content_words
from summarize.grounding.countries import country_code
from summarize.grounding.matching import fold

__all__ = ["resolve_meetings"]

Compared: TypeAlias = tuple[str, float, str]
"""The name of a comparator, its score, and the reason in words."""
_ONE_DAY = timedelta(1)
# Days of the calendar, and pairs of countries, that fit into the key of a block.
_DAYS = 1 << 20
_ALPHABET = 26


@dataclass(frozen=True)
class Report:
    """What one article says of a meeting, as it is compared.

    Attributes:
        days: the first and last that it may have been, if known.
        is_sure: the article gives the day.
        people: actors, by their keys, with their names.
        wording: hashes of the sentences that tell of it.
    """

    key: int
    id: str
    article: int
    type: str
    published: date | None
    days: tuple[date, date] | None
    is_sure: bool
    people: dict[int, str]
    countries: frozenset[str]
    places: frozenset[str]
    topics: frozenset[str]
    wording: frozenset[int]

    def blocks(self) -> Iterator[int]:
        """Yields keys: reports are compared that share one."""
        yield from self.wording
        if not self.days:
            return
        pairs = [_pair_number(*pair) for pair in combinations(sorted(self.countries), 2)]
        low, high = (day.toordinal() for day in self.days)
        # Outlets may be a day apart: of a date line, or of the evening.
        for day in range(low, high + 1 + self.is_sure):
            yield from (actor * _DAYS + day for actor in self.people)
            yield from (-(pair * _DAYS + day) for pair in pairs)


def _pair_number(one: str, other: str) -> int:
    number = 0
    for letter in one + other:
        number = number * _ALPHABET + ord(letter) - ord("A")
    return number + 1


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
        a, b = ([reports[key] for key in keys] for keys in (one, other))
        return _may_be_one([*a, *b]) and not any(
            are_two(x, y, _compare_people(x, y)[0]) for x in a for y in b
        )

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


def _may_be_one(reports: Sequence[Report]) -> bool:
    """Whether an article has one of the reports only, and a day is left that all may mean."""
    if len({report.article for report in reports}) < len(reports):
        return False
    days = [report.days for report in reports if report.days]
    if not days:
        return True
    low, high = max(day[0] for day in days), min(day[1] for day in days)
    sure = {report.days[0] for report in reports if report.days and report.is_sure}
    return low - high <= _ONE_DAY * bool(sure)


# Comparators


def are_two(one: Report, other: Report, people: float) -> bool:
    """Whether something shows that two reports are of two meetings.

    Args:
        one: a report.
        other: another one.
        people: what comparing their people says.
    """
    is_call = [report.type == "call" for report in (one, other)]
    is_other = [report.type in ("visit", "summit", "agreement") for report in (one, other)]
    if (is_call[0] and is_other[1]) or (is_call[1] and is_other[0]):
        return True
    are_others = people < weights.OTHER_PEOPLE and min(len(one.people), len(other.people)) > 1
    return are_others and not _compare_wording(one, other)[0]


def probability(compared: Iterable[Compared]) -> float:
    """Returns the probability of one meeting, from what the comparators say."""
    odds = sum(weights.MEETING_WEIGHTS[name] * score for name, score, _ in compared)
    return 1 / (1 + exp(-odds - weights.MEETING_BIAS))


def compare_reports(one: Report, other: Report) -> list[Compared]:
    """Returns what speaks for one meeting, and what against it; nothing if they are two."""
    people = _compare_people(one, other)
    if one.article == other.article or are_two(one, other, people[0]):
        return []
    found = (
        ("people", *people),
        ("countries", *_compare_countries(one.countries, other.countries)),
        ("day", *_compare_days(one, other)),
        ("places", *_compare_places(one.places, other.places)),
        ("type", *_compare_types(one.type, other.type)),
        ("topics", *_compare_topics(one.topics, other.topics)),
        ("wording", *_compare_wording(one, other)),
    )
    return [compared for compared in found if compared[1]]


def _compare_people(one: Report, other: Report) -> tuple[float, str]:
    a, b = one.people, other.people
    if not a or not b:
        return 0, ""
    both = sorted(a[key] for key in a.keys() & b.keys())
    alike = _alike(one, other)
    if not both:
        score = 0.7 * (alike > 1) if alike else -1
        return score, "people of these names" if alike else "other people"
    words = f"both name {', '.join(both)}"
    shared = len(both) + alike
    only = min(len(a), len(b)) - shared
    if only <= 0:
        return (1 if shared > 1 else 0.5), words
    # Half in common is not enough: somebody's namesake, or the next one in a row of talks. Of many
    # at a summit, each article names a few.
    is_summit = one.type == other.type == "summit" and min(len(a), len(b)) >= weights.MANY
    share = shared / (shared + only)
    return max(4 * share - 3, -1 + is_summit), f"{words}, and each somebody else"


def _alike(one: Report, other: Report) -> int:
    """Returns how many people have names that can mean several, one of them in the other report."""
    left = {key: name for key, name in one.people.items() if key not in other.people}
    right = {key: name for key, name in other.people.items() if key not in one.people}
    return sum(
        any(
            min(key, theirs) < 0 and compare_persons(*sorted((name, their_name))).score > 0
            for theirs, their_name in right.items()
        )
        for key, name in left.items()
    )


def _compare_countries(a: frozenset[str], b: frozenset[str]) -> tuple[float, str]:
    both = ", ".join(sorted(a & b))
    if not a or not b:
        return 0, ""
    if not both:
        return -1, "other countries"
    if a <= b or b <= a:
        return (1 if len(a & b) > 1 else 0.3), f"both are of {both}"
    return -0.3, f"both are of {both}, and each of another"


def _compare_days(one: Report, other: Report) -> tuple[float, str]:
    if not one.days or not other.days:
        return 0, ""
    if one.days == other.days:
        return (1, f"both on {one.days[0]}") if one.is_sure else (0.8, f"both by {one.days[1]}")
    if one.is_sure and other.is_sure:
        return 0.2, f"{one.days[0]}, and {other.days[0]}"
    low, high = max(one.days[0], other.days[0]), min(one.days[1], other.days[1])
    if low > high:
        return -0.3, "days that do not overlap"
    # News is of its own day or the one before more often than of an earlier one.
    is_late = (one.is_sure or other.is_sure) and max(one.days[1], other.days[1]) - low > _ONE_DAY
    return (0.4 if is_late else 0.6), f"both may be on {low}"


def _compare_places(a: frozenset[str], b: frozenset[str]) -> tuple[float, str]:
    if not a or not b:
        return 0, ""
    if both := sorted(a & b):
        return 1, f"both in {', '.join(both)}"
    # A country says less than a city in it.
    if any(map(_is_country, a)) != any(map(_is_country, b)):
        return 0, ""
    return -1, f"{', '.join(sorted(a))} is not {', '.join(sorted(b))}"


@lru_cache(10_000)
def _is_country(place: str) -> bool:
    return country_code(place) is not None


def _compare_types(a: str, b: str) -> tuple[float, str]:
    if a == b:
        return 0.25, f"both are a {a}"
    return (-1, f"a {a} is no {b}") if "call" in (a, b) else (0, "")


def _compare_topics(a: frozenset[str], b: frozenset[str]) -> tuple[float, str]:
    both = sorted(a & b)
    share = len(both) / max(1, min(len(a), len(b)))
    return share, f"both speak of {', '.join(both[:5])}"


def _compare_wording(one: Report, other: Report) -> tuple[float, str]:
    far = one.published and other.published and abs(one.published - other.published)
    if one.wording.isdisjoint(other.wording) or (far and far.days > weights.NEWS_AGE):
        return 0, ""
    return 1, "the same sentence"
