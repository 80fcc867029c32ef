"""`summarize collect`: the answers to a batch file, joined with their articles."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from summarize.batch.plan import Plan, Task, recipe_of
from summarize.batch.results_file import ResultsFile, ResultsStream
from summarize.batch_files import Answers, Collection, RequestFiles
from summarize.cli import DONE, INTERRUPTED, SOME_FAILED
from summarize.cli.asking import settings_of
from summarize.cli.console import Messages
from summarize.cli.outcome import Failures, check_apart, spent, tell_earlier, tell_kept, tell_left
from summarize.cli.stops import stoppable
from summarize.cli.words import counted
from summarize.errors import ConfigurationError, InputError
from summarize.models import ModelSettings
from summarize.sources.inputs import count_records, read_records

__all__ = ["check_places", "collect", "opened", "run"]

# Lines without a result, and ids that nothing in the input has, that are told one by one.
_MAX_TOLD = 5
# Of the results. Where so many are of other requests, they are not of another article or two.
_MOST = 0.9


def run(options: argparse.Namespace) -> int:
    """Collects what the options name; returns the exit code."""
    with Messages(quiet=options.quiet) as messages, ExitStack() as stack:
        paths = [Path(path) for path in options.results]
        check_places(options, paths)
        for path in paths:
            if not path.exists():
                raise InputError(f"{path}: no such file", hint="check the path")
        settings = settings_of(options)
        messages.say(f"model: {settings.name} ({settings.why})")
        output = None
        if options.output != "-":
            output = opened(options, settings, messages, stack)
        return collect(options, settings, paths, output, messages, stack)


def check_places(options: argparse.Namespace, paths: Sequence[Path]) -> None:
    """Refuses an output that is another file of the run, too.

    Raises:
        ConfigurationError: it is.
    """
    written = [] if options.output == "-" else [Path(options.output)]
    if options.again is not None:
        written.append(Path(options.again))
    for path in written:
        check_apart(path, options.input)
    places = [path.resolve() for path in (*paths, *written)]
    for path in written:
        if places.count(path.resolve()) > 1:
            raise ConfigurationError(
                f"{path}: is one of the other files", hint="give each a name of its own"
            )


def opened(
    options: argparse.Namespace, settings: ModelSettings, messages: Messages, stack: ExitStack
) -> ResultsFile:
    """The file of results that the options name, and what is in it already."""
    output = stack.enter_context(ResultsFile.opened(Path(options.output)))
    recipe = recipe_of(settings, options.prompts)
    tell_earlier(output, recipe, messages, retry_failed=options.retry_failed)
    return output


def collect(
    options: argparse.Namespace,
    settings: ModelSettings,
    paths: Sequence[Path],
    output: ResultsFile | None,
    messages: Messages,
    stack: ExitStack,
    *,
    counts: Callable[[str], bool] | None = None,
) -> int:
    """Makes summaries of the articles from the results in files; returns the exit code.

    Of results of no article of the input, those count whose `custom_id` does; None for all.
    """
    answers = stack.enter_context(Answers())
    again = None if options.again is None else RequestFiles(Path(options.again))
    collection = Collection(settings, answers, prompts=options.prompts, again=again)
    _read(answers, paths, messages)
    display = _Display(collection, messages, options)
    plan = Plan(
        read_records(options.input, on_skipped=messages.say),
        recipe_of(settings, options.prompts),
        output,
        retry_failed=options.retry_failed,
        standing=display.stands,
    )
    Thread(target=display.count, args=(options.input,), daemon=True).start()
    try:
        with ExitStack() as inner, stoppable(collection.stop):
            if again:
                inner.enter_context(again)
            for group in collection.run(plan, output or ResultsStream(sys.stdout)):
                for result in group:
                    display.failures.tell(result)
                display.show()
            if collection.is_stopped:
                # The file of further requests is not whole.
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        messages.fail(f"interrupted; the same command goes on from here ({options.output})")
        return INTERRUPTED
    plan.tidy()
    display.end(plan, again)
    is_known = _tell_unknown(answers, messages, counts)
    is_done = not (collection.failed or plan.kept_failures or collection.pending)
    return DONE if is_done and is_known and not answers.broken else SOME_FAILED


def _read(answers: Answers, paths: Sequence[Path], messages: Messages) -> None:
    """Takes in the files of results."""

    def broken(what: str) -> None:
        if answers.broken <= _MAX_TOLD:
            messages.fail(f"{what}; the line is left out")
        elif answers.broken == _MAX_TOLD + 1:
            messages.fail("further lines without a result are counted only")

    def report() -> None:
        messages.show(f"reading · {counted(answers.results, 'result')}")

    for path in paths:
        answers.read(path, on_broken=broken, on_progress=report)
    if answers.broken:
        messages.fail(f"{counted(answers.broken, 'line')} without a result left out")
    if not answers.results:
        names = ", ".join(str(path) for path in paths)
        raise InputError(
            f"{names}: no results in there",
            hint="give the files that the batch, or vllm run-batch, has written",
        )
    again = answers.results - answers.distinct
    repeated = f", {again:,} of them to a request that another one answers, too" if again else ""
    messages.say(f"{counted(answers.results, 'result')}{repeated}")


def _tell_unknown(
    answers: Answers, messages: Messages, counts: Callable[[str], bool] | None
) -> bool:
    """Whether all results that count are of the input; says which are not."""
    number, ids = 0, list[str]()
    for id_ in answers.unknown():
        if counts and not counts(id_):
            continue
        number += 1
        if number <= _MAX_TOLD:
            ids.append(id_[:64])
    if not number:
        return True
    more = ", …" if number > len(ids) else ""
    verb = "belongs" if number == 1 else "belong"
    messages.fail(
        f"{counted(number, 'result')} {verb} to no request about this input"
        f" (custom_id {', '.join(ids)}{more})"
    )
    if number >= _MOST * answers.distinct:
        messages.fail(
            "the model, the strategy, the prompts or the input differ from those that the requests "
            "were written with; collect with the same"
        )
    return False


class _Display:
    """What is said of a collection on standard error."""

    def __init__(
        self, collection: Collection, messages: Messages, options: argparse.Namespace
    ) -> None:
        self._collection = collection
        self._messages = messages
        self._total: int | None = None
        self._kept = 0
        name = "the output" if options.output == "-" else options.output
        self.failures = Failures(messages, name)

    def count(self, inputs: Sequence[str]) -> None:
        """Counts the input, which may take a moment; runs in a thread of its own."""
        self._total = count_records(inputs)

    def stands(self, task: Task) -> bool:
        """Whether an earlier result stands, with what is known now."""
        stands = self._collection.stands(task)
        self._kept += stands
        self.show()
        return stands

    def show(self) -> None:
        """Shows how far it is."""
        collection = self._collection
        through = collection.done + collection.failed + collection.pending + self._kept
        total = f" of {self._total:,}" if self._total else ""
        failed = f" · {collection.failed:,} failed" if collection.failed else ""
        self._messages.show(f"{through:,}{total}{failed}")

    def end(self, plan: Plan, again: RequestFiles | None) -> None:
        """The closing report."""
        self._messages.say(", ".join(self._closing()))
        tell_kept(plan, self._messages)
        collection = self._collection
        if again and collection.pending:
            names = ", ".join(str(path) for path in again.paths)
            self._messages.fail(
                f"{counted(collection.pending, 'article')} left unwritten: "
                f"{counted(again.requests, 'further request')} in {names}; have them answered, "
                "then collect from the results of both"
            )
            tell_left(again, self._messages)
        elif again:
            self._messages.say(f"no further requests: {again.path} was not written")
            tell_left(again, self._messages)
        if collection.unasked:
            told = counted(collection.unasked, "summary stands", "summaries stand")
            self._messages.say(
                f"{told} without a second question about what the article does not say in those "
                "words; to have them asked, collect into another file with --again FILE"
            )

    def _closing(self) -> Iterator[str]:
        yield counted(self._collection.done, "summary", "summaries")
        if self.failures.number:
            yield str(self.failures)
        yield from spent(self._collection.tokens, self._collection.cost_usd)
