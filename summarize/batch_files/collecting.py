"""Articles joined with the answers to their requests: the live pipeline, asked from files."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from os import PathLike
from typing import Any, Protocol

from summarize.article.article import Article
from summarize.batch.plan import Plan, Task
from summarize.batch.results import BatchError, BatchResult, Earlier
from summarize.batch_files.answers import Answers, LostAnswersError
from summarize.batch_files.request_files import RequestFiles
from summarize.errors import InputError, MissingResultError, SummarizeError
from summarize.models import Meter, ModelSettings, Question, Reply
from summarize.models.batch_file_model import BatchFileModel
from summarize.pipeline.pipeline import MENDABLE, Answer
from summarize.pipeline.summarizer import Summarizer
from summarize.prompting.draft import Corrections
from summarize.schema import Summary

__all__ = ["Collection"]

# Results that are written together, and seconds after which they are: each time the disk is waited
# for, some milliseconds.
_GROUP = 200
_LONGEST = 1.0


class Output(Protocol):
    """Where results go."""

    def append(self, results: Iterable[BatchResult]) -> None:
        """Writes results; returns when they are safe, or raises an OutputError."""


class Collection:
    """Makes summaries of articles from the answers in files.

    Args:
        settings: the model that was asked; neither its server nor a key is needed.
        answers: all there are.
        prompts: the folder of templates that was used instead of the package's own.
        again: where further requests go, to which answers have led: an invalid answer is asked for
            again, a window that was too long in halves, what was not found in the article once
            more. None to do without them.

    Attributes:
        done: summaries made.
        failed: articles that failed.
        pending: articles left unwritten, since their further requests are to be answered first.
        unasked: summaries that would be better if their further requests had been answered.
        tokens: of the summaries made.
        cost_usd: of the summaries made; None where the price is not known.

    Raises:
        ConfigurationError: no file of requests can be made for such a model.
    """

    def __init__(
        self,
        settings: ModelSettings,
        answers: Answers,
        *,
        prompts: str | PathLike[str] | None = None,
        again: RequestFiles | None = None,
    ) -> None:
        self.done = 0
        self.failed = 0
        self.pending = 0
        self.unasked = 0
        self.tokens = 0
        self.cost_usd: float | None = None
        self._again = again
        self._summarizer = Summarizer(BatchFileModel(settings, answers.answer), prompts=prompts)
        self._is_stopping = False

    def stop(self) -> None:
        """Takes no more articles; what is done is written."""
        self._is_stopping = True

    @property
    def is_stopped(self) -> bool:
        """Whether it was told to end."""
        return self._is_stopping

    def stands(self, task: Task) -> bool:
        """Whether an earlier result stands: a failure does not once the answers give a summary.

        Goes through the answers in any case, so that they count as known.

        Raises:
            LostAnswersError: they cannot be read any more.
        """
        if task.record.article is None or self._is_stopping:
            return True
        try:
            self._summary(task.record.article, [])
        except LostAnswersError:
            raise
        except Exception:  # noqa: BLE001  a failure as before
            return True
        return task.earlier is not None and task.earlier.ok

    def run(self, plan: Plan, output: Output) -> Iterator[list[BatchResult]]:
        """Does what is to be done; yields results once they are written.

        Raises:
            SummarizeError: the input, the answers or the output cannot be used any more. What was
                done is kept.
        """
        group: list[BatchResult] = []
        waiting: list[BatchResult] = []
        since = time.monotonic()
        for task in plan:
            if self._is_stopping:
                break
            result = self._result(task)
            if result is not None:
                group.append(result)
                if result.ok or not _stands(task.earlier, result):
                    waiting.append(result)
            if group and (len(group) >= _GROUP or time.monotonic() - since > _LONGEST):
                output.append(waiting)
                yield group
                group, waiting, since = [], [], time.monotonic()
        if group:
            output.append(waiting)
            yield group

    def _result(self, task: Task) -> BatchResult | None:
        """What became of a record; None where further requests come first."""
        record, further = task.record, list[bytes]()
        try:
            if record.article is None:
                raise record.error or InputError("no article")
            summary = self._summary(record.article, further)
        except LostAnswersError:
            raise
        except Exception as error:  # noqa: BLE001  a defect costs no other article
            self.failed += 1
            return BatchResult(record.id, error=BatchError.of(error))
        if further and self._again:
            self.pending += 1
            for body in further:
                self._again.add(body)
            return None
        self.done += 1
        self.unasked += bool(further)
        usage = summary.provenance.usage
        self.tokens += usage.prompt_tokens + usage.completion_tokens
        if usage.cost_usd is not None:
            self.cost_usd = (self.cost_usd or 0.0) + usage.cost_usd
        return BatchResult(record.id, summary.to_json())

    def _summary(self, article: Article, further: list[bytes]) -> Summary:
        """The summary, as far as the answers go; `further` takes in the requests without one.

        Raises:
            SummarizeError: why there is none.
        """
        try:
            return self._asked(article, further)
        except LostAnswersError:
            raise
        except Exception:
            # Of a long article there are answers beyond the one that it failed over.
            for question in self._summarizer.first_questions(article):
                with suppress(SummarizeError):
                    self._summarizer.model.ask(question, _Meter())
            raise

    def _asked(self, article: Article, further: list[bytes]) -> Summary:
        """The summary, as far as the first failure."""
        meter = _Meter()
        pipeline = self._summarizer.begin(article)
        last: SummarizeError | None = None
        while question := pipeline.question:
            try:
                answer: Answer = self._summarizer.model.ask(question, meter)
            except MissingResultError as error:
                if not (error.is_further or self._is_further(article, question)):
                    raise
                further.append(error.request)
                answer = self._instead(question, error, last)
            except MENDABLE as error:
                answer = last = error
            pipeline.take(answer)
        return pipeline.summary(self._summarizer.provenance(meter))

    def _is_further(self, article: Article, question: Question[Any]) -> bool:
        """Whether it was an answer that led to a question."""
        return question not in self._summarizer.first_questions(article)

    def _instead(
        self, question: Question[Any], error: MissingResultError, last: SummarizeError | None
    ) -> Answer:
        """What a pipeline gets instead of an answer that is not there yet."""
        if self._again and question.answer is not Corrections:
            # Nothing of it will be seen: it leads to the questions about the rest of the article.
            return Reply(question.answer.model_validate(_EMPTY), "")
        why = f": {last.args[0]}" if last else ""
        told = MissingResultError(
            f"the answer led to another question, which has no result{why}",
            hint="summarize collect --again FILE writes it for another batch",
            attempts=error.attempts,
        )
        told.request = error.request
        return told


def _stands(earlier: Earlier | None, failure: BatchResult) -> bool:
    """Whether an earlier result tells more than a failure does."""
    if earlier is None:
        return False
    missing = MissingResultError.__name__
    is_missing = failure.error is not None and failure.error.type == missing
    # A summary of another text or model does; that nothing was asked tells least.
    return earlier.ok or (is_missing and earlier.error != missing)


_EMPTY = {
    "event": "none",
    "place": "",
    "date": "",
    "participants": [],
    "topics": [],
    "outcomes": [],
}


class _Meter(Meter):
    """Nobody knows how long a batch took over one article."""

    @property
    def seconds(self) -> float:
        return 0.0
