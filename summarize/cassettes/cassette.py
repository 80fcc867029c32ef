"""Records the requests of a run, and replays them without a network.

A cassette is `cassette.yaml` in a folder: a YAML stream with one document for each interaction,
appended as soon as its answer has arrived, so that a killed run keeps what it had. It holds what
was asked and what came back, and nothing about who asked, where, or with which key.

Requests match by method, path and JSON body. They may come from any number of threads and tasks.
vcrpy patches the HTTP clients of the whole process, so one folder is recorded or replayed at a
time; whoever opens the same one meanwhile shares it. Two processes must not record into one folder
at the same time.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from summarize.cassettes.readable_yaml import END, dump, load
from summarize.errors import CassetteError, CassetteMissError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["find_miss", "recording", "replaying"]

_FILE = "cassette.yaml"
_START = "---\nrequest:\n"

_KEPT_HEADERS = ("content-type", "retry-after")
# What llama.cpp says of the machine and the moment.
_MACHINE_FIELDS = ("timings", "__verbose")
# Errors quote these: OpenAI's 429 names the organisation, its 401 the key.
_SECRET_HEADERS = ("authorization", "api-key", "openai-organization", "openai-project", "cookie")
_SECRET = re.compile(r"\b(?:org-|proj_|sk-)[\w*-]{6,}")

# Whenever vcrpy makes a connection for one of these it takes every patch off for a moment
# (`vcr.patch.force_reset`), and the request of another thread slips through to the network.
_UNSAFE_PATCHERS = ("httplib", "requests", "boto3", "urllib3", "httplib2")


@contextmanager
def recording(directory: Path) -> Iterator[None]:
    """Keep every chat completion of the run in `directory`; they are sent as usual.

    What is recorded there already stays, unless the same request is recorded again.

    Raises:
        CassetteError: the folder cannot be written, or holds a `cassette.yaml` that is no cassette,
            or another folder is open. A write that fails during the run (a full disk) is told at
            the end: the answers are worth more than the recording.

    """
    with _shared("recording", directory, _recording):
        yield


@contextmanager
def _recording(directory: Path) -> Iterator[None]:
    recorder = _Recorder(directory / _FILE)
    try:
        with _inserted(directory, keep=recorder.keep):
            yield
    finally:
        # The file holds every interaction already; only replaced ones would be left in it.
        with suppress(CassetteError):
            _tidy(recorder.path)
    if recorder.failure:
        raise _unwritable(recorder.path, recorder.failure) from recorder.failure


@contextmanager
def replaying(directory: Path) -> Iterator[None]:
    """Answer every request of the run from the cassette in `directory`, without a network or a key.

    A request that is not in it fails, whatever its host; see `missed`.

    Raises:
        CassetteError: there is no cassette, it cannot be read, or another folder is open.

    """
    with _shared("replaying", directory, _replaying):
        yield


@contextmanager
def _replaying(directory: Path) -> Iterator[None]:
    path = directory / _FILE
    if not path.is_file():
        hint = f"record one first with --record {directory}"
        raise CassetteError(f"no cassette in {directory} ({_FILE} not found)", hint=hint)
    player = _Player(directory, _read(path))
    # In place of vcrpy's unsafe patches. The constructor too: urllib3 connects before it asks.
    refused = (
        (http.client.HTTPConnection, "__init__", player.refuse),
        (http.client.HTTPConnection, "putrequest", player.refuse),
    )
    with _inserted(directory, play=player.play, patches=refused):
        yield


def find_miss(error: BaseException) -> CassetteMissError | None:
    """Give the miss behind an error raised by a client, or None if it was another one."""
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        if isinstance(current, CassetteMissError):
            return current
        seen.add(id(current))
        pending += [current.__context__, current.__cause__]
    return None


@dataclass
class _Open:
    """What is open in this process, and how many use it."""

    doing: str
    directory: Path
    stack: ExitStack
    users: int = 1


_now: _Open | None = None
_opening = threading.Lock()


@contextmanager
def _shared(
    doing: str, directory: Path, opened: Callable[[Path], AbstractContextManager[None]]
) -> Iterator[None]:
    """Open a folder, or join those who have it open; the last one closes it.

    Patches that do not come off in the order they went on stay for good.
    """
    global _now
    place = directory.resolve()
    with _opening:
        if _now is None:
            stack = ExitStack()
            stack.enter_context(opened(directory))
            _now = _Open(doing, place, stack)
        elif (_now.doing, _now.directory) == (doing, place):
            _now.users += 1
        else:
            raise CassetteError(
                f"{directory} cannot be opened while this process is {_now.doing} {_now.directory}",
                hint="record or replay one folder at a time",
            )
        mine = _now
    try:
        yield
    finally:
        with _opening:
            mine.users -= 1
            if not mine.users:
                _now = None
                mine.stack.__exit__(*sys.exc_info())


@contextmanager
def _inserted(
    directory: Path,
    *,
    play: Callable[[_Sent], dict[str, Any]] | None = None,
    keep: Callable[[_Sent, dict[str, Any]], None] | None = None,
    patches: tuple[tuple[Any, str, Any], ...] = (),
) -> Iterator[None]:
    """Put `play` or `keep` between the HTTP clients and the network."""
    from vcr.cassette import Cassette  # type: ignore[import-untyped]

    class Deck(Cassette):  # type: ignore[misc]
        # vcrpy's own cassette compares a request with each recorded one, counts what it played,
        # and writes only when it closes.
        def can_play_response_for(self, _request: _Sent) -> bool:
            return play is not None

        def play_response(self, request: _Sent) -> dict[str, Any]:
            return play(request) if play else {}

        def append(self, request: _Sent, response: dict[str, Any]) -> None:
            if keep is not None:
                keep(request, response)

    # Given a folder, vcrpy neither loads nor saves anything itself.
    mode = "all" if play is None else "none"
    deck = Deck.use(
        path=str(directory),
        record_mode=mode,
        skip_patchers=_UNSAFE_PATCHERS,
        custom_patches=patches,
    )
    with deck:
        yield


# Requests and interactions


class _Sent(Protocol):
    """A request as vcrpy shows it."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def body(self) -> object: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class _Request:
    """A request as it is matched: `content` has one of `body` (JSON), `text` and `base64`."""

    method: str
    path: str
    content: dict[str, Any]

    @classmethod
    def sent(cls, request: _Sent) -> _Request:
        """Read vcrpy's request."""
        body = request.body or b""
        raw = body if isinstance(body, bytes) else str(body).encode("utf-8")
        return cls(request.method, request.path, _content(raw))

    @property
    def is_chat_completion(self) -> bool:
        return self.method == "POST" and self.path.endswith("/chat/completions")

    @cached_property
    def key(self) -> tuple[str, str, str]:
        # `temperature: 0` and `temperature: 0.0` are the same request.
        numbers = json.loads(json.dumps(self.content), parse_float=_number)
        return self.method, self.path, json.dumps(numbers, sort_keys=True)

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        body = self.content.get("body")
        messages = body.get("messages") if isinstance(body, dict) else None
        messages = messages if isinstance(messages, list) else []
        return [message for message in messages if isinstance(message, dict)]

    @cached_property
    def instructions(self) -> int:
        """How many messages it begins with that are the system's."""
        return len(list(takewhile(lambda m: m.get("role") in _INSTRUCTING, self.messages)))


_INSTRUCTING = ("system", "developer")


class _Recorded:
    """What a cassette holds, to tell what a request has in common with it."""

    def __init__(self, requests: Iterable[_Request]) -> None:
        self.requests = list(requests)
        self._prompts = self._measured()

    def parts(self, request: _Request) -> dict[str, Any]:
        """What a miss is explained by, in the order in which to think of it."""
        body = request.content.get("body")
        body = dict(body) if isinstance(body, dict) else {}
        body.pop("messages", None)
        messages = request.messages
        length = self._prompts.get(_system_words(request), max(self._prompts.values(), default=0))
        length = max(request.instructions, min(length, len(messages) - 1))
        return {
            "model": body.pop("model", None),
            "prompt": messages[:length],
            "schema": body.pop("response_format", None),
            "article": _text(messages[length]) if length < len(messages) else "",
            "follow-up": messages[length + 1 :],
            "settings": body,
        }

    def _measured(self) -> dict[str, int]:
        """How many messages are the prompt, by the instructions it opens with.

        It is what all first questions begin with: examples too are messages, and only that they
        come back with every article tells them from one.
        """
        talks = {json.dumps(request.messages): request for request in self.requests}
        lengths: dict[str, int] = {}
        firsts: dict[str, list[dict[str, Any]]] = {}
        for request in talks.values():
            messages = request.messages
            if any(json.dumps(messages[:end]) in talks for end in range(1, len(messages))):
                continue  # a follow-up
            opening = _system_words(request)
            first = firsts.setdefault(opening, messages)
            pairs = zip(first, messages, strict=False)
            shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
            # A single article is shared by all, too.
            shared = min(shared, len(messages) - 1)
            lengths[opening] = min(shared, lengths.get(opening, shared))
        return lengths


def _system_words(request: _Request) -> str:
    return json.dumps(request.messages[: request.instructions])


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _content(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode("ascii")}
    try:
        content = {"body": json.loads(text)}
        # Half an emoji, a name of 1,000 letters: what YAML cannot hold stays JSON.
        return content if load(dump(content)) == content else {"text": text}
    except (ValueError, RecursionError):
        return {"text": text}


def _raw(content: dict[str, Any]) -> bytes:
    if "base64" in content:
        return base64.b64decode(content["base64"])
    text = content["text"] if "text" in content else json.dumps(content["body"], ensure_ascii=False)
    return str(text).encode("utf-8")


def _text(message: dict[str, Any] | None) -> str:
    content = (message or {}).get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _answer(request: _Sent, response: dict[str, Any]) -> dict[str, Any]:
    """What is kept of an answer."""
    from vcr.filters import decode_response  # type: ignore[import-untyped]

    response = decode_response(response)
    status, raw = response["status"]["code"], response["body"]["string"]
    headers = {name.lower(): values for name, values in response["headers"].items()}
    # It is still there only if vcrpy could not unpack the body, which makes no sense without it.
    kept = {n: headers[n] for n in (*_KEPT_HEADERS, "content-encoding") if n in headers}
    if status >= 400:
        raw = _without_secrets(raw, request.headers)
    content = _content(raw)
    if isinstance(content.get("body"), dict):
        content["body"] = {k: v for k, v in content["body"].items() if k not in _MACHINE_FIELDS}
    values = {n: v if isinstance(v, str) else ", ".join(v) for n, v in kept.items()}
    return {"status": status, "headers": values, **content}


def _without_secrets(raw: bytes, headers: Mapping[str, str]) -> bytes:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw
    for name in _SECRET_HEADERS:
        for secret in str(headers.get(name, "")).split():
            if len(secret) >= 8:  # "Bearer" is none
                text = text.replace(secret, "[removed]")
    return _SECRET.sub("[removed]", text).encode("utf-8")


# Recording and playing


class _Recorder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.failure: OSError | None = None
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        except OSError as error:
            raise _unwritable(path, error) from error
        _tidy(path)

    def keep(self, sent: _Sent, received: dict[str, Any]) -> None:
        request = _Request.sent(sent)
        if not request.is_chat_completion:
            return
        asked = {"method": request.method, "path": request.path, **request.content}
        document = dump({"request": asked, "response": _answer(sent, received)})
        with self._lock:
            if self.failure:
                return
            try:
                with self.path.open("ab") as file:
                    file.write(document.encode("utf-8"))
            except OSError as error:
                self.failure = error


class _Player:
    def __init__(self, directory: Path, tape: dict[_Key, _Interaction]) -> None:
        self._directory = directory
        self._tape = tape
        self._recorded = cache(lambda: _Recorded(one.request for one in tape.values()))

    def play(self, sent: _Sent) -> dict[str, Any]:
        request = _Request.sent(sent)
        found = self._tape.get(request.key)
        if found is None:
            raise self._miss(request)
        response = found.response
        return {
            "status": {"code": response["status"], "message": ""},
            "headers": {name: [value] for name, value in response["headers"].items()},
            "body": {"string": _raw(response)},
        }

    def refuse(self, *_: object, **__: object) -> NoReturn:
        raise CassetteMissError(
            f"a request past the model's client is not in {self._directory}:"
            " a cassette holds chat completions only"
        )

    def _miss(self, request: _Request) -> CassetteMissError:
        recorded = self._recorded()
        article = _excerpt(request, recorded)
        asked = f'the request about "{article}"' if article else f"{request.method} {request.path}"
        again = f"record it again with --record {self._directory}"
        return CassetteMissError(
            f"{asked} is not in {self._directory}: {_reason(request, recorded)}",
            hint=again if request.is_chat_completion else "",
        )


# What a miss is told as


def _reason(asked: _Request, recorded: _Recorded) -> str:
    if not asked.is_chat_completion:
        return "a cassette holds chat completions only"
    if not recorded.requests:
        return "the cassette is empty"
    place = asked.method, asked.path
    alike = [recorded.parts(r) for r in recorded.requests if (r.method, r.path) == place]
    if not alike:
        return f"recorded with {recorded.requests[0].path}, asked of {asked.path}"
    ours = recorded.parts(asked)
    # The nearest has the fewest differences; among equals, the one that comes first in thought.
    nearest = min(alike, key=lambda theirs: _differences(ours, theirs))
    return _told(ours, nearest, len({theirs["article"] for theirs in alike}))


def _differences(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[int, list[int], int]:
    names = [name for name in ours if ours[name] != theirs[name]]
    settings = _changed(ours["settings"], theirs["settings"]) if "settings" in names else []
    return len(names), [list(ours).index(name) for name in names], len(settings)


def _told(ours: dict[str, Any], theirs: dict[str, Any], articles: int) -> str:
    if ours["model"] != theirs["model"]:
        return f"the model differs (recorded with {theirs['model']}, asked of {ours['model']})"
    if ours["prompt"] != theirs["prompt"]:
        said = [[m for m in p["prompt"] if m.get("role") in _INSTRUCTING] for p in (ours, theirs)]
        return f"the prompt ({'example' if said[0] == said[1] else 'system message'}) changed"
    if ours["schema"] != theirs["schema"]:
        return "the schema (response_format) changed"
    if ours["article"] != theirs["article"]:
        count = "1 article" if articles == 1 else f"{articles} articles"
        return f"the article is not in the recording, which has {count}"
    if ours["follow-up"] != theirs["follow-up"]:
        question = _short(_text(ours["follow-up"][-1])) if ours["follow-up"] else ""
        told = "another follow-up question on the same article"
        return f'{told} ("{question}")' if question else told
    settings = _changed(ours["settings"], theirs["settings"])
    if settings:
        return f"sampling settings changed ({', '.join(settings)})"
    return "its body is another one"


def _changed(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    def shown(settings: dict[str, Any], name: str) -> str:
        return _short(json.dumps(settings[name])) if name in settings else "without"

    return [
        f"{name}: recorded {shown(theirs, name)}, asked {shown(ours, name)}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name) or (name in ours) != (name in theirs)
    ]


_TAG = re.compile(r"</?\w+>")


def _excerpt(asked: _Request, recorded: _Recorded) -> str:
    """The first words of the article, past the template's lines that all articles share."""
    article = _TAG.sub("", recorded.parts(asked)["article"])
    # A few recordings show as well as thousands what is the template's.
    others = {_TAG.sub("", recorded.parts(r)["article"]) for r in recorded.requests[:20]}
    others -= {article}
    lines = article.split("\n")
    rows = zip(lines, *(other.split("\n") for other in others), strict=False)
    shared = takewhile(lambda row: len(set(row)) == 1, rows) if others else ()
    return _short("\n".join(lines[len(list(shared)) :])) or _short(article)


def _short(text: str, limit: int = 60) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + "…"


# The file


@dataclass(frozen=True)
class _Interaction:
    request: _Request
    response: dict[str, Any]
    document: str


_Key = tuple[str, str, str]


def _read(path: Path) -> dict[_Key, _Interaction]:
    """Read a cassette without the document that a kill tore off; the last of equal requests wins.

    Raises:
        CassetteError: the file cannot be read, or is not a cassette.

    """
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        reason = error.strerror or error
        raise CassetteError(f"{path} cannot be read ({reason})", hint="check the folder") from error
    *documents, torn = (text + "\n" * text.endswith(END[:-1])).split(END)
    if not (torn.startswith(_START) or _START.startswith(torn) or not torn.strip()):
        raise _foreign(path, "it has text that was not recorded")
    tape: dict[_Key, _Interaction] = {}
    for number, document in enumerate(documents, start=1):
        try:
            document.encode("utf-8")
            data: Any = load(document)
            asked, response = dict(data["request"]), dict(data["response"])
            request = _Request(str(asked.pop("method")), str(asked.pop("path")), asked)
            response["status"] = int(response["status"])
            response["headers"] = {str(n): str(v) for n, v in dict(response["headers"]).items()}
            for part in (request.content, response):
                _raw(part)  # an edited cassette fails now, not in the middle of a run
            tape[request.key] = _Interaction(request, response, document + END)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise _foreign(path, f"document {number}: {_short(reason, 120)}") from error
    return tape


def _tidy(path: Path) -> None:
    """Drop from the file what is torn or was recorded again."""
    whole = "".join(interaction.document for interaction in _read(path).values()).encode("utf-8")
    try:
        if path.read_bytes() != whole:
            new = path.with_suffix(".tmp")
            new.write_bytes(whole)
            new.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _foreign(path: Path, reason: str) -> CassetteError:
    hint = "point to a folder made with --record, or record into a new one"
    return CassetteError(f"{path} is not a cassette of summarize ({reason})", hint=hint)


def _unwritable(path: Path, error: OSError) -> CassetteError:
    reason = error.strerror or error
    return CassetteError(f"cannot record into {path} ({reason})", hint="choose another folder")
