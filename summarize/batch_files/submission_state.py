"""What is known of submitted files: kept in a folder beside the output, with the results."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field

from summarize.errors import ConfigurationError, OutputError
from summarize.storage.atomic_files import replace_file


class FileState(BaseModel):
    """A file of requests, by its content, and its last batch, as far as there is one.

    Attributes:
        has_answers: whether the batch has answers, and not errors alone.
        results: names of the files of results, once all of them are downloaded.
    """

    name: str
    sha256: str
    file_id: str = ""
    batch_id: str = ""
    status: str = ""
    has_answers: bool = False
    results: list[str] = Field(default_factory=list)


class SubmissionState(BaseModel):
    """What this run and earlier ones know of files and batches."""

    version: int = 1
    files: list[FileState] = Field(default_factory=list)

    @classmethod
    def load(cls, folder: Path) -> SubmissionState:
        """Reads the state in a folder, which need not be there.

        Raises:
            ConfigurationError: the state is damaged.
            OutputError: the folder cannot be used.
        """
        path = folder / "state.json"
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return cls()
        except ValueError:
            raise ConfigurationError(
                f"{path}: is damaged", hint="remove it: the batches are found again"
            ) from None
        except OSError as error:
            raise _unusable(folder, error) from error

    def save(self, folder: Path) -> None:
        """Writes the state, whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        part = folder / ".state.json.part"
        try:
            folder.mkdir(exist_ok=True)
            part.write_text(f"{self.model_dump_json(indent=1)}\n", encoding="utf-8")
            replace_file(part, folder / "state.json")
        except OSError as error:
            raise _unusable(folder, error) from error

    def file(self, sha256: str, name: str) -> FileState:
        """Returns what is known of a file by its content."""
        for file in self.files:
            if file.sha256 == sha256:
                file.name = name
                return file
        self.files.append(FileState(name=name, sha256=sha256))
        return self.files[-1]


def _unusable(folder: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{folder}: cannot be used ({error.strerror})",
        hint="free some space or check who may write there, then run the same command again",
    )
