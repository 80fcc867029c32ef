"""Gold of what people reviewed, in the form that docs/evaluation.md describes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

from pydantic import TypeAdapter

from summarize.errors import InputError
from summarize.evaluation.gold import Gold, GoldActor, GoldMeeting, GoldOutcome, GoldTopic
from summarize.evaluation.matching import news_of, words_of
from summarize.schema import AgendaItem, Meeting, Outcome, Summary
from summarize.storage.atomic_files import replace_file

__all__ = ["gold_of", "write_gold"]

_GOLD = TypeAdapter(Gold)
# Words of at least four letters; shorter ones are parts of too many others.
_WORD = re.compile(r"[^\W\d_]{4,}")
_ACRONYM = re.compile(r"\b[A-Z]{3,}\b")
_MIN_STEM = 6
# The longest words are the rarest ones.
_MAX_WORDS = 4
# What reports of meetings say of anything.
_COMMON = frozenset(
    "about according achieve address affirmed against agree agreed agreement agreements aimed also"
    " among announced another areas aspects based because been being between bilateral both"
    " commitment committed concerning concerns conclude confirmed continue cooperate cooperation"
    " countries country current deepen deepening develop developing development developments"
    " discuss discussed discussing discussion discussions during effort efforts emphasized enhance"
    " enhancing ensure especially existing expand expanding exploring expressed focused following"
    " forward from further future global have held highlighted implementation importance important"
    " improving including increase increasing international issue issues joint jointly level made"
    " make matter matters meet meeting meetings mutual nation national nations need needs noted"
    " other over particularly parties partners people pledged possible potential present process"
    " promote promoting reaffirmed regard regarding region regional reiterated related relations"
    " relationship resolve said several should side sides signed situation stance state statement"
    " states stated strengthen strengthening stress stressed stressing such support supported"
    " supporting taking talks that their them these they this those through ties together topics"
    " toward towards underlined various views visit ways welcomed well were what which will with"
    " within work working world would".split()
)


def write_gold(summary: Summary, folder: Path) -> Path:
    """Writes the gold of a reviewed summary to `ID.json`, over what is there; returns its path.

    Raises:
        InputError: the id of the article cannot be the name of a file.
    """
    path = folder / f"{summary.article.id}.json"
    if path.parent != folder or path.name != f"{summary.article.id}.json" or path.name[0] == ".":
        raise InputError(
            f"{summary.article.id}: cannot be the name of a file of gold",
            hint="give the articles ids that can, and summarize them again",
        )
    part = folder / f".summarize-{uuid4().hex}"
    try:
        part.write_bytes(_GOLD.dump_json(gold_of(summary), indent=2) + b"\n")
        replace_file(part, path)
    except ValueError as error:
        raise InputError(f"{summary.article.id}: cannot be the name of a file") from error
    finally:
        part.unlink(missing_ok=True)
    return path


def gold_of(summary: Summary) -> Gold:
    """Returns what a reader found, from a summary that is right in everything."""
    names = {actor.id: actor.name for actor in summary.actors}
    news = news_of(summary.meetings)
    statements: list[AgendaItem | Outcome] = [*summary.agenda_items, *summary.outcomes]
    named = [name for actor in summary.actors for name in (actor.name, *actor.aliases)]
    named += [place for meeting in summary.meetings for place in meeting.places]

    def keywords(item: AgendaItem | Outcome) -> tuple[str, ...]:
        others = [words_of(other) for other in statements if other is not item]
        return _keywords(words_of(item), others, named)

    return Gold(
        is_meeting=summary.is_meeting,
        actors=tuple(
            GoldActor(name=one.name, kind=one.kind, part=one.part, aliases=one.aliases)
            for one in summary.actors
        ),
        agenda_items=tuple(
            GoldTopic(topic=one.topic, keywords=keywords(one), evidence=one.quotes[0].text)
            for one in summary.agenda_items
            if one.meeting in news
        ),
        outcomes=tuple(
            GoldOutcome(
                description=one.description, keywords=keywords(one), evidence=one.quotes[0].text
            )
            for one in summary.outcomes
            if one.meeting in news
        ),
        other_meetings=tuple(
            _meeting(one, [names[id_] for id_ in one.participants if id_ in names])
            for one in summary.meetings[1:]
            if one.quotes
        ),
    )


def _meeting(meeting: Meeting, participants: Iterable[str]) -> GoldMeeting:
    return GoldMeeting(
        when="parallel" if meeting.when == "reported" else meeting.when,
        evidence=meeting.quotes[0].text,
        participants=tuple(participants),
    )


def _keywords(words: str, others: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Returns the words themselves, and the telling ones among them that no other item has.

    Names tell little, since most items have some; they are taken where nothing else is left.
    """
    known, named = " ".join(others).casefold(), " ".join(names).casefold()
    plain = words.casefold()
    found = list(dict.fromkeys(_WORD.findall(plain)))
    own = [word for word in found if word not in _COMMON and _stem(word) not in known]
    telling = [word for word in own if word not in named] or own
    rarest = sorted(telling, key=len, reverse=True)[:_MAX_WORDS]
    pairs = [
        pair
        for one, other in pairwise(found)
        if (pair := f"{one} {other}") in plain and pair not in known
        if any(word not in _COMMON and word not in named for word in (one, other))
    ]
    acronyms = [one for one in _ACRONYM.findall(words) if one.casefold() not in known]
    stems = [_stem(word) for word in telling if word in rarest]
    return tuple(dict.fromkeys([words, *stems, *pairs, *acronyms]))


def _stem(word: str) -> str:
    """The start of a word, which is in its other forms, too."""
    return word[: max(_MIN_STEM, len(word) - 3)]
