"""Asks a model one small question, to see how it and its endpoint behave."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from summarize.models.conversation import Message, Meter, Question
from summarize.models.model import Model
from summarize.models.model_settings import ModelSettings, RetryPolicy
from summarize.progress import Progress

__all__ = ["Probe", "probe"]

_RECORD = {
    "event": "none",
    "place": "",
    "date": "",
    "participants": [],
    "topics": [],
    "outcomes": [],
}


@dataclass(frozen=True, slots=True)
class Probe:
    """What one small question has shown.

    Attributes:
        answered: who answered, and how fast.
        asked: how requests are made, in the end.
        dropped: what the endpoint did not take, and in what words.
        context_tokens: tokens that are sent at once at most, prompt and answer together.
    """

    answered: str
    asked: str
    dropped: tuple[str, ...]
    context_tokens: int


def probe(settings: ModelSettings) -> Probe:
    """Asks one small question, once, in the style that articles are asked about.

    Raises:
        SummarizeError: why there is no answer.
    """
    meter, changes = Meter(), list[str]()

    def report(progress: Progress) -> None:
        if progress.stage == "adapting":
            changes.append(progress.note)

    prompt = f"Answer with the JSON {json.dumps(_RECORD)} and nothing else."
    messages = (Message("system", "You answer in JSON."), Message("user", prompt))
    model = Model(replace(settings, retry_policy=RetryPolicy(attempts=1)), report=report)
    try:
        model.ask(Question(messages, settings.strategy.draft), meter)
    finally:
        model.close()
    where = f" at {settings.address}" if settings.address else ""
    requests = f" to {meter.attempts} requests" if meter.attempts > 1 else ""
    tokens = f", {meter.completion_tokens} tokens" if meter.completion_tokens else ""
    answered = f"{settings.name}{where} answered{requests} in {meter.seconds:.1f} s{tokens}"
    return Probe(answered, str(model.style), tuple(changes), model.context_tokens)
