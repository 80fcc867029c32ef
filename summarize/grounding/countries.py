"""Countries by their names, demonyms and capitals, from the countryinfo library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from summarize.grounding.matching import any_of, fold, fold_with_origins

__all__ = [
    "countries_in",
    "country_code",
    "country_in",
    "country_names",
    "government_at",
    "is_capital",
    "is_country_word",
    "is_given_name",
    "nationality_in",
    "same_country",
]

# What news writes and the library does not list, or has for another country.
_NEWSROOM_NAMES = {
    "america": "USA",
    "britain": "GBR",
    "england": "GBR",
    "english": "GBR",
    "northern ireland": "GBR",
    "northern irish": "GBR",
    "scotland": "GBR",
    "scottish": "GBR",
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
    "d.r. congo": "COD",
    "democratic republic of congo": "COD",
    "congo-kinshasa": "COD",
    "congo (kinshasa)": "COD",
    "congo (brazzaville)": "COG",
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
    "lao pdr": "LAO",
    # Words for peoples that the library does not have.
    "basotho": "LSO",
    "belarussian": "BLR",
    "botswanan": "BWA",
    "briton": "GBR",
    "britons": "GBR",
    "cape verdean": "CPV",
    "comorian": "COM",
    "danes": "DNK",
    "djiboutian": "DJI",
    "finns": "FIN",
    "frenchman": "FRA",
    "greeks": "GRC",
    "kyrgyzstani": "KGZ",
    "luxembourgish": "LUX",
    "poles": "POL",
    "salvadorean": "SLV",
    "santomean": "STP",
    "slovakian": "SVK",
    "spaniard": "ESP",
    "surinamese": "SUR",
    "swedes": "SWE",
    "tajikistani": "TJK",
    "timorese": "TLS",
    "turks": "TUR",
    "vincentian": "VCT",
}
# Of those, the countries' own names: what is left are words for their people.
_NEWSROOM_PROPER = frozenset(
    """
    america britain czechia holland kosovo trinidad vatican
    """.split()
)
# Names that hold a country's and are of something else.
_NOT_COUNTRIES = frozenset(
    f"{place} america{n}" for place in ("latin", "south", "central", "north") for n in ("", "n")
) | {
    *("new mexico", "new jersey", "new england", "new britain", "new ireland", "new caledonia"),
    *("inner mongolia", "british columbia", "niger state", "south georgia", "african american"),
    *("native american", "american university"),
}
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
_CODES = {
    "DPRK": "PRK",
    "DRC": "COD",
    "KSA": "SAU",
    "NZ": "NZL",
    "PNG": "PNG",
    "PRC": "CHN",
    "ROK": "KOR",
    "UAE": "ARE",
    "UK": "GBR",
    "US": "USA",
    "USA": "USA",
}
_DOTTED = {
    dotted: code
    for letters, code in _CODES.items()
    for dotted in (".".join(letters.lower()), f"{'.'.join(letters.lower())}.")
}
# Letters first, what may not stand before them second: a search runs faster to a letter.
_CODE = re.compile(
    "|".join(
        rf"{code}(?<![^\W_]{code})(?![^\W_])" for code in sorted(_CODES, key=len, reverse=True)
    )
)


# Names that two have, and what of an article tells whose they are: a code, or None for a place that
# is no country. Where nothing does, the last one.
_SHARED: dict[str, tuple[tuple[tuple[str | None, re.Pattern[str]], ...], str | None]] = {
    "congo": (
        (
            ("COD", re.compile(r"\b(?:Kinshasa|D\.?R\.? ?C(?:ongo)?\b|Democratic Republic of)")),
            ("COG", re.compile(r"\bBrazzaville|(?<!Democratic )\bRepublic of (?:the )?Congo\b")),
        ),
        None,
    ),
    "dominican": (
        (
            ("DOM", re.compile(r"\b(?:Dominican Republic|Santo Domingo)\b")),
            ("DMA", re.compile(r"\b(?:Dominica|Roseau)\b")),
        ),
        "DOM",
    ),
    "georgia": (
        (
            (
                "GEO",
                re.compile(r"\b(?:Tbilisi|Batumi|Kutaisi|Georgians?|Abkhaz\w+|Ossetia|Caucasus)\b"),
            ),
            (
                None,
                re.compile(
                    r"\b(?:Atlanta|Savannah|state of Georgia|Georgia,? (?:USA|U\.S\.)|Ga\.)"
                    r"|\bGeorgia(?:['’]s)? (?i:(?:state )?(?:gov(?:\b|ernor)|sen(?:\b|ator)"
                    r"|rep(?:\b|resentative|ublican)|lt\b|lieutenant|congress|democrat"
                    r"|secretary of state|attorney general|state\b))"
                    r"|\b(?i:governor|gov\.|senator) (?:of|from) Georgia"
                ),
            ),
        ),
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
# What it ends in.
_BEFORE_WATERS = ("of", "the", "Lake")
_LONGEST_WATERS = 20
# Who somebody is not of: an envoy to Iran, an Iran-backed leader, pro-Russian groups.
_TOWARDS = re.compile(
    r"(?i)\b(?:to|for|on|at|with|against|(?:pro|anti|ex|non)[-‐‑])\s*(?:the\s+)?$"
)
_SUPPORTED = re.compile(r"[-‐‑–][a-z]")
# Countries that people are called by, as the first or the last name.
_GIVEN_NAMES = frozenset(
    """
    america brazil chad china cuba dominica england france georgia germany ghana holland india
    ireland israel jamaica jordan kenya mali malta monaco montenegro oman poland samoa scotland
    spain tonga trinidad
    """.split()
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
    proper = {*_NEWSROOM_PROPER, *_DOTTED}
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
        saints = [key.removeprefix("saint ") for key in own if key.startswith("saint ")]
        own += [f"{short} {name}" for name in saints for short in ("st.", "st")]
        proper.update(own)
        for key in (*own, *peoples):
            # Codes of two and three letters are words of other languages (IN, IS, TO, AND).
            if len(key) > 3 and weight >= names.get(key, (-1, ""))[0]:
                names[key] = (weight, code)
        capital = country.capital()
        if isinstance(capital, str) and capital:
            capitals.setdefault(fold(capital), code)
    known = {key: code for key, (_, code) in names.items() if key not in _AMBIGUOUS}
    known |= _NEWSROOM_NAMES | _DOTTED
    keys = any_of(map(re.escape, (*known, *_NOT_COUNTRIES)))
    return _Gazetteer(
        names=known,
        demonyms=frozenset(demonyms),
        proper=frozenset(proper - demonyms),
        capitals={
            key: code
            for key, code in (capitals | _NEWSROOM_CAPITALS).items()
            if key not in _PERSONAL_CAPITALS
        },
        # To what stands before a word a search runs faster than to the beginning of one.
        pattern=re.compile(rf"[^a-z](?<![^\W_])({keys})(?![^\W_])"),
    )


def country_code(name: str, article: str = "") -> str | None:
    """The ISO 3166-1 alpha-3 code of a country's name or demonym, or None.

    English writes both with a capital: "turkey" is a bird, and "us" are we.

    Args:
        name: of a country, or not.
        article: in which it stands; of some names only that tells whose they are.
    """
    code, key = _known(name)
    return _settled(key, article) if key in _SHARED else code


# Names and offices are asked about again and again.
@lru_cache(maxsize=4096)
def _known(name: str) -> tuple[str | None, str]:
    """The code of a name, perhaps of one of two countries, and its key."""
    name = re.sub(r"(?i)^the\s+|['’]s$", "", name.strip())
    key = fold(name)
    return None if name.islower() else _CODES.get(name) or _gazetteer().names.get(key), key


# An article asks for the same few; the cache keeps its text alive.
@lru_cache(maxsize=8)
def _settled(key: str, article: str) -> str | None:
    """Whose a name is that two have, by the article."""
    cues, otherwise = _SHARED[key]
    told = [code for code, cue in cues if cue.search(article)]
    return told[0] if len(told) == 1 else None if told else otherwise


@cache
def country_names() -> dict[str, str]:
    """The countries' names by their codes."""
    from countryinfo import all_countries

    # Parts of a country may have its code; the whole one has the most people.
    countries = sorted(all_countries(), key=lambda country: country.population() or 0)
    return {code: country.name() for country in countries if (code := country.iso(3))}


def country_in(text: str, article: str | None = None) -> str | None:
    """The code of the first country or demonym that a text names, or None.

    Args:
        text: to be read.
        article: in which it stands; None if it is the whole.
    """
    return next((one.code for one in _named(text, article)), None)


def nationality_in(text: str, article: str | None = None) -> str | None:
    """The code of the country that an office or an organization is of, or None.

    An envoy to Iran is not of Iran, and neither is the leader of an Iran-backed group.
    """
    for one in _named(text, article):
        before, behind = text[: one.start], text[one.start + len(one.written) :]
        if not (_TOWARDS.search(before) or _SUPPORTED.match(behind)):
            return one.code
    return None


def same_country(code: str, text: str, article: str | None = None) -> Iterator[str]:
    """The words of a text that name the country of a code, in the text's own spelling.

    Names come before demonyms.
    """
    words = [(one.key, one.written) for one in _named(text, article) if one.code == code]
    demonyms = _gazetteer().demonyms
    yield from (written for key, written in words if key not in demonyms)
    yield from (written for key, written in words if key in demonyms)


def countries_in(text: str) -> Iterator[Named]:
    """Every country that a text calls by name, each time."""
    proper = _gazetteer().proper
    return (one for one in _named(text, text) if one.key in proper or one.key in _CODES)


class Named(NamedTuple):
    """A country as a text names it.

    Attributes:
        start: where.
        written: in the text's own spelling.
        code: None where the article does not tell which of two it is.
        key: the words, folded; or the letters of a code.
    """

    start: int
    written: str
    code: str | None
    key: str


def _named(text: str, article: str | None) -> Iterator[Named]:
    """Every country that a text names, in order."""
    gazetteer = _gazetteer()
    folded, origins = fold_with_origins(text)
    surnames: frozenset[str] | None = None
    found = [Named(m.start(), m[0], _CODES[m[0]], m[0]) for m in _CODE.finditer(text)]
    # With a space before the first word, too.
    for match in gazetteer.pattern.finditer(f" {folded}"):
        start, end = origins[match.start()], origins[match.end() - 2] + 1
        key = match[1]
        if (
            key in gazetteer.names
            and not text[start].islower()
            and not _is_waters(text, start, end)
        ):
            if text[start - 1 : start] in _HYPHENS or text[end : end + 1] in _HYPHENS:
                surnames = _surnames(text) if surnames is None else surnames
                if _compound_at(text, start, end) in surnames:
                    continue
            code: str | None = gazetteer.names[key]
            if key in _SHARED:
                code = _settled(key, text if article is None else article)
                if code is None and _is_state(key, text, article):
                    continue
            found.append(Named(start, text[start:end], code, key))
    yield from sorted(found, key=lambda one: one.start)


def _is_state(key: str, text: str, article: str | None) -> bool:
    """Whether a name that two have may be of a place that is no country: Georgia."""
    elsewhere = [cue for code, cue in _SHARED[key][0] if code is None]
    return any(cue.search(text) or cue.search(article or "") for cue in elsewhere)


def _is_waters(text: str, start: int, end: int) -> bool:
    if _WATERS_BEHIND.match(text, end):
        return True
    before = text[max(start - _LONGEST_WATERS, 0) : start]
    may_be = before.rstrip().endswith(_BEFORE_WATERS)
    return may_be and bool(_WATERS_BEFORE.search(before))


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
    return is_country_word(f"{before} {_HYPHEN.split(compound)[0]}")


def _is_surname(compound: str) -> bool:
    parts = _HYPHEN.split(compound)
    others = [part for part in parts if not is_country_word(part)]
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
    """Whether a word is a country's name or demonym, perhaps of one of two."""
    return _known(word)[0] is not None


def is_given_name(word: str) -> bool:
    """Whether a country's name is one of people, too: Chad, Jordan."""
    return fold(word) in _GIVEN_NAMES


def is_capital(name: str) -> bool:
    """Whether a name is that of a capital, which news uses for its government."""
    return not name.islower() and fold(name) in _gazetteer().capitals


def government_at(name: str) -> str | None:
    """The code of the country whose government news calls by its seat: Ankara, the Kremlin."""
    if name.islower():
        return None
    key = fold(name).removeprefix("the ")
    return _gazetteer().capitals.get(key) or _SEATS.get(key)
