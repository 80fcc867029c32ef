"""When and where the meeting was, by what the article says of the draft's words."""

from __future__ import annotations

import pytest
from told import LEAD

from summarize.article import Article
from summarize.dates import Calendar
from summarize.draft import Draft
from summarize.events import event_of
from summarize.matching import Finder
from summarize.schema import Event, Unsupported

TITLE = "Norwegian premier on a tour"


def found(
    *paragraphs: str,
    event: str = "visit",
    place: str = "",
    date: str = "",
    published: str | None = None,
    english: bool = True,
) -> tuple[Event, list[Unsupported]]:
    reading = Article("\n\n".join((TITLE, *paragraphs)), id="x").reading
    said = {"event": event, "place": place, "date": date}
    draft = Draft.model_validate({**said, "participants": [], "topics": [], "outcomes": []})
    return event_of(draft, Finder(reading), Calendar(published), english=english)


def aside(unsupported: list[Unsupported]) -> list[str]:
    return [entry.value for entry in unsupported]


# Places


@pytest.mark.parametrize(
    "sentence",
    [
        "Holm met Keller in Bern.",
        "Holm paid a visit to Bern.",
        "Holm visited Bern.",
        "Holm held talks in the city of Bern.",
        "Holm arrived in the Swiss capital, Bern.",
    ],
)
def test_a_place_is_where_the_meeting_is_said_to_be(sentence: str) -> None:
    event, unsupported = found(sentence, place="Bern")
    assert (event.places, unsupported) == (("Bern",), [])


def test_a_dateline_is_a_place() -> None:
    assert found("BERN", "Holm met Keller.", place="Bern")[0].places == ("BERN",)


@pytest.mark.parametrize(
    "sentence",
    [
        "Last year Holm visited Odense.",
        "Odense is a fine town.",
        "He has a house in Odense.",
    ],
)
def test_a_place_of_something_else_is_set_aside(sentence: str) -> None:
    event, unsupported = found(LEAD, sentence, place="Odense")
    assert "Odense" not in event.places
    assert aside(unsupported) == ["Odense"]


def test_each_of_several_places_is_looked_at_by_itself() -> None:
    event, unsupported = found("Holm visited Bern and held talks in Basel.",
                               place="Bern, Basel, Atlantis")  # fmt: skip
    assert event.places == ("Bern", "Basel")
    assert aside(unsupported) == ["Atlantis"]


def test_a_place_said_twice_is_one() -> None:
    assert found(LEAD, place="Bern, Bern")[0].places == ("Bern",)


@pytest.mark.parametrize(
    ("sentence", "places"),
    [
        ("Holm visited Switzerland.", ("Switzerland",)),
        ("Holm held talks in Bern.", ("Bern",)),
        ("Holm paid a visit to Basel.", ()),
        ("Last year Holm visited Switzerland.", ()),
    ],
)
def test_without_a_place_it_is_the_country_or_capital_visited(
    sentence: str, places: tuple[str, ...]
) -> None:
    assert found(sentence)[0].places == places


def test_a_call_has_no_place() -> None:
    event, unsupported = found("Holm, in Oslo, spoke by phone with Keller in Bern.",
                               event="call", place="Bern")  # fmt: skip
    assert (event.places, unsupported) == ((), [])


# Days


@pytest.mark.parametrize(("published", "iso"), [(None, None), ("2026-03-04", "2026-03-02")])
def test_a_day_is_resolved_by_the_day_of_publication(
    published: str | None, iso: str | None
) -> None:
    date = found(LEAD, date="Monday", published=published)[0].date
    assert date is not None
    assert (date.text, date.iso) == ("Monday", iso)


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("Friday", "not found in the article"),
        ("Tuesday", "not the day of this meeting"),
        ("the harvest", "not the day of this meeting"),
    ],
)
def test_another_day_is_set_aside(date: str, reason: str) -> None:
    body = ("The town is old.", "It has a lake.", "On Tuesday the harvest began.")
    event, unsupported = found(LEAD, *body, date=date)
    assert event.date is None
    assert [(entry.field, entry.reason) for entry in unsupported] == [("event.date", reason)]


@pytest.mark.parametrize("nothing", ["", "...", "none", "not specified"])
def test_placeholders_say_nothing(nothing: str) -> None:
    event, unsupported = found("The town is old.", place=nothing, date=nothing)
    assert (event.places, event.date, unsupported) == ((), None, [])


# Other languages


def test_in_another_language_it_is_enough_that_the_words_are_there() -> None:
    text = "Lars Holm traf Anna Keller am Montag in Bern zu Gesprächen über den Tunnel."
    event, unsupported = found(text, place="Bern", english=False)
    assert (event.places, unsupported) == (("Bern",), [])
    assert found(text, english=False)[0].places == ()
