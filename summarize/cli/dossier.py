"""`summarize dossier`: meetings and actors across articles."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from summarize.across_articles.making import dossier
from summarize.across_articles.outputs import MORE_FILES
from summarize.batch.results import BatchResult
from summarize.batch.summaries import WANTED, read_each
from summarize.cli.messages import Messages, counted
from summarize.cli.reviews import review_of
from summarize.errors import ConfigurationError, InputError
from summarize.schema import Summary

# Wrong lines that are shown one by one.
_MAX_SHOWN = 5


def run_dossier(options: argparse.Namespace) -> int:
    """Writes the dossier; returns the exit code."""
    if options.review and len(options.summaries) > 1:
        why = "--review: is about one file of summaries"
        raise ConfigurationError(why, hint="name its decisions FILE.review.jsonl beside each")
    with Messages(quiet=options.quiet) as messages:
        made = dossier(
            _read(options, messages),
            options.output,
            people=options.people,
            decisions=options.decisions,
            threshold=options.threshold,
            also=[name for name in MORE_FILES if getattr(options, name)],
            on_message=messages.error,
        )
        articles = counted(made.article_count, "article")
        if made.new_articles < made.article_count:
            articles += f" ({made.new_articles:,} new)"
        meetings = counted(made.meeting_count, "meeting")
        actors = counted(made.actor_count, "actor")
        messages.info(f"{articles}, {meetings}, {actors}; in {made.folder}")
        return messages.exit_code()


def _read(options: argparse.Namespace, messages: Messages) -> Iterator[Summary]:
    """Yields the summaries of all files, corrected.

    Says how many articles have failed and which lines are neither; raises an InputError where no
    file holds a summary.
    """
    number = failed = wrong = 0
    for path in map(Path, options.summaries):
        messages.start_task(str(path))
        review = review_of(options, path, messages)
        for record in review.correct(read_each(path, on_message=messages.info), messages.info):
            if isinstance(record, InputError):
                wrong += 1
                if wrong <= _MAX_SHOWN:
                    messages.error(record)
            elif isinstance(record, BatchResult):
                failed += 1
            else:
                number += 1
                messages.update(f"{path} · {counted(number, 'summary', 'summaries')}")
                yield record
    if not number:
        raise InputError(f"{', '.join(options.summaries)}: no summaries", hint=WANTED)
    if wrong > _MAX_SHOWN:
        messages.error(f"{counted(wrong - _MAX_SHOWN, 'more line')} like these")
    if failed:
        messages.info(f"{counted(failed, 'failed article')} left out")
    messages.start_task("who is who, and what is one meeting")
