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
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from annotations import Annotated, read_annotations, read_invented, summary_of
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from summarize.evaluation.gold import Gold, GoldActor, GoldItem, GoldMeeting, is_of_sentence
from summarize.evaluation.scoring import Evaluation, evaluate
from summarize.evidence.assisted import AssistedGrounding
from summarize.evidence.features import (
    OWN_WORD,
    Context,
    Features,
    SentenceScores,
    actor_features,
    article_features,
    item_features,
    sentence_features,
)
from summarize.evidence.meetings import other_meetings
from summarize.evidence.other_meetings import OTHER_WHENS, meeting_features, words_of_language
from summarize.evidence.probabilities import Proposals
from summarize.evidence.scorer import SENTENCE_QUESTIONS, Learned, Scorer, ThresholdName
from summarize.grounding.actors import Candidate
from summarize.grounding.matching import fold
from summarize.grounding.places import FoundMeeting, Item
from summarize.prompting.draft import BriefDraft

# Folds of the cross-validation, and inside of it those that thresholds are chosen on.
FOLDS = 8
INNER = 5
# The strength of regularization, and in how many examples a feature has to be: by cross-validation.
C = 0.3
MIN_EXAMPLES = 2
SENTENCE_C = 1.0
ACTOR_C = 0.1
# Of the few features of a whole article. Both sorts of articles count alike, whatever their number.
MEETING_C = 3.0
# Of the few features of a sentence that may tell of another meeting.
MEETING_SENTENCE_C = 0.3
# A word of so many articles is a common one.
MIN_ARTICLES = 3
Matrix: TypeAlias = npt.NDArray[np.float64]
# The share of articles without a meeting that may be taken for one, where there are enough of them
# to tell; and the thresholds in between which that may be decided.
MAX_INVENTED = 0.1
MEETING_THRESHOLDS = (0.35, 0.5)
# Probabilities that are tried as thresholds.
GRID = np.arange(0.10, 0.75, 0.04)
# Weights smaller than that change nothing.
MIN_WEIGHT = 0.01


@dataclass
class Case:
    """An article with its draft, what may be said of it, and what of that is right."""

    annotated: Annotated
    draft: BriefDraft
    found: Proposals
    context: Context
    sentence_rows: list[Features]
    labels: dict[str, list[bool]]
    meeting_rows: list[Features]
    rows: dict[str, list[Features]] = field(default_factory=dict)
    shares: dict[str, list[float]] = field(default_factory=dict)

    @property
    def gold_counts(self) -> dict[str, int]:
        """How many of each there are to find."""
        gold = self.annotated.gold
        people = [a for a in gold.actors if a.part == "participant" and a.kind != "country"]
        return {
            "actor": len(people),
            "topic": len(gold.agenda_items),
            "outcome": len(gold.outcomes),
        }


def case_of(annotated: Annotated, draft: BriefDraft, common: frozenset[str]) -> Case:
    """What may be said of an article, and what of that its reader said, too."""
    nothing = Scorer(0.0, {})
    known = Learned(
        scorers=dict.fromkeys(SENTENCE_QUESTIONS, nothing),
        kinds={},
        thresholds={},
        words=common,
        provenance={},
    )
    grounding = AssistedGrounding(annotated.article, known=known)
    found = grounding.propose(draft, [])
    context = grounding.evidence.context
    gold = annotated.gold
    words = grounding.places.words
    people = [a for a in gold.actors if a.part == "participant"]
    topics, outcomes = gold.agenda_items, gold.outcomes
    return Case(
        annotated,
        draft,
        found,
        context,
        [sentence_features(context, i) for i in range(len(context.sentences))],
        {
            "topic sentence": tells(context, topics),
            "outcome sentence": tells(context, outcomes),
            "actor": who_took_part(found.candidates, people),
            "topic": matched([[g.fits(words(p.span)) for g in topics] for p in found.topics]),
            "outcome": matched([[g.fits(words(p.span)) for g in outcomes] for p in found.outcomes]),
            "sentence": [
                label
                for label, sentence in zip(tells(context, outcomes), context.sentences, strict=True)
                if not sentence.is_title
            ],
            "meeting": [gold.is_meeting],
            **{when: tells_of(context, gold, when) for when in OTHER_WHENS},
        },
        [
            meeting_features(context, i, found.candidates, words_of_language())
            for i in range(len(context.sentences))
        ],
    )


def tells_of(context: Context, gold: Gold, when: str) -> list[bool]:
    """Which sentences tell of another meeting at that time."""
    others = [one for one in gold.other_meetings or () if one.when == when]
    return [
        any(is_of_sentence(one.evidence, [context.text(s.span)]) for one in others)
        for s in context.sentences
    ]


def tells(context: Context, items: Sequence[GoldItem]) -> list[bool]:
    """Which sentences are the evidence of an item."""
    return [
        any(item.is_shown_by([context.text(sentence.span)]) for item in items)
        for sentence in context.sentences
    ]


def who_took_part(candidates: Sequence[Candidate], people: Sequence[GoldActor]) -> list[bool]:
    """Which candidates took part: of several that an alias fits, the likeliest one."""

    def likeness(candidate: Candidate, actor: GoldActor) -> tuple[bool, bool, bool, int]:
        is_named = fold(candidate.name) == fold(actor.name)
        is_alike = candidate.kind == actor.kind
        return is_alike, is_named, candidate.claimed, len(candidate.mentions)

    chosen: set[int] = set()
    for actor in people:
        fitting = [
            place
            for place, candidate in enumerate(candidates)
            if place not in chosen
            and actor.fits(candidate.name)
            and (candidate.kind == "country") == (actor.kind == "country")
        ]
        if fitting:
            chosen.add(max(fitting, key=lambda place: likeness(candidates[place], actor)))
    return [place in chosen for place in range(len(candidates))]


def matched(fits: Sequence[Sequence[bool]]) -> list[bool]:
    """Which of those said count, each for another one of the gold; as `summarize evaluate`."""
    taken: set[int] = set()
    right = [False] * len(fits)
    for place in sorted(range(len(fits)), key=lambda place: sum(fits[place])):
        free = next((i for i, fit in enumerate(fits[place]) if fit and i not in taken), None)
        if free is not None:
            taken.add(free)
            right[place] = True
    return right


# Learning


def fit(
    rows: Sequence[Features],
    labels: Sequence[bool],
    meanings: Meanings,
    strength: float = C,
    *,
    balanced: bool = False,
) -> Scorer:
    """A logistic regression over the features and the meanings of the words among them.

    What a meaning weighs goes to each word that has it, so that "underscored" counts although only
    "stressed" was seen.
    """
    if not any(labels) or all(labels):
        return Scorer(4.0 if any(labels) else -4.0, {})
    vectorizer = DictVectorizer()
    plain = vectorizer.fit_transform(rows)
    seen = np.asarray((plain != 0).sum(axis=0)).ravel() >= MIN_EXAMPLES
    names = vectorizer.get_feature_names_out()[seen]
    model = LogisticRegression(
        C=strength,
        solver="liblinear",
        max_iter=3000,
        class_weight="balanced" if balanced else None,
    )
    meant = meanings.of(rows)
    model.fit(np.hstack([plain[:, seen].toarray(), meant]), np.array(labels))
    known, meant_weights = np.split(model.coef_[0], [len(names)])
    weights = dict(zip(map(str, names), map(float, known), strict=True))
    if meant.any():
        for word, weight in zip(meanings.words, meanings.vectors @ meant_weights, strict=True):
            name = f"{OWN_WORD}{word}"
            weights[name] = weights.get(name, 0.0) + MEANT * float(weight)
    return Scorer(float(model.intercept_[0]), weights)


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
# How much a word's meaning counts beside the word.
MEANT = 2.0


def fit_sentences(cases: Iterable[Case], meanings: Meanings) -> dict[str, Scorer]:
    """What sentences tell."""
    cases = list(cases)
    rows = [row for case in cases for row in case.sentence_rows]
    return {
        name: fit(
            rows, [label for case in cases for label in case.labels[name]], meanings, SENTENCE_C
        )
        for name in SENTENCE_QUESTIONS
    }


def fit_items(cases: Iterable[Case], meanings: Meanings) -> dict[str, Scorer]:
    """Who took part, what was discussed, what came of it."""
    # Whether there was a meeting at all is asked apart.
    cases = [case for case in cases if case.annotated.gold.is_meeting]

    def of(*names: str, strength: float = C) -> Scorer:
        pairs = [
            pair
            for case in cases
            for name in names
            for pair in zip(case.rows[name], case.labels[name], strict=True)
        ]
        return fit([row for row, _ in pairs], [label for _, label in pairs], meanings, strength)

    return {
        "actor": of("actor", strength=ACTOR_C),
        "topic": of("topic"),
        "outcome": of("outcome", "sentence"),
        **{when: fit_other_meetings(cases, when) for when in OTHER_WHENS},
    }


def fit_other_meetings(cases: Iterable[Case], when: str) -> Scorer:
    """Which sentences tell of another meeting, where readers marked those."""
    pairs = [
        pair
        for case in cases
        if case.annotated.gold.other_meetings is not None
        for pair in zip(case.meeting_rows, case.labels[when], strict=True)
    ]
    rows, labels = [row for row, _ in pairs], [label for _, label in pairs]
    return fit(rows, labels, NO_MEANINGS, MEETING_SENTENCE_C)


def set_sentences(case: Case, scorers: dict[str, Scorer]) -> None:
    """What the sentences of a case tell."""
    asked = [scorers[question] for question in SENTENCE_QUESTIONS]
    case.context.scores = [
        SentenceScores(*(scorer.log_odds(row) for scorer in asked)) for row in case.sentence_rows
    ]


def set_rows(case: Case) -> None:
    """The features of everything but sentences, which build on those of the sentences."""
    context, found, draft = case.context, case.found, case.draft
    names = found.names

    def rows(items: Sequence[Item], count: int) -> list[Features]:
        return [item_features(context, item, count, names) for item in items]

    case.rows = {
        "actor": [actor_features(context, c, found.candidates) for c in found.candidates],
        "topic": rows(found.topics, len(draft.topics)),
        "outcome": rows(found.outcomes, len(draft.outcomes)),
        "sentence": rows(found.sentences, len(draft.outcomes)),
    }


def set_shares(case: Case, scorers: dict[str, Scorer]) -> None:
    """The probabilities of what may be said, and with them the features of the article."""
    asked = {"actor": "actor", "topic": "topic", "outcome": "outcome", "sentence": "outcome"}
    case.shares = {
        name: [scorers[scorer].probability(row) for row in case.rows[name]]
        for name, scorer in asked.items()
    }
    for when in OTHER_WHENS:
        case.shares[when] = [scorers[when].probability(row) for row in case.meeting_rows]
    actors = [
        share
        for candidate, share in zip(case.found.candidates, case.shares["actor"], strict=True)
        if candidate.kind != "country"
    ]
    case.rows["meeting"] = [article_features(case.context, case.draft.event, actors)]


def learn(cases: Sequence[Case], common: frozenset[str], meanings: Meanings) -> Learned:
    """Everything, of some cases: each step learns of scores that were not learned of the case."""
    parts = by_outlet(cases)
    apart = [
        (
            [c for c in cases if c.annotated.id not in part],
            [c for c in cases if c.annotated.id in part],
        )
        for part in parts
    ]
    for others, own in apart:
        scorers = fit_sentences(others, meanings)
        for case in own:
            set_sentences(case, scorers)
    for case in cases:
        set_rows(case)
    for others, own in apart:
        scorers = fit_items(others, meanings)
        for case in own:
            set_shares(case, scorers)
    for others, own in apart:
        scorer = fit_meeting(others, meanings)
        for case in own:
            case.shares["meeting"] = [scorer.probability(case.rows["meeting"][0])]
    return Learned(
        scorers={
            **fit_sentences(cases, meanings),
            **fit_items(cases, meanings),
            "meeting": fit_meeting(cases, meanings),
        },
        kinds=fit_kinds(cases, meanings),
        thresholds=thresholds(cases),
        words=common,
        provenance={},
    )


def fit_meeting(cases: Sequence[Case], meanings: Meanings) -> Scorer:
    """Whether there is a meeting."""
    rows = [case.rows["meeting"][0] for case in cases]
    labels = [case.labels["meeting"][0] for case in cases]
    return fit(rows, labels, meanings, strength=MEETING_C, balanced=True)


def fit_kinds(cases: Sequence[Case], meanings: Meanings) -> dict[str, Scorer]:
    """Of each kind of outcome, by the sentences that readers took for one."""
    rows, kinds = [], []
    for case in cases:
        for item, kind in zip(case.annotated.gold.outcomes, case.annotated.kinds, strict=True):
            for sentence in case.context.sentences:
                if kind and item.is_shown_by([case.context.text(sentence.span)]):
                    rows.append(item_features(case.context, Item(sentence.span), 0, ()))
                    kinds.append(kind)
                    break
    return {kind: fit(rows, [k == kind for k in kinds], meanings) for kind in sorted(set(kinds))}


# Thresholds


def f1(found: int, said: int, gold: int) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * found / (said + gold) if said + gold else 0.0


def best(curve: Sequence[float]) -> float:
    """The threshold with the best F1, its neighbours' counted in."""
    smooth = [float(np.mean(curve[max(0, i - 1) : i + 2])) for i in range(len(curve))]
    return round(float(GRID[int(np.argmax(smooth))]), 2)


def thresholds(cases: Sequence[Case]) -> dict[ThresholdName, float]:
    """Where the F1 is best, over the articles that report a meeting."""
    meetings = [case for case in cases if case.annotated.gold.is_meeting]
    gold = Counter[str]()
    for case in meetings:
        gold.update(case.gold_counts)

    def counts(pairs: Sequence[tuple[float, bool]], threshold: float) -> tuple[int, int]:
        taken = [label for share, label in pairs if share >= threshold]
        return sum(taken), len(taken)

    others = sorted(
        (c.shares["meeting"][0] for c in cases if not c.annotated.gold.is_meeting), reverse=True
    )
    low, high = MEETING_THRESHOLDS
    # Just above the first that may not be taken for a meeting any more.
    edge = others[int(MAX_INVENTED * len(others))] + 0.005 if others else high
    chosen: dict[ThresholdName, float] = {"meeting": round(min(max(edge, low), high), 3)}
    for name in ("actor", "topic"):
        pairs = [
            (share, label)
            for case in meetings
            for i, (share, label) in enumerate(
                zip(case.shares[name], case.labels[name], strict=True)
            )
            if name != "actor" or case.found.candidates[i].kind != "country"
        ]
        chosen[name] = best([f1(*counts(pairs, t), gold[name]) for t in GRID])
    marked = [case for case in meetings if case.annotated.gold.other_meetings is not None]
    curve = []
    # One for both: there are too few of each to tell where its own would be.
    for threshold in GRID:
        right = count = known = 0
        for case in marked:
            found = other_meetings_of(case, float(threshold))
            gold_of = [o for o in case.annotated.gold.other_meetings or () if o.when in OTHER_WHENS]
            right += sum(matched([[fits_meeting(case, g, o) for g in gold_of] for o in found]))
            count, known = count + len(found), known + len(gold_of)
        curve.append(f1(right, count, known))
    chosen["other meeting"] = best(curve)
    most = -1.0
    for threshold in GRID:
        said: list[tuple[float, bool]] = []
        free: list[tuple[float, bool]] = []
        for case in meetings:
            drafted = list(zip(case.shares["outcome"], case.labels["outcome"], strict=True))
            said += drafted
            taken = [
                p.span
                for p, (share, _) in zip(case.found.outcomes, drafted, strict=True)
                if share >= threshold
            ]
            free += [
                (share, label)
                for p, share, label in zip(
                    case.found.sentences,
                    case.shares["sentence"],
                    case.labels["sentence"],
                    strict=True,
                )
                if not any(map(p.span.holds, taken))
            ]
        right, count = counts(said, threshold)
        curve = []
        for other in GRID:
            more, further = counts(free, other)
            curve.append(f1(right + more, count + further, gold["outcome"]))
        if max(curve) > most:
            most = max(curve)
            chosen["outcome"], chosen["sentence"] = round(float(threshold), 2), best(curve)
    return chosen


def other_meetings_of(case: Case, threshold: float) -> list[FoundMeeting]:
    """The other meetings that are told of with such a probability."""
    context = case.context
    candidates = [candidate for candidate in case.found.candidates if not candidate.is_bare]

    def claimed(index: int) -> int:
        return sum(c.claimed and c.is_in(context.sentences[index].span) for c in candidates)

    # The main meeting's sentence nearly always is the one that names most of the draft's people.
    main = FoundMeeting("call", "reported", sentences=(max(context.body, key=claimed, default=0),))
    shares = {when: case.shares[when] for when in OTHER_WHENS}
    return other_meetings(context, candidates, shares, threshold, words_of_language(), main)


def fits_meeting(case: Case, gold: GoldMeeting, told: FoundMeeting) -> bool:
    """Whether it is the one that the reader means."""
    sentences = [case.context.text(case.context.sentences[i].span) for i in told.sentences]
    return gold.fits(told.when, [one.name for one in told.people], sentences)


# Scoring


def folds(ids: Sequence[str], number: int, seed: int) -> list[set[str]]:
    """Articles in so many parts, drawn by chance."""
    mixed = sorted(ids)
    random.Random(seed).shuffle(mixed)
    return [set(mixed[i::number]) for i in range(number)]


def by_outlet(cases: Iterable[Case]) -> list[set[str]]:
    """Articles, each outlet's together."""
    outlets: dict[str, set[str]] = {}
    for case in cases:
        outlets.setdefault(case.annotated.outlet, set()).add(case.annotated.id)
    return list(outlets.values())


def scored(cases: Sequence[Case], known: Callable[[Case], Learned]) -> Evaluation:
    """How the package does on cases, with what was learned for each."""
    summaries = {}
    for case in cases:
        grounding = AssistedGrounding(case.annotated.article, known=known(case))
        grounded = grounding.ground(case.draft)
        summaries[case.annotated.id] = summary_of(case.annotated.article, grounded)
    return evaluate(
        {case.annotated.id: case.annotated.gold for case in cases},
        {case.annotated.id: case.annotated.article for case in cases},
        summaries,
    )


def crossed(
    cases: Sequence[Case],
    parts: Sequence[set[str]],
    common: frozenset[str],
    meanings: Meanings,
) -> Evaluation:
    """Each part scored with what was learned of all other cases."""
    known: dict[str, Learned] = {}
    for part in parts:
        learned = learn([case for case in cases if case.annotated.id not in part], common, meanings)
        known.update(dict.fromkeys(part, learned))
    return scored(
        [case for case in cases if case.annotated.id in known],
        lambda case: known[case.annotated.id],
    )


def told(name: str, result: Evaluation) -> dict[str, Any]:
    """Prints the figures of a run, and gives them."""
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


def common_words(annotated: Iterable[Annotated]) -> frozenset[str]:
    """Words in lower case of several articles, whoever annotated them."""
    counts = Counter[str]()
    for one in annotated:
        context = Context(one.article.reading)
        counts.update({t.key for tokens in context.tokens for t in tokens if t.key.isalpha()})
    return frozenset(word for word, number in counts.items() if number >= MIN_ARTICLES)


def as_data(learned: Learned, provenance: dict[str, Any], meanings: Meanings) -> dict[str, Any]:
    """What was learned, as the package keeps it."""

    def table(scorer: Scorer) -> dict[str, Any]:
        words = [scorer.weights.get(f"{OWN_WORD}{word}", 0.0) for word in meanings.words]
        own = {f"{OWN_WORD}{word}" for word in meanings.words}
        weights = {
            name: round(weight, 3)
            for name, weight in sorted(scorer.weights.items())
            if abs(weight) >= MIN_WEIGHT and name not in own
        }
        told: dict[str, Any] = {"bias": round(scorer.bias, 3), "weights": weights}
        if any(words):
            told["hundredths"] = " ".join(str(round(100 * weight)) for weight in words)
        return told

    return {
        "provenance": provenance,
        "thresholds": dict(learned.thresholds),
        "scorers": {name: table(scorer) for name, scorer in learned.scorers.items()},
        "kinds": {name: table(scorer) for name, scorer in learned.kinds.items()},
        "words": " ".join(sorted(learned.words)),
        "vocabulary": " ".join(meanings.words),
    }


def main() -> None:
    """Learns, scores, and writes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=Path, action="append", required=True)
    parser.add_argument("--drafts", type=Path, required=True)
    parser.add_argument("--meanings", type=Path, help="of words, by benchmarks/meanings.py")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--held-out", action="store_true", help="score those, too")
    options = parser.parse_args()
    meanings = read_meanings(options.meanings) if options.meanings else NO_MEANINGS
    annotated = [*read_annotations(options.articles), *read_invented()]
    drafts = read_drafts(options.drafts)
    common = common_words(a for a in annotated if not a.is_held_out)
    every = [case_of(a, drafts[a.id], common) for a in annotated if a.id in drafts]
    cases = [case for case in every if not case.annotated.is_held_out]
    ids = [case.annotated.id for case in cases]
    # The project's own articles are learned of, and not scored: tests replay them.
    real = [case for case in cases if case.annotated.outlet != "invented"]
    parts = folds([case.annotated.id for case in real], FOLDS, 1)
    figures = {
        "cross-validation": told("cross-validation", crossed(cases, parts, common, meanings)),
        "leave-one-outlet-out": told(
            "leave-one-outlet-out", crossed(cases, by_outlet(real), common, meanings)
        ),
    }
    learned = learn(cases, common, meanings)
    if options.held_out:
        held = [case for case in every if case.annotated.is_held_out]
        figures["held out"] = told("held out", scored(held, lambda _: learned))
    if options.output:
        provenance = {"made by": "benchmarks/train.py", "learned of": sorted(ids), **figures}
        data = as_data(learned, provenance, meanings)
        options.output.write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
