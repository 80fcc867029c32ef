"""Who running text names: people with their offices, organizations, countries.

The patterns read English news. In other languages they find less, and what the model says stands
alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from summarize.article.boilerplate import dateline_end
from summarize.article.reading import Reading, Span
from summarize.grounding.countries import Country, countries_in, is_country_word, is_given_name
from summarize.grounding.names import (
    GENERATIONS,
    LINKS,
    MAX_NAME_WORDS,
    Word,
    is_bare_name,
    is_in_name,
    is_of_office,
    is_organization,
    kind_of,
    words_of,
)
from summarize.schema import ActorKind


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as a text names them in one place.

    Attributes:
        forms: the names; the text gives an organization two: the name and its letters.
        kind: what it is.
        span: of the first form, in the text.
        role: a person's office in the text's words, or None.
    """

    forms: tuple[str, ...]
    kind: ActorKind
    span: Span
    role: str | None = None


def named_entities(reading: Reading) -> tuple[Named, ...]:
    """The people with an office, the organizations and the countries of a text."""
    people: list[Named] = []
    organizations: list[Named] = []
    starts = {paragraph.start for paragraph in reading.paragraphs}
    for (start, end), is_title in reading.sentences:
        text = reading.text[start:end]
        found = [] if is_title else list(people_in(text))
        people += found
        # What stands in a dateline is a place.
        behind = dateline_end(text) if start in starts else 0
        organizations += organizations_in(text, [one.span for one in found], behind)
    return (*people, *organizations, *_countries(reading))


def bare_names(reading: Reading, is_common: Callable[[str], bool]) -> Iterator[str]:
    """Every run of capitalised words, without the offices and countries beside it, in order.

    `is_common` says whether a folded word is one that sentences begin with and no name.
    """

    def is_part(word: Word) -> bool:
        begins = word.start == 0 and is_common(word.key)
        return not (begins or word.is_title or is_country_word(word.text))

    for (start, end), is_title in reading.sentences:
        text = reading.text[start:end]
        words = words_of(text)
        # Where most words are capitals, they tell nothing.
        if is_title and sum(w.is_capital for w in words) * 2 > len(words):
            continue
        for run in _capital_runs(text, words):
            for is_name, group in groupby(words[run], is_part):
                name = list(group)
                while name and name[-1].is_particle:
                    name.pop()
                if is_name and name and name[-1].end - name[0].start > 1:
                    yield text[name[0].start : name[-1].end]


def _capital_runs(text: str, words: Sequence[Word]) -> Iterator[slice]:
    """Words that follow each other in one name or title: capitalised, particles, initials."""
    start = None
    for index, word in enumerate(words):
        if start is not None:
            gap = text[words[index - 1].end : word.start]
            # "Joseph R. Biden, Jr." is one name; the apostrophe of "Shia’ Al Sudani" is part of it.
            is_one = not gap.strip(" ’'") or (gap == ", " and word.key in GENERATIONS)
            if is_one and word.is_name_part:
                continue
            yield slice(start, index)
        start = index if word.is_capital else None
    if start is not None:
        yield slice(start, len(words))


# People

# In "Sameh Shoukry, Nikos Dendias and Jean-Yves Le Drian" who follows a person is one.
_LISTED = re.compile(r"\s*(?:,|,?\s+and|,?\s+&)\s*")


def people_in(text: str) -> Iterator[Named]:
    """Every person that a sentence names with an office beside the name, in order."""
    words = words_of(text)
    if not any(word.is_office or word.is_address for word in words):
        return
    listed_after = -1
    for run in _capital_runs(text, words):
        whole = Span(words[run.start].start, words[run.stop - 1].end)
        name, gap = text[slice(*whole)], text[listed_after : whole.start]
        person = _person(text, words, run)
        if person is None and listed_after >= 0 and _LISTED.fullmatch(gap) and is_bare_name(name):
            person = Named((name,), "person", whole)
        if person:
            listed_after = person.span.end
            yield person
        else:
            listed_after = -1


def _person(text: str, words: Sequence[Word], run: slice) -> Named | None:
    """The person that a run of capitalised words of a sentence names with an office, or None."""
    titles = (
        index for index in reversed(range(run.start, run.stop - 1)) if is_of_office(words, index)
    )
    first, end = next(titles, run.start - 1) + 1, run.stop
    while end > first and (words[end - 1].is_title or words[end - 1].is_particle):
        end -= 1
    name = words[first:end]
    if not 1 <= len(name) <= MAX_NAME_WORDS:
        return None
    span = Span(name[0].start, name[-1].end)
    whole = text[slice(*span)]
    before = _role_before(text, words, first) or _role_set_off(text, words[:first], span)
    addressed = any(word.is_address for word in words[run.start : first])
    role = before or (_role_after(text, span.end) if addressed or len(name) > 1 else None)
    if not (role or addressed) or is_organization(whole) or is_country_word(whole):
        return None
    is_acronym = all(word.text.isupper() and len(word.text) > 1 for word in name)
    if is_acronym or any(word.key in _DAYS_AND_MONTHS for word in name):
        return None
    return Named((whole,), "person", span, role)


# Characters before a name that are looked at; the longest office of the annotated articles has 96.
_MAX_ROLE = 300
# "The Italian foreign minister, Luigi Di Maio,": the name is set off from its office.
_COMMA = re.compile(r",\s")
# What may stand between two words of an office: "Syria's interim", "Organization (MİT) chief".
_WITHIN_ROLE = re.compile(r"(?:['’]s?)?[ ()]*")


def _role_before(text: str, words: Sequence[Word], name: int) -> str | None:
    """The office that ends right before a name, which begins with the word at an index."""
    first, right = name, words[name].start
    farthest = right - _MAX_ROLE
    while first and (word := words[first - 1]).start >= farthest:
        if not (word.is_capital or word.is_title or word.key in LINKS):
            break
        gap = text[word.end : right]
        apart = first == name and word.is_office and _COMMA.fullmatch(gap)
        if not (apart or _WITHIN_ROLE.fullmatch(gap)):
            break
        first, right = first - 1, word.start
    # "head of the Ankara Center" is an office without a name, "Sunday Presidents" not one office.
    if first == name or words[name - 1].key in LINKS:
        return None
    role = list(words[first:name])
    while role and (role[0].key in LINKS or _leads_in(role)):
        role.pop(0)
    while len(role) > 1 and role[-1].is_address and not role[-1].is_office:
        role.pop()
    return text[role[0].start : role[-1].end] if any(word.is_office for word in role) else None


_SET_OFF_OF = re.compile(r"\s+(?:of|for)\s")
_BEGINS_OFFICE = re.compile(r"(?:^|[^,]\s)[Tt]he\s+$")


def _role_set_off(text: str, before: Sequence[Word], name: Span) -> str | None:
    """The office in "the head of Türkiye’s MIT, Ibrahim Kalın,"."""
    end = name.start - len(", ")
    if text[max(end, 0) : name.start] != ", " or text[name.end : name.end + 1] != ",":
        return None
    start = max(text.rfind(",", 0, end) + 1, end - _MAX_ROLE)
    office = next((w for w in before if w.start >= start and w.is_office), None)
    if office is None or not _SET_OFF_OF.match(text, office.end):
        return None
    # In ", the head of …," it may be the office of who was named before.
    is_own = _BEGINS_OFFICE.search(text[max(office.start - _MAX_ROLE, 0) : office.start])
    return text[office.start : end] if is_own else None


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
    known = word.is_title or is_country_word(word.text) or word.text.isupper()
    begins = any(other.is_title or other.key in _DAYS_AND_MONTHS for other in role[1:2])
    return word.start == 0 and not known and begins


_APPOSITION = re.compile(
    r"\s*,\s+(?:the\s+|a\s+|an\s+)?(?P<role>[^,.;:()“”\"]{3,120}?(?:\([^)]{1,20}\)[^,.;]{0,40})?)\s*(?=[,.;])"
)


def _role_after(text: str, start: int) -> str | None:
    """The office in commas right behind a name."""
    match = _APPOSITION.match(text, start)
    if match is None:
        return None
    words = words_of(match["role"])
    # An office stands early ("the director of …"); a clause with a verb is no office.
    return match["role"].strip() if any(word.is_office for word in words[:4]) else None


# Organizations

# A full stop inside a word only: U.N., not "Council. During".
_CAPITALIZED = (
    r"[A-ZÀ-ÖØ-ÞĀ-Ž]"
    r"(?:(?<=[A-Z])\.(?:[A-Z]\.)+|[\w’'\u0300-\u036f\u2010\u2011-]*(?:\.(?=\w)[\w’'-]+)*)"
)
# Sixteen capitalised words: the longest name of the annotated articles has seven words.
_RUN = rf"{_CAPITALIZED}(?:\s+(?:(?:of|and|for|the|on|de|al)\s+){{0,2}}{_CAPITALIZED}){{0,15}}"
# "Kurdistan Workers’ Party (PKK)": a name and what it is called from then on.
_NAME = re.compile(rf"(?P<name>{_RUN})(?:\s+\((?P<short>[A-ZÀ-ÖØ-ÞĀ-Ž]{{2,8}})\))?")
# The look behind comes second, so that `re` first looks for a capital letter, which is fast.
_ACRONYM = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž](?<![\w./].)[A-ZÀ-ÖØ-ÞĀ-Ž]{2,5}(?![\w./:])")
_SMALL_LETTER = re.compile("[a-z]")
_AND = re.compile(r"\s+and\s+(?:the\s+)?")
_POSSESSIVE = re.compile(r"(?P<owner>\S+)['’]s\s+")
# Abbreviations of news, and of pages and programs, that name nobody.
_NOBODY = frozenset(
    "CEO COVID EEZ FILE GDP GMT NGO PHOTO UTC WATCH"
    " API CDATA CSS CSV DOCTYPE FAQ FIXME GIF HTML HTTP HTTPS INST JPEG JPG JSON MIME NULL PDF PNG"
    " RSS SQL SVG SYS TBD TODO URI URL USB UTF XML YAML".split()
)


def organizations_in(text: str, people: Sequence[Span], behind: int) -> Iterator[Named]:
    """Every organization and group that a sentence names by a noun of its kind or its letters.

    What overlaps a person's name is an office ("Armed Forces Gen. Milley"); letters before the
    place where the sentence begins, behind a dateline, are no name.
    """
    # A dateline or a headline in capitals is no list of acronyms.
    if not _SMALL_LETTER.search(text) and text.upper() == text:
        return
    for match in _NAME.finditer(text):
        span = Span(*match.span("name"))
        is_organized = " " in match["name"] and is_organization(match["name"])
        name = _core(match["name"]) if is_organized or match["short"] else ""
        if match["short"]:
            kind = kind_of(name, claimed=False) or "organization"
            yield Named((name, match["short"]), kind, span)
        is_office = any(one.start < span.end and span.start < one.end for one in people)
        # "Armed Forces Gen." is the office of whoever comes next.
        is_named = is_organized and not is_office and " " in name and is_organization(name)
        if is_named and not words_of(name)[-1].is_address:
            yield Named((name,), "organization", span)
    for match in _ACRONYM.finditer(text, behind):
        if match[0] not in _NOBODY and not is_country_word(match[0]):
            yield Named((match[0],), "group", Span(*match.span()))


def _core(name: str) -> str:
    """A name without what stands before it: an article, an office, its country, another name."""
    for match in _AND.finditer(name):
        before, after = name[: match.start()], name[match.end() :]
        # "Center for Crisis and Policy Studies" is one name, "Senate and European Union" two.
        if is_country_word(before) or (is_organization(before) and is_organization(after)):
            return _core(after)
    possessive = _POSSESSIVE.match(name)
    if possessive and is_country_word(possessive["owner"]):
        name = name[possessive.end() :]
    words = words_of(name)
    kept = (
        w for w in words if not (w.key in LINKS or w.key == "other" or w.is_office or w.is_address)
    )
    first = next(kept, words[-1] if words else None)
    return name[first.start :].strip() if first else name


# Countries


def _countries(reading: Reading) -> Iterator[Named]:
    """The countries of a text, each as it is first written, without those in people's names."""
    seen: set[str] = set()
    for country in countries_in(reading.text):
        code = country.code or country.written
        if not (country.is_demonym or code in seen or _is_person(reading, country)):
            seen.add(code)
            end = country.start + len(country.written)
            yield Named((country.written,), "country", Span(country.start, end))


def _is_person(reading: Reading, country: Country) -> bool:
    """Whether what looks like a country is part of a person's name."""
    if not is_given_name(country.written):
        return False
    start, end = reading.sentence_at(country.start).span
    words = [word for word in words_of(reading.text[start:end]) if not _begins_sentence(word)]
    places = (index for index, word in enumerate(words) if word.start == country.start - start)
    return any(is_in_name(words, index) for index in places)


def _begins_sentence(word: Word) -> bool:
    """Whether a word has its capital letter for beginning a sentence."""
    return word.start == 0 and (word.key in _BEGINNINGS or word.key.endswith(("ing", "ed")))


_BEGINNINGS = frozenset("after as at both but for from in on since to when while with".split())
