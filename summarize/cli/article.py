"""`summarize article`: one article, or several."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from summarize.article.article import Article
from summarize.cli import INTERRUPTED, error_message
from summarize.cli.arguments import FILES, settings_of, taken
from summarize.cli.messages import Messages
from summarize.cli.output import Writer, format_of, open_output
from summarize.errors import InputError, SummarizeError
from summarize.pipeline.summarizer import Summarizer
from summarize.schema import Summary
from summarize.sources.articles import is_address, read_file, read_standard_input, read_url
from summarize.sources.inputs import holds_records, read_records


def run_article(options: argparse.Namespace) -> int:
    """Summarizes the articles that the options name; returns the exit code."""
    sources: list[str] = options.sources
    with Messages(quiet=options.quiet) as messages:
        output_format = options.format or format_of(options.output)
        # Before the model is set up: a recording or a replay would take hold of what is fetched.
        articles = list(_read(options, messages))
        if not articles:
            if not messages.errors:
                why = f"{', '.join(sources)}: holds no articles"
                raise InputError(why, hint="give it a row or a line for each")
            return messages.exit_code(is_anything_done=False)
        done, is_interrupted = 0, False
        is_array = len(sources) > 1 or holds_records(Path(sources[0]))
        with open_output(options.output, inputs=sources) as stream:
            writer = Writer(output_format, stream, is_array=is_array)
            try:
                for article, summary in _summaries(articles, options, messages):
                    with messages.paused():
                        writer.write(summary, article.text)
                    done += 1
            except KeyboardInterrupt:
                # What is done is kept.
                is_interrupted = True
            with messages.paused():
                writer.close()
        if is_interrupted:
            messages.error(f"interrupted after {done} of {len(articles)} articles")
            return INTERRUPTED
        return messages.exit_code(is_anything_done=done > 0)


def _read(options: argparse.Namespace, messages: Messages) -> Iterator[Article]:
    """Yields the articles; says why one cannot be read."""
    for source in options.sources:
        try:
            if source == "-":
                if sys.stdin is not None and sys.stdin.isatty():
                    messages.info("type or paste the article, then Ctrl-D on a line of its own")
                yield read_standard_input()
            elif is_address(source):
                messages.start_task(f"fetching {source}")
                allowed, timeout = options.allow_private, options.timeout
                yield read_url(source, allow_private=allowed, timeout=timeout)
            elif holds_records(Path(source)):
                for record in read_records([source]):
                    if record.article:
                        yield record.article
                    else:
                        messages.error(record.error or f"{source}: has no text")
            else:
                yield read_file(Path(source))
        except InputError as error:
            messages.error(error)


def _summaries(
    articles: list[Article], options: argparse.Namespace, messages: Messages
) -> Iterator[tuple[Article, Summary]]:
    """Yields each article with its summary; says why one fails, and stops after a fatal error."""
    settings = settings_of(options)
    messages.start_model(settings, options.replay)
    report = messages.on_progress
    with Summarizer(settings, **taken(options, FILES), report=report) as summarizer:
        for number, article in enumerate(articles, start=1):
            count = f"{number}/{len(articles)} " if len(articles) > 1 else ""
            messages.start_task(f"{count}{article.id}")
            try:
                summary = summarizer.summarize(article)
            except Exception as error:
                # A defect that one article brings out costs no other one.
                if options.traceback and not isinstance(error, SummarizeError):
                    raise
                # Errors of the input name the article themselves.
                name = "" if isinstance(error, InputError) else f"{article.name}: "
                messages.error(f"{name}{error_message(error)}")
                left = len(articles) - number
                if left and isinstance(error, SummarizeError) and error.fatal:
                    messages.error(f"stopped: {left} more would fail in the same way")
                    return
            else:
                messages.info(f"{count}{article.id}: {summary.provenance.seconds:.1f} s")
                yield article, summary
