"""A model that is asked and answers through files: each request ends at a function of ours.

The client is the one that asks an endpoint, with another transport below it. So a request is to the
byte what would have been sent, and an answer is read, counted and, where it is an error, told in
the same words as one that came over the network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from summarize.errors import ConfigurationError, MissingResultError, RequestError
from summarize.models.client import Prepared
from summarize.models.conversation import Message, Meter, Question, Reply
from summarize.models.endpoints import connect, is_asked_otherwise
from summarize.models.model import Model
from summarize.models.model_settings import ModelSettings, RetryPolicy
from summarize.models.prices import batch_share
from summarize.models.request_style import Ladder, first_asking
from summarize.schema import Usage

if TYPE_CHECKING:
    import httpx2

__all__ = ["Answering", "BatchFileModel"]

A = TypeVar("A", bound=BaseModel)

Answering = Callable[[bytes], tuple[int, bytes]]
"""The status and the body of the answer to a request's body, or a `MissingResultError`."""


class BatchFileModel(Model):
    """A model as the live path asks it, but for the network.

    Args:
        settings: which model. Neither its server nor a key is needed.
        answering: called with the body of each request.

    Raises:
        ConfigurationError: no file of requests can be made for such a model.
    """

    def __init__(self, settings: ModelSettings, answering: Answering) -> None:
        if settings.is_local:
            raise ConfigurationError(
                "the embedded model takes no files of requests: it runs in this process, and "
                "summarize batch asks it at once",
                hint="name the model that is to read them, such as --model openai/gpt-5.4-mini, or "
                "openai/NAME for the NAME that vllm run-batch is given",
            )
        if is_asked_otherwise(settings):
            raise _not_plain(settings)
        # A file gives the same request the same answer, however long one waits.
        once = replace(settings, retry_policy=RetryPolicy(attempts=1))
        super().__init__(once, replay=True)
        # A file is for whoever runs the model: its name alone says how it is asked.
        self.ladder = Ladder(first_asking(settings.name, None))
        self._answering = answering
        # What cannot work is to show before anything is written.
        self._client(None)

    def prepare(self, beginning: Sequence[Message]) -> None:  # noqa: ARG002  as a model's
        """Forgets what the article before has shown: each has to ask for the same answers alone."""
        self.ladder.reset()

    def ask(self, question: Question[A], meter: Meter) -> Reply[A]:
        """As a model's; what has no answer was not asked, and counts as no attempt.

        Raises:
            MissingResultError: there is no answer yet; `is_further` where one came that only led to
                another request.
        """
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

    def priced(self, usage: Usage) -> Usage:
        """A usage with what it cost in a batch, where that is known."""
        usage, share = super().priced(usage), batch_share(self.name)
        if usage.cost_usd is None or share is None:
            return usage.model_copy(update={"cost_usd": None})
        return usage.model_copy(update={"cost_usd": round(usage.cost_usd * share, 6)})

    def _connect(self, *, is_async: bool) -> Any:
        client = connect(self._endpoint, is_async=is_async)
        if is_async or not isinstance(client, Prepared):
            raise _not_plain(self.settings)
        client.client = client.client.with_options(http_client=_http_client(self._answering))
        return client


def _not_plain(settings: ModelSettings) -> ConfigurationError:
    return ConfigurationError(
        f"{settings.name}: {settings.provider} is not asked in OpenAI's chat completions, which is "
        "what files of requests hold",
        hint="name a model that is, such as openai/NAME, or use summarize batch",
    )


def _http_client(answering: Answering) -> httpx2.Client:
    """An HTTP client without a network."""
    import httpx2
    import openai

    class Transport(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            status, body = answering(request.read())
            headers = {"content-type": "application/json"}
            return httpx2.Response(status, headers=headers, content=body, request=request)

    return openai.DefaultHttpxClient(transport=Transport(), trust_env=False)
