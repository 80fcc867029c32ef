"""Grounds the draft of a small model, and adds what sentences of the article report by themselves.

Every name, topic and outcome of the draft is looked for in the article. What is found is reported
in the article's own words with exact offsets; what is not found, or what its sentence does not bear
out, is set aside as unsupported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from summarize.actors import NOT_FOUND, find_actors
from summarize.agenda import discussed
from summarize.article import Article
from summarize.candidates import Candidate
from summarize.cast import Cast
from summarize.conclusions import concluded
from summarize.draft import Draft, says_something
from summarize.events import event_of
from summarize.evidence import (
    has_contact,
    has_discussion,
    has_result,
    is_background,
    is_courtesy,
    is_english,
    is_negated,
    outcome_kind,
)
from summarize.grounded import Grounded, actor_of, quote_of
from summarize.items import Found, Item, Items, stems_of
from summarize.matching import Finder, Match, fold
from summarize.mentions import named_entities
from summarize.names import offices_of
from summarize.reading import Sentence, Span
from summarize.reports import Report
from summarize.schema import (
    Actor,
    AgendaItem,
    Event,
    Outcome,
    OutcomeKind,
    Quote,
    Unsupported,
)

__all__ = ["Grounding"]

# Sentences at the beginning, title included, which tell of the event itself.
_LEAD = 3
# Characters before an outcome in which its verb stands: "agreed to" before "strengthen ties".
_VERB_REACH = 60
# The share of a list that topics have to cover to be its items.
_MOST = 0.6
# Sentences quoted for one item; a reader who doubts the first three will read the article.
_MAX_QUOTES = 3
# "agreed to meet" says something, "deal was" does not.
_MIN_OUTCOME_WORDS = 3
_NOT_SHOWN = "found, but not shown to be of this meeting"
_NEGATED = "the article says that it was not so"
_OUTSIDER = "said by somebody who did not take part"
_NO_MEETING = "the article reports no meeting"


class Grounding:
    """Grounds drafts in one article.

    Args:
        article: as it was given.
    """

    def __init__(self, article: Article) -> None:
        self.article = article
        self.reading = article.reading
        self.finder = Finder(self.reading)
        self._entities = named_entities(self.reading)
        self._english = is_english(self.reading.text)

    def ground(self, draft: Draft) -> Grounded:
        """What of the draft the article bears out, with quotes."""
        candidates, refused = find_actors(draft, self.finder, self._entities, english=self._english)
        aside = [Unsupported(field="actors", value=r.name, reason=r.reason) for r in refused]
        if draft.event == "none" or not any(c.part == "participant" for c in candidates):
            return self._no_meeting(draft, candidates, aside)
        cast = Cast(self.reading, candidates)
        results = tuple(concluded(self.reading, cast)) if self._english else ()
        agenda, no_topics = self._agenda(draft, cast, candidates, results)
        outcomes, kinds, no_results = self._outcomes(draft, cast, results)
        event, no_event = event_of(draft, self.finder, self.article.calendar, english=self._english)
        actors = tuple(self._actor(i, c) for i, c in enumerate(candidates, start=1))
        return Grounded(
            is_meeting=True,
            event=event,
            actors=actors,
            agenda_items=tuple(
                AgendaItem(id=f"g{i}", topic=item.first.words, quotes=self._saying(item))
                for i, item in enumerate(agenda, start=1)
            ),
            outcomes=tuple(
                Outcome(
                    id=f"o{i}",
                    kind=kinds[item.first.span],
                    description=item.first.words,
                    parties=_parties(item.first.sentence, candidates, actors),
                    quotes=self._saying(item),
                )
                for i, item in enumerate(outcomes, start=1)
            ),
            unsupported=tuple(dict.fromkeys([*aside, *no_topics, *no_results, *no_event])),
        )

    def _no_meeting(
        self, draft: Draft, candidates: Sequence[Candidate], aside: Sequence[Unsupported]
    ) -> Grounded:
        """Nothing but who is mentioned."""
        mentioned = [replace(candidate, part="mentioned") for candidate in candidates]
        return Grounded(
            is_meeting=False,
            event=Event(type="none", places=(), date=None),
            actors=tuple(self._actor(i, c) for i, c in enumerate(mentioned, start=1)),
            agenda_items=(),
            outcomes=(),
            unsupported=tuple(dict.fromkeys([*aside, *_all_aside(draft)])),
        )

    # Actors

    def _actor(self, number: int, candidate: Candidate) -> Actor:
        quotes = [quote_of(self.article, span) for span in self._telling(candidate)]
        return actor_of(number, candidate, quotes)

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
        self, draft: Draft, cast: Cast, candidates: Sequence[Candidate], results: Sequence[Report]
    ) -> tuple[Items, list[Unsupported]]:
        """The topics that the article reports, and those of the draft that it bears out."""
        names = _Names(candidates)
        items = Items()
        reports = discussed(self.reading, cast) if self._english else ()
        # The lead sums up what the body has in full.
        lead = self.reading.sentences[:_LEAD]
        topics = list(filter(says_something, draft.topics))
        for report in sorted(reports, key=lambda r: r.sentence in lead):
            for found in self._apart(report, topics):
                if not names.has(found) or self._is_discussed(found):
                    items.add(found)
        telling = {s for item in items for s in item.sentences} | {r.sentence for r in results}
        unsupported: list[Unsupported] = []
        for words in topics:
            topic = self._topic(words, cast, names, telling)
            if isinstance(topic, Found):
                items.add(topic)
            else:
                unsupported.append(Unsupported(field="agenda_items", value=words, reason=topic))
        for sentence in sorted(telling, key=lambda s: s.span):
            items.also_in(sentence, self._text(sentence.span))
        return items, unsupported

    def _apart(self, report: Report, topics: Sequence[str]) -> list[Found]:
        """A reported topic; or the several that the draft makes of it: "X and Y"."""
        within = [
            next((m for m in self.finder.every(words) if m.span in report.span), None)
            for words in topics
        ]
        spans = sorted(match.span for match in within if match)
        parts = [s for i, s in enumerate(spans) if i == 0 or s.start >= spans[i - 1].end]
        if len(parts) < 2 or sum(s.end - s.start for s in parts) < _MOST * (
            report.span.end - report.span.start
        ):
            return [self._reported(report)]
        return [Found(self._text(span), span, report.sentence) for span in parts]

    def _topic(
        self, words: str, cast: Cast, names: _Names, telling: Collection[Sentence]
    ) -> Found | str:
        """A topic of the draft, or why it is none."""
        found = self._said(words, has_discussion, telling)
        if isinstance(found, str):
            return found
        if not cast.is_about(found.sentence.span):
            return _OUTSIDER
        wider = self._widened(found)
        if wider is None and names.has(found) and not self._is_discussed(found):
            return "an actor, not a topic"
        found = wider or found
        if self._english:
            if found.sentence not in telling and not has_contact(self._text(found.sentence.span)):
                return _NOT_SHOWN
            stems = stems_of(found.words)
            for words_of, reason in ((_MEETINGS, "the meeting"), (_OFFICIALS, "those who met")):
                if stems & words_of and stems <= words_of | names.stems:
                    return f"names {reason}, not a topic"
        return found

    def _outcomes(
        self, draft: Draft, cast: Cast, results: Sequence[Report]
    ) -> tuple[Items, dict[Span, OutcomeKind], list[Unsupported]]:
        """The results that the article reports, and those of the draft that it bears out."""
        items = Items()
        kinds: dict[Span, OutcomeKind] = {}
        for report in results:
            found = self._reported(report)
            kinds[found.span] = outcome_kind(found.words, "statement")
            items.add(found)
        unsupported = []
        for outcome in draft.outcomes:
            if not says_something(outcome.text):
                continue
            said = self._result(outcome.text, cast)
            if isinstance(said, Found):
                kinds.setdefault(said.span, outcome_kind(said.words, outcome.kind))
                items.add(said)
            else:
                unsupported.append(Unsupported(field="outcomes", value=outcome.text, reason=said))
        return items, kinds, unsupported

    def _result(self, words: str, cast: Cast) -> Found | str:
        """An outcome of the draft, or why it is none."""
        found = self._said(words, has_result)
        if isinstance(found, str):
            return found
        if not cast.is_about(found.sentence.span):
            return _OUTSIDER
        if self._english and len(found.words.split()) < _MIN_OUTCOME_WORDS:
            return "too short to say what was decided"
        if self._english:
            start = max(found.sentence.span.start, found.span.start - _VERB_REACH)
            if not has_result(self.reading.text[start : found.span.end]):
                return _NOT_SHOWN
            if is_courtesy(_CAPITAL_WORDS.sub("", found.words)):
                return "a courtesy, not an outcome"
        return found

    def _reported(self, report: Report) -> Found:
        return Found(self._text(report.span), report.span, report.sentence)

    def _said(
        self, words: str, cue: Callable[[str], bool], telling: Collection[Sentence] = ()
    ) -> Found | str:
        """Where the article says something: in the first sentence of the body that bears it out.

        Args:
            words: of the draft.
            cue: whether a sentence reports something of their kind.
            telling: sentences that do, whatever the cue says.

        Returns:
            What was found, or why nothing was.
        """
        matches = list(self.finder.every(words))
        if not matches and (near := self.finder.nearest(words)):
            matches = [near]
        found = [self._found(match) for match in matches]
        body = [item for item in found if not item.sentence.is_title] or found
        if not body:
            return NOT_FOUND
        if not self._english:
            return body[0]
        reason = _NOT_SHOWN
        for item in body:
            text = self._text(item.sentence.span)
            if (cue(text) or item.sentence in telling) and not is_background(text):
                before = self.reading.text[item.sentence.span.start : item.span.start]
                if not is_negated(before):
                    return item
                reason = _NEGATED
        return reason

    def _found(self, match: Match) -> Found:
        words = _LOOSE_ENDS.sub("", " ".join(self._text(match.span).split()).strip(" ,;:"))
        return Found(words, match.span, self.reading.sentence_at(match.span.start))

    def _widened(self, found: Found) -> Found | None:
        """The topic with the words that make it one: "the situation in Syria" for Syria."""
        start = found.sentence.span.start
        for match in _SITUATION.finditer(self._text(found.sentence.span)):
            span = Span(start + match.start(), start + match.end())
            if span.start < found.span.start <= span.end + 1:
                whole = Span(span.start, found.span.end)
                return Found(self._text(whole), whole, found.sentence)
        return None

    def _is_discussed(self, found: Found) -> bool:
        """Whether a name is itself what was discussed: "met to discuss Ukraine"."""
        before = self.reading.text[found.sentence.span.start : found.span.start]
        return bool(_DISCUSSED.search(before))

    def _text(self, span: Span) -> str:
        return self.reading.text[span.start : span.end]

    def _saying(self, item: Item) -> tuple[Quote, ...]:
        """The sentences that say an item, the one with its words first."""
        others = sorted(s.span for s in item.sentences if s != item.first.sentence)
        spans = [item.first.sentence.span, *others]
        return tuple(quote_of(self.article, span) for span in spans[:_MAX_QUOTES])


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
# Who does it, before the verb: "Mr. Finer expressed condolences".
_CAPITAL_WORDS = re.compile(r"^(?:(?:The\s+)?[A-ZÀ-Þ][\w.’'-]*\s+)*")
# What the meeting is called is not what it was about.
_MEETINGS = frozenset(("summit", "meetin", "memora", "unders", "agreem", "talks", "visit", "call"))
# "NATO leadership", "Iraqi officials".
_OFFICIALS = frozenset(
    ("leader", "offici", "member", "govern", "delega", "author", "minist", "repres", "counte")
)


class _Names:
    """Who is named where, and as what."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._forms = {fold(form) for candidate in candidates for form in candidate.forms}
        self.stems = frozenset(stem for form in self._forms for stem in stems_of(form))
        self._mentions = [mention for candidate in candidates for mention in candidate.mentions]

    def has(self, found: Found) -> bool:
        """Whether words are an actor's name, a part of one, or an office."""
        if fold(found.words) in self._forms or any(found.span in m for m in self._mentions):
            return True
        words = found.words.split()
        if len(words) > _MAX_OFFICE_WORDS or not offices_of(found.words):
            return False
        # "Chinese President", "Minister Ruth Amsler"; "diplomat expulsions" are something else.
        is_named = any(fold(found.words).endswith(form) for form in self._forms)
        return is_named or bool(offices_of(words[-1]))


# "Chinese President", "NATO's secretary-general"; with more words it is said what of them.
_MAX_OFFICE_WORDS = 4


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


def _parties(
    sentence: Sentence, candidates: Sequence[Candidate], actors: Sequence[Actor]
) -> tuple[str, ...]:
    """The actors that a sentence names."""
    return tuple(
        actor.id
        for candidate, actor in zip(candidates, actors, strict=True)
        if candidate.is_in(sentence.span)
    )
