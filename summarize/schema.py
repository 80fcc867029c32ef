"""The `Summary` of one article, as users receive it: items, each with its quotes.

Offsets count Unicode code points of the text as given: `text[quote.start:quote.end] == quote.text`
always holds. For a web page, the text is that of the article found in it, and the summary carries
it. The models are frozen; `Summary.model_json_schema()` is the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from summarize import renderers

__all__ = [
    "EVENT_NAMES",
    "SCHEMA_VERSION",
    "Actor",
    "ActorKind",
    "AgendaItem",
    "ArticleInfo",
    "Event",
    "EventDate",
    "EventType",
    "Outcome",
    "OutcomeKind",
    "Part",
    "Provenance",
    "Quote",
    "Summary",
    "Unsupported",
    "Usage",
]

SCHEMA_VERSION: Literal["1"] = "1"

EventType = Literal["visit", "talks", "call", "summit", "agreement", "other", "none"]
EVENT_NAMES: Mapping[EventType, str] = {
    "visit": "Visit",
    "talks": "Talks",
    "call": "Call",
    "summit": "Summit",
    "agreement": "Agreement",
    "other": "Meeting",
    "none": "",
}
"""Display names of the event types."""

ActorKind = Literal["person", "organization", "group", "country"]
Part = Literal["participant", "mentioned"]
ItemField = Literal["actors", "agenda_items", "outcomes"]
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


class EventDate(_Value):
    """When the event took place: the article's words, and the day if they determine it."""

    text: str
    iso: IsoDate | None


class Event(_Value):
    """The main event of the article."""

    type: EventType
    places: tuple[str, ...]
    date: EventDate | None


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


class AgendaItem(_Value):
    """A topic that was discussed, or was going to be. The quote is the sentence that says so."""

    id: str
    topic: str
    quotes: Quotes
    confidence: Confidence = None


class Outcome(_Value):
    """A result of the meeting. The quote is the sentence that says so."""

    id: str
    kind: OutcomeKind
    description: str
    parties: tuple[str, ...] = Field(description="ids of actors the quote names")
    quotes: Quotes
    confidence: Confidence = None


class Unsupported(_Value):
    """Something that the model said and the article does not support."""

    field: Literal["actors", "agenda_items", "outcomes", "event.places", "event.date"]
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

    An article that reports no meeting has `is_meeting` false, no agenda items and no outcomes.
    """

    schema_version: Literal["1"] = SCHEMA_VERSION
    article: ArticleInfo
    is_meeting: bool
    event: Event
    actors: tuple[Actor, ...]
    agenda_items: tuple[AgendaItem, ...]
    outcomes: tuple[Outcome, ...]
    summary: str = Field(description="one paragraph, composed from the items above")
    unsupported: tuple[Unsupported, ...]
    provenance: Provenance

    def to_json(self, *, indent: int | None = None) -> str:
        """Returns the summary as JSON: one line, or indented by `indent` spaces."""
        return self.model_dump_json(indent=indent)

    def to_markdown(self) -> str:
        """Returns the summary as Markdown, to paste into notes."""
        return renderers.load().render_markdown(self)

    def to_html(self, text: str | None = None) -> str:
        """Returns the summary as a page of HTML that opens from the disk and fetches nothing.

        Args:
            text: The article's text as given, shown beside the summary. Default: the text that the
                summary carries, if any; otherwise the page shows the quotes alone.

        Raises:
            InputError: The text is not the one that was summarized.
        """
        return renderers.load().render_html(self, text)

    def _repr_html_(self) -> str:
        return renderers.load().render_notebook(self)

    @property
    def items(self) -> tuple[Actor | AgendaItem | Outcome, ...]:
        """All actors, agenda items and outcomes."""
        return (*self.actors, *self.agenda_items, *self.outcomes)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """All quotes, in the order of the items."""
        return tuple(quote for item in self.items for quote in item.quotes)
