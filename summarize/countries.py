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
    "country_names",
    "government_at",
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
_NEWSROOM_CAPITALS = {
    "washington": "USA",
    "washington, d.c.": "USA",
    "washington, dc": "USA",
    "kiev": "UKR",
    "astana": "KAZ",
    "sanaa": "YEM",
    "pristina": "XKX",
    "the hague": "NLD",
    "cape town": "ZAF",
    "la paz": "BOL",
    "gitega": "BDI",
    "vatican city": "VAT",
}
# What news calls a government after its seat, beside the capital.
_SEATS = {"white house": "USA", "kremlin": "RUS", "downing street": "GBR", "élysée": "FRA"}
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
    capitals: dict[str, str]
    pattern: re.Pattern[str]


@cache
def _gazetteer() -> _Gazetteer:
    from countryinfo import all_countries

    names: dict[str, tuple[int, str]] = {}
    demonyms: set[str] = set()
    proper = set(_NEWSROOM_PROPER)
    capitals: dict[str, str] = {}
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
            capitals.setdefault(fold(capital), code)
    known = {key: code for key, (_, code) in names.items() if key not in _AMBIGUOUS}
    known |= _NEWSROOM_NAMES
    keys = sorted((*known, *_NOT_COUNTRIES), key=len, reverse=True)
    return _Gazetteer(
        names=known,
        demonyms=frozenset(demonyms),
        proper=frozenset(proper - demonyms),
        capitals={
            key: code
            for key, code in (capitals | _NEWSROOM_CAPITALS).items()
            if key not in _PERSONAL_CAPITALS
        },
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


@cache
def country_names() -> dict[str, str]:
    """The countries' names by their codes."""
    from countryinfo import all_countries

    # Parts of a country may have its code; the whole one has the most people.
    countries = sorted(all_countries(), key=lambda country: country.population() or 0)
    return {code: country.name() for country in countries if (code := country.iso(3))}


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
    surnames: frozenset[str] | None = None
    found = [(m.start(), m.end(), _CODES[m[0]], m[0]) for m in _CODE.finditer(text)]
    for match in gazetteer.pattern.finditer(folded):
        start, end = origins[match.start()], origins[match.end() - 1] + 1
        if match[0] in gazetteer.names and not text[start].islower():
            if text[start - 1 : start] in _HYPHENS or text[end : end + 1] in _HYPHENS:
                surnames = _surnames(text) if surnames is None else surnames
                if _compound_at(text, start, end) in surnames:
                    continue
            found.append((start, end, gazetteer.names[match[0]], match[0]))
    for start, end, code, key in sorted(found):
        yield text[start:end], code, key


_HYPHENS = frozenset("-\u2010\u2011")
_HYPHEN = re.compile("[-\u2010\u2011]")
_LETTERS = r"(?:[^\W\d_]|[\u0300-\u036f])+"
_COMPOUND = re.compile(rf"{_LETTERS}(?:[-\u2010\u2011]{_LETTERS})+")
# A word before a compound, which tells a given name or an office; a capital behind it is the
# "Summit" of "Africa-France Summit".
_NAMED = re.compile(
    rf"(?<![^\W_])(?P<before>{_LETTERS})\.?\s(?P<compound>{_COMPOUND.pattern})(?!\s[^\W\d_a-z])"
)
# What stands beside a country in compounds that name nobody.
_BESIDE_COUNTRIES = frozenset(
    """
    africa african america anti arab asia asian atlantic baltic central east ex emirates europe
    european euro federation gulf indo inter intra islands kingdom latin mid near non north pan post
    pre pro republic sino south states sub trans union west western
    """.split()
)
# Capitalised for beginning a sentence.
_NO_GIVEN_NAMES = frozenset(
    """
    a after all an and as at before between both but by during for from if in its many most new no
    of on our over since some that the these this those to under until when while with without
    """.split()
)
# Characters. What of a text around a country's name can be one word with it.
_MAX_COMPOUND = 60


def _surnames(text: str) -> frozenset[str]:
    """The hyphenated surnames of a text that a country's name is a part of: Pace-Holland.

    A text shows them by a given name or an office before them, once.
    """
    found = {
        match["compound"]
        for match in _NAMED.finditer(text)
        if match["before"][0].isupper()
        and not match["before"].isupper()
        and match["before"].casefold() not in _NO_GIVEN_NAMES
        # "United States-Japan" is of countries.
        and not _begins_country(match["before"], match["compound"])
    }
    whole = _COMPOUND.fullmatch(text.strip())
    return frozenset(filter(_is_surname, (*found, whole[0]) if whole else found))


def _begins_country(before: str, compound: str) -> bool:
    return country_code(f"{before} {_HYPHEN.split(compound)[0]}") is not None


def _is_surname(compound: str) -> bool:
    parts = _HYPHEN.split(compound)
    others = [part for part in parts if not country_code(part)]
    return len(others) == len(parts) - 1 and all(
        part[0].isupper()
        and not (part.isupper() or part.casefold() in _BESIDE_COUNTRIES or is_capital(part))
        for part in others
    )


def _compound_at(text: str, start: int, end: int) -> str | None:
    """The whole compound that a country's name is a part of."""
    near = max(start - _MAX_COMPOUND, 0)
    for match in _COMPOUND.finditer(text, near, end + _MAX_COMPOUND):
        if match.start() <= start and end <= match.end():
            return match[0]
    return None


def is_country_word(word: str) -> bool:
    """Whether a word is a country's name or demonym."""
    return country_code(word) is not None


def is_capital(name: str) -> bool:
    """Whether a name is that of a capital, which news uses for its government."""
    return not name.islower() and fold(name) in _gazetteer().capitals


def government_at(name: str) -> str | None:
    """The code of the country whose government news calls by its seat: Ankara, the Kremlin."""
    if name.islower():
        return None
    key = fold(name).removeprefix("the ")
    return _gazetteer().capitals.get(key) or _SEATS.get(key)
