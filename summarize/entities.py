"""Names in running text: people with their offices, names that mean one actor, dates.

The patterns read English news, where the office stands before the name ("Turkish Foreign Minister
Hakan Fidan") or behind it ("Jon Finer, the adviser, …"). In other languages they find less, and
what the model says stands alone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from summarize.countries import country_code, is_capital, is_country_word
from summarize.matching import fold
from summarize.reading import Reading, Span
from summarize.schema import ActorKind

__all__ = [
    "Person",
    "headline_offices",
    "is_bare_name",
    "kind_of",
    "names_day",
    "offices_of",
    "people",
    "resolve_date",
    "same_person",
    "split_role",
    "surname",
]

# Nouns of office. A capitalised name beside one of them is a person's.
_OFFICES = frozenset(
    """
    adviser advisor ambassador attaché chair chairman chairperson chairwoman chancellor chief
    commander commander-in-chief commissioner congressman congresswoman consul coordinator
    counterpart deputy diplomat director emir envoy governor head king leader
    lawmaker minister monarch negotiator official pm premier president prime prince princess queen
    rapporteur representative ruler secretary secretary-general senator sheikh speaker spokesman
    spokesperson spokeswoman sultan undersecretary
    """.split()
)
# Forms of address and ranks, which are not part of a name.
_ADDRESS = frozenset(
    """
    adm admiral amb brig capt captain col colonel dr gen general gov hon honorable lady lord lt
    madam maj major marshal mr mrs ms prof professor rep sen sgt sir
    """.split()
)
# Words that stand beside an office and belong to it: ranks, portfolios, kinds of state.
_QUALIFIERS = frozenset(
    """
    acting affairs agriculture air army assistant caretaker commerce crown culture defence defense
    deputy economy education energy environment executive external federation finance first former
    foreign health home incumbent industry intelligence interim interior internal joint justice
    kingdom labor labour military national naval new newly-appointed oil parliamentary permanent
    police prime principal republic security senior spy staff state supreme then tourism trade
    transitional transport vice
    """.split()
)
_PARTICLES = frozenset(
    "al el bin ibn bint abu de del della der den di da dos du la le van von ten ter ul".split()
)
_ORGANIZATION = re.compile(
    r"(?i)\b(?:administration|agency|alliance|armed forces|army|assembly|association|authority|bank"
    r"|board|bureau|cabinet|cent(?:er|re)|coalition|commission|committee|community|company|conference"
    r"|congress|corporation|council|court|department|embassy|forum|foundation|fund|government|institute"
    r"|league|media|ministry|mission|nations|navy|news|office|organi[sz]ation|parliament|party|police"
    r"|presidency|press|programme?|secretariat|senate|service|staff|union|university)\b"
)
_GROUP = re.compile(
    r"(?i)\b(?:brigades?|delegation|delegates|faction|fighters|forces|front|group|groups|guards?"
    r"|insurgents|leaders|members|militants?|militia|movement|nationalists|officials|opposition"
    r"|rebels?|representatives|state|tribes|workers)\b"
)

_PLACE = re.compile(
    r"(?i)\b(?:city|east(?:ern)?|greater|gulf|north(?:ern)?|peninsula|province|region|river|road"
    r"|sea|south(?:ern)?|strait|valley|west(?:ern)?)$|^(?:greater|north(?:ern)?|south(?:ern)?"
    r"|east(?:ern)?|west(?:ern)?)\b"
)
_PREFIXED = re.compile(r"(?:al|el|ul|ibn)[-’'][^\W\d_]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:[-’'ʼ‘.][^\W\d_]+)*\.?")


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


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        return self.text.rstrip(".").casefold()

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper() or self.text[0].istitle()

    @property
    def is_particle(self) -> bool:
        return self.key in _PARTICLES

    @property
    def is_name_part(self) -> bool:
        """Capitalised, or one that names hold in lower case: bin, al-Sharaa."""
        return self.is_capital or self.is_particle or bool(_PREFIXED.match(self.text))

    @property
    def is_office(self) -> bool:
        return self.key in _OFFICES or self.key.removesuffix("s") in _OFFICES

    @property
    def is_title(self) -> bool:
        return self.is_office or self.key in _ADDRESS or self.key in _QUALIFIERS


def _words(text: str) -> list[_Word]:
    words = []
    for match in _WORD.finditer(text):
        word = match[0]
        # A possessive is not part of the name; a full stop only of an initial or a short title.
        if bare := re.sub(r"['’]s?$", "", word) if re.search(r"['’]s?$", word) else word:
            if bare.endswith(".") and not (
                len(bare) == 2 or bare[:-1].casefold() in _ADDRESS or "." in bare[:-1]
            ):
                bare = bare[:-1]
            words.append(_Word(bare, match.start(), match.start() + len(bare)))
    return words


def _words_from(text: str, start: int, end: int) -> list[_Word]:
    return [
        _Word(word.text, word.start + start, word.end + start) for word in _words(text[start:end])
    ]


def split_role(text: str) -> tuple[str | None, str]:
    """Splits "Iraqi President Abdul Latif Rashid" into the office and the name."""
    words = _words(text)
    for index, word in enumerate(words):
        if word.is_name_part and not (word.is_title or is_country_word(word.text)):
            if index == 0:
                return None, text.strip()
            role = text[: word.start].strip(" ,")
            name = text[word.start :].strip()
            # "representatives of Shia groups" is one name, and so is "National Security Council".
            whole = words[index - 1].key in _LINKS or _ORGANIZATION.search(name)
            if any(w.is_title for w in words[:index]) and not whole:
                return role, name
            return None, text.strip()
    return None, text.strip()


def people(reading: Reading) -> Iterator[Person]:
    """Every person a text names with an office beside the name, in order."""
    for sentence in reading.sentences:
        if sentence.is_title:
            continue
        start = sentence.span.start
        text = reading.text[start : sentence.span.end]
        listed_after = -1
        for run in _capital_runs(text):
            gap = text[listed_after : run[0].start] if listed_after >= 0 else ""
            listed = _LISTED.fullmatch(gap) or _COUNTERPARTS.search(text[: run[0].start])
            person = _person(text, run) or (_listed_person(text, run) if listed else None)
            listed_after = person.span.end if person else -1
            if person:
                span = Span(start + person.span.start, start + person.span.end)
                yield Person(person.name, person.role, span)


# In "Sameh Shoukry, Nikos Dendias and Jean-Yves Le Drian" who follows a person is one.
_LISTED = re.compile(r"\s*(?:,|,?\s+and|,?\s+&)\s*")
_COUNTERPARTS = re.compile(r"(?i)\bcounterparts?,?\s*$")


def _listed_person(text: str, run: list[_Word]) -> Person | None:
    span = Span(run[0].start, run[-1].end)
    name = text[span.start : span.end]
    return Person(name, None, span) if is_bare_name(name) else None


def _capital_runs(text: str) -> Iterator[list[_Word]]:
    """Words that follow each other in one name or title: capitalised, particles, initials."""
    run: list[_Word] = []
    for word in _words(text):
        gap = text[run[-1].end : word.start] if run else ""
        # The apostrophe of "Shia’ Al Sudani" is part of the name.
        if run and gap.strip(" ’'"):
            yield run
            run = []
        if word.is_capital or (run and word.is_name_part):
            run.append(word)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _person(text: str, run: list[_Word]) -> Person | None:
    titles = [i for i in range(len(run) - 1) if run[i].is_title or _is_country_of(run, i)]
    index = titles[-1] + 1 if titles else 0
    name = run[index:]
    while name and (name[-1].is_title or name[-1].is_particle):
        name = name[:-1]
    if not 1 <= len(name) <= _MAX_NAME_WORDS or name[0].key == "the":
        return None
    span = Span(name[0].start, name[-1].end)
    whole = text[span.start : span.end]
    if (
        _ORGANIZATION.search(whole)
        or country_code(whole)
        or any(is_country_word(word.text) or is_capital(word.text) for word in name[1:])
        or (len(name) == 1 and is_capital(whole))
        or all(word.text.isupper() and len(word.text) > 1 for word in name)
    ):
        return None
    before = _role_before(text, span.start)
    after = _role_after(text, span.end)
    addressed = any(word.key in _ADDRESS for word in run[:index])
    if not (before or addressed or (after and len(name) > 1)):
        return None
    return Person(whole, before or after, span)


def _is_country_of(run: list[_Word], index: int) -> bool:
    """Whether a word names a country; behind an office it is a first name, as in Israel Katz."""
    follows_office = index > 0 and (run[index - 1].is_office or run[index - 1].key in _ADDRESS)
    return is_country_word(run[index].text) and not follows_office


# "Mohammed bin Salman bin Abdulaziz Al Saud" has seven; the annotated articles have at most five.
_MAX_NAME_WORDS = 7


# Characters before a name that are looked at; the longest office of the annotated articles has 112.
_MAX_ROLE = 300
_LINKS = frozenset({"of", "for", "to", "the"})
# What may stand between two words of an office: "Syria's interim", "Organization (MİT) chief",
# "Gen. ".
_WITHIN_ROLE = re.compile(r"\.?(?:['’]s?)?[ ()]*")


def _role_before(text: str, end: int) -> str | None:
    """The office that ends right before a name."""
    kept: list[_Word] = []
    right = end
    near = max(end - _MAX_ROLE, 0)
    for word in reversed(_words_from(text, near, end)):
        gap = text[word.end : right]
        if not _WITHIN_ROLE.fullmatch(gap):
            break
        if not (word.is_capital or word.is_title or word.key in _LINKS):
            break
        kept.append(word)
        right = word.start
    # "head of the Ankara Center" is an office without a name, "Sunday Presidents" not one office.
    if kept and kept[0].key in _LINKS:
        return None
    while kept and (kept[-1].key in _LINKS or _leads_in(kept)):
        kept.pop()
    while kept and kept[0].key in _ADDRESS - _OFFICES and len(kept) > 1:
        kept.pop(0)
    if not any(word.is_office for word in kept):
        return None
    return text[kept[-1].start : kept[0].end].strip()


_DAY_OR_MONTH = re.compile(
    r"(?i)(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august"
    r"|september|october|november|december"
)


def _leads_in(reversed_role: list[_Word]) -> bool:
    """Whether the leftmost word is capitalised for beginning a sentence, or for being a date."""
    word = reversed_role[-1]
    if _DAY_OR_MONTH.fullmatch(word.text):
        return True
    known = word.is_title or is_country_word(word.text) or word.text.isupper()
    return word.start == 0 and not known and len(reversed_role) > 1 and reversed_role[-2].is_title


_APPOSITION = re.compile(
    r"\s*,\s+(?:the\s+|a\s+|an\s+)?(?P<role>[^,.;:()“”\"]{3,120}?(?:\([^)]{1,20}\)[^,.;]{0,40})?)\s*(?=[,.;])"
)


def _role_after(text: str, start: int) -> str | None:
    """The office in commas right behind a name."""
    match = _APPOSITION.match(text, start)
    if match is None:
        return None
    words = _words(match["role"])
    offices = [index for index, word in enumerate(words) if word.is_office]
    # An office stands early ("the director of …"); a clause with a verb is no office.
    return (
        match["role"].strip() if offices and offices[0] <= 3 and not words[0].is_particle else None
    )


def headline_offices(title: str) -> Iterator[str]:
    """Offices in a headline with the words before them: "Turkish spy chief"."""
    words = _words(title)
    for index, word in enumerate(words):
        if word.is_office:
            start = index
            while start and (words[start - 1].is_title or is_country_word(words[start - 1].text)):
                start -= 1
            yield title[words[start].start : word.end]


def surname(name: str) -> str:
    """The last word of a person's name, with what is hyphenated to it."""
    words = _words(name)
    return words[-1].text if words else name


def same_person(one: str, other: str) -> bool:
    """Whether two names can mean one person: one's words end the other's, or are among them."""
    a, b = (_name_words(name) for name in (one, other))
    if not a or not b:
        return False
    short, long = sorted((a, b), key=len)
    return short[-1] in (long[-1], long[0]) and all(word in long for word in short)


@lru_cache(maxsize=4096)
def _name_words(name: str) -> tuple[str, ...]:
    words = [fold(word.text.rstrip(".")) for word in _words(split_role(name)[1])]
    joined = [re.sub(r"^(?:al|el|ul)[-']", "", word) for word in words]
    return tuple(word for word in joined if word not in _PARTICLES and len(word) > 1)


def is_bare_name(text: str) -> bool:
    """Whether a text is a person's name and nothing else, by its shape."""
    words = _words(text)
    return (
        2 <= len(words) <= _MAX_NAME_WORDS
        and all(word.is_name_part for word in words)
        and not any(word.is_title or is_country_word(word.text) for word in words)
        and not (_ORGANIZATION.search(text) or _GROUP.search(text))
    )


def kind_of(name: str, *, claimed: bool) -> ActorKind | None:
    """What a name is the name of, by its words; None where it names nobody ("border security").

    A single word is a surname where somebody is claimed to have taken part.
    """
    if country_code(name):
        return "country"
    if _PLACE.search(name) or is_capital(name):
        return None
    if is_bare_name(name):
        return "person"
    words = _words(name)
    plain = [w for w in words if not (w.is_name_part or w.is_title or w.key in _LINKS | {"and"})]
    if _ORGANIZATION.search(name) or _GROUP.search(name):
        # One more word than the noun itself ("terrorist organization"); with two it is a clause.
        if sum(not (_ORGANIZATION.search(w.text) or _GROUP.search(w.text)) for w in plain) > 1:
            return None
        return "organization" if _ORGANIZATION.search(name) else "group"
    if plain or not words:
        return None
    if offices_of(name):
        return "person"
    if any(word.text.isupper() and len(word.text) > 1 for word in words):
        return "group"
    return "person" if claimed and len(words) == 1 else "organization"


def names_day(text: str) -> bool:
    """Whether words name a day: by number, month or weekday, or as today or yesterday."""
    return bool(re.search(r"\d", text) or _NAMED_DAY.search(text) or _WEEKDAY.search(text))


_WEEKDAY = re.compile(r"(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")
_NAMED_DAY = re.compile(r"(?i)\b(?:today|yesterday|tomorrow|weekend)\b")


def resolve_date(text: str, published: str | None) -> str | None:
    """The ISO day that a date in an article means, where the article settles it.

    A date without a year, or a day of the week, is the last such day up to the publication day.
    """
    import dateparser

    first = re.sub(r"(?<=\d)\s*[-–]\s*\d{1,2}\b(?=[,\s]|$)", "", text)  # "March 23-25" begins on 23
    settings: dict[str, object] = {"PREFER_DATES_FROM": "past"}
    if re.search(r"\d", first):
        settings["REQUIRE_PARTS"] = ["day"]
    base = dt.datetime.max
    if published:
        base = dt.datetime.fromisoformat(published).replace(hour=23, minute=59)
        if _WEEKDAY.search(text):
            # dateparser takes the weekday before today; an article of Monday means its own Monday.
            base += dt.timedelta(days=1)
        settings["RELATIVE_BASE"] = base
    else:
        settings["REQUIRE_PARTS"] = ["day", "month", "year"]
    parsed = dateparser.parse(first, languages=["en"], settings=settings)
    if parsed is None:
        return None
    # "Feb. 29" in another year would be years ago: no article means that without saying the year.
    too_long_ago = published and not re.search(r"\d{4}", text) and base - parsed > _YEAR
    return None if too_long_ago else parsed.date().isoformat()


_YEAR = dt.timedelta(days=366)


def offices_of(text: str) -> frozenset[str]:
    """The nouns of office in a text, folded: {"chief"} of "the MİT chief"."""
    return frozenset(fold(word.key) for word in _words(text) if word.is_office)
