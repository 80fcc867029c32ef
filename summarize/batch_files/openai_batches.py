"""OpenAI's batches: files go up, are answered within a day, and their results come down.

Whatever can be asked twice is retried. Creating a batch cannot: it costs. So each batch carries the
hash of its file as a mark, and before another is created the mark is looked for.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from summarize.batch_files.request_files import URL
from summarize.errors import (
    ConfigurationError,
    ContextLengthError,
    RequestError,
    SummarizeError,
)
from summarize.models import ModelSettings
from summarize.models.endpoints import find_endpoint
from summarize.models.error_mapping import CHECK_URL, map_error, message_of_error, one_line
from summarize.models.rate_limiter import retrying
from summarize.progress import ProgressCallback
from summarize.storage.atomic_files import replace_file

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

T = TypeVar("T")
# A batch as openai's client has it.
Batch = Any


class NoSuchBatchError(RequestError):
    """The batch or file is not there, or not any more."""


class Batches:
    """The batches of an account. All that is asked may raise a `SummarizeError`.

    Args:
        settings: a model of OpenAI's, or behind an endpoint that has the same batches.
        report: called when the endpoint is waited for.

    Attributes:
        where: the endpoint's address, for messages.
        model: the model's name, as requests have it.

    Raises:
        ConfigurationError: the model has no batches, or its key is missing.
    """

    def __init__(self, settings: ModelSettings, report: ProgressCallback) -> None:
        if settings.provider != "openai":
            raise ConfigurationError(
                f"{settings.name}: batches are submitted to OpenAI, or to an endpoint like it",
                hint="name the model openai/NAME, with --base-url for another endpoint; results of "
                "other programs are for summarize collect",
            )
        endpoint = find_endpoint(settings, replay=False, report=report)
        self._client = endpoint.client()
        self.where = settings.address or endpoint.url
        self.model = endpoint.model
        self._settings = settings
        self._report = report

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    @cached_property
    def marked(self) -> list[Batch]:
        """The batches in the account when they were first needed, and those created since."""
        return self._retried(lambda: list(self._listed()))

    def look(self, batch_id: str) -> Batch:
        """Returns a batch as it is now; raises a `NoSuchBatchError` where there is none."""
        return self._retried(lambda: _checked_batch(self._client.batches.retrieve(batch_id)))

    def upload(self, path: Path) -> str:
        """Uploads a file of requests; returns its id."""

        def upload() -> str:
            name = f"{re.sub(r'[^A-Za-z0-9._-]+', '_', path.stem)[:64]}.jsonl"
            # Opened again for each try; as an open file it is never held whole.
            with path.open("rb") as stream:
                made = self._client.files.create(file=(name, stream), purpose="batch")
            return str(_identified(made).id)

        return self._retried(upload)

    def create(self, file_id: str, mark: str, *, known: Collection[str]) -> Batch:
        """Creates a batch of an uploaded file, once, however often it has to be tried.

        `known` are the ids of the batches that were there before.
        """
        is_again = False

        def create() -> Batch:
            nonlocal is_again
            # A try before may have got through, its answer been lost, and the batch be over.
            lost = (b for b in self._listed() if mark_of(b) == mark and b.id not in known)
            if is_again and (batch := next(lost, None)):
                return batch
            is_again = True
            made = self._client.batches.create(
                input_file_id=file_id,
                endpoint=URL,
                completion_window="24h",
                metadata={_MARK: mark},
            )
            return _checked_batch(made)

        batch = self._retried(create)
        self.marked.append(batch)
        return batch

    def download(self, file_id: str, path: Path) -> int:
        """Saves a file of results, as far as the endpoint sends it; returns its whole lines."""
        part = path.with_name(f".{path.name}.part")

        def fetch() -> int:
            lines, end = 0, b""
            response = self._client.files.with_streaming_response.content(file_id)
            with response as sent, part.open("wb") as file:
                for block in sent.iter_bytes(_BLOCK):
                    file.write(block)
                    lines += block.count(b"\n")
                    end = block or end
            # Some servers do not end the last line.
            return lines + end.endswith(b"}")

        try:
            lines = self._retried(fetch)
            replace_file(part, path)
        finally:
            part.unlink(missing_ok=True)
        return lines

    def _listed(self) -> Iterator[Batch]:
        """The batches of the last 30 days that have a mark, the latest first."""
        oldest = time.time() - _LOOKS_BACK
        for batch in self._client.batches.list(limit=_PAGE):
            if (batch.created_at or 0) < oldest:
                return
            if mark_of(batch):
                yield _checked_batch(batch)

    def _retried(self, ask: Callable[[], T]) -> T:
        """Asks until there is an answer, or the retry policy gives up."""

        def once() -> T:
            try:
                return ask()
            except OSError:  # of the disk; the client wraps those of the network
                raise
            except Exception as error:  # every library raises its own
                raise self._mapped(error) from error

        return retrying(self._settings.retry_policy, self._report)(once)

    def _mapped(self, error: Exception) -> SummarizeError:
        words = message_of_error(error)
        if getattr(error, "status_code", None) == 404:
            return NoSuchBatchError(
                f"{self.where} has no such thing (404: {words})",
                hint="check --base-url; not every endpoint has /v1/files and /v1/batches",
            )
        if isinstance(error, (AttributeError, TypeError, ValueError)):
            # Where an endpoint says something else, the client stumbles in one of these ways.
            return RequestError(
                f"{self.where} answers with something else than files and batches",
                hint=CHECK_URL,
            )
        mapped = map_error(error, self._settings.name, self.where, self._settings.timeout)
        if isinstance(mapped, ContextLengthError):
            # It is the file that is too large, and no article.
            return RequestError(
                f"{self.where} does not take the file ({words})",
                hint="have summarize requests write it anew",
            )
        return mapped


def is_over(batch: Batch) -> bool:
    """Whether nothing more will come of a batch."""
    return batch.status in _OVER


def mark_of(batch: Batch) -> str:
    """Returns the mark that a batch was created with; empty for those of others."""
    return str((batch.metadata or {}).get(_MARK, ""))


def reason_of_failure(batch: Batch) -> str:
    """Returns why a batch failed as a whole; empty where nothing is said of it."""
    reasons = []
    for error in ((batch.errors and batch.errors.data) or ())[:_MAX_REASONS]:
        line = f"line {error.line}: " if error.line else ""
        code = f" ({error.code})" if error.code else ""
        reasons.append(f"{line}{one_line(error.message or 'no reason given')}{code}")
    return "; ".join(reasons)


def counts_of(batch: Batch) -> tuple[int, int, int]:
    """Returns how many requests are answered, failed, and are in the batch; 0 if not known."""
    counts = batch.request_counts
    if not counts:
        return 0, 0, 0
    return counts.completed or 0, counts.failed or 0, counts.total or 0


def _checked_batch(made: Any) -> Batch:
    """A batch as an endpoint describes it; some give no status at first."""
    made.status = _identified(made).status or "validating"
    return made


def _identified(made: Any) -> Any:
    """What an endpoint made, where it answers as OpenAI does."""
    if not isinstance(made.id, str):
        raise TypeError("no id")
    return made
