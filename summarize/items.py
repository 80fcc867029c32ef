"""Topics and outcomes as they are found: each once, with every sentence that says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from summarize.matching import fold
from summarize.reading import Sentence, Span

__all__ = ["Found", "Item", "Items", "overlap", "stems_of"]


@dataclass(frozen=True, slots=True)
class Found:
    """Words that the article has, where they stand, and in which sentence."""

    words: str
    span: Span
    sentence: Sentence


@dataclass
class Item:
    """What is reported once.

    Attributes:
        first: the words by which it is known.
        stems: of these words.
        spans, sentences: every place that says it, the one of `first` among them.
    """

    first: Found
    stems: frozenset[str]
    spans: list[Span] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)


class Items:
    """A collection of items."""

    def __init__(self) -> None:
        self._items: list[Item] = []

    def __iter__(self) -> Iterator[Item]:
        """In the order of the article."""
        return iter(sorted(self._items, key=lambda item: item.first.span))

    def __len__(self) -> int:
        return len(self._items)

    def add(self, found: Found) -> None:
        """Adds an item, or one more sentence to what it says again."""
        if self.has(found.span):
            return
        stems = stems_of(found.words)
        item = next((i for i in self._items if _is_same(stems, i.stems)), None)
        if item is None:
            item = Item(found, stems)
            self._items.append(item)
        item.spans.append(found.span)
        if found.sentence not in item.sentences:
            item.sentences.append(found.sentence)

    def also_in(self, sentence: Sentence, text: str) -> None:
        """Adds a sentence to the items that it says, too."""
        stems = stems_of(text)
        for item in self._items:
            said = len(item.stems & stems) >= _MIN_SAID * len(item.stems)
            if said and sentence not in item.sentences:
                item.sentences.append(sentence)

    def has(self, span: Span) -> bool:
        """Whether an item has mostly these words already."""
        return any(overlap(span, other) for item in self._items for other in item.spans)


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans are mostly the same words."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared * 2 > min(one.end - one.start, other.end - other.start)


# Two thirds of the shorter one's words, and a little: of three words two are not enough.
_MIN_SHARED = 0.7
# The share of an item's words in a sentence that says it, too: of three words two.
_MIN_SAID = 0.66
# Letters by which words are compared: terror, terrorism and terrorist are one.
_STEM = 6


def _is_same(one: frozenset[str], other: frozenset[str]) -> bool:
    shorter = min(len(one), len(other))
    return shorter > 0 and len(one & other) >= _MIN_SHARED * shorter


@lru_cache(maxsize=1024)
def stems_of(words: str) -> frozenset[str]:
    """The stems of words, without those that say little if there are others."""
    stems = {word[:_STEM] for word in re.findall(r"[^\W_]+", fold(words)) if word not in _STOP}
    return frozenset(stems - _GENERAL or stems)


_STOP = frozenset(
    "a against also an and as at both by for from her his in including its like of on other s such"
    " that the their this to ways with".split()
)
# Words of topics that do not tell one from another.
_GENERAL = frozenset(
    word[:_STEM]
    for word in """
    addressing areas combating concerns continuation cooperation current development developments
    efforts enhancing fight further interest issue issues joint latest matters mutual ongoing
    possible question recent relations shared situation steps strengthening ties topic topics
    """.split()
)
