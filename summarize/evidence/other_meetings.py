"""Which sentences tell of other meetings than the one that the article is about.

Readers marked some fifty of them in the annotated articles, too few to learn words from. So a
sentence is looked at for few things: whether it has a word for a meeting, or for a time before or
ahead (`meeting_words.json`, a table for each language), and whom it names. What each of these
weighs is learned (benchmarks/train.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from summarize.article.dates import days_in
from summarize.article.tense import tense_at
from summarize.evidence.features import Context, Features
from summarize.grounding.actors import Candidate
from summarize.schema import MeetingType

__all__ = ["LEAD", "OTHER_WHENS", "OtherWhen", "Words", "meeting_features", "words_of_language"]

OtherWhen = Literal["earlier", "planned"]
OTHER_WHENS: tuple[OtherWhen, ...] = get_args(OtherWhen)
# Sentences at the beginning of the body that mostly tell of the main meeting.
LEAD = 2
# Words between a meeting and where it was: "met face-to-face in Doha".
_MAX_BETWEEN = 4


@dataclass(frozen=True)
class Words:
    """What a language says of meetings and times, as patterns.

    Attributes:
        types: by the type of a meeting, words for it.
        past, future: words that put a meeting before the news, or after it.
        place: a name behind a word that puts something there.
        venue: the same right behind a word for a meeting ("talks in Ankara"), as its group `name`.
        period: a time that is no day: "last month", "in December last year".
    """

    types: Mapping[MeetingType, re.Pattern[str]]
    meeting: re.Pattern[str]
    past: re.Pattern[str]
    future: re.Pattern[str]
    place: re.Pattern[str]
    venue: re.Pattern[str]
    period: re.Pattern[str]

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
        past=re.compile(rf"{_any_of(data['past']).pattern}|\b(?:19|20)\d\d\b", re.IGNORECASE),
        future=_any_of(data["future"]),
        place=re.compile(rf"\b(?:{places}|{capital}){name}"),
        venue=re.compile(
            rf"(?:(?i:{meeting.pattern})(?:\W+\w[\w’'-]*){{0,{_MAX_BETWEEN}}}?\W+(?:{places})"
            rf"|\b(?:{capital})){name}"
        ),
        period=re.compile(rf"\b(?:(?:{before})\s(?:{periods}|{months})|{named})\b"),
    )


def _any_of(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words.split())})\b", re.IGNORECASE)


def meeting_features(
    context: Context, index: int, candidates: Sequence[Candidate], words: Words
) -> Features:
    """Of a sentence that may tell of another meeting.

    Args:
        context: of the article.
        index: of the sentence.
        candidates: everybody that the article names.
        words: of its language.
    """
    span = context.sentences[index].span
    text = context.text(span)
    tense = tense_at(text, len(text), len(text))
    place = context.body.get(index, 0)
    # A bare name may be nobody's.
    present = [c for c in candidates if c.is_in(span) and not c.is_bare]
    claimed = sum(c.claimed and c.kind != "country" for c in present)
    is_lead = place < LEAD
    has = {
        "meeting": bool(words.meeting.search(text)),
        "past": bool(words.past.search(text)),
        "future": bool(words.future.search(text)),
        "time": bool(words.times(text)),
        "place": bool(words.place.search(text)),
    }
    features = {name: float(value) for name, value in has.items()}
    if has["meeting"]:
        features[f"meeting {tense}"] = 1.0
        for said in ("past", "future", "time", "place"):
            features[f"meeting {said}"] = float(has[said])
        features["meeting past, not of the main"] = float(
            has["past"] and not is_lead and claimed < 2
        )
    if is_lead:
        features["lead"] = 1.0
        features["lead meeting"] = float(has["meeting"])
        features["lead past"] = float(has["past"])
    features["several of the draft"] = float(claimed > 1)
    features["named"] = float(bool(present))
    features["depth"] = place / max(len(context.body), 1)
    return features
