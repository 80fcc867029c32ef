"""Writes a dossier: records as JSONL, who met whom, events, tables, and a page."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from summarize.across_articles import tables
from summarize.across_articles.event_files import (
    CAMEO,
    FTM,
    PLOVER,
    PLOVER_TABLE,
    POLECAT,
    write_event_files,
)
from summarize.across_articles.follow_ups import follow_ups_of
from summarize.across_articles.html import LatestMeetings, write_page
from summarize.across_articles.plover_parties import Party, party_of
from summarize.across_articles.records import ActorRecord, MeetingRecord
from summarize.across_articles.store import Store
from summarize.report.parquet_tables import parquet_table
from summarize.report.table_files import protected

__all__ = ["ACTORS", "FILES", "MEETINGS", "MORE_FILES", "MoreFormat", "write_outputs"]

ACTORS, MEETINGS, MET, NETWORK = "actors.jsonl", "meetings.jsonl", "met.csv", "network.graphml"
PAGE = "dossier.html"
FILES = (ACTORS, MEETINGS, MET, NETWORK, PLOVER, PLOVER_TABLE, PAGE)
MoreFormat: TypeAlias = Literal["polecat", "cameo", "ftm", "parquet"]
_PARQUET = ("meetings.parquet", "actors.parquet", "met.parquet")
MORE_FILES: dict[MoreFormat, tuple[str, ...]] = {
    "polecat": (POLECAT,),
    "cameo": (CAMEO,),
    "ftm": (FTM,),
    "parquet": _PARQUET,
}
"""What is written on demand."""

# Actors that are kept in memory while events are written: most meetings are of few.
_MAX_PARTIES = 10_000
_PAIRS = """
SELECT kind, pair, count(*), min(nullif(day, '')), max(nullif(day, '')), group_concat(id, '; ')
FROM (SELECT p.kind, p.pair, p.day, m.id FROM party p JOIN meeting m ON m.key = p.meeting
    WHERE NOT p.planned ORDER BY p.pair, p.day, m.id)
GROUP BY pair ORDER BY kind DESC, count(*) DESC, pair
"""
# What XML cannot hold.
_CONTROL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="label" for="node" attr.name="label" attr.type="string"/>
<key id="kind" for="node" attr.name="kind" attr.type="string"/>
<key id="weight" for="edge" attr.name="weight" attr.type="int"/>
<key id="first" for="edge" attr.name="first" attr.type="string"/>
<key id="last" for="edge" attr.name="last" attr.type="string"/>
<graph edgedefault="undirected">
"""


def write_outputs(store: Store, folder: Path, also: Collection[MoreFormat] = ()) -> tuple[int, int]:
    """Writes all files into a folder; returns the numbers of meetings and actors."""
    actors = store.each("SELECT record FROM actor ORDER BY name, id")
    number_of_actors = _write_lines(folder / ACTORS, (record for (record,) in actors))
    number_of_meetings = _write_lines(folder / MEETINGS, _meetings(store))
    _write_pairs(_pairs(store), folder)
    _write_events_and_page(store, folder, also)
    if "parquet" in also:
        _write_parquet(store, folder)
    return number_of_meetings, number_of_actors


def _write_pairs(pairs: Iterable[tuple[Any, ...]], folder: Path) -> None:
    """Writes who met whom, as a table and as a network."""
    with (
        (folder / MET).open("w", encoding="utf-8-sig", newline="") as met,
        (folder / NETWORK).open("w", encoding="utf-8") as network,
    ):
        table = csv.writer(met)
        table.writerow(tables.PAIR_COLUMNS)
        network.write(_GRAPHML)
        nodes: set[str] = set()
        for pair in pairs:
            table.writerow([protected(cell) if isinstance(cell, str) else cell for cell in pair])
            network.writelines(_nodes_and_edge(pair, nodes))
        network.write("</graph>\n</graphml>\n")


def _write_events_and_page(store: Store, folder: Path, also: Collection[MoreFormat]) -> None:
    def actor(id_: str) -> ActorRecord | None:
        text = store.value("SELECT record FROM actor WHERE id = ?", id_)
        return ActorRecord.model_validate_json(text) if text else None

    @lru_cache(_MAX_PARTIES)
    def party(id_: str) -> Party | None:
        found = actor(id_)
        return party_of(found) if found else None

    names = [PLOVER, PLOVER_TABLE, *(name for one in also for name in MORE_FILES[one])]
    # Parsed once for both.
    latest = LatestMeetings()
    write_event_files(latest.passing(_records(folder)), party, folder, names)
    with (folder / PAGE).open("w", encoding="utf-8") as stream:
        write_page(stream, latest.meetings, actor, left_out=latest.left_out)


def _records(folder: Path) -> Iterator[MeetingRecord]:
    with (folder / MEETINGS).open(encoding="utf-8") as lines:
        yield from map(MeetingRecord.model_validate_json, lines)


def _write_parquet(store: Store, folder: Path) -> None:
    actors = store.each("SELECT record FROM actor ORDER BY name, id")
    columns = (tables.MEETING_COLUMNS, tables.ACTOR_COLUMNS, tables.PAIR_COLUMNS)
    with ExitStack() as stack:
        adders = [
            stack.enter_context(parquet_table(folder / name, kinds))
            for name, kinds in zip(_PARQUET, columns, strict=True)
        ]
        for meeting in _records(folder):
            adders[0](tables.meeting_row(meeting))
        for (text,) in actors:
            adders[1](tables.actor_row(ActorRecord.model_validate_json(text)))
        for row in _pairs(store):
            adders[2](dict(zip(tables.PAIR_COLUMNS, row, strict=True)))


def _write_lines(path: Path, lines: Iterable[str]) -> int:
    number = 0
    with path.open("w", encoding="utf-8") as stream:
        for line in lines:
            stream.write(f"{line}\n")
            number += 1
    return number


def _meetings(store: Store) -> Iterator[str]:
    """Yields the records in order of time, those without a day last."""
    followed = {key for (key,) in store.each("SELECT DISTINCT meeting FROM follow_up")}
    for key, text in store.each("SELECT key, record FROM meeting ORDER BY day IS NULL, day, id"):
        if key not in followed:
            yield text
            continue
        record = json.loads(text)
        for number, outcome in enumerate(record["outcomes"]):
            found = follow_ups_of(store, key, number)
            outcome["follow_ups"] = [one.model_dump() for one in found]
        yield json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _pairs(store: Store) -> Iterator[tuple[Any, ...]]:
    """Yields who met whom: people, then countries, those that met most often first."""
    names = dict(store.each("SELECT id, name FROM actor WHERE class = 'person'"))
    names |= dict(store.each("SELECT country, name FROM actor WHERE class = 'country'"))
    for kind, pair, number, first, last, ids in store.each(_PAIRS):
        one, other = pair.split(" ")
        yield (
            kind,
            one,
            names.get(one, one),
            other,
            names.get(other, other),
            number,
            first,
            last,
            ids,
        )


def _nodes_and_edge(pair: tuple[Any, ...], nodes: set[str]) -> Iterator[str]:
    """Yields a pair as an edge, behind those of its nodes that are not in the network yet."""
    kind, one, one_name, other, other_name, number, first, last, _ = pair
    for id_, name in ((one, one_name), (other, other_name)):
        if id_ not in nodes:
            nodes.add(id_)
            data = _data(label=name, kind=kind)
            yield f"<node id={quoteattr(id_)}>{data}</node>\n"
    data = _data(weight=number, first=first, last=last)
    yield f"<edge source={quoteattr(one)} target={quoteattr(other)}>{data}</edge>\n"


def _data(**values: object) -> str:
    return "".join(
        f'<data key="{key}">{escape(_CONTROL.sub("", str(value)))}</data>'
        for key, value in values.items()
        if value is not None
    )
