"""The output of a batch: nothing of it is lost, and nothing of other tools."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import small_summaries
from hypothesis import example, given, settings
from hypothesis import strategies as st

from summarize.batch.results import BatchError, BatchResult, Recipe
from summarize.batch.results_file import Earlier, ResultsFile, write_results
from summarize.errors import ConfigurationError, DuplicateIdError, InputError, OutputError

RECIPE = Recipe("openai/m", "prompt-1", "schema-1")
FOREIGN = [
    b"id,text\n",
    b'{"id": "a", "text": "an article"}\n',
    b'{"id":"a","text":"an article"}\n',
    b'{"id":"a","ok":true,"summary":{}}\n',
    b'{"id":7,"ok":false,"error":{"type":"X"}}\n',
    b"[1, 2, 3]\n",
    b"null\n",
    b"\xff\xfe not UTF-8\n",
    b"[" * 5000 + b"\n",
    b"\x00\x00\n",
]
EDGES = [
    "a",
    "b",
    "c",
    "",
    'a"b',
    "a\\",
    'a\\"',
    "a\nb\r",
    "İ😀\u2028",
    "\0",
    "\ud800",
    "\udfff\ud800",
    "x" * 9000,
]

ids = st.text(
    st.one_of(
        st.sampled_from('",:{}\\\n\r\0\u2028\ud800\udc00'), st.characters(exclude_categories=())
    ),
    max_size=8,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def summary_json(number: int = 0, recipe: Recipe = RECIPE) -> str:
    provenance = {"model": recipe.model, "prompt": recipe.prompt, "schema": recipe.schema}
    summary = {"article": {"sha256": f"sha-{number}"}, "provenance": provenance, "text": "“é”"}
    return json.dumps(summary, ensure_ascii=False)


def done(id_: str, number: int = 0, recipe: Recipe = RECIPE) -> BatchResult:
    return BatchResult(id_, summary_json(number, recipe))


def failed(id_: str, type_: str = "EndpointError", message: str = "gone") -> BatchResult:
    return BatchResult(id_, error=BatchError(type_, message, True, 3))


def lines_of(*results: BatchResult) -> bytes:
    return b"".join(f"{result.to_json()}\n".encode() for result in results)


def reopened(path: Path) -> tuple[int, int]:
    with ResultsFile.opened(path) as results:
        return results.torn, results.foreign


def left_beside(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir() if p.name != path.name)


# One result


@given(ids, st.text(st.characters(exclude_categories=()), max_size=20))
@example('a"b\\\n😀', "\ud800\n")
def test_a_result_is_one_line_of_json_that_says_the_same(id_: str, message: str) -> None:
    for result in (done(id_), failed(id_, message=message)):
        line = result.to_json()
        assert "\n" not in line
        told = json.loads(line.encode("utf-8"))
        assert told["id"] == id_
        assert told["ok"] is result.ok
        if result.error:
            error = {"type": "EndpointError", "message": message, "retryable": True, "attempts": 3}
            assert told == {"id": id_, "ok": False, "error": error}
        else:
            assert told["summary"] == json.loads(summary_json())


def test_the_summary_of_a_result() -> None:
    made = small_summaries.summary("a")
    result = BatchResult("a", made.to_json())
    assert result.ok
    assert result.summary == made
    assert failed("a").summary is None


def test_an_error_as_a_value() -> None:
    ours = InputError("a: is empty", hint="check it", attempts=2)
    assert BatchError.of(ours) == BatchError("InputError", "a: is empty; check it", False, 2)
    other = BatchError.of(KeyError("x"))
    assert (other.type, other.retryable, other.attempts) == ("KeyError", False, 0)
    assert other.message == "'x'; this is a defect"


# Opening


def test_a_missing_file_is_made_and_an_empty_one_kept(path: Path) -> None:
    for _ in range(2):
        assert reopened(path) == (0, 0)
        assert path.read_bytes() == b""
        assert left_beside(path) == []


def test_what_a_file_holds(path: Path) -> None:
    other = Recipe("openai/n", "prompt-1", "schema-1")
    path.write_bytes(
        lines_of(done("a", 1), done("b", 2, other), done("c", 3), failed("d", "AnswerError"))
    )
    before = path.read_bytes()
    with ResultsFile.opened(path) as results:
        assert results.earlier("a") == Earlier(True, "sha-1", RECIPE)
        assert results.earlier("b") == Earlier(True, "sha-2", other)
        assert results.earlier("d") == Earlier(False, error="AnswerError")
        assert results.earlier("e") is None
        assert results.earlier("a", repeat=1) is None
        assert results.recipes == {RECIPE: 2, other: 1}
        assert (results.failures.total(), results.foreign, results.torn) == (1, 0, 0)
    assert path.read_bytes() == before


@pytest.mark.parametrize("make", ["folder", "parent", "long", "loop", "pipe"])
def test_what_can_be_no_file_of_results(path: Path, make: str) -> None:
    match make:
        case "folder":
            path.mkdir()
        case "parent":
            path = path / "out.jsonl"
        case "long":
            path = path.with_name("a" * 300)
        case "loop":
            path.symlink_to(path)
        case "pipe":
            os.mkfifo(path)
    with pytest.raises(ConfigurationError), ResultsFile.opened(path):
        pass


# Torn lines


@pytest.mark.parametrize(
    "last", [done("ç\n", 2), failed('q"q', message="a\\b")], ids=["ok", "error"]
)
def test_a_line_of_ours_torn_anywhere_is_dropped(path: Path, last: BatchResult) -> None:
    kept, line = lines_of(done("a", 1)), lines_of(last)
    for size in range(1, len(line) - 1):
        path.write_bytes(kept + line[:size])
        with ResultsFile.opened(path) as results:
            assert results.torn == size
            assert results.foreign == 0
            assert results.earlier("a") is not None
            assert results.earlier(last.id) is None
            assert path.read_bytes() == kept
    path.write_bytes(kept + line[:-1])
    with ResultsFile.opened(path) as results:
        assert results.torn == 0
        assert results.earlier(last.id) is not None
    assert path.read_bytes() == kept + line


@pytest.mark.parametrize("zeros", [1, 70_000])
@pytest.mark.parametrize("torn", [b"", b"{", b'{"id":"b\\', b'{"id":"b","ok":true,"summary":{"a'])
def test_zeros_of_a_power_cut_are_dropped(path: Path, zeros: int, torn: bytes) -> None:
    kept = lines_of(done("a"))
    path.write_bytes(kept + torn + bytes(zeros))
    assert reopened(path) == (len(torn) + zeros, 0)
    assert path.read_bytes() == kept


@pytest.mark.parametrize(
    "torn",
    [
        b"plain text",
        b'{"id": "a", "te',
        b'{"id":7,"ok":tr',
        b'{"ident',
        b'{"id":"a","ok":true}',
        b'{"id":"a","ok":true,"summary":{}}',
        b"[1, 2",
        b"12",
        b"\xff\xff",
        b"text\0\0",
    ],
)
def test_a_torn_line_of_another_tool_is_ended_and_kept(path: Path, torn: bytes) -> None:
    path.write_bytes(torn)
    assert reopened(path) == (0, 1)
    with ResultsFile.opened(path) as results:
        results.append([done("a")])
    assert path.read_bytes() == torn + b"\n" + lines_of(done("a"))


# Lines of others, and lines replaced


def test_blank_lines_and_other_line_ends(path: Path) -> None:
    line = lines_of(done("a"))
    content = b"\xef\xbb\xbf" + line[:-1] + b"\r\n\n  \n" + lines_of(done("b"))
    path.write_bytes(content)
    with ResultsFile.opened(path) as results:
        assert results.earlier("a")
        assert results.earlier("b")
        assert results.foreign == 0
    assert path.read_bytes() == content


def test_the_last_line_for_an_id_counts(path: Path) -> None:
    other = Recipe("openai/n", "p", "s")
    path.write_bytes(lines_of(failed("a"), done("b", 1), failed("c"), done("a", 2, other)))
    with ResultsFile.opened(path) as results:
        assert results.earlier("a") == Earlier(True, "sha-2", other)
        # As many as there are without those that were replaced.
        assert results.recipes == {RECIPE: 1, other: 1}
        assert results.failures.total() == 1
    assert path.read_bytes() == lines_of(done("b", 1), failed("c"), done("a", 2, other))


def test_replaced_lines_stay_until_the_end(path: Path) -> None:
    path.write_bytes(lines_of(done("a", 1), done("b", 2)))
    path.chmod(0o640)
    before = path.stat().st_ino
    with ResultsFile.opened(path) as results:
        results.append([done("b", 3), failed("c")])
        assert path.read_bytes() == lines_of(done("a", 1), done("b", 2), done("b", 3), failed("c"))
        assert results.earlier("b") is not None
    assert path.read_bytes() == lines_of(done("a", 1), done("b", 3), failed("c"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    # Written beside it, and put in its place: at no time is there half a file.
    assert path.stat().st_ino != before
    assert left_beside(path) == []


def test_nothing_is_written_anew_where_nothing_was_replaced(path: Path) -> None:
    path.write_bytes(lines_of(done("a", 1)))
    before = path.stat()
    assert reopened(path) == (0, 0)
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    real = tmp_path / "there" / "real.jsonl"
    real.write_bytes(lines_of(done("a", 1)))
    real.chmod(0o604)
    path.symlink_to(real)
    with ResultsFile.opened(path) as results:
        results.append([done("a", 2)])
        with pytest.raises(ConfigurationError, match="another run"), ResultsFile.opened(real):
            pass
    assert path.is_symlink()
    assert real.read_bytes() == lines_of(done("a", 2))
    assert stat.S_IMODE(real.stat().st_mode) == 0o604


def test_what_cannot_be_written_anew_is_good_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(lines_of(done("a", 1)))

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with ResultsFile.opened(path) as results:
        results.append([done("a", 2)])
        monkeypatch.setattr(Path, "replace", full)
    assert path.read_bytes() == lines_of(done("a", 1), done("a", 2))
    assert left_beside(path) == []
    monkeypatch.undo()
    assert reopened(path) == (0, 0)
    assert path.read_bytes() == lines_of(done("a", 2))


def test_another_tool_may_add_lines_meanwhile(path: Path) -> None:
    path.write_bytes(lines_of(done("a", 1), done("b", 1)))
    added = lines_of(done("x", 1)).replace(b"true", b"1234")
    with ResultsFile.opened(path) as results:
        with path.open("ab") as other:
            other.write(added)
        results.append([done("c", 1)])
        results.append([done("c", 2), done("b", 2)])
    assert path.read_bytes() == lines_of(done("a", 1)) + added + lines_of(
        done("c", 2), done("b", 2)
    )


# Repeated ids


def repeated(id_: str, message: str) -> BatchResult:
    return failed(id_, DuplicateIdError.__name__, message)


def test_repetitions_stand_beside_the_result(path: Path) -> None:
    lines = [done("a", 1), repeated("a", "1st"), repeated("b", "1st"), repeated("a", "2nd")]
    path.write_bytes(lines_of(*lines))
    with ResultsFile.opened(path) as results:
        assert results.earlier("a") == Earlier(True, "sha-1", RECIPE)
        told = [results.earlier("a", repeat=n) for n in (1, 2, 3)]
        assert told == [Earlier(False, error="DuplicateIdError")] * 2 + [None]
        assert results.earlier("b") is None
        assert results.failures.total() == 3
        results.append([done("a", 2), repeated("a", "3rd")])
        assert results.earlier("a", repeat=3) is not None
    assert path.read_bytes() == lines_of(*lines[1:], done("a", 2), repeated("a", "3rd"))


# Two at a time


def test_a_second_run_is_refused(path: Path) -> None:
    with ResultsFile.opened(path) as results:
        with pytest.raises(ConfigurationError, match="another run is writing to it"):
            reopened(path)
        # Nor did that harm the first.
        results.append([done("a")])
        with pytest.raises(ConfigurationError, match="another run"):
            reopened(path)
    assert left_beside(path) == []
    assert reopened(path) == (0, 0)


HOLDER = """
import sys
from pathlib import Path
from summarize.batch.results_file import ResultsFile
with ResultsFile.opened(Path(sys.argv[1])) as results:
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_the_lock_goes_with_a_killed_process(path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    # The file of the lock is left, but nobody holds it.
    assert left_beside(path) == [".out.jsonl.lock"]
    assert reopened(path) == (0, 0)
    assert left_beside(path) == []


def test_only_one_of_many_has_it(path: Path) -> None:
    most, inside, guard = [0], [0], threading.Lock()

    def run() -> None:
        for number in range(30):
            try:
                with ResultsFile.opened(path) as results:
                    with guard:
                        inside[0] += 1
                        most[0] = max(most[0], inside[0])
                    results.append([done(str(number))])
                    with guard:
                        inside[0] -= 1
            except ConfigurationError:
                pass

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1
    assert reopened(path) == (0, 0)


# Trouble while it is written

FULL = """
import resource, sys
from pathlib import Path
from summarize.errors import OutputError
from summarize.batch.results import BatchError, BatchResult
from summarize.batch.results_file import ResultsFile

def result(number):
    return BatchResult(str(number), error=BatchError("X", "m" * 50, True, 1))

with ResultsFile.opened(Path(sys.argv[1])) as results:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
    results.append([result(0)])
    try:
        results.append([result(number) for number in range(1, 5)])
    except OutputError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
    if sys.argv[3:]:
        results.append([result(9)])
"""


@pytest.mark.parametrize("room", [150, 274, 300])
def test_a_full_disk_leaves_whole_lines(path: Path, room: int) -> None:
    # A limit on the size of files fails in the middle of a line, as a full disk does.
    command = [sys.executable, "-c", FULL, path, str(room)]
    if room == 300:
        command.append("go on")
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    assert "cannot be written (File too large); free some space" in told.stdout
    lines = path.read_bytes().splitlines(keepends=True)
    last = ["9"] if room == 300 else []
    numbers = [json.loads(line)["id"] for line in lines]
    assert numbers == [str(n) for n in range(len(lines) - len(last))] + last
    assert all(line.endswith(b"}\n") for line in lines)
    assert numbers[0] == "0"
    assert reopened(path) == (0, 0)


def test_a_file_that_is_moved_away_is_good_as_it_is(path: Path) -> None:
    path.write_bytes(lines_of(done("a", 1)))
    moved = path.with_name("moved.jsonl")
    with ResultsFile.opened(path) as results:
        results.append([done("a", 2)])
        path.rename(moved)
        with pytest.raises(OutputError, match="was moved away or removed during the run; put it"):
            results.append([done("b")])
    assert moved.read_bytes() == lines_of(done("a", 1), done("a", 2))
    assert left_beside(path) == ["moved.jsonl"]


def test_a_file_put_in_its_place_is_left_alone(path: Path) -> None:
    path.write_bytes(lines_of(done("a", 1)))
    precious = lines_of(done("x", 1), done("y", 1))
    with ResultsFile.opened(path) as results:
        results.append([done("a", 2)])
        other = path.with_name("other")
        other.write_bytes(precious)
        other.replace(path)
        with pytest.raises(OutputError, match="was moved away"):
            results.append([done("b")])
    assert path.read_bytes() == precious


def test_closing_waits_for_who_is_writing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(lines_of(done("a", 1)))
    is_syncing, fsync = threading.Event(), os.fsync

    def slow(descriptor: int) -> None:
        is_syncing.set()
        threading.Event().wait(0.2)
        fsync(descriptor)

    with ResultsFile.opened(path) as results:
        monkeypatch.setattr(os, "fsync", slow)
        writing = threading.Thread(target=results.append, args=([done("a", 2)],))
        writing.start()
        is_syncing.wait(5)
    writing.join()
    assert path.read_bytes() == lines_of(done("a", 2))


def test_it_is_asked_and_written_to_from_two_threads(path: Path) -> None:
    number = 2000
    path.write_bytes(lines_of(*(done(str(n), n) for n in range(number))))
    found: list[Earlier | None] = []
    with ResultsFile.opened(path) as results:
        reading = threading.Thread(
            target=lambda: found.extend(results.earlier(str(n)) for n in range(number))
        )
        reading.start()
        for n in range(100):
            results.append([done(f"new-{n}"), failed(str(n))])
        reading.join()
    assert len(found) == number
    assert all(earlier is not None for earlier in found)
    assert path.read_bytes().count(b"\n") == number + 100


def test_no_room_for_the_index_is_told(path: Path) -> None:
    path.write_bytes(lines_of(*(done(f"{n}" * 50, n) for n in range(100))))
    with ResultsFile.opened(path) as results:
        results._index.execute("PRAGMA max_page_count = 1")
        with pytest.raises(ConfigurationError, match=r"full.*SQLITE_TMPDIR"):
            results.append([done(f"new-{n}" * 50) for n in range(500)])
    assert reopened(path) == (0, 0)
    assert path.read_bytes().count(b"\n") == 600


MANY = """
import resource, sys
from pathlib import Path
from summarize.batch.results import BatchResult
from summarize.batch.results_file import ResultsFile

def used():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

path, number, summary = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
with ResultsFile.opened(path) as results:
    results.append([BatchResult("first", summary)])
before = used()
with path.open("ab") as file:
    for n in range(number):
        file.write(BatchResult(f"article-{n}", summary).to_json().encode() + b"\\n")
with ResultsFile.opened(path) as results:
    for n in range(0, number, 10):
        assert results.earlier(f"article-{n}")
    results.append([BatchResult(f"article-{n}", summary) for n in range(500)])
print(used() - before)
"""


def test_memory_is_the_same_for_any_number_of_lines(path: Path) -> None:
    command = [sys.executable, "-c", MANY, path, "50000", summary_json()]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    # KiB. The file has 12 MB, and the ids alone take 6 MB in a dictionary.
    assert int(told.stdout) < 5_000
    assert path.read_bytes().count(b"\n") == 50_001


# Any file at all

ours = st.builds(
    lambda id_, number: done(id_, number) if number % 3 else failed(id_, message=str(number)),
    st.sampled_from(EDGES),
    st.integers(0, 99),
)
others = st.sampled_from(FOREIGN)
tails = st.one_of(
    st.just(b""),
    st.builds(lambda r, n: lines_of(r)[:-2][: n + 1], ours, st.integers(0, 400)),
    st.builds(bytes, st.integers(1, 9)),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(ours, others), max_size=12),
    tails,
    st.lists(st.lists(ours, max_size=4), max_size=3),
)
def test_any_lines_opened_added_to_and_closed(
    before: Sequence[BatchResult | bytes], tail: bytes, added: Sequence[Sequence[BatchResult]]
) -> None:
    whole = [lines_of(x) if isinstance(x, BatchResult) else x for x in before]
    new = [result for results in added for result in results]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.jsonl"
        path.write_bytes(b"".join(whole) + tail)
        with ResultsFile.opened(path) as results:
            assert path.read_bytes() == b"".join(whole)
            assert results.torn == len(tail)
            for some in added:
                results.append(some)
        listed = [*before, *new]
        last = {x.id: n for n, x in enumerate(listed) if isinstance(x, BatchResult)}
        expected = [
            lines_of(x) if isinstance(x, BatchResult) else x
            for n, x in enumerate(listed)
            if not isinstance(x, BatchResult) or last[x.id] == n
        ]
        assert path.read_bytes() == b"".join(expected)
        assert left_beside(path) == []
        with ResultsFile.opened(path) as results:
            for id_, n in last.items():
                earlier, result = results.earlier(id_), listed[n]
                assert earlier is not None
                assert isinstance(result, BatchResult)
                assert earlier.ok is result.ok


# A pipe


def test_results_on_their_way_to_a_pipe() -> None:
    stream = io.StringIO()
    write_results(stream, [done("a"), failed("\ud800")])
    write_results(stream, [])
    assert stream.getvalue().encode() == lines_of(done("a"), failed("\ud800"))
