"""Records the requests of a run, and replays them without a network.

A cassette is `cassette.yaml` in a folder. Each interaction is appended to it as soon as its answer
has arrived, so that a killed run keeps what it had. It holds what was asked and what came back, and
nothing about who asked, where, or with which key.

Requests match by method, path and JSON body. They may come from any number of threads and tasks.
vcrpy patches the HTTP clients of the whole process, so one folder is recorded or replayed at a
time; whoever opens the same one meanwhile shares it. Two processes must not record into one folder
at the same time. Importing this takes a while: vcrpy knows many clients.
"""

from __future__ import annotations

import http.client
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from vcr.cassette import Cassette  # type: ignore[import-untyped]
from vcr.filters import decode_response  # type: ignore[import-untyped]
from vcr.request import Request as VcrRequest  # type: ignore[import-untyped]

from summarize.cassettes.cassette_file import (
    FILE_NAME,
    Request,
    document_of,
    raw_of,
    read,
    tidy,
)
from summarize.cassettes.misses import Misses
from summarize.errors import CassetteMissError, ConfigurationError

__all__ = ["recording", "replaying"]

_KEPT_HEADERS = ("content-type", "retry-after")
# Errors quote these: OpenAI's 429 names the organisation, its 401 the key.
_SECRET_HEADERS = ("authorization", "api-key", "openai-organization", "openai-project", "cookie")
_SECRET = re.compile(r"\b(?:org-|proj_|sk-)[\w*-]{6,}")
# Characters of a word of a header that is a secret; "Bearer" is none.
_MIN_SECRET = 8

# Whenever vcrpy makes a connection for one of these it takes every patch off for a moment
# (`vcr.patch.force_reset`), and the request of another thread slips through to the network.
_UNSAFE_PATCHERS = ("httplib", "requests", "boto3", "urllib3", "httplib2")


@contextmanager
def recording(directory: Path) -> Iterator[None]:
    """Keeps every chat completion of the run in `directory`; requests are sent as usual.

    What is recorded there already stays, unless the same request is recorded again.

    Raises:
        ConfigurationError: the folder cannot be written, or holds a `cassette.yaml` that is no
            cassette, or another folder is open. A write that fails during the run (a full disk) is
            told at the end: the answers are worth more than the recording.
    """
    with _shared("recording", directory, _recording):
        yield


@contextmanager
def _recording(directory: Path) -> Iterator[None]:
    path = directory / FILE_NAME
    try:
        directory.mkdir(parents=True, exist_ok=True)
        path.touch()
        tidy(path)
    except OSError as error:
        raise _unusable(f"cannot record into {path}", error) from error
    failures: list[OSError] = []
    writing = threading.Lock()

    class Recorder(Cassette):  # type: ignore[misc]
        # vcrpy's own writes when it closes.
        def append(self, sent: VcrRequest, received: dict[str, Any]) -> None:
            request = _request(sent)
            if not request.is_chat_completion:
                return
            document = document_of(request, *_kept(sent, received))
            with writing:
                try:
                    if not failures:
                        with path.open("ab") as file:
                            file.write(document.encode("utf-8"))
                except OSError as error:
                    failures.append(error)

    try:
        # Given a folder, vcrpy neither loads nor saves anything itself.
        with Recorder.use(path=str(directory), record_mode="all", skip_patchers=_UNSAFE_PATCHERS):
            yield
    finally:
        # The file holds every interaction already; only replaced ones would be left in it.
        with suppress(ConfigurationError, OSError):
            tidy(path)
    if failures:
        raise _unusable(f"cannot record into {path}", failures[0]) from failures[0]


@contextmanager
def replaying(directory: Path) -> Iterator[None]:
    """Answers every request of the run from the cassette in `directory`, without a network or key.

    A request that is not in it fails, whatever its host; see `find_miss`.

    Raises:
        ConfigurationError: there is no cassette, it cannot be read, or another folder is open.
    """
    with _shared("replaying", directory, _replaying):
        yield


@contextmanager
def _replaying(directory: Path) -> Iterator[None]:
    path = directory / FILE_NAME
    again = f"record it again with --record {directory}"
    try:
        interactions = read(path)
    except (FileNotFoundError, NotADirectoryError):
        hint = f"record one first with --record {directory}"
        raise ConfigurationError(
            f"no cassette in {directory} ({FILE_NAME} not found)", hint=hint
        ) from None
    except OSError as error:
        raise _unusable(f"{path} cannot be read", error) from error
    misses = cache(lambda: Misses(one.request for one in interactions.values()))

    class Player(Cassette):  # type: ignore[misc]
        # vcrpy's own compares a request with each recorded one.
        def can_play_response_for(self, _: VcrRequest) -> bool:
            return True

        def play_response(self, sent: VcrRequest) -> dict[str, Any]:
            request = _request(sent)
            found = interactions.get(request.key)
            if found is None:
                hint = again if request.is_chat_completion else ""
                asked = f"{request.method} {request.path}"
                why = f"{asked} is not in {directory}: {misses().reason(request)}"
                raise CassetteMissError(why, hint=hint)
            return {
                "status": {"code": found.response["status"], "message": ""},
                "headers": {name: [value] for name, value in found.response["headers"].items()},
                "body": {"string": raw_of(found.response)},
            }

    def refuse(*_: object, **__: object) -> NoReturn:
        raise CassetteMissError(
            f"a request past the model's client is not in {directory}:"
            " a cassette holds chat completions only"
        )

    with Player.use(
        path=str(directory),
        record_mode="none",
        skip_patchers=_UNSAFE_PATCHERS,
        # In place of the unsafe patches. The constructor too: urllib3 connects before it asks.
        custom_patches=(
            (http.client.HTTPConnection, "__init__", refuse),
            (http.client.HTTPConnection, "putrequest", refuse),
        ),
    ):
        yield


# What is open in this process, and how many use it.
_open: tuple[str, Path] | None = None
_users = 0
_closing = ExitStack()
_lock = threading.Lock()


@contextmanager
def _shared(
    doing: str, directory: Path, opened: Callable[[Path], AbstractContextManager[None]]
) -> Iterator[None]:
    """Opens a folder, or joins those who have it open; the last one closes it.

    Patches that do not come off in the order they went on stay for good.
    """
    global _open, _users
    wanted = doing, directory.resolve()
    with _lock:
        if _open is None:
            _closing.enter_context(opened(directory))
            _open = wanted
        elif _open != wanted:
            raise ConfigurationError(
                f"{directory} cannot be opened while this process is {_open[0]} {_open[1]}",
                hint="record or replay one folder at a time",
            )
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                _open = None
                _closing.__exit__(*sys.exc_info())


def _request(sent: VcrRequest) -> Request:
    body = sent.body or b""
    raw = body if isinstance(body, bytes) else str(body).encode("utf-8")
    return Request(sent.method, sent.path, raw)


def _kept(sent: VcrRequest, received: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Returns the status, the headers and the body of an answer, as they are kept."""
    received = decode_response(received)
    status, raw = received["status"]["code"], received["body"]["string"]
    headers = {
        name.lower(): value if isinstance(value, str) else ", ".join(value)
        for name, value in received["headers"].items()
        if name.lower() in _KEPT_HEADERS
    }
    return status, headers, _without_secrets(raw, sent.headers) if status >= 400 else raw


def _without_secrets(raw: bytes, headers: Mapping[str, str]) -> bytes:
    text = raw.decode("utf-8", errors="replace")
    for name in _SECRET_HEADERS:
        for secret in str(headers.get(name, "")).split():
            if len(secret) >= _MIN_SECRET:
                text = text.replace(secret, "[removed]")
    return _SECRET.sub("[removed]", text).encode("utf-8")


def _unusable(what: str, error: OSError) -> ConfigurationError:
    hint = "choose another folder, or check who may use it"
    return ConfigurationError(f"{what} ({error.strerror or error})", hint=hint)
