"""The other meetings that an article tells of, and which outcomes are theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from summarize.article.reading import Span
from summarize.evidence.features import Context
from summarize.evidence.other_meetings import LEAD, Words
from summarize.grounding.actors import Candidate
from summarize.grounding.matching import fold
from summarize.grounding.places import FoundMeeting
from summarize.schema import When

__all__ = ["other_meetings", "outcome_meetings"]

# Sentences behind one that tells of another meeting which may go on with it, without a name.
_MAX_CARRIED = 3


def other_meetings(
    context: Context,
    candidates: Sequence[Candidate],
    probabilities: Mapping[When, Sequence[float]],
    threshold: float,
    words: Words,
    main: FoundMeeting,
) -> list[FoundMeeting]:
    """Returns the meetings that sentences tell of besides the main one, in the text's order.

    Args:
        context: of the article.
        candidates: everybody that it names.
        probabilities: by when, of each sentence, that it tells of such a meeting.
        threshold: from which on it does.
        words: of the article's language.
        main: the main meeting.
    """
    found: list[FoundMeeting] = []
    for index in context.body:
        if index in main.sentences:
            continue
        likely = {when: shares[index] for when, shares in probabilities.items()}
        when = max(likely, key=lambda one: likely[one])
        if likely[when] >= threshold:
            one = _meeting_in(context, candidates, index, words, main, when)
            one = replace(one, confidence=likely[when])
        elif call := _call_of_others(context, candidates, index, words, main):
            one = call
        else:
            continue
        place = next((i for i, known in enumerate(found) if _are_same(known, one, context)), None)
        if place is None:
            found.append(one)
        else:
            found[place] = _joined(found[place], one)
    return found


def _meeting_in(
    context: Context,
    candidates: Sequence[Candidate],
    index: int,
    words: Words,
    main: FoundMeeting,
    when: When,
) -> FoundMeeting:
    """The meeting that a sentence tells of."""
    sentence = context.sentences[index].span
    text = context.text(sentence)
    place = words.venue.search(text)
    times = words.times(text)
    return FoundMeeting(
        words.type_of(text, main.type),
        when,
        places=(_within(sentence, place.span("name")),) if place else (),
        time=_within(sentence, times[0]) if times else None,
        people=tuple(_people(context, candidates, sentence, words)),
        sentences=(index,),
    )


def _within(sentence: Span, span: tuple[int, int]) -> Span:
    return Span(sentence.start + span[0], sentence.start + span[1])


def _call_of_others(
    context: Context,
    candidates: Sequence[Candidate],
    index: int,
    words: Words,
    main: FoundMeeting,
) -> FoundMeeting | None:
    """A call of at least two people who are not in the main meeting, beside it."""
    if main.type == "call" or not words.types["call"].search(
        context.text(context.sentences[index].span)
    ):
        return None
    told = _meeting_in(context, candidates, index, words, main, "reported")
    main_spans = [context.sentences[i].span for i in main.sentences]
    others = tuple(
        one for one in told.people if one.kind == "person" and not any(map(one.is_in, main_spans))
    )
    if len(others) < 2:
        return None
    confidence = min(one.confidence or 0.0 for one in others)
    return replace(told, type="call", people=others, confidence=confidence)


def _people(
    context: Context, candidates: Sequence[Candidate], span: Span, words: Words
) -> Iterator[Candidate]:
    """Those who met, by a sentence: its people, else its bodies. "Kalın's visit" is another one.

    A "Summit" is the meeting itself.
    """
    text = context.reading.text
    named = [
        one
        for one in candidates
        if any(span.holds(m) and text[m.end : m.end + 2] not in {"’s", "'s"} for m in one.mentions)
        and not words.meeting.fullmatch(one.name)
    ]
    has_person = any(one.kind == "person" for one in named)
    for one in named:
        if one.kind == "person" if has_person else one.kind in {"organization", "group"}:
            yield one


def _are_same(one: FoundMeeting, other: FoundMeeting, context: Context) -> bool:
    """Whether both are at one time, and have somebody or their place in common."""
    if one.when != other.when:
        return False
    if set(one.people) & set(other.people):
        return True
    names = [{fold(context.text(place)) for place in each.places} for each in (one, other)]
    return bool(names[0] & names[1])


def _joined(one: FoundMeeting, other: FoundMeeting) -> FoundMeeting:
    return replace(
        one,
        places=one.places or other.places,
        time=one.time or other.time,
        people=tuple(dict.fromkeys((*one.people, *other.people))),
        sentences=one.sentences + other.sentences,
        confidence=max(one.confidence or 0.0, other.confidence or 0.0),
    )


def outcome_meetings(context: Context, meetings: Sequence[FoundMeeting], words: Words) -> list[int]:
    """Returns the number of the meeting that an outcome in each sentence is of; 1 is the main one.

    It is of an earlier one, or of one of others, where the sentence tells of that, and shortly
    behind it where no sentence names anybody of the main one and this one refers to a meeting ("a
    declaration disclosed after the meeting"). What the lead says is the main one's, and what is
    planned has no outcomes yet.

    Args:
        context: of the article.
        meetings: all, the main one first.
        words: of the article's language.
    """
    main, *others = meetings
    telling = {
        index: number
        for number, other in enumerate(others, 2)
        if other.when != "planned"
        for index in other.sentences
        if context.body[index] >= LEAD
    }
    numbers = []
    current, carried = 1, 0
    for index, sentence in enumerate(context.sentences):
        if index in telling:
            current, carried = telling[index], 0
            numbers.append(current)
            continue
        carried += 1
        if carried > _MAX_CARRIED or any(one.is_in(sentence.span) for one in main.people):
            current = 1
        refers = words.meeting.search(context.text(sentence.span))
        numbers.append(current if refers else 1)
    return numbers
