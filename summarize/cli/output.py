"""Where summaries go, and in which form."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING

from summarize.cli.arguments import FORMATS
from summarize.errors import ConfigurationError, OutputError
from summarize.schema import Summary

if TYPE_CHECKING:
    from summarize.report.html import HtmlReport

__all__ = ["Writer", "form_of", "opened"]

_ENDINGS = {
    "": "text",
    ".txt": "text",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "markdown",
    ".html": "html",
    ".htm": "html",
}


def form_of(output: str | None) -> str:
    """The form that the name of a file asks for; for reading where there is no name or ending.

    Raises:
        ConfigurationError: the ending is of another form.
    """
    ending = Path(output).suffix.lower() if output else ""
    if ending not in _ENDINGS:
        raise ConfigurationError(
            f"{output}: the ending {ending} names no format",
            hint=f"give --format, one of {', '.join(FORMATS)}",
        )
    return _ENDINGS[ending]


class Writer:
    """Writes summaries as they come, in one form."""

    def __init__(self, form: str, stream: IO[str], *, several: bool) -> None:
        self._form = form
        self._stream = stream
        self._several = several
        self._held: list[str] = []
        self._begun = False
        self._page: HtmlReport | None = None
        if form == "html":
            from summarize.report.html import HtmlReport

            self._page = HtmlReport(stream)

    def write(self, summary: Summary, text: str) -> None:
        """Writes one, but for JSON: an array is one value, and written when it is whole.

        Args:
            summary: the summary.
            text: of its article.
        """
        if self._page:
            self._page.add(summary, text)
            return
        rendered = self._rendered(summary)
        if self._form == "json":
            self._held.append(rendered)
            return
        self._stream.write((self._between() if self._begun else "") + rendered)
        self._stream.flush()
        self._begun = True

    def close(self) -> None:
        """Writes what was held back, and the end of a page."""
        if self._page:
            self._page.close()
        if self._held:
            values = ",\n".join(self._held)
            self._stream.write(f"[\n{values}\n]\n" if self._several else f"{values}\n")
            self._stream.flush()

    def _rendered(self, summary: Summary) -> str:
        if self._form == "json":
            return summary.to_json(indent=2)
        if self._form == "jsonl":
            return f"{summary.to_json()}\n"
        if self._form == "markdown":
            from summarize.report import render_markdown

            return render_markdown(summary)
        from summarize.report.text import render_text

        return render_text(summary, width=_width(), color=_has_color(self._stream))

    def _between(self) -> str:
        if self._form == "text":
            return f"\n{'─' * min(_width(), _MAX_MEASURE)}\n\n"
        return "\n---\n\n" if self._form == "markdown" else ""


# Columns; the widest measure of the text report.
_MAX_MEASURE = 100


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
def opened(
    path: str | None, *, sources: Sequence[str] = (), keeps_part: bool = True
) -> Iterator[IO[str]]:
    """Standard output, or a file that appears whole: written beside its place and moved there.

    What was there before stays if nothing is written. What is written when an error comes is kept,
    unless the writing itself failed, or it is soon written again.

    Args:
        path: the file; `-` or None for standard output.
        sources: that it must not be.
        keeps_part: whether a part is worth keeping.

    Raises:
        ConfigurationError: it cannot be written, or is one of the sources.
    """
    if path is None or path == "-":
        yield sys.stdout
        return
    # A link stays a link: what it points to is replaced.
    target = Path(path).resolve()
    if target.is_dir():
        raise ConfigurationError(f"{path}: is a folder", hint="name a file with -o")
    if any(_is_same(target, source) for source in sources):
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
    with _replacing(target, path, keeps_part=keeps_part) as stream:
        yield stream


@contextmanager
def _replacing(target: Path, path: str, *, keeps_part: bool) -> Iterator[IO[str]]:
    try:
        stream = NamedTemporaryFile(  # noqa: SIM115  closed below, before it is moved
            "w",
            encoding="utf-8",
            newline="",
            dir=target.parent,
            # Of a fixed length: a long name with something added could be too long.
            prefix=".summarize-",
            delete=False,
        )
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written ({error.strerror})", hint="check who may write there"
        ) from error
    written = Path(stream.name)
    try:
        with stream:
            try:
                yield stream
            except (OSError, OutputError):
                # Written in part only: what was there before is worth more.
                raise
            except BaseException:
                if keeps_part:
                    _put(stream, written, target)
                raise
            _put(stream, written, target)
    finally:
        written.unlink(missing_ok=True)


def _put(stream: IO[str], written: Path, target: Path) -> None:
    """Moves what was written, if anything was, to its place."""
    stream.flush()
    if written.stat().st_size:
        mode = target.stat().st_mode if target.exists() else 0o666 & ~_umask()
        stream.close()
        written.chmod(mode & 0o777)
        written.replace(target)


def _is_same(target: Path, source: str) -> bool:
    try:
        return target.samefile(source)
    except (OSError, ValueError):
        return False


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
