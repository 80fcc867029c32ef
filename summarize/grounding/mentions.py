"""Who running text names: people with their offices, organizations, countries.

The patterns read English news. In other languages they find less, and what the model says stands
alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Literal

from summarize.article.boilerplate import dateline_end
from summarize.article.reading import Reading, Span
from summarize.grounding.countries import (
    countries_in,
    government_at,
    is_capital,
    is_country_word,
    is_given_name,
    same_country,
)
from summarize.grounding.matching import fold
from summarize.grounding.names import (
    GENERATIONS,
    LINKS,
    MAX_NAME_WORDS,
    Word,
    is_bare_name,
    is_organization,
    kind_of,
    may_have_titles,
    words_of,
)
from summarize.schema import ActorKind

__all__ = [
    "Entities",
    "Named",
    "Person",
    "bare_names",
    "headline_offices",
    "named_entities",
    "organizations",
    "people",
]


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a text names them once.

    Attributes:
        name: without office or form of address.
        role: the office in the text's words, or None.
        span: of the name, in the reading.
    """

    name: str
    role: str | None
    span: Span


@dataclass(frozen=True)
class Entities:
    """Everybody that a text names by itself, whatever a model says.

    Attributes:
        people, organizations, countries: in order.
        text: of the reading.
    """

    people: tuple[Person, ...]
    organizations: tuple[Named, ...]
    countries: tuple[str, ...]
    text: str = field(default="", repr=False)


def named_entities(reading: Reading) -> Entities:
    """The people, organizations and countries of a text."""
    found = tuple(people(reading))
    return Entities(
        people=found,
        organizations=tuple(organizations(reading, [person.span for person in found])),
        countries=tuple(_countries(reading)),
        text=reading.text,
    )


def _countries(reading: Reading) -> Iterator[str]:
    """The countries of a text, each as it is first written, without those in people's names."""
    seen: set[str] = set()
    surnames: set[str] = set()
    found = []
    for country in countries_in(reading.text):
        part = _part_of_name(reading, country.start) if is_given_name(country.written) else None
        if part is None:
            found.append(country)
        elif part == "last":
            surnames.add(country.key)
    # Behind "Jim Jordan", "Jordan" is he, unless the text has Jordanians or Amman.
    codes = {one.key: one.code for one in found if one.key in surnames}
    somebody = {k for k, code in codes.items() if not _is_told_otherwise(code, k, reading.text)}
    for country in found:
        code, key = country.code, country.key
        if (code or key) in seen or key in somebody:
            continue
        seen.add(code or key)
        yield country.written


def _part_of_name(reading: Reading, start: int) -> Literal["first", "last"] | None:
    """Which part of a person's name the word is that begins there, if it is one."""
    span = reading.sentence_at(start).span
    text = reading.text[span.start : span.end]
    words = words_of(text)
    for run in (words[found] for found in _capital_runs(text, words)):
        index = next((i for i, w in enumerate(run) if w.start == start - span.start), None)
        if index is None:
            continue
        before, behind = run[:index][-1:], run[index + 1 :][:1]
        if is_organization(text[run[0].start : run[-1].end]):
            return None
        if any(map(_is_of_name, before)) and not _begins_sentence(before[0]):
            return "last"
        return "first" if any(map(_is_of_name, behind)) else None
    return None


def _is_of_name(word: Word) -> bool:
    return not (word.is_title or word.is_particle or is_country_word(word.text))


def _begins_sentence(word: Word) -> bool:
    """Whether a word is capitalised for beginning a sentence, and is no name."""
    is_small = word.key in _SMALL_WORDS or word.key.endswith(("ing", "ed", "ly"))
    return word.start == 0 and is_small


# What sentences begin with before a country's name.
_SMALL_WORDS = frozenset(
    """
    a after against although amid an and as at because before behind both but by despite during for
    from how if in inside like meanwhile near neighbouring neighboring of off on our outside over
    since so than that the then these this those though to toward towards under unlike until what
    when where whether while why with within without
    """.split()
)


def _is_told_otherwise(code: str | None, key: str, text: str) -> bool:
    words = same_country(code, text) if code else ()
    return any(fold(word) != key for word in words) or any(
        government_at(word.text) == code for word in words_of(text) if word.is_capital
    )


def people(reading: Reading) -> Iterator[Person]:
    """Every person a text names with an office beside the name, in order."""
    for sentence in reading.sentences:
        start = sentence.span.start
        text = reading.text[start : sentence.span.end]
        if sentence.is_title or not may_have_titles(text):
            continue
        listed_after = -1
        words = words_of(text)
        for run in _capital_runs(text, words):
            first, last = words[run.start], words[run.stop - 1]
            gap = text[listed_after : first.start] if listed_after >= 0 else ""
            before = text[max(first.start - _COUNTERPARTS_REACH, 0) : first.start]
            person = _person(text, words, run)
            if person is None and (_LISTED.fullmatch(gap) or _COUNTERPARTS.search(before)):
                person = _listed_person(text, Span(first.start, last.end))
            follows = gap.strip() == "of"
            listed_after = person.span.end if person else last.end if follows else -1
            if person:
                span = Span(start + person.span.start, start + person.span.end)
                yield Person(person.name, person.role, span)


def bare_names(reading: Reading, is_common: Callable[[str], bool]) -> Iterator[str]:
    """Every run of capitalised words, without the offices and countries beside it, in order.

    Args:
        reading: of the article.
        is_common: whether a word, in lower case, is one that sentences begin with and no name.
    """
    for sentence in reading.sentences:
        text = reading.text[sentence.span.start : sentence.span.end]
        words = words_of(text)
        # Where most words are capitals, they tell nothing.
        if sentence.is_title and sum(w.is_capital for w in words) * 2 > len(words):
            continue
        for run in _capital_runs(text, words):
            name: list[Word] = []
            for word in [*words[run], None]:
                begins = word and not name and word.start == 0 and is_common(word.key)
                if word and not (begins or word.is_title or is_country_word(word.text)):
                    name.append(word)
                    continue
                while name and name[-1].is_particle:
                    name.pop()
                if name and name[-1].end - name[0].start > 1:
                    yield text[name[0].start : name[-1].end]
                name = []


# In "Sameh Shoukry, Nikos Dendias and Jean-Yves Le Drian" who follows a person is one.
_LISTED = re.compile(r"\s*(?:,|,?\s+and|,?\s+&)\s*")
_COUNTERPARTS = re.compile(r"(?i)\bcounterparts?,?\s*$")
# Characters; the pattern is shorter.
_COUNTERPARTS_REACH = 20


def _listed_person(text: str, span: Span) -> Person | None:
    name = text[span.start : span.end]
    return Person(name, None, span) if is_bare_name(name) else None


def _capital_runs(text: str, words: Sequence[Word]) -> Iterator[slice]:
    """Words that follow each other in one name or title: capitalised, particles, initials."""
    start = -1
    for index, word in enumerate(words):
        if start >= 0:
            gap = text[words[index - 1].end : word.start]
            # "Joseph R. Biden, Jr." is one name; the apostrophe of "Shia’ Al Sudani" is part of it.
            is_one = not gap.strip(" ’'") or (gap == ", " and word.key in GENERATIONS)
            if is_one and word.is_name_part:
                continue
            yield slice(start, index)
            start = -1
        if word.is_capital:
            start = index
    if start >= 0:
        yield slice(start, len(words))


def _person(text: str, words: Sequence[Word], run: slice) -> Person | None:
    """The person that a run of capitalised words of a sentence names with an office, or None."""
    titles = (
        index
        for index in reversed(range(run.start, run.stop - 1))
        if words[index].is_title or _is_country_of(words[run.start : index + 1])
    )
    first, end = next(titles, run.start - 1) + 1, run.stop
    while end > first and (words[end - 1].is_title or words[end - 1].is_particle):
        end -= 1
    name = words[first:end]
    if not 1 <= len(name) <= MAX_NAME_WORDS or name[0].key == "the":
        return None
    span = Span(name[0].start, name[-1].end)
    before = _role_before(text, words, first) or _role_set_off(text, words, span)
    addressed = any(word.is_address for word in words[run.start : first])
    if not before and not addressed and len(name) == 1:
        return None
    role = before or _role_after(text, span.end)
    if not role and not addressed:
        return None
    whole = text[span.start : span.end]
    if (
        is_organization(whole)
        or is_country_word(whole)
        or any(word.key in _DAYS_AND_MONTHS for word in name)
        or any(is_country_word(word.text) or is_capital(word.text) for word in name[1:-1])
        or (len(name) == 1 and is_capital(whole))
        or all(word.text.isupper() and len(word.text) > 1 for word in name)
    ):
        return None
    # A surname may be a country's or a capital's (Jim Jordan), right behind an office.
    last = name[-1].text
    if len(name) > 1 and not before and (is_country_word(last) or is_capital(last)):
        return None
    return Person(whole, role, span)


def _is_country_of(run: Sequence[Word]) -> bool:
    """Whether the last word names a country; behind an office it is a first name: Israel Katz."""
    *before, last = run[-2:]
    follows_office = any(word.is_office or word.is_address for word in before)
    return is_country_word(last.text) and not follows_office


# Characters before a name that are looked at; the longest office of the annotated articles has 96.
_MAX_ROLE = 300
# "The Italian foreign minister, Luigi Di Maio,": the name is set off from its office.
_COMMA = re.compile(r",\s")
# "Gen", "Lt", "Prof", "Congr": longer words are whole.
_MAX_ABBREVIATION = 5
_BEGINS_OFFICE = re.compile(r"(?:^|[^,]\s)[Tt]he\s+$")
_OF = re.compile(r"\s+(?:of|for|to)\s")
# What may stand between two words of an office: "Syria's interim", "Organization (MİT) chief",
# "Gen. ".
_WITHIN_ROLE = re.compile(r"\.?(?:['’]s?)?[ ()]*")


def _role_before(text: str, words: Sequence[Word], name: int) -> str | None:
    """The office that ends right before a name, which begins with the word at an index."""
    first, right = name, words[name].start
    farthest = right - _MAX_ROLE
    while first and (word := words[first - 1]).start >= farthest:
        if not (word.is_capital or word.is_title or word.key in LINKS):
            break
        gap = text[word.end : right]
        # A full stop of a word that is no abbreviation ends the sentence before.
        stops = gap.startswith(".") and len(word.key) > _MAX_ABBREVIATION
        apart = first == name and word.is_office and _COMMA.fullmatch(gap)
        if stops or not (gap == " " or apart or _WITHIN_ROLE.fullmatch(gap)):
            break
        first, right = first - 1, word.start
    # "head of the Ankara Center" is an office without a name, "Sunday Presidents" not one office.
    if first == name or words[name - 1].key in LINKS:
        return None
    while first < name and (words[first].key in LINKS or _leads_in(words[first:name])):
        first += 1
    end = name
    while end - first > 1 and words[end - 1].is_address and not words[end - 1].is_office:
        end -= 1
    if not any(word.is_office for word in words[first:end]):
        return None
    return text[words[first].start : words[end - 1].end].strip()


def _role_set_off(text: str, words: Sequence[Word], name: Span) -> str | None:
    """The office in "the head of Türkiye’s MIT, Ibrahim Kalın,"."""
    end = name.start - len(", ")
    if text[max(end, 0) : name.start] != ", " or text[name.end : name.end + 1] != ",":
        return None
    start = max(text.rfind(",", 0, end) + 1, end - _MAX_ROLE)
    for word in words[bisect_left(words, start, key=attrgetter("start")) :]:
        if word.start >= end:
            break
        if word.is_office and _OF.match(text, word.end):
            # In ", the head of …," it may be the office of who was named before.
            is_own = _BEGINS_OFFICE.search(text[max(word.start - _MAX_ROLE, 0) : word.start])
            return text[word.start : end] if is_own else None
    return None


# "May" is a name, too.
_DAYS_AND_MONTHS = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday
    january february march april june july august september october november december
    """.split()
)


def _leads_in(role: Sequence[Word]) -> bool:
    """Whether the first word is capitalised for beginning a sentence, or for being a date."""
    word = role[0]
    if word.key in _DAYS_AND_MONTHS:
        return True
    # A dateline may run into the first sentence: "BERN Norwegian Prime Minister …".
    if word.start == 0 and word.text.isupper() and is_capital(word.text):
        return True
    known = word.is_title or is_country_word(word.text) or word.text.isupper()
    following = role[1] if len(role) > 1 else None
    begins = following and (following.is_title or following.key in _DAYS_AND_MONTHS)
    return word.start == 0 and not known and bool(begins)


_APPOSITION = re.compile(
    r"\s*,\s+(?:the\s+|a\s+|an\s+)?(?P<role>[^,.;:()“”\"]{3,120}?(?:\([^)]{1,20}\)[^,.;]{0,40})?)\s*(?=[,.;])"
)


def _role_after(text: str, start: int) -> str | None:
    """The office in commas right behind a name."""
    match = _APPOSITION.match(text, start)
    if match is None:
        return None
    words = words_of(match["role"])
    offices = [index for index, word in enumerate(words) if word.is_office]
    # An office stands early ("the director of …"); a clause with a verb is no office.
    return (
        match["role"].strip() if offices and offices[0] <= 3 and not words[0].is_particle else None
    )


def headline_offices(title: str) -> Iterator[str]:
    """Offices in a headline with the words before them: "Turkish spy chief"."""
    words = words_of(title)
    for index, word in enumerate(words):
        if word.is_office:
            start = index
            while start and (words[start - 1].is_title or is_country_word(words[start - 1].text)):
                start -= 1
            yield title[words[start].start : word.end]


@dataclass(frozen=True, slots=True)
class Named:
    """An organization, group or country as a text names it: all its forms, the first one first."""

    forms: tuple[str, ...]
    kind: ActorKind


# A full stop inside a word only: U.N., not "Council. During".
_CAPITALIZED = (
    r"[A-ZÀ-ÖØ-ÞĀ-Ž]"
    r"(?:(?<=[A-Z])\.(?:[A-Z]\.)+|[\w’'\u0300-\u036f\u2010\u2011-]*(?:\.(?=\w)[\w’'-]+)*)"
)
# Sixteen capitalised words: the longest name of the annotated articles has seven words.
_RUN = rf"{_CAPITALIZED}(?:\s+(?:(?:of|and|for|the|on|de|al)\s+){{0,2}}{_CAPITALIZED}){{0,15}}"
# "Kurdistan Workers’ Party (PKK)": a name and what it is called from then on.
_SHORT = re.compile(r"\((?P<short>[A-ZÀ-ÖØ-ÞĀ-Ž]{2,8})\)")
_EXPANDED = re.compile(rf"(?P<name>{_RUN})\s+{_SHORT.pattern}")
_LONG = re.compile(_RUN)
# What may not stand before it is looked at behind its first letter, to which a search runs faster.
_ACRONYM = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž](?<![\w./].)[A-ZÀ-ÖØ-ÞĀ-Ž]{2,5}(?![\w./:])")
_SMALL_LETTER = re.compile("[a-z]")
_AND = re.compile(r"\s+and\s+(?:the\s+)?")
_POSSESSIVE = re.compile(r"(?P<owner>\S+)['’]s\s+")
# Abbreviations of news, and of pages and programs, that name nobody.
_NOBODY = frozenset(
    "CEO COVID EEZ FILE GDP GMT ID NGO PHOTO TV UTC WATCH"
    " API CDATA CSS CSV DOCTYPE FAQ FIXME GIF HTML HTTP HTTPS INST JPEG JPG JSON MIME NULL PDF PNG"
    " RSS SQL SVG SYS TBD TODO URI URL USB UTF XML YAML".split()
)


def organizations(reading: Reading, persons: Sequence[Span]) -> Iterator[Named]:
    """Every organization and group that a text names by a noun of its kind or an acronym.

    What overlaps a person's name, at the spans given, is an office: "Armed Forces Gen. Milley".
    """
    taken = bytearray(len(reading.text))
    for span in persons:
        taken[span.start : span.end] = b"\1" * (span.end - span.start)
    begins = {paragraph.start for paragraph in reading.paragraphs}
    for sentence in reading.sentences:
        start = sentence.span.start
        text = reading.text[start : sentence.span.end]
        # A dateline or a headline in capitals is no list of acronyms.
        if not _SMALL_LETTER.search(text) and text.upper() == text:
            continue
        if _SHORT.search(text):
            yield from _expanded(text)
        for match in _LONG.finditer(text):
            if " " not in match[0] or not is_organization(match[0]):
                continue
            if any(taken[start + match.start() : start + match.end()]):
                continue
            name = _core(match[0])
            # "Armed Forces Gen." is the office of whoever comes next.
            if is_organization(name) and " " in name and not words_of(name)[-1].is_address:
                yield Named((name,), "organization")
        # What stands in a dateline is a place.
        for match in _ACRONYM.finditer(text, dateline_end(text) if start in begins else 0):
            if match[0] not in _NOBODY and not is_country_word(match[0]):
                yield Named((match[0],), "group")


def _expanded(text: str) -> Iterator[Named]:
    for match in _EXPANDED.finditer(text):
        name = _core(match["name"])
        yield Named((name, match["short"]), kind_of(name, claimed=False) or "organization")


def _core(name: str) -> str:
    """A name without what stands before it: an article, an office, its country, another name."""
    start = 0
    for match in _AND.finditer(name):
        before, after = name[start : match.start()], name[match.end() :]
        # "Center for Crisis and Policy Studies" is one name, "Senate and European Union" two.
        if is_country_word(before) or (is_organization(before) and is_organization(after)):
            start = match.end()
    name = name[start:]
    possessive = _POSSESSIVE.match(name)
    if possessive and is_country_word(possessive["owner"]):
        name = name[possessive.end() :]
    return _without_office(name)


def _without_office(name: str) -> str:
    """A name without an article, a country's possessive or an office before it."""
    kept = words_of(name)
    while len(kept) > 1 and (
        kept[0].key in LINKS or kept[0].key == "other" or kept[0].is_office or kept[0].is_address
    ):
        kept = kept[1:]
    return name[kept[0].start :].strip() if kept else name
