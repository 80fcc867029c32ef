"""`summarize requests`: what a model is to be asked, as a batch file."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from summarize.batch.plan import Plan, recipe_of
from summarize.batch.results import BatchError, BatchResult
from summarize.batch.results_file import ResultsFile
from summarize.batch_files import RequestFiles, first_requests
from summarize.cli import DONE, INTERRUPTED, SOME_FAILED
from summarize.cli.batch_messages import (
    Failures,
    check_apart,
    report_earlier,
    report_kept,
    report_nothing_to_do,
    report_stale_files,
)
from summarize.cli.formatting import counted
from summarize.cli.messages import Messages
from summarize.cli.model_options import settings_of
from summarize.cli.signals import stoppable
from summarize.errors import ConfigurationError, InputError
from summarize.sources.inputs import read_records


def run(options: argparse.Namespace) -> int:
    """Writes the requests about the articles that the options name; returns the exit code."""
    with Messages(quiet=options.quiet) as messages, ExitStack() as stack:
        path = Path(options.output)
        check_apart(path, options.inputs)
        done = _earlier_results(options, stack)
        settings = settings_of(options)
        recipe = recipe_of(settings, options.prompts)
        files = RequestFiles(path)
        messages.info(f"model: {settings.name} ({settings.why})")
        if done:
            report_earlier(done, recipe, messages, retry_failed=options.retry_failed)
        records = read_records(options.inputs, on_skipped=messages.info)
        plan = Plan(records, recipe, done, retry_failed=options.retry_failed)
        if plan.is_done():
            code = report_nothing_to_do(plan, messages)
            report_stale_files(files, messages)
            return code
        to_do = (task.record for task in plan)
        requests = first_requests(settings, to_do, prompts=options.prompts)
        failures, articles = Failures(messages), 0
        try:
            with files, stoppable() as stopped:
                for id_, bodies in requests:
                    if isinstance(bodies, InputError):
                        failures.add(BatchResult(id_, error=BatchError.of(bodies)))
                    else:
                        articles += 1
                        for body in bodies:
                            files.add(body)
                    if stopped.is_set():
                        raise KeyboardInterrupt
                    messages.update(counted(articles, "article"))
        except KeyboardInterrupt:
            messages.error(f"interrupted; {path} was not written")
            return INTERRUPTED
        messages.info(", ".join([_done(articles, files), *failures.parts()]))
        report_kept(plan, messages)
        report_stale_files(files, messages)
        return SOME_FAILED if failures.number else DONE


def _earlier_results(options: argparse.Namespace, stack: ExitStack) -> ResultsFile | None:
    """Reads the results there are already."""
    if options.done is None:
        if options.retry_failed:
            raise ConfigurationError(
                "--retry-failed needs to know what has failed", hint="name the results with --done"
            )
        return None
    path = Path(options.done)
    if not path.is_file():
        raise ConfigurationError(
            f"{path}: no such file of results",
            hint="give what summarize collect or summarize batch wrote, or leave out --done",
        )
    check_apart(Path(options.output), [options.done])
    return stack.enter_context(ResultsFile.read(path))


def _done(articles: int, files: RequestFiles) -> str:
    names = " to ".join(dict.fromkeys(str(path) for path in (files.paths[:1] + files.paths[-1:])))
    where = f" in {names}" if names else ""
    requests = counted(files.requests, "request")
    repeated = f", {counted(files.repeated, 'request')} not repeated" if files.repeated else ""
    return f"{requests} about {counted(articles, 'article')}{where}{repeated}"
