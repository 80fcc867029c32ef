"""Asks a model one small question, to see how it and its endpoint behave."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from summarize.models.conversation import Message, Meter, Question
from summarize.models.model import Model
from summarize.models.model_settings import ModelSettings, RetryPolicy
from summarize.models.responses import as_json
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
# Seconds: a list of models that takes longer is not worth the wait.
_LIST_TIMEOUT = 10.0
# What vLLM and SGLang, llama.cpp (what it was started with before what the model could do), Groq,
# OpenRouter and Together, Mistral, LM Studio call the context.
_CONTEXT_KEYS = (
    "max_model_len",
    "n_ctx",
    "loaded_context_length",
    "context_window",
    "context_length",
    "max_context_length",
    "n_ctx_train",
)


@dataclass(frozen=True, slots=True)
class Probe:
    """What one small question has shown.

    Attributes:
        answered: who answered, and how fast.
        asked: how requests are made, in the end.
        dropped: what the endpoint did not take, and in what words.
        context_tokens: tokens that the model reads at once, prompt and answer together.
        is_context_reported: whether the server reports them; else they are assumed.
    """

    answered: str
    asked: str
    dropped: tuple[str, ...]
    context_tokens: int
    is_context_reported: bool


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
        seconds = meter.seconds
        context = _reported_context(model.client(), settings.name.partition("/")[2])
    finally:
        model.close()
    where = f" at {settings.address}" if settings.address else ""
    requests = f" to {meter.attempts} requests" if meter.attempts > 1 else ""
    tokens = f", {meter.completion_tokens} tokens" if meter.completion_tokens else ""
    return Probe(
        answered=f"{settings.name}{where} answered{requests} in {seconds:.1f} s{tokens}",
        asked=str(model.style),
        dropped=tuple(changes),
        context_tokens=context or model.context_tokens,
        is_context_reported=context is not None,
    )


def _reported_context(client: Any, name: str) -> int | None:
    """The model's context in tokens by the server's list of models; None if it does not say."""
    try:
        listed = client.with_options(timeout=_LIST_TIMEOUT).models.list().data
        models = [as_json(model) for model in listed]
    except Exception:  # noqa: BLE001  many servers have no such list, or another one
        return None
    # Servers of one model take any name for it.
    known = [model for model in models if len(models) == 1 or model.get("id") == name]
    parts = [part for model in known for part in (model, *model.values()) if type(part) is dict]
    sizes = (part.get(key) for key in _CONTEXT_KEYS for part in parts)
    return next((size for size in sizes if type(size) is int and size > 0), None)
