"""Who is in the article: the model's names and the text's own, each actor once.

What a name is spelled like, which names mean one person, and every mention with its offset are
taken from the text. Who of them took part is decided elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from summarize.article.reading import Reading, Span
from summarize.grounding.countries import country_code, is_country_word, nationality_in
from summarize.grounding.grounded import NOT_FOUND, PRONOUN
from summarize.grounding.matching import Finder, fold
from summarize.grounding.mentions import Named
from summarize.grounding.names import (
    is_bare_name,
    is_organization,
    is_pronoun,
    kind_of,
    offices_of,
    split_role,
    surname,
    words_of,
)
from summarize.grounding.person_names import are_two_people, same_person
from summarize.prompting.draft import DraftPerson, says_something
from summarize.schema import ActorKind, Part, Unsupported


@dataclass(eq=False)
class Candidate:
    """An actor being put together.

    Attributes:
        name: the longest form the text has.
        kind: what it is.
        forms: every form, as the text writes it.
        mentions: where they stand in the reading, in order.
        roles: offices as the text words them, the first one first.
        claimed: the model said that it took part.
        rank: the first place where the model did.
        said_as: the names by which the model called it.
        said_country: the ISO code of the country that the model or the headline names.
        is_country_inferred: no words of the article beside its mentions name that country.
        is_bare: the text names it without an office or a noun of its kind, which may be nobody.
        part: whether it took part.
        confidence: probability that the part is right, if it was weighed.
    """

    name: str
    kind: ActorKind
    forms: list[str] = field(default_factory=list)
    mentions: list[Span] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    claimed: bool = False
    rank: int | None = None
    said_as: list[str] = field(default_factory=list)
    said_country: str | None = None
    is_country_inferred: bool = False
    is_bare: bool = False
    part: Part = "mentioned"
    confidence: float | None = None

    def told_country(self, article: str) -> str | None:
        """The ISO code of the country that the article tells by the office, or the name itself."""
        if self.kind == "country":
            return country_code(self.name, article)
        # Jim Jordan is of no country by his name, and the Turkmen of "Sunni and Turkmen groups" are
        # none either: only the first words of an organization tell.
        own = "" if self.kind == "person" else " ".join(self.name.removeprefix("the ").split()[:2])
        codes = (nationality_in(words, article) for words in (*self.roles, own))
        return next(filter(None, codes), None)

    def has_office(self, role: str) -> bool:
        """Whether one of its offices is that of a role, or of the same kind."""
        return any(offices_of(role) & offices_of(own) for own in self.roles)

    def is_in(self, span: Span) -> bool:
        """Whether a stretch of the reading names it."""
        return any(map(span.holds, self.mentions))

    def add(self, form: str, role: str | None = None) -> None:
        """Adds a form and an office that the text has."""
        if form not in self.forms:
            self.forms.append(form)
        if role and role not in self.roles:
            self.roles.append(role)
        if self.kind == "group" and is_organization(form):
            self.kind = "organization"
        if self.kind == "person":
            bare = (form for form in self.forms if not offices_of(form))
            self.name = max(bare, key=len, default=form)


# Those whom the text names


def candidates_of(named: Iterable[Named]) -> list[Candidate]:
    """Everybody that the text names, as candidates."""
    candidates: list[Candidate] = []
    for one in named:
        if one.kind == "person":
            same = (c for c in _all_same(candidates, one.forms[0]) if _may_hold(c, one))
        else:
            forms = set(map(fold, one.forms))
            same = (c for c in candidates if not forms.isdisjoint(map(fold, c.forms)))
        known = next(same, None)
        if known is None:
            known = Candidate(one.forms[0], one.kind)
            candidates.append(known)
        for form in one.forms:
            known.add(form, one.role)
    return candidates


def _may_hold(known: Candidate, person: Named) -> bool:
    """Whether a bare last name with an office can be somebody: President Erdoğan is not Emine."""
    is_full = " " in person.forms[0] and any(" " in form for form in known.forms)
    is_known = is_full or not person.role or not known.roles
    return is_known or known.has_office(person.role or "")


def add_bare_names(candidates: list[Candidate], names: Iterable[str]) -> None:
    """Adds those whom a text names by their capitals alone, without an office."""
    _part_names(candidates)
    for name in names:
        kind = kind_of(name, claimed=True)
        if (
            kind
            and kind != "country"
            and not offices_of(name)
            and not any(_all_same(candidates, name))
        ):
            candidates.append(Candidate(name, kind, [name], is_bare=True))


def _part_names(candidates: Sequence[Candidate]) -> None:
    """Takes off a body's name that of its head, which stands right behind it."""
    people = [f" {c.name}" for c in candidates if c.kind == "person"]
    for body in candidates:
        if body.kind in {"organization", "group"} and not body.claimed:
            for name in people:
                body.forms = [form.removesuffix(name) for form in body.forms]
                body.name = body.name.removesuffix(name)


def add_headline_countries(candidates: Sequence[Candidate], reading: Reading) -> None:
    """Gives those their country whose office in the headline alone tells: Turkish spy chief."""
    title = reading.title or ""
    words = words_of(title)
    for index, word in enumerate(words):
        holders = [c for c in candidates if c.has_office(word.text)]
        if word.is_office and len(holders) == 1 and not holders[0].told_country(reading.text):
            office = title[words[max(index - 2, 0)].start : word.end]
            holders[0].said_country = nationality_in(office, reading.text)


def _all_same(candidates: Sequence[Candidate], name: str) -> Iterator[Candidate]:
    """Those whom a name can mean, first those who are called so to the letter."""
    folded = fold(name)
    exact = [c for c in candidates if any(folded == fold(form) for form in c.forms)]
    yield from exact
    yield from (c for c in candidates if c not in exact and _may_be_called(c, name))


def _may_be_called(candidate: Candidate, name: str) -> bool:
    if candidate.kind != "person":
        return False
    forms = [form for form in candidate.forms if not offices_of(form)]
    # "George Bush" is two of them, each of whom has another initial.
    return any(same_person(name, form) for form in forms) and not any(
        are_two_people(name, form) for form in forms
    )


# Those whom the model names


def claim_all(
    candidates: list[Candidate], said: Sequence[DraftPerson], finder: Finder, *, trusts_roles: bool
) -> list[Unsupported]:
    """Claims a draft's participants, as `claim` does, and returns those not in the article.

    Args:
        candidates: known so far; others are added.
        said: the participants.
        finder: of the article.
        trusts_roles: whether the offices that the model says take the place of the text's own.
    """
    refused = []
    for rank, person in enumerate(said):
        if not says_something(person.name):
            continue
        reason = PRONOUN if is_pronoun(person.name) else NOT_FOUND
        whole, role = person.name, person.role
        # A small model puts the two into each other's place now and then.
        if offices_of(whole) and is_bare_name(role):
            whole, role = role, whole
        for name in _names_of(whole, finder):
            known = None if is_pronoun(name) else claim(candidates, name, role, finder)
            if known:
                reason = ""
                known.claimed = True
                known.rank = rank if known.rank is None else known.rank
                if trusts_roles or not known.roles:
                    _take_role(known, role, finder)
        if reason:
            refused.append(Unsupported(field="actors", value=person.name, reason=reason))
    return refused


_BETWEEN_NAMES = re.compile(r",|\band\b|;")


def _names_of(said: str, finder: Finder) -> list[str]:
    """The names in what a small model wrote as one."""
    parts = [part.strip() for part in _BETWEEN_NAMES.split(said)]
    return [said.strip()] if len(parts) == 1 or finder.find(said) else list(filter(None, parts))


def claim(candidates: list[Candidate], name: str, role: str, finder: Finder) -> Candidate | None:
    """The candidate that a model's name means, added if need be; None if it is not in the text.

    The name is as the model writes it, perhaps with the office before it; the role may be empty.
    """
    article = finder.reading.text
    office, bare = split_role(name)
    bare = _without_country(bare)
    match = finder.find(name) or finder.find(bare)
    known = _holder(candidates, bare, role or office or "")
    if known is None and (code := country_code(name, article)):
        # The model writes Turkey where the article writes Türkiye.
        same = (c for c in candidates if c.kind == "country" and c.told_country(article) == code)
        known = next(same, None)
    if match:
        form = _trimmed(article, match.span)
        # "0)" has nothing left of it.
        if not any(map(str.isalnum, form)):
            return None
        kind = kind_of(form, claimed=True) or "group"
        if kind == "person":
            form = _without_country(split_role(form)[1])
        if known is None:
            known = next(_all_same(candidates, form), None) or Candidate(form, kind)
        if known not in candidates:
            candidates.append(known)
        known.add(form)
        if known.kind in {"organization", "group"}:
            known.name = form
        # A longer name around it may hold every mention: it is named here all the same.
        known.mentions = known.mentions or [match.span]
    if known:
        known.said_as.append(name)
    return known


_OF_COUNTRY = re.compile(r"\s+of\s+(?:the\s+)?(?P<country>[^,]+)$")


def _without_country(name: str) -> str:
    """A name without "of Jordan" behind it, as in King Abdullah II of Jordan."""
    match = _OF_COUNTRY.search(name)
    return name[: match.start()] if match and is_country_word(match["country"]) else name


def _holder(candidates: Sequence[Candidate], name: str, role: str) -> Candidate | None:
    """Whom a name means: of several, who has the office."""
    same = list(_all_same(candidates, name))
    return next((c for c in same if c.has_office(role)), same[0] if same else None)


def _trimmed(text: str, span: Span) -> str:
    """The text of a span on one line, without punctuation at its ends."""
    return " ".join(text[span.start : span.end].split()).strip(" ,;:.–—-'\"“”")


def _take_role(candidate: Candidate, role: str, finder: Finder) -> None:
    """Gives a person the office that the model says, in the article's words if it has them."""
    said = finder.find(role or split_role(candidate.said_as[-1])[0] or "")
    if said and candidate.kind == "person":
        words = _trimmed(finder.reading.text, said.span)
        if not any(fold(words) in fold(other) for other in candidate.roles):
            candidate.roles = [words]


# Where they are named


def gather_mentions(candidates: Sequence[Candidate], finder: Finder) -> list[Candidate]:
    """Returns the candidates that the text names, in its order, with every mention.

    Longer forms come first: Jordan is no mention in Jim Jordan.
    """
    text = finder.reading.text
    taken = bytearray(len(text))
    surnames = Counter(fold(surname(c.name)) for c in candidates if c.kind == "person")
    wanted = [(form, c) for c in candidates for form in (*c.forms, *_short_forms(c, surnames))]
    for form, candidate in sorted(wanted, key=lambda pair: len(pair[0]), reverse=True):
        for match in finder.every(form):
            start, end = match.span
            # "us" is not the US.
            is_name = match.how == "exact" or text[start].isupper() == form[:1].isupper()
            if is_name and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                candidate.mentions.append(match.span)
                if text[start:end] not in candidate.forms:
                    candidate.forms.append(text[start:end])
    for candidate in candidates:
        candidate.mentions.sort()
    return sorted((c for c in candidates if c.mentions), key=lambda c: c.mentions[0])


_ARTICLE = re.compile(r"^(?:al|el|ul)[-’']", re.IGNORECASE)


def _short_forms(candidate: Candidate, surnames: Counter[str]) -> set[str]:
    """A person's last name, with and without the article, where nobody else has it."""
    if candidate.kind != "person":
        return set()
    last = surname(candidate.name)
    short = {last, _ARTICLE.sub("", last)}.difference(candidate.forms)
    return {form for form in short if surnames[fold(form)] == (fold(form) == fold(last))}
