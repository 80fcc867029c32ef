"""`summarize collect`: the answers to a batch file, joined with their articles."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from summarize.batch.plan import Plan, Task, recipe_of
from summarize.batch.results_file import ResultsFile, ResultsStream
from summarize.batch_files import Answers, Collection, RequestFiles
from summarize.cli import DONE, INTERRUPTED, SOME_FAILED
from summarize.cli.batch_messages import (
    Failures,
    InputCount,
    check_apart,
    report_earlier,
    report_kept,
    report_stale_files,
)
from summarize.cli.formatting import counted, usage
from summarize.cli.messages import Messages
from summarize.cli.model_options import settings_of
from summarize.cli.signals import stoppable
from summarize.errors import ConfigurationError, InputError
from summarize.models import ModelSettings
from summarize.sources.inputs import read_records

__all__ = ["check_places", "collect", "open_results", "run"]

# Lines without a result, and ids that nothing in the input has, that are named.
_MAX_SHOWN = 5
# Of the results. Where so many are of other requests, they are not of another article or two.
_MOST = 0.9


def run(options: argparse.Namespace) -> int:
    """Collects the results that the options name; returns the exit code."""
    with Messages(quiet=options.quiet) as messages, ExitStack() as stack:
        paths = [Path(path) for path in options.results]
        check_places(options, paths)
        for path in paths:
            if not path.exists():
                raise InputError(f"{path}: no such file", hint="check the path")
        settings = settings_of(options)
        messages.info(f"model: {settings.name} ({settings.why})")
        output = None
        if options.output != "-":
            output = open_results(options, settings, messages, stack)
        return collect(options, settings, paths, output, messages, stack)


def check_places(options: argparse.Namespace, paths: Sequence[Path]) -> None:
    """Refuses an output that is another file of the run, too.

    Raises:
        ConfigurationError: it is.
    """
    written = [Path(path) for path in (options.output, options.again) if path not in {"-", None}]
    for path in written:
        check_apart(path, options.input)
    places = [path.resolve() for path in (*paths, *written)]
    for path in written:
        if places.count(path.resolve()) > 1:
            raise ConfigurationError(
                f"{path}: is one of the other files", hint="give each a name of its own"
            )


def open_results(
    options: argparse.Namespace, settings: ModelSettings, messages: Messages, stack: ExitStack
) -> ResultsFile:
    """Opens the file of results that the options name; says what is in it already."""
    output = stack.enter_context(ResultsFile.opened(Path(options.output)))
    recipe = recipe_of(settings, options.prompts)
    report_earlier(output, recipe, messages, retry_failed=options.retry_failed)
    return output


def collect(
    options: argparse.Namespace,
    settings: ModelSettings,
    paths: Sequence[Path],
    output: ResultsFile | None,
    messages: Messages,
    stack: ExitStack,
    *,
    counts: Callable[[str], bool] = lambda _: True,
) -> int:
    """Makes summaries of the articles from the results in files; returns the exit code.

    Results of no article of the input are an error where `counts` is true of their `custom_id`.
    """
    answers = stack.enter_context(Answers())
    again = None if options.again is None else RequestFiles(Path(options.again))
    collection = Collection(settings, answers, prompts=options.prompts, again=again)
    _read(answers, paths, messages)
    count = InputCount(options.input)
    failures = Failures(messages, "the output" if options.output == "-" else options.output)
    kept = 0

    def update() -> None:
        through = collection.done + collection.failed + collection.pending + kept
        failed = f" · {collection.failed:,} failed" if collection.failed else ""
        messages.update(f"{through:,}{count}{failed}")

    def stands(task: Task) -> bool:
        nonlocal kept
        is_kept = collection.stands(task)
        kept += is_kept
        update()
        return is_kept

    plan = Plan(
        read_records(options.input, on_skipped=messages.info),
        recipe_of(settings, options.prompts),
        output,
        retry_failed=options.retry_failed,
        standing=stands,
    )
    try:
        with ExitStack() as inner, stoppable(collection.stop):
            if again:
                inner.enter_context(again)
            for group in collection.run(plan, output or ResultsStream(sys.stdout)):
                for result in group:
                    failures.add(result)
                update()
            if collection.is_stopped:
                # The file of further requests is not whole.
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        messages.error(f"interrupted; the same command goes on from here ({options.output})")
        return INTERRUPTED
    plan.tidy()
    done = counted(collection.done, "summary", "summaries")
    spent = usage(collection.tokens, collection.cost_usd)
    messages.info(", ".join([done, *failures.parts(), *spent]))
    report_kept(plan, messages)
    _report_further_requests(collection, again, messages)
    is_known = _report_unknown(answers, messages, counts)
    is_done = not (collection.failed or plan.kept_failures or collection.pending)
    return DONE if is_done and is_known and not answers.broken else SOME_FAILED


def _read(answers: Answers, paths: Sequence[Path], messages: Messages) -> None:
    """Takes in the files of results."""

    def broken(what: str) -> None:
        if answers.broken <= _MAX_SHOWN:
            messages.error(f"{what}; the line is left out")

    def report() -> None:
        messages.update(f"reading · {counted(answers.results, 'result')}")

    for path in paths:
        answers.read(path, on_broken=broken, on_progress=report)
    if answers.broken:
        messages.error(f"{counted(answers.broken, 'line')} without a result left out")
    if not answers.results:
        names = ", ".join(str(path) for path in paths)
        raise InputError(
            f"{names}: no results in there",
            hint="give the files that the batch, or vllm run-batch, has written",
        )
    again = answers.results - answers.distinct
    repeated = f", {again:,} of them to a request that another one answers, too" if again else ""
    messages.info(f"{counted(answers.results, 'result')}{repeated}")


def _report_unknown(answers: Answers, messages: Messages, counts: Callable[[str], bool]) -> bool:
    """Says which results are of no article of the input; whether there are none."""
    unknown = (id_ for id_ in answers.unknown() if counts(id_))
    ids = [id_[:64] for id_ in islice(unknown, _MAX_SHOWN)]
    if not ids:
        return True
    more = sum(1 for _ in unknown)
    number = len(ids) + more
    verb = "belongs" if number == 1 else "belong"
    messages.error(
        f"{counted(number, 'result')} {verb} to no request about this input"
        f" (custom_id {', '.join(ids)}{', …' if more else ''})"
    )
    if number >= _MOST * answers.distinct:
        messages.error(
            "the model, the strategy, the prompts or the input differ from those that the requests "
            "were written with; collect with the same"
        )
    return False


def _report_further_requests(
    collection: Collection, again: RequestFiles | None, messages: Messages
) -> None:
    if again and collection.pending:
        names = ", ".join(str(path) for path in again.paths)
        messages.error(
            f"{counted(collection.pending, 'article')} left unwritten: "
            f"{counted(again.requests, 'further request')} in {names}; have them answered, "
            "then collect from the results of both"
        )
    elif again:
        messages.info(f"no further requests: {again.path} was not written")
    if again:
        report_stale_files(again, messages)
    if collection.unasked:
        stand = counted(collection.unasked, "summary stands", "summaries stand")
        messages.info(
            f"{stand} without a second question about what the article does not say in those "
            "words; to have them asked, collect into another file with --again FILE"
        )
