"""Who is in the article: the model's names and the text's own, each actor once.

What a name is spelled like, which names mean one person, and every mention with its offset are
taken from the text. Who of them took part is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from summarize.article.reading import Reading, Span
from summarize.grounding.candidates import Candidate
from summarize.grounding.countries import country_code, is_country_word, same_country
from summarize.grounding.matching import Finder, fold
from summarize.grounding.mentions import Entities, Named, Person, headline_offices
from summarize.grounding.names import (
    is_bare_name,
    is_organization,
    kind_of,
    offices_of,
    split_role,
)
from summarize.grounding.person_names import are_two_people, same_person

__all__ = ["add_headline_roles", "add_names", "claim", "named_in", "split_claim", "take_role"]


def named_in(entities: Entities) -> list[Candidate]:
    """Everybody that the text names, as candidates."""
    candidates: list[Candidate] = []
    for person in entities.people:
        _add_person(candidates, person, entities.text)
    for named in entities.organizations:
        _add_organization(candidates, named, entities.text)
    for country in entities.countries:
        candidates.append(Candidate(country, "country", [country], article=entities.text))
    return candidates


def claim(
    candidates: list[Candidate], name: str, role: str, finder: Finder, *, took_part: bool = True
) -> Candidate | None:
    """The candidate that a model's name means, added if need be; None if it is not in the text.

    Args:
        candidates: known so far.
        name: as the model writes it, perhaps with the office before it.
        role: the office, or nothing.
        finder: of the article.
        took_part: whether the model says that it took part.
    """
    spoken = name
    name = _HONORIFIC.sub("", name)
    office, bare = split_role(name)
    bare = _OF_COUNTRY.sub(_without_country, bare)
    match = finder.find(name) or finder.find(bare)
    if match is None and (code := country_code(name, finder.reading.text)):
        # The model writes Turkey where the article writes Türkiye.
        written = next(same_country(code, finder.reading.text), None)
        match = finder.find(written) if written else None
    known = _holder(candidates, bare, role or office or "")
    if match is None:
        if known is None:
            return None
    else:
        form = _trimmed(finder.reading.text, match.span)
        # "0)" has nothing left of it.
        if not any(map(str.isalnum, form)):
            return None
        kind = kind_of(form, claimed=True) or "group"
        if kind == "person":
            form = _OF_COUNTRY.sub(_without_country, split_role(form)[1])
        known = known or _same(candidates, form)
        known = known or _same_country(candidates, country_code(form, finder.reading.text))
        if known is None:
            known = Candidate(form, kind, article=finder.reading.text)
            candidates.append(known)
        _remember(known, form, None)
        if known.kind in {"organization", "group"}:
            known.name = form
        # A longer name around it may hold every mention: it is named here all the same.
        known.mentions = known.mentions or [match.span]
    known.claimed = known.claimed or took_part
    known.said_as.append(spoken)
    return known


_HONORIFIC = re.compile(
    r"^(?:his|her|their)\s+(?:royal\s+)?(?:majesty|highness|excellency|holiness)[\s,]+(?=\w)",
    re.IGNORECASE,
)
_OF_COUNTRY = re.compile(r"\s+of\s+(?:the\s+)?(?P<country>[^,]+)$")


def _without_country(match: re.Match[str]) -> str:
    """Nothing in place of "of Jordan", as in King Abdullah II of Jordan."""
    return "" if is_country_word(match["country"]) else match[0]


def take_role(candidate: Candidate, role: str, finder: Finder) -> None:
    """Gives a person the office that the model says, in the article's words if it has them."""
    said = finder.find(role or split_role(candidate.said_as[-1])[0] or "")
    if said and candidate.kind == "person":
        words = _trimmed(finder.reading.text, said.span)
        if not any(fold(words) in fold(other) for other in candidate.roles):
            candidate.roles = [words]


def split_claim(name: str, role: str, finder: Finder) -> Iterator[tuple[str, str]]:
    """The names and offices of what a small model wrote as one.

    It puts the two into each other's place now and then, and runs several names into one.
    """
    if offices_of(name) and is_bare_name(role):
        name, role = role, name
    whole = not _BETWEEN_NAMES.search(name) or finder.find(name)
    for part in [name] if whole else _BETWEEN_NAMES.split(name):
        if part.strip():
            yield part.strip(), role


_BETWEEN_NAMES = re.compile(r",|\band\b|;")


def add_names(candidates: list[Candidate], names: Iterable[str], article: str) -> None:
    """Adds people and organizations that a text names without an office.

    Args:
        candidates: known so far.
        names: by their capitals; what is a country, a place or an office is left out.
        article: the text.
    """
    _part_names(candidates)
    for name in names:
        kind = kind_of(name, claimed=True)
        if kind in {None, "country"} or offices_of(name) or _same(candidates, name):
            continue
        candidates.append(Candidate(name, kind or "person", [name], article=article, is_bare=True))


def _part_names(candidates: Iterable[Candidate]) -> None:
    """Takes off a body's name that of its head, which stands right behind it."""
    candidates = list(candidates)
    people = [f" {c.name}" for c in candidates if c.kind == "person"]
    for body in candidates:
        if body.kind in {"organization", "group"} and not body.claimed:
            for name in people:
                body.forms = [form.removesuffix(name) for form in body.forms]
                body.name = body.name.removesuffix(name)


def _add_person(candidates: list[Candidate], person: Person, article: str) -> None:
    known = next((c for c in _all_same(candidates, person.name) if _may_hold(c, person)), None)
    if known is None:
        known = Candidate(person.name, "person", article=article)
        candidates.append(known)
    _remember(known, person.name, person.role)


def _may_hold(known: Candidate, person: Person) -> bool:
    """Whether a bare last name with an office can be somebody: President Erdoğan is not Emine."""
    is_full = " " in person.name and any(" " in form for form in known.forms)
    if is_full or not person.role or not known.roles:
        return True
    offices = _interchangeable(offices_of(person.role))
    return any(offices & _interchangeable(offices_of(role)) for role in known.roles)


def _interchangeable(offices: frozenset[str]) -> frozenset[str]:
    """Offices with those that news calls the same."""
    premier = frozenset({"premier", "minister", "pm"})
    return offices | premier if offices & premier else offices


def _add_organization(candidates: list[Candidate], named: Named, article: str) -> None:
    forms = {fold(form) for form in named.forms}
    known = next((c for c in candidates if any(fold(f) in forms for f in c.forms)), None)
    if known is None:
        known = Candidate(named.forms[0], named.kind, article=article)
        candidates.append(known)
    for form in named.forms:
        _remember(known, form, None)


def _trimmed(text: str, span: Span) -> str:
    """The text of a span on one line, without a bracket or comma left open at its ends."""
    words = " ".join(text[span.start : span.end].split()).strip(" ,;:.–—-'\"“”")
    if words.count("(") != words.count(")"):
        words = re.sub(r"^[^(]*\)\s*|\s*\([^)]*$", "", words)
    return words


def _same(candidates: Iterable[Candidate], name: str) -> Candidate | None:
    return next(_all_same(candidates, name), None)


def _holder(candidates: Iterable[Candidate], name: str, role: str) -> Candidate | None:
    """Whom a name means: of several, who has the office."""
    offices = _interchangeable(offices_of(role))
    same = list(_all_same(candidates, name))
    held = (c for c in same if any(offices & offices_of(held) for held in c.roles))
    return next(held, None) or next(iter(same), None)


def _all_same(candidates: Iterable[Candidate], name: str) -> Iterator[Candidate]:
    """Those whom a name can mean, first those who are called so to the letter."""
    others = []
    folded = fold(name)
    for candidate in candidates:
        if any(folded == fold(form) for form in candidate.forms):
            yield candidate
        else:
            others.append(candidate)
    for candidate in others:
        if candidate.kind == "person":
            forms = [form for form in candidate.forms if not offices_of(form)]
            # "George Bush" is two of them, each of whom has another initial.
            is_same = any(same_person(name, form) for form in forms)
            is_same = is_same and not any(are_two_people(name, form) for form in forms)
        else:
            is_same = candidate.kind != "country" and _is_short_for(name, candidate.forms)
        if is_same:
            yield candidate


def _same_country(candidates: Iterable[Candidate], code: str | None) -> Candidate | None:
    return next((c for c in candidates if code and c.kind == "country" and c.country == code), None)


def _is_short_for(name: str, forms: Sequence[str]) -> bool:
    """PKK and Kurdistan Workers' Party (PKK); or the words of one among the other's."""
    for form in forms:
        short, long = sorted((fold(name), fold(form)), key=len)
        if f"({short})" in long or long.startswith(f"{short} ("):
            return True
    return False


def _remember(candidate: Candidate, form: str, role: str | None) -> None:
    if form not in candidate.forms:
        candidate.forms.append(form)
    if role and role not in candidate.roles:
        candidate.roles.append(role)
    if candidate.kind == "group" and is_organization(form):
        candidate.kind = "organization"
    if candidate.kind == "person":
        bare = (form for form in candidate.forms if not offices_of(form))
        candidate.name = max(bare, key=len, default=form)


def add_headline_roles(candidates: Iterable[Candidate], reading: Reading) -> None:
    """A headline names the office and its country only: "Turkish spy chief in Damascus"."""
    if reading.title is None:
        return
    candidates = list(candidates)
    for office in headline_offices(reading.title):
        holders = [
            c for c in candidates if any(offices_of(office) & offices_of(r) for r in c.roles)
        ]
        if len(holders) == 1 and holders[0].country is None:
            holders[0].headline_role = office
