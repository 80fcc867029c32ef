"""The command `summarize`.

`arguments.COMMANDS` lists the commands: what each does, its arguments, and the module whose
`run_NAME` does it, which is loaded when it is asked for.

In: the command line. Out: results on standard output, messages on standard error, an exit code.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from types import FrameType

from summarize.cli.arguments import COMMANDS, parse
from summarize.pipeline.garbage_collection import collecting_rarely

__all__ = ["DONE", "INTERRUPTED", "NOTHING_DONE", "SOME_FAILED", "error_message", "main", "run"]

# Exit codes: all done, some articles failed, nothing done (usage, configuration, input), Ctrl-C.
DONE, SOME_FAILED, NOTHING_DONE, INTERRUPTED = 0, 1, 2, 130
# Seconds that a run may take to keep what it has and close down.
_CLOSING_TIME = 5.0


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code.

    Args:
        argv: what follows the command's name; None for the arguments of this process, whose signals
            are then set up for it.
    """
    if sys.stdout is None:  # closed by the shell
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    options = parse(argv)
    try:
        if argv is None:
            _ignore_repeated_interrupts()
        _write_utf8()
        with collecting_rarely():
            code = run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone, as `head` does.
        _abandon_output()
        return SOME_FAILED
    except KeyboardInterrupt:
        print("summarize: interrupted", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except Exception as error:
        _abandon_output()
        if options.traceback:
            raise
        print(f"summarize: {one_line(error_message(error))}", file=sys.stderr)  # noqa: T201
        return NOTHING_DONE
    finally:
        if argv is None:
            # Only the end is left: nothing to interrupt, and Python would say where it was.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            # What is left goes with the process; looking through it for cycles only takes time.
            gc.freeze()
    return code


def run(options: argparse.Namespace) -> int:
    """Runs the command that the options are for, and returns its exit code."""
    _, module, _ = COMMANDS[options.command]
    command = import_module(f"summarize.cli.{module}")
    code: int = getattr(command, f"run_{options.command}")(options)
    return code


def _ignore_repeated_interrupts() -> None:
    """Lets one Ctrl-C through; the next ones would break into the closing down."""
    last = float("-inf")

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal last
        # Should that hang, or some library have swallowed the first, a later one helps.
        if time.monotonic() - last > _CLOSING_TIME:
            last = time.monotonic()
            raise KeyboardInterrupt

    # Not where it is ignored, as for a program in the background.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


def _write_utf8() -> None:
    """Results are UTF-8 wherever they go; a terminal keeps its encoding, and shows what it can."""
    if not isinstance(sys.stdout, TextIOWrapper):
        return  # a caller's own
    if sys.stdout.isatty():
        sys.stdout.reconfigure(errors="replace")
    else:
        sys.stdout.reconfigure(encoding="utf-8", errors="strict")


def _abandon_output() -> None:
    """Drops what cannot be written: Python would try again at exit, and complain again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def error_message(error: Exception) -> str:
    """Words one of our errors, one of the system's with its place, or a defect."""
    from summarize.errors import SummarizeError

    if isinstance(error, SummarizeError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else "the results cannot be written: "
        return f"{where}{error.strerror}; check the place and its free space"
    return f"{type(error).__name__}: {error}; this is a defect: --traceback shows where"


# Line breaks, terminal control, changes of the direction of the text, and the bytes of a file's
# name that are no UTF-8: names of files and the words of servers are a stranger's.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def one_line(text: str) -> str:
    """Returns a message as one line without anything that a terminal would obey."""
    return _CONTROL.sub(" ", text)
