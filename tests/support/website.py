"""A site on this machine whose pages do what pages of the Web do."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

__all__ = ["Page", "Site"]

Handler = BaseHTTPRequestHandler
Page = Callable[[Handler], None]


def answer(
    handler: Handler, data: bytes = b"", *, status: int = 200, kind: str = "", **headers: str
) -> None:
    handler.send_response(status)
    if kind:
        handler.send_header("Content-Type", kind)
    for name, value in {"Content_Length": str(len(data)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    # Who asked may have gone.
    with suppress(OSError):
        handler.wfile.write(data)


def holds(data: bytes, kind: str = "text/html; charset=utf-8", **more: Any) -> Page:
    return lambda handler: answer(handler, data, kind=kind, **more)


def leads_to(address: str, status: int = 302) -> Page:
    return lambda handler: answer(handler, status=status, Location=address)


def zipped(data: bytes) -> Page:
    return holds(gzip.compress(data), Content_Encoding="gzip")


def endless(handler: Handler) -> None:
    """Says nothing of its length, and never ends by itself."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b"<p>More of the same.</p>" * 40_000)


def slow(handler: Handler) -> None:
    """A byte now and then: each read is quick, all of them take a minute."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    with suppress(OSError):
        for _ in range(600):
            handler.wfile.write(b"<")
            handler.wfile.flush()
            time.sleep(0.1)


def torn(handler: Handler) -> None:
    """Less than was promised."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"<p>The ministers")
    handler.close_connection = True


class Site:
    """Serves pages by their paths; anything else is not there. Use it as a context manager.

    Attributes:
        pages: by their paths.
        asked: the path of each request, with its headers.

    Args:
        pages: by their paths.
        context: of a secure site; None for a plain one.
    """

    def __init__(self, pages: dict[str, Page], context: ssl.SSLContext | None = None) -> None:
        self.pages = pages
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Visit(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                page = site.pages.get(self.path)
                if page:
                    page(self)
                else:
                    answer(self, b"nothing here", status=404, type="text/plain")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Visit)
        self._server.daemon_threads = True
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            # Those who do not trust it say so.
            self._server.handle_error = lambda *_: None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
