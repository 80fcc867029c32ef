"""Where an article says what a draft says: the words, their sentence, the day, the place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from summarize.article.article import Article
from summarize.article.dates import names_day
from summarize.article.reading import Span
from summarize.grounding.candidates import Candidate
from summarize.grounding.grounded import actor_of, quote_of
from summarize.grounding.matching import Finder, fold
from summarize.prompting.draft import Draft, says_something
from summarize.schema import Actor, Event, EventDate, ItemField, Quote, Unsupported

__all__ = ["NOT_FOUND", "Placed", "Places", "is_pronoun"]

NOT_FOUND = "not found in the article"
PRONOUN = "a pronoun, which names nothing"
_TWICE = "said twice"


@dataclass(frozen=True, slots=True)
class Placed:
    """An item of a draft, found in the article.

    Attributes:
        number: its place in the draft.
        span: of its words, in the reading.
    """

    number: int
    span: Span


class Places:
    """Finds what drafts say in one article.

    Args:
        article: as it was given.
    """

    def __init__(self, article: Article) -> None:
        self.article = article
        self.reading = article.reading
        self.finder = Finder(article.reading)

    def find(self, words: str) -> Span | None:
        """Where the article says something: in its body rather than its title, if in both."""
        spans = [match.span for match in self.finder.every(words)]
        body = (s for s in spans if not self.reading.sentence_at(s.start).is_title)
        first = next(body, None) or next(iter(spans), None)
        if first is None and (near := self.finder.nearest(words)):
            first = near.span
        return first

    def items(
        self, field: ItemField, said: Iterable[str], aside: list[Unsupported]
    ) -> Iterator[Placed]:
        """What of a list the article has, each once; the rest is set aside."""
        seen: list[Span] = []
        for number, words in enumerate(said):
            if not says_something(words):
                continue
            span = self.find(words)
            if is_pronoun(words):
                reason = PRONOUN
            elif span is None:
                reason = NOT_FOUND
            elif any(_are_same(span, other) for other in seen):
                reason = _TWICE
            else:
                seen.append(span)
                yield Placed(number, span)
                continue
            aside.append(Unsupported(field=field, value=words, reason=reason))

    def event(self, draft: Draft, aside: list[Unsupported], *, only_days: bool = False) -> Event:
        """Its kind, and the place and day whose words the article has.

        Args:
            draft: of a model.
            aside: what is not found joins it.
            only_days: words that name no day are set aside, too.
        """
        places = []
        for words in filter(says_something, (part.strip() for part in draft.place.split(","))):
            if span := self.find(words):
                places.append(self.words(span))
            else:
                aside.append(Unsupported(field="event.places", value=words, reason=NOT_FOUND))
        date = None
        if says_something(draft.date):
            span = self.find(draft.date)
            if span and only_days and not names_day(draft.date):
                reason = "names no day"
                aside.append(Unsupported(field="event.date", value=draft.date, reason=reason))
            elif span:
                date = EventDate(text=self.words(span), iso=self.day(span))
            else:
                aside.append(Unsupported(field="event.date", value=draft.date, reason=NOT_FOUND))
        return Event(type=draft.event, places=tuple(dict.fromkeys(places)), date=date)

    def day(self, span: Span) -> str | None:
        """Which day is named somewhere, where the article settles it."""
        sentence = self.reading.sentence_at(span.start).span
        return self.article.calendar.resolve(
            self.reading.text[span.start : span.end],
            self.sentence_text(span),
            max(span.start - sentence.start, 0),
        )

    def actors(self, candidates: Sequence[Candidate]) -> tuple[Actor, ...]:
        """The actors that candidates have become, in their order, with their quotes."""
        return tuple(
            actor_of(number, candidate, self.mentions(candidate, candidates))
            for number, candidate in enumerate(candidates, start=1)
        )

    def mentions(self, candidate: Candidate, others: Sequence[Candidate]) -> list[Quote]:
        """The first mention in the body; of a participant also the first beside another one."""
        mentions = candidate.mentions
        body = [m for m in mentions if not self.reading.sentence_at(m.start).is_title] or mentions
        name = fold(candidate.name)
        shown = {next((m for m in body if fold(self.words(m)) == name), body[0])}
        if candidate.part == "participant":
            others = [c for c in others if c.part == "participant" and c is not candidate]
            together = (
                m
                for m in body
                if any(o.is_in(self.reading.sentence_at(m.start).span) for o in others)
            )
            shown.update(next(together, m) for m in body[:1])
        return [quote_of(self.article, span) for span in sorted(shown)]

    def sentence(self, span: Span) -> Quote:
        """The sentence that holds a span, or all those that it reaches into."""
        first, last = (self.reading.sentence_at(i).span for i in (span.start, span.end - 1))
        whole = Span(min(first.start, span.start), max(last.end, span.end))
        return quote_of(self.article, whole)

    def words(self, span: Span) -> str:
        """The words of a span, on one line, without punctuation at their ends."""
        return " ".join(self.reading.text[span.start : span.end].split()).strip(" ,;:")

    def sentence_text(self, span: Span) -> str:
        """The text of the sentence in which a span begins."""
        sentence = self.reading.sentence_at(span.start).span
        return self.reading.text[sentence.start : sentence.end]


# "a rail tunnel" and "rail tunnel" are one topic; "trade" and "trade and border security" are two.
_SAME_SHARE = 0.7


def _are_same(one: Span, other: Span) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared >= _SAME_SHARE * max(one.end - one.start, other.end - other.start)


# Personal and demonstrative pronouns, which stand for a name without being one.
_PRONOUNS = frozenset(
    "he she it they we i you him her them us me this that these those his their both all".split()
)


def is_pronoun(words: str) -> bool:
    """Whether words name nothing by themselves."""
    return fold(words).strip(" .") in _PRONOUNS
