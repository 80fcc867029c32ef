"""What a sentence shows: a meeting, a discussion, a result, or only background.

The model points; these cues check. They are of English, so an article in another language is not
held to them, and what the model says of it stands as far as its words are found.
"""

from __future__ import annotations

import re
from functools import lru_cache

from summarize.matching import any_word, small
from summarize.schema import OutcomeKind

__all__ = [
    "has_contact",
    "has_discussion",
    "has_event",
    "has_meeting",
    "has_result",
    "is_background",
    "is_courtesy",
    "is_english",
    "is_negated",
    "is_supposed",
    "outcome_kind",
]


# Guests: an increase and a letter are welcomed and received, too.
_SOMEBODY = (
    r"(?:him|her|them|(?:(?:his|her|their|the|an?)\s+)?(?:[\w-]+\s+){0,2}(?:president|premier|prime"
    r"|ministers?|secretary|chancellor|king|queen|emir|prince|leaders?|delegation|counterparts?|envoy"
    r"|ambassador|officials?|chief|mr|mrs|ms|dr))"
)
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
    r"phoned?",
    r"telephoned?",
    r"conversed",
    r"conversation\s+with",
    r"call\s+with",
    r"(?:tele)?phone\s+(?:call|conversation|talks?)",
    r"by\s+(?:tele)?phone",
    r"called\s+(?:on\s+)?(?:his|her|their)\s+counterparts?",
    r"encounter\s+with",
    r"discussions\s+(?:\w+\s+){0,3}with",
    r"host(?:ed|ing|s)",
    r"(?:joint\s+)?(?:press|news)\s+conference\s+with",
    r"during\s+an?\s+(?:\w+\s+){0,2}visit\s+to",
    rf"received\s+{_SOMEBODY}",
    rf"welcomed\s+{_SOMEBODY}",
    r"joined",
    r"gathered",
    r"attended\s+(?:the|an?)\s+(?:\w+\s+){0,3}(?:summit|meetings?|talks|conference|session|gathering)",
    r"co-chaired",
    r"chaired",
    r"signed",
    r"accompanied",
)
_CONTACT = any_word(_CONTACT_WORDS)
_EVENT = any_word(
    (
        *_CONTACT_WORDS,
        r"(?:visits?|trip)\s+(?:to|by|of)",
        r"visiting",
        r"travel(?:l?ed|s)\s+to",
        r"arriv(?:ed|es|al)\s+(?:in|at)",
        r"summit",
        r"(?:round|session|series)\s+of\s+(?:\w+\s+)?(?:talks|negotiations|consultations|meetings)",
        r"participants\s+(?:in|of)\s+the",
        r"(?:talks|negotiations|meeting|consultations)\s+(?:took|began|ended|concluded|started|continued)",
        r"reached\s+an?\s+(?:agreement|understanding)",
        r"conven(?:ed|es)",
        r"(?:meeting|talks|summit|session|round)\s+(?:(?:was|were)\s+)?held",
        r"over\s+the\s+course\s+of\s+the\s+(?:meeting|talks|visit|summit)",
    )
)
_MEETING = any_word(
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
        r"mission",
        r"dialogue",
        r"consultations?",
        r"counterparts?",
    )
)
_DISCUSSION = any_word(
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
        r"spoke",
        r"speaks?",
        r"calls?",
        r"phoned?",
        r"telephoned?",
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
        any_word(
            (
                r"agreed\s+to\s+(?:a\s+)?(?:meet|future|continue|maintain|hold)",
                r"further\s+contacts",
                r"next\s+(?:round|meeting|visit)",
                r"to\s+(?:meet|continue|reconvene|visit)",
                r"w(?:ill|ould)\s+(?:meet|continue|reconvene|visit)",
            )
        ),
    ),
    (
        "agreement",
        any_word(
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
        any_word((r"decid(?:ed|es|ing)", r"decisions?", r"approved", r"adopted", r"concluded")),
    ),
    (
        "commitment",
        any_word(
            (
                r"commit(?:ted|s|ment|ments|ting)?",
                r"pledg(?:ed|es|ing)",
                r"promis(?:ed|es|ing)",
                r"readiness",
                r"vow(?:ed|s|ing)",
                r"reaffirm(?:ed|s|ing)?",
                r"assur(?:ed|es|ing)",
                r"reassur(?:ed|es|ing)",
                r"undert(?:ook|ake\w*)",
                r"will",
                r"would",
                r"provided\s+(?:their|his|her)\s+counterparts?",
            )
        ),
    ),
    (
        "statement",
        any_word(
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
_BACKGROUND = any_word(
    (
        *(rf"{unit}s?\s+(?:after|before|ago|earlier)" for unit in ("day", "week", "month", "year")),
        r"last\s+(?:year|month|week)",
        r"last\s+(?:january|february|march|april|may|june)",
        r"last\s+(?:july|august|september|october|november|december)",
        r"previously",
        r"historically",
        r"had\s+(?:also\s+)?(?:met|agreed|visited|signed|held|discussed|announced|spoken|been)",
        r"(?:was|were)\s+(?:due|scheduled|expected|supposed|set|to\s+have)",
        r"were\s+to",
        r"follows?\s+(?:an?|the)",
        r"w(?:ill|ould)\s+be\s+followed",
        r"is\s+expected\s+to",
        r"hopes?\s+that",
        r"will\s+(?:meet|visit|discuss)(?!\s+(?:again|next))",
        *(
            rf"{verb}\s+not\s+(?:meet|visit|hold|travel|attend|come|take)"
            for verb in ("will", "would", "did", "does", "do")
        ),
        r"cancel(?:l)?ed",
        r"postponed",
        r"called\s+off",
        r"ha(?:s|ve)\s+(?:consistently|long|repeatedly|always)",
    )
)
# At the beginning of a sentence; the meeting itself may have been last Friday.
_ANOTHER_DAY = re.compile(
    r"\W*(?:last\s+(?:mon|tues|wednes|thurs|fri|satur|sun)day|an?\s+(?:day|week|month|year)\s+(?:before|earlier)"
    r"|earlier\s+(?:this|that|in)|the\s+(?:previous\s+(?:day|week|month)|day\s+before))\b"
)
# "since 2019, in 2019"; but deadlines are what agreements consist of: "to meet again in 2027".
_YEAR = re.compile(r"\bin\s+(?:19|20)\d\d\b")
_AHEAD = re.compile(r"\b(?:to|will|would|next|agreed|discuss\w*)\s+(?:\w+\s+){0,8}in\s+20\d\d\b")
# What turns a clause into its opposite, up to six words before what it turns.
_NEGATION = re.compile(
    r"""(?x)
    (?:\b(?:not|never|neither|nor|without|cannot)\b|n['’]t\b
      |\b(?:refus|fail|declin|deni|deny|reject)\w*\b|^\W*no\b)
    (?:\s+[\w’'-]+){0,6}\s*$
    """
)
# Words that running English cannot do without; the share is far lower in other languages.
_ENGLISH = any_word("the of and to in a that with for on was by".split())
# "He said no agreement was …": nothing of what comes next is.
_NOTHING = re.compile(
    r"\b(?:no(?!\s+(?:doubt|matter|surprise|wonder))|nothing|nobody|none)(?:\s+[\w’'-]+){0,3}\s*$"
)
_SUPPOSED = re.compile(r"\b(?:if|whether|unless|hope[ds]?\s+that|nearly|almost)\b[^,;:]*$")
# English news has 0.23 to 0.35 (the sixteen annotated articles); two sentences of German 0.03, of
# Turkish none.
_MIN_ENGLISH = 0.12


_DENIED = any_word(("not", "never", "no", r"refus\w*", r"fail\w*", r"declin\w*", r"den(?:y|ied)"))

# A sentence is looked at for each actor in it; an article has 20 to 60 sentences.
_remembered = lru_cache(maxsize=256)


def is_english(text: str) -> bool:
    """Whether a text reads as English, by its function words."""
    words = len(text.split())
    return bool(words) and len(_ENGLISH.findall(small(text))) / words >= _MIN_ENGLISH


@_remembered
def has_contact(sentence: str) -> bool:
    """Whether somebody meets, visits or speaks with somebody."""
    return bool(_CONTACT.search(small(sentence)))


@_remembered
def has_event(sentence: str) -> bool:
    """Whether a sentence reports a meeting, a visit or a call, and does not only speak of them."""
    return bool(_EVENT.search(small(sentence)))


@_remembered
def has_meeting(sentence: str) -> bool:
    """Whether a sentence speaks of a meeting of any kind."""
    return bool(_MEETING.search(small(sentence)))


@_remembered
def has_discussion(sentence: str) -> bool:
    """Whether a sentence says what was discussed."""
    return bool(_DISCUSSION.search(small(sentence)))


@_remembered
def has_result(sentence: str) -> bool:
    """Whether a sentence reports something agreed, promised, decided or declared."""
    lowered = small(sentence)
    return any(pattern.search(lowered) for _, pattern in _RESULTS)


def is_negated(before: str) -> bool:
    """Whether what follows these words of a sentence is denied by them."""
    clause = small(re.split(r"[;:]|,\s+(?:but|and)\b", before)[-1])
    return bool(_NEGATION.search(clause) or _NOTHING.search(clause))


def is_supposed(before: str) -> bool:
    """Whether what follows these words of a sentence is only asked, hoped or a condition."""
    return bool(_SUPPOSED.search(small(before)))


def outcome_kind(words: str, otherwise: OutcomeKind) -> OutcomeKind:
    """The kind of an outcome by its verb, or what the model took it for.

    What was refused or denied is a statement, whatever it was about.
    """
    lowered = small(words)
    if _DENIED.search(lowered):
        return "statement"
    return next((kind for kind, pattern in _RESULTS if pattern.search(lowered)), otherwise)


# What guests and hosts say to each other anyway.
_COURTESY = re.compile(
    r"express\w*\s+concerns?\s+(?!about|over|at|regarding|that|for|in)"
    r"|\w+\s+(?:\w+\s+){0,3}(?:condolences?|gratitude|thanks|appreciation|sympath\w+|pleasure"
    r"|congratulations?|delight|well-wishes)\b"
)


def is_courtesy(words: str) -> bool:
    """Whether words that begin with a verb only thank, condole or congratulate."""
    return bool(_COURTESY.match(small(words)))


@_remembered
def is_background(sentence: str) -> bool:
    """Whether a sentence is about another time than the meeting."""
    lowered = small(sentence)
    return bool(
        _BACKGROUND.search(lowered)
        or _ANOTHER_DAY.match(lowered)
        or (_YEAR.search(lowered) and not _AHEAD.search(lowered))
    )
