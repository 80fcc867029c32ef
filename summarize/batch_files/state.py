"""The state of submitted files: a folder beside the output, with the results in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, Field

from summarize.errors import ConfigurationError, OutputError
from summarize.storage.atomic_files import replace_file

__all__ = ["FileState", "SubmissionState"]


class FileState(BaseModel):
    """A file of requests and its batch.

    Attributes:
        name: for messages.
        sha256: of its content; its batch is marked with that.
        where: the endpoint's address.
        file_id: of the uploaded file; empty before it is uploaded.
        batch_id: of its last batch; empty before there is one.
        status: of the batch, when it was last looked at.
        has_answers: whether the batch has answers, and not errors alone.
        results: names of the files of results, once all of them are downloaded.
    """

    name: str
    sha256: str
    where: str
    file_id: str = ""
    batch_id: str = ""
    status: str = ""
    has_answers: bool = False
    results: list[str] = Field(default_factory=list)


class _Content(BaseModel):
    version: int = 1
    files: list[FileState]


class SubmissionState:
    """What this run and earlier ones know of files and batches.

    Args:
        folder: where it is kept; made when there is something to keep.
        on_message: called with what is gone.

    Attributes:
        folder: as given.
        files: by endpoint and hash.

    Raises:
        ConfigurationError: the state is damaged.
        OutputError: the folder cannot be used.
    """

    def __init__(self, folder: Path, on_message: Callable[[str], None]) -> None:
        self.folder = folder
        self.files: dict[tuple[str, str], FileState] = {}
        self._path = folder / "state.json"
        try:
            content = _Content.model_validate_json(self._path.read_bytes())
            self.files = {(file.where, file.sha256): file for file in content.files}
        except FileNotFoundError:
            return
        except ValueError:
            raise ConfigurationError(
                f"{self._path}: is damaged", hint="remove it: the batches are found again"
            ) from None
        except OSError as error:
            raise self._unusable(error) from error
        for file in self.files.values():
            missing = [name for name in file.results if not (folder / name).is_file()]
            if missing:
                on_message(f"{folder / missing[0]}: is gone; {file.name} fetches it again")
                file.results = []

    @property
    def results(self) -> list[Path]:
        """All files of results in the folder, the latest last."""
        return sorted(self.folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)

    def save(self) -> None:
        """Writes the state, whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        part = self._path.with_name(".state.json.part")
        content = _Content(files=list(self.files.values()))
        try:
            self.folder.mkdir(exist_ok=True)
            part.write_text(f"{content.model_dump_json(indent=1)}\n", encoding="utf-8")
            replace_file(part, self._path)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self.folder}: cannot be used ({error.strerror})",
            hint="free some space or check who may write there, then run the same command again",
        )
