"""Asking a model: "provider/model" becomes a client that answers questions.

A question is sent until it is answered or cannot be: passing faults are waited out with exponential
backoff and jitter, at the pace the endpoint asks for; a refused key, a refusal of the model and a
cut-off answer are not tried again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from summarize.errors import ConfigurationError, SummarizeError
from summarize.models.conversation import Meter, Question, Reply
from summarize.models.faults import (
    DroppedParameterError,
    Request,
    UnreachableError,
    one_line,
    translate,
)
from summarize.models.settings import ModelSettings
from summarize.progress import Progress, ProgressCallback, silent

if TYPE_CHECKING:
    from instructor.core.hooks import Hooks
    from tenacity import RetryCallState

    from summarize.local import LocalServer

__all__ = ["Model"]

A = TypeVar("A", bound=BaseModel)

# Requests for one question. With waits of 1, 2, 4, 8 and 16 seconds, half a minute of trouble
# passes.
MAX_ATTEMPTS = 6
# A refused connection seldom mends itself: three tries bridge a restart.
MAX_CONNECTION_ATTEMPTS = 3
# Seconds. A longer Retry-After is the endpoint's way of saying no.
MAX_RETRY_AFTER = 600.0
# Every current hosted model reads at least this much; a longer article is read in windows.
HOSTED_CONTEXT_TOKENS = 100_000


@dataclass(frozen=True)
class _Endpoint:
    """Where a model is spoken to.

    Attributes:
        name: for the provenance.
        client: what instructor's `from_provider` is called with.
        sampling: what goes with each request.
        context_tokens: how much the model reads at once.
    """

    name: str
    model: str
    client: Mapping[str, Any]
    sampling: Mapping[str, Any]
    context_tokens: int


class Model:
    """A model that can be asked, from threads and from tasks.

    Args:
        settings: which model, and how it is reached.
        replay: nothing will be sent, so no server and no key are needed.
        report: told about loading, and about waiting for the endpoint.

    Raises:
        SummarizeError: the model cannot be had.
    """

    def __init__(
        self, settings: ModelSettings, *, replay: bool = False, report: ProgressCallback = silent
    ) -> None:
        self.settings = settings
        self._replay = replay
        self._report = report
        place = _local(settings, replay, report) if settings.is_local else _hosted(settings, replay)
        self._endpoint = place
        self._unsupported: set[str] = set()
        self._clients: dict[object, Any] = {}

    def activity(self) -> Progress | None:
        """What the embedded model is doing right now; None if idle, or if it is elsewhere."""
        server = _servers.get(self.settings.local_file) if self.settings.is_local else None
        return server.activity() if server and not self._replay else None

    @property
    def name(self) -> str:
        """For the provenance."""
        return self._endpoint.name

    @property
    def context_tokens(self) -> int:
        """How many tokens the model reads at once, prompt and answer together."""
        return self._endpoint.context_tokens

    def ask(self, question: Question[A], meter: Meter) -> Reply[A]:
        """Sends a question until it is answered or cannot be.

        Raises:
            SummarizeError: why there is no answer.
        """
        from tenacity import Retrying

        for attempt in Retrying(**self._retries()):
            with attempt, self._exchange(question, meter) as exchange:
                client = self._client(is_async=False)
                exchange.value = client.create(**exchange.arguments)
        return exchange.reply

    async def aask(self, question: Question[A], meter: Meter) -> Reply[A]:
        """As `ask`, for asyncio."""
        from tenacity import AsyncRetrying

        async for attempt in AsyncRetrying(**self._retries()):
            with attempt, self._exchange(question, meter) as exchange:
                client = self._client(is_async=True)
                exchange.value = await client.create(**exchange.arguments)
        return exchange.reply

    def _client(self, *, is_async: bool) -> Any:
        """An instructor client; an asynchronous one belongs to the loop it was made in."""
        import asyncio

        key = asyncio.get_running_loop() if is_async else None
        if key not in self._clients:
            self._clients[key] = _connect(self._endpoint, is_async=is_async)
        return self._clients[key]

    def _retries(self) -> dict[str, Any]:
        """What tenacity is called with; made anew for each question, since it keeps count."""
        from tenacity import retry_if_exception, stop_after_attempt, wait_exponential_jitter

        backoff = wait_exponential_jitter(initial=1, max=60, jitter=1)

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            if isinstance(error, DroppedParameterError):
                return 0.0
            asked = getattr(error, "retry_after", None)
            return max(float(asked), 0.0) if asked is not None else backoff(state)

        def stop(state: RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome else None
            asked = getattr(error, "retry_after", None) or 0.0
            unreachable = isinstance(error, UnreachableError)
            limit = MAX_CONNECTION_ATTEMPTS if unreachable else MAX_ATTEMPTS
            return asked > MAX_RETRY_AFTER or stop_after_attempt(limit)(state)

        def before_sleep(state: RetryCallState) -> None:
            seconds = state.next_action.sleep if state.next_action else 0.0
            error = state.outcome.exception() if state.outcome else None
            note = str(error.args[0]) if isinstance(error, SummarizeError) and error.args else ""
            if seconds:
                self._report(Progress("waiting", 0, seconds, "seconds", note))

        return {
            "retry": retry_if_exception(_is_passing),
            "wait": wait,
            "stop": stop,
            "before_sleep": before_sleep,
            "reraise": True,
        }

    @contextmanager
    def _exchange(self, question: Question[A], meter: Meter) -> Iterator[_Exchange[A]]:
        """One request: counts it, and turns whatever goes wrong into one of our errors."""
        sampling = {k: v for k, v in self._endpoint.sampling.items() if k not in self._unsupported}
        exchange = _Exchange(question, sampling, meter)
        meter.attempts += 1
        try:
            yield exchange
        except SummarizeError:
            raise
        except Exception as error:  # every library raises its own; all are translated
            translated = translate(error, self._request(exchange))
            if isinstance(translated, DroppedParameterError):
                self._unsupported.add(translated.parameter)
            raise translated from error

    def _request(self, exchange: _Exchange[Any]) -> Request:
        return Request(
            model=self.name,
            where=self.settings.base_url or self.name,
            timeout=self.settings.timeout,
            parameters=exchange.sampling.keys(),
            response=exchange.response,
            attempts=exchange.meter.attempts,
            tokens=exchange.meter.completion_tokens,
        )


@dataclass
class _Exchange(Generic[A]):
    """One request and what came back."""

    question: Question[A]
    sampling: Mapping[str, Any]
    meter: Meter
    response: Any = None
    value: A | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """What instructor's `create` is called with: one attempt, its own retries off."""
        return {
            "messages": [{"role": m.role, "content": m.content} for m in self.question.messages],
            "response_model": self.question.answer,
            "max_retries": 0,
            "hooks": self._hooks(),
            **self.sampling,
        }

    def _hooks(self) -> Hooks:
        """Sees every response, also those that instructor goes on to reject."""
        from instructor.core.hooks import Hooks

        hooks = Hooks()
        hooks.on("completion:response", self._received)
        return hooks

    def _received(self, response: object) -> None:
        self.response = response
        self.meter.count(response)

    @property
    def reply(self) -> Reply[A]:
        """The answer; its text as written, or as JSON where it came as a tool call."""
        if self.value is None:
            raise ValueError("no reply yet")
        choices = getattr(self.response, "choices", None)
        written = choices[0].message.content if choices else None
        return Reply(self.value, written or self.value.model_dump_json())


def _is_passing(error: BaseException) -> bool:
    """Whether waiting may help."""
    return isinstance(error, SummarizeError) and error.retryable


# Where a model is.


def _local(settings: ModelSettings, replay: bool, report: ProgressCallback) -> _Endpoint:
    """The embedded model's server, started unless nothing will be sent."""
    from summarize import local

    path = settings.local_file
    name = path.stem if path else local.MODEL_NAME
    if replay:
        address = {"base_url": "http://127.0.0.1/v1", "api_key": "replay"}
    else:
        server = _server(path, report)
        address = {"base_url": server.base_url, "api_key": server.api_key}
    return _Endpoint(
        name=f"local/{name}",
        model=f"openai/{name}",
        client={**address, **_patience(settings)},
        # Greedy decoding repeats itself from run to run. The longest record of the annotated
        # articles takes 600 tokens; a longer answer of this model is a loop.
        sampling={"temperature": 0.0, "max_tokens": 900},
        context_tokens=local.CONTEXT_TOKENS,
    )


_servers: dict[Path | None, LocalServer] = {}
_starting = Lock()


def _server(path: Path | None, report: ProgressCallback) -> LocalServer:
    """One server a process for the same weights: loading them takes seconds and a gigabyte."""
    from summarize import local

    with _starting:
        if path not in _servers:
            _servers[path] = local.start_server(path, report)
        return _servers[path]


def _hosted(settings: ModelSettings, replay: bool) -> _Endpoint:
    client: dict[str, Any] = dict(_patience(settings))
    base_url = settings.base_url
    if settings.provider == "openai":
        key = os.environ.get("OPENAI_API_KEY")
        base_url = base_url or os.environ.get("OPENAI_BASE_URL")
        if not key and not base_url and not replay:
            raise ConfigurationError(
                f"{settings.name} needs a key and OPENAI_API_KEY is not set",
                hint="set it, or use the embedded model with --model local",
            )
        # Servers of one's own ask for no key, but the client insists on one.
        client["api_key"] = key or "none"
    elif replay:
        client["api_key"] = "replay"
    if base_url:
        client["base_url"] = base_url
    return _Endpoint(
        name=settings.name,
        model=settings.name,
        client=client,
        sampling={"temperature": 0.0},
        context_tokens=HOSTED_CONTEXT_TOKENS,
    )


def _patience(settings: ModelSettings) -> dict[str, Any]:
    """The client's own retries are off: there is one place that waits, and it is here."""
    return {"timeout": settings.timeout, "max_retries": 0}


# Providers of instructor's that take an OpenAI client's settings and a JSON schema.
_OPENAI_LIKE = frozenset({"openai"})


def _connect(endpoint: _Endpoint, *, is_async: bool) -> Any:
    import instructor

    # Its log lines repeat what our errors say, with a traceback.
    logging.getLogger("instructor").setLevel(logging.CRITICAL)
    provider = endpoint.model.partition("/")[0]
    settings = dict(endpoint.client)
    if provider not in _OPENAI_LIKE:
        # Other builders know `base_url` and `api_key` at most.
        settings = {k: v for k, v in settings.items() if k in {"base_url", "api_key"}}
    mode = instructor.Mode.JSON_SCHEMA if provider in {*_OPENAI_LIKE, *_SCHEMA_PROVIDERS} else None
    try:
        connect: Any = instructor.from_provider
        client = connect(endpoint.model, async_client=is_async, mode=mode, **settings)
    except Exception as error:
        raise ConfigurationError(
            f"{endpoint.name}: {one_line(str(error))}",
            hint="see `summarize doctor`",
        ) from error
    if hasattr(client.client, "max_retries"):
        client.client.max_retries = 0
        client.client.timeout = endpoint.client["timeout"]
    return client


# Providers whose chat completions take `response_format` with a JSON schema (instructor 1.17,
# handlers of OPENAI_JSON_SCHEMA_PROVIDERS, and Ollama, which constrains decoding with it).
_SCHEMA_PROVIDERS = frozenset(
    "ollama anyscale together databricks deepseek groq fireworks cerebras openrouter".split()
)
