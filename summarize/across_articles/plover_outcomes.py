"""What an outcome is as an event, by its kind and its verb.

The words are ours, of English; the rules are those of the manual's types. Where no verb decides,
there is no event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from summarize.across_articles.plover_codes import EventType, any_of
from summarize.across_articles.plover_parties import Party, is_possessor, named_around
from summarize.schema import OutcomeKind

__all__ = ["Coded", "outcome_events"]


class Coded(NamedTuple):
    """An event's codes and parties."""

    type: EventType
    modes: tuple[str, ...]
    actors: tuple[Party, ...]
    recipients: tuple[Party, ...] = ()


_SIGNED = any_of(
    "signed signs signing ratif* conclud* finali[sz]* inked initialled"
    r" (?:established|opened|restored|normali[sz]ed)_(?:\w+_)?(?:relations|ties)"
)
_AGREED = any_of(
    "agree* accord* deal deals pact* memorand* mou treaty treaties protocol consensus settled"
    " decided undert(?:ake|akes|aking|ook)"
)
_COMMITTED = any_of("commit* vow* pledge guarantee* assur* undert(?:ake|akes|aking|ook)")
_AGAIN = any_of("again soon invit* expected continu* follow* resum* another")
_AHEAD = re.compile(r"(?i)\b(?:will|to|would)\s+(?:\w+\s+)?$")
_FUTURE = any_of(
    "will shall would to_be plan plans planned intend* agreed_to promis* pledg* offers? offered"
    " next upcoming scheduled due_to set_to ready_to readiness"
)
_GIVES_UP = any_of(
    "ease eased easing lift lifted lifting withdraw withdrawal withdrawing withdrew stop stopped"
    " stopping halt halted halting suspend* cease cease-?fire truce pardon* amnesty apolog* regret*"
)
_GAVE = any_of("gave provided delivered donated granted disbursed sent")
_AID = any_of(
    "aid assistance loan loans grant grants arms weapons relief money million billion asylum"
)
_COOPERATED = any_of(
    "extradited shared_intelligence held_joint conducted_joint jointly_carried_out traded"
)
_RETREATS = {
    "release": any_of("released releases freed exchanged_prisoners"),
    "withdraw": any_of("withdrew pulled_out pulled_back has_withdrawn have_withdrawn"),
    "disarm": any_of("disarmed laid_down_arms laid_down_(?:its|their)_arms"),
    "ceasefire": any_of("cease-?fire_(?:took|went|came|entered|is_in|has_taken)"),
    "access": any_of("(?:let_in|admitted|allowed)_(?:aid|observers|inspectors)"),
    "resign": any_of("resigned stepped_down"),
}
_LIFTED = any_of(
    r"(?:lifted|eased)_(?:\w+_){0,2}(?:sanctions|embargo|blockade|curbs|restrictions|tariffs)"
)
_WAIVED = any_of(
    r"(?:withdrew|dropped|waived)_(?:\w+_)?(?:demands?|objections?|veto|complaints?|claims?)"
    " pardoned amnestied"
)
# What is asked for, or refused.
_WANTED = {
    "meet": any_of("meet* talks dialogue negotiat*"),
    "yield": any_of("stop* halt* ceas* withdraw* releas* end lift refrain*"),
    "assist": any_of("help* aid assist* support provid*"),
    "change": any_of("reform* chang* adopt* respect comply implement*"),
}
_CONSEQUENCES = re.compile(r"(?i)\b(?:will|would|if|unless|consequences)\b")


class _Verb(NamedTuple):
    pattern: re.Pattern[str]
    type: EventType | None
    mode: str = ""
    is_wanted: bool = False


def _verb(words: str, type_: EventType | None, mode: str = "", *, wanted: bool = False) -> _Verb:
    # "Iran-backed" is no verb, nor are nouns: "criticism", "allegedly", "demand for gas".
    return _Verb(any_of(words, before=r"(?<![\w-])"), type_, mode, wanted)


# The earliest in the sentence decides, and of those at one place the first here.
_VERBS = (
    _verb(
        r"apologi[sz]* regrets regretted pardons pardoned express*_(?:\w+_)?regret",
        "CONCEDE",
    ),
    _verb(
        "prais(?:e|es|ed|ing) hails hailed endors(?:e|es|ed|ing) backs backed commend*"
        " recogni[sz](?:e|es|ed|ing) applaud*"
        r" (?:expressed|voiced)_(?:\w+_){0,2}(?:support|backing)_for",
        "SUPPORT",
    ),
    # Comment is no event.
    _verb(
        "stress* underlin* underscor* emphasi[sz]* discuss* review* noted notes highlight*"
        " reiterat* address* exchang* affirm* reaffirm* express* voic* recall* mention*"
        " explain*",
        None,
    ),
    _verb(
        "urg(?:e|es|ed|ing) asks asked requested demanded demands_that appealed"
        " call(?:s|ed|ing)?_(?:on|for|upon)",
        "REQUEST",
        wanted=True,
    ),
    _verb(
        "condemn(?:s|ed|ing)? critici[sz](?:e|es|ed|ing) denounc* complain(?:s|ed|ing)?",
        "ACCUSE",
        "disapprove",
    ),
    _verb("accus(?:e|es|ed|ing) blames blamed blaming alleg(?:e|es|ed|ing)", "ACCUSE", "allege"),
    _verb("investigat(?:es|ed|ing) opened_a_probe", "ACCUSE", "investigate"),
    _verb(
        "refus(?:e|es|ed|ing) reject(?:s|ed|ing) rules_out ruled_out ruling_out vetoed vetoes"
        " declines declined turned_down",
        "REJECT",
        wanted=True,
    ),
    _verb("threatens threatened warns warned", "THREATEN"),
)
_NO_ANSWER = re.compile(r"(?i)\s+to\s+(?:comment|answer|say|elaborate|disclose|name|give)\b")
# Not done, or not said to be done: "did not condemn", "would be to recognize".
_UNREAL = re.compile(
    r"(?i)(?:\b(?:not|never|to|should|would|could|must|may|might)|n['’]t)\s+(?:\w+\s+)?$"
)


def outcome_events(
    kind: OutcomeKind, text: str, named: Sequence[Party], present: Sequence[Party]
) -> Iterator[Coded]:
    """Yields the events that an outcome is.

    Args:
        kind: of the outcome.
        text: the sentence that reports it.
        named: the parties that the sentence names; what is done to somebody may be to any.
        present: those of them that took part, or all who took part if it names none of them; only
            they do anything.
    """
    signed, is_ahead = _is_signed(text), _FUTURE.search(text)
    doers = tuple(present)
    if not doers:
        return
    if kind == "agreement":
        if signed or is_ahead or _AGREED.search(text):
            yield Coded("SUPPORT" if signed else "AGREE", (), doers)
    elif kind == "commitment":
        if _GIVES_UP.search(text):
            yield Coded("CONCEDE", (), doers)
        elif is_ahead or _COMMITTED.search(text):
            yield Coded("AGREE", (), doers)
    elif kind == "follow_up":
        if is_ahead or _AGAIN.search(text) or _AGREED.search(text):
            yield Coded("AGREE", (), doers)
    elif kind == "decision" and is_ahead:
        yield Coded("AGREE", (), doers)
    else:
        code = _deed if kind == "decision" else _statement
        yield from (one for one in code(text, named) if set(one.actors) <= set(doers))


def _is_signed(text: str) -> bool:
    verb = _SIGNED.search(text)
    return verb is not None and not _AHEAD.search(text[: verb.start()])


def _deed(text: str, named: Sequence[Party]) -> Iterator[Coded]:
    """What was done: help for somebody, cooperation, or a step back."""
    gave = _GAVE.search(text)
    if gave and _AID.search(text, gave.end()):
        doers, recipients = named_around(text, named, gave.start())
        if doers and recipients:
            yield Coded("AID", (), doers, recipients)
        return
    if verb := _COOPERATED.search(text):
        before, after = named_around(text, named, verb.start())
        first, *others = (*before, *after) or (None,)
        if first and others:
            # The manual wants a recipient.
            yield Coded("COOPERATE", (), (first,), tuple(others))
        return
    if verb := _WAIVED.search(text) or _LIFTED.search(text):
        doers, recipients = named_around(text, named, verb.start())
        if doers:
            type_: EventType = "CONCEDE" if _WAIVED.search(text) else "RETREAT"
            yield Coded(type_, (), doers, recipients)
        return
    for mode, pattern in _RETREATS.items():
        if verb := pattern.search(text):
            doers, recipients = named_around(text, named, verb.start())
            if doers:
                yield Coded("RETREAT", (mode,), doers, recipients)
            return


def _statement(text: str, named: Sequence[Party]) -> Iterator[Coded]:
    """What somebody said to somebody, by the earliest verb of the sentence."""
    found = [(match, verb) for verb in _VERBS if (match := verb.pattern.search(text))]
    if not found:
        return
    match, verb = min(found, key=lambda one: one[0].start())
    if verb.type is None or _UNREAL.search(text[: match.start()]):
        return
    rest = text[match.end() :]
    if verb.type == "THREATEN" and not _CONSEQUENCES.search(rest):
        return
    if verb.type == "REJECT" and _NO_ANSWER.match(rest):
        return
    doers, recipients = named_around(text, named, match.start())
    doers = tuple(one for one in doers if not is_possessor(text, one))
    if not doers:
        return
    mode = verb.mode
    if verb.is_wanted:
        mode = next((name for name, pattern in _WANTED.items() if pattern.search(rest)), "")
    yield Coded(verb.type, (mode,) if mode else (), doers, recipients)
