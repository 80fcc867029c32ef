"""Names and offices, by their words.

The word lists are of English news, where the office stands before the name ("Turkish Foreign
Minister Hakan Fidan") or behind it ("Jon Finer, the adviser, …").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from summarize.grounding.countries import is_capital, is_country_word, is_given_name
from summarize.grounding.matching import fold
from summarize.schema import ActorKind

# Nouns of office. A capitalised name beside one of them is a person's.
_OFFICES = frozenset(
    """
    adviser advisor ambassador attache chair chairman chairperson chairwoman chancellor chief
    commander commander-in-chief commissioner congressman congresswoman consul coordinator
    counterpart deputy diplomat director emir envoy governor head king lady leader
    lawmaker minister monarch negotiator official pm premier president prime prince princess queen
    rapporteur representative ruler secretary secretary-general senator sheikh speaker spokesman
    spokesperson spokeswoman sultan undersecretary
    """.split()
)
# Envoys and presidents.
_OFFICES = _OFFICES | {f"{office}s" for office in _OFFICES}
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
_TITLES = _OFFICES | _ADDRESS | _QUALIFIERS
_PARTICLES = frozenset(
    "al el bin ibn bint abu de del della der den di da dos du la le van von ten ter ul".split()
)
# Nouns that organizations and groups are named with, folded.
_ORGANIZATION = re.compile(
    r"\b(?:administration|agency|alliance|armed forces|army|assembly|association|authority|bank"
    r"|board|bureau|cabinet|cent(?:er|re)|coalition|commission|committee|community|company"
    r"|conference|congress|corporation|council|court|department|embassy|forum|foundation|fund"
    r"|government|institute|league|media|ministry|mission|nations|navy|news|office"
    r"|organi[sz]ation|parliament|party|police|presidency|press|programme?|secretariat|senate"
    r"|service|staff|union|university)\b"
)
_GROUP = re.compile(
    r"\b(?:brigades?|delegation|delegates|faction|fighters|forces|front|groups?|guards?"
    r"|insurgents|leaders|members|militants?|militia|movement|nationalists|officials|opposition"
    r"|rebels?|representatives|state|tribes|workers)\b"
)
_PLACE = re.compile(
    r"\b(?:city|east(?:ern)?|greater|gulf|north(?:ern)?|peninsula|province|region|river|road"
    r"|sea|south(?:ern)?|strait|valley|west(?:ern)?)$|^(?:greater|north(?:ern)?|south(?:ern)?"
    r"|east(?:ern)?|west(?:ern)?)\b"
)
# Marks that go on with the letter before them: the accents of a name in decomposed form, the vowels
# of Arabic, Hebrew and the scripts of India, joiners. None of them is a letter to `re`.
_MARKS = "".join(
    character
    for character in map(chr, range(0x300, 0x1100))
    if unicodedata.category(character).startswith("M")
)
_LETTERS = rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}\u200c\u200d])*"
_HYPHENS = r"\-\u2010\u2011"
_WORD = re.compile(rf"{_LETTERS}(?:[’'ʼ‘.{_HYPHENS}]{_LETTERS})*\.?")
_PREFIXED = re.compile(rf"(?:al|el|ul|ibn)[{_HYPHENS}’'][^\W\d_]", re.IGNORECASE)

# What a name may end with behind a comma.
GENERATIONS = {"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr"}
# Words that hold an office or a long name together.
LINKS = frozenset({"of", "for", "to", "the"})
# "Mohammed bin Salman bin Abdulaziz Al Saud" has seven; the annotated articles have at most four.
MAX_NAME_WORDS = 7


class Word(NamedTuple):
    """A word, where it stands, and what it can be in a name.

    Attributes:
        key: the word folded, without the full stop of an abbreviation.
        is_capital: it begins with a capital letter, or one of a script without capitals.
        is_particle: it is a small word of names: bin, van, de.
        is_name_part: capitalised, or one that names hold in lower case: bin, al-Sharaa.
        is_office: it is a noun of office: president, envoys.
        is_address: it is a form of address or a rank: Mr., Gen.
        is_title: it stands before names and is none.
    """

    start: int
    end: int
    text: str
    key: str
    is_capital: bool
    is_particle: bool
    is_name_part: bool
    is_office: bool
    is_address: bool
    is_title: bool


# Names and offices are asked about again and again, and so are the sentences of one article.
@lru_cache(maxsize=2048)
def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, without possessive endings and without full stops of sentences."""
    words = []
    for match in _WORD.finditer(text):
        spelled = _spelled(match[0])
        words.append(Word(match.start(), match.start() + len(spelled[0]), *spelled))
    return tuple(words)


# News says the same few thousand words again and again.
@lru_cache(maxsize=8192)
def _spelled(word: str) -> tuple[str, str, bool, bool, bool, bool, bool, bool]:
    """A word without what is not its own, and what a `Word` says of it."""
    # A possessive is not part of the name; a full stop only of an initial or a short title.
    bare = word[:-2] if word.endswith(("'s", "’s")) else word
    stem = fold(bare[:-1])
    if bare.endswith(".") and not (len(stem) == 1 or stem in _ADDRESS or "." in stem):
        bare = bare[:-1]
    first = bare[0]
    is_capital = first.isupper() or first.istitle() or first.lower() == first.upper()
    key = fold(bare).rstrip(".")
    is_particle = key in _PARTICLES
    is_name_part = is_capital or is_particle or bool(_PREFIXED.match(bare))
    is_office, is_address, is_title = (key in known for known in (_OFFICES, _ADDRESS, _TITLES))
    return bare, key, is_capital, is_particle, is_name_part, is_office, is_address, is_title


def split_role(text: str) -> tuple[str | None, str]:
    """Splits "Iraqi President Abdul Latif Rashid" into the office and the name."""
    words = words_of(text)
    first = next(
        (i for i, w in enumerate(words) if w.is_name_part and not is_of_office(words, i)), 0
    )
    if any(word.is_title for word in words[:first]) and words[first - 1].key not in LINKS:
        name = text[words[first].start :].strip()
        # "representatives of Shia groups" is one name, and so is "National Security Council".
        if not is_organization(name):
            return text[: words[first].start].strip(" ,"), name
    return None, text.strip()


def is_of_office(words: Sequence[Word], index: int) -> bool:
    """Whether a word before a name belongs to the office: a title, or the country."""
    word = words[index]
    return word.is_title or (is_country_word(word.text) and not is_in_name(words, index))


def is_in_name(words: Sequence[Word], index: int) -> bool:
    """Whether a country's name is part of a person's beside it: Jim Jordan, Israel Katz."""
    word = words[index]
    # "King Abdullah of Jordan"
    if not is_given_name(word.text) or (index and words[index - 1].key in LINKS):
        return False
    return any(
        other.is_capital
        and not (other.is_title or is_country_word(other.text))
        and max(other.start - word.end, word.start - other.end) == 1
        for other in words[max(index - 1, 0) : index + 2]
    )


@lru_cache(maxsize=4096)
def offices_of(text: str) -> frozenset[str]:
    """The nouns of office in a text, folded: {"chief"} of "the MİT chief"."""
    return frozenset(word.key for word in words_of(text) if word.is_office)


def surname(name: str) -> str:
    """The last word of a person's name, with what is hyphenated to it."""
    words = words_of(name)
    return words[-1].text if words else name


def is_bare_name(text: str) -> bool:
    """Whether a text is a person's name and nothing else, by its shape."""
    words = words_of(text)
    return (
        2 <= len(words) <= MAX_NAME_WORDS
        and all(word.is_name_part for word in words)
        and not any(is_of_office(words, index) for index in range(len(words)))
        and not _is_of_many(text)
    )


@lru_cache(maxsize=4096)
def is_organization(text: str) -> bool:
    """Whether a text has a noun that organizations are named with: Ministry, Council."""
    return bool(_ORGANIZATION.search(fold(text)))


def _is_of_many(text: str) -> bool:
    """Whether a text has a noun that organizations or groups are named with."""
    return is_organization(text) or bool(_GROUP.search(fold(text)))


@lru_cache(maxsize=4096)
def kind_of(name: str, *, claimed: bool) -> ActorKind | None:
    """What a name is the name of, by its words; None where it names nobody ("border security").

    A single word is a surname where somebody is claimed to have taken part.
    """
    if is_country_word(name):
        return "country"
    if _PLACE.search(fold(name)) or is_capital(name):
        return None
    if is_bare_name(name):
        return "person"
    words = words_of(name)
    # "other senior officials" are nobody in particular.
    if not any(word.is_capital for word in words):
        return None
    if _is_of_many(name):
        return "organization" if is_organization(name) else "group"
    if not all(w.is_name_part or w.is_title or w.key in LINKS | {"and"} for w in words):
        return None
    is_acronym = any(word.text.isupper() and len(word.text) > 1 for word in words)
    if offices_of(name) or (claimed and len(words) == 1 and not is_acronym):
        return "person"
    return "group" if is_acronym else "organization"


# Personal and demonstrative pronouns, which stand for a name without being one.
_PRONOUNS = frozenset(
    "he she it they we i you him her them us me this that these those his their both all".split()
)


def is_pronoun(words: str) -> bool:
    """Whether words name nothing by themselves."""
    return fold(words).strip(" .") in _PRONOUNS
