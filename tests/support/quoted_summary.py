"""Summaries of invented articles, every quote found in the text, for tests of the reports."""

from __future__ import annotations

import hashlib

from summarize.schema import (
    Actor,
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
    Unsupported,
    Usage,
    When,
)


def quoted(
    text: str,
    *,
    id_: str = "made",
    title: str | None = "A meeting",
    source: str | None = None,
    records: str | None = None,
    people: tuple[str, ...] = (),
    mentioned: tuple[str, ...] = (),
    topics: tuple[str, ...] = (),
    results: tuple[tuple[OutcomeKind, str], ...] = (),
    country: str | None = None,
    meeting: Meeting | None = None,
    others: tuple[Meeting, ...] = (),
    unsupported: tuple[str, ...] = (),
    is_carried: bool = False,
) -> Summary:
    """A summary of `text`, whose people, topics and results are stretches of it."""
    actors = [(name, "participant") for name in people] + [
        (name, "mentioned") for name in mentioned
    ]
    is_meeting = bool(people or topics or results)
    main = meeting or meeting_of("talks" if people else "other")
    present = tuple(f"a{number}" for number in range(1, len(people) + 1))
    return Summary(
        article=ArticleInfo(
            id=id_,
            source=source,
            title=title,
            outlet=None,
            published=None,
            records=records,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            characters=len(text),
            text=text if is_carried else None,
        ),
        is_meeting=is_meeting,
        meetings=(
            (main.model_copy(update={"participants": present}), *others) if is_meeting else ()
        ),
        actors=tuple(
            Actor(
                id=f"a{number}",
                name=name,
                aliases=(),
                kind="person",
                role=None,
                country=country,
                part=part,
                quotes=(quote(text, name),),
            )
            for number, (name, part) in enumerate(actors, start=1)
        ),
        agenda_items=tuple(
            AgendaItem(id=f"g{number}", topic=topic, quotes=(quote(text, topic),))
            for number, topic in enumerate(topics, start=1)
        ),
        outcomes=tuple(
            Outcome(
                id=f"o{number}",
                kind=kind,
                description=words,
                parties=(),
                quotes=(quote(text, words),),
            )
            for number, (kind, words) in enumerate(results, start=1)
        ),
        summary="They met.",
        unsupported=tuple(
            Unsupported(field="outcomes", value=value, reason="not found") for value in unsupported
        ),
        provenance=Provenance(
            model="local/made",
            prompt="p@1",
            schema_="s",
            created="2025-11-22T10:00:00Z",
            seconds=1.5,
            attempts=1,
            usage=Usage(prompt_tokens=7, completion_tokens=3),
            package="summarize 0.1.0",
        ),
    )


def meeting_of(
    type_: MeetingType = "talks",
    *,
    id_: str = "m1",
    when: When = "reported",
    places: tuple[str, ...] = (),
    date: MeetingDate | None = None,
    participants: tuple[str, ...] = (),
    quotes: tuple[Quote, ...] = (),
) -> Meeting:
    """A meeting, the main one if nothing else is said."""
    return Meeting(
        id=id_,
        type=type_,
        when=when,
        places=places,
        date=date,
        participants=participants,
        quotes=quotes,
    )


def quote(text: str, words: str) -> Quote:
    start = text.index(words)
    return Quote(start=start, end=start + len(words), text=words)
