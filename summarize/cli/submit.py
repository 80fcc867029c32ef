"""`summarize submit`: batch files on their way through OpenAI's batches, to summaries."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from summarize.cli import INTERRUPTED, NOTHING_DONE, SOME_FAILED
from summarize.cli.asking import settings_of
from summarize.cli.collect import check_places, collect, opened
from summarize.cli.console import Messages
from summarize.cli.words import counted, duration
from summarize.errors import ConfigurationError, SummarizeError
from summarize.models.batches import Batches
from summarize.plan import recipe_of
from summarize.records import read_records
from summarize.requests.submitting import Submission, SubmissionProgress
from summarize.sources import STANDARD_INPUT

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Has the files answered that the options name, and collects; returns the exit code."""
    with Messages(quiet=options.quiet) as messages, ExitStack() as stack:
        _check(options)
        settings = settings_of(options)
        batches = stack.enter_context(closing(Batches(settings, messages.report)))
        messages.begin_model(settings, None)
        output = opened(options, settings, messages, stack)
        submission = Submission(
            batches,
            Path(f"{output.path}.batches"),
            recipe_of(settings, options.prompts),
            every=options.every,
            retry_failed=options.retry_failed,
            told=messages.say,
        )
        go_on = f"the batches go on by themselves; the same command goes on here ({options.output})"
        since = time.monotonic()
        try:
            for progress in submission.run([Path(path) for path in options.requests]):
                messages.show(" · ".join(_parts(progress, time.monotonic() - since)))
        except KeyboardInterrupt:
            messages.fail(
                f"interrupted; {go_on if submission.is_begun else 'nothing is submitted'}"
            )
            return INTERRUPTED
        except SummarizeError as error:
            messages.fail(f"stopped: {error}")
            if submission.is_begun:
                messages.fail(go_on)
            return NOTHING_DONE
        for failed in submission.failed:
            messages.fail(failed)
        if not submission.results:
            messages.fail("no results; the same command submits what was not answered anew")
            return NOTHING_DONE
        code = collect(options, settings, submission.results, output, messages, stack)
        return max(code, SOME_FAILED) if submission.failed else code


def _check(options: argparse.Namespace) -> None:
    """Sees before anything is paid for that it can be collected."""
    if options.output == "-":
        raise ConfigurationError("-: is no name of a file", hint="name one with -o, to go on from")
    if STANDARD_INPUT in options.input:
        raise ConfigurationError(
            "standard input cannot be read again when the batches are through",
            hint="give the articles as files",
        )
    check_places(options, [Path(path) for path in options.requests])
    # What does not exist is told at once.
    read_records(options.input)


def _parts(progress: SubmissionProgress, seconds: float) -> Iterator[str]:
    yield f"{progress.completed:,} of {counted(progress.total, 'request')} answered"
    if progress.failed:
        yield f"{progress.failed:,} failed"
    yield f"{progress.over} of {counted(progress.batches, 'batch', 'batches')} through"
    if progress.statuses:
        yield ", ".join(dict.fromkeys(progress.statuses))
    yield duration(seconds)
    if progress.note:
        yield progress.note
