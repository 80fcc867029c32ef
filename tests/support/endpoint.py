"""A stand-in for an OpenAI-compatible endpoint: real HTTP on the loopback interface, no model.

    with StandIn([status(429, headers={"retry-after": "0"}), draft()]) as endpoint:
        ...  # endpoint.url, endpoint.requests

A script is a list of answers, the last one given again and again, or a function of the request.
"""

from __future__ import annotations

import itertools
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

ARTICLE = """\
Turkish spy chief in Damascus for talks

Turkish intelligence chief İbrahim Kalın met Syria's President Ahmad al-Sharaa in Damascus on \
Monday.

The two discussed border security and the return of refugees.

They agreed to open a joint operations center.
"""

# A faithful record of the article above.
DRAFT: dict[str, Any] = {
    "event": "visit",
    "place": "Damascus",
    # Left out: to work out a day costs each of the tests' processes half a second.
    "date": "",
    "participants": [
        {"role": "intelligence chief", "name": "İbrahim Kalın"},
        {"role": "President", "name": "Ahmad al-Sharaa"},
    ],
    "topics": ["border security", "the return of refugees"],
    "outcomes": [{"kind": "agreement", "text": "agreed to open a joint operations center"}],
}

USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 10,
    "total_tokens": 110,
    "prompt_tokens_details": {"cached_tokens": 40},
}
PAGE = b"<!DOCTYPE html><html><head><title>Sign &amp; in</title></head><body>Hello</body></html>"


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    at: float

    @property
    def messages(self) -> list[str]:
        return [message["content"] for message in self.body["messages"]]

    @property
    def schema(self) -> dict[str, Any]:
        return self.body["response_format"]["json_schema"]["schema"]


@dataclass(frozen=True)
class Answer:
    """What a client gets: an HTTP answer, a broken connection, or nothing."""

    status: int = 200
    body: bytes | dict[str, Any] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    instead: Literal["reset", "hang", "cut"] | None = None
    # Seconds until it is sent, on top of the endpoint's own latency.
    after: float = 0.0


Script = Sequence[Answer] | Callable[[Request], Answer]


def completion(content: Any, **changes: Any) -> Answer:
    """A chat completion; `refusal`, `finish_reason`, `usage` and others as named.

    What `message` holds joins the message: `reasoning_content`, `tool_calls`.
    """
    message = {"role": "assistant", "content": content, "refusal": changes.pop("refusal", None)}
    message |= changes.pop("message", {})
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": changes.pop("finish_reason", "stop"),
    }
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "stand-in",
        "choices": [choice],
        "usage": USAGE,
    }
    return Answer(200, {**body, **changes})


def draft(*, usage: Any = USAGE, **changes: Any) -> Answer:
    """A valid draft of the article."""
    return completion(json.dumps({**DRAFT, **changes}, ensure_ascii=False), usage=usage)


def corrections(*copied: str) -> Answer:
    """An answer to the question about what was not found: the article's words, in order."""
    return completion(json.dumps({"copied": copied}))


def fitting(request: Request) -> Answer:
    """An answer to whatever schema was sent: the draft where it fits, else as little as will do."""
    if "participants" in request.schema.get("properties", {}):
        return draft()
    return completion(json.dumps(_least(request.schema, request.schema.get("$defs", {}))))


def _least(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _least(known[schema["$ref"].rpartition("/")[2]], known)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: _least(part, known) for name, part in schema.get("properties", {}).items()}
    return {"array": [], "string": "", "boolean": True, "integer": 0, "number": 0}[schema["type"]]


def status(number: int, /, message: str = "", *, headers: Any = None, **error: Any) -> Answer:
    """An error as OpenAI reports it."""
    body = {"error": {"message": message or f"status {number}", "code": None, **error}}
    return Answer(number, body, headers or {})


def page(code: int = 200) -> Answer:
    """A web page, as a proxy or a wrong address answers."""
    return Answer(code, PAGE, {"content-type": "text/html; charset=utf-8"})


RESET = Answer(instead="reset")
HANG = Answer(instead="hang")
# The headers promise more than comes.
CUT = Answer(body=b'{"id": "chatc', instead="cut")


class StandIn:
    """The endpoint. Use it as a context manager.

    Args:
        script: what it answers.
        latency: seconds that it takes for each answer.

    Attributes:
        requests: what it was sent.
        in_flight: requests that it has not answered yet.
        most_in_flight: the most of them at any one time.
        peers: the client's end of each connection that a request came by.
    """

    def __init__(self, script: Script = fitting, latency: float = 0.0) -> None:
        self.script = script
        self.latency = latency
        self.requests: list[Request] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.peers: set[tuple[str, int]] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Without it an answer in two packets waits 40 ms for the client's acknowledgement.
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self) -> None:
                stand_in._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A client that has gone is nothing to report."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def waits(self) -> list[float]:
        """Seconds between each request and the next."""
        times = [request.at for request in self.requests]
        return [later - earlier for earlier, later in itertools.pairwise(times)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.path, headers, body, time.monotonic())
        with self._lock:
            number = len(self.requests)
            self.requests.append(request)
            script = self.script
            answer = script(request) if callable(script) else script[min(number, len(script) - 1)]
            self.peers.add(handler.client_address)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        if wait := self.latency + answer.after:
            self._closing.wait(wait)
        if answer.instead == "hang":
            self._closing.wait(20)
        with self._lock:
            # Before the client has its answer, and sends the next request.
            self.in_flight -= 1
        if answer.instead in {"hang", "reset"}:
            # With a linger of zero, closing resets the connection.
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.close_connection = True
            handler.connection.close()
            return
        content = answer.body
        if isinstance(content, dict):
            content = json.dumps(content, ensure_ascii=False).encode()
        extra = 100 if answer.instead == "cut" else 0
        handler.send_response(answer.status)
        sent = {"content-type": "application/json", **answer.headers}
        for name, value in sent.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(content) + extra))
        handler.end_headers()
        handler.wfile.write(content)
        handler.wfile.flush()
        handler.close_connection = bool(extra)
