"""What a sentence shows: a meeting, a discussion, a result, or only background.

The model points; these cues check. They are of English, so an article in another language is not
held to them, and what the model says of it stands as far as its words are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from summarize.schema import OutcomeKind

__all__ = [
    "has_contact",
    "has_discussion",
    "has_meeting",
    "has_result",
    "is_background",
    "is_english",
    "is_negated",
    "outcome_kind",
]


def _cue(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?i)\b(?:{'|'.join(words)})\b")


_CONTACT_WORDS = (
    r"met(?:\s+with)?",
    r"meets?",
    r"meeting\s+with",
    r"meetings?\s+with",
    r"to\s+meet",
    r"talks?\s+(?:with|between|in)",
    r"talked",
    r"held\s+(?:\w+\s+){0,3}(?:talks?|meetings?|calls?|discussions?|consultations?)",
    r"visited",
    r"paid\s+(?:\w+\s+){0,3}visit",
    r"spoke\s+(?:by|on|to|with)",
    r"(?:tele)?phone(?:d)?",
    r"conversed",
    r"conversation\s+with",
    r"call\s+with",
    r"called\s+(?:on\s+)?(?:his|her|their)\s+counterparts?",
    r"discussions\s+(?:\w+\s+){0,3}with",
    r"hosted",
    r"received",
    r"welcomed",
    r"joined",
    r"gathered",
    r"attended",
    r"co-chaired",
    r"chaired",
    r"signed",
    r"accompanied",
)
_CONTACT = _cue(_CONTACT_WORDS)
_MEETING = _cue(
    (
        *_CONTACT_WORDS,
        r"meetings?",
        r"talks?",
        r"visits?",
        r"visiting",
        r"trip",
        r"travel(?:l?ed|s)?",
        r"arriv(?:ed|es|al)",
        r"summit",
        r"discuss(?:ed|es|ing|ions?)?",
        r"negotiat\w+",
        r"delegations?",
        r"dialogue",
        r"consultations?",
        r"counterparts?",
    )
)
_DISCUSSION = _cue(
    (
        r"discuss(?:ed|es|ing|ions?)?",
        r"talks?",
        r"talked",
        r"agenda",
        r"topics?",
        r"focus(?:ed|es|ing|sed)?",
        r"cent(?:er|re)d",
        r"cover(?:ed|ing)?",
        r"review(?:ed|ing)?",
        r"address(?:ed|ing)?",
        r"rais(?:ed|ing)",
        r"touched",
        r"dealt",
        r"explor(?:ed|ing)",
        r"exchang(?:ed|ing)",
        r"considered",
        r"visit",
        r"meetings?",
        r"met",
        r"meet",
        r"summit",
        r"conversed",
        r"conversation",
        r"dialogue",
        r"negotiat\w+",
        r"concern(?:s|ed)?",
        r"express(?:ed|es|ing)?",
        r"stress(?:ed|es|ing)?",
        r"underlin(?:ed|es|ing)",
        r"underscor(?:ed|es|ing)",
        r"emphasi[sz](?:ed|es|ing)",
        r"reaffirm(?:ed|s|ing)?",
        r"reiterat(?:ed|es|ing)",
        r"informed",
        r"briefed",
        r"agree(?:d|s|ing)?",
        r"sign(?:ed|ing)",
        r"call(?:ed)?\s+(?:on|for)",
        r"engaged",
        r"issues?",
        r"to\s+drive\s+progress",
    )
)
_RESULTS: tuple[tuple[OutcomeKind, re.Pattern[str]], ...] = (
    (
        "follow_up",
        _cue(
            (
                r"agreed\s+to\s+(?:a\s+)?(?:meet|future|continue|maintain|hold)",
                r"further\s+contacts",
                r"next\s+(?:round|meeting|visit)",
                r"(?:will|would|to)\s+(?:meet|continue|reconvene|visit)",
            )
        ),
    ),
    (
        "agreement",
        _cue(
            (
                r"agree(?:d|s|ing)?",
                r"agreements?",
                r"sign(?:ed|s|ing)",
                r"reached",
                r"deal",
                r"memorand\w+",
                r"include\s+sharing",
                r"accord",
                r"communiqu[eé]",
            )
        ),
    ),
    (
        "decision",
        _cue((r"decid(?:ed|es|ing)", r"decisions?", r"approved", r"adopted", r"concluded")),
    ),
    (
        "commitment",
        _cue(
            (
                r"commit(?:ted|s|ment|ments|ting)?",
                r"pledg(?:ed|es|ing)",
                r"promis(?:ed|es|ing)",
                r"readiness",
                r"vow(?:ed|s|ing)",
                r"reaffirm(?:ed|s|ing)?",
                r"(?:re)?assur(?:ed|es|ing)",
                r"undert(?:ook|ake\w*)",
                r"(?:will|would)",
                r"provided\s+(?:their|his|her)\s+counterparts?",
            )
        ),
    ),
    (
        "statement",
        _cue(
            (
                r"stress(?:ed|es|ing)?",
                r"underlin(?:ed|es|ing)",
                r"underscor(?:ed|es|ing)",
                r"emphasi[sz](?:ed|es|ing)",
                r"express(?:ed|es|ing)?",
                r"reiterat(?:ed|es|ing)",
                r"recall(?:ed|s|ing)",
                r"welcom(?:ed|es|ing|e)",
                r"call(?:ed|s|ing)?\s+(?:on|for)",
                r"urg(?:ed|es|ing)",
                r"denounc(?:ed|es|ing)",
                r"condemn(?:ed|s|ing)",
                r"declar(?:ed|es|ing|ation)",
                r"affirm(?:ed|s|ing)",
                r"endors(?:ed|es|ing)",
                r"announc(?:ed|es|ing)",
                r"voic(?:ed|es|ing)",
                r"deemed",
                r"thank(?:ed|s|ing)",
                r"praised",
                r"informed",
                r"attach(?:ed|es)?\s+importance",
            )
        ),
    ),
)
_BACKGROUND = re.compile(
    r"""(?ix) \b(?:days?|weeks?|months?|years?|hours?)\s+(?:after|before|ago|earlier)\b |
    \blast\s+(?:year|month|week|december|november|october|september|august|july|june|may|april|march
    |february|january)\b | \bpreviously\b | \bhistorically\b | \bin\s+(?:19|20)\d\d\b |
    \bhad\s+(?:met|agreed|visited|signed|held)\b | \bfollows?\s+(?:an?|the)\b |
    \b(?:will|would)\s+be\s+followed\b | \bis\s+expected\s+to\b | \bhopes?\s+that\b |
    \bwill\s+(?:meet|visit|discuss)\b
    | \b(?:will|would|did|does|do)\s+not\s+(?:meet|visit|hold|travel|attend|come|take)\b
    | \b(?:cancel(?:l)?ed|postponed)\b | \bcalled\s+off\b
    | \bha(?:s|ve)\s+(?:consistently|long|repeatedly|always)\b
    """
)
# What turns a clause into its opposite, up to six words before what it turns.
_NEGATION = re.compile(
    r"""(?ix)
    (?:\b(?:not|never|neither|nor|without|cannot)\b|n['’]t\b
      |\b(?:refus|fail|declin|deni|deny|reject)\w*\b|^\W*no\b)
    (?:\s+[\w’'-]+){0,6}\s*$
    """
)
# Words that running English cannot do without; the share is far lower in other languages.
_ENGLISH = re.compile(r"(?i)\b(?:the|of|and|to|in|a|that|with|for|on|was|by)\b")
# English news has 0.23 to 0.35 (the sixteen annotated articles); two sentences of German 0.03, of
# Turkish none.
_MIN_ENGLISH = 0.12


_DENIED = re.compile(r"(?i)\b(?:not|never|no|refus\w*|fail\w*|declin\w*|den(?:y|ied))\b")


def is_english(text: str) -> bool:
    """Whether a text reads as English, by its function words."""
    words = len(text.split())
    return bool(words) and len(_ENGLISH.findall(text)) / words >= _MIN_ENGLISH


def has_contact(sentence: str) -> bool:
    """Whether somebody meets, visits or speaks with somebody."""
    return bool(_CONTACT.search(sentence))


def has_meeting(sentence: str) -> bool:
    """Whether a sentence speaks of a meeting of any kind."""
    return bool(_MEETING.search(sentence))


def has_discussion(sentence: str) -> bool:
    """Whether a sentence says what was discussed."""
    return bool(_DISCUSSION.search(sentence))


def has_result(sentence: str) -> bool:
    """Whether a sentence reports something agreed, promised, decided or declared."""
    return any(pattern.search(sentence) for _, pattern in _RESULTS)


def is_negated(before: str) -> bool:
    """Whether what follows these words of a sentence is denied by them."""
    clause = re.split(r"[;:]|,\s+(?:but|and)\b", before)[-1]
    return bool(_NEGATION.search(clause))


def outcome_kind(words: str, otherwise: OutcomeKind) -> OutcomeKind:
    """The kind of an outcome by its verb, or what the model took it for.

    What was refused or denied is a statement, whatever it was about.
    """
    if _DENIED.search(words):
        return "statement"
    return next((kind for kind, pattern in _RESULTS if pattern.search(words)), otherwise)


def is_background(sentence: str) -> bool:
    """Whether a sentence is about another time than the meeting."""
    return bool(_BACKGROUND.search(sentence))
