"""A stand-in for an OpenAI-compatible endpoint that answers after a fixed time.

Run it as `python benchmarks/stand_in.py --latency 0.2`. It prints its port and serves real HTTP on
the loopback interface until its standard input ends. It shares the cores with the clients that
`throughput.py` measures, so it does as little as it can: about a tenth of a millisecond a request.

`POST /v1/chat/completions` answers any JSON schema, given as `response_format` or as a tool: our
draft with a faithful record of the benchmark's article, LangExtract's with one extraction from it,
any other with the least that is valid. `GET /requests` says what has happened so far.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import socket
import sys
import time
from http import HTTPStatus
from threading import Thread
from typing import Any, cast

# What the embedded model said of seeds/004_6cd281ebbed1be5a.txt, as far as it stands there to the
# letter: nothing of it has to be asked for again, so an article is one request.
DRAFT: dict[str, Any] = {
    "event": "visit",
    "place": "Damascus",
    "date": "Sept. 17",
    "participants": [
        {"role": "Turkish spy chief", "name": "İbrahim Kalın"},
        {"role": "interim President", "name": "Ahmad al-Sharaa"},
    ],
    "topics": [
        "bilateral ties between the two neighboring countries",
        "security and intelligence cooperation",
        "cooperation against the ISIL terrorist organization",
        "border security and customs",
        "improving economic conditions",
        "facilitating the voluntary and safe return of Syrian refugees",
    ],
    "outcomes": [
        {
            "kind": "commitment",
            "text": "Türkiye reaffirmed its readiness to provide support to the Syrian government "
            "in addressing internal and external challenges",
        }
    ],
}
# LangExtract looks for each extraction in the article; the fewest make it fastest.
EXTRACTIONS = {"extractions": [{"participant": "İbrahim Kalın", "participant_attributes": {}}]}

USAGE = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}
# Enough for every client to connect at once.
BACKLOG = 1024
# Bytes; a longer body is none that the benchmark sends.
MAX_BODY = 50_000_000


class Counts:
    """What has happened so far."""

    def __init__(self) -> None:
        self.requests = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.connections = 0
        # When each answer was sent, in seconds of a clock of its own.
        self.answered: list[float] = []

    def began(self) -> None:
        """One more request is being answered."""
        self.requests += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def report(self) -> dict[str, float]:
        """As `GET /requests` gives it."""
        return {
            "requests": self.requests,
            "most_in_flight": self.most_in_flight,
            "connections": self.connections,
            "cpu_seconds": time.process_time(),
        }


class Connection(asyncio.Protocol):
    """One connection: HTTP/1.1, kept open, each request with a content length."""

    def __init__(self, counts: Counts, latency: float) -> None:
        self._counts = counts
        self._latency = latency
        self._received = bytearray()
        # Requests that came before the last one was answered wait: answers go out in order.
        self._busy = False
        self._is_known = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answers must not wait for the acknowledgement of the packet before."""
        self._loop = asyncio.get_running_loop()
        self._transport = cast(asyncio.Transport, transport)
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        """A request may come in several packets, and a packet may hold several."""
        self._received += data
        self._take()

    def _take(self) -> None:
        """Begins the next request, if all of it is here."""
        end = self._received.find(b"\r\n\r\n")
        if self._busy or end < 0:
            return
        head = self._received[:end].lower()
        if b"\r\ntransfer-encoding:" in head:
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
            return
        _, _, after = head.partition(b"\r\ncontent-length:")
        digits = bytes(after.partition(b"\r\n")[0]).strip() or b"0"
        if not digits.isdigit():
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        if (length := int(digits)) > MAX_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        start = end + len(b"\r\n\r\n")
        if len(self._received) < start + length:
            if b"\r\nexpect:" in head:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        body = bytes(self._received[start : start + length])
        del self._received[: start + length]
        self._handle(bytes(head.partition(b" http/")[0]), body)

    def _handle(self, request: bytes, body: bytes) -> None:
        if request == b"get /requests":
            self._send(HTTPStatus.OK, json.dumps(self._counts.report()).encode())
        elif request == b"get /answers":
            self._send(HTTPStatus.OK, json.dumps(self._counts.answered).encode())
        elif request == b"post /v1/chat/completions":
            self._counts.began()
            # Whoever only asks for the counts is not counted.
            self._counts.connections += not self._is_known
            self._is_known = self._busy = True
            # The answer is worked out first, so that the time it takes is part of the latency.
            due = self._loop.time() + self._latency
            self._loop.call_at(due, self._answer, *answer(body))
        else:
            self._send(HTTPStatus.NOT_FOUND, b'{"error":{"message":"no such address"}}')

    def _answer(self, status: HTTPStatus, content: bytes) -> None:
        self._counts.in_flight -= 1
        self._counts.answered.append(self._loop.time())
        self._busy = False
        self._send(status, content)
        self._take()

    def _refuse(self, status: HTTPStatus) -> None:
        self._send(status, b"")
        self._transport.close()

    def _send(self, status: HTTPStatus, content: bytes) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(
            b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
            % (status, status.phrase.encode(), len(content), content)
        )


def answer(body: bytes) -> tuple[HTTPStatus, bytes]:
    """The answer to a chat completion's request.

    To parse the whole of it takes 0.03 ms, less than to be clever is worth.
    """
    try:
        request = json.loads(body)
        if tools := request.get("tools"):
            function = tools[0]["function"]
            name, schema = function["name"], function.get("parameters", {})
        else:
            name, schema = None, request.get("response_format", {}).get("json_schema", {})
            schema = schema.get("schema", {})
        key = json.dumps([name, schema])
        if key not in _answers:
            _answers[key] = _completion(name, _fitting(schema))
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        message = f"cannot be answered: {error!r}"
        return HTTPStatus.BAD_REQUEST, json.dumps({"error": {"message": message}}).encode()
    return HTTPStatus.OK, _answers[key]


# By the schema that was sent, and the tool's name.
_answers: dict[str, bytes] = {}


def _fitting(schema: dict[str, Any]) -> Any:
    """What the benchmark's article says where the schema asks for it; else as little as will do."""
    properties = schema.get("properties", {})
    if "participants" in properties:
        return DRAFT
    if "extractions" in properties:
        return EXTRACTIONS
    return _least(schema, schema.get("$defs", {}))


def _least(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _least(known[schema["$ref"].rpartition("/")[2]], known)
    if "const" in schema or schema.get("enum"):
        return schema.get("const", schema.get("enum", [None])[0])
    for choices in ("anyOf", "oneOf", "allOf"):
        if choices in schema:
            return _least(schema[choices][0], known)
    kind = schema.get("type", "object")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            parts = schema.get("properties", {})
            needed = schema.get("required", ())
            return {part: _least(parts.get(part, {}), known) for part in needed}
        case "array":
            count = schema.get("minItems", 0)
            # Only looked at where there are any: a schema may hold itself.
            return [_least(schema["items"], known) for _ in range(count)]
        case "string":
            return "x" * schema.get("minLength", 0)
        case "integer" | "number":
            return schema.get("minimum", 0)
        case simple:
            return {"boolean": True, "null": None}[simple]


def _completion(tool: str | None, value: Any) -> bytes:
    """A chat completion with a value as its content, or as a tool's arguments."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    if tool is not None:
        function = {"name": tool, "arguments": text}
        call = {"id": "call_1", "type": "function", "function": function}
        message |= {"content": None, "tool_calls": [call]}
    finished = "stop" if tool is None else "tool_calls"
    completion = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "stand-in",
        "choices": [{"index": 0, "message": message, "finish_reason": finished}],
        "usage": USAGE,
    }
    return json.dumps(completion, ensure_ascii=False).encode()


async def serve(latency: float) -> None:
    """Serves until the standard input ends, so that it never outlives who started it."""
    loop = asyncio.get_running_loop()
    counts = Counts()
    server = await loop.create_server(
        lambda: Connection(counts, latency), "127.0.0.1", 0, backlog=BACKLOG
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()

    def read() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        loop.call_soon_threadsafe(ended.set)

    Thread(target=read, daemon=True).start()
    await ended.wait()
    server.close()


def main() -> None:
    """Serves on a port of the system's choice."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--latency", type=float, default=0.2, help="seconds, 0.2 if not given")
    arguments = parser.parse_args()
    # A connection is an open file, and the usual limit is 1,024.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(serve(arguments.latency))


if __name__ == "__main__":
    main()
