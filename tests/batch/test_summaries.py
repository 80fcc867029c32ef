"""Files of summaries: what is read of them line by line, and which line counts."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from small_summaries import failure, summary

from summarize.batch.results import BatchResult
from summarize.batch.summaries import read_each, read_results
from summarize.errors import InputError
from summarize.schema import Summary


def batch(made: Summary) -> str:
    return BatchResult(made.article.id, summary_json=made.to_json()).to_json()


def stored(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def told(records: Any) -> list[str]:
    """Each record in a word or two."""
    return [_told(record) for record in records]


def _told(record: object) -> str:
    if isinstance(record, Summary):
        return f"{record.article.id} {record.summary}".strip()
    if isinstance(record, BatchResult):
        return f"{record.id} {record.error and record.error.type}"
    return str(record)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.jsonl"


def test_every_shape_is_read(path: Path) -> None:
    one, two = summary("one"), summary("two")
    shapes = {
        "lines": f"{one.to_json()}\n{batch(two)}\n",
        "no last line end": f"{batch(one)}\n{two.to_json()}",
        "blank lines and CRLF": f"\r\n{one.to_json()}\r\n \r\n{two.to_json()}\r\n",
        "a byte order mark": f"\ufeff{one.to_json()}\n{two.to_json()}\n",
        "an array": f"[{one.to_json()}, {batch(two)}]",
        "an indented array": f"[\n{one.to_json(indent=2)},\n{two.to_json(indent=2)}\n]\n",
    }
    for shape, text in shapes.items():
        path.write_bytes(text.encode())
        assert list(read_each(path)) == [one, two], shape
    for indent in (None, 0, 1, 4):
        stored(path, one.to_json(indent=indent))
        assert list(read_each(path)) == [one], indent


def test_line_ends_of_unicode_are_no_line_ends(path: Path) -> None:
    made = summary("one", text="A\u2028B\u0085C met D.")
    stored(path, made.to_json(), made.to_json())
    assert list(read_each(path)) == [made]


def test_a_bad_line_costs_itself_alone(path: Path) -> None:
    good, other = summary("one").to_json(), summary("two").to_json()
    bad = (b'{"id":"torn","ok":tr', b"7", b"[1]", b"{}", b'{"a":"\xff"}', b"\0", b"[" * 100_000)
    for line in bad:
        # First, in the middle, last.
        path.write_bytes(b"\n".join([good.encode(), line, b"", other.encode(), line]))
        records = list(read_each(path))
        assert [type(record) for record in records[::2]] == [Summary, Summary], line
        wrong = [str(record) for record in records[1::2]]
        assert len(wrong) == 2
        assert "s.jsonl, line 2: " in wrong[0]
        assert "s.jsonl, line 5: " in wrong[1]
        assert all("; give what summarize" in text or "iconv" in text for text in wrong)
    path.write_bytes(b"\n".join([bad[0], good.encode(), other.encode()]))
    assert [type(record) for record in read_each(path)] == [InputError, Summary, Summary]
    path.write_bytes(b"\n".join([b"[1]", b"", good.encode()]))
    assert told(read_each(path))[0].startswith(f"{path}, line 1: is no summary (record: ")
    assert told(read_each(path))[1] == "one"


def test_a_file_that_is_none_of_ours_is_told_once(tmp_path: Path) -> None:
    cases = {
        "empty": (b"", "is empty; give what summarize article"),
        "blank": (b"\xef\xbb\xbf\n \n", "is empty; give what summarize article"),
        "binary": (b"PK\x03\x04\0\0\n\0", "is binary, not text; give what summarize article"),
        "utf16": ("{}\n".encode("utf-16"), "is UTF-16, not UTF-8; convert it: iconv -f UTF-16"),
        "latin": ("{'ü'}\n{}".encode("latin-1"), "is not UTF-8 (byte 0xfc at offset 2)"),
    }
    for name, (data, says) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError) as caught:
            list(read_each(tmp_path / name))
        assert str(caught.value).startswith(f"{tmp_path / name}: {says}")
    with pytest.raises(InputError, match="no such file"):
        list(read_each(tmp_path / "none"))
    with pytest.raises(InputError, match="is a folder"):
        list(read_each(tmp_path))


def test_a_failure_that_says_nothing_is_wrong(path: Path) -> None:
    half = '{"id":"\\ud800","ok":false,"error":{"type":"E","message":"!","retryable":false}}'
    stored(path, failure("a").to_json(), '{"ok":false}', '{"ok":false,"error":null}', half)
    first, *wrong = read_each(path)
    assert first == failure("a")
    assert [type(one) for one in wrong] == [InputError] * 3


def test_an_article_counts_once(path: Path) -> None:
    said: list[str] = []
    stored(
        path,
        failure("a").to_json(),
        batch(summary("b", says="old")),
        summary("c", says="bare").to_json(),
        failure("b").to_json(),
        failure("d", "first").to_json(),
        batch(summary("a", says="at last")),
        failure("a", "DuplicateIdError").to_json(),
        failure("d", "second").to_json(),
        batch(summary("b", says="new")),
        failure("a", "DuplicateIdError").to_json(),
        "{}",
    )
    *records, error = told(read_each(path, on_message=said.append))
    assert records == [
        "c bare",
        "a at last",
        "a DuplicateIdError",
        "d second",
        "b new",
        "a DuplicateIdError",
    ]
    assert "line 11: is no summary" in error
    assert said == ["4 lines left out: of several on the same article, the last summary counts"]
    assert len(told(read_each(path, with_replaced=True))) == 11


def test_nothing_is_said_where_every_article_is_there_once(path: Path) -> None:
    stored(path, summary("a").to_json(), failure("b").to_json())
    list(read_each(path, on_message=pytest.fail))


def test_a_failure_replaces_no_summary_and_a_bad_line_is_an_error(path: Path) -> None:
    stored(path, summary("a", says="good").to_json(), failure("a").to_json(), "{}")
    good, error = told(read_each(path))
    assert good == "a good"
    assert "line 3: is no summary" in error
    with pytest.raises(InputError, match="line 3: is no summary"):
        list(read_results(path))
    stored(path, summary("a", says="good").to_json(), failure("b").to_json())
    assert [type(one) for one in read_results(str(path))] == [Summary, BatchResult]


def test_texts_with_one_id_are_articles_of_their_own(path: Path) -> None:
    said: list[str] = []
    stored(
        path,
        failure("a").to_json(),
        summary("a", says="here", sha256="1" * 64).to_json(),
        batch(summary("a", says="there, before", sha256="2" * 64)),
        batch(summary("a", says="there", sha256="2" * 64)),
        failure("a").to_json(),
    )
    assert told(read_each(path, on_message=said.append)) == ["a here", "a there"]
    assert said == ["3 lines left out: of several on the same article, the last summary counts"]
    stored(path, *(summary(id_, sha256=hash_ * 64).to_json() for id_ in "ab" for hash_ in "123"))
    assert len(list(read_each(path, on_message=pytest.fail))) == 6


def test_standard_input_and_pipes(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = f"{summary('a').to_json()}\n{failure('b').to_json()}\n".encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert told(read_each(Path("-"))) == ["a", "b RefusalError"]
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="standard input: is closed"):
        list(read_each(Path("-")))
    if not hasattr(os, "mkfifo"):
        return
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(data,))
    writer.start()
    assert told(read_each(path)) == ["a", "b RefusalError"]
    writer.join()
