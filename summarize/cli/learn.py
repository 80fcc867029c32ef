"""`summarize learn`: the evidence model, taught with annotated articles of the user's own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from summarize.article.article import Article
from summarize.cli.arguments import FILES, settings_of, taken
from summarize.cli.article_lookup import annotated_articles
from summarize.cli.messages import Messages
from summarize.cli.output import open_output
from summarize.cli.scores import name_of
from summarize.errors import ConfigurationError, InputError, SummarizeError, check_library
from summarize.evaluation.bootstrap import intervals
from summarize.evaluation.gold import read_gold
from summarize.evaluation.scoring import Evaluation
from summarize.evidence.evidence_file import learned, to_json
from summarize.learning.cross_validation import cross_validated
from summarize.learning.examples import common_words, example_of
from summarize.learning.training import learn
from summarize.pipeline.summarizer import Summarizer
from summarize.prompting.draft import Draft

# One to learn of, and one to see what it brought.
_MIN_ARTICLES = 2
# With fewer, the bounds of the gain are wider than any gain that was measured (docs/learning.md).
_FEW_ARTICLES = 20


def run_learn(options: argparse.Namespace) -> int:
    """Writes what was learned and prints scores; returns the exit code."""
    # Before the model is asked, which takes minutes.
    check_library("scipy.optimize", "learning", "learn")
    with Messages(quiet=options.quiet) as messages:
        settings = settings_of(options)
        if not settings.strategy.weighs:
            raise ConfigurationError(
                f"the answers of {settings.name} are not weighed",
                hint="choose --strategy assisted, or a small model",
            )
        gold = read_gold(Path(options.gold))
        articles = annotated_articles(Path(options.articles), gold, messages)
        _check_number(len(articles), options.articles)
        messages.start_model(settings, options.replay)
        with Summarizer(
            settings, **taken(options, FILES), report=messages.on_progress
        ) as summarizer:
            drafts = dict(_drafts(articles, summarizer, messages))
        _check_number(len(drafts), options.articles)
        messages.start_task(f"learning from {len(drafts)} articles")
        own = settings.strategy.evidence
        base = learned(own.content if own else None)
        words = base.words | common_words(articles[id_] for id_ in drafts)
        examples = [example_of(articles[id_], gold[id_], drafts[id_], words) for id_ in drafts]
        before, after = cross_validated(examples, base, words)
        provenance = {
            "made by": f"summarize {version('summarize')} learn",
            "began at": own.hash if own else "the package's own weights",
            "learned of": len(examples),
            "mean F1": {"before": before.mean_f1, "after": after.mean_f1},
        }
        taught = replace(learn(examples, base, words), provenance=provenance)
        with open_output(options.output) as stream:
            stream.write(to_json(taught))
    sys.stdout.write("\n".join(_report(before, after)) + "\n")
    return messages.exit_code()


def _check_number(number: int, place: str) -> None:
    if number < _MIN_ARTICLES:
        raise InputError(
            f"{place}: one annotated article is too few to learn from",
            hint="annotate a few dozen; two are the least",
        )


def _drafts(
    articles: Mapping[str, Article], summarizer: Summarizer, messages: Messages
) -> Iterator[tuple[str, Draft]]:
    """Asks the model about each article; says why one fails."""
    for number, (id_, article) in enumerate(articles.items(), start=1):
        messages.start_task(f"{number}/{len(articles)} {id_}")
        try:
            yield id_, summarizer.draft(article)
        except SummarizeError as error:
            messages.error(f"{id_}: {error}; left out")


def _report(before: Evaluation, after: Evaluation) -> Iterator[str]:
    """Yields the scores before and after, and whether they can be told apart."""
    number = len(after.articles)
    yield f"{number} articles, each scored with what was learned of others"
    yield ""
    yield f"{'':14}before   after"
    gains = intervals(after, before) or {}
    for figure, gain in gains.items():
        one, two = before.f1[figure], after.f1[figure]
        interval = f"[{gain.low:+.3f}, {gain.high:+.3f}]"
        yield f"{name_of(figure):14} {one:.3f}   {two:.3f}   {two - one:+.3f} {interval}"
    gain = gains["mean_f1"]
    yield ""
    if number < _FEW_ARTICLES or gain.low <= 0 <= gain.high:
        yield f"{number} articles are too few to tell whether it helps; annotate more."
    elif gain.low > 0:
        yield "It helps: the mean F1 is higher in 97.5 of 100 drawings of these articles."
    else:
        yield "It does harm: better go on without --evidence."
