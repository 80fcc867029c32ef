"""Writes the generated part of architecture.md: the rooms, in the order of the import contracts.

python docs/architecture.py

What a room is for is its docstring; which room may import which is the first contract of
`[tool.importlinter]` in pyproject.toml. `--check` writes nothing and fails when the page is out of
date.
"""

from __future__ import annotations

import argparse
import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "architecture.md"
MARKS = "<!-- made by docs/architecture.py -->\n", "<!-- end -->\n"


def main() -> None:
    """Writes the page, or checks it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail when the page is out of date")
    options = parser.parse_args()
    written = PAGE.read_text(encoding="utf-8")
    head, rest = written.split(MARKS[0])
    page = "".join((head, MARKS[0], drawn(layers()), MARKS[1], rest.split(MARKS[1])[1]))
    if page != written and options.check:
        raise SystemExit("docs/architecture.md is out of date: python docs/architecture.py")
    PAGE.write_text(page, encoding="utf-8")


def layers() -> list[list[str]]:
    """The modules beside each other in each layer, the highest layer first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]
    return [re.findall(r"\w+", layer) for layer in contract["layers"]]


def drawn(rows: list[list[str]]) -> str:
    """A drawing of the layers, and a table of what each room is for."""
    drawing = ["```mermaid", "flowchart TB"]
    for number, row in enumerate(rows):
        drawing += [
            f'  subgraph L{number}[" "]',
            "    direction LR",
            *(f"    {name}" for name in row),
            "  end",
        ]
    drawing += [f"  L{n} --> L{n + 1}" for n in range(len(rows) - 1)] + ["```", ""]
    table = ["| room | what it is for |", "|---|---|"]
    table += [f"| `{name}` | {purpose(name)} |" for row in reversed(rows) for name in row]
    return "\n".join([*drawing, *table, ""])


def purpose(name: str) -> str:
    """The docstring of a room or module, on one line."""
    path = ROOT / "summarize" / name
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return (
        " ".join(docstring.split("\n\n")[0].split())
        if path.stem != "__init__"
        else " ".join(docstring.split())
    )


if __name__ == "__main__":
    main()
