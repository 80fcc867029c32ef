"""How well and how fast a dossier is made, on made summaries of which the truth is known.

python benchmarks/dossier.py                      quality on both halves, and growth to 100,000
python benchmarks/dossier.py --quality 5000       quality only, on so many summaries of each half
python benchmarks/dossier.py --growth 1000,10000  growth only

Weights are set on the tuning half alone; the other has other names and is held out. Precision and
recall are of pairs: of reports that are one meeting, of mentions that are one person.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Hashable, Mapping
from pathlib import Path

from dossier_news import made_news

HALVES = {"tuning": 0, "held out": 1}
ADDED = 1_000
# A run of its own, so that its memory is its own.
RUN = """
import json, resource, sys, time
from summarize import dossier
begun = time.monotonic()
made = dossier([sys.argv[1]], sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
times = time.monotonic() - begun, time.process_time()
print(json.dumps([*times, peak / 1e3, made.meeting_count, made.actor_count]))
"""
_MENTIONS = """
SELECT a.id, m.item, CASE WHEN f.apart THEN -m.key ELSE f.actor END FROM mention m
JOIN form f ON f.key = m.form JOIN article a ON a.key = m.article
"""
_REPORTS = "SELECT a.id, r.item, r.meeting FROM report r JOIN article a ON a.key = r.article"


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quality", type=int, metavar="N", help="summaries of each half")
    parser.add_argument("--half", choices=HALVES, help="one half only")
    parser.add_argument("--growth", metavar="N,N", help="numbers of summaries")
    options = parser.parse_args()
    both = not options.quality and not options.growth
    with tempfile.TemporaryDirectory() as folder:
        if options.quality or both:
            for name, half in HALVES.items():
                if options.half in (None, name):
                    quality(name, half, options.quality or 5_000, Path(folder))
        if options.growth or both:
            sizes = [int(size) for size in (options.growth or "1000,10000,100000").split(",")]
            growth(sizes, Path(folder))


def quality(name: str, half: int, number: int, folder: Path) -> None:
    """Prints precision and recall on one half."""
    summaries = folder / f"half{half}.jsonl"
    with summaries.open("w", encoding="utf-8") as stream:
        for summary, truth in made_news(number, half):
            stream.write(f"{summary.to_json()}\n")
            news = truth
    output = folder / f"dossier{half}"
    _run(summaries, output)
    database = sqlite3.connect(output / "dossier.sqlite")
    for what, query, truth in (
        ("meetings", _REPORTS, news.meetings),
        ("actors", _MENTIONS, news.actors),
    ):
        found = {(article, item): cluster for article, item, cluster in database.execute(query)}
        precision, recall = _of_pairs({key: found[key] for key in truth}, truth)
        print(f"{name:9} {what:9} precision {precision:.4f}  recall {recall:.4f}", flush=True)


def _of_pairs(
    found: Mapping[Hashable, Hashable], truth: Mapping[Hashable, Hashable]
) -> tuple[float, float]:
    def pairs(labels: Counter[Hashable]) -> int:
        return sum(count * (count - 1) // 2 for count in labels.values())

    right = pairs(Counter((found[key], truth[key]) for key in truth))
    return right / pairs(Counter(found.values())), right / pairs(Counter(truth.values()))


def growth(sizes: list[int], folder: Path) -> None:
    """Prints time and memory by the number of summaries, and of a day that is added."""
    for size in sizes:
        summaries, added = folder / "all.jsonl", folder / "added.jsonl"
        with summaries.open("w") as first, added.open("w") as second:
            for number, (summary, _) in enumerate(made_news(size + ADDED, 0)):
                (first if number < size else second).write(f"{summary.to_json()}\n")
        output = folder / f"growth{size}"
        for what, path in ((f"{size:,}", summaries), (f"{ADDED:,} more", added)):
            seconds, cpu, memory, meetings, actors = _run(path, output)
            print(
                f"{what:>12} summaries: {seconds:7.1f} s  {cpu:7.1f} s of CPU  {memory:5.0f} MB"
                f"  ({meetings:,} meetings, {actors:,} actors)",
                flush=True,
            )


def _run(summaries: Path, output: Path) -> list[float]:
    command = [sys.executable, "-c", RUN, str(summaries), str(output)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: list[float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
