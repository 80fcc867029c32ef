"""`summarize report`: summaries beside their articles, as one page of HTML."""

from __future__ import annotations

import argparse
from pathlib import Path

from summarize.batch.results import BatchResult
from summarize.cli import DONE, SOME_FAILED
from summarize.cli.article_lookup import ArticleLookup
from summarize.cli.formatting import counted
from summarize.cli.messages import Messages
from summarize.cli.output import open_output
from summarize.cli.summaries import SummariesFile
from summarize.errors import InputError
from summarize.report.html import CHANGED, HtmlReport
from summarize.schema import Summary
from summarize.sources.articles import STANDARD_INPUT


def run(options: argparse.Namespace) -> int:
    """Writes the page; returns the exit code."""
    path, output = Path(options.summaries), options.output
    inputs = [one for one in (options.summaries, options.articles) if one]
    with Messages() as messages:
        messages.start_task(str(path))
        articles = ArticleLookup(path, options.articles, output)
        summaries = SummariesFile(path, messages)
        # Ids of the articles that could not be had, by the reason.
        missing: dict[str, list[str]] = {}
        with open_output(output, inputs=inputs) as stream:
            page = HtmlReport(stream)
            for number, record in enumerate(summaries, start=1):
                messages.update(f"{path} · {counted(number, 'article')}")
                if isinstance(record, BatchResult):
                    page.add_failure(record)
                elif why := _add(page, record, articles):
                    missing.setdefault(why, []).append(record.article.id)
            page.close()
        done = counted(page.summaries, "summary", "summaries")
        if page.failures:
            done += f", {counted(page.failures, 'failed article')}"
        messages.info(f"{'the page' if output == STANDARD_INPUT else output}: {done}")
        for why, ids in missing.items():
            such = ids[0] if len(ids) == 1 else f"{len(ids):,}, such as {ids[0]}"
            messages.info(f"without the article: {such} ({why})")
    return SOME_FAILED if summaries.wrong else DONE


def _add(page: HtmlReport, summary: Summary, articles: ArticleLookup) -> str:
    """Adds a summary beside its article; returns why the article cannot be had, or nothing."""
    try:
        text = articles.find(summary).text
    except InputError as error:
        why = f"The article’s text is not here ({error.args[0]}). The quotes are shown alone."
        page.add(summary, missing=why)
        return error.hint or str(error)
    before = page.without_text
    page.add(summary, text, missing=CHANGED)
    has_changed = page.without_text > before
    return "what was found is another text than the one that was summarized" if has_changed else ""
