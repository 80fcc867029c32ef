"""The first requests about articles, as they would be sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from os import PathLike
from typing import NoReturn

from summarize.batch.plan import Task
from summarize.batch.results import BatchError, BatchResult
from summarize.batch_files.request_files import RequestFiles
from summarize.errors import InputError, MissingResultError
from summarize.models import Meter, ModelSettings
from summarize.models.batch_file_model import BatchFileModel
from summarize.pipeline.summarizer import Summarizer
from summarize.sources.inputs import Record

__all__ = ["Writing"]


class Writing:
    """Writes what a model is to be asked first about each article.

    Args:
        settings: which model; neither its server nor a key is needed.
        files: where the requests go.
        prompts: a folder of templates instead of the package's own.

    Attributes:
        articles: whose requests are written.

    Raises:
        ConfigurationError: no file of requests can be made for such a model.
    """

    def __init__(
        self,
        settings: ModelSettings,
        files: RequestFiles,
        *,
        prompts: str | PathLike[str] | None = None,
    ) -> None:
        self.articles = 0
        self._files = files
        self._summarizer = Summarizer(BatchFileModel(settings, self._take), prompts=prompts)

    def write(self, tasks: Iterable[Task]) -> Iterator[BatchResult | None]:
        """Writes the requests of each record, one record at a time.

        Yields:
            None for each, or why there is nothing to ask about it.

        Raises:
            OutputError: the requests cannot be written.
        """
        for task in tasks:
            try:
                self._ask(task.record)
            except InputError as error:
                yield BatchResult(task.record.id, error=BatchError.of(error))
            else:
                self.articles += 1
                yield None

    def _ask(self, record: Record) -> None:
        if record.article is None:
            raise record.error or InputError("no article")
        for question in self._summarizer.first_questions(record.article):
            # As it has to be: the request is in the file.
            with suppress(MissingResultError):
                self._summarizer.model.ask(question, Meter())

    def _take(self, body: bytes) -> NoReturn:
        self._files.add(body)
        raise MissingResultError("is yet to be asked")
