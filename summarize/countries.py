"""Countries by their names, demonyms and capitals, from the countryinfo library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from summarize.matching import any_of, fold, fold_with_origins

__all__ = [
    "countries_in",
    "country_code",
    "country_in",
    "is_capital",
    "is_country_word",
    "same_country",
]

# What news writes and the library does not list, or has for another country.
_NEWSROOM_NAMES = {
    "u.s.": "USA",
    "u.s": "USA",
    "u.s.a.": "USA",
    "u.k.": "GBR",
    "u.k": "GBR",
    "america": "USA",
    "britain": "GBR",
    "england": "GBR",
    "english": "GBR",
    "northern ireland": "GBR",
    "northern irish": "GBR",
    "scotland": "GBR",
    "scottish": "GBR",
    "uae": "ARE",
    "emirates": "ARE",
    "emirati": "ARE",
    "palestinian": "PSE",
    "palestinian authority": "PSE",
    "kosovo": "XKX",
    "kosovar": "XKX",
    "kyiv": "UKR",
    "kiev": "UKR",
    "holland": "NLD",
    "dutch": "NLD",
    "drc": "COD",
    "democratic republic of congo": "COD",
    "republic of congo": "COG",
    "saudi": "SAU",
    "czechia": "CZE",
    "north macedonia": "MKD",
    "macedonia": "MKD",
    "bosnia": "BIH",
    "serb": "SRB",
    "croat": "HRV",
    "kazakh": "KAZ",
    "kyrgyz": "KGZ",
    "tajik": "TJK",
    "uzbek": "UZB",
    "turkmen": "TKM",
    "azeri": "AZE",
    "philippine": "PHL",
    "argentine": "ARG",
    "argentinian": "ARG",
    "ecuadorian": "ECU",
    "ethiopian": "ETH",
    "icelandic": "ISL",
    "macanese": "MAC",
    "maldivian": "MDV",
    "malagasy": "MDG",
    "nepali": "NPL",
    "slovenian": "SVN",
    "lao": "LAO",
    "vatican": "VAT",
    "vatican city": "VAT",
    "turkish cypriot": "CYP",
    "greek cypriot": "CYP",
    "bissau-guinean": "GNB",
    "equatoguinean": "GNQ",
    "trinidad": "TTO",
    "congolese": "COD",
    "dominican": "DOM",
}
# Of those, the countries' own names: what is left are words for their people.
_NEWSROOM_PROPER = frozenset(
    """
    america britain czechia drc holland kosovo trinidad u.k. u.s u.s. uae vatican
    """.split()
)
# Names that hold a country's and are of something else.
_NOT_COUNTRIES = frozenset({"new mexico", "new jersey", "new england", "indian ocean"})
# In the library for an island or as a name in another language; news means a word or a person.
_AMBIGUOUS = frozenset(
    """
    alba amelika dominique island majel mann martinique maurice portuguesa prathet reunion
    """.split()
)
# Capitals that are given names or surnames far more often than seats of a government.
_PERSONAL_CAPITALS = frozenset({"douglas", "hamilton", "male", "stanley", "victoria"})
# Seats of government that the library spells otherwise.
_NEWSROOM_CAPITALS = frozenset(
    {
        "washington",
        "washington, d.c.",
        "washington, dc",
        "kiev",
        "astana",
        "sanaa",
        "pristina",
        "the hague",
        "cape town",
        "la paz",
        "gitega",
        "vatican city",
    }
)
# Upper case tells these codes from words: US from us, IN (India) is never used for a country.
_CODES = {"US": "USA", "UK": "GBR", "UAE": "ARE", "USA": "USA", "PRC": "CHN", "DRC": "COD"}
# Letters first, what may not stand before them second: a search runs faster to a letter.
_CODE = re.compile(
    "|".join(
        rf"{code}(?<![^\W_]{code})(?![^\W_])" for code in sorted(_CODES, key=len, reverse=True)
    )
)


@dataclass(frozen=True)
class _Gazetteer:
    names: dict[str, str]
    demonyms: frozenset[str]
    proper: frozenset[str]
    capitals: frozenset[str]
    pattern: re.Pattern[str]


@cache
def _gazetteer() -> _Gazetteer:
    from countryinfo import all_countries

    names: dict[str, tuple[int, str]] = {}
    demonyms: set[str] = set()
    proper = set(_NEWSROOM_PROPER)
    capitals = set(_NEWSROOM_CAPITALS)
    for country in all_countries():
        # The library has no code for a part of a country, such as Scotland.
        if not (code := country.iso(3)):
            continue
        # "Chinese" is of China, not of Macao: the larger population has the word.
        weight = country.population() or 0
        peoples = [fold(word) for word in str(country.demonym() or "").split(",")]
        # "Iranians", "Iraqis".
        peoples += [f"{word}s" for word in peoples if word.endswith(("n", "i"))]
        demonyms.update(peoples)
        words = [country.name(), country.native_name(), *(country.alt_spellings() or [])]
        own = [fold(str(word or "")).removeprefix("the ") for word in words]
        proper.update(own)
        for key in (*own, *peoples):
            # Codes of two and three letters are words of other languages (IN, IS, TO, AND).
            if len(key) > 3 and weight >= names.get(key, (-1, ""))[0]:
                names[key] = (weight, code)
        capital = country.capital()
        if isinstance(capital, str) and capital:
            capitals.add(fold(capital))
    known = {key: code for key, (_, code) in names.items() if key not in _AMBIGUOUS}
    known |= _NEWSROOM_NAMES
    keys = sorted((*known, *_NOT_COUNTRIES), key=len, reverse=True)
    return _Gazetteer(
        names=known,
        demonyms=frozenset(demonyms),
        proper=frozenset(proper - demonyms),
        capitals=frozenset(capitals - _PERSONAL_CAPITALS),
        pattern=re.compile(rf"(?<![^\W_])(?:{any_of(map(re.escape, keys))})(?![^\W_])"),
    )


# Names and offices are asked about again and again.
@lru_cache(maxsize=4096)
def country_code(name: str) -> str | None:
    """The ISO 3166-1 alpha-3 code of a country's name or demonym, or None.

    English writes both with a capital: "turkey" is a bird, and "us" are we.
    """
    name = re.sub(r"(?i)^the\s+|['’]s$", "", name.strip())
    if name.islower():
        return None
    return _CODES.get(name) or _gazetteer().names.get(fold(name))


@lru_cache(maxsize=4096)
def country_in(text: str) -> str | None:
    """The code of the first country or demonym that a text names, or None."""
    return next((code for _, code, _ in _named(text)), None)


def same_country(code: str, text: str) -> Iterator[str]:
    """The words of a text that name the country of a code, in the text's own spelling.

    Names come before demonyms.
    """
    words = [(key, written) for written, found, key in _named(text) if found == code]
    demonyms = _gazetteer().demonyms
    yield from (written for key, written in words if key not in demonyms)
    yield from (written for key, written in words if key in demonyms)


def countries_in(text: str) -> Iterator[str]:
    """Every country that a text calls by name, once, as it is first written there."""
    proper = _gazetteer().proper
    seen = set()
    for written, code, key in _named(text):
        if code not in seen and (key in proper or key in _CODES):
            seen.add(code)
            yield written


def _named(text: str) -> Iterator[tuple[str, str, str]]:
    """Every country that a text names, in order: as written, its code, its key."""
    gazetteer = _gazetteer()
    folded, origins = fold_with_origins(text)
    found = [(m.start(), m.end(), _CODES[m[0]], m[0]) for m in _CODE.finditer(text)]
    for match in gazetteer.pattern.finditer(folded):
        start, end = origins[match.start()], origins[match.end() - 1] + 1
        if match[0] in gazetteer.names and not text[start].islower():
            found.append((start, end, gazetteer.names[match[0]], match[0]))
    for start, end, code, key in sorted(found):
        yield text[start:end], code, key


def is_country_word(word: str) -> bool:
    """Whether a word is a country's name or demonym."""
    return country_code(word) is not None


def is_capital(name: str) -> bool:
    """Whether a name is that of a capital, which news uses for its government."""
    return not name.islower() and fold(name) in _gazetteer().capitals
