"""What is said of a file of results: before a run, of its failures, and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from summarize.batch.plan import Plan, difference
from summarize.batch.results import BatchResult, Recipe
from summarize.batch.results_file import ResultsFile
from summarize.cli import DONE, SOME_FAILED
from summarize.cli.console import Messages
from summarize.cli.words import counted
from summarize.errors import ConfigurationError, MissingResultError
from summarize.sources.articles import STANDARD_INPUT
from summarize.sources.inputs import includes

if TYPE_CHECKING:
    from summarize.batch_files import RequestFiles

__all__ = [
    "Failures",
    "check_apart",
    "nothing_to_do",
    "spent",
    "tell_earlier",
    "tell_kept",
    "tell_left",
]

# Failures told one by one; all of them are in the output.
_MAX_TOLD = 20
# Characters of an id that a message repeats.
_MAX_ID = 80


def check_apart(output: Path, inputs: Sequence[str]) -> None:
    """Refuses an output that would be read as input, now or when the run is taken up again."""
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


def tell_earlier(
    results: ResultsFile, recipe: Recipe, messages: Messages, *, retry_failed: bool
) -> None:
    """Says what the output holds already, and what will become of it."""
    name = results.path.name
    if results.torn:
        messages.say(f"{name}: dropped a torn last line ({counted(results.torn, 'byte')})")
    if results.foreign:
        messages.say(f"{name}: {counted(results.foreign, 'line')} of another tool, left alone")
    for made, number in results.recipes.items():
        if change := difference(made, recipe):
            fate = f"made with {change}: done again where the input has them"
        else:
            fate = "made before: kept where the text is the same"
        messages.say(f"{name}: {counted(number, 'summary', 'summaries')} {fate}")
    missing = results.failures[MissingResultError.__name__]
    if failures := results.failures.total() - missing:
        fate = "tried again" if retry_failed else "kept (--retry-failed tries them again)"
        messages.say(f"{name}: {counted(failures, 'failure')} of before, {fate}")
    if missing:
        messages.say(f"{name}: {counted(missing, 'article')} without a result so far")


def nothing_to_do(plan: Plan, messages: Messages) -> int:
    """Says that all is done already; returns the exit code."""
    kept = f"{counted(plan.kept, 'summary', 'summaries')} kept"
    failures = f", {counted(plan.kept_failures, 'failure')} kept" if plan.kept_failures else ""
    messages.say(f"nothing to do: {kept}{failures}")
    return SOME_FAILED if plan.kept_failures else DONE


def tell_kept(plan: Plan, messages: Messages) -> None:
    """Says what was left as it is, and what was done again and why."""
    if plan.kept or plan.kept_failures:
        kept = [counted(plan.kept, "summary", "summaries")]
        if plan.kept_failures:
            kept.append(f"{counted(plan.kept_failures, 'failure')}")
        messages.say(f"kept from before: {', '.join(kept)}")
    if plan.redone:
        why = ", ".join(f"{number:,} {reason}" for reason, number in plan.redone.most_common())
        messages.say(f"done again: {why}")


def tell_left(files: RequestFiles, messages: Messages) -> None:
    """Says which files of an earlier run are easily taken for parts of this one."""
    for left in files.left:
        messages.fail(f"{left}: is of an earlier run, and was left as it is")


class Failures:
    """Says that articles failed; the first few times why.

    Args:
        messages: where it is said.
        output: the name of what holds all of them; empty where nothing does.
    """

    def __init__(self, messages: Messages, output: str) -> None:
        self._messages = messages
        self._output = output
        self._types: Counter[str] = Counter()

    @property
    def number(self) -> int:
        """How many."""
        return self._types.total()

    def tell(self, result: BatchResult) -> None:
        """Takes in a result that may be a failure."""
        if result.error is None:
            return
        self._types[result.error.type] += 1
        if self.number <= _MAX_TOLD:
            id_ = result.id if len(result.id) <= _MAX_ID else f"{result.id[:_MAX_ID]}…"
            self._messages.fail(f"{id_}: {result.error.message}")
        elif self.number == _MAX_TOLD + 1:
            where = f"told in {self._output} alone" if self._output else "counted only"
            self._messages.fail(f"further failures are {where}")

    def __str__(self) -> str:
        types = ", ".join(f"{number:,} {type_}" for type_, number in self._types.items())
        return f"{self.number:,} failed ({types})"


def spent(tokens: int, cost_usd: float | None) -> Iterator[str]:
    """What was used, as far as it is known."""
    if tokens:
        yield f"{tokens:,} tokens"
    if cost_usd is not None:
        yield f"${cost_usd:.2f}"
