"""Where summaries go, and in which format."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from rich.console import Console

from summarize.cli.arguments import FORMATS
from summarize.errors import ConfigurationError
from summarize.schema import Summary

if TYPE_CHECKING:
    from summarize.report.html import HtmlReport

_ENDINGS = {"": "text", "txt": "text", "ndjson": "jsonl", "md": "markdown", "htm": "html"}
# Columns; the widest measure of the text report.
_MAX_MEASURE = 100


def format_of(output: str | None) -> str:
    """Returns the format that the name of a file asks for; text without a name or an ending."""
    ending = Path(output or "").suffix.lower().removeprefix(".")
    format_ = _ENDINGS.get(ending, ending)
    if format_ not in FORMATS:
        raise ConfigurationError(
            f"{output}: the ending .{ending} names no format",
            hint=f"give --format, one of {', '.join(FORMATS)}",
        )
    return format_


class Writer:
    """Writes summaries as they come, in one of `FORMATS`; JSON as an array even of one if asked."""

    def __init__(self, format_: str, stream: IO[str], *, is_array: bool) -> None:
        self._format = format_
        self._stream = stream
        self._is_begun = False
        self._width = shutil.get_terminal_size().columns
        rule = f"\n{'─' * min(self._width, _MAX_MEASURE)}\n\n"
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
        else:
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
            return summary.to_markdown()
        from summarize.report.text import render_text

        # By https://no-color.org and https://force-color.org, else whether it is a terminal.
        console = Console(file=self._stream)
        has_color = console.color_system is not None and not console.no_color
        return render_text(summary, width=self._width, color=has_color)


@contextmanager
def open_output(path: str | None, *, inputs: Sequence[str] = ()) -> Iterator[IO[str]]:
    """Opens standard output, or a file that takes its place only when it is whole.

    What was there before stays when an error comes, or nothing is written. It must not be one of
    the inputs.
    """
    if path is None or path == "-":
        yield sys.stdout
        return
    # A link stays a link: what it points to is replaced.
    target = Path(path).resolve()
    for given in inputs:
        with suppress(OSError, ValueError):
            if target.samefile(given):
                raise ConfigurationError(f"{path}: is one of the inputs", hint="name another file")
    # Not a device or a pipe.
    is_replaced = target.is_file() or not target.exists()
    # Of a fixed length: a long name with something added could be too long.
    part = target.with_name(f".summarize-{uuid4().hex}") if is_replaced else target
    try:
        stream = part.open("x" if is_replaced else "w", encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written ({error.strerror})",
            hint="name a file with -o, in a folder that exists and may be written to",
        ) from error
    try:
        with stream:
            yield stream
        if is_replaced and part.stat().st_size:
            if target.exists():
                part.chmod(target.stat().st_mode & 0o777)
            part.replace(target)
    finally:
        if is_replaced:
            part.unlink(missing_ok=True)
