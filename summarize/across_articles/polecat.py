"""Events as rows of POLECAT (doi.org/10.7910/DVN/AJGVIT): its forty columns, in order.

Lists are joined with "; ", and what is missing is "None". Columns for which an article gives
nothing, such as coordinates and COW's numbers, stay so. `Intensity` and `Quad Code` are the
manual's; countries are codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from summarize.across_articles.plover import Event
from summarize.across_articles.plover_codes import QUADS, coder
from summarize.across_articles.plover_parties import Party
from summarize.grounding.countries import country_of_place

__all__ = ["COLUMNS", "row_of"]

_PARTY = (
    "{0} Name|{0} Country|{0} COW|Primary {0} Sector|{0} Sectors|{0} Title|{0} Name Raw"
    "|Wikipedia {0} ID"
)
COLUMNS: Sequence[str] = (
    "Event ID|Event Date|Event Type|Event Mode|Intensity|Quad Code|Contexts"
    f"|{_PARTY.format('Actor')}|{_PARTY.format('Recipient')}"
    "|Placename|City|District|Province|Country|Latitude|Longitude|GeoNames ID|Raw Placename"
    "|Feature Type|Source|Publication Date|Story People|Story Organizations|Story Locations"
    "|Language|Version"
).split("|")
"""The columns of the table."""


def row_of(event: Event) -> dict[str, str]:
    """Returns an event as a row: its values by the columns."""
    report = event.report
    place = next(iter(event.meeting.places), None)
    everybody = (*event.actors, *event.recipients)
    values: dict[str, Iterable[object] | object | None] = {
        "Event ID": event.id,
        "Event Date": event.meeting.last_day,
        "Event Type": event.type,
        "Event Mode": event.modes,
        "Intensity": event.scale,
        "Quad Code": QUADS[event.type],
        "Contexts": event.contexts,
        **_party_values("Actor", event.actors),
        **_party_values("Recipient", event.recipients),
        "Placename": place,
        "Country": country_of_place(place) if place else None,
        "Raw Placename": place,
        "Source": report.outlet,
        "Publication Date": report.published,
        "Story People": [p.name for p in everybody if p.actor and p.actor.kind == "person"],
        "Story Organizations": [
            p.name for p in everybody if p.actor and p.actor.kind in ("organization", "group")
        ],
        "Story Locations": event.meeting.places,
        "Version": coder(),
    }
    return {column: _cell(values.get(column)) for column in COLUMNS}


def _party_values(side: str, parties: Sequence[Party]) -> dict[str, Iterable[object]]:
    sectors = [sector for party in parties for sector in party.sectors]
    return {
        f"{side} Name": [party.name for party in parties],
        f"{side} Country": dict.fromkeys(p.country for p in parties if p.country),
        f"Primary {side} Sector": dict.fromkeys(p.sectors[0] for p in parties if p.sectors),
        f"{side} Sectors": dict.fromkeys(sectors),
        f"{side} Title": [party.office for party in parties if party.office],
        f"{side} Name Raw": [party.name for party in parties],
        # The manual's id is Wikidata's, and POLECAT's column is named after Wikipedia.
        f"Wikipedia {side} ID": [p.actor.wikidata for p in parties if p.actor and p.actor.wikidata],
    }


def _cell(value: object) -> str:
    if isinstance(value, (list, tuple, dict)):
        value = "; ".join(map(str, value)) or None
    # Tabs and line breaks would end the cell.
    return " ".join(str(value).split())
