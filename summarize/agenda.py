"""Which topics an article itself says were discussed.

News says it in few ways: "they discussed X, Y and Z", "the talks focused on X", "X was on the
agenda". The patterns read English news.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from summarize.cast import Cast
from summarize.evidence import is_negated
from summarize.matching import any_word, small
from summarize.reading import Reading, Sentence
from summarize.reports import Report, telling

__all__ = ["discussed"]

# The longest topic of the annotated articles has 17 words; more is a clause that went on.
_MAX_WORDS = 22
# A longer list is no agenda: the longest of the annotated articles has six items.
_MAX_ITEMS = 30
# "Iran" can be a topic, "it" and "oil" say too little alone.
_MIN_SINGLE_WORD = 4
# Characters before a verb that are looked at.
_REACH = 300


def discussed(reading: Reading, cast: Cast) -> Iterator[Report]:
    """The topics that sentences say were discussed at the meeting, each on its own, in order."""
    for sentence, text in telling(reading):
        if not cast.is_about(sentence.span):
            continue
        taken = 0
        for start, end in sorted(_stretches(sentence, small(text), cast)):
            if start >= taken:
                taken = end
                for item in _listed(text, start, end):
                    yield Report.within(sentence, *item)


def _stretches(sentence: Sentence, lowered: str, cast: Cast) -> Iterator[tuple[int, int]]:
    """Where a sentence lists topics: behind a verb, or before "was on the agenda"."""
    for match in _VERB.finditer(lowered):
        before = lowered[max(match.start() - _REACH, 0) : match.start()]
        if is_negated(before) or _DENIED.match(lowered, match.end()):
            continue
        # They review; a panel reviews, too. Only who met, or came to review, did it there.
        if (
            match["open"]
            and not cast.subject(sentence, lowered, match.start())
            and not (_PURPOSE.search(before) and _MET.search(before))
        ):
            continue
        start = match.end()
        if general := _IN_GENERAL.match(lowered, start):
            start = general.end()
        end = _END.search(lowered, start + 1)
        yield start, end.start() if end else len(lowered)
    listed = _ON_AGENDA.search(lowered)
    if listed is None:
        return
    # "The flag was raised": only where they met, or where it is one more topic.
    if listed["open"] and "also" not in listed[0] and not _MET.search(lowered):
        return
    if not is_negated(lowered[max(listed.start() - _REACH, 0) : listed.start()]):
        yield _begin_of_list(lowered[: listed.start()]), listed.start()


def _begin_of_list(before: str) -> int:
    """Where a list that ends before a verb begins."""
    begins = re.finditer(r"(?:[;:“\"]|\b(?:that|said|says|told\s\w+))\s+", before)
    start = max((match.end() for match in begins), default=0)
    while aside := _ASIDE.match(before, start):
        start = aside.end()
    return start


def _listed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The items of a list in words, each trimmed to what says something."""
    marks = list(_COMMA.finditer(text, start, end))
    if len(marks) >= _MAX_ITEMS:
        return
    bounds = [start, *(edge for mark in marks for edge in mark.span()), end]
    # "bilateral, regional and global issues" are one.
    while len(bounds) > 2 and _ADJECTIVE.fullmatch(text, bounds[0], bounds[1]):
        del bounds[1:3]
        del marks[0]
    # "X, Y and Z" is split at its "and", "X, Y, and Z of A and B" is not.
    is_open = bool(marks) and "and" not in marks[-1][0]
    for left, right in zip(bounds[::2], bounds[1::2], strict=True):
        for item in _conjoined(text, left, right, is_open=is_open and right == end):
            if trimmed := _trimmed(text, *item):
                yield trimmed


def _conjoined(text: str, start: int, end: int, *, is_open: bool) -> Iterator[tuple[int, int]]:
    """A piece in two where its "and" holds two topics together, and not two words of one."""
    for match in _AND.finditer(text, start, end):
        left, right = text[start : match.start()].split(), text[match.end() : end].split()
        if _BETWEEN.search(text[start : match.start()]) or _is_one_name(left, right):
            continue
        parts = min(len(left), len(right)) > 1 and (
            is_open or _BEGINS_TOPIC.match(text, match.end(), end)
        )
        if parts or "as" in match[0]:
            yield start, match.start()
            yield from _conjoined(text, match.end(), end, is_open=False)
            return
    yield start, end


def _is_one_name(left: list[str], right: list[str]) -> bool:
    """Whether an "and" stands inside a name, or between two: "Iraq and the Levant"."""
    others = right[1:] if right[:1] == ["the"] else right
    return all(word.strip('(“"')[:1].isupper() for word in (*left[-1:], *others))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """An item without what leads up to it; None if nothing is left that says something."""
    while lead := _LEADING.match(small(text[start:end])):
        start += lead.end()
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip(_EDGES))
    end -= len(piece) - len(piece.rstrip(_EDGES))
    if len(text[start:end].split()) > _MAX_WORDS and (clause := _RELATIVE.search(text, start, end)):
        end = clause.start()
    start, end = _paired(text, start, end)
    words = small(text[start:end]).split()
    if not 1 <= len(words) <= _MAX_WORDS or words[0] in _NO_TOPIC:
        return None
    return (start, end) if len(words) > 1 or len(words[0]) >= _MIN_SINGLE_WORD else None


def _paired(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch with both its quotation marks where one of a pair was taken off."""
    words = text[start:end]
    opens = words.count("“") - words.count("”")
    is_odd = words.count('"') % 2 == 1
    if text[start - 1 : start] == ("“" if opens < 0 else '"' if is_odd else None):
        return start - 1, end
    if text[end : end + 1] == ("”" if opens > 0 else '"' if is_odd else None):
        return start, end + 1
    return start, end


# What says by itself that something was talked about, and what says it only of those who met.
_SAID = (
    r"discuss(?:ed|es|ing)?",
    r"focus(?:s?ed|s?es|s?ing)?\s+(?:\w+ly\s+)?(?:up)?on",
    r"cent(?:er|re)(?:ed|d|s)?\s+(?:\w+ly\s+)?(?:on|around)",
    r"concentrat(?:ed|es|ing)\s+(?:\w+ly\s+)?on",
    r"revolv(?:ed|ing)\s+around",
    r"touch(?:ed|es|ing)\s+(?:up)?on",
    r"dealt\s+with",
    r"delved\s+into",
    r"deliberat(?:ed|ing)\s+(?:up)?on",
    (
        r"exchang(?:e|ed|es|ing)\s+(?:of\s+)?(?:\w+\s+){0,3}(?:views|opinions|ideas|assessments"
        r"|perspectives|notes)(?:\s+and\s+\w+)?\s+(?:on|about|regarding|over|concerning)"
    ),
    *(
        rf"{talk}\s+(?:on|about|over|regarding|concerning)"
        for talk in (
            *("talks?", "talked", "discussions?", "consultations?", "negotiations?", "dialogue"),
            *("spoke", "conferred", "conversation", "exchange", r"negotiat(?:ed|ing)"),
        )
    ),
    (
        r"(?:spoke|speaks|talked|telephoned|phoned|conversation|call)\s[^.;:]{0,80}?"
        r"\s(?:about|over|regarding|concerning)"
    ),
    r"to\s+drive\s+progress\s+on",
    r"agenda\s+(?:of\s+\w+\s+\w+\s+)?(?:includ(?:ed|es)|cover(?:ed|s)|featured)",
    *(
        rf"{topics}\s+(?:of\s+discussion\s+|discussed\s+|raised\s+)?(?:includ(?:ed|es)|were|was)"
        for topics in ("topics?", "issues?", "subjects?", "matters?")
    ),
)
_OPEN = (
    r"review(?:ed|s|ing)?",
    r"address(?:ed|es|ing)?",
    r"cover(?:ed|s|ing)?",
    r"rais(?:ed|es|ing)",
    r"explor(?:ed|es|ing)",
    r"examin(?:ed|es|ing)",
    r"assess(?:ed|es|ing)",
    r"consider(?:ed|s|ing)",
    r"took\s+up",
    r"took\s+stock\s+of",
    r"highlight(?:ed|s|ing)",
)
_VERB = re.compile(rf"{any_word(_SAID).pattern}|(?P<open>{any_word(_OPEN).pattern})")
# "On Monday, in Bern," before the topics.
_ASIDE = re.compile(r"(?:during|at|in|on|after|following|besides)\s[^,]*,\s+")
_DENIED = re.compile(r"\s+(?:neither|nothing|none|no|everything\s+but|anything\s+but)\b")
_PURPOSE = re.compile(r"\b(?:to|aimed\s+at|and|by)\s+(?:\w+ly\s+)?$")
_MET = any_word(("visit", "met", "meet", "talks", "counterpart", "meeting"))
_ON_AGENDA = re.compile(
    r"\s+(?:was|were|is|are|will\s+be|would\s+be|(?:has|have|had)\s+been)\s+(?:also\s+)?"
    r"(?:\w+ly\s+)?"
    r"(?:(?:(?:an?\s+)?(?:\w+\s+){0,2}(?:aspects?|items?|points?)\s+|high\s+"
    r"|at\s+the\s+top\s+)?(?:on|of)\s+the\s+(?:\w+\s+)?agenda"
    r"|discussed\b|(?P<open>reviewed|raised|addressed|covered|examined|explored|touched\s+upon)\b"
    r"|(?:also\s+)?(?:among|one\s+of)\s+the\s+(?:\w+\s+)?(?:topics|issues|subjects|matters))"
    r"|\s+(?:topped|dominated|featured\s+in|featured\s+(?:high|prominently)\s+on)\s+the\s+"
    r"(?:\w+\s+)?(?:agenda|talks|discussions|meeting)"
    r"|\s+also\s+(?:came\s+up|figured)\b"
    r"|\s+(?:also\s+)?emerged\s+as\s+(?:an?\s+|the\s+)?(?:\w+\s+)?(?:topic|issue|subject|theme)\b"
)

# "a range of issues, including": the topics come behind it.
_IN_GENERAL = re.compile(
    r"\s+(?:a\s+|the\s+)?(?:\w+\s+)?(?:range|number|series|host|variety|set|array|issues|topics"
    r"|matters)\b[^,;:.]{0,60}?,?\s(?:including|such\s+as|among\s+them|like)\s"
)
_STATED = (
    r"agreed|reaffirmed|stressed|expressed|called|signed|emphasi[sz]ed|reiterated|underlined"
    r"|underscored|welcomed|said|will"
)
# Where the words of a topic end.
_END = re.compile(
    r"[.;:!?\n]|\s[–—-]\s"
    r"|,\s*[^,]{3,60}\s(?:said|stated|added|reported)\b"
    r"|,\s*and\s+(?:also\s+)?\w+ed\s"
    r"|\sand\s+(?:also\s+)?\w+ed\s+(?:the|their|his|her|him|them|towards?|to|an?|that|for|on)\b"
    r"|,\s*(?:with|while|where|which|who|whom|whose|particularly|especially|including|amid|after"
    r"|according|following|during|as\s+(?:part|the|a|an|he|she|they|it)|but|also|for\s+example"
    r"|focus\w+|stress\w+|underlin\w+|underscor\w+|emphasi\w+|express\w+|reaffirm\w+|reiterat\w+"
    r"|agree\w*|noting|calling|saying|adding|sources?|the\s+(?:ministry|statement|office|sources?)"
    rf"|said|says|he|she|they|it|we|and\s+(?:also|he|she|they|{_STATED})"
    r"|an?\s+(?:\w+\s){1,2}(?:(?:about|at|for|from|in|of|on|to|with)\s)?(?:that|which|whose))\b"
    r"|\s(?:amid|during|at\s+(?:a|the|their|his)\s+(?:meeting|talks|summit)"
    r"|in\s+a\s+(?:meeting|phone|telephone|call)|according\s+to|ahead\s+of|on\s+the\s+sidelines"
    r"|when\s+(?:they|he|she)|(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day|said"
    r"|with\s+(?:senior|his|her|their|top|other|visiting|officials|president|prime|foreign|minister"
    r"|king|the\s+(?:president|prime|foreign|visiting|head|secretary|minister|leaders?))"
    rf"|and\s+(?:(?:also\s+)?(?:exchanged|has|have|{_STATED})|to\s+\w+))\b"
)
_ADJECTIVE = re.compile(r"\W*\w+(?:al|ic|ary|ous|ive)")
_COMMA = re.compile(r",\s*(?:and\s+|as\s+well\s+as\s+)?")
_AND = re.compile(r"\s(?:and|as\s+well\s+as)\s(?:(?:also|on)\s)?")
# "between Israel and Hamas".
_BETWEEN = re.compile(r"\bbetween\s(?:(?!\band\b).)*$")
_BEGINS_TOPIC = re.compile(
    r"(?i)(?:the|a|an|my|our|their|his|her|ways|steps|recent|possible|other|efforts|how|\w+ing)\b"
)
_EDGES = " ,;:'’‘“”\""
# "a road that would link the two countries to …": what it is comes before.
_RELATIVE = re.compile(r"\s(?:that|which|who|where|in\s+which)\s")
# What leads up to a topic and is no part of it.
_LEADING = re.compile(
    r"\W*(?:and|also|on|a\s+(?:wide\s+|broad\s+)?(?:range|number|series|host|variety)\s+of"
    r"(?:\s+\w+){0,2}?\s+(?:issues|topics|matters|subjects),?|(?:issues|topics|matters)\s+"
    r"(?:such\s+as|including|like|related\s+to|of)|including|such\s+as|the\s+need\s+(?:to|for)"
    r"|ways\s+(?:of|to)|how\s+to|with\s+\w+\s+\w+\s+(?=the\s))\b\s*"
)
_NO_TOPIC = frozenset(
    "it them this that these those him her which with for to monday tuesday wednesday"
    " thursday friday saturday sunday".split()
)
