"""Grounding: a draft in the model's words becomes items with quotes from the article.

Every name, topic and outcome of the draft is looked for in the article. What is found is reported
in the article's own words with exact offsets; what is not found, or what its sentence does not bear
out, is set aside as unsupported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from summarize.actors import NOT_FOUND, Candidate, find_actors, unfound_names
from summarize.article import Article
from summarize.countries import country_code, is_capital
from summarize.dates import names_day, resolve_date
from summarize.draft import Draft, DraftOutcome, DraftPerson, says_something
from summarize.evidence import (
    has_contact,
    has_discussion,
    has_meeting,
    has_result,
    is_background,
    is_english,
    is_negated,
    outcome_kind,
)
from summarize.matching import Finder, Match, fold
from summarize.mentions import named_entities
from summarize.reading import Sentence, Span
from summarize.schema import (
    Actor,
    AgendaItem,
    Event,
    EventDate,
    Outcome,
    OutcomeKind,
    Quote,
    Unsupported,
)

__all__ = ["Grounded", "Grounding", "corrected"]

# Sentences at the beginning, title included, which tell of the event itself.
_LEAD = 3
# "agreed to meet" says something, "deal was" does not.
_MIN_OUTCOME_WORDS = 3
_NOT_SHOWN = "found, but not shown to be of this meeting"
_NEGATED = "the article says that it was not so"
_OUTSIDER = "said by somebody who did not take part"
_NO_MEETING = "the article reports no meeting"


@dataclass(frozen=True)
class Grounded:
    """What of a draft the article bears out."""

    is_meeting: bool
    event: Event
    actors: tuple[Actor, ...]
    agenda_items: tuple[AgendaItem, ...]
    outcomes: tuple[Outcome, ...]
    unsupported: tuple[Unsupported, ...]


@dataclass(frozen=True)
class _Found:
    """Words of the draft, found."""

    words: str
    span: Span
    sentence: Sentence


class Grounding:
    """Grounds drafts in one article."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.reading = article.reading
        self.finder = Finder(self.reading)
        self._entities = named_entities(self.reading)
        self._english = is_english(self.reading.text)

    def unfound(self, draft: Draft) -> list[str]:
        """The names, topics and outcomes of a draft that the article does not have."""
        values = unfound_names(draft, self.finder, self._entities)
        said = [*draft.topics, *(outcome.text for outcome in draft.outcomes)]
        said = [words for words in said if says_something(words)]
        values += [words for words in said if not self.finder.find(words)]
        return list(dict.fromkeys(values))

    def ground(self, draft: Draft) -> Grounded:
        """What of the draft the article bears out, with quotes."""
        unsupported: list[Unsupported] = []
        candidates, refused = find_actors(draft, self.finder, self._entities, english=self._english)
        unsupported += [Unsupported(field="actors", value=r.name, reason=r.reason) for r in refused]
        is_meeting = draft.event != "none" and any(c.part == "participant" for c in candidates)
        if not is_meeting:
            candidates = [_as_mentioned(candidate) for candidate in candidates]
        actors = tuple(self._actor(i, c) for i, c in enumerate(candidates, start=1))
        agenda: tuple[AgendaItem, ...] = ()
        outcomes: tuple[Outcome, ...] = ()
        if is_meeting:
            agenda = self._agenda(draft, candidates, unsupported)
            outcomes = self._outcomes(draft, candidates, actors, unsupported)
        else:
            unsupported += _all_aside(draft)
        return Grounded(
            is_meeting=is_meeting,
            event=self._event(draft, unsupported, is_meeting=is_meeting),
            actors=actors,
            agenda_items=agenda,
            outcomes=outcomes,
            unsupported=tuple(dict.fromkeys(unsupported)),
        )

    # Actors

    def _actor(self, number: int, candidate: Candidate) -> Actor:
        return Actor(
            id=f"a{number}",
            name=candidate.name,
            aliases=tuple(form for form in candidate.forms if form != candidate.name),
            kind=candidate.kind,
            role=max(candidate.roles, key=len, default=None),
            country=candidate.country,
            part=candidate.part,
            quotes=tuple(self._quote(span) for span in self._telling(candidate)),
        )

    def _telling(self, candidate: Candidate) -> Sequence[Span]:
        """The first mention in the body, and the one that shows the part."""
        body = [m for m in candidate.mentions if not self.reading.sentence_at(m.start).is_title]
        mentions = body or candidate.mentions
        full = [m for m in mentions if fold(self._text(m)) == fold(candidate.name)]
        first = (full or mentions)[0]
        if candidate.part == "mentioned":
            return [first]
        shown = (m for m in mentions if self._shows_meeting(self.reading.sentence_at(m.start)))
        return sorted({first, next(shown, first)})

    def _shows_meeting(self, sentence: Sentence) -> bool:
        text = self._text(sentence.span)
        return has_contact(text) and not is_background(text)

    # Agenda items and outcomes

    def _agenda(
        self, draft: Draft, candidates: Sequence[Candidate], unsupported: list[Unsupported]
    ) -> tuple[AgendaItem, ...]:
        named = {fold(form) for candidate in candidates for form in candidate.forms}
        kept: list[_Found] = []
        for words in filter(says_something, draft.topics):
            found = self._said(words, has_discussion)
            if isinstance(found, _Found) and fold(found.words) in named:
                found = self._widened(found) or self._as_topic(found) or "an actor, not a topic"
            elif isinstance(found, _Found):
                found = self._widened(found) or found
            if isinstance(found, _Found) and not self._is_of_meeting(found.sentence, candidates):
                found = _OUTSIDER
            _sort(found, "agenda_items", words, kept, unsupported)
        return tuple(
            AgendaItem(id=f"g{i}", topic=item.words, quotes=(self._quote(item.sentence.span),))
            for i, item in enumerate(sorted(kept, key=lambda t: t.span), start=1)
        )

    def _outcomes(
        self,
        draft: Draft,
        candidates: Sequence[Candidate],
        actors: Sequence[Actor],
        unsupported: list[Unsupported],
    ) -> tuple[Outcome, ...]:
        kept: list[_Found] = []
        kinds: dict[Span, OutcomeKind] = {}
        for outcome in draft.outcomes:
            if not says_something(outcome.text):
                continue
            found = self._said(outcome.text, has_result)
            if isinstance(found, _Found) and not self._is_of_meeting(found.sentence, candidates):
                found = _OUTSIDER
            if isinstance(found, _Found) and self._is_fragment(found.words):
                found = "too short to say what was decided"
            if isinstance(found, _Found):
                kinds[found.span] = outcome_kind(found.words, outcome.kind)
            _sort(found, "outcomes", outcome.text, kept, unsupported)
        return tuple(
            Outcome(
                id=f"o{i}",
                kind=kinds[item.span],
                description=item.words,
                parties=self._parties(item.sentence, candidates, actors),
                quotes=(self._quote(item.sentence.span),),
            )
            for i, item in enumerate(sorted(kept, key=lambda t: t.span), start=1)
        )

    def _said(self, words: str, cue: Callable[[str], bool]) -> _Found | str | None:
        """Where the article says something: in the first sentence of the body that bears it out."""
        matches = list(self.finder.every(words))
        if not matches and (near := self.finder.nearest(words)):
            matches = [near]
        found = [self._found(match) for match in matches]
        body = [item for item in found if not item.sentence.is_title] or found
        if not self._english:
            return body[0] if body else None
        negated = False
        for item in body:
            text = self._text(item.sentence.span)
            if cue(text) and not is_background(text):
                if not self._is_negated(item):
                    return item
                negated = True
        return (_NEGATED if negated else _NOT_SHOWN) if body else None

    def _is_negated(self, item: _Found) -> bool:
        return is_negated(self.reading.text[item.sentence.span.start : item.span.start])

    def _found(self, match: Match) -> _Found:
        words = _LOOSE_ENDS.sub("", " ".join(self._text(match.span).split()).strip(" ,;:"))
        return _Found(words, match.span, self.reading.sentence_at(match.span.start))

    def _widened(self, found: _Found) -> _Found | None:
        """The topic with the words that make it one: "the situation in Syria" for Syria."""
        start = found.sentence.span.start
        for match in _SITUATION.finditer(self._text(found.sentence.span)):
            span = Span(start + match.start(), start + match.end())
            if span.start < found.span.start <= span.end + 1:
                whole = Span(span.start, found.span.end)
                return _Found(self._text(whole), whole, found.sentence)
        return None

    def _is_fragment(self, words: str) -> bool:
        return self._english and len(words.split()) < _MIN_OUTCOME_WORDS

    def _as_topic(self, found: _Found) -> _Found | None:
        """A name that is itself what was discussed: "met to discuss Ukraine"."""
        before = self.reading.text[found.sentence.span.start : found.span.start]
        return found if _DISCUSSED.search(before) else None

    def _is_of_meeting(self, sentence: Sentence, candidates: Sequence[Candidate]) -> bool:
        """Whether a sentence is about those who met: it names one of them, or nobody else."""
        people = [
            candidate
            for candidate in candidates
            if candidate.kind == "person" and any(m in sentence.span for m in candidate.mentions)
        ]
        return not people or any(person.part == "participant" for person in people)

    def _parties(
        self, sentence: Sentence, candidates: Sequence[Candidate], actors: Sequence[Actor]
    ) -> tuple[str, ...]:
        return tuple(
            actor.id
            for candidate, actor in zip(candidates, actors, strict=True)
            if any(mention in sentence.span for mention in candidate.mentions)
        )

    # The event

    def _event(self, draft: Draft, unsupported: list[Unsupported], *, is_meeting: bool) -> Event:
        if not is_meeting:
            return Event(type="none", places=(), date=None)
        # Who telephones is in two places at least, and the article names others still.
        places = () if draft.event == "call" else self._places(draft.place, unsupported)
        date = None
        if says_something(draft.date):
            match = next(self.finder.every(draft.date), None)
            if match and names_day(draft.date) and self._is_dated(match.span):
                text = self._text(match.span)
                date = EventDate(text=text, iso=resolve_date(text, self.article.info.published))
            else:
                reason = "not the day of this meeting" if match else NOT_FOUND
                unsupported.append(Unsupported(field="event.date", value=draft.date, reason=reason))
        return Event(type=draft.event, places=places, date=date)

    def _is_dated(self, span: Span) -> bool:
        """Whether a date stands in the lead, or where the article tells of the meeting."""
        sentence = self.reading.sentence_at(span.start)
        text = self._text(sentence.span)
        if not self._english or sentence in self.reading.sentences[:_LEAD]:
            return True
        return has_contact(text) and not is_background(text)

    def _places(self, words: str, unsupported: list[Unsupported]) -> tuple[str, ...]:
        places = []
        for part in filter(says_something, (p.strip() for p in words.split(","))):
            match = next((m for m in self.finder.every(part) if self._is_place(m.span)), None)
            if match:
                places.append(self._text(match.span))
            else:
                unsupported.append(
                    Unsupported(field="event.places", value=part, reason="not said to be the place")
                )
        return tuple(dict.fromkeys(places or self._visited()))

    def _is_place(self, span: Span) -> bool:
        """Whether the meeting is said to be there: named after "in", "to" or "visited"."""
        if not self._english:
            return True
        sentence = self.reading.sentence_at(span.start)
        before = self.reading.text[sentence.span.start : span.start]
        text = self._text(sentence.span)
        if fold(text) == fold(self._text(span)):  # a dateline
            return True
        return bool(_PLACE_BEFORE.search(before)) and has_meeting(text) and not is_background(text)

    def _visited(self) -> Iterator[str]:
        """The country or capital that the first sentence about a visit names."""
        if not self._english:
            return
        for sentence in self.reading.sentences:
            text = self._text(sentence.span)
            if sentence.is_title or not has_meeting(text) or is_background(text):
                continue
            for match in _VISITED.finditer(text):
                if country_code(match["place"]) or is_capital(match["place"]):
                    yield match["place"]
                    return

    def _text(self, span: Span) -> str:
        return self.reading.text[span.start : span.end]

    def _quote(self, span: Span) -> Quote:
        given = self.reading.given(span)
        text = self.article.text[given.start : given.end]
        return Quote(start=given.start, end=given.end, text=text)


# What a phrase cut out of a sentence may begin or end with, and says nothing.
_LOOSE_ENDS = re.compile(
    r"^(?:that|and|which|also|but)\s+|(?:\s+(?:in|of|with|the|and|to|on|for|by|a|an|at|from))+$"
)
_SITUATION = re.compile(
    r"\b(?:(?:ongoing|recent|latest|current)\s+)?(?:situation|developments?|war|conflict|crisis"
    r"|relations|fight|presence|threats?|efforts?|cooperation|ties)\s+(?:in|with|against|of|on|around)"
    r"(?:\s+the)?"
)
_DISCUSSED = re.compile(r"(?i)\bdiscuss(?:ed|ing)?\s+(?:the\s+)?$")
_PLACE_BEFORE = re.compile(r"(?i)\b(?:in|at|to|visit(?:ed|s|ing)?|city of|capital|,)\s*$")
_VISITED = re.compile(
    r"\b(?:visited|visit(?:s)?(?:\s+to)?|trip\s+to|travel(?:l)?ed\s+to|arrived\s+in|talks\s+in|in)\s+"
    r"(?P<place>[A-Z]\w+(?:\s[A-Z]\w+)?)"
)


def _all_aside(draft: Draft) -> list[Unsupported]:
    """Everything that a draft says of a meeting that there was not."""
    return [
        Unsupported(field="agenda_items", value=words, reason=_NO_MEETING)
        for words in filter(says_something, draft.topics)
    ] + [
        Unsupported(field="outcomes", value=outcome.text, reason=_NO_MEETING)
        for outcome in draft.outcomes
        if says_something(outcome.text)
    ]


def _sort(
    found: _Found | str | None,
    field: Literal["agenda_items", "outcomes"],
    words: str,
    kept: list[_Found],
    unsupported: list[Unsupported],
) -> None:
    """Keeps what was found, once; sets the rest aside with the reason."""
    if not isinstance(found, _Found):
        reason = found or NOT_FOUND
        unsupported.append(Unsupported(field=field, value=words, reason=reason))
    elif not any(_overlap(found.span, other.span) for other in kept):
        kept.append(found)


def _as_mentioned(candidate: Candidate) -> Candidate:
    return replace(candidate, part="mentioned")


def _overlap(one: Span, other: Span) -> bool:
    """Whether two spans are mostly the same words."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared * 2 > min(one.end - one.start, other.end - other.start)


def corrected(draft: Draft, unfound: Sequence[str], copied: Sequence[str]) -> Draft:
    """The draft with the model's second try in place of what was not found."""
    # A shorter list leaves the rest as it was; a longer one says no more.
    words = {old: new for old, new in zip(unfound, copied, strict=False) if says_something(new)}
    return Draft(
        event=draft.event,
        place=draft.place,
        date=draft.date,
        participants=[
            DraftPerson(role=p.role, name=words.get(p.name, p.name)) for p in draft.participants
        ],
        topics=[words.get(topic, topic) for topic in draft.topics],
        outcomes=[
            DraftOutcome(kind=o.kind, text=words.get(o.text, o.text)) for o in draft.outcomes
        ],
    )
