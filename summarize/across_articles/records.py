"""What a dossier holds, as `meetings.jsonl` and `actors.jsonl` have it: one line a record.

Ids begin with the same letter as in a summary: actors `a…`, meetings `m…`. They are hashes of one
of the names or reports that were merged, so that the same input gives the same ids in any order.
Dates are ISO 8601 days.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from summarize.schema import ActorKind, MeetingType, OutcomeKind, When

__all__ = [
    "ActorRecord",
    "Disagreement",
    "FollowUp",
    "MeetingOutcome",
    "MeetingRecord",
    "MeetingReport",
    "MeetingTopic",
    "Office",
    "QuoteIn",
    "Reason",
    "Spelling",
]

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="ISO 8601 day")]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class QuoteIn(_Value):
    """A quote and the article that has it: `text == article[start:end]`, in code points."""

    article: str = Field(description="id of the article")
    item: str = Field(description="id of the item in the article's summary")
    start: int
    end: int
    text: str


class Reason(_Value):
    """Why two records became one: a comparator's score and what it compared, in words."""

    comparator: str
    score: float = Field(ge=-1, le=1, description="below 0 speaks against it")
    words: str


class Spelling(_Value):
    """A name by which articles know an actor."""

    name: str
    articles: int


class Office(_Value):
    """An office or title of an actor, in the articles' words, and when it is mentioned."""

    title: str
    first: Day | None = Field(description="day of the first article that says so, or as --people")
    last: Day | None
    quote: QuoteIn | None = Field(description="a mention; None where --people has the office")


class ActorRecord(_Value):
    """A person, organization, group or country, across articles."""

    id: str
    name: str = Field(description="the spelling that most articles have")
    kind: ActorKind
    country: str | None = Field(description="ISO 3166-1 alpha-3")
    spellings: tuple[Spelling, ...]
    offices: tuple[Office, ...]
    wikidata: str | None = Field(description="from --people; never invented")
    articles: int = Field(description="number of articles that name the actor")
    first: Day | None = Field(description="day of the first article, as far as known")
    last: Day | None
    quotes: tuple[QuoteIn, ...] = Field(description="one for each spelling")
    reasons: tuple[Reason, ...] = Field(description="why its spellings are one actor's")


class MeetingReport(_Value):
    """What one article says of a meeting."""

    article: str
    meeting: str = Field(description="id of the meeting in the article's summary")
    title: str | None
    outlet: str | None
    published: Day | None
    source: str | None = Field(description="path or address of the article")
    type: MeetingType
    when: When
    day: Day | None = Field(description="as the article settles it")
    places: tuple[str, ...]
    copy_of: str | None = Field(description="id of the article whose text it repeats")
    quotes: tuple[QuoteIn, ...]


class MeetingTopic(_Value):
    """A topic of a meeting, with the quotes of all articles that have it."""

    topic: str
    quotes: tuple[QuoteIn, ...]


class FollowUp(_Value):
    """A later meeting that may take up an outcome: a candidate for a reader, no verdict."""

    meeting: str = Field(description="id of the later meeting")
    score: float = Field(ge=0, le=1)
    words: str = Field(description="why it may")
    quote: QuoteIn = Field(description="of the later meeting")


class MeetingOutcome(_Value):
    """An outcome of a meeting, with the quotes of all articles that have it."""

    kind: OutcomeKind
    description: str
    parties: tuple[str, ...] = Field(description="ids of actors")
    quotes: tuple[QuoteIn, ...]
    follow_ups: tuple[FollowUp, ...]


class Disagreement(_Value):
    """A field that articles give differently."""

    field: Literal["type", "day", "places"]
    values: tuple[tuple[str, tuple[str, ...]], ...] = Field(
        description="each value and the ids of the articles that have it"
    )


class MeetingRecord(_Value):
    """A meeting across articles."""

    id: str
    type: MeetingType
    when: When = Field(description="reported or earlier: it took place; planned: nobody reports it")
    day: Day | None = Field(description="that articles give; None if none does")
    window: tuple[Day, Day] | None = Field(
        description="days between which it was, by the articles' own days, where no day is given"
    )
    places: tuple[str, ...]
    countries: tuple[str, ...] = Field(description="of the participants, ISO 3166-1 alpha-3")
    participants: tuple[str, ...] = Field(description="ids of actors")
    reports: tuple[MeetingReport, ...]
    article_count: int
    independent_sources: int = Field(description="copies of one text count once")
    topics: tuple[MeetingTopic, ...]
    outcomes: tuple[MeetingOutcome, ...]
    disagreements: tuple[Disagreement, ...]
    reasons: tuple[Reason, ...] = Field(description="why its reports are one meeting's")

    @property
    def last_day(self) -> str | None:
        """The day; the last one that it can have been where articles do not say."""
        return self.day or (self.window[1] if self.window else None)
