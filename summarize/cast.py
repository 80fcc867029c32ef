"""Who took part, as the sentences of an article see them: what a verb is said of.

It reads English news, where the subject stands right before its verb, but for adverbs and an office
between commas.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

from summarize.candidates import Candidate
from summarize.countries import government_at
from summarize.matching import small
from summarize.names import offices_of
from summarize.reading import Reading, Sentence, Span

__all__ = ["Cast", "Subject"]

# Characters before a verb in which its subject stands; with an office between commas the longest of
# the annotated articles has 190.
_REACH = 300


@dataclass(frozen=True, slots=True)
class Subject:
    """What a verb is said of.

    Attributes:
        kind: those who met, their talks, or a paper of theirs (a statement, an agreement).
        start: where its words begin, in the sentence.
    """

    kind: Literal["people", "talks", "paper"]
    start: int


class Cast:
    """Those who took part and those who did not, by where an article names them."""

    def __init__(self, reading: Reading, candidates: Sequence[Candidate]) -> None:
        self._reading = reading
        present = [c for c in candidates if c.part == "participant"]
        self._countries = {c.country for c in present if c.country}
        self._offices = frozenset(o for c in present for role in c.roles for o in offices_of(role))
        # Any country may be theirs where only delegations met, or nobody's country is told.
        people = [c for c in present if c.kind == "person"]
        self._any_country = not any(c.country for c in people)
        self._ends = {
            mention.end: mention.start
            for c in candidates
            for mention in c.mentions
            if c.part == "participant"
            or (c.kind == "country" and (self._any_country or c.country in self._countries))
        }
        self._people = _mentions(candidates, {"person"})
        organizations = _mentions(candidates, {"organization"})
        # "against the Islamic State": it does nothing in that sentence.
        acting = [named for named in organizations if not self._is_object(named[0])]
        self._named = sorted([*self._people, *acting])

    def is_about(self, span: Span) -> bool:
        """Whether a stretch names somebody who took part, or no person at all."""
        first = bisect_left(self._people, (Span(span.start, 0), False))
        inside = takewhile(lambda named: named[0].start < span.end, self._people[first:])
        parts = [part for mention, part in inside if mention.end <= span.end]
        return not parts or any(parts)

    def subject(
        self, sentence: Sentence, lowered: str, verb: int, *, follows: bool = False
    ) -> Subject | None:
        """Who or what stands before a verb, if it is of the meeting.

        Args:
            sentence: of the reading.
            lowered: its text in small letters.
            verb: where the verb begins in it.
            follows: the sentence before reported a result, which "this" can be.
        """
        near = max(verb - _REACH, 0)
        start = sentence.span.start + near
        words = lowered[near:verb]
        found = self._before(start, _BETWEEN.sub("", words), follows=follows)
        if found is None and (apposition := _APPOSITION.search(words)):
            before = _BETWEEN.sub("", words[: apposition.start()])
            found = self._before(start, before, follows=follows)
        # A subject that begins where the words were cut off is not whole.
        if found is None or (near and found.start == 0):
            return None
        return replace(found, start=near + found.start)

    def _before(self, start: int, before: str, *, follows: bool) -> Subject | None:
        """The subject at the end of words that begin at a position of the reading."""
        if match := _MANY.search(before):
            clause = _clause_start(before)
            near = clause < match.start() and _NAMES_ONLY.fullmatch(before, clause, match.start())
            return Subject("people", clause if near else match.start())
        if match := _TALKS.search(before):
            return Subject("talks", match.start())
        if match := _PAPER.search(before):
            return Subject("paper", match.start())
        if match := _IT.search(before):
            return Subject("paper", match.start(1)) if follows else None
        if match := _PRONOUN.search(before):
            known = self._spoke_last(start + match.start())
            return Subject("people", match.start()) if known else None
        clause = _clause_start(before)
        if self._names(Span(start + clause, start + len(before))):
            return Subject("people", clause)
        return None

    def _spoke_last(self, position: int) -> bool:
        """Whether a pronoun can mean those who met: the last sentence with a name begins with one.

        Without a name before it, it can.
        """
        last = bisect_left(self._named, (Span(position, 0), False)) - 1
        if last < 0:
            return True
        sentence = self._reading.sentence_at(self._named[last][0].start)
        first = bisect_left(self._named, (Span(sentence.span.start, 0), False))
        return self._named[first][1]

    def _names(self, span: Span) -> bool:
        """Whether words end in somebody who took part, in their office or their country."""
        text = self._reading.text[span.start : span.end]
        if match := _OFFICE_HOLDER.search(small(text)):
            return bool(offices_of(match[0]) & self._offices)
        if (match := _SEAT.search(text)) and government_at(match[0]) in self._countries:
            start = span.start + match.start()
        else:
            start = self._ends.get(span.end, -1)
        if start < span.start:
            return False
        # "The visit by Kalın" is no Kalın.
        return not _PREPOSITION.search(self._reading.text[span.start : start])

    def _is_object(self, mention: Span) -> bool:
        before = self._reading.text[max(mention.start - _PREPOSITION_REACH, 0) : mention.start]
        return bool(_PREPOSITION.search(before))


def _mentions(candidates: Sequence[Candidate], kinds: set[str]) -> list[tuple[Span, bool]]:
    """Where candidates of some kinds are named, in order, and whether they took part."""
    return sorted(
        (mention, c.part == "participant")
        for c in candidates
        if c.kind in kinds
        for mention in c.mentions
    )


_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
# What may stand between a subject and its verb.
_BETWEEN = re.compile(
    rf"(?:\s*,)?\s*(?:(?<!\w)(?:(?:on\s+)?{_DAY}|yesterday|today|earlier|this\s+week|once\s+again|in\s+turn"
    r"|for\s+\w+\s+part|also|both|all|each|together|again|further|later|then|always|has|have|had"
    r"|been|was|were|is|are|will|would|did|does|[\"“]?\w+ly[\"”]?)(?<=[\w\"”]),?(?:\s+|$))*$"
)
# ", the head of the office," between a name and its verb; the longest such office of the annotated
# articles has 96 characters.
_APPOSITION = re.compile(r",\s[^,;:]{2,140},\s*$")

_MEMBERS = (
    r"(?:sides?|parties|leaders|ministers|presidents|countries|nations|officials|governments|states"
    r"|heads\s+of\s+(?:state|government|delegations?)|delegations?|neighbou?rs|diplomats|chiefs"
    r"|negotiators|envoys|participants|members|capitals|premiers|allies|partners|pair|duo|principals"
    r"|interlocutors|counterparts|signatories|representatives|teams|men|women)"
)
# Those who met, as one: "the two sides", "both leaders", "his Greek counterpart".
_MANY = re.compile(
    rf"(?:\b(?:(?:the|both|two|three|four|all|these|our)\s+)+(?:\w+\s+){{0,2}}{_MEMBERS}"
    r"(?:\s+of\s+[^,;:]{1,50})?"
    r"|\b(?:leaders|ministers|officials|presidents|representatives|delegates)\s+(?:of|from)\s+"
    r"[^,;:]{1,60}\swho\s[^,;:]{1,90}"
    r"|\b(?:both|sides|parties|presidents|leaders|ministers|participants|delegates|negotiators)"
    r"|\b(?:his|her|their)\s+(?:\w+\s+){0,2}counterparts?"
    r"|\b\w+\s+and\s+\w+\s+(?:\w+\s+){0,2}(?:chiefs|ministers|leaders|presidents|officials"
    r"|diplomats|delegations|sides|governments|negotiators|premiers))$"
)
# "The Secretary of State and" before "his counterparts".
_NAMES_ONLY = re.compile(
    r"(?:(?!(?:in|at|on|during|after|with|that|by|for|to)\b)[\w’'.-]+\s+){1,6}"
)
_TALKS = re.compile(
    r"\b(?:talks?|meetings?|discussions?|visits?|dialogue|conversations?|calls?|summit|agenda"
    r"|negotiations?|consultations?|sessions?|trip|exchange|gathering|conference|encounter)"
    r"(?:\s+(?:between|with|in|on|of|at|held|aimed)\s+[^,;:.]{1,80})?$"
)
_PAPER = re.compile(
    r"(?:\b(?:the|an?|their|this)\s+(?:\w+\s+){0,2})?\b(?:statement|communiqu[eé]|declaration|document|agreement|memorandum|deal|accord|readout"
    r"|roadmap|resolution)"
    r"(?:\s+(?:by|of|from|on|between|released|issued|after|adopted|signed)\s+[^,;:.]{1,80})?$"
)
_PRONOUN = re.compile(r"\b(?:they|we|he|she|i)$")
_IT = re.compile(r"(?:^|[;:,]\s)(it|this)$")
_OFFICE_HOLDER = re.compile(
    r"(?:^|\s)(?:the|both)\s+(?:\w+\s+){0,3}(?:presidents?|ministers?|premier|chancellor|secretary"
    r"|leader|king|emir|prince|ambassador|envoy|adviser|advisor|chief|head\s+of\s+state|chairman"
    r"|governor|spokesperson|secretary-general|commissioner)$"
)
_SEAT = re.compile(r"(?:[Tt]he\s)?[A-ZÀ-Þ][\w-]+(?:\s[A-ZÀ-Þ][\w-]+)?$")
_PREPOSITION = re.compile(
    r"\b(?:by|with|to|in|for|from|between|against|about|on|than|at|near)\s+(?:the\s+)?$"
)
# Characters; the pattern is shorter.
_PREPOSITION_REACH = 20
_CLAUSE = re.compile(
    r"(?:^|[;:–—“”\"]|,|(?<=\w{4})\.|(?<=\bmay)\.|\b(?:that|while|where|but|as)\b)\s+(?=[^,;:–—]*$)|^(?=[^,;:]*$)"
)


def _clause_start(before: str) -> int:
    """Where the words that end before a verb begin to be one clause."""
    return max((match.end() for match in _CLAUSE.finditer(before)), default=0)
