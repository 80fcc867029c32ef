"""Evidence taught with annotated articles: what moves, what stays, and what a user sees of it."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest
from commands import outcome
from drafts import drafted
from hypothesis import given, settings
from hypothesis import strategies as st

from summarize.article.article import Article
from summarize.cli import main
from summarize.evaluation.gold import read_gold
from summarize.evidence.evidence_file import learned, to_json
from summarize.evidence.probabilities import Evidence
from summarize.evidence.scorer import THRESHOLDS, Scorer
from summarize.learning.examples import common_words, example_of
from summarize.learning.regression import fit
from summarize.learning.thresholds import best_thresholds
from summarize.learning.training import folds, learn

ROOT = Path(__file__).parents[2]
HOSTILE = ROOT / "tests" / "hostile"
SEED = str(ROOT / "seeds" / "004_6cd281ebbed1be5a.txt")
REPLAY = ["--model", "local", "--replay", str(ROOT / "cassettes")]
PRIOR = Scorer(-1.0, {"seen": 0.5, "unseen": 2.0})


def test_weights_move_towards_the_examples_and_stay_where_these_say_nothing():
    rows = [{"seen": 1.0}] * 20 + [{"other": 1.0}] * 20
    taught = fit(rows, [True] * 20 + [False] * 20, PRIOR, variance=1.0)
    assert taught.weights["seen"] > PRIOR.weights["seen"]
    assert taught.weights["other"] < 0
    assert taught.weights["unseen"] == PRIOR.weights["unseen"]
    assert fit([], [], PRIOR, variance=1.0) == PRIOR


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=30))
def test_the_examples_are_likelier_with_what_they_taught(examples):
    rows = [{name: 1.0} for name, _ in examples]
    labels = [label for _, label in examples]

    def likelihood(scorer: Scorer) -> float:
        shares = [scorer.probability(row) for row in rows]
        return sum(math.log(p if label else 1 - p) for p, label in zip(shares, labels, strict=True))

    assert likelihood(fit(rows, labels, PRIOR, 1.0)) >= likelihood(PRIOR) - 1e-6


def test_every_example_is_in_one_part():
    assert sorted(place for part in folds(17, 5) for place in part) == list(range(17))


def test_the_packages_own_counts_give_thresholds_that_are_tried():
    chosen = best_thresholds(learned().curves)
    assert {chosen[name] for name in ("actor", "topic", "outcome", "sentence")} <= set(THRESHOLDS)


def test_what_was_learned_is_read_as_it_was_written():
    once = to_json(learned())
    assert to_json(learned(once)) == once


def test_a_language_is_known_once_a_few_articles_of_it_were_learned_of():
    text = (
        "Dışişleri Bakanı Ankara'da\n\nDışişleri Bakanı Hakan Fidan, salı günü Ankara'da mevkidaşı"
        " Anna Keller ile bir araya geldi.\n\nGörüşmede ticaret ve enerji konuları ele alındı."
    )
    articles = [Article(f"{text}\n\nSayı {number}.", id=str(number)) for number in range(10)]
    gold = next(iter(read_gold(HOSTILE / "gold").values()))
    words = common_words(articles)
    draft = drafted("Hakan Fidan", "Anna Keller", topics=("ticaret", "enerji"))
    examples = [example_of(article, gold, draft, words) for article in articles]
    assert not Evidence(articles[0].reading).is_known_language()
    taught = learn(examples, learned(), words)
    assert Evidence(articles[0].reading, taught).is_known_language()


def _command(gold: Path, output: Path) -> list[str]:
    articles = str(HOSTILE / "articles")
    return ["learn", "--gold", str(gold), "--articles", articles, *REPLAY, "-o", str(output)]


def test_what_was_learned_weighs_and_is_named_in_the_provenance(tmp_path, capsys):
    evidence = tmp_path / "own.evidence"
    assert main([*_command(HOSTILE / "gold", evidence), "--quiet"]) == 0
    table = capsys.readouterr().out
    assert table.startswith("10 articles, each scored with what was learned of others")
    assert "mean" in table
    made = json.loads(evidence.read_text("utf-8"))["provenance"]
    assert made["learned of"] == 10
    command = ["article", SEED, "--format", "json", *REPLAY]
    with_own = json.loads(outcome([*command, "--evidence", str(evidence)], capsys).out)
    without = json.loads(outcome(command, capsys).out)
    assert len(with_own["provenance"]["evidence"]) == 12
    assert "evidence" not in without["provenance"]
    # So that a batch that is gone on with is done again.
    assert with_own["provenance"]["schema"] != without["provenance"]["schema"]
    assert [a.get("confidence") for a in with_own["actors"]] != [
        a.get("confidence") for a in without["actors"]
    ]


def test_few_articles_are_learned_of_and_told_to_be_too_few(tmp_path, capsys):
    gold = tmp_path / "gold"
    gold.mkdir()
    files = sorted((HOSTILE / "gold").iterdir())
    shutil.copy(files[0], gold)
    done = outcome(_command(gold, tmp_path / "x.evidence"), capsys)
    assert done.code == 2
    assert "one annotated article is too few to learn from" in done.errors[-1]
    assert not (tmp_path / "x.evidence").exists()
    shutil.copy(files[1], gold)
    done = outcome(_command(gold, tmp_path / "x.evidence"), capsys)
    assert done.code == 0
    assert done.out.endswith("2 articles are too few to tell whether it helps; annotate more.\n")


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (None, [], "No such file or directory"),
        ("{}", [], "is no evidence file"),
        ("not JSON", [], "is no evidence file"),
        ("{}", ["--strategy", "direct"], "items have no confidence"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(content, options, said, tmp_path, capsys):
    file = tmp_path / "own.evidence"
    if content is not None:
        file.write_text(content, "utf-8")
    done = outcome(["article", SEED, *REPLAY, "--evidence", str(file), *options], capsys)
    assert done.code == 2
    assert said in done.errors[-1]
