"""OpenAI's batches: files go up, are answered within a day, and their results come down.

Whatever can be asked twice is retried. Creating a batch cannot: it costs. So each batch carries a
mark, and before another is created the mark is looked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from summarize.errors import ConfigurationError, ContextLengthError, RequestError, SummarizeError
from summarize.models.endpoints import PROVIDERS, find_endpoint
from summarize.models.error_mapping import map_error, message_of_error, one_line
from summarize.models.model_settings import ModelSettings
from summarize.models.rate_limiter import Attempts
from summarize.progress import ProgressCallback, silent
from summarize.storage.atomic_files import replace_file

__all__ = ["BatchJob", "Batches", "NoSuchBatchError"]

# https://platform.openai.com/docs/guides/batch, "Check the status of a batch"
_OVER = frozenset({"failed", "completed", "expired", "cancelled"})
# In a batch's metadata; a key has at most 64 characters and a value 512.
_MARK = "summarize_requests"
# Seconds: a batch has a day, and its results stay for 30 (openai 3.3, `output_expires_after`).
_LOOKS_BACK = 30 * 86_400.0
_PAGE = 100
# Bytes of a file of results that are held at once.
_BLOCK = 1 << 20
# Reasons of a failed batch that a message repeats.
_MAX_REASONS = 3
# Where an endpoint does not know the path at all.
_NO_BATCHES = "check --base-url; not every endpoint has /v1/files and /v1/batches"

T = TypeVar("T")


class NoSuchBatchError(RequestError):
    """The batch or file is not there, or not any more."""


@dataclass(frozen=True, slots=True)
class BatchJob:
    """The state of a batch.

    Attributes:
        mark: that it was created with; empty for the batches of others.
        progress: how many of its requests are answered, for people.
        answers: id of the file of answers; empty if there is none.
        errors: id of the file of errors; empty if there is none.
        why: the reason why it failed as a whole.
    """

    id: str
    mark: str
    status: str
    progress: str
    answers: str
    errors: str
    why: str

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in _OVER


class Batches:
    """The batches of an account, for one thread. Every method may raise a `SummarizeError`.

    Args:
        settings: a model of OpenAI's, or behind an endpoint that has the same batches.
        report: called when the endpoint is waited for.

    Raises:
        ConfigurationError: the key is missing, or the provider is another one.
    """

    def __init__(self, settings: ModelSettings, report: ProgressCallback = silent) -> None:
        if settings.provider != "openai":
            raise ConfigurationError(
                f"{settings.name}: batches are submitted to OpenAI, or to an endpoint like it",
                hint="name the model openai/NAME, with --base-url for another endpoint; results of "
                "other programs are for summarize collect",
            )
        self.where = settings.address or PROVIDERS["openai"][0]
        self._settings = settings
        self._report = report
        self._client = find_endpoint(settings, replay=False, report=report).client()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def upload(self, path: Path, name: str) -> str:
        """Uploads a file of requests; returns its id."""

        def send() -> str:
            # Opened again for each try; as an open file it is never held whole.
            with path.open("rb") as file:
                return _id(self._client.files.create(file=(name, file), purpose="batch"))

        return self._retried(send, _NO_BATCHES)

    def create(self, file_id: str, url: str, mark: str, *, known: Collection[str]) -> BatchJob:
        """Creates the batch of an uploaded file, once, however often it has to be tried.

        `known` are the ids of the batches with that mark that were there before.
        """
        is_again = False

        def create() -> BatchJob:
            nonlocal is_again
            # A try before may have got through, its answer been lost, and the batch be over.
            lost = (job for job in self._listed() if job.mark == mark and job.id not in known)
            if is_again and (job := next(lost, None)):
                return job
            is_again = True
            return _job(
                self._client.batches.create(
                    input_file_id=file_id,
                    endpoint=url,
                    completion_window="24h",
                    metadata={_MARK: mark},
                )
            )

        return self._retried(create, _NO_BATCHES)

    def marked(self) -> list[BatchJob]:
        """Returns the batches of the last 30 days that have a mark, the latest first."""
        return self._retried(lambda: list(self._listed()), _NO_BATCHES)

    def look(self, id_: str) -> BatchJob:
        """Returns the state of a batch; raises a `NoSuchBatchError` if there is none of that id."""
        return self._retried(lambda: _job(self._client.batches.retrieve(id_)))

    def download(self, file_id: str, path: Path) -> None:
        """Saves a file of results.

        Raises:
            NoSuchBatchError: it is not there any more.
            OSError: it cannot be written.
        """
        part = path.with_name(f".{path.name}.part")

        def fetch() -> None:
            response = self._client.files.with_streaming_response.content(file_id)
            with response as sent, part.open("wb") as file:
                for block in sent.iter_bytes(_BLOCK):
                    file.write(block)

        try:
            self._retried(fetch)
            replace_file(part, path)
        finally:
            part.unlink(missing_ok=True)

    def _listed(self) -> Iterator[BatchJob]:
        oldest = time.time() - _LOOKS_BACK
        for batch in self._client.batches.list(limit=_PAGE):
            if (batch.created_at or 0) < oldest:
                return
            if (job := _job(batch)).mark:
                yield job

    def _retried(self, ask: Callable[[], T], hint: str = "") -> T:
        """Asks until the retry policy gives up; `hint` is for where there is no such thing."""
        attempts = Attempts(self._settings.retry_policy, self._report)
        while True:
            try:
                return ask()
            except OSError:  # of the disk; the client wraps those of the network
                raise
            except Exception as error:  # every library raises its own
                mapped = self._mapped(error, hint)
                if (seconds := attempts.wait_after(mapped)) is None:
                    raise mapped from error
                time.sleep(seconds)

    def _mapped(self, error: Exception, hint: str) -> SummarizeError:
        words = message_of_error(error)
        if getattr(error, "status_code", None) == 404:
            return NoSuchBatchError(f"{self.where} has no such thing (404: {words})", hint=hint)
        if isinstance(error, (AttributeError, TypeError, ValueError)):
            # Where an endpoint says something else, the client stumbles in one of these ways.
            return RequestError(
                f"{self.where} answers with something else than files and batches",
                hint="check --base-url; most end in /v1",
            )
        mapped = map_error(error, self._settings.name, self.where, self._settings.timeout)
        if isinstance(mapped, ContextLengthError):
            # It is the file that is too large, and no article.
            return RequestError(
                f"{self.where} does not take the file ({words})",
                hint="have summarize requests write it anew",
            )
        return mapped


def _id(made: Any) -> str:
    if not isinstance(made.id, str):
        raise TypeError("no id")
    return made.id


def _job(batch: Any) -> BatchJob:
    counts = batch.request_counts
    total, answered, failed = (
        (getattr(counts, name, None) or 0) for name in ("total", "completed", "failed")
    )
    failures = f" · {failed:,} failed" if failed else ""
    reasons = ((batch.errors and batch.errors.data) or ())[:_MAX_REASONS]
    return BatchJob(
        id=_id(batch),
        mark=(batch.metadata or {}).get(_MARK, ""),
        status=batch.status or "validating",
        progress=f"{answered:,} of {total:,} requests answered{failures}",
        answers=batch.output_file_id or "",
        errors=batch.error_file_id or "",
        why="; ".join(map(_words, reasons)),
    )


def _words(error: Any) -> str:
    line = f"line {error.line}: " if error.line else ""
    code = f" ({error.code})" if error.code else ""
    return f"{line}{one_line(error.message or 'no reason given')}{code}"
