"""Events as directed pairs with CAMEO codes, as users of GDELT and ICEWS know them.

Source: the manual's table of both (PLOVER manual of 4 February 2024). A meeting of n countries has
n(n-1) pairs; people of one country are one actor of its first sector.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

from summarize.across_articles.plover import Event
from summarize.across_articles.plover_codes import EventType
from summarize.across_articles.plover_parties import Party

__all__ = ["COLUMNS", "rows_of"]

COLUMNS = ("event", "date", "source", "target", "code", "meeting")
"""The columns of the table."""

_CODES: Mapping[tuple[EventType, str | None], str] = {
    ("AGREE", None): "030",
    ("CONSULT", None): "040",
    ("CONSULT", "phone"): "041",
    ("CONSULT", "third-party"): "044",
    ("SUPPORT", None): "050",
    ("CONCEDE", None): "080",
    ("COOPERATE", None): "060",
    ("AID", None): "070",
    ("RETREAT", None): "084",
    ("RETREAT", "release"): "0841",
    ("RETREAT", "ceasefire"): "0871",
    ("REQUEST", None): "100",
    ("REQUEST", "meet"): "106",
    ("ACCUSE", None): "110",
    ("ACCUSE", "disapprove"): "111",
    ("ACCUSE", "allege"): "112",
    ("ACCUSE", "investigate"): "090",
    ("REJECT", None): "120",
    ("REJECT", "meet"): "125",
    ("THREATEN", None): "130",
    ("THREATEN", "relations"): "134",
    ("SANCTION", None): "160",
    ("SANCTION", "withdraw"): "164",
}
_VISIT, _HOST = "042", "043"


def rows_of(event: Event) -> Iterator[tuple[str, ...]]:
    """Yields the pairs of an event, both ways where it is of all its actors alike."""
    actors, recipients = _codes(event.actors), _codes(event.recipients)
    mode = next((mode for mode in event.modes if (event.type, mode) in _CODES), None)
    code = _CODES[event.type, mode]
    if "visit" in event.modes:
        pairs = [(a, r, _VISIT) for a in actors for r in recipients]
        pairs += [(r, a, _HOST) for a in actors for r in recipients]
    elif recipients:
        pairs = [(a, r, code) for a in actors for r in recipients]
    else:
        pairs = [(a, b, code) for a, b in permutations(actors, 2)]
    for source, target, code in pairs:
        if source[:3] != target[:3]:
            yield event.id, event.meeting.last_day or "", source, target, code, event.meeting.id


def _codes(parties: Sequence[Party]) -> list[str]:
    """Returns country and sector of each country, once."""
    first: dict[str, Party] = {}
    for party in parties:
        if party.country:
            first.setdefault(party.country, party)
    return [f"{country}{''.join(party.sectors[:1])}" for country, party in first.items()]
