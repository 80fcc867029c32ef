"""Who of those an article names took part in the meeting it reports.

The model claims, and a sentence has to show it; and the sentences say by themselves who met,
joined, attended and signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from summarize.candidates import Candidate
from summarize.evidence import has_contact, has_event, has_meeting
from summarize.reading import Reading, Span
from summarize.reports import telling, unquoted

__all__ = ["decide_parts"]

# Sentences of the body in which an article tells whom it is about.
_LEAD = 4


def decide_parts(candidates: Sequence[Candidate], reading: Reading, *, english: bool) -> None:
    """Sets the part of every candidate.

    Args:
        candidates: of the article.
        reading: of the article.
        english: whether its sentences have to show what the model claims.
    """
    if not english:
        for candidate in candidates:
            candidate.part = "participant" if candidate.claimed else "mentioned"
        return
    # Who met is told by the article, not by those it quotes.
    plain = unquoted(reading)
    told = [(span, plain[span.start : span.end]) for span in _told(reading)]
    people = [candidate for candidate in candidates if candidate.kind == "person"]
    # Those who only speak of meetings hold none; and one called off takes place only if they meet.
    is_event = any(has_event(text) for _, text in told)
    if _is_called_off(reading):
        is_event = any(
            has_contact(text) and sum(person.is_in(span) for person in people) > 1
            for span, text in told
        )
    shown = [span for span, text in told if is_event and has_meeting(text)]
    met = [span for span, text in told if is_event and has_contact(text)]
    for candidate in candidates:
        claimed = candidate.claimed and any(candidate.is_in(span) for span in shown)
        candidate.part = "participant" if claimed else "mentioned"
    lead = {span for span, _ in told[:_LEAD]}
    attended = {span for span, text in told if is_event and _ATTENDED.search(text)}
    for span in sorted(lead.intersection(met) | attended):
        _take_part(people, span)
    _spread(people, met)
    for span in met:
        _take_members(candidates, reading, span)


def _is_called_off(reading: Reading) -> bool:
    """Whether the headline or the first sentence says that there was no meeting."""
    first = [s for s in reading.sentences if not s.is_title][:1]
    head = [s for s in reading.sentences if s.is_title] + first
    return any(_CALLED_OFF.search(reading.text[s.span.start : s.span.end]) for s in head)


def _told(reading: Reading) -> Iterator[Span]:
    """What of each sentence tells of the meeting itself."""
    for sentence, text in telling(reading):
        aside = _ASIDE.match(text)
        yield Span(sentence.span.start + (aside.end() if aside else 0), sentence.span.end)


def _take_part(candidates: Sequence[Candidate], span: Span) -> None:
    for candidate in candidates:
        if candidate.is_in(span):
            candidate.part = "participant"


def _spread(people: Sequence[Candidate], met: Sequence[Span]) -> None:
    """Whoever is met by somebody who took part took part."""
    todo = list(met)
    while todo:
        known = [
            span
            for span in todo
            if any(person.part == "participant" and person.is_in(span) for person in people)
        ]
        if not known:
            return
        for span in known:
            _take_part(people, span)
            todo.remove(span)


def _take_members(candidates: Sequence[Candidate], reading: Reading, span: Span) -> None:
    """The organizations whose members met: "a delegation from the Senate and the Red Cross"."""
    organizations = [
        (mention, candidate)
        for candidate in candidates
        if candidate.kind in {"organization", "group"}
        for mention in candidate.mentions
        if mention in span
    ]
    organizations.sort(key=lambda named: named[0])
    for match in _MEMBERS_OF.finditer(reading.text, span.start, span.end):
        end = match.end()
        for mention, candidate in organizations:
            if mention.start >= end and _IN_LIST.fullmatch(reading.text, end, mention.start):
                candidate.part = "participant"
                end = mention.end


_OFF = r"(?:call(?:s|ed)?\s+off|cancel(?:s|led|ed)?|postpone[sd]?|scrap(?:s|ped)?|skip(?:s|ped)?)"
_MEETING = r"(?:meetings?|talks|visit|summit|trip|call|conference|session)"
# "to scrap visa fees" is no meeting called off.
_CALLED_OFF = re.compile(
    rf"(?i)\b{_OFF}\b[^.;:]{{0,40}}\b{_MEETING}\b"
    rf"|\b{_MEETING}\b[^.;]{{0,160}}\b(?:was|were|been|is|are)\s+{_OFF}\b"
)
# What stands before the main clause of a sentence and is about something else.
_ASIDE = re.compile(
    r"(?i)(?:in\s+line\s+with|following|after|ahead\s+of|before|despite|since|amid|prior\s+to)\b"
    r"[^,;]*,"
)
_ATTENDED = re.compile(
    r"(?i)\b(?:at|attend\w*|told|address(?:ed|ing)|opened|opening|chaired|hosted)\s+(?:of\s+)?the\s+"
    r"(?:\w+\s+)?(?:summit|meeting|conference|talks|gathering|session)"
)
_MEMBERS_OF = re.compile(
    r"\b(?i:leaders|leadership|members|representatives|officials|delegations?|delegates|ministers"
    r"|heads|chiefs|team|experts)\s+(?:of|from)\s+"
)
# Between two organizations of a list: "(MSS) mission and the".
_IN_LIST = re.compile(
    r"\s*(?:\([^)]{1,12}\)\s*)?(?:\w+\s+)?(?:,\s*)?(?:\band\s+)?(?:(?i:the|an?)\s+)?"
)
