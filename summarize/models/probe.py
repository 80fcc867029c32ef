"""Whether a model answers at all."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel

from summarize.models.client import Model
from summarize.models.conversation import Message, Meter, Question
from summarize.models.settings import ModelSettings, Patience

__all__ = ["probe"]


class _Ready(BaseModel):
    ready: bool


def probe(settings: ModelSettings) -> str:
    """Asks one small question, once, and says how long the answer took.

    Raises:
        SummarizeError: why there is no answer.
    """
    meter = Meter()
    question = Question((Message("user", 'Answer with the JSON {"ready": true}.'),), _Ready)
    model = Model(replace(settings, patience=Patience(attempts=1)))
    try:
        model.ask(question, meter)
    finally:
        model.close()
    where = f" at {settings.address}" if settings.address else ""
    return f"{settings.name}{where} answered in {meter.seconds:.1f} s"
