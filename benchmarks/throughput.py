"""Articles a second, CPU time and memory, beside the clients one would use instead.

Run it as `python benchmarks/throughput.py` (`pip install -e '.[bench]'` brings what it needs). The
endpoint is `stand_in.py`: real HTTP, no model, every answer after the same time, so that what is
left to tell apart is the client. Each contestant gets the same articles with the same number in
flight, and leaves a file with one line of JSON an article:

- openai: the bare client, the same messages and schema as ours, `json.loads` of the answer;
- instructor: a loop of tasks, the same messages, the answer as our pydantic model;
- langextract: `lx.extract`, an article one request, its answer one extraction to find in the text;
- summarize: this package, everything found and quoted.

Each runs in a process of its own against an endpoint of its own, one after the other, and the order
moves on by one from round to round; figures are medians over the rounds. The rate is what the
endpoint saw: the first answers of a run are left out (imports, processes that start, caches), and
the last, when fewer and fewer are in flight. CPU time and memory are of the
contestant's process and its children; memory is the most that their resident sets came to, looked
at every 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

from contestants import Machine, installed, names_among

try:
    import psutil
except ImportError as error:
    raise SystemExit("psutil is missing: pip install -e '.[bench]' brings it") from error

ROOT = Path(__file__).parent.parent
ARTICLE = ROOT / "seeds" / "004_6cd281ebbed1be5a.txt"
# Whom the endpoint's answer names first. Every result has to have it.
NAME = "İbrahim Kalın"
# Articles before the clock starts: a batch of langextract's, and more than anybody reads ahead.
WARM_UP = 256
# Seconds between two looks at memory, and between two searches for new children, which cost more.
SAMPLING, SEARCHING = 0.05, 0.5
# Seconds the endpoint takes while only memory is measured, to keep it short.
QUICK = 0.005

Record = dict[str, str]


def text_of(number: int | str) -> str:
    """Articles differ in their last line."""
    return f"{_text()}\n\nRecord {number}.\n"


@cache
def _text() -> str:
    return ARTICLE.read_text(encoding="utf-8").rstrip()


def records(numbers: range) -> Iterator[Record]:
    """The articles of these numbers, made as they are asked for."""
    return ({"id": str(number), "text": text_of(number)} for number in numbers)


# The contestants. Each takes records, and leaves a line of JSON for each in a file.


def run_openai(articles: Iterable[Record], url: str, in_flight: int, output: Path) -> None:
    """The bare client."""
    from openai import AsyncOpenAI

    from summarize.prompting.draft import FullDraft

    schema = {"name": FullDraft.__name__, "schema": FullDraft.model_json_schema()}
    form: Any = {"type": "json_schema", "json_schema": schema}
    messages = messages_of()

    async def run() -> None:
        async with AsyncOpenAI(base_url=url, api_key="none") as client:

            async def ask(article: Record) -> str:
                completion = await client.chat.completions.create(
                    model="stand-in",
                    messages=messages(article),
                    response_format=form,
                    temperature=0.0,
                )
                draft = json.loads(completion.choices[0].message.content or "")
                return json.dumps({"id": article["id"], "draft": draft}, ensure_ascii=False)

            await in_tasks(articles, in_flight, ask, output)

    asyncio.run(run())


def run_instructor(articles: Iterable[Record], url: str, in_flight: int, output: Path) -> None:
    """A loop around instructor."""
    import instructor

    from summarize.prompting.draft import FullDraft

    messages = messages_of()

    async def run() -> None:
        client = instructor.from_provider(
            "openai/stand-in",
            async_client=True,
            mode=instructor.Mode.JSON_SCHEMA,
            base_url=url,
            api_key="none",
        )

        async def ask(article: Record) -> str:
            draft = await client.create(
                messages=messages(article), response_model=FullDraft, temperature=0.0
            )
            line = {"id": article["id"], "draft": draft.model_dump()}
            return json.dumps(line, ensure_ascii=False)

        await in_tasks(articles, in_flight, ask, output)

    asyncio.run(run())


def run_langextract(articles: Iterable[Record], url: str, in_flight: int, output: Path) -> None:
    """LangExtract's OpenAI provider, with our instructions and our example."""
    import langextract as lx

    from summarize.prompting.templates import load_prompts

    prompts = load_prompts()
    assert prompts.example is not None
    shown = lx.data.Extraction("participant", "Anna Keller")
    provider = {"api_key": "none", "base_url": url, "max_workers": in_flight, "temperature": 0.0}
    with warnings.catch_warnings():
        # It says that the form of the answer is taken from the example, as it should be.
        warnings.simplefilter("ignore")
        found = lx.extract(
            (lx.data.Document(text=a["text"], document_id=a["id"]) for a in articles),
            prompt_description=prompts.system,
            examples=[lx.data.ExampleData(text=prompts.example[0], extractions=[shown])],
            config=lx.factory.ModelConfig("stand-in", "OpenAILanguageModel", provider),
            max_workers=in_flight,
            batch_length=in_flight * LANGEXTRACT_ROUNDS,
            # Characters; an article is one request.
            max_char_buffer=100_000,
            fence_output=False,
            show_progress=False,
        )
    lx.io.save_annotated_documents(iter(found), output.parent, output.name, show_progress=False)


# It waits for all of a batch before it asks more, and then looks for what was found, so that larger
# batches keep it busier: with 1, 4, 10 and 30 times as many as are in flight it came to 56, 70, 72
# and 65 articles a second. The longer a batch, the more of its connections lapse in between.
LANGEXTRACT_ROUNDS = 4


def run_summarize(articles: Iterable[Record], url: str, in_flight: int, output: Path) -> None:
    """The package itself."""
    from summarize import asummarize_batch

    async def run() -> None:
        results = asummarize_batch(
            articles, model="openai/stand-in", base_url=url, concurrency=in_flight, output=output
        )
        async for result in results:
            # It is in the file already, and need not be parsed to be written.
            if not result.ok:
                raise SystemExit(f"summarize: {result}")

    asyncio.run(run())


def messages_of() -> Callable[[Record], Any]:
    """What this package sends for an article.

    It cleans an article first; the others are given the text as it is then, at no cost to them.
    """
    from summarize.article.article import Article
    from summarize.prompting.templates import load_prompts

    start = Article.of(text_of(0)).reading.text.removesuffix("Record 0.")
    assert Article.of(text_of(1)).reading.text == f"{start}Record 1."
    prompts = load_prompts()

    def messages(article: Record) -> list[dict[str, str]]:
        turns = prompts.turns(f"{start}Record {article['id']}.", direct=True)
        return [{"role": role, "content": content} for role, content in turns]

    return messages


async def in_tasks(
    articles: Iterable[Record],
    in_flight: int,
    ask: Callable[[Record], Awaitable[str]],
    output: Path,
) -> None:
    """The usual loop: so many tasks, each with one article after the other."""
    waiting = iter(articles)
    with output.open("w", encoding="utf-8") as file:

        async def work() -> None:
            for article in waiting:
                file.write(f"{await ask(article)}\n")

        await asyncio.gather(*(work() for _ in range(in_flight)))


# What each contestant's line of JSON says of the first participant, given the article's text.


def drafted(line: dict[str, Any], _: str) -> str:
    """The name in a draft."""
    return str(line["draft"]["participants"][0]["name"])


def extracted(line: dict[str, Any], text: str) -> str:
    """What stands where LangExtract found it."""
    place = line["extractions"][0]["char_interval"]
    return text[place["start_pos"] : place["end_pos"]]


def quoted(line: dict[str, Any], text: str) -> str:
    """What stands where this package found it."""
    participants = [a for a in line["summary"]["actors"] if a["part"] == "participant"]
    quote = participants[0]["quotes"][0]
    return text[quote["start"] : quote["end"]]


@dataclass(frozen=True)
class Contestant:
    """What is measured, and how its results are checked."""

    run: Callable[[Iterable[Record], str, int, Path], None]
    found: Callable[[dict[str, Any], str], str]


CONTESTANTS = {
    "openai": Contestant(run_openai, drafted),
    "instructor": Contestant(run_instructor, drafted),
    "langextract": Contestant(run_langextract, extracted),
    "summarize": Contestant(run_summarize, quoted),
}


# In the contestant's own process.


class Watch:
    """Gives articles out, and looks at the processor time when the warm-up is over."""

    def __init__(self, articles: Iterable[Record], url: str) -> None:
        self._articles = articles
        self._url = url
        self._asked = self._cpu = 0.0

    def __iter__(self) -> Iterator[Record]:
        for number, article in enumerate(self._articles):
            if number == WARM_UP:
                self._asked, self._cpu = seen(self._url)["requests"], cpu_seconds()
            yield article

    def cpu_ms(self, requests: float) -> float:
        """Processor time in ms of each request since then, if there were so many in all."""
        return 1000 * (cpu_seconds() - self._cpu) / (requests - self._asked)


def measure(name: str, articles: int, in_flight: int, url: str, folder: Path) -> dict[str, float]:
    """Runs a contestant; its rate is what the endpoint saw, between the warm-up and the last."""
    contestant = CONTESTANTS[name]
    output = folder / "results.jsonl"
    total = WARM_UP + articles + in_flight
    watch = Watch(records(range(total)), url)
    contestant.run(watch, url, in_flight, output)
    counts, answered = seen(url), get(url, "answers")
    cpu_ms = watch.cpu_ms(counts["requests"])
    peak = max(resource.getrusage(w).ru_maxrss for w in (_SELF, _CHILDREN))
    check(name, total, output)
    return {
        "articles_per_second": articles / (answered[-in_flight - 1] - answered[WARM_UP - 1]),
        "cpu_ms": cpu_ms,
        "peak_mb": peak * _RSS_UNIT / 1e6,
        "requests": counts["requests"] / total,
        "connections": counts["connections"],
        "most_in_flight": counts["most_in_flight"],
        "endpoint_cpu_ms": 1000 * counts["cpu_seconds"] / total,
    }


_SELF, _CHILDREN = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
# Bytes in what `ru_maxrss` counts.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def cpu_seconds() -> float:
    """Of this process and of all that came from it, ended or not."""
    this = psutil.Process()
    total = 0.0
    for process in (this, *this.children(recursive=True)):
        with suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def seen(url: str) -> dict[str, float]:
    """What the endpoint has seen."""
    counts: dict[str, float] = get(url, "requests")
    return counts


def get(url: str, what: str) -> Any:
    """What the endpoint tells of itself."""
    with urlopen(f"{url.removesuffix('/v1')}/{what}") as response:
        return json.load(response)


def check(name: str, articles: int, output: Path) -> None:
    """Every article has its line, and every line what is to be found in the article."""
    missing = {str(number) for number in range(articles)}
    with output.open(encoding="utf-8") as file:
        for written in file:
            line = json.loads(written)
            number = line["id"] if "id" in line else line["document_id"]
            missing.remove(number)
            try:
                found = CONTESTANTS[name].found(line, text_of(number))
            except (LookupError, TypeError):
                found = ""
            if found != NAME:
                raise SystemExit(f"{name}: {NAME} is not found in {written[:2000]}")
    if missing:
        raise SystemExit(f"{name}: {len(missing)} of {articles} articles have no result")


# In the benchmark's process.


@contextmanager
def endpoint(latency: float) -> Iterator[str]:
    """The address of a new endpoint."""
    program = str(Path(__file__).with_name("stand_in.py"))
    command = [sys.executable, program, "--latency", str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.stdin.close()


def run_watched(command: Sequence[str]) -> tuple[str, float]:
    """What a command prints, and the most memory in MB that it and its children held at once.

    Raises:
        SystemExit: it failed.
    """
    # A proxy would be asked for the loopback interface, too.
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        with psutil.Popen(command, stdout=out, stderr=err, env=environment) as process:
            peak = _peak_mb(process)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{err.read()[-4000:]}")
        return out.read(), peak


def _peak_mb(process: psutil.Popen) -> float:
    peak = 0
    family: list[Any] = []
    search = 0.0
    while process.poll() is None:
        if time.monotonic() >= search:
            search = time.monotonic() + SEARCHING
            with suppress(psutil.Error):
                family = [process, *process.children(recursive=True)]
        held = 0
        for member in family:
            with suppress(psutil.Error):
                held += member.memory_info().rss
        peak = max(peak, held)
        time.sleep(SAMPLING)
    return peak / 1e6


def run_contestant(name: str, articles: int, in_flight: int, latency: float) -> dict[str, float]:
    """The figures of one contestant in one round."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = stack.enter_context(endpoint(latency))
        own = [name, str(articles), str(in_flight), url, folder]
        printed, peak = run_watched([sys.executable, __file__, "--contestant", *own])
    figures: dict[str, float] = json.loads(printed)
    return {**figures, "peak_mb": max(peak, figures["peak_mb"])}


def run_command(count: int, in_flight: int) -> dict[str, float]:
    """The figures of this package's command over a file of so many records."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        source, output = folder / "in.jsonl", folder / "out.jsonl"
        with source.open("w", encoding="utf-8") as file:
            for record in records(range(count)):
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        url = stack.enter_context(endpoint(QUICK))
        command = [sys.executable, "-m", "summarize", "batch", str(source), "-o", str(output)]
        command += ["--model", "openai/stand-in", "--base-url", url]
        start = time.perf_counter()
        _, peak = run_watched([*command, "--concurrency", str(in_flight), "--quiet"])
        seconds = time.perf_counter() - start
        check("summarize", count, output)
        return {"records": count, "peak_mb": peak, "articles_per_second": count / seconds}


@dataclass(frozen=True)
class Setting:
    """What all contestants were given, and where."""

    articles: int
    in_flight: int
    latency: float
    rounds: int
    characters: int
    machine: Machine

    @property
    def ceiling(self) -> float:
        """Articles a second; more cannot be had of this endpoint."""
        return self.in_flight / self.latency

    @property
    def task(self) -> str:
        """What was to be done."""
        return (
            f"{self.articles:,} articles of {self.characters:,} characters, {self.in_flight} in "
            f"flight, an endpoint that answers after {self.latency:g} s; medians of "
            f"{self.rounds} rounds."
        )


def table(setting: Setting, rounds: dict[str, list[dict[str, float]]]) -> str:
    """The medians, as Markdown."""
    columns = ["", "articles/s", "of the bare client", "CPU ms/article", "peak memory MB"]
    columns += ["requests/article", "connections"]
    lines = [f"| {' | '.join(columns)} |", f"|---{'|---:' * (len(columns) - 1)}|"]
    for name, of_rounds in rounds.items():
        middle = {key: median(figures[key] for figures in of_rounds) for key in of_rounds[0]}
        # Rounds are compared one by one: what slows the machine down slows down all of a round.
        bare = [figures["articles_per_second"] for figures in rounds.get("openai", ())]
        own = [figures["articles_per_second"] for figures in of_rounds]
        share = f"{median(a / b for a, b in zip(own, bare, strict=True)):.2f}" if bare else ""
        lines.append(
            f"| {name} | {middle['articles_per_second']:.0f} | {share} | {middle['cpu_ms']:.1f} "
            f"| {middle['peak_mb']:.0f} | {middle['requests']:.3f} | {middle['connections']:.0f} |"
        )
    lines.append(f"| the endpoint's ceiling | {setting.ceiling:.0f} | | | | | |")
    return "\n".join(lines)


def memory_table(runs: Sequence[dict[str, float]]) -> str:
    """Memory by the number of records, as Markdown."""
    rows = (f"| {r['records']:,.0f} | {r['peak_mb']:.0f} |" for r in runs)
    return "\n".join(["| records | peak memory MB |", "|---:|---:|", *rows])


def main() -> None:
    """Runs the rounds and prints the tables."""
    # Its own second self, in the contestant's process.
    if sys.argv[1:2] == ["--contestant"]:
        name, articles, in_flight, url, folder = sys.argv[2:]
        print(json.dumps(measure(name, int(articles), int(in_flight), url, Path(folder))))
        return
    options = parse_options()
    names = installed(options.only)
    setting = Setting(
        options.articles,
        options.in_flight,
        options.latency,
        options.rounds,
        len(text_of(0)),
        Machine.here(name for name in CONTESTANTS if name != "summarize"),
    )
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for number in range(options.rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            figures = run_contestant(name, options.articles, options.in_flight, options.latency)
            rounds[name].append(figures)
            rate = figures["articles_per_second"]
            print(f"round {number + 1}: {name} {rate:.0f} articles/s", file=sys.stderr)
    print(f"{setting.machine}\n", flush=True)
    if options.rounds and names:
        print(f"{setting.task}\n\n{table(setting, rounds)}\n", flush=True)
    memory = [run_command(count, options.in_flight) for count in options.memory]
    if memory:
        print(memory_table(memory))
    if options.json:
        everything = {"setting": asdict(setting), "rounds": rounds, "memory": memory}
        options.json.write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--articles", type=int, default=3000, help="in each run, 3000 if not given")
    add("--in-flight", type=int, default=64, help="articles at once, 64 if not given")
    add("--latency", type=float, default=0.2, help="seconds an answer takes, 0.2 if not given")
    add("--rounds", type=int, default=3, help="0 for none, with --memory; 3 if not given")
    add(
        "--only",
        type=names_among(CONTESTANTS),
        default=list(CONTESTANTS),
        help="contestants, with commas between",
    )
    add("--memory", type=_numbers, default=[], help="numbers of records for the command, likewise")
    add("--json", type=Path, help="a file for all figures")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


if __name__ == "__main__":
    main()
