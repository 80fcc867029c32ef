"""Summaries as rows of tables: plain values, each row with the id of its article.

An item is known by `article_id` and `item_id` together, in its own table and among the quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from summarize.batch.results import BatchResult
from summarize.schema import Actor, AgendaItem, Outcome, Quote, Summary

__all__ = ["TABLES", "Kind", "Row", "Value", "rows_of", "to_rows"]

Value: TypeAlias = str | int | float | bool | list[str] | None
Row: TypeAlias = dict[str, Value]
Kind: TypeAlias = Literal["text", "whole", "decimal", "flag", "list"]
"""What a column holds: strings, integers, numbers, truth values, lists of strings."""

_FIRST_QUOTE: Mapping[str, Kind] = {
    "quotes": "whole",
    "quote_start": "whole",
    "quote_end": "whole",
    "quote_text": "text",
}
TABLES: Mapping[str, Mapping[str, Kind]] = {
    "articles": {
        "article_id": "text",
        "source": "text",
        "title": "text",
        "outlet": "text",
        "published": "text",
        "is_meeting": "flag",
        "event_type": "text",
        "event_places": "list",
        "event_date_text": "text",
        "event_date": "text",
        "summary": "text",
        "sha256": "text",
        "characters": "whole",
        "model": "text",
        "prompt": "text",
        "schema": "text",
        "created": "text",
        "seconds": "decimal",
        "attempts": "whole",
        "prompt_tokens": "whole",
        "completion_tokens": "whole",
        "cached_tokens": "whole",
        "cost_usd": "decimal",
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
        "number": "whole",
        "start": "whole",
        "end": "whole",
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
        "retryable": "flag",
        "attempts": "whole",
    },
}
"""The columns of each table, in their order."""


def to_rows(summaries: Iterable[Summary | BatchResult]) -> dict[str, list[Row]]:
    """The rows of every table by its name, ready for `pandas.DataFrame` and the like.

    A table of which there is nothing is an empty list; its columns are in `TABLES`.

    Args:
        summaries: summaries, or what `summarize_batch` gives: its failures are a table of their
            own.
    """
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    if isinstance(summaries, Summary):
        raise TypeError("a list of summaries is wanted, not a summary")
    for summary in summaries:
        for name, row in rows_of(summary):
            tables[name].append(row)
    return tables


def rows_of(result: Summary | BatchResult) -> Iterator[tuple[str, Row]]:
    """The rows of one article, each with the name of its table."""
    if isinstance(result, Summary):
        yield from _of_summary(result)
    elif result.summary_json is not None:
        yield from _of_summary(Summary.model_validate_json(result.summary_json))
    elif result.error is not None:
        yield (
            "failures",
            {
                "article_id": result.id,
                "error": result.error.type,
                "message": result.error.message,
                "retryable": result.error.retryable,
                "attempts": result.error.attempts,
            },
        )


def _of_summary(summary: Summary) -> Iterator[tuple[str, Row]]:
    id_ = summary.article.id
    yield "articles", _of_article(summary)
    names = {actor.id: actor.name for actor in summary.actors}
    for actor in summary.actors:
        yield "actors", {"article_id": id_, **_of_actor(actor)}
    for item in summary.agenda_items:
        yield "agenda_items", {"article_id": id_, **_of_agenda_item(item)}
    for outcome in summary.outcomes:
        yield "outcomes", {"article_id": id_, **_of_outcome(outcome, names)}
    of_tables: dict[str, tuple[Actor | AgendaItem | Outcome, ...]] = {
        "actors": summary.actors,
        "agenda_items": summary.agenda_items,
        "outcomes": summary.outcomes,
    }
    for table, items in of_tables.items():
        for quoted in items:
            for number, quote in enumerate(quoted.quotes, start=1):
                place: Row = {"article_id": id_, "table": table, "item_id": quoted.id}
                words: Row = {"start": quote.start, "end": quote.end, "text": quote.text}
                yield "quotes", {**place, "number": number, **words}
    for value in summary.unsupported:
        yield "unsupported", {"article_id": id_, **value.model_dump()}


def _of_article(summary: Summary) -> Row:
    article, event, made = summary.article, summary.event, summary.provenance
    return {
        "article_id": article.id,
        "source": article.source,
        "title": article.title,
        "outlet": article.outlet,
        "published": article.published,
        "is_meeting": summary.is_meeting,
        "event_type": event.type,
        "event_places": list(event.places),
        "event_date_text": event.date.text if event.date else None,
        "event_date": event.date.iso if event.date else None,
        "summary": summary.summary,
        "sha256": article.sha256,
        "characters": article.characters,
        "model": made.model,
        "prompt": made.prompt,
        "schema": made.schema_,
        "created": made.created,
        "seconds": made.seconds,
        "attempts": made.attempts,
        "prompt_tokens": made.usage.prompt_tokens,
        "completion_tokens": made.usage.completion_tokens,
        "cached_tokens": made.usage.cached_tokens,
        "cost_usd": made.usage.cost_usd,
        "package": made.package,
        # Where the source does not hold it. Last, since it is long.
        "text": article.text,
    }


def _of_actor(actor: Actor) -> Row:
    return {
        "item_id": actor.id,
        "name": actor.name,
        "aliases": list(actor.aliases),
        "kind": actor.kind,
        "role": actor.role,
        "country": actor.country,
        "part": actor.part,
        **_first(actor.quotes),
    }


def _of_agenda_item(item: AgendaItem) -> Row:
    return {"item_id": item.id, "topic": item.topic, **_first(item.quotes)}


def _of_outcome(outcome: Outcome, names: Mapping[str, str]) -> Row:
    return {
        "item_id": outcome.id,
        "kind": outcome.kind,
        "description": outcome.description,
        "parties": list(outcome.parties),
        # One for each of the parties, whatever a file says of them.
        "party_names": [names.get(party, party) for party in outcome.parties],
        **_first(outcome.quotes),
    }


def _first(quotes: tuple[Quote, ...]) -> Row:
    """How many quotes there are, and the first of them."""
    first = quotes[0]
    return {
        "quotes": len(quotes),
        "quote_start": first.start,
        "quote_end": first.end,
        "quote_text": first.text,
    }
