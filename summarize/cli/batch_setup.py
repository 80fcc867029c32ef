"""What the commands share that work through many articles: the model, the plan, what is said."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, product
from pathlib import Path

from summarize.batch.plan import Plan, difference, recipe_of
from summarize.batch.results import BatchResult, Recipe
from summarize.batch.results_file import ResultsFile, write_results
from summarize.batch.run import Output
from summarize.cli import DONE, SOME_FAILED
from summarize.cli.arguments import settings_of
from summarize.cli.messages import Messages, counted
from summarize.errors import ConfigurationError, InputError, MissingResultError
from summarize.models import ModelSettings
from summarize.sources.inputs import includes, read_records

# Failures that are shown one by one.
_MAX_SHOWN = 20


@dataclass
class BatchSetup:
    """What a command line is about, and the failures of this run by the type of the error."""

    options: argparse.Namespace
    messages: Messages
    settings: ModelSettings
    recipe: Recipe
    results: ResultsFile | None
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def output(self) -> Output:
        """Where results go."""
        return self.results.append if self.results else partial(write_results, sys.stdout)

    def plan(self, limit: int | None = None) -> Plan:
        """Returns what of the input is to be done, of its first `limit` records."""
        records = read_records(self.options.inputs, on_skipped=self.messages.info)
        return Plan(
            islice(records, limit),
            self.recipe,
            self.results,
            retry_failed=self.options.retry_failed,
        )

    def add(self, result: BatchResult) -> None:
        """Counts a result if it is a failure, and says why for the first ones."""
        if result.error is None:
            return
        self.failures[result.error.type] += 1
        if self.failures.total() <= _MAX_SHOWN:
            self.messages.error(f"{result.id:.80}: {result.error.message}")
        elif self.failures.total() == _MAX_SHOWN + 1:
            self.messages.error("further failures are only counted here")

    def report_nothing_to_do(self, plan: Plan) -> int:
        """Says that all is done already; returns the exit code."""
        self.messages.info(f"nothing to do: {_kept(plan)} kept")
        return SOME_FAILED if plan.kept_failures else DONE

    def report_end(self, plan: Plan, done: str, *more: str) -> None:
        """Says what was done, failed, was left as it is, and was done again and why."""
        types = ", ".join(f"{number:,} {type_}" for type_, number in self.failures.items())
        failed = [f"{self.failures.total():,} failed ({types})"] if types else []
        self.messages.info(", ".join([done, *failed, *more]))
        if plan.kept or plan.kept_failures:
            self.messages.info(f"kept from before: {_kept(plan)}")
        if plan.redone:
            why = ", ".join(f"{number:,} {reason}" for reason, number in plan.redone.most_common())
            self.messages.info(f"done again: {why}")

    def report_earlier(self, results: ResultsFile) -> None:
        """Says what a file holds already, and what will become of it."""
        found = []
        if results.torn:
            found.append(f"dropped a torn last line ({counted(results.torn, 'byte')})")
        if results.foreign:
            found.append(f"{counted(results.foreign, 'line')} of another tool, left alone")
        for made, number in results.recipes.items():
            fate = "made before: kept where the text is the same"
            if change := difference(made, self.recipe):
                fate = f"made with {change}: done again where the input has them"
            found.append(f"{counted(number, 'summary', 'summaries')} {fate}")
        # What had no result is asked for again by itself.
        failures = results.failures.total() - results.failures[MissingResultError.__name__]
        if failures and not self.options.retry_failed:
            kept = counted(failures, "failure")
            found.append(f"{kept} of before, kept (--retry-failed tries them again)")
        for line in found:
            self.messages.info(f"{results.path.name}: {line}")


@contextmanager
def set_up(
    options: argparse.Namespace, results: str | None, *others: str | None
) -> Iterator[BatchSetup]:
    """Sets a command up, before anything is asked or paid for.

    Args:
        options: with the inputs, the model and the output.
        results: the file of results, which has to be there if it is not the output; `-` or None
            for none.
        others: further files that the command reads or writes.
    """
    _check_apart([path for path in (results, *others) if path and path != "-"], options.inputs)
    settings = settings_of(options)
    recipe = recipe_of(settings, options.prompts)
    # Raises where one does not exist, before the file of results is created.
    read_records(options.inputs)
    with Messages(quiet=options.quiet) as messages, ExitStack() as stack:
        setup = BatchSetup(options, messages, settings, recipe, None)
        if results and results != "-":
            if results != options.output and not Path(results).is_file():
                raise InputError(f"{results}: no such file", hint="check the path")
            setup.results = stack.enter_context(ResultsFile.opened(Path(results)))
            setup.report_earlier(setup.results)
        yield setup


def _check_apart(files: Sequence[str], inputs: Sequence[str]) -> None:
    """Refuses files that would be read as input, now or when the run is resumed."""
    places = [Path(path).resolve() for path in files]
    for path, place in zip(files, places, strict=True):
        if places.count(place) > 1:
            hint = "give each a name of its own"
            raise ConfigurationError(f"{path}: is one of the other files", hint=hint)
    for path, given in product(files, inputs):
        if given != "-" and includes(given, Path(path)):
            why = f"{path}: is one of the inputs ({given})"
            raise ConfigurationError(why, hint="name a file elsewhere")


def _kept(plan: Plan) -> str:
    failures = f", {counted(plan.kept_failures, 'failure')}" if plan.kept_failures else ""
    return f"{counted(plan.kept, 'summary', 'summaries')}{failures}"
