"""Batches: the command and the Python calls, against the stand-in endpoint, whatever happens."""

from __future__ import annotations

import asyncio
import html
import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from commands import (
    MODEL,
    Done,
    articles,
    by_id,
    number_in,
    outcome,
    text,
    without_provenance,
    write,
    written,
)
from endpoint import (
    ARTICLE,
    CUT,
    HANG,
    RESET,
    Answer,
    Request,
    StandIn,
    completion,
    fitting,
    page,
    status,
)

from summarize import cli
from summarize.api import asummarize_batch, summarize_batch
from summarize.article.article import Article
from summarize.batch.plan import Plan, recipe_of
from summarize.batch.results import BatchResult
from summarize.batch.results_file import ResultsFile
from summarize.batch.run import Batch
from summarize.cli.arguments import parse
from summarize.errors import (
    AuthenticationError,
    ConfigurationError,
    OutputError,
)
from summarize.models import ModelSettings, RetryPolicy, rate_limiter
from summarize.models.rate_limiter import RateLimiter
from summarize.pipeline.summarizer import Summarizer
from summarize.sources.inputs import records_of

KEY = "sk-stand-in-0123456789"
NOWHERE = "http://127.0.0.1:9/v1"
COMMAND = (sys.executable, "-m", "summarize", "batch")
# The real waits are seconds; their proportions are what is tested.
HASTE = RetryPolicy(attempts=4, slow_attempts=2, first_wait=0.01, longest_wait=0.02, jitter=0.01)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("SUMMARIZE_MODEL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return tmp_path


def asking(endpoint: StandIn | str) -> tuple[str, ...]:
    url = endpoint if isinstance(endpoint, str) else endpoint.url
    return ("--model", MODEL, "--base-url", url)


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, in this process: it is the start of another one that takes time."""

    def called(endpoint: StandIn | str, *arguments: Any) -> Done:
        words = ["batch", *map(str, arguments), *asking(endpoint)]
        return outcome(words, capsys)

    return called


def environment(**more: str) -> dict[str, str]:
    """Nothing of this machine's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    strict = {"LANG": "C.UTF-8", "PYTHONWARNINGS": "error", "HOME": str(Path.cwd())}
    return {**kept, **strict, "OPENAI_API_KEY": KEY, **more}


def start(endpoint: StandIn | str, *arguments: Any, **how: Any) -> subprocess.Popen[bytes]:
    """The command, in a process of its own."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments), *asking(endpoint)],
        env=environment(),
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **how},
        stderr=subprocess.PIPE,
    )


def ended(process: subprocess.Popen[bytes]) -> Done:
    try:
        out, errors = process.communicate(timeout=90)
    finally:
        process.kill()
    assert b"Traceback" not in errors
    assert b"defect" not in errors
    assert b"Exception ignored" not in errors
    assert b"Fatal Python error" not in errors
    return Done(process.returncode, (out or b"").decode(), errors.decode().splitlines())


def wait_until(condition: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def whole_lines(path: Path | str) -> int:
    return Path(path).read_bytes().count(b"\n") if Path(path).exists() else 0


def number_of(request: Request) -> int:
    return number_in(request.messages)


def asked(endpoint: StandIn, since: int = 0) -> Counter[int]:
    """How often each article was asked about."""
    return Counter(number_of(request) for request in list(endpoint.requests)[since:])


def slowly(request: Request, seconds: float) -> Answer:
    return replace(fitting(request), after=seconds)


def hidden() -> list[str]:
    """Files that a run leaves beside its output."""
    return [path.name for path in Path().rglob(".*")]


# From end to end


def test_what_a_batch_wrote_is_verified_and_shown_without_naming_its_input(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [*articles(2), {"text": text(2), "url": "https://example.org/2"}]
    write("in.jsonl", given)
    Path("more.json").write_text(json.dumps([{"body": text(3)}]), encoding="utf-8")
    with StandIn() as endpoint:
        assert run(endpoint, "in.jsonl", "more.json", "-o", "out.jsonl").code == 0
    made = {id_: line["summary"]["article"] for id_, line in by_id(written("out.jsonl")).items()}
    files = {id_: (article["source"], article["records"]) for id_, article in made.items()}
    assert files == {
        "a0": ("in.jsonl", "in.jsonl"),
        "a1": ("in.jsonl", "in.jsonl"),
        "in:3": ("https://example.org/2", "in.jsonl"),
        "more:1": ("more.json", "more.json"),
    }
    done = outcome(["verify", "out.jsonl"], capsys)
    assert (done.code, done.out.splitlines()[-1][-11:]) == (0, ": all right")
    done = outcome(["report", "out.jsonl", "-o", "report.html"], capsys)
    assert (done.code, done.errors) == (0, ["report.html: 4 summaries"])
    write("in.jsonl", [{**given[0], "text": f"More. {text(0)}"}, *given[1:]])
    done = outcome(["verify", "out.jsonl"], capsys)
    assert done.code == 1
    assert "a0: the article's text is not the one that was summarized" in done.out


def test_a_text_in_html_has_the_summary_of_its_words(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    title, *paragraphs = text(0).replace("e", "&#101;").replace("a", "&amp;#x61;").splitlines()
    content = "".join(f"<p>{paragraph}</p>\n" for paragraph in (title, *paragraphs))
    post = {
        "id": 17,
        "date": "2025-03-05T09:00:00",
        "link": "https://example.org/?p=17",
        "title": {"rendered": "Norway&#8217;s <em>minister</em> in Oslo &amp; Bergen"},
        "content": {"rendered": content, "protected": False},
        "excerpt": {"rendered": "<p>Short.</p>", "protected": False},
    }
    Path("posts.json").write_text(json.dumps([post]), encoding="utf-8")
    write("plain.jsonl", articles(1))
    with StandIn() as endpoint:
        assert run(endpoint, "posts.json", "plain.jsonl", "-o", "out.jsonl").code == 0
    lines = by_id(written("out.jsonl"))
    made, plain = lines["17"]["summary"], lines["a0"]["summary"]
    assert made["article"]["title"] == "Norway’s minister in Oslo & Bergen"
    assert made["article"]["published"] == "2025-03-05"
    assert made["article"]["source"] == "https://example.org/?p=17"
    assert made["summary"] == plain["summary"]
    for kind in ("actors", "agenda_items", "outcomes"):
        assert len(made[kind]) == len(plain[kind]) > 0
        for one, other in zip(made[kind], plain[kind], strict=True):
            assert {**one, "quotes": []} == {**other, "quotes": []}
            for quote, words in zip(one["quotes"], other["quotes"], strict=True):
                assert content[quote["start"] : quote["end"]] == quote["text"]
                assert html.unescape(html.unescape(quote["text"])) == words["text"]
    done = outcome(["verify", "out.jsonl"], capsys)
    assert (done.code, done.out.splitlines()[-1][-11:]) == (0, ": all right")


# Killed, and taken up again


def test_killed_again_and_again_and_taken_up_again() -> None:
    chance, most, kills, number = random.Random(1), 8, 2, 250
    write("in.jsonl", articles(number))
    again: Counter[int] = Counter()
    with StandIn(latency=0.03) as endpoint:
        for _ in range(kills):
            before, lines = len(endpoint.requests), whole_lines("out.jsonl")
            process = start(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", most)
            wanted = chance.randint(10, 100)
            wait_until(lambda: len(endpoint.requests) >= before + wanted)  # noqa: B023
            wait_until(lambda: whole_lines("out.jsonl") > lines)  # noqa: B023
            time.sleep(chance.random() * 0.03)
            process.kill()
            process.communicate()
            wait_until(lambda: not endpoint.in_flight)
            assert whole_lines("out.jsonl") > lines
            # Lines that were told on, whole; the last one may be torn.
            ids = [json.loads(line)["id"] for line in whole("out.jsonl")]
            lost = asked(endpoint).keys() - {int(id_[1:]) for id_ in ids}
            # In flight, waiting for the writer, or on the way to the disk.
            assert len(lost) <= 3 * most
            again.update(lost)
        done = ended(start(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", most))
    assert done.code == 0
    assert any("made before: kept where the text is the same" in line for line in done.errors)
    lines = by_id(written("out.jsonl"))
    assert lines.keys() == {f"a{i}" for i in range(number)}
    assert all(line["ok"] for line in lines.values())
    # None but those that the kill took the answer of were asked about again.
    assert asked(endpoint) - Counter(range(number)) == again
    assert endpoint.most_in_flight <= most
    assert hidden() == []


def whole(path: str) -> list[bytes]:
    return Path(path).read_bytes().split(b"\n")[:-1]


# Every fault among the articles


@dataclass(frozen=True)
class Fault:
    """What an article gets, and what its line says if it gets that again and again."""

    answer: Answer
    type: str
    says: str
    attempts: int
    retryable: bool = True


WRONG = completion('{"event": "party"}')
FAULTS = {
    "429": Fault(status(429), "RateLimitError", "slow down (429", 4),
    "429 retry-after": Fault(
        status(429, headers={"retry-after": "0.02"}), "RateLimitError", "slow down (429", 4
    ),
    "500": Fault(status(500), "EndpointError", "failed (500", 4),
    "503": Fault(status(503), "EndpointError", "failed (503", 4),
    "reset": Fault(RESET, "EndpointError", "broke the connection", 4),
    "hang": Fault(HANG, "SilentError", "did not answer within 0.5 s", 2),
    "cut": Fault(CUT, "EndpointError", "broke the connection", 4),
    "empty": Fault(completion("", choices=[]), "AnswerError", "no choices", 4),
    "page": Fault(page(), "WebPageError", "a web page", 2, retryable=False),
    "garbage": Fault(completion("I see."), "InvalidAnswerError", "not the JSON", 2, False),
    "wrong": Fault(WRONG, "InvalidAnswerError", "not the JSON", 2, False),
    "truncated": Fault(
        completion('{"ev', finish_reason="length"), "TruncatedAnswerError", "cut off", 1, False
    ),
    "refusal": Fault(completion(None, refusal="No."), "RefusalError", "declined: No.", 1, False),
    "too long": Fault(
        status(400, "maximum context length is 9"), "ContextLengthError", "too long", 1, False
    ),
}
# The others do not pass: the same question has the same answer.
PASSING = [name for name, fault in FAULTS.items() if fault.attempts > 1]


def faulty(kinds: Sequence[tuple[str, bool] | None]) -> Callable[[Request], Answer]:
    """Each article's own fault in turn, which lasts or is gone at the second request."""
    seen: Counter[int] = Counter()

    def answer(request: Request) -> Answer:
        number = number_of(request)
        seen[number] += 1
        kind = kinds[number % len(kinds)]
        if kind and (kind[1] or seen[number] == 1):
            return FAULTS[kind[0]].answer
        return fitting(request)

    return answer


@contextmanager
def batch_of(
    endpoint: StandIn, records: Iterable[Any], output: ResultsFile | None = None, at_once: int = 16
) -> Iterator[Batch]:
    """A run with little patience."""
    settings = ModelSettings(MODEL, base_url=endpoint.url, timeout=0.5, retry_policy=HASTE)
    limiter = RateLimiter(at_once)
    with Summarizer(settings, limiter=limiter) as summarizer:
        plan = Plan(records_of(records), recipe_of(settings, None), output)
        write = output and output.append
        yield Batch(plan, summarizer.rendering, limiter, at_once, output=write)


async def all_of(batch: Batch) -> list[BatchResult]:
    return [result async for group in batch.groups() for result in group]


def test_every_fault_among_the_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limiter, "_FIRST_PAUSE", 0.02)
    kinds = [None, *((name, lasting) for name in FAULTS for lasting in (False, True))]
    kinds = [kind for kind in kinds if not kind or kind[1] or kind[0] in PASSING]
    # To be asked to slow down is nothing of an article's own; one is enough for what it does.
    kinds = [kind for kind in kinds if not kind or not kind[1] or "429" not in kind[0]]
    kinds = [*(kinds * 150)[:149], ("429", True)]
    given = articles(150)
    with (
        StandIn(faulty(kinds)) as endpoint,
        ResultsFile.opened(Path("out.jsonl")) as output,
        batch_of(endpoint, given, output) as batch,
    ):
        results = asyncio.run(all_of(batch))
    lines = by_id(written("out.jsonl"))
    assert lines.keys() == {article["id"] for article in given}
    assert {result.id: json.loads(result.to_json()) for result in results} == lines
    requests = asked(endpoint)
    for number in range(150):
        line, kind = lines[f"a{number}"], kinds[number % len(kinds)]
        if kind is None or not kind[1]:
            assert line["ok"], (kind, line)
            assert requests[number] == line["summary"]["provenance"]["attempts"] >= 1 + bool(kind)
            continue
        fault, error = FAULTS[kind[0]], line["error"]
        assert not line["ok"]
        assert error.keys() == {"type", "message", "retryable", "attempts"}
        assert (error["type"], error["retryable"]) == (fault.type, fault.retryable), kind
        assert fault.says in error["message"]
        assert error["attempts"] == requests[number] >= fault.attempts
        # Refusals are counted anew whenever another article gets through.
        # Where for a moment nobody got through, what may be the endpoint's is tried once more.
        assert "429" in kind[0] or error["attempts"] <= fault.attempts + 1, kind


def test_a_refused_key_ends_the_run_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write("in.jsonl", articles(60))

    def answer(request: Request) -> Answer:
        is_good = "new" in request.headers["authorization"] or len(endpoint.requests) <= 20
        return fitting(request) if is_good else status(401, f"Bad key {KEY}")

    with StandIn(answer, latency=0.02) as endpoint:
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", 4)
        assert done.code == 2
        refused = [line for line in done.errors if "refuses the key (401" in line]
        assert len(refused) == 1
        assert refused[0].startswith(f"summarize: stopped: {endpoint.url}")
        assert done.errors[-1] == "summarize: the same command goes on from here (out.jsonl)"
        assert KEY not in " ".join(done.errors)
        assert len(endpoint.requests) <= 20 + 4
        kept = written("out.jsonl")
        # All but what was in flight.
        assert 20 - 4 <= len(kept) <= 20
        monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}-new")
        before = len(endpoint.requests)
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", 4)
    assert done.code == 0
    lines = written("out.jsonl")
    assert lines[: len(kept)] == kept
    assert by_id(lines).keys() == {f"a{i}" for i in range(60)}
    assert len(endpoint.requests) == before + 60 - len(kept)


# The endpoint that cannot be had


def test_an_endpoint_that_nobody_gets_through_to(run: Run) -> None:
    write("in.jsonl", articles(9))
    done = run(NOWHERE, "in.jsonl", "-o", "out.jsonl", "--concurrency", 3)
    assert done.code == 2
    assert any("cannot be reached" in line for line in done.errors)
    # None of it is the articles' own, and all of them are done the next time.
    assert written("out.jsonl") == []
    with StandIn() as endpoint:
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 0
    assert len(written("out.jsonl")) == 9


def test_what_is_held_back_when_the_run_is_stopped_is_done_by_the_next_one() -> None:
    async def stopped(batch: Batch) -> list[BatchResult]:
        async def stop() -> None:
            while len(endpoint.requests) < 2 * HASTE.attempts:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            batch.stop()
            is_stopped.set()

        stopping = asyncio.create_task(stop())
        results = await all_of(batch)
        await stopping
        return results

    def slowly() -> Iterator[Any]:
        yield from articles(2)
        is_stopped.wait(30)
        yield from articles(1, first=2)

    is_stopped = threading.Event()
    with StandIn([status(503)]) as endpoint, batch_of(endpoint, slowly()) as batch:
        assert asyncio.run(stopped(batch)) == []
    assert batch.is_stopped


# The pace


@pytest.mark.timed
def test_a_429_holds_all_of_the_run_back(run: Run) -> None:
    write("in.jsonl", articles(100))
    flying: list[tuple[float, int, bool]] = []
    refused: list[float] = []

    def answer(request: Request) -> Answer:
        is_refused = len(endpoint.requests) == 40
        flying.append((request.at, endpoint.in_flight + 1, is_refused))
        if is_refused:
            refused.append(request.at)
            return status(429, headers={"retry-after": "1"})
        return fitting(request)

    with StandIn(answer, latency=0.1) as endpoint:
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", 8)
    assert done.code == 0
    assert len(by_id(written("out.jsonl"))) == 100
    assert len(endpoint.requests) == 101
    told = refused[0] + endpoint.latency
    # Those that were on their way when it was told are not its fault.
    after = [(at, number) for at, number, _ in flying if at > told + 0.1]
    assert after[0][0] >= told + 0.95
    assert max(number for at, number in after if at < after[0][0] + 0.09) < 8
    assert max(number for _, number in after) == 8
    assert endpoint.most_in_flight == 8
    assert len(endpoint.peers) <= 8 + 1


def test_a_slow_article_holds_nobody_up(run: Run) -> None:
    write("in.jsonl", articles(60))

    def answer(request: Request) -> Answer:
        return slowly(request, 2.5 if number_of(request) == 3 else 0.0)

    with StandIn(answer, latency=0.005) as endpoint:
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", 4)
    assert done.code == 0
    order = [line["id"] for line in written("out.jsonl")]
    assert order[-1] == "a3"
    assert len(order) == 60
    times = {number_of(request): request.at for request in endpoint.requests}
    assert max(times.values()) - times[3] < 2.2


@pytest.mark.timed
def test_limits(run: Run) -> None:
    write("in.jsonl", articles(12))
    with StandIn() as endpoint:
        assert run(endpoint, "in.jsonl", "-o", "a.jsonl", "--rpm", 1200).code == 0
        assert endpoint.requests[-1].at - endpoint.requests[0].at >= 0.4
        before = len(endpoint.requests)
        # An article has 110 tokens.
        limited = ("--max-tokens-total", 700, "--concurrency", 1)
        done = run(endpoint, "in.jsonl", "-o", "b.jsonl", *limited)
        assert (done.code, len(endpoint.requests) - before) == (1, 6)
        assert done.errors[-2:] == [
            "summarize: stopped at the limit of tokens",
            "summarize: the same command goes on from here (b.jsonl)",
        ]
        assert run(endpoint, "in.jsonl", "-o", "b.jsonl").code == 0
    assert len(endpoint.requests) == before + 12
    assert len(written("b.jsonl")) == 12


# Stopping


def test_stopping(run: Run) -> None:
    """Ctrl-C once, twice, and SIGTERM; and then all of it once more."""
    names = ("once", "twice", "terminated")
    first = {"once": 0, "twice": 100, "terminated": 200}
    for name in names:
        write(f"{name}.jsonl", articles(12, first=first[name]))

    def stopped(name: str) -> Done:
        process = start(endpoint, f"{name}.jsonl", "-o", f"{name}.out.jsonl", "--concurrency", 3)
        wait_until(lambda: whole_lines(f"{name}.out.jsonl") >= 3)
        wait_until(lambda: first[name] + 5 in asked(endpoint))
        number = signal.SIGTERM if name == "terminated" else signal.SIGINT
        process.send_signal(number)
        if name == "twice":
            time.sleep(0.2)
            process.send_signal(number)
        return ended(process)

    def answer(request: Request) -> Answer:
        return slowly(request, 0.0 if number_of(request) % 100 < 3 else 1.0)

    with StandIn(answer) as endpoint, ThreadPoolExecutor(3) as pool:
        done = dict(zip(names, pool.map(stopped, names), strict=True))
        asked_about = len(endpoint.requests)
        endpoint.script = fitting
        for name in names:
            result, number = done[name], whole_lines(f"{name}.out.jsonl")
            assert result.code == 130
            assert any(
                re.fullmatch(r"summarize: finishing \d articles? in flight; once more stops now", e)
                for e in result.errors
            )
            assert result.errors[-1] == (
                f"summarize: the same command goes on from here ({name}.out.jsonl)"
            )
            assert number == 3 if name == "twice" else number == 6
            written(f"{name}.out.jsonl")
            again = run(endpoint, f"{name}.jsonl", "-o", f"{name}.out.jsonl")
            assert again.code == 0
            assert len(by_id(written(f"{name}.out.jsonl"))) == 12
    # What was finished is not asked about again.
    assert asked_about == 18
    assert len(endpoint.requests) == 18 + 6 + 9 + 6


def test_stopping_before_anything_is_ready() -> None:
    @asynccontextmanager
    async def slowly(_: int) -> AsyncIterator[Any]:
        await asyncio.sleep(60)
        yield

    async def stopped() -> list[BatchResult]:
        plan = Plan(records_of(articles(3)), recipe_of(ModelSettings(MODEL), None))
        batch = Batch(plan, slowly, RateLimiter(1), 1)
        asyncio.get_running_loop().call_later(0.1, batch.stop)
        return await all_of(batch)

    started = time.monotonic()
    assert asyncio.run(stopped()) == []
    assert time.monotonic() - started < 5


def test_that_the_input_has_been_read_does_not_mean_that_all_is_done() -> None:
    async def stopped(batch: Batch) -> None:
        async for _ in batch.groups():
            batch.stop()

    def answer(request: Request) -> Answer:
        return slowly(request, 0.3 if number_of(request) else 0.1)

    with StandIn(answer) as endpoint, batch_of(endpoint, articles(7), at_once=4) as batch:
        asyncio.run(stopped(batch))
    assert batch.is_stopped
    assert 4 <= batch.done < 7


def test_standard_input_is_worked_on_while_it_comes() -> None:
    """And a run that waits for it can be stopped."""
    with StandIn() as endpoint:
        process = start(endpoint, "-", "-o", "out.jsonl", stdin=subprocess.PIPE)
        assert process.stdin
        for number in range(3):
            process.stdin.write(f"{json.dumps(articles(1, first=number)[0])}\n".encode())
            process.stdin.flush()
            wait_until(lambda: whole_lines("out.jsonl") == number + 1)  # noqa: B023
        process.send_signal(signal.SIGINT)
        process.wait(20)
        done = ended(process)
    assert done.code == 130
    assert done.errors[-1] == "summarize: the same command goes on from here (out.jsonl)"
    assert [line["id"] for line in written("out.jsonl")] == ["a0", "a1", "a2"]


def test_a_reader_that_goes_early() -> None:
    write("in.jsonl", articles(200))
    with StandIn(latency=0.005) as endpoint:
        process = start(endpoint, "in.jsonl", "-o", "-")
        assert process.stdout
        first = process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        done = ended(process)
        assert json.loads(first)["ok"]
        assert (done.code, done.errors[1:]) == (1, [])
        assert len(endpoint.requests) < 150


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_standard_output_that_takes_nothing() -> None:
    write("in.jsonl", articles(3))
    with StandIn() as endpoint, Path("/dev/full").open("wb") as full:
        done = ended(start(endpoint, "in.jsonl", "-o", "-", "--quiet", stdout=full))
    assert done.code == 2
    (line,) = done.errors
    assert line.startswith("summarize: the results cannot be written: No space left on device")


# The disk


def too_long_a_file() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))


def test_a_file_that_cannot_grow(run: Run) -> None:
    write("in.jsonl", articles(40))
    with StandIn() as endpoint:
        process = start(endpoint, "in.jsonl", "-o", "out.jsonl", preexec_fn=too_long_a_file)
        done = ended(process)
        assert done.code == 2
        (told,) = [line for line in done.errors if line.startswith("summarize: ")]
        assert told.startswith(f"summarize: stopped: {Path.cwd()}/out.jsonl: cannot be written (Fi")
        assert told.endswith("check the disk, then run the same command again")
        before = written("out.jsonl")
        assert 8 < len(before) < 40
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 0
    lines = written("out.jsonl")
    assert lines[: len(before)] == before
    assert len(by_id(lines)) == 40


def removed_with_its_folder(output: Path) -> None:
    shutil.rmtree(output.parent)


def moved_away(output: Path) -> None:
    output.rename("moved.jsonl")


def replaced(output: Path) -> None:
    output.rename("moved.jsonl")
    output.write_text("precious\n", encoding="utf-8")


@pytest.mark.parametrize("happens", [removed_with_its_folder, moved_away, replaced])
def test_an_output_that_goes_away(happens: Callable[[Path], None], run: Run) -> None:
    Path("out").mkdir()
    output = Path("out", "results.jsonl")
    write("in.jsonl", articles(30))

    def answer(request: Request) -> Answer:
        if number_of(request) == 12:
            happens(output)
        return fitting(request)

    with StandIn(answer) as endpoint:
        done = run(endpoint, "in.jsonl", "-o", output, "--concurrency", 1)
        assert done.code == 2
        assert "during the run" in done.errors[-1]
        assert "run the same command again" in done.errors[-1]
        saved = Path("moved.jsonl")
        if happens is removed_with_its_folder:
            assert not output.parent.exists()
            return
        assert not output.exists() or output.read_text(encoding="utf-8") == "precious\n"
        before = len(endpoint.requests)
        # Those whose line had no place any more are asked about again.
        kept = len(written(saved))
        assert 9 <= kept <= 13
        saved.rename(output)
        endpoint.script = fitting
        assert run(endpoint, "in.jsonl", "-o", output).code == 0
    assert len(endpoint.requests) == before + 30 - kept
    assert len(by_id(written(output))) == 30


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do all")
def test_an_output_in_a_folder_that_may_not_be_written(run: Run) -> None:
    Path("out").mkdir(mode=0o555)
    write("in.jsonl", articles(1))
    done = run(NOWHERE, "in.jsonl", "-o", "out/results.jsonl")
    assert (done.code, len(done.errors)) == (2, 1)
    assert "cannot be opened (Permission denied)" in done.errors[0]


# Taken up again after a change


def test_what_has_changed_is_done_again(run: Run) -> None:
    given = articles(6)
    write("in.jsonl", given)
    shutil.copytree(Path(cli.__file__).parents[2] / "prompts", "mine")
    template = Path("mine/article.md")
    template.write_text(f"{template.read_text(encoding='utf-8')}\nBe brief.\n", encoding="utf-8")
    other_model = ("--model", "openai/other")
    with StandIn() as endpoint:

        def again(*options: Any) -> tuple[Done, list[int]]:
            before = len(endpoint.requests)
            done = run(endpoint, "in.jsonl", "-o", "out.jsonl", *options)
            return done, sorted(asked(endpoint, before))

        assert again()[1] == [0, 1, 2, 3, 4, 5]
        first = Path("out.jsonl").read_bytes()
        # Nothing.
        done, numbers = again()
        assert (done.code, numbers) == (0, [])
        assert done.errors == [
            "out.jsonl: 6 summaries made before: kept where the text is the same",
            "nothing to do: 6 summaries kept",
        ]
        assert Path("out.jsonl").read_bytes() == first
        # A text.
        given[2]["text"] += "And more.\n"
        write("in.jsonl", given)
        done, numbers = again()
        assert (done.code, numbers) == (0, [2])
        assert "done again: 1 another text" in done.errors
        assert "kept from before: 5 summaries" in done.errors
        lines = by_id(written("out.jsonl"))
        assert lines["a2"]["summary"]["article"]["characters"] == len(given[2]["text"])
        # The prompts.
        done, numbers = again("--prompts", "mine")
        assert (done.code, numbers) == (0, [0, 1, 2, 3, 4, 5])
        assert "out.jsonl: 6 summaries made with another prompt: done again" in done.errors[0]
        assert len(by_id(written("out.jsonl"))) == 6
        # The model; the last word counts.
        before = len(endpoint.requests)
        words = ["batch", "in.jsonl", "-o", "out.jsonl", "--prompts", "mine", "--base-url"]
        assert cli.run(parse([*words, endpoint.url, *other_model])) == 0
        assert len(endpoint.requests) == before + 6
        lines = by_id(written("out.jsonl"))
        assert {line["summary"]["provenance"]["model"] for line in lines.values()} == {
            "openai/other"
        }
        # The schema, as an earlier version had it.
        old = Path("out.jsonl").read_text(encoding="utf-8")
        schema = lines["a0"]["summary"]["provenance"]["schema"]
        Path("out.jsonl").write_text(old.replace(schema, "0" * len(schema)), encoding="utf-8")
        before = len(endpoint.requests)
        assert cli.run(parse([*words, endpoint.url, *other_model])) == 0
        assert len(endpoint.requests) == before + 6


def test_a_last_line_that_was_torn_is_told(run: Run) -> None:
    given = [{"id": 'İ "1"\n', "text": text(1)}, {"id": 'İ "2"\n', "text": text(2)}]
    write("in.jsonl", given)
    with StandIn() as endpoint:
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", 1).code == 0
        whole = Path("out.jsonl").read_bytes()
        size = whole.index(b"\n") + 1
        kept, last = whole[:size], whole[size:]
        for cut in (1, 9, len(last) // 2):
            Path("out.jsonl").write_bytes(kept + last[:cut])
            done = run(endpoint, "in.jsonl", "-o", "out.jsonl")
            bytes_ = f"{cut:,} byte{'s' * (cut != 1)}"
            assert done.errors[0] == f"out.jsonl: dropped a torn last line ({bytes_})"
            assert done.code == 0
            assert by_id(written("out.jsonl")).keys() == {'İ "1"\n', 'İ "2"\n'}


def test_lines_of_other_tools_stay(run: Run) -> None:
    write("in.jsonl", articles(3))
    others = ["# mine\n", '{"id": "a0", "done": true}\n', "\n", '{"id":"a1"}\n', "[1, 2]\n", "last"]
    Path("out.jsonl").write_text("".join(others), encoding="utf-8")
    with StandIn() as endpoint:
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl")
        assert done.errors[0] == "out.jsonl: 5 lines of another tool, left alone"
        # Those that are replaced go; what was between them stays.
        write("in.jsonl", [{**article, "text": text(9)} for article in articles(3)])
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 0
    lines = Path("out.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    assert lines[:6] == [*others[:5], "last\n"]
    assert [json.loads(line)["id"] for line in lines[6:]] != []
    assert len(lines) == 9
    assert hidden() == []


def refusing(*numbers: int) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        no = completion(None, refusal="No.")
        return no if number_of(request) in numbers else fitting(request)

    return answer


def test_failures_are_kept_or_tried_again(run: Run) -> None:
    given: list[dict[str, str]] = [*articles(4), {"id": "a4", "text": " "}]
    write("in.jsonl", given)
    with StandIn(refusing(1, 2)) as endpoint:
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 1
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl")
        assert (done.code, len(endpoint.requests)) == (1, 4)
        assert done.errors[-1] == "nothing to do: 2 summaries, 3 failures kept"
        endpoint.script = refusing(2)
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl", "--retry-failed")
        assert (done.code, len(endpoint.requests)) == (1, 6)
        lines = by_id(written("out.jsonl"))
        assert [lines[f"a{i}"]["ok"] for i in range(5)] == [True, True, False, True, False]
        # One that could not be read is no longer there.
        given[4:] = [{"id": "a5", "text": text(5)}]
        write("in.jsonl", given)
        endpoint.script = fitting
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl", "--retry-failed")
        assert (done.code, len(endpoint.requests)) == (0, 8)
        lines = by_id(written("out.jsonl"))
        assert {id_ for id_, line in lines.items() if line["ok"]} == {"a0", "a1", "a2", "a3", "a5"}
        # What can be read now needs no --retry-failed.
        write("in.jsonl", [*given, {"id": "a6", "text": ""}])
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 1
        write("in.jsonl", [*given, {"id": "a6", "text": text(6)}])
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl")
        assert done.code == 0
        assert "done again: 1 can be read now" in done.errors


def test_a_failure_does_not_replace_a_summary(run: Run) -> None:
    write("in.jsonl", articles(3))
    with StandIn() as endpoint:
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 0
        first = by_id(written("out.jsonl"))
        given = [{**article, "text": f"{article['text']}More.\n"} for article in articles(3)]
        write("in.jsonl", given)
        endpoint.script = refusing(1)
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl")
        assert done.code == 1
        second = by_id(written("out.jsonl"))
        assert second["a1"] == first["a1"]
        assert all(second[id_] != first[id_] for id_ in ("a0", "a2"))
        # It is still of another text, and so it is tried once more.
        before = len(endpoint.requests)
        endpoint.script = fitting
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 0
        assert asked(endpoint, before) == {1: 1}
    assert by_id(written("out.jsonl"))["a1"] != first["a1"]


def test_repeated_ids_have_a_line_each_time(run: Run) -> None:
    write("in.jsonl", [*articles(2), *articles(2), *articles(1)])
    with StandIn() as endpoint:
        for _ in range(3):
            done = run(endpoint, "in.jsonl", "-o", "out.jsonl", "--retry-failed")
            assert done.code == 1
            assert Counter((line["id"], line["ok"]) for line in written("out.jsonl")) == {
                ("a0", True): 1,
                ("a1", True): 1,
                ("a0", False): 2,
                ("a1", False): 1,
            }
    assert len(endpoint.requests) == 2


def test_the_first_so_many(run: Run) -> None:
    write("in.jsonl", articles(9))
    with StandIn() as endpoint:
        for limit, requests in ((3, 3), (5, 5), (2, 5)):
            assert run(endpoint, "in.jsonl", "-o", "out.jsonl", "--limit", limit).code == 0
            assert len(endpoint.requests) == requests
        assert sorted(by_id(written("out.jsonl"))) == ["a0", "a1", "a2", "a3", "a4"]
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 0
    assert set(asked(endpoint).values()) == {1}


def test_two_runs_on_one_output(run: Run) -> None:
    write("in.jsonl", articles(2))
    with StandIn() as endpoint:
        with ResultsFile.opened(Path("out.jsonl")):
            done = run(endpoint, "in.jsonl", "-o", "out.jsonl")
        assert done.code == 2
        (line,) = done.errors
        assert line.endswith(
            "out.jsonl: another run is writing to it; "
            "wait for it to end, or name another file with -o"
        )
        assert endpoint.requests == []
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 0
    assert hidden() == []


# What users do


def test_an_output_that_is_an_input(run: Run) -> None:
    Path("news").mkdir()
    write("news/in.jsonl", articles(1))
    before = Path("news/in.jsonl").read_bytes()
    Path("link.jsonl").symlink_to("news/in.jsonl")
    cases = {
        "news/in.jsonl -o news/in.jsonl": "news/in.jsonl: is one of the inputs",
        "news/in.jsonl -o link.jsonl": "link.jsonl: is one of the inputs",
        "news -o news/out.jsonl": "news/out.jsonl: is one of the inputs (news)",
        ". -o news/out.jsonl": "news/out.jsonl: is one of the inputs (.)",
        "news/in.jsonl 'n*/*.jsonl' -o news/out.jsonl": "news/out.jsonl: is one of the inputs",
        "'**/*.jsonl' -o out.jsonl": "out.jsonl: is one of the inputs",
    }
    for words, says in cases.items():
        done = run(NOWHERE, *shlex.split(words))
        assert done.code == 2, words
        assert says in done.errors[-1], words
        assert len(done.errors) == 1
    assert Path("news/in.jsonl").read_bytes() == before
    assert [path.name for path in Path("news").iterdir()] == ["in.jsonl"]
    with StandIn() as endpoint:
        for words in (". -o .out/out.jsonl", "'*/*.jsonl' -o out.jsonl", "news -o a.jsonl"):
            Path(".out").mkdir(exist_ok=True)
            assert run(endpoint, *shlex.split(words)).code == (words.startswith("."))


def test_inputs_that_hold_nothing(run: Run) -> None:
    Path("empty.jsonl").touch()
    Path("blank.jsonl").write_text("\n \n", encoding="utf-8")
    Path("folder").mkdir()
    for name in ("empty.jsonl", "blank.jsonl"):
        done = run(NOWHERE, name, "-o", "out.jsonl")
        assert (done.code, done.errors) == (0, ["nothing to do: 0 summaries kept"])
    for name in ("folder", "none.jsonl", "*.txt"):
        done = run(NOWHERE, name, "-o", "other.jsonl")
        assert (done.code, len(done.errors)) == (2, 1)
    assert not Path("other.jsonl").exists()


def test_ids_of_any_kind(run: Run) -> None:
    ids = ["x" * 100_000, "new\nline", 'quote"\\', "İ 😀 会", "a\u2028b", "\x00", "\x1b[31mred", 7]
    write("in.jsonl", [{"id": id_, "text": text(1)} for id_ in ids])
    with StandIn() as endpoint:
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 0
        lines = by_id(written("out.jsonl"))
        assert lines.keys() == {*ids[:-1], "7"}
        assert run(endpoint, "in.jsonl", "-o", "out.jsonl").code == 0
        assert len(endpoint.requests) == len(ids)
        endpoint.script = [completion(None, refusal="No.")]
        done = run(endpoint, "in.jsonl", "-o", "refused.jsonl")
    told = [line for line in done.errors if line.startswith("summarize: ")]
    assert len(told) == len(ids)
    assert all(line.isprintable() and len(line) < 200 for line in told)


def test_thousands_that_cannot_be_read(run: Run) -> None:
    Path("in.jsonl").write_text('{"text": ""}\n' * 2_000, encoding="utf-8")
    done = run(NOWHERE, "in.jsonl", "-o", "out.jsonl")
    assert done.code == 1
    assert len(by_id(written("out.jsonl"))) == 2_000
    assert len(done.errors) < 30
    assert "summarize: further failures are only counted here" in done.errors


def test_what_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write("in.jsonl", articles(40))
    monkeypatch.setattr("summarize.cli.messages._LOG_INTERVAL", 0.3)
    with StandIn(latency=0.05) as endpoint:
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", 2)
        quiet = run(endpoint, "in.jsonl", "-o", "quiet.jsonl", "--quiet")
        piped = run(endpoint, "in.jsonl", "-o", "-", "--limit", 2)
    assert (quiet.code, quiet.errors, quiet.out) == (0, [], "")
    assert done.out == ""
    assert done.errors[0].startswith(f"model: openai/stand-in at {endpoint.url}")
    moving = [line for line in done.errors if " in flight" in line]
    assert moving
    assert re.search(
        r"^\d+ of 40 · \d+\.\d/s · [\d,]+ tokens · 2 in flight · \d s left$", moving[-1]
    )
    assert re.fullmatch(r"40 summaries, in \d s \(\d+\.\d/s\), 4,400 tokens", done.errors[-1])
    assert len(piped.out.splitlines()) == 2
    assert all(json.loads(line)["ok"] for line in piped.out.splitlines())


def test_what_is_waited_for_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    times = Counter[int]()

    def answer(request: Request) -> Answer:
        number = number_of(request)
        times[number] += 1
        return status(503, "Starting") if number == 2 and times[2] == 1 else fitting(request)

    write("in.jsonl", articles(4))
    monkeypatch.setattr("summarize.cli.messages._LOG_INTERVAL", 0.0)
    with StandIn(answer, latency=0.3) as endpoint:
        done = run(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", 1)
    assert done.code == 0
    waiting = [line for line in done.errors if "waiting: " in line]
    assert waiting
    assert all("503: Starting" in line for line in waiting), waiting
    # Old news once it has come through.
    assert "waiting" not in [line for line in done.errors if " in flight" in line][-1]


# Recorded and replayed


def test_record_and_replay(run: Run) -> None:
    write("in.jsonl", articles(20))
    with StandIn() as endpoint:
        assert run(endpoint, "in.jsonl", "-o", "a.jsonl", "--record", "tape").code == 0
        before = len(endpoint.requests)
    assert [path.name for path in Path("tape").iterdir()] == ["cassette.yaml"]
    assert KEY not in Path("tape/cassette.yaml").read_text(encoding="utf-8")
    write("in.jsonl", articles(21))
    done = run(endpoint, "in.jsonl", "-o", "b.jsonl", "--replay", "tape")
    assert (done.code, before) == (1, 20)
    recorded, replayed = by_id(written("a.jsonl")), by_id(written("b.jsonl"))
    missed = replayed.pop("a20")
    assert missed["error"]["type"] == "CassetteMissError"
    assert recorded.keys() == replayed.keys()
    for id_, line in recorded.items():
        summary = without_provenance(replayed[id_]).replace("more.jsonl", "in.jsonl")
        assert without_provenance(line) == summary


# Processes for many at once


def children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        # One that has ended and was not asked for yet is a zombie.
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def is_running(pid: int) -> bool:
    try:
        # Nothing, of a zombie.
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")


@needs_proc
def test_in_processes_as_in_one(run: Run) -> None:
    given = articles(150)
    kinds: list[tuple[str, bool] | None] = [None] * 6 + [("refusal", True), ("garbage", False)]
    write("in.jsonl", given)

    def kill_one() -> None:
        wait_until(lambda: len(endpoint.requests) > 30)
        os.kill(children(os.getpid())[0], signal.SIGKILL)

    with StandIn(faulty(kinds)) as endpoint:
        few = run(endpoint, "in.jsonl", "-o", "few.jsonl", "--concurrency", 8)
    with StandIn(faulty(kinds), latency=0.05) as endpoint:
        killer = threading.Thread(target=kill_one)
        killer.start()
        many = run(endpoint, "in.jsonl", "-o", "many.jsonl", "--concurrency", 64)
        killer.join()
    assert (few.code, many.code) == (1, 1)
    # Nobody was asked again for the sake of the process that was killed.
    assert asked(endpoint) == Counter(
        {i: 2 if kinds[i % 8] == ("garbage", False) else 1 for i in range(150)}
    )
    assert endpoint.most_in_flight <= 64
    assert len(endpoint.peers) <= 64 + 1
    assert children(os.getpid()) == []
    first, second = by_id(written("few.jsonl")), by_id(written("many.jsonl"))
    assert first.keys() == second.keys() == {article["id"] for article in given}
    for id_, line in first.items():
        if line["ok"]:
            assert without_provenance(line) == without_provenance(second[id_])
        else:
            assert line["error"]["type"] == second[id_]["error"]["type"] == "RefusalError"


@needs_proc
def test_an_interrupt_from_the_terminal_reaches_every_process() -> None:
    """The whole group gets the signal; only the parent may act on it."""
    write("in.jsonl", articles(500))
    with StandIn(latency=0.05) as endpoint:
        process = start(
            *(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", 64), start_new_session=True
        )
        wait_until(lambda: len(endpoint.requests) > 70)
        os.killpg(process.pid, signal.SIGINT)
        done = ended(process)
        assert done.code == 130
        assert len(by_id(written("out.jsonl"))) == len(endpoint.requests)
        assert children(process.pid) == []


# From Python


def python(endpoint: StandIn, given: Iterable[Any], **more: Any) -> Iterator[BatchResult]:
    return summarize_batch(given, model=MODEL, base_url=endpoint.url, **more)


def test_articles_of_all_kinds() -> None:
    Path("b.txt").write_text(text(2), encoding="utf-8")

    def given() -> Iterator[Any]:
        yield {"id": "a", "text": text(1)}
        yield Path("b.txt")
        yield Article.of(text(3))
        yield text(4)
        yield {"text": " "}
        yield 6
        yield Path("gone.txt")

    with StandIn() as endpoint:
        results = list(python(endpoint, given()))
    ids = {Article.of(text(i)).id for i in (3, 4)}
    found = {result.id: result for result in results}
    assert found.keys() == {"a", "b", *ids, "record:5", "record:6", "gone"}
    for id_, result in found.items():
        if id_ in {"a", "b", *ids}:
            summary = result.summary
            assert result.ok
            assert summary
            assert result.error is None
            assert summary.article.id == id_
            assert {actor.name for actor in summary.actors} >= {"İbrahim Kalın"}
        else:
            assert not result.ok
            assert result.summary is None
            assert result.error
            assert (result.error.type, result.error.attempts) == ("InputError", 0)


def test_in_a_running_event_loop() -> None:
    async def called() -> int:
        return len(list(python(endpoint, articles(5))))

    async def consumed() -> list[str]:
        batch = asummarize_batch(articles(5), model=MODEL, base_url=endpoint.url)
        return [result.id async for result in batch if result.ok]

    with StandIn() as endpoint:
        assert asyncio.run(called()) == 5
        assert sorted(asyncio.run(consumed())) == ["a0", "a1", "a2", "a3", "a4"]


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if "_read" in thread.name]


def test_leaving_the_loop_early() -> None:
    at_once = 64
    taken: list[int] = []

    def given() -> Iterator[Any]:
        for number in range(10_000):
            taken.append(number)
            yield {"id": f"a{number}", "text": text(number)}

    with StandIn(latency=0.01) as endpoint:
        results = python(endpoint, given(), concurrency=at_once, output="out.jsonl")
        assert next(results).ok
        results.close()  # type: ignore[attr-defined]
        # What was sent before may come late on a busy machine.
        time.sleep(0.5)
        wait_until(lambda: not endpoint.in_flight)
        before = len(endpoint.requests)
        assert before <= 6 * at_once
        time.sleep(0.3)
        assert len(endpoint.requests) == before
        wait_until(lambda: not readers(), 5)
        if Path("/proc").exists():
            assert children(os.getpid()) == []
        # What is held is what is in flight, and as much again.
        assert len(taken) <= 6 * at_once
        done = len(by_id(written("out.jsonl")))
        assert done >= 1
        again = list(python(endpoint, articles(20), output="out.jsonl"))
    assert len(again) == 20 - len(
        [1 for line in written("out.jsonl")[:done] if int(line["id"][1:]) < 20]
    )
    assert hidden() == []


def test_leaving_an_asynchronous_loop_early() -> None:
    async def left() -> None:
        batch = asummarize_batch(articles(500), model=MODEL, base_url=endpoint.url)
        async for _ in batch:
            break
        await batch.aclose()
        await asyncio.sleep(0.2)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert readers() == []

    with StandIn() as endpoint:
        asyncio.run(left())
    assert len(endpoint.requests) < 100


def test_a_consumer_that_takes_its_time() -> None:
    """The run waits for it, a few results ahead."""
    with StandIn() as endpoint:
        results = python(endpoint, articles(200), concurrency=2)
        assert next(results).ok
        time.sleep(0.5)
        assert len(endpoint.requests) < 30
        assert len(list(results)) == 199


def test_articles_that_end_in_an_error() -> None:
    class OwnError(RuntimeError):
        pass

    def given() -> Iterator[Any]:
        yield from articles(20)
        raise OwnError("the database has gone")

    with StandIn() as endpoint:
        found: list[str] = []
        results = (result.id for result in python(endpoint, given(), output="out.jsonl"))
        with pytest.raises(OwnError, match="has gone"):
            found.extend(results)
    # What came before is done.
    assert len(found) == len(by_id(written("out.jsonl"))) == 20


def test_errors_that_end_a_run_from_python() -> None:
    with StandIn([status(401, "Bad key")]) as endpoint:
        with pytest.raises(AuthenticationError, match="refuses the key"):
            list(python(endpoint, articles(20)))
        with pytest.raises(ConfigurationError, match="concurrency of 0 cannot work"):
            list(python(endpoint, articles(2), concurrency=0))
        with pytest.raises(ConfigurationError, match="the folder does not exist"):
            list(python(endpoint, articles(2), output="no/out.jsonl"))
        assert len(endpoint.requests) <= 8
    with StandIn() as endpoint:
        results = python(endpoint, articles(20), output="out.jsonl", concurrency=1)
        assert next(results).ok
        Path("out.jsonl").unlink()
        with pytest.raises(OutputError, match="removed during the run"):
            list(results)


def test_a_misspelt_option_is_refused() -> None:
    for misspelt in ({"modle": MODEL}, {"foo": 1, "engine": "ray"}):
        with pytest.raises(TypeError, match=r"unexpected keyword arguments: (modle|foo)"):
            list(summarize_batch([text(1)], **misspelt))


def test_going_on_from_python() -> None:
    with StandIn(refusing(2)) as endpoint:
        first = list(python(endpoint, articles(5), output="out.jsonl"))
        assert len(first) == 5
        assert list(python(endpoint, articles(5), output="out.jsonl")) == []
        endpoint.script = fitting
        again = list(python(endpoint, articles(6), output="out.jsonl", retry_failed=True))
    assert sorted(result.id for result in again) == ["a2", "a5"]
    assert len(by_id(written("out.jsonl"))) == 6


def test_an_interrupt_leaves_the_python_call_as_itself() -> None:
    script = (
        "from summarize import summarize_batch\n"
        f"for _ in summarize_batch([{ARTICLE!r}], model='openai/x', base_url=URL): pass\n"
    )
    with StandIn(latency=5) as endpoint:
        process = subprocess.Popen(
            [sys.executable, "-c", f"URL = {endpoint.url!r}\n{script}"],
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 20
        while not endpoint.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert errors.splitlines()[-1] == "KeyboardInterrupt"
    assert "RuntimeError" not in errors
