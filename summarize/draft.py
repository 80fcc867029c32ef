"""What the model is asked to fill: as small as it can be.

The model copies the article's own words; kinds, countries, ids, offsets and quotes are worked out
from the article afterwards. Keys are single words, and no field asks for what another one settles.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from summarize.schema import EventType, OutcomeKind

__all__ = [
    "Corrections",
    "Draft",
    "DraftOutcome",
    "DraftPerson",
    "says_something",
    "schema_hash",
]


def _at_most(items: int) -> dict[str, int]:
    """Stops a small model's loops; a longer list of a larger model is no error."""
    return {"maxItems": items}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class DraftPerson(_Part):
    """Someone who took part."""

    role: str
    name: str


class DraftOutcome(_Part):
    """A result of the meeting."""

    kind: OutcomeKind
    text: str


class Draft(_Part):
    """The record of one article, in its own words."""

    # Summits have long lists of names; the annotated articles have at most 9 participants, 8
    # topics and 6 outcomes.
    event: EventType
    place: str
    date: str
    participants: Annotated[list[DraftPerson], Field(json_schema_extra=_at_most(30))]
    topics: Annotated[list[str], Field(json_schema_extra=_at_most(10))]
    outcomes: Annotated[list[DraftOutcome], Field(json_schema_extra=_at_most(6))]


class Corrections(_Part):
    """The article's words for what was not found, in the order asked; empty to withdraw one."""

    copied: Annotated[list[str], Field(json_schema_extra=_at_most(12))]


# What models write where they were asked to leave a field empty.
_NOTHING = {"", "-", "...", "…", "n/a", "none", "not mentioned", "not specified", "unknown", "null"}


def says_something(words: str) -> bool:
    """Whether a field of a draft holds more than a placeholder."""
    return words.strip(" .").lower() not in _NOTHING and any(c.isalnum() for c in words)


@cache
def schema_hash() -> str:
    """The hash of what the model is asked to fill."""
    schemas = [model.model_json_schema() for model in (Draft, Corrections)]
    canonical = json.dumps(schemas, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
