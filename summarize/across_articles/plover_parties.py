"""Actors as parties to an event, and where a sentence names them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from summarize.across_articles.plover_codes import country_code, sectors_of
from summarize.across_articles.records import ActorRecord

__all__ = ["Party", "is_possessor", "named_around", "party_of"]

_POSSESSIVE = re.compile("['’]s?\\b")


@dataclass(frozen=True)
class Party:
    """An actor or recipient of an event.

    Attributes:
        actor: the dossier's record; None for the country that a place stands for.
        country: ISO 3166-1 alpha-3, KOS, UNO, EUR or IGO.
        sectors: the primary one first.
    """

    name: str
    country: str | None
    sectors: tuple[str, ...] = ()
    office: str | None = None
    actor: ActorRecord | None = None


def party_of(actor: ActorRecord) -> Party:
    """Returns an actor with its codes."""
    office = actor.offices[-1].title if actor.offices else None
    # A person's name says nothing of it: Kim Jong Un is not of the UN.
    name = "" if actor.kind == "person" else actor.name
    code = country_code(actor.country, name, office)
    sectors = () if actor.kind == "country" else sectors_of(code, name, office)
    return Party(actor.name, code, sectors, office, actor)


def named_around(
    text: str, parties: Sequence[Party], place: int
) -> tuple[tuple[Party, ...], tuple[Party, ...]]:
    """Returns the parties that a sentence names before a place, and those behind it, in order."""
    found = sorted(
        (at, n) for n, party in enumerate(parties) if (at := _place(text, party)[0]) >= 0
    )
    before = tuple(parties[number] for at, number in found if at < place)
    return before, tuple(parties[number] for at, number in found if at >= place)


def is_possessor(text: str, party: Party) -> bool:
    """Returns whether a sentence names a party as whose something is: "Syria's path"."""
    return bool(_POSSESSIVE.match(text, _place(text, party)[1]))


def _place(text: str, party: Party) -> tuple[int, int]:
    """Returns where a sentence first names a party, by a spelling or its last word.

    Both are -1 if it does not.
    """
    spellings = [s.name for s in party.actor.spellings] if party.actor else [party.name]
    words = [*spellings, *(name.split()[-1] for name in spellings if " " in name)]
    found = [at.span() for word in words if (at := re.search(rf"\b{re.escape(word)}(?!\w)", text))]
    return min(found, key=lambda span: (span[0], -span[1]), default=(-1, -1))
