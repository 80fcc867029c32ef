"""Learns from annotated articles how likely an item is, and says how well it does.

Run it as `python benchmarks/train.py --articles NEWS --drafts DRAFTS` (`pip install -e '.[bench]'`
brings scikit-learn). DRAFTS is what `python benchmarks/drafts.py` wrote: what the model answered
about each article. It prints

- cross-validation by article: eight folds, each scored with what was learned of the others;
- leave-one-outlet-out: the same, each outlet scored with what was learned of the others;
- with `--held-out`, the articles that were drawn before anything was looked at,

and with `--output summarize/evidence/weights.json` writes the weights, learned of all articles but
those held out. Every score is of summaries as the package makes them, by `summarize evaluate`'s
metric. Thresholds are chosen where the F1 is best on articles that the scores were not learned of.

With `--learn 40`, it prints instead what `summarize learn` does with so many articles of the four
outlets that have most, beginning at what was learned of all others: means of five draws, scored on
the rest of the four outlets.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from annotations import Annotated, read_annotations, read_invented, read_written
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from summarize.evaluation.scoring import Evaluation
from summarize.evidence.evidence_file import to_json
from summarize.evidence.features import OWN_WORD, Features, item_features
from summarize.evidence.other_meetings import OTHER_WHENS
from summarize.evidence.scorer import Learned, Question, Scorer
from summarize.grounding.places import Item
from summarize.learning.cross_validation import scored
from summarize.learning.examples import Example, common_words, example_of
from summarize.learning.thresholds import best_thresholds, curves_of
from summarize.learning.training import STRENGTHS, folds, learn, train
from summarize.prompting.draft import BriefDraft

# Folds of the cross-validation.
FOLDS = 8
# In how many examples a feature has to be: by cross-validation.
MIN_EXAMPLES = 2
# How much an example of the written articles counts beside one of the annotated: of 0.2, 0.3, 0.5
# and 1, the one with the best F1 by cross-validation.
FURTHER_WEIGHT = 0.3
# How much a word's meaning counts beside the word.
MEANT = 2.0
# Of `--learn`: the outlets, and how often articles are drawn.
OUTLETS = ("wh", "wikinews", "ua", "kremlin")
DRAWS = 5
Matrix: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """An annotated article, as an example to learn of."""

    annotated: Annotated
    example: Example

    @property
    def id(self) -> str:
        """Of the article."""
        return self.annotated.id


# Learning


@dataclass(frozen=True)
class Further:
    """Examples of one question that are in no article with gold for all."""

    rows: Sequence[Features]
    labels: Sequence[bool]


@cache
def further_meetings(common: frozenset[str]) -> dict[Question, Further]:
    """Words for other meetings in the articles written for it; their people are the draft's."""
    examples = []
    for article, gold in read_written():
        people = [{"role": "", "name": actor.name} for actor in gold.actors]
        draft = BriefDraft.model_validate(
            {"event": "talks", "place": "", "date": "", "participants": people}
            | {"topics": [], "outcomes": []}
        )
        examples.append(example_of(article, gold, draft, common))
    rows = [mention.features for example in examples for mention in example.mentions]
    return {
        when: Further(rows, [label for example in examples for label in example.labels[when]])
        for when in OTHER_WHENS
    }


def fit(
    question: Question,
    rows: Sequence[Features],
    labels: Sequence[bool],
    strength: float,
    meanings: Meanings,
    further: Mapping[Question, Further],
) -> Scorer:
    """A logistic regression over the features and the meanings of the words among them.

    What a meaning weighs goes to each word that has it, so that "underscored" counts although only
    "stressed" was seen.
    """
    if not any(labels) or all(labels):
        return Scorer(4.0 if any(labels) else -4.0, {})
    weights = [1.0] * len(rows)
    if more := further.get(question):
        rows, labels = [*rows, *more.rows], [*labels, *more.labels]
        weights += [FURTHER_WEIGHT] * len(more.rows)
    vectorizer = DictVectorizer()
    plain = vectorizer.fit_transform(rows)
    seen = np.asarray((plain != 0).sum(axis=0)).ravel() >= MIN_EXAMPLES
    names = vectorizer.get_feature_names_out()[seen]
    model = LogisticRegression(
        C=strength,
        solver="liblinear",
        max_iter=3000,
        # Both sorts of articles count alike, whatever their number.
        class_weight="balanced" if question == "meeting" else None,
    )
    meant = meanings.of(rows)
    table = np.hstack([plain[:, seen].toarray(), meant])
    model.fit(table, np.array(labels), sample_weight=weights)
    known, meant_weights = np.split(model.coef_[0], [len(names)])
    learned = dict(zip(map(str, names), map(float, known), strict=True))
    if meant.any():
        for word, weight in zip(meanings.words, meanings.vectors @ meant_weights, strict=True):
            name = f"{OWN_WORD}{word}"
            learned[name] = learned.get(name, 0.0) + MEANT * float(weight)
    return Scorer(float(model.intercept_[0]), learned)


@dataclass(frozen=True)
class Meanings:
    """Words and their meanings as vectors."""

    words: tuple[str, ...]
    vectors: Matrix

    @cached_property
    def places(self) -> dict[str, int]:
        """By the word."""
        return {word: place for place, word in enumerate(self.words)}

    def of(self, rows: Sequence[Features]) -> Matrix:
        """The meanings of the words of sentences or items, added up."""
        values = np.zeros((len(rows), self.vectors.shape[1]))
        for number, row in enumerate(rows):
            for name, value in row.items():
                if name.startswith(OWN_WORD):
                    place = self.places.get(name.removeprefix(OWN_WORD))
                    if place is not None:
                        values[number] += MEANT * value * self.vectors[place]
        return values


def read_meanings(file: Path) -> Meanings:
    """What `benchmarks/meanings.py` wrote."""
    with np.load(file) as data:
        vectors = data["vectors"] - data["vectors"].mean(axis=0)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return Meanings(tuple(map(str, data["words"])), vectors)


NO_MEANINGS = Meanings((), np.zeros((0, 1)))


def learn_all(cases: Sequence[Case], common: frozenset[str], meanings: Meanings) -> Learned:
    """Everything, of some cases, beginning at nothing."""
    examples = [case.example for case in cases]
    further = further_meetings(common)
    scorers = train(examples, by_outlet(cases), partial(fit, meanings=meanings, further=further))
    curves = curves_of(examples)
    return Learned(
        scorers=scorers,
        kinds=fit_kinds(cases, meanings),
        thresholds=best_thresholds(curves),
        words=common,
        provenance={},
        vocabulary=meanings.words,
        curves=curves,
    )


def fit_kinds(cases: Sequence[Case], meanings: Meanings) -> dict[str, Scorer]:
    """Of each kind of outcome, by the sentences that readers took for one."""
    rows, kinds = [], []
    for case in cases:
        context = case.example.context
        for item, kind in zip(case.annotated.gold.outcomes, case.annotated.kinds, strict=True):
            for sentence in context.sentences:
                if kind and item.is_shown_by([context.text(sentence.span)]):
                    rows.append(item_features(context, Item(sentence.span), 0, ()))
                    kinds.append(kind)
                    break
    strength = STRENGTHS["outcome"]
    return {
        kind: fit("outcome", rows, [k == kind for k in kinds], strength, meanings, {})
        for kind in sorted(set(kinds))
    }


# Scoring


def by_outlet(cases: Sequence[Case]) -> list[list[int]]:
    """The places of the cases of each outlet."""
    outlets: dict[str, list[int]] = {}
    for place, case in enumerate(cases):
        outlets.setdefault(case.annotated.outlet, []).append(place)
    return list(outlets.values())


def crossed(
    cases: Sequence[Case],
    parts: Sequence[set[str]],
    common: frozenset[str],
    meanings: Meanings,
) -> Evaluation:
    """Each part scored with what was learned of all other cases."""
    known: dict[str, Learned] = {}
    for part in parts:
        learned = learn_all([case for case in cases if case.id not in part], common, meanings)
        known.update(dict.fromkeys(part, learned))
    examples = [case.example for case in cases if case.id in known]
    return scored(examples, lambda example: known[example.article.id])


def show_learning(
    cases: Sequence[Case], number: int, common: frozenset[str], meanings: Meanings
) -> None:
    """Prints what learning of so many articles of some outlets brings for the rest of these."""
    own = [case for case in cases if case.annotated.outlet in OUTLETS]
    rest = [case for case in cases if case not in own and not case.annotated.is_held_out]
    base = learn_all(rest, common, meanings)
    before, after = [], []
    for draw in range(DRAWS):
        mixed = list(own)
        random.Random(draw).shuffle(mixed)
        examples = [case.example for case in mixed]
        taught, asked = examples[:number], examples[number:]
        learned = learn(taught, base)
        before.append(scored(asked, lambda _: base))
        after.append(scored(asked, lambda _, known=learned: known))
        print_figures(f"draw {draw + 1}, before", before[-1])
        print_figures(f"draw {draw + 1}, after", after[-1])
    means = [sum(e.mean_f1 for e in run) / DRAWS for run in (before, after)]
    print(f"{len(rest)} articles of others; {number} learned of, {len(own) - number} scored")
    print(f"mean F1 {means[0]:.3f} before, {means[1]:.3f} after")


def print_figures(name: str, result: Evaluation) -> dict[str, Any]:
    """Prints the figures of a run, and returns them."""
    figures: dict[str, Any] = {"articles": len(result.articles), "mean_f1": result.mean_f1}
    for part in ("participants", "agenda_items", "outcomes", "other_meetings"):
        score = result.scores[part]
        figures[part] = {"f1": score.f1, "precision": score.precision, "recall": score.recall}
    figures["quotes_exact"] = result.quotes_exact
    figures["quotes_right"] = result.quotes_right
    figures["invented"] = f"{result.invented} of {result.no_meetings}"
    meant = [a for a in result.articles if a.is_meeting]
    figures["meetings_missed"] = (
        f"{sum(not (a.summary and a.summary.is_meeting) for a in meant)} of {len(meant)}"
    )
    print(f"{name}: {json.dumps(figures)}", flush=True)
    return figures


def read_drafts(file: Path) -> dict[str, BriefDraft]:
    """What the model answered, by the article's id."""
    lines = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    return {line["id"]: BriefDraft.model_validate(line["draft"]) for line in lines}


def main() -> None:
    """Learns, scores, and writes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=Path, action="append", required=True)
    parser.add_argument("--drafts", type=Path, required=True)
    parser.add_argument("--meanings", type=Path, help="of words, by benchmarks/meanings.py")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--held-out", action="store_true", help="score those, too")
    parser.add_argument("--learn", type=int, metavar="N", help="show what further articles bring")
    options = parser.parse_args()
    meanings = read_meanings(options.meanings) if options.meanings else NO_MEANINGS
    annotated = [*read_annotations(options.articles), *read_invented()]
    drafts = read_drafts(options.drafts)
    common = common_words(a.article for a in annotated if not a.is_held_out)
    every = [
        Case(a, example_of(a.article, a.gold, drafts[a.id], common))
        for a in annotated
        if a.id in drafts
    ]
    if options.learn:
        show_learning(every, options.learn, common, meanings)
        return
    cases = [case for case in every if not case.annotated.is_held_out]
    # The project's own articles are learned of, and not scored: tests replay them.
    real = [case for case in cases if case.annotated.outlet != "invented"]
    real.sort(key=lambda case: case.id)
    figures = {
        name: print_figures(
            name,
            crossed(cases, [{real[i].id for i in part} for part in parts], common, meanings),
        )
        for name, parts in (
            ("cross-validation", folds(len(real), FOLDS)),
            ("leave-one-outlet-out", by_outlet(real)),
        )
    }
    learned = learn_all(cases, common, meanings)
    if options.held_out:
        held = [case.example for case in every if case.annotated.is_held_out]
        figures["held out"] = print_figures("held out", scored(held, lambda _: learned))
    if options.output:
        ids = sorted(case.id for case in cases)
        provenance = {"made by": "benchmarks/train.py", "learned of": ids, **figures}
        options.output.write_text(to_json(replace(learned, provenance=provenance)), "utf-8")


if __name__ == "__main__":
    main()
