"""What an article itself says came of a meeting: agreed, promised, decided, stressed.

A result is a verb of that kind said of those who met, with the words that belong to it. The
patterns read English news.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from summarize.cast import Cast
from summarize.evidence import is_courtesy, is_negated, is_supposed
from summarize.matching import any_word, small
from summarize.reading import Reading, Sentence, Span
from summarize.reports import Report, telling

__all__ = ["concluded"]

# "They agreed so" says nothing.
_MIN_WORDS = 4
# Characters before a verb that can deny it.
_REACH = 60


def concluded(reading: Reading, cast: Cast) -> Iterator[Report]:
    """The results that sentences report of those who met, each on its own, in order."""
    last: Sentence | None = None
    for sentence, text in telling(reading):
        if text.endswith("?") or _is_outsiders(sentence, text, cast):
            last = None
            continue
        follows = last is not None and last.span.end + 2 >= sentence.span.start
        stretches = list(_stretches(sentence, small(text), cast, follows=follows))
        last = sentence if stretches else None
        for start, end in stretches:
            yield Report.within(sentence, start, end)


def _is_outsiders(sentence: Sentence, text: str, cast: Cast) -> bool:
    """Whether a sentence is the word of somebody who did not take part."""
    match = _SAID_BY.search(text)
    if match is None:
        return False
    start = sentence.span.start
    return not cast.is_about(Span(start + match.start("who"), start + match.end("who")))


def _stretches(
    sentence: Sentence, lowered: str, cast: Cast, *, follows: bool
) -> Iterator[tuple[int, int]]:
    """From the subject, or the verb where it shares one, to the next result or the clause's end."""
    begun: list[tuple[int, int]] = []
    is_said_of_people, taken = False, 0
    for match in _VERB.finditer(lowered):
        before = lowered[: match.start()]
        if is_negated(before[-_REACH:]) or is_supposed(before[-_REACH:]):
            continue
        if is_said_of_people and _SHARES_SUBJECT.search(before[-_REACH:]):
            subject = None
        else:
            subject = cast.subject(sentence, lowered, match.start(), follows=follows)
            if subject is None or subject.kind == "talks":
                continue
        if match["paper"] and (subject is None or subject.kind != "paper"):
            continue
        is_said_of_people = True
        if not (match["other"] or is_courtesy(lowered[match.start() :])):
            start = subject.start if subject else match.start()
            if start >= taken:
                begun.append((start, match.end()))
            elif subject and subject.kind == "people":
                # Of two who promise in one sentence, each has its own words.
                other = _AND_WHO.search(before, taken)
                begun.append((other.end() if other else match.start(), match.end()))
        taken = match.end()
    if not begun and (passive := _PASSIVE.search(lowered)):
        before = lowered[: passive.start()][-_REACH:]
        if not (is_negated(before) or is_supposed(before)):
            begun.append((0, passive.end()))
    edges = [*(start for start, _ in begun[1:]), len(lowered)]
    # Without a result there is one edge too many.
    for (start, verb_end), edge in zip(begun, edges, strict=False):
        clause_end = _END.search(lowered, verb_end)
        end = min(clause_end.start() if clause_end else edge, edge)
        words = _LOOSE_END.sub("", lowered[start:end])
        if len(words.split()) >= _MIN_WORDS:
            # "Following the request to …, he promised support for such a transition."
            yield 0 if _REFERS.search(words) else start, start + len(words)


_RESULT = any_word(
    (
        r"agree(?:d|s)?(?!\s+(?:by|with))",
        r"signed",
        r"reached\s+(?:an?|the|agreement|consensus|understanding)",
        r"concluded",
        r"adopted",
        r"approved",
        r"endors(?:ed|es)",
        r"decid(?:ed|es)",
        r"pledg(?:ed|es|ing)",
        r"promis(?:ed|es|ing)",
        r"committed",
        r"recommitted",
        r"vow(?:ed|s|ing)",
        r"undertook",
        r"re-?affirm(?:ed|s|ing)?",
        r"affirm(?:ed|s|ing)?",
        r"re-?iterat(?:ed|es|ing)?",
        r"confirm(?:ed|s|ing)",
        r"reassur(?:ed|es|ing)",
        r"assur(?:ed|es|ing)",
        r"stress(?:ed|es|ing)",
        r"underlin(?:ed|es|ing)",
        r"underscor(?:ed|es|ing)",
        r"emphasi[sz](?:ed|es|ing)",
        # "He called on the president" is a visit, "on the president to act" is not.
        r"call(?:ed|s|ing)\s+(?:for|(?:up)?on\s+(?=[^.;]{1,80}\sto\s)\w+)",
        r"urg(?:ed|es|ing)",
        r"condemn(?:ed|s|ing)",
        r"denounc(?:ed|es|ing)",
        r"welcom(?:ed|es|ing|e)",
        r"express(?:ed|es|ing)",
        r"voic(?:ed|es|ing)",
        r"announc(?:ed|es|ing)",
        r"declar(?:ed|es|ing)",
        r"unveiled",
        r"launched",
        r"invit(?:ed|es|ing)",
        r"offer(?:ed|ing)",
        r"propos(?:ed|es|ing)",
        r"recall(?:ed|s|ing)",
        r"deemed",
        r"appeal(?:ed|s|ing)",
        r"demand(?:ed|s|ing)",
        r"warn(?:ed|s|ing)",
        r"reject(?:ed|s|ing)",
        r"renew(?:ed|s|ing)",
        r"encourag(?:ed|es|ing)",
        r"oppos(?:ed|es|ing)",
        r"support(?:ed|s)",
        r"back(?:ed|s)",
        r"pointed\s+out",
        r"inform(?:ed|s)",
        r"insist(?:ed|s)",
        r"hail(?:ed|s|ing)",
        r"recogni[sz](?:ed|es|ing)",
        r"acknowledg(?:ed|es|ing)",
        r"attach(?:ed|es)?\s+(?:\w+\s+){0,2}importance",
        *(
            rf"{shall}\s+(?:continue|hold|meet|establish|work|support|set|provide|remain|cooperate"
            r"|include)"
            for shall in ("will", "would")
        ),
    )
)
# Verbs of those who met which report no result themselves: "exchanged views and agreed".
_OTHER = any_word(
    (
        *("discussed", "exchanged", "reviewed", "noted", "met", "thanked", "praised", "held"),
        *("visited", "spoke", "said", "told", "addressed", "touched", "considered", "explored"),
    )
)
# What an agreement does, and nobody else.
_PAPER = any_word(
    (
        *("enables?", "entails?", "envisages?", "stipulates?", "establish(?:es|ed)"),
        *(r"provides?\s+for", r"sets?\s+(?:out|up)", "allows?", "includes?", "commits?"),
    )
)
_VERB = re.compile(rf"{_RESULT.pattern}|(?P<other>{_OTHER.pattern})|(?P<paper>{_PAPER.pattern})")
_SHARES_SUBJECT = re.compile(r"(?:,|\band|\bbut|[”\"])\s+(?:(?:also|\w+ly|further|again)\s+)*$")
_AND_WHO = re.compile(r"\band\s+(?=[^,;]{1,60}$)")
_PAPERS = (
    r"(?:agreements?|memorand\w+|mous?|deals?|protocols?|pacts?|treat(?:y|ies)|accords?"
    r"|declarations?|communiqu[eé]s?|contracts?|documents?|understandings?|consensus|ceasefire"
    r"|truce)"
)
# A result without a word on whose it is.
_PASSIVE = re.compile(
    rf"\b{_PAPERS}(?:\s(?:of|on|for|to|between|in)\s[^,;:.]{{1,120}}?)?\s+"
    r"(?:was|were|has\s+been|have\s+been)\s+(?:also\s+)?"
    r"(?:signed|reached|concluded|adopted|issued|sealed|struck|exchanged|announced)\b"
    r"|\bit\s+was\s+(?:also\s+)?(?:agreed|decided)\b"
    r"|\b(?:has|have|was|were)\s+(?:been\s+)?(?:expressed|stressed|underlined|emphasi[sz]ed"
    r"|reaffirmed)\b.{0,40}\bby\s+(?:the\s+)?(?:two|both)\b"
)
_SAID_BY = re.compile(
    r",[”\"]?\s+(?P<who>[^,;“”\"]{3,80})\s(?:said|says|stated|added|told|claimed|argued)\b"
)
_END = re.compile(
    r"[.;!?]?[”\"]?\s*$|;|,?\s+and\s+(?:also\s+)?(?:discussed|exchanged|reviewed|met|spoke|visited"
    r"|thanked|held)\b|\s[–—]\s|,\s+(?:but|while|whereas)\b|\s+while\s"
    r"|,[”\"]?\s+[^,;]{3,80}\s(?:said|stated|added|announced|reported|told\s\w+)"
    r"(?:\s+(?:in|on|at|during|after)\s[^,;]*)?[.]?$"
    r"|,[”\"]?\s+(?:according\s+to"
    r"|the\s+(?:statement|ministry|readout|communiqu[eé])\s+(?:said|added|read)"
    r"|a\s+(?:statement|declaration)\b"
    r"|(?:he|she|they|it|sources?|officials?)\s+(?:said|added|stated|noted))"
)
_REFERS = re.compile(r"\bsuch\s+an?\b")
_LOOSE_END = re.compile(r"[\s,;.]*(?:\band)?[\s,;.]*$")
