"""Models: which one, what is said to it, and what comes back or goes wrong.

The only room that knows `openai` and `instructor`.
"""

from summarize.models.conversation import InvalidAnswerError, Message, Meter, Question, Reply
from summarize.models.model_settings import (
    DEFAULT_OPENAI_MODEL,
    ModelSettings,
    RetryPolicy,
    choose_model,
)

__all__ = [
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
