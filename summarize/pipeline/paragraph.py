"""Composes the one-paragraph summary from the items, so that it says nothing they do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from summarize.grounding.grounded import Grounded
from summarize.schema import MEETING_NAMES, Actor, Meeting


def compose(grounded: Grounded) -> str:
    """Returns one paragraph from the items of a summary, in the article's words."""
    if not grounded.is_meeting:
        return "The article reports no meeting."
    return " ".join(
        sentence for meeting in grounded.meetings for sentence in _sentences(meeting, grounded)
    )


def _sentences(meeting: Meeting, grounded: Grounded) -> Iterator[str]:
    """Yields what a meeting was, who took part, what it was about and what came of it."""
    name = MEETING_NAMES[meeting.type]
    if meeting.when != "reported":
        name = f"{meeting.when.capitalize()} {name.lower()}"
    preposition = "to" if meeting.type == "visit" else "in"
    where = f" {preposition} {_listed(meeting.places)}" if meeting.places else ""
    when = f", {meeting.date.text}" if meeting.date else ""
    people = [_introduced(actor) for actor in grounded.actors if actor.id in meeting.participants]
    who = f": {_listed(people)}" if people else ""
    yield f"{name}{where}{when}{who}."
    topics = [item.topic for item in grounded.agenda_items if item.meeting == meeting.id]
    if topics:
        yield f"On the agenda: {_enumerated(topics)}."
    outcomes = [one.description for one in grounded.outcomes if one.meeting == meeting.id]
    if outcomes:
        yield f"Outcomes: {_enumerated(outcomes)}."


def _introduced(actor: Actor) -> str:
    return f"{actor.name} ({actor.role})" if actor.role else actor.name


def _listed(items: Iterable[str]) -> str:
    *before, last = items
    return f"{', '.join(before)} and {last}" if before else last


def _enumerated(items: Iterable[str]) -> str:
    return "; ".join(item.rstrip(".;, ") for item in items)
