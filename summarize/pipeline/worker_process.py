"""Reads and grounds articles in a process that `summarize.pipeline.worker_pool` starts.

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
from typing import Any

__all__: list[str] = []

# Of a pickle that follows, in bytes.
_LENGTH = struct.Struct("!Q")


def _main() -> None:
    # Ctrl-C reaches every process of the terminal; the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever is printed goes to standard error; the answers have a channel of their own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.path[:] = json.loads(sys.stdin.buffer.readline())
    from summarize.errors import portable
    from summarize.garbage_collection import collect_rarely
    from summarize.pipeline.pending import PendingPipelines

    collect_rarely()
    pipelines = PendingPipelines(*_received())
    while (job := _received()) is not None:
        try:
            answer: object = pipelines.step(*job)
        except Exception as error:  # noqa: BLE001  whatever it is, it is the caller's
            answer = portable(error)
        data = pickle.dumps(answer)
        try:
            answers.write(_LENGTH.pack(len(data)) + data)
            answers.flush()
        except BrokenPipeError:
            # The parent has gone; to end in order would be to write again.
            os._exit(0)


def _received() -> Any:
    head = sys.stdin.buffer.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    # From this process's own parent.
    return pickle.loads(sys.stdin.buffer.read(_LENGTH.unpack(head)[0]))  # noqa: S301


if __name__ == "__main__":
    _main()
