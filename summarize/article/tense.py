"""Whether a sentence tells of a day as past or as still to come, by its verbs. Of English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

__all__ = ["Tense", "tense_at"]

Tense = Literal["reported", "ahead", "open", "mixed"]
"""`open`: nothing says so ("Talks in Bern on Friday"); `mixed`: it can mean both."""

_MEETING_VERB = (
    r"(?i:meet|visit|hold|host|travel|attend|sign|join|discuss|address|arrive|begin|start|open|resume"
    r"|continue|take|receive|speak|talk|call|fly|go|come|lead|chair|convene|gather|welcome|send|make"
    r"|pay|seek|launch|return|tour|head|brief|deliver|mark|face|see|be)"
)
_PLANNED = (
    r"(?:due|set|scheduled|expected|slated|planned|poised|likely|supposed|bound|ready|invited|agree[ds]?"
    r"|agreeing|plan(?:s|ning)?|hope[sd]?|hoping|intend(?:s|ed|ing)?|want(?:s|ed)?|vow(?:s|ed)?"
    r"|pledge[sd]?|promise[sd]?|prepar(?:es?|ed|ing)|decided?|aim(?:s|ed|ing)?|about|going)"
)
# The verb that a modal goes with: in "will be held" nothing is past.
_VERB = r"(?:\s+(?:be|not|also|again|then|first|both|\w+ly))*(?:\s+\w+)?"
# The first that fits counts.
_CUES = re.compile(
    # Where no word begins, none of them is tried.
    rf"""(?x) (?:(?<!\w)|(?=['’])) (?:
    (?P<mixed>
        \b(?:was|were|had\s+been)\s+(?:\w+\s+)?
        (?:due|scheduled|expected|slated|planned|{_PLANNED}\s+(?:to|for|on|in))\b{_VERB}
      | \b(?:was|were)\s+to\s+[a-z]+
      | \bhad\s+(?:\w+\s+){{1,6}}would\b{_VERB}
      | \b(?:would|could|might)\s+have\b{_VERB})
  | (?P<ahead>
        (?<!\bpolitical\s)(?<!\bthe\s)(?<!\btheir\s)(?<!\bhis\s)(?<!\bher\s)(?<!\bgood\s)(?<!\bown\s)
        \b(?:will|shall|would|could(?!\s+not\b|n['’]t)|may|might|should|must)\b{_VERB}
      | ['’]ll\b{_VERB}
      | \bWill\s+{_MEETING_VERB}\b{_VERB}
      | \b(?:is|are|['’]s)\s+to\s+[a-z]+{_VERB}
      | \b(?:(?:is|are)\s+(?:\w+ly\s+)?)?{_PLANNED}\s+to\b{_VERB}
      | \b(?:due|scheduled|expected|slated)\b
      | \b(?:planned|set)\s+(?:for|on|to)\b
      | \b(?:ahead|advance)\s+of\b | \bprior\s+to\b | \b(?:upcoming|forthcoming|coming)\b)
  | (?P<purpose> \b[Tt]o\s+{_MEETING_VERB}\b(?:\s+\w+ed\b|\s+held\b)?)
  | (?P<open>
        \b(?:meets|holds|hosts|travels|attends|joins|arrives|begins|opens|resumes|receives|speaks
            |flies|goes|comes|convenes)\b
      | \b(?:is|are)\s+(?:\w+ly\s+)?[a-z]+ing\b)
  | (?P<behind> \b(?:after|following|since)\b)
  | (?P<reported>
        \b(?:met|said|says|told|spoke|began|took|came|went|was|were|had|flew|gave|saw|wrote|drew
            |became|did|ran|chose|rose|fell|knew|broke|could\s+not|couldn['’]t)\b)
  | (?P<participle>
        (?<!\bthe\s)(?<!\ba\s)(?<!\ban\s)(?<!\bits\s)(?<!\bhis\s)(?<!\bher\s)(?<!\btheir\s)(?<!\bof\s)
        (?<!\bwith\s)(?<!\bin\s)(?<!\bfor\s)(?<![\w-])
        (?:[a-z]{{2,}}ed|held|led|made|brought|sent|paid|won|lost|left|kept|heard|fought|found|struck)
        \b))
    """
)
# Behind these begins another clause, with a verb of its own.
_CLAUSE = re.compile(r"[,;:]|\b(?:who|whom|which|that|when|where|while|as|because|but|and)\b")
# "Keller, who was elected in May, …".
_ASIDE = re.compile(r",\s(?:who|whom|whose|which|where)\b[^,]*,")
_NO_VERBS = frozenset("need indeed speed exceed proceed succeed feed seed breed hundred".split())


def tense_at(sentence: str, start: int, end: int) -> Tense:
    """Whether a day that a sentence names from `start` to `end` is past or to come.

    The verb before it tells, or else the one behind it: "On Friday, Holm will meet Keller".
    """
    text = _ASIDE.sub(
        lambda aside: aside[0] if aside.start() < start < aside.end() else " " * len(aside[0]),
        sentence,
    )
    cues = [cue for cue in _CUES.finditer(text) if cue[0] not in _NO_VERBS]
    before = [cue for cue in cues if cue.start() < start]
    if before:
        return _tense(before)
    after = next((cue for cue in cues if cue.start() >= end), None)
    return _tense([after]) if after else "open"


def _tense(cues: Sequence[re.Match[str]]) -> Tense:
    """What the last of some cues says, in the light of those before it."""
    *others, cue = cues
    match cue.lastgroup:
        case "mixed":
            return "mixed"
        case "ahead":
            return "ahead"
        case "open":
            return "open"
        case "purpose":
            # "Holm to meet Keller on Friday"; but "Holm came to meet Keller on Friday".
            past = any(other.lastgroup in {"reported", "participle"} for other in others)
            return "mixed" if past else "ahead"
        case "behind":
            # "will go on Saturday after talks on Friday".
            return "reported" if not others or _tense(others) == "reported" else "mixed"
        case "participle" if others:
            # "will attend a summit hosted by Keller"; "will meet Keller, who arrived".
            is_apart = _CLAUSE.search(cue.string, others[-1].end(), cue.start())
            return "reported" if is_apart else _tense(others)
    return "reported"
