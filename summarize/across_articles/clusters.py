"""Clusters of what was compared in pairs: forms of names, or reports of meetings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from summarize.across_articles.store import Store


@dataclass(frozen=True)
class Component:
    """What pairs connect with each other; nothing else can be in one cluster with it.

    Attributes:
        members: keys, in ascending order.
        pairs: scored pairs, the best first.
        same: pairs that a person decided are one.
        different: those that a person decided are not.
    """

    members: list[int]
    pairs: list[tuple[float, int, int]]
    same: list[tuple[int, int]]
    different: list[tuple[int, int]]


def components(
    store: Store, what: str, starts: Iterable[int], least: float, ids: Callable[[int], str]
) -> Iterator[Component]:
    """Yields the components that the starts are in.

    Args:
        store: has the pairs, in the table `{what}_pair`.
        what: "form" or "report".
        starts: keys.
        least: the least score of a pair that connects.
        ids: returns the id of a key, by which pairs of one score are ordered.
    """
    query = " UNION ALL ".join(
        f"SELECT one, other, score FROM {what}_pair WHERE {end} = ? AND score >= ?"
        for end in ("one", "other")
    )
    decided = " UNION ALL ".join(
        f"SELECT one, other, same FROM decided WHERE what = ? AND {end} = ?"
        for end in ("one", "other")
    )
    has_decided = store.value("SELECT 1 FROM decided WHERE what = ?", what)
    seen: set[int] = set()
    for start in starts:
        if start in seen:
            continue
        seen.add(start)
        found = [start]
        pairs: set[tuple[float, int, int]] = set()
        links: set[tuple[int, int, int]] = set()
        for key in found:
            scored = store.rows(query, key, least, key, least)
            linked = store.rows(decided, what, key, what, key) if has_decided else []
            pairs.update((score, one, other) for one, other, score in scored)
            links.update(linked)
            for one, other, _ in (*scored, *linked):
                for end in {one, other} - seen:
                    seen.add(end)
                    found.append(end)
        yield Component(
            members=sorted(found),
            pairs=sorted(pairs, key=lambda pair: (-pair[0], *sorted(map(ids, pair[1:])))),
            same=sorted((one, other) for one, other, is_same in links if is_same),
            different=sorted((one, other) for one, other, is_same in links if not is_same),
        )


class Partition:
    """Disjoint sets of members, united one pair at a time."""

    def __init__(
        self,
        component: Component,
        may_unite: Callable[[Collection[int], Collection[int]], bool],
    ) -> None:
        """Unites what people decided is one.

        Args:
            component: the members, and what people decided about them.
            may_unite: whether nothing in two sets speaks against one.
        """
        self._sets = {member: {member} for member in component.members}
        self._may_unite = may_unite
        self._different = component.different
        for one, other in component.same:
            if not self._is_forbidden(self._sets[one], self._sets[other]):
                self._join(one, other)

    def set_of(self, member: int) -> set[int]:
        """The set that a member is in."""
        return self._sets[member]

    @property
    def sets(self) -> list[set[int]]:
        """All sets, by their least members."""
        return [found for member, found in sorted(self._sets.items()) if member == min(found)]

    def may_unite(self, one: int, other: int) -> bool:
        """Whether the sets of two members may become one."""
        a, b = self._sets[one], self._sets[other]
        return a is not b and not self._is_forbidden(a, b) and self._may_unite(a, b)

    def unite(self, one: int, other: int) -> None:
        """Makes the sets of two members one, if they may be."""
        if self.may_unite(one, other):
            self._join(one, other)

    def _is_forbidden(self, a: set[int], b: set[int]) -> bool:
        return any((x in a and y in b) or (x in b and y in a) for x, y in self._different)

    def _join(self, one: int, other: int) -> None:
        small, large = sorted((self._sets[one], self._sets[other]), key=len)
        if small is not large:
            large |= small
            for member in small:
                self._sets[member] = large


_Key = TypeVar("_Key", bound=Hashable)


def spanning(pairs: Iterable[tuple[_Key, _Key, str]]) -> Iterator[tuple[_Key, _Key, str]]:
    """Yields the pairs that connect a cluster, of all its pairs with the best first."""
    roots: dict[_Key, _Key] = {}

    def root(key: _Key) -> _Key:
        while key in roots:
            key = roots[key]
        return key

    for one, other, words in pairs:
        if (a := root(one)) != (b := root(other)):
            roots[a] = b
            yield one, other, words
