"""Converts summaries to rows of tables: plain values, each row with the id of its article.

`article_id` and `item_id` together identify an item, in its own table and in the table of quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from summarize.batch.results import BatchResult
from summarize.schema import Actor, Item, Meeting, Outcome, Summary

__all__ = ["TABLES", "Kind", "Row", "Value", "rows_of", "to_rows"]

Value: TypeAlias = str | int | float | bool | list[str] | None
Row: TypeAlias = dict[str, Value]
Kind: TypeAlias = Literal["text", "integer", "float", "boolean", "list"]
"""The type of a column: string, integer, float, boolean, list of strings."""

_KINDS: Mapping[str, Kind] = {
    "aliases": "list",
    "attempts": "integer",
    "cached_tokens": "integer",
    "characters": "integer",
    "completion_tokens": "integer",
    "confidence": "float",
    "cost_usd": "float",
    "end": "integer",
    "is_meeting": "boolean",
    "number": "integer",
    "participant_names": "list",
    "participants": "list",
    "parties": "list",
    "party_names": "list",
    "places": "list",
    "prompt_tokens": "integer",
    "quote_end": "integer",
    "quote_start": "integer",
    "quotes": "integer",
    "retryable": "boolean",
    "seconds": "float",
    "start": "integer",
}
"""The columns that are not text."""


def _columns(names: str) -> Mapping[str, Kind]:
    return {name: _KINDS.get(name, "text") for name in names.split()}


_EVIDENCE = "confidence review quotes quote_start quote_end quote_text"

TABLES: Mapping[str, Mapping[str, Kind]] = {
    "articles": _columns(
        "article_id source title outlet published"
        " is_meeting summary"
        " sha256 characters model prompt schema created seconds attempts"
        " prompt_tokens completion_tokens cached_tokens cost_usd package text"
    ),
    "meetings": _columns(
        "article_id item_id type when places date_text date participants participant_names"
        f" {_EVIDENCE}"
    ),
    "actors": _columns(f"article_id item_id name aliases kind role country part {_EVIDENCE}"),
    "agenda_items": _columns(f"article_id item_id meeting topic {_EVIDENCE}"),
    "outcomes": _columns(
        f"article_id item_id meeting kind description parties party_names {_EVIDENCE}"
    ),
    "quotes": _columns("article_id table item_id number start end text"),
    "unsupported": _columns("article_id field value reason"),
    "failures": _columns("article_id error message retryable attempts"),
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
    article, made = summary.article, summary.provenance
    yield _row(
        "articles",
        {
            **vars(article),
            **vars(made),
            **vars(made.usage),
            "article_id": article.id,
            "is_meeting": summary.is_meeting,
            "summary": summary.summary,
            "schema": made.schema_,
        },
    )
    names = {actor.id: actor.name for actor in summary.actors}
    tables: Mapping[str, Sequence[Item]] = {
        "meetings": summary.meetings,
        "actors": summary.actors,
        "agenda_items": summary.agenda_items,
        "outcomes": summary.outcomes,
    }
    for table, items in tables.items():
        for item in items:
            key = {"article_id": article.id, "table": table, "item_id": item.id}
            # Only a meeting of version 1 of the schema has none.
            first = item.quotes[0] if item.quotes else None
            values = {
                **vars(item),
                **_lists(item, names),
                **key,
                "quotes": len(item.quotes),
                "quote_start": first.start if first else None,
                "quote_end": first.end if first else None,
                "quote_text": first.text if first else None,
            }
            yield _row(table, values)
            for number, quote in enumerate(item.quotes, start=1):
                yield _row("quotes", {**key, "number": number, **vars(quote)})
    for one in summary.unsupported:
        yield _row("unsupported", {"article_id": article.id, **vars(one)})


def _lists(item: Item, names: Mapping[str, str]) -> Mapping[str, Value]:
    """Returns the columns of an item that are more than one of its values."""

    def named(ids: Iterable[str]) -> list[str]:
        # A file that was edited may name ids that no actor has.
        return [names.get(id_, id_) for id_ in ids]

    match item:
        case Meeting():
            return {
                "places": list(item.places),
                "date_text": item.date.text if item.date else None,
                "date": item.date.iso if item.date else None,
                "participants": list(item.participants),
                "participant_names": named(item.participants),
            }
        case Actor():
            return {"aliases": list(item.aliases)}
        case Outcome():
            return {"parties": list(item.parties), "party_names": named(item.parties)}
    return {}


def _row(table: str, values: Mapping[str, Any]) -> tuple[str, Row]:
    """Returns the values that are columns of the table, in their order."""
    return table, {column: values[column] for column in TABLES[table]}
