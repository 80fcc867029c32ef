"""Meetings and actors of a dossier, made without articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from summarize.across_articles.records import (
    ActorRecord,
    MeetingOutcome,
    MeetingRecord,
    MeetingReport,
    MeetingTopic,
    Office,
    QuoteIn,
    Spelling,
)
from summarize.schema import ActorKind, MeetingType, OutcomeKind, When


def quote(text: str, article: str = "x") -> QuoteIn:
    return QuoteIn(article=article, item="m1", start=0, end=len(text), text=text)


def actor(
    id_: str,
    name: str,
    country: str | None = None,
    office: str = "",
    kind: ActorKind = "person",
    *,
    spellings: Sequence[str] = (),
    wikidata: str | None = None,
) -> ActorRecord:
    said = quote(name)
    offices = (Office(title=office, first=None, last=None, quote=said),) if office else ()
    return ActorRecord(
        id=id_,
        name=name,
        kind=kind,
        country=country,
        spellings=tuple(Spelling(name=one, articles=1) for one in (name, *spellings)),
        offices=offices,
        wikidata=wikidata,
        articles=1,
        first=None,
        last=None,
        quotes=(said,),
        reasons=(),
    )


def report(article: str, text: str, **more: object) -> MeetingReport:
    values = {
        "article": article,
        "meeting": "m1",
        "title": "T",
        "outlet": "Agency",
        "published": None,
        "source": "https://example.org/x",
        "type": "talks",
        "when": "reported",
        "day": None,
        "places": (),
        "copy_of": None,
        "quotes": (quote(text, article),),
    }
    return MeetingReport.model_validate({**values, **more})


def meeting(
    participants: str,
    text: str = "They met.",
    *,
    id_: str = "m0",
    type_: MeetingType = "talks",
    when: When = "reported",
    day: str | None = "2025-09-17",
    place: str = "",
    countries: str = "",
    topics: Sequence[str] = (),
    outcomes: Sequence[MeetingOutcome] = (),
    reports: Sequence[MeetingReport] = (),
    **more: object,
) -> MeetingRecord:
    places = (place,) if place else ()
    reports = reports or (report("x", text, type=type_, when=when, places=places),)
    values = {
        "id": id_,
        "type": type_,
        "when": when,
        "day": day,
        "window": None,
        "places": places,
        "countries": tuple(countries.split()),
        "participants": tuple(participants.split()),
        "reports": tuple(reports),
        "article_count": len(reports),
        "independent_sources": len(reports),
        "topics": tuple(MeetingTopic(topic=topic, quotes=(quote(topic),)) for topic in topics),
        "outcomes": tuple(outcomes),
        "disagreements": (),
        "reasons": (),
    }
    return MeetingRecord.model_validate({**values, **more})


def outcome(
    kind: OutcomeKind, text: str, parties: Sequence[str] = (), **more: object
) -> MeetingOutcome:
    values = {
        "kind": kind,
        "description": text,
        "parties": tuple(parties),
        "quotes": (quote(text),),
        "follow_ups": (),
    }
    return MeetingOutcome.model_validate({**values, **more})


_PLACES = {"TUR": "Ankara", "SYR": "Damascus", "RUS": "Moscow", "NOR": "Oslo", "KEN": "Nairobi"}
_TYPES: tuple[MeetingType, ...] = ("visit", "talks", "call", "summit")


def many(number: int) -> tuple[list[MeetingRecord], list[ActorRecord]]:
    """Meetings of five years, each with two to four of a hundred people."""
    codes = list(_PLACES)
    people = [
        actor(f"a{n}", f"Given{n} Surname{n}", codes[n % len(codes)], f"Minister {n}")
        for n in range(100)
    ]
    return list(_many(number, people)), people


def _many(number: int, people: Sequence[ActorRecord]) -> Iterator[MeetingRecord]:
    chosen = Random(1)
    for n in range(number):
        # Some meet far more often than others.
        ranks = {int(100 * chosen.random() ** 3) for _ in range(2 + n % 3)}
        members = [people[rank] for rank in ranks]
        articles = [report(f"n{n}-{k}", f"They met, article {k}.") for k in range(1 + n % 4)]
        yield meeting(
            " ".join(one.id for one in members),
            id_=f"m{n}",
            type_=_TYPES[n % 4],
            when="planned" if n % 10 == 0 else "reported",
            day=f"{2021 + n % 5}-{1 + n % 12:02}-{1 + n % 28:02}",
            place=_PLACES[members[0].country or ""],
            countries=" ".join(sorted({one.country or "" for one in members})),
            topics=(f"Topic {n % 40} of the agenda", "trade and the border"),
            outcomes=(outcome("agreement", f"They agreed on point {n}."),),
            reports=articles,
        )
