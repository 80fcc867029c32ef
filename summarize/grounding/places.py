"""Where an article says what a draft says: the words, their sentence, the day, the place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from summarize.article.article import Article
from summarize.article.dates import names_day
from summarize.article.reading import Span
from summarize.grounding.actors import Candidate
from summarize.grounding.grounded import NOT_FOUND, PRONOUN, Grounded, quote_of
from summarize.grounding.matching import Finder, fold
from summarize.grounding.names import is_pronoun
from summarize.prompting.draft import Draft, DraftMeeting, says_something
from summarize.schema import (
    Actor,
    AgendaItem,
    ItemField,
    Meeting,
    MeetingDate,
    MeetingType,
    Outcome,
    OutcomeKind,
    Quote,
    Unsupported,
    When,
)

_TWICE = "said twice"
_NO_DAY = "names no day"


@dataclass(frozen=True, slots=True)
class Item:
    """A topic or an outcome, found in the article.

    Attributes:
        span: of its words, in the reading.
        rank: its place in the draft; None if only the article has it.
        kind: of an outcome, as the draft says.
        parties: whose outcome it is.
        confidence: probability that it is right, if it was weighed.
        meeting: the number of the meeting that it is of; 1 is the main one.
    """

    span: Span
    rank: int | None = None
    kind: OutcomeKind | None = None
    parties: tuple[Candidate, ...] = ()
    confidence: float | None = None
    meeting: int = 1


@dataclass(frozen=True, slots=True)
class FoundMeeting:
    """A meeting, found in the article.

    Attributes:
        places: the words for them, in the reading.
        time: the words for its date, in the reading.
        people: who took part.
        sentences: the indexes of those that tell of it, the one that tells most first.
        confidence: probability that it is right, if it was weighed.
    """

    type: MeetingType
    when: When
    places: tuple[Span, ...] = ()
    time: Span | None = None
    people: tuple[Candidate, ...] = ()
    sentences: tuple[int, ...] = ()
    confidence: float | None = None


class Places:
    """Finds what drafts say in one article.

    Args:
        article: as it was given.
    """

    def __init__(self, article: Article) -> None:
        self.article = article
        self.reading = article.reading
        self.finder = Finder(article.reading)

    # What a draft says

    def find(self, words: str) -> Span | None:
        """Where the article says something: in its body rather than its title, if in both."""
        found = self.finder.find(words)
        spans = (match.span for match in self.finder.every(words))
        body = (span for span in spans if not self.reading.sentence_at(span.start).is_title)
        return next(body, found and found.span)

    def topics(self, draft: Draft | DraftMeeting, aside: list[Unsupported]) -> list[Item]:
        """The topics of a draft that the article has; the others are set aside."""
        return self._items("agenda_items", [(topic, None) for topic in draft.topics], aside)

    def outcomes(self, draft: Draft | DraftMeeting, aside: list[Unsupported]) -> list[Item]:
        """The outcomes of a draft that the article has; the others are set aside."""
        return self._items("outcomes", [(one.text, one.kind) for one in draft.outcomes], aside)

    def _items(
        self,
        field: ItemField,
        said: Iterable[tuple[str, OutcomeKind | None]],
        aside: list[Unsupported],
    ) -> list[Item]:
        items: list[Item] = []
        for rank, (words, kind) in enumerate(said):
            if not says_something(words):
                continue
            span = self.find(words)
            if is_pronoun(words):
                reason = PRONOUN
            elif span is None:
                reason = NOT_FOUND
            elif any(_are_same(span, item.span) for item in items):
                reason = _TWICE
            else:
                items.append(Item(span, rank, kind))
                continue
            aside.append(Unsupported(field=field, value=words, reason=reason))
        return items

    def meeting(
        self,
        said: Draft | DraftMeeting,
        when: When,
        people: Sequence[Candidate],
        aside: list[Unsupported],
        *,
        only_days: bool = False,
    ) -> FoundMeeting:
        """A meeting of a draft, as far as the article has its words; the others are set aside.

        Args:
            said: what the draft says of it.
            when: whether it is the news itself, before it, or still to come.
            people: who took part.
            aside: takes what is not found.
            only_days: whether a date that names no day is set aside, too.
        """
        places = self._find_places(said.place, aside)
        time = self._find_day(said.date, aside, only_days=only_days)
        event = "other" if said.event == "none" else said.event
        told = self._telling(people, [*places, time] if time else places)
        return FoundMeeting(event, when, places, time, tuple(people), told)

    def sentences_of(self, items: Iterable[Item]) -> tuple[int, ...]:
        """The indexes of the sentences in which items begin."""
        starts = [self.reading.sentence_at(item.span.start) for item in items]
        return tuple(map(self.reading.sentences.index, starts))

    def _telling(self, people: Sequence[Candidate], words: Sequence[Span]) -> tuple[int, ...]:
        """The sentence that names most of those who took part, the places and the date.

        It is the first of several, and of the body rather than of the title; none if no sentence
        names anything.
        """
        said = [[match.span for match in self.finder.every(self.words(span))] for span in words]
        said += [one.mentions for one in people]
        best = (False, 0, 0)
        for index, (span, is_title) in enumerate(self.reading.sentences):
            if number := sum(any(map(span.holds, mentions)) for mentions in said):
                best = max(best, (not is_title, number, -index))
        return (-best[2],) if best[1] else ()

    def _find_places(self, said: str, aside: list[Unsupported]) -> tuple[Span, ...]:
        """Where the article has the places that a draft names, with commas between."""
        places: dict[str, Span] = {}
        for words in filter(says_something, (part.strip() for part in said.split(","))):
            if span := self.find(words):
                places.setdefault(self.words(span), span)
            else:
                aside.append(Unsupported(field="meetings.places", value=words, reason=NOT_FOUND))
        return tuple(places.values())

    def _find_day(self, said: str, aside: list[Unsupported], *, only_days: bool) -> Span | None:
        """Where the article has the day that a draft names."""
        if not says_something(said):
            return None
        span = self.find(said)
        if span and (names_day(said) or not only_days):
            return span
        reason = _NO_DAY if span else NOT_FOUND
        aside.append(Unsupported(field="meetings.date", value=said, reason=reason))
        return None

    def day(self, span: Span) -> str | None:
        """The ISO day that words of the reading name, where the article settles it."""
        text, sentence = self.reading.text, self.reading.sentence_at(span.start).span
        place = max(span.start - sentence.start, 0)
        return self.article.calendar.resolve(text[slice(*span)], text[slice(*sentence)], place)

    # What a summary says

    def grounded(
        self,
        meetings: Sequence[FoundMeeting],
        candidates: Sequence[Candidate],
        topics: Sequence[Item],
        outcomes: Sequence[Item],
        aside: Iterable[Unsupported],
    ) -> Grounded:
        """What the article bears out, with ids and quotes; all in the order given."""
        ids = {candidate: f"a{i}" for i, candidate in enumerate(candidates, start=1)}
        return Grounded(
            meetings=tuple(
                Meeting(
                    id=f"m{i}",
                    type=one.type,
                    when=one.when,
                    places=tuple(map(self.words, one.places)),
                    date=self._date(one.time),
                    participants=tuple(ids[person] for person in one.people if person in ids),
                    quotes=self._told(one.sentences),
                    confidence=_hundredths(one.confidence),
                )
                for i, one in enumerate(meetings, start=1)
            ),
            actors=self._actors(candidates),
            agenda_items=tuple(
                AgendaItem(
                    id=f"g{i}",
                    meeting=f"m{item.meeting}",
                    topic=self.words(item.span),
                    quotes=(self.sentence(item.span),),
                    confidence=_hundredths(item.confidence),
                )
                for i, item in enumerate(topics, start=1)
            ),
            outcomes=tuple(
                Outcome(
                    id=f"o{i}",
                    meeting=f"m{item.meeting}",
                    kind=item.kind or "statement",
                    description=self.words(item.span).rstrip("."),
                    parties=tuple(ids[party] for party in item.parties if party in ids),
                    quotes=(self.sentence(item.span),),
                    confidence=_hundredths(item.confidence),
                )
                for i, item in enumerate(outcomes, start=1)
            ),
            unsupported=tuple(dict.fromkeys(aside)),
        )

    def no_meeting(self, candidates: Sequence[Candidate], draft: Draft, reason: str) -> Grounded:
        """Nothing but who is mentioned; what a draft says of a meeting is set aside."""
        said: list[tuple[ItemField, str]] = [
            *(("actors", person.name) for person in draft.participants),
            *(("agenda_items", topic) for topic in draft.topics),
            *(("outcomes", outcome.text) for outcome in draft.outcomes),
        ]
        aside = [
            Unsupported(field=field, value=value, reason=reason)
            for field, value in said
            if says_something(value)
        ]
        return self.grounded((), candidates, (), (), aside)

    def _actors(self, candidates: Sequence[Candidate]) -> tuple[Actor, ...]:
        return tuple(
            Actor(
                id=f"a{i}",
                name=one.name,
                aliases=tuple(form for form in one.forms if form != one.name),
                kind=one.kind,
                role=max(one.roles, key=len, default=None),
                country=one.said_country or one.told_country(self.reading.text),
                inferred=("country",) if one.is_country_inferred else (),
                part=one.part,
                confidence=_hundredths(one.confidence),
                quotes=tuple(self._mentions(one, candidates)),
            )
            for i, one in enumerate(candidates, start=1)
        )

    def _mentions(self, candidate: Candidate, others: Iterable[Candidate]) -> Iterator[Quote]:
        """The first mention in the body; of a participant also the first beside another one."""
        sentences = {m: self.reading.sentence_at(m.start) for m in candidate.mentions}
        body = [m for m in sentences if not sentences[m].is_title] or candidate.mentions
        name = fold(candidate.name)
        shown = {next((m for m in body if fold(self.words(m)) == name), body[0])}
        if candidate.part == "participant":
            others = [c for c in others if c.part == "participant" and c is not candidate]
            together = (m for m in body if any(o.is_in(sentences[m].span) for o in others))
            shown.add(next(together, body[0]))
        return (quote_of(self.article, span) for span in sorted(shown))

    def _date(self, span: Span | None) -> MeetingDate | None:
        return None if span is None else MeetingDate(text=self.words(span), iso=self.day(span))

    def _told(self, indexes: Iterable[int]) -> tuple[Quote, ...]:
        """The sentences that tell of a meeting; where none does, the first one of the body."""
        sentences = self.reading.sentences
        told = [sentences[index].span for index in indexes]
        told = told or [s.span for s in sentences if not s.is_title][:1] or [sentences[0].span]
        return tuple(quote_of(self.article, span) for span in told)

    def sentence(self, span: Span) -> Quote:
        """The sentence that holds a span, or all those that it reaches into."""
        start = self.reading.sentence_at(span.start).span.start
        end = self.reading.sentence_at(span.end - 1).span.end
        return quote_of(self.article, Span(min(start, span.start), max(end, span.end)))

    def words(self, span: Span) -> str:
        """The words of a span, on one line, without punctuation at their ends."""
        return " ".join(self.reading.text[span.start : span.end].split()).strip(" ,;:")


def _hundredths(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 2)


# "a rail tunnel" and "rail tunnel" are one topic; "trade" and "trade and border security" are two.
_SAME_SHARE = 0.7


def _are_same(one: Span, other: Span) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared >= _SAME_SHARE * max(one.end - one.start, other.end - other.start)
