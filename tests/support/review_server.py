"""A review that is served in a thread of this process, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Queue
from threading import Event, Thread

from summarize.cli.article_lookup import ArticleLookup
from summarize.cli.reviews import review_file
from summarize.review.decisions import Decision, DecisionFile, read_decisions
from summarize.review.server import bound, serve
from summarize.review.session import ReviewSession
from summarize.schema import Summary

TOKEN = "token-of-a-test"


class Reviewing:
    """A review that is served."""

    def __init__(self, summaries: Path, address: str) -> None:
        self.summaries = summaries
        self.address = address

    @property
    def decisions(self) -> list[Decision]:
        decisions, problems = read_decisions(review_file(self.summaries))
        assert problems == []
        return decisions


def put(folder: Path, *records: tuple[Summary, str]) -> Path:
    """Writes summaries, and their articles beside them; returns the path of the summaries."""
    lines = []
    for number, (summary, text) in enumerate(records):
        source = folder / f"{number}.txt"
        source.write_text(text, encoding="utf-8", newline="")
        article = summary.article.model_copy(update={"source": str(source)})
        lines.append(summary.model_copy(update={"article": article}).to_json())
    path = folder / "out.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@contextmanager
def reviewing(summaries: Path, **options: object) -> Iterator[Reviewing]:
    """Serves a review of a file of summaries."""
    ready: Queue[str] = Queue()
    stops: list[Callable[[], None]] = []

    @contextmanager
    def stopping(stop: Callable[[], None]) -> Iterator[Event]:
        stops.append(stop)
        yield Event()

    with DecisionFile.opened(review_file(summaries)) as file:
        find = ArticleLookup(None, summaries).find
        given = {"reviewer": "ada", "order": "file", **options}
        session = ReviewSession(summaries, find, file, **given)  # type: ignore[arg-type]
        with closing(session), closing(bound(0)) as listener:
            running = serve(session, TOKEN, listener, ready.put, stopping)
            thread = Thread(target=asyncio.run, args=(running,), daemon=True)
            thread.start()
            yield Reviewing(summaries, ready.get(timeout=10))
            stops[0]()
            thread.join(timeout=10)
            assert not thread.is_alive()
