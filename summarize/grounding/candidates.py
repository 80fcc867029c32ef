"""Actors being put together, and where an article names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from summarize.article.reading import Reading, Span
from summarize.grounding.countries import country_code, nationality_in
from summarize.grounding.matching import Finder, Match, fold
from summarize.grounding.names import surname
from summarize.schema import ActorKind, Part

__all__ = ["Candidate", "gather_mentions"]


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
        rank: the first place where the model did.
        said_as: the names by which the model called it.
        said_country: the ISO code of the country that the model named; the text's own otherwise.
        is_country_inferred: no words of the article beside its mentions name that country.
        confidence: probability that the part is right, if it was weighed.
        is_bare: the text names it without an office or a noun of its kind, which may be nobody.
        article: the text, which tells of which Congo somebody is.
    """

    name: str
    kind: ActorKind
    forms: list[str] = field(default_factory=list)
    mentions: list[Span] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    headline_role: str | None = None
    claimed: bool = False
    rank: int | None = None
    said_as: list[str] = field(default_factory=list)
    said_country: str | None = None
    is_country_inferred: bool = False
    is_bare: bool = False
    part: Part = "mentioned"
    confidence: float | None = None
    article: str = field(default="", repr=False)

    @property
    def country(self) -> str | None:
        """As the model said, else by the office, or the name itself."""
        return self.said_country or self.told_country

    @property
    def told_country(self) -> str | None:
        """By the office, or the name itself."""
        if self.kind == "country":
            return country_code(self.name, self.article)
        told = [*self.roles, self.headline_role or ""]
        # Jim Jordan is of no country by his name, and the Turkmen of "Sunni and Turkmen groups" are
        # none either: only the first words of an organization tell.
        if self.kind != "person":
            told.append(" ".join(self.name.removeprefix("the ").split()[:2]))
        return next(filter(None, (nationality_in(words, self.article) for words in told)), None)

    def is_in(self, span: Span) -> bool:
        """Whether a stretch of the reading names it."""
        return any(map(span.holds, self.mentions))


def gather_mentions(candidates: Sequence[Candidate], finder: Finder) -> None:
    """Every place of every form, the longest first: Jordan is no mention in Jim Jordan."""
    text = finder.reading.text
    taken = bytearray(len(text))
    wanted = [
        (form, c) for c in candidates for form in (*c.forms, *_short_forms(c, candidates, text))
    ]
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


def _short_forms(candidate: Candidate, candidates: Iterable[Candidate], text: str) -> Iterator[str]:
    """A person's last name, where nobody else has it."""
    if candidate.kind != "person":
        return
    last = surname(candidate.name)
    others = [c for c in candidates if c is not candidate and c.kind == "person"]
    for short in {last, _ARTICLE.sub("", last)}:
        folded = fold(short)
        if short not in candidate.forms and not any(
            fold(surname(other.name)) == folded for other in others
        ):
            yield short
    # "Wei" for Wei Fenghe: where the last name never stands alone, the first one does for it.
    first, *rest = candidate.name.split()
    if rest and not _stands_alone(last, text) and _stands_alone(first, text):
        yield first


_ARTICLE = re.compile(r"^(?:al|el|ul)[-’']", re.IGNORECASE)


def _stands_alone(name: str, text: str) -> bool:
    """Whether a text has a name without another capitalised word beside it."""
    starts = [
        start
        for start in _places(name, text)
        if not (_IN_WORD.match(text[start - 1 : start]) or _BEHIND.match(text, start + len(name)))
    ]
    return not all(_SHORT_NAME.fullmatch(text[start - 3 : start]) for start in starts) and not all(
        _follows_capital(text[:start]) for start in starts
    )


_IN_WORD = re.compile(r"[\w-]")
_BEHIND = re.compile(r"[\w-]|\s+[A-ZÀ-Þ]")
_SHORT_NAME = re.compile(r"[A-Z]\w\s")
_CAPITAL_WORD = re.compile(r"[A-ZÀ-Þ][\w.’'-]*$")


def _places(name: str, text: str) -> Iterator[int]:
    start = text.find(name)
    while start >= 0:
        yield start
        start = text.find(name, start + 1)


def _follows_capital(before: str) -> bool:
    """Whether a text ends in a capitalised word, with which no sentence ends, and a space."""
    words = before.rstrip()
    if words == before or words.endswith((".", "!", "?")):
        return False
    return bool(_CAPITAL_WORD.search(words, words.rfind(" ") + 1))


def _is_name_again(form: str, match: Match, reading: Reading) -> bool:
    """Whether a folded match is a name still: "us" is not the US."""
    written = reading.text[match.span.start : match.span.end]
    return match.how == "exact" or written[:1].isupper() == form[:1].isupper()
