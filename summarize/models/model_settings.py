"""What the user chose: the model, its address, the timeout, the strategy."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from summarize.errors import ConfigurationError
from summarize.models.network import env_value
from summarize.models.rate_limiter import RetryPolicy
from summarize.prompting.strategy import STRATEGIES, EvidenceFile, Strategy, strategy_for

__all__ = ["CHOICE", "DEFAULT_OPENAI_MODEL", "ModelSettings", "choose_model"]

# The options of a user that `choose_model` takes.
CHOICE = ("model", "base_url", "timeout", "strategy", "min_confidence", "evidence", "options")

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
        retry_policy: how often a question is sent again, and when.
        chosen_strategy: how much help the model gets, or None to go by its name.
        options: added to each request, such as {"reasoning_effort": "low"}.
    """

    name: str
    why: str = "asked for"
    base_url: str | None = None
    timeout: float = DEFAULT_TIMEOUT
    retry_policy: RetryPolicy = field(default=RetryPolicy(), repr=False)
    chosen_strategy: Strategy | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def strategy(self) -> Strategy:
        """How much help the model gets."""
        return self.chosen_strategy or strategy_for(self.name)

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

    @property
    def address(self) -> str | None:
        """The endpoint's address as it may be shown: without a user, a password or a query."""
        return _shown(self.base_url) if self.base_url else None


def choose_model(
    model: str | None = None,
    *,
    base_url: str | None = None,
    timeout: float | None = None,
    strategy: str | None = None,
    min_confidence: float | None = None,
    evidence: str | PathLike[str] | None = None,
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> ModelSettings:
    """Returns the model to ask: as named, else by the environment, else the embedded one.

    The arguments are those of `Summarizer`, None for what the user leaves open.

    Raises:
        ConfigurationError: one of them cannot be used.
    """
    base_url = (base_url or "").strip() or None
    named, why = _named(model, base_url, environment)
    settings = ModelSettings(
        named,
        why,
        base_url,
        timeout or DEFAULT_TIMEOUT,
        chosen_strategy=_strategy(strategy, named, min_confidence, evidence),
        options=dict(options or {}),
    )
    if timeout is not None and not 0 < timeout < float("inf"):
        raise ConfigurationError(
            f"a timeout of {timeout} seconds cannot work", hint="give a number above 0"
        )
    if settings.is_local:
        if base_url:
            raise ConfigurationError(
                "--base-url does not go with the embedded model",
                hint="name the endpoint's model too, such as --model openai/NAME",
            )
        return settings
    if not re.fullmatch(r"[\w.-]+/\S+", named):
        raise ConfigurationError(
            f"{'' if model else 'SUMMARIZE_MODEL: '}{named!r} names no model",
            hint="write provider/model, such as openai/gpt-5.4-mini or ollama/llama3.2, or local",
        )
    origin = ""
    if not base_url and settings.provider == "openai":
        origin, base_url = "OPENAI_BASE_URL: ", env_value(environment, "OPENAI_BASE_URL") or None
    if base_url and not _is_address(base_url):
        raise ConfigurationError(
            f"{origin}{_shown(base_url)!r} is no address",
            hint="write it out, such as http://localhost:8000/v1",
        )
    return replace(settings, base_url=base_url)


def _named(
    name: str | None, base_url: str | None, environment: Mapping[str, str]
) -> tuple[str, str]:
    """The model's name, and where it comes from."""
    if name:
        return name, "asked for"
    if own := env_value(environment, "SUMMARIZE_MODEL"):
        return own, "SUMMARIZE_MODEL is set"
    if base_url:
        return DEFAULT_OPENAI_MODEL, "an endpoint and no model named"
    for key in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        if env_value(environment, key):
            return DEFAULT_OPENAI_MODEL, f"{key} is set"
    return "local", "no model named and no OpenAI key set"


def _strategy(
    name: str | None,
    model: str,
    min_confidence: float | None,
    evidence: str | PathLike[str] | None,
) -> Strategy | None:
    """The chosen strategy; None to go by the model's name."""
    if name is not None and name not in STRATEGIES:
        raise ConfigurationError(
            f"{name!r} is no strategy", hint=f"choose {' or '.join(STRATEGIES)}"
        )
    if min_confidence is None and evidence is None:
        return STRATEGIES[name] if name else None
    if min_confidence is not None and not 0 <= min_confidence <= 1:
        raise ConfigurationError(
            f"a confidence of {min_confidence} cannot be", hint="give a number from 0 to 1"
        )
    strategy = STRATEGIES[name] if name else strategy_for(model)
    if not strategy.weighs:
        option = "--evidence" if min_confidence is None else "--min-confidence"
        raise ConfigurationError(
            f"with the strategy {strategy.name} items have no confidence",
            hint=f"leave {option} out, or choose --strategy assisted",
        )
    file = _evidence_file(evidence) if evidence is not None else None
    return replace(strategy, min_confidence=min_confidence, evidence=file)


def _evidence_file(path: str | PathLike[str]) -> EvidenceFile:
    try:
        return EvidenceFile(str(path), Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "is no evidence file"
        hint = "give the file that summarize learn wrote"
        raise ConfigurationError(f"{path}: {why}", hint=hint) from error


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # Reading the port validates it.
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _shown(url: str) -> str:
    """An address without what may be secret in it."""
    return re.sub(r"(?<=://)[^/?#]*@", "", url).partition("?")[0]
