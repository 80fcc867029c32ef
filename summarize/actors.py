"""Who is in the article: the model's names and the text's own, each actor once.

The model says who took part; the text adds people it names with their office, and has the last
word: a participant is shown by a sentence in which somebody meets, and what a name is spelled like,
which names mean one person, and every mention with its offset are taken from the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from summarize.countries import country_code, country_in, same_country
from summarize.draft import Draft, says_something
from summarize.evidence import has_contact, has_meeting, is_background
from summarize.matching import Finder, Match, fold
from summarize.mentions import Entities, Named, Person, headline_offices
from summarize.names import (
    is_bare_name,
    is_organization,
    kind_of,
    offices_of,
    same_person,
    split_role,
    surname,
)
from summarize.reading import Reading, Sentence, Span
from summarize.schema import ActorKind, Part

__all__ = ["NOT_FOUND", "Candidate", "Refused", "find_actors", "unfound_names"]


@dataclass
class Candidate:
    """An actor being put together.

    Attributes:
        name: the longest form the text has.
        forms: every form, as the text writes it.
        mentions: where they stand in the reading, in order.
        roles: offices as the text words them, the first one first.
        headline_role: the office in the headline, where it alone tells the country.
        claimed: the model said that it took part.
    """

    name: str
    kind: ActorKind
    forms: list[str] = field(default_factory=list)
    mentions: list[Span] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    headline_role: str | None = None
    claimed: bool = False
    part: Part = "mentioned"

    @property
    def country(self) -> str | None:
        """By the office, or the name itself."""
        if self.kind == "country":
            return country_code(self.name)
        told = [*self.roles, self.headline_role or ""]
        # Jim Jordan is of no country by his name, and the Turkmen of "Sunni and Turkmen groups" are
        # none either: only the first words of an organization tell.
        if self.kind != "person":
            told.append(" ".join(self.name.removeprefix("the ").split()[:2]))
        return next(filter(None, map(country_in, told)), None)


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
    _gather_mentions(candidates, finder)
    candidates = [candidate for candidate in candidates if candidate.mentions]
    _add_headline_roles(candidates, reading)
    _decide_parts(candidates, reading, english=english)
    candidates.sort(key=lambda c: (c.part != "participant", c.mentions[0]))
    return candidates, refused


def unfound_names(draft: Draft, finder: Finder, entities: Entities) -> list[str]:
    """The names of the draft that the article does not have."""
    _, refused = _named(draft, finder, entities)
    return [name.name for name in refused if name.reason == NOT_FOUND]


def _named(
    draft: Draft, finder: Finder, entities: Entities
) -> tuple[list[Candidate], list[Refused]]:
    """Everybody that the text or the draft names, and the draft's names that are nobody's."""
    candidates: list[Candidate] = []
    refused: list[Refused] = []
    for person in entities.people:
        _add_person(candidates, person)
    for named in entities.organizations:
        _add_organization(candidates, named)
    for country in entities.countries:
        candidates.append(Candidate(country, "country", [country]))
    for said in draft.participants:
        name, role = _name_and_role(said.name, said.role)
        if says_something(name):
            reasons = [_add_participant(candidates, v, role, finder) for v in _values(name, finder)]
            if all(reasons):
                refused.append(Refused(name, reasons[0] or ""))
    return candidates, refused


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


def _add_person(candidates: list[Candidate], person: Person) -> None:
    known = _same(candidates, person.name)
    if known is None or not _may_hold(known, person):
        known = Candidate(person.name, "person")
        candidates.append(known)
    _remember(known, person.name, person.role)


def _may_hold(known: Candidate, person: Person) -> bool:
    """Whether a bare last name with an office can be somebody: President Erdoğan is not Emine."""
    if " " in person.name or not person.role or not known.roles:
        return True
    offices = _interchangeable(offices_of(person.role))
    return any(offices & _interchangeable(offices_of(role)) for role in known.roles)


def _interchangeable(offices: frozenset[str]) -> frozenset[str]:
    """Offices with those that news calls the same."""
    premier = frozenset({"premier", "minister", "pm"})
    return offices | premier if offices & premier else offices


def _add_organization(candidates: list[Candidate], named: Named) -> None:
    forms = {fold(form) for form in named.forms}
    known = next((c for c in candidates if forms & {fold(form) for form in c.forms}), None)
    if known is None:
        known = Candidate(named.forms[0], named.kind)
        candidates.append(known)
    for form in named.forms:
        _remember(known, form, None)


def _add_participant(
    candidates: list[Candidate], value: str, role: str, finder: Finder
) -> str | None:
    """Adds somebody the model says took part, if the text has the name; else says why not."""
    office, bare = split_role(value)
    match = finder.find(bare) or (finder.find(value) if office else None)
    if match is None and (code := country_code(value)):
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
        known = _same(candidates, form) or _same_country(candidates, country_code(form))
        if known is None:
            known = Candidate(form, kind)
            candidates.append(known)
    # The text's own words beside the name are surer than the model's.
    own = known.kind != "person" or known.roles
    taken = [role for c in candidates if c is not known for role in c.roles]
    _remember(known, form, None if own else _role(written, match, taken, finder))
    known.claimed = True
    return None


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
    for candidate in candidates:
        if any(fold(name) == fold(form) for form in candidate.forms):
            return candidate
        if candidate.kind == "person" and any(same_person(name, f) for f in candidate.forms):
            return candidate
        if candidate.kind in {"organization", "group"} and _is_short_for(name, candidate.forms):
            return candidate
    return None


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


def _gather_mentions(candidates: Sequence[Candidate], finder: Finder) -> None:
    """Every place of every form, the longest first: Jordan is no mention in Jim Jordan."""
    text = finder.reading.text
    taken = bytearray(len(text))
    wanted = [(form, c) for c in candidates for form in (*c.forms, *_short_forms(c, candidates))]
    for form, candidate in sorted(wanted, key=lambda pair: len(pair[0]), reverse=True):
        for match in finder.every(form):
            start, end = match.span.start, match.span.end
            if _is_name_again(form, match, finder.reading) and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                candidate.mentions.append(match.span)
                if text[start:end] not in candidate.forms:
                    candidate.forms.append(text[start:end])
    for candidate in candidates:
        candidate.mentions.sort()


def _short_forms(candidate: Candidate, candidates: Iterable[Candidate]) -> Iterator[str]:
    """A person's last name, where nobody else has it."""
    if candidate.kind != "person":
        return
    last = surname(candidate.name)
    for short in {last, re.sub(r"^(?:al|el|ul)[-’']", "", last, flags=re.IGNORECASE)}:
        others = (c for c in candidates if c is not candidate and c.kind == "person")
        if short not in candidate.forms and not any(
            fold(surname(other.name)) == fold(short) for other in others
        ):
            yield short


def _is_name_again(form: str, match: Match, reading: Reading) -> bool:
    """Whether a folded match is a name still: "us" is not the US."""
    written = reading.text[match.span.start : match.span.end]
    return match.how == "exact" or written[:1].isupper() == form[:1].isupper()


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


def _decide_parts(candidates: list[Candidate], reading: Reading, *, english: bool) -> None:
    """Who took part: claimed by the model, or met by one who did; and a sentence has to show it."""
    for candidate in candidates:
        shown = not english or any(
            has_meeting(_text(reading, sentence)) and not is_background(_text(reading, sentence))
            for sentence in _sentences(candidate, reading)
        )
        candidate.part = "participant" if candidate.claimed and shown else "mentioned"
    if not english:
        return
    met = [
        sentence
        for sentence in reading.sentences
        if not sentence.is_title
        and has_contact(_text(reading, sentence))
        and not is_background(_text(reading, sentence))
    ]
    changed = True
    while changed:
        changed = False
        for sentence in met:
            present = [c for c in candidates if c.kind == "person" and _is_in(c, sentence)]
            if any(c.part == "participant" for c in present):
                for candidate in present:
                    if candidate.part != "participant":
                        candidate.part = "participant"
                        changed = True


def _sentences(candidate: Candidate, reading: Reading) -> Iterator[Sentence]:
    return (s for s in reading.sentences if not s.is_title and _is_in(candidate, s))


def _is_in(candidate: Candidate, sentence: Sentence) -> bool:
    return any(mention in sentence.span for mention in candidate.mentions)


def _text(reading: Reading, sentence: Sentence) -> str:
    return reading.text[sentence.span.start : sentence.span.end]
