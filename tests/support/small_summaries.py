"""Small summaries, and failures, for tests of what is done with them."""

from __future__ import annotations

from summarize.batch.results import BatchError, BatchResult
from summarize.schema import (
    Actor,
    AgendaItem,
    ArticleInfo,
    Meeting,
    MeetingDate,
    Outcome,
    Provenance,
    Quote,
    Summary,
    Unsupported,
    Usage,
)


def summary(id_: str, *, text: str = "A met B.", says: str = "", sha256: str = "0" * 64) -> Summary:
    """A summary whose every text is `text`, but for its one paragraph."""
    quotes = (Quote(start=7, end=7 + len(text), text=text), Quote(start=90, end=91, text="x"))
    return Summary(
        article=ArticleInfo(
            id=id_,
            source=None,
            title=text,
            outlet=None,
            published=None,
            sha256=sha256,
            characters=100,
        ),
        is_meeting=True,
        meetings=(
            Meeting(
                id="m1",
                type="talks",
                when="reported",
                places=(text, "Bern"),
                date=MeetingDate(text=text, iso=None),
                participants=("a1",),
                quotes=quotes[:1],
            ),
        ),
        actors=(
            Actor(
                id="a1",
                name=text,
                aliases=(text, "B"),
                kind="person",
                role=None,
                country="CHE",
                part="participant",
                quotes=quotes,
            ),
        ),
        agenda_items=(AgendaItem(id="g1", topic=text, quotes=quotes[:1]),),
        outcomes=(
            Outcome(
                id="o1", kind="decision", description=text, parties=("a1", "a9"), quotes=quotes[:1]
            ),
        ),
        summary=says,
        unsupported=(Unsupported(field="outcomes", value=text, reason="not found"),),
        provenance=Provenance(
            model="m",
            prompt="p@1",
            schema_="s",
            created="2025-11-22T10:00:00Z",
            seconds=1.5,
            attempts=1,
            usage=Usage(prompt_tokens=7),
            package="summarize 0.1.0",
        ),
    )


def failure(id_: str, type_: str = "RefusalError", message: str = "declined") -> BatchResult:
    """An article that failed."""
    return BatchResult(id_, error=BatchError(type_, message, retryable=True, attempts=2))
