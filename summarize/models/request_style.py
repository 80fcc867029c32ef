"""How a model is asked: in the strictest way that its endpoint takes, found once for a whole run.

Endpoints differ in what they take: a strict JSON schema, a plain one, "some JSON object" or nothing
of the kind; `max_completion_tokens` or `max_tokens`; a temperature or none. The name of the model
and its address say where to begin, and each refusal moves one step down.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import IntEnum
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from summarize.models.error_details import one_line

__all__ = ["Asking", "Ladder", "Rung", "first_asking"]

# Tokens of an answer. The largest drafts of the annotated articles have some 3,000; a model that
# thinks first takes some thousands more. What is longer is mostly a loop.
ANSWER_TOKENS = 8_000
# A smaller limit than this is no reason to say that a request does not fit.
_LEAST_ANSWER_TOKENS = 1_000


class Rung(IntEnum):
    """How the form of an answer is asked for, the strictest first."""

    STRICT = 0
    SCHEMA = 1
    OBJECT = 2
    PROMPT = 3


_RUNG_NAMES = {
    Rung.STRICT: "a strict JSON schema",
    Rung.SCHEMA: "a JSON schema",
    Rung.OBJECT: "a JSON object",
    Rung.PROMPT: "JSON in the prompt alone",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """How one request is made.

    Attributes:
        rung: how the form of the answer is asked for.
        sampling: temperature and the limit of the answer, by the endpoint's names.
        is_merged: whether the instructions stand in the first question, and not before it.
    """

    rung: Rung
    sampling: Mapping[str, Any] = field(default_factory=dict)
    is_merged: bool = False

    def form(self, answer: type[BaseModel]) -> dict[str, Any]:
        """What a request says of the form of its answer; empty where only the prompt does."""
        if self.rung is Rung.PROMPT:
            return {}
        if self.rung is Rung.OBJECT:
            return {"response_format": {"type": "json_object"}}
        schema = answer.model_json_schema()
        named: dict[str, Any] = {"name": answer.__name__, "schema": schema}
        if self.rung is Rung.STRICT:
            named |= {"schema": _strict(schema), "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": named}}

    def told(self, answer: type[BaseModel]) -> str:
        """What the instructions say of the form where the request does not."""
        if self.rung < Rung.OBJECT:
            return ""
        schema = json.dumps(answer.model_json_schema(), separators=(",", ":"))
        return (
            f"\n\nAnswer with one JSON object that fits this JSON Schema, nothing else:\n{schema}"
        )

    def __str__(self) -> str:
        said = [_RUNG_NAMES[self.rung], *(f"{key} {value}" for key, value in self.sampling.items())]
        if self.is_merged:
            said.append("no system message")
        return ", ".join(said)


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema as OpenAI's strict mode takes it: all is required, and nothing else allowed.

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    schema = deepcopy(schema)
    for part in [schema, *schema.get("$defs", {}).values()]:
        if "properties" in part:
            part["required"] = list(part["properties"])
            part["additionalProperties"] = False
            for prop in part["properties"].values():
                prop.pop("default", None)
    return schema


# Models that take a strict schema: gpt-4o (since August 2024) and all later ones.
_STRICT = re.compile(r"(?i)^(?:gpt-4o|gpt-4\.\d|gpt-[5-9]|o\d)")
# Models before them that take "json_object" at most.
_OBJECT = re.compile(r"(?i)^(?:gpt-4-turbo|gpt-4-1106|gpt-3\.5|gpt-4-0)")
# Models that think first and refuse any temperature but their own.
_THINKING = re.compile(r"(?i)^(?:o\d|gpt-[5-9])")
# Hosts whose documentation offers JSON objects and no schema.
_OBJECT_HOSTS = ("api.deepseek.com",)


def first_asking(model: str, base_url: str | None) -> Asking:
    """The way of asking that a model's name and its address suggest.

    Args:
        model: "provider/model".
        base_url: of the endpoint; None for the provider's own.
    """
    provider, _, name = model.partition("/")
    # A router puts the maker before the name: openai/openai/gpt-5.4 at OpenRouter.
    name = name.rpartition("/")[2]
    host = (urlsplit(base_url).hostname or "") if base_url else ""
    is_openai = provider in {"openai", "azure_openai"} and (
        not base_url or host == "api.openai.com" or host.endswith(".openai.azure.com")
    )
    rung = Rung.SCHEMA
    if is_openai and _STRICT.match(name):
        rung = Rung.STRICT
    elif (is_openai and _OBJECT.match(name)) or host in _OBJECT_HOSTS or provider == "deepseek":
        rung = Rung.OBJECT
    is_newer = _THINKING.match(name) or (is_openai and _STRICT.match(name))
    limit = "max_completion_tokens" if is_newer else "max_tokens"
    sampling = {} if _THINKING.match(name) else {"temperature": 0.0}
    return Asking(rung, {**sampling, limit: ANSWER_TOKENS})


class Ladder:
    """The way of asking that a run has come to; threads and tasks may share it.

    Args:
        first: where to begin.
    """

    def __init__(self, first: Asking) -> None:
        self._first = first
        self._now = first
        self._is_answered = False
        self._lock = Lock()

    @property
    def now(self) -> Asking:
        """How the next request is made."""
        return self._now

    @property
    def dropped(self) -> str:
        """What was given up since the run began; empty if nothing."""
        return "" if self._now == self._first else f"{self._first} → {self._now}"

    def reset(self) -> None:
        """Begins anew."""
        self._now, self._is_answered = self._first, False

    def answered(self) -> None:
        """Somebody got an answer: a refusal without a reason is the request's own from now on."""
        self._is_answered = True

    def refused(self, asking: Asking, named: str, *, is_failure: bool = False) -> str | None:
        """Moves a step down after a refusal, if one can be the way of asking's.

        Args:
            asking: how the refused request was made.
            named: the parameter and the words of the refusal.
            is_failure: whether it came as a failure of the server, which mostly is none.

        Returns:
            What changes, for the user; "" where it has changed meanwhile; None where there is
            nothing to change.
        """
        if is_failure and not _FORM.search(named):
            return None
        with self._lock:
            if asking != self._now:
                return ""
            lower = _lower(asking, named, is_answered=self._is_answered)
            if lower is None:
                if not self._is_answered:
                    # No way of asking was taken: it is something else, so the best one stands.
                    self._now, self._is_answered = self._first, True
                return None
            self._now = lower
            return f"asked with {lower} from now on ({one_line(named)})"

    def too_long(self, asking: Asking, words: str) -> str | None:
        """Asks for a shorter answer where it is the answer's limit that does not fit the context.

        Returns:
            As `refused`.
        """
        if not _LIMIT.search(words):
            return None
        with self._lock:
            if asking != self._now:
                return ""
            for key in _LIMITS:
                limit = asking.sampling.get(key, 0)
                if limit > _LEAST_ANSWER_TOKENS:
                    shorter = {**asking.sampling, key: max(limit // 2, _LEAST_ANSWER_TOKENS)}
                    self._now = replace(asking, sampling=shorter)
                    return f"answers have {shorter[key]} tokens at most from now on"
            return None


_LIMITS = ("max_tokens", "max_completion_tokens")
_LIMIT = re.compile(r"(?i)max_(?:completion_)?tokens|in the completion|for the completion")
# What a refusal says where it is about the form of the answer.
_FORM = re.compile(
    r"(?i)response_?format|json_?\s?schema|json_?\s?object|json\s?mode|structured[ _]output|guided"
    r"|grammar|strict|additionalProperties|schema"
)


# What it says where it does not say what it is about, also of routers that pass it on.
_VAGUE = re.compile(
    r"(?i)not supported|unsupported|unknown (?:field|name|param|key)|unrecogni[sz]ed|unexpected"
    r"|extra (?:inputs|fields)|not permitted|not allowed|requested parameters"
    r"|^\W*(?:error code:? \d+|bad request|provider returned error|unprocessable (?:entity|content)"
    r"|(?:invalid|malformed) (?:request|arguments?|parameters?|input)|(?:input )?validation error)?"
    r"\W*$"
)
# Chat templates without a place for instructions: Gemma 2, Mistral 7B.
_NO_SYSTEM = re.compile(
    r"(?i)system (?:role|message|prompt)|roles must alternate|only user and assistant roles"
    r"|\brole\b.{0,40}\bsystem\b|developer instruction"
)


def _lower(asking: Asking, named: str, *, is_answered: bool) -> Asking | None:
    """One step down from a way of asking, or None."""
    if _NO_SYSTEM.search(named) and not asking.is_merged:
        return replace(asking, is_merged=True)
    sampling = dict(asking.sampling)
    used = [key for key in _LIMITS if key in sampling]
    # The first name in a refusal is the one refused; another is what to use in its place.
    wrong = min(
        (key for key in [*_LIMITS, "temperature"] if re.search(rf"\b{key}\b", named)),
        key=lambda key: named.index(key),
        default=None,
    )
    if wrong in sampling:
        limit = sampling.pop(wrong)
        allowed = [int(n) for n in re.findall(r"\b\d{3,6}\b", named) if int(n) < limit]
        if wrong in used and allowed:
            return replace(asking, sampling={**sampling, wrong: max(allowed)})
        other = next((key for key in _LIMITS if key != wrong), None)
        if wrong in used and other and re.search(rf"\b{other}\b", named):
            sampling[other] = limit
        return replace(asking, sampling=sampling)
    is_of_form = _FORM.search(named) or (not is_answered and _VAGUE.search(named))
    if is_of_form and asking.rung < Rung.PROMPT:
        return replace(asking, rung=Rung(asking.rung + 1))
    return None
