"""Plans a run: the records whose results are missing, or are of another text or model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from os import PathLike

from summarize.batch.results import Recipe
from summarize.batch.results_file import Earlier, ResultsFile
from summarize.errors import DuplicateIdError, InputError, MissingResultError
from summarize.models import ModelSettings
from summarize.models.endpoints import model_name
from summarize.prompting.templates import load_prompts
from summarize.sources.inputs import Record


@dataclass(frozen=True, slots=True)
class Task:
    """A record that is to be done, and the result it has already."""

    record: Record
    earlier: Earlier | None = None


class Plan:
    """The records that are still to be done. Iterating reads the input as it goes, once.

    `recipe` is what summaries are made with now, `results` are those of earlier runs.

    Attributes:
        kept: summaries that are not made again.
        kept_failures: failures that are not tried again.
        redone: how many are done again, by reason.
    """

    def __init__(
        self,
        records: Iterable[Record],
        recipe: Recipe,
        results: ResultsFile | None = None,
        *,
        retry_failed: bool = False,
    ) -> None:
        self.kept = 0
        self.kept_failures = 0
        self.redone: Counter[str] = Counter()
        self._recipe = recipe
        self._results = results
        self._retries_failed = retry_failed
        self._repeats: Counter[str] = Counter()
        self._tasks = self._to_do(records)

    def __iter__(self) -> Iterator[Task]:
        return self._tasks

    def is_done(self) -> bool:
        """Whether nothing is left to do; reads on to the first record that is."""
        first = next(self._tasks, None)
        if first is not None:
            self._tasks = chain([first], self._tasks)
        return first is None

    def _to_do(self, records: Iterable[Record]) -> Iterator[Task]:
        for record in records:
            earlier = self._earlier(record)
            if earlier is None:
                yield Task(record)
            elif why := self._why_again(record, earlier):
                self.redone[why] += 1
                yield Task(record, earlier)
            elif earlier.ok:
                self.kept += 1
            else:
                self.kept_failures += 1

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
        article = record.article
        if article is None:
            # Reading it again cost nothing; a summary is worth more than the news that it is gone.
            return ""
        if earlier.recipe:
            is_same = article.sha256 == earlier.sha256
            return difference(earlier.recipe, self._recipe) if is_same else "another text"
        if earlier.error in {InputError.__name__, DuplicateIdError.__name__}:
            return "can be read now"
        if earlier.error == MissingResultError.__name__:
            # Nothing was asked, and nothing failed.
            return "had no result"
        return "failed before" if self._retries_failed else ""


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
    return Recipe(model_name(settings), load_prompts(prompts).id, settings.strategy.schema)
