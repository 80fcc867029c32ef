"""Gold: what a reader found in an article, and when a summary's words count as the same.

A gold file is a JSON object named after the article's id; docs/evaluation.md describes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from summarize.errors import InputError
from summarize.schema import ActorKind, Part, When
from summarize.sources.decoding import display_name, read_utf8

# When words are the same


def _plain(text: str) -> str:
    """A text without what writers vary: case, diacritics, punctuation but ' and -, white space."""
    for variant, usual in (("ı", "i"), ("’", "'"), ("‘", "'"), ("–", "-")):
        text = text.replace(variant, usual)
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return " ".join(re.sub(r"[^\w\s'-]", " ", bare).split())


# What may stand before a name and is no part of it.
_TITLES = frozenset(
    "mr mrs ms dr his her excellency"
    " president prime minister secretary chief head chancellor king sheikh ambassador senator"
    " general gen foreign defense defence state deputy vice interim former of the"
    " turkish iraqi iranian syrian us u s".split()
)
# Shorter surnames are like too many other words.
_MIN_SURNAME = 3


def _is_same_name(one: str, other: str) -> bool:
    """Whether two names mean one actor: the same but for titles, or a part with the surname.

    The part has to hold the last word of `other`, and to end in no word of one or two letters.
    """
    words, others = _words(one), _words(other)
    core, other_core = _without_titles(words), _without_titles(others)
    if words == others or core == other_core:
        return True
    short, long = sorted((core, other_core), key=len)
    return (
        bool(short)
        and set(short) <= set(long)
        and other_core[-1] in short
        and len(short[-1]) >= _MIN_SURNAME
    )


def _words(name: str) -> list[str]:
    return _plain(name).replace("-", " ").split()


def _without_titles(words: list[str]) -> list[str]:
    """The words that are no titles; all of them if there are no others."""
    return [word for word in words if word not in _TITLES] or words


# Models call them organizations now and then.
_COUNTRIES = frozenset(
    "britain china egypt france germany india iran iraq israel japan pakistan qatar russia syria"
    " turkey turkiye uk usa".split()
)


def is_country(name: str, kind: ActorKind) -> bool:
    """Whether an actor of a summary is a country: by its kind, or by its name whatever its kind."""
    return kind == "country" or _plain(name) in _COUNTRIES


# What a gold file holds


def _telling(text: str) -> str:
    """Words without a letter or digit would fit everything."""
    if not _plain(text):
        raise ValueError("has no letter or digit")
    return text


_Telling = Annotated[str, AfterValidator(_telling)]


@dataclass(frozen=True)
class GoldActor:
    """Somebody in the article.

    Attributes:
        name: as a reader would give it in full.
        kind: as in a summary; countries do not count.
        part: participant in the main meeting, or only mentioned.
        aliases: other names that are right, too.
    """

    name: _Telling
    kind: ActorKind
    part: Part
    aliases: tuple[_Telling, ...] = ()

    @property
    def words(self) -> str:
        """What a reader calls it."""
        return self.name

    def fits(self, name: str) -> bool:
        """Whether a summary's name means this actor."""
        return any(_is_same_name(name, known) for known in (self.name, *self.aliases))

    def is_named_in(self, sentence: str) -> bool:
        """Whether a sentence has one of the names, in whole words."""
        words = f" {' '.join(_words(sentence))} "
        names = (" ".join(_words(known)) for known in (self.name, *self.aliases))
        return any(f" {name} " in words for name in names)


@dataclass(frozen=True)
class GoldItem:
    """Something said in the article.

    Attributes:
        keywords: whatever has one of them, or part of a word with it, is about this item.
        evidence: the sentence of the article that says it.
    """

    keywords: Annotated[tuple[_Telling, ...], Field(min_length=1)]
    evidence: _Telling

    def fits(self, words: str) -> bool:
        """Whether a summary's words are about this item."""
        plain = _plain(words)
        return any(_plain(keyword) in plain for keyword in self.keywords)

    def is_shown_by(self, quotes: Iterable[str]) -> bool:
        """Whether one of the quotes is of the sentence: part of it, or all of it and more."""
        return is_of_sentence(self.evidence, quotes)


@dataclass(frozen=True)
class GoldTopic(GoldItem):
    """Something discussed, on the agenda, or the purpose of the event."""

    topic: _Telling

    @property
    def words(self) -> str:
        """The topic."""
        return self.topic


@dataclass(frozen=True)
class GoldOutcome(GoldItem):
    """A result of the event."""

    description: _Telling

    @property
    def words(self) -> str:
        """The description."""
        return self.description


@dataclass(frozen=True)
class GoldMeeting:
    """A meeting besides the main one.

    Attributes:
        when: parallel is at the time of the main one, beside it.
        evidence: the sentence of the article that tells of it.
        participants: names of those who took part; none if the article names nobody.
    """

    when: Literal["earlier", "planned", "parallel"]
    evidence: _Telling
    participants: tuple[_Telling, ...] = ()

    @property
    def words(self) -> str:
        """When, and who."""
        return f"{self.when}: {', '.join(self.participants) or 'nobody named'}"

    def fits(self, when: When, names: Sequence[str], quotes: Iterable[str]) -> bool:
        """Whether a summary's meeting is this one: at that time, with one of the participants.

        Where either has no participants, the sentence decides.
        """
        if when != ("reported" if self.when == "parallel" else self.when):
            return False
        if names and self.participants:
            return any(_is_same_name(one, other) for one in names for other in self.participants)
        return is_of_sentence(self.evidence, quotes)


def is_of_sentence(evidence: str, quotes: Iterable[str]) -> bool:
    """Whether one of the quotes is of a sentence: part of it, or all of it and more."""
    sentence = _plain(evidence)
    plain = filter(None, map(_plain, quotes))
    return any(quote in sentence or sentence in quote for quote in plain)


@dataclass(frozen=True)
class Gold:
    """What a reader found in one article; one that reports no meeting has no items.

    Attributes:
        other_meetings: None if the reader did not look for any.
    """

    actors: tuple[GoldActor, ...]
    agenda_items: tuple[GoldTopic, ...]
    outcomes: tuple[GoldOutcome, ...]
    is_meeting: bool = True
    other_meetings: tuple[GoldMeeting, ...] | None = None


_GOLD = TypeAdapter(Gold)
_WANTED = "write an object with is_meeting, actors, agenda_items and outcomes"


def read_gold(folder: Path) -> dict[str, Gold]:
    """The gold of each article that a folder has some for, by the article's id: `ID.json`.

    Raises:
        InputError: the folder or one of its files cannot be read, or there is none.
    """
    name = display_name(folder)
    if not folder.is_dir():
        why = "is no folder" if folder.exists() else "no such folder"
        raise InputError(f"{name}: {why}", hint="give --gold the folder of ID.json files")
    files = sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))
    if not files:
        hint = "name each file after its article: news/17.txt has 17.json"
        raise InputError(f"{name}: holds no gold", hint=hint)
    return {display_name(path.stem): _read(path) for path in files}


def _read(path: Path) -> Gold:
    # Some editors begin a file with a byte order mark, which is no part of its JSON.
    text = read_utf8(path, wanted=_WANTED).removeprefix("\ufeff")
    try:
        return _GOLD.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = [f"item {p + 1}" if isinstance(p, int) else p for p in first["loc"]]
        where = ", ".join([display_name(path), *place])
        why = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{where}: {why}", hint=_WANTED if not place else "") from None
