"""An annotated article as training examples: rows of features, and which of them are right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from summarize.article.article import Article
from summarize.article.reading import Span
from summarize.evaluation.gold import Gold, GoldActor, GoldItem, GoldMeeting
from summarize.evaluation.matching import paired
from summarize.evidence.assisted import AssistedGrounding
from summarize.evidence.features import (
    Context,
    Features,
    SentenceScores,
    actor_features,
    article_features,
    item_features,
    sentence_features,
)
from summarize.evidence.meetings import other_meetings
from summarize.evidence.other_meetings import (
    OTHER_WHENS,
    MeetingMention,
    by_sentence,
    meeting_mentions,
    words_of_language,
)
from summarize.evidence.probabilities import Proposals
from summarize.evidence.scorer import SENTENCE_QUESTIONS, Learned, Question, Scorer
from summarize.grounding.actors import Candidate
from summarize.grounding.matching import fold
from summarize.grounding.places import FoundMeeting, Item
from summarize.prompting.draft import Draft
from summarize.schema import When

__all__ = ["Example", "common_words", "example_of"]

# A word is common if this many articles have it.
_MIN_ARTICLES = 3


@dataclass
class Example:
    """An article with its draft, the items that may be reported, and which of those are right.

    Attributes:
        article: the article.
        gold: what a reader found in it.
        draft: the model's answer.
        found: the items that may be reported.
        context: the article's sentences, with their scores once `score_sentences` was called.
        sentence_rows: features of each sentence.
        mentions: words for a meeting, each of which may mean another one than the main meeting.
        labels: by question, which rows are right.
        rows: by question, features; set by `score_sentences`.
        probabilities: by question, of each row, but of other meetings by sentence; set by
            `set_probabilities`.
    """

    article: Article
    gold: Gold
    draft: Draft
    found: Proposals
    context: Context
    sentence_rows: list[Features]
    mentions: list[MeetingMention]
    labels: dict[str, list[bool]]
    rows: dict[str, list[Features]] = field(default_factory=dict)
    probabilities: dict[str, list[float]] = field(default_factory=dict)

    def score_sentences(self, scorers: Mapping[Question, Scorer]) -> None:
        """Sets the scores of the sentences, and the features that build on them."""
        asked = [scorers[question] for question in SENTENCE_QUESTIONS]
        self.context.scores = [
            SentenceScores(*(scorer.log_odds(row) for scorer in asked))
            for row in self.sentence_rows
        ]
        context, found, draft = self.context, self.found, self.draft
        names = found.names

        def rows(items: Sequence[Item], count: int) -> list[Features]:
            return [item_features(context, item, count, names) for item in items]

        self.rows = {
            "actor": [actor_features(context, c, found.candidates) for c in found.candidates],
            "topic": rows(found.topics, len(draft.topics)),
            "outcome": rows(found.outcomes, len(draft.outcomes)),
            "sentence": rows(found.sentences, len(draft.outcomes)),
        }

    def set_probabilities(self, scorers: Mapping[Question, Scorer]) -> None:
        """Sets the probabilities of the items, and the features of the article that need them."""
        asked: dict[str, Question] = {
            "actor": "actor",
            "topic": "topic",
            "outcome": "outcome",
            "sentence": "outcome",
        }
        self.probabilities = {
            name: [scorers[question].probability(row) for row in self.rows[name]]
            for name, question in asked.items()
        }
        for when in OTHER_WHENS:
            rows = (mention.features for mention in self.mentions)
            self.probabilities[when] = by_sentence(
                self.context, self.mentions, map(scorers[when].probability, rows)
            )
        actors = [
            probability
            for candidate, probability in zip(
                self.found.candidates, self.probabilities["actor"], strict=True
            )
            if candidate.kind != "country"
        ]
        self.rows["meeting"] = [article_features(self.context, self.draft.event, actors)]

    def set_meeting_probability(self, scorers: Mapping[Question, Scorer]) -> None:
        """Sets the probability that there was a meeting."""
        probability = scorers["meeting"].probability(self.rows["meeting"][0])
        self.probabilities["meeting"] = [probability]

    def other_meetings(self, threshold: float) -> list[FoundMeeting]:
        """Returns the other meetings that are told of with at least such a probability."""
        context = self.context
        candidates = [candidate for candidate in self.found.candidates if not candidate.is_bare]

        def claimed(index: int) -> int:
            return sum(c.claimed and c.is_in(context.sentences[index].span) for c in candidates)

        # The main meeting's sentence nearly always is the one with most of the draft's people.
        sentences = (max(context.body, key=claimed, default=0),)
        main = FoundMeeting("call", "reported", sentences=sentences)
        shares: dict[When, list[float]] = {w: self.probabilities[w] for w in OTHER_WHENS}
        return other_meetings(context, candidates, shares, threshold, words_of_language(), main)

    def fits_meeting(self, gold: GoldMeeting, found: FoundMeeting) -> bool:
        """Whether a meeting found is the one that the reader means."""
        sentences = [self.context.text(self.context.sentences[i].span) for i in found.sentences]
        return gold.fits(found.when, [one.name for one in found.people], sentences)


def example_of(article: Article, gold: Gold, draft: Draft, words: frozenset[str]) -> Example:
    """Returns an article's example.

    Args:
        article: the article.
        gold: what a reader found in it.
        draft: the model's answer.
        words: common words of all articles, folded.
    """
    untaught = Learned(
        scorers=dict.fromkeys(SENTENCE_QUESTIONS, Scorer(0.0, {})),
        kinds={},
        thresholds={},
        words=words,
        provenance={},
    )
    grounding = AssistedGrounding(article, known=untaught)
    found = grounding.propose(draft, [])
    context = grounding.evidence.context
    place_words = grounding.places.words
    indexes = range(len(context.sentences))
    tells_outcome = _tells(context, gold.outcomes)
    fitting = {
        "topic": [[g.fits(place_words(i.span)) for g in gold.agenda_items] for i in found.topics],
        "outcome": [[g.fits(place_words(i.span)) for g in gold.outcomes] for i in found.outcomes],
    }
    mentions = meeting_mentions(context, found.candidates, words_of_language())
    participants = [actor for actor in gold.actors if actor.part == "participant"]
    return Example(
        article,
        gold,
        draft,
        found,
        context,
        sentence_rows=[sentence_features(context, i) for i in indexes],
        mentions=mentions,
        labels={
            "topic sentence": _tells(context, gold.agenda_items),
            "outcome sentence": tells_outcome,
            "actor": _took_part(found.candidates, participants),
            **{name: _matched(fits) for name, fits in fitting.items()},
            "sentence": [
                label
                for label, sentence in zip(tells_outcome, context.sentences, strict=True)
                if not sentence.is_title
            ],
            "meeting": [gold.is_meeting],
            **{when: _means_other(context, mentions, gold, when) for when in OTHER_WHENS},
        },
    )


def common_words(articles: Iterable[Article]) -> frozenset[str]:
    """Returns the words in lower case that several of the articles have, folded."""
    counts: dict[str, int] = {}
    for article in articles:
        tokens = (token for tokens in Context(article.reading).tokens for token in tokens)
        for word in {token.key for token in tokens if token.key.isalpha()}:
            counts[word] = counts.get(word, 0) + 1
    return frozenset(word for word, number in counts.items() if number >= _MIN_ARTICLES)


def _matched(fits: Sequence[Sequence[bool]]) -> list[bool]:
    """Returns which items are right, each by another one of the gold."""
    pairs = paired(fits)
    return [place in pairs for place in range(len(fits))]


def _tells(context: Context, items: Sequence[GoldItem]) -> list[bool]:
    """Returns which sentences are the evidence of an item."""
    return [
        any(item.is_shown_by([context.text(sentence.span)]) for item in items)
        for sentence in context.sentences
    ]


def _means_other(
    context: Context, mentions: Sequence[MeetingMention], gold: Gold, when: str
) -> list[bool]:
    """Returns which words for a meeting stand in the evidence of another meeting at that time."""
    evidence = [
        re.search(r"\s+".join(map(re.escape, one.evidence.split())), context.reading.text)
        for one in gold.other_meetings or ()
        if one.when == when
    ]
    spans = [Span(*match.span()) for match in evidence if match]
    return [any(span.holds(mention.span) for span in spans) for mention in mentions]


def _took_part(candidates: Sequence[Candidate], participants: Sequence[GoldActor]) -> list[bool]:
    """Returns which candidates took part: of several that one name fits, the likeliest."""

    def likeness(candidate: Candidate, actor: GoldActor) -> tuple[bool, bool, bool, int]:
        is_named = fold(candidate.name) == fold(actor.name)
        return candidate.kind == actor.kind, is_named, candidate.claimed, len(candidate.mentions)

    chosen: set[int] = set()
    for actor in participants:
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
