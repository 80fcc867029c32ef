"""What is said between us and a model, as values, and what it costs."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from summarize.errors import AnswerError
from summarize.models.answers import texts_of
from summarize.schema import Usage

__all__ = [
    "InvalidAnswerError",
    "Message",
    "Meter",
    "Question",
    "Reply",
    "first_choice",
    "unfolded",
    "written",
]

Role = Literal["system", "user", "assistant"]
A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True)
class Question(Generic[A]):
    """A conversation that ends in a question, and the form of its answer."""

    messages: tuple[Message, ...]
    answer: type[A]

    @property
    def characters(self) -> int:
        """Of all its messages."""
        return sum(len(message.content) for message in self.messages)

    def followed_by(self, reply: str, content: str, answer: type[BaseModel]) -> Question[Any]:
        """The next question, after a reply to this one."""
        turns = (*self.messages, Message("assistant", reply), Message("user", content))
        return Question(turns, answer)


@dataclass(frozen=True)
class Reply(Generic[A]):
    """An answer as a value, and as the model wrote it."""

    value: A
    text: str


class InvalidAnswerError(AnswerError):
    """The answer is not of the form that was asked for.

    Attributes:
        text: what the model wrote.
        problems: what is wrong with it, a line each.
    """

    retryable = False

    # Defaults, so that it can be pickled, as it is on its way between processes.
    def __init__(self, message: str, *, text: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message, hint="try a larger model with --model")
        self.text = text
        self.problems = list(problems)


@dataclass
class Meter:
    """Counts what one article costs, whatever comes of it."""

    attempts: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    started: float = field(default_factory=time.monotonic)

    # Every machine has a clock of its own: what goes to another one is how long ago it was.
    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "started": self.seconds}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, started=time.monotonic() - state["started"])

    @property
    def seconds(self) -> float:
        """Since the meter was made."""
        return time.monotonic() - self.started

    @property
    def tokens(self) -> int:
        """Of prompts and answers together."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def usage(self) -> Usage:
        """The tokens so far."""
        return Usage(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cached_tokens=self.cached_tokens,
        )

    def catch_up(self, other: Meter) -> None:
        """Takes over the counts of one that has gone on elsewhere."""
        vars(self).update(vars(other), started=self.started)

    def count(self, response: object) -> None:
        """Adds the tokens of one response, if it says how many.

        Nothing of it is checked by the client, and some providers have names of their own.
        """
        usage = getattr(response, "usage", None)
        details = getattr(usage, "prompt_tokens_details", None)
        self.prompt_tokens += _number(usage, "prompt_tokens", "input_tokens")
        self.completion_tokens += _number(usage, "completion_tokens", "output_tokens")
        self.cached_tokens += _number(details, "cached_tokens")


def _number(counts: object, *names: str) -> int:
    values = (getattr(counts, name, None) for name in names)
    return next((value for value in values if type(value) is int and value > 0), 0)


def first_choice(response: object) -> Any:
    """The first of a response's answers, or None: an endpoint may send anything."""
    choices = getattr(response, "choices", None)
    return choices[0] if isinstance(choices, list) and choices else None


def unfolded(response: object) -> object:
    """A completion that came as text, whole or as a stream that nobody asked for, as an object."""
    if not isinstance(response, str):
        return response
    loaded = [_loaded(line.removeprefix("data:")) for line in response.splitlines()]
    events = [event for event in loaded if first_choice(event)]
    if not events:
        whole = _loaded(response)
        return whole if first_choice(whole) else response
    choices = [event.choices[0] for event in events]
    if any(hasattr(choice, "message") for choice in choices):
        return events[-1]
    deltas = [getattr(choice, "delta", None) for choice in choices]
    message = SimpleNamespace(
        **{
            key: "".join(text for d in deltas if isinstance(text := getattr(d, key, None), str))
            for key in ("content", "reasoning_content", "reasoning")
        }
    )
    reasons = [getattr(choice, "finish_reason", None) for choice in choices]
    choice = SimpleNamespace(
        message=message, finish_reason=next(filter(None, reversed(reasons)), None)
    )
    usages = [getattr(event, "usage", None) for event in loaded]
    return SimpleNamespace(choices=[choice], usage=next(filter(None, reversed(usages)), None))


def _loaded(text: str) -> Any:
    try:
        return json.loads(text.strip(" \ufeff"), object_hook=lambda held: SimpleNamespace(**held))
    except (ValueError, RecursionError):
        return None


def written(response: object) -> str:
    """What the model wrote, empty where there is nothing."""
    texts = texts_of(getattr(first_choice(response), "message", None))
    return texts[0] if texts else ""
