"""What the commands say of a batch: results of earlier runs, failures, what is done and left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from summarize.batch.plan import Plan, difference
from summarize.batch.results import BatchResult, Recipe
from summarize.batch.results_file import ResultsFile
from summarize.cli import DONE, SOME_FAILED
from summarize.cli.formatting import counted
from summarize.cli.messages import Messages
from summarize.errors import ConfigurationError, InputError, MissingResultError
from summarize.sources.articles import STANDARD_INPUT
from summarize.sources.inputs import count_records, includes

if TYPE_CHECKING:
    from summarize.batch_files import RequestFiles

__all__ = [
    "Failures",
    "InputCount",
    "check_apart",
    "report_earlier",
    "report_kept",
    "report_nothing_to_do",
    "report_stale_files",
]

# Failures that are shown one by one; all of them are in the output.
_MAX_SHOWN = 20
# Characters of an id that a message repeats.
_MAX_ID = 80


def check_apart(output: Path, inputs: Sequence[str]) -> None:
    """Refuses an output that would be read as input, now or when the run is resumed.

    Raises:
        ConfigurationError: it would be.
    """
    for given in inputs:
        if given == STANDARD_INPUT or not includes(given, output):
            continue
        if Path(given).is_dir():
            raise ConfigurationError(
                f"{output}: is in {given}, where all is input",
                hint="name a file in another folder with -o",
            )
        raise ConfigurationError(
            f"{output}: is one of the inputs", hint="name another file with -o"
        )


class InputCount:
    """Counts the records of the input in a thread of its own.

    Args:
        inputs: as for `read_records`.
        limit: records that are read at most.

    Attributes:
        total: None until it is known.
    """

    def __init__(self, inputs: Sequence[str], limit: int | None = None) -> None:
        self.total = limit
        self._inputs = inputs
        self._limit = limit
        Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        try:
            number = count_records(self._inputs)
        except InputError:
            # Whoever reads the input says so.
            return
        if number is not None:
            self.total = number if self._limit is None else min(number, self._limit)

    def __str__(self) -> str:
        return f" of {self.total:,}" if self.total else ""


def report_earlier(
    results: ResultsFile, recipe: Recipe, messages: Messages, *, retry_failed: bool
) -> None:
    """Says what the output holds already, and what will become of it."""
    name = results.path.name
    if results.torn:
        messages.info(f"{name}: dropped a torn last line ({counted(results.torn, 'byte')})")
    if results.foreign:
        messages.info(f"{name}: {counted(results.foreign, 'line')} of another tool, left alone")
    for made, number in results.recipes.items():
        if change := difference(made, recipe):
            fate = f"made with {change}: done again where the input has them"
        else:
            fate = "made before: kept where the text is the same"
        messages.info(f"{name}: {counted(number, 'summary', 'summaries')} {fate}")
    missing = results.failures[MissingResultError.__name__]
    if failures := results.failures.total() - missing:
        fate = "tried again" if retry_failed else "kept (--retry-failed tries them again)"
        messages.info(f"{name}: {counted(failures, 'failure')} of before, {fate}")
    if missing:
        messages.info(f"{name}: {counted(missing, 'article')} without a result so far")


def report_nothing_to_do(plan: Plan, messages: Messages) -> int:
    """Says that all is done already; returns the exit code."""
    messages.info(f"nothing to do: {_kept(plan)} kept")
    return SOME_FAILED if plan.kept_failures else DONE


def report_kept(plan: Plan, messages: Messages) -> None:
    """Says what was left as it is, and what was done again and why."""
    if plan.kept or plan.kept_failures:
        messages.info(f"kept from before: {_kept(plan)}")
    if plan.redone:
        why = ", ".join(f"{number:,} {reason}" for reason, number in plan.redone.most_common())
        messages.info(f"done again: {why}")


def _kept(plan: Plan) -> str:
    failures = f", {counted(plan.kept_failures, 'failure')}" if plan.kept_failures else ""
    return f"{counted(plan.kept, 'summary', 'summaries')}{failures}"


def report_stale_files(files: RequestFiles, messages: Messages) -> None:
    """Names files of an earlier run that are easily taken for parts of this one."""
    for path in files.left:
        messages.error(f"{path}: is of an earlier run, and was left as it is")


class Failures:
    """Counts the articles that failed, and says why for the first of them.

    Args:
        messages: where it is said.
        output: the name of what holds all failures; empty where nothing does.
    """

    def __init__(self, messages: Messages, output: str = "") -> None:
        self._messages = messages
        self._output = output
        self._types: Counter[str] = Counter()

    @property
    def number(self) -> int:
        """How many failed."""
        return self._types.total()

    def add(self, result: BatchResult) -> None:
        """Takes in a result; says why, if it is a failure."""
        if result.error is None:
            return
        self._types[result.error.type] += 1
        if self.number <= _MAX_SHOWN:
            id_ = result.id if len(result.id) <= _MAX_ID else f"{result.id[:_MAX_ID]}…"
            self._messages.error(f"{id_}: {result.error.message}")
        elif self.number == _MAX_SHOWN + 1:
            where = f"written to {self._output} only" if self._output else "counted only"
            self._messages.error(f"further failures are {where}")

    def parts(self) -> list[str]:
        """The words for a closing line; none where nothing failed."""
        types = ", ".join(f"{number:,} {type_}" for type_, number in self._types.items())
        return [f"{self.number:,} failed ({types})"] if types else []
