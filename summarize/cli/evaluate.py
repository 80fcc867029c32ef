"""`summarize evaluate`: summaries against what a reader found in the same articles."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from summarize.api import summarize_batch
from summarize.article.article import Article
from summarize.batch.summaries import read_each
from summarize.cli import NOTHING_DONE
from summarize.cli.arguments import FILES, settings_of, taken
from summarize.cli.article_lookup import annotated_articles, listed
from summarize.cli.messages import Messages
from summarize.cli.reviews import read_review
from summarize.cli.scores import Repeats, as_json, as_text
from summarize.errors import ConfigurationError, InputError
from summarize.evaluation.bootstrap import share_in_all
from summarize.evaluation.gold import read_gold
from summarize.evaluation.gold_summaries import summary_of_gold
from summarize.evaluation.scoring import evaluate
from summarize.models import CHOICE
from summarize.review.applying import Review
from summarize.schema import Summary


def run_evaluate(options: argparse.Namespace) -> int:
    """Prints the scores; returns the exit code."""
    if options.summaries and options.repeat > 1:
        raise ConfigurationError("--repeat asks the model", hint="leave --summaries out")
    if options.review and not options.summaries:
        raise ConfigurationError("--review corrects summaries", hint="name them with --summaries")
    with Messages(quiet=options.quiet) as messages:
        gold = read_gold(Path(options.gold))
        articles = annotated_articles(Path(options.articles), gold, messages)
        if options.summaries:
            # Only decisions that are named: scored with those beside them, summaries are as good
            # as whoever corrected them, and the gold may be made from the same decisions.
            review = read_review(Path(options.review), messages) if options.review else Review()
            runs = [_read(Path(options.summaries), articles, messages, review)]
        else:
            messages.start_model(settings_of(options), options.replay)
            runs = [_summarize(articles, options, messages) for _ in range(options.repeat)]
        if not all(runs):
            return NOTHING_DONE
        other = _other(Path(options.against), articles, messages) if options.against else None
    scores = [evaluate(gold, articles, run) for run in runs]
    result = scores[0]
    compared = evaluate(gold, articles, other) if other else None
    figures = tuple(score.mean_f1 for score in scores)
    repeats = Repeats(figures, share_in_all(runs)) if options.repeat > 1 else None
    if options.format == "json":
        sys.stdout.write(as_json(result, compared, repeats))
    else:
        sys.stdout.write(as_text(result, compared, repeats, worst=options.worst))
    if options.min_f1 is not None and result.mean_f1 < options.min_f1:
        messages.error(f"the mean F1 of {result.mean_f1:.3f} is below {options.min_f1:g}")
    return messages.exit_code()


def _read(
    path: Path, articles: Collection[str], messages: Messages, review: Review
) -> dict[str, Summary]:
    """Reads the last summary of each article, corrected; says which are missing."""
    summaries = {}
    for record in review.correct(read_each(path), messages.info):
        if isinstance(record, InputError):
            messages.error(record)
        elif isinstance(record, Summary) and record.article.id in articles:
            summaries[record.article.id] = record
    if not summaries:
        raise InputError(
            f"{path}: has no summary of an article that has gold",
            hint="a summary's article.id has to be the name of a gold file without its ending",
        )
    if missing := [id_ for id_ in articles if id_ not in summaries]:
        messages.error(f"{path}: has no summary of {listed(missing)}: counted as saying nothing")
    return summaries


def _other(place: Path, articles: Mapping[str, Article], messages: Messages) -> dict[str, Summary]:
    """Reads what another run, or another reader, says of the articles."""
    if not place.is_dir():
        return _read(place, articles, messages, Review())
    gold = read_gold(place)
    found = {id_: summary_of_gold(gold[id_], a) for id_, a in articles.items() if id_ in gold}
    if not found:
        raise InputError(f"{place}: has no gold of these articles", hint="name each file ID.json")
    return found


def _summarize(
    articles: Mapping[str, Article], options: argparse.Namespace, messages: Messages
) -> dict[str, Summary]:
    """Asks the model for a summary of each article; says why one fails."""
    summaries = {}
    given = taken(options, (*CHOICE, *FILES))
    results = summarize_batch(articles.values(), **given, report=messages.on_progress)
    for number, result in enumerate(results, start=1):
        messages.start_task(f"{number}/{len(articles)}")
        if result.error:
            messages.error(f"{result.id}: {result.error.message}")
        elif result.summary:
            summaries[result.id] = result.summary
            seconds = result.summary.provenance.seconds
            messages.info(f"{number}/{len(articles)} {result.id}: {seconds:.1f} s")
    return summaries
