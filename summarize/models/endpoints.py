"""Where a model is asked: "provider/model" becomes an address, a key and a way of asking."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from summarize.errors import ConfigurationError
from summarize.models.model_settings import ModelSettings
from summarize.models.network import OLLAMA_PORT, env_value, ollama_url, split_query
from summarize.models.request_style import RequestStyle, ResponseFormat, first_style
from summarize.progress import ProgressCallback

if TYPE_CHECKING:
    from summarize.embedded.server import LocalServer

__all__ = ["CHAT_PROVIDERS", "Endpoint", "find_endpoint", "model_name"]

# Providers of OpenAI's chat completions: their addresses, and the variables that hold their keys
# (instructor 1.17, `auto_client.py`, and the documentation of Groq, Fireworks and Cerebras).
CHAT_PROVIDERS = {
    "openai": ("https://api.openai.com/v1", "OPENAI_API_KEY"),
    "ollama": (f"http://localhost:{OLLAMA_PORT}/v1", ""),
    "cerebras": ("https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
    "deepseek": ("https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    "fireworks": ("https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
    "groq": ("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "openrouter": ("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "together": ("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
}
# Every current hosted model reads at least this much; a longer article is read in windows.
HOSTED_CONTEXT_TOKENS = 100_000
# Ollama's own default, whatever the model could do: https://docs.ollama.com/context-length
OLLAMA_CONTEXT_TOKENS = 4_096


@dataclass(frozen=True)
class Endpoint:
    """Where a model is asked, and how.

    Attributes:
        settings: the model's.
        name: of the model, for the provenance.
        style: of the first request.
        context_tokens: tokens that the model reads at once, prompt and answer together.
        sends: whether anything is sent there.
        url: its address; None for the own client of a provider.
        key: that it asks for; empty for the own client of a provider, which looks for it.
        query: at the end of the address of each request.
        server: the embedded model's, if it runs.
    """

    settings: ModelSettings
    name: str
    style: RequestStyle
    context_tokens: int
    sends: bool
    url: str | None = None
    key: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    server: LocalServer | None = None

    @property
    def where(self) -> str:
        """The address for messages, or the model's name."""
        return self.settings.address or self.name

    @property
    def is_providers_own(self) -> bool:
        """Whether it is the provider's, and not the user's own, whose prices nobody knows."""
        return self.url in {None, CHAT_PROVIDERS.get(self.settings.provider, ("", ""))[0]}

    @property
    def model(self) -> str:
        """The model's name, as the endpoint knows it."""
        return self.name.partition("/")[2]


def model_name(settings: ModelSettings) -> str:
    """Returns the model's name for the provenance, without reaching for the model."""
    if not settings.is_local:
        return settings.name
    from summarize.embedded import server as embedded

    path = settings.local_file
    return f"local/{path.stem if path else embedded.MODEL_NAME}"


def find_endpoint(settings: ModelSettings, *, replay: bool, report: ProgressCallback) -> Endpoint:
    """Returns where the model is; starts the embedded one unless nothing will be sent.

    Raises:
        SummarizeError: the model cannot be had.
    """
    if settings.is_local:
        return _local(settings, replay, report)
    provider = settings.provider
    if provider not in CHAT_PROVIDERS:
        return _other_provider(settings, replay)
    url, variable = CHAT_PROVIDERS[provider]
    # A key read from a file brings its line break along.
    key = env_value(os.environ, variable)
    if not (key.isascii() and key.isprintable()):
        raise ConfigurationError(
            f"{variable} holds characters that no key has", hint="copy the key again"
        )
    own_url = settings.base_url
    if provider == "openai":
        own_url = own_url or env_value(os.environ, "OPENAI_BASE_URL")
    elif provider == "ollama":
        own_url = own_url or ollama_url(os.environ)
    if variable and not key and not own_url and not replay:
        raise ConfigurationError(
            f"{settings.name} needs a key and {variable} is not set",
            hint="set it, name your own endpoint with --base-url, or use the embedded model with "
            "--model local",
        )
    base, query = split_query(own_url or url)
    return Endpoint(
        settings,
        settings.name,
        first_style(settings.name, own_url),
        _context_tokens(settings),
        sends=not replay,
        url=base,
        # Servers of one's own ask for no key, but the client insists on one.
        key=key or "none",
        query=query,
    )


def _other_provider(settings: ModelSettings, replay: bool) -> Endpoint:
    from instructor.auto_client import supported_providers

    name, url = settings.name, settings.base_url
    if settings.provider not in supported_providers:
        known = sorted({*CHAT_PROVIDERS, *supported_providers})
        raise ConfigurationError(
            f"{name!r}: no provider is called {settings.provider!r}",
            hint=f"write openai/{name} for a model behind --base-url, or one of "
            f"{', '.join(known)} before the slash",
        )
    style = first_style(name, url)
    return Endpoint(settings, name, style, HOSTED_CONTEXT_TOKENS, not replay, url)


def _local(settings: ModelSettings, replay: bool, report: ProgressCallback) -> Endpoint:
    from summarize.embedded import server as embedded

    server = None if replay else embedded.shared_server(settings.local_file, report)
    return Endpoint(
        settings,
        model_name(settings),
        # Greedy decoding repeats itself from run to run. The longest record of the annotated
        # articles has 1,639 characters, some 430 tokens; twice that is mostly a loop.
        RequestStyle(ResponseFormat.SCHEMA, {"max_tokens": 900, "temperature": 0.0}),
        embedded.CONTEXT_TOKENS,
        sends=not replay,
        url=server.base_url if server else "http://127.0.0.1/v1",
        key=server.api_key if server else "replay",
        server=server,
    )


def _context_tokens(settings: ModelSettings) -> int:
    """How much the model reads at once; Ollama cuts what is longer without a word."""
    port = urlsplit(settings.base_url).port if settings.base_url else None
    if settings.provider != "ollama" and port != OLLAMA_PORT:
        return HOSTED_CONTEXT_TOKENS
    length = env_value(os.environ, "OLLAMA_CONTEXT_LENGTH")
    return int(length) if length.isdigit() else OLLAMA_CONTEXT_TOKENS
