"""Asks a model: sends a question until it is answered or cannot be.

Temporary failures are retried with exponential backoff and jitter, no faster than the endpoint
allows; a refused key, a refusal of the model and a cut-off answer are not.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from summarize.errors import RequestError, SummarizeError
from summarize.models.client import ChatClient, ProviderClient, connect
from summarize.models.conversation import Message, Meter, Question, Reply
from summarize.models.endpoints import find_endpoint
from summarize.models.error_mapping import (
    OtherStyleError,
    failed_generation,
    map_error,
    refusal_words,
)
from summarize.models.model_settings import ModelSettings, RetryPolicy
from summarize.models.prices import cost
from summarize.models.rate_limiter import RateLimiter
from summarize.models.replies import read_reply, reply_in_text
from summarize.models.request_style import RequestStyle, StyleFallback
from summarize.models.retries import retry, retry_async
from summarize.progress import Progress, ProgressCallback, silent
from summarize.schema import Usage

__all__ = ["Model"]

A = TypeVar("A", bound=BaseModel)

# Characters in a token, taken high: English has four to five, and no tokenizer nine.
_MAX_CHARACTERS_PER_TOKEN = 9
# Tokens. No server has a smaller context; fewer are those of an endpoint that does not count.
_MIN_CONTEXT = 1_000


class Model:
    """A model that threads and tasks may ask.

    Args:
        settings: which model, and how it is reached.
        replay: nothing will be sent, so no server and no key are needed.
        report: called when the model is loaded, and when the endpoint is waited for.
        limiter: that `aask` keeps to; None for no limit.

    Attributes:
        fallback: the style that requests are made in.

    Raises:
        SummarizeError: the model cannot be had.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        replay: bool = False,
        report: ProgressCallback = silent,
        limiter: RateLimiter | None = None,
    ) -> None:
        self.settings = settings
        self._report = report
        self._limiter = limiter
        self._has_warned = False
        # A recording gives the same request the same answer, however long one waits.
        self._retry_policy = RetryPolicy(attempts=1) if replay else settings.retry_policy
        self._endpoint = find_endpoint(settings, replay=replay, report=report)
        self.fallback = StyleFallback(self._endpoint.style)
        # One client for all threads, under None; and one for each event loop.
        self._clients: dict[AbstractEventLoop | None, ChatClient | ProviderClient] = {}
        self._connecting = Lock()

    def prepare(self, beginning: Sequence[Message]) -> None:
        """Has the embedded model read what all prompts begin with, before the first question."""
        if server := self._endpoint.server:
            messages = [{"role": m.role, "content": m.content} for m in beginning]
            server.prepare(messages, self._report)

    def activity(self) -> Progress | None:
        """Returns what the embedded model does right now; None if it is idle, or another model."""
        return self._endpoint.server.activity() if self._endpoint.server else None

    @property
    def name(self) -> str:
        """The name, for the provenance."""
        return self._endpoint.name

    @property
    def context_tokens(self) -> int:
        """How many tokens the model reads at once, prompt and answer together."""
        return self._endpoint.context_tokens

    def reported_context(self) -> int | None:
        """Returns the context in tokens as the endpoint reports it; None if it does not."""
        client = self._client(None)
        return client.context_tokens() if isinstance(client, ChatClient) else None

    def priced(self, usage: Usage) -> Usage:
        """Returns a usage with its cost in US dollars, where the price is known."""
        price = cost(self.name, usage) if self._endpoint.is_providers_own else None
        return usage.model_copy(update={"cost_usd": price})

    def ask(self, question: Question[A], meter: Meter) -> Reply[A]:
        """Sends a question until it is answered or cannot be.

        Raises:
            SummarizeError: why there is no answer.
        """
        client, options = self._client(None), self.settings.options

        def send() -> Reply[A]:
            with self._request(question, meter) as request:
                request.read(client.send(question, request.style, options))
            return request.reply

        return retry(send, self._retry_policy, self._report)

    async def aask(self, question: Question[A], meter: Meter) -> Reply[A]:
        """As `ask`, for asyncio, and within the rate limits of the run."""
        return await retry_async(
            partial(self.asend, question, meter),
            question.characters,
            meter,
            policy=self._retry_policy,
            report=self._report,
            limiter=self._limiter,
        )

    async def asend(self, question: Question[A], meter: Meter) -> Reply[A]:
        """Sends a question once, for asyncio.

        Raises:
            SummarizeError: why there is no answer.
        """
        import asyncio

        client = self._client(asyncio.get_running_loop())
        with self._request(question, meter) as request:
            request.read(await client.send(question, request.style, self.settings.options))
        return request.reply

    def close(self) -> None:
        """Closes the connections that threads opened; asking again opens new ones."""
        with self._connecting:
            client = self._clients.pop(None, None)
        if client:
            client.close()

    async def aopen(self) -> None:
        """Makes the client of the running event loop, which the first request would make."""
        import asyncio

        self._client(asyncio.get_running_loop())

    async def aclose(self) -> None:
        """Closes the connections of the running event loop: nobody can once it has ended."""
        import asyncio

        with self._connecting:
            client = self._clients.pop(asyncio.get_running_loop(), None)
        if client and (closing := client.close()):
            await closing

    def _client(self, loop: AbstractEventLoop | None) -> ChatClient | ProviderClient:
        """The client of an event loop, or of all threads."""
        with self._connecting:
            if loop not in self._clients:
                for other in [key for key in self._clients if key and key.is_closed()]:
                    del self._clients[other]
                self._clients[loop] = self._connect(is_async=loop is not None)
            return self._clients[loop]

    def _connect(self, *, is_async: bool) -> ChatClient | ProviderClient:
        return connect(self._endpoint, is_async=is_async)

    @contextmanager
    def _request(self, question: Question[A], meter: Meter) -> Iterator[_Request[A]]:
        """One request: counts it, and maps whatever goes wrong to one of our errors."""
        where = self._endpoint.where
        request = _Request(question.answer, self.fallback.style, meter, where)
        meter.attempts += 1
        read_before = meter.prompt_tokens
        try:
            yield request
            self.fallback.succeeded()
            self._check_context(question.characters, meter.prompt_tokens - read_before)
        except Exception as error:  # every library raises its own
            if request.read_generation(error):
                self.fallback.succeeded()
                return
            mapped = map_error(error, self.name, where, self.settings.timeout)
            mapped = self._adapted(mapped, error, request.style)
            mapped.attempts = meter.attempts
            if mapped is error:
                raise
            raise mapped from error

    def _check_context(self, characters: int, tokens: int) -> None:
        """Warns once if the endpoint silently cuts what it is sent."""
        is_whole = characters < _MAX_CHARACTERS_PER_TOKEN * tokens
        if self._has_warned or tokens < _MIN_CONTEXT or is_whole:
            return
        self._has_warned = True
        note = (
            f"{self._endpoint.where} has read only {tokens:,} tokens of {characters:,} characters: "
            "give it a larger context (OLLAMA_CONTEXT_LENGTH), or the end of long articles is lost"
        )
        self._report(Progress("adapting", note=note))

    def _adapted(
        self, error: SummarizeError, cause: Exception, style: RequestStyle
    ) -> SummarizeError:
        """An error, or the news that the next request is made in another style."""
        words = refusal_words(cause)
        if not words or not isinstance(error, RequestError):
            return error
        change = self.fallback.refused(style, error, words)
        if change is None:
            return error
        if change:
            self._report(Progress("adapting", note=change))
        return OtherStyleError(change or "asked in another style meanwhile")


@dataclass
class _Request(Generic[A]):
    """One request, and its reply once there is one."""

    schema: type[A]
    style: RequestStyle
    meter: Meter
    where: str
    reply: Reply[A] = field(init=False)

    def read(self, response: Any) -> None:
        """Takes the reply out of a response, and counts its tokens."""
        before = self.meter.completion_tokens
        self.meter.count(response)
        tokens = self.meter.completion_tokens - before
        self.reply = read_reply(response, self.schema, self.where, tokens)

    def read_generation(self, error: Exception) -> bool:
        """Whether the endpoint's error shows an answer that is readable after all."""
        try:
            self.reply = reply_in_text([failed_generation(error)], self.schema)
        except ValueError:
            return False
        return True
