"""Where a model is: "provider/model" becomes an address, a key and an instructor client."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from summarize.errors import ConfigurationError
from summarize.models.client import prepared
from summarize.models.conversation import Message
from summarize.models.error_mapping import one_line
from summarize.models.model_settings import ModelSettings
from summarize.models.network import (
    OLLAMA_PORT,
    http_client,
    ollama_url,
    set_in,
    split_query,
)
from summarize.models.request_style import Asking, Rung, first_asking
from summarize.progress import Progress, ProgressCallback

if TYPE_CHECKING:
    from summarize.embedded.server import LocalServer

__all__ = [
    "OPENAI_URL",
    "Endpoint",
    "activity",
    "connect",
    "find_endpoint",
    "is_asked_otherwise",
    "model_name",
    "prepare",
]

OPENAI_URL = "https://api.openai.com/v1"
# Every current hosted model reads at least this much; a longer article is read in windows.
HOSTED_CONTEXT_TOKENS = 100_000
# Ollama's own default, whatever the model could do: https://docs.ollama.com/context-length
OLLAMA_CONTEXT_TOKENS = 4_096


@dataclass(frozen=True)
class Endpoint:
    """Where a model is spoken to.

    Attributes:
        name: for the provenance.
        where: for messages: its address, or its name.
        model: as instructor's `from_provider` takes it.
        client: what else `from_provider` is called with.
        asking: how requests are made at first.
        options: what else goes into each request, by the user's word.
        context_tokens: how much the model reads at once.
        timeout: seconds for one request.
        connecting: seconds for one connection.
        sends: whether anything will be sent there.
    """

    name: str
    where: str
    model: str
    client: Mapping[str, Any]
    asking: Asking
    options: Mapping[str, Any]
    context_tokens: int
    timeout: float
    connecting: float
    sends: bool = True

    @property
    def url(self) -> str | None:
        """Its address; None for the provider's own."""
        return self.client.get("base_url")


def find_endpoint(settings: ModelSettings, *, replay: bool, report: ProgressCallback) -> Endpoint:
    """Where the model is; the embedded one is started unless nothing will be sent.

    Raises:
        SummarizeError: the model cannot be had.
    """
    return _local(settings, replay, report) if settings.is_local else _hosted(settings, replay)


def model_name(settings: ModelSettings) -> str:
    """The model's name for the provenance, without reaching for the model."""
    if not settings.is_local:
        return settings.name
    from summarize.embedded import server as local

    path = settings.local_file
    return f"local/{path.stem if path else local.MODEL_NAME}"


def activity(settings: ModelSettings) -> Progress | None:
    """What the embedded model is doing right now; None if idle, or if it is elsewhere."""
    server = _servers.get(settings.local_file) if settings.is_local else None
    return server.activity() if server else None


def prepare(
    settings: ModelSettings, beginning: Sequence[Message], report: ProgressCallback
) -> None:
    """Lets the embedded model read what all prompts begin with; hosted ones cache by themselves."""
    if settings.is_local and (server := _servers.get(settings.local_file)):
        server.prepare([{"role": m.role, "content": m.content} for m in beginning], report)


def _local(settings: ModelSettings, replay: bool, report: ProgressCallback) -> Endpoint:
    from summarize.embedded import server as local

    name = model_name(settings)
    if replay:
        address = {"base_url": "http://127.0.0.1/v1", "api_key": "replay"}
    else:
        server = _server(settings.local_file, report)
        address = {"base_url": server.base_url, "api_key": server.api_key}
    return Endpoint(
        name=name,
        where=name,
        model=f"openai/{name.removeprefix('local/')}",
        client=address,
        # Greedy decoding repeats itself from run to run. The longest record of the annotated
        # articles has 1,639 characters, some 430 tokens; twice that is mostly a loop.
        asking=Asking(Rung.SCHEMA, {"temperature": 0.0, "max_tokens": 900}),
        options=settings.options,
        context_tokens=local.CONTEXT_TOKENS,
        timeout=settings.timeout,
        connecting=settings.retry_policy.connecting,
        sends=not replay,
    )


_servers: dict[Path | None, LocalServer] = {}
_starting = Lock()


def _server(path: Path | None, report: ProgressCallback) -> LocalServer:
    """One server a process for the same weights: loading them takes seconds and a gigabyte."""
    from summarize.embedded import server as local

    with _starting:
        server = _servers.get(path)
        if server is None or not server.is_running:
            if server:
                server.close()
            server = _servers[path] = local.start_server(path, report)
        return server


def _hosted(settings: ModelSettings, replay: bool) -> Endpoint:
    client: dict[str, Any] = {}
    base_url = settings.base_url
    if settings.provider == "openai":
        # A key read from a file brings its line break along.
        key = set_in(os.environ, "OPENAI_API_KEY")
        if not (key.isascii() and key.isprintable()):
            raise ConfigurationError(
                "OPENAI_API_KEY holds characters that no key has", hint="copy the key again"
            )
        base_url = base_url or set_in(os.environ, "OPENAI_BASE_URL") or None
        if not key and not base_url and not replay:
            raise ConfigurationError(
                f"{settings.name} needs a key and OPENAI_API_KEY is not set",
                hint="set it, name your own endpoint with --base-url, "
                "or use the embedded model with --model local",
            )
        # Servers of one's own ask for no key, but the client insists on one.
        client["api_key"] = key or "none"
        if headers := _account():
            client["default_headers"] = headers
    elif settings.provider == "ollama":
        # It speaks OpenAI's protocol, asks for no key, and the client insists on one.
        base_url = base_url or ollama_url(os.environ) or f"http://localhost:{OLLAMA_PORT}/v1"
        client["api_key"] = "ollama"
    elif replay:
        client["api_key"] = "replay"
    if base_url:
        address, query = split_query(base_url)
        client["base_url"] = address
        if query:
            client["default_query"] = query
    return Endpoint(
        name=model_name(settings),
        where=settings.address or settings.name,
        model=settings.name,
        client=client,
        asking=first_asking(settings.name, base_url),
        options=settings.options,
        context_tokens=_context_tokens(settings),
        timeout=settings.timeout,
        connecting=settings.retry_policy.connecting,
        sends=not replay,
    )


def _account() -> dict[str, Any]:
    """The headers of variables that the client would send as they are, line breaks and all."""
    import openai

    names = {"OPENAI_ORG_ID": "OpenAI-Organization", "OPENAI_PROJECT_ID": "OpenAI-Project"}
    return {
        header: set_in(os.environ, name) or openai.Omit()
        for name, header in names.items()
        if os.environ.get(name, "") != set_in(os.environ, name) or os.environ.get(name) == ""
    }


def _context_tokens(settings: ModelSettings) -> int:
    """How much the model reads at once; Ollama cuts what is longer without a word."""
    port = urlsplit(settings.base_url).port if settings.base_url else None
    if settings.provider != "ollama" and port != OLLAMA_PORT:
        return HOSTED_CONTEXT_TOKENS
    told = set_in(os.environ, "OLLAMA_CONTEXT_LENGTH")
    return int(told) if told.isdigit() else OLLAMA_CONTEXT_TOKENS


# Providers whose chat completions take `response_format` with a JSON schema (instructor 1.17,
# handlers of OPENAI_JSON_SCHEMA_PROVIDERS, and Ollama, which constrains decoding with it).
_SCHEMA_PROVIDERS = frozenset(
    "openai ollama anyscale together databricks deepseek groq fireworks cerebras openrouter".split()
)


def is_asked_otherwise(settings: ModelSettings) -> bool:
    """Whether the provider is known not to take plain chat completions."""
    from instructor.auto_client import supported_providers

    provider = settings.provider
    return provider in supported_providers and provider not in _SCHEMA_PROVIDERS


def connect(endpoint: Endpoint, *, is_async: bool) -> Any:
    """A client that answers like instructor's and never sends anything twice: one place waits.

    Raises:
        ConfigurationError: instructor does not know the provider, or its package or key is missing.
    """
    import instructor
    import openai
    from instructor.auto_client import supported_providers

    # Its log lines repeat what our errors say, with a traceback.
    logging.getLogger("instructor").setLevel(logging.CRITICAL)
    provider, _, model = endpoint.model.partition("/")
    if provider not in supported_providers:
        raise ConfigurationError(
            f"{endpoint.model!r}: no provider is called {provider!r}",
            hint=f"write openai/{endpoint.model} for a model behind --base-url, or one of "
            f"{', '.join(sorted(supported_providers))} before the slash",
        )
    mode = instructor.Mode.JSON_SCHEMA if provider in _SCHEMA_PROVIDERS else None
    build: Any = instructor.from_provider
    given = dict(endpoint.client)
    named = endpoint.model
    if provider in {"openai", "ollama"}:
        named = f"openai/{model}"
        # Else the client would look for OPENAI_BASE_URL by itself, also where that is empty.
        given.setdefault("base_url", OPENAI_URL)
        given["http_client"] = http_client(endpoint.url, is_async=is_async, sends=endpoint.sends)
    try:
        client = build(named, async_client=is_async, mode=mode, **given)
    except Exception as error:
        raise ConfigurationError(
            f"{endpoint.name} cannot be set up: {one_line(str(error))}",
            hint="set what is missing, or name another model with --model",
        ) from error
    inner = client.client
    if isinstance(inner, (openai.OpenAI, openai.AsyncOpenAI)):
        connecting = min(endpoint.timeout, endpoint.connecting)
        inner.timeout = openai.Timeout(endpoint.timeout, connect=connecting)
        inner.max_retries = 0
    elif hasattr(inner, "max_retries"):
        inner.max_retries = 0
        inner.timeout = endpoint.timeout
    return prepared(client, model)
