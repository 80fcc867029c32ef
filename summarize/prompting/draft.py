"""What the model is asked to fill: as small as it can be.

The model copies the article's own words, and says what kind of outcome each is; ids, offsets,
quotes and kinds of actors are worked out from the article afterwards, and countries unless a large
model gives them. Keys are single words, and no field asks for what another one settles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from summarize.schema import MeetingType, OutcomeKind, When

__all__ = [
    "NO_MEETING",
    "BriefDraft",
    "Corrections",
    "Draft",
    "DraftEvent",
    "DraftMeeting",
    "DraftOutcome",
    "DraftParticipant",
    "DraftPerson",
    "DraftResult",
    "FullDraft",
    "corrected",
    "says_something",
]


DraftEvent = Literal[MeetingType, "none"]
"""What an article reports; none if it reports no meeting."""


def _at_most(items: int) -> dict[str, int]:
    """Ends the loops of a model that is held to the schema; a longer list is no error."""
    return {"maxItems": items}


def _all_required(schema: dict[str, Any]) -> None:
    """Asks for every field, also one that an answer may leave out."""
    for field in schema["properties"].values():
        field.pop("default", None)
    schema["required"] = list(schema["properties"])


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class DraftPerson(_Part):
    """Someone who took part."""

    # The name first: asked for the role first, a small model goes on to people without a name.
    name: str
    role: str


class DraftParticipant(DraftPerson):
    """Someone who took part, as a large model tells."""

    model_config = ConfigDict(json_schema_extra=_all_required)

    country: str = ""


class DraftOutcome(_Part):
    """A result of the meeting."""

    kind: OutcomeKind
    text: str


class DraftResult(DraftOutcome):
    """A result of the meeting and whose it is, as a large model tells."""

    model_config = ConfigDict(json_schema_extra=_all_required)

    parties: Annotated[Sequence[str], Field(json_schema_extra=_at_most(10))] = ()


class DraftMeeting(_Part):
    """A meeting besides the main one, as a large model tells."""

    when: When
    event: DraftEvent
    place: str
    date: str
    participants: Annotated[Sequence[str], Field(json_schema_extra=_at_most(30))]
    topics: Annotated[Sequence[str], Field(json_schema_extra=_at_most(20))]
    outcomes: Annotated[Sequence[DraftOutcome], Field(json_schema_extra=_at_most(20))]


class Draft(_Part):
    """The record of one article, in its own words."""

    # Summits have long lists of names; the annotated articles have at most 9 participants, 10
    # topics and 13 outcomes.
    event: DraftEvent
    place: str
    date: str
    participants: Annotated[Sequence[DraftPerson], Field(json_schema_extra=_at_most(30))]
    topics: Annotated[list[str], Field(json_schema_extra=_at_most(20))]
    outcomes: Annotated[Sequence[DraftOutcome], Field(json_schema_extra=_at_most(20))]


NO_MEETING = '{"event":"none","place":"","date":"","participants":[],"topics":[],"outcomes":[]}'
"""A draft that says nothing."""


class BriefDraft(Draft):
    """A draft of a small model, whose last items are its worst (docs/quality.md)."""

    participants: Annotated[Sequence[DraftPerson], Field(json_schema_extra=_at_most(12))]
    topics: Annotated[list[str], Field(json_schema_extra=_at_most(7))]
    outcomes: Annotated[Sequence[DraftOutcome], Field(json_schema_extra=_at_most(4))]


class FullDraft(Draft):
    """A draft of a large model, which can be asked for more."""

    model_config = ConfigDict(json_schema_extra=_all_required)

    participants: Annotated[Sequence[DraftParticipant], Field(json_schema_extra=_at_most(60))]
    topics: Annotated[list[str], Field(json_schema_extra=_at_most(40))]
    outcomes: Annotated[Sequence[DraftResult], Field(json_schema_extra=_at_most(40))]
    when: When = "reported"
    others: Annotated[Sequence[DraftMeeting], Field(json_schema_extra=_at_most(12))] = ()


class Corrections(_Part):
    """The article's words for what was not found, in the order asked; empty to withdraw one."""

    copied: Annotated[list[str], Field(json_schema_extra=_at_most(12))]


# What models write where they were asked to leave a field empty.
_NOTHING = {"", "-", "...", "…", "n/a", "none", "not mentioned", "not specified", "unknown", "null"}


def says_something(words: str) -> bool:
    """Whether a field of a draft holds more than a placeholder."""
    return words.strip(" .").lower() not in _NOTHING and any(map(str.isalnum, words))


def corrected(draft: Draft, unfound: Sequence[str], copied: Sequence[str]) -> Draft:
    """The draft with the model's second try in place of what was not found."""
    # A shorter list leaves the rest as it was; a longer one says no more.
    words = {old: new for old, new in zip(unfound, copied, strict=False) if says_something(new)}
    return draft.model_copy(
        update={
            "participants": [
                p.model_copy(update={"name": words.get(p.name, p.name)}) for p in draft.participants
            ],
            "topics": [words.get(topic, topic) for topic in draft.topics],
            "outcomes": [
                o.model_copy(update={"text": words.get(o.text, o.text)}) for o in draft.outcomes
            ],
        }
    )
