"""Grounds the draft of a small model: its words are looked for in the article, and weighed.

A small model takes background for news and overlooks what is said in so many words. So what it
says, and what the article says by itself, gets a probability that was learned of annotated
articles; what is likely enough is reported, the rest is set aside. In a language of which nothing
was learned the draft stands as far as its words are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from summarize.article.article import Article
from summarize.article.reading import Span
from summarize.article.tense import tense_at
from summarize.evidence.meetings import other_meetings, outcome_meetings
from summarize.evidence.other_meetings import words_of_language
from summarize.evidence.probabilities import Evidence, Proposals
from summarize.evidence.scorer import Learned, ThresholdName
from summarize.grounding.actors import (
    Candidate,
    add_bare_names,
    add_headline_countries,
    claim_all,
    gather_mentions,
)
from summarize.grounding.direct import DirectGrounding
from summarize.grounding.grounded import Grounded
from summarize.grounding.mentions import bare_names
from summarize.grounding.places import FoundMeeting, Item
from summarize.prompting.draft import Draft
from summarize.schema import ItemField, Unsupported, When

__all__ = ["AssistedGrounding"]

_UNLIKELY = "found, but not likely to be of this meeting"
_NO_MEETING = "the article is not likely to report a meeting"


class AssistedGrounding:
    """Grounds drafts in one article.

    Args:
        article: as it was given.
        min_confidence: from which on an item is reported; None for where the F1 was best.
        known: what was learned; None for what the package holds.
    """

    def __init__(
        self, article: Article, min_confidence: float | None = None, known: Learned | None = None
    ) -> None:
        self._direct = DirectGrounding(article)
        self.places = self._direct.places
        self.evidence = Evidence(article.reading, known)
        self._min_confidence = min_confidence

    def ground(self, draft: Draft) -> Grounded:
        """What of the draft, and what besides, the article bears out, with quotes."""
        if not self.evidence.is_known_language():
            return self._direct.ground(draft)
        aside: list[Unsupported] = []
        likely, found = self.evidence.weigh(self.propose(draft, aside), draft)
        candidates = self._actors(found.candidates)
        took_part = any(candidate.part == "participant" for candidate in candidates)
        if likely < self.evidence.known.thresholds["meeting"] or not took_part:
            return self._direct.no_meeting(draft, _NO_MEETING)
        topics = self._likely("topic", found.topics)
        outcomes = self._likely("outcome", found.outcomes)
        aside += self._refused("agenda_items", found.topics, topics)
        aside += self._refused("outcomes", found.outcomes, outcomes)
        # The others tell of an outcome that the draft does not have.
        outcomes += [
            sentence
            for sentence in self._likely("sentence", found.sentences)
            if not any(sentence.span.holds(outcome.span) for outcome in outcomes)
        ]
        meetings = self._meetings(draft, candidates, likely, aside)
        numbers = outcome_meetings(self.evidence.context, meetings, words_of_language())
        outcomes = [
            replace(item, meeting=numbers[self.evidence.context.at(item.span.start)])
            for item in outcomes
        ]
        return self.places.grounded(
            meetings,
            candidates,
            sorted(topics, key=attrgetter("span")),
            [self._outcome(item, candidates) for item in sorted(outcomes, key=attrgetter("span"))],
            aside,
        )

    def _meetings(
        self,
        draft: Draft,
        candidates: Sequence[Candidate],
        likely: float,
        aside: list[Unsupported],
    ) -> list[FoundMeeting]:
        """The main meeting, as the draft says, and the others that sentences tell of."""
        context = self.evidence.context
        present = [candidate for candidate in candidates if candidate.part == "participant"]
        main = self.places.meeting(draft, "reported", present, aside, only_days=True)
        others = other_meetings(
            context,
            candidates,
            self.evidence.other_meetings(candidates),
            self._threshold("other meeting"),
            words_of_language(),
            main,
        )
        # Who only spoke beside it, and the day of another meeting, are not the main one's.
        apart = {one for other in others if other.when == "reported" for one in other.people}
        elsewhere = {index for other in others for index in other.sentences}
        is_elsewhere = main.time is not None and context.at(main.time.start) in elsewhere
        main = replace(
            main,
            when=self._when(main),
            time=None if is_elsewhere else main.time,
            people=tuple(one for one in main.people if one not in apart),
            confidence=likely,
        )
        return [main, *others]

    def _when(self, main: FoundMeeting) -> When:
        """Whether the main meeting is still to come, by the sentence that tells of it."""
        if not main.sentences:
            return "reported"
        sentence = self.places.reading.sentences[main.sentences[0]].span
        text = self.evidence.context.text(sentence)
        is_here = main.time is not None and sentence.holds(main.time)
        at = main.time if main.time and is_here else Span(sentence.end, sentence.end)
        tense = tense_at(text, at.start - sentence.start, at.end - sentence.start)
        return "planned" if tense == "ahead" else "reported"

    def propose(self, draft: Draft, aside: list[Unsupported]) -> Proposals:
        """Everything that is weighed; what of the draft is not in the article is set aside."""
        finder, reading = self.places.finder, self.places.reading
        candidates = self._direct.candidates()
        aside += claim_all(candidates, draft.participants, finder, trusts_roles=False)
        common = self.evidence.known.words
        add_bare_names(candidates, bare_names(reading, common.__contains__))
        return Proposals(
            candidates=gather_mentions(candidates, finder),
            topics=self.places.topics(draft, aside),
            outcomes=self.places.outcomes(draft, aside),
            sentences=[Item(s.span) for s in reading.sentences if not s.is_title],
        )

    def _actors(self, named: Sequence[Candidate]) -> list[Candidate]:
        """Those who took part, then the others, but for names that may be nobody's."""
        threshold = self._threshold("actor")
        for candidate in named:
            share = candidate.confidence or 0.0
            candidate.part = "participant" if share >= threshold else "mentioned"
            candidate.confidence = share if share >= threshold else 1 - share
        kept = [c for c in named if c.part == "participant" or not c.is_bare]
        add_headline_countries(kept, self.places.reading)
        return sorted(kept, key=lambda candidate: candidate.part != "participant")

    def _likely(self, name: ThresholdName, items: Sequence[Item]) -> list[Item]:
        threshold = self._threshold(name)
        return [item for item in items if (item.confidence or 0.0) >= threshold]

    def _refused(
        self, field: ItemField, items: Sequence[Item], likely: Sequence[Item]
    ) -> Iterator[Unsupported]:
        for item in items:
            if item not in likely:
                yield Unsupported(field=field, value=self.places.words(item.span), reason=_UNLIKELY)

    def _outcome(self, item: Item, candidates: Sequence[Candidate]) -> Item:
        """An outcome with its kind and the actors that its sentence names."""
        sentence = self.places.reading.sentence_at(item.span.start).span
        return replace(
            item,
            kind=item.kind or self.evidence.kind(item.span),
            parties=tuple(candidate for candidate in candidates if candidate.is_in(sentence)),
        )

    def _threshold(self, name: ThresholdName) -> float:
        if self._min_confidence is not None:
            return self._min_confidence
        return self.evidence.known.thresholds[name]
