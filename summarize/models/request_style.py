"""How requests are made: in the strictest style that the endpoint takes, found once for a run.

Endpoints differ in what they take: a strict JSON schema, a plain one, "some JSON object" or no
response format; `max_completion_tokens` or `max_tokens`; a temperature or none. The model's name
and its address say where to begin, and each refusal falls back one step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import BaseModel

from summarize.errors import ContextLengthError, EndpointError, RequestError
from summarize.models.conversation import Message
from summarize.models.network import host_of

__all__ = ["ANSWER_TOKENS", "RequestStyle", "ResponseFormat", "first_style"]

# Tokens of an answer. The largest drafts of the annotated articles have some 3,000; a model that
# thinks first takes some thousands more. What is longer is mostly a loop.
ANSWER_TOKENS = 8_000
# A limit below this is no reason to say that a request does not fit.
_MIN_ANSWER_TOKENS = 1_000


class ResponseFormat(StrEnum):
    """How the form of an answer is asked for, the strictest first."""

    STRICT_SCHEMA = "a strict JSON schema"
    SCHEMA = "a JSON schema"
    OBJECT = "a JSON object"
    PROMPT = "JSON in the prompt alone"


@dataclass(frozen=True, slots=True)
class RequestStyle:
    """How one request is made.

    Attributes:
        format: how the form of the answer is asked for.
        sampling: temperature and the token limit of the answer, by the endpoint's names.
        merges_system: the instructions go into the first user message, for chat templates without a
            system role.
    """

    format: ResponseFormat
    sampling: Mapping[str, Any] = field(default_factory=dict)
    merges_system: bool = False

    def body(
        self,
        model: str,
        messages: Sequence[Message],
        schema: type[BaseModel],
        options: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Returns the body of a request.

        The first message holds the instructions. The user's options replace what is here.
        """
        turns = [{"role": m.role, "content": m.content} for m in messages]
        if self.format in {ResponseFormat.OBJECT, ResponseFormat.PROMPT}:
            text = json.dumps(schema.model_json_schema(), separators=(",", ":"))
            turns[0]["content"] += (
                f"\n\nAnswer with one JSON object that fits this JSON Schema, nothing else:\n{text}"
            )
        if self.merges_system and len(turns) > 1:
            instructions = turns.pop(0)["content"]
            turns[0]["content"] = f"{instructions}\n\n{turns[0]['content']}"
        form = _response_format(self.format, schema)
        return {"messages": turns, "model": model, **self.sampling, **form, **options}

    def after_refusal(
        self, error: RequestError, words: str, *, has_worked: bool
    ) -> RequestStyle | None:
        """Returns the style one step below; None if another style is of no help.

        Args:
            error: how the refusal was understood.
            words: the endpoint's own, the parameter that it names first.
            has_worked: the endpoint took this style before: a refusal without a reason is of the
                request's content.
        """
        sampling = dict(self.sampling)
        if isinstance(error, ContextLengthError):
            # The prompt and the answer's limit together may exceed the context.
            key = next((key for key in _LIMITS if sampling.get(key, 0) > _MIN_ANSWER_TOKENS), None)
            if not key or not _LIMIT_WORDS.search(words):
                return None
            sampling[key] = max(sampling[key] // 2, _MIN_ANSWER_TOKENS)
            return replace(self, sampling=sampling)
        # Some servers fail over what they cannot do: "failed to compile grammar".
        is_format = _FORMAT_WORDS.search(words)
        if type(error) is not RequestError and not (is_format and type(error) is EndpointError):
            return None
        if _SYSTEM_WORDS.search(words) and not self.merges_system:
            return replace(self, merges_system=True)
        # The first parameter that a refusal names is the one refused; another is its replacement.
        named = re.findall(rf"\b({'|'.join(_LIMITS)}|temperature)\b", words)
        if named and named[0] in sampling:
            limit = sampling.pop(named[0])
            allowed = [int(n) for n in re.findall(r"\b\d{3,6}\b", words) if int(n) < limit]
            if named[0] in _LIMITS and allowed:
                sampling[named[0]] = max(allowed)
            elif named[0] in _LIMITS and (others := {*named} & {*_LIMITS} - {named[0]}):
                sampling[others.pop()] = limit
            return replace(self, sampling=sampling)
        lower = list(ResponseFormat)[list(ResponseFormat).index(self.format) + 1 :]
        if lower and (is_format or (not has_worked and _VAGUE_WORDS.search(words))):
            return replace(self, format=lower[0])
        return None

    def __str__(self) -> str:
        sampling = (f"{key} {value}" for key, value in self.sampling.items())
        system = ["no system message"] if self.merges_system else []
        return ", ".join([self.format, *sampling, *system])


_LIMITS = ("max_tokens", "max_completion_tokens")
# A refusal because of the limit of the answer.
_LIMIT_WORDS = re.compile(r"(?i)max_(?:completion_)?tokens|in the completion|for the completion")
# A refusal of the response format, or of what the model made of it (Groq).
_FORMAT_WORDS = re.compile(
    r"(?i)response_?format|json_?\s?schema|json_?\s?object|json\s?mode|structured[ _]output|guided"
    r"|grammar|strict|additionalProperties|schema|failed to (?:generate|validate) json"
)
# A refusal of the system role, by chat templates of Gemma 2 and Mistral 7B.
_SYSTEM_WORDS = re.compile(
    r"(?i)system (?:role|message|prompt)|roles must alternate|only user and assistant roles"
    r"|\brole\b.{0,40}\bsystem\b|developer instruction"
)
# A refusal that does not say of what, also of routers that pass it on.
_VAGUE_WORDS = re.compile(
    r"(?i)not supported|unsupported|unknown (?:field|name|param|key)|unrecogni[sz]ed|unexpected"
    r"|extra (?:inputs|fields)|not permitted|not allowed|requested parameters"
    r"|^\W*(?:error code:? \d+|bad request|provider returned error|unprocessable (?:entity|content)"
    r"|(?:invalid|malformed) (?:request|arguments?|parameters?|input)|(?:input )?validation error)?"
    r"\W*$"
)


@cache
def _response_format(form: ResponseFormat, schema: type[BaseModel]) -> dict[str, Any]:
    """The part of a request that asks for a form, as instructor makes it for a schema."""
    if form is ResponseFormat.PROMPT:
        return {}
    if form is ResponseFormat.OBJECT:
        return {"response_format": {"type": "json_object"}}
    from instructor import Mode
    from instructor.processing.response import handle_response_model

    _, request = handle_response_model(schema, Mode.JSON_SCHEMA)
    response_format = deepcopy(request["response_format"])
    if form is ResponseFormat.STRICT_SCHEMA:
        _make_strict(response_format["json_schema"])
    return {"response_format": response_format}


def _make_strict(named: dict[str, Any]) -> None:
    """Changes a schema to what OpenAI's strict mode takes: all is required, nothing else allowed.

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    named["strict"] = True
    schema = named["schema"]
    for part in [schema, *schema.get("$defs", {}).values()]:
        part["required"] = list(part["properties"])
        part["additionalProperties"] = False
        for prop in part["properties"].values():
            prop.pop("default", None)


# Models that take a strict schema: gpt-4o (since August 2024) and all later ones.
_STRICT = re.compile(r"(?i)^(?:gpt-4o|gpt-4\.\d|gpt-[5-9]|o\d)")
# Models before them that take "json_object" at most.
_OBJECT = re.compile(r"(?i)^(?:gpt-4-turbo|gpt-4-1106|gpt-3\.5|gpt-4-0)")
# Models that think first and refuse any temperature but their own.
_THINKING = re.compile(r"(?i)^(?:o\d|gpt-[5-9])")
# DeepSeek offers JSON objects and no schema; Anthropic takes no notice of a schema.
_OBJECT_HOSTS = {"api.deepseek.com": "deepseek", "api.anthropic.com": "anthropic"}


def first_style(model: str, base_url: str | None = None) -> RequestStyle:
    """Returns the style that "provider/model" and its address, if it has one, suggest."""
    provider, _, name = model.partition("/")
    # A router puts the maker before the name: openai/openai/gpt-5.4 at OpenRouter.
    name = name.rpartition("/")[2]
    host = host_of(base_url)
    is_openai = provider == "openai" and (
        not base_url or host == "api.openai.com" or host.endswith(".openai.azure.com")
    )
    takes_no_schema = host in _OBJECT_HOSTS or provider in _OBJECT_HOSTS.values()
    form = ResponseFormat.SCHEMA
    if provider == "openrouter" or (is_openai and _STRICT.match(name)):
        # https://openrouter.ai/docs/features/structured-outputs
        form = ResponseFormat.STRICT_SCHEMA
    elif takes_no_schema or (is_openai and _OBJECT.match(name)):
        form = ResponseFormat.OBJECT
    is_newer = _THINKING.match(name) or (is_openai and _STRICT.match(name))
    limit = "max_completion_tokens" if is_newer else "max_tokens"
    temperature = {} if _THINKING.match(name) else {"temperature": 0.0}
    return RequestStyle(form, {limit: ANSWER_TOKENS, **temperature})
