"""`summarize review` and `gold`, and the decisions of people as other commands take them."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from getpass import getuser
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from threading import Thread

from summarize.batch.summaries import WANTED, read_each
from summarize.cli import DONE, NOTHING_DONE
from summarize.cli.article_lookup import ArticleLookup
from summarize.cli.messages import Messages, counted
from summarize.cli.signals import stoppable
from summarize.errors import ConfigurationError, InputError
from summarize.review.applying import Review
from summarize.review.corrected import Reviewed
from summarize.review.decisions import DecisionFile, read_decisions
from summarize.review.gold import write_gold
from summarize.schema import Summary
from summarize.sources.articles import STANDARD_INPUT


def review_file(summaries: Path) -> Path:
    """Where the decisions about a file of summaries are: out.review.jsonl for out.jsonl."""
    return summaries.with_name(f"{summaries.stem}.review.jsonl")


def review_of(options: argparse.Namespace, summaries: Path, messages: Messages) -> Review:
    """Returns the decisions of --review, else those beside the summaries; says which they are."""
    if options.review:
        return read_review(Path(options.review), messages)
    path = review_file(summaries)
    if options.no_review or str(summaries) == STANDARD_INPUT or not path.is_file():
        return Review()
    return read_review(path, messages, " (--no-review leaves them out)")


def read_review(path: Path, messages: Messages, note: str = "") -> Review:
    """Reads a file of decisions; says how many it has, and which lines are none."""
    decisions, problems = read_decisions(path)
    for problem in problems:
        messages.error(problem)
    messages.info(f"{path}: {counted(len(decisions), 'decision')} applied{note}")
    return Review(decisions)


def run_review(options: argparse.Namespace) -> int:
    """Serves the review until it is interrupted; returns the exit code."""
    from summarize.review.server import serve
    from summarize.review.session import ReviewSession

    path = Path(options.summaries)
    if options.summaries == STANDARD_INPUT:
        raise ConfigurationError("-: decisions are kept beside a file", hint="name the file")
    decisions = Path(options.review) if options.review else review_file(path)
    if decisions.resolve() == path.resolve():
        raise ConfigurationError(f"{decisions}: holds the summaries", hint="name another --review")
    # Without a live line, which would turn for hours.
    messages = Messages()
    articles = ArticleLookup(options.articles, path)
    with ExitStack() as stack:
        file = stack.enter_context(DecisionFile.opened(decisions))
        for problem in file.problems:
            messages.error(problem)
        session = ReviewSession(
            path,
            articles.find,
            file,
            reviewer=options.reviewer or _user(),
            order=options.order,
            on_problem=messages.info,
        )
        stack.enter_context(closing(session))
        total = counted(len(session.index.entries), "article")
        listener, token = stack.enter_context(_listener(decisions, options.port))

        def on_ready(address: str) -> None:
            messages.info(f"{total} to review at {address} (Ctrl-C ends it)")
            _save_address(decisions, token, listener.getsockname()[1])
            if not options.no_browser:
                Thread(target=webbrowser.open, args=(address,), daemon=True).start()

        asyncio.run(serve(session, token, listener, on_ready, stoppable))
        done = f"{len(session.reviewed):,} of {total} reviewed"
        messages.info(f"{done}; decisions are in {decisions}")
    return messages.exit_code()


def _user() -> str:
    try:
        return getuser()
    except (OSError, KeyError):  # a container may have no names
        return ""


@contextmanager
def _listener(decisions: Path, port: int | None) -> Iterator[tuple[socket.socket, str]]:
    """A socket and the token of the address: those of the last review of the file, if they can be.

    A page that is still open then goes on. Who has the port meanwhile may have seen the token.
    """
    from summarize.review.server import bound

    saved = _saved_address(decisions)
    listener = None
    if saved and port in (None, saved[1]):
        with suppress(OSError):
            listener = bound(saved[1])
    token = saved[0] if saved and listener else token_urlsafe()
    try:
        listener = listener or bound(port or 0)
    except OSError as error:
        why = f"port {port}: cannot be listened on ({error.strerror})"
        raise ConfigurationError(why, hint="name another one with --port") from error
    with closing(listener):
        yield listener, token


def _address_file(decisions: Path) -> Path:
    from platformdirs import user_state_path

    name = sha256(os.fsencode(decisions.resolve())).hexdigest()[:16]
    return user_state_path("summarize") / "reviews" / f"{name}.json"


def _saved_address(decisions: Path) -> tuple[str, int] | None:
    """Token and port of the last review of a file: a page that is still open goes on with them."""
    try:
        saved = json.loads(_address_file(decisions).read_text(encoding="utf-8"))
        return str(saved["token"]), int(saved["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _save_address(decisions: Path, token: str, port: int) -> None:
    """Keeps token and port where only this user can read them."""
    path = _address_file(decisions)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"token": token, "port": port}, file)


def run_gold(options: argparse.Namespace) -> int:
    """Writes gold of what was reviewed; returns the exit code."""
    path, folder = Path(options.summaries), Path(options.output)
    written = unread = 0
    with Messages() as messages:
        review = review_of(options, path, messages)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            hint = "name a folder with -o"
            raise ConfigurationError(f"{folder}: {error.strerror}", hint=hint) from error
        records = read_each(path, on_message=messages.info)
        for record in review.each(records, messages.info):
            if isinstance(record, InputError):
                messages.error(record)
            elif isinstance(record, Reviewed) and record.is_complete:
                try:
                    write_gold(record.summary, folder)
                    written += 1
                except InputError as error:
                    messages.error(error)
            elif isinstance(record, Reviewed | Summary):
                unread += 1
        if not written + unread and not messages.errors:
            raise InputError(f"{path}: holds no summaries", hint=WANTED)
        left = f"; {counted(unread, 'article')} not reviewed whole, left out" if unread else ""
        messages.info(f"{folder}: gold of {counted(written, 'article')}{left}")
        if not written and not messages.errors:
            messages.info(f"review them first: summarize review {path}")
            return NOTHING_DONE
        return messages.exit_code(is_anything_done=written > 0) if messages.errors else DONE
