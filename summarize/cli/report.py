"""`summarize report`: summaries beside their articles, as one page of HTML."""

from __future__ import annotations

import argparse
from pathlib import Path

from summarize.batch.results import BatchResult
from summarize.cli import DONE, SOME_FAILED
from summarize.cli.console import Messages
from summarize.cli.originals import Originals
from summarize.cli.output import opened
from summarize.cli.summaries import Summaries
from summarize.cli.words import counted
from summarize.errors import InputError
from summarize.report.html import CHANGED, HtmlReport
from summarize.schema import Summary
from summarize.sources.articles import STANDARD_INPUT

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Writes the page; returns the exit code."""
    path, output = Path(options.summaries), options.output
    inputs = [one for one in (options.summaries, options.articles) if one]
    with Messages(quiet=False) as messages:
        messages.begin(str(path))
        originals = Originals(path, options.articles, output)
        summaries = Summaries(path, messages)
        missing: dict[str, list[str]] = {}
        with opened(output, sources=inputs, keeps_part=False) as stream:
            page = HtmlReport(stream)
            for number, record in enumerate(summaries, start=1):
                messages.show(f"{path} · {counted(number, 'article')}")
                if isinstance(record, BatchResult):
                    page.add_failure(record)
                elif why := _add(page, record, originals):
                    missing.setdefault(why, []).append(record.article.id)
            page.close()
        done = counted(page.summaries, "summary", "summaries")
        if page.failures:
            done += f", {counted(page.failures, 'failed article')}"
        messages.say(f"{'the page' if output == STANDARD_INPUT else output}: {done}")
        for why, ids in missing.items():
            such = ids[0] if len(ids) == 1 else f"{len(ids):,}, such as {ids[0]}"
            messages.say(f"without the article: {such} ({why})")
    return SOME_FAILED if summaries.wrong else DONE


def _add(page: HtmlReport, summary: Summary, originals: Originals) -> str:
    """Adds a summary, beside its article if that can be had; why not, if it cannot."""
    try:
        text = originals.of(summary).text
    except InputError as error:
        page.add(summary, missing=_MISSING.format(error.args[0]))
        return error.hint or str(error)
    before = page.without_text
    page.add(summary, text, missing=CHANGED)
    return _HAS_CHANGED if page.without_text > before else ""


_MISSING = "The article’s text is not here ({}). The quotes are shown alone."
_HAS_CHANGED = "what was found is another text than the one that was summarized"
