"""Which model, and how it is reached."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from summarize.errors import ConfigurationError

__all__ = ["DEFAULT_OPENAI_MODEL", "DEFAULT_TIMEOUT", "ModelSettings", "choose_model"]

# The smallest current model of the list in openai's `types/shared/chat_model.py` (3.3).
DEFAULT_OPENAI_MODEL = "openai/gpt-5.4-mini"
# Seconds for one request. Hosted models answer a page in well under a minute; the embedded one
# reads its whole context of 8,192 tokens in about two minutes on two cores.
DEFAULT_TIMEOUT = 300.0


@dataclass(frozen=True)
class ModelSettings:
    """Which model, and how it is reached.

    Attributes:
        name: "local", "local:/path/to/file.gguf" or "provider/model".
        why: where the name comes from, for the user.
        base_url: of an OpenAI-compatible endpoint, or None for the provider's own.
        timeout: seconds for one request.
    """

    name: str
    why: str = "asked for"
    base_url: str | None = None
    timeout: float = DEFAULT_TIMEOUT

    @property
    def is_local(self) -> bool:
        """Whether it is the embedded model."""
        return self.name == "local" or self.name.startswith("local:")

    @property
    def provider(self) -> str:
        """The part before the slash."""
        return "local" if self.is_local else self.name.partition("/")[0]

    @property
    def local_file(self) -> Path | None:
        """The user's own weights, of "local:/path/to/file.gguf"."""
        path = self.name.partition(":")[2] if self.is_local else ""
        return Path(path).expanduser() if path else None


def choose_model(
    name: str | None = None,
    *,
    base_url: str | None = None,
    timeout: float | None = None,
    environment: Mapping[str, str] = os.environ,
) -> ModelSettings:
    """The model to ask: as named, else by the environment, else the embedded one.

    Raises:
        ConfigurationError: the name is not of the form "provider/model".
    """
    named, why = _named(name, base_url, environment)
    chosen = ModelSettings(named, why, base_url, timeout or DEFAULT_TIMEOUT)
    if not chosen.is_local and not re.fullmatch(r"[\w.-]+/\S+", chosen.name):
        raise ConfigurationError(
            f"{chosen.name!r} names no model",
            hint="write provider/model, such as openai/gpt-5.4-mini or ollama/llama3.2, or local",
        )
    if chosen.is_local and base_url:
        raise ConfigurationError(
            "--base-url does not go with the embedded model",
            hint="name the endpoint's model too, such as --model openai/NAME",
        )
    return chosen


def _named(
    name: str | None, base_url: str | None, environment: Mapping[str, str]
) -> tuple[str, str]:
    """The model's name, and where it comes from."""
    if name:
        return name, "asked for"
    if own := environment.get("SUMMARIZE_MODEL"):
        return own, "SUMMARIZE_MODEL is set"
    if base_url:
        return DEFAULT_OPENAI_MODEL, "an endpoint and no model named"
    for key in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        if environment.get(key):
            return DEFAULT_OPENAI_MODEL, f"{key} is set"
    return "local", "no model named and no OpenAI key set"
