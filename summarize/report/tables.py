"""Converts summaries to rows of tables: plain values, each row with the id of its article.

`article_id` and `item_id` together identify an item, in its own table and in the table of quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from summarize.batch.results import BatchResult
from summarize.schema import Actor, AgendaItem, Outcome, Summary

__all__ = ["TABLES", "Kind", "Row", "Value", "rows_of", "to_rows"]

Value: TypeAlias = str | int | float | bool | list[str] | None
Row: TypeAlias = dict[str, Value]
Kind: TypeAlias = Literal["text", "integer", "float", "boolean", "list"]
"""The type of a column: string, integer, float, boolean, list of strings."""

_FIRST_QUOTE: Mapping[str, Kind] = {
    "quotes": "integer",
    "quote_start": "integer",
    "quote_end": "integer",
    "quote_text": "text",
}
TABLES: Mapping[str, Mapping[str, Kind]] = {
    "articles": {
        "article_id": "text",
        "source": "text",
        "title": "text",
        "outlet": "text",
        "published": "text",
        "is_meeting": "boolean",
        "event_type": "text",
        "event_places": "list",
        "event_date_text": "text",
        "event_date": "text",
        "summary": "text",
        "sha256": "text",
        "characters": "integer",
        "model": "text",
        "prompt": "text",
        "schema": "text",
        "created": "text",
        "seconds": "float",
        "attempts": "integer",
        "prompt_tokens": "integer",
        "completion_tokens": "integer",
        "cached_tokens": "integer",
        "cost_usd": "float",
        "package": "text",
        "text": "text",
    },
    "actors": {
        "article_id": "text",
        "item_id": "text",
        "name": "text",
        "aliases": "list",
        "kind": "text",
        "role": "text",
        "country": "text",
        "part": "text",
        **_FIRST_QUOTE,
    },
    "agenda_items": {
        "article_id": "text",
        "item_id": "text",
        "topic": "text",
        **_FIRST_QUOTE,
    },
    "outcomes": {
        "article_id": "text",
        "item_id": "text",
        "kind": "text",
        "description": "text",
        "parties": "list",
        "party_names": "list",
        **_FIRST_QUOTE,
    },
    "quotes": {
        "article_id": "text",
        "table": "text",
        "item_id": "text",
        "number": "integer",
        "start": "integer",
        "end": "integer",
        "text": "text",
    },
    "unsupported": {
        "article_id": "text",
        "field": "text",
        "value": "text",
        "reason": "text",
    },
    "failures": {
        "article_id": "text",
        "error": "text",
        "message": "text",
        "retryable": "boolean",
        "attempts": "integer",
    },
}
"""The columns of each table, in order."""


def to_rows(summaries: Iterable[Summary | BatchResult]) -> dict[str, list[Row]]:
    """Returns the rows of every table by its name, ready for `pandas.DataFrame` and the like.

    An empty table is an empty list; its columns are in `TABLES`.

    Args:
        summaries: Summaries, or the results of `summarize_batch`, whose failures get a table of
            their own.
    """
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    if isinstance(summaries, Summary):
        raise TypeError("a list of summaries is wanted, not a summary")
    for summary in summaries:
        for name, row in rows_of(summary):
            tables[name].append(row)
    return tables


def rows_of(result: Summary | BatchResult) -> Iterator[tuple[str, Row]]:
    """Yields the rows of one article, each with the name of its table."""
    if isinstance(result, Summary):
        yield from _rows_of_summary(result)
    elif result.summary_json is not None:
        yield from _rows_of_summary(Summary.model_validate_json(result.summary_json))
    elif result.error is not None:
        yield _row(
            "failures",
            {
                "article_id": result.id,
                "error": result.error.type,
                "message": result.error.message,
                "retryable": result.error.retryable,
                "attempts": result.error.attempts,
            },
        )


def _rows_of_summary(summary: Summary) -> Iterator[tuple[str, Row]]:
    article, event, made = summary.article, summary.event, summary.provenance
    yield _row(
        "articles",
        {
            **article.model_dump(),
            **made.model_dump(by_alias=True),
            **made.usage.model_dump(),
            "article_id": article.id,
            "is_meeting": summary.is_meeting,
            "event_type": event.type,
            "event_places": event.places,
            "event_date_text": event.date.text if event.date else None,
            "event_date": event.date.iso if event.date else None,
            "summary": summary.summary,
            "text": article.text,
        },
    )
    names = {actor.id: actor.name for actor in summary.actors}
    tables: Mapping[str, tuple[Actor | AgendaItem | Outcome, ...]] = {
        "actors": summary.actors,
        "agenda_items": summary.agenda_items,
        "outcomes": summary.outcomes,
    }
    for table, items in tables.items():
        for item in items:
            key = {"article_id": article.id, "table": table, "item_id": item.id}
            first = item.quotes[0]
            values = {
                **item.model_dump(),
                **key,
                "quotes": len(item.quotes),
                "quote_start": first.start,
                "quote_end": first.end,
                "quote_text": first.text,
            }
            if isinstance(item, Outcome):
                # A file that was edited may name parties that are no actors.
                values["party_names"] = [names.get(party, party) for party in item.parties]
            yield _row(table, values)
            for number, quote in enumerate(item.quotes, start=1):
                yield _row("quotes", {**key, "number": number, **quote.model_dump()})
    for one in summary.unsupported:
        yield _row("unsupported", {"article_id": article.id, **one.model_dump()})


def _row(table: str, values: Mapping[str, Any]) -> tuple[str, Row]:
    """Returns the values that are columns of the table, in their order."""
    row = {column: values[column] for column in TABLES[table]}
    return table, {
        column: list(value) if isinstance(value, tuple) else value for column, value in row.items()
    }
