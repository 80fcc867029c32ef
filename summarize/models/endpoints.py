"""From what the user chose to an address, a key and a client; the list of providers."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from summarize.errors import ConfigurationError
from summarize.models.model_settings import ModelSettings
from summarize.models.network import env_value, host_of, http_client
from summarize.models.request_style import RequestStyle, ResponseFormat, first_style
from summarize.progress import ProgressCallback

if TYPE_CHECKING:
    from summarize.embedded.server import LocalServer

__all__ = ["PROVIDERS", "Endpoint", "find_endpoint", "model_name"]

# Ollama's own: https://docs.ollama.com/faq
_OLLAMA_PORT = 11434
# Addresses where providers speak OpenAI's chat completions, and the variables that hold their keys,
# by the documentation of each.
PROVIDERS = {
    "openai": ("https://api.openai.com/v1", "OPENAI_API_KEY"),
    "ollama": (f"http://localhost:{_OLLAMA_PORT}/v1", ""),
    "anthropic": ("https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
    "cerebras": ("https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
    "deepseek": ("https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    "fireworks": ("https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
    "google": ("https://generativelanguage.googleapis.com/v1beta/openai", "GOOGLE_API_KEY"),
    "groq": ("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "mistral": ("https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    "openrouter": ("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "together": ("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
}
_AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".ai.azure.com")
_ACCOUNT_HEADERS = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
# Seconds for one connection; the timeout of a request is for thinking.
_CONNECT_TIMEOUT = 10.0
# Every current hosted model reads at least this much; a longer article is read in windows.
_HOSTED_CONTEXT_TOKENS = 100_000
# Ollama's own default, whatever the model could do: https://docs.ollama.com/context-length
_OLLAMA_CONTEXT_TOKENS = 4_096


@dataclass(frozen=True)
class Endpoint:
    """Where a model is asked, and how.

    Attributes:
        name: of the model, for the provenance.
        style: of the first request.
        context_tokens: tokens that the model reads at once, prompt and answer together.
        sends: whether anything is sent there.
        query: at the end of the address of each request.
        server: the embedded model's, if it runs.
    """

    settings: ModelSettings
    name: str
    style: RequestStyle
    context_tokens: int
    sends: bool
    url: str
    key: str
    query: Mapping[str, str] = field(default_factory=dict)
    server: LocalServer | None = None

    @property
    def where(self) -> str:
        """The address for messages, or the model's name."""
        return self.settings.address or self.name

    @property
    def is_providers_own(self) -> bool:
        """Whether it is the provider's, and not the user's own, whose prices nobody knows."""
        return self.url == PROVIDERS.get(self.settings.provider, ("", ""))[0]

    @property
    def model(self) -> str:
        """The model's name, as the endpoint knows it."""
        return self.name.partition("/")[2]

    def client(self, *, is_async: bool = False, http: Any = None) -> Any:
        """Returns openai's client, which sends nothing twice by itself.

        `http` stands in for the HTTP client that suits the endpoint.

        Raises:
            ConfigurationError: the network settings of the environment are wrong.
        """
        import openai

        # The client would send variables as they are, line breaks and all.
        headers: dict[str, Any] = {
            header: env_value(os.environ, variable) or openai.Omit()
            for header, variable in _ACCOUNT_HEADERS.items()
        }
        http = http or http_client(self.url, is_async=is_async, sends=self.sends)
        if host_of(self.url).endswith(_AZURE_HOSTS):
            http.event_hooks = {"request": [_amove_key if is_async else _move_key]}
        timeout = self.settings.timeout
        kind = openai.AsyncOpenAI if is_async else openai.OpenAI
        return kind(
            base_url=self.url,
            api_key=self.key,
            default_query=dict(self.query),
            default_headers=headers,
            http_client=http,
            timeout=openai.Timeout(timeout, connect=min(timeout, _CONNECT_TIMEOUT)),
            max_retries=0,
        )


def _move_key(request: Any) -> None:
    """Puts the key where Azure looks for it."""
    request.headers["api-key"] = request.headers.pop("authorization", "").removeprefix("Bearer ")


async def _amove_key(request: Any) -> None:
    _move_key(request)


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
        return _embedded(settings, replay, report)
    if settings.provider not in PROVIDERS:
        raise ConfigurationError(
            f"{settings.name!r}: no provider is called {settings.provider!r}",
            hint=f"write openai/{settings.name} for a model behind --base-url, or one of "
            f"{', '.join(PROVIDERS)} before the slash",
        )
    url, variable = PROVIDERS[settings.provider]
    # A key read from a file brings its line break along.
    key = env_value(os.environ, variable)
    if not (key.isascii() and key.isprintable()):
        raise ConfigurationError(
            f"{variable} holds characters that no key has", hint="copy the key again"
        )
    own_url = settings.base_url or (_ollama_url() if settings.provider == "ollama" else "")
    if variable and not key and not own_url and not replay:
        raise ConfigurationError(
            f"{settings.name} needs a key and {variable} is not set",
            hint="set it, name your own endpoint with --base-url, or use the embedded model with "
            "--model local",
        )
    parts = urlsplit(own_url or url)
    # What portals and documentation show is often the whole address of a request.
    path = re.sub(r"(?:/chat)?/(?:completions|responses)$", "", parts.path.rstrip("/"))
    return Endpoint(
        settings,
        settings.name,
        first_style(settings.name, own_url),
        _context_tokens(settings),
        sends=not replay,
        url=urlunsplit(parts._replace(path=path.rstrip("/"), query="", fragment="")),
        # Servers of one's own ask for no key, but the client insists on one.
        key=key or "none",
        query=dict(parse_qsl(parts.query)),
    )


def _embedded(settings: ModelSettings, replay: bool, report: ProgressCallback) -> Endpoint:
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
    if settings.provider != "ollama" and port != _OLLAMA_PORT:
        return _HOSTED_CONTEXT_TOKENS
    length = env_value(os.environ, "OLLAMA_CONTEXT_LENGTH")
    return int(length) if length.isdigit() else _OLLAMA_CONTEXT_TOKENS


def _ollama_url() -> str:
    """The address in `OLLAMA_HOST`, in any form that Ollama takes; empty if it is unset."""
    value = env_value(os.environ, "OLLAMA_HOST")
    if not value:
        return ""
    has_scheme = "://" in value
    try:
        parts = urlsplit(value if has_scheme else f"http://{value}")
        # With a scheme the port is the scheme's own.
        port = parts.port or (None if has_scheme else _OLLAMA_PORT)
    except ValueError as error:
        raise ConfigurationError(
            f"OLLAMA_HOST: {value!r} is no address", hint="write it as HOST:PORT"
        ) from error
    host = parts.hostname or ""
    # A server that listens on every address is asked on this machine.
    host = "127.0.0.1" if host in {"", "0.0.0.0", "::"} else host  # noqa: S104  not listened on
    host = f"[{host}]" if ":" in host else host
    path = parts.path.rstrip("/").removesuffix("/v1")
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{path}/v1"
