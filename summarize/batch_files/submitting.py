"""Submits files of requests as batches, waits for them, and downloads the results."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

from summarize.batch_files.answers import Answers
from summarize.batch_files.checking import CheckedRequests, hash_of
from summarize.batch_files.lines import URL, custom_id
from summarize.batch_files.state import FileState, SubmissionState
from summarize.errors import (
    ConfigurationError,
    EndpointError,
    InputError,
    RateLimitError,
    RequestError,
)
from summarize.models.openai_batches import Batches, BatchJob, NoSuchBatchError
from summarize.sources.utf8 import display_name

__all__ = ["Submission"]

# Seconds that the endpoint may be away in the middle of a run: a night's maintenance.
_OUTAGE = 3_600.0
# Where the account's quota is full with other batches: looks from one try to the next, and tries in
# a row. Each try leaves a failed batch behind; with a look every 30 seconds, these are 25 hours.
_LOOKS_BETWEEN_TRIES = 20
_MAX_TRIES = 150
# Reasons of a failed batch that a message repeats.
_MAX_REASONS = 3
# Articles between two messages about progress.
_STEP = 100
_PAID_AGAIN = "--retry-failed has the file answered, and paid for, again"

T = TypeVar("T")


class Submission:
    """Has files of requests answered by batches. Run again, it goes on where it was.

    Args:
        batches: of the account.
        folder: where the state and the results are kept.
        model: the name in the requests.
        every: seconds between two looks at the batches.
        retry_failed: whether a file is submitted again if there are only errors, or if its batch
            or its answers are gone.
        first_requests: about each article that is to be done. Nothing is paid for where none of
            them is in the files, or is answered. None to do without that check.
        on_message: called with what is done.
        on_progress: called with how far all batches are together.

    Attributes:
        failed: a message for each batch that did not answer all of its file.

    Raises:
        ConfigurationError: the state in the folder is damaged.
        OutputError: the folder cannot be used.
    """

    def __init__(
        self,
        batches: Batches,
        folder: Path,
        model: str,
        *,
        every: float,
        retry_failed: bool = False,
        first_requests: Iterable[tuple[str, list[bytes] | InputError]] | None = None,
        on_message: Callable[[str], None] = lambda _: None,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.failed: list[str] = []
        self._batches = batches
        self._state = SubmissionState(folder, on_message)
        self._every = every
        self._retries_failed = retry_failed
        self._first_requests = first_requests
        self._on_message = on_message
        self._on_progress = on_progress
        self._requests = CheckedRequests(model)
        # By the hash of the file.
        self._files: dict[str, FileState] = {}
        self._paths: dict[str, Path] = {}
        self._jobs: dict[str, BatchJob] = {}
        self._marked: dict[str, list[BatchJob]] | None = None
        self._created: set[str] = set()
        self._total = 0
        self._finished = 0
        self._tries = 0
        self._has_answered = False
        self._trouble = ""

    def close(self) -> None:
        """Frees the disk."""
        self._requests.close()

    @property
    def results(self) -> list[Path]:
        """All files of results that are there, also of earlier runs."""
        return self._state.results

    def has_request(self, id_: str) -> bool:
        """Whether a request is in the files of this run."""
        return id_ in self._requests

    @property
    def may_have_batches(self) -> bool:
        """Whether anything may be submitted, by this run or an earlier one."""
        return any(file.file_id or file.batch_id for file in self._state.files.values())

    def run(self, paths: Sequence[Path]) -> None:
        """Uploads files that have no batch yet, waits for all batches and downloads their results.

        Raises:
            SummarizeError: it cannot go on. What is submitted goes on, and is known.
        """
        for path in paths:
            self._check(path)
        running, queued = list[FileState](), list[FileState]()
        for file in self._files.values():
            if self._begin(file):
                running.append(file)
            else:
                self._finished += 1
            self._show()
        while running or queued:
            if not running:
                time.sleep(_LOOKS_BETWEEN_TRIES * self._every)
                running.append(self._create(queued.pop(0)))
            elif not any(self._jobs[file.sha256].is_over for file in running):
                time.sleep(self._every)
            for file in list(running):
                job = self._look(file)
                if not job.is_over:
                    continue
                running.remove(file)
                if job.is_over_limit and (running or self._tries < _MAX_TRIES):
                    self._tries += 1
                    others = "other batches" if running else "other batches of the account"
                    self._on_message(f"{file.name}: waits until {others} are through")
                    queued.append(file)
                    continue
                self._tries = 0
                if self._finish(file, job):
                    self._finished += 1
                else:
                    queued.append(file)
                if queued:
                    running.append(self._create(queued.pop(0)))
            self._show()

    # Before anything is paid for

    def _check(self, path: Path) -> None:
        name, sha256 = display_name(path.name), hash_of(path)
        if sha256 in self._files:
            return
        where = self._batches.where
        new = FileState(name=name, sha256=sha256, where=where)
        file = self._state.files.setdefault((where, sha256), new)
        file.name = name
        self._files[sha256], self._paths[sha256] = file, path
        self._total += self._requests.check(
            path,
            is_answered=self._is_settled(file),
            on_progress=partial(self._show, f"checking {name}"),
        )

    def _check_input(self) -> None:
        """Checks, once, that a first request about an article of the input is there or answered.

        Raises:
            ConfigurationError: the requests are about another input.
        """
        requests, self._first_requests = self._first_requests, None
        if requests is None:
            return
        with Answers() as answers:
            # Files of further requests hold no first ones.
            for path in self.results:
                answers.read(path)
            for number, (_, bodies) in enumerate(requests, start=1):
                ids = [] if isinstance(bodies, InputError) else map(custom_id, bodies)
                if any(id_ in self._requests or id_ in answers for id_ in ids):
                    return
                if number % _STEP == 0:
                    self._show(f"comparing with the input: {number:,} articles")
        names = ", ".join(file.name for file in self._files.values())
        raise ConfigurationError(
            f"{names}: no request is about an article of the input that is yet to be done",
            hint="the model, the strategy, the prompts or the input differ from those that the "
            "requests were written with; submit with the same",
        )

    # One file and its batch

    def _begin(self, file: FileState) -> bool:
        """Finds or creates the batch of a file; returns whether to wait for it."""
        if self._is_settled(file):
            return False
        job, is_lost = None, False
        if file.batch_id:
            try:
                job = self._ask(lambda: self._batches.look(file.batch_id))
            except NoSuchBatchError:
                is_lost = True
        if job is None or not self._is_usable(job):
            # The state may be older than what the account has.
            job = next(filter(self._is_usable, self._marked_jobs(file)), None)
            if job:
                self._on_message(f"{file.name}: batch {job.id} is there already")
        if job:
            self._update(file, job)
            return True
        if is_lost and not self._retries_failed:
            self.failed.append(str(self._unknown(file)))
            return False
        self._check_input()
        if file.batch_id:
            # Its upload may be gone.
            file.file_id = ""
        self._create(file)
        return True

    def _is_settled(self, file: FileState) -> bool:
        """Whether all results are here, and another batch would not help."""
        return bool(file.results) and self._is_worth(file.has_answers, file.status)

    def _is_usable(self, job: BatchJob) -> bool:
        """Whether a batch will do: another one would be paid for twice."""
        return not job.is_over or self._is_worth(job.has_answers, job.status)

    def _is_worth(self, has_answers: bool, status: str) -> bool:
        # What a batch did not get to was not charged for.
        return has_answers or (status == "completed" and not self._retries_failed)

    def _unknown(self, file: FileState) -> ConfigurationError:
        return ConfigurationError(
            f"{file.batch_id} of {file.name} is not known to {self._batches.where} with this key",
            hint="give the key of the project that submitted it; if the batch is gone, "
            f"{_PAID_AGAIN}",
        )

    def _marked_jobs(self, file: FileState) -> list[BatchJob]:
        """The file's batches in the account when it was first asked, and those created since."""
        if self._marked is None:
            self._marked = self._ask(self._batches.marked)
        return self._marked.setdefault(file.sha256, [])

    def _create(self, file: FileState) -> FileState:
        """Uploads a file, unless it is there, and creates a batch of it."""
        if not file.file_id:
            self._show(f"uploading {file.name}")
            path = self._paths[file.sha256]
            name = f"{re.sub(r'[^A-Za-z0-9._-]+', '_', path.stem)[:64]}.jsonl"
            file.file_id = self._ask(lambda: self._batches.upload(path, name))
            self._state.save()
        marked = self._marked_jobs(file)
        known = {file.batch_id, *(job.id for job in marked)}
        tries = count()
        try:
            job = self._ask(
                lambda: self._batches.create(
                    file.file_id, URL, file.sha256, known=known, is_again=next(tries) > 0
                )
            )
        except (EndpointError, RateLimitError):
            raise
        except RequestError:
            # Refused, perhaps for the file; a batch of an earlier try would have been found.
            file.file_id = ""
            self._state.save()
            raise
        marked.append(job)
        self._created.add(job.id)
        self._update(file, job)
        self._on_message(f"{file.name}: submitted as batch {job.id}")
        return file

    def _look(self, file: FileState) -> BatchJob:
        try:
            job = self._ask(lambda: self._batches.look(file.batch_id))
        except NoSuchBatchError as error:
            raise self._unknown(file) from error
        self._update(file, job)
        return job

    def _update(self, file: FileState, job: BatchJob) -> None:
        """Notes the batch of a file and how far it is."""
        if (file.batch_id, file.status) != (job.id, job.status):
            file.batch_id, file.status, file.results = job.id, job.status, []
            self._state.save()
        self._jobs[file.sha256] = job

    def _finish(self, file: FileState, job: BatchJob) -> bool:
        """Downloads the results of a batch; returns False to have the file submitted again."""
        batch = f"{file.name}: batch {job.id}"
        lines, names = 0, list[str]()
        for number, file_id in enumerate(job.results, start=1):
            # Another endpoint may give the same ids.
            id_ = re.sub(r"[^\w-]", "_", job.id)[:64]
            names.append(f"{id_}-{file.sha256[:8]}-{number}.jsonl")
            self._show(f"fetching the results of {file.name}")
            path = self._state.folder / names[-1]
            try:
                lines += self._ask(partial(self._batches.download, file_id, path))
            except NoSuchBatchError as error:
                # Only answers are worth paying for again, not the file of errors.
                is_paid = job.has_answers and number == 1
                if is_paid and self._retries_failed and job.id not in self._created:
                    file.file_id = ""
                    return False
                hint = f"; {_PAID_AGAIN}" if is_paid else ""
                self.failed.append(f"{batch}: its results are gone ({error.args[0]}){hint}")
                return True
        expected = job.completed + job.failed
        if lines < expected:
            self.failed.append(
                f"{batch} has {expected:,} results, and {lines:,} of them came; the same command "
                "fetches them again"
            )
        else:
            file.results, file.has_answers = names, job.has_answers
            self._state.save()
        if job.status != "completed":
            why = f": {'; '.join(job.errors[:_MAX_REASONS])}" if job.errors else ""
            self.failed.append(f"{batch} is {job.status}{why}; {_advice(job)}")
        return True

    # All files

    def _ask(self, call: Callable[[], T]) -> T:
        """Calls the endpoint, and waits through an outage in the middle of a run.

        Raises:
            SummarizeError: it was not there in the first place, or stays away.
        """
        since = time.monotonic()
        while True:
            try:
                value = call()
            except (EndpointError, RateLimitError) as error:
                if not self._has_answered or time.monotonic() - since > _OUTAGE:
                    raise
                self._trouble = str(error.args[0])
            else:
                self._has_answered, self._trouble = True, ""
                return value
            self._show()
            time.sleep(self._every)

    def _show(self, doing: str = "") -> None:
        """Shows how far all batches are together."""
        jobs = self._jobs.values()
        failed = sum(job.failed for job in jobs)
        statuses = dict.fromkeys(job.status for job in jobs if not job.is_over)
        parts = [
            doing,
            f"{sum(job.completed for job in jobs):,} of {self._total:,} requests answered",
            f"{failed:,} failed" if failed else "",
            f"{self._finished} of {len(self._files)} batches through",
            ", ".join(statuses),
            self._trouble,
        ]
        self._on_progress(" · ".join(filter(None, parts)))


def _advice(job: BatchJob) -> str:
    """What to do about a batch that did not complete."""
    if job.is_over_limit:
        return "split the file, or run the same command when the account has less waiting"
    if job.status == "failed":
        return "once that is mended, the same command submits it anew"
    if job.has_answers:
        return "summarize requests --done writes what is missing"
    return "the same command submits it anew"
