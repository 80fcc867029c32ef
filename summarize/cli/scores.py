"""Scores for reading, and as JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from summarize.cli import one_line
from summarize.cli.formatting import counted
from summarize.evaluation.bootstrap import FIGURES, Interval, differences, intervals, share_in_all
from summarize.evaluation.scoring import (
    MEAN_PARTS,
    PARTS,
    ArticleScore,
    Evaluation,
    Mistake,
    PartName,
    Score,
)
from summarize.schema import Summary

__all__ = ["Repeats", "as_json", "as_text"]

_NAMES: dict[str, str] = {
    "participants": "participants",
    "agenda_items": "agenda items",
    "outcomes": "outcomes",
    "actors": "all actors",
    "mean_f1": "mean",
}
_ONE: dict[PartName, str] = {
    "participants": "participant",
    "agenda_items": "agenda item",
    "outcomes": "outcome",
    "actors": "actor",
}
# Columns.
_NARROWEST, _WIDEST = 40, 100


@dataclass(frozen=True)
class Repeats:
    """How much a model's own answers vary.

    Attributes:
        mean_f1: of each run.
        in_all: the share of all items that every run has; None without items.
    """

    mean_f1: tuple[float, ...]
    in_all: float | None

    @classmethod
    def of(cls, results: Sequence[Evaluation], runs: Sequence[Mapping[str, Summary]]) -> Repeats:
        """Compares several runs over the same articles."""
        return cls(tuple(result.mean_f1 for result in results), share_in_all(runs))


def as_json(
    result: Evaluation, other: Evaluation | None = None, repeats: Repeats | None = None
) -> str:
    """Returns one JSON object, its keys as in docs/evaluation.md, the worst article first."""
    record = {
        "articles": len(result.articles),
        "without_summary": result.without_summary,
        "models": _models(result),
        "prompts": _prompts(result),
        "mean_f1": result.mean_f1,
        "intervals": intervals(result),
        "parts": _parts(result.scores, PARTS),
        "quotes": {"exact": result.quotes_exact, "right": result.quotes_right},
        "no_meetings": {"articles": result.no_meetings, "invented": result.invented},
        "seconds_an_article": result.seconds,
        "tokens_an_article": result.tokens,
        "worst_first": [
            {
                "id": article.id,
                "f1": article.f1,
                "parts": _parts(article.scores, article.scores),
                "missed": [asdict(mistake) for mistake in article.missed],
                "made_up": [asdict(mistake) for mistake in article.made_up],
            }
            for article in result.worst_first
        ],
    }
    if other:
        record["against"] = {
            "mean_f1": other.mean_f1,
            "parts": _parts(other.scores, PARTS),
            "differences": differences(result, other),
        }
    if repeats:
        record["repeats"] = asdict(repeats)
    return f"{json.dumps(record, ensure_ascii=False, indent=2)}\n"


def _parts(
    scores: Mapping[PartName, Score], parts: Iterable[PartName]
) -> dict[str, dict[str, float]]:
    return {
        part: {
            "precision": scores[part].precision,
            "recall": scores[part].recall,
            "f1": scores[part].f1,
            **asdict(scores[part]),
        }
        for part in parts
    }


def _models(result: Evaluation) -> list[str]:
    return sorted({summary.provenance.model for summary in result.summaries})


def _prompts(result: Evaluation) -> list[str]:
    return sorted({summary.provenance.prompt for summary in result.summaries})


def as_text(
    result: Evaluation,
    other: Evaluation | None = None,
    repeats: Repeats | None = None,
    *,
    worst: int,
    is_replayed: bool = False,
) -> str:
    """Returns a table of the figures, then the mistakes in the `worst` worst articles."""
    articles = [counted(len(result.articles), "article")]
    if missing := len(result.without_summary):
        articles.append(f"{missing:,} without a summary")
    rows = [one_line(" · ".join([*articles, *_models(result), *_prompts(result)])), ""]
    rows += [*_table(result), "", *_facts(result, is_replayed=is_replayed)]
    if repeats:
        rows.append(_repeats(repeats))
    if other:
        rows += _comparison(result, other)
    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    rows += _worst(result, worst, width)
    return "".join(f"{row.rstrip()}\n" for row in rows)


def _table(result: Evaluation) -> Iterator[str]:
    yield _row("", "precision", "recall", "F1", "found", "said", "gold", last="95 %")
    known = intervals(result) or {}
    for part in MEAN_PARTS:
        yield _part(part, result.scores[part], _ends(known.get(part)))
    mean = ("", "", f"{result.mean_f1:.3f}", "", "", "")
    yield _row("mean", *mean, last=_ends(known.get("mean_f1")))
    yield _part("actors", result.scores["actors"])


def _part(part: PartName, score: Score, interval: str = "") -> str:
    shares = (f"{share:.3f}" for share in (score.precision, score.recall, score.f1))
    counts = (str(number) for number in (score.found, score.said, score.gold))
    return _row(_NAMES[part], *shares, *counts, last=interval)


def _row(label: str, *cells: str, last: str = "") -> str:
    return f"{label:14}" + "".join(f"{cell:>10}" for cell in cells) + f"{last:>16}"


def _ends(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.3f} to {interval.high:.3f}"


def _fact(label: str, words: str) -> str:
    return f"{label:14}  {words}"


def _facts(result: Evaluation, *, is_replayed: bool) -> Iterator[str]:
    exact, right = result.quotes_exact, result.quotes_right
    yield _fact("quotes exact", "–" if exact is None else f"{exact:.3f} of all items")
    found = "of the agenda items and outcomes found"
    yield _fact("quotes right", "–" if right is None else f"{right:.3f} {found}")
    invented = "no article without a meeting to tell"
    if result.no_meetings:
        articles = counted(result.no_meetings, "article")
        invented = f"{result.invented} in {articles} without a meeting"
    yield _fact("inventions", invented)
    if result.seconds is not None and result.tokens is not None:
        seconds = f"{result.seconds:.1f} s" + (" (replayed)" if is_replayed else "")
        yield _fact("an article", f"{seconds}, {result.tokens:,.0f} tokens")


def _repeats(repeats: Repeats) -> str:
    low, high = min(repeats.mean_f1), max(repeats.mean_f1)
    words = f"{len(repeats.mean_f1)} runs, mean F1 {low:.3f} to {high:.3f}"
    if repeats.in_all is not None:
        words += f"; {repeats.in_all:.3f} of all items are in each of them"
    return _fact("repeated", words)


def _comparison(result: Evaluation, other: Evaluation) -> Iterator[str]:
    known = differences(result, other) or {}
    yield ""
    yield _row("F1", "this", "the other", "difference", last="95 %")
    for figure in FIGURES:
        one, two = (_f1(each)[figure] for each in (result, other))
        cells = (f"{one:.3f}", f"{two:.3f}", f"{one - two:+.3f}")
        yield _row(_NAMES[figure], *cells, last=_ends(known.get(figure)))


def _f1(result: Evaluation) -> dict[str, float]:
    return {**{part: result.scores[part].f1 for part in MEAN_PARTS}, "mean_f1": result.mean_f1}


def _worst(result: Evaluation, number: int, width: int) -> Iterator[str]:
    wrong = [article for article in result.worst_first if article.missed or article.made_up]
    for article in wrong[:number]:
        yield ""
        yield from _article(article, width)
    if left := len(wrong[number:]):
        yield ""
        yield f"{counted(left, 'more article')} with mistakes: --worst {len(wrong)} shows all"


def _article(article: ArticleScore, width: int) -> Iterator[str]:
    counts = f"F1 {article.f1:.3f}, {len(article.missed)} missed, {len(article.made_up)} made up"
    yield f"{one_line(article.id)} · {counts}"
    for what, mistakes in (("Missed", article.missed), ("Made up", article.made_up)):
        if mistakes:
            yield f"  {what}"
            yield from _mistakes(mistakes, width)


def _mistakes(mistakes: Sequence[Mistake], width: int) -> Iterator[str]:
    for number, mistake in enumerate(mistakes):
        note = f" ({mistake.note})" if mistake.note else ""
        words = f"{_ONE[mistake.part]}: {mistake.words}{note}"
        yield from _wrapped(words, width, "    • ", "      ")
        following = mistakes[number + 1 : number + 2]
        # Items of one sentence stand together above it.
        if mistake.sentence and [m.sentence for m in following] != [mistake.sentence]:
            yield from _wrapped(mistake.sentence, width, "      │ ", "      │ ")


def _wrapped(words: str, width: int, first: str, rest: str) -> Iterator[str]:
    """Yields the words in lines of at most `width` columns, the first one behind `first`."""
    # Unlike textwrap, rich knows how wide Chinese and Japanese are.
    rows = Text(" ".join(one_line(words).split())).wrap(Console(), width - cell_len(rest))
    for number, row in enumerate(rows):
        yield f"{rest if number else first}{row.plain}"
