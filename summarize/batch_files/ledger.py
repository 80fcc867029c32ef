"""What is known of files of requests and of their batches: a folder beside the output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from pydantic import BaseModel, Field

from summarize.errors import ConfigurationError, OutputError
from summarize.storage.atomic_files import replace_file

__all__ = ["Noted", "NotedFile"]

_VERSION = 1


class NotedFile(BaseModel):
    """A file of requests, and what has become of it.

    Attributes:
        name: for messages.
        sha256: of what is in it; its batch is found by that.
        where: the endpoint that has it.
        made: the model, the prompts and the schema that it was written with.
        file_id: of the uploaded file; empty before it is uploaded.
        is_asked: whether a batch was asked for, and nothing heard yet.
        batch_id: empty before there is one.
        earlier: ids of the batches before that one.
        status: of the batch, when it was last looked at.
        has_answers: whether there is more in the results than errors.
        results: names of the files of results, in the folder; none before they are fetched.
        sizes: of these, in bytes.
        is_whole: whether they are all that the batch has said to have.
        gone: ids of the batches whose answers the endpoint has no more.
        outdated: names of the files of results of batches before.
    """

    name: str
    sha256: str
    where: str
    made: str
    file_id: str = ""
    is_asked: bool = False
    batch_id: str = ""
    earlier: list[str] = Field(default_factory=list)
    status: str = ""
    has_answers: bool = False
    results: list[str] = Field(default_factory=list)
    sizes: dict[str, int] = Field(default_factory=dict)
    is_whole: bool = True
    gone: list[str] = Field(default_factory=list)
    outdated: list[str] = Field(default_factory=list)


class _Version(BaseModel):
    version: int = _VERSION


class _State(_Version):
    files: list[NotedFile]


class Noted:
    """What earlier runs have noted, and what this one notes.

    Args:
        folder: where it is, and the results; made with the first note.
        told: told what cannot be used any more.

    Attributes:
        folder: as given.
        is_broken: whether it could not be read, so that there may be more than is known.

    Raises:
        ConfigurationError: a newer version has written it.
        OutputError: the folder cannot be used.
    """

    def __init__(self, folder: Path, told: Callable[[str], None]) -> None:
        self.folder = folder
        self.is_broken = False
        self._told = told
        # By endpoint and hash: also those of other models.
        self._files: dict[tuple[str, str], NotedFile] = {}
        self._state = folder / "state.json"
        self._read()

    def __iter__(self) -> Iterator[NotedFile]:
        return iter(self._files.values())

    def of(self, where: str, sha256: str, *, name: str, made: str) -> NotedFile:
        """What is known of a file; noted from now on."""
        new = NotedFile(name=name, sha256=sha256, where=where, made=made)
        file = self._files.setdefault((where, sha256), new)
        file.name, file.made = name, made
        return file

    def results(self, made: str) -> list[Path]:
        """The files of results there are, but for those known to be made with something else."""
        known = {name for file in self for name in (*file.results, *file.outdated)}
        # Of a state that is lost. The last good answer counts, so what is known comes last.
        strays = sorted(path for path in self.folder.glob("*.jsonl") if path.name not in known)
        names = (name for file in self if file.made == made for name in file.results)
        return [*strays, *(self.folder / name for name in names)]

    def keep(self) -> None:
        """Notes what is known, whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        part = self._state.with_name(".state.json.part")
        state = _State(files=list(self))
        try:
            self.folder.mkdir(exist_ok=True)
            part.write_text(f"{state.model_dump_json(indent=1)}\n", encoding="utf-8")
            replace_file(part, self._state)
        except OSError as error:
            raise self._unusable(error) from error

    def _read(self) -> None:
        try:
            data = self._state.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unusable(error) from error
        try:
            version = _Version.model_validate_json(data).version
            files = _State.model_validate_json(data).files if version == _VERSION else []
        except ValueError:
            self._set_aside()
            return
        if version != _VERSION:
            raise ConfigurationError(
                f"{self._state}: is of another version of summarize ({version})",
                hint="go on with that one, or name another output with -o",
            )
        for file in files:
            self._check(file)
            self._files[file.where, file.sha256] = file

    def _check(self, file: NotedFile) -> None:
        """Forgets results that are not what was saved, so that they are fetched again."""
        for name in file.results:
            path = self.folder / name
            if not path.is_file():
                what = "is gone"
            elif path.stat().st_size != file.sizes.get(name, path.stat().st_size):
                what = "is damaged"
            else:
                continue
            self._told(f"{path}: {what}, and is fetched again when {file.name} is named")
            file.results = []
            return

    def _set_aside(self) -> None:
        """Keeps what cannot be read for whoever can."""
        names = (f"state.broken-{number}.json" for number in count(1))
        place = next(path for name in names if not (path := self.folder / name).exists())
        try:
            self._state.replace(place)
        except OSError as error:
            raise self._unusable(error) from error
        self.is_broken = True
        self._told(
            f"{self._state}: cannot be read, so the batches are looked for; it is now {place.name}"
        )

    def _unusable(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self.folder}: cannot be used ({error.strerror})",
            hint="free some space or check who may write there, then run the same command again",
        )
