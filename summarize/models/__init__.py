"""Asks models: a provider's, one at an address of the user's own, or the embedded one.

In: a question, that is messages and the schema of the answer. Out: a reply that fits the schema,
and its tokens, or an error that says why there is none. The only room that knows `openai`,
`instructor` and `genai_prices`. A provider is a line of `endpoints.PROVIDERS`; `request_style` says
how it is asked first.
"""

from summarize.models.conversation import InvalidAnswerError, Message, Meter, Question, Reply
from summarize.models.model_settings import (
    CHOICE,
    DEFAULT_OPENAI_MODEL,
    ModelSettings,
    choose_model,
)
from summarize.models.rate_limiter import RetryPolicy

__all__ = [
    "CHOICE",
    "DEFAULT_OPENAI_MODEL",
    "InvalidAnswerError",
    "Message",
    "Meter",
    "ModelSettings",
    "Question",
    "Reply",
    "RetryPolicy",
    "choose_model",
]
