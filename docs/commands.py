"""Writes commands.md: the help of every command, as the command prints it.

python docs/commands.py

`--check` writes nothing and fails when the page is out of date.
"""

from __future__ import annotations

import argparse
import os
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

from summarize.cli.arguments import COMMANDS, parse

PAGE = Path(__file__).parent / "commands.md"
COLUMNS = 88


def main() -> None:
    """Writes the page, or checks it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail when the page is out of date")
    options = parser.parse_args()
    page = written()
    if options.check and page != PAGE.read_text(encoding="utf-8"):
        raise SystemExit("docs/commands.md is out of date: python docs/commands.py")
    PAGE.write_text(page, encoding="utf-8")


def written() -> str:
    """The page."""
    os.environ["COLUMNS"] = str(COLUMNS)
    parts = ["# Commands", "Made by `python docs/commands.py`.", shown("--help")]
    for name in COMMANDS:
        parts += [f"## {name}", shown(name, "--help")]
    return "\n\n".join(parts) + "\n"


def shown(*arguments: str) -> str:
    """What the command prints, as a block of code."""
    out = StringIO()
    with redirect_stdout(out), suppress(SystemExit):
        parse(arguments)
    return f"```text\n$ summarize {' '.join(arguments)}\n{out.getvalue().rstrip()}\n```"


if __name__ == "__main__":
    main()
