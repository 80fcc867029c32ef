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
from summarize.grounding.candidates import Candidate
from summarize.grounding.matching import fold
from summarize.schema import EventType, OutcomeKind

__all__ = [
    "Context",
    "Features",
    "Proposal",
    "SentenceScores",
    "actor_features",
    "article_features",
    "item_features",
    "sentence_features",
    "tokens_of",
]

Features = dict[str, float]

# A capitalised name is a name, whoever it names: what was learned of one holds for the others.
_NAME = "^"
_NUMBER = "0"
_TOKEN = re.compile(r"[^\W\d_]+(?:[’'.-][^\W\d_]+)*|\d[\d.,]*|[“”\",;:()]")
_BULLET = re.compile(r"\s*(?:[•●▪‣∙*–—-]|\d{1,2}[.)])\s")
# Words before and behind a name.
_REACH = 4
# Mentions that are looked at: a reader knows by then.
_MAX_MENTIONS = 12
# Sentences of the body counted one by one.
_FIRST = 5
# Words of a sentence after which it is simply long.
_LONG = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark, by what it is known."""

    key: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
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


def _runs(keys: Sequence[str]) -> list[str]:
    """Keys with each name once, however many words it has."""
    return [k for i, k in enumerate(keys) if not (k == _NAME and i and keys[i - 1] == _NAME)]


def _said(features: Features, prefix: str, keys: Sequence[str]) -> None:
    """Each of some words once; of many, each counts less."""
    for key in keys:
        features[f"{prefix}{key}"] = len(keys) ** -0.5


@dataclass(frozen=True, slots=True)
class Proposal:
    """What may be a topic or an outcome.

    Attributes:
        span: of its words, in the reading.
        rank: place in the draft; None if only the article has it.
        kind: of an outcome, as the draft says.
    """

    span: Span
    rank: int | None = None
    kind: OutcomeKind | None = None


@dataclass(frozen=True)
class SentenceScores:
    """What a sentence tells, as far as was learned.

    Attributes:
        topic, outcome: log odds that it says what was discussed, or what came of it.
    """

    topic: float = 0.0
    outcome: float = 0.0


_TOLD = ("topic", "outcome")
# Sentences that settle whether there was a meeting: rows 13 and 14 of the log in docs/quality.md.
_TELLING = 2


class Context:
    """An article and what is known of its sentences.

    Args:
        reading: of the article.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.sentences = reading.sentences
        self.tokens = [
            tokens_of(reading.text[s.span.start : s.span.end]) for s in reading.sentences
        ]
        self.index = {sentence: i for i, sentence in enumerate(reading.sentences)}
        self.scores: Sequence[SentenceScores] = [SentenceScores()] * len(reading.sentences)

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
            text = self.reading.text[paragraph.start : paragraph.end]
            inside = [i for i, s in enumerate(self.sentences) if paragraph.holds(s.span)]
            if not inside:
                continue
            is_item = _BULLET.match(text) or text.rstrip()[-1:] not in {
                ".",
                "!",
                "?",
                ":",
                "”",
                '"',
            }
            if is_item and not self.sentences[inside[0]].is_title:
                listed.update(dict.fromkeys(inside, before))
            else:
                before = inside[-1]
        return listed

    def text(self, span: Span) -> str:
        """The words of a span."""
        return self.reading.text[span.start : span.end]

    def at(self, position: int) -> int:
        """The index of the sentence at a position."""
        return self.index[self.reading.sentence_at(position)]


def _long_words(text: str) -> frozenset[str]:
    return frozenset(w for w in re.findall(r"[^\W\d_]+", fold(text)) if len(w) > 3)


def sentence_features(context: Context, index: int) -> Features:
    """Of a sentence: its words and pairs of words, where it stands, and what it looks like."""
    features: Features = {}
    keys = _runs([token.key for token in context.tokens[index]])
    _said(features, "w ", keys)
    text = context.text(context.sentences[index].span)
    _place(features, context, index)
    features["length"] = min(len(keys), _LONG) / _LONG
    words = _long_words(text)
    features["title"] = len(words & context.title) / max(len(context.title), 1)
    features["names"] = keys.count(_NAME) / max(len(keys), 1)
    if index in context.listed:
        features["listed"] = 1.0
        _said(features, "intro ", _words_at(context, context.listed[index]))
    return features


def _words_at(context: Context, index: int) -> list[str]:
    return _runs([token.key for token in context.tokens[index]])[-8:]


def _place(features: Features, context: Context, index: int) -> None:
    place = context.body.get(index)
    if place is None:
        features["in title"] = 1.0
        return
    features[f"place {min(place, _FIRST)}"] = 1.0
    features["depth"] = place / max(len(context.body), 1)


def actor_features(context: Context, candidate: Candidate, others: Sequence[Candidate]) -> Features:
    """Of somebody named: the words around each mention, where they stand, what the draft says.

    Args:
        context: of the article.
        candidate: somebody.
        others: everybody that the article names.
    """
    features: Features = {f"kind {candidate.kind}": 1.0}
    features["claimed" if candidate.claimed else "not claimed"] = 1.0
    features["bare"] = float(candidate.is_bare)
    if candidate.kind != "person":
        # What a body is called tells what it is: a council meets, a treaty does not.
        for word in re.findall(r"[^\W\d_]+", fold(candidate.name)):
            features[f"name {word}"] = 1.0
    if candidate.claimed:
        features[f"claimed {candidate.kind}"] = 1.0
    if candidate.rank is not None:
        features[f"rank {min(candidate.rank, 6)}"] = 1.0
    mentions = candidate.mentions[:_MAX_MENTIONS]
    features["mentions"] = min(len(candidate.mentions), 6) / 6
    places = [context.at(mention.start) for mention in mentions]
    _place(features, context, min(places))
    features["in headline"] = float(any(p not in context.body for p in places))
    features["has office"] = float(bool(candidate.roles))
    for role in candidate.roles[:2]:
        for token in tokens_of(role):
            features[f"office {fold(role[token.start : token.end])}"] = 1.0
    features[f"form {len(candidate.name.split())}"] = 1.0
    together = 0
    for mention, index in zip(mentions, places, strict=True):
        if index not in context.body and len(context.sentences) > 1:
            continue
        for name in _around(context, mention, index):
            features[name] = 1.0
        scores = context.scores[index]
        for label in _TOLD:
            share = _share(getattr(scores, label))
            features[f"tells {label}"] = max(features.get(f"tells {label}", 0.0), share)
        span = context.sentences[index].span
        together = max(together, sum(o is not candidate and o.is_in(span) for o in others))
        if index in context.listed:
            features["listed"] = 1.0
            for key in _words_at(context, context.listed[index]):
                features[f"intro {key}"] = 1.0
    features["together"] = min(together, 4) / 4
    alike = [o for o in others if o.kind == candidate.kind]
    earlier = sum(o.mentions[0] < candidate.mentions[0] for o in alike)
    oftener = sum(len(o.mentions) > len(candidate.mentions) for o in alike)
    features[f"{candidate.kind} number {min(earlier, _FIRST)}"] = 1.0
    features[f"{candidate.kind} named oftener {min(oftener, _FIRST)}"] = 1.0
    if candidate.claimed:
        features[f"one of {min(sum(o.claimed for o in others), _FIRST)} claimed"] = 1.0
    return features


def _share(log_odds: float) -> float:
    """Log odds within bounds, as a number between 0 and 1."""
    return (max(min(log_odds, 4.0), -4.0) + 4.0) / 8.0


def _around(context: Context, mention: Span, index: int) -> Iterator[str]:
    """The words before and behind a mention."""
    start = context.sentences[index].span.start
    tokens = context.tokens[index]
    before = [t.key for t in tokens if t.end <= mention.start - start]
    behind = [t.key for t in tokens if t.start >= mention.end - start]
    left, right = _runs(before)[-_REACH:], _runs(behind)[:_REACH]
    if left[-1:] == [_NAME]:
        left.pop()
        yield "named before"
    if right[:1] == [_NAME]:
        right.pop(0)
        yield "named behind"
    if left[-1:]:
        yield f"-1 {left[-1]}"
    else:
        yield "begins"
    if right[:1]:
        yield f"+1 {right[0]}"
    yield f"-2 {' '.join(left[-2:])}"
    yield f"+2 {' '.join(right[:2])}"
    for key in left:
        yield f"- {key}"
    for key in right:
        yield f"+ {key}"


def item_features(context: Context, item: Proposal, count: int, names: Sequence[Span]) -> Features:
    """Of a topic or an outcome: its words, those before it, and its sentence.

    Args:
        context: of the article.
        item: what may be one.
        count: how many the draft has.
        names: where actors are named, in order.
    """
    features: Features = {}
    span, rank = item.span, item.rank
    index = context.at(span.start)
    start = context.sentences[index].span.start
    tokens = context.tokens[index]
    own = [t for t in tokens if t.start >= span.start - start and t.end <= span.end - start]
    before = _runs([t.key for t in tokens if t.end <= span.start - start])
    behind = _runs([t.key for t in tokens if t.start >= span.end - start])
    keys = _runs([token.key for token in own])
    _said(features, "w ", keys)
    for key in before[-6:]:
        features[f"- {key}"] = 1.0
    features[f"-1 {before[-1] if before else ''}"] = 1.0
    features[f"-2 {' '.join(before[-2:])}"] = 1.0
    features[f"+1 {behind[0] if behind else ''}"] = 1.0
    features["first " + (keys[0] if keys else "")] = 1.0
    features["last " + (keys[-1] if keys else "")] = 1.0
    features[f"words {min(len(own), 8)}"] = 1.0
    features["length"] = min(len(own), _LONG) / _LONG
    _place(features, context, index)
    scores = context.scores[index]
    for label in _TOLD:
        features[label] = getattr(scores, label)
    features["drafted" if rank is not None else "not drafted"] = 1.0
    if rank is not None:
        features[f"rank {min(rank, 7)}"] = 1.0
        features["count"] = min(count, 8) / 8
        features[f"kind {item.kind}"] = 1.0
    features["a name"] = float(any(_are_same(span, name) for name in names))
    words = _long_words(context.text(span))
    features["title"] = len(words & context.title) / max(len(words), 1)
    features["listed"] = float(index in context.listed)
    return features


def _are_same(one: Span, other: Span) -> bool:
    """Whether two spans are mostly the same words."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared * 2 > max(one.end - one.start, other.end - other.start)


def article_features(context: Context, event: EventType, actors: Sequence[float]) -> Features:
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
    for number, share in enumerate(surest):
        features[f"actor {number}"] = share
    for label in _TOLD:
        scores = (_share(getattr(score, label)) for score in context.scores)
        features[f"tells {label}"] = sum(sorted(scores)[-_TELLING:]) / _TELLING
    return features
