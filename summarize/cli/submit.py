"""`summarize submit`: batch files on their way through OpenAI's batches, to summaries."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from summarize.batch.plan import Plan, recipe_of
from summarize.batch_files.fitting import first_ids
from summarize.batch_files.submitting import Submission, SubmissionProgress
from summarize.cli import INTERRUPTED, NOTHING_DONE, SOME_FAILED
from summarize.cli.asking import settings_of
from summarize.cli.collect import check_places, collect, opened
from summarize.cli.console import Messages
from summarize.cli.outcome import nothing_to_do
from summarize.cli.stops import stoppable
from summarize.cli.words import counted, duration
from summarize.errors import ConfigurationError, SummarizeError
from summarize.models.openai_batches import Batches
from summarize.sources.articles import STANDARD_INPUT
from summarize.sources.inputs import read_records

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Has the files answered that the options name, and collects; returns the exit code."""
    with Messages(quiet=options.quiet) as messages, ExitStack() as stack:
        _check(options)
        settings = settings_of(options)
        recipe = recipe_of(settings, options.prompts)
        batches = stack.enter_context(closing(Batches(settings, messages.report)))
        messages.begin_model(settings, None)
        output = opened(options, settings, messages, stack)
        plan = Plan(read_records(options.input), recipe, output, retry_failed=options.retry_failed)
        records = (task.record for task in plan)
        submission = Submission(
            batches,
            Path(f"{output.path}.batches"),
            recipe,
            every=options.every,
            retry_failed=options.retry_failed,
            first_ids=first_ids(settings, records, prompts=options.prompts),
            told=messages.say,
        )
        stack.enter_context(closing(submission))
        try:
            with stoppable(_interrupt):
                if plan.is_done():
                    # Nobody would see the answers.
                    return nothing_to_do(plan, messages)
                _submit(submission, options, messages)
        except KeyboardInterrupt:
            messages.fail(f"interrupted; {_how_it_stands(submission, options)}")
            return INTERRUPTED
        except SummarizeError as error:
            messages.fail(f"stopped: {error}")
            if submission.is_begun or submission.may_be_begun:
                messages.fail(_how_it_stands(submission, options))
            return NOTHING_DONE
        for failed in submission.failed:
            messages.fail(failed)
        if not submission.results:
            messages.fail("no results")
            return NOTHING_DONE
        code = collect(
            options,
            settings,
            submission.results,
            output,
            messages,
            stack,
            counts=submission.has_asked,
        )
        return max(code, SOME_FAILED) if submission.failed else code


def _submit(submission: Submission, options: argparse.Namespace, messages: Messages) -> None:
    since = time.monotonic()
    for progress in submission.run([Path(path) for path in options.requests]):
        messages.show(" · ".join(_parts(progress, time.monotonic() - since)))


def _interrupt() -> None:
    """Breaks in at once, on SIGTERM as on Ctrl-C: what is submitted is noted."""
    raise KeyboardInterrupt


def _how_it_stands(submission: Submission, options: argparse.Namespace) -> str:
    """What became of the batches of a run that did not end."""
    if submission.is_begun:
        return f"the batches go on by themselves; the same command goes on here ({options.output})"
    if submission.may_be_begun:
        return f"the same command finds what was submitted, if anything was ({options.output})"
    return "nothing is submitted"


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
    if progress.doing:
        yield progress.doing
    yield f"{progress.completed:,} of {counted(progress.total, 'request')} answered"
    if progress.failed:
        yield f"{progress.failed:,} failed"
    yield f"{progress.over} of {counted(progress.batches, 'batch', 'batches')} through"
    if progress.statuses:
        yield ", ".join(dict.fromkeys(progress.statuses))
    yield duration(seconds)
    if progress.note:
        yield progress.note
