"""`summarize evaluate`: summaries against what a reader found in the same articles."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TypeAlias

from summarize.article.article import Article
from summarize.cli import DONE, NOTHING_DONE, SOME_FAILED
from summarize.cli.asking import settings_of
from summarize.cli.console import Messages
from summarize.cli.scores import Repeats, in_json, in_text
from summarize.cli.words import counted
from summarize.errors import ConfigurationError, InputError, SummarizeError
from summarize.evaluation.gold import read_gold
from summarize.evaluation.gold_summaries import summary_of_gold
from summarize.evaluation.scoring import evaluate
from summarize.evaluation.verification import read_summaries
from summarize.models import ModelSettings
from summarize.schema import Summary
from summarize.sources.articles import read_file
from summarize.sources.inputs import read_records

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Prints the scores; returns the exit code."""
    with Messages(quiet=options.quiet) as messages:
        gold = read_gold(Path(options.gold))
        articles, is_whole = _articles(Path(options.articles), gold, messages)
        if options.summaries and options.repeat > 1:
            raise ConfigurationError("--repeat asks the model", hint="leave --summaries out")
        if options.summaries:
            summaries, is_done = _read(Path(options.summaries), articles, messages)
            runs = [summaries]
        else:
            runs = [_made(articles, options, messages) for _ in range(options.repeat)]
            is_done = all(len(run) == len(articles) for run in runs)
        if not all(runs):
            return NOTHING_DONE
        other = _other(Path(options.against), articles, messages) if options.against else None
    every = [evaluate(gold, articles, run) for run in runs]
    result = every[0]
    compared = evaluate(gold, articles, other) if other else None
    repeats = Repeats.of(every, runs) if options.repeat > 1 else None
    if options.format == "json":
        sys.stdout.write(in_json(result, compared, repeats))
    else:
        is_replayed = options.replay is not None and options.summaries is None
        sys.stdout.write(
            in_text(result, compared, repeats, worst=options.worst, is_replayed=is_replayed)
        )
    is_below = options.min_f1 is not None and result.mean_f1 < options.min_f1
    if is_below:
        messages.fail(f"the mean F1 of {result.mean_f1:.3f} is below {options.min_f1:g}")
    return DONE if is_whole and is_done and not is_below else SOME_FAILED


def _other(place: Path, articles: dict[str, Article], messages: Messages) -> dict[str, Summary]:
    """What another run, or another reader, says of the articles.

    Raises:
        InputError: it cannot be read, or is about none of them.
    """
    if not place.is_dir():
        return _read(place, articles, messages)[0]
    gold = read_gold(place)
    found = {id_: summary_of_gold(gold[id_], a) for id_, a in articles.items() if id_ in gold}
    if not found:
        raise InputError(f"{place}: has no gold of these articles", hint="name each file ID.json")
    return found


def _articles(
    place: Path, ids: Collection[str], messages: Messages
) -> tuple[dict[str, Article], bool]:
    """The articles with these ids, from a folder or a file of records; and whether all are there.

    Raises:
        InputError: there is none, or no such place.
    """
    articles = {}
    told = set()
    for id_, article in _placed(place, ids):
        if isinstance(article, Article):
            articles[id_] = article
        else:
            messages.fail(f"{article}; left out")
            told.add(id_)
    if not articles:
        raise InputError(
            f"{place}: has no article that there is gold for",
            hint="the gold of 17.txt, or of the record with the id 17, is 17.json",
        )
    if missing := [id_ for id_ in ids if id_ not in articles and id_ not in told]:
        messages.fail(f"{place}: has no article for the gold of {_listed(missing)}; left out")
    return articles, len(articles) == len(ids)


def _placed(place: Path, ids: Collection[str]) -> Iterator[tuple[str, Article | InputError]]:
    """Each article that is there, or why it cannot be read."""
    if not place.is_dir():
        for record in read_records([place]):
            if record.id in ids and (found := record.article or record.error):
                yield record.id, found
        return
    for id_ in ids:
        path = place / f"{id_}.txt"
        if path.exists():
            try:
                yield id_, read_file(path)
            except InputError as error:
                yield id_, error


def _read(
    path: Path, articles: Collection[str], messages: Messages
) -> tuple[dict[str, Summary], bool]:
    """The summaries of the articles, the last one of each; and whether all are there and whole.

    Raises:
        InputError: the file cannot be read, or has a summary of none of the articles.
    """
    summaries = {}
    is_whole = True
    for record in read_summaries(path):
        if isinstance(record, SummarizeError):
            messages.fail(record)
            is_whole = False
        elif record.article.id in articles:
            summaries[record.article.id] = record
    if not summaries:
        raise InputError(
            f"{path}: has no summary of an article that has gold",
            hint="a summary's article.id has to be the name of a gold file without its ending",
        )
    if missing := [id_ for id_ in articles if id_ not in summaries]:
        messages.fail(f"{path}: has no summary of {_listed(missing)}: counted as saying nothing")
    return summaries, is_whole and not missing


# Ids that one line names.
_MAX_LISTED = 10


def _listed(ids: Sequence[str]) -> str:
    named = ", ".join(ids[:_MAX_LISTED])
    left = len(ids) - _MAX_LISTED
    return f"{named} and {left:,} more" if left > 0 else named


def _made(
    articles: dict[str, Article], options: argparse.Namespace, messages: Messages
) -> dict[str, Summary]:
    """A summary of each article, as the model makes it now; a line for each that fails.

    Raises:
        SummarizeError: no other article would fare better.
    """
    summaries: dict[str, Summary] = {}
    failed = []

    def take(id_: str, made: Summary | str) -> None:
        if isinstance(made, str):
            failed.append(id_)
            messages.fail(f"{id_}: {made}")
            return
        summaries[id_] = made
        number = len(summaries) + len(failed)
        messages.say(f"{number}/{len(articles)} {id_}: {made.provenance.seconds:.1f} s")

    settings = settings_of(options)
    messages.begin_model(settings, options.replay)
    if settings.is_local:
        _one_by_one(settings, articles, options, messages, take)
    else:
        messages.begin(f"{counted(len(articles), 'article')} with {settings.name}")
        asyncio.run(_together(articles, options, take))
    return summaries


# Told each article's id, and its summary or why there is none.
_Take: TypeAlias = Callable[[str, Summary | str], None]


def _one_by_one(
    settings: ModelSettings,
    articles: dict[str, Article],
    options: argparse.Namespace,
    messages: Messages,
    take: _Take,
) -> None:
    from summarize.pipeline.summarizer import Summarizer

    with Summarizer(
        settings,
        prompts=options.prompts,
        record=options.record,
        replay=options.replay,
        report=messages.report,
    ) as summarizer:
        for number, (id_, article) in enumerate(articles.items(), start=1):
            messages.begin(f"{number}/{len(articles)} {id_}")
            try:
                take(id_, summarizer.summarize(article))
            except SummarizeError as error:
                if error.fatal:
                    raise
                take(id_, str(error))


async def _together(articles: dict[str, Article], options: argparse.Namespace, take: _Take) -> None:
    from summarize.api import asummarize_batch

    results = asummarize_batch(
        articles.values(),
        model=options.model,
        base_url=options.base_url,
        prompts=options.prompts,
        record=options.record,
        replay=options.replay,
        timeout=options.timeout,
        strategy=options.strategy,
        min_confidence=options.min_confidence,
        options=dict(options.option),
    )
    async with aclosing(results):
        async for result in results:
            take(result.id, result.summary or (result.error.message if result.error else ""))
