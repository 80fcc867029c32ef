"""The file of a cassette: a YAML stream with one document for each request and its answer.

Texts of several lines stand as literal blocks, which people can read.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from summarize.errors import ConfigurationError
from summarize.storage.atomic_files import replace_file

__all__ = ["Answer", "Request", "content_of", "dump", "read", "reason_of_miss", "tidy"]

_START = b"---\nrequest:\n"
# Marks the end of a document: one that was cut off while it was written would often still parse.
_END = b"\n...\n"
# Not possible in a literal block: a tab as the first character, control characters, and what
# YAML 1.1 takes for line breaks.
_NOT_LITERAL = re.compile(r"\A\t|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# What can differ. Of several, those recorded for the same article are looked at.
_REASONS = {
    "messages": "the article, the example or a follow-up question is not in the recording",
    "endpoint": "the endpoint differs (recorded with {recorded}, asked of {asked})",
    "model": "the model differs (recorded with {recorded}, asked of {asked})",
    "prompt": "the prompt (system message) changed",
    "schema": "the schema (response_format) changed",
    "settings": "sampling settings changed (recorded {recorded}, asked {asked})",
}


class Request(NamedTuple):
    """What equal requests share: `content` is JSON of the body, with sorted keys."""

    method: str
    path: str
    content: str

    @classmethod
    def of(cls, method: str, path: str, raw: bytes) -> Request:
        """Returns a request with a body."""
        return cls(method, path, json.dumps(content_of(raw), sort_keys=True))

    @property
    def is_chat_completion(self) -> bool:
        """Whether it is of the only kind that is recorded."""
        return self.method == "POST" and self.path.endswith("/chat/completions")


class Answer(NamedTuple):
    """A recorded answer, and the document it is recorded in."""

    status: int
    headers: dict[str, str]
    raw: bytes
    document: bytes


def content_of(raw: bytes) -> dict[str, Any]:
    """Returns the body of a request or an answer as a document holds it: JSON, else text."""
    try:
        body = json.loads(raw)
        # YAML holds no lone surrogates: they stay JSON.
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return {"text": raw.decode("utf-8", errors="replace")}
    return {"body": body}


def read(path: Path) -> dict[Request, Answer]:
    """Returns what is recorded in a file; the last answer to equal requests counts.

    A last document that a kill tore off is left out.

    Raises:
        ConfigurationError: the file is not a cassette.
        OSError: it cannot be read.
    """
    # Git may have changed the ends of lines, and an editor the last one.
    data = path.read_bytes().replace(b"\r\n", b"\n")
    *documents, torn = (data + b"\n" * data.endswith(_END[:-1])).split(_END)
    if not (torn.startswith(_START) or _START.startswith(torn.strip())):
        documents.append(torn)
    recorded = {}
    for number, document in enumerate(documents, start=1):
        try:
            request, answer = _parse(document + _END)
        except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError) as error:
            reason = " ".join(str(error).split())[:120]
            raise ConfigurationError(
                f"{path} is not a cassette of summarize (document {number}: {reason})",
                hint="point to a folder made with --record, or record into a new one",
            ) from error
        recorded[request] = answer
    return recorded


def _parse(document: bytes) -> tuple[Request, Answer]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: Any = yaml.load(document.decode("utf-8"), Loader=loader)  # noqa: S506
    asked, answered = data["request"], data["response"]
    method, path = str(asked.pop("method")), str(asked.pop("path"))
    headers = {str(name): str(value) for name, value in answered["headers"].items()}
    is_text = "text" in answered
    raw = answered["text"] if is_text else json.dumps(answered["body"], ensure_ascii=False)
    request = Request(method, path, json.dumps(asked, sort_keys=True))
    return request, Answer(int(answered["status"]), headers, raw.encode("utf-8"), document)


def reason_of_miss(asked: Request, recorded: Iterable[Request]) -> str:
    """Returns why a request is not among those recorded."""
    if not asked.is_chat_completion:
        return "a cassette holds chat completions only"
    ours = _parts(asked)
    like = [_parts(request) for request in recorded]
    for name, reason in _REASONS.items():
        same = [theirs for theirs in like if theirs[name] == ours[name]]
        if like and not same:
            return reason.format(recorded=like[0][name], asked=ours[name])
        like = same
    return "the cassette is empty"


@lru_cache(maxsize=10_000)
def _parts(request: Request) -> dict[str, Any]:
    body = json.loads(request.content).get("body")
    settings = dict(body) if isinstance(body, dict) else {}
    messages = settings.pop("messages", None) or []
    return {
        "messages": messages[1:],
        "endpoint": request.path,
        "model": settings.pop("model", None),
        "prompt": messages[:1],
        "schema": settings.pop("response_format", None),
        "settings": settings,
    }


def tidy(path: Path) -> None:
    """Removes documents that are torn or were recorded again; raises what `read` does."""
    whole = b"".join(answer.document for answer in read(path).values())
    if path.read_bytes() != whole:
        new = path.with_suffix(".tmp")
        new.write_bytes(whole)
        replace_file(new, path)


class _Dumper(yaml.SafeDumper):
    def analyze_scalar(self, scalar: str) -> Any:
        # PyYAML gives up on blocks at a tab or a space at the end of a line, and quotes the text.
        analysis = super().analyze_scalar(scalar)
        is_literal = not _NOT_LITERAL.search(scalar)
        analysis.allow_block = is_literal
        # It writes U+0085 as it is in single quotes, where it reads as a space.
        analysis.allow_single_quoted &= is_literal
        return analysis

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _represent_text)


def dump(data: dict[str, Any]) -> bytes:
    """Returns one document, from its first line to its last; texts have no lone surrogates."""
    document = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=math.inf)
    return f"---\n{document}...\n".encode()
