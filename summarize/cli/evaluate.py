"""`summarize evaluate`: summaries against what a reader found in the same articles."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path

from summarize.api import asummarize_batch
from summarize.article.article import Article
from summarize.cli import DONE, NOTHING_DONE, SOME_FAILED
from summarize.cli.messages import Messages
from summarize.cli.model_options import settings_of
from summarize.cli.scores import Repeats, as_json, as_text
from summarize.errors import ConfigurationError, InputError, SummarizeError
from summarize.evaluation.gold import read_gold
from summarize.evaluation.gold_summaries import summary_of_gold
from summarize.evaluation.scoring import evaluate
from summarize.evaluation.verification import read_summaries
from summarize.schema import Summary
from summarize.sources.articles import read_file
from summarize.sources.inputs import read_records

# Ids that one message names.
_MAX_SHOWN = 10


def run(options: argparse.Namespace) -> int:
    """Prints the scores; returns the exit code."""
    with Messages(quiet=options.quiet) as messages:
        gold = read_gold(Path(options.gold))
        articles = _articles(Path(options.articles), gold, messages)
        if options.summaries and options.repeat > 1:
            raise ConfigurationError("--repeat asks the model", hint="leave --summaries out")
        if options.summaries:
            summaries, is_complete = _read(Path(options.summaries), articles, messages)
            runs = [summaries]
        else:
            settings = settings_of(options)
            messages.start_model(settings, options.replay)
            runs = [
                asyncio.run(_summarize(articles, options, messages)) for _ in range(options.repeat)
            ]
            is_complete = all(len(run) == len(articles) for run in runs)
        if not all(runs):
            return NOTHING_DONE
        other = _other(Path(options.against), articles, messages) if options.against else None
    scores = [evaluate(gold, articles, run) for run in runs]
    result = scores[0]
    compared = evaluate(gold, articles, other) if other else None
    repeats = Repeats.of(scores, runs) if options.repeat > 1 else None
    if options.format == "json":
        sys.stdout.write(as_json(result, compared, repeats))
    else:
        is_replayed = options.replay is not None and options.summaries is None
        sys.stdout.write(
            as_text(result, compared, repeats, worst=options.worst, is_replayed=is_replayed)
        )
    is_below = options.min_f1 is not None and result.mean_f1 < options.min_f1
    if is_below:
        messages.error(f"the mean F1 of {result.mean_f1:.3f} is below {options.min_f1:g}")
    is_whole = is_complete and len(articles) == len(gold)
    return DONE if is_whole and not is_below else SOME_FAILED


def _articles(place: Path, ids: Collection[str], messages: Messages) -> dict[str, Article]:
    """Reads the articles with these ids from a folder or a file of records.

    Raises:
        InputError: there is none, or no such place.
    """
    articles, unreadable = {}, set()
    for id_, found in _found(place, ids):
        if isinstance(found, Article):
            articles[id_] = found
        else:
            messages.error(f"{found}; left out")
            unreadable.add(id_)
    if not articles:
        raise InputError(
            f"{place}: has no article that there is gold for",
            hint="the gold of 17.txt, or of the record with the id 17, is 17.json",
        )
    if missing := [id_ for id_ in ids if id_ not in articles and id_ not in unreadable]:
        messages.error(f"{place}: has no article for the gold of {_listed(missing)}; left out")
    return articles


def _found(place: Path, ids: Collection[str]) -> Iterator[tuple[str, Article | InputError]]:
    """Yields each article that is there, or why it cannot be read."""
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
    """Reads the last summary of each article; returns them, and whether all are there and whole.

    Raises:
        InputError: the file cannot be read, or has a summary of none of the articles.
    """
    summaries = {}
    is_whole = True
    for record in read_summaries(path):
        if isinstance(record, SummarizeError):
            messages.error(record)
            is_whole = False
        elif record.article.id in articles:
            summaries[record.article.id] = record
    if not summaries:
        raise InputError(
            f"{path}: has no summary of an article that has gold",
            hint="a summary's article.id has to be the name of a gold file without its ending",
        )
    if missing := [id_ for id_ in articles if id_ not in summaries]:
        messages.error(f"{path}: has no summary of {_listed(missing)}: counted as saying nothing")
    return summaries, is_whole and not missing


def _other(place: Path, articles: dict[str, Article], messages: Messages) -> dict[str, Summary]:
    """Reads what another run, or another reader, says of the articles.

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


def _listed(ids: Sequence[str]) -> str:
    left = len(ids) - _MAX_SHOWN
    return ", ".join(ids[:_MAX_SHOWN]) + (f" and {left:,} more" if left > 0 else "")


async def _summarize(
    articles: dict[str, Article], options: argparse.Namespace, messages: Messages
) -> dict[str, Summary]:
    """Asks the model for a summary of each article; says why one fails.

    Raises:
        SummarizeError: no other article would fare better.
    """
    summaries = {}
    results = asummarize_batch(
        articles.values(),
        model=options.model,
        base_url=options.base_url,
        timeout=options.timeout,
        strategy=options.strategy,
        min_confidence=options.min_confidence,
        options=dict(options.option),
        prompts=options.prompts,
        record=options.record,
        replay=options.replay,
        report=messages.on_progress,
    )
    number = 0
    async with aclosing(results):
        async for result in results:
            number += 1
            messages.start_task(f"{number}/{len(articles)}")
            if result.error:
                messages.error(f"{result.id}: {result.error.message}")
            elif result.summary:
                summaries[result.id] = result.summary
                seconds = result.summary.provenance.seconds
                messages.info(f"{number}/{len(articles)} {result.id}: {seconds:.1f} s")
    return summaries
