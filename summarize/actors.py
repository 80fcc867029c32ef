"""Who is in the article: the model's names and the text's own, each actor once.

The model says who took part; the text adds people it names with their office, and has the last
word: a participant is shown by a sentence in which somebody meets, and what a name is spelled like,
which names mean one person, and every mention with its offset are taken from the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from summarize.candidates import Candidate, gather_mentions
from summarize.countries import country_code, is_country_word, same_country
from summarize.draft import Draft, says_something
from summarize.matching import Finder, Match, fold
from summarize.mentions import Entities, Named, Person, headline_offices
from summarize.names import (
    is_bare_name,
    is_organization,
    kind_of,
    offices_of,
    split_role,
)
from summarize.parts import decide_parts
from summarize.person_names import are_two_people, same_person
from summarize.reading import Reading, Span

__all__ = ["NOT_FOUND", "Refused", "claim", "find_actors", "named_in"]


NOT_FOUND = "not found in the article"
_NOBODY = "names nobody"


@dataclass(frozen=True, slots=True)
class Refused:
    """A name of the draft that is no actor, and why."""

    name: str
    reason: str


def find_actors(
    draft: Draft, finder: Finder, entities: Entities, *, english: bool
) -> tuple[list[Candidate], list[Refused]]:
    """The actors of an article, and the model's names that are none."""
    reading = finder.reading
    candidates, refused = _named(draft, finder, entities)
    gather_mentions(candidates, finder)
    candidates = [candidate for candidate in candidates if candidate.mentions]
    _add_headline_roles(candidates, reading)
    decide_parts(candidates, reading, english=english)
    candidates.sort(key=lambda c: (c.part != "participant", c.mentions[0]))
    return candidates, refused


def _named(
    draft: Draft, finder: Finder, entities: Entities
) -> tuple[list[Candidate], list[Refused]]:
    """Everybody that the text or the draft names, and the draft's names that are nobody's."""
    candidates = named_in(entities)
    refused: list[Refused] = []
    for said in draft.participants:
        name, role = _name_and_role(said.name, said.role)
        if says_something(name):
            reasons = [_add_participant(candidates, v, role, finder) for v in _values(name, finder)]
            if all(reasons):
                refused.append(Refused(name, reasons[0] or ""))
    return candidates, refused


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
    office, bare = split_role(name)
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
        kind = kind_of(form, claimed=True) or "group"
        if kind == "person":
            form = split_role(form)[1]
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
    said = finder.find(role or office or "")
    if said and known.kind == "person":
        words = _trimmed(finder.reading.text, said.span)
        if not any(fold(words) in fold(other) for other in known.roles):
            known.roles = [words]
    known.claimed = known.claimed or took_part
    known.said_as.append(name)
    return known


def _name_and_role(name: str, role: str) -> tuple[str, str]:
    """A small model puts the two into each other's place now and then."""
    swapped = offices_of(name) and is_bare_name(role)
    return (role, name) if swapped else (name, role)


def _values(name: str, finder: Finder) -> Iterable[str]:
    """The name, or its parts where the model ran several into one."""
    if not re.search(r",|\band\b|;", name) or finder.find(name):
        return [name]
    parts = [part.strip() for part in re.split(r",|\band\b|;", name)]
    return [part for part in parts if part] or [name]


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
    known = next((c for c in candidates if forms & {fold(form) for form in c.forms}), None)
    if known is None:
        known = Candidate(named.forms[0], named.kind, article=article)
        candidates.append(known)
    for form in named.forms:
        _remember(known, form, None)


def _add_participant(
    candidates: list[Candidate], value: str, role: str, finder: Finder
) -> str | None:
    """Adds somebody the model says took part, if the text has the name; else says why not."""
    # "Rwanda (the Parties)" is Rwanda, "the U.S. delegation" the United States.
    value = _as_country(value) or value
    office, bare = split_role(value)
    if offices_of(value) and (named := _ending(candidates, value)):
        named.claimed = True
        return None
    match = finder.find(bare) or (finder.find(value) if office else None)
    if match is None and (code := country_code(value, finder.reading.text)):
        # The model writes Turkey where the article writes Türkiye.
        written = next(same_country(code, finder.reading.text), None)
        match = finder.find(written) if written else None
    if match is None:
        known = _same(candidates, bare)
        if known is not None:
            known.claimed = True
        return None if known else NOT_FOUND
    form = _trimmed(finder.reading.text, match.span)
    written = role if role and fold(role) != fold(value) else office
    known = _by_office(candidates, form)
    if known is None:
        kind = kind_of(form, claimed=True)
        if kind is None:
            return _NOBODY
        known = _same(candidates, form) or _same_country(
            candidates, country_code(form, finder.reading.text)
        )
        if known is None:
            known = Candidate(form, kind, article=finder.reading.text)
            candidates.append(known)
    # The text's own words beside the name are surer than the model's.
    own = known.kind != "person" or known.roles
    taken = [role for c in candidates if c is not known for role in c.roles]
    _remember(known, form, None if own else _role(written, match, taken, finder))
    known.claimed = True
    return None


_FOR_COUNTRY = re.compile(
    r"\s*\([^)]*\)$|\s+(?:delegation|officials?|side|government|authorities|representatives)$"
)


def _as_country(value: str) -> str | None:
    """The country that a name is only another word for."""
    # "U. S." is the U.S.
    name = re.sub(r"(?<=\b\w\.)\s(?=\w\.)", "", _FOR_COUNTRY.sub("", value))
    return name if name != value and is_country_word(name) else None


def _ending(candidates: Iterable[Candidate], value: str) -> Candidate | None:
    """The person whose name a value ends with, behind an office: "Minister Lee Jong-sup"."""
    people = (c for c in candidates if c.kind == "person")
    return next((p for p in people if fold(value).endswith(f" {fold(p.name)}")), None)


def _role(words: str | None, name: Match, taken: Sequence[str], finder: Finder) -> str | None:
    """An office in the article's words, if a sentence has it with the name, and for nobody else."""
    if not words or not offices_of(words) or any(fold(words) in fold(role) for role in taken):
        return None
    reading = finder.reading
    spelled = reading.text[name.span.start : name.span.end]
    beside = {reading.sentence_at(match.span.start) for match in finder.every(spelled)}
    beside.add(reading.sentence_at(name.span.start))
    match = finder.find(words)
    if match is None or reading.sentence_at(match.span.start) not in beside:
        return None
    return _trimmed(reading.text, match.span)


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
    candidates = list(candidates)
    exact = [c for c in candidates if any(fold(name) == fold(form) for form in c.forms)]
    yield from exact
    for candidate in candidates:
        forms = [form for form in candidate.forms if not offices_of(form)]
        if any(candidate is one for one in exact):
            continue
        if candidate.kind == "person":
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
        if re.search(rf"\({re.escape(short)}\)", long) or long.startswith(f"{short} ("):
            return True
    return False


def _by_office(candidates: Iterable[Candidate], form: str) -> Candidate | None:
    """The one person whose office a nameless form names: "the MİT chief" where he has a name."""
    offices = offices_of(form)
    if not offices or split_role(form)[0] is not None:
        return None
    within = [c for c in candidates if any(fold(form) in fold(role) for role in c.roles)]
    if len(within) == 1 or not form.split()[-1].islower():
        return within[0] if within else None
    holders = [c for c in candidates if any(offices & offices_of(role) for role in c.roles)]
    words = {fold(word) for word in form.split()} - {"the"}
    exact = [c for c in holders if any(words <= _role_words(role) for role in c.roles)]
    holders = exact or holders
    return holders[0] if len(holders) == 1 else None


def _role_words(role: str) -> set[str]:
    return {fold(word) for word in re.findall(r"[^\W_]+", role)}


def _remember(candidate: Candidate, form: str, role: str | None) -> None:
    if form not in candidate.forms:
        candidate.forms.append(form)
    if role and role not in candidate.roles:
        candidate.roles.append(role)
    if candidate.kind == "group" and is_organization(form):
        candidate.kind = "organization"
    longest = max((f for f in candidate.forms if not offices_of(f)), key=len, default=form)
    if candidate.kind == "person":
        candidate.name = longest


def _add_headline_roles(candidates: list[Candidate], reading: Reading) -> None:
    """A headline names the office and its country only: "Turkish spy chief in Damascus"."""
    if reading.title is None:
        return
    for office in headline_offices(reading.title):
        holders = [
            c for c in candidates if any(offices_of(office) & offices_of(r) for r in c.roles)
        ]
        if len(holders) == 1 and holders[0].country is None:
            holders[0].headline_role = office
