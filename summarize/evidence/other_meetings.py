"""Which words for a meeting mean another one than the meeting that the article is about.

Readers marked some fifty of them in the annotated articles, too few to learn words from. So each
word for a meeting is looked at for few things: what stands before it ("the talks", "their last
meeting"), whether a time before or ahead is near (`meeting_words.json`, a table for each language),
and who is named near it. What each of these weighs is learned (benchmarks/train.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Literal, get_args

from summarize.article.dates import days_in
from summarize.article.reading import Span
from summarize.article.tense import tense_at
from summarize.evidence.features import Context, Features
from summarize.grounding.actors import Candidate
from summarize.schema import MeetingType

__all__ = [
    "LEAD",
    "OTHER_WHENS",
    "MeetingMention",
    "OtherWhen",
    "Words",
    "by_sentence",
    "meeting_mentions",
    "words_of_language",
]

OtherWhen = Literal["earlier", "planned"]
OTHER_WHENS: tuple[OtherWhen, ...] = get_args(OtherWhen)
# Sentences at the beginning of the body that mostly tell of the main meeting.
LEAD = 2
# Words between a meeting and where it was: "met face-to-face in Doha".
_MAX_BETWEEN = 4
# Words before one for a meeting that are looked at: "a high-level trilateral meeting".
_MAX_PHRASE = 4
# Characters before and behind it that are near: half a line and a line, by cross-validation.
_NEAR_BEFORE = 45
_NEAR_BEHIND = 100
# Words for a meeting that are looked at in one sentence, and characters of a sentence of the lead.
_MAX_MENTIONS = 10
_MAX_LEAD = 2000
_WORD = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*|[,;:.()\"“”]")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True)
class Words:
    """What a language says of meetings and times, as patterns.

    Attributes:
        types: by the type of a meeting, words for it.
        meeting: all of these.
        mention: these, and words that are of no type.
        past, future: words that put a meeting before the news, or after it.
        news: days that the news is of.
        venue: a name behind a word for a meeting and one that puts something there ("talks in
            Ankara"), as its group `name`.
        period: a time that is no day: "last month", "in December last year".
        definite, indefinite: "the", "their"; "a", "another".
        prepositions: where what is said of a meeting ends, before it.
    """

    types: Mapping[MeetingType, re.Pattern[str]]
    meeting: re.Pattern[str]
    mention: re.Pattern[str]
    past: re.Pattern[str]
    future: re.Pattern[str]
    news: re.Pattern[str]
    venue: re.Pattern[str]
    period: re.Pattern[str]
    definite: frozenset[str]
    indefinite: frozenset[str]
    prepositions: frozenset[str]

    def type_of(self, sentence: str, main: str) -> MeetingType:
        """The first type that a sentence has a word for, rather another one than the main."""
        found = {
            match.start(): kind
            for kind, pattern in self.types.items()
            if (match := pattern.search(sentence))
        }
        kinds = [found[start] for start in sorted(found)]
        return next((kind for kind in kinds if kind != main), kinds[0] if kinds else "other")

    def times(self, sentence: str) -> list[tuple[int, int]]:
        """Where a sentence says when: days first, then what is vaguer."""
        return [*days_in(sentence), *(match.span() for match in self.period.finditer(sentence))]


@cache
def words_of_language(language: str = "en") -> Words:
    """The words of a language.

    Raises:
        KeyError: there are none.
    """
    table = files("summarize.evidence").joinpath("meeting_words.json").read_text("utf-8")
    data = json.loads(table)[language]
    types = {kind: _any_of(words) for kind, words in data["types"].items()}
    months = "|".join(data["months"].split())
    periods, before = ("|".join(data[key].split()) for key in ("periods", "before"))
    meeting = _any_of(" ".join(data["types"].values()))
    name = rf"\s(?!(?:{months})\b)(?P<name>[^\W\d_a-z][\w’'-]*(?:\s[^\W\d_a-z][\w’'-]*)*)"
    places, capital = ("|".join(data[key].split()) for key in ("places", "capital"))
    named = rf"(?:{months})(?:\s(?:{before})\syear|,?\s\d{{4}})?"
    return Words(
        types=types,
        meeting=meeting,
        mention=_any_of(f"{' '.join(data['types'].values())} {data['further']}"),
        past=re.compile(rf"{_any_of(data['past']).pattern}|\b(?:19|20)\d\d\b", re.IGNORECASE),
        future=_any_of(data["future"]),
        news=re.compile(
            rf"{_any_of(data['news']).pattern}|\bthis\s(?:{periods}|morning|evening)\b",
            re.IGNORECASE,
        ),
        venue=re.compile(
            rf"(?:(?i:{meeting.pattern})(?:\W+\w[\w’'-]*){{0,{_MAX_BETWEEN}}}?\W+(?:{places})"
            rf"|\b(?:{capital})){name}"
        ),
        period=re.compile(rf"\b(?:(?:{before})\s(?:{periods}|{months})|{named})\b"),
        **{
            kind: frozenset(data[kind].split())
            for kind in ("definite", "indefinite", "prepositions")
        },
    )


def _any_of(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words.split())})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MeetingMention:
    """A word for a meeting.

    Attributes:
        span: of the word, in the reading.
        sentence: its index.
        features: what is looked at.
    """

    span: Span
    sentence: int
    features: Features


def meeting_mentions(
    context: Context, candidates: Sequence[Candidate], words: Words
) -> list[MeetingMention]:
    """Returns the words for a meeting in the body of an article, in order.

    Args:
        context: of the article.
        candidates: everybody that the article names.
        words: of its language.
    """
    # A bare name may be nobody's.
    named = [candidate for candidate in candidates if not candidate.is_bare]
    lead = {
        index: context.text(sentence.span)[:_MAX_LEAD].lower()
        for index, sentence in enumerate(context.sentences)
        if context.body.get(index, 0) < LEAD
    }
    found: list[MeetingMention] = []
    for index, place in context.body.items():
        span = context.sentences[index].span
        text = context.text(span)
        matches = list(islice(words.mention.finditer(text), _MAX_MENTIONS))
        if not matches:
            continue
        others = [said for i, said in lead.items() if i != index]
        times = [
            (Span(start, end), any(text[start:end].lower() in other for other in others))
            for start, end in words.times(text)
        ]
        present = [candidate for candidate in named if candidate.is_in(span)]
        for match in matches:
            start, end = match.span()
            near = Span(max(0, start - _NEAR_BEFORE), end + _NEAR_BEHIND)
            features = {
                "depth": place / len(context.body),
                f"type {words.type_of(match[0], '')}": 1.0,
                "ahead": float(tense_at(text, start, end) == "ahead"),
                **_phrase(text[near.start : start], words),
                **_times_near(text, near, times, words),
                **_named(present, Span(span.start + near.start, span.start + near.end)),
            }
            if place >= LEAD:
                for name in ("far", "past near", "future near"):
                    features[f"{name}, not in the lead"] = features[name]
            word = Span(span.start + start, span.start + end)
            found.append(MeetingMention(word, index, features))
    return found


def by_sentence(
    context: Context, mentions: Sequence[MeetingMention], probabilities: Iterable[float]
) -> list[float]:
    """Returns the highest probability of the mentions in each sentence of an article."""
    highest = [0.0] * len(context.sentences)
    for mention, probability in zip(mentions, probabilities, strict=True):
        highest[mention.sentence] = max(highest[mention.sentence], probability)
    return highest


def _phrase(before: str, words: Words) -> Features:
    """What the words right before a word for a meeting say of it: "their last meeting"."""
    phrase: list[str] = []
    for word in reversed(_WORD.findall(before)):
        lower = word.lower()
        if len(phrase) == _MAX_PHRASE or not word[0].isalnum() or lower in words.prepositions:
            break
        phrase.append(lower)
        if lower in words.definite | words.indefinite:
            break
    is_last = any(map(words.past.fullmatch, phrase))
    is_next = any(map(words.future.fullmatch, phrase))
    features = {
        "last one": float(is_last),
        "next one": float(is_next),
    }
    if not (is_last or is_next or any(word.endswith(("’s", "'s")) for word in phrase)):
        is_definite = not words.definite.isdisjoint(phrase)
        is_indefinite = not words.indefinite.isdisjoint(phrase)
        features["the one" if is_definite else "a one" if is_indefinite else "no article"] = 1.0
    return features


def _times_near(
    text: str, near: Span, times: Sequence[tuple[Span, bool]], words: Words
) -> Features:
    """What is said near a word for a meeting of when it is.

    Args:
        text: of the sentence.
        near: the part of it that is near.
        times: where the sentence names times, and whether the lead names the same.
        words: of its language.
    """

    def has(pattern: re.Pattern[str]) -> float:
        return float(bool(pattern.search(text, near.start, near.end)))

    here = [is_of_lead for span, is_of_lead in times if _overlap(span, near)]
    # A time that the lead names, too, is that of the news.
    is_news = bool(has(words.news)) or any(here)
    return {
        "news": has(words.news),
        "far": float(bool(here) and not is_news),
        "year": has(_YEAR),
        "past near": has(words.past),
        "future near": has(words.future),
    }


def _named(present: Sequence[Candidate], near: Span) -> Features:
    """Who is named in a sentence, and near a word for a meeting in it."""
    kinds = {candidate.kind for candidate in present} - {"country"}
    # Whom the draft does not have in the main meeting.
    others = (one for one in present if one.kind == "person" and not one.claimed)
    return {
        "nobody": float(not kinds),
        "only bodies": float(bool(kinds) and "person" not in kinds),
        "others": float(any(_overlap(mention, near) for one in others for mention in one.mentions)),
    }


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
