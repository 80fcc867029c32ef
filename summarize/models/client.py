"""instructor's steps, taken once for each form of answer instead of once for each request.

Its `create` derives a class and a JSON schema from the answer's type and looks through them for
asynchronous validators, for every request; openai's then walks through all that is sent, schema and
article, to rename what needs no renaming. That is three times the processor time of the request
itself, and hundreds of requests share one event loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from summarize.models.request_style import Asking, Rung

if TYPE_CHECKING:
    from instructor.core.hooks import Hooks

__all__ = ["Prepared", "prepared"]


def prepared(client: Any, model: str) -> Any:
    """A client whose requests cost little, where instructor's steps are the same each time.

    Args:
        client: instructor's, synchronous or asynchronous.
        model: its name, as the endpoint knows it.

    Returns:
        The client itself where the provider has a client of its own, or where the form of the
        answer goes into the messages.
    """
    import instructor
    import openai

    is_openai = isinstance(client.client, (openai.OpenAI, openai.AsyncOpenAI))
    is_plain = is_openai and client.mode is instructor.Mode.JSON_SCHEMA
    return Prepared(client, model) if is_plain else client


class Prepared:
    """Sends what instructor's client would, and reads it with instructor's parser."""

    def __init__(self, client: Any, model: str) -> None:
        self.client = client.client
        self._instructor = client
        self.model = model
        self._forms: dict[tuple[type, Rung], tuple[Mapping[str, Any], str, Callable[..., Any]]] = {}

    def create(
        self,
        *,
        messages: Sequence[Mapping[str, str]],
        response_model: type[BaseModel],
        hooks: Hooks,
        asking: Asking,
        options: Mapping[str, Any],
        max_retries: Literal[0],  # noqa: ARG002  as instructor's, which would try again
    ) -> Any:
        """An answer of the given form; awaitable, if the client is asynchronous.

        Raises:
            Exception: openai's, instructor's or pydantic's own, without instructor's wrapping.
        """
        key = (response_model, asking.rung)
        if key not in self._forms:
            self._forms[key] = self._form(response_model, asking)
        constant, told, parse = self._forms[key]
        if told:
            first, *others = messages
            messages = [{**first, "content": first["content"] + told}, *others]
        if asking.is_merged and len(messages) > 1:
            instructions, first, *others = messages
            content = f"{instructions['content']}\n\n{first['content']}"
            messages = [{**first, "content": content}, *others]

        def read(response: Any) -> Any:
            hooks.emit_completion_response(response)
            return parse(response=response)

        # openai sends `extra_body` as it is: a third less time than with two arguments for it.
        body = {"messages": messages, **constant, **options}
        sampling = {key: value for key, value in asking.sampling.items() if key not in options}
        sent = self.client.chat.completions.create(
            model=self.model, messages=[], extra_body=body, **sampling
        )
        return _then(sent, read) if isawaitable(sent) else read(sent)

    def _form(
        self, answer: type[BaseModel], asking: Asking
    ) -> tuple[Mapping[str, Any], str, Callable[..., Any]]:
        """What every request for such an answer says, its prompt besides, and what reads it."""
        from instructor.processing import handle_response_model
        from instructor.v2 import mode_registry

        mode, provider = self._instructor.mode, self._instructor.provider
        model: Any
        model, request = handle_response_model(answer, mode=mode, provider=provider, messages=[])
        del request["messages"]
        parser = mode_registry.get_handlers(provider, mode).response_parser
        if asking.rung is not Rung.SCHEMA:
            request = asking.form(answer)
        return request, asking.told(answer), partial(parser, response_model=model, strict=True)


async def _then(coming: Awaitable[Any], read: Callable[[Any], Any]) -> Any:
    return read(await coming)
