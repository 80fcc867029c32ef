"""What an article costs by each way to do a million: one machine, a Ray cluster, batch files.

Run it as `python benchmarks/scale.py` (`pip install -e '.[bench,ray]'` brings what it needs). The
articles and the endpoint are those of `throughput.py`: no model, every answer after the same time.

- one machine: `summarize batch`, as in `throughput.py`;
- Ray: `summarize batch --engine ray` on a cluster on this machine: once as the one machine, on a
  node of all CPUs, and once on one node and on two of a CPU each, all with time to spare. The rate
  is what the endpoint saw between its first full load and its last;
- batch files: `summarize requests`, then `summarize collect` with an answer to each.

CPU time is of the command and its children; of Ray's workers, which are not, none is told.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from contestants import Machine
from throughput import endpoint, get, records, run_contestant

# Articles in flight and seconds that the endpoint takes: where the machine is what limits the rate,
# and a node of Ray's where two cores that both share have time to spare.
FULL, FULL_LATENCY = 64, 0.2
A_NODE, SPARE_LATENCY = 32, 1.0


def main() -> None:
    """Measures each way and prints a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=3000, help="by files; 3000 if not given")
    parser.add_argument("--of-ray", type=int, default=960, help="on a cluster; 960 if not given")
    options = parser.parse_args()
    print(f"{Machine.here(['openai', 'ray'])}\n", flush=True)
    figures = run_contestant("summarize", options.articles, FULL, FULL_LATENCY)
    rate, cpu = figures["articles_per_second"], figures["cpu_ms"]
    load = f"{FULL} in flight, {FULL_LATENCY:g} s"
    print(f"one machine, {load}: {rate:.0f}/s, {cpu:.1f} ms of CPU", flush=True)
    cores = os.cpu_count() or 1
    of_ray = rate_of_ray(options.articles, 1, cores, FULL, FULL_LATENCY)
    print(f"Ray on one node, {load}: {of_ray:.0f}/s ({of_ray / rate:.2f} times)", flush=True)
    rates = [
        rate_of_ray(options.of_ray, nodes, 1, A_NODE * nodes, SPARE_LATENCY) for nodes in (1, 2)
    ]
    print(
        f"Ray, {A_NODE} in flight a node, {SPARE_LATENCY:g} s: {rates[0]:.1f}/s on one node, "
        f"{rates[1]:.1f}/s on two ({rates[1] / rates[0]:.2f} times)",
        flush=True,
    )
    by_files(options.articles)


def rate_of_ray(articles: int, nodes: int, cpus: int, in_flight: int, latency: float) -> float:
    """Articles a second on a cluster of so many nodes, with so many CPUs each."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        source = written(folder / "in.jsonl", articles)
        address = stack.enter_context(cluster(nodes, cpus))
        url = stack.enter_context(endpoint(latency))
        command = ["batch", source, "-o", folder / "out.jsonl", "--engine", "ray"]
        model = ["--model", "openai/stand-in", "--base-url", url]
        load = ["--concurrency", str(in_flight), "--quiet"]
        run([*command, *model, *load], RAY_ADDRESS=address)
        answers = get(url, "answers")
        # Full load begins with the second round of answers, and ends with the last but one.
        seconds = answers[-in_flight - 1] - answers[in_flight - 1]
        return (articles - 2 * in_flight) / seconds


@contextmanager
def cluster(nodes: int, cpus: int) -> Iterator[str]:
    """The address of a cluster on this machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    of_node = {"num_cpus": cpus, "object_store_memory": 100 * 2**20}
    made = Cluster(initialize_head=True, head_node_args={**of_node, "include_dashboard": False})
    try:
        for _ in range(nodes - 1):
            made.add_node(**of_node)
        made.wait_for_nodes()
        yield made.address
    finally:
        made.shutdown()


def by_files(articles: int) -> None:
    """Files of requests and of results."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        source = written(folder / "in.jsonl", articles)
        requests, results = folder / "requests.jsonl", folder / "results.jsonl"
        model = ["--model", "openai/stand-in", "--quiet"]
        seconds, cpu = run(["requests", source, "-o", requests, *model])
        size = requests.stat().st_size / articles
        print(
            f"requests: {articles / seconds:.0f}/s, {1000 * cpu / articles:.1f} ms of CPU, "
            f"{size:,.0f} bytes an article",
            flush=True,
        )
        url = stack.enter_context(endpoint(0.0))
        answered(requests, results, url)
        collect = ["collect", results, "--input", source, "-o", folder / "out.jsonl", *model]
        seconds, cpu = run(collect)
        print(f"collect: {articles / seconds:.0f}/s, {1000 * cpu / articles:.1f} ms of CPU")


def answered(requests: Path, results: Path, url: str) -> None:
    """Has the endpoint answer each request, as a batch would; all bodies ask for the same form."""
    with requests.open(encoding="utf-8") as lines, results.open("w", encoding="utf-8") as out:
        body = None
        for line in lines:
            request = json.loads(line)
            if body is None:
                sent = Request(f"{url}/chat/completions", json.dumps(request["body"]).encode())
                with urlopen(sent) as response:
                    body = json.load(response)
            answer = {"status_code": 200, "request_id": "r", "body": body}
            result = {"id": "b", "custom_id": request["custom_id"], "response": answer}
            out.write(json.dumps({**result, "error": None}, ensure_ascii=False) + "\n")


def written(path: Path, articles: int) -> Path:
    """A file of so many records."""
    with path.open("w", encoding="utf-8") as file:
        for record in records(range(articles)):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def run(arguments: list[str | Path], **environment: str) -> tuple[float, float]:
    """Runs the command; the seconds it took, by the clock and of the processors."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = [sys.executable, "-m", "summarize", *map(str, arguments)]
    subprocess.run(command, env={**os.environ, **environment}, check=True)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
