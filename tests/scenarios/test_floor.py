"""The floor under the quality: recorded runs against what a reader found in the same articles.

`gold` is a second reading of the five seeds, apart from the annotations that the weights were
learned of; `hostile/gold` is of the articles written to mislead, `languages/gold` of short ones in
other languages. Both are as docs/evaluation.md
says, and so are the figures. It is `summarize evaluate` over cassettes, so it costs no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket

from summarize import summarize_article
from summarize.cli.scores import as_text
from summarize.evaluation.gold import GoldOutcome, GoldTopic, read_gold
from summarize.evaluation.scoring import Evaluation, evaluate
from summarize.sources.articles import read_file

ROOT = Path(__file__).parents[2]
CASSETTES = ROOT / "cassettes"


@dataclass(frozen=True)
class Floor:
    """What a set of articles has to score at least; of inventions, at most.

    Attributes:
        articles, gold: the folders.
        figures: F1 of each part and their mean, the shares of quotes, and how many articles
            without a meeting were given one.
    """

    articles: Path
    gold: Path
    figures: Mapping[str, float]


# A change that makes a figure better raises it here, to what comes out. A figure goes down by hand
# only, and with the reason beside it: from what, when, what got worse and why that is worth it, as
# in "outcomes: 0.700, until 2027-01 0.750: fewer false ones, two true ones lost with them". A new
# recording or another prompt is no reason by itself.
FLOORS = {
    "seeds": Floor(
        ROOT / "seeds",
        ROOT / "tests" / "gold",
        {
            # Until 2026-11-28 1.000, 0.885, 0.800, 0.895 and 0.966: the rules were made with these
            # five articles. On 58 articles that nobody tuned to they scored 0.44, and what is
            # learned 0.58 to 0.62 (docs/quality.md).
            "participants": 0.971,
            "agenda_items": 0.731,
            "outcomes": 0.429,
            "mean_f1": 0.710,
            "quotes_exact": 1.000,
            "quotes_right": 0.640,
            "inventions": 0,
        },
    ),
    "hostile": Floor(
        ROOT / "tests" / "hostile" / "articles",
        ROOT / "tests" / "hostile" / "gold",
        {
            # Until 2026-11-28 1.000, 0.826, 0.889, 0.905 and 0.971, for the same reason: two of
            # the eight meetings are overlooked.
            "participants": 0.857,
            "agenda_items": 0.727,
            "outcomes": 0.788,
            "mean_f1": 0.791,
            "quotes_exact": 1.000,
            "quotes_right": 0.931,
            "inventions": 0,
        },
    ),
    # Ten short ones in seven languages of which nothing was learned: the draft stands.
    "languages": Floor(
        ROOT / "tests" / "languages" / "articles",
        ROOT / "tests" / "languages" / "gold",
        {
            "participants": 0.875,
            "agenda_items": 0.688,
            "outcomes": 0.522,
            "mean_f1": 0.695,
            "quotes_exact": 1.000,
            "quotes_right": 0.964,
            "inventions": 2,
        },
    ),
}


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    """Nothing here may go to the network; an event loop has a pair of Unix sockets of its own."""
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.mark.parametrize("name", FLOORS)
def test_no_figure_is_below_its_floor(name: str) -> None:
    floor = FLOORS[name]
    result = scored(floor)
    assert result.without_summary == ()
    figures = figures_of(result)
    assert figures.keys() == floor.figures.keys()
    below = {
        figure: f"{figures[figure]:g}, floor {least:g}"
        for figure, least in floor.figures.items()
        if (figures[figure] > least if figure == "inventions" else figures[figure] < least)
    }
    assert not below, f"{below}\n\n{as_text(result, worst=len(result.articles))}"


def scored(floor: Floor) -> Evaluation:
    articles = {path.stem: read_file(path) for path in floor.articles.glob("*.txt")}
    gold = read_gold(floor.gold)
    assert gold.keys() == articles.keys()
    summaries = {
        id_: summarize_article(article, model="local", replay=CASSETTES)
        for id_, article in articles.items()
    }
    return evaluate(gold, articles, summaries)


def figures_of(result: Evaluation) -> dict[str, float]:
    """The figures by the names of a floor; a share of nothing is none."""
    return {
        "participants": result.scores["participants"].f1,
        "agenda_items": result.scores["agenda_items"].f1,
        "outcomes": result.scores["outcomes"].f1,
        "mean_f1": result.mean_f1,
        "quotes_exact": result.quotes_exact or 0,
        "quotes_right": result.quotes_right or 0,
        "inventions": result.invented,
    }


def test_the_gold_of_the_seeds_is_in_their_words() -> None:
    gold = read_gold(FLOORS["seeds"].gold)
    for id_, known in gold.items():
        text = (ROOT / "seeds" / f"{id_}.txt").read_bytes().decode("utf-8")
        items: list[GoldTopic | GoldOutcome] = [*known.agenda_items, *known.outcomes]
        for item in items:
            assert text.count(item.evidence) == 1
            assert item.fits(item.words)
            assert item.fits(item.evidence)
