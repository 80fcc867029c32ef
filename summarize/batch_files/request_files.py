"""Files of requests, in OpenAI's batch format: each request once, no file too large for a batch."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import IO, NoReturn, Self

from summarize.errors import ConfigurationError, InputError, MissingResultError, OutputError
from summarize.models import Meter, ModelSettings
from summarize.models.model import BatchFileModel
from summarize.pipeline.summarizer import Summarizer
from summarize.sources.decoding import cannot_read, display_name
from summarize.sources.records import Record
from summarize.storage.atomic_files import replace_file
from summarize.storage.disk_tables import DiskTables

URL = "/v1/chat/completions"
# OpenAI's limits for a batch
# (https://platform.openai.com/docs/api-reference/batch/create, read in November 2026).
_MAX_LINES = 50_000
_MAX_BYTES = 200_000_000
# Hexadecimal digits. OpenAI allows 64 characters; 128 bits tell any number of requests apart.
_ID_DIGITS = 32
# Allowed in JSON strings, but some programs take them for the end of a line.
_LINE_ENDS = {end.encode(): f"\\u{ord(end):04x}".encode() for end in "\u2028\u2029\u0085"}


def custom_id(body: bytes) -> str:
    """The id of a request: a hash of its body, whatever the order of keys and the spacing."""
    canonical = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:_ID_DIGITS]


def first_requests(
    settings: ModelSettings,
    records: Iterable[Record],
    *,
    prompts: str | PathLike[str] | None = None,
) -> Iterator[tuple[str, list[bytes] | InputError]]:
    """Makes the first requests about each record: those that are sent whatever the answers are.

    Neither the model's server nor a key is needed.

    Yields:
        Each record's id, and the bodies of its requests or the reason why it has none.

    Raises:
        ConfigurationError: such a model is not asked through batch files.
    """
    bodies: list[bytes] = []

    def take(body: bytes) -> NoReturn:
        bodies.append(body)
        raise MissingResultError("is yet to be asked")

    summarizer = Summarizer(BatchFileModel(settings, take), prompts=prompts)
    for record in records:
        bodies.clear()
        try:
            if record.article is None:
                raise record.error or InputError("no article")
            for question in summarizer.begin(record.article).first_questions:
                with suppress(MissingResultError):
                    summarizer.model.ask(question, Meter())
        except InputError as error:
            yield record.id, error
        else:
            yield record.id, list(bodies)


class RequestFiles:
    """Files of requests. Use it as a context manager: the files appear when it ends well.

    Attributes:
        path: of the first file; the others are numbered: requests.jsonl, requests-2.jsonl.
        requests: written so far.
        repeated: requests left out because they were there already.
        paths: of the files, once they are there.

    Raises:
        ConfigurationError: there can be no file of that name.
    """

    def __init__(self, path: Path) -> None:
        # A link stays a link: what it points to is replaced.
        self.path = path.resolve() if path.is_symlink() else path
        if str(path) == "-" or (path.exists() and not path.is_file()):
            raise ConfigurationError(f"{path}: is no file", hint="name one with -o")
        if not path.parent.is_dir():
            raise ConfigurationError(
                f"{path}: the folder does not exist", hint=f"create it: mkdir -p {path.parent}"
            )
        self.requests = 0
        self.repeated = 0
        self.paths: list[Path] = []
        self._parts: list[Path] = []
        self._part: IO[bytes] | None = None
        self._lines = self._bytes = 0
        self._known: DiskTables

    def __enter__(self) -> Self:
        table = "known (id TEXT PRIMARY KEY) WITHOUT ROWID"
        self._known = DiskTables("the list of requests", table, error=OutputError)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if self._part:
                self._part.close()
            for number, part in enumerate(self._parts if kind is None else (), start=1):
                end = f"-{number}" if number > 1 else ""
                path = self.path.with_name(f"{self.path.stem}{end}{self.path.suffix}")
                replace_file(part, path)
                self.paths.append(path)
        except OSError as error:
            # A full disk refuses what is still buffered; one error is enough.
            if kind is None:
                raise self._unwritten(error) from error
        finally:
            self._known.close()
            for part in self._parts:
                part.unlink(missing_ok=True)

    def add(self, body: bytes) -> None:
        """Writes a request, unless it is there already; raises an `OutputError`."""
        id_ = custom_id(body)
        if not self._known.execute("INSERT OR IGNORE INTO known VALUES (?)", (id_,)):
            self.repeated += 1
            return
        line = _line(id_, body)
        is_full = self._lines >= _MAX_LINES or self._bytes + len(line) > _MAX_BYTES
        try:
            if self._part is None or is_full:
                if self._part:
                    self._part.close()
                # Beside its place, so that it can be moved there; under a name that nobody reads.
                self._parts.append(self.path.with_name(f".summarize-{secrets.token_hex(6)}"))
                self._part = self._parts[-1].open("xb")
                self._lines = self._bytes = 0
            self._part.write(line)
        except OSError as error:
            raise self._unwritten(error) from error
        self.requests += 1
        self._lines += 1
        self._bytes += len(line)

    def _unwritten(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self.path}: cannot be written ({error.strerror})",
            hint="free some space or check who may write there, then run the same command again",
        )


def _line(id_: str, body: bytes) -> bytes:
    """A line of a file of requests, with its end; the body as it would have been sent."""
    for end, escape in _LINE_ENDS.items():
        body = body.replace(end, escape)
    start = f'{{"custom_id":"{id_}","method":"POST","url":"{URL}","body":'
    return start.encode() + body + b"}\n"


def check_requests(paths: Iterable[Path], model: str) -> None:
    """Checks files of requests before anything is paid for.

    Raises:
        InputError: a file cannot be read.
        ConfigurationError: a line is none of our requests to this model, or is there twice.
    """
    with DiskTables("the list of requests", "asked (id TEXT PRIMARY KEY) WITHOUT ROWID") as ids:
        for path in paths:
            name = display_name(path)
            try:
                with path.open("rb") as lines:
                    for number, line in enumerate(lines, start=1):
                        id_, problem = _checked(line, model)
                        if not ids.execute("INSERT OR IGNORE INTO asked VALUES (?)", (id_,)):
                            problem = problem or "was there before, and would be paid for twice"
                        if problem:
                            raise ConfigurationError(
                                f"{name}, line {number}: {problem}",
                                hint="give what summarize requests wrote for this --model, and "
                                "each request once",
                            )
            except (OSError, ValueError) as error:
                raise cannot_read(name, error) from error


def _checked(line: bytes, model: str) -> tuple[str, str]:
    """The id of the request in a line, and what is wrong with it."""
    try:
        # Strictly UTF-8, without a byte order mark, as a batch reads it.
        request = json.loads(line.decode("utf-8"))
        body, id_ = request["body"], custom_id(json.dumps(request["body"]).encode())
        is_ours = (request["url"], request["custom_id"]) == (URL, id_)
    except (ValueError, LookupError, TypeError, RecursionError):
        is_ours = False
    if not is_ours:
        return "", "is no request of summarize requests"
    other = body["model"]
    return id_, f"is for the model {other}, and not for {model}" if other != model else ""
