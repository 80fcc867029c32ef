"""Whether two names can mean one person: in other spellings, and with parts left out.

News writes a name from another script in many ways (Abdel Fattah al-Sisi, Abdul-Fatah El-Sisi),
with and without the family's name or an initial. Two people who share a name stay two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from summarize.grounding.names import GENERATIONS, split_role, words_of


def same_person(one: str, other: str) -> bool:
    """Whether two names can mean one person."""
    a, b = _name_of(one), _name_of(other)
    if not a.parts or not b.parts or (a.number and b.number and a.number != b.number):
        return False
    short, long = sorted((a, b), key=_order)
    if len(short.parts) == 1:
        return _is_called(short, long)
    # "Marcos" can be the son; "Ferdinand Marcos" is the father of Ferdinand Marcos Jr.
    if a.generation != b.generation:
        return False
    if len(long.parts) > _MAX_PARTS:
        return short.parts == long.parts
    if a.has_initials or b.has_initials:
        return _with_initials(short.parts, long.parts)
    # Or one is the other without the family's name: Mohamed bin Zayed (Al Nahyan).
    begins = map(_are_same, short.parts, long.parts)
    return _is_spelled(short.parts, long.parts) or _ends(short, long) or all(begins)


def are_two_people(one: str, other: str) -> bool:
    """Whether two names of more than one word cannot mean one person."""
    is_full = len(_name_of(one).parts) > 1 and len(_name_of(other).parts) > 1
    return is_full and not same_person(one, other)


# The parts of a name


@dataclass(frozen=True)
class _Name:
    """A name in parts.

    Attributes:
        parts: folded, without particles and articles; what hyphens join is apart, Abdul and what
            follows it together, an initial is one letter.
        sons: places of what stands behind "bin", a father's name.
        joined: places of what stands before a Romance particle: Lula da Silva.
        generation: "jr" or "sr".
        number: of a monarch.
    """

    parts: tuple[str, ...]
    sons: frozenset[int]
    joined: frozenset[int]
    generation: str | None
    number: str | None

    @property
    def has_initials(self) -> bool:
        return any(len(part) == 1 for part in self.parts)


def _order(name: _Name) -> tuple[object, ...]:
    """Shorter first; any two have one order, so that the answer is the same both ways."""
    return len(name.parts), name.parts, sorted(name.sons), sorted(name.joined)


# Longer is no name; alignment takes the square of it.
_MAX_PARTS = 12
_NUMBERS = frozenset("ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi".split())
_SON = frozenset("bin ibn bint ben".split())
_ROMANCE = frozenset("da de del do dos das di du".split())
# The Arabic article takes the sound of a letter behind it: as-Sisi, ash-Sharaa.
_ARTICLE = re.compile(r"^(?:[ae][lrdntsz]|[ae](?:sh|th|dh)|ul)[-'’](?=\w)")
_SERVANT = re.compile(r"^abd(?:[aeou]l)?")
_INITIALS = re.compile(r"\w(?:\.\w)*")


@lru_cache(maxsize=4096)
def _name_of(text: str) -> _Name:
    parts: list[str] = []
    sons, joined = set(), set()
    generation = number = None
    is_son = is_servant = False
    for index, word in enumerate(words_of(split_role(text)[1])):
        key = word.key
        if index and key in GENERATIONS:
            generation = GENERATIONS[key]
        elif index and key in _NUMBERS and word.text.isupper() and "." not in word.text:
            number = key
        elif word.is_particle or key in _SON:
            is_son = is_son or key in _SON
            if key in _ROMANCE and parts:
                joined.add(len(parts) - 1)
        elif _INITIALS.fullmatch(key):
            parts += key.split(".")
        else:
            for piece in _ARTICLE.sub("", key).split("-"):
                part = re.sub(r"\W", "", piece)
                # The article in the middle of Abd-el-Fattah.
                if not part or (part in {"al", "el", "ul"} and "-" in key):
                    continue
                if is_servant:
                    parts[-1] += part
                else:
                    parts.append(part)
                    if is_son:
                        sons.add(len(parts) - 1)
                is_son = False
                is_servant = not is_servant and bool(_SERVANT.fullmatch(part))
    whole = tuple(_SERVANT.sub("abd", part) for part in parts)
    return _Name(whole, frozenset(sons), frozenset(joined), generation, number)


# How parts stand to each other


def _is_called(short: _Name, long: _Name) -> bool:
    """Whether a name of one part is what somebody is called by: the last name, or the first.

    Nobody is called by the father's name without "bin": King Salman is not Mohammed bin Salman.
    """
    last = len(long.parts) - 1
    places = {0, last, *(place for place in long.joined if place)}
    if short.sons and long.sons:
        places.add(min(long.sons))
    return any(
        _are_same(short.parts[0], long.parts[place])
        and not (place and place in long.sons and not short.sons)
        for place in places
    )


def _with_initials(short: Sequence[str], long: Sequence[str]) -> bool:
    """George W. Bush is George Bush and George Walker Bush, and not George H. W. Bush."""
    if _is_spelled(short, long):
        return True
    ends = _are_alike(short[0], long[0]) and _are_alike(short[-1], long[-1])
    return ends and (len(short) == 2 or _is_spelled(short[1:-1], long[1:-1]))


def _ends(short: _Name, long: _Name) -> bool:
    """Whether one is the other without its first parts, or some before the last: Ali Khamenei."""
    *first, last = short.parts
    if not _may_stand_for(last, long.parts[-1]):
        return False
    return any(
        all(map(_may_stand_for, first, long.parts[start:]))
        for start in range(len(long.parts) - len(first))
        if start not in long.sons or 0 in short.sons
    )


def _is_spelled(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether all parts are the same, wherever they are written together: Jin-ping, Jinping."""
    if len(one) == len(other):
        return all(map(_are_alike, one, other))
    return _are_same("".join(one), "".join(other))


# Parts in other spellings


def _may_stand_for(one: str, other: str) -> bool:
    """Whether one part is another, perhaps without Abdul."""
    return _are_same(one, other) or _are_same(one.removeprefix("abd"), other.removeprefix("abd"))


def _are_alike(one: str, other: str) -> bool:
    """Whether one part is another, or its initial."""
    is_initial = 1 in (len(one), len(other))
    return one[0] == other[0] if is_initial else _are_same(one, other)


# What is the same sound in transliterations, from the longer to the shorter.
_SPELLINGS = [
    (re.compile(pattern), letters)
    for pattern, letters in (
        (r"(?<=[aeiou])y(?=[aeiou])", ""),
        (r"sch", "sh"),
        (r"zh|dj", "j"),
        (r"kh|gh|q|ck|c(?!h)|g(?=h)", "k"),
        (r"ph", "f"),
        (r"dh", "d"),
        (r"th", "t"),
        (r"x", "ks"),
        (r"w", "v"),
        (r"y", "i"),
        (r"oo|ou", "u"),
        (r"ee", "i"),
        (r"oe", "o"),
        (r"ae", "a"),
        (r"ue", "u"),
        (r"(.)\1+", r"\1"),
        # Haniyeh and Haniya, Khamenei and Khamenai.
        (r"[ae]h$", "a"),
        (r"(?<=...)[ae]i$", "i"),
    )
]
# Letters of a part from which on a vowel may be another one, unless it is the last letter.
_MIN_LOOSE = 5
_INNER_VOWELS = re.compile(r"(?<![aeiou])[aeiou]++(?!$)")


def _are_same(one: str, other: str) -> bool:
    """Whether two parts of names are one, in the ways in which it is transliterated."""
    return not _sounds(one).isdisjoint(_sounds(other))


@lru_cache(maxsize=16_384)
def _sounds(part: str) -> frozenset[str]:
    """What a part sounds like: "e" is heard as "a" or as "i", which are two."""
    for pattern, letters in _SPELLINGS:
        part = pattern.sub(letters, part)
    if len(part) < _MIN_LOOSE:
        return frozenset({part.replace("o", "u")})
    # Elsisi is what others write as El-Sisi.
    forms = {part, part[2:]} if part[:2] in {"al", "el"} and len(part) > _MIN_LOOSE else {part}
    heard = (partial(_heard, e=letter) for letter in "ai")
    return frozenset(_INNER_VOWELS.sub(vowels, form) for vowels in heard for form in forms)


def _heard(vowels: re.Match[str], e: str) -> str:
    """Vowels inside of a part, with a letter for each "e"."""
    single = re.sub("[ae]i", "e", vowels[0]).replace("au", "o")
    return single.replace("o", "u").replace("e", e)
