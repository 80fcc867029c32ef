"""Plans a run: the records whose results are missing, or are of another text or model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from os import PathLike
from pathlib import Path

from summarize.batch.results import Recipe
from summarize.batch.results_file import INPUT_ERRORS, Earlier, ResultsFile
from summarize.errors import MissingResultError
from summarize.models import ModelSettings
from summarize.models.endpoints import model_name
from summarize.prompting.templates import load_prompts
from summarize.sources.inputs import Record

__all__ = ["Plan", "Task", "difference", "recipe_of"]


@dataclass(frozen=True, slots=True)
class Task:
    """A record that is to be done, and the result it has already."""

    record: Record
    earlier: Earlier | None = None


class Plan:
    """The records that are still to be done. Iterating reads the input as it goes.

    Args:
        records: the input, or as much of it as is wanted.
        recipe: what summaries are made with now.
        results: those of earlier runs.
        retry_failed: whether failures are done again.
        standing: called with each task that would be kept; whether it is.

    Attributes:
        kept: summaries that are not made again.
        kept_failures: failures that are not tried again.
        redone: how many are done again, by reason.
        is_complete: whether the input has been read to its end.
    """

    def __init__(
        self,
        records: Iterable[Record],
        recipe: Recipe,
        results: ResultsFile | None = None,
        *,
        retry_failed: bool = False,
        standing: Callable[[Task], bool] = lambda _: True,
    ) -> None:
        self.kept = 0
        self.kept_failures = 0
        self.redone: Counter[str] = Counter()
        self.is_complete = False
        self._recipe = recipe
        self._results = results
        self._retries_failed = retry_failed
        self._standing = standing
        self._repeats: Counter[str] = Counter()
        self._tasks = self._to_do(records)
        self._first: list[Task] = []

    def __iter__(self) -> Iterator[Task]:
        while self._first:
            yield self._first.pop()
        yield from self._tasks

    def is_done(self) -> bool:
        """Whether nothing is left to do; reads on to the first record that is."""
        self._first = self._first or list(islice(self._tasks, 1))
        return not self._first

    def tidy(self) -> None:
        """Drops failures of the input that are no longer in it, where failures are tried again."""
        if self._results and self.is_complete and self._retries_failed:
            self._results.drop_unmet()

    def _to_do(self, records: Iterable[Record]) -> Iterator[Task]:
        for record in records:
            earlier = self._earlier(record)
            if earlier is None:
                yield Task(record)
            elif why := self._why_again(record, earlier):
                self.redone[why] += 1
                yield Task(record, earlier)
            elif self._standing(task := Task(record, earlier)):
                self.kept += earlier.ok
                self.kept_failures += not earlier.ok
            else:
                self.redone["can be done now"] += 1
                yield task
        self.is_complete = True

    def _earlier(self, record: Record) -> Earlier | None:
        if self._results is None:
            return None
        repeat = 0
        if record.is_repeated:
            self._repeats[record.id] += 1
            repeat = self._repeats[record.id]
        return self._results.earlier(record.id, repeat=repeat)

    def _why_again(self, record: Record, earlier: Earlier) -> str:
        """Returns why a record is done again; empty where its result stands."""
        article, recipe = record.article, earlier.recipe
        if article is None:
            # Reading it again cost nothing; a summary is worth more than the news that it is gone.
            return ""
        if recipe is None:
            if earlier.error in INPUT_ERRORS:
                return "can be read now"
            if earlier.error == MissingResultError.__name__:
                # Nothing was asked, and nothing failed.
                return "had no result"
            return "failed before" if self._retries_failed else ""
        if article.sha256 != earlier.sha256:
            return "another text"
        return difference(recipe, self._recipe)


def difference(recipe: Recipe, now: Recipe) -> str:
    """Returns what has changed since a summary was made; empty if nothing has."""
    if recipe.model != now.model:
        return f"another model ({recipe.model})"
    if recipe.prompt != now.prompt:
        return "another prompt"
    return "" if recipe.schema == now.schema else "another schema or strategy"


def recipe_of(settings: ModelSettings, prompts: str | PathLike[str] | None) -> Recipe:
    """Returns what summaries are made with now.

    Raises:
        SummarizeError: the prompts or the model's settings cannot be used.
    """
    templates = load_prompts(None if prompts is None else Path(prompts))
    return Recipe(model_name(settings), templates.id, settings.strategy.schema)
