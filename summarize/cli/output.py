"""Where summaries go, and in which format."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from summarize.cli.arguments import FORMATS
from summarize.errors import ConfigurationError
from summarize.schema import Summary

if TYPE_CHECKING:
    from summarize.report.html import HtmlReport

__all__ = ["Writer", "format_of", "open_output"]

_FORMATS_BY_ENDING = {
    "": "text",
    ".txt": "text",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "markdown",
    ".html": "html",
    ".htm": "html",
}
# Columns; the widest measure of the text report.
_MAX_MEASURE = 100


def format_of(output: str | None) -> str:
    """Returns the format that the name of a file asks for; text without a name or an ending.

    Raises:
        ConfigurationError: the ending is of another format.
    """
    ending = Path(output).suffix.lower() if output else ""
    if ending not in _FORMATS_BY_ENDING:
        raise ConfigurationError(
            f"{output}: the ending {ending} names no format",
            hint=f"give --format, one of {', '.join(FORMATS)}",
        )
    return _FORMATS_BY_ENDING[ending]


class Writer:
    """Writes summaries as they come, in one format.

    Args:
        format_: one of `FORMATS`.
        stream: where to.
        is_array: whether JSON is an array, even of one summary.
    """

    def __init__(self, format_: str, stream: IO[str], *, is_array: bool) -> None:
        self._format = format_
        self._stream = stream
        self._is_begun = False
        rule = f"\n{'─' * min(_width(), _MAX_MEASURE)}\n\n"
        array = ("[\n", ",\n", "\n]\n") if is_array else ("", "", "\n")
        layouts = {"text": ("", rule, ""), "markdown": ("", "\n---\n\n", ""), "json": array}
        # What stands before all, between two, and after all.
        self._start, self._separator, self._end = layouts.get(format_, ("", "", ""))
        self._page: HtmlReport | None = None
        if format_ == "html":
            from summarize.report.html import HtmlReport

            self._page = HtmlReport(stream)

    def write(self, summary: Summary, text: str) -> None:
        """Writes a summary; `text` is its article's."""
        if self._page:
            self._page.add(summary, text)
            return
        before = self._separator if self._is_begun else self._start
        self._stream.write(before + self._rendered(summary))
        self._stream.flush()
        self._is_begun = True

    def close(self) -> None:
        """Writes the end of a page or an array."""
        if self._page:
            self._page.close()
        elif self._is_begun:
            self._stream.write(self._end)

    def _rendered(self, summary: Summary) -> str:
        if self._format == "json":
            return summary.to_json(indent=2)
        if self._format == "jsonl":
            return f"{summary.to_json()}\n"
        if self._format == "markdown":
            from summarize.report import render_markdown

            return render_markdown(summary)
        from summarize.report.text import render_text

        return render_text(summary, width=_width(), color=_has_color(self._stream))


def _width() -> int:
    return shutil.get_terminal_size().columns


def _has_color(stream: IO[str]) -> bool:
    """By https://no-color.org and https://force-color.org, else whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def open_output(path: str | None, *, inputs: Sequence[str] = ()) -> Iterator[IO[str]]:
    """Opens standard output, or a file that takes its place only when it is whole.

    What was there before stays when an error comes, or nothing is written.

    Args:
        path: the file; `-` or None for standard output.
        inputs: files that it must not be.

    Raises:
        ConfigurationError: it cannot be written, or is one of the inputs.
    """
    if path is None or path == "-":
        yield sys.stdout
        return
    # A link stays a link: what it points to is replaced.
    target = Path(path).resolve()
    if target.is_dir():
        raise ConfigurationError(f"{path}: is a folder", hint="name a file with -o")
    if any(_is_same(target, given) for given in inputs):
        raise ConfigurationError(f"{path}: is one of the inputs", hint="name another file")
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        # /dev/null, a pipe: nothing to be replaced.
        with target.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    if not target.parent.is_dir():
        raise ConfigurationError(
            f"{path}: the folder does not exist", hint=f"create it: mkdir -p {target.parent}"
        )
    # Of a fixed length: a long name with something added could be too long.
    part = target.with_name(f".summarize-{uuid4().hex}")
    try:
        stream = part.open("x", encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written ({error.strerror})", hint="check who may write there"
        ) from error
    try:
        with stream:
            yield stream
        if part.stat().st_size:
            if target.exists():
                part.chmod(target.stat().st_mode & 0o777)
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _is_same(target: Path, given: str) -> bool:
    try:
        return target.samefile(given)
    except (OSError, ValueError):
        return False
