"""Structured summaries of news about officials meeting: actors, agenda, outcomes, all quoted.

Example:
    from summarize import summarize_article

    summary = summarize_article(text)
    for outcome in summary.outcomes:
        print(outcome.description, outcome.quotes[0].start)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from summarize import renderers

if TYPE_CHECKING:
    from summarize.api import (
        BatchOptions,
        ModelOptions,
        asummarize_article,
        asummarize_batch,
        summarize_article,
        summarize_batch,
    )
    from summarize.article.article import Article
    from summarize.batch.results import BatchError, BatchResult
    from summarize.batch.summaries import read_results
    from summarize.errors import SummarizeError
    from summarize.pipeline.summarizer import Summarizer
    from summarize.report.tables import to_rows
    from summarize.schema import Actor, AgendaItem, Event, Outcome, Quote, Summary, Unsupported
    from summarize.sources.articles import read_url

__all__ = [
    "Actor",
    "AgendaItem",
    "Article",
    "BatchError",
    "BatchOptions",
    "BatchResult",
    "Event",
    "ModelOptions",
    "Outcome",
    "Quote",
    "SummarizeError",
    "Summarizer",
    "Summary",
    "Unsupported",
    "asummarize_article",
    "asummarize_batch",
    "read_results",
    "read_url",
    "summarize_article",
    "summarize_batch",
    "to_rows",
]

# Where each name lives: the command must not load a model's libraries to print its help.
_HOMES = {
    "Actor": "schema",
    "AgendaItem": "schema",
    "Article": "article.article",
    "BatchError": "batch.results",
    "BatchOptions": "api",
    "BatchResult": "batch.results",
    "Event": "schema",
    "ModelOptions": "api",
    "Outcome": "schema",
    "Quote": "schema",
    "Summarizer": "pipeline.summarizer",
    "Summary": "schema",
    "SummarizeError": "errors",
    "Unsupported": "schema",
    "asummarize_article": "api",
    "asummarize_batch": "api",
    "read_results": "batch.summaries",
    "read_url": "sources.articles",
    "summarize_article": "api",
    "summarize_batch": "api",
    "to_rows": "report.tables",
}


def _load_report() -> renderers.Renderers:
    from summarize import report

    return report


renderers.load = _load_report


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
