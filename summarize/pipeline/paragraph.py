"""Composes the one-paragraph summary from the items, so that it says nothing they do not."""

from __future__ import annotations

from collections.abc import Iterable

from summarize.grounding.grounded import Grounded
from summarize.schema import EVENT_NAMES, Actor

__all__ = ["compose"]


def compose(grounded: Grounded) -> str:
    """Returns one paragraph from the items of a summary, in the article's words."""
    event = grounded.event
    if not grounded.is_meeting:
        return "The article reports no meeting."
    preposition = "to" if event.type == "visit" else "in"
    where = f" {preposition} {_listed(event.places)}" if event.places else ""
    when = f", {event.date.text}" if event.date else ""
    people = [_introduced(actor) for actor in grounded.actors if actor.part == "participant"]
    who = f": {_listed(people)}" if people else ""
    sentences = [f"{EVENT_NAMES[event.type]}{where}{when}{who}."]
    if grounded.agenda_items:
        sentences.append(f"On the agenda: {_enumerated(i.topic for i in grounded.agenda_items)}.")
    if grounded.outcomes:
        sentences.append(f"Outcomes: {_enumerated(o.description for o in grounded.outcomes)}.")
    return " ".join(sentences)


def _introduced(actor: Actor) -> str:
    return f"{actor.name} ({actor.role})" if actor.role else actor.name


def _listed(items: Iterable[str]) -> str:
    *before, last = items
    return f"{', '.join(before)} and {last}" if before else last


def _enumerated(items: Iterable[str]) -> str:
    return "; ".join(item.rstrip(".;, ") for item in items)
