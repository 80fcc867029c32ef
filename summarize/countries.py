"""Countries by their names, demonyms and capitals, from the countryinfo library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from summarize.matching import fold

__all__ = ["country_code", "country_in", "is_capital", "is_country_word", "same_country"]

# What news writes and the library does not list.
_NEWSROOM_NAMES = {
    "u.s.": "USA",
    "u.s": "USA",
    "u.k.": "GBR",
    "america": "USA",
    "britain": "GBR",
    "uae": "ARE",
    "emirati": "ARE",
    "palestinian": "PSE",
    "kosovo": "XKX",
    "kosovar": "XKX",
    "kyiv": "UKR",
    "kiev": "UKR",
    "holland": "NLD",
    "dutch": "NLD",
    "drc": "COD",
    "saudi": "SAU",
    "czechia": "CZE",
    "north macedonia": "MKD",
}
# Upper case tells these codes from words: US from us, IN (India) is never used for a country.
_CODES = {"US": "USA", "UK": "GBR", "UAE": "ARE", "USA": "USA", "PRC": "CHN", "DRC": "COD"}


@dataclass(frozen=True)
class _Gazetteer:
    names: dict[str, str]
    capitals: dict[str, str]
    pattern: re.Pattern[str]


@cache
def _gazetteer() -> _Gazetteer:
    from countryinfo import all_countries

    names: dict[str, tuple[int, str]] = {}
    capitals: dict[str, str] = {}
    for country in all_countries():
        code = country.iso(3)
        # "Chinese" is of China, not of Macao: the larger population has the word.
        weight = country.population() or 0
        words = [country.name(), country.native_name(), *(country.alt_spellings() or [])]
        words += str(country.demonym() or "").split(",")
        for word in words:
            key = fold(str(word or ""))
            # Codes of two and three letters are words of other languages (IN, IS, TO, AND).
            if len(key) > 3 and weight >= names.get(key, (-1, ""))[0]:
                names[key] = (weight, code)
        capital = country.capital()
        if isinstance(capital, str) and capital:
            capitals[fold(capital)] = code
    known = {key: code for key, (_, code) in names.items()} | _NEWSROOM_NAMES
    alternatives = "|".join(re.escape(key) for key in sorted(known, key=len, reverse=True))
    return _Gazetteer(known, capitals, re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])"))


def country_code(name: str) -> str | None:
    """The ISO 3166-1 alpha-3 code of a country's name or demonym, or None."""
    name = re.sub(r"(?i)^the\s+|['’]s$", "", name.strip())
    return _CODES.get(name) or _gazetteer().names.get(fold(name))


def country_in(text: str) -> str | None:
    """The code of the first country or demonym that a text names, or None."""
    found = [(m.start(), code) for word, code in _CODES.items() if (m := _word(word, text))]
    folded = fold(text)
    if match := _gazetteer().pattern.search(folded):
        found.append((match.start(), _gazetteer().names[match[0]]))
    return min(found)[1] if found else None


def same_country(code: str, text: str) -> Iterator[str]:
    """The words of a text that name the country of a code, in the text's own spelling."""
    for match in _CAPITALISED.finditer(text):
        if country_code(match[0]) == code:
            yield match[0]


_CAPITALISED = re.compile(r"[A-Z\u00c0-\u017f][\w.]*\w(?:\s[A-Z]\w+){0,2}|U\.S\.")


def _word(word: str, text: str) -> re.Match[str] | None:
    return re.search(rf"(?<![^\W_]){word}(?![^\W_])", text)


def is_country_word(word: str) -> bool:
    """Whether a word is a country's name or demonym."""
    return country_code(word) is not None


def is_capital(name: str) -> bool:
    """Whether a name is that of a capital, which news uses for its government."""
    return fold(name) in _gazetteer().capitals
