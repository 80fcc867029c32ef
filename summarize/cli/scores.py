"""What `summarize evaluate` prints: scores as text, or as JSON."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Literal, NamedTuple

from summarize.cli import one_line
from summarize.cli.messages import counted
from summarize.evaluation.bootstrap import Interval, intervals
from summarize.evaluation.matching import PARTS, PartName
from summarize.evaluation.scoring import FIGURES, MEAN_PARTS, ArticleScore, Evaluation, Score

_FIGURES = ("precision", "recall", "f1", "found", "said", "gold")
# Columns.
_NARROWEST, _WIDEST = 40, 100


class Repeats(NamedTuple):
    """How much a model's own answers vary: the F1 of each run, the share of items in all runs."""

    mean_f1: tuple[float, ...]
    in_all: float | None


def as_json(
    result: Evaluation, other: Evaluation | None = None, repeats: Repeats | None = None
) -> str:
    """Returns one JSON object, its keys as in docs/evaluation.md, the worst article first."""
    record = {
        "articles": len(result.articles),
        "without_summary": result.without_summary,
        "models": _made_with(result, "model"),
        "prompts": _made_with(result, "prompt"),
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
            "differences": intervals(result, other),
        }
    if repeats:
        record["repeats"] = repeats._asdict()
    return f"{json.dumps(record, ensure_ascii=False, indent=2)}\n"


def _parts(
    scores: Mapping[PartName, Score], parts: Iterable[PartName]
) -> dict[PartName, dict[str, float]]:
    return {part: {name: getattr(scores[part], name) for name in _FIGURES} for part in parts}


def _made_with(result: Evaluation, field: Literal["model", "prompt"]) -> list[str]:
    return sorted({getattr(summary.provenance, field) for summary in result.summaries})


def as_text(
    result: Evaluation,
    other: Evaluation | None = None,
    repeats: Repeats | None = None,
    *,
    worst: int,
) -> str:
    """Returns a table of the figures, then the mistakes in the `worst` worst articles."""
    about = [counted(len(result.articles), "article")]
    if missing := len(result.without_summary):
        about.append(f"{missing:,} without a summary")
    about += [*_made_with(result, "model"), *_made_with(result, "prompt")]
    rows = [one_line(" · ".join(about)), "", *_table(result), "", *_facts(result, repeats)]
    if other:
        rows += _comparison(result, other)
    rows += _worst(result, worst)
    return "".join(f"{row.rstrip()}\n" for row in rows)


def _table(result: Evaluation) -> Iterator[str]:
    yield _row("", "precision", "recall", "F1", "found", "said", "gold", last="95 %")
    known = intervals(result) or {}
    for part in MEAN_PARTS:
        yield _row(name_of(part), *_cells(result.scores[part]), last=_ends(known.get(part)))
    mean = ("", "", f"{result.mean_f1:.3f}", "", "", "")
    yield _row("mean", *mean, last=_ends(known.get("mean_f1")))
    if result.scores["other_meetings"].gold:
        yield _row("other meetings", *_cells(result.scores["other_meetings"]))
    yield _row("all actors", *_cells(result.scores["actors"]))


def _cells(score: Score) -> Iterator[str]:
    for figure in (getattr(score, name) for name in _FIGURES):
        yield f"{figure:.3f}" if isinstance(figure, float) else f"{figure}"


def _row(label: str, *cells: str, last: str = "") -> str:
    return f"{label:14}" + "".join(f"{cell:>10}" for cell in cells) + f"{last:>16}"


def _ends(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.3f} to {interval.high:.3f}"


def _facts(result: Evaluation, repeats: Repeats | None) -> Iterator[str]:
    yield f"quotes exact    {_share(result.quotes_exact)} of all items"
    right = _share(result.quotes_right)
    yield f"quotes right    {right} of the agenda items and outcomes found"
    if result.no_meetings:
        articles = counted(result.no_meetings, "article")
        yield f"inventions      {result.invented} in {articles} without a meeting"
    else:
        yield "inventions      no article without a meeting to tell"
    if result.seconds is not None:
        yield f"an article      {result.seconds:.1f} s, {result.tokens:,.0f} tokens"
    if repeats:
        low, high = min(repeats.mean_f1), max(repeats.mean_f1)
        yield (
            f"repeated        {len(repeats.mean_f1)} runs, mean F1 {low:.3f} to {high:.3f}; "
            f"{_share(repeats.in_all)} of all items are in each of them"
        )


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"


def _comparison(result: Evaluation, other: Evaluation) -> Iterator[str]:
    known = intervals(result, other) or {}
    yield ""
    yield _row("F1", "this", "other", "change", last="95 %")
    for figure in FIGURES:
        one, two = result.f1[figure], other.f1[figure]
        cells = (f"{one:.3f}", f"{two:.3f}", f"{one - two:+.3f}")
        yield _row(name_of(figure), *cells, last=_ends(known.get(figure)))


def name_of(figure: str) -> str:
    """Returns the name of a part, or of a key of `Evaluation.f1`, for reading."""
    return figure.removesuffix("_f1").replace("_", " ")


def _worst(result: Evaluation, number: int) -> Iterator[str]:
    wrong = [article for article in result.worst_first if article.missed or article.made_up]
    for article in wrong[:number]:
        yield from _article(article)
    if left := len(wrong[number:]):
        yield ""
        yield f"{counted(left, 'more article')} with mistakes: --worst {len(wrong)} shows all"


def _article(article: ArticleScore) -> Iterator[str]:
    counts = f"F1 {article.f1:.3f}, {len(article.missed)} missed, {len(article.made_up)} made up"
    yield ""
    yield f"{one_line(article.id)} · {counts}"
    for what, mistakes in (("Missed", article.missed), ("Made up", article.made_up)):
        if mistakes:
            yield f"  {what}"
        for number, mistake in enumerate(mistakes, start=1):
            note = f" ({mistake.note})" if mistake.note else ""
            item = name_of(mistake.part).removesuffix("s")
            yield _wrapped(f"{item}: {mistake.words}{note}", "    • ", "      ")
            # Items of one sentence stand together above it.
            following = mistakes[number].sentence if number < len(mistakes) else ""
            if mistake.sentence not in {"", following}:
                yield _wrapped(mistake.sentence, "      │ ", "      │ ")


def _wrapped(words: str, first: str, rest: str) -> str:
    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    lines = textwrap.TextWrapper(width, first, rest, break_on_hyphens=False)
    return lines.fill(one_line(words))
