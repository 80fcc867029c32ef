"""Processes that work on articles: the same summaries, and no end of them costs an article."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
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
from summarize.errors import InputError, SummarizeError
from summarize.models import ModelSettings, Question, Reply, RetryPolicy
from summarize.pipeline import worker_process
from summarize.pipeline.pipeline import Pipeline
from summarize.pipeline.summarizer import Summarizer
from summarize.pipeline.worker_pool import WorkerError, WorkerPool
from summarize.prompting.draft import Draft
from summarize.prompting.strategy import ASSISTED, DIRECT, Strategy
from summarize.prompting.templates import load_prompts
from summarize.schema import Provenance, Usage

ROOT = Path(__file__).parents[2]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
# Far more than anything here takes, and less than a test that hangs may.
LIMIT = 90.0
CONTEXT = 32_000
PROMPTS = load_prompts(None)
PROVENANCE = Provenance(
    model="openai/m",
    prompt="p",
    schema="s",
    created="2026-01-01T00:00:00+00:00",
    seconds=1.0,
    attempts=1,
    usage=Usage(prompt_tokens=1, completion_tokens=1, cached_tokens=0),
    package="summarize",
)
REPLY = Reply(Draft.model_validate(DRAFT), json.dumps(DRAFT))
# One article's worth; a worker does the same with it as this process.
ARTICLES = """
import os
import time

from summarize.article.article import Article


class Unusual(Article):
    @property
    def reading(self):
        return globals()[self.text](self)


class Asks(Exception):
    def __init__(self, *, why):
        super().__init__(f"for {why}")


def asks(_):
    raise Asks(why="more")


def divides(_):
    return 1 / 0


def dies(_):
    os._exit(9)


def talks(_):
    print("printed", flush=True)
    os.write(1, b"written")
    os.system("echo called")
    raise ValueError("talked")


def sleeps(_):
    time.sleep(0.5)
    raise ValueError("slept")
"""

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    async def limited() -> T:
        return await asyncio.wait_for(coroutine, LIMIT)

    return asyncio.run(limited())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a module lies that this process and the workers can import."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "unusual_articles.py").write_text(ARTICLES)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture
def unusual(folder: Path) -> Callable[..., Article]:
    kind = importlib.import_module("unusual_articles").Unusual
    return lambda what, source=None: kind(what, id=what, source=source)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in-0123456789")


def article(number: int = 0) -> Article:
    return Article(ARTICLE, id=f"article-{number}")


def workers(number: int = 1) -> WorkerPool:
    return WorkerPool(number, PROMPTS, CONTEXT, DIRECT)


def pids(some: WorkerPool) -> list[int]:
    return [worker._process.pid for worker in some._workers if worker._process]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Nobody may be there to take note of the end of an orphan.
    return state not in {"Z", "X"}


def ended(*processes: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if not any(is_alive(pid) for pid in processes):
            return True
        time.sleep(0.02)
    return False


async def first(some: WorkerPool, given: Article) -> Question[Any]:
    question = await some.step(some.key(), given, [], PROVENANCE)
    assert isinstance(question, Question)
    return question


async def summarized(some: WorkerPool, given: Article) -> str:
    key = some.key()
    await some.step(key, given, [], PROVENANCE)
    summary = await some.step(key, given, [REPLY], PROVENANCE)
    assert isinstance(summary, str)
    return summary


def inline(given: Article) -> str:
    pipeline = Pipeline(given, PROMPTS, CONTEXT, DIRECT)
    pipeline.take(REPLY)
    return pipeline.summary(PROVENANCE).to_json()


# The same as without them


def told(summary: str) -> dict[str, Any]:
    """A summary, without what is of the moment."""
    told = json.loads(summary)
    for moment in ("created", "seconds"):
        del told["provenance"][moment]
    return told


LONG = "\n\n".join(f"{ARTICLE}\nParagraph {n} of many. {'Words follow. ' * 60}" for n in range(60))


def halving(request: Request) -> Answer:
    """Says of long texts that they are too long."""
    if len(request.messages[-1]) > 25_000:
        return status(400, "too long", code="context_length_exceeded")
    return fitting(request)


@pytest.mark.parametrize(
    ("text", "script", "strategy"),
    [
        (ARTICLE, fitting, ASSISTED),
        (ARTICLE, [draft(topics=["the weather"]), corrections("border security")], DIRECT),
        (ARTICLE, [draft(topics=["the weather"]), completion("no JSON")], DIRECT),
        (ARTICLE, [completion('{"event": 7}'), draft()], DIRECT),
        (LONG, halving, ASSISTED),
    ],
    ids=["once", "corrected", "not corrected", "invalid", "in parts"],
)
def test_the_summary_is_the_same(text: str, script: Any, strategy: Strategy) -> None:
    given = Article(text, id="a", title="“A” title", published="1 May 2025")

    async def both() -> tuple[str, str]:
        found = []
        for is_apart in (False, True):
            with StandIn(script) as endpoint:
                model = ModelSettings(
                    "openai/stand-in", base_url=endpoint.url, chosen_strategy=strategy
                )
                async with Summarizer(model) as summarizer:
                    if is_apart:
                        async with summarizer.workers(1) as some:
                            rendered, provenance = await summarizer.arender(given, some)
                        assert json.loads(rendered)["provenance"] == provenance.model_dump()
                    else:
                        rendered = (await summarizer.asummarize(given)).to_json()
                found.append(rendered)
        return found[0], found[1]

    here, there = run(both())
    assert told(there) == told(here)
    assert list(told(there)) == list(told(here))


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", [fitting]),
        (ARTICLE, [completion("{", finish_reason="length")]),
        (ARTICLE, [status(400, code="context_length_exceeded")]),
        (ARTICLE, [status(429)]),
    ],
    ids=["no text", "cut off", "too long", "rate"],
)
def test_errors_come_back_as_themselves(text: str, script: Any) -> None:
    patience = RetryPolicy(attempts=2, first_wait=0, longest_wait=0, jitter=0)

    async def both() -> tuple[SummarizeError, SummarizeError]:
        with StandIn(script) as endpoint:
            model = ModelSettings("openai/m", base_url=endpoint.url, retry_policy=patience)
            async with Summarizer(model) as summarizer, summarizer.workers(1) as some:
                given = Article(text, id="a")
                with pytest.raises(SummarizeError) as here:
                    await summarizer.asummarize(given)
                with pytest.raises(SummarizeError) as there:
                    await summarizer.arender(given, some)
        return here.value, there.value

    here, there = run(both())
    assert type(there) is type(here)
    assert (str(there), there.args, vars(there)) == (str(here), here.args, vars(here))
    assert (there.retryable, there.fatal, there.hint) == (here.retryable, here.fatal, here.hint)
    assert there.attempts == (0 if isinstance(here, InputError) else here.attempts)


# Defects


@pytest.mark.parametrize(
    ("what", "kind", "message"),
    [
        ("divides", ZeroDivisionError, "division by zero"),
        ("asks", RuntimeError, "Asks: for more"),
    ],
)
def test_a_defect_comes_back_and_the_process_goes_on(
    unusual: Callable[..., Article], what: str, kind: type[Exception], message: str
) -> None:
    async def failing() -> None:
        async with workers() as some:
            before = pids(some)
            with pytest.raises(kind, match=message):
                await first(some, unusual(what))
            assert await summarized(some, article()) == inline(article())
            assert pids(some) == before

    run(failing())


# The end of a process


def test_a_killed_process_is_replaced_and_the_article_goes_on() -> None:
    async def killing() -> None:
        async with workers() as some:
            key = some.key()
            await some.step(key, article(), [], PROVENANCE)
            (before,) = pids(some)
            os.kill(before, signal.SIGKILL)
            summary = await some.step(key, article(), [REPLY], PROVENANCE)
            assert summary == inline(article())
            assert pids(some) != [before]

    run(killing())


def test_articles_outlive_their_processes(caplog: pytest.LogCaptureFixture) -> None:
    async def killing() -> None:
        async with workers(2) as some:
            working = asyncio.gather(*(summarized(some, article(n)) for n in range(40)))
            # Twice: the third time would be laid to the article's charge.
            for _ in range(2):
                await asyncio.sleep(0.3)
                for pid in pids(some):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            found = await working
        assert found == [inline(article(n)) for n in range(40)]
        assert caplog.records == []

    run(killing())


def test_what_kills_its_process_every_time_is_given_up(unusual: Callable[..., Article]) -> None:
    async def dying() -> None:
        async with workers() as some:
            # The others that wait for the same process do not pay for it.
            asked = [first(some, article(n)) for n in range(10)]
            asked.insert(5, first(some, unusual("dies")))
            found = await asyncio.gather(*asked, return_exceptions=True)
            error = found.pop(5)
            assert isinstance(error, WorkerError)
            assert str(error).endswith("was killed; is there enough memory?")
            assert error.retryable
            assert not error.fatal
            assert all(isinstance(question, Question) for question in found)

    run(dying())


def test_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    async def starting() -> None:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(WorkerError, match="no process can be started"):
            async with workers(2):
                pass
        monkeypatch.undo()
        async with workers() as some:
            await first(some, article())
            monkeypatch.setattr(sys, "executable", "/nowhere/python")
            os.kill(pids(some)[0], signal.SIGKILL)
            with pytest.raises(WorkerError, match="No such file"):
                await first(some, article())

    run(starting())


def test_a_process_that_never_comes_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def starting() -> None:
        monkeypatch.setattr(sys, "executable", "/bin/false")
        async with workers(2) as some:
            asked = (first(some, article(n)) for n in range(40))
            found = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(error) for error in found} == {WorkerError}

    run(starting())
    assert caplog.records == []


def test_a_cancelled_step_does_not_mix_up_the_answers(unusual: Callable[..., Article]) -> None:
    async def cancelling() -> None:
        async with workers() as some:
            await first(some, article())
            steps = [asyncio.create_task(summarized(some, article(n))) for n in range(12)]
            await asyncio.sleep(0)
            for step in steps[::3]:
                step.cancel()
            found = await asyncio.gather(*steps, return_exceptions=True)
            for n, summary in enumerate(found):
                if n % 3:
                    assert summary == inline(article(n))
                else:
                    assert isinstance(summary, asyncio.CancelledError)

    run(cancelling())


def test_nobody_is_told_of_steps_that_nobody_waits_for(
    unusual: Callable[..., Article], caplog: pytest.LogCaptureFixture
) -> None:
    async def cancelling() -> None:
        async with workers() as some:
            await first(some, article())
            big = Article("x" * 3_000_000, id="big")
            steps = [asyncio.create_task(first(some, unusual("sleeps")))]
            # More than the pipe holds: some are still being written.
            steps += [asyncio.create_task(first(some, big)) for _ in range(3)]
            await asyncio.sleep(0.1)
            for step in steps:
                step.cancel()
            await asyncio.gather(*steps, return_exceptions=True)

    run(cancelling())
    assert caplog.records == []


# What a process keeps


def test_a_pipeline_that_was_dropped_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "_MAX_PENDING", 2)
    pipelines = worker_process.PendingPipelines(PROMPTS, CONTEXT, DIRECT)
    for key in range(4):
        assert isinstance(pipelines.step(key, article(key), [], PROVENANCE), Question)
    assert list(pipelines._pending) == [2, 3]
    for key in (0, 3, 1, 2):
        assert pipelines.step(key, article(key), [REPLY], PROVENANCE) == inline(article(key))
    assert list(pipelines._pending) == []


def test_a_pipeline_goes_on_from_any_number_of_answers() -> None:
    wrong = Reply(Draft.model_validate({**DRAFT, "topics": ["the weather"]}), "{}")
    pipelines = worker_process.PendingPipelines(PROMPTS, CONTEXT, DIRECT)
    question = pipelines.step(0, article(), [wrong], PROVENANCE)
    assert isinstance(question, Question)
    assert len(question.messages) > len(pipelines.step(0, article(), [], PROVENANCE).messages)
    # As if it had been another process that was asked the second time.
    assert pipelines.step(0, article(), [wrong], PROVENANCE) == question
    assert pipelines.step(1, article(), [wrong], PROVENANCE) == question


# When the parent ends


def test_processes_end_with_the_run() -> None:
    async def running(error: type[Exception] | None) -> list[int]:
        async with workers(3) as some:
            await first(some, article())
            found = pids(some)
            assert all(is_alive(pid) for pid in found)
            if error:
                found_by_name.extend(found)
                raise error
        return found

    found_by_name: list[int] = []
    found = run(running(None))
    assert len(found) == 3
    assert ended(*found)
    with pytest.raises(RuntimeError):
        run(running(RuntimeError))
    assert ended(*found_by_name)


def test_ctrl_c_is_the_parents_to_hear() -> None:
    async def interrupting() -> None:
        async with workers() as some:
            await first(some, article())
            before = pids(some)
            os.kill(before[0], signal.SIGINT)
            await asyncio.sleep(0.05)
            assert await summarized(some, article()) == inline(article())
            assert pids(some) == before

    run(interrupting())


PARENT = """
import asyncio, sys, time
sys.path[:0] = sys.argv[2:]
import unusual_articles
from summarize.article.article import Article
from summarize.prompting.templates import load_prompts
from summarize.prompting.strategy import ASSISTED
from summarize.pipeline.worker_pool import WorkerPool

async def main():
    async with WorkerPool(2, load_prompts(None), 8192, ASSISTED) as workers:
        if sys.argv[1] != "idle":
            await workers.step(workers.key(), Article("A text.", id="a"), [], None)
        pids = [worker._process.pid for worker in workers._workers]
        given = unusual_articles.Unusual(sys.argv[1], id="b") if sys.argv[1] != "idle" else None
        steps = [workers.step(workers.key(), given, [], None) for _ in range(2) if given]
        asked = asyncio.gather(*steps, return_exceptions=True)
        await asyncio.sleep(0.1)
        print(*pids, flush=True)
        if sys.argv[1] == "talks":
            print(*await asked, flush=True)
            return
        time.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def parent(folder: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    started = []

    def start(what: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PARENT, what, folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("what", "how"), [("sleeps", signal.SIGKILL), ("idle", signal.SIGTERM)])
def test_processes_end_with_the_parent_however_that_ends(
    parent: Callable[[str], subprocess.Popen[str]], what: str, how: signal.Signals
) -> None:
    process = parent(what)
    assert process.stdout
    found = [int(pid) for pid in process.stdout.readline().split()]
    assert len(found) == 2
    assert all(is_alive(pid) for pid in found)
    process.send_signal(how)
    # Which ends only with the last of those who can write to it.
    out, err = process.communicate(timeout=10)
    assert ended(*found)
    # Nor do they complain about it.
    assert (out, err) == ("", "")


def test_nothing_that_is_printed_gets_into_the_output(
    parent: Callable[[str], subprocess.Popen[str]],
) -> None:
    out, err = parent("talks").communicate(timeout=20)
    pids_, said = out.splitlines()
    assert said == "talked talked"
    assert all(pid.isdigit() for pid in pids_.split())
    assert [err.count(word) for word in ("printed", "written", "called")] == [2, 2, 2]
