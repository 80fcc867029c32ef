"""Asks a model one small question, to see how it and its endpoint behave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from summarize.models.conversation import Message, Meter, Question
from summarize.models.model import Model
from summarize.models.model_settings import ModelSettings
from summarize.models.rate_limiter import RetryPolicy
from summarize.progress import Progress
from summarize.prompting.draft import NO_MEETING

__all__ = ["probe"]


def probe(settings: ModelSettings) -> Iterator[tuple[str, str]]:
    """Asks one small question, once, in the style that articles are asked about.

    Yields:
        What was looked at, and what was found.

    Raises:
        SummarizeError: why there is no answer.
    """
    meter, changes = Meter(), list[str]()

    def report(progress: Progress) -> None:
        if progress.stage == "adapting":
            changes.append(progress.note)

    prompt = f"Answer with the JSON {NO_MEETING} and nothing else."
    messages = (Message("system", "You answer in JSON."), Message("user", prompt))
    model = Model(replace(settings, retry_policy=RetryPolicy(attempts=1)), report=report)
    try:
        model.ask(Question(messages, settings.strategy.draft), meter)
    finally:
        model.close()
    where = f" at {settings.address}" if settings.address else ""
    requests = f" to {meter.attempts} requests" if meter.attempts > 1 else ""
    tokens = f", {meter.completion_tokens} tokens" if meter.completion_tokens else ""
    yield "endpoint", f"{settings.name}{where} answered{requests} in {meter.seconds:.1f} s{tokens}"
    yield "asked with", str(model.style)
    yield from (("adapted", change) for change in changes)
    yield "context", f"{model.context_tokens:,} tokens at once (assumed)"
