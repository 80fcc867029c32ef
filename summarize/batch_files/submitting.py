"""Submits files of requests as batches, waits for them, and downloads the results."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, Field

from summarize.batch_files.request_files import URL, check_requests
from summarize.errors import ConfigurationError, EndpointError, OutputError, RateLimitError
from summarize.models.openai_batches import Batches, BatchJob, NoSuchBatchError
from summarize.sources.decoding import cannot_read, display_name
from summarize.storage.atomic_files import replace_file

# Seconds that the endpoint may be away while a batch is waited for: a night's maintenance.
_OUTAGE = 3_600.0
# Of a batch that failed because too much else was waiting.
_OVER_LIMIT = "token_limit_exceeded"
# The status that is noted when the answers of a batch are there no more.
_GONE = "gone"
_PAID_AGAIN = "--retry-failed has the file answered, and paid for, again"


class FileState(BaseModel):
    """A file of requests and its last batch, as far as there is one.

    `results` are the names of the files of results, once all of them are downloaded.
    """

    name: str = ""
    batch_id: str = ""
    status: str = ""
    has_answers: bool = False
    results: list[str] = Field(default_factory=list)


class SubmissionState(BaseModel):
    """What this run and earlier ones know: files by the hash of their content."""

    files: dict[str, FileState] = Field(default_factory=dict)


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
        may_have_batches: whether anything may be submitted, by this run or an earlier one.

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
        self._state = self._load()
        self.may_have_batches = any(file.batch_id for file in self._state.files.values())
        self._model = model
        self._every = every
        self._retries_failed = retry_failed
        self._on_message = on_message
        self._on_progress = on_progress
        # By the hash of the file.
        self._paths: dict[str, Path] = {}

    @property
    def results(self) -> list[Path]:
        """All files of results that are there, also of earlier runs, the latest last."""
        return sorted(self._folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)

    def run(self, paths: Sequence[Path]) -> None:
        """Uploads files that have no batch yet, waits for all batches and downloads their results.

        Raises:
            SummarizeError: it cannot go on. What is submitted goes on, and is known.
        """
        try:
            marks = [mark for mark in self._checked(paths) if self._begin(mark)]
            for number, mark in enumerate(marks, start=1):
                which = f"batch {number} of {len(marks)}"
                job = self._wait(mark, which)
                if _OVER_LIMIT in job.why and number > 1:
                    # All at once were too much for the account; those before it are through.
                    self._create(mark)
                    job = self._wait(mark, f"{which}, once more")
                self._fetch(mark, job)
        except OSError as error:
            raise self._unusable(error) from error

    def _checked(self, paths: Sequence[Path]) -> list[str]:
        """Checks the files before anything is paid for; returns those without all results."""
        marks = []
        for path in paths:
            try:
                with path.open("rb") as stream:
                    mark = hashlib.file_digest(stream, "sha256").hexdigest()
            except (OSError, ValueError) as error:
                raise cannot_read(display_name(path), error) from error
            file = self._state.files.setdefault(mark, FileState())
            file.name = display_name(path.name)
            are_here = file.results and all((self._folder / n).is_file() for n in file.results)
            # Requests that others share with a file that is answered cost nothing.
            is_settled = are_here and self._is_worth(file.has_answers, file.status)
            if mark not in self._paths and not is_settled:
                marks.append(mark)
            self._paths[mark] = path
        self._on_progress("checking the requests")
        check_requests([self._paths[mark] for mark in marks], self._model)
        return marks

    # One file and its batch

    def _begin(self, mark: str) -> bool:
        """Finds or creates the batch of a file; returns whether to wait for it."""
        file = self._state.files[mark]
        gone = file.batch_id if file.status == _GONE and self._retries_failed else ""
        jobs: list[BatchJob] = []
        is_lost = False
        if file.batch_id and not gone:
            try:
                jobs.append(self._batches.look(file.batch_id))
            except NoSuchBatchError:
                is_lost = True
        if not any(map(self._is_usable, jobs)):
            # The state may be older than what the account has.
            jobs = [job for job in self._marked if job.mark == mark and job.id != gone]
        if job := next(filter(self._is_usable, jobs), None):
            if job.id != file.batch_id:
                self._on_message(f"{file.name}: batch {job.id} is there already")
            self._note(file, job)
        elif is_lost and not self._retries_failed:
            self.failed.append(str(self._unknown(file)))
            return False
        else:
            self._create(mark)
        return True

    def _is_usable(self, job: BatchJob) -> bool:
        """Whether a batch will do: another one would be paid for twice."""
        return not job.is_over or self._is_worth(bool(job.answers), job.status)

    def _is_worth(self, has_answers: bool, status: str) -> bool:
        # What a batch did not get to was not charged for.
        return has_answers or (status == "completed" and not self._retries_failed)

    def _unknown(self, file: FileState) -> ConfigurationError:
        return ConfigurationError(
            f"{file.batch_id} of {file.name} is not known to {self._batches.where} with this key",
            hint="give the key of the project that submitted it; if the batch is gone, "
            f"{_PAID_AGAIN}",
        )

    @cached_property
    def _marked(self) -> list[BatchJob]:
        """The batches in the account when they were first needed, and those created since."""
        return self._batches.marked()

    def _create(self, mark: str) -> None:
        """Uploads a file and creates a batch of it."""
        file, path = self._state.files[mark], self._paths[mark]
        known = {job.id for job in self._marked}
        self._on_progress(f"uploading {file.name}")
        name = f"{re.sub(r'[^A-Za-z0-9._-]+', '_', path.stem)[:64]}.jsonl"
        uploaded = self._batches.upload(path, name)
        self.may_have_batches = True
        job = self._batches.create(uploaded, URL, mark, known=known)
        self._marked.append(job)
        self._note(file, job)
        self._on_message(f"{file.name}: submitted as batch {job.id}")

    def _note(self, file: FileState, job: BatchJob) -> None:
        """Notes the batch of a file and how far it is."""
        if (file.batch_id, file.status) != (job.id, job.status):
            file.batch_id, file.status, file.results = job.id, job.status, []
            self._save()

    def _wait(self, mark: str, which: str) -> BatchJob:
        """Waits until the batch of a file is over."""
        file = self._state.files[mark]
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
                self._on_progress(f"{which} · {job.progress} · {job.status}")
            time.sleep(self._every)

    def _fetch(self, mark: str, job: BatchJob) -> None:
        """Downloads the results of a batch."""
        file = self._state.files[mark]
        batch = f"{file.name}: batch {job.id}"
        # Another endpoint may give the same ids.
        id_ = re.sub(r"[^\w-]", "_", job.id)[:64]
        ids = {
            f"{id_}-{mark[:8]}-{number}.jsonl": file_id
            for number, file_id in enumerate((job.answers, job.errors), start=1)
        }
        names = [name for name, file_id in ids.items() if file_id]
        self._on_progress(f"fetching the results of {file.name}")
        for name in names:
            try:
                self._batches.download(ids[name], self._folder / name)
            except NoSuchBatchError as error:
                hint = ""
                # Only answers are worth paying for again, not the file of errors.
                if ids[name] == job.answers:
                    file.status, hint = _GONE, f"; {_PAID_AGAIN}"
                    self._save()
                self.failed.append(f"{batch}: its results are gone ({error.args[0]}){hint}")
                return
        file.results, file.has_answers = names, bool(job.answers)
        self._save()
        if job.status != "completed":
            advice = "the same command submits it anew"
            if job.answers:
                advice = "summarize requests --done writes what is missing"
            elif _OVER_LIMIT in job.why:
                advice = "split the file, or run the same command when the account has less waiting"
            self.failed.append(f"{batch} is {job.status}{job.why and ': '}{job.why}; {advice}")

    # The state

    def _load(self) -> SubmissionState:
        path = self._folder / "state.json"
        try:
            return SubmissionState.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return SubmissionState()
        except ValueError:
            raise ConfigurationError(
                f"{path}: is damaged", hint="remove it: the batches are found again"
            ) from None
        except OSError as error:
            raise self._unusable(error) from error

    def _save(self) -> None:
        """Writes the state, whole or not at all."""
        part = self._folder / ".state.json.part"
        self._folder.mkdir(exist_ok=True)
        part.write_text(f"{self._state.model_dump_json(indent=1)}\n", encoding="utf-8")
        replace_file(part, self._folder / "state.json")

    def _unusable(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self._folder}: cannot be used ({error.strerror})",
            hint="free some space or check who may write there, then run the same command again",
        )
