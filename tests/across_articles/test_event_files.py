"""The files of events: what other tools read in them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from dossier_records import actor, meeting, outcome
from meeting_summaries import meeting_summary
from pyarrow import parquet

from summarize import dossier
from summarize.across_articles import cameo, polecat
from summarize.across_articles.event_files import (
    CAMEO,
    FTM,
    PLOVER,
    PLOVER_TABLE,
    POLECAT,
    write_event_files,
)
from summarize.across_articles.outputs import FILES, MORE_FILES, PAGE
from summarize.across_articles.plover_parties import party_of

ACTORS = (
    actor("a1", "İbrahim Kalın", "TUR", "intelligence chief", spellings=("Kalin",), wikidata="Q1"),
    actor("a2", "Ahmad al-Sharaa", "SYR", "President"),
    actor("a3", "Foreign Ministry", "XKX", kind="organization"),
    actor("a4", "=cmd\t\nLtd", kind="organization"),
)
TABLES = ("meetings", "actors", "met")
PARTIES = {one.id: party_of(one) for one in ACTORS}
MEETINGS = (
    meeting(
        "a1 a2",
        "Kalın visited\tDamascus.",
        id_="m1",
        type_="visit",
        place="Damascus",
        countries="SYR TUR",
        topics=("the fight against terror",),
        outcomes=(outcome("agreement", "Kalın and Sharaa signed an accord.", ("a1", "a2")),),
    ),
    meeting("a1 a3 a4", id_="m2", day=None, window=("2025-09-01", "2025-09-03")),
)


def written(folder: Path, *files: str) -> dict[str, str]:
    write_event_files(MEETINGS, PARTIES.get, folder, files)
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    return {name: (folder / name).read_text(encoding="utf-8") for name in files}


def test_only_the_files_that_are_asked_for_and_all_of_them_at_once(tmp_path: Path) -> None:
    made = written(tmp_path, PLOVER, PLOVER_TABLE, POLECAT, CAMEO, FTM)
    records = [json.loads(line) for line in made[PLOVER].splitlines()]
    assert [(one["id"], *one["event"]) for one in records] == [
        ("m1-1", "CONSULT"),
        ("m1-2", "SUPPORT"),
        ("m2-1", "CONSULT"),
    ]
    rows = list(csv.DictReader(made[PLOVER_TABLE].removeprefix("\ufeff").splitlines()))
    assert [row["id"] for row in rows] == [one["id"] for one in records]
    assert rows[0]["actor"] == "İbrahim Kalın"
    assert rows[0]["actor_sector"] == "SPY"
    assert rows[0]["quote"] == "Kalın visited\tDamascus."
    lines = made[POLECAT].splitlines()
    assert lines[0].split("\t") == list(polecat.COLUMNS)
    assert {len(line.split("\t")) for line in lines} == {40}
    assert len(lines) == 1 + len(records)
    pairs = list(csv.reader(made[CAMEO].removeprefix("\ufeff").splitlines()))
    assert pairs[0] == list(cameo.COLUMNS)
    assert ["m1-1", "2025-09-17", "TURSPY", "SYRGOV", "042", "m1"] in pairs


def test_entities_of_follow_the_money(tmp_path: Path) -> None:
    lines = written(tmp_path, FTM)[FTM].splitlines()
    entities = {one["id"]: one for one in map(json.loads, lines)}
    assert len(entities) == len(lines) == 6
    assert entities["a1"] == {
        "id": "a1",
        "schema": "Person",
        "properties": {
            "name": ["İbrahim Kalın"],
            "alias": ["Kalin"],
            "country": ["tr"],
            "position": ["intelligence chief"],
            "wikidataId": ["Q1"],
        },
    }
    assert entities["a3"]["schema"] == "PublicBody"
    assert entities["a3"]["properties"]["country"] == ["xk"]
    assert entities["a4"]["schema"] == "Organization"
    visit = entities["m1"]
    assert visit["schema"] == "Event"
    assert visit["properties"]["name"] == ["Visit: İbrahim Kalın, Ahmad al-Sharaa"]
    assert visit["properties"]["involved"] == ["a1", "a2"]
    assert visit["properties"]["country"] == ["sy", "tr"]
    assert visit["properties"]["date"] == ["2025-09-17"]
    assert entities["m2"]["properties"]["startDate"] == ["2025-09-01"]
    # What an entity refers to stands before it.
    assert [json.loads(line)["id"] for line in lines] == ["a1", "a2", "m1", "a3", "a4", "m2"]


def test_a_dossier_has_the_page_and_what_was_asked_for(tmp_path: Path) -> None:
    summaries = [
        meeting_summary("n1", ["Hakan Fidan, TUR", "Sergei Lavrov, RUS"], published="2026-03-02"),
        meeting_summary("n2", ["Hakan Fidan, TUR", "Marco Rubio, USA"], published="2026-03-05"),
    ]
    made = dossier(summaries, tmp_path / "plain")
    assert {file.name for file in made.folder.iterdir()} == {*FILES, "dossier.sqlite"}
    events = (made.folder / PLOVER).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in events] == [["CONSULT"]] * 2
    page = (made.folder / PAGE).read_text(encoding="utf-8")
    assert all(f'"id":"{meeting.id}"' in page for meeting in made.meetings)

    made = dossier(summaries, tmp_path / "more", also=tuple(MORE_FILES))
    more = {name for names in MORE_FILES.values() for name in names}
    assert {file.name for file in made.folder.iterdir()} == {*FILES, *more, "dossier.sqlite"}
    tables = {name: parquet.read_table(made.folder / f"{name}.parquet") for name in TABLES}
    assert tables["meetings"].column("id").to_pylist() == [one.id for one in made.meetings]
    assert tables["actors"].num_rows == made.actor_count
    assert tables["met"].column("meetings").to_pylist() == [1] * 4
