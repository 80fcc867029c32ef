"""Invented drafts of a model."""

from __future__ import annotations

from summarize.prompting.draft import Draft, DraftOutcome, DraftPerson


def drafted(
    *people: str, topics: tuple[str, ...] = (), outcomes: tuple[str, ...] = (), event: str = "talks"
) -> Draft:
    """A draft that says so much, and nothing of places and days."""
    return Draft(
        event=event,
        place="",
        date="",
        participants=[DraftPerson(name=name, role="") for name in people],
        topics=list(topics),
        outcomes=[DraftOutcome(kind="statement", text=text) for text in outcomes],
    )
