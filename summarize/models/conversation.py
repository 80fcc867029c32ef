"""Questions to a model and its replies, as values, and what they cost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from summarize.errors import AnswerError
from summarize.schema import Usage

__all__ = ["InvalidAnswerError", "Message", "Meter", "Question", "Reply", "cost"]

A = TypeVar("A", bound=BaseModel)
# Of the list price, for what a batch answers: https://platform.openai.com/docs/guides/batch ("50%
# cost discount", read in November 2026).
_BATCH_SHARES = {"openai": 0.5}


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
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
        """Takes over the counts of a copy from another machine, which has a clock of its own."""
        vars(self).update(vars(other), started=self.started)

    def count(self, response: Any) -> None:
        """Adds the tokens of a response, as parsed JSON, if it says how many."""
        usage = response.get("usage") if isinstance(response, dict) else None
        if isinstance(usage, dict):
            self.prompt_tokens += _number(usage, "prompt_tokens")
            self.completion_tokens += _number(usage, "completion_tokens")
            self.cached_tokens += _number(usage.get("prompt_tokens_details"), "cached_tokens")


def _number(counts: object, name: str) -> int:
    value = counts.get(name) if isinstance(counts, dict) else None
    return value if type(value) is int and value > 0 else 0


def cost(model: str, usage: Usage, *, is_batch: bool = False) -> float | None:
    """Returns what tokens cost at today's list price, live or in a batch.

    Returns:
        US dollars, to a millionth; None where the price is not known.
    """
    provider, _, name = model.partition("/")
    share = _BATCH_SHARES.get(provider) if is_batch else 1.0
    if share is None or not usage.prompt_tokens:
        return None
    # The first price takes 0.1 s of reading the table (genai-prices 0.2).
    import genai_prices

    tokens = genai_prices.Usage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        cache_read_tokens=min(usage.cached_tokens, usage.prompt_tokens),
    )
    try:
        price = genai_prices.calc_price(tokens, name, provider_id=provider)
    except LookupError:
        return None
    return round(float(price.total_price) * share, 6)
