"""The program that reads and grounds articles for `summarize.workers`, in a process of its own.

Standard input gives one line of JSON, where Python finds its modules; then one pickle after the
other, each with its length before it, and standard output answers them in order. The process lives
as long as its standard input is open, which its parent's death closes too.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import struct
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from summarize.pipeline import Pipeline

__all__: list[str] = []

# Of a pickle that follows, in bytes.
_LENGTH = struct.Struct("!Q")
# Pipelines kept between two questions. One that was dropped is made again from its answers.
_MAX_LIVE = 512


class _Desk:
    """The pipelines under way."""

    def __init__(self, *setup: Any) -> None:
        # The templates, how much the model reads at once, how much help it gets.
        self._setup = setup
        self._live: OrderedDict[int, tuple[Pipeline, int]] = OrderedDict()

    def step(self, key: int, article: Any, answers: list[Any], provenance: Any) -> Any:
        """The next question, or the summary as JSON."""
        from summarize.pipeline import Pipeline

        pipeline, taken = self._live.pop(key, (None, 0))
        if pipeline is None or taken > len(answers):
            pipeline, taken = Pipeline(article, *self._setup), 0
        for answer in answers[taken:]:
            pipeline.take(answer)
        if pipeline.question is None:
            return pipeline.summary(provenance).to_json()
        self._live[key] = pipeline, len(answers)
        if len(self._live) > _MAX_LIVE:
            self._live.popitem(last=False)
        return pipeline.question


def _main() -> None:
    # Ctrl-C reaches every process of the terminal; the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever is printed goes to standard error; the answers have a channel of their own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.path[:] = json.loads(sys.stdin.buffer.readline())
    from summarize.collecting import collect_rarely

    collect_rarely()
    desk = _Desk(*_received())
    while (job := _received()) is not None:
        try:
            answer = desk.step(*job)
        except Exception as error:  # noqa: BLE001  whatever it is, it is the caller's
            answer = _portable(error)
        data = pickle.dumps(answer)
        try:
            answers.write(_LENGTH.pack(len(data)) + data)
            answers.flush()
        except BrokenPipeError:
            # The parent has gone; to end in order would be to write again.
            os._exit(0)


def _portable(error: Exception) -> Exception:
    """The error, or one with its words where it does not survive the way to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    except Exception:  # noqa: BLE001  a pickle may run any code of the error's class
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _received() -> Any:
    head = sys.stdin.buffer.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    # From this process's own parent.
    return pickle.loads(sys.stdin.buffer.read(_LENGTH.unpack(head)[0]))  # noqa: S301


if __name__ == "__main__":
    _main()
