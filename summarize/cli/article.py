"""`summarize article`: one article, or several."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from summarize.article.article import Article
from summarize.cli import DONE, INTERRUPTED, NOTHING_DONE, SOME_FAILED, told
from summarize.cli.asking import settings_of
from summarize.cli.console import Messages
from summarize.cli.output import Writer, form_of, opened
from summarize.errors import InputError, SummarizeError
from summarize.pipeline.summarizer import Summarizer
from summarize.schema import Summary
from summarize.sources.articles import STANDARD_INPUT, read_file, read_standard_input, read_url
from summarize.sources.fetching import is_address
from summarize.sources.inputs import holds_records, read_records

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Summarizes what the options name; returns the exit code."""
    done = 0
    interrupted = False
    with Messages(quiet=options.quiet) as messages:
        form = options.format or form_of(options.output)
        # Before the model is there: a recording or a replay would take hold of what is fetched.
        articles = []
        failed = 0
        for found in _read(options, messages):
            if isinstance(found, Article):
                articles.append(found)
            else:
                messages.fail(found)
                failed += 1
        if not articles:
            if not failed:
                why = f"{', '.join(options.sources)}: holds no articles"
                raise InputError(why, hint="give it a row or a line for each")
            return NOTHING_DONE
        with opened(options.output, sources=options.sources) as stream:
            writer = Writer(form, stream, several=_may_be_several(options.sources))
            try:
                for article, summary in _summaries(articles, options, messages):
                    with messages.paused():
                        writer.write(summary, article.text)
                    done += 1
            except KeyboardInterrupt:
                interrupted = True
            finally:
                with messages.paused():
                    writer.close()
        if interrupted:
            messages.fail(f"interrupted after {done} of {len(articles)} articles")
            return INTERRUPTED
    if done == len(articles) and not failed:
        return DONE
    return SOME_FAILED if done else NOTHING_DONE


def _may_be_several(sources: Sequence[str]) -> bool:
    return len(sources) > 1 or holds_records(Path(sources[0]))


def _read(options: argparse.Namespace, messages: Messages) -> Iterator[Article | InputError]:
    """The articles that can be read, and why others cannot."""
    for source in options.sources:
        try:
            if source == STANDARD_INPUT:
                if sys.stdin is not None and sys.stdin.isatty():
                    messages.say("the article, please, then Ctrl-D on a line of its own")
                yield read_standard_input()
            elif is_address(source):
                messages.begin(f"fetching {source}")
                allowed, timeout = options.allow_private, options.timeout
                yield read_url(source, allow_private=allowed, timeout=timeout)
            elif holds_records(Path(source)):
                for record in read_records([source]):
                    yield record.article or record.error or InputError(f"{source}: has no text")
            else:
                yield read_file(Path(source))
        except InputError as error:
            yield error


def _summaries(
    articles: list[Article], options: argparse.Namespace, messages: Messages
) -> Iterator[tuple[Article, Summary]]:
    """Each article with its summary; a line for each that fails, and no more after a fatal one."""
    settings = settings_of(options)
    messages.begin_model(settings, options.replay)
    with Summarizer(
        settings,
        prompts=options.prompts,
        record=options.record,
        replay=options.replay,
        report=messages.report,
    ) as summarizer:
        for number, article in enumerate(articles, start=1):
            count = f"{number}/{len(articles)} " if len(articles) > 1 else ""
            messages.begin(f"{count}{article.id}")
            try:
                summary = summarizer.summarize(article)
            except Exception as error:
                # A defect that one article brings out costs no other one.
                if options.traceback and not isinstance(error, SummarizeError):
                    raise
                messages.fail(_of_article(article, error))
                left = len(articles) - number
                if left and isinstance(error, SummarizeError) and error.fatal:
                    messages.fail(f"stopped: {left} more would fail in the same way")
                    return
            else:
                messages.say(f"{count}{article.id}: {summary.provenance.seconds:.1f} s")
                yield article, summary


def _of_article(article: Article, error: Exception) -> str:
    """An error with the article it is about; one about the text names it already."""
    if isinstance(error, InputError):
        return told(error)
    return f"{article.name}: {told(error)}"
