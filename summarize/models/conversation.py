"""Questions to a model and its replies, as values, and what they cost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from summarize.errors import AnswerError
from summarize.schema import Usage

__all__ = ["InvalidAnswerError", "Message", "Meter", "Question", "Reply"]

Role = Literal["system", "user", "assistant"]
A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True)
class Question(Generic[A]):
    """A conversation that ends in a question, and the schema of its answer."""

    messages: tuple[Message, ...]
    answer: type[A]

    @property
    def characters(self) -> int:
        """The length of all messages."""
        return sum(len(message.content) for message in self.messages)

    def followed_by(self, reply: str, content: str, answer: type[BaseModel]) -> Question[Any]:
        """Returns the next question, after a reply to this one."""
        turns = (*self.messages, Message("assistant", reply), Message("user", content))
        return Question(turns, answer)


@dataclass(frozen=True)
class Reply(Generic[A]):
    """An answer as a value, and as the model wrote it."""

    value: A
    text: str


class InvalidAnswerError(AnswerError):
    """The answer does not fit the schema that was asked for.

    Attributes:
        text: what the model wrote.
        problems: what is wrong with it, a line each.
    """

    retryable = False

    # The defaults let it be pickled, as between processes.
    def __init__(self, message: str, *, text: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message, hint="try a larger model with --model")
        self.text = text
        self.problems = list(problems)


@dataclass
class Meter:
    """Counts the requests and tokens of one article, whether or not it succeeds."""

    attempts: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    started: float = field(default_factory=time.monotonic)

    # Each machine has its own clock: what is pickled is how long ago it was.
    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "started": self.seconds}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, started=time.monotonic() - state["started"])

    @property
    def seconds(self) -> float:
        """Seconds since the meter was made."""
        return time.monotonic() - self.started

    @property
    def tokens(self) -> int:
        """Tokens of prompts and answers together."""
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
        """Takes over the counts of a copy that went on in another process."""
        vars(self).update(vars(other), started=self.started)

    def count(self, response: Any) -> None:
        """Adds the tokens of a response, as parsed JSON, if it says how many."""
        usage = response.get("usage") if isinstance(response, dict) else None
        if not isinstance(usage, dict):
            return
        details = usage.get("prompt_tokens_details")
        self.prompt_tokens += _number(usage, "prompt_tokens", "input_tokens")
        self.completion_tokens += _number(usage, "completion_tokens", "output_tokens")
        self.cached_tokens += _number(details, "cached_tokens")


def _number(counts: object, *names: str) -> int:
    """The first of some counts that is one: some providers have names of their own."""
    values = [counts.get(name) for name in names] if isinstance(counts, dict) else []
    return next((value for value in values if type(value) is int and value > 0), 0)
