"""A review of a file of summaries: its articles one at a time, and the decisions about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from summarize.article.article import Article
from summarize.batch.summaries import WANTED, read_each
from summarize.errors import InputError, first_problem
from summarize.evaluation.matching import words_of
from summarize.evaluation.verification import verify
from summarize.grounding.matching import fold
from summarize.report.html import CHANGED, NOT_HERE, ArticleIndex, record_of
from summarize.review.applying import Review
from summarize.review.corrected import Reviewed
from summarize.review.decisions import Decision, DecisionFile
from summarize.schema import Actor, Item, Meeting, Summary
from summarize.sources.decoding import display_name
from summarize.storage.disk_tables import DiskTables

__all__ = ["Order", "RefusedDecisionError", "ReviewSession"]

Order = Literal["confidence", "file"]


class RefusedDecisionError(InputError):
    """A decision that cannot be applied to the article as it is."""


class ReviewSession:
    """The articles of a file of summaries, and what people decided about them.

    The summaries are kept on the disk: memory holds the list of the articles and the decisions.

    Attributes:
        index: the list of the articles, in the order of review.
        reviewed: the numbers of the articles that are reviewed whole.
        decision_file: where the decisions are.
    """

    def __init__(
        self,
        summaries: Path,
        find_article: Callable[[Summary], Article],
        file: DecisionFile,
        *,
        reviewer: str = "",
        order: Order = "confidence",
        on_problem: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Reads the summaries; raises an InputError where there are none."""
        self.index = ArticleIndex()
        self.reviewed: set[int] = set()
        self.decision_file = display_name(file.path)
        self._find_article = find_article
        self._file = file
        self._reviewer = reviewer
        self._last: Article | None = None
        self._review = Review(file.decisions.values())
        self._tables = DiskTables(
            "the list of summaries", "summary (place INTEGER PRIMARY KEY, json BLOB)"
        )
        risks: list[float] = []
        for record in read_each(summaries):
            if isinstance(record, InputError):
                on_problem(str(record))
            elif isinstance(record, Summary):
                values = (len(risks), record.to_json().encode())
                self._tables.execute("INSERT INTO summary VALUES (?, ?)", values)
                risks.append(_risk(record) if order == "confidence" else 0.0)
        if not risks:
            raise InputError(f"{summaries}: holds no summaries", hint=WANTED)
        self._places = sorted(range(len(risks)), key=lambda place: -risks[place])
        for problem in self._apply_all():
            on_problem(problem)

    def _apply_all(self) -> Iterator[str]:
        """Lists the articles; yields a message for what of the decisions could not be applied."""
        for number in range(len(self._places)):
            summary = self._summary(number)
            if done := self._review.of(summary) if self._review.is_about(summary) else None:
                yield from done.problems
            entry = self.index.add_summary(done.summary if done else summary)
            entry["reviewed"] = done is not None and done.is_complete
            if entry["reviewed"]:
                self.reviewed.add(number)
        yield from self._review.unapplied()

    def close(self) -> None:
        """Deletes the copy of the summaries."""
        self._tables.close()

    def record(self, number: int) -> dict[str, Any]:
        """Returns an article as the page shows it; raises an IndexError if there is none."""
        summary = self._summary(number)
        article, missing = self._article(summary)
        done = self._review.of(summary)
        record = record_of(done.view, article.text if article else None, missing=missing)
        reading = article.reading if article else None
        return {
            **record,
            "number": number,
            "keys": {id_: key.model_dump(mode="json") for id_, key in done.keys.items()},
            "states": done.states,
            "decisions": [
                {"id": one.id, "kind": one.kind, "items": [key.model_dump() for key in one.items]}
                for one in done.decisions
            ],
            "sentences": [reading.given(one.span) for one in reading.sentences] if reading else [],
            "problems": done.problems,
            "reviewed": done.is_complete,
        }

    def decide(self, number: int, body: bytes) -> None:
        """Keeps a decision about an article; returns when it is on the disk.

        Args:
            number: of the article.
            body: the decision as JSON, without who and when.

        Raises:
            RefusedDecisionError: it is none, or cannot be applied.
            OutputError: it cannot be kept.
        """
        try:
            decision = Decision.model_validate_json(body)
        except ValidationError as invalid:
            raise RefusedDecisionError(first_problem(invalid)) from None
        if decision.id in self._file.decisions:
            return
        decision = decision.made(self._reviewer)
        summary = self._summary(number)
        before, after = self._review.of(summary), self._review.of(summary, decision)
        self._check(decision, summary, before, after)
        self._file.append(decision)
        self._review.add(decision)
        self.index.entries[number]["reviewed"] = after.is_complete
        (self.reviewed.add if after.is_complete else self.reviewed.discard)(number)

    def _check(
        self, decision: Decision, summary: Summary, before: Reviewed, after: Reviewed
    ) -> None:
        """Raises an error for a decision that cannot be applied, or that the article refutes."""
        if decision.article != summary.article.id:
            raise RefusedDecisionError("the decision is about another article")
        if decision.sha256 != summary.article.sha256:
            raise RefusedDecisionError("the decision is about another text")
        if problems := [one for one in after.problems if one not in before.problems]:
            raise RefusedDecisionError(problems[0])
        unknown = set(decision.items) - {*after.keys.values(), *before.keys.values()}
        if unknown:
            raise RefusedDecisionError(f"the article has no {unknown.pop()}")
        holding = {one.id for one in before.decisions}
        if decision.kind == "undo" and decision.undoes not in holding:
            raise RefusedDecisionError("what is to be undone was undone before")
        if decision.new is None:
            return
        article, _ = self._article(summary)
        quotes = {quote for item in before.view.items for quote in item.quotes}
        if not article and not quotes.issuperset(decision.new.quotes):
            raise RefusedDecisionError("the article’s text is not here, so its quotes stay")
        if article:
            if not decision.new.quotes:
                raise RefusedDecisionError("an item needs words of the article")
            new = _problems(after.summary, article) - _problems(before.summary, article)
            if new:
                raise RefusedDecisionError(next(iter(new)))
        texts = [article.text, article.reading.text] if article else [q.text for q in quotes]
        said = {words for item in before.view.items for words in _said(item)}
        for words in _said(decision.new):
            if words not in said and not any(fold(words) in fold(text) for text in texts):
                raise RefusedDecisionError(f"“{words}” is not in the article")

    def _summary(self, number: int) -> Summary:
        place = self._places[number]
        row = self._tables.row("SELECT json FROM summary WHERE place = ?", (place,))
        if row is None:
            raise IndexError(number)
        return Summary.model_validate_json(row[0])

    def _article(self, summary: Summary) -> tuple[Article | None, str]:
        """Returns the article of a summary, or why there is none; that of the last one again."""
        if self._last and self._last.sha256 == summary.article.sha256:
            return self._last, ""
        try:
            article = self._find_article(summary)
        except InputError as error:
            return None, NOT_HERE.format(why=error)
        if article.sha256 != summary.article.sha256:
            return None, CHANGED
        self._last = article
        return article, ""


def _risk(summary: Summary) -> float:
    """How many items of a summary are likely to be wrong; below 0 where nothing tells."""
    known = [item.confidence for item in summary.items if item.confidence is not None]
    return sum(1 - confidence for confidence in known) if known else -1.0


def _problems(summary: Summary, article: Article) -> Counter[str]:
    """What is wrong with a summary, without the ids of its items, which say nothing to a reader."""
    return Counter(problem.split(": ", 1)[-1] for problem in verify(summary, article))


def _said(item: Item) -> Iterable[str]:
    """The words of an item that have to be the article's own."""
    match item:
        case Actor():
            return filter(None, (item.name, item.role, *item.aliases))
        case Meeting():
            return (*item.places, *([item.date.text] if item.date else []))
    return (words_of(item),)
