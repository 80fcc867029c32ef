"""The `Summary` of one article, as users receive it: meetings and items, each with its quotes.

Offsets count Unicode code points of the text as given: `text[quote.start:quote.end] == quote.text`
always holds. For a web page, the text is that of the article found in it, and the summary carries
it. The models are frozen; `Summary.model_json_schema()` is the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "MAIN_MEETING",
    "MEETING_NAMES",
    "SCHEMA_VERSION",
    "Actor",
    "ActorKind",
    "AgendaItem",
    "ArticleInfo",
    "Item",
    "ItemField",
    "Meeting",
    "MeetingDate",
    "MeetingType",
    "Outcome",
    "OutcomeKind",
    "Part",
    "Provenance",
    "Quote",
    "Review",
    "Summary",
    "Unsupported",
    "Usage",
    "When",
]

SCHEMA_VERSION: Literal["2"] = "2"
MAIN_MEETING = "m1"
"""Id of the meeting that an article is about: the first of its meetings."""

MeetingType = Literal["visit", "talks", "call", "summit", "agreement", "other"]
MEETING_NAMES: Mapping[MeetingType, str] = {
    "visit": "Visit",
    "talks": "Talks",
    "call": "Call",
    "summit": "Summit",
    "agreement": "Agreement",
    "other": "Meeting",
}
"""Display names of the types of meetings."""
When = Literal["reported", "earlier", "planned"]

ActorKind = Literal["person", "organization", "group", "country"]
Part = Literal["participant", "mentioned"]
ItemField = Literal["actors", "agenda_items", "outcomes", "meetings"]
# A new kind has a name in report/wording.py, a line in prompts/, weights (benchmarks/train.py), and
# a rule in across_articles/plover_outcomes.py.
OutcomeKind = Literal["agreement", "commitment", "decision", "statement", "follow_up"]

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 3166-1 alpha-3")]
IsoDate = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="ISO 8601 day")]

Confidence = Annotated[
    float | None,
    Field(
        ge=0,
        le=1,
        allow_inf_nan=False,
        exclude_if=lambda confidence: confidence is None,
        description="probability that the item is right, learned from annotated articles. Absent"
        " where the model's answer is taken as it is",
    ),
]

Review = Literal["confirmed", "edited", "added"]
_Reviewed = Annotated[
    Review | None,
    Field(
        exclude_if=lambda review: review is None,
        description="what a person did: found the item right, changed it, or added it. Absent where"
        " nobody looked at it",
    ),
]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quote(_Value):
    """A span of the article: `text == article[start:end]`, in code points."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(gt=0)]
    text: Annotated[str, Field(min_length=1)]


Quotes = Annotated[tuple[Quote, ...], Field(min_length=1)]


class ArticleInfo(_Value):
    """The article that was summarized, and its metadata."""

    id: str
    source: str | None = Field(description="path or address the text came from")
    title: str | None
    outlet: str | None
    published: IsoDate | None
    records: str | None = Field(
        default=None,
        exclude_if=lambda records: records is None,
        description="path of the file of records that holds the text under the article's id. Absent"
        " where the article has a file of its own, or none",
    )
    sha256: str = Field(description="of the text as given, in UTF-8")
    characters: int = Field(ge=0, description="code points of the text as given")
    text: str | None = Field(
        default=None,
        exclude_if=lambda text: text is None,
        description="the text as given, where the source does not hold it verbatim: the article in"
        " a web page, or a downloaded document. Absent otherwise",
    )


class MeetingDate(_Value):
    """When a meeting takes place: the article's words, and the day if they determine it."""

    text: str
    iso: IsoDate | None


class Meeting(_Value):
    """A meeting that the article tells of. The first is what the article is about."""

    id: str
    type: MeetingType
    when: When = Field(
        description="reported: the news itself; earlier: before it; planned: still to come"
    )
    places: tuple[str, ...]
    date: MeetingDate | None
    participants: tuple[str, ...] = Field(description="ids of actors")
    quotes: tuple[Quote, ...] = Field(
        description="the sentence that tells of it. Empty in summaries that were made before"
        " version 2 of this schema"
    )
    confidence: Confidence = None
    review: _Reviewed = None


class Actor(_Value):
    """A person, organization, group or country. The quotes are its mentions."""

    id: str
    name: str = Field(description="as the article writes it")
    aliases: tuple[str, ...]
    kind: ActorKind
    role: str | None = Field(description="office or title, in the article's words")
    country: CountryCode | None
    inferred: tuple[Literal["country"], ...] = Field(
        default=(),
        exclude_if=lambda inferred: not inferred,
        description="fields that the model inferred, without words of the article beside the actor"
        " that say so. Absent where there are none",
    )
    part: Part
    quotes: Quotes
    confidence: Confidence = None
    review: _Reviewed = None


class AgendaItem(_Value):
    """A topic that was discussed, or was going to be. The quote is the sentence that says so."""

    id: str
    meeting: str = Field(default=MAIN_MEETING, description="id of the meeting")
    topic: str
    quotes: Quotes
    confidence: Confidence = None
    review: _Reviewed = None


class Outcome(_Value):
    """A result of the meeting. The quote is the sentence that says so."""

    id: str
    meeting: str = Field(default=MAIN_MEETING, description="id of the meeting")
    kind: OutcomeKind
    description: str
    parties: tuple[str, ...] = Field(description="ids of actors the quote names")
    quotes: Quotes
    confidence: Confidence = None
    review: _Reviewed = None


Item: TypeAlias = Meeting | Actor | AgendaItem | Outcome


class Unsupported(_Value):
    """Something that the model said and the article does not support."""

    field: Literal[ItemField, "meetings.places", "meetings.date"]
    value: str
    reason: str


class Usage(_Value):
    """Tokens of all requests for the article, including failed ones."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float | None = Field(default=None, allow_inf_nan=False)


class Provenance(_Value):
    """How the summary was made."""

    model: str
    prompt: str = Field(description="name@hash of the templates")
    schema_: str = Field(alias="schema", description="hash of the schema the model filled")
    evidence: str | None = Field(
        default=None,
        exclude_if=lambda evidence: evidence is None,
        description="hash of the evidence file. Absent where the package's own weights were used,"
        " or none",
    )
    created: str = Field(description="ISO 8601, UTC")
    seconds: float = Field(
        ge=0, allow_inf_nan=False, description="wall-clock time for this article"
    )
    attempts: int = Field(ge=0, description="requests sent to the model")
    usage: Usage
    package: str

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True
    )


class Summary(_Value):
    """The structured summary of one article.

    An article that reports no meeting has `is_meeting` false, and no meetings, topics or outcomes.
    Summaries of version 1 of the schema, which told of one meeting, are read as well.
    """

    schema_version: Literal["2"] = SCHEMA_VERSION
    article: ArticleInfo
    is_meeting: bool
    meetings: tuple[Meeting, ...]
    actors: tuple[Actor, ...]
    agenda_items: tuple[AgendaItem, ...]
    outcomes: tuple[Outcome, ...]
    summary: str = Field(description="one paragraph, composed from the items above")
    unsupported: tuple[Unsupported, ...]
    provenance: Provenance

    @model_validator(mode="before")
    @classmethod
    def _read_version_1(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("schema_version") != "1":
            return data
        try:
            return _upgraded(data)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("is no whole summary of version 1") from error

    @property
    def main(self) -> Meeting | None:
        """The meeting that the article is about; None if it reports none."""
        return self.meetings[0] if self.meetings else None

    def to_json(self, *, indent: int | None = None) -> str:
        """Returns the summary as JSON: one line, or indented by `indent` spaces."""
        return self.model_dump_json(indent=indent)

    def to_markdown(self) -> str:
        """Returns the summary as Markdown, to paste into notes."""
        return _rendered("markdown", self)

    def to_html(self, text: str | None = None) -> str:
        """Returns the summary as a page of HTML that opens from the disk and fetches nothing.

        Args:
            text: The article's text as given, shown beside the summary. Default: the text that the
                summary carries, if any; otherwise the page shows the quotes alone.

        Raises:
            InputError: The text is not the one that was summarized.
        """
        return _rendered("html", self, text)

    def _repr_html_(self) -> str:
        return _rendered("notebook", self)

    @property
    def items(self) -> tuple[Item, ...]:
        """All meetings, actors, agenda items and outcomes."""
        return (*self.meetings, *self.actors, *self.agenda_items, *self.outcomes)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """All quotes, in the order of the items."""
        return tuple(quote for item in self.items for quote in item.quotes)


def _rendered(form: str, *arguments: object) -> str:
    # By name: what is below all others cannot import them.
    rendered: str = getattr(import_module("summarize.report"), f"render_{form}")(*arguments)
    return rendered


_RENAMED = {"event.places": "meetings.places", "event.date": "meetings.date"}


def _upgraded(old: dict[str, Any]) -> dict[str, Any]:
    """Returns the values of a summary of version 1 as those of version 2."""
    event = old.get("event", {})
    participants = [a["id"] for a in old.get("actors", ()) if a.get("part") == "participant"]
    meeting = {
        "id": MAIN_MEETING,
        "when": "reported",
        "participants": participants,
        "quotes": [],
        **event,
    }
    return {
        **{name: value for name, value in old.items() if name != "event"},
        "schema_version": SCHEMA_VERSION,
        "meetings": [meeting] if old.get("is_meeting") else [],
        "unsupported": [
            {**one, "field": _RENAMED.get(one["field"], one["field"])}
            for one in old.get("unsupported", ())
        ],
    }
