"""Asking a model.

A question is sent until it is answered or cannot be: passing faults are waited out with exponential
backoff and jitter, at the pace the endpoint asks for; a refused key, a refusal of the model and a
cut-off answer are not tried again.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from summarize.errors import ContextLengthError, EndpointError, RequestError, SummarizeError
from summarize.models.answers import read_record, texts_of
from summarize.models.client import Prepared
from summarize.models.contexts import context_told
from summarize.models.conversation import (
    Message,
    Meter,
    Question,
    Reply,
    first_choice,
    unfolded,
    written,
)
from summarize.models.endpoints import activity, connect, find_endpoint, prepare
from summarize.models.error_mapping import (
    OtherwiseError,
    Request,
    failed_generation,
    refusal_words,
    translate,
)
from summarize.models.model_settings import ModelSettings, RetryPolicy
from summarize.models.prices import cost
from summarize.models.rate_limiter import RateLimiter
from summarize.models.request_style import Asking, Ladder
from summarize.models.retries import retries, with_retries
from summarize.progress import Progress, ProgressCallback, silent
from summarize.schema import Usage

if TYPE_CHECKING:
    from instructor.core.hooks import Hooks

__all__ = ["Model"]

A = TypeVar("A", bound=BaseModel)


class Model:
    """A model that can be asked, from threads and from tasks.

    Args:
        settings: which model, how it is reached, and how with_retries.
        replay: nothing will be sent, so no server and no key are needed.
        report: told about loading, and about waiting for the endpoint.
        limiter: that `aask` keeps to; None for as many requests as are asked for.

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
        self._replay = replay
        self._report = report
        self._limiter = limiter
        # A recording gives the same request the same answer, however long one waits.
        self._is_cut_told = False
        self._retry_policy = RetryPolicy(attempts=1) if replay else settings.retry_policy
        self._endpoint = find_endpoint(settings, replay=replay, report=report)
        self.ladder = Ladder(self._endpoint.asking)
        # One client for all threads, under None; and one for each event loop.
        self._clients: dict[AbstractEventLoop | None, Any] = {}
        self._connecting = Lock()

    def prepare(self, beginning: Sequence[Message]) -> None:
        """Lets the embedded model read what all prompts begin with, before the first question."""
        if not self._replay:
            prepare(self.settings, beginning, self._report)

    def activity(self) -> Progress | None:
        """What the embedded model is doing right now; None if idle, or if it is elsewhere."""
        return None if self._replay else activity(self.settings)

    @property
    def name(self) -> str:
        """For the provenance."""
        return self._endpoint.name

    @property
    def context_tokens(self) -> int:
        """How many tokens the model reads at once, prompt and answer together."""
        return self._endpoint.context_tokens

    @property
    def asked(self) -> str:
        """How requests are made now, for the user."""
        if isinstance(self._client(None), Prepared):
            return str(self.ladder.now)
        return f"the client of {self.settings.provider} in its own way"

    def told_context(self) -> int | None:
        """How many tokens the model reads at once by the endpoint's word; None where it is mum."""
        client = self._client(None)
        return context_told(client) if isinstance(client, Prepared) else None

    def priced(self, usage: Usage) -> Usage:
        """A usage with what it cost in US dollars, where the price is known."""
        price = cost(self.name, self._endpoint.client.get("base_url"), usage)
        return usage.model_copy(update={"cost_usd": price})

    def ask(self, question: Question[A], meter: Meter) -> Reply[A]:
        """Sends a question until it is answered or cannot be.

        Raises:
            SummarizeError: why there is no answer.
        """
        from tenacity import Retrying

        client = self._client(None)
        for attempt in Retrying(**retries(self._retry_policy, self._report)):
            with attempt, self._exchange(question, meter) as exchange:
                exchange.value = client.create(**exchange.arguments(client, self._endpoint.options))
        return exchange.reply

    async def aask(self, question: Question[A], meter: Meter) -> Reply[A]:
        """As `ask`, for asyncio."""
        return await with_retries(
            partial(self.asend, question, meter),
            question.characters,
            meter,
            retry_policy=self._retry_policy,
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
        with self._exchange(question, meter) as exchange:
            arguments = exchange.arguments(client, self._endpoint.options)
            exchange.value = await client.create(**arguments)
        return exchange.reply

    def close(self) -> None:
        """Closes the connections that threads opened; asking again opens new ones."""
        with self._connecting:
            client = self._clients.pop(None, None)
        if close := getattr(client and client.client, "close", None):
            close()

    async def aopen(self) -> None:
        """Makes the client of the running event loop, which the first request would make."""
        import asyncio

        self._client(asyncio.get_running_loop())

    async def aclose(self) -> None:
        """Closes the connections of the running event loop: nobody can once it has ended."""
        import asyncio

        with self._connecting:
            client = self._clients.pop(asyncio.get_running_loop(), None)
        if close := getattr(client and client.client, "close", None):
            await close()

    def _client(self, loop: AbstractEventLoop | None) -> Any:
        """An instructor client; an asynchronous one belongs to the loop it was made in."""
        with self._connecting:
            if loop not in self._clients:
                for other in [key for key in self._clients if key and key.is_closed()]:
                    del self._clients[other]
                self._clients[loop] = self._connect(is_async=loop is not None)
            return self._clients[loop]

    def _connect(self, *, is_async: bool) -> Any:
        return connect(self._endpoint, is_async=is_async)

    @contextmanager
    def _exchange(self, question: Question[A], meter: Meter) -> Iterator[_Exchange[A]]:
        """One request: counts it, and turns whatever goes wrong into one of our errors."""
        exchange = _Exchange(question, self.ladder.now, meter)
        meter.attempts += 1
        already, read_before = meter.completion_tokens, meter.prompt_tokens
        try:
            yield exchange
            self.ladder.answered()
            self._check_reading(question.characters, meter.prompt_tokens - read_before)
        except Exception as error:  # every library raises its own; all are translated
            if exchange.read(failed_generation(error)):
                self.ladder.answered()
                return
            request = Request(
                model=self.name,
                where=self._endpoint.where,
                timeout=self.settings.timeout,
                response=exchange.response,
                attempts=meter.attempts,
                tokens=meter.completion_tokens - already,
            )
            raise self._adapted(translate(error, request), error, exchange.asking) from error

    def _check_reading(self, characters: int, tokens: int) -> None:
        """Says once where an endpoint has cut what it was sent, without a word."""
        if self._is_cut_told or tokens < _LEAST_CONTEXT or characters < _MOST_PER_TOKEN * tokens:
            return
        self._is_cut_told = True
        note = (
            f"{self._endpoint.where} has read only {tokens:,} tokens of {characters:,} characters: "
            "give it a larger context (OLLAMA_CONTEXT_LENGTH), or the end of long articles is lost"
        )
        self._report(Progress("adapting", note=note))

    def _adapted(self, error: SummarizeError, cause: Exception, asking: Asking) -> SummarizeError:
        """An error, or the news that the next request is made in another way."""
        words = refusal_words(cause)
        if not words:
            return error
        if isinstance(error, ContextLengthError):
            change = self.ladder.too_long(asking, words)
        elif type(error) in {RequestError, EndpointError}:
            # Some servers stumble over what they cannot do: "failed to compile grammar".
            failed = isinstance(error, EndpointError)
            change = self.ladder.refused(asking, words, is_failure=failed)
        else:
            return error
        if change is None:
            return error
        if change:
            self._report(Progress("adapting", note=change))
        return OtherwiseError(change, attempts=error.attempts)


# Characters in a token, taken high: English has four to five, and no tokenizer nine.
_MOST_PER_TOKEN = 9
# Tokens. No server has a smaller context; fewer are those of an endpoint that does not count.
_LEAST_CONTEXT = 1_000


@dataclass
class _Exchange(Generic[A]):
    """One request and what came back."""

    question: Question[A]
    asking: Asking
    meter: Meter
    response: Any = None
    value: A | None = None
    # Whether the answer had to be looked for in what came.
    is_found: bool = False

    def arguments(self, client: Any, options: Mapping[str, Any]) -> dict[str, Any]:
        """What instructor's `create` is called with: one attempt, its own retries off."""
        # Providers with clients of their own have forms and limits of their own, too.
        temperature = {k: v for k, v in self.asking.sampling.items() if k == "temperature"}
        asked = (
            {"asking": self.asking, "options": options}
            if isinstance(client, Prepared)
            else {**temperature, **options}
        )
        return {
            "messages": [{"role": m.role, "content": m.content} for m in self.question.messages],
            "response_model": self.question.answer,
            "max_retries": 0,
            "hooks": self._hooks(),
            **asked,
        }

    def _hooks(self) -> Hooks:
        """Sees every response, also those that instructor goes on to reject."""
        from instructor.core.hooks import Hooks

        hooks = Hooks()
        hooks.on("completion:response", self._received)
        return hooks

    def _received(self, response: object) -> None:
        self.response = response = unfolded(response)
        self.meter.count(response)

    def read(self, failed: str = "") -> bool:
        """Whether what came holds the record after all, though no library has found it.

        Args:
            failed: what an endpoint showed as the reason for an error.
        """
        choice = first_choice(self.response)
        message = getattr(choice, "message", None) or self.response
        finished = getattr(choice, "finish_reason", None) or getattr(message, "stop_reason", None)
        if getattr(message, "refusal", None) or finished == "content_filter":
            return False
        try:
            self.value = read_record(
                [failed] if failed else texts_of(message),
                self.question.answer,
                is_cut_off=finished in {"length", "max_tokens"},
            )
        except ValueError:
            return False
        self.is_found = True
        return True

    @property
    def reply(self) -> Reply[A]:
        """The answer; its text as written, or the record alone where it stood among other text."""
        if self.value is None:
            raise ValueError("no reply yet")
        if self.is_found:
            return Reply(self.value, self.value.model_dump_json())
        # instructor derives a class of its own from the one that was asked for.
        value = self.question.answer.model_validate(self.value.model_dump())
        return Reply(value, written(self.response) or self.value.model_dump_json())
