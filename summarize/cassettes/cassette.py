"""Records the requests of a run, and replays them without a network.

A cassette is `cassette.yaml` in a folder. Each answer is appended to it as soon as it has arrived,
so that a killed run keeps what it had. The file tells what was asked and answered, and nothing
about who asked, where, or with which key. Requests match by method, path and JSON body.

vcrpy patches the HTTP clients of the whole process, so one folder is recorded or replayed at a
time, by any number of threads and tasks. Two processes must not record into one folder at once.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any

from vcr.cassette import Cassette  # type: ignore[import-untyped]
from vcr.filters import decode_response  # type: ignore[import-untyped]
from vcr.request import Request as VcrRequest  # type: ignore[import-untyped]

from summarize.cassettes.cassette_file import (
    Request,
    content_of,
    dump,
    read,
    reason_of_miss,
    tidy,
)
from summarize.errors import CassetteMissError, ConfigurationError

__all__ = ["recording", "replaying"]

_FILE_NAME = "cassette.yaml"
_KEPT_HEADERS = ("content-type", "retry-after")
# What llama.cpp says of the machine and the moment.
_MACHINE_FIELDS = ("timings", "__verbose")
# Errors quote these: OpenAI's 429 names the organisation, its 401 the key.
_SECRET = re.compile(r"\b(?:org-|proj_|sk-)[\w*-]{6,}")
# Of the headers that hold a key. "Bearer" is none.
_KEY = re.compile(r"\S{8,}")
# Whenever vcrpy makes a connection for one of these it takes every patch off for a moment
# (`vcr.patch.force_reset`), and the request of another thread slips through to the network.
_UNSAFE_PATCHERS = ("httplib", "requests", "boto3", "urllib3", "httplib2")

_Opener = Callable[[Path], AbstractContextManager[None]]
# Those who have a folder open in this process: the same one, in the same way.
_users: list[tuple[_Opener, Path]] = []
_patches = ExitStack()
_lock = threading.Lock()


def _shared(opener: _Opener) -> _Opener:
    """Lets several users open one folder. The last one closes it.

    Patches that do not come off in the order they went on stay for good.
    """

    @wraps(opener)
    @contextmanager
    def shared(directory: Path) -> Iterator[None]:
        user = opener, directory.resolve()
        with _lock:
            if _users and user not in _users:
                raise ConfigurationError(
                    f"{directory} cannot be opened: this process has {_users[0][1]} open",
                    hint="record or replay one folder at a time",
                )
            if not _users:
                _patches.enter_context(opener(directory))
            _users.append(user)
        try:
            yield
        finally:
            with _lock:
                _users.pop()
                if not _users:
                    _patches.__exit__(*sys.exc_info())

    return shared


@_shared
@contextmanager
def recording(directory: Path) -> Iterator[None]:
    """Keeps every chat completion of the run in `directory`; requests are sent as usual.

    What is recorded there already stays, unless the same request is recorded again.

    Raises:
        ConfigurationError: the folder cannot be written, holds a `cassette.yaml` that is none, or
            another one is open. A write that fails during the run (a full disk) is told at the end:
            the answers are worth more than the recording.
    """
    path = directory / _FILE_NAME
    failures: list[OSError] = []

    class Recorder(Cassette):  # type: ignore[misc]
        # vcrpy's own writes when it closes.
        def append(self, sent: VcrRequest, received: dict[str, Any]) -> None:
            if not Request.of(sent.method, sent.path, sent.body_bytes or b"").is_chat_completion:
                return
            document = _document(sent, decode_response(received))
            with _lock:
                try:
                    if not failures:
                        with path.open("ab") as file:
                            file.write(document)
                except OSError as error:
                    failures.append(error)

    try:
        directory.mkdir(parents=True, exist_ok=True)
        path.touch()
        tidy(path)
    except OSError as error:
        failures.append(error)
    if not failures:
        # Given a folder, vcrpy neither loads nor saves anything itself.
        with Recorder.use(path=str(directory), record_mode="all", skip_patchers=_UNSAFE_PATCHERS):
            yield
        with suppress(ConfigurationError, OSError):
            tidy(path)
    if failures:
        raise ConfigurationError(
            f"cannot record into {path} ({failures[0].strerror or failures[0]})",
            hint="choose another folder, or check who may use it",
        ) from failures[0]


@_shared
@contextmanager
def replaying(directory: Path) -> Iterator[None]:
    """Answers every request of the run from the cassette in `directory`, without a network or key.

    A request that is not in it fails, whatever its host; see `find_miss`.

    Raises:
        ConfigurationError: there is no cassette, it cannot be read, or another folder is open.
    """
    try:
        recorded = read(directory / _FILE_NAME)
    except OSError as error:
        raise ConfigurationError(
            f"no cassette in {directory} ({_FILE_NAME}: {error.strerror or error})",
            hint=f"record one first with --record {directory}",
        ) from error

    class Player(Cassette):  # type: ignore[misc]
        # vcrpy's own compares a request with each recorded one.
        def can_play_response_for(self, _: VcrRequest) -> bool:
            return True

        def play_response(self, sent: VcrRequest) -> dict[str, Any]:
            request = Request.of(sent.method, sent.path, sent.body_bytes or b"")
            if not (answer := recorded.get(request)):
                raise CassetteMissError(
                    f"{request.method} {request.path} is not in {directory}: "
                    f"{reason_of_miss(request, recorded)}",
                    hint=f"record it again with --record {directory}",
                )
            return {
                "status": {"code": answer.status, "message": ""},
                "headers": {name: [value] for name, value in answer.headers.items()},
                "body": {"string": answer.raw},
            }

    with Player.use(path=str(directory), record_mode="none", skip_patchers=_UNSAFE_PATCHERS):
        yield


def _document(sent: VcrRequest, received: Mapping[str, Any]) -> bytes:
    """Returns the document of an interaction, without what tells who asked."""
    status, raw = received["status"]["code"], received["body"]["string"]
    headers = {
        name.lower(): ", ".join(values)
        for name, values in received["headers"].items()
        if name.lower() in _KEPT_HEADERS
    }
    if status >= 400:
        text = _SECRET.sub("[removed]", raw.decode("utf-8", errors="replace"))
        for header in ("authorization", "api-key"):
            for key in _KEY.findall(sent.headers.get(header, "")):
                text = text.replace(key, "[removed]")
        raw = text.encode("utf-8")
    answer = content_of(raw)
    if isinstance(answer.get("body"), dict):
        for name in _MACHINE_FIELDS:
            answer["body"].pop(name, None)
    request = {"method": sent.method, "path": sent.path, **content_of(sent.body_bytes)}
    return dump({"request": request, "response": {"status": status, "headers": headers, **answer}})
