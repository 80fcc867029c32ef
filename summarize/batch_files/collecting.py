"""Joins articles with the answers to their requests: the live pipeline, answered from files."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from os import PathLike
from typing import Any

from summarize.article.article import Article
from summarize.batch.plan import Task
from summarize.batch.results import BatchError, BatchResult
from summarize.batch.run import Output
from summarize.batch_files.answers import Answers, LostAnswersError
from summarize.batch_files.request_files import RequestFiles
from summarize.errors import InputError, MissingResultError, SummarizeError
from summarize.models import Meter, ModelSettings, Question, Reply
from summarize.models.model import BatchFileModel
from summarize.pipeline.pipeline import MENDABLE, Answer
from summarize.pipeline.summarizer import Summarizer
from summarize.prompting.draft import NO_MEETING, Corrections
from summarize.schema import Summary

# Results are written together, this many or after so many seconds: each write waits for the disk,
# some milliseconds.
_GROUP_SIZE = 200
_GROUP_SECONDS = 1.0


class Collection:
    """Makes summaries of articles from the answers in files.

    Args:
        settings: the model that was asked; neither its server nor a key is needed.
        answers: all there are.
        prompts: the templates that were used instead of the package's own.
        again: takes the further requests to which answers lead: an invalid answer is asked for
            again, a text that was too long in halves, what was not found in the article once more.
            None to do without them.

    Attributes:
        done, failed: how many summaries were made, and how many articles failed.
        pending: articles that wait for the answers to further requests.
        unasked: summaries made without the answers to their further requests.
        tokens, cost_usd: of the summaries made; the cost is None where no price is known.

    Raises:
        ConfigurationError: such a model is not asked through batch files.
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

    def run(self, tasks: Iterable[Task], output: Output) -> Iterator[list[BatchResult]]:
        """Joins articles with their answers; yields groups of results once they are written.

        Raises:
            SummarizeError: the input, the answers or the output cannot be used any more. What was
                done is kept.
        """
        group: list[BatchResult] = []
        unwritten: list[BatchResult] = []
        since = time.monotonic()
        for task in tasks:
            result = self._result(task)
            if result is not None:
                group.append(result)
                if not (task.earlier and task.earlier.outweighs(result)):
                    unwritten.append(result)
            if group and (len(group) >= _GROUP_SIZE or time.monotonic() - since > _GROUP_SECONDS):
                output(unwritten)
                yield group
                group, unwritten, since = [], [], time.monotonic()
        if group:
            output(unwritten)
            yield group

    def _result(self, task: Task) -> BatchResult | None:
        """The result of a record; None where further requests have to be answered first."""
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
        """The summary as far as there are answers; adds to `further` the requests without one."""
        meter = _Meter()
        pipeline = self._summarizer.begin(article)
        last: SummarizeError | None = None
        while question := pipeline.question:
            try:
                answer: Answer = self._summarizer.model.ask(question, meter)
            except MissingResultError as error:
                if question in pipeline.first_questions and not error.is_further:
                    raise
                further.append(error.request)
                answer = self._instead(question, error, last)
            except MENDABLE as error:
                answer = last = error
            pipeline.take(answer)
        return pipeline.summary(self._summarizer.provenance(meter))

    def _instead(
        self, question: Question[Any], error: MissingResultError, last: SummarizeError | None
    ) -> Answer:
        """What a pipeline gets in place of an answer that is not there yet."""
        if self._again and question.answer is not Corrections:
            # The summary is not used: this leads to the questions about the rest of the article.
            return Reply(question.answer.model_validate_json(NO_MEETING), "")
        why = f": {last.args[0]}" if last else ""
        return MissingResultError(
            f"the answer led to another question, which has no result{why}",
            hint="summarize collect --again FILE writes it for another batch",
            attempts=error.attempts,
        )


class _Meter(Meter):
    """A meter without a clock: nobody knows how long a batch took for one article."""

    @property
    def seconds(self) -> float:
        return 0.0
