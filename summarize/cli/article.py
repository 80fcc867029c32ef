"""`summarize article`: one article, or several."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from summarize.article import Article
from summarize.cli import DONE, INTERRUPTED, NOTHING_DONE, SOME_FAILED
from summarize.cli.arguments import FORMATS
from summarize.cli.console import Messages
from summarize.errors import ConfigurationError, InputError, SummarizeError
from summarize.models import choose_model
from summarize.schema import Summary
from summarize.sources import STANDARD_INPUT, read_file, read_standard_input
from summarize.summarizer import Summarizer

__all__ = ["run"]

_ENDINGS = {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".md": "markdown"}


def run(options: argparse.Namespace) -> int:
    """Summarizes what the options name; returns the exit code."""
    done = 0
    interrupted = False
    with Messages(quiet=options.quiet) as messages:
        articles = list(_read(options.sources, messages))
        if not articles:
            return NOTHING_DONE
        with _output(options.output) as stream:
            form = options.format or _format_of(options.output)
            writer = _Writer(form, stream, several=len(options.sources) > 1)
            try:
                for summary in _summaries(articles, options, messages):
                    writer.write(summary)
                    done += 1
            except KeyboardInterrupt:
                interrupted = True
            writer.close()
        if interrupted:
            messages.fail(f"interrupted after {done} of {len(articles)} articles")
            return INTERRUPTED
    if done == len(options.sources):
        return DONE
    return SOME_FAILED if done else NOTHING_DONE


def _read(sources: list[str], messages: Messages) -> Iterator[Article]:
    """The articles that can be read; a line for each that cannot."""
    for source in sources:
        try:
            if source == STANDARD_INPUT:
                yield read_standard_input()
            elif source.startswith(("http://", "https://")):
                raise InputError(f"{source}: is an address", hint="save its text to a file first")
            else:
                yield read_file(Path(source))
        except InputError as error:
            messages.fail(error)


def _summaries(
    articles: list[Article], options: argparse.Namespace, messages: Messages
) -> Iterator[Summary]:
    """A summary of each article; a line for each that fails, and no more after a fatal one."""
    settings = choose_model(options.model, base_url=options.base_url, timeout=options.timeout)
    where = f" at {settings.base_url}" if settings.base_url else ""
    replayed = f", replayed from {options.replay}" if options.replay else ""
    messages.say(f"model: {settings.name}{where} ({settings.why}){replayed}")
    messages.begin(settings.name)
    with Summarizer(
        settings,
        prompts=_path(options.prompts),
        record=_path(options.record),
        replay=_path(options.replay),
        report=messages.report,
    ) as summarizer:
        for number, article in enumerate(articles, start=1):
            count = f"{number}/{len(articles)} " if len(articles) > 1 else ""
            messages.begin(f"{count}{article.id}")
            try:
                summary = summarizer.summarize(article)
            except SummarizeError as error:
                messages.fail(f"{article.source or article.id}: {error}")
                if error.fatal:
                    left = len(articles) - number
                    if left:
                        messages.fail(f"stopped: {left} more would fail in the same way")
                    return
            else:
                messages.say(f"{count}{article.id}: {summary.provenance.seconds:.1f} s")
                yield summary


def _path(option: str | None) -> Path | None:
    return Path(option) if option else None


def _format_of(output: str | None) -> str:
    return _ENDINGS.get(Path(output).suffix.lower(), FORMATS[0]) if output else FORMATS[0]


class _Writer:
    """Writes summaries as they come, in one form."""

    def __init__(self, form: str, stream: IO[str], *, several: bool) -> None:
        self._form = form
        self._stream = stream
        self._several = several
        self._written: list[str] = []

    def write(self, summary: Summary) -> None:
        """Writes one, but for JSON: an array is one value, and written when it is whole."""
        rendered = self._rendered(summary)
        if self._form != "json":
            between = self._between() if self._written else ""
            self._stream.write(between + rendered)
            self._stream.flush()
        self._written.append(rendered if self._form == "json" else "")

    def close(self) -> None:
        """Writes what was held back."""
        if self._form == "json" and self._written:
            values = ",\n".join(self._written)
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
        from summarize.report import render_text

        return render_text(summary, width=_width(), color=_has_color(self._stream))

    def _between(self) -> str:
        if self._form == "text":
            return f"\n{'─' * min(_width(), MAX_MEASURE)}\n\n"
        return "\n---\n\n" if self._form == "markdown" else ""


# Columns; the widest measure of the text report.
MAX_MEASURE = 100


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
def _output(path: str | None) -> Iterator[IO[str]]:
    """Standard output, or a file that appears whole: written beside its place and moved there."""
    if path is None:
        yield sys.stdout
        return
    target = Path(path)
    if target.is_dir():
        raise ConfigurationError(f"{target}: is a folder", hint="name a file with -o")
    try:
        stream = NamedTemporaryFile(  # noqa: SIM115  closed below, before it is moved
            "w",
            encoding="utf-8",
            newline="",
            dir=target.parent,
            prefix=f".{target.name}.",
            delete=False,
        )
    except OSError as error:
        raise ConfigurationError(
            f"{target}: cannot be written ({error.strerror})", hint="check the folder"
        ) from error
    written = Path(stream.name)
    try:
        with stream:
            yield stream
        if written.stat().st_size:
            mode = target.stat().st_mode if target.exists() else 0o666 & ~_umask()
            written.chmod(mode & 0o777)
            written.replace(target)
    finally:
        written.unlink(missing_ok=True)


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
