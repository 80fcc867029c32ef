"""Event records of meetings and their outcomes, by the PLOVER manual.

A meeting is one record with lists of actors, however many took part. What an outcome becomes is for
its verb to say; where that decides nothing, there is no record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from summarize.across_articles.plover_codes import (
    CODEBOOK,
    QUADS,
    SCALES,
    EventType,
    any_of,
    coder,
    contexts_of,
)
from summarize.across_articles.plover_outcomes import Coded, outcome_events
from summarize.across_articles.plover_parties import Party
from summarize.across_articles.records import MeetingRecord, MeetingReport, QuoteIn
from summarize.grounding.countries import country_of_place

__all__ = ["Event", "events_of", "to_plover"]

_INTERGOVERNMENTAL = frozenset({"UNO", "EUR", "IGO"})
# Countries at a summit from which on it is nobody's alone.
_MULTILATERAL = 3


@dataclass(frozen=True)
class Event:
    """One event.

    Attributes:
        id: of the meeting, and the event's number in it.
        meeting: the meeting it is of, or is.
        type: of the sixteen types.
        modes: how.
        contexts: about what.
        actors, recipients: who did it, and to whom.
        quote: of the sentence that tells of it.
    """

    id: str
    meeting: MeetingRecord
    type: EventType
    modes: tuple[str, ...]
    contexts: tuple[str, ...]
    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]
    quote: QuoteIn

    @property
    def scale(self) -> float | None:
        """The intensity, of the mode that is furthest from nothing; None where none is given."""
        scales = (SCALES.get((self.type, mode)) for mode in self.modes or (None,))
        return max((scale for scale in scales if scale is not None), key=abs, default=None)

    @property
    def report(self) -> MeetingReport:
        """What the article of the quote says of the meeting."""
        reports = self.meeting.reports
        return next((r for r in reports if r.article == self.quote.article), reports[0])


def events_of(meeting: MeetingRecord, party: Callable[[str], Party | None]) -> Iterator[Event]:
    """Yields the events of a meeting: that it took place or is planned, then its outcomes.

    Args:
        meeting: the meeting.
        party: returns an actor by its id, None if there is none.
    """
    parties = [one for id_ in meeting.participants if (one := party(id_))]
    people = [p for p in parties if p.actor is None or p.actor.kind != "country"]
    # A country stands for those of it where none of them is named.
    named = {party.country for party in people}
    people += [p for p in parties if p not in people and p.country not in named]
    coded: list[tuple[Coded, QuoteIn, tuple[str, ...]]] = []
    quote = next((quote for report in meeting.reports for quote in report.quotes), None)
    if quote and people and (event := _meeting_event(meeting, people, quote.text)):
        topics = contexts_of(*(topic.topic for topic in meeting.topics))
        coded.append((event, quote, ("diplomatic", *topics)))
    for outcome in meeting.outcomes:
        quote = outcome.quotes[0]
        said = [one for id_ in outcome.parties if (one := party(id_))]
        present = [one for one in said if _took_part(one, parties)]
        contexts = contexts_of(outcome.description)
        if outcome.kind == "follow_up" or not contexts:
            contexts = ("diplomatic", *contexts)
        for event in outcome_events(outcome.kind, quote.text, said, present or people):
            coded.append((event, quote, contexts))
    for number, (event, quote, contexts) in enumerate(coded, start=1):
        yield Event(
            id=f"{meeting.id}-{number}",
            meeting=meeting,
            type=event.type,
            modes=event.modes,
            contexts=tuple(dict.fromkeys(contexts)),
            actors=event.actors,
            recipients=event.recipients,
            quote=quote,
        )


def _took_part(named: Party, parties: Sequence[Party]) -> bool:
    """Returns whether a party is a participant, or a country or body of one."""
    if named in parties:
        return True
    is_state = named.actor is not None and named.actor.kind in ("country", "organization")
    return is_state and named.country in {party.country for party in parties if party.country}


# The meeting itself

_TALKS = r"(?:meetings?|talks|visits?|trips?|summits?|tours?|negotiations)"


def _of_talks(verbs: str) -> re.Pattern[str]:
    """Returns a pattern for what is done to talks: the verb may stand before or behind them."""
    return re.compile(
        rf"(?i)\b(?:{verbs})\W+(?:\w+\W+){{0,4}}?{_TALKS}\b"
        rf"|\b{_TALKS}\W+(?:\w+\W+){{0,4}}?(?:{verbs})\b"
    )


_CANCELLED = _of_talks(r"cancel\w*|call(?:ed|ing)?\s+off|scrapp(?:ed|ing)")
_BROKEN_OFF = _of_talks(r"br(?:oke|oken|eaking)\s+off|walk(?:ed|ing)\s+out")
_SUMMONED = any_of("summon summons summoned summoning")
_MARGINS = any_of("sidelines margins_of")


def _meeting_event(meeting: MeetingRecord, people: Sequence[Party], text: str) -> Coded | None:
    """Returns that people met, or were to meet; None where only what was said is an event."""
    everybody = tuple(people)
    if _CANCELLED.search(text):
        return Coded("REJECT", ("meet",), everybody)
    if _BROKEN_OFF.search(text):
        return Coded("SANCTION", ("withdraw",), everybody)
    if _SUMMONED.search(text):
        return None
    if meeting.when == "planned":
        return Coded("AGREE", (), everybody)
    is_call = meeting.type == "call"
    visitors, hosts = ((), ()) if is_call else _visit(meeting, people)
    modes = ["phone"] if is_call else ["visit"] if hosts else ["third-party"] if visitors else []
    countries = {party.country for party in people if party.country}
    is_many = countries & _INTERGOVERNMENTAL or len(countries) >= _MULTILATERAL
    if _MARGINS.search(text) or (meeting.type == "summit" and is_many):
        modes.append("multilateral")
    actors = visitors if hosts else everybody
    # Nobody consults alone.
    return Coded("CONSULT", tuple(modes), actors, hosts) if len(actors) + len(hosts) > 1 else None


def _visit(
    meeting: MeetingRecord, people: Sequence[Party]
) -> tuple[tuple[Party, ...], tuple[Party, ...]]:
    """Returns the visitors and their hosts; visitors alone where all of them are on a visit.

    Both are empty where the article gives no place whose country is known.
    """
    where = {code for place in meeting.places if (code := country_of_place(place))}
    if len(where) != 1:
        return (), ()
    (here,) = where
    hosts = tuple(p for p in people if p.country == here)
    visitors = tuple(p for p in people if p.country and p.country != here)
    if not visitors:
        return (), ()
    if hosts:
        # Who is of no known country may be of either side.
        return visitors, hosts
    if meeting.type == "visit":
        # Nobody of the country is named: the country is the host.
        return tuple(people), (Party(meeting.places[0], here),)
    return (visitors, ()) if len({p.country for p in visitors}) > 1 else ((), ())


# As the manual's JSON


def to_plover(event: Event) -> dict[str, Any]:
    """Returns the event as a record of the manual's table "PLOVER JSON"."""
    report, window = event.report, event.meeting.window
    is_address = bool(report.source and report.source.startswith(("http://", "https://")))
    return {
        "id": event.id,
        "date": event.meeting.day or (window[0] if window else None),
        "enddate": window[1] if window and not event.meeting.day else None,
        "actor": [_entity(party) for party in event.actors],
        "recipient": [_entity(party) for party in event.recipients],
        "event": [event.type],
        "event_loc": _location(event.meeting.places),
        "quad_code": QUADS[event.type],
        "event_scale": event.scale,
        "mode": list(event.modes) or None,
        "context": list(event.contexts) or None,
        "link": event.meeting.id,
        "text_info": {"start": event.quote.start, "end": event.quote.end},
        "cite_info": {
            "citation": event.quote.article,
            "url": report.source if is_address else None,
            "title": report.title,
            "publication": report.outlet,
            "coder": coder(),
            "codebook": CODEBOOK,
        },
        "coder": coder(),
    }


def _entity(party: Party) -> dict[str, Any]:
    return {
        "code": party.country,
        "sector": party.sectors[0] if party.sectors else None,
        "sectors": list(party.sectors),
        "entity_text": party.name,
        "identifier_id": party.actor.wikidata if party.actor else None,
        "office": party.office,
    }


def _location(places: Iterable[str]) -> dict[str, Any] | None:
    place = next(iter(places), None)
    if place is None:
        return None
    return {"extracted_place": place, "country_code": country_of_place(place)}
