"""The result of an article as a value, and as a line of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from summarize.errors import SummarizeError
from summarize.schema import Summary


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a summary is made with, as its provenance says."""

    model: str
    prompt: str
    schema: str


@dataclass(frozen=True, slots=True)
class BatchError:
    """Why an article has no summary.

    Attributes:
        type: name of the error's class.
        message: what happened and what to do.
        retryable: the same request may succeed later.
        attempts: requests sent to the model.
    """

    type: str
    message: str
    retryable: bool
    attempts: int

    @classmethod
    def of(cls, error: Exception) -> BatchError:
        """Returns an error as a value; one of another library is a defect, and is called one."""
        if isinstance(error, SummarizeError):
            return cls(type(error).__name__, str(error), error.retryable, error.attempts)
        return cls(type(error).__name__, f"{error}; this is a defect", False, 0)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The result of one article.

    Attributes:
        id: of the article.
        summary_json: the summary as JSON; None if there is none.
        error: why there is none; None if there is one.
    """

    id: str
    summary_json: str | None = None
    error: BatchError | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a summary."""
        return self.summary_json is not None

    @property
    def summary(self) -> Summary | None:
        """The summary; read from its JSON each time it is asked for."""
        return None if self.summary_json is None else Summary.model_validate_json(self.summary_json)

    def to_json(self) -> str:
        """The result as one line of JSON, without its end."""
        id_ = _json(self.id)
        if self.summary_json is not None:
            return f'{{"id":{id_},"ok":true,"summary":{self.summary_json}}}'
        error = _json(self.error and asdict(self.error))
        return f'{{"id":{id_},"ok":false,"error":{error}}}'


def _json(value: object) -> str:
    """Returns JSON that UTF-8 can encode: half a character becomes an escape, as JSON has it."""
    told = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return told.encode("utf-8", "backslashreplace").decode()
