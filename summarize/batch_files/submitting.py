"""Has files of requests answered by OpenAI's batches, and goes on where an earlier run was.

What is submitted is kept in a folder beside the results. A file is known by the hash of its
content, with which its batch is marked, so nothing is paid for twice even if the folder is gone.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, Field

from summarize.batch_files.openai_batches import (
    Batch,
    Batches,
    NoSuchBatchError,
    counts_of,
    is_over,
    mark_of,
    reason_of_failure,
)
from summarize.batch_files.request_files import check_requests
from summarize.errors import ConfigurationError, EndpointError, OutputError, RateLimitError
from summarize.models import ModelSettings
from summarize.progress import ProgressCallback, silent
from summarize.sources.decoding import cannot_read, display_name
from summarize.storage.atomic_files import replace_file

# Seconds that the endpoint may be away while a batch is waited for: a night's maintenance.
_OUTAGE = 3_600.0
# Of a batch that failed because too much else was waiting.
_OVER_LIMIT = "token_limit_exceeded"
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
        settings: a model of OpenAI's, or behind an endpoint that has the same batches.
        folder: where the state and the results are kept.
        every: seconds between two looks at a batch.
        retry_failed: whether a file is submitted again if there are only errors, or if its batch
            or its answers are gone.
        report: called when the endpoint is waited for.

    Attributes:
        failed: a message for each batch that did not answer all of its file.
        may_have_batches: whether anything may be submitted, by this run or an earlier one.

    Raises:
        ConfigurationError: the model has no batches, or the state in the folder is damaged.
        OutputError: the folder cannot be used.
    """

    def __init__(
        self,
        settings: ModelSettings,
        folder: Path,
        *,
        every: float,
        retry_failed: bool = False,
        on_message: Callable[[str], None] = lambda _: None,
        on_progress: Callable[[str], None] = lambda _: None,
        report: ProgressCallback = silent,
    ) -> None:
        self._batches = Batches(settings, report)
        self.failed: list[str] = []
        self._folder = folder
        self._state = self._load()
        self.may_have_batches = any(file.batch_id for file in self._state.files.values())
        self._every = every
        self._retries_failed = retry_failed
        self._on_message = on_message
        self._on_progress = on_progress
        # By the hash of the file.
        self._paths: dict[str, Path] = {}
        # Ids of the batches of this run.
        self._created: set[str] = set()

    def close(self) -> None:
        """Closes the connections."""
        self._batches.close()

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
            has_others, refused = len(marks) > 1, list[str]()
            for number, mark in enumerate(marks, start=1):
                batch = self._wait(mark, f"batch {number} of {len(marks)}")
                if _OVER_LIMIT in reason_of_failure(batch) and has_others:
                    name = self._state.files[mark].name
                    self._on_message(f"{name}: waits until other batches are through")
                    refused.append(mark)
                elif not self._fetch(mark, batch):
                    self._create(mark)
                    # Waited for after the others.
                    marks.append(mark)
            # One at a time: all at once were too much for the account.
            for number, mark in enumerate(refused, start=1):
                self._create(mark)
                which = f"batch {number} of {len(refused)}, once more"
                self._fetch(mark, self._wait(mark, which))
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
        check_requests([self._paths[mark] for mark in marks], self._batches.model)
        return marks

    # One file and its batch

    def _begin(self, mark: str) -> bool:
        """Finds or creates the batch of a file; returns whether to wait for it."""
        file = self._state.files[mark]
        batches: list[Batch] = []
        is_lost = False
        if file.batch_id:
            try:
                batches.append(self._batches.look(file.batch_id))
            except NoSuchBatchError:
                is_lost = True
        if not any(map(self._is_usable, batches)):
            # The state may be older than what the account has.
            batches = [b for b in self._batches.marked if mark_of(b) == mark]
        if batch := next(filter(self._is_usable, batches), None):
            if batch.id != file.batch_id:
                self._on_message(f"{file.name}: batch {batch.id} is there already")
            self._note(file, batch)
        elif is_lost and not self._retries_failed:
            self.failed.append(str(self._unknown(file)))
            return False
        else:
            self._create(mark)
        return True

    def _is_usable(self, batch: Batch) -> bool:
        """Whether a batch will do: another one would be paid for twice."""
        return not is_over(batch) or self._is_worth(bool(batch.output_file_id), batch.status)

    def _is_worth(self, has_answers: bool, status: str) -> bool:
        # What a batch did not get to was not charged for.
        return has_answers or (status == "completed" and not self._retries_failed)

    def _unknown(self, file: FileState) -> ConfigurationError:
        return ConfigurationError(
            f"{file.batch_id} of {file.name} is not known to {self._batches.where} with this key",
            hint="give the key of the project that submitted it; if the batch is gone, "
            f"{_PAID_AGAIN}",
        )

    def _create(self, mark: str) -> None:
        """Uploads a file and creates a batch of it."""
        file = self._state.files[mark]
        known = {batch.id for batch in self._batches.marked}
        self._on_progress(f"uploading {file.name}")
        file_id = self._batches.upload(self._paths[mark])
        self.may_have_batches = True
        batch = self._batches.create(file_id, mark, known=known)
        self._created.add(batch.id)
        self._note(file, batch)
        self._on_message(f"{file.name}: submitted as batch {batch.id}")

    def _note(self, file: FileState, batch: Batch) -> None:
        """Notes the batch of a file and how far it is."""
        if (file.batch_id, file.status) != (batch.id, batch.status):
            file.batch_id, file.status, file.results = batch.id, batch.status, []
            self._save()

    def _wait(self, mark: str, which: str) -> Batch:
        """Waits until the batch of a file is over."""
        file = self._state.files[mark]
        answered = time.monotonic()
        while True:
            try:
                batch = self._batches.look(file.batch_id)
            except NoSuchBatchError as error:
                raise self._unknown(file) from error
            except (EndpointError, RateLimitError):
                if time.monotonic() - answered > _OUTAGE:
                    raise
            else:
                answered = time.monotonic()
                self._note(file, batch)
                if is_over(batch):
                    return batch
                completed, failed, total = counts_of(batch)
                of_all = f"{completed:,} of {total:,} requests answered"
                errors = f" · {failed:,} failed" if failed else ""
                self._on_progress(f"{which} · {of_all}{errors} · {batch.status}")
            time.sleep(self._every)

    def _fetch(self, mark: str, batch: Batch) -> bool:
        """Downloads the results of a batch; returns False to submit its file again."""
        file = self._state.files[mark]
        # Another endpoint may give the same ids.
        stem = re.sub(r"[^\w-]", "_", batch.id)[:64] + f"-{mark[:8]}"
        lines, names = 0, list[str]()
        self._on_progress(f"fetching the results of {file.name}")
        for number, file_id in enumerate((batch.output_file_id, batch.error_file_id), start=1):
            if not file_id:
                continue
            names.append(f"{stem}-{number}.jsonl")
            try:
                lines += self._batches.download(file_id, self._folder / names[-1])
            except NoSuchBatchError as error:
                # Only answers are worth paying for again, not the file of errors.
                is_paid = file_id == batch.output_file_id
                if is_paid and self._retries_failed and batch.id not in self._created:
                    return False
                hint = f"; {_PAID_AGAIN}" if is_paid else ""
                gone = f"its results are gone ({error.args[0]}){hint}"
                self.failed.append(f"{file.name}: batch {batch.id}: {gone}")
                return True
        completed, failed, _ = counts_of(batch)
        is_cut = lines < completed + failed
        file.results, file.has_answers = [] if is_cut else names, bool(batch.output_file_id)
        self._save()
        if is_cut:
            self.failed.append(
                f"{file.name}: batch {batch.id} has {completed + failed:,} results, and {lines:,} "
                "of them came; the same command fetches them again"
            )
        if batch.status != "completed":
            why = reason_of_failure(batch)
            advice = "the same command submits it anew"
            if file.has_answers:
                advice = "summarize requests --done writes what is missing"
            elif _OVER_LIMIT in why:
                advice = "split the file, or run the same command when the account has less waiting"
            state = f"{batch.status}: {why}" if why else batch.status
            self.failed.append(f"{file.name}: batch {batch.id} is {state}; {advice}")
        return True

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
