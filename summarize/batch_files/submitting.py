"""Files of requests on their way through batches."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

from summarize.batch.results import Recipe
from summarize.batch_files.checking import CheckedFiles, hash_of
from summarize.batch_files.fitting import Fit
from summarize.batch_files.ledger import Noted, NotedFile
from summarize.batch_files.lines import URL
from summarize.batch_files.quota import Queue
from summarize.errors import (
    ConfigurationError,
    EndpointError,
    RateLimitError,
    RequestError,
)
from summarize.models.openai_batches import Batches, BatchJob, NoSuchBatchError
from summarize.sources.utf8 import display_name

__all__ = ["Submission", "SubmissionProgress"]

# Seconds. Whoever waits for a day can wait out a night's maintenance.
_OUTAGE = 3_600.0
# How often results are fetched that are fewer than they should be.
_FETCHES = 3
# Reasons of a failed batch that are told.
_MAX_ERRORS = 3
# What is not plain in the name of a file; the second also of one that is uploaded.
_PLAIN = re.compile(r"[^\w-]")
_ASCII = re.compile(r"[^A-Za-z0-9._-]+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SubmissionProgress:
    """How far all batches are together.

    Attributes:
        batches: that there are to be, as far as is known.
        over: of them, those that nothing more will come of.
        statuses: of the others.
        total: requests in all, as far as they are counted.
        completed: requests that are answered.
        failed: requests that ended in an error.
        doing: what is being done instead of waiting; empty while it is waited.
        note: what is in the way right now; empty if nothing is.
    """

    batches: int
    over: int
    statuses: tuple[str, ...]
    total: int
    completed: int
    failed: int
    doing: str = ""
    note: str = ""


Steps = Generator[SubmissionProgress, None, T]
"""Something done that says how far it is, and what came of it."""


class Submission:
    """Has files of requests answered by batches. The same again goes on where it was.

    Args:
        batches: of the account.
        folder: where the state and the results go; made where it is not there.
        recipe: what summaries are made with; the requests have to be for its model.
        every: seconds between two looks.
        retry_failed: whether a file is submitted anew if nothing of it was answered but errors, or
            if its batch or its answers are gone.
        first_ids: of the first requests about each article that is to be done. Where none of them
            was asked, nothing is paid for. None to do without.
        told: told what is done, and what went wrong with a whole batch.
        wait: waits so many seconds.

    Attributes:
        failed: what became of each batch that did not answer all of its file.

    Raises:
        ConfigurationError: what is noted in the folder cannot be used.
    """

    def __init__(
        self,
        batches: Batches,
        folder: Path,
        recipe: Recipe,
        *,
        every: float,
        retry_failed: bool = False,
        first_ids: Iterable[Sequence[str]] | None = None,
        told: Callable[[str], None] = lambda _: None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.failed: list[str] = []
        self._batches = batches
        self._noted = Noted(folder, told)
        self._made = f"{recipe.model} {recipe.prompt} {recipe.schema}"
        self._every = every
        self._retries_failed = retry_failed
        self._first_ids = first_ids
        self._told = told
        self._wait = wait
        self._asked = CheckedFiles(recipe.model.partition("/")[2])
        self._files: list[NotedFile] = []
        self._paths: dict[str, Path] = {}
        self._jobs: dict[str, BatchJob] = {}
        self._lengths: dict[str, int] = {}
        self._marked: dict[str, list[BatchJob]] | None = None
        self._over = 0
        self._has_answered = False
        self._note = ""
        self._queue = Queue(every)

    def close(self) -> None:
        """Forgets which requests there are."""
        self._asked.close()

    @property
    def results(self) -> list[Path]:
        """All files of results that are there, also of files submitted in earlier runs."""
        return self._noted.results(self._made)

    def has_asked(self, id_: str) -> bool:
        """Whether a request is in the files of this run."""
        return id_ in self._asked

    @property
    def is_begun(self) -> bool:
        """Whether there is a batch, of this run or an earlier one."""
        return any(file.batch_id for file in self._noted)

    @property
    def may_be_begun(self) -> bool:
        """Whether there may be a batch that is not known here."""
        return self._noted.is_broken or any(file.is_asked for file in self._noted)

    def run(self, paths: Sequence[Path]) -> Iterator[SubmissionProgress]:
        """Uploads what is not there, has it answered, and fetches the results.

        Yields:
            How far it is, after each look.

        Raises:
            SummarizeError: it cannot go on. What is submitted goes on, and is known.
        """
        for path in paths:
            yield from self._check(path)
        running, queued = list[NotedFile](), list[NotedFile]()
        for file in self._files:
            if (yield from self._begin(file)):
                running.append(file)
            else:
                self._over += 1
            yield self._progress()
        while running or queued:
            if not any(self._jobs[file.sha256].is_over for file in running):
                self._wait(self._every)
            is_room = False
            for file in list(running):
                job = yield from self._looked(file)
                if not job.is_over:
                    continue
                running.remove(file)
                if job.is_over_limit and (running or self._queue.is_worth_waiting()):
                    others = "other batches" if running else "other batches of the account"
                    self._told(f"{file.name}: waits until {others} are through")
                    queued.append(file)
                else:
                    is_room = True
                    self._queue.moved()
                    yield from self._end(file, job)
            if queued and (is_room or (not running and self._queue.is_time())):
                running.append(queued.pop(0))
                yield from self._create(running[-1])
            yield self._progress()

    # Before anything is paid for

    def _check(self, path: Path) -> Steps[None]:
        name, sha256 = display_name(path.name), hash_of(path)
        if sha256 in self._paths:
            return
        file = self._noted.of(self._batches.where, sha256, name=name, made=self._made)
        self._paths[sha256] = path
        self._files.append(file)
        for number in self._asked.take(path, is_answered=self._is_settled(file)):
            self._lengths[sha256] = number
            yield self._progress(f"checking {name}")

    def _check_input(self) -> Steps[None]:
        """Sees to it, once, that the requests are about the input.

        Raises:
            ConfigurationError: they are not.
        """
        first, self._first_ids = self._first_ids, None
        if first is None:
            return
        with closing(Fit(first, self.has_asked, self.results)) as fit:
            for number in fit.look():
                yield self._progress(f"comparing with the input: {number:,} articles")
            if fit.is_found:
                return
        names = ", ".join(file.name for file in self._files)
        raise ConfigurationError(
            f"{names}: no request is about an article of the input that is yet to be done",
            hint="the model, the strategy, the prompts or the input differ from those that the "
            "requests were written with; submit with the same",
        )

    # One batch

    def _begin(self, file: NotedFile) -> Steps[bool]:
        """Sees to it that there is a batch; whether it is still to be waited for."""
        if self._is_settled(file):
            return False
        job, lost = None, None
        if file.batch_id:
            try:
                job = yield from self._patiently(lambda: self._batches.look(file.batch_id))
            except NoSuchBatchError as error:
                lost = error
        if job is None or not self._is_worth(file, job):
            # What is noted here may be older than what is there.
            found = yield from self._found(file)
            job = next((job for job in found if self._is_worth(file, job)), None)
            if job:
                self._told(f"{file.name}: batch {job.id} is there already")
        if job:
            self._take(file, job)
            return True
        if lost and not self._retries_failed and not self._was_free(file):
            unknown = self._unknown(file)
            if not file.results:
                raise unknown from lost
            # Some of them came before it went.
            self.failed.append(str(unknown))
            return False
        yield from self._check_input()
        if not file.file_id or file.batch_id:
            # The one of a batch before may be gone.
            yield self._progress(f"uploading {file.name}")
            path = self._paths[file.sha256]
            name = f"{_ASCII.sub('_', path.stem)[:64]}.jsonl"
            file.file_id = yield from self._patiently(lambda: self._batches.upload(path, name))
            self._noted.keep()
        yield from self._create(file)
        return True

    def _is_settled(self, file: NotedFile) -> bool:
        """Whether nothing more is wanted: all that a batch has is here, and no other would help."""
        if not (file.results and file.is_whole):
            return False
        # What a batch did not get to was not charged for.
        return file.has_answers or (file.status == "completed" and not self._retries_failed)

    def _is_worth(self, file: NotedFile, job: BatchJob) -> bool:
        """Whether a batch will do, or another one would be paid for twice."""
        if job.is_over and job.id in file.gone:
            return not self._retries_failed
        if not job.is_over or job.has_answers:
            return True
        return job.status == "completed" and not self._retries_failed

    def _was_free(self, file: NotedFile) -> bool:
        """Whether it is known of the last batch that nothing of it was answered."""
        is_known = file.status == "failed" or bool(file.results and file.is_whole)
        return is_known and not file.has_answers

    def _unknown(self, file: NotedFile) -> ConfigurationError:
        return ConfigurationError(
            f"{file.batch_id} of {file.name} is not known to {self._batches.where} with this key",
            hint="give the key of the project that submitted it; if the batch is gone, "
            "--retry-failed has the file answered, and paid for, again",
        )

    def _found(self, file: NotedFile) -> Steps[list[BatchJob]]:
        """The batches of a file that the account has, or had when it was first asked."""
        if self._marked is None:
            self._marked = yield from self._patiently(self._batches.marked)
        return self._marked.get(file.sha256, [])

    def _take(self, file: NotedFile, job: BatchJob) -> None:
        """Notes what is known of the batch of a file."""
        if (file.batch_id, file.status, file.is_asked) != (job.id, job.status, False):
            if file.batch_id not in {"", job.id}:
                file.earlier.append(file.batch_id)
                file.outdated += file.results
            file.batch_id, file.status, file.is_asked = job.id, job.status, False
            file.results, file.is_whole = [], True
            self._noted.keep()
        self._jobs[file.sha256] = job

    def _create(self, file: NotedFile) -> Steps[None]:
        found = yield from self._found(file)
        known = {file.batch_id, *file.earlier, *(job.id for job in found)}
        # Who is stopped now does not know whether there is a batch.
        file.is_asked = True
        self._noted.keep()
        tries = count()
        try:
            job = yield from self._patiently(
                lambda: self._batches.create(
                    file.file_id, URL, file.sha256, known=known, is_again=next(tries) > 0
                )
            )
        except (EndpointError, RateLimitError):
            raise
        except RequestError:
            # Refused, perhaps for the file; a try before would have been found.
            file.is_asked, file.file_id = False, ""
            self._noted.keep()
            raise
        self._take(file, job)
        self._told(f"{file.name}: submitted as batch {job.id}")

    def _looked(self, file: NotedFile) -> Steps[BatchJob]:
        """How far a batch is."""
        try:
            job = yield from self._patiently(lambda: self._batches.look(file.batch_id))
        except NoSuchBatchError as error:
            raise self._unknown(file) from error
        self._take(file, job)
        return job

    def _end(self, file: NotedFile, job: BatchJob) -> Steps[None]:
        """Fetches what a batch has left, and says what it has not."""
        told = job.completed + job.failed
        for _ in range(_FETCHES):
            lines, lost = yield from self._fetch(file, job)
            # A transfer may end early, and nobody notice.
            if lost or lines >= told:
                break
        file.is_whole = not lost and lines >= told
        self._noted.keep()
        self._over += 1
        batch = f"{file.name}: batch {job.id}"
        self.failed += [f"{batch}: {why}" for why in lost]
        if not lost and lines < told:
            self.failed.append(
                f"{batch} has {told:,} results, and {lines:,} of them came; the same command "
                "fetches them again"
            )
        if job.status != "completed":
            why = f": {'; '.join(job.errors[:_MAX_ERRORS])}" if job.errors else ""
            self.failed.append(f"{batch} is {job.status}{why}; {self._way_out(job)}")

    def _fetch(self, file: NotedFile, job: BatchJob) -> Steps[tuple[int, list[str]]]:
        """How many results there are, and why some cannot be had any more."""
        lines, lost = 0, list[str]()
        file.results, file.sizes, file.has_answers = [], {}, job.has_answers
        for number, file_id in enumerate(job.results, start=1):
            # Another endpoint may give the same ids.
            id_ = _PLAIN.sub("_", job.id)[:64]
            name = f"{id_}-{file.sha256[:8]}-{number}.jsonl"
            yield self._progress(f"fetching the results of {file.name}")
            try:
                saved = yield from self._patiently(
                    partial(self._batches.download, file_id, self._noted.folder / name)
                )
            except NoSuchBatchError as error:
                # The errors are no loss that is worth paying for.
                is_paid = job.has_answers and number == 1
                if is_paid and job.id not in file.gone:
                    file.gone.append(job.id)
                hint = "; --retry-failed has the file answered, and paid for, again"
                lost.append(f"its results are gone ({error.args[0]}){hint if is_paid else ''}")
            else:
                lines += saved.lines
                file.results.append(name)
                file.sizes[name] = saved.size
        return lines, lost

    def _way_out(self, job: BatchJob) -> str:
        if job.is_over_limit:
            return "split the file, or run the same command when the account has less waiting"
        if job.status == "failed":
            return "once that is mended, the same command submits it anew"
        if job.has_answers:
            return "summarize requests --done writes what is missing"
        return "the same command submits it anew"

    # All of them

    def _patiently(self, ask: Callable[[], T]) -> Steps[T]:
        """What comes of asking, even if the endpoint goes away for a while in the middle of a run.

        Raises:
            SummarizeError: it was not there in the first place, or stays away.
        """
        since: float | None = None
        while True:
            try:
                value = ask()
            except (EndpointError, RateLimitError) as error:
                now = time.monotonic()
                since = now if since is None else since
                if not self._has_answered or now - since > _OUTAGE:
                    raise
                self._note = str(error.args[0])
            else:
                self._has_answered, self._note = True, ""
                return value
            yield self._progress()
            self._wait(self._every)

    def _progress(self, doing: str = "") -> SubmissionProgress:
        jobs = [self._jobs.get(file.sha256) for file in self._files]
        known = [job for job in jobs if job]
        return SubmissionProgress(
            batches=len(self._files),
            over=self._over,
            statuses=tuple(job.status for job in known if not job.is_over),
            total=sum(self._lengths.values()),
            completed=sum(job.completed for job in known),
            failed=sum(job.failed for job in known),
            doing=doing,
            note=self._note,
        )
