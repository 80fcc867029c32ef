"""`summarize report`: summaries beside their articles, as one page of HTML."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from summarize.cli import DONE, INTERRUPTED, NOTHING_DONE, SOME_FAILED, line
from summarize.cli.originals import Originals
from summarize.cli.output import opened
from summarize.cli.words import counted
from summarize.errors import InputError
from summarize.report.html import HtmlReport
from summarize.results import BatchResult
from summarize.sources import STANDARD_INPUT
from summarize.stored import WANTED, read_each

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Writes the page; returns the exit code."""
    path, output = Path(options.summaries), options.output
    inputs = [one for one in (options.summaries, options.articles) if one]
    originals = Originals(path, options.articles, output)
    wrong = 0
    without: list[str] = []
    interrupted = False
    with opened(output, sources=inputs) as stream:
        page = HtmlReport(stream)
        try:
            for record in read_each(path, report=_print):
                if isinstance(record, InputError):
                    wrong += 1
                    _print(f"summarize: {record}")
                elif isinstance(record, BatchResult):
                    page.add_failure(record)
                else:
                    try:
                        text, missing = originals.of(record).text, ""
                    except InputError as error:
                        text, missing = None, _MISSING.format(error.args[0])
                    page.add(record, text, missing=missing)
                    if page.without_text > len(without):
                        without.append(record.article.id)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            page.close()
    if not page.summaries and not page.failures:
        if not wrong and not interrupted:
            raise InputError(f"{path}: holds no summaries", hint=WANTED)
        return INTERRUPTED if interrupted else NOTHING_DONE
    done = counted(page.summaries, "summary", "summaries")
    if page.failures:
        done += f", {counted(page.failures, 'failed article')}"
    _print(f"{'the page' if output == STANDARD_INPUT else output}: {done}")
    if without:
        _print(_told(without))
    if interrupted:
        return INTERRUPTED
    return SOME_FAILED if wrong else DONE


_MISSING = "The article’s text is not here ({}). The quotes are shown alone."


def _told(without: list[str]) -> str:
    number = len(without)
    of = f"{without[0]} has" if number == 1 else f"{number:,}, such as {without[0]}, have"
    return f"{of} no article beside the quotes: give --articles, a folder or JSONL records"


def _print(text: str) -> None:
    # Ids and paths are a stranger's.
    print(line(text), file=sys.stderr)  # noqa: T201
