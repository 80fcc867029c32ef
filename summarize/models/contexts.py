"""How much a model reads at once, by its server's own list of models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from summarize.models.client import Prepared

__all__ = ["context_told"]

# Seconds: a list that takes longer is not worth the wait.
_TIMEOUT = 10.0
# What vLLM and SGLang, llama.cpp (what it was started with before what the model could do), Groq,
# OpenRouter and Together, Mistral, LM Studio call it.
_NAMES = (
    "max_model_len",
    "n_ctx",
    "loaded_context_length",
    "context_window",
    "context_length",
    "max_context_length",
    "n_ctx_train",
)


def context_told(client: Prepared) -> int | None:
    """Tokens that the model reads at once, prompt and answer; None where its server does not say.

    Args:
        client: of the endpoint; asked for its list of models.
    """
    try:
        listed = client.client.with_options(timeout=_TIMEOUT).models.list().data
        models = [model.model_dump() for model in listed]
    except Exception:  # noqa: BLE001  many servers have no such list, or another one
        return None
    named = [model for model in models if model.get("id") == client.model]
    # Servers of one model take any name for it.
    known = named or models if len(models) == 1 else named
    return next((tokens for model in known for tokens in _sizes(model)), None)


def _sizes(model: Mapping[str, Any]) -> Iterator[int]:
    """What a model's entry says of it, the surest first."""
    parts = [model, *(part for part in model.values() if isinstance(part, dict))]
    for name in _NAMES:
        for part in parts:
            size = part.get(name)
            if type(size) is int and size > 0:
                yield size
