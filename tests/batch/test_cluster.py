"""Batches on Ray: a real cluster on this machine, against the stand-in endpoint."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from commands import Done, articles, by_id, text, without_provenance, write, written
from endpoint import Answer, Request, StandIn, completion, fitting, status
from test_run import COMMAND, asked, asking, environment, number_of, wait_until, whole_lines
from test_run import folder as folder
from test_run import run as run

from summarize.api import summarize_batch
from summarize.batch.cluster import summarizer
from summarize.batch.cluster.connection import PoolSize, pool_size
from summarize.batch.cluster.worker import Worker, provider_variables
from summarize.errors import ClusterError, ConfigurationError
from summarize.models import ModelSettings
from summarize.prompting.templates import load_prompts

ray = pytest.importorskip("ray")

HOSTED = ModelSettings("openai/stand-in")
RAY = ("--engine", "ray")
NOWHERE = "http://127.0.0.1:9/v1"
# Ray starts a process for each CPU ahead of time, each of which takes seconds to load.
LEAN = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_enable_worker_prestart": "0"}


POISON = "Whoever reads this dies."
# What the processes begin with that read and ground articles on the nodes.
_POISONED = f"""
import os, signal, sys

if any(word.endswith("worker_process") for word in sys.orig_argv):
    from summarize.pipeline.pipeline import Pipeline

    begin = Pipeline.__init__

    def begun(pipeline, article, *rest):
        if {POISON!r} in article.text:
            os.kill(os.getpid(), signal.SIGKILL)
        begin(pipeline, article, *rest)

    Pipeline.__init__ = begun
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cluster of one machine, with room for two workers."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        for name, value in LEAN.items():
            patch.setenv(name, value)
        poison = tmp_path_factory.mktemp("poison")
        (poison / "sitecustomize.py").write_text(_POISONED)
        paths = [str(poison), *filter(None, [os.environ.get("PYTHONPATH")])]
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        machine = {"num_cpus": 2, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=machine)
        yield cluster.address
        cluster.shutdown()


@pytest.fixture
def cluster(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A cluster, at the address that the command looks at."""
    monkeypatch.setenv("RAY_ADDRESS", address)
    return address


def start(endpoint: StandIn, *arguments: Any) -> subprocess.Popen[bytes]:
    """The command, in a process of its own, on Ray."""
    kept = {name: os.environ[name] for name in ("RAY_ADDRESS", "PYTHONPATH") if name in os.environ}
    # What Ray itself warns of is not ours to mend.
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments), *RAY, *asking(endpoint)],
        env=environment(**kept, **LEAN, PYTHONWARNINGS="ignore"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[bytes]) -> Done:
    try:
        out, errors = process.communicate(timeout=150)
    finally:
        process.kill()
    return Done(process.returncode, out.decode(), errors.decode().splitlines())


# How many workers


@pytest.mark.parametrize(
    ("cpus", "concurrency", "expected"),
    [
        ([2], None, (1, 32)),
        ([0, 16, 16], None, (2, 64)),
        ([16, 16], 1, (1, 1)),
        ([16, 16], 256, (8, 256)),
        ([2, 2], 4096, (4, 4096)),
    ],
)
def test_workers_for_an_endpoint(
    cpus: Sequence[int], concurrency: int | None, expected: tuple[int, int]
) -> None:
    found = pool_size([{"CPU": number, "memory": 4e9} for number in cpus], HOSTED, concurrency)
    assert found == PoolSize(*expected, {"num_cpus": 1})


@pytest.mark.parametrize(
    ("machines", "concurrency", "expected", "each"),
    [
        ([(1, 16e9), (1, 16e9)], None, 2, 1),
        ([(0, 16e9), (8, 16e9), (8, 5e9)], None, 6, 2),
        ([(8, 16e9)], 3, 3, 2),
        ([(8, 16e9)], 64, 4, 2),
    ],
)
def test_workers_with_the_embedded_model(
    machines: Sequence[tuple[int, float]], concurrency: int | None, expected: int, each: int
) -> None:
    found = pool_size(
        [{"CPU": cpus, "memory": memory} for cpus, memory in machines],
        ModelSettings("local"),
        concurrency,
    )
    assert found == PoolSize(expected, expected, {"num_cpus": each, "memory": 2 * 10**9})
    assert found.share == 1


def test_clusters_without_room() -> None:
    with pytest.raises(ClusterError, match=r"no node .* has a CPU for tasks; start one with"):
        pool_size([{"memory": 4e9}], HOSTED, None)
    with pytest.raises(ClusterError, match=r"no node .* has 2 GB of memory"):
        pool_size([{"CPU": 4, "memory": 1e9}], ModelSettings("local"), None)


# What is refused


def test_without_ray(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    write("in.jsonl", articles(1))
    done = run(NOWHERE, "in.jsonl", "-o", "out.jsonl", *RAY)
    assert done.code == 2
    assert done.errors[-1] == (
        "summarize: the engine ray needs Ray, which cannot be loaded (import of ray halted; None "
        "in sys.modules); pip install 'summarize[ray]'"
    )


@pytest.mark.parametrize("option", ["--record", "--replay"])
def test_recordings_are_made_and_replayed_on_one_machine(option: str, run: Any) -> None:
    write("in.jsonl", articles(1))
    Path("tape").mkdir()
    done = run(NOWHERE, "in.jsonl", "-o", "out.jsonl", *RAY, option, "tape")
    assert done.code == 2
    assert done.errors[-1].startswith("summarize: requests that other machines send are neither")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nowhere", "no Ray cluster answers at nowhere: "),
        ("127.0.0.1:9", "no Ray cluster answers at 127.0.0.1:9: "),
        ("127.0.0.1:99999", "no Ray cluster answers at 127.0.0.1:99999: "),
    ],
)
def test_addresses_of_no_cluster(
    address: str, said: str, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", address)
    write("in.jsonl", articles(1))
    done = run(NOWHERE, "in.jsonl", "-o", "out.jsonl", *RAY)
    assert done.code == 2
    assert said in done.errors[-1]


def test_a_worker_has_the_variables_of_the_driver_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-driver")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-another")
    given = provider_variables(HOSTED)
    assert given == {"OPENAI_API_KEY": "sk-of-the-driver"}
    assert provider_variables(ModelSettings("anthropic/m"))["ANTHROPIC_API_KEY"] == "sk-of-another"
    assert provider_variables(ModelSettings("local")) == {}
    # Of the node: the key of the driver must not go there.
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-node")
    Worker(HOSTED, load_prompts(), given, concurrency=8, rpm=None)
    assert "OPENAI_BASE_URL" not in os.environ
    assert os.environ["OPENAI_API_KEY"] == "sk-of-the-driver"


def test_what_is_missing_or_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="'spark' is no engine; choose ray"):
        list(summarize_batch([text(1)], model="openai/gpt-5.4-mini", engine="spark"))
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY is not set"):
        list(summarize_batch([text(1)], model="openai/gpt-5.4-mini", engine="ray"))


def test_a_cluster_that_cannot_do_the_work(
    cluster: str, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version on a node, a refused key; the program is connected before."""
    write("in.jsonl", articles(1))
    ray.init(cluster, log_to_driver=False)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(summarizer, "version", lambda _: "9.9")
            done = run(NOWHERE, "in.jsonl", "-o", "out.jsonl", *RAY)
        assert done.code == 2
        other = r"stopped: node \S+ of the Ray cluster has summarize \S+, and this is 9.9"
        assert any(re.search(other, line) for line in done.errors), done
        with StandIn([status(401, "Incorrect API key provided")]) as endpoint:
            done = run(endpoint, "in.jsonl", "-o", "-", *RAY)
        assert (done.code, done.out) == (2, "")
        assert any("stopped: " in line and "refuses the key" in line for line in done.errors)
        # It stays connected.
        assert ray.is_initialized()
    finally:
        ray.shutdown()
    assert written("out.jsonl") == []


# Whole runs


def test_the_results_are_those_of_one_machine(cluster: str, run: Any) -> None:
    def answer(request: Request) -> Answer:
        faults = {
            3: status(400, "maximum context length is 9"),
            5: completion(None, refusal="No."),
            7: status(422, "no"),
        }
        return faults.get(number_of(request), fitting(request))

    given = [*articles(20), {"id": "empty", "text": ""}, {"id": "a1", "text": text(1)}]
    write("in.jsonl", [*given, {"id": "wordless", "text": "<p> </p>"}])
    found = []
    for more in ((), RAY):
        name = f"{len(found)}.jsonl"
        with StandIn(answer) as endpoint:
            done = run(endpoint, "in.jsonl", "-o", name, "--timeout", 5, "--concurrency", 7, *more)
            assert done.code == 1
            found.append((sorted(map(_told, written(name))), sorted(asked(endpoint).items())))
    assert found[0] == found[1]
    # Failures stay until they are to be tried again; an article that kills its process fails alone.
    write("in.jsonl", [*given, {"id": "poison", "text": f"{text(30)}\n{POISON}\n"}])
    with StandIn() as endpoint:
        done = run(endpoint, "in.jsonl", "-o", name, "--retry-failed", *RAY)
        assert asked(endpoint).keys() == {3, 5, 7}
    assert done.code == 1
    failed = {line["id"]: line["error"] for line in written(name) if not line["ok"]}
    assert failed.keys() == {"empty", "a1", "wordless", "poison"}
    assert "the process that works on the article was killed" in failed["poison"]["message"]
    assert done.out == ""


def _told(line: dict[str, Any]) -> str:
    # Each endpoint has a port of its own.
    return without_provenance(line) if line["ok"] else re.sub(r":\d{4,}", "", json.dumps(line))


def test_a_worker_is_killed_and_then_the_driver(cluster: str, run: Any) -> None:
    write("in.jsonl", articles(120))
    command = ("in.jsonl", "-o", "out.jsonl", "--concurrency", 8)
    with StandIn(latency=0.2) as endpoint:
        process = start(endpoint, *command)
        wait_until(lambda: whole_lines("out.jsonl") >= 20, 150)
        worker = next(pid for pid, name in processes() if name.startswith("ray::SummarizeWorker"))
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: whole_lines("out.jsonl") >= 60, 150)
        extra = asked(endpoint) - Counter(asked(endpoint).keys())
        # What it had in flight, once more.
        assert 0 < extra.total() <= 8
        assert set(extra.values()) == {1}
        process.kill()
        _, errors = process.communicate()
        lines = whole_lines("out.jsonl")
        wait_until(lambda: not endpoint.in_flight)
        before = len(endpoint.requests)
        assert run(endpoint, *command, *RAY).code == 0
        assert len(endpoint.requests) == before + 120 - lines
    found = by_id(written("out.jsonl"))
    assert found.keys() == {f"a{i}" for i in range(120)}
    assert all(line["ok"] for line in found.values())
    # Nothing of what Ray says of it; our own progress may say that it waits for a worker.
    said = [line for line in errors.decode().splitlines() if " · " not in line]
    assert [line for line in said if "ray" in line.lower()] == [
        f"Ray, {cluster}: 1 worker, 8 in flight"
    ]


@pytest.mark.timed
def test_limits_are_those_of_the_cluster(cluster: str, run: Any) -> None:
    write("in.jsonl", articles(40))
    with StandIn(latency=0.1) as endpoint:
        done = run(endpoint, "in.jsonl", "-o", "a.jsonl", "--concurrency", 5, *RAY)
        assert done.code == 0
        assert endpoint.most_in_flight == 5
    with StandIn(latency=0.1) as endpoint:
        done = run(endpoint, "in.jsonl", "-o", "b.jsonl", "--rpm", 600, *RAY)
        assert done.code == 0
        first, last = endpoint.requests[0].at, endpoint.requests[-1].at
        # The first ones may be late, while a worker finds its feet.
        assert 3.0 < last - first < 4.5
        assert median(endpoint.waits) == pytest.approx(0.1, abs=0.03)
    with StandIn() as endpoint:
        done = run(endpoint, "in.jsonl", "-o", "c.jsonl", "--max-tokens-total", 1_100, *RAY)
        assert done.code == 1
        assert "summarize: stopped at the limit of tokens" in done.errors
        assert 0 < len(endpoint.requests) <= 10


# A cluster for the run alone


def test_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    write("in.jsonl", articles(200))
    with StandIn(latency=1.0) as endpoint:
        process = start(endpoint, "in.jsonl", "-o", "out.jsonl", "--concurrency", 4)
        wait_until(lambda: whole_lines("out.jsonl") >= 4, 150)
        assert any("raylet" in name for _, name in processes(process.pid))
        before = len(endpoint.requests)
        os.killpg(process.pid, signal.SIGINT)
        done = ended(process)
        assert len(endpoint.requests) <= before + 4
        assert whole_lines("out.jsonl") == len(endpoint.requests)
        assert done.code == 130, done
        assert "summarize: the same command goes on from here (out.jsonl)" in done.errors
        wait_until(lambda: not list(processes(process.pid)), 20)


def processes(session: int | None = None) -> Iterator[tuple[int, str]]:
    """The processes there are, or those of a session, which is the whole command's."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            name = (process / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        # Two of Ray's own take a minute to be sure that nobody is left to talk to.
        is_slow = name.startswith(("ray::DashboardAgent", "ray::RuntimeEnvAgent"))
        if session in {None, int(fields[3])} and fields[0] != "Z" and not is_slow:
            yield int(process.name), name
