"""Countries by their names, demonyms and capitals, from the countryinfo library."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from summarize.grounding.country_facts import by_population
from summarize.grounding.matching import fold, fold_with_origins


def _by_name(table: str) -> dict[str, str]:
    """The codes of a table by each of the names."""
    rows = (row.split(maxsplit=1) for row in _listed(table))
    return {name.strip(): code for code, names in rows for name in names.split(",")}


def _listed(table: str) -> list[str]:
    """The names in a table."""
    return [row.strip() for row in table.split(";")]


# What news writes, and the library lacks or has for another country, by the country's code.
_NEWS_NAMES = _by_name("""
    BIH bosnia; COD d.r. congo, democratic republic of congo, congo (kinshasa);
    COG congo (brazzaville), republic of congo; GBR britain, england, northern ireland, scotland;
    LAO lao pdr; MKD macedonia; PSE palestinian authority; TTO trinidad; USA america;
    VAT vatican, vatican city; XKX kosovo
""")
_NEWS_DEMONYMS = _by_name("""
    ARE emirates; ARG argentine, argentinian; AZE azeri; BLR belarussian; BWA botswanan;
    COM comorian; CPV cape verdean; CYP greek cypriot, turkish cypriot; DJI djiboutian; DNK danes;
    DOM dominican; ECU ecuadorian; ESP spaniard; FIN finns; FRA frenchman;
    GBR briton, britons, english, northern irish, scottish; GNB bissau-guinean; GNQ equatoguinean;
    GRC greeks; HRV croat; ISL icelandic; KAZ kazakh; KGZ kyrgyz, kyrgyzstani; LAO lao; LSO basotho;
    LUX luxembourgish; MAC macanese; MDV maldivian; NPL nepali; PHL philippine; POL poles;
    SAU saudi; SLV salvadorean; SRB serb; STP santomean; SUR surinamese; SVK slovakian;
    SVN slovenian; SWE swedes; TJK tajik, tajikistani; TLS timorese; TUR turks; UKR kiev, kyiv;
    UZB uzbek; VCT vincentian; XKX kosovar
""")
# Upper case tells these codes from words: US from us; IN (India) is never used for a country.
_ACRONYMS = _by_name("""
    ARE uae; CHN prc; COD drc; GBR uk; KOR rok; NZL nz; PNG png; PRK dprk; SAU ksa; USA us, usa
""")
# Seats of government that the library spells otherwise.
_NEWS_CAPITALS = _listed("""
    astana; cape town; gitega; kiev; la paz; pristina; sanaa; the hague; vatican city; washington
""")
# Names that hold a country's and are of something else.
_NOT_COUNTRIES = _listed("""
    african american; american university; british columbia; central america; central american;
    inner mongolia; latin america; latin american; native american; new britain; new caledonia;
    new england; new ireland; new jersey; new mexico; niger state; north america; north american;
    south america; south american; south georgia
""")
# In the library for an island or as a name in another language; news means a word or a person.
_WORDS = frozenset("alba dominique island mann martinique maurice reunion".split())
# Capitals that are given names or surnames far more often than seats of a government.
_PERSONAL_CAPITALS = frozenset("douglas hamilton male stanley victoria".split())
# Countries that people are called by, as the first or the last name.
_GIVEN_NAMES = frozenset(
    """
    america brazil chad china cuba dominica england france georgia germany ghana holland india
    ireland israel jamaica jordan kenya mali malta monaco montenegro oman poland samoa scotland
    spain tonga trinidad
    """.split()
)
# The code of what is no country.
_NO_COUNTRY = ""
# Names that two places have: what in an article tells which is meant, and which it is if nothing
# does. None for either.
_SHARED: dict[str, tuple[Mapping[str, re.Pattern[str]], str | None]] = {
    "congo": (
        {
            "COD": re.compile(r"\b(?:Kinshasa|D\.?R\.? ?C(?:ongo)?\b|Democratic Republic of)"),
            "COG": re.compile(r"\bBrazzaville|(?<!Democratic )\bRepublic of (?:the )?Congo\b"),
        },
        None,
    ),
    "georgia": (
        {
            "GEO": re.compile(r"\b(?:Tbilisi|Batumi|Kutaisi|Georgians?|Abkhaz|Ossetia|Caucasus)"),
            _NO_COUNTRY: re.compile(
                r"\b(?:Atlanta|Savannah|state of Georgia|Georgia,? (?:USA|U\.S\.)|Ga\.)"
                r"|\bGeorgia(?:['’]s)? (?i:gov(?:\.|ernor)|sen(?:\.|ator)|rep(?:\.|ublican)"
                r"|lt\b|lieutenant|congress|democrat|state\b|secretary of state|attorney)"
                r"|\b(?i:governor|gov\.|senator) (?:of|from) Georgia"
            ),
        },
        "GEO",
    ),
}
_SHARED["congolese"] = _SHARED["congo"]
# What a country's name is only a part of: South China Sea, Jordan Valley, Gulf of Mexico.
_WATERS_BEHIND = re.compile(
    r"\s+(?i:sea|ocean|straits?|gulf|channel|river|basin|delta|valley|peninsula|canal|plateau"
    r"|desert|trench)\b"
)
_WATERS_BEFORE = re.compile(
    r"\b(?:(?:Gulf|Sea|Bay|Straits?|Bight|Isthmus|Horn)\s+of\s+(?:the\s+)?|Lake\s+)$"
)
_LONGEST_WATERS = 20
# Who somebody is not of: an envoy to Iran, an Iran-backed leader, pro-Russian groups.
_TOWARDS = re.compile(
    r"(?i)\b(?:to|for|on|at|with|against|(?:pro|anti|ex|non)[-‐‑])\s*(?:the\s+)?$"
)
_SUPPORTED = re.compile(r"[-‐‑–][a-z]")


class _Gazetteer(NamedTuple):
    """Codes by names and demonyms, which of them are demonyms, and capitals; everything folded."""

    codes: Mapping[str, str]
    demonyms: frozenset[str]
    capitals: frozenset[str]
    # The longest first.
    by_first_word: Mapping[str, Sequence[str]]
    # Names with another code that end in a name: "south sudan" by "sudan".
    longer: Mapping[str, Sequence[str]]


@cache
def _gazetteer() -> _Gazetteer:
    codes: dict[str, str] = {}
    demonyms: set[str] = set()
    capitals = set(_NEWS_CAPITALS)
    # "Chinese" is of China, not of Macao: the larger population has the word.
    for code, country in by_population():
        peoples = [fold(word) for word in str(country.demonym() or "").split(",")]
        # "Iranians", "Iraqis".
        peoples += [f"{word}s" for word in peoples if word.endswith(("n", "i"))]
        demonyms.update(peoples)
        words = [country.name(), country.native_name(), *(country.alt_spellings() or [])]
        own = [fold(str(word or "")).removeprefix("the ") for word in words]
        saints = [key.removeprefix("saint ") for key in own if key.startswith("saint ")]
        own += [f"{short} {name}" for name in saints for short in ("st.", "st")]
        # Codes of two and three letters are words of other languages (IN, IS, TO, AND).
        codes.update((key, code) for key in (*own, *peoples) if len(key) > 3)
        capitals.add(fold(str(country.capital() or "")))
    codes |= _NEWS_NAMES | _NEWS_DEMONYMS | dict.fromkeys(_NOT_COUNTRIES, _NO_COUNTRY)
    for letters, code in _ACRONYMS.items():
        dotted = ".".join(letters)
        codes |= dict.fromkeys((letters, dotted, f"{dotted}."), code)
    codes = {name: code for name, code in codes.items() if name not in _WORDS}
    by_first_word: dict[str, list[str]] = {}
    longer: dict[str, list[str]] = {}
    for name in sorted(codes, key=len, reverse=True):
        for word in _WORD.finditer(name):
            end = name[word.start() :]
            if not word.start():
                by_first_word.setdefault(word[0], []).append(name)
            elif codes.get(end, codes[name]) != codes[name]:
                longer.setdefault(end, []).append(name)
    capitals -= _PERSONAL_CAPITALS | {""}
    demonyms |= _NEWS_DEMONYMS.keys()
    return _Gazetteer(codes, frozenset(demonyms), frozenset(capitals), by_first_word, longer)


_WORD = re.compile(r"[^\W_]+")
# English writes names with a capital letter; what is not ASCII may be one, or has none.
_CAPITAL = re.compile(r"[A-Z\x80-\U0010ffff](?<![^\W_].)")


@cache
def country_names() -> dict[str, str]:
    """The countries' names by their codes."""
    return {code: country.name() for code, country in by_population()}


@lru_cache(maxsize=10_000)
def country_of_place(name: str) -> str | None:
    """The code of a country by its own name, or by that of its capital; None for other places."""
    return country_code(name) or _capitals().get(fold(_bare(name)))


@cache
def _capitals() -> dict[str, str]:
    return {fold(str(country.capital() or "")): code for code, country in by_population()}


class Country(NamedTuple):
    """A country as a text names it.

    Attributes:
        start: where.
        written: in the text's own spelling.
        code: ISO 3166-1 alpha-3; None where the article does not tell which of two it is.
        is_demonym: it is named by a word for its people: Turkish.
    """

    start: int
    written: str
    code: str | None
    is_demonym: bool


def countries_in(text: str, article: str | None = None) -> list[Country]:
    """Every country that a text names, in order; it is the whole article if none is given."""
    gazetteer = _gazetteer()
    folded, origins = fold_with_origins(text)
    found = []
    behind = 0
    for capital in _CAPITAL.finditer(text):
        start = capital.start()
        # To bisect a range takes longer than all the rest.
        place = start if isinstance(origins, range) else bisect_left(origins, start)
        word = _WORD.match(folded, place)
        known = gazetteer.by_first_word.get(word[0]) if word else None
        if known is None or start < behind:
            continue
        key = next((name for name in known if _stands_at(name, folded, place)), None)
        if key is None:
            continue
        stop = place + len(key)
        end = behind = origins[stop - 1] + 1
        # "south Sudan" is not Sudan.
        if any(_ends_at(name, folded, stop) for name in gazetteer.longer.get(key, ())):
            continue
        code = _code_of(key, text[start:end], text if article is None else article)
        if code != _NO_COUNTRY and not _is_waters(text, start, end):
            found.append(Country(start, text[start:end], code, key in gazetteer.demonyms))
    return found


def _stands_at(name: str, folded: str, start: int) -> bool:
    """Whether a name stands in a text as whole words, which begin at a place."""
    behind = start + len(name)
    return folded.startswith(name, start) and not folded[behind : behind + 1].isalnum()


def _ends_at(name: str, folded: str, end: int) -> bool:
    """Whether a name stands in a text as whole words, which end at a place."""
    return folded.endswith(name, 0, end) and not folded[: end - len(name)][-1:].isalnum()


def _code_of(key: str, written: str, article: str) -> str | None:
    """The code of a known name, by its spelling and the article."""
    # English writes names with a capital: "turkey" is a bird, and "us" are we.
    if written[0].islower() or (key in _ACRONYMS and not written.isupper()):
        return _NO_COUNTRY
    return _settled(key, article) if key in _SHARED else _gazetteer().codes[key]


# An article asks for the same few; the cache keeps its text alive.
@lru_cache(maxsize=8)
def _settled(key: str, article: str) -> str | None:
    """The code of a name that two have, by the article."""
    cues, otherwise = _SHARED[key]
    told = [code for code, cue in cues.items() if cue.search(article)]
    return told[0] if len(told) == 1 else None if told else otherwise


def _is_waters(text: str, start: int, end: int) -> bool:
    before = text[max(start - _LONGEST_WATERS, 0) : start]
    return bool(_WATERS_BEHIND.match(text, end) or _WATERS_BEFORE.search(before))


def nationality_in(text: str, article: str | None = None) -> str | None:
    """The code of the country that an office or an organization is of, or None.

    An envoy to Iran is not of Iran, and neither is the leader of an Iran-backed group.
    """
    for one in countries_in(text, article):
        before, behind = text[: one.start], text[one.start + len(one.written) :]
        if not (_TOWARDS.search(before) or _SUPPORTED.match(behind)):
            return one.code
    return None


def country_code(name: str, article: str = "") -> str | None:
    """The ISO 3166-1 alpha-3 code of a country's name or demonym in an article, or None."""
    name = _bare(name)
    key = fold(name)
    return (_code_of(key, name, article) or None) if key in _gazetteer().codes else None


def _bare(name: str) -> str:
    return re.sub(r"(?i)^the\s+|['’]s$", "", name.strip())


# Names and offices are asked about again and again.
@lru_cache(maxsize=4096)
def is_country_word(word: str) -> bool:
    """Whether a word is a country's name or demonym, perhaps of one of two."""
    word = _bare(word)
    key = fold(word)
    return key in _gazetteer().codes and _code_of(key, word, "") != _NO_COUNTRY


def is_given_name(word: str) -> bool:
    """Whether a country's name is one of people, too: Chad, Jordan."""
    return fold(word) in _GIVEN_NAMES


def is_capital(name: str) -> bool:
    """Whether a name is that of a capital, which news uses for its government."""
    return not name.islower() and fold(name) in _gazetteer().capitals
