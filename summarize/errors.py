"""What can go wrong, in words a program and a person can act on.

Every error has one root, `SummarizeError`. Its message says what happened and to which article or
endpoint, `hint` says what to do next, `retryable` whether the same request may succeed later, and
`fatal` whether every other article of the run would fail in the same way.
"""

from __future__ import annotations

import pickle
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class SummarizeError(Exception):
    """The root of every error of this package.

    Attributes:
        hint: what the user can do next; empty where there is nothing to do.
        retryable: the same request may succeed later.
        fatal: no other article of the run would fare better.
        attempts: requests sent to the model before giving up.
    """

    retryable = False
    fatal = False

    def __init__(self, message: str, *, hint: str = "", attempts: int = 0) -> None:
        super().__init__(message)
        self.hint = hint
        self.attempts = attempts

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}; {self.hint}" if self.hint else message


class InputError(SummarizeError):
    """An article that cannot be read: missing, empty, binary, in another encoding."""


class DuplicateIdError(InputError):
    """An article whose id another one had before."""


class FetchError(InputError):
    """An article that cannot be fetched from its address; retryable where that may pass."""


class ConfigurationError(SummarizeError):
    """A setting that cannot work: an unknown model, a missing key, a prompt, a cassette."""

    fatal = True


class LocalModelError(ConfigurationError):
    """The embedded model cannot be found, put together, checked or loaded."""


class ClusterError(ConfigurationError):
    """The machines that a batch is spread over cannot be had, or cannot do its work."""


class OutputError(ConfigurationError):
    """Results that cannot be written any more: a full disk, a file that was removed."""


class CassetteMissError(SummarizeError):
    """A request that is not in the cassette being replayed."""


class RequestError(SummarizeError):
    """The model's endpoint did not give a usable answer. The root of the errors below.

    Attributes:
        retry_after: seconds the endpoint asked to wait, or None.
    """

    retry_after: float | None = None


class EndpointError(RequestError):
    """The endpoint cannot be reached, timed out or failed on its side (5xx).

    Fatal where nothing answers there; a timeout or a failure may be this article's alone.
    """

    retryable = True


class RateLimitError(RequestError):
    """The endpoint asks to slow down (429) for longer than the retries last."""

    retryable = True


class AuthenticationError(RequestError):
    """The endpoint refuses the key (401, 403)."""

    fatal = True


class ContextLengthError(RequestError):
    """The article and the prompt are longer than the model reads at once."""


class AnswerError(RequestError):
    """The endpoint answered with something other than the JSON that was asked for."""

    retryable = True


class TruncatedAnswerError(AnswerError):
    """The answer was cut off at the token limit."""

    retryable = False


class MissingResultError(RequestError):
    """A request of a file whose result is in none of the files of results.

    Attributes:
        request: the body that is to be sent.
        is_further: an answer to the same question came before, and led to this request.
    """

    retryable = True
    request: bytes = b""
    is_further = False


class RefusalError(RequestError):
    """The model declined, or a content filter stopped it."""


def portable(error: Exception) -> Exception:
    """The error, or one with its words where it does not survive the way to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    except Exception:  # noqa: BLE001  a pickle may run any code of the error's class
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def first_problem(invalid: ValidationError, whole: str = "") -> str:
    """Returns where the first problem of a value is, and what: "actors.0.name: Field required".

    Args:
        invalid: what pydantic says of the value.
        whole: the place of a problem of the value as a whole; empty for none.
    """
    first = invalid.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or whole
    return f"{place}: {first['msg']}" if place else first["msg"]


def check_library(module: str, user: str, extra: str, otherwise: str = "") -> None:
    """Checks that a library can be imported that only an extra of this package brings.

    Args:
        module: to be imported.
        user: what needs it, for the message.
        extra: that brings it.
        otherwise: what to do without it.

    Raises:
        ConfigurationError: it cannot be imported.
    """
    try:
        import_module(module)
    except ImportError as error:
        is_missing = isinstance(error, ModuleNotFoundError)
        why = "is not installed" if is_missing else f"cannot be loaded ({error})"
        raise ConfigurationError(
            f"{user} needs {module.partition('.')[0]}, which {why}",
            hint=f"pip install 'summarize[{extra}]'{f', or {otherwise}' if otherwise else ''}",
        ) from error
