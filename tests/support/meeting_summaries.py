"""Summaries of meetings, as short as a test can say them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from summarize.schema import (
    Actor,
    ActorKind,
    AgendaItem,
    ArticleInfo,
    Meeting,
    MeetingDate,
    MeetingType,
    Outcome,
    OutcomeKind,
    Provenance,
    Quote,
    Summary,
    Usage,
    When,
)

CREATED = "2026-01-01T00:00:00Z"


def meeting_summary(
    id_: str,
    people: Sequence[str],
    *,
    published: str | None = "2026-03-05",
    day: str | None = None,
    type_: MeetingType = "talks",
    when: When = "reported",
    places: Sequence[str] = (),
    topics: Sequence[str] = (),
    outcomes: Sequence[tuple[OutcomeKind, str]] = (),
    others: Sequence[tuple[str, ActorKind]] = (),
    sentence: str = "",
    outlet: str | None = None,
    created: str = CREATED,
) -> Summary:
    """The summary of an article on one meeting.

    Args:
        people: who took part: "Hakan Fidan, TUR, foreign minister", with the last two if known.
        others: actors that are only mentioned: "MIT/National Intelligence Organization" has a name
            and an alias.
    """
    text = ""

    def quoted(words: str) -> tuple[Quote, ...]:
        nonlocal text
        start = len(text)
        text += f"{words}\n"
        return (Quote(start=start, end=start + len(words), text=words),)

    actors = []
    for number, person in enumerate(people):
        name, country, role, *_ = [*person.split(", "), "", ""]
        actors.append(_actor(f"a{number}", name, "person", country, role, "participant", quoted))
    for number, (names, kind) in enumerate(others, len(actors)):
        name, country, *_ = [*names.split(", "), ""]
        actors.append(_actor(f"a{number}", name, kind, country, "", "mentioned", quoted))
    participants = tuple(f"a{number}" for number in range(len(people)))
    meeting = Meeting(
        id="m1",
        type=type_,
        when=when,
        places=tuple(places),
        date=MeetingDate(text=day, iso=day) if day else None,
        participants=participants,
        quotes=quoted(sentence or f"They met, says {id_}."),
    )
    items = tuple(
        AgendaItem(id=f"g{number}", topic=topic, quotes=quoted(topic))
        for number, topic in enumerate(topics)
    )
    made = tuple(
        Outcome(
            id=f"o{number}", kind=kind, description=words, parties=participants,
            quotes=quoted(words),
        )
        for number, (kind, words) in enumerate(outcomes)
    )  # fmt: skip
    return Summary(
        article=ArticleInfo(
            id=id_,
            source=f"{id_}.txt",
            title=None,
            outlet=outlet,
            published=published,
            sha256=sha256(text.encode()).hexdigest(),
            characters=len(text),
        ),
        is_meeting=True,
        meetings=(meeting,),
        actors=tuple(actors),
        agenda_items=items,
        outcomes=made,
        summary="",
        unsupported=(),
        provenance=Provenance(
            model="m",
            prompt="p@1",
            schema_="s",
            created=created,
            seconds=0,
            attempts=1,
            usage=Usage(),
            package="summarize 0.1.0",
        ),
    )


def _actor(id_, names, kind, country, role, part, quoted) -> Actor:
    name, *aliases = names.split("/")
    return Actor(
        id=id_,
        name=name,
        aliases=tuple(aliases),
        kind=kind,
        role=role or None,
        country=country or None,
        part=part,
        quotes=tuple(quote for one in (name, *aliases) for quote in quoted(one)),
    )
