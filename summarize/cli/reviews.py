"""The decisions that people made about a file of summaries, as commands take them; `gold`."""

from __future__ import annotations

import argparse
from pathlib import Path

from summarize.batch.summaries import WANTED, read_each
from summarize.cli import DONE, NOTHING_DONE
from summarize.cli.messages import Messages, counted
from summarize.errors import ConfigurationError, InputError
from summarize.review.corrected import Review
from summarize.review.decisions import read_decisions
from summarize.review.gold import write_gold
from summarize.schema import Summary
from summarize.sources.articles import STANDARD_INPUT


def review_file(summaries: Path) -> Path:
    """Where the decisions about a file of summaries are: out.review.jsonl for out.jsonl."""
    return summaries.with_name(f"{summaries.stem}.review.jsonl")


def review_of(options: argparse.Namespace, summaries: Path, messages: Messages) -> Review:
    """Returns the decisions of --review, else those beside the summaries; says which they are."""
    path = Path(options.review) if options.review else review_file(summaries)
    is_found = str(summaries) != STANDARD_INPUT and path.is_file()
    if options.no_review or not (options.review or is_found):
        return Review()
    decisions, problems = read_decisions(path)
    for problem in problems:
        messages.error(problem)
    left = "" if options.review else " (--no-review leaves them out)"
    messages.info(f"{path}: {counted(len(decisions), 'decision')} applied{left}")
    return Review(decisions)


def run_gold(options: argparse.Namespace) -> int:
    """Writes gold of what was reviewed; returns the exit code."""
    path, folder = Path(options.summaries), Path(options.output)
    written = unread = 0
    with Messages() as messages:
        review = review_of(options, path, messages)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            hint = "name a folder with -o"
            raise ConfigurationError(f"{folder}: {error.strerror}", hint=hint) from error
        for record in read_each(path, on_message=messages.info):
            if isinstance(record, InputError):
                messages.error(record)
            if not isinstance(record, Summary):
                continue
            reviewed = review.of(record)
            for problem in reviewed.problems:
                messages.info(problem)
            if not reviewed.is_complete:
                unread += 1
                continue
            try:
                write_gold(reviewed.summary, folder)
                written += 1
            except InputError as error:
                messages.error(error)
        if not written + unread and not messages.errors:
            raise InputError(f"{path}: holds no summaries", hint=WANTED)
        left = f"; {counted(unread, 'article')} not reviewed whole, left out" if unread else ""
        messages.info(f"{folder}: gold of {counted(written, 'article')}{left}")
        if not written and not messages.errors:
            messages.info(f"review them first: summarize review {path}")
            return NOTHING_DONE
        return messages.exit_code(is_anything_done=written > 0) if messages.errors else DONE
