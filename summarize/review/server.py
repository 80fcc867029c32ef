"""Serves a review to a browser on this machine, and to nothing else.

Every request has to come to the address of this machine alone, with the token in its path. Requests
of other pages are answered with nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from threading import Event

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from summarize.errors import OutputError
from summarize.report.html import assets, content_policy, data_element, page_end, page_start
from summarize.review.session import RefusedDecisionError, ReviewSession

__all__ = ["bound", "review_app", "serve"]

HOST = "127.0.0.1"
# A decision with quotes of a long article has some thousands of bytes.
_MAX_BYTES = 1_000_000
_PACKAGE = "summarize.review"
_SCRIPTS_BEFORE = ("text.js", "marks.js", "reading.js", "list.js")
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "summarize",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def review_app(session: ReviewSession, token: str) -> web.Application:
    """Returns the application: a page, its articles, and the decisions that it sends."""

    async def page(_: web.Request) -> web.Response:
        policy = _policy()
        data = data_element("index", session.index.data(with_all_countries=True))
        data += data_element("review", {"file": session.decision_file})
        parts = (page_start(policy, _style()), data, page_end(_script()))
        return web.Response(
            text="".join(parts),
            content_type="text/html",
            headers={"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"},
        )

    async def article(request: web.Request) -> web.Response:
        return _json(_record(session, _number(session, request)))

    async def decide(request: web.Request) -> web.Response:
        number = _number(session, request)
        body = await request.read()
        try:
            session.decide(number, body)
        except RefusedDecisionError as error:
            return _json({**_record(session, number), "refused": str(error)}, status=422)
        except OutputError as error:
            return _json({"failed": str(error)}, status=507)
        return _json(_record(session, number))

    app = web.Application(middlewares=[_guard(token)], client_max_size=_MAX_BYTES)
    app.router.add_get(f"/{token}/", page)
    app.router.add_get(f"/{token}/articles/{{number:[0-9]{{1,9}}}}", article)
    app.router.add_post(f"/{token}/articles/{{number:[0-9]{{1,9}}}}/decisions", decide)
    return app


def _guard(token: str) -> Middleware:
    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request) if _is_ours(request, token) else _nothing(403)
        except web.HTTPException as error:
            response = _nothing(error.status)
        response.headers.update(_HEADERS)
        return response

    return guarded


def _is_ours(request: web.Request, token: str) -> bool:
    """Whether a request is of our own page, or of the browser that opens it."""
    given = request.path.removeprefix("/").partition("/")[0]
    if not secrets.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode()):
        return False
    # A name of somebody else that leads here is not ours: DNS rebinding.
    port = request.transport.get_extra_info("sockname")[1] if request.transport else 0
    if request.host not in (f"{HOST}:{port}", f"localhost:{port}"):
        return False
    origin = request.headers.get("Origin")
    if request.method == "POST":
        return origin == f"http://{request.host}" and request.content_type == "application/json"
    return origin in (None, f"http://{request.host}")


def _nothing(status: int) -> web.Response:
    return web.Response(status=status)


def _number(session: ReviewSession, request: web.Request) -> int:
    number = int(request.match_info["number"])
    if number >= len(session.index.entries):
        raise web.HTTPNotFound
    return number


def _record(session: ReviewSession, number: int) -> dict[str, object]:
    return {**session.record(number), "count": len(session.reviewed)}


def _json(value: object, status: int = 200) -> web.Response:
    # In ASCII: half a character can be no UTF-8.
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return web.Response(text=text, status=status, content_type="application/json")


@cache
def _script() -> str:
    own = assets("outbox.js", "words.js", "form.js", "articles.js", "review.js", package=_PACKAGE)
    return "\n".join([assets(*_SCRIPTS_BEFORE), own, assets("page.js")])


@cache
def _style() -> str:
    return f"{assets('page.css')}\n{assets('review.css', package=_PACKAGE)}"


@cache
def _policy() -> str:
    return content_policy(_script(), _style(), "connect-src 'self'")


def bound(port: int) -> socket.socket:
    """Returns a socket of this machine alone; port 0 is any that is free.

    Raises:
        OSError: the port is not free.
    """
    listener = socket.socket()
    try:
        if os.name == "posix":
            # A server that was killed leaves its port taken for a minute.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


async def serve(
    session: ReviewSession,
    token: str,
    listener: socket.socket,
    on_ready: Callable[[str], None],
    stopping: Callable[[Callable[[], None]], AbstractContextManager[Event]],
) -> None:
    """Serves a review until it is stopped.

    Args:
        session: the review.
        token: the part of the address that nobody else knows.
        listener: a socket as `bound` returns it.
        on_ready: called with the address.
        stopping: calls a function when the command is to end, as `stoppable` does.
    """
    runner = web.AppRunner(review_app(session, token), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.call_soon_threadsafe(stopped.set)

        with stopping(stop):
            on_ready(f"http://{HOST}:{listener.getsockname()[1]}/{token}/")
            await stopped.wait()
    finally:
        await runner.cleanup()
