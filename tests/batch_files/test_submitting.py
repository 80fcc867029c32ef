"""Batches: submitted once, whatever happens on the way, and collected."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batch_endpoint import (
    CANCELLED,
    COMPLETED,
    EXPIRED,
    FAILED,
    FOREVER,
    OVER_LIMIT,
    BatchStandIn,
    not_asked,
)
from commands import MODEL, Done, articles, by_id, number_in, outcome, write, written
from endpoint import RESET, Answer, Request, corrections, draft, fitting, page, status

from summarize import cli
from summarize.batch_files import submitting
from summarize.batch_files.submitting import Submission
from summarize.cli.arguments import parse, settings_of
from summarize.models import RetryPolicy

ROOT = Path(__file__).parents[2]
# The real waits are seconds; their proportions are what is tested.
HASTE = RetryPolicy(attempts=4, slow_attempts=2, first_wait=0.01, longest_wait=0.02, jitter=0.01)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("SUMMARIZE_MODEL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in-0123456789")
    monkeypatch.setattr(
        "summarize.cli.batch_setup.settings_of",
        lambda options: replace(settings_of(options), retry_policy=HASTE),
    )
    return tmp_path


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, in this process."""

    def called(
        endpoint: BatchStandIn | str | None, *arguments: Any, after: Iterable[str] = ()
    ) -> Done:
        return outcome([*words(endpoint, *arguments), *after], capsys)

    return called


def words(endpoint: BatchStandIn | str | None, *arguments: Any) -> list[str]:
    url = endpoint.url if isinstance(endpoint, BatchStandIn) else endpoint
    common = ["--input", "in.jsonl", "-o", "out.jsonl", "--every", "0.01"]
    given = list(map(str, arguments)) or ["requests.jsonl"]
    where = [] if url is None else ["--base-url", url]
    return ["submit", *given, *common, "--model", MODEL, *where]


def prepare(count: int = 6, *more: Any, name: str = "requests.jsonl") -> None:
    """Articles, and the requests about them."""
    write("in.jsonl", articles(count))
    given = ["requests", "in.jsonl", "-o", name, "--model", MODEL, *map(str, more)]
    assert cli.run(parse(given)) == 0


def split(*counts: int) -> list[str]:
    """The requests in files of so many each."""
    lines = Path("requests.jsonl").read_bytes().splitlines(keepends=True)
    names = []
    for number, count in enumerate(counts, start=1):
        names.append(f"part-{number}.jsonl")
        Path(names[-1]).write_bytes(b"".join(lines[:count]))
        lines = lines[count:]
    assert not lines
    return names


def lines_of(name: str = "out.jsonl") -> dict[str, dict[str, Any]]:
    return by_id(written(name))


def all_done(count: int = 6) -> bool:
    lines = lines_of()
    return len(lines) == count and all(line["ok"] for line in lines.values())


def created(endpoint: BatchStandIn) -> int:
    return endpoint.count("POST", "/batches")


def number_of(request: Request) -> int:
    return number_in(request.messages)


# From end to end


def test_from_requests_to_summaries(run: Run) -> None:
    prepare(7)
    names = split(3, 4)
    with BatchStandIn() as endpoint:
        done = run(endpoint, *names)
        assert done.code == 0
        assert all_done(7)
        assert len(endpoint.batches) == 2
        uploaded = [Path(name).read_bytes() for name in names]
        assert list(endpoint.files.values())[:2] == uploaded
        assert done.said("part-1.jsonl: submitted as batch batch_1")
        assert done.said("7 summaries, 770 tokens")
        # All is there: not even the endpoint is asked.
        calls = len(endpoint.calls)
        done = run(endpoint, *names)
        assert done.code == 0
        assert len(endpoint.calls) == calls
    assert done.said("nothing to do: 7 summaries kept")
    kept = sorted(path.name for path in Path("out.jsonl.batches").iterdir())
    assert [name.partition("-")[0] for name in kept] == ["batch_1", "batch_2", "state.json"]


def test_the_results_of_another_model_are_left_alone(run: Run) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        assert run(endpoint).code == 0
        other = ("--model", "openai/other")
        prepare(6, *other, name="other.jsonl")
        done = run(endpoint, "other.jsonl", after=other)
        assert done.code == 0
        assert done.said("done again: 6 another model")
    assert all_done()


def test_progress(tmp_path: Path) -> None:
    prepare()
    names = split(2, 4)
    settings = settings_of(parse(words(None)))
    shown: list[str] = []
    with BatchStandIn(courses=[EXPIRED, COMPLETED]) as endpoint:
        settings = replace(settings, base_url=endpoint.url)
        submission = Submission(settings, tmp_path / "s", every=0.01, on_progress=shown.append)
        submission.run([Path(name) for name in names])
        submission.close()
    assert "uploading part-1.jsonl" in shown
    assert "batch 1 of 2 · 0 of 2 requests answered · in_progress" in shown
    assert shown[-1] == "fetching the results of part-2.jsonl"
    assert len(submission.failed) == 1


def test_a_file_named_twice_is_one_batch(run: Run) -> None:
    prepare()
    shutil.copy("requests.jsonl", "copy.jsonl")
    with BatchStandIn() as endpoint:
        assert run(endpoint, "requests.jsonl", "copy.jsonl").code == 0
        assert created(endpoint) == 1


def test_failures_come_in_a_file_of_their_own(run: Run) -> None:
    prepare()

    def some(request: Request) -> Answer:
        if number_of(request) in {2, 4}:
            return status(400, "This one will not do")
        return fitting(request)

    with BatchStandIn(some) as endpoint:
        done = run(endpoint)
        assert done.code == 1
        assert endpoint.batches[0]["request_counts"] == {"total": 6, "completed": 4, "failed": 2}
    failed = {id_: line["error"] for id_, line in lines_of().items() if not line["ok"]}
    assert failed.keys() == {"a2", "a4"}
    assert all("This one will not do" in error["message"] for error in failed.values())


@pytest.mark.parametrize(("course", "word"), [(EXPIRED, "expired"), (CANCELLED, "cancelled")])
def test_what_a_batch_left_counts(run: Run, course: tuple[str, ...], word: str) -> None:
    prepare()
    with BatchStandIn(courses=[course, COMPLETED]) as endpoint:
        done = run(endpoint)
        assert done.code == 1
        assert done.said(f"batch batch_1 is {word}")
        missing = {id_ for id_, line in lines_of().items() if not line["ok"]}
        assert missing == {"a3", "a4", "a5"}
        error = lines_of()["a3"]["error"]
        assert error["type"] == "MissingResultError"
        assert f"batch_{word}" in error["message"]
        # The same command pays for nothing twice.
        assert run(endpoint).code == 1
        assert created(endpoint) == 1
        prepare(6, "--done", "out.jsonl", name="missing.jsonl")
        assert Path("missing.jsonl").read_bytes().count(b"\n") == 3
        # What is known of the batch before is not lost.
        assert run(endpoint, "missing.jsonl").code == 0
        assert created(endpoint) == 2
    assert all_done()


def test_a_batch_that_fails_says_why_and_is_made_anew(run: Run) -> None:
    prepare()
    with BatchStandIn(courses=[FAILED, COMPLETED]) as endpoint:
        done = run(endpoint)
        assert done.code == 2
        why = "line 1: This line is not parseable as valid JSON. (invalid_json_line)"
        assert done.said(f"requests.jsonl: batch batch_1 is failed: {why}")
        assert Path("out.jsonl").read_bytes() == b""
        assert run(endpoint).code == 0
        assert created(endpoint) == 2
    assert all_done()


@pytest.mark.parametrize(
    ("courses", "again"),
    [
        ([("validating", *["in_progress"] * 9, "completed"), FAILED, FAILED, COMPLETED], 2),
        ([FAILED, COMPLETED], 1),
    ],
)
def test_too_much_at_once_waits_for_the_others(
    run: Run, courses: list[tuple[str, ...]], again: int
) -> None:
    prepare()
    names = split(2, 2, 2)
    with BatchStandIn(courses=courses) as endpoint:
        endpoint.errors = [OVER_LIMIT]
        done = run(endpoint, *names)
        assert done.code == 0
        assert sum("waits until other batches are" in line for line in done.errors) == again
        # Each once more, when there was room, and not again and again.
        assert created(endpoint) == 3 + again
    assert all_done()


def test_all_failed_and_wanted_again(run: Run) -> None:
    prepare()
    with BatchStandIn(lambda _: status(500, "Oops")) as endpoint:
        assert run(endpoint).code == 1
        assert run(endpoint).code == 1
        assert created(endpoint) == 1
        endpoint.script = fitting
        # The very same file, and no answer in it that would be paid for twice.
        assert run(endpoint, "requests.jsonl", "--retry-failed").code == 0
        assert created(endpoint) == 2
    assert all_done()


def test_further_questions_go_into_a_second_round(run: Run) -> None:
    prepare()

    def inventing(request: Request) -> Answer:
        if "participants" not in request.schema["properties"]:
            return corrections("Ahmad al-Sharaa")
        if number_of(request) < 4:
            return fitting(request)
        return draft(topics=["border security", "cheese"])

    with BatchStandIn(inventing) as endpoint:
        done = run(endpoint, "requests.jsonl", "--again", "again.jsonl")
        assert done.code == 1
        assert done.said("2 articles left unwritten: 2 further requests in again.jsonl")
        assert len(lines_of()) == 4
        done = run(endpoint, "again.jsonl", "--again", "more.jsonl")
        assert done.code == 0
        assert created(endpoint) == 2
    assert all_done()
    assert lines_of()["a5"]["summary"]["provenance"]["attempts"] == 2


# Stopped, and taken up again


def start(endpoint: BatchStandIn) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "OPENAI_API_KEY")}
    return subprocess.Popen(
        [sys.executable, "-m", "summarize", *words(endpoint)],
        # The package that is tested, wherever it is.
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        stderr=subprocess.PIPE,
    )


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped_and_taken_up_again_without_a_second_batch(
    run: Run, number: signal.Signals
) -> None:
    prepare()
    with BatchStandIn(courses=[FOREVER]) as endpoint:
        process = start(endpoint)
        try:
            wait_until(lambda: endpoint.count("GET", "/batches/batch_1") > 2)
            # Two at once would be two bills.
            second = run(endpoint)
            assert second.code == 2
            assert second.said("another run is writing to it")
            process.send_signal(number)
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
        if number == signal.SIGINT:
            assert process.returncode == 130
            assert b"the same command goes on from there (out.jsonl)" in errors
            assert b"Traceback" not in errors
        endpoint.courses = [COMPLETED]
        done = run(endpoint)
        assert done.code == 0
        assert created(endpoint) == 1
        assert endpoint.count("POST", "/files") == 1
    assert all_done()


@pytest.mark.parametrize("what", ["gone", "without the batch"])
def test_a_batch_is_found_by_its_mark_where_the_state_is_lost(run: Run, what: str) -> None:
    prepare()
    state = Path("out.jsonl.batches/state.json")
    with BatchStandIn(courses=[FOREVER]) as endpoint:
        stop_at(run, endpoint, ("GET", "/batches/batch_1"))
        ours = endpoint.batches[0]
        # More than a page of others.
        others = [{**ours, "id": f"other_{i}", "metadata": None} for i in range(250)]
        endpoint.batches.extend(others)
        if what == "gone":
            shutil.rmtree(state.parent)
        else:
            noted = json.loads(state.read_text())
            (file,) = noted["files"].values()
            file["batch_id"] = file["status"] = ""
            state.write_text(json.dumps(noted))
        endpoint.courses = [COMPLETED]
        done = run(endpoint)
        assert done.code == 0
        assert done.said("requests.jsonl: batch batch_1 is there already")
        assert created(endpoint) == 1
    assert all_done()


def test_a_batch_whose_creation_was_not_heard_of_is_not_created_twice(run: Run) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        endpoint.is_lossy = True
        endpoint.fault = lambda method, path, n: (
            RESET if (method, path, n) == ("POST", "/batches", 1) else None
        )
        assert run(endpoint).code == 0
        assert created(endpoint) == len(endpoint.batches) == 1
    assert all_done()


# Faults


def once(*where: tuple[str, str], answer: Answer) -> Callable[[str, str, int], Answer | None]:
    """A fault the first two times that something is asked."""
    return lambda method, path, n: answer if (method, path) in where and n <= 2 else None


@pytest.mark.parametrize("answer", [RESET, status(429, "Slow down", headers={"retry-after": "0"})])
def test_passing_faults_are_waited_out(run: Run, answer: Answer) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        endpoint.fault = once(
            ("POST", "/files"),
            ("POST", "/batches"),
            ("GET", "/batches"),
            ("GET", "/batches/batch_1"),
            ("GET", "/files/file-2/content"),
            answer=answer,
        )
        assert run(endpoint).code == 0
        assert len(endpoint.batches) == 1
    assert all_done()


@pytest.mark.parametrize(
    ("where", "answer", "says"),
    [
        ("/batches", status(401, "Incorrect API key provided: sk-stand-in-0123456789"), "the key"),
        ("/files", status(413, "Too large"), "does not take the file (Too large)"),
        ("/batches", status(404, "Not Found"), "not every endpoint has /v1/files and /v1/batches"),
        ("/batches", page(), "something else than files and batches"),
    ],
)
def test_faults_that_do_not_pass(run: Run, where: str, answer: Answer, says: str) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        endpoint.fault = lambda method, path, n: answer if path == where else None
        done = run(endpoint)
        assert done.code == 2
        assert done.said(says)
        assert not endpoint.batches
        endpoint.fault = lambda *_: None
        assert run(endpoint).code == 0
    assert all_done()


def test_results_that_cannot_be_fetched_are_fetched_the_next_time(run: Run) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        endpoint.fault = lambda _, path, n: (
            status(500, "Oops") if path.endswith("/content") else None
        )
        done = run(endpoint)
        assert done.code == 2
        assert done.said("the same command goes on from there")
        endpoint.fault = lambda *_: None
        assert run(endpoint).code == 0
        assert created(endpoint) == 1
    assert all_done()
    assert not [path for path in Path("out.jsonl.batches").iterdir() if "part" in path.name]


def test_results_that_came_in_part_are_fetched_the_next_time(run: Run) -> None:
    prepare()
    with BatchStandIn() as endpoint:

        def cut(_: str, path: str, n: int) -> Answer | None:
            if not path.endswith("/content"):
                return None
            lines = endpoint.files["file-2"].splitlines(keepends=True)
            return Answer(200, b"".join(lines[:2]) + lines[2][:50])

        endpoint.fault = cut
        done = run(endpoint)
        assert done.code == 1
        assert done.said("batch batch_1 has 6 results, and 2 of them came; the same command")
        endpoint.fault = lambda *_: None
        assert run(endpoint).code == 0
        assert created(endpoint) == 1
    assert all_done()


@pytest.mark.parametrize(
    "counts", [None, {}, {"total": None, "completed": None, "failed": None}], ids=str
)
def test_an_endpoint_that_does_not_know_yet_how_many_requests_there_are(
    run: Run, counts: dict[str, None] | None
) -> None:
    prepare()
    noted: list[str] = []
    with BatchStandIn() as endpoint:

        def vague(method: str, path: str, n: int) -> Answer | None:
            if path == "/batches/batch_1" and n < 3:
                noted.extend(file["status"] for file in state()["files"].values())
                batch = endpoint.batches[0]
                return Answer(200, {**batch, "status": None, "request_counts": counts})
            return None

        endpoint.fault = vague
        assert run(endpoint).code == 0
        assert noted == ["validating", "validating"]
        assert created(endpoint) == 1
    assert all_done()


# What is seen before anything is paid for


def changed(line: bytes, **changes: Any) -> bytes:
    return json.dumps({**json.loads(line), **changes}).encode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda line: line + b"\n", "line 2: is no request"),
        (lambda line: b"\xef\xbb\xbf" + line, "line 1: is no request"),
        (lambda line: changed(line, custom_id="x"), "line 1: is no request of summarize requests"),
        (lambda line: b"[" * 100_000, "is no request"),
    ],
)
def test_files_of_something_else(run: Run, change: Callable[[bytes], bytes], says: str) -> None:
    prepare(1)
    Path("requests.jsonl").write_bytes(change(Path("requests.jsonl").read_bytes()))
    with BatchStandIn() as endpoint:
        done = run(endpoint)
        assert done.code == 2
        assert done.said(says)
        assert not endpoint.calls


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["requests.jsonl", "--model", "openai/other"], "is for the model stand-in, and not for"),
        (["requests.jsonl", "--model", "anthropic/claude"], "batches are submitted to OpenAI"),
        (["requests.jsonl", "--input", "none.jsonl"], "none.jsonl: no such file"),
        (["requests.jsonl", "--input", "-"], "standard input cannot be read again"),
        (["requests.jsonl", "-o", "-"], "is no name of a file"),
        (["requests.jsonl", "-o", "requests.jsonl"], "is one of the other files"),
        (["none.jsonl"], "none.jsonl: no such file"),
    ],
)
def test_what_cannot_work(run: Run, arguments: list[str], says: str) -> None:
    prepare(1)
    with BatchStandIn() as endpoint:
        # The last one counts.
        done = run(endpoint, arguments[0], after=arguments[1:])
        assert done.code == 2
        assert done.said(says)
        assert not endpoint.calls


def test_a_key_is_needed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(1)
    monkeypatch.delenv("OPENAI_API_KEY")
    done = run(None)
    assert done.code == 2
    assert done.said("OPENAI_API_KEY is not set")


# What must not be paid for twice, nor be lost


def state() -> dict[str, Any]:
    noted: dict[str, Any] = json.loads(Path("out.jsonl.batches/state.json").read_text())
    return noted


def write_state(noted: dict[str, Any]) -> None:
    Path("out.jsonl.batches/state.json").write_text(json.dumps(noted))


def batch_files() -> list[Path]:
    return sorted(Path("out.jsonl.batches").glob("batch_*.jsonl"))


def nothing_of(endpoint: BatchStandIn) -> None:
    """Another key: the account has none of the batches so far."""
    hidden = [batch["id"] for batch in endpoint.batches]
    gone = {f"/batches/{id_}" for id_ in hidden}

    def fault(method: str, path: str, n: int) -> Answer | None:
        if path in gone:
            return status(404, "No batch found with that id")
        if (method, path) == ("GET", "/batches"):
            rest = [batch for batch in endpoint.batches if batch["id"] not in hidden]
            return Answer(200, {"object": "list", "data": rest, "has_more": False})
        return None

    endpoint.fault = fault


def test_a_batch_that_the_key_does_not_see_is_not_paid_for_again(run: Run) -> None:
    prepare()
    with BatchStandIn(courses=[FOREVER, COMPLETED]) as endpoint:
        stop_at(run, endpoint, ("GET", "/batches/batch_1"))
        nothing_of(endpoint)
        done = run(endpoint)
        assert done.code == 2
        says = done.said("batch_1 of requests.jsonl is not known to")
        assert "with this key" in says
        assert "--base-url" not in says
        assert created(endpoint) == endpoint.count("POST", "/files") == 1
        assert [file["batch_id"] for file in state()["files"].values()] == ["batch_1"]
        assert run(endpoint, "requests.jsonl", "--retry-failed").code == 0
        assert created(endpoint) == 2
    assert all_done()


def test_results_that_are_there_need_no_batch(run: Run) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        assert run(endpoint).code == 0
        Path("out.jsonl").unlink()
        nothing_of(endpoint)
        assert run(endpoint).code == 0
        assert created(endpoint) == 1
    assert all_done()


def test_a_batch_not_heard_of_that_is_over_at_once(run: Run) -> None:
    prepare()
    with BatchStandIn(lambda _: status(500, "Oops"), courses=[("validating", "completed")]) as end:
        end.is_lossy = True

        def fault(method: str, path: str, n: int) -> Answer | None:
            if (method, path, n) == ("POST", "/batches", 1):
                return RESET
            if (method, path, n) == ("GET", "/batches", 2):
                end._step(end.batches[0])
            return None

        end.fault = fault
        assert run(end).code == 1
        assert created(end) == 1


def test_what_the_output_has_is_not_submitted(run: Run) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        assert run(endpoint).code == 0
        shutil.rmtree("out.jsonl.batches")
        endpoint.batches.clear()
        calls = len(endpoint.calls)
        done = run(endpoint)
        assert done.code == 0
        assert done.said("nothing to do: 6 summaries kept")
        assert len(endpoint.calls) == calls
    assert not Path("out.jsonl.batches").exists()


def none_asked(endpoint: BatchStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches that do not complete answer nothing at all."""
    end = endpoint._end

    def ended(batch: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        if batch["status"] == "completed":
            end(batch, lines)
            return
        bad = [not_asked(line, f"batch_{batch['status']}") for line in lines]
        content = "".join(f"{json.dumps(line)}\n" for line in bad).encode()
        batch["error_file_id"] = endpoint._file(content, "e", "batch_output")["id"]
        batch["request_counts"].update(completed=0, failed=len(bad))

    monkeypatch.setattr(endpoint, "_end", ended)


def test_a_batch_without_an_answer_is_submitted_anew(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare()
    with BatchStandIn(courses=[EXPIRED, COMPLETED]) as endpoint:
        none_asked(endpoint, monkeypatch)
        done = run(endpoint)
        assert done.code == 1
        assert done.said("the same command submits it anew")
        assert run(endpoint).code == 0
        assert created(endpoint) == 2
    assert all_done()


def test_results_that_are_gone_hold_up_nothing_else(run: Run) -> None:
    prepare()
    names = split(4, 2)
    with BatchStandIn() as endpoint:
        endpoint.fault = lambda _, path, n: (
            status(404, "No such File object: file-3") if path == "/files/file-3/content" else None
        )
        done = run(endpoint, *names)
        assert done.code == 1
        says = done.said("part-1.jsonl: batch batch_1: its results are gone")
        assert "--base-url" not in says
        assert sum(line["ok"] for line in lines_of().values()) == 2
        assert run(endpoint, *names).code == 1
        assert created(endpoint) == 2
        assert run(endpoint, *names, "--retry-failed").code == 0
        assert created(endpoint) == 3
    assert all_done()


@pytest.mark.parametrize("is_again_gone", [False, True])
def test_results_that_are_gone_are_had_again_in_the_run_that_notices(
    run: Run, is_again_gone: bool
) -> None:
    prepare()
    with BatchStandIn(courses=[FOREVER, COMPLETED]) as endpoint:
        stop_at(run, endpoint, ("GET", "/batches/batch_1"))
        endpoint.courses = [COMPLETED]
        gone = {"/files/file-2/content", *(["/files/file-4/content"] if is_again_gone else [])}
        endpoint.fault = lambda _, path, n: (
            status(404, "No such File object") if path in gone else None
        )
        # Of what this run itself has paid for nothing is paid for again.
        assert run(endpoint, "requests.jsonl", "--retry-failed").code == (2 if is_again_gone else 0)
        assert created(endpoint) == 2
    assert is_again_gone or all_done()


def test_results_that_were_deleted_are_fetched_again(run: Run) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        assert run(endpoint).code == 0
        (path,) = batch_files()
        data = path.read_bytes()
        path.unlink()
        Path("out.jsonl").unlink()
        done = run(endpoint)
        assert done.code == 0
        assert path.read_bytes() == data
        assert created(endpoint) == 1
    assert all_done()


# What is noted


def test_a_damaged_state_loses_nothing(run: Run) -> None:
    prepare()
    names = split(4, 2)
    with BatchStandIn() as endpoint:
        assert run(endpoint, *names).code == 0
        Path("out.jsonl").unlink()
        path = Path("out.jsonl.batches/state.json")
        path.write_text(path.read_text()[:100])
        done = run(endpoint, names[1])
        assert done.code == 2
        assert done.said("state.json: is damaged; remove it: the batches are found again")
        path.unlink()
        # Only one is named: what is there of the other is its results.
        assert run(endpoint, names[1]).code == 0
        assert created(endpoint) == 2
    assert all_done()


def test_results_of_earlier_runs_are_no_fault_of_this_one(run: Run) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        assert run(endpoint).code == 0
        records = articles(6)
        records[0]["text"] += "A correction.\n"
        Path("in.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records))
        given = ["requests", "in.jsonl", "-o", "new.jsonl", "--done", "out.jsonl", "--model", MODEL]
        assert cli.run(parse(given)) == 0
        assert run(endpoint, "new.jsonl").code == 0
        assert created(endpoint) == 2
        assert all_done()


# Interrupted


def stop_at(
    run: Run, endpoint: BatchStandIn, where: tuple[str, str], number: signal.Signals = signal.SIGINT
) -> Done:
    """Stops a run while a request is being answered."""
    ended = threading.Event()

    def fault(method: str, path: str, n: int) -> None:
        if (method, path) == where:
            signal.pthread_kill(threading.main_thread().ident or 0, number)
            ended.wait(30)

    endpoint.fault = fault
    done = run(endpoint)
    ended.set()
    endpoint.fault = lambda *_: None
    assert done.code == 130
    return done


def test_interrupted_while_a_batch_is_created(run: Run) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        done = stop_at(run, endpoint, ("POST", "/batches"), signal.SIGTERM)
        assert done.said("what is submitted goes on; the same command goes on from there")
        wait_until(lambda: endpoint.batches)
        done = run(endpoint)
        assert done.code == 0
        assert done.said("batch batch_1 is there already")
        assert created(endpoint) == 1
    assert all_done()


def test_interrupted_before_anything_is_submitted(run: Run) -> None:
    prepare()
    with BatchStandIn() as endpoint:
        done = stop_at(run, endpoint, ("POST", "/files"))
        assert done.said("interrupted; nothing is submitted")


# Outages, and a full queue


def test_an_outage_is_waited_out(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare()
    with BatchStandIn(courses=[FOREVER]) as endpoint:
        # More often than a request is tried.
        endpoint.fault = lambda method, path, n: (
            status(503, "Maintenance") if path == "/batches/batch_1" and 2 < n < 14 else None
        )
        endpoint.courses = [("validating", *["in_progress"] * 4, "completed")]
        assert run(endpoint).code == 0
    assert all_done()
    monkeypatch.setattr(submitting, "_OUTAGE", 0.1)
    Path("out.jsonl").unlink()
    shutil.rmtree("out.jsonl.batches")
    with BatchStandIn(courses=[FOREVER]) as endpoint:
        endpoint.fault = lambda _, path, n: (
            status(503, "Maintenance") if path == "/batches/batch_1" else None
        )
        done = run(endpoint)
        assert done.code == 2
        assert done.said("the same command goes on from there")


def test_a_queue_full_of_others(run: Run) -> None:
    prepare()
    with BatchStandIn(courses=[FAILED, COMPLETED]) as endpoint:
        endpoint.errors = [OVER_LIMIT]
        done = run(endpoint)
        assert done.code == 2
        assert done.said("token_limit_exceeded")
        assert done.said("split the file, or run the same command when the account has less")
        assert run(endpoint).code == 0
        assert created(endpoint) == 2
        assert endpoint.count("POST", "/files") == 2
    assert all_done()


# What is refused


def test_a_request_twice(run: Run) -> None:
    prepare()
    data = Path("requests.jsonl").read_bytes()
    first = data.splitlines(keepends=True)[:2]
    Path("twice.jsonl").write_bytes(data + b"".join(first))
    Path("also.jsonl").write_bytes(b"".join(first))
    with BatchStandIn(courses=[EXPIRED, COMPLETED]) as endpoint:
        done = run(endpoint, "twice.jsonl")
        assert done.code == 2
        assert done.said("twice.jsonl, line 7: was there before, and would be paid for twice")
        done = run(endpoint, "requests.jsonl", "also.jsonl")
        assert done.code == 2
        assert done.said("also.jsonl, line 1: was there before")
        assert not endpoint.calls
        # Of what is answered already nothing is paid for again.
        assert run(endpoint).code == 1
        prepare(6, "--done", "out.jsonl", name="missing.jsonl")
        assert run(endpoint, "requests.jsonl", "missing.jsonl").code == 0
        assert created(endpoint) == 2
    assert all_done()


def test_a_name_that_is_no_text(run: Run) -> None:
    prepare()
    name = os.fsdecode(b"r\xff \xc3\xa9.jsonl")
    shutil.copy("requests.jsonl", name)
    with BatchStandIn() as endpoint:
        assert run(endpoint, name).code == 0
        assert endpoint.names[0] == "r_.jsonl"
    assert all_done()
