"""The command `summarize`. Each command is a module of its own, loaded when it is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from summarize.cli.arguments import parse

__all__ = ["main"]

# Exit codes: all done, some articles failed, nothing done (usage, configuration, input), Ctrl-C.
DONE, SOME_FAILED, NOTHING_DONE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code."""
    options = parse(argv)
    try:
        code = _run(options.command, options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone, as `head` does. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except KeyboardInterrupt:
        print("summarize: interrupted", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except Exception as error:
        if options.traceback:
            raise
        print(f"summarize: {_told(error)}", file=sys.stderr)  # noqa: T201
        return NOTHING_DONE
    return code


def _run(command: str, options: object) -> int:
    from importlib import import_module

    code: int = import_module(f"summarize.cli.{command}").run(options)
    return code


def _told(error: Exception) -> str:
    from summarize.errors import SummarizeError

    if isinstance(error, SummarizeError):
        return str(error)
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}; this is a defect: --traceback shows where"
