"""Scores for reading, and as JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from summarize.cli import line
from summarize.cli.words import counted
from summarize.evaluate import MEAN_PARTS, PARTS, ArticleScore, Evaluation, Mistake, PartName, Score

__all__ = ["in_json", "in_text"]


def in_json(result: Evaluation) -> str:
    """One JSON object, its keys as in docs/evaluation.md, the worst article first."""
    told = {
        "articles": len(result.articles),
        "without_summary": result.without_summary,
        "models": _models(result),
        "prompts": _prompts(result),
        "mean_f1": result.mean_f1,
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


def in_text(result: Evaluation, *, worst: int, is_replayed: bool = False) -> str:
    """A table of the figures, then the mistakes in the `worst` worst articles."""
    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    rows = [*_heading(result), "", *_table(result), "", *_facts(result, is_replayed=is_replayed)]
    rows += _worst(result, worst, width)
    return "".join(f"{row.rstrip()}\n" for row in rows)


def _heading(result: Evaluation) -> Iterator[str]:
    parts = [counted(len(result.articles), "article")]
    if missing := len(result.without_summary):
        parts.append(f"{missing:,} without a summary")
    yield line(" · ".join([*parts, *_models(result), *_prompts(result)]))


def _table(result: Evaluation) -> Iterator[str]:
    yield _row("", "precision", "recall", "F1", "found", "said", "gold")
    for part in MEAN_PARTS:
        yield _part(part, result.scores[part])
    yield _row("mean", "", "", f"{result.mean_f1:.3f}")
    yield _part("actors", result.scores["actors"])


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
