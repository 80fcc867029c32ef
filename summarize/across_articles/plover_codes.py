"""PLOVER's codes: types of events, modes and contexts, countries and sectors of actors.

Source: PLOVER manual of 4 February 2024 (Open Event Data Alliance, CC BY-SA 4.0). Which words of an
article mean which code is ours, where the manual gives no list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Literal

__all__ = [
    "CODEBOOK",
    "QUADS",
    "SCALES",
    "EventType",
    "any_of",
    "coder",
    "contexts_of",
    "country_code",
    "sectors_of",
]

CODEBOOK = "plover-manual 2024-02-04"


@cache
def coder() -> str:
    """Returns what codes the events, for their records."""
    return f"summarize {version('summarize')}"


EventType = Literal[
    "AGREE",
    "CONSULT",
    "SUPPORT",
    "CONCEDE",
    "COOPERATE",
    "AID",
    "RETREAT",
    "REQUEST",
    "ACCUSE",
    "REJECT",
    "THREATEN",
    "SANCTION",
]
"""Of the sixteen types, those that meetings and their outcomes can be."""

QUADS: Mapping[EventType, int | None] = {
    "AGREE": 1,
    "CONSULT": 1,
    "SUPPORT": 1,
    "CONCEDE": 1,
    "COOPERATE": 2,
    "AID": 2,
    "RETREAT": 2,
    "REQUEST": 3,
    "ACCUSE": 3,
    "REJECT": 3,
    "THREATEN": 3,
    # The manual says 3 in one table and 4 in another.
    "SANCTION": None,
}
"""1 verbal and 2 material cooperation, 3 verbal and 4 material conflict."""

SCALES: Mapping[tuple[EventType, str | None], float] = {
    ("AGREE", None): 2.5,
    ("CONSULT", None): 2.5,
    ("CONSULT", "visit"): 4,
    ("CONSULT", "third-party"): 1,
    ("CONSULT", "multilateral"): 4,
    ("CONSULT", "phone"): 1.5,
    ("SUPPORT", None): 5,
    ("CONCEDE", None): 4.5,
    ("COOPERATE", None): 9.5,
    ("AID", None): 10,
    ("RETREAT", None): 6.5,
    ("RETREAT", "withdraw"): 8,
    ("RETREAT", "release"): 6.5,
    ("RETREAT", "disarm"): 10,
    ("RETREAT", "ceasefire"): 7.5,
    ("RETREAT", "access"): 6.5,
    ("RETREAT", "resign"): 4.5,
    ("REQUEST", None): 0,
    ("REQUEST", "assist"): 0.5,
    ("REQUEST", "change"): -1,
    ("REQUEST", "yield"): -1,
    ("REQUEST", "meet"): 0,
    # The manual prints 3 for ACCUSE alone, a sign is missing: none.
    ("ACCUSE", "disapprove"): -2,
    ("ACCUSE", "investigate"): -3.5,
    ("ACCUSE", "allege"): -3.5,
    ("REJECT", None): -2,
    ("REJECT", "assist"): -1.5,
    ("REJECT", "change"): -2,
    ("REJECT", "yield"): -2,
    ("REJECT", "meet"): -2,
    ("THREATEN", None): -3.5,
    ("THREATEN", "restrict"): -3,
    ("THREATEN", "relations"): -3.5,
    ("THREATEN", "violence"): -3.5,
    ("SANCTION", None): -6,
    ("SANCTION", "withdraw"): -6,
}
"""The intensity of an event, by its type and mode."""


def any_of(words: str, before: str = r"\b") -> re.Pattern[str]:
    """Returns a pattern for any of the words, `before` which a pattern has to match.

    In the words `*` is the rest of a word, and `_` is between two.
    """
    return re.compile(rf"(?i){before}(?:{_any(words)})\b")


def _any(words: str) -> str:
    return "|".join(words.replace("*", r"\w*").replace("_", r"\s+").split())


# In the order of the manual; those that no agenda of officials has are left out.
_CONTEXTS = {
    "military": "militar* defen[cs]e armed_forces army navy arms weapon*",
    "intelligence": "intelligence spy spies",
    "election": "election* electoral ballot*",
    "economic": "trade trading econom* invest* tariff* loan* tourism export* import imports",
    "legal": "treaty treaties court* legal judicial extradit*",
    "human_rights": "human_rights",
    "human_security": "water_suppl* food_suppl* food_security housing electricity_suppl*",
    "diplomatic": "sanctions_relief cease-?fire peace_(?:plan|process|talks) consular embass*"
    " diplomat* negotiat* (?:bilateral|diplomatic)_(?:relations|ties)",
    "territory": "border* sovereignty territorial maritime_zone* annex*",
    "peacekeeping": "peacekeep* (?:observer|monitoring)_mission*",
    "health": "health vaccin* outbreak* pandemic* epidemic* covid*",
    "asylum": "asylum",
    "migration": "migra* refugee* displaced",
    "disasters": "earthquake* flood* disaster* wildfire* hurricane*",
    "natural_resource": "energy gas oil mineral* mining pipeline*",
    "environment": "climate pollution water_basin* environment* emission*",
    "technology": "technolog* artificial_intelligence semiconductor* chips space",
    "terrorism": "terror* isil isis daesh pkk al[-_]qaeda",
    "cbrn": "nuclear iaea uranium (?:chemical|biological)_weapon*",
    "cyber": "cyber*",
    "crime": "organi[sz]ed_crime",
    "corruption": "corrupt* brib*",
    "illegal_drugs": "drug* narcotic* fentanyl",
    "trafficking": "traffick* smuggl*",
}
# In one pattern, so that "artificial intelligence" is not of the intelligence services.
_NAMED = "|".join(f"(?P<{name}>{_any(words)})" for name, words in _CONTEXTS.items())
_CONTEXT_PATTERN = re.compile(rf"\b(?:{_NAMED})\b")


def contexts_of(*texts: str) -> tuple[str, ...]:
    """Returns the contexts that the texts have words of, in the order of the manual."""
    said = "\n".join(texts).lower()
    found = {match.lastgroup for match in _CONTEXT_PATTERN.finditer(said)}
    return tuple(name for name in _CONTEXTS if name in found)


# Organizations of states, before any country.
_ORGANIZATIONS = {
    "UNO": any_of(r"united_nations (?-i:UN|U\.N\.)"),
    "EUR": any_of(r"european_(?:union|commission|council|parliament) (?-i:EU)"),
    "IGO": any_of(
        "nato asean imf international_monetary_fund world_bank gcc osce african_union arab_league"
        " opec council_of_europe iaea brics shanghai_cooperation_organi[sz]ation caricom"
        " gulf_cooperation_council"
        " organi[sz]ation_of_(?:turkic_states|islamic_cooperation|american_states)"
    ),
}
_SENT_THERE = any_of("ambassador envoy representative")
# The manual has its own code where ISO has none for everyday use.
_COUNTRIES = {"XKX": "KOS", "MAC": "CHN", "PRI": "USA", "FLK": "GBR"}


def country_code(country: str | None, name: str, office: str | None) -> str | None:
    """Returns the code of an actor: an organization of states before a country."""
    said = f"{name} {office or ''}"
    # "Ambassador of Turkey to the United Nations" is Turkey's.
    if not (country and _SENT_THERE.search(said)):
        for code, pattern in _ORGANIZATIONS.items():
            if pattern.search(said):
                return code
    return _COUNTRIES.get(country, country) if country else None


# The first that fits is the primary sector.
_DEFENSE = any_of(
    "defen[cs]e_(?:minister|ministry|secretary) minist(?:er|ry)_of_(?:national_)?defen[cs]e"
)
_SECTORS = (
    ("REB", any_of("rebel* insurgent* militant*")),
    ("SPY", any_of("intelligence spy spymaster mossad cia mit m[iİ]t mi6")),
    ("MIL", any_of(r"general(?!_secretary) gen\. chief_of_staff commander admiral army colonel")),
    ("COP", any_of("police gendarmerie")),
    ("LEG", any_of("speaker parliament* senator congress(?:man|woman) mp lawmaker* senate")),
    ("JUD", any_of("judge prosecutor court")),
    ("GOV", any_of("minister premier chancellor")),
    ("OPP", any_of("opposition")),
    ("PTY", any_of("party coalition")),
    ("BUS", any_of("ceo chief_executive company")),
    ("JRN", any_of("journalist reporter correspondent")),
    (
        "GOV",
        any_of(
            "president king emir crown_prince sultan"
            " ministry secretary ambassador envoy governor mayor government diplomat spokes*"
            " security_chief advis[eo]r head_of_state delegation officials? white_house kremlin"
        ),
    ),
)
_FORMER = any_of("former ex-*")


def sectors_of(code: str | None, name: str, office: str | None) -> tuple[str, ...]:
    """Returns the sectors of an actor, the primary one first; none for organizations of states."""
    if code in _ORGANIZATIONS:
        return ()
    said = office or name
    found = list(dict.fromkeys(sector for sector, words in _SECTORS if words.search(said)))
    if _DEFENSE.search(said):
        found = ["GOV", "MIL"]
    elif found[:1] in (["REB"], ["SPY"], ["GOV"]):
        # The chief of a service is of the service.
        del found[1:]
    elif {"PTY", "OPP"} & set(found):
        # A party's president is not the country's; the opposition is only said beside it.
        found = ["PTY", *(["OPP"] if "OPP" in found else [])]
    return ("ELI", *found) if _FORMER.search(said) else tuple(found)
