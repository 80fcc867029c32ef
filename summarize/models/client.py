"""Clients that send a question once, and return the response as parsed JSON."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any, TypeVar

from summarize.errors import ConfigurationError
from summarize.models.conversation import Question
from summarize.models.endpoints import Endpoint
from summarize.models.error_details import one_line
from summarize.models.network import env_value, http_client
from summarize.models.request_style import RequestStyle
from summarize.models.responses import as_json

__all__ = ["ChatClient", "ProviderClient", "connect", "openai_client"]

T = TypeVar("T")

_ACCOUNT_HEADERS = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
# Seconds: a list of models that takes longer is not worth the wait.
_LIST_TIMEOUT = 10.0
# What vLLM and SGLang, llama.cpp (what it was started with before what the model could do), Groq,
# OpenRouter and Together, Mistral, LM Studio call the context.
_CONTEXT_KEYS = (
    "max_model_len",
    "n_ctx",
    "loaded_context_length",
    "context_window",
    "context_length",
    "max_context_length",
    "n_ctx_train",
)


def connect(endpoint: Endpoint, *, is_async: bool) -> ChatClient | ProviderClient:
    """Returns the client for an endpoint; it never sends anything twice.

    Raises:
        ConfigurationError: a package or a key is missing, or the network settings are wrong.
    """
    kind = ChatClient if endpoint.key else ProviderClient
    return kind(endpoint, is_async=is_async)


def openai_client(endpoint: Endpoint, *, is_async: bool) -> Any:
    """Returns openai's client for an endpoint, without retries of its own."""
    import openai

    settings = endpoint.settings
    connecting = min(settings.timeout, settings.retry_policy.connecting)
    # The client would send variables as they are, line breaks and all.
    account: dict[str, Any] = {
        header: env_value(os.environ, variable) or openai.Omit()
        for header, variable in _ACCOUNT_HEADERS.items()
    }
    kind = openai.AsyncOpenAI if is_async else openai.OpenAI
    return kind(
        base_url=endpoint.url,
        api_key=endpoint.key,
        default_query=dict(endpoint.query),
        default_headers=account,
        http_client=http_client(endpoint.url, is_async=is_async, sends=endpoint.sends),
        timeout=openai.Timeout(settings.timeout, connect=connecting),
        max_retries=0,
    )


class ChatClient:
    """Sends chat completions to an endpoint of OpenAI's protocol."""

    def __init__(self, endpoint: Endpoint, *, is_async: bool) -> None:
        self.openai = openai_client(endpoint, is_async=is_async)
        self._model = endpoint.model

    def send(self, question: Question[Any], style: RequestStyle, options: Mapping[str, Any]) -> Any:
        """Returns the response; awaitable, if the client is asynchronous.

        Raises:
            Exception: openai's own.
        """
        body = style.body(self._model, question.messages, question.answer, options)
        # Not `chat.completions.create`: it goes through all that is sent to rename what needs no
        # renaming, in three times the processor time of the request itself.
        sent = self.openai.post("/chat/completions", cast_to=object, body=body)
        return _mapped(as_json, sent)

    def close(self) -> Any:
        """Closes the connections; awaitable, if the client is asynchronous."""
        return self.openai.close()

    def context_tokens(self) -> int | None:
        """Returns the model's context by the server's list of models; None if it does not say."""
        try:
            listed = self.openai.with_options(timeout=_LIST_TIMEOUT).models.list().data
            models = [as_json(model) for model in listed]
        except Exception:  # noqa: BLE001  many servers have no such list, or another one
            return None
        # Servers of one model take any name for it.
        known = [model for model in models if len(models) == 1 or model.get("id") == self._model]
        parts = [part for model in known for part in (model, *model.values()) if type(part) is dict]
        sizes = (part.get(key) for key in _CONTEXT_KEYS for part in parts)
        return next((size for size in sizes if type(size) is int and size > 0), None)


class ProviderClient:
    """Asks a provider of another protocol through instructor, in the provider's own way."""

    def __init__(self, endpoint: Endpoint, *, is_async: bool) -> None:
        import instructor

        # Its log lines repeat what our errors say, with a traceback.
        logging.getLogger("instructor").setLevel(logging.CRITICAL)
        build: Any = instructor.from_provider
        given = {"base_url": endpoint.url} if endpoint.url else {}
        if not endpoint.sends:
            given["api_key"] = "replay"
        try:
            self._client = build(endpoint.name, async_client=is_async, **given)
        except Exception as error:
            raise ConfigurationError(
                f"{endpoint.name} cannot be set up: {one_line(str(error))}",
                hint="set what is missing, or name another model with --model",
            ) from error
        inner = self._client.client
        if hasattr(inner, "max_retries"):
            inner.max_retries = 0
            inner.timeout = endpoint.settings.timeout

    def send(self, question: Question[Any], style: RequestStyle, options: Mapping[str, Any]) -> Any:
        """Returns the response, with the record that instructor read in it as its content.

        Raises:
            Exception: instructor's, around the provider's own.
        """
        # These providers have limits of their own, but a temperature by the same name.
        temperature = {k: v for k, v in style.sampling.items() if k == "temperature"}
        sent = self._client.create_with_completion(
            messages=[{"role": m.role, "content": m.content} for m in question.messages],
            response_model=question.answer,
            max_retries=0,
            **{**temperature, **options},
        )
        return _mapped(_with_record, sent)

    def close(self) -> Any:
        """Closes the connections; awaitable, if the client is asynchronous."""
        close = getattr(self._client.client, "close", None)
        return close() if close else None


def _with_record(answered: tuple[Any, Any]) -> dict[str, Any]:
    record, response = answered
    usage = as_json(getattr(response, "usage", None))
    message = {"content": record.model_dump_json()}
    return {"choices": [{"message": message}], "usage": usage}


def _mapped(function: Callable[[Any], T], value: Any) -> Any:
    """The function of a value, or of what an awaitable gives."""
    return _later(function, value) if isawaitable(value) else function(value)


async def _later(function: Callable[[Any], T], value: Awaitable[Any]) -> T:
    return function(await value)
