"""What the tests of several commands share: articles, files of lines, and a command's outcome."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from endpoint import ARTICLE

from summarize.cli import run
from summarize.cli.arguments import parse
from summarize.errors import SummarizeError

MODEL = "openai/stand-in"


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    code: int
    out: str
    errors: list[str]

    def said(self, words: str) -> str:
        """The one line that says so."""
        (line,) = [line for line in self.errors if words in line]
        return line


def outcome(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> Done:
    """What comes of a command in this process: it is the start of another one that takes time."""
    try:
        code = run(parse(list(words)))
    except SummarizeError as error:  # as `main` tells it
        code = 2
        sys.stderr.write(f"summarize: {error}\n")
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert "defect" not in said.err
    assert "sk-stand-in" not in said.err
    return Done(code, said.out, said.err.splitlines())


def text(number: int) -> str:
    return f"{ARTICLE}\nArticle number {number}.\n"


def articles(count: int, *, first: int = 0) -> list[dict[str, str]]:
    return [{"id": f"a{i}", "text": text(i)} for i in range(first, first + count)]


def number_in(messages: Iterable[str]) -> int:
    """Which article a request is about, the first question or a later one."""
    found = re.findall(r"Article number (\d+)\.", " ".join(messages))
    return int(found[0])


def write(name: str, records: Iterable[object]) -> Path:
    path = Path(name)
    lines = (json.dumps(record, ensure_ascii=False) for record in records)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def written(path: Path | str) -> list[dict[str, Any]]:
    """The lines of a file, each of them whole."""
    data = Path(path).read_bytes()
    assert data.endswith(b"\n") or not data
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def by_id(lines: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    lines = list(lines)
    found = {line["id"]: line for line in lines}
    assert len(found) == len(lines)
    return found


def without_provenance(line: dict[str, Any]) -> str:
    summary = {k: v for k, v in line["summary"].items() if k != "provenance"}
    return json.dumps({**line, "summary": summary}, ensure_ascii=False)
