"""A model that is asked through batch files: each request ends at a function instead of a network.

The client is the one that asks an endpoint, with another transport below it. So a request is to the
byte what would be sent, and an answer is read, counted and, where it is an error, reported as one
that came over the network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel

from summarize.errors import ConfigurationError, MissingResultError, RequestError
from summarize.models.conversation import Message, Meter, Question, Reply
from summarize.models.model import Model
from summarize.models.model_settings import ModelSettings
from summarize.models.request_style import first_style

__all__ = ["BatchFileModel"]

A = TypeVar("A", bound=BaseModel)


class BatchFileModel(Model):
    """A model as `Model` asks it, but for the network.

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
