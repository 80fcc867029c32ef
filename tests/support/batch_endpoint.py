"""A stand-in for /v1/files and /v1/batches: real HTTP on the loopback interface, no model.

    with BatchStandIn(script) as endpoint:
        ...  # endpoint.url, endpoint.files, endpoint.batches

Fields, statuses and the forms of errors are those of https://platform.openai.com/docs/api-reference
(files, batch). A batch takes a step of its course each time somebody looks; its requests get what
the script of tests/support/endpoint.py gives.
"""

from __future__ import annotations

import email.parser
import email.policy
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from endpoint import RESET, Answer, Request, fitting, status

COMPLETED = ("validating", "in_progress", "in_progress", "finalizing", "completed")
FAILED = ("validating", "failed")
EXPIRED = ("validating", "in_progress", "finalizing", "expired")
CANCELLED = ("validating", "in_progress", "cancelling", "cancelled")
FOREVER = ("validating", *["in_progress"] * 100_000)
_OVER = {"completed", "failed", "expired", "cancelled"}

TOO_LONG = {
    "code": "invalid_json_line",
    "message": "This line is not parseable as valid JSON.",
    "param": None,
    "line": 1,
}
OVER_LIMIT = {
    "code": "token_limit_exceeded",
    "message": "Enqueued token limit reached for stand-in in organization org-1. Limit: 90,000 "
    "enqueued tokens. Please try again once some in_progress batches have been completed.",
    "param": None,
    "line": None,
}


def answered(lines: Iterable[bytes], script: Callable[[Request], Answer] = fitting) -> list[Any]:
    """The result of each line of a file of requests."""
    return [result(json.loads(line), script) for line in lines]


def result(line: dict[str, Any], script: Callable[[Request], Answer] = fitting) -> dict[str, Any]:
    answer = script(Request(line["url"], {}, line["body"], 0.0))
    response = {"status_code": answer.status, "request_id": "req_1", "body": answer.body}
    id_ = f"batch_req_{line['custom_id'][:8]}"
    return {"id": id_, "custom_id": line["custom_id"], "response": response, "error": None}


def not_asked(line: dict[str, Any], code: str = "batch_expired") -> dict[str, Any]:
    """The result of a request that a batch did not get to."""
    told = "This request could not be executed before the completion window expired."
    id_ = f"batch_req_{line['custom_id'][:8]}"
    error = {"code": code, "message": told}
    return {"id": id_, "custom_id": line["custom_id"], "response": None, "error": error}


class BatchStandIn:
    """The endpoint. Use it as a context manager.

    Args:
        script: what a request is answered.
        courses: of the statuses of each batch, one after the other; the last one for all others.

    Attributes:
        files: what was uploaded, and the results, by id.
        names: of what was uploaded.
        batches: all there are, the latest last.
        calls: the method and the path of each request, in order.
        fault: given the method, the path and how often that was asked, an answer in place of the
            real one; RESET breaks the connection.
        is_lossy: whether what a fault stands in for was done all the same.
        errors: of batches that fail.
    """

    def __init__(
        self,
        script: Callable[[Request], Answer] = fitting,
        courses: Sequence[Sequence[str]] = (COMPLETED,),
    ) -> None:
        self.script = script
        self.courses = courses
        self.files: dict[str, bytes] = {}
        self.names: list[str] = []
        self.batches: list[dict[str, Any]] = []
        self.calls: list[tuple[str, str]] = []
        self.fault: Callable[[str, str, int], Answer | None] = lambda *_: None
        self.is_lossy = False
        self.errors = [TOO_LONG]
        self._looks: dict[str, int] = {}
        self._lock = threading.Lock()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                stand_in._handle(self)

            def do_GET(self) -> None:
                stand_in._handle(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that has gone is nothing to report."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def count(self, method: str, path: str) -> int:
        """How often something was asked."""
        return self.calls.count((method, path))

    # What is asked

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        data = handler.rfile.read(int(handler.headers["content-length"] or 0))
        parts = urlsplit(handler.path)
        path = parts.path.removeprefix("/v1")
        with self._lock:
            self.calls.append((handler.command, path))
            fault = self.fault(handler.command, path, self.count(handler.command, path))
            answer = None
            if fault is None or self.is_lossy:
                answer = self._answer(handler.command, path, parse_qs(parts.query), handler, data)
        answer = fault or answer
        assert answer is not None
        if answer is RESET:
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.close_connection = True
            handler.connection.close()
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        handler.send_response(answer.status)
        for name, value in {"content-type": "application/json", **answer.headers}.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _answer(
        self, method: str, path: str, query: Any, handler: BaseHTTPRequestHandler, data: bytes
    ) -> Answer:
        match method, path.strip("/").split("/"):
            case "POST", ["files"]:
                return self._upload(handler.headers["content-type"], data)
            case "GET", ["files", id_, "content"] if id_ in self.files:
                return Answer(200, self.files[id_], {"content-type": "application/octet-stream"})
            case "POST", ["batches"]:
                return self._create(json.loads(data))
            case "GET", ["batches"]:
                return self._listed(query)
            case "GET", ["batches", id_] if found := [b for b in self.batches if b["id"] == id_]:
                self._step(found[0])
                return Answer(200, found[0])
        what = f"No such object: {path}"
        return status(404, what, type="invalid_request_error", param=None)

    def _upload(self, content_type: str, data: bytes) -> Answer:
        head = f"content-type: {content_type}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + data)
        fields = {p.get_param("name", header="content-disposition"): p for p in form.iter_parts()}
        assert fields["purpose"].get_content().strip() == "batch"
        name = fields["file"].get_filename()
        assert name is not None
        assert name.endswith(".jsonl")
        self.names.append(name)
        content = fields["file"].get_payload(decode=True)
        assert isinstance(content, bytes)
        return Answer(200, self._file(content, name, "batch"))

    def _file(self, content: bytes, name: str, purpose: str) -> dict[str, Any]:
        id_ = f"file-{len(self.files) + 1}"
        self.files[id_] = content
        return {
            "id": id_,
            "object": "file",
            "bytes": len(content),
            "created_at": int(time.time()),
            "filename": name,
            "purpose": purpose,
            "status": "processed",
        }

    def _create(self, given: dict[str, Any]) -> Answer:
        assert given["endpoint"] == "/v1/chat/completions"
        assert given["completion_window"] == "24h"
        assert all(len(k) <= 64 and len(v) <= 512 for k, v in given["metadata"].items())
        if given["input_file_id"] not in self.files:
            return status(400, "No such File object", type="invalid_request_error", param=None)
        times = "in_progress finalizing completed failed expired cancelling cancelled".split()
        batch = {
            "id": f"batch_{len(self.batches) + 1}",
            "object": "batch",
            "endpoint": given["endpoint"],
            "errors": None,
            "input_file_id": given["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": int(time.time()),
            "expires_at": int(time.time()) + 86_400,
            **{f"{name}_at": None for name in times},
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "metadata": given["metadata"],
        }
        self.batches.append(batch)
        return Answer(200, batch)

    def _listed(self, query: dict[str, list[str]]) -> Answer:
        latest = self.batches[::-1]
        if after := query.get("after"):
            place = [batch["id"] for batch in latest].index(after[0])
            latest = latest[place + 1 :]
        page = latest[: int(query.get("limit", ["20"])[0])]
        ids = [batch["id"] for batch in page]
        return Answer(
            200,
            {
                "object": "list",
                "data": page,
                "first_id": ids[0] if ids else None,
                "last_id": ids[-1] if ids else None,
                "has_more": len(latest) > len(page),
            },
        )

    # What comes of it

    def _step(self, batch: dict[str, Any]) -> None:
        if batch["status"] in _OVER:
            return
        number = self.batches.index(batch)
        course = self.courses[min(number, len(self.courses) - 1)]
        look = self._looks[batch["id"]] = self._looks.get(batch["id"], 0) + 1
        batch["status"] = course[min(look, len(course) - 1)]
        batch[f"{batch['status']}_at"] = int(time.time())
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        ids = [line["custom_id"] for line in lines]
        assert len(set(ids)) == len(ids), "duplicate_custom_id"
        if batch["status"] == "failed":
            batch["errors"] = {"object": "list", "data": self.errors}
            return
        batch["request_counts"]["total"] = len(lines)
        if batch["status"] in _OVER:
            self._end(batch, lines)

    def _end(self, batch: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        # Half of them, where the time was too short.
        done = lines if batch["status"] == "completed" else lines[: len(lines) // 2]
        results = answered((json.dumps(line).encode() for line in done), self.script)
        good = [line for line in results if line["response"]["status_code"] == 200]
        bad = [line for line in results if line["response"]["status_code"] != 200]
        bad += [not_asked(line, f"batch_{batch['status']}") for line in lines[len(done) :]]
        # In no order.
        for name, found in (("output", good[::-1]), ("error", bad[::-1])):
            if found:
                content = "".join(f"{json.dumps(line)}\n" for line in found).encode()
                file = self._file(content, f"{batch['id']}_{name}.jsonl", "batch_output")
                batch[f"{name}_file_id"] = file["id"]
        batch["request_counts"].update(completed=len(good), failed=len(bad))
