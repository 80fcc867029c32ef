"""Asks a model: sends a question until it is answered or cannot be.

Temporary failures are retried; a refused key, a refusal of the model and a cut-off answer are not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from threading import Lock
from typing import Any, TypeVar

from pydantic import BaseModel

from summarize.errors import (
    ConfigurationError,
    MissingResultError,
    RequestError,
    SummarizeError,
)
from summarize.models.conversation import Message, Meter, Question, Reply, cost
from summarize.models.endpoints import find_endpoint
from summarize.models.error_mapping import (
    OtherStyleError,
    map_error,
    message_of_error,
    one_line,
)
from summarize.models.model_settings import ModelSettings
from summarize.models.rate_limiter import RateLimiter, RetryPolicy, aretrying, retrying
from summarize.models.request_style import RequestStyle, first_style
from summarize.models.responses import as_json, read_reply
from summarize.progress import Progress, ProgressCallback, silent
from summarize.prompting.draft import NO_MEETING
from summarize.schema import Usage

__all__ = ["BatchFileModel", "Model", "probe"]

A = TypeVar("A", bound=BaseModel)

# Not `chat.completions.create`: it goes through all that is sent to rename what needs no renaming,
# in three times the processor time of the request itself.
_PATH = "/chat/completions"
# Characters of an endpoint's message that are searched for what it refuses.
_MAX_REFUSAL = 2_000
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
        name: for the provenance.
        context_tokens: how many tokens the model reads at once, prompt and answer together.
        style: that the next request is made in.

    Raises:
        SummarizeError: the model cannot be had.
    """

    _is_batch = False

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
        self.name = self._endpoint.name
        self.context_tokens = self._endpoint.context_tokens
        self.style = self._endpoint.style
        self._style_works = False
        # One client for all threads, under None; and one for each event loop.
        self._clients: dict[asyncio.AbstractEventLoop | None, Any] = {}
        self._connecting = Lock()

    def prepare(self, beginning: Sequence[Message]) -> None:
        """Has the embedded model read what all prompts begin with, before the first question."""
        if server := self._endpoint.server:
            messages = [{"role": m.role, "content": m.content} for m in beginning]
            server.prepare(messages, self._report)

    def activity(self) -> Progress | None:
        """Returns what the embedded model does right now; None if it is idle, or another model."""
        return self._endpoint.server.activity() if self._endpoint.server else None

    def priced(self, usage: Usage) -> Usage:
        """Returns a usage with its cost in US dollars, where the price is known."""
        is_priced = self._endpoint.is_providers_own
        price = cost(self.name, usage, is_batch=self._is_batch) if is_priced else None
        return usage.model_copy(update={"cost_usd": price})

    def ask(self, question: Question[A], meter: Meter) -> Reply[A]:
        """Sends a question until it is answered; raises a `SummarizeError` where it cannot be."""
        client = self.client()

        def once() -> Reply[A]:
            with self._attempt(question, meter) as body:
                response = client.post(_PATH, cast_to=object, body=body)
                return self._reply(response, question, meter)

        return retrying(self._retry_policy, self._report)(once)

    async def aask(self, question: Question[A], meter: Meter) -> Reply[A]:
        """As `ask`, for asyncio, and within the rate limits of the run."""
        client, limiter = self.client(asyncio.get_running_loop()), self._limiter

        async def once() -> Reply[A]:
            async with limiter.turn(question.characters, meter) if limiter else nullcontext():
                with self._attempt(question, meter) as body:
                    response = await client.post(_PATH, cast_to=object, body=body)
                    return self._reply(response, question, meter)

        return await aretrying(self._retry_policy, self._report, limiter)(once)

    def client(self, loop: asyncio.AbstractEventLoop | None = None) -> Any:
        """Returns openai's client of an event loop, or of all threads."""
        with self._connecting:
            if loop not in self._clients:
                for other in [key for key in self._clients if key and key.is_closed()]:
                    del self._clients[other]
                self._clients[loop] = self._connect(is_async=loop is not None)
            return self._clients[loop]

    def close(self) -> None:
        """Closes the connections that threads opened; asking again opens new ones."""
        with self._connecting:
            client = self._clients.pop(None, None)
        if client:
            client.close()

    async def aopen(self) -> None:
        """Makes the client of the running event loop, which the first request would make."""
        self.client(asyncio.get_running_loop())

    async def aclose(self) -> None:
        """Closes the connections of the running event loop: nobody can once it has ended."""
        with self._connecting:
            client = self._clients.pop(asyncio.get_running_loop(), None)
        if client:
            await client.close()

    def _connect(self, *, is_async: bool) -> Any:
        return self._endpoint.client(is_async=is_async)

    @contextmanager
    def _attempt(self, question: Question[Any], meter: Meter) -> Iterator[dict[str, Any]]:
        """One request, by its body: counts it, and maps what goes wrong to one of our errors."""
        style, options = self.style, self.settings.options
        meter.attempts += 1
        try:
            yield style.body(self._endpoint.model, question.messages, question.answer, options)
        except Exception as error:  # every library raises its own
            mapped = map_error(error, self.name, self._endpoint.where, self.settings.timeout)
            mapped = self._adapted(mapped, error, style)
            mapped.attempts = meter.attempts
            if mapped is error:
                raise
            raise mapped from error

    def _reply(self, response: Any, question: Question[A], meter: Meter) -> Reply[A]:
        """The reply in a response, whose tokens are counted."""
        response = as_json(response)
        read, written = meter.prompt_tokens, meter.completion_tokens
        meter.count(response)
        read, written = meter.prompt_tokens - read, meter.completion_tokens - written
        reply = read_reply(response, question.answer, self._endpoint.where, written)
        self._style_works = True
        self._check_context(question.characters, read)
        return reply

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

    def _adapted(self, error: SummarizeError, cause: Any, style: RequestStyle) -> SummarizeError:
        """An error, or the news that the next request is made in another style."""
        if not isinstance(error, RequestError) or not hasattr(cause, "status_code"):
            return error
        words = f"{cause.param or ''} {message_of_error(cause, _MAX_REFUSAL)}".strip()
        lower = style.after_refusal(error, words, has_worked=self._style_works)
        is_refusal = bool(lower) or type(error) is RequestError
        if is_refusal and style != self.style:
            return OtherStyleError("asked in another style meanwhile")
        if lower:
            self.style = lower
            note = f"asked with {lower} from now on ({one_line(words)})"
            self._report(Progress("adapting", note=note))
            return OtherStyleError(note)
        if is_refusal and not self._style_works:
            # No style was taken, so the reason is another one: back to the best.
            self.style, self._style_works = self._endpoint.style, True
        return error


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


class BatchFileModel(Model):
    """A model that is asked through batch files: requests end at a function instead of a network.

    The client is the one that asks an endpoint, with another transport below it. So a request is to
    the byte what would be sent, and an answer is read, counted and, where it is an error, reported
    as one that came over the network.

    Args:
        settings: which model. Neither its server nor a key is needed.
        answering: called with the body of each request. Returns the status and the body of the
            answer, or raises a `MissingResultError`.

    Raises:
        ConfigurationError: no file of requests can be made for such a model.
    """

    _is_batch = True

    def __init__(
        self, settings: ModelSettings, answering: Callable[[bytes], tuple[int, bytes]]
    ) -> None:
        if settings.is_local:
            raise ConfigurationError(
                "the embedded model takes no files of requests: it runs in this process, and "
                "summarize batch asks it at once",
                hint="name the model that is to read them, such as --model openai/gpt-5.4-mini, or "
                "openai/NAME for the NAME that vllm run-batch is given",
            )
        # As in a replay: a file gives the same request the same answer, however long one waits.
        super().__init__(settings, replay=True)
        # A file is for whoever runs the model: its name alone says how it is asked.
        self._endpoint = replace(self._endpoint, style=first_style(settings.name))
        self._answering = answering
        # Settings that cannot work are reported before anything is written.
        self.client()

    def prepare(self, beginning: Sequence[Message]) -> None:  # noqa: ARG002  as of a Model
        """Forgets what the article before has shown: requests depend on their article alone."""
        self.style, self._style_works = self._endpoint.style, False

    def ask(self, question: Question[A], meter: Meter) -> Reply[A]:
        """As of a Model; what has no answer yet (`MissingResultError`) counts as no attempt."""
        before = meter.attempts
        try:
            return super().ask(question, meter)
        except MissingResultError as error:
            meter.attempts -= 1
            error.attempts = meter.attempts
            error.is_further = meter.attempts > before
            raise
        except RequestError as error:
            if error.retryable or error.fatal:
                # Nothing that is done here changes what is in the file.
                error.hint = "summarize requests --done OUT --retry-failed writes it anew"
            raise

    def _connect(self, *, is_async: bool) -> Any:
        import httpx2
        import openai

        answering = self._answering

        class Transport(httpx2.BaseTransport):
            def handle_request(self, request: httpx2.Request) -> httpx2.Response:
                status, body = answering(request.read())
                headers = {"content-type": "application/json"}
                return httpx2.Response(status, headers=headers, content=body, request=request)

        http = openai.DefaultHttpxClient(transport=Transport(), trust_env=False)
        return self._endpoint.client(is_async=is_async, http=http)
