"""Files of requests and of results: what is written is what would be sent, and comes back right."""

from __future__ import annotations

import copy
import gzip
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from batch_endpoint import answered, not_asked, result
from commands import (
    MODEL,
    Done,
    articles,
    by_id,
    number_in,
    outcome,
    without_provenance,
    write,
    written,
)
from endpoint import (
    ARTICLE,
    DRAFT,
    Answer,
    Request,
    StandIn,
    completion,
    corrections,
    draft,
    fitting,
    status,
)

from summarize.article.article import Article
from summarize.batch_files import (
    Answers,
    RequestFiles,
    collecting,
    first_requests,
    request_files,
)
from summarize.batch_files.request_files import custom_id
from summarize.cli.messages import Messages
from summarize.errors import ConfigurationError
from summarize.evaluation.verification import verify
from summarize.models import choose_model
from summarize.pipeline.pipeline import Pipeline
from summarize.prompting.strategy import DIRECT
from summarize.prompting.templates import load_prompts
from summarize.schema import Summary
from summarize.sources.inputs import records_of
from summarize.sources.records import Record

USABLE = {"message": {"content": '{"event":"none"}'}, "finish_reason": "stop"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("SUMMARIZE_MODEL", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """A command, in this process."""

    def called(name: str, *arguments: Any, model: str = MODEL) -> Done:
        words = [name, *map(str, arguments), *(("--model", model) if model else ())]
        return outcome(words, capsys)

    return called


def environment() -> dict[str, str]:
    """Of a process with the package that is tested, wherever it is."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(__file__).parents[2])}


def results_of(name: str, script: Callable[[Request], Answer] = fitting) -> list[dict[str, Any]]:
    return answered(Path(name).read_bytes().split(b"\n")[:-1], script)


def number_of(line: dict[str, Any]) -> int:
    """Which article a request, or the result of one, is about."""
    return number_in(message["content"] for message in line["body"]["messages"])


def write_requests(files: RequestFiles, records: Iterable[Record]) -> None:
    for _, bodies in first_requests(choose_model(MODEL), records):
        for body in bodies if isinstance(bodies, list) else ():
            files.add(body)


LONG = "\n\n".join(
    f"İbrahim Kalın met President Ahmad al-Sharaa for the {n}th time. "
    + "The two discussed border security. " * 300
    for n in range(40)
)


# What is written


@pytest.mark.parametrize("strategy", ["direct", "assisted"])
def test_bodies_are_those_of_a_live_run(
    run: Run, monkeypatch: pytest.MonkeyPatch, strategy: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in")
    hostile = 'He met\u2028"quotes" {{ x }} \\ \u0085 İstanbul \U0001f600 <b>$article</b>'
    records = [*articles(5), {"id": "h", "text": f"{ARTICLE}\n{hostile}"}]
    write("in.jsonl", records)
    with StandIn() as endpoint:
        # What a live run asks after that depends on the answers: an empty record has no questions.
        endpoint.script = [draft(participants=[], topics=[], outcomes=[])]
        where = ("--base-url", endpoint.url, "--strategy", strategy)
        run("batch", "in.jsonl", "-o", "live.jsonl", *where)
    assert run("requests", "in.jsonl", "-o", "requests.jsonl", "--strategy", strategy).code == 0
    requests = written("requests.jsonl")

    def canonical(body: object) -> str:
        # The order of keys counts, too.
        return json.dumps(body)

    assert sorted(canonical(line["body"]) for line in requests) == sorted(
        canonical(request.body) for request in endpoint.requests
    )
    assert all(request.path == "/v1/chat/completions" for request in endpoint.requests)
    for line in requests:
        assert list(line) == ["custom_id", "method", "url", "body"]
        assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
        assert line["body"]["model"] == "stand-in"
    # One line each for whatever reads lines, also those who split at every line end of Unicode.
    data = Path("requests.jsonl").read_text(encoding="utf-8")
    assert len(data.splitlines()) == data.count("\n") == len(requests)


def test_ids_are_stable_and_tell_what_is_asked(run: Run) -> None:
    write("in.jsonl", articles(3))
    write("again.jsonl", articles(3)[::-1])
    run("requests", "in.jsonl", "-o", "one.jsonl")
    run("requests", "again.jsonl", "-o", "two.jsonl")
    run("requests", "in.jsonl", "-o", "other.jsonl", model="openai/another")
    one, two, other = (
        {line["custom_id"]: line["body"] for line in written(name)}
        for name in ("one.jsonl", "two.jsonl", "other.jsonl")
    )
    assert one == two
    assert len(one) == 3
    assert not one.keys() & other.keys()
    assert all(len(id_) <= 64 and id_.isalnum() for id_ in one)
    # Neither the order of keys nor spaces change it, nor does the machine.
    body = next(iter(one.values()))
    turned = json.dumps(dict(reversed(body.items())), indent=2, ensure_ascii=False).encode()
    assert custom_id(turned) in one
    assert custom_id(b'{"model":"m","messages":[]}') == "f34244885bc2912271e20676d163d76e"


def test_the_same_text_is_asked_about_once(run: Run) -> None:
    twice = [{"id": f"t{i}", "text": ARTICLE} for i in range(3)]
    write("in.jsonl", [*twice, *articles(1)])
    done = run("requests", "in.jsonl", "-o", "requests.jsonl")
    assert done.said("2 requests about 4 articles").endswith("2 requests not repeated")
    write("results.jsonl", results_of("requests.jsonl"))
    done = run("collect", "results.jsonl", "--input", "in.jsonl", "-o", "out.jsonl")
    assert done.code == 0
    assert {line["id"] for line in written("out.jsonl")} == {"t0", "t1", "t2", "a0"}


def test_files_are_split_and_each_request_is_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = list(records_of(articles(7) + articles(2, first=5)))
    path = tmp_path / "r.x.jsonl"
    monkeypatch.setattr(request_files, "_MAX_LINES", 3)
    with RequestFiles(path) as files:
        write_requests(files, records)
    assert [p.name for p in files.paths] == ["r.x.jsonl", "r.x-2.jsonl", "r.x-3.jsonl"]
    assert [len(written(p)) for p in files.paths] == [3, 3, 1]
    ids = [line["custom_id"] for p in files.paths for line in written(p)]
    assert len(set(ids)) == 7
    size = files.paths[0].stat().st_size
    monkeypatch.setattr(request_files, "_MAX_BYTES", size - 1)
    with RequestFiles(tmp_path / "small.jsonl") as small:
        write_requests(small, records)
    assert [len(written(p)) for p in small.paths] == [2, 2, 2, 1]
    assert all(p.stat().st_size < size for p in small.paths)


def test_nothing_is_overwritten_half_way(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_text("what was there\n")

    def broken() -> Iterable[Record]:
        yield from records_of(articles(3))
        raise OSError("the input broke off")

    with pytest.raises(OSError, match="broke off"), RequestFiles(path) as files:
        write_requests(files, broken())
    assert path.read_text() == "what was there\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="no such limits on Windows")
def test_a_full_disk_leaves_no_parts() -> None:
    import resource

    write("in.jsonl", articles(60))
    command = [sys.executable, "-m", "summarize", "requests", "in.jsonl", "-o", "r.jsonl"]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [*command, "--model", MODEL],
        check=False,
        env=environment(),
        capture_output=True,
        text=True,
        preexec_fn=limit,
    )
    assert done.returncode == 2
    assert "summarize: r.jsonl: cannot be written (File too large); free some" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(Path().iterdir()) == [Path("in.jsonl")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_link_stays_and_a_pipe_is_refused(run: Run) -> None:
    write("in.jsonl", articles(1))
    Path("target.jsonl").touch()
    Path("link.jsonl").symlink_to("target.jsonl")
    assert run("requests", "in.jsonl", "-o", "link.jsonl").code == 0
    assert Path("link.jsonl").is_symlink()
    assert len(written("target.jsonl")) == 1
    os.mkfifo("pipe")
    done = run("requests", "in.jsonl", "-o", "pipe")
    assert done.code == 2
    assert done.said("pipe: is no file")
    assert Path("pipe").is_fifo()


def test_records_without_an_article_are_told(run: Run) -> None:
    Path("in.jsonl").write_text(
        f"{json.dumps(articles(1)[0])}\nno json\n" + '{"id":"x","text":""}\n'
    )
    done = run("requests", "in.jsonl", "-o", "requests.jsonl")
    assert done.code == 1
    assert len(written("requests.jsonl")) == 1
    assert done.said("in:2: in.jsonl, line 2: is not JSON")
    assert done.said("1 request about 1 article in requests.jsonl, 2 failed (2 InputError)")


@pytest.mark.parametrize(
    ("arguments", "model", "says"),
    [
        (["-o", "r.jsonl"], "local", "the embedded model takes no files of requests"),
        (["-o", "r.jsonl"], "", "the embedded model takes no files of requests"),
        (["-o", "r.jsonl"], "nobody/model", "no provider is called"),
        (["-o", "in.jsonl"], MODEL, "is one of the inputs"),
        (["-o", "missing/r.jsonl"], MODEL, "the folder does not exist"),
        (["-o", "-"], MODEL, "-: is no file"),
        (["-o", "r.jsonl", "--done", "nothing.jsonl"], MODEL, "nothing.jsonl: no such file"),
        (["-o", "r.jsonl", "--retry-failed"], MODEL, "--retry-failed needs to know"),
        (["-o", "r.jsonl", "--prompts", "none"], MODEL, "no such folder of prompts"),
    ],
)
def test_what_cannot_work_is_told_in_a_line(
    run: Run, arguments: list[str], model: str, says: str
) -> None:
    write("in.jsonl", articles(1))
    done = run("requests", "in.jsonl", *arguments, model=model)
    assert done.code == 2
    assert done.said(says).startswith("summarize: ")
    assert list(Path().iterdir()) == [Path("in.jsonl")]


# What comes back


def test_a_round_trip_shuffled_with_one_failed_and_one_missing(run: Run) -> None:
    write("in.jsonl", articles(20))
    assert run("requests", "in.jsonl", "-o", "requests.jsonl").code == 0
    asked = written("requests.jsonl")

    def own(request: Request) -> Answer:
        number = number_of({"body": request.body})
        return draft(topics=["border security"], outcomes=[], place=f"P{number}")

    results = [result(line, own) for line in asked]
    failed, missing = number_of(asked[7]), number_of(asked[13])
    results[7]["response"] = {
        "status_code": 400,
        "request_id": "r",
        "body": {"error": {"message": "This one will not do", "type": "invalid_request_error"}},
    }
    del results[13]
    random.Random(0).shuffle(results)
    write("one.jsonl", results[:9])
    write("two.jsonl", results[9:])
    done = run("collect", "two.jsonl", "one.jsonl", "--input", "in.jsonl", "-o", "out.jsonl")
    assert done.code == 1
    lines = by_id(written("out.jsonl"))
    assert len(lines) == 20
    assert sum(line["ok"] for line in lines.values()) == 18
    assert lines[f"a{failed}"]["error"] == {
        "type": "RequestError",
        "message": f"{MODEL} rejects the request (400: This one will not do); check --model and "
        "--base-url, or try another model",
        "retryable": False,
        "attempts": 1,
    }
    error = lines[f"a{missing}"]["error"]
    assert (error["type"], error["retryable"], error["attempts"]) == ("MissingResultError", True, 0)
    given = {record["id"]: record["text"] for record in articles(20)}
    for id_, line in lines.items():
        if line["ok"]:
            summary = Summary.model_validate(line["summary"])
            assert summary.article.id == id_
            assert not verify(summary, Article(given[id_], id=id_))
            assert [item.topic for item in summary.agenda_items] == ["border security"]
            assert [u.value for u in summary.unsupported] == [f"P{id_[1:]}"]
            assert summary.provenance.seconds == 0
            assert summary.provenance.attempts == 1
            assert summary.provenance.usage.prompt_tokens == 100


def test_summaries_are_those_of_a_live_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in")
    write("in.jsonl", articles(5))
    with StandIn() as endpoint:
        run("batch", "in.jsonl", "-o", "live.jsonl", "--base-url", endpoint.url)
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    write("results.jsonl", results_of("requests.jsonl"))
    assert run("collect", "results.jsonl", "--input", "in.jsonl", "-o", "out.jsonl").code == 0
    live, collected = by_id(written("live.jsonl")), by_id(written("out.jsonl"))
    assert {id_: without_provenance(line) for id_, line in live.items()} == {
        id_: without_provenance(line) for id_, line in collected.items()
    }
    # A batch goes on from there, and from a batch.
    with StandIn() as endpoint:
        done = run("batch", "in.jsonl", "-o", "out.jsonl", "--base-url", endpoint.url)
        assert not endpoint.requests
    assert done.said("nothing to do: 5 summaries kept")
    assert run("collect", "results.jsonl", "--input", "in.jsonl", "-o", "live.jsonl").code == 0


@pytest.mark.parametrize(
    ("changes", "type_", "says", "retryable"),
    [
        # OpenAI's error file.
        ({"status_code": 429, "body": {"error": {"message": "Slow"}}}, "RateLimitError", "Slow", 1),
        (
            {"status_code": 400, "body": {"error": {"message": "m", "code": "content_filter"}}},
            "RefusalError",
            "content filter",
            0,
        ),
        (
            {"status_code": 404, "body": {"error": {"message": "no model x"}}},
            "ConfigurationError",
            "has no model",
            0,
        ),
        # A body that tells of an error with a status that does not.
        ({"status_code": 200, "body": {"error": {"message": "Ouch"}}}, "AnswerError", "Ouch", 1),
        ({"status_code": 200, "body": "text"}, "AnswerError", "", 1),
        ({"status_code": "200", "body": {"choices": 7}}, "AnswerError", "", 1),
    ],
)
def test_whatever_came_instead_of_an_answer(
    run: Run, changes: dict[str, Any], type_: str, says: str, retryable: int
) -> None:
    failure = collected_failure(run, {"response": {"request_id": "r", **changes}, "error": None})
    assert failure["type"] == type_
    assert says in failure["message"]
    assert failure["retryable"] == bool(retryable)
    assert failure["attempts"] == 1


@pytest.mark.parametrize(
    ("changes", "type_", "says", "attempts"),
    [
        # vLLM: the error as the endpoint would say it, the status beside it, or text alone.
        (
            {
                "response": {"status_code": 400, "request_id": "v", "body": None},
                "error": {"error": {"message": "maximum context length is 9", "code": 400}},
            },
            "ContextLengthError",
            "maximum context length is 9",
            1,
        ),
        (
            {"response": {"status_code": 400, "request_id": "v"}, "error": "not in stream mode"},
            "RequestError",
            "not in stream mode",
            1,
        ),
        # OpenAI: no HTTP error, but one of the batch's.
        ({"response": None, "error": {"code": "odd", "message": "?!"}}, "AnswerError", "?!", 1),
        ({"response": None, "error": "broken"}, "AnswerError", "broken", 1),
        (
            {"response": None, "error": {"code": "batch_expired", "message": "too late"}},
            "MissingResultError",
            "did not get to it (batch_expired: too late)",
            0,
        ),
    ],
)
def test_errors_beside_the_response(
    run: Run, changes: dict[str, Any], type_: str, says: str, attempts: int
) -> None:
    failure = collected_failure(run, changes)
    assert (failure["type"], failure["attempts"]) == (type_, attempts)
    assert says in failure["message"]


def collected_failure(run: Run, changes: dict[str, Any]) -> dict[str, Any]:
    write("in.jsonl", articles(1))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    (line,) = results_of("requests.jsonl")
    write("results.jsonl", [{**line, **changes}])
    assert run("collect", "results.jsonl", "--input", "in.jsonl", "-o", "out.jsonl").code == 1
    (failed,) = written("out.jsonl")
    assert not failed["ok"]
    return failed["error"]


def test_hostile_lines_are_told_and_cost_nothing_else(run: Run) -> None:
    write("in.jsonl", articles(4))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    good = [json.dumps(line).encode() for line in results_of("requests.jsonl")]
    deep = b'{"custom_id":"x","response":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    strange = b'{"custom_id":"\\ud800","response":{"status_code":200,"body":{}},"error":null}'
    hostile = [
        *(b"no json", b"\xff\xfe\x00", b"[]", b"null", b'{"custom_id":5,"response":{}}', deep),
        b'{"custom_id":"y"}',
        b'{"custom_id":"z","response":null,"error":null}',
        b'{"custom_id":"n","response":' + b"9" * 5_000 + b"}",
        Path("requests.jsonl").read_bytes().split(b"\n")[0],
    ]
    lines = [line for pair in zip(hostile, [*good, *[b""] * 6], strict=True) for line in pair]
    Path("results.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([*lines, strange]))
    done = run("collect", "results.jsonl", "--input", "in.jsonl", "-o", "out.jsonl")
    assert done.code == 1
    assert all(line["ok"] for line in written("out.jsonl"))
    assert len(written("out.jsonl")) == 4
    assert done.said("such as results.jsonl, line")
    assert done.said("10 lines without a result left out")
    # Half a character, which is no id of ours.
    assert done.said("1 result of no article of this input")


@pytest.mark.parametrize(
    "order", [("one.jsonl", "two.jsonl", "three.jsonl"), ("three.jsonl", "two.jsonl", "one.jsonl")]
)
def test_of_several_results_the_best_counts_in_any_order(run: Run, order: tuple[str, ...]) -> None:
    write("in.jsonl", articles(3))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    requests = written("requests.jsonl")
    first, second, third = results_of("requests.jsonl")
    bad = {"response": {"status_code": 500, "request_id": "r", "body": {}}, "error": None}
    cut = copy.deepcopy(first)
    cut["response"]["body"]["choices"][0]["finish_reason"] = "length"
    write("one.jsonl", [{**first, **bad}, cut, second])
    write("two.jsonl", [first, {**second, **bad}])
    write("three.jsonl", [not_asked(requests[0]), not_asked(requests[2]), third])
    done = run("collect", *order, "--input", "in.jsonl", "-o", "out.jsonl")
    assert done.code == 0
    assert done.said("8 results")
    items = [len(line["summary"]["agenda_items"]) for line in written("out.jsonl")]
    assert items == [2, 2, 2]


def test_unknown_results_are_reported(run: Run) -> None:
    write("in.jsonl", articles(4))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    results = results_of("requests.jsonl")
    write("results.jsonl", results)
    write("fewer.jsonl", articles(3))
    done = run("collect", "results.jsonl", "--input", "fewer.jsonl", "-o", "out.jsonl")
    assert done.code == 1
    assert results[3]["custom_id"] in done.said("1 result of no article of this input")
    # A second run knows the results of what is done already.
    done = run("collect", "results.jsonl", "--input", "in.jsonl", "-o", "out.jsonl")
    assert done.code == 0
    assert not [line for line in done.errors if "of no article" in line]
    done = run(
        "collect", "results.jsonl", "--input", "in.jsonl", "-o", "x.jsonl", model="openai/other"
    )
    assert done.code == 1
    assert done.said("4 results of no article of this input")
    assert all(line["error"]["type"] == "MissingResultError" for line in written("x.jsonl"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["empty.jsonl", "--input", "in.jsonl", "-o", "o.jsonl"], "no results in there"),
        (["requests.jsonl", "--input", "in.jsonl", "-o", "o.jsonl"], "no results in there"),
        (["none.jsonl", "--input", "in.jsonl", "-o", "o.jsonl"], "none.jsonl: no such file"),
        ([".", "--input", "in.jsonl", "-o", "o.jsonl"], "is no file"),
        (["zipped.jsonl", "--input", "in.jsonl", "-o", "o.jsonl"], "no results in there"),
        (["r.jsonl", "--input", "none.jsonl", "-o", "o.jsonl"], "none.jsonl: no such file"),
        (["r.jsonl", "--input", "in.jsonl", "-o", "r.jsonl"], "is one of the other files"),
        (["r.jsonl", "--input", "in.jsonl", "-o", "in.jsonl"], "is one of the inputs"),
        (["r.jsonl", "--input", "in.jsonl", "-o", "o.jsonl", "--again", "o.jsonl"], "is one of"),
    ],
)
def test_what_cannot_be_collected(run: Run, arguments: list[str], says: str) -> None:
    write("in.jsonl", articles(1))
    Path("empty.jsonl").touch()
    Path("zipped.jsonl").write_bytes(gzip.compress(b"{}"))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    write("r.jsonl", results_of("requests.jsonl"))
    before = Path("r.jsonl").read_bytes()
    done = run("collect", *arguments)
    assert done.code == 2
    assert done.said(says).startswith("summarize: ")
    assert Path("r.jsonl").read_bytes() == before


# Resume, and what is missing


def test_what_is_missing_is_asked_again(run: Run) -> None:
    write("in.jsonl", articles(6))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    asked, results = written("requests.jsonl"), results_of("requests.jsonl")
    bad = {"status_code": 500, "request_id": "r", "body": {"error": {"message": "Oops"}}}
    results[0]["response"] = bad
    write("one.jsonl", [*results[:3], not_asked(asked[3]), results[4]])
    assert run("collect", "one.jsonl", "--input", "in.jsonl", "-o", "out.jsonl").code == 1
    failed = {line["id"]: line["error"]["type"] for line in written("out.jsonl") if not line["ok"]}
    assert failed == {
        "a0": "EndpointError",
        "a3": "MissingResultError",
        "a5": "MissingResultError",
    }
    # What was never answered is not a failure to be kept; what failed is.
    done = run("requests", "in.jsonl", "-o", "more.jsonl", "--done", "out.jsonl")
    assert done.code == 0
    assert {number_of(line) for line in written("more.jsonl")} == {3, 5}
    run("requests", "in.jsonl", "-o", "all.jsonl", "--done", "out.jsonl", "--retry-failed")
    assert {number_of(line) for line in written("all.jsonl")} == {0, 3, 5}
    write("two.jsonl", results_of("all.jsonl"))
    both = ("one.jsonl", "two.jsonl", "--input", "in.jsonl", "-o", "out.jsonl")
    done = run("collect", *both, "--retry-failed")
    assert done.code == 0
    assert done.said("done again: 2 had no result, 1 failed before")
    lines = by_id(written("out.jsonl"))
    assert len(lines) == 6
    assert all(line["ok"] for line in lines.values())
    done = run("requests", "in.jsonl", "-o", "none.jsonl", "--done", "out.jsonl")
    assert (done.code, Path("none.jsonl").exists()) == (0, False)
    assert done.said("nothing to do: 6 summaries kept")


def test_which_failure_counts(run: Run) -> None:
    write("in.jsonl", articles(2))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    first, second = results_of("requests.jsonl")

    def failed(status: int) -> dict[str, Any]:
        body = {"error": {"message": f"No. {status}"}}
        return {**first, "response": {"status_code": status, "request_id": "r", "body": body}}

    def told() -> str:
        return str(by_id(written("out.jsonl"))["a0"]["error"]["message"])

    joined = ("--input", "in.jsonl", "-o", "out.jsonl")
    write("one.jsonl", [failed(500), second])
    write("two.jsonl", [failed(400)])
    run("collect", "one.jsonl", *joined)
    # One that is kept is another's only where they are to be tried again,
    assert run("collect", "two.jsonl", *joined).said("kept from before: 1 summary, 1 failure")
    assert "No. 500" in told()
    assert told().endswith("; summarize requests --done OUT --retry-failed writes it anew")
    assert run("collect", "two.jsonl", *joined, "--retry-failed").said("1 failed before")
    assert "No. 400" in told()
    # and that there is no result says less than any.
    write("three.jsonl", [second])
    assert run("collect", "three.jsonl", *joined, "--retry-failed").code == 1
    assert "No. 400" in told()


def test_no_failure_replaces_a_summary(run: Run) -> None:
    write("in.jsonl", articles(2))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    write("results.jsonl", results_of("requests.jsonl"))
    run("collect", "results.jsonl", "--input", "in.jsonl", "-o", "out.jsonl")
    before = written("out.jsonl")
    # The same articles with other words, about which nothing is known.
    write("in.jsonl", [{**record, "text": record["text"] + "More."} for record in articles(2)])
    assert run("collect", "results.jsonl", "--input", "in.jsonl", "-o", "out.jsonl").code == 1
    assert written("out.jsonl") == before


def test_interrupted_it_keeps_what_it_has_and_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "_GROUP_SIZE", 2)
    monkeypatch.setattr(collecting, "_GROUP_SECONDS", 60.0)
    write("in.jsonl", articles(6))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    write("results.jsonl", results_of("requests.jsonl"))
    words = ("collect", "results.jsonl", "--input", "in.jsonl", "-o", "out.jsonl")
    with monkeypatch.context() as patched:
        patched.setattr(Messages, "update", interrupt)
        done = run(*words)
    assert done.code == 130
    assert done.said("the same command goes on from here (out.jsonl)")
    assert len(written("out.jsonl")) == 2
    done = run(*words)
    assert done.code == 0
    assert done.said("kept from before: 2 summaries")
    assert len(by_id(written("out.jsonl"))) == 6


def interrupt(_messages: Messages, line: str) -> None:
    """In place of showing progress."""
    signal.raise_signal(signal.SIGINT)


# Questions that answers lead to


def invented(request: Request) -> Answer:
    """Names somebody who is not in the article, and puts it right when asked."""
    if "participants" in request.schema["properties"]:
        return draft(participants=[*DRAFT["participants"], {"role": "", "name": "Jane Doe"}])
    return corrections("Ahmad al-Sharaa")


def test_the_second_question_is_written_and_answered(run: Run) -> None:
    write("in.jsonl", articles(3))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    asked = written("requests.jsonl")
    write("one.jsonl", [result(line, invented if number_of(line) else fitting) for line in asked])
    command = ("--input", "in.jsonl", "-o", "out.jsonl", "--again", "again.jsonl")
    done = run("collect", "one.jsonl", *command)
    assert done.code == 1
    assert done.said("2 articles left unwritten: 2 further requests in again.jsonl")
    assert [line["id"] for line in written("out.jsonl")] == ["a0"]
    again = written("again.jsonl")
    assert {number_of(line) for line in again} == {1, 2}
    assert all("Jane Doe" in line["body"]["messages"][-1]["content"] for line in again)
    write("two.jsonl", results_of("again.jsonl", invented))
    done = run("collect", "two.jsonl", "one.jsonl", *command)
    assert done.code == 0
    assert done.said("no further requests")
    lines = by_id(written("out.jsonl"))
    assert len(lines) == 3
    assert lines["a1"]["summary"]["provenance"]["attempts"] == 2
    assert lines["a1"]["summary"]["provenance"]["usage"]["prompt_tokens"] == 200
    assert "Jane" not in json.dumps(lines["a1"]["summary"]["unsupported"])


def test_without_it_the_first_answer_stands(run: Run) -> None:
    write("in.jsonl", articles(2))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    write("one.jsonl", results_of("requests.jsonl", invented))
    done = run("collect", "one.jsonl", "--input", "in.jsonl", "-o", "out.jsonl")
    assert done.code == 0
    assert done.said("2 summaries made without a second question")
    for line in written("out.jsonl"):
        assert line["summary"]["provenance"]["attempts"] == 1
        assert "Jane Doe" in json.dumps(line["summary"]["unsupported"])


def test_an_invalid_answer_is_asked_for_again(run: Run) -> None:
    write("in.jsonl", articles(2))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    asked = written("requests.jsonl")
    write("one.jsonl", [result(asked[0], lambda _: completion("no JSON")), result(asked[1])])
    done = run("collect", "one.jsonl", "--input", "in.jsonl", "-o", "out.jsonl")
    assert done.code == 1
    error = by_id(written("out.jsonl"))["a0"]["error"]
    assert (error["type"], error["attempts"]) == ("MissingResultError", 1)
    assert "led to another question" in error["message"]
    assert "is not the JSON that was asked for" in error["message"]
    assert "--again FILE" in error["message"]
    command = ("--input", "in.jsonl", "-o", "out.jsonl", "--again", "again.jsonl")
    assert run("collect", "one.jsonl", *command).code == 1
    (again,) = written("again.jsonl")
    assert "no JSON" in [message["content"] for message in again["body"]["messages"]]
    write("two.jsonl", results_of("again.jsonl"))
    assert run("collect", "one.jsonl", "two.jsonl", *command).code == 0
    assert all(line["ok"] for line in written("out.jsonl"))


def test_long_articles_in_windows(run: Run) -> None:
    write("in.jsonl", [{"id": "long", "text": LONG}, *articles(1)])
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    asked = written("requests.jsonl")
    windows = asked[:-1]
    assert len(windows) > 1
    pipeline = Pipeline(Article(LONG, id="long"), load_prompts(), 100_000, DIRECT)
    assert [q.messages[-1].content for q in pipeline.first_questions] == [
        line["body"]["messages"][-1]["content"] for line in windows
    ]

    def shuffled(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        random.Random(2).shuffle(results)
        return results

    plain = draft(topics=["border security"], outcomes=[], place="")
    # Each window was too long for the model; half of it is not.
    halved = status(400, "maximum context length exceeded", code="context_length_exceeded")
    write("one.jsonl", shuffled([result(line, lambda _: halved) for line in windows]))
    write("rest.jsonl", [result(asked[-1])])
    command = ("--input", "in.jsonl", "-o", "out.jsonl", "--again", "again.jsonl")
    done = run("collect", "one.jsonl", "rest.jsonl", *command)
    assert done.code == 1
    # All of them at once, not one a round.
    again = written("again.jsonl")
    assert len(again) == 2 * len(windows)
    assert done.said(f"1 article left unwritten: {len(again)} further requests")
    write("two.jsonl", shuffled([result(line, lambda _: plain) for line in again]))
    assert run("collect", "two.jsonl", "one.jsonl", "rest.jsonl", *command).code == 0
    line = by_id(written("out.jsonl"))["long"]
    assert line["summary"]["provenance"]["attempts"] == len(windows) + len(again)
    assert [item["topic"] for item in line["summary"]["agenda_items"]] == ["border security"]
    # A window whose result is missing costs the article, and not the others.
    write("three.jsonl", [result(line, lambda _: plain) for line in asked[1:]])
    assert run("collect", "three.jsonl", "--input", "in.jsonl", "-o", "x.jsonl").code == 1
    assert {k: v["ok"] for k, v in by_id(written("x.jsonl")).items()} == {
        "long": False,
        "a0": True,
    }


def test_a_parameter_that_the_model_does_not_take_is_left_out(run: Run) -> None:
    write("in.jsonl", articles(3))
    run("requests", "in.jsonl", "-o", "requests.jsonl")

    def strict(request: Request) -> Answer:
        if "temperature" in request.body:
            return status(
                400, "Unsupported value: 'temperature' does not support 0.0", param="temperature"
            )
        return fitting(request)

    write("one.jsonl", results_of("requests.jsonl", strict))
    command = ("--input", "in.jsonl", "-o", "out.jsonl", "--again", "again.jsonl")
    assert run("collect", "one.jsonl", *command).code == 1
    again = written("again.jsonl")
    assert len(again) == 3
    assert not [line for line in again if "temperature" in line["body"]]
    write("two.jsonl", results_of("again.jsonl", strict))
    assert run("collect", "one.jsonl", "two.jsonl", *command).code == 0
    lines = by_id(written("out.jsonl"))
    # The same for each, whichever was first.
    assert [line["summary"]["provenance"]["attempts"] for line in lines.values()] == [2, 2, 2]


# The rest


def test_a_batch_costs_half(run: Run) -> None:
    model = "openai/gpt-4o-mini"
    write("in.jsonl", articles(1))
    run("requests", "in.jsonl", "-o", "requests.jsonl", model=model)
    million = {"prompt_tokens": 1_000_000, "completion_tokens": 1_000_000}
    results = results_of("requests.jsonl", lambda _: completion(json.dumps(DRAFT), usage=million))
    write("results.jsonl", results)
    run("collect", "results.jsonl", "--input", "in.jsonl", "-o", "out.jsonl", model=model)
    (line,) = written("out.jsonl")
    # https://openai.com/api/pricing: 0.15 and 0.60, and half of it in a batch.
    assert line["summary"]["provenance"]["usage"]["cost_usd"] == pytest.approx(0.375)
    # Nobody knows the price of one's own server, or what others take for a batch.
    own = ("--base-url", "http://localhost:8000/v1")
    run("collect", "results.jsonl", "--input", "in.jsonl", "-o", "own.jsonl", *own, model=model)
    (line,) = written("own.jsonl")
    assert line["summary"]["provenance"]["usage"]["cost_usd"] is None


def test_other_providers_of_chat_completions(run: Run) -> None:
    write("in.jsonl", articles(1))
    done = run("requests", "in.jsonl", "-o", "r.jsonl", model="ollama/qwen3:30b")
    assert done.code == 0
    (line,) = written("r.jsonl")
    assert line["body"]["model"] == "qwen3:30b"
    # As `vllm run-batch` names its model.
    run("requests", "in.jsonl", "-o", "v.jsonl", model="openai/Qwen/Qwen3-8B")
    (line,) = written("v.jsonl")
    assert line["body"]["model"] == "Qwen/Qwen3-8B"


def test_the_lines_are_what_vllm_reads(run: Run) -> None:
    """`vllm run-batch` strips each line of the file and validates it (BatchRequestInput): the four
    fields, a body that is a chat completion request, a schema it can constrain the answer with."""
    write("in.jsonl", articles(3))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    with Path("requests.jsonl").open(encoding="utf-8") as file:
        lines = [json.loads(line.strip()) for line in file if line.strip()]
    assert len(lines) == 3
    for line in lines:
        assert {type(line[name]) for name in ("custom_id", "method", "url")} == {str}
        body = line["body"]
        assert body.keys() == {
            "model", "messages", "temperature", "max_tokens", "response_format"
        }  # fmt: skip
        assert {tuple(message) for message in body["messages"]} == {("role", "content")}
        assert body["response_format"]["type"] == "json_schema"
        form = body["response_format"]["json_schema"]
        assert isinstance(form["name"], str)
        assert form["schema"]["type"] == "object"


def test_a_file_of_results_that_changes_meanwhile_ends_the_run(run: Run, tmp_path: Path) -> None:
    write("in.jsonl", articles(2))
    run("requests", "in.jsonl", "-o", "requests.jsonl")
    path = write("results.jsonl", results_of("requests.jsonl"))
    with Answers() as answers:
        assert list(answers.read(path)) == []
        path.write_bytes(path.read_bytes()[10:])
        body = json.dumps(written("requests.jsonl")[1]["body"]).encode()
        with pytest.raises(ConfigurationError, match="has changed while it was read"):
            answers.answer(body)
