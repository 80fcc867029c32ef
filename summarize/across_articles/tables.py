"""Rows of meetings, actors and pairs, for tables of Parquet."""

from __future__ import annotations

from collections.abc import Mapping

from summarize.across_articles.records import ActorRecord, MeetingRecord
from summarize.report.tables import Kind, Row

__all__ = ["ACTOR_COLUMNS", "MEETING_COLUMNS", "PAIR_COLUMNS", "actor_row", "meeting_row"]

MEETING_COLUMNS: Mapping[str, Kind] = {
    **dict.fromkeys(("id", "type", "when", "day", "window_first", "window_last"), "text"),
    **dict.fromkeys(("places", "countries", "participants", "topics", "outcomes"), "list"),
    **dict.fromkeys(("articles", "independent_sources"), "integer"),
}
ACTOR_COLUMNS: Mapping[str, Kind] = {
    **dict.fromkeys(("id", "name", "kind", "country", "wikidata", "first", "last"), "text"),
    **dict.fromkeys(("spellings", "offices"), "list"),
    "articles": "integer",
}
PAIR_COLUMNS: Mapping[str, Kind] = {
    **dict.fromkeys(("kind", "one", "one_name", "other", "other_name"), "text"),
    "meetings": "integer",
    **dict.fromkeys(("first", "last", "ids"), "text"),
}
"""As in met.csv."""


def meeting_row(meeting: MeetingRecord) -> Row:
    """Returns a meeting as a row; participants are ids of actors."""
    first, last = meeting.window or (None, None)
    return {
        **{name: getattr(meeting, name) for name in ("id", "type", "when", "day")},
        "window_first": first,
        "window_last": last,
        "places": list(meeting.places),
        "countries": list(meeting.countries),
        "participants": list(meeting.participants),
        "topics": [topic.topic for topic in meeting.topics],
        "outcomes": [outcome.description for outcome in meeting.outcomes],
        "articles": meeting.article_count,
        "independent_sources": meeting.independent_sources,
    }


def actor_row(actor: ActorRecord) -> Row:
    """Returns an actor as a row."""
    names = ("id", "name", "kind", "country", "wikidata", "first", "last", "articles")
    return {
        **{name: getattr(actor, name) for name in names},
        "spellings": [spelling.name for spelling in actor.spellings],
        "offices": [office.title for office in actor.offices],
    }
