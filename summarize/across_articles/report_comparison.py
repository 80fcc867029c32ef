"""Compares reports of meetings: whether two may be of one, how likely, and the reasons in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations
from math import exp
from typing import TypeAlias

from summarize.across_articles import weights
from summarize.across_articles.names import compare_persons
from summarize.grounding.countries import country_code

__all__ = ["Report", "compare_reports", "may_be_one", "probability"]

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


def may_be_one(one: Sequence[Report], other: Sequence[Report]) -> bool:
    """Whether nothing in the reports of two meetings speaks against one meeting.

    An article has one of the reports only, and a day is left that all may mean.
    """
    reports = [*one, *other]
    if len({report.article for report in reports}) < len(reports):
        return False
    days = [report.days for report in reports if report.days]
    if days:
        low, high = max(day[0] for day in days), min(day[1] for day in days)
        is_sure = any(report.days and report.is_sure for report in reports)
        if low - high > _ONE_DAY * is_sure:
            return False
    return not any(_are_two(a, b, _compare_people(a, b)[0]) for a in one for b in other)


def _are_two(one: Report, other: Report, people: float) -> bool:
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
    if one.article == other.article or _are_two(one, other, people[0]):
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
