"""Whether requests are about an input: seen by what the model would be asked first about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import NoReturn

from summarize.batch_files.lines import custom_id, read_result
from summarize.errors import InputError, MissingResultError
from summarize.models import Meter, ModelSettings
from summarize.models.batch_file_model import BatchFileModel
from summarize.pipeline.summarizer import Summarizer
from summarize.sources.inputs import Record
from summarize.sources.utf8 import cannot_read, display_name
from summarize.storage.disk_tables import DiskTables

__all__ = ["Fit", "first_ids"]

# Articles between two words about how far it is.
_STEP = 100


def first_ids(
    settings: ModelSettings,
    records: Iterable[Record],
    *,
    prompts: str | PathLike[str] | None = None,
) -> Iterator[Sequence[str]]:
    """The ids of the first requests about each article.

    Args:
        settings: of the model that is asked.
        records: the articles; those that cannot be read have no requests.
        prompts: a folder of templates instead of the package's own.

    Yields:
        The ids, article by article.
    """
    ids: list[str] = []

    def take(body: bytes) -> NoReturn:
        ids.append(custom_id(body))
        raise MissingResultError("is not asked here")

    summarizer = Summarizer(BatchFileModel(settings, take), prompts=prompts)
    for record in records:
        ids.clear()
        # What cannot be read, or has no text, is told when all is collected.
        with suppress(InputError):
            for question in summarizer.first_questions(record.article) if record.article else ():
                # As it has to be: nothing is answered here.
                with suppress(MissingResultError):
                    summarizer.model.ask(question, Meter())
        yield tuple(ids)


class Fit:
    """Looks for an article that requests are about.

    Args:
        first: the ids of the first requests about each article.
        asked: whether a request of such an id is in the files.
        results: files of results there are. Second questions are in files of their own, where no
            first one is: these are answered already.

    Attributes:
        is_found: whether there is one, as far as was looked.
    """

    def __init__(
        self, first: Iterable[Sequence[str]], asked: Callable[[str], bool], results: Sequence[Path]
    ) -> None:
        self.is_found = False
        self._first = first
        self._asked = asked
        self._results = results
        self._answered: DiskTables | None = None

    def close(self) -> None:
        """Forgets what is answered."""
        if self._answered:
            self._answered.close()

    def look(self) -> Iterator[int]:
        """Goes through the articles up to the first that they are about.

        Yields:
            How many that were, now and then.

        Raises:
            SummarizeError: the input or the results cannot be read.
        """
        for number, ids in enumerate(self._first, start=1):
            # Reading the results takes a while, and mostly nobody needs them.
            if any(self._asked(id_) or self._is_answered(id_) for id_ in ids):
                self.is_found = True
                return
            if number % _STEP == 0:
                yield number

    def _is_answered(self, id_: str) -> bool:
        if self._answered is None:
            self._answered = DiskTables(
                "the list of results", "answered (id BLOB PRIMARY KEY) WITHOUT ROWID"
            )
            for answered in _answered_ids(self._results):
                self._answered.execute(
                    "INSERT OR IGNORE INTO answered VALUES (?)", (_bytes(answered),)
                )
        row = self._answered.row("SELECT 1 FROM answered WHERE id = ?", (_bytes(id_),))
        return row is not None


def _bytes(id_: str) -> bytes:
    # Half a character would be no text to the table.
    return id_.encode("utf-8", "surrogatepass")


def _answered_ids(paths: Iterable[Path]) -> Iterator[str]:
    """The ids of the requests that have a result in files.

    Raises:
        InputError: a file cannot be read.
    """
    for path in paths:
        try:
            with path.open("rb") as lines:
                for line in lines:
                    # Broken ones are told when all is collected.
                    with suppress(InputError):
                        yield read_result(line).custom_id
        except OSError as error:
            raise cannot_read(display_name(path), error) from error
