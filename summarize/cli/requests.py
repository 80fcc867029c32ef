"""`summarize requests`: what a model is to be asked, as a batch file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from summarize.batch.plan import Plan, recipe_of
from summarize.batch.results import BatchError, BatchResult
from summarize.batch.results_file import ResultsFile
from summarize.batch_files import RequestFiles, first_requests
from summarize.cli import DONE, INTERRUPTED, SOME_FAILED
from summarize.cli.asking import settings_of
from summarize.cli.console import Messages
from summarize.cli.outcome import (
    Failures,
    check_apart,
    nothing_to_do,
    tell_earlier,
    tell_kept,
    tell_left,
)
from summarize.cli.stops import stoppable
from summarize.cli.words import counted
from summarize.errors import ConfigurationError, InputError
from summarize.sources.inputs import read_records

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Writes the requests about what the options name; returns the exit code."""
    with Messages(quiet=options.quiet) as messages, ExitStack() as stack:
        path = Path(options.output)
        check_apart(path, options.inputs)
        done = _done(options, stack)
        settings = settings_of(options)
        recipe = recipe_of(settings, options.prompts)
        files = RequestFiles(path)
        messages.say(f"model: {settings.name} ({settings.why})")
        if done:
            tell_earlier(done, recipe, messages, retry_failed=options.retry_failed)
        records = read_records(options.inputs, on_skipped=messages.say)
        plan = Plan(records, recipe, done, retry_failed=options.retry_failed)
        to_do = (task.record for task in plan)
        requests = first_requests(settings, to_do, prompts=options.prompts)
        if plan.is_done():
            code = nothing_to_do(plan, messages)
            tell_left(files, messages)
            return code
        failures, articles = Failures(messages, ""), 0
        try:
            with files, stoppable() as stopped:
                for id_, bodies in requests:
                    if isinstance(bodies, InputError):
                        failures.tell(BatchResult(id_, error=BatchError.of(bodies)))
                    else:
                        articles += 1
                        for body in bodies:
                            files.add(body)
                    if stopped.is_set():
                        raise KeyboardInterrupt
                    messages.show(counted(articles, "article"))
        except KeyboardInterrupt:
            messages.fail(f"interrupted; {path} was not written")
            return INTERRUPTED
        messages.say(", ".join(_closing(articles, files, failures)))
        tell_kept(plan, messages)
        tell_left(files, messages)
        return SOME_FAILED if failures.number else DONE


def _done(options: argparse.Namespace, stack: ExitStack) -> ResultsFile | None:
    """The results there are already."""
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


def _closing(articles: int, files: RequestFiles, failures: Failures) -> Iterator[str]:
    names = " to ".join(dict.fromkeys(str(path) for path in (files.paths[:1] + files.paths[-1:])))
    where = f" in {names}" if names else ""
    yield f"{counted(files.requests, 'request')} about {counted(articles, 'article')}{where}"
    if files.repeated:
        yield f"{counted(files.repeated, 'request')} not repeated"
    if failures.number:
        yield str(failures)
