"""Compares names: scores, and the reasons in words.

A person's name is taken apart and put into Latin letters by `rigour`, which also knows forms of one
name in many scripts. Parts are compared by their consonants, which transliterations keep. Two names
are of two people where each has a part that the other lacks. Two names in Latin letters are judged
as in an article (`summarize.grounding.person_names`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from summarize.across_articles import weights
from summarize.grounding.matching import fold
from summarize.grounding.person_names import same_person

# Sounds that transliterations write in several ways, as one letter each.
_DIGRAPHS = re.compile("dzh|kh|gh|ch|sh|zh|th|dh|ph|ts|tz|dj|ck")
_LETTERS = str.maketrans("qgczjpd", "kkkssbt", "aeiouywvh'")
_SEMITIC = str.maketrans(
    {
        letter: sound
        for sound, letters in {
            "b": "بב", "t": "تطثתט", "s": "جسشصزذظضچژسשצץזס", "k": "خغقكکگכךקג", "d": "دד",
            "r": "رר", "f": "فپפףו", "l": "لל", "m": "مמם", "n": "نנן", "": "اأإآىعئءؤةهحويیאהעחי",
        }.items()
        for letter in letters
    }
)  # fmt: skip
# Honorifics and links inside names.
_PARTICLES = frozenset(
    "al el ul ad as ash bin ibn ben bint بن sheikh shaikh sir haji hajji seyed sayyid".split()
)
# Words that are in the names of offices of every country.
_GENERIC = frozenset(
    "the of for and ministry minister ministers foreign defense defence interior finance affairs"
    " government parliament army police cabinet council security national senate delegation"
    " embassy presidency president office supreme court state department armed forces air force"
    " navy intelligence".split()
)


class Part(NamedTuple):
    """A part of a person's name: as written, in Latin letters if they are known, its consonants."""

    written: str
    form: str
    skeleton: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two names may be one person's: at most 1, below 0 if they are two people's."""

    score: float
    words: str


def skeleton(form: str) -> str:
    """Returns the consonants of a name, by sound; the name itself where it has none."""
    plain = form.translate(_SEMITIC)
    sounds = {
        "ck": "k",
        "ts": "s",
        "tz": "s",
        "th": "t",
        "dh": "t",
        "ph": "f",
        "kh": "k",
        "gh": "k",
    }
    plain = _DIGRAPHS.sub(lambda found: sounds.get(found[0], "s"), plain)
    plain = plain.replace("x", "ks").translate(_LETTERS)
    return re.sub(r"(.)\1+", r"\1", plain) or form


@lru_cache(100_000)
def name_parts(name: str) -> tuple[Part, ...]:
    """Takes a person's name apart, and leaves out what links its parts."""
    from rigour.names import Name

    forms = [(part.form, part.ascii or part.form) for part in Name(name).parts] or [(name, name)]
    forms = [one for one in forms if one[1] not in _PARTICLES] or forms
    return tuple(Part(written, form, skeleton(form.removeprefix("ال"))) for written, form in forms)


@lru_cache(1_000)
def _known_names(part: str) -> frozenset[str]:
    """Returns ids of the names that a part may be, in any script.

    The first call takes some seconds and 400 MB.
    """
    from rigour.names import NameTypeTag, analyze_names

    (name,) = analyze_names(NameTypeTag.PER, [part])
    symbols = (span.symbol for span in name.spans)
    return frozenset(str(one.id) for one in symbols if one.category == one.Category.NAME)


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys for blocking: names are compared where one has a key that the other looks for."""

    own: frozenset[str]
    sought: frozenset[str]


def person_keys(name: str, country: str) -> Keys:
    """Returns keys of a person's name.

    Full names share two parts, or the last one and the country; others share one part.
    """
    found = sorted({part.skeleton for part in name_parts(name) if len(part.form) > 1})
    alone = frozenset(f"alone {part}" for part in found)
    parts = frozenset(f"part {part}" for part in found)
    if len(name_parts(name)) == 1:
        return Keys(alone, alone | parts)
    both = frozenset(f"{one} {other}" for one, other in combinations(found, 2))
    # Jae-myung, Jaemyung.
    both |= {f"whole {''.join(part.skeleton for part in name_parts(name))}"}
    if country:
        both |= {f"last {name_parts(name)[-1].skeleton} {country}"}
    return Keys(both | parts, both | alone)


@lru_cache(200_000)
def compare_persons(one: str, other: str) -> Comparison:
    """Compares two names of persons."""
    if one == other:
        return Comparison(1, f"both are {one}")
    a, b = name_parts(one), name_parts(other)
    is_latin = fold(one).isascii() and fold(other).isascii()
    pairs: list[tuple[int, int]] = []
    fuzzy: list[str] = []
    # What is known of names is loaded only where their sounds do not do.
    for match in (_is_same, _is_alike, _is_known):
        left = [i for i in range(len(a)) if all(i != p for p, _ in pairs)]
        right = [j for j in range(len(b)) if all(j != q for _, q in pairs)]
        if match is _is_known and is_latin and not (pairs and len(left) == len(right) == 1):
            break
        for i in left:
            for j in right:
                if all(j != q for _, q in pairs) and match(a[i], b[j]):
                    pairs.append((i, j))
                    fuzzy += [f"{a[i].form} is a form of {b[j].form}"] * (match is not _is_same)
                    break
    unpaired = (
        [part for i, part in enumerate(a) if all(i != p for p, _ in pairs)],
        [part for j, part in enumerate(b) if all(j != q for _, q in pairs)],
    )
    if pairs and all(unpaired) and _joined(unpaired[0]) == _joined(unpaired[1]):
        fuzzy.append(f"{_words(unpaired[0])} is written {_words(unpaired[1])}")
        unpaired = ([], [])
    is_one = bool(pairs) and not all(unpaired)
    if is_latin and (any(unpaired) or fuzzy):
        is_one = same_person(one, other) or (
            bool(fuzzy) and _is_same_but_for_forms(a, b, dict(pairs))
        )
    if not is_one:
        return Comparison(-1, f"{one} is not {other}")
    missing = abs(len(unpaired[0]) - len(unpaired[1]))
    score = 1 - weights.FUZZY_PART * len(fuzzy) - weights.MISSING_PART * missing
    words = [f"{one} and {other} are one name"]
    if missing:
        words.append(f"only one has {_words(unpaired[0] or unpaired[1])}")
    return Comparison(max(score, 0.1), "; ".join([*words, *fuzzy]))


def _is_same_but_for_forms(a: Sequence[Part], b: Sequence[Part], pairs: Mapping[int, int]) -> bool:
    """Whether two names are one person's with Aleksandr as Alexander, and Gamal as Jamal."""
    forms = {
        j: a[i].form
        for i, j in pairs.items()
        if len(a[i].skeleton) >= weights.LONG_SKELETON
        or not _is_alike(a[i], b[j])
        or _vowels(a[i].form) == _vowels(b[j].form)
    }
    one = [part.form for part in a]
    other = [forms.get(j, part.form) for j, part in enumerate(b)]
    is_same = sorted(one) == sorted(other) or "".join(one) == "".join(other)
    return is_same or same_person(" ".join(one), " ".join(other))


def _vowels(form: str) -> str:
    """Returns a name with its vowels as three: Rasheed and Rashid, Jubeir and Jubair."""
    form = re.sub(r"[aeo]?y|[ae]i|i?e+|i+", "i", form.replace("aa", "a"))
    return re.sub(r"(.)\1+", r"\1", re.sub("o?u|o+", "u", form))


def _joined(parts: Sequence[Part]) -> str:
    return "".join(part.form for part in parts)


def _words(parts: Sequence[Part]) -> str:
    return " ".join(part.form for part in parts)


def _is_same(x: Part, y: Part) -> bool:
    return x.form == y.form


def _is_known(x: Part, y: Part) -> bool:
    # Letters are in too many names.
    if min(len(x.form), len(y.form)) == 1:
        return False
    return not _known_names(x.written).isdisjoint(_known_names(y.written))


def _is_alike(x: Part, y: Part) -> bool:
    if x.skeleton != y.skeleton:
        return False
    # Scripts without short vowels have the consonants alone.
    is_other_script = x.form.isascii() != y.form.isascii()
    return is_other_script or Levenshtein.normalized_similarity(x.form, y.form) >= weights.ALIKE


_SMALL_WORDS = re.compile(r"\b(?:the|of|for|and|de|du|la)\b|[^\w\s]")


@lru_cache(100_000)
def body_key(name: str) -> str:
    """Returns the name of an organization or group as compared: folded, without small words."""
    from rigour.names import remove_org_types

    folded = _SMALL_WORDS.sub(" ", fold(name).casefold())
    words = remove_org_types(" ".join(folded.split())).split() or folded.split()
    return " ".join(words) or name


def body_keys(name: str, country: str) -> Keys:
    """Returns keys of a body's name.

    A name such as "Foreign Ministry" is compared within its country, and "senior officials" with
    nothing.
    """
    key = body_key(name)
    if is_common_noun(name):
        return Keys(frozenset(), frozenset())
    if set(key.split()) <= _GENERIC:
        key = f"{key} {country}" if country else ""
    keys = frozenset({f"body {key}"} if key else ())
    return Keys(keys, keys)


def is_common_noun(name: str) -> bool:
    """Whether it names nobody in particular, such as "senior officials"."""
    return name == name.casefold() != name.upper()


def is_short(name: str) -> bool:
    """Whether a body's name is one word, such as an acronym, which others may have, too."""
    return " " not in body_key(name)
