"""Files of requests on their way through batches, and what is known of each, on the disk."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from summarize.errors import (
    ConfigurationError,
    EndpointError,
    InputError,
    OutputError,
    RateLimitError,
)
from summarize.models.batches import Batches, BatchJob, NoSuchBatchError
from summarize.requests.files import MAX_BYTES, MAX_LINES
from summarize.requests.wire import URL, custom_id
from summarize.results import Recipe
from summarize.sources import name_of, unreadable

__all__ = ["Submission", "SubmissionProgress"]

# Seconds. Whoever waits for a day can wait out a night's maintenance.
_OUTAGE = 3_600.0


@dataclass(frozen=True, slots=True)
class SubmissionProgress:
    """How far all batches are together.

    Attributes:
        batches: that there are to be.
        over: of them, those that nothing more will come of.
        statuses: of the others.
        total: requests in all.
        completed: requests that are answered.
        failed: requests that ended in an error.
        note: what is in the way right now; empty if nothing is.
    """

    batches: int
    over: int
    statuses: tuple[str, ...]
    total: int
    completed: int
    failed: int
    note: str = ""


@dataclass
class _File:
    """A file of requests, and what has become of it.

    Attributes:
        name: for messages.
        sha256: of what is in it; its batch is found by that.
        where: the endpoint that has it.
        made: the model, the prompts and the schema that it was written with.
        file_id: of the uploaded file; empty before it is uploaded.
        batch_id: empty before there is one.
        status: of the batch, when it was last looked at.
        has_answers: whether there is more in the results than errors.
        results: names of the files of results, in the folder; none before all of them are there.
    """

    name: str
    sha256: str
    where: str
    made: str
    file_id: str = ""
    batch_id: str = ""
    status: str = ""
    has_answers: bool = False
    results: list[str] = field(default_factory=list)


class Submission:
    """Has files of requests answered by batches. The same again goes on where it was.

    Args:
        batches: of the account.
        folder: where the state and the results go; made where it is not there.
        recipe: what summaries are made with; the requests have to be for its model.
        every: seconds between two looks.
        retry_failed: whether a file is submitted anew if nothing of it was answered but errors.
        told: told what is done, and what went wrong with a whole batch.
        wait: waits so many seconds.

    Attributes:
        failed: what became of each batch that did not answer all of its file.
    """

    def __init__(
        self,
        batches: Batches,
        folder: Path,
        recipe: Recipe,
        *,
        every: float,
        retry_failed: bool = False,
        told: Callable[[str], None] = lambda _: None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.failed: list[str] = []
        self._batches = batches
        self._folder = folder
        self._model = recipe.model.partition("/")[2]
        self._made = f"{recipe.model} {recipe.prompt} {recipe.schema}"
        self._every = every
        self._retries_failed = retry_failed
        self._told = told
        self._wait = wait
        # By endpoint and hash: also those of earlier runs.
        self._noted: dict[tuple[str, str], _File] = {}
        self._files: list[_File] = []
        self._jobs: dict[str, BatchJob] = {}
        self._lengths: dict[str, int] = {}
        self._over = 0
        self._cut_off_since: float | None = None

    @property
    def results(self) -> list[Path]:
        """All files of results that are there, also of files submitted in earlier runs."""
        alike = [file for file in self._noted.values() if file.made == self._made]
        return [self._folder / name for file in alike for name in file.results]

    @property
    def is_begun(self) -> bool:
        """Whether there is a batch."""
        return any(file.batch_id for file in self._files)

    def run(self, paths: Sequence[Path]) -> Iterator[SubmissionProgress]:
        """Uploads what is not there, has it answered, and fetches the results.

        Yields:
            How far it is, after each look.

        Raises:
            SummarizeError: it cannot go on. What is submitted goes on, and is known.
        """
        self._remember()
        where = self._batches.where
        files: dict[str, Path] = {}
        for path in paths:
            sha256, lines = _checked(path, self._model)
            files.setdefault(sha256, path)
            self._lengths[sha256] = lines
            new = _File(name_of(path.name), sha256, where, self._made)
            self._noted.setdefault((where, sha256), new).made = self._made
        self._files = [self._noted[where, sha256] for sha256 in files]
        running, queued = list[_File](), list[_File]()
        for file in self._files:
            if self._begin(files[file.sha256], file):
                running.append(file)
            else:
                self._over += 1
            yield self._progress()
        while running or queued:
            if not any(self._jobs[file.sha256].is_over for file in running):
                self._wait(self._every)
            is_room = False
            for file in list(running):
                job = self._looked(file)
                if job is None or not job.is_over:
                    continue
                running.remove(file)
                if job.is_over_limit and running:
                    self._told(f"{file.name}: waits until other batches are through")
                    queued.append(file)
                else:
                    is_room = True
                    self._end(file, job)
            if queued and (is_room or not running):
                self._create(queued[0])
                running.append(queued.pop(0))
            yield self._progress()

    def _begin(self, path: Path, file: _File) -> bool:
        """Sees to it that there is a batch; whether it is still to be waited for."""
        if file.results and (file.has_answers or not self._retries_failed):
            return False
        job = None
        if file.batch_id:
            with suppress(NoSuchBatchError):
                job = self._batches.look(file.batch_id)
        if job is None or not self._is_worth(job):
            # What is noted here may be older than what is there.
            job = self._batches.find(file.sha256, self._is_worth)
            if job:
                self._told(f"{file.name}: batch {job.id} is there already")
        if job:
            self._note(file, job)
            return True
        if not file.file_id or file.batch_id:
            # The one of a batch before may be gone.
            file.file_id = self._batches.upload(path, f"{path.stem}.jsonl")
            file.batch_id = ""
            self._keep()
        self._create(file)
        return True

    def _is_worth(self, job: BatchJob) -> bool:
        """Whether a batch will do, or another one would cost nothing twice."""
        if not job.is_over or job.has_answers:
            return True
        return job.status == "completed" and not self._retries_failed

    def _note(self, file: _File, job: BatchJob) -> None:
        if (file.batch_id, file.status) != (job.id, job.status):
            file.batch_id, file.status, file.results = job.id, job.status, []
            self._keep()
        self._jobs[file.sha256] = job

    def _create(self, file: _File) -> None:
        job = self._batches.create(file.file_id, URL, file.sha256)
        self._note(file, job)
        self._told(f"{file.name}: submitted as batch {job.id}")

    def _looked(self, file: _File) -> BatchJob | None:
        """How far a batch is; None where the endpoint is away for a while."""
        try:
            job = self._batches.look(file.batch_id)
        except (EndpointError, RateLimitError):
            now = time.monotonic()
            self._cut_off_since = self._cut_off_since or now
            if now - self._cut_off_since > _OUTAGE:
                raise
            return None
        self._cut_off_since = None
        self._note(file, job)
        return job

    def _end(self, file: _File, job: BatchJob) -> None:
        """Fetches what a batch has left."""
        names = []
        for number, file_id in enumerate(job.results, start=1):
            # Another endpoint may give the same ids.
            id_ = _PLAIN.sub("_", job.id)[:64]
            names.append(f"{id_}-{file.sha256[:8]}-{number}.jsonl")
            self._batches.download(file_id, self._folder / names[-1])
        file.results, file.has_answers = names, job.has_answers
        self._keep()
        self._over += 1
        if job.status != "completed":
            why = f": {'; '.join(job.errors[:_MAX_ERRORS])}" if job.errors else ""
            self.failed.append(f"{file.name}: batch {job.id} is {job.status}{why}")

    def _progress(self) -> SubmissionProgress:
        jobs = [self._jobs.get(file.sha256) for file in self._files]
        known = [job for job in jobs if job]
        return SubmissionProgress(
            batches=len(self._files),
            over=self._over,
            statuses=tuple(job.status for job in known if not job.is_over),
            total=sum(self._lengths[file.sha256] for file in self._files),
            completed=sum(job.completed for job in known),
            failed=sum(job.failed for job in known),
            note=f"{self._batches.where} is away" if self._cut_off_since else "",
        )

    # What is known

    @property
    def _state(self) -> Path:
        return self._folder / "state.json"

    def _remember(self) -> None:
        """Takes in what earlier runs have noted."""
        try:
            self._folder.mkdir(exist_ok=True)
            files = [_File(**file) for file in json.loads(self._state.read_bytes())["files"]]
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritten(error) from error
        except (ValueError, TypeError, KeyError, RecursionError):
            # The batches themselves know what they are of.
            self._told(f"{self._state}: cannot be read, so the batches are looked for")
            return
        for file in files:
            if not all((self._folder / name).is_file() for name in file.results):
                file.results = []
            self._noted[file.where, file.sha256] = file

    def _keep(self) -> None:
        """Notes what is known, whole or not at all."""
        part = self._state.with_name(".state.json.part")
        noted = {"version": 1, "files": [asdict(file) for file in self._noted.values()]}
        try:
            with part.open("w", encoding="utf-8") as file:
                json.dump(noted, file, ensure_ascii=False, indent=1)
            part.replace(self._state)
        except OSError as error:
            raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self._folder}: cannot be written ({error.strerror})",
            hint="free some space or check who may write there, then run the same command again",
        )


# Reasons of a failed batch that are told.
_MAX_ERRORS = 3
# What is not plain in the name of a file.
_PLAIN = re.compile(r"[^\w-]")


def _checked(path: Path, model: str) -> tuple[str, int]:
    """The hash of a file of requests, and how many there are.

    Raises:
        InputError: it cannot be read, or holds something else.
        ConfigurationError: it is too large, or its requests are for another model.
    """
    name, hashed, number, size = name_of(str(path)), hashlib.sha256(), 0, 0
    hint = "give what summarize requests wrote"
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                hashed.update(line)
                size += len(line)
                _check(line, f"{name}, line {number}", model, hint)
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from error
    if not number:
        raise InputError(f"{name}: is empty", hint=hint)
    if number > MAX_LINES or size > MAX_BYTES:
        raise ConfigurationError(
            f"{name}: has {number:,} requests and {size:,} bytes; a batch takes {MAX_LINES:,} and "
            f"{MAX_BYTES:,}",
            hint="summarize requests splits them",
        )
    return hashed.hexdigest(), number


def _check(line: bytes, place: str, model: str, hint: str) -> None:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        request = None
    match request:
        case {"custom_id": str(id_), "method": "POST", "url": url, "body": {"model": str(asked)}}:
            if url != URL or id_ != custom_id(json.dumps(request["body"]).encode()):
                raise InputError(f"{place}: is no request of summarize requests", hint=hint)
            if asked != model:
                raise ConfigurationError(
                    f"{place}: is for the model {asked}, and not for {model}",
                    hint="name the same with --model as for summarize requests",
                )
        case _:
            raise InputError(f"{place}: is no request", hint=hint)
