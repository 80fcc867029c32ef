"""The first requests about articles: those that are sent whatever the answers are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from os import PathLike
from typing import NoReturn

from summarize.errors import InputError, MissingResultError
from summarize.models import Meter, ModelSettings
from summarize.models.batch_file_model import BatchFileModel
from summarize.pipeline.summarizer import Summarizer
from summarize.sources.records import Record

__all__ = ["first_requests"]


def first_requests(
    settings: ModelSettings,
    records: Iterable[Record],
    *,
    prompts: str | PathLike[str] | None = None,
) -> Iterator[tuple[str, list[bytes] | InputError]]:
    """Makes the first requests about each record.

    Args:
        settings: which model; neither its server nor a key is needed.
        records: the articles.
        prompts: a folder of templates instead of the package's own.

    Returns:
        Each record's id, and the bodies of its requests or the reason why it has none. Records are
        read as they are needed.

    Raises:
        ConfigurationError: such a model is not asked through batch files.
    """
    bodies: list[bytes] = []

    def take(body: bytes) -> NoReturn:
        bodies.append(body)
        raise MissingResultError("is yet to be asked")

    summarizer = Summarizer(BatchFileModel(settings, take), prompts=prompts)

    def requests_of(record: Record) -> tuple[str, list[bytes] | InputError]:
        if record.article is None:
            return record.id, record.error or InputError("no article")
        try:
            questions = summarizer.first_questions(record.article)
        except InputError as error:
            return record.id, error
        bodies.clear()
        for question in questions:
            with suppress(MissingResultError):
                summarizer.model.ask(question, Meter())
        return record.id, list(bodies)

    return map(requests_of, records)
