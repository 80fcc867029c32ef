"""Applies all decisions about a file to its summaries.

A decision is applied to a summary of the very text that it was made about, or not at all: what
cannot be applied is told.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import TypeVar

from summarize.review.corrected import Reviewed, corrected
from summarize.review.decisions import Decision, read_decisions
from summarize.schema import Summary

__all__ = ["Review", "apply_review"]

_T = TypeVar("_T")
# Summaries made anew may have hundreds of other items.
_MAX_TOLD = 10


class Review:
    """All decisions about a file of summaries."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        # By the article's id and the hash of its text.
        self._decisions: dict[tuple[str, str], list[Decision]] = defaultdict(list)
        self._seen: set[tuple[str, str]] = set()
        for decision in decisions:
            self.add(decision)

    def add(self, decision: Decision) -> None:
        """Adds a decision, later than all others."""
        self._decisions[decision.article, decision.sha256].append(decision)

    def is_about(self, summary: Summary) -> bool:
        """Whether there are decisions about a summary."""
        return (summary.article.id, summary.article.sha256) in self._decisions

    def of(self, summary: Summary, *more: Decision) -> Reviewed:
        """Returns a summary with its decisions applied, and with `more` of them."""
        key = (summary.article.id, summary.article.sha256)
        self._seen.add(key)
        return corrected(summary, [*self._decisions.get(key, ()), *more])

    def correct(
        self, records: Iterable[_T], on_problem: Callable[[str], None]
    ) -> Iterator[_T | Summary]:
        """Yields the records with each summary corrected; tells what could not be applied."""
        for record in self.each(records, on_problem):
            yield record.summary if isinstance(record, Reviewed) else record

    def each(
        self, records: Iterable[_T], on_problem: Callable[[str], None]
    ) -> Iterator[_T | Reviewed]:
        """Yields the records, with its decisions each summary that has some.

        Args:
            records: summaries, and others, which stay as they are.
            on_problem: called with what could not be applied: some messages, and how many more.
        """
        told = 0
        for record in records:
            problems: Iterable[str] = ()
            if isinstance(record, Summary) and self.is_about(record):
                reviewed = self.of(record)
                problems = reviewed.problems
                yield reviewed
            else:
                yield record
            told += _tell(problems, on_problem, told)
        told += _tell(self.unapplied(), on_problem, told)
        if told > _MAX_TOLD:
            on_problem(f"{told - _MAX_TOLD} more messages like these")

    def unapplied(self) -> Iterator[str]:
        """Yields a message for each text with decisions that no summary so far was of."""
        for key, decisions in self._decisions.items():
            if key not in self._seen:
                number = f"{len(decisions)} decision{'s' * (len(decisions) != 1)}"
                yield f"{key[0]}: {number} not applied, no summary is of the text it was made about"


def _tell(problems: Iterable[str], on_problem: Callable[[str], None], told: int) -> int:
    """Tells problems as long as there were few before; returns how many there are."""
    number = 0
    for number, problem in enumerate(problems, start=1):
        if told + number <= _MAX_TOLD:
            on_problem(problem)
    return number


def apply_review(
    records: Iterable[_T],
    path: str | PathLike[str],
    on_problem: Callable[[str], None] = warnings.warn,
) -> Iterator[_T | Summary]:
    """Yields summaries as people corrected them.

    Args:
        records: summaries; others, such as the failures of `read_results`, stay as they are.
        path: the file of decisions that `summarize review` wrote.
        on_problem: called with a message for each decision that could not be applied.

    Raises:
        InputError: the file cannot be read.
    """
    decisions, problems = read_decisions(Path(path))
    for problem in problems:
        on_problem(problem)
    yield from Review(decisions).correct(records, on_problem)
