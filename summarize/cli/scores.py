"""Scores for reading, and as JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from summarize.cli import line
from summarize.cli.words import counted
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

__all__ = ["Repeats", "in_json", "in_text"]


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
        """Of several runs over the same articles."""
        return cls(tuple(result.mean_f1 for result in results), share_in_all(runs))


def in_json(
    result: Evaluation, other: Evaluation | None = None, repeats: Repeats | None = None
) -> str:
    """One JSON object, its keys as in docs/evaluation.md, the worst article first."""
    compared = differences(result, other) if other else None
    told = {
        "articles": len(result.articles),
        "without_summary": result.without_summary,
        "models": _models(result),
        "prompts": _prompts(result),
        "mean_f1": result.mean_f1,
        "intervals": intervals(result),
        "parts": {part: _figures(result.scores[part]) for part in PARTS},
        "quotes": {"exact": result.quotes_exact, "right": result.quotes_right},
        "no_meetings": {"articles": result.no_meetings, "invented": result.invented},
        "seconds_an_article": result.seconds,
        "tokens_an_article": result.tokens,
        "worst_first": [
            {
                "id": article.id,
                "f1": article.f1,
                "parts": {part: _figures(figures) for part, figures in article.scores.items()},
                "missed": [asdict(mistake) for mistake in article.missed],
                "made_up": [asdict(mistake) for mistake in article.made_up],
            }
            for article in result.worst_first
        ],
    }
    if other:
        told["against"] = {
            "mean_f1": other.mean_f1,
            "parts": {part: _figures(other.scores[part]) for part in PARTS},
            "differences": compared,
        }
    if repeats:
        told["repeats"] = asdict(repeats)
    return f"{json.dumps(told, ensure_ascii=False, indent=2)}\n"


def _figures(score: Score) -> dict[str, float]:
    shares = {"precision": score.precision, "recall": score.recall, "f1": score.f1}
    return {**shares, **asdict(score)}


def _models(result: Evaluation) -> list[str]:
    return sorted({summary.provenance.model for summary in result.summaries})


def _prompts(result: Evaluation) -> list[str]:
    return sorted({summary.provenance.prompt for summary in result.summaries})


# For reading

_NAMES: dict[PartName, str] = {
    "participants": "participants",
    "agenda_items": "agenda items",
    "outcomes": "outcomes",
    "actors": "all actors",
}
_ONE: dict[PartName, str] = {
    "participants": "participant",
    "agenda_items": "agenda item",
    "outcomes": "outcome",
    "actors": "actor",
}
# Columns.
_LABEL, _COLUMN = 14, 10
_NARROWEST, _WIDEST = 40, 100


def in_text(
    result: Evaluation,
    other: Evaluation | None = None,
    repeats: Repeats | None = None,
    *,
    worst: int,
    is_replayed: bool = False,
) -> str:
    """A table of the figures, then the mistakes in the `worst` worst articles."""
    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    rows = [*_heading(result), "", *_table(result), "", *_facts(result, is_replayed=is_replayed)]
    if repeats:
        rows += _repeats(repeats)
    if other:
        rows += _comparison(result, other)
    rows += _worst(result, worst, width)
    return "".join(f"{row.rstrip()}\n" for row in rows)


def _heading(result: Evaluation) -> Iterator[str]:
    parts = [counted(len(result.articles), "article")]
    if missing := len(result.without_summary):
        parts.append(f"{missing:,} without a summary")
    yield line(" · ".join([*parts, *_models(result), *_prompts(result)]))


def _table(result: Evaluation) -> Iterator[str]:
    yield _row("", "precision", "recall", "F1", "found", "said", "gold") + _LAST.format("95 %")
    known = intervals(result) or {}
    for part in MEAN_PARTS:
        yield _part(part, result.scores[part]) + _LAST.format(_ends(known.get(part)))
    mean = _row("mean", "", "", f"{result.mean_f1:.3f}", "", "", "")
    yield mean + _LAST.format(_ends(known.get("mean_f1")))
    yield _part("actors", result.scores["actors"])


# The interval of the F1.
_LAST = "{:>16}"


def _ends(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.3f} to {interval.high:.3f}"


def _comparison(result: Evaluation, other: Evaluation) -> Iterator[str]:
    known = differences(result, other) or {}
    yield ""
    yield _row("F1", "this", "the other", "difference") + _LAST.format("95 %")
    names = {str(part): name for part, name in _NAMES.items()} | {"mean_f1": "mean"}
    for figure in FIGURES:
        one, two = (_f1(each)[figure] for each in (result, other))
        label = names[figure]
        row = _row(label, f"{one:.3f}", f"{two:.3f}", f"{one - two:+.3f}")
        yield row + _LAST.format(_ends(known.get(figure)))


def _f1(result: Evaluation) -> dict[str, float]:
    return {**{part: result.scores[part].f1 for part in MEAN_PARTS}, "mean_f1": result.mean_f1}


def _repeats(repeats: Repeats) -> Iterator[str]:
    low, high = min(repeats.mean_f1), max(repeats.mean_f1)
    words = f"{len(repeats.mean_f1)} runs, mean F1 {low:.3f} to {high:.3f}"
    if repeats.in_all is not None:
        words += f"; {repeats.in_all:.3f} of all items are in each of them"
    yield f"{'repeated':{_LABEL}}  {words}"


def _part(part: PartName, score: Score) -> str:
    shares = (f"{share:.3f}" for share in (score.precision, score.recall, score.f1))
    return _row(_NAMES[part], *shares, *map(str, (score.found, score.said, score.gold)))


def _row(label: str, *cells: str) -> str:
    return f"{label:{_LABEL}}" + "".join(f"{cell:>{_COLUMN}}" for cell in cells)


def _facts(result: Evaluation, *, is_replayed: bool) -> Iterator[str]:
    def fact(label: str, words: str) -> str:
        return f"{label:{_LABEL}}  {words}"

    exact, right = result.quotes_exact, result.quotes_right
    yield fact("quotes exact", "–" if exact is None else f"{exact:.3f} of all items")
    yield fact(
        "quotes right",
        "–" if right is None else f"{right:.3f} of the agenda items and outcomes found",
    )
    if result.no_meetings:
        articles = counted(result.no_meetings, "article")
        yield fact("inventions", f"{result.invented} in {articles} without a meeting")
    else:
        yield fact("inventions", "no article without a meeting to tell")
    if result.seconds is not None and result.tokens is not None:
        seconds = f"{result.seconds:.1f} s" + (" (replayed)" if is_replayed else "")
        yield fact("an article", f"{seconds}, {result.tokens:,.0f} tokens")


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
    yield f"{line(article.id)} · {counts}"
    for what, mistakes in (("Missed", article.missed), ("Made up", article.made_up)):
        yield from _mistakes(what, mistakes, width)


def _mistakes(what: str, mistakes: Sequence[Mistake], width: int) -> Iterator[str]:
    if mistakes:
        yield f"  {what}"
    for number, mistake in enumerate(mistakes):
        note = f" ({mistake.note})" if mistake.note else ""
        words = f"{_ONE[mistake.part]}: {mistake.words}{note}"
        yield from _hung("    • ", "      ", words, width)
        following = mistakes[number + 1 : number + 2]
        # Items of one sentence stand together above it.
        if mistake.sentence and [m.sentence for m in following] != [mistake.sentence]:
            yield from _hung("      │ ", "      │ ", mistake.sentence, width)


def _hung(first: str, rest: str, words: str, width: int) -> Iterator[str]:
    """The words in lines of at most `width` columns, the first one behind `first`."""
    # Unlike textwrap, rich knows how wide Chinese and Japanese are.
    rows = Text(" ".join(line(words).split())).wrap(Console(), width - cell_len(rest))
    for number, row in enumerate(rows):
        yield f"{rest if number else first}{row.plain}"
