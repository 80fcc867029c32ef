"""Explains why a request is not in a cassette, by the recorded request that is most like it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from summarize.errors import CassetteMissError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from summarize.cassettes.cassette_file import Request

__all__ = ["Misses", "find_miss"]


def find_miss(error: BaseException | None) -> CassetteMissError | None:
    """Returns the miss behind an error that a client raised; None if it has another cause."""
    seen = set[int]()
    # An error that is raised again while it is handled may stand behind itself.
    while error is not None and id(error) not in seen:
        if isinstance(error, CassetteMissError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


class Misses:
    """The recorded requests, taken apart into what can differ."""

    def __init__(self, recorded: Iterable[Request]) -> None:
        bodies = [(request.path, _body(request)) for request in recorded]
        self._conversations = {json.dumps(body["messages"]) for _, body in bodies}
        self._recorded = [self._parts(path, body) for path, body in bodies]

    def reason(self, asked: Request) -> str:
        """Returns why a request is missing."""
        if not asked.is_chat_completion:
            return "a cassette holds chat completions only"
        if not self._recorded:
            return "the cassette is empty"
        ours = self._parts(asked.path, _body(asked))
        differing = [
            [name for name in ours if ours[name] != theirs[name]] for theirs in self._recorded
        ]
        # Of those with the fewest differences, the one whose first comes to mind first.
        names = list(ours)
        nearest = min(
            range(len(differing)),
            key=lambda n: (len(differing[n]), [names.index(name) for name in differing[n]]),
        )
        return self._told(differing[nearest], ours, self._recorded[nearest])

    def _parts(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Returns what can differ, in the order in which it comes to mind."""
        settings = dict(body)
        messages = settings.pop("messages")
        # A follow-up repeats the first question, which was recorded, too.
        ends = range(1, len(messages))
        recorded = (n for n in ends if json.dumps(messages[:n]) in self._conversations)
        end = next(recorded, len(messages))
        return {
            "endpoint": path,
            "model": settings.pop("model", None),
            "prompt": messages[: end - 1],
            "schema": settings.pop("response_format", None),
            "article": messages[end - 1 : end],
            "follow-up": messages[end:],
            "settings": settings,
        }

    def _told(self, differing: list[str], ours: dict[str, Any], theirs: dict[str, Any]) -> str:
        match differing:
            case ["endpoint" | "model" as name, *_]:
                recorded = f"recorded with {theirs[name]}, asked of {ours[name]}"
                return f"the {name} differs ({recorded})"
            case ["prompt", *_]:
                return "the prompt (system message or example) changed"
            case ["schema", *_]:
                return "the schema (response_format) changed"
            case ["article", *_]:
                number = len({json.dumps(parts["article"]) for parts in self._recorded})
                count = f"{number} article{'s' * (number != 1)}"
                return f"the article is not in the recording, which has {count}"
            case ["follow-up", *_]:
                return "another follow-up question on the same article"
            case ["settings"]:
                new, old = ours["settings"], theirs["settings"]
                changed = sorted(n for n in new.keys() | old.keys() if new.get(n) != old.get(n))
                values = ", ".join(
                    f"{n}: recorded {old.get(n)}, asked {new.get(n)}" for n in changed
                )
                return f"sampling settings changed ({values})"
        return "its body is not JSON"


def _body(request: Request) -> dict[str, Any]:
    """Returns the body as JSON; its messages are a list, whatever it says."""
    try:
        body = json.loads(request.raw)
    except (ValueError, RecursionError):
        body = None
    body = body if isinstance(body, dict) else {}
    messages = body.get("messages")
    return {**body, "messages": messages if isinstance(messages, list) else []}
