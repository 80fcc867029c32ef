"""OpenAI's batches: files go up, are answered within a day, and their results come down.

Everything that can be asked twice is asked again when it fails in passing. Creating a batch cannot:
it costs. So each batch carries a mark, and before another is created the mark is looked for.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from summarize.errors import ConfigurationError, ContextLengthError, OutputError, RequestError
from summarize.models.endpoints import OPENAI_URL, find_endpoint
from summarize.models.error_details import one_line, said
from summarize.models.error_mapping import Request, translate
from summarize.models.model_settings import ModelSettings
from summarize.models.network import http_client
from summarize.models.retries import retries
from summarize.progress import ProgressCallback, silent
from summarize.storage.atomic_files import replace_file

__all__ = ["BatchJob", "Batches", "Download", "NoSuchBatchError"]

# https://platform.openai.com/docs/guides/batch, "Check the status of a batch"
_OVER = frozenset({"failed", "completed", "expired", "cancelled"})
# "Enqueued token limit reached": no fault of the file; it can be created when others are through.
_OVER_LIMIT = "token_limit_exceeded"
# In a batch's metadata; a key has at most 64 characters and a value 512.
_MARK = "summarize_requests"
# Seconds: a batch has a day, and its results stay for 30 (openai 3.3, `output_expires_after`).
_LOOKS_BACK = 30 * 86_400.0
_PAGE = 100
# Bytes of a file of results that are held at once.
_BLOCK = 1 << 20
# Of an endpoint that does not know the way, and not of a batch or file that it does not have.
_NO_BATCHES = "check --base-url; not every endpoint has /v1/files and /v1/batches"

T = TypeVar("T")


class NoSuchBatchError(RequestError):
    """The batch or file is not there, or not any more."""


@dataclass(frozen=True, slots=True)
class BatchJob:
    """How far a batch is.

    Attributes:
        id: of the batch.
        status: validating, in_progress, finalizing, completed, failed, expired, cancelling or
            cancelled.
        total: requests in it; 0 as long as nobody has counted.
        completed: requests that are answered.
        failed: requests that ended in an error.
        results: ids of the files with the results.
        has_answers: whether one of them holds answers, and not errors alone.
        errors: why it failed as a whole, a line each.
        is_over_limit: whether it failed because too much else was waiting.
    """

    id: str
    status: str
    total: int = 0
    completed: int = 0
    failed: int = 0
    results: tuple[str, ...] = ()
    has_answers: bool = False
    errors: tuple[str, ...] = ()
    is_over_limit: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in _OVER


@dataclass(frozen=True, slots=True)
class Download:
    """A file of results on the disk.

    Attributes:
        size: bytes.
        lines: that are whole.
    """

    size: int
    lines: int


class Batches:
    """The batches of an account. Asks from one thread.

    Args:
        settings: a model of OpenAI's, or behind an endpoint that has the same batches.
        report: told about waiting for the endpoint.

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
        import openai

        self._settings = settings
        self._report = report
        endpoint = find_endpoint(settings, replay=False, report=report)
        self.where = settings.address or OPENAI_URL
        timeout = openai.Timeout(
            settings.timeout, connect=min(settings.timeout, settings.retry_policy.connecting)
        )
        given = {"base_url": self.where, **endpoint.client}
        client = http_client(endpoint.url, is_async=False, sends=True)
        self._client = openai.OpenAI(**given, http_client=client, max_retries=0, timeout=timeout)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def upload(self, path: Path, name: str) -> str:
        """Sends a file of requests; gives its id.

        Raises:
            SummarizeError: it cannot be sent.
        """

        def send() -> str:
            # Opened again for each try; as an open file it is never held whole.
            with path.open("rb") as file:
                return _id(self._client.files.create(file=(name, file), purpose="batch"))

        return self._asked(lambda _: send(), _NO_BATCHES)

    def create(
        self, file_id: str, url: str, mark: str, *, known: Collection[str], is_again: bool = False
    ) -> BatchJob:
        """Has an uploaded file answered, once, however often this has to be asked.

        Args:
            file_id: of the file.
            url: that the requests are for.
            mark: what the batch is found by.
            known: ids of the batches with that mark that were there before.
            is_again: whether this was asked before, and nothing heard.

        Raises:
            SummarizeError: there is no such batch now, as far as anybody knows.
        """

        def create(number: int) -> BatchJob:
            # A try before may have got through, its answer been lost, and the batch be over by now.
            found = self._new(mark, known) if is_again or number > 1 else None
            return found or _job(
                self._client.batches.create(
                    input_file_id=file_id,
                    endpoint=url,  # type: ignore[arg-type]
                    completion_window="24h",
                    metadata={_MARK: mark},
                )
            )

        return self._asked(create, _NO_BATCHES)

    def marked(self) -> dict[str, list[BatchJob]]:
        """All batches of the last 30 days that have a mark, by their marks, the latest first.

        Raises:
            SummarizeError: nobody says.
        """

        def marked() -> dict[str, list[BatchJob]]:
            jobs = defaultdict[str, list[BatchJob]](list)
            for mark, job in self._listed():
                jobs[mark].append(job)
            return dict(jobs)

        return self._asked(lambda _: marked(), _NO_BATCHES)

    def look(self, id_: str) -> BatchJob:
        """How far a batch is.

        Raises:
            NoSuchBatchError: there is none of that id.
            SummarizeError: nobody says.
        """
        return self._asked(lambda _: _job(self._client.batches.retrieve(id_)))

    def download(self, file_id: str, path: Path) -> Download:
        """Puts a file of results in its place, as far as the endpoint has sent it.

        Raises:
            NoSuchBatchError: it is not there any more.
            OutputError: it cannot be written.
            SummarizeError: it cannot be had.
        """
        part = path.with_name(f".{path.name}.part")

        def fetch() -> Download:
            with self._client.files.with_streaming_response.content(file_id) as response:
                return _save(response.iter_bytes(_BLOCK), part)

        try:
            saved = self._asked(lambda _: fetch())
            replace_file(part, path)
        except OSError as error:
            raise _unwritten(path, error) from error
        finally:
            part.unlink(missing_ok=True)
        return saved

    def _new(self, mark: str, known: Collection[str]) -> BatchJob | None:
        jobs = (job for other, job in self._listed() if other == mark and job.id not in known)
        return next(jobs, None)

    def _listed(self) -> Iterator[tuple[str, BatchJob]]:
        """The marks and the batches that have one, the latest first."""
        oldest = time.time() - _LOOKS_BACK
        for batch in self._client.batches.list(limit=_PAGE):
            if (batch.created_at or 0) < oldest:
                return
            if mark := (batch.metadata or {}).get(_MARK):
                yield mark, _job(batch)

    def _asked(self, ask: Callable[[int], T], hint: str = "") -> T:
        """What comes of asking, after as many tries as patience has.

        Args:
            ask: told the number of the try.
            hint: what to do where there is no such thing.
        """
        from tenacity import Retrying

        values: list[T] = []
        for attempt in Retrying(**retries(self._settings.retry_policy, self._report)):
            with attempt, self._translated(hint):
                values.append(ask(attempt.retry_state.attempt_number))
        return values[-1]

    @contextmanager
    def _translated(self, hint: str) -> Iterator[None]:
        """Turns whatever the client raises into one of our errors."""
        import openai

        try:
            yield
        except (OutputError, RequestError):
            raise
        except openai.NotFoundError as error:
            raise NoSuchBatchError(
                f"{self.where} has no such thing (404: {said(error)})", hint=hint
            ) from error
        except (AttributeError, TypeError, ValueError) as error:
            # Where an endpoint says something else, the client stumbles in one of these ways.
            raise RequestError(
                f"{self.where} answers with something else than files and batches",
                hint="check --base-url; most end in /v1",
            ) from error
        except Exception as error:  # every library raises its own; all are translated
            request = Request(
                model=self._settings.name,
                where=self.where,
                timeout=self._settings.timeout,
                response=None,
                attempts=0,
                tokens=0,
            )
            translated = translate(error, request)
            if isinstance(translated, ContextLengthError):
                # Of a file there is no article to be too long.
                translated = RequestError(
                    f"{self.where} does not take the file ({said(error)})",
                    hint="have summarize requests write it anew",
                )
            raise translated from error


def _save(blocks: Iterator[bytes], path: Path) -> Download:
    size = lines = 0
    end = b""
    try:
        with path.open("wb") as file:
            for block in blocks:
                file.write(block)
                size += len(block)
                lines += block.count(b"\n")
                end = block or end
    except OSError as error:
        raise _unwritten(path, error) from error
    # Not everybody ends the last line.
    return Download(size, lines + end.endswith(b"}"))


def _unwritten(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path}: cannot be written ({error.strerror})",
        hint="free some space or check who may write there, then run the same command again",
    )


def _id(value: Any) -> str:
    """The id of what an endpoint says there is now.

    Raises:
        ValueError: it says something else.
    """
    id_ = _text(value, "id")
    if not id_:
        raise ValueError("no id")
    return id_


def _job(batch: Any) -> BatchJob:
    counts = getattr(batch, "request_counts", None)
    told = getattr(getattr(batch, "errors", None), "data", None) or ()
    output, failed = (_text(batch, f"{name}_file_id") for name in ("output", "error"))
    return BatchJob(
        id=_id(batch),
        status=_text(batch, "status") or "validating",
        total=_number(counts, "total"),
        completed=_number(counts, "completed"),
        failed=_number(counts, "failed"),
        results=tuple(id_ for id_ in (output, failed) if id_),
        has_answers=bool(output),
        errors=tuple(_words(error) for error in told),
        is_over_limit=any(_text(error, "code") == _OVER_LIMIT for error in told),
    )


def _words(error: Any) -> str:
    line = getattr(error, "line", None)
    where = f"line {line}: " if isinstance(line, int) else ""
    code = _text(error, "code")
    words = one_line(_text(error, "message") or "no reason given")
    return f"{where}{words}{f' ({code})' if code else ''}"


def _text(value: Any, name: str) -> str:
    text = getattr(value, name, None)
    return text if isinstance(text, str) else ""


def _number(value: Any, name: str) -> int:
    number = getattr(value, name, None)
    return number if isinstance(number, int) else 0
