"""Writes the events of a dossier as files that tools of the field read.

PLOVER as JSON Lines and as a flat table, POLECAT's table, CAMEO's pairs, and entities of
FollowTheMoney (followthemoney.tech). Each is written line by line while meetings are read.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

from summarize.across_articles import cameo, polecat
from summarize.across_articles.plover import Event, events_of, to_plover
from summarize.across_articles.plover_parties import Party
from summarize.across_articles.records import MeetingRecord
from summarize.grounding.country_facts import two_letter_code
from summarize.report.table_files import protected
from summarize.schema import MEETING_NAMES

__all__ = ["CAMEO", "FTM", "PLOVER", "PLOVER_TABLE", "POLECAT", "write_event_files"]

PLOVER, PLOVER_TABLE = "plover.jsonl", "plover.csv"
POLECAT, CAMEO, FTM = "polecat.tsv", "cameo.csv", "ftm.jsonl"

_COLUMNS = (
    "id date enddate event mode context quad_code event_scale actor actor_code actor_sector"
    " recipient recipient_code recipient_sector place country link article title publication url"
    " start end quote"
).split()
# Sectors of the state: their organizations are public bodies.
_PUBLIC = frozenset({"GOV", "MIL", "SPY", "COP", "LEG", "JUD"})

PartyOf: TypeAlias = Callable[[str], Party | None]
_Write: TypeAlias = Callable[[Event, dict[str, Any]], object]


def write_event_files(
    meetings: Iterable[MeetingRecord], party: PartyOf, folder: Path, files: Sequence[str]
) -> None:
    """Writes some of the files.

    Args:
        meetings: read once.
        party: returns an actor by its id, as a party to events.
        folder: where to write.
        files: their names.
    """
    with ExitStack() as stack:
        opened = {
            name: stack.enter_context((folder / name).open("w", encoding=encoding, newline=""))
            for name, encoding in _ENCODINGS.items()
            if name in files
        }
        writers: list[_Write] = [_MAKERS[name](opened[name]) for name in opened if name in _MAKERS]
        told: set[str] = set()
        for meeting in meetings:
            for event in events_of(meeting, party):
                record = to_plover(event)
                for write in writers:
                    write(event, record)
            if FTM in opened:
                for entity in _entities(meeting, party, told):
                    opened[FTM].write(_line(entity))


# The byte order mark is for Excel; POLECAT's own file has none.
_ENCODINGS = {
    PLOVER: "utf-8",
    PLOVER_TABLE: "utf-8-sig",
    POLECAT: "utf-8",
    CAMEO: "utf-8-sig",
    FTM: "utf-8",
}


def _plover(stream: Any) -> _Write:
    return lambda _, record: stream.write(_line(record))


def _plover_table(stream: Any) -> _Write:
    table = csv.DictWriter(stream, _COLUMNS)
    table.writeheader()
    return lambda event, record: table.writerow(_flat(event, record))


def _polecat(stream: Any) -> _Write:
    stream.write("\t".join(polecat.COLUMNS) + "\n")
    return lambda event, _: stream.write("\t".join(polecat.row_of(event).values()) + "\n")


def _cameo(stream: Any) -> _Write:
    table = csv.writer(stream)
    table.writerow(cameo.COLUMNS)
    return lambda event, _: table.writerows(cameo.rows_of(event))


_MAKERS = {PLOVER: _plover, PLOVER_TABLE: _plover_table, POLECAT: _polecat, CAMEO: _cameo}


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _flat(event: Event, record: dict[str, Any]) -> dict[str, object]:
    """Returns an event as a row of the flat table; lists are in one cell, in the same order."""
    place, cited = record["event_loc"] or {}, record["cite_info"]
    values = {**record, **cited, **record["text_info"], "article": cited["citation"]}
    for side in ("actor", "recipient"):
        for column, field in (("", "entity_text"), ("_code", "code"), ("_sector", "sector")):
            values[f"{side}{column}"] = [entity[field] or "" for entity in record[side]]
    values |= {"place": place.get("extracted_place"), "country": place.get("country_code")}
    values["quote"] = event.quote.text
    return {column: _cell(values[column]) for column in _COLUMNS}


def _cell(value: object) -> object:
    if isinstance(value, list):
        value = "; ".join(value)
    return protected(value) if isinstance(value, str) else value


# FollowTheMoney


def _entities(meeting: MeetingRecord, party: PartyOf, told: set[str]) -> Iterator[dict[str, Any]]:
    """Yields those of the participants that were not told yet, and the meeting."""
    involved = [one for id_ in meeting.participants if (one := party(id_))]
    for one in involved:
        if one.actor and one.actor.id not in told:
            told.add(one.actor.id)
            yield _actor_entity(one)
    who = ", ".join(one.name for one in involved)
    addresses = [r.source for r in meeting.reports if (r.source or "").startswith("http")]
    first, last = meeting.window or (None, None)
    yield _entity(
        meeting.id,
        "Event",
        name=[f"{MEETING_NAMES[meeting.type]}: {who}" if who else MEETING_NAMES[meeting.type]],
        date=[meeting.day],
        startDate=[first if not meeting.day else None],
        endDate=[last if not meeting.day else None],
        location=meeting.places,
        country=map(two_letter_code, meeting.countries),
        involved=[one.actor.id for one in involved if one.actor],
        summary=["planned" if meeting.when == "planned" else None],
        keywords=[topic.topic for topic in meeting.topics],
        description=[outcome.description for outcome in meeting.outcomes],
        sourceUrl=addresses,
        publisher=[report.outlet for report in meeting.reports],
    )


def _actor_entity(party: Party) -> dict[str, Any]:
    actor = party.actor
    assert actor is not None  # noqa: S101  it has an id
    is_public = actor.kind == "country" or not _PUBLIC.isdisjoint(party.sectors)
    schema = "Person" if actor.kind == "person" else "PublicBody" if is_public else "Organization"
    offices = [office.title for office in actor.offices] if actor.kind == "person" else []
    return _entity(
        actor.id,
        schema,
        name=[actor.name],
        alias=[one.name for one in actor.spellings if one.name != actor.name],
        country=[two_letter_code(actor.country) if actor.country else None],
        position=offices,
        wikidataId=[actor.wikidata],
    )


def _entity(id_: str, schema: str, **properties: Iterable[str | None]) -> dict[str, Any]:
    values = {name: [v for v in dict.fromkeys(given) if v] for name, given in properties.items()}
    return {"id": id_, "schema": schema, "properties": {k: v for k, v in values.items() if v}}
