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

if TYPE_CHECKING:
    from summarize.across_articles.making import Dossier, dossier
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
    from summarize.review.applying import apply_review
    from summarize.schema import Actor, AgendaItem, Meeting, Outcome, Quote, Summary, Unsupported
    from summarize.sources.articles import read_url

__all__ = [
    "Actor",
    "AgendaItem",
    "Article",
    "BatchError",
    "BatchOptions",
    "BatchResult",
    "Dossier",
    "Meeting",
    "ModelOptions",
    "Outcome",
    "Quote",
    "SummarizeError",
    "Summarizer",
    "Summary",
    "Unsupported",
    "apply_review",
    "asummarize_article",
    "asummarize_batch",
    "dossier",
    "read_results",
    "read_url",
    "summarize_article",
    "summarize_batch",
    "to_rows",
]

# Where each name lives: the command must not load a model's libraries to print its help.
_MODULES = {
    "api": "BatchOptions ModelOptions asummarize_article asummarize_batch summarize_article"
    " summarize_batch",
    "article.article": "Article",
    "batch.results": "BatchError BatchResult",
    "batch.summaries": "read_results",
    "across_articles.making": "Dossier dossier",
    "errors": "SummarizeError",
    "pipeline.summarizer": "Summarizer",
    "report.tables": "to_rows",
    "review.applying": "apply_review",
    "schema": "Actor AgendaItem Meeting Outcome Quote Summary Unsupported",
    "sources.articles": "read_url",
}


def __getattr__(name: str) -> object:
    for module, names in _MODULES.items():
        if name in names.split():
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
