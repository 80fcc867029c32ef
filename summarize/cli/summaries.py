"""The summaries that a command is given in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from summarize.batch.results import BatchResult
from summarize.batch.summaries import WANTED, read_each
from summarize.cli.formatting import counted
from summarize.cli.messages import Messages
from summarize.errors import InputError
from summarize.schema import Summary
from summarize.sources.articles import STANDARD_INPUT

__all__ = ["SummariesFile"]

# Wrong lines that are shown one by one.
_MAX_SHOWN = 5
# Wrong lines with no right one before them, after which it is another kind of file.
_ENOUGH = 20


class SummariesFile:
    """Reads each article's last summary, or else its last failure; says which lines are neither.

    Args:
        path: the file; `-` for standard input.
        messages: where it is said.

    Attributes:
        wrong: lines that are neither summaries nor failures.
    """

    def __init__(self, path: Path, messages: Messages) -> None:
        self._path = path
        self._messages = messages
        self.wrong = 0

    def __iter__(self) -> Iterator[Summary | BatchResult]:
        """Yields what is in the file.

        Raises:
            InputError: there is nothing in it.
        """
        right = 0
        for record in read_each(self._path, on_message=self._messages.info):
            if not isinstance(record, InputError):
                right += 1
                yield record
                continue
            self.wrong += 1
            if self.wrong <= _MAX_SHOWN:
                self._messages.error(record)
            elif not right and self.wrong >= _ENOUGH:
                break
        if not right:
            name = "standard input" if str(self._path) == STANDARD_INPUT else self._path
            raise InputError(f"{name}: holds no summaries", hint=WANTED)
        if self.wrong > _MAX_SHOWN:
            more = counted(self.wrong - _MAX_SHOWN, "more line")
            self._messages.error(f"{self._path}: {more} like these")
