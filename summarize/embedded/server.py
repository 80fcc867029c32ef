"""The embedded model: llama.cpp's own server, on the loopback interface.

It speaks OpenAI's chat completions to whoever holds its key, which is random. It runs in a child
process: in this one it would hold the interpreter's lock while it loads, take the whole run down
with it if it crashed, and hang or crash at the end if an answer were still under way (measured
with xllamacpp 2026.10.11549).
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from summarize.embedded.weights import RELEASE, Weights, cache_folder, ensure_weights, find_weights
from summarize.errors import LocalModelError, SummarizeError
from summarize.progress import Progress, ProgressCallback, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

__all__ = [
    "CONTEXT_TOKENS",
    "MODEL_NAME",
    "LocalServer",
    "Weights",
    "ensure_weights",
    "find_weights",
    "start_server",
]

MODEL_NAME = RELEASE.name
# A long article, the prompt and the answer fit; the model was trained on 32,768, but every 1,000
# tokens of context take 28 MB of memory (28 layers, 256 keys and 256 values each, 16 bits).
CONTEXT_TOKENS = 8192

# Prompt tokens read between two looks at the server. Measured on two cores, 439 tokens, the best of
# three runs: 87 tokens a second with 64, 88 with 128, 256 and 512. With 128 the progress line moves
# every 1.5 s; with llama.cpp's own 512 every 6 s.
_BATCH_TOKENS = 128
# Seconds to wait for the server's account of itself; it answers within 10 ms even when busy.
_GLANCE = 0.5

# Seconds for what llama.cpp does before the first question; 600 tokens take it 8.
_PATIENCE = 300.0
# Seconds to wait for a state to be taken up. It takes milliseconds, but behind a question minutes.
_RESTORING = 5.0
# Seconds to wait for a process that closed its connections to have ended.
_ENDING = 10.0
# Prompts are changed now and then and tried beside each other; each state takes about 20 MB.
_KEPT_STATES = 4
# Seconds; saving a state takes milliseconds.
_ABANDONED = 3600.0

_INSTALL = "pip install 'summarize[local]', or name another model with --model"


class LocalServer:
    """A running server of the embedded model. Close it, or use it as a context manager.

    Attributes:
        base_url: where it speaks OpenAI's protocol, such as http://127.0.0.1:40000/v1.
        api_key: the key it asks for, made for this server alone.
        model_name: the model's name; no path of this machine is in it.
        context_tokens: tokens that the prompt and the answer may have together.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        address: str,
        settings: Mapping[str, Any],
        states: States | None = None,
    ) -> None:
        """Take over the process that serves at `address`, started with `settings`."""
        self._process = process
        self._settings = settings
        self._states = states
        self._preparing = Lock()
        self._address = urlsplit(address)
        self.base_url = f"{address}/v1"
        self.api_key = str(settings["key"])
        self.model_name = str(settings["name"])
        self.context_tokens = CONTEXT_TOKENS
        atexit.register(self._close_at_exit)

    @property
    def is_running(self) -> bool:
        """Whether the process is still there: it may have crashed, or run out of memory."""
        return self._process.poll() is None

    def activity(self) -> Progress | None:
        """Say what the server does now, or None when it is idle, closed or does not tell.

        `done` counts the prompt's tokens read so far (a step every 128 tokens), or the answer's
        written so far. Nobody knows the totals: llama.cpp does not tell the prompt's length before
        it has read it.
        """
        if not self.is_running:
            return None
        try:
            slot = self._slot()
            if not slot["is_processing"]:
                return None
            if written := int(slot["next_token"][0]["n_decoded"]):
                return Progress("writing", written)
            read = slot["n_prompt_tokens_cache"] + slot["n_prompt_tokens_processed"]
            return Progress("reading", int(read))
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def prepare(
        self, beginning: Sequence[Mapping[str, str]], report: ProgressCallback = silent
    ) -> None:
        """Read the beginning that all prompts share, or take it up from an earlier time.

        Reading it takes about 8 s for 600 tokens on two cores, taking it up 5 ms: cheap enough to
        begin every article from the same state, whatever was asked before. What was read is kept in
        the cache folder, 28 KB a token. Without this, where the folder cannot be written, or while
        the server answers somebody else, the question takes longer; nothing else changes.
        """
        if self._states is None or not self._preparing.acquire(blocking=False):
            return
        # Any failure here leaves a server that works, with more to read.
        try:
            with contextlib.suppress(OSError, ValueError, LookupError, TypeError, SummarizeError):
                file = self._states.file(beginning)
                if not self._slot()["is_processing"] and not self._restore(file, report):
                    self._read(beginning, file, report)
                    self._states.tidy()
        finally:
            self._preparing.release()

    def _restore(self, file: Path, report: ProgressCallback) -> bool:
        """Take up a state. One that cannot be taken up is deleted; some bring llama.cpp down."""
        if not file.is_file():
            return False
        try:
            if self._slot_action("restore", file.name, timeout=_RESTORING) is not None:
                file.touch()
                return True
        except TimeoutError:
            # Somebody asked in between; llama.cpp does one thing after the other.
            return True
        except OSError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_ENDING)
        file.unlink(missing_ok=True)
        if not self.is_running:
            self._start_again(report)
        return False

    def _read(
        self, beginning: Sequence[Mapping[str, str]], file: Path, report: ProgressCallback
    ) -> None:
        """Have the beginning read, and keep the state in a file."""
        report(Progress("reading", note="the instructions, once"))
        question = {"messages": [*beginning], "max_tokens": 1, "temperature": 0}
        _, answer = self._call("POST", "/v1/chat/completions", question, timeout=_PATIENCE)
        tokens = json.loads(answer)["usage"]["prompt_tokens"]
        passing = file.with_name(f"{file.name}.{os.getpid()}.part")
        try:
            saved = self._slot_action("save", passing.name)
            # More or less is somebody else's question, which came in between.
            if saved and saved["n_saved"] == tokens:
                # A state that a power cut leaves in part would bring the next server down.
                with passing.open("rb+") as written:
                    os.fsync(written.fileno())
                passing.replace(file)
        finally:
            passing.unlink(missing_ok=True)

    def _start_again(self, report: ProgressCallback) -> None:
        """Start another process at the same address with the same key: clients notice nothing."""
        _stop(self._process)
        self._process, _ = _started({**self._settings, "port": self._address.port}, report)

    def close(self) -> None:
        """Stop the server at once, with any answer under way; closing again does nothing."""
        atexit.unregister(self._close_at_exit)
        _stop(self._process)

    def _close_at_exit(self) -> None:
        # Ctrl-C comes too late to stop anything: the process is killed before it is waited for.
        with contextlib.suppress(KeyboardInterrupt):
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _slot(self) -> dict[str, Any]:
        """What llama.cpp's one slot does."""
        return dict(json.loads(self._call("GET", "/slots")[1])[0])

    def _slot_action(
        self, action: str, name: str, *, timeout: float = _PATIENCE
    ) -> dict[str, Any] | None:
        """Save or restore the slot's state; what is said of it, or None if it was not done."""
        path = f"/slots/0?action={action}"
        status, said = self._call("POST", path, {"filename": name}, timeout=timeout)
        return dict(json.loads(said)) if status == 200 else None

    def _call(
        self, method: str, path: str, body: object = None, *, timeout: float = _GLANCE
    ) -> tuple[int, bytes]:
        """The status and body of llama.cpp's answer to one request.

        Over a bare socket: vcrpy replaces Python's HTTP clients while it records or replays.
        """
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Authorization: Bearer {self.api_key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        where = (self._address.hostname, self._address.port)
        with socket.create_connection(where, timeout=timeout) as connection:
            connection.sendall(head.encode("ascii") + content)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        start, end, said = answer.partition(b"\r\n\r\n")
        if not end:
            raise ConnectionError("the server ended while it answered")
        return int(start.split(maxsplit=2)[1]), said


@dataclass(frozen=True)
class States:
    """The files that keep what a model has read.

    Attributes:
        folder: where they are.
        model: what a state depends on besides the text: the weights, llama.cpp, the context.
    """

    folder: Path
    model: str

    @classmethod
    def of(cls, weights: Path) -> States | None:
        """Those of one model; None where the folder cannot be made."""
        stat = weights.stat()
        build = importlib.metadata.version("xllamacpp")
        model = f"{weights.name} {stat.st_size} {int(stat.st_mtime)} {build} {CONTEXT_TOKENS}"
        folder = cache_folder() / "prompts"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return None
        return cls(folder, model) if os.access(folder, os.W_OK) else None

    def file(self, beginning: Sequence[Mapping[str, str]]) -> Path:
        """The file for one beginning of prompts."""
        text = json.dumps([self.model, [*beginning]], sort_keys=True)
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.state"

    def tidy(self) -> None:
        """Keeps the files used last, and nothing of runs that were killed while they saved."""
        for file in self.folder.glob("*.part"):
            if time.time() - file.stat().st_mtime > _ABANDONED:
                file.unlink(missing_ok=True)
        files = sorted(self.folder.glob("*.state"), key=lambda f: f.stat().st_mtime, reverse=True)
        for file in files[_KEPT_STATES:]:
            file.unlink(missing_ok=True)


def start_server(path: Path | None = None, report: ProgressCallback = silent) -> LocalServer:
    """Load the embedded model, or the GGUF file at `path`, and serve it on a free loopback port.

    Loading takes two to four seconds once the file is in memory.

    Raises:
        LocalModelError: the extra `local` is not installed, the weights cannot be had (see
            `ensure_weights`), or llama.cpp cannot load them.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        message = "the embedded model needs llama.cpp (xllamacpp), which is not installed"
        raise LocalModelError(message, hint=_INSTALL)
    origin = find_weights(path).origin
    file = ensure_weights(path, report)
    name = file.stem if origin in ("file", "environment") else MODEL_NAME
    states = States.of(file)
    settings = {
        "states": str(states.folder.absolute()) if states else None,
        "file": str(file.absolute()),
        "name": name,
        "key": secrets.token_urlsafe(32),
        "port": 0,
        "context": CONTEXT_TOKENS,
        "batch": _BATCH_TOKENS,
        "threads": _threads(),
        "sys_path": sys.path,
    }
    process, address = _started(settings, report)
    return LocalServer(process, address, settings, states)


def _started(
    settings: Mapping[str, Any], report: ProgressCallback
) -> tuple[subprocess.Popen[bytes], str]:
    """A process that serves with these settings, and its address."""
    size = Path(settings["file"]).stat().st_size
    report(Progress("loading", 0, size, "bytes"))
    process = subprocess.Popen(  # noqa: S603 (this package's own program)
        [sys.executable, "-P", str(Path(__file__).with_name("llama_process.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = _address(process, settings)
    except BaseException:
        _stop(process)
        raise
    report(Progress("loading", size, size, "bytes"))
    return process, address


def _address(process: subprocess.Popen[bytes], settings: Mapping[str, Any]) -> str:
    """Hand the settings over and wait for the address.

    The settings go through a pipe: everybody on the machine can read a command line.
    """
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    try:
        process.stdin.write(json.dumps(settings).encode() + b"\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except BrokenPipeError:
        line = b""
    said: dict[str, str] = json.loads(line) if line else {}
    if "address" in said:
        return said["address"]
    if said.get("error") in ("ImportError", "ModuleNotFoundError"):
        message = f"llama.cpp (xllamacpp) cannot be imported: {said['message']}"
        raise LocalModelError(message, hint=_INSTALL)
    # llama.cpp itself gives no reason.
    happened = "cannot load" if said else f"ended ({process.wait()}) while it loaded"
    raise LocalModelError(
        f"llama.cpp {happened} the model file {settings['file']}: it is damaged or cut off, of a "
        "kind llama.cpp does not know, or too large for this machine's memory",
        hint="name another GGUF file, or another model with --model",
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            # The settings may still be in the buffer of a pipe that broke.
            with contextlib.suppress(OSError):
                pipe.close()


def _threads() -> int:
    """A thread a core, or fewer where a machine is shared out, as Ray does with its workers."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return min(_usable_cores(), int(told)) if told.isdigit() and int(told) else _usable_cores()


def _usable_cores() -> int:
    """The processors this process may use, each core counted once.

    Threads that share a core slow llama.cpp down: its own default counts physical cores too.
    """
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    usable = os.sched_getaffinity(0)
    topology = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
    try:
        return len({Path(topology.format(cpu)).read_text(encoding="utf-8") for cpu in usable})
    except OSError:
        return len(usable)
