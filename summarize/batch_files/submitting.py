"""Submits files of requests as batches, waits for them, and downloads the results."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from summarize.batch_files.request_files import URL, check_requests
from summarize.batch_files.submission_state import FileState, SubmissionState
from summarize.errors import ConfigurationError, EndpointError, RateLimitError, RequestError
from summarize.models.openai_batches import Batches, BatchJob, NoSuchBatchError
from summarize.sources.utf8 import cannot_read, display_name

# Seconds that the endpoint may be away while a batch is waited for: a night's maintenance.
_OUTAGE = 3_600.0
# Reasons of a failed batch that a message repeats.
_MAX_REASONS = 3
_PAID_AGAIN = "--retry-failed has the file answered, and paid for, again"


class Submission:
    """Has files of requests answered by batches. Run again, it goes on where it was.

    Args:
        batches: of the account.
        folder: where the state and the results are kept.
        model: the name in the requests.
        every: seconds between two looks at a batch.
        retry_failed: whether a file is submitted again if there are only errors, or if its batch
            or its answers are gone.

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
        on_message: Callable[[str], None] = lambda _: None,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.failed: list[str] = []
        self._batches = batches
        self._folder = folder
        self._state = SubmissionState.load(folder)
        self._model = model
        self._every = every
        self._retries_failed = retry_failed
        self._on_message = on_message
        self._on_progress = on_progress
        # By the hash of the file.
        self._paths: dict[str, Path] = {}
        self._marked: dict[str, list[BatchJob]] | None = None
        self._created: set[str] = set()

    @property
    def results(self) -> list[Path]:
        """All files of results that are there, also of earlier runs, the latest last."""
        return sorted(self._folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)

    @property
    def may_have_batches(self) -> bool:
        """Whether anything may be submitted, by this run or an earlier one."""
        return any(file.file_id or file.batch_id for file in self._state.files)

    def run(self, paths: Sequence[Path]) -> None:
        """Uploads files that have no batch yet, waits for all batches and downloads their results.

        Raises:
            SummarizeError: it cannot go on. What is submitted goes on, and is known.
        """
        files = [file for file in self._checked(paths) if self._begin(file)]
        refused = []
        for number, file in enumerate(files, start=1):
            job = self._wait(file, f"batch {number} of {len(files)}")
            if job.is_over_limit and len(files) > 1:
                self._on_message(f"{file.name}: waits until other batches are through")
                refused.append(file)
            elif not self._fetch(file, job):
                refused.append(file)
        # One at a time: all at once may be too much for the account.
        for number, file in enumerate(refused, start=1):
            self._create(file)
            self._fetch(file, self._wait(file, f"batch {number} of {len(refused)}, once more"))

    def _checked(self, paths: Sequence[Path]) -> list[FileState]:
        """Checks the files before anything is paid for; returns those without all results."""
        files = []
        for path in paths:
            try:
                with path.open("rb") as stream:
                    sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            except (OSError, ValueError) as error:
                raise cannot_read(display_name(path), error) from error
            file = self._state.file(sha256, display_name(path.name))
            # Requests that others share with a file that is answered cost nothing.
            if sha256 not in self._paths and not self._is_settled(file):
                files.append(file)
            self._paths[sha256] = path
        self._on_progress("checking the requests")
        check_requests([self._paths[file.sha256] for file in files], self._model)
        return files

    # One file and its batch

    def _begin(self, file: FileState) -> bool:
        """Finds or creates the batch of a file; returns whether to wait for it."""
        job, is_lost = None, False
        if file.batch_id:
            try:
                job = self._batches.look(file.batch_id)
            except NoSuchBatchError:
                is_lost = True
        if job is None or not self._is_usable(job):
            # The state may be older than what the account has.
            job = next(filter(self._is_usable, self._marked_jobs(file)), None)
            if job:
                self._on_message(f"{file.name}: batch {job.id} is there already")
        if job:
            self._note(file, job)
        elif is_lost and not self._retries_failed:
            self.failed.append(str(self._unknown(file)))
            return False
        else:
            if file.batch_id:
                # Its upload may be gone.
                file.file_id = ""
            self._create(file)
        return True

    def _is_settled(self, file: FileState) -> bool:
        """Whether all results are here, and another batch would not help."""
        are_here = file.results and all((self._folder / n).is_file() for n in file.results)
        return bool(are_here) and self._is_worth(file.has_answers, file.status)

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
            self._marked = self._batches.marked()
        return self._marked.setdefault(file.sha256, [])

    def _create(self, file: FileState) -> None:
        """Uploads a file, unless it is there, and creates a batch of it."""
        if not file.file_id:
            self._on_progress(f"uploading {file.name}")
            path = self._paths[file.sha256]
            name = f"{re.sub(r'[^A-Za-z0-9._-]+', '_', path.stem)[:64]}.jsonl"
            file.file_id = self._batches.upload(path, name)
            self._state.save(self._folder)
        marked = self._marked_jobs(file)
        known = {file.batch_id, *(job.id for job in marked)}
        try:
            job = self._batches.create(file.file_id, URL, file.sha256, known=known)
        except (EndpointError, RateLimitError):
            raise
        except RequestError:
            # Refused, perhaps for the file; a batch of an earlier try would have been found.
            file.file_id = ""
            self._state.save(self._folder)
            raise
        marked.append(job)
        self._created.add(job.id)
        self._note(file, job)
        self._on_message(f"{file.name}: submitted as batch {job.id}")

    def _note(self, file: FileState, job: BatchJob) -> None:
        """Notes the batch of a file and how far it is."""
        if (file.batch_id, file.status) != (job.id, job.status):
            file.batch_id, file.status, file.results = job.id, job.status, []
            self._state.save(self._folder)

    def _wait(self, file: FileState, which: str) -> BatchJob:
        """Waits until the batch of a file is over."""
        answered = time.monotonic()
        while True:
            try:
                job = self._batches.look(file.batch_id)
            except NoSuchBatchError as error:
                raise self._unknown(file) from error
            except (EndpointError, RateLimitError):
                if time.monotonic() - answered > _OUTAGE:
                    raise
            else:
                answered = time.monotonic()
                self._note(file, job)
                if job.is_over:
                    return job
                failed = f" · {job.failed:,} failed" if job.failed else ""
                of_all = f"{job.completed:,} of {job.total:,} requests answered{failed}"
                self._on_progress(f"{which} · {of_all} · {job.status}")
            time.sleep(self._every)

    def _fetch(self, file: FileState, job: BatchJob) -> bool:
        """Downloads the results of a batch; returns False to have the file submitted again."""
        batch = f"{file.name}: batch {job.id}"
        lines, names = 0, list[str]()
        for number, file_id in enumerate(job.results, start=1):
            # Another endpoint may give the same ids.
            id_ = re.sub(r"[^\w-]", "_", job.id)[:64]
            names.append(f"{id_}-{file.sha256[:8]}-{number}.jsonl")
            self._on_progress(f"fetching the results of {file.name}")
            try:
                lines += self._batches.download(file_id, self._folder / names[-1])
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
            self._state.save(self._folder)
        if job.status != "completed":
            why = f": {'; '.join(job.errors[:_MAX_REASONS])}" if job.errors else ""
            self.failed.append(f"{batch} is {job.status}{why}; {_advice(job)}")
        return True


def _advice(job: BatchJob) -> str:
    """What to do about a batch that did not complete."""
    if job.is_over_limit:
        return "split the file, or run the same command when the account has less waiting"
    if job.has_answers:
        return "summarize requests --done writes what is missing"
    return "the same command submits it anew"
