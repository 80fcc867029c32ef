"""Grounds the draft of a large model: its words are looked for in the article, nothing else.

Whether there was a meeting, who took part and what counts as an outcome is the model's word. An
item is unsupported only when its words are not in the article, or when it is no item: a pronoun, or
what was said before. Nobody is added to those who took part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from summarize.actors import NOT_FOUND, claim, named_in
from summarize.article import Article
from summarize.candidates import Candidate, gather_mentions
from summarize.countries import country_code, country_names, same_country
from summarize.draft import Draft, DraftOutcome, DraftParticipant, DraftResult, says_something
from summarize.grounded import Grounded, actor_of, quote_of
from summarize.matching import Finder, fold
from summarize.mentions import named_entities
from summarize.reading import Span
from summarize.schema import (
    AgendaItem,
    Event,
    EventDate,
    Outcome,
    Quote,
    Unsupported,
)

__all__ = ["DirectGrounding"]

_Field = Literal["actors", "agenda_items", "outcomes"]

_TWICE = "said twice"
_PRONOUN = "a pronoun, which names nothing"
_NO_MEETING = "the model says that the article reports no meeting"


class DirectGrounding:
    """Grounds drafts in one article.

    Args:
        article: as it was given.
    """

    def __init__(self, article: Article) -> None:
        self.article = article
        self.reading = article.reading
        self.finder = Finder(self.reading)
        self._entities = named_entities(self.reading)

    def unfound(self, draft: Draft) -> list[str]:
        """The names, topics and outcomes of a draft that the article does not have."""
        _, refused = self._actors(draft)
        values = [entry.value for entry in refused if entry.reason == NOT_FOUND]
        said = [*draft.topics, *(outcome.text for outcome in draft.outcomes)]
        values += [words for words in said if says_something(words) and not self._place(words)]
        return list(dict.fromkeys(values))

    def ground(self, draft: Draft) -> Grounded:
        """What of the draft the article has, with quotes."""
        if draft.event == "none":
            return self._no_meeting(draft)
        candidates, aside = self._actors(draft)
        parties = [self._parties(outcome, candidates, aside) for outcome in draft.outcomes]
        gather_mentions(candidates, self.finder)
        candidates = [c for c in candidates if c.mentions]
        self._set_countries(draft, candidates)
        candidates.sort(key=lambda c: (c.part != "participant", c.mentions[0]))
        ids = {id(candidate): f"a{i}" for i, candidate in enumerate(candidates, start=1)}
        agenda = list(self._items("agenda_items", draft.topics, aside))
        results = [outcome.text for outcome in draft.outcomes]
        outcomes = list(self._items("outcomes", results, aside))
        return Grounded(
            is_meeting=True,
            event=self._event(draft, aside),
            actors=tuple(
                actor_of(i, candidate, self._mentions(candidate, candidates))
                for i, candidate in enumerate(candidates, start=1)
            ),
            agenda_items=tuple(
                AgendaItem(id=f"g{i}", topic=self._words(span), quotes=(self._sentences(span),))
                for i, (_, span) in enumerate(agenda, start=1)
            ),
            outcomes=tuple(
                Outcome(
                    id=f"o{i}",
                    kind=draft.outcomes[said].kind,
                    description=self._words(span),
                    parties=tuple(
                        dict.fromkeys(
                            ids[id(party)]
                            for party in (parties[said] or [c for c in candidates if c.is_in(span)])
                            if id(party) in ids
                        )
                    ),
                    quotes=(self._sentences(span),),
                )
                for i, (said, span) in enumerate(outcomes, start=1)
            ),
            unsupported=tuple(dict.fromkeys(aside)),
        )

    def _no_meeting(self, draft: Draft) -> Grounded:
        """Nothing but who is mentioned."""
        candidates = named_in(self._entities)
        gather_mentions(candidates, self.finder)
        candidates = [candidate for candidate in candidates if candidate.mentions]
        candidates.sort(key=lambda candidate: candidate.mentions[0])
        said: list[tuple[_Field, str]] = [
            *(("actors", person.name) for person in draft.participants),
            *(("agenda_items", topic) for topic in draft.topics),
            *(("outcomes", outcome.text) for outcome in draft.outcomes),
        ]
        return Grounded(
            is_meeting=False,
            event=Event(type="none", places=(), date=None),
            actors=tuple(
                actor_of(i, candidate, self._mentions(candidate, candidates))
                for i, candidate in enumerate(candidates, start=1)
            ),
            agenda_items=(),
            outcomes=(),
            unsupported=tuple(
                dict.fromkeys(
                    Unsupported(field=field, value=value, reason=_NO_MEETING)
                    for field, value in said
                    if says_something(value)
                )
            ),
        )

    # Actors

    def _actors(self, draft: Draft) -> tuple[list[Candidate], list[Unsupported]]:
        """Everybody that the article names; those of the draft as participants."""
        candidates = named_in(self._entities)
        refused = []
        for said in draft.participants:
            if not says_something(said.name):
                continue
            reason = _PRONOUN if _is_pronoun(said.name) else None
            if reason is None and not claim(candidates, said.name, said.role, self.finder):
                reason = NOT_FOUND
            if reason:
                refused.append(Unsupported(field="actors", value=said.name, reason=reason))
        for candidate in candidates:
            candidate.part = "participant" if candidate.claimed else "mentioned"
        return candidates, refused

    def _set_countries(self, draft: Draft, candidates: list[Candidate]) -> None:
        """The countries that the model named, and whether words beside the mentions name them."""
        for said in draft.participants:
            country = said.country if isinstance(said, DraftParticipant) else ""
            # A model may write the code itself.
            code = country_code(country, self.reading.text) or (
                country if country in country_names() else None
            )
            holder = next((c for c in candidates if c.claimed and said.name in c.said_as), None)
            if code and holder and holder.kind != "country":
                holder.said_country = code
                holder.is_country_inferred = holder.told_country != code and not any(
                    next(same_country(code, self._sentence_text(mention), self.reading.text), None)
                    for mention in holder.mentions
                )

    def _parties(
        self, outcome: DraftOutcome, candidates: list[Candidate], aside: list[Unsupported]
    ) -> list[Candidate]:
        """The actors that the model names as an outcome's; those not known yet are added."""
        names = outcome.parties if isinstance(outcome, DraftResult) else ()
        parties = []
        for name in filter(says_something, names):
            known = next((c for c in candidates if name in c.said_as), None)
            if known is None and not _is_pronoun(name):
                known = claim(candidates, name, "", self.finder, took_part=False)
            if known:
                parties.append(known)
            else:
                aside.append(
                    Unsupported(field="outcomes", value=name, reason=f"a party {NOT_FOUND}")
                )
        return parties

    def _mentions(self, candidate: Candidate, candidates: list[Candidate]) -> list[Quote]:
        """The first mention in the body, and the first beside somebody else who took part."""
        mentions = candidate.mentions
        body = [m for m in mentions if not self.reading.sentence_at(m.start).is_title] or mentions
        full = [m for m in body if fold(self._words(m)) == fold(candidate.name)]
        shown = {(full or body)[0]}
        if candidate.part == "participant":
            others = [c for c in candidates if c.part == "participant" and c is not candidate]
            together = (
                m
                for m in body
                if any(o.is_in(self.reading.sentence_at(m.start).span) for o in others)
            )
            shown.update(next(together, m) for m in body[:1])
        return [quote_of(self.article, span) for span in sorted(shown)]

    # Agenda items and outcomes

    def _items(
        self, field: _Field, said: list[str], aside: list[Unsupported]
    ) -> Iterator[tuple[int, Span]]:
        """What is in the article, each once: its number in the draft, and where it stands."""
        seen: list[Span] = []
        for number, words in enumerate(said):
            if not says_something(words):
                continue
            span = self._place(words)
            if _is_pronoun(words):
                reason = _PRONOUN
            elif span is None:
                reason = NOT_FOUND
            elif any(_are_same(span, other) for other in seen):
                reason = _TWICE
            else:
                seen.append(span)
                yield number, span
                continue
            aside.append(Unsupported(field=field, value=words, reason=reason))

    def _event(self, draft: Draft, aside: list[Unsupported]) -> Event:
        """Its kind, and the place and day whose words the article has."""
        places = []
        for words in filter(says_something, (part.strip() for part in draft.place.split(","))):
            if span := self._place(words):
                places.append(self._words(span))
            else:
                aside.append(Unsupported(field="event.places", value=words, reason=NOT_FOUND))
        date = None
        if says_something(draft.date):
            if span := self._place(draft.date):
                sentence = self.reading.sentence_at(span.start).span
                day = self.article.calendar.resolve(
                    self.reading.text[span.start : span.end],
                    self._sentence_text(span),
                    max(span.start - sentence.start, 0),
                )
                date = EventDate(text=self._words(span), iso=day)
            else:
                aside.append(Unsupported(field="event.date", value=draft.date, reason=NOT_FOUND))
        return Event(type=draft.event, places=tuple(dict.fromkeys(places)), date=date)

    # Words and where they stand

    def _place(self, words: str) -> Span | None:
        """Where an article says something: in its body rather than its title, if in both."""
        spans = [match.span for match in self.finder.every(words)]
        body = (s for s in spans if not self.reading.sentence_at(s.start).is_title)
        first = next(body, None) or next(iter(spans), None)
        if first is None and (near := self.finder.nearest(words)):
            first = near.span
        return first

    def _words(self, span: Span) -> str:
        return " ".join(self.reading.text[span.start : span.end].split()).strip(" ,;:")

    def _sentence_text(self, span: Span) -> str:
        sentence = self.reading.sentence_at(span.start).span
        return self.reading.text[sentence.start : sentence.end]

    def _sentences(self, span: Span) -> Quote:
        """The sentence that holds a span, or all those that it reaches into."""
        first, last = (self.reading.sentence_at(i).span for i in (span.start, span.end - 1))
        whole = Span(min(first.start, span.start), max(last.end, span.end))
        return quote_of(self.article, whole)


# "a rail tunnel" and "rail tunnel" are one topic; "trade" and "trade and border security" are two.
_SAME_SHARE = 0.7


def _are_same(one: Span, other: Span) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared >= _SAME_SHARE * max(one.end - one.start, other.end - other.start)


# Personal and demonstrative pronouns, which stand for a name without being one.
_PRONOUNS = frozenset(
    "he she it they we i you him her them us me this that these those his their both all".split()
)


def _is_pronoun(words: str) -> bool:
    return fold(words).strip(" .") in _PRONOUNS
