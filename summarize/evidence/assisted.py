"""Grounds the draft of a small model: its words are looked for in the article, and weighed.

A small model takes background for news and overlooks what is said in so many words. So what it
says, and what the article says by itself, gets a probability that was learned of annotated
articles; what is likely enough is reported, the rest is set aside. In a language of which nothing
was learned the draft stands as far as its words are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from summarize.article.article import Article
from summarize.article.reading import Span
from summarize.evidence import Evidence, Learned, Proposal, ThresholdName
from summarize.grounding.actors import (
    add_headline_roles,
    add_names,
    claim,
    named_in,
    split_claim,
    take_role,
)
from summarize.grounding.candidates import Candidate, gather_mentions
from summarize.grounding.direct import DirectGrounding, no_meeting
from summarize.grounding.grounded import Grounded
from summarize.grounding.mentions import bare_names
from summarize.grounding.places import NOT_FOUND, PRONOUN, is_pronoun
from summarize.prompting.draft import Draft, says_something
from summarize.schema import AgendaItem, ItemField, Outcome, Unsupported

__all__ = ["AssistedGrounding", "Proposals"]

_UNLIKELY = "found, but not likely to be of this meeting"
_NO_MEETING = "the article is not likely to report a meeting"


@dataclass(frozen=True)
class Proposals:
    """What of a draft and an article may belong into the summary.

    Attributes:
        candidates: everybody named, in order.
        topics, outcomes: of the draft, found in the article.
        sentences: of the body, each of which may tell of an outcome.
        aside: what of the draft was not found.
    """

    candidates: tuple[Candidate, ...]
    topics: tuple[Proposal, ...]
    outcomes: tuple[Proposal, ...]
    sentences: tuple[Proposal, ...]
    aside: tuple[Unsupported, ...]

    @property
    def names(self) -> list[Span]:
        """Where actors are named, in order."""
        return sorted(mention for c in self.candidates for mention in c.mentions)


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
        found = self.propose(draft)
        names = found.names
        aside = list(found.aside)
        shares = self.evidence.actors(found.candidates)
        topics = self.evidence.items("topic", found.topics, len(draft.topics), names)
        outcomes = self.evidence.items("outcome", found.outcomes, len(draft.outcomes), names)
        likely = self.evidence.meeting(draft, found.candidates, shares)
        for candidate, share in zip(found.candidates, shares, strict=True):
            took_part = share >= self._threshold("actor")
            candidate.part = "participant" if took_part else "mentioned"
            candidate.confidence = share if took_part else 1 - share
        took_part = any(c.part == "participant" for c in found.candidates)
        if likely < self.evidence.known.thresholds["meeting"] or not took_part:
            return no_meeting(self.places, self._direct.entities, draft, _NO_MEETING)
        candidates = [c for c in found.candidates if c.part == "participant" or not c.is_bare]
        add_headline_roles(candidates, self.places.reading)
        candidates.sort(key=lambda c: (c.part != "participant", c.mentions[0]))
        said = list(zip(found.topics, topics, strict=True))
        agenda = list(self._likely("agenda_items", said, self._threshold("topic"), aside))
        results = list(zip(found.outcomes, outcomes, strict=True))
        concluded = list(self._likely("outcomes", results, self._threshold("outcome"), aside))
        told = self.evidence.items("outcome", found.sentences, len(draft.outcomes), names)
        sentences = zip(found.sentences, told, strict=True)
        concluded += self._told(sentences, [proposal.span for proposal, _ in concluded])
        event = self.places.event(draft, aside, only_days=True)
        return Grounded(
            is_meeting=True,
            event=event.model_copy(update={"type": "other"}) if event.type == "none" else event,
            actors=self.places.actors(candidates),
            agenda_items=tuple(
                AgendaItem(
                    id=f"g{i}",
                    topic=self.places.words(proposal.span),
                    quotes=(self.places.sentence(proposal.span),),
                    confidence=round(share, 2),
                )
                for i, (proposal, share) in enumerate(_in_order(agenda), start=1)
            ),
            outcomes=tuple(
                Outcome(
                    id=f"o{i}",
                    kind=proposal.kind or self.evidence.kind(proposal.span),
                    description=self.places.words(proposal.span).rstrip("."),
                    parties=self._parties(proposal.span, candidates),
                    quotes=(self.places.sentence(proposal.span),),
                    confidence=round(share, 2),
                )
                for i, (proposal, share) in enumerate(_in_order(concluded), start=1)
            ),
            unsupported=tuple(dict.fromkeys(aside)),
        )

    def propose(self, draft: Draft) -> Proposals:
        """Everything that is weighed."""
        aside: list[Unsupported] = []
        candidates = self._candidates(draft, aside)
        topics = tuple(
            Proposal(item.span, item.number)
            for item in self.places.items("agenda_items", draft.topics, aside)
        )
        said = [outcome.text for outcome in draft.outcomes]
        outcomes = tuple(
            Proposal(item.span, item.number, draft.outcomes[item.number].kind)
            for item in self.places.items("outcomes", said, aside)
        )
        sentences = tuple(Proposal(s.span) for s in self.places.reading.sentences if not s.is_title)
        return Proposals(tuple(candidates), topics, outcomes, sentences, tuple(aside))

    def _candidates(self, draft: Draft, aside: list[Unsupported]) -> list[Candidate]:
        """Everybody that the text or the draft names, in order."""
        finder, reading = self.places.finder, self.places.reading
        candidates = named_in(self._direct.entities)
        for number, said in enumerate(draft.participants):
            if not says_something(said.name):
                continue
            reason = PRONOUN if is_pronoun(said.name) else NOT_FOUND
            for name, role in split_claim(said.name, said.role, finder):
                known = None if is_pronoun(name) else claim(candidates, name, role, finder)
                if known is None:
                    continue
                reason = ""
                known.rank = number if known.rank is None else known.rank
                # The text's own words beside the name are surer than the model's.
                if not known.roles:
                    take_role(known, role, finder)
            if reason:
                aside.append(Unsupported(field="actors", value=said.name, reason=reason))
        common = self.evidence.known.words
        add_names(candidates, bare_names(reading, common.__contains__), reading.text)
        gather_mentions(candidates, finder)
        named = [candidate for candidate in candidates if candidate.mentions]
        return sorted(named, key=lambda candidate: candidate.mentions[0])

    def _likely(
        self,
        field: ItemField,
        weighed: Sequence[tuple[Proposal, float]],
        threshold: float,
        aside: list[Unsupported],
    ) -> Iterator[tuple[Proposal, float]]:
        """What is likely enough; the rest is set aside."""
        for proposal, share in weighed:
            if share >= threshold:
                yield proposal, share
            else:
                words = self.places.words(proposal.span)
                aside.append(Unsupported(field=field, value=words, reason=_UNLIKELY))

    def _told(
        self, weighed: Iterable[tuple[Proposal, float]], known: Sequence[Span]
    ) -> Iterator[tuple[Proposal, float]]:
        """Sentences that tell of an outcome which the draft does not have."""
        threshold = self._threshold("sentence")
        for proposal, share in weighed:
            if share >= threshold and not any(map(proposal.span.holds, known)):
                yield proposal, share

    def _parties(self, span: Span, candidates: Sequence[Candidate]) -> tuple[str, ...]:
        """The actors that a sentence names."""
        sentence = self.places.reading.sentence_at(span.start).span
        return tuple(f"a{i}" for i, c in enumerate(candidates, start=1) if c.is_in(sentence))

    def _threshold(self, name: ThresholdName) -> float:
        if self._min_confidence is not None:
            return self._min_confidence
        return self.evidence.known.thresholds[name]


def _in_order(items: Sequence[tuple[Proposal, float]]) -> list[tuple[Proposal, float]]:
    return sorted(items, key=lambda item: item[0].span)
