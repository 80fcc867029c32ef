"""Models: which one, what is said to it, and what comes back or goes wrong.

The only room that knows `openai` and `instructor`.
"""

from summarize.models.conversation import InvalidAnswerError, Message, Meter, Question, Reply
from summarize.models.settings import DEFAULT_OPENAI_MODEL, ModelSettings, Patience, choose_model

__all__ = [
    "DEFAULT_OPENAI_MODEL",
    "InvalidAnswerError",
    "Message",
    "Meter",
    "ModelSettings",
    "Patience",
    "Question",
    "Reply",
    "choose_model",
]
