"""Records: everything that is an input, in order, and what is wrong told in its place."""

from __future__ import annotations

import csv
import errno
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from summarize import summarize_article
from summarize.article.article import Article
from summarize.errors import DuplicateIdError, InputError
from summarize.sources.folders import FileTree
from summarize.sources.inputs import Record, count_records, read_records, records_of

TEXT = "The ministers met in Oslo."
GOOD = b'{"text": "The ministers met in Oslo."}'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, data: bytes | str = TEXT) -> str:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def line(**fields: Any) -> bytes:
    return json.dumps({"text": TEXT, **fields}).encode() + b"\n"


def of_records(text: str, *, file: str = "news.jsonl", **fields: str) -> Article:
    """The article of a record in a file, which is its source if it has no address."""
    return Article(text, **{"source": file, **fields}, records=file)  # type: ignore[arg-type]


def ids(records: Iterator[Record]) -> list[str]:
    """The ids, of articles all."""
    return [record.article.id for record in records if not record.error and record.article]


def errors(records: Iterator[Record]) -> list[tuple[str, str]]:
    """Id and message of each, of errors all."""
    return [(record.id, str(record.error)) for record in records if record.article is None]


# JSON lines


def test_a_line_gives_an_article_with_its_fields() -> None:
    fields = {"id": "a1", "title": "T", "url": "https://x.org/1", "published": "2024-03-05"}
    write("news.jsonl", line(**fields, outlet="O", more={"of": [1]}))
    (record,) = read_records(["news.jsonl"])
    assert record == Record(
        "a1",
        Article(
            TEXT,
            id="a1",
            source="https://x.org/1",
            title="T",
            outlet="O",
            published="2024-03-05",
            records="news.jsonl",
        ),
        None,
    )


def test_fields_that_say_nothing_are_missing() -> None:
    write("news.jsonl", line(id=None, title=None, url="", published=" ", outlet=None))
    (record,) = read_records(["news.jsonl"])
    assert record.article == of_records(TEXT, id="news:1")


@pytest.mark.parametrize("nothing", ["NaN", " nan ", "None", "NULL", "N/A", "<NA>"])
def test_what_tables_write_for_nothing_is_missing(nothing: str, tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text(f'text,title,outlet\n"{TEXT}",{nothing},{nothing}\n', encoding="utf-8")
    (record,) = read_records([path])
    assert record.article is not None
    assert (record.article.title, record.article.outlet) == (None, None)


def test_ids_are_text_and_missing_ones_tell_the_line() -> None:
    lines = [line(id=7), b" \r\n", line(), line(id=""), line(id=" "), line(id="7a"), line(id=-7)]
    write("news.jsonl", b"".join(lines))
    assert ids(read_records(["news.jsonl"])) == ["7", "news:3", "news:4", "news:5", "7a", "-7"]


def test_half_characters_are_replaced_but_in_the_text() -> None:
    write("news.jsonl", rb'{"text": "a", "id": "x\ud800", "title": "\udc00y", "url": "\ud83d"}')
    (record,) = read_records(["news.jsonl"])
    assert record.article == of_records("a", id="x\ufffd", title="\ufffdy", source="\ufffd")


def test_only_line_feeds_end_lines() -> None:
    text = "one\u2028two\u0085three\u2029\x7f"
    data = json.dumps({"text": text}, ensure_ascii=False).encode()
    write("news.ndjson", b"\xef\xbb\xbf" + data + b"\r\n\x0b\x0c\r\n\n" + GOOD)
    first, second = read_records(["news.ndjson"])
    assert first.article == of_records(text, id="news:1", file="news.ndjson")
    assert second.id == "news:4"


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"\xef\xbb\xbf\n"])
def test_an_empty_file_of_lines_has_no_records(data: bytes) -> None:
    write("news.jsonl", data)
    assert list(read_records(["news.jsonl"])) == []
    assert count_records(["news.jsonl"]) == 0


BAD_LINES: list[tuple[bytes, str]] = [
    (b'{"text": "a"', "is not JSON (expecting ',' delimiter at column 13); write one object a"),
    (b'{"text": "a', "is not JSON (unterminated string starting at column 10)"),
    (b"[1]", 'is no object; write {"text": "…"}'),
    (b"[" * 100_000, "is nested too deeply"),
    (b'{"text": "a", "id": ' + b"9" * 5000 + b"}", "holds a number of too many digits"),
    (b'{"text": null}', "'text' is missing"),
    (b'{"text": 5}', "'text' is not a string"),
    (b'{"text": " \\n\\t"}', "the text is empty; give the text of an article"),
    (b'{"text": "a\\ud800"}', "the text holds half a character (a lone surrogate) at offset 1"),
    (b'{"text": "a", "id": true}', "'id' is not a string or an integer; change it, or leave it"),
    (b'{"text": "a", "title": 1}', "'title' is not a string; change it, or leave it out"),
    (b'{"text": "\xfe"}', "is not UTF-8 (byte 0xfe at offset 10); convert it: iconv -f"),
    (b"\x00{", "is binary, not text; write one object a line"),
    ("\ufeff".encode(), "is empty; write one object a line"),
]


@pytest.mark.parametrize(("bad", "says"), BAD_LINES)
def test_a_bad_line_is_told_and_costs_no_other(bad: bytes, says: str) -> None:
    write("news.jsonl", b"\n".join([GOOD, b"", bad, GOOD]))
    before, record, after = read_records(["news.jsonl"])
    assert (before.id, after.id) == ("news:1", "news:4")
    assert (record.id, record.article, type(record.error)) == ("news:3", None, InputError)
    assert str(record.error).startswith(f"news.jsonl, line 3: {says}")
    assert record.error is not None
    assert record.error.hint


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_file_in_another_encoding_is_one_record(encoding: str) -> None:
    write("news.jsonl", "\n".join([GOOD.decode()] * 3).encode(encoding))
    ((id_, error),) = errors(read_records(["news.jsonl"]))
    assert id_ == "news"
    assert error.startswith(f"news.jsonl: is {encoding.upper()}, not UTF-8; convert it: iconv")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
fields = st.sampled_from(
    [
        "id",
        "text",
        "title",
        "url",
        "published",
        "outlet",
        "other",
        "content",
        "_id",
        "date",
        "source",
    ]
)
objects = st.dictionaries(fields, values | st.text(st.characters(categories=["Cs", "L"])))
json_lines = st.builds(
    lambda value, is_ascii: json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "replace"),
    objects | values,
    st.booleans(),
)
damaged = st.builds(lambda data, at, more: data[:at] + more, json_lines, st.integers(), st.binary())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary() | json_lines | damaged, max_size=8))
def test_any_bytes_give_a_record_a_line(lines: list[bytes]) -> None:
    data = b"\n".join([b"{}", *lines])
    expected = sum(bool(part.strip()) for part in data.split(b"\n"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "news.jsonl"
        path.write_bytes(data)
        records = list(read_records([path]))
        assert count_records([path]) == expected
    assert len(records) == expected
    for record in records:
        check(record)
    unique = [record.id for record in records if not record.is_repeated]
    assert len({*unique}) == len(unique)


def check(record: Record) -> None:
    """What holds for every record."""
    assert (record.article is None) != (record.error is None)
    record.id.encode("utf-8")
    assert record.id.strip()
    if record.article is not None:
        assert record.article.id == record.id
        repr(record.article).encode("utf-8")
    else:
        assert "\n" not in str(record.error)
        assert record.error is not None
        assert record.error.hint


# Files


def test_a_text_file_is_an_article_as_it_stands() -> None:
    write("a b.TXT", "\ufeffOne.\r\nTwo.")
    (record,) = read_records([Path("a b.TXT")])
    assert record == Record("a b", Article("\ufeffOne.\r\nTwo.", id="a b", source="a b.TXT"), None)


def test_a_json_file_is_an_object_or_an_array() -> None:
    write("one.json", b"\xef\xbb\xbf" + line())
    write("named.JSON", line(id=4))
    write("many.json", json.dumps([{"text": TEXT}, 5, {"text": TEXT, "id": "x"}]))
    write("none.json", "[]")
    records = list(read_records(["one.json", "named.JSON", "many.json", "none.json"]))
    assert [record.id for record in records] == ["one", "4", "many:1", "many:2", "x"]
    assert errors(iter(records)) == [
        ("many:2", 'many.json, record 2: is no object; write {"text": "…"}')
    ]


@pytest.mark.parametrize(
    ("wrapped", "found"),
    [
        ({"status": "ok", "articles": [{"content": "A"}, {"text": "B"}]}, ["A", "B"]),
        ({"tags": ["x"], "hits": [{"body": "A"}]}, ["A"]),
        ({"content": [{"text": "A"}]}, ["A"]),
        ({"articles": []}, []),
        # Records themselves, whatever else they hold.
        ({"text": "A", "data": [{"text": "B"}]}, ["A"]),
        ({"body": "A", "places": [{"name": "Oslo"}]}, ["A"]),
    ],
)
def test_an_object_may_wrap_the_records(wrapped: dict[str, Any], found: list[str]) -> None:
    write("news.json", json.dumps(wrapped))
    records = list(read_records(["news.json"]))
    assert [record.article.text for record in records if record.article] == found
    assert len(records) == len(found)
    assert count_records(["news.json"]) in {None, len(found)}


def test_what_an_article_of_another_make_holds_is_no_articles() -> None:
    paragraphs = {"title": "Talks", "paragraphs": [{"text": "They met."}, {"text": "It rained."}]}
    write("news.json", json.dumps(paragraphs))
    assert errors(read_records(["news.json"])) == [
        ("news", "news.json: 'text' is missing; give the text of an article")
    ]


def test_what_data_frames_write_is_understood() -> None:
    row = {"id": 17.0, "text": "They met.", "title": math.nan, "url": math.nan, "date": math.nan}
    write("frame.jsonl", f"{json.dumps(row)}\n")
    (record,) = read_records(["frame.jsonl"])
    assert record.id == "17"
    assert record.article
    assert (record.article.title, record.article.source) == (None, "frame.jsonl")
    outlet = {"text": "They met.", "outlet": {"id": "x", "name": "Fjord Times"}}
    (record,) = records_of([outlet])
    assert record.article
    assert record.article.outlet == "Fjord Times"


def test_a_json_file_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("summarize.sources.record_files._MAX_DOCUMENT", 1_000_000)
    write("news.json", json.dumps([{"text": TEXT, "more": "x" * 1_000_000}]))
    ((_, error),) = errors(read_records(["news.json"]))
    assert error == "news.json: is larger than 1 MB; write one object a line into a .jsonl file"


# What fields are called elsewhere


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        # As in Hugging Face's datasets, NewsAPI, news-please, RSS, and dumps of MongoDB.
        ({"article": TEXT, "id": "a"}, {"id": "a"}),
        (
            {
                "source": {"id": None, "name": "Post"},
                "url": "u",
                "publishedAt": "a",
                "content": TEXT,
            },
            {"source": "u", "outlet": "Post", "published": "a"},
        ),
        (
            {"maintext": TEXT, "date_publish": "2024-03-05 01:02", "source_domain": "x.org"},
            {"outlet": "x.org", "published": "2024-03-05 01:02"},
        ),
        (
            {"headline": "T", "link": "u", "pubDate": "Tue, 05 Mar 2024", "body": TEXT, "uid": 7},
            {"id": "7", "title": "T", "source": "u", "published": "Tue, 05 Mar 2024"},
        ),
        ({"text": TEXT, "seendate": "20240305T101500Z"}, {"published": "20240305T101500Z"}),
        ({"text": TEXT, "published": 20240305101500.0}, {"published": "20240305101500"}),
        # Our own names come first, then the others in their order; empty ones are passed over.
        ({"text": TEXT, "content": "C", "body": "B"}, {}),
        ({"text": " ", "content": None, "body": TEXT}, {}),
        ({"text": TEXT, "_id": "c", "uid": "b", "id": " "}, {"id": "b"}),
        # What is of another type there is something else.
        ({"text": TEXT, "source": 5, "date": {"y": 1}, "_id": {"$oid": "x"}}, {}),
        ({"article": {"name": "A"}, "content": TEXT}, {}),
    ],
)
def test_fields_by_other_names(fields: dict[str, Any], found: dict[str, str]) -> None:
    write("news.jsonl", json.dumps(fields))
    (record,) = read_records(["news.jsonl"])
    assert record.article == of_records(TEXT, **{"id": "news:1", **found})


def test_what_wordpress_answers_is_read() -> None:
    post = {
        "id": 17,
        "date": "2025-03-05T09:00:00",
        "guid": {"rendered": "https://example.org/?p=17"},
        "link": "https://example.org/talks/",
        "title": {"rendered": "Norway&#8217;s &#038; Finland&amp;#8217;s <em>ministers</em>"},
        "content": {"rendered": "<p>They met&#8230;</p>", "protected": False},
        "categories": [1, 2],
        "tags": [],
    }
    wanted = Article(
        "<p>They met&#8230;</p>",
        id="17",
        title="Norway’s & Finland’s ministers",
        source="https://example.org/talks/",
        published="2025-03-05T09:00:00",
        records="posts.json",
    )
    for given_posts in (post, [post], {"posts": [post]}):
        write("posts.json", json.dumps(given_posts))
        assert [record.article for record in read_records(["posts.json"])] == [wanted]
    (record,) = records_of([{"text": {"rendered": " "}, "title": "T"}])
    assert str(record.error).startswith("record 1: the text is empty")
    (record,) = records_of([{"text": TEXT, "title": {"words": "T"}}])
    assert str(record.error).startswith("record 1: 'title' is not a string")


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("AT&T, R&D; Q&A", "AT&T, R&D; Q&A"),
        ("  Talks  ", "  Talks  "),
        ("B&oslash;rresen&nbsp;in <b>Oslo</b>", "Børresen in Oslo"),
        ("<b></b>", "<b></b>"),
    ],
)
def test_a_headline_in_html_is_words(title: str, read: str) -> None:
    (record,) = records_of([{"text": TEXT, "title": title}])
    assert record.article
    assert record.article.title == read


def test_html_in_a_record_stays_as_it_is() -> None:
    text = "<p>The ministers met.</p>"
    (record,) = records_of([{"content": text}])
    assert record.article == Article(text, id="record:1")


# Pages

PAGES = Path(__file__).parents[1] / "pages"


def test_pages_stand_beside_texts() -> None:
    for name in ("newspaper.html", "readout.htm"):
        write(f"news/{name}", (PAGES / name).read_bytes())
    write("news/plain.txt")
    write("news/strict.xhtml", (PAGES / "bare.html").read_bytes())
    write("news/menu.html", "<nav>Home</nav>")
    records = {record.id: record for record in read_records(["news"])}
    assert list(records) == ["menu", "newspaper", "plain", "readout", "strict"]
    assert "news/menu.html: no article was found" in str(records["menu"].error)
    page = records["newspaper"].article
    assert page is not None
    assert page.text.startswith("Norwegian and Kenyan ministers agree")
    assert page.info.text == page.text
    assert records["plain"].article == Article(TEXT, id="plain", source="news/plain.txt")


def test_what_a_browser_saved_with_a_page_is_left_out() -> None:
    write("news/talks.html", (PAGES / "newspaper.html").read_bytes())
    write("news/talks_files/frame.html", "<p>Buy now.</p>")
    write("news/talks_files/style.css")
    write("news/my_files/a.txt")
    told: list[str] = []
    assert ids(read_records(["news"], on_skipped=told.append)) == ["a", "talks"]
    assert told == ["news: 1 file skipped (saved with a page)"]
    assert ids(read_records(["news/**/*.txt"])) == ["a"]


def test_files_that_cannot_be_read_are_records() -> None:
    write("lines.json", GOOD + b"\n" + GOOD)
    write("empty.json", "")
    write("deep.json", "[" * 100_000)
    write("binary.pdf", b"%PDF\0")
    write("blank.txt", " \n")
    names = ["lines.json", "empty.json", "deep.json", "binary.pdf", "blank.txt"]
    found = dict(errors(read_records(names)))
    assert list(found) == ["lines", "empty", "deep", "binary", "blank"]
    assert "lines.json: is not JSON (extra data at line 2, column 1);" in found["lines"]
    assert found["lines"].endswith("one object a line is for .jsonl")
    assert "empty.json: is empty; give an object or an array" in found["empty"]
    assert "deep.json: is nested too deeply" in found["deep"]
    assert "binary.pdf: is binary, not text" in found["binary"]
    assert "blank.txt: is empty" in found["blank"]


def test_files_that_vanish_are_records() -> None:
    names = [write("a.txt"), write("b.json", "{}"), write("c.jsonl", GOOD), write("d/e/f.txt")]
    write("d/g.txt")
    records = read_records([*names[:3], "d"])
    assert next(records).id == "a"
    Path("b.json").unlink()
    Path("c.jsonl").unlink()
    Path("d/e/f.txt").unlink()
    assert [(record.id, str(record.error)) for record in records] == [
        ("b", "b.json: no such file; check the path"),
        ("c", "c.jsonl: no such file; check the path"),
        ("g", "None"),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_names_that_are_no_text() -> None:
    path = os.fsdecode(b"\xfe\xff.jsonl")
    write(path, GOOD)
    assert ids(read_records([path])) == ["\ufffd\ufffd:1"]


# Inputs that are not there


MISSING: list[tuple[Sequence[str], str]] = [
    (["a.txt", "none.txt"], "none.txt: no such file; check the path"),
    ([""], "the path of an input is empty; check the path"),
    (["a\0b"], "cannot be read (embedded null byte); check the path"),
    (["a.txt/below"], "below: cannot be read (Not a directory)"),
    (["x" * 300], "cannot be read (File name too long)"),
    (["https://example.org/?a=*"], "is an address; save the pages to a folder; summarize article"),
    (["*.md"], "*.md: matches no file; * stands for a part of a name, ** for folders"),
    (["empt?"], "empt?: matches no file"),
    (["empty"], "empty: holds no articles; its files have to end in one of .csv .htm .html .json"),
    (["-", "a.txt", "-"], "standard input: is named more than once; name it once"),
]


@pytest.mark.parametrize(("inputs", "says"), MISSING)
def test_inputs_that_are_not_there_are_told_at_once(inputs: Sequence[str], says: str) -> None:
    write("a.txt")
    Path("empty").mkdir()
    write("tables/a.xlsx")
    with pytest.raises(InputError) as reading:
        read_records(inputs)
    assert says in str(reading.value)
    with pytest.raises(InputError) as counting:
        count_records(inputs)
    assert str(counting.value) == str(reading.value)


def test_nothing_is_read_before_the_first_record_is_wanted() -> None:
    records = read_records([write("news.jsonl", b"\xfe")])
    write("news.jsonl", GOOD)
    assert ids(records) == ["news:1"]


# Folders


def test_a_folder_is_read_in_the_order_of_names() -> None:
    write("news/b.txt")
    write("news/a/2.md")
    write("news/a/10.HTML")
    write("news/a/lines.jsonl", line(id="x") + line())
    write("news/c.json", json.dumps([{"text": TEXT}]))
    write("top.txt")
    wanted = ["10", "2", "x", "lines:2", "b", "c:1", "top"]
    assert ids(read_records(["news", "top.txt"])) == wanted
    assert ids(read_records(["news/", "top.txt"])) == wanted
    (first, *_) = read_records([Path("news")])
    assert first.article is not None
    assert first.article.source == str(Path("news/a/10.HTML"))


def test_what_a_folder_leaves_out_is_told_once() -> None:
    for name in (
        "a.txt",
        "b.pdf",
        "deep/c.pdf",
        "deep/d.XLSX",
        ".hidden.txt",
        ".git/x.txt",
        "Make",
    ):
        write(f"news/{name}")
    write("more/a1.txt")
    write("more/b.xlsx")
    told: list[str] = []
    records = read_records(["news", "more", write("c.log")], on_skipped=told.append)
    assert ids(records) == ["a", "a1", "c"]
    assert told == [
        "news: 5 files skipped (.pdf, .xlsx, hidden, no ending)",
        "more: 1 file skipped (.xlsx)",
    ]


def test_links_are_followed_but_not_around() -> None:
    write("news/a.txt")
    write("elsewhere/b.txt")
    Path("news/loop").symlink_to(Path("..") / "news")
    Path("news/loop2").symlink_to(".")
    Path("news/more").symlink_to(Path("..") / "elsewhere")
    Path("elsewhere/back").symlink_to(Path("..") / "news")
    Path("news/self.txt").symlink_to("self.txt")
    told: list[str] = []
    assert ids(read_records(["news"], on_skipped=told.append)) == ["a", "b"]
    assert told == ["news: 1 file skipped (no regular file)"]
    assert sorted(ids(read_records(["news/**/*.txt"]))) == ["a", "b"]


def test_a_pipe_in_a_folder_is_not_waited_for() -> None:
    write("news/a.txt")
    os.mkfifo("news/pipe.txt")
    assert ids(read_records(["news"])) == ["a"]


def test_a_folder_may_be_deep() -> None:
    folders = [Path("news", *["d"] * depth) for depth in range(300)]
    for folder in folders:
        folder.mkdir()
    last = Path(write(str(folders[-1] / "a.txt")))
    try:
        assert ids(read_records(["news"])) == ["a"]
    finally:
        # Deeper than what removes the others' folders gets.
        last.unlink()
        for folder in reversed(folders):
            folder.rmdir()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_a_record() -> None:
    write("news/a.txt")
    Path("news/secret").mkdir(mode=0)
    last = list(read_records(["news"]))[-1]
    assert (last.id, last.article) == ("secret", None)
    assert "news/secret: cannot be read (Permission denied)" in str(last.error)


def test_a_folder_that_may_be_listed_but_not_entered_costs_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths = [write("news/a.txt"), write("news/closed/b.txt"), write("news/z.txt")]

    def closed(look: Any, path: Any, **more: Any) -> Any:
        if "closed/" in os.fspath(path):
            raise PermissionError(errno.EACCES, "Permission denied")
        return look(path, **more)

    # Root may enter every folder.
    for name in ("stat", "lstat"):
        monkeypatch.setattr(os, name, partial(closed, getattr(os, name)))
    assert list(map(str, FileTree(Path("news")).files(print))) == paths


# Patterns


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.txt", ["1"]),
        ("news/*.txt", ["2", "3"]),
        ("news/*", ["2", "3", "table"]),
        ("news/**/*.txt", ["5", "2", "3", "4"]),
        ("news/**", ["5", "2", "3", "4", "table"]),
        ("**/deep/**/[4-9].txt", ["5", "4"]),
        ("news/.*.txt", [".hidden"]),
        ("news/**/.secret/*", ["6"]),
        ("news/[!2].txt", ["3"]),
    ],
)
def test_a_pattern_names_files(pattern: str, found: list[str]) -> None:
    for name in ("1", "news/3", "news/2", "news/0/deep/5", "news/deep/4", "news/.hidden"):
        write(f"{name}.txt")
    write("news/table.log")
    write("news/.secret/6.txt")
    assert ids(read_records([pattern])) == found
    assert ids(read_records([str(Path.cwd() / pattern)])) == found
    assert count_records([pattern]) == len(found)


def test_a_path_that_exists_is_no_pattern() -> None:
    write("[ab].txt")
    write("a.txt")
    assert ids(read_records(["[ab].txt"])) == ["[ab]"]


# Tables


def table(data: str | bytes, name: str = "news.csv") -> list[Record]:
    write(name, data)
    found = list(read_records([name]))
    assert count_records([name]) == len(found)
    return found


def test_a_row_gives_an_article_with_its_fields() -> None:
    one, two, three = table(
        "id,title,text,Published At,note\n"
        'a1,"T, or ""t""","They met.\r\n\r\nIt rained, too.",2025-03-05,x\n'
        ",,,,\n\n"
        ",,They met again.\n"
        "7, ,Once more., , \n"
    )
    assert one.article == Article(
        "They met.\r\n\r\nIt rained, too.",
        id="a1",
        title='T, or "t"',
        published="2025-03-05",
        source="news.csv",
        records="news.csv",
    )
    assert two.article == of_records("They met again.", id="news:7", file="news.csv")
    assert three.article == of_records("Once more.", id="7", file="news.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("start", ["", "\ufeff\r\n", "sep={}\n", '\ufeff"sep={}"\r\n'])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_marks_and_line_ends(separator: str, start: str, end: str) -> None:
    texts = ["They met, it is said; or not | so.", "One.\tTwo."]
    rows = [
        ["ID", "Headline", "Full text"],
        *(["", f"T{i}", f'"{t}"'] for i, t in enumerate(texts)),
    ]
    lines = end.join(separator.join(row) for row in rows)
    found = table(start.replace("{}", separator) + lines, "news.TSV")
    first = 2 + bool(start.strip("\ufeff"))
    assert [record.id for record in found] == [f"news:{first}", f"news:{first + 1}"]
    assert [record.article and record.article.text for record in found] == texts
    assert [record.article and record.article.title for record in found] == ["T0", "T1"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=5))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_in_a_cell_is_the_text_as_given(texts: list[str]) -> None:
    with Path("news.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "text"])
        writer.writerows([f"a{number}", text] for number, text in enumerate(texts))
    found = {record.id: record for record in read_records(["news.csv"])}
    assert len(found) == len(texts)
    for number, text in enumerate(texts):
        article = found[f"a{number}"].article
        assert article.text == text if article else not text.strip("\ufeff").strip()


HEADERS = [
    ("a,b\n1,2\n", "its first line names no column of texts (a, b); the first line names the"),
    ("They met.\n", "its first line names no column of texts (They met.); the first"),
    (f"{'x' * 99},y\n", f"its first line names no column of texts ({'x' * 80}…); the first"),
    ("text,größe\n".encode("cp1252"), "line 1: is not UTF-8 (byte 0xf6 at offset 6); convert it"),
    ("text\na\n".encode("utf-16"), "is UTF-16, not UTF-8; convert it: iconv -f UTF-16"),
]


@pytest.mark.parametrize(("data", "says"), HEADERS)
def test_a_wrong_header_is_one_error(data: str | bytes, says: str) -> None:
    ((id_, error),) = errors(iter(table(data)))
    assert id_ == "news"
    assert error.removeprefix("news.csv, ").removeprefix("news.csv: ").startswith(says)
    assert error.startswith("news.csv")


BAD_ROWS = [
    (
        b"x,a \x92 b",
        "is not UTF-8 (byte 0x92 at offset 3); convert it: iconv -f WINDOWS-1252",
    ),
    (b"x,a\0b", "is binary, not text"),
    (b'x,"The ministers" met', "a quote closes within a cell; close it, or double the quotes"),
    (b"x,a,b", "has 3 cells, the first line 2; put a cell in quotes"),
    (b"x,", "'text' is missing; give the text of an article"),
]


@pytest.mark.parametrize(("bad", "says"), BAD_ROWS)
def test_a_bad_row_is_told_and_costs_no_other(bad: bytes, says: str) -> None:
    before, record, after = table(b"id,text\n,They met.\n" + bad + b"\n,They met.,\n")
    assert (before.id, after.id) == ("news:2", "news:4")
    assert (before.error, after.error) == (None, None)
    assert str(record.error).startswith(f"news.csv, line 3: {says}")


def test_a_quote_that_is_closed_nowhere_is_told() -> None:
    good, bad = table('text\nThe 5" gun\n"They met.\nIt rained.\n')
    assert good.article
    assert good.article.text == 'The 5" gun'
    assert str(bad.error) == (
        "news.csv, line 3: a quote opens that is closed nowhere; close it, or double the quotes "
        "that are part of a cell"
    )


def test_a_cell_may_be_large(monkeypatch: pytest.MonkeyPatch) -> None:
    large = "They met. " * 100_000
    (record,) = table(f"text,id\n{large},a\n")
    assert record.article
    assert record.article.text == large
    monkeypatch.setattr("summarize.sources.record_files._MAX_CELL", 1000)
    write("news.csv", f'text\na\n"{large}\n')
    good, bad = read_records(["news.csv"])
    assert (good.id, bad.id) == ("news:2", "news:3")
    assert "line 3: a quote opens that is closed nowhere" in str(bad.error)


@pytest.mark.parametrize("data", ["", "\n\n", "\ufeff", "id,text\n", "text"])
def test_a_table_may_have_no_rows(data: str) -> None:
    assert table(data) == []


def test_python_may_give_the_path_of_a_file_of_records() -> None:
    write("news.csv", "id,text\na,They met.\nb,They met again.\n")
    assert ids(records_of([Path("news.csv"), {"text": "More."}])) == ["a", "b", "record:2"]
    with pytest.raises(InputError, match=r"news\.csv: holds records, not one article; give it to"):
        summarize_article(Path("news.csv"))


# Counting


def test_counting_what_there_is() -> None:
    write("news/a.txt")
    write("news/deep/b.jsonl", GOOD + b"\n\n \n" + b"broken\n" + GOOD)
    write("news/c.json", b"\n " + GOOD)
    write("news/d.log")
    assert count_records(["news", "news/d.log", "news/*.txt"]) == 7
    assert count_records([]) == 0


def test_counting_what_only_reading_tells() -> None:
    os.mkfifo("pipe")
    assert count_records([write("large.json", "[" + " " * 1_000_000 + "]")]) is None
    assert count_records([write("a.txt"), "pipe"]) is None
    assert count_records([write("a.txt"), "-"]) is None


# Pipes and standard input


def test_a_pipe_is_read_as_lines() -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=write, args=("pipe", line() + line(id="x")))
    writer.start()
    assert ids(read_records(["pipe"])) == ["pipe:1", "x"]
    writer.join()


READER = """
from summarize.sources.inputs import read_records
for record in read_records(["-"]):
    print(record.id, record.error, flush=True)
"""


def test_standard_input_gives_each_record_as_it_comes() -> None:
    command = [sys.executable, "-c", READER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        for number in range(1, 4):
            # The next is written only once this one has come back.
            reader.stdin.write(line())
            reader.stdin.flush()
            assert reader.stdout.readline() == f"stdin:{number} None\n".encode()
        reader.stdin.write(b"{")
        reader.stdin.close()
        assert reader.stdout.readline().startswith(b"stdin:4 standard input, line 4: is not JSON")
    assert reader.returncode == 0


def test_standard_input_that_is_closed() -> None:
    command = ["sh", "-c", 'exec "$0" -c "$1" <&-', sys.executable, READER]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == ""
    assert "standard input: is closed; give it one JSON object a line" in done.stderr


# Repeated ids


def test_an_id_that_was_there_before_is_told() -> None:
    write("news.jsonl", line(id="a") + line(id=7) + line(id="7") + line(id="A") + b'{"id": "a"}')
    write("a.txt")
    records = list(read_records(["news.jsonl", "a.txt"]))
    assert [record.is_repeated for record in records] == [False, False, True, False, True, True]
    assert [type(record.error) for record in records[2::2]] == [DuplicateIdError, DuplicateIdError]
    hint = "give each its own id; a file's is its name without the ending"
    assert errors(iter(records)) == [
        ("7", f"news.jsonl, line 3: the id '7' was there before (news.jsonl, line 2); {hint}"),
        ("a", f"news.jsonl, line 5: the id 'a' was there before (news.jsonl, line 1); {hint}"),
        ("a", f"a.txt: the id 'a' was there before (news.jsonl, line 1); {hint}"),
    ]


@given(st.lists(st.text(), max_size=20))
def test_any_text_can_be_an_id(given_ids: list[str]) -> None:
    records = list(records_of({"text": TEXT, "id": id_} for id_ in given_ids))
    known: set[str] = set()
    for id_, record in zip(given_ids, records, strict=True):
        check(record)
        if id_.strip():
            assert record.id == id_
            assert record.is_repeated == (id_ in known)
        known.add(record.id)


def test_records_can_be_taken_from_any_thread() -> None:
    records = read_records([write("news.jsonl", line(id="a") + line(id="b") + line(id="a"))])
    found = [next(records).id]
    reader = threading.Thread(target=lambda: found.extend(ids(records)))
    reader.start()
    reader.join()
    assert found == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("news.jsonl", line(more="x" * 3000) * 3000),
        ("news.csv", "id,text,more\n" + f",They met.,{'x' * 3000}\n" * 3000),
    ],
)
def test_memory_does_not_grow_with_records(name: str, data: bytes | str) -> None:
    records = read_records([write(name, data)])
    next(records)
    tracemalloc.start()
    try:
        assert sum(1 for _ in records) == 2999
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Held whole, it would be nine million bytes.
    assert most < 500_000


# From Python


def test_articles_of_every_kind() -> None:
    write("a.txt")
    article = Article("Other.", id="mine", title="T")
    unnamed = Article("Other.", id="")
    mapping: Mapping[str, object] = MappingProxyType({"text": TEXT, "url": "u", "other": 1})
    records = list(records_of([TEXT, Path("a.txt"), article, mapping, unnamed]))
    assert [record.article for record in records] == [
        Article.of(TEXT),
        Article(TEXT, id="a", source="a.txt"),
        article,
        Article(TEXT, id="record:4", source="u"),
        Article("Other.", id="record:5"),
    ]
    assert records[2].article is article


NO_ARTICLES: list[tuple[Any, str, str]] = [
    (" ", "record:1", "record 1: the text is empty; give the text of an article"),
    ("a\ud800", "record:1", "record 1: the text holds half a character (a lone surrogate) at"),
    (Path("none.txt"), "none", "none.txt: no such file; check the path"),
    (Path("\ud800"), "\ufffd", "\ufffd: cannot be read ("),
    (5, "record:1", "record 1: is no article but of type int; give a text, a Path, an Article or"),
    ({}, "record:1", "record 1: 'text' is missing; give the text of an article"),
    ({"id": "x", "text": ""}, "x", "record 1: the text is empty; give the text of an article"),
    ({"text": "a", 1: 2, "id": True}, "record:1", "record 1: 'id' is not a string or an integer"),
    (Article("", id="y"), "y", "record 1: the text is empty"),
]


@pytest.mark.parametrize(("bad", "id_", "says"), NO_ARTICLES)
def test_what_is_no_article_is_told_and_costs_no_other(bad: Any, id_: str, says: str) -> None:
    record, after = records_of([bad, TEXT])
    check(record)
    assert record.id == id_
    assert str(record.error).startswith(says)
    assert after.article is not None


def test_what_mongodb_exports():
    given = {
        "text": "They met.",
        "published": {"$date": {"$numberLong": "1741082400000"}},
    }
    (record,) = records_of([given])
    assert record.article is not None
    assert record.article.info.published == "2025-03-04"
