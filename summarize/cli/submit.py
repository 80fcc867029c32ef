"""`summarize submit`: batch files on their way through OpenAI's batches, to summaries."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack, closing
from pathlib import Path

from summarize.batch.plan import Plan, recipe_of
from summarize.batch_files.first_requests import first_requests
from summarize.batch_files.submitting import Submission
from summarize.cli import INTERRUPTED, NOTHING_DONE, SOME_FAILED
from summarize.cli.batch_messages import report_nothing_to_do
from summarize.cli.collect import check_places, collect, open_results
from summarize.cli.formatting import duration
from summarize.cli.messages import Messages
from summarize.cli.model_options import settings_of
from summarize.cli.signals import interrupt, stoppable
from summarize.errors import ConfigurationError, SummarizeError
from summarize.models.openai_batches import Batches
from summarize.sources.articles import STANDARD_INPUT
from summarize.sources.inputs import read_records


def run(options: argparse.Namespace) -> int:
    """Has the files answered that the options name, and collects; returns the exit code."""
    with Messages(quiet=options.quiet) as messages, ExitStack() as stack:
        _check(options)
        settings = settings_of(options)
        recipe = recipe_of(settings, options.prompts)
        batches = stack.enter_context(closing(Batches(settings, messages.on_progress)))
        messages.start_model(settings)
        output = open_results(options, settings, messages, stack)
        plan = Plan(read_records(options.input), recipe, output, retry_failed=options.retry_failed)
        records = (task.record for task in plan)
        since = time.monotonic()

        def show(progress: str) -> None:
            messages.update(f"{progress} · {duration(time.monotonic() - since)}")

        submission = Submission(
            batches,
            Path(f"{output.path}.batches"),
            recipe.model.partition("/")[2],
            every=options.every,
            retry_failed=options.retry_failed,
            first_requests=first_requests(settings, records, prompts=options.prompts),
            on_message=messages.info,
            on_progress=show,
        )
        stack.enter_context(closing(submission))
        resume = (
            f"what is submitted goes on; the same command goes on from there ({options.output})"
        )
        try:
            # At once, on SIGTERM as on Ctrl-C: what is submitted is noted.
            with stoppable(interrupt):
                if plan.is_done():
                    # Nobody would see the answers.
                    return report_nothing_to_do(plan, messages)
                submission.run([Path(path) for path in options.requests])
        except KeyboardInterrupt:
            state = resume if submission.may_have_batches else "nothing is submitted"
            messages.error(f"interrupted; {state}")
            return INTERRUPTED
        except SummarizeError as error:
            messages.error(f"stopped: {error}")
            if submission.may_have_batches:
                messages.error(resume)
            return NOTHING_DONE
        for failed in submission.failed:
            messages.error(failed)
        if not submission.results:
            messages.error("no results")
            return NOTHING_DONE
        code = collect(
            options,
            settings,
            submission.results,
            output,
            messages,
            stack,
            counts=submission.has_request,
        )
        return max(code, SOME_FAILED) if submission.failed else code


def _check(options: argparse.Namespace) -> None:
    """Checks before anything is paid for that it can be collected."""
    if options.output == "-":
        raise ConfigurationError("-: is no name of a file", hint="name one with -o, to go on from")
    if STANDARD_INPUT in options.input:
        raise ConfigurationError(
            "standard input cannot be read again when the batches are through",
            hint="give the articles as files",
        )
    check_places(options, [Path(path) for path in options.requests])
    # Raises at once where one does not exist.
    read_records(options.input)
