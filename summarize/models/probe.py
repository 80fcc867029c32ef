"""Whether a model answers at all."""

from __future__ import annotations

from pydantic import BaseModel

from summarize.models.client import Model
from summarize.models.conversation import Message, Meter, Question
from summarize.models.settings import ModelSettings

__all__ = ["probe"]


class _Ready(BaseModel):
    ready: bool


def probe(settings: ModelSettings) -> str:
    """Asks one small question and says how long the answer took.

    Raises:
        SummarizeError: why there is no answer.
    """
    meter = Meter()
    question = Question((Message("user", 'Answer with the JSON {"ready": true}.'),), _Ready)
    Model(settings).ask(question, meter)
    where = f" at {settings.base_url}" if settings.base_url else ""
    return f"{settings.name}{where} answered in {meter.seconds:.1f} s"
