"""The file of a cassette: a YAML stream with one document for each interaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from summarize.cassettes.readable_yaml import END, dump, load
from summarize.errors import ConfigurationError
from summarize.storage.atomic_files import replace_file

__all__ = ["FILE_NAME", "Interaction", "Request", "document_of", "raw_of", "read", "tidy"]

FILE_NAME = "cassette.yaml"
_START = "---\nrequest:\n"
# What llama.cpp says of the machine and the moment.
_MACHINE_FIELDS = ("timings", "__verbose")


@dataclass(frozen=True)
class Request:
    """A request; `raw` is its body."""

    method: str
    path: str
    raw: bytes

    @property
    def is_chat_completion(self) -> bool:
        """Whether it is of the only kind that is recorded."""
        return self.method == "POST" and self.path.endswith("/chat/completions")

    @cached_property
    def key(self) -> tuple[str, str, str]:
        """What equal requests share; `temperature: 0` and `temperature: 0.0` are equal."""
        try:
            body = json.loads(self.raw, parse_float=_number)
        except (ValueError, RecursionError):
            return self.method, self.path, repr(self.raw)
        return self.method, self.path, json.dumps(body, sort_keys=True)


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


@dataclass(frozen=True)
class Interaction:
    """A request, its answer, and the document that holds both."""

    request: Request
    response: dict[str, Any]
    document: str


def document_of(request: Request, status: int, headers: dict[str, str], raw: bytes) -> str:
    """Returns the document of a request and its answer."""
    answer = _content(raw)
    if isinstance(answer.get("body"), dict):
        answer["body"] = {k: v for k, v in answer["body"].items() if k not in _MACHINE_FIELDS}
    return dump(
        {
            "request": {"method": request.method, "path": request.path, **_content(request.raw)},
            "response": {"status": status, "headers": headers, **answer},
        }
    )


def _content(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
        # YAML holds no lone surrogates: they stay JSON.
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return {"text": raw.decode("utf-8", errors="replace")}
    return {"body": body}


def raw_of(content: dict[str, Any]) -> bytes:
    """Returns the body of a request or a response that a cassette holds."""
    text = content["text"] if "text" in content else json.dumps(content["body"], ensure_ascii=False)
    return str(text).encode("utf-8")


def read(path: Path) -> dict[tuple[str, str, str], Interaction]:
    """Returns the interactions by the keys of their requests; the last of equal requests counts.

    A last document that a kill tore off is left out.

    Raises:
        ConfigurationError: the file is not a cassette.
        OSError: it cannot be read.
    """
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    *documents, torn = (text + "\n" * text.endswith(END[:-1])).split(END)
    if not (torn.startswith(_START) or _START.startswith(torn) or not torn.strip()):
        raise _foreign(path, "it has text that was not recorded")
    interactions = {}
    for number, document in enumerate(documents, start=1):
        try:
            interaction = _interaction(document + END)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            reason = " ".join(str(error).split())[:120] or type(error).__name__
            raise _foreign(path, f"document {number}: {reason}") from error
        interactions[interaction.request.key] = interaction
    return interactions


def _interaction(document: str) -> Interaction:
    document.encode("utf-8")
    data: Any = load(document)
    asked, response = data["request"], dict(data["response"])
    response["status"] = int(response["status"])
    response["headers"] = {str(n): str(v) for n, v in dict(response["headers"]).items()}
    raw_of(response)  # an edited cassette fails now, not in the middle of a run
    request = Request(str(asked["method"]), str(asked["path"]), raw_of(asked))
    return Interaction(request, response, document)


def tidy(path: Path) -> None:
    """Removes documents that are torn or were recorded again.

    Raises:
        ConfigurationError: the file is not a cassette.
        OSError: it cannot be read or written.
    """
    whole = "".join(one.document for one in read(path).values()).encode("utf-8")
    if path.read_bytes() != whole:
        new = path.with_suffix(".tmp")
        new.write_bytes(whole)
        replace_file(new, path)


def _foreign(path: Path, reason: str) -> ConfigurationError:
    hint = "point to a folder made with --record, or record into a new one"
    return ConfigurationError(f"{path} is not a cassette of summarize ({reason})", hint=hint)
