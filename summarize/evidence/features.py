"""What is looked at to decide: features of sentences, actors, items and articles.

A feature is a name and a number. Words are taken as they come: no list says what a word means. The
weights that say so are learned (benchmarks/train.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from summarize.article.reading import Reading, Span
from summarize.grounding.actors import Candidate
from summarize.grounding.matching import fold
from summarize.grounding.places import Item
from summarize.prompting.draft import DraftEvent

__all__ = [
    "OWN_WORD",
    "Context",
    "Features",
    "SentenceScores",
    "actor_features",
    "article_features",
    "item_features",
    "sentence_features",
]

Features = dict[str, float]

# What the names of features begin with that are words of a sentence or an item itself.
OWN_WORD = "w "
# A capitalised name is a name, whoever it names: what was learned of one holds for the others.
_NAME = "^"
_NUMBER = "0"
_TOKEN = re.compile(r"[^\W\d_]+(?:[’'.-][^\W\d_]+)*|\d[\d.,]*|[“”\",;:()]")
_BULLET = re.compile(r"\s*(?:[•●▪‣∙*–—-]|\d{1,2}[.)])\s")
_ENDS = (".", "!", "?", ":", "”", '"')
# Words before and behind a name.
_REACH = 4
# Mentions that are looked at: a reader knows by then.
_MAX_MENTIONS = 12
# Sentences of the body counted one by one.
_FIRST = 5
# Words of a sentence after which it is simply long.
_LONG = 60
# Sentences that settle whether there was a meeting: rows 13 and 14 of the log in docs/quality.md.
_TELLING = 2


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark, by what it is known."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SentenceScores:
    """Log odds that a sentence says what was discussed, or what came of it."""

    topic: float = 0.0
    outcome: float = 0.0

    @property
    def shares(self) -> Mapping[str, float]:
        """Both within bounds, as numbers between 0 and 1."""
        odds = {"topic": self.topic, "outcome": self.outcome}
        return {f"tells {name}": (max(min(x, 4.0), -4.0) + 4.0) / 8.0 for name, x in odds.items()}


def _tokens_of(text: str) -> list[Token]:
    """The words and marks of a text; names and numbers without which."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        is_first = not tokens or tokens[-1].key in {"“", '"', ":"}
        if word[0].isdigit():
            key = _NUMBER
        elif word[0].isupper() and not is_first:
            key = _NAME
        else:
            key = fold(word)
        tokens.append(Token(key, match.start(), match.end()))
    return tokens


def _keys(tokens: Sequence[Token]) -> list[str]:
    """What tokens are known by, each name once, however many words it has."""
    keys = [token.key for token in tokens]
    return [k for i, k in enumerate(keys) if not (k == _NAME and i and keys[i - 1] == _NAME)]


def _long_words(text: str) -> frozenset[str]:
    return frozenset(w for w in re.findall(r"[^\W\d_]+", fold(text)) if len(w) > 3)


class Context:
    """An article and what is known of its sentences.

    Args:
        reading: of the article.

    Attributes:
        scores: what each sentence tells, as far as was learned.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.sentences = reading.sentences
        self.tokens = [_tokens_of(self.text(sentence.span)) for sentence in reading.sentences]
        self.scores: Sequence[SentenceScores] = [SentenceScores()] * len(reading.sentences)
        self._index = {sentence: i for i, sentence in enumerate(reading.sentences)}

    @cached_property
    def body(self) -> Mapping[int, int]:
        """Places of the sentences of the body in it, by their index."""
        body = (i for i, sentence in enumerate(self.sentences) if not sentence.is_title)
        return {index: place for place, index in enumerate(body)}

    @cached_property
    def title(self) -> frozenset[str]:
        """The longer words of the headline."""
        return _long_words(self.reading.title or "")

    @cached_property
    def listed(self) -> Mapping[int, int]:
        """By the index of a sentence in a list, that of the last one before the list."""
        listed = {}
        before = 0
        for paragraph in self.reading.paragraphs:
            text = self.text(paragraph)
            inside = [i for i, s in enumerate(self.sentences) if paragraph.holds(s.span)]
            is_item = _BULLET.match(text) or not text.rstrip().endswith(_ENDS)
            if inside and is_item and not self.sentences[inside[0]].is_title:
                listed.update(dict.fromkeys(inside, before))
            elif inside:
                before = inside[-1]
        return listed

    def intro(self, index: int) -> list[str]:
        """The last words before the list that a sentence is in; nothing if it is in none."""
        return _keys(self.tokens[self.listed[index]])[-8:] if index in self.listed else []

    def text(self, span: Span) -> str:
        """The words of a span."""
        return self.reading.text[span.start : span.end]

    def at(self, position: int) -> int:
        """The index of the sentence at a position."""
        return self._index[self.reading.sentence_at(position)]

    def place(self, index: int) -> Features:
        """Where a sentence stands."""
        place = self.body.get(index)
        if place is None:
            return {"in title": 1.0}
        return {f"place {min(place, _FIRST)}": 1.0, "depth": place / max(len(self.body), 1)}


def _said(prefix: str, keys: Sequence[str]) -> Features:
    """Each of some words once; of many, each counts less."""
    return {f"{prefix}{key}": len(keys) ** -0.5 for key in keys}


def sentence_features(context: Context, index: int) -> Features:
    """Of a sentence: its words, where it stands, and what it looks like."""
    keys = _keys(context.tokens[index])
    words = _long_words(context.text(context.sentences[index].span))
    return {
        **_said(OWN_WORD, keys),
        **context.place(index),
        "length": min(len(keys), _LONG) / _LONG,
        "title": len(words & context.title) / max(len(context.title), 1),
        "names": keys.count(_NAME) / max(len(keys), 1),
        "listed": float(index in context.listed),
        **_said("intro ", context.intro(index)),
    }


def actor_features(context: Context, candidate: Candidate, others: Sequence[Candidate]) -> Features:
    """Of somebody named: the words around each mention, where they stand, what the draft says.

    Args:
        context: of the article.
        candidate: somebody.
        others: everybody that the article names.
    """
    kind, claimed, mentions = candidate.kind, candidate.claimed, candidate.mentions[:_MAX_MENTIONS]
    places = [context.at(mention.start) for mention in mentions]
    alike = [other for other in others if other.kind == kind]
    earlier = sum(other.mentions[0] < candidate.mentions[0] for other in alike)
    oftener = sum(len(other.mentions) > len(candidate.mentions) for other in alike)
    names = [f"kind {kind}", f"form {len(candidate.name.split())}"]
    names += [f"{kind} number {min(earlier, _FIRST)}"]
    names += [f"{kind} named oftener {min(oftener, _FIRST)}"]
    names += [f"claimed {kind}" if claimed else "not claimed"]
    if claimed:
        names += ["claimed", f"one of {min(sum(o.claimed for o in others), _FIRST)} claimed"]
    if candidate.rank is not None:
        names.append(f"rank {min(candidate.rank, 6)}")
    if kind != "person":
        # What a body is called tells what it is: a council meets, a treaty does not.
        names += [f"name {word}" for word in re.findall(r"[^\W\d_]+", fold(candidate.name))]
    for role in candidate.roles[:2]:
        names += [f"office {fold(role[token.start : token.end])}" for token in _tokens_of(role)]
    told = SentenceScores(-4.0, -4.0).shares
    together = 0
    for mention, index in zip(mentions, places, strict=True):
        if index in context.body or len(context.sentences) == 1:
            names += _around(context, mention, index)
            names += [f"intro {key}" for key in context.intro(index)]
            names += ["listed"] if index in context.listed else []
            shares = context.scores[index].shares
            told = {name: max(told[name], shares[name]) for name in told}
            span = context.sentences[index].span
            together = max(together, sum(o is not candidate and o.is_in(span) for o in others))
    return {
        **dict.fromkeys(names, 1.0),
        **context.place(min(places)),
        **told,
        "bare": float(candidate.is_bare),
        "mentions": min(len(candidate.mentions), 6) / 6,
        "in headline": float(any(place not in context.body for place in places)),
        "has office": float(bool(candidate.roles)),
        "together": min(together, 4) / 4,
    }


def _around(context: Context, mention: Span, index: int) -> Iterator[str]:
    """The words before and behind a mention."""
    start = context.sentences[index].span.start
    tokens = context.tokens[index]
    left = _keys([t for t in tokens if t.end <= mention.start - start])[-_REACH:]
    right = _keys([t for t in tokens if t.start >= mention.end - start])[:_REACH]
    if left[-1:] == [_NAME]:
        left.pop()
        yield "named before"
    if right[:1] == [_NAME]:
        right.pop(0)
        yield "named behind"
    yield f"-1 {left[-1]}" if left else "begins"
    if right:
        yield f"+1 {right[0]}"
    yield f"-2 {' '.join(left[-2:])}"
    yield f"+2 {' '.join(right[:2])}"
    yield from (f"- {key}" for key in left)
    yield from (f"+ {key}" for key in right)


def item_features(context: Context, item: Item, count: int, names: Sequence[Span]) -> Features:
    """Of a topic or an outcome: its words, those before it, and its sentence.

    Args:
        context: of the article.
        item: what may be one.
        count: how many the draft has.
        names: where actors are named, in order.
    """
    span, rank = item.span, item.rank
    index = context.at(span.start)
    start = context.sentences[index].span.start
    tokens = context.tokens[index]
    own = [t for t in tokens if t.start >= span.start - start and t.end <= span.end - start]
    before = _keys([t for t in tokens if t.end <= span.start - start])
    behind = _keys([t for t in tokens if t.start >= span.end - start])
    keys = _keys(own)
    words = _long_words(context.text(span))
    scores = context.scores[index]
    found = [f"- {key}" for key in before[-6:]]
    found += [f"-1 {before[-1] if before else ''}", f"-2 {' '.join(before[-2:])}"]
    found += [f"+1 {behind[0] if behind else ''}"]
    found += [f"first {keys[0] if keys else ''}", f"last {keys[-1] if keys else ''}"]
    found += [f"words {min(len(own), 8)}"]
    if rank is None:
        found.append("not drafted")
    else:
        found += ["drafted", f"rank {min(rank, 7)}", f"kind {item.kind}"]
    return {
        **_said(OWN_WORD, keys),
        **dict.fromkeys(found, 1.0),
        **context.place(index),
        "topic": scores.topic,
        "outcome": scores.outcome,
        "length": min(len(own), _LONG) / _LONG,
        "count": 0.0 if rank is None else min(count, 8) / 8,
        "a name": float(any(_are_same(span, name) for name in names)),
        "title": len(words & context.title) / max(len(words), 1),
        "listed": float(index in context.listed),
    }


def _are_same(one: Span, other: Span) -> bool:
    """Whether two spans are mostly the same words."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared * 2 > max(one.end - one.start, other.end - other.start)


def article_features(context: Context, event: DraftEvent, actors: Sequence[float]) -> Features:
    """Of an article: how surely its most telling sentences say that there was a meeting.

    The words of its lead tell one outlet from another rather than meetings from other news
    (docs/quality.md).

    Args:
        context: of the article.
        event: what the draft calls it.
        actors: probabilities of those named, without countries.
    """
    features: Features = {"no kind": float(event in {"none", "other"})}
    # It takes two.
    surest = sorted(actors, reverse=True)[:2]
    features |= {f"actor {number}": share for number, share in enumerate(surest)}
    shares = [scores.shares for scores in context.scores]
    for name in SentenceScores().shares:
        features[name] = sum(sorted(share[name] for share in shares)[-_TELLING:]) / _TELLING
    return features
