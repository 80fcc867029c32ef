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
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from summarize.embedded.weights import RELEASE, cache_folder, ensure_weights, find_weights
from summarize.errors import LocalModelError
from summarize.progress import Progress, ProgressCallback, silent
from summarize.storage.atomic_files import replace_file

__all__ = ["CONTEXT_TOKENS", "MODEL_NAME", "LocalServer", "shared_server", "start_server"]

MODEL_NAME = RELEASE.name
# A long article, the prompt and the answer fit; the model was trained on 32,768, but every 1,000
# tokens of context take 28 MB of memory (28 layers, 256 keys and 256 values each, 16 bits).
CONTEXT_TOKENS = 8192

# Prompt tokens read between two looks at the server. Measured on two cores, 439 tokens, the best of
# three runs: 87 tokens a second with 64, 88 with 128, 256 and 512. With 128 the progress line moves
# every 1.5 s; with llama.cpp's own 512 every 6 s.
_BATCH_TOKENS = 128
# Seconds to wait for the server's account of itself; it answers within 10 ms even when busy.
_STATUS_TIMEOUT = 0.5
# Seconds for what llama.cpp does before the first question; 600 tokens take it 8.
_PREPARE_TIMEOUT = 300.0
# Seconds to wait for a state to be restored. It takes milliseconds, but behind a question minutes.
_RESTORE_TIMEOUT = 5.0
# Prompts are changed now and then and tried beside each other; each state takes about 20 MB.
_KEPT_STATES = 4

_INSTALL = "pip install 'summarize[local]', or name another model with --model"


class LocalServer:
    """A running server of the embedded model. It ends with this process, or when it is closed.

    Attributes:
        base_url: where it speaks OpenAI's protocol, such as http://127.0.0.1:40000/v1.
        api_key: the key it asks for, made for this server alone.
        model_name: the model's name; no path of this machine is in it.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], address: str, settings: Mapping[str, Any]
    ) -> None:
        """Takes over the process that serves at `address`, started with `settings`."""
        self._process = process
        self._settings = settings
        self._preparing = Lock()
        self._address = urlsplit(address)
        self.base_url = f"{address}/v1"
        self.api_key = str(settings["key"])
        self.model_name = str(settings["name"])
        atexit.register(self._close_at_exit)

    @property
    def is_running(self) -> bool:
        """Whether the process is still there: it may have crashed, or run out of memory."""
        return self._process.poll() is None

    def activity(self) -> Progress | None:
        """Returns what the server does now, or None when it is idle, closed or does not tell.

        `done` counts the prompt's tokens read so far (a step every 128 tokens), or the answer's
        written so far. The totals are unknown: llama.cpp does not tell the prompt's length before
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
        """Reads the beginning that all prompts share, or restores the state after an earlier read.

        Reading takes about 8 s for 600 tokens on two cores, restoring 5 ms: cheap enough to begin
        every article from the same state, whatever was asked before. States are kept in the cache
        folder, 28 KB a token. Without this, where the folder cannot be written, or while the server
        answers somebody else, the question takes longer; nothing else changes.
        """
        if not self._settings["states"] or not self._preparing.acquire(blocking=False):
            return
        # Any failure here leaves a server with more to read.
        try:
            with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
                file = self._state_file(beginning)
                if not self._slot()["is_processing"] and not self._restore(file):
                    self._read(beginning, file, report)
        finally:
            self._preparing.release()

    def _state_file(self, beginning: Sequence[Mapping[str, str]]) -> Path:
        """The file of the state after a beginning, with these weights and this llama.cpp."""
        stat = Path(self._settings["file"]).stat()
        build = importlib.metadata.version("xllamacpp")
        name = Path(self._settings["file"]).name
        model = f"{name} {stat.st_size} {int(stat.st_mtime)} {build} {CONTEXT_TOKENS}"
        text = json.dumps([model, [*beginning]], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return Path(self._settings["states"], f"{digest}.state")

    def _restore(self, file: Path) -> bool:
        """Restores a state; deletes it if that fails."""
        if not file.is_file():
            return False
        try:
            if self._slot_action("restore", file.name, timeout=_RESTORE_TIMEOUT) is not None:
                file.touch()
                return True
        except TimeoutError:
            # Somebody asked in between; llama.cpp does one thing after the other.
            return True
        except OSError:
            pass
        file.unlink(missing_ok=True)
        return False

    def _read(
        self, beginning: Sequence[Mapping[str, str]], file: Path, report: ProgressCallback
    ) -> None:
        """Has the beginning read, and keeps the state in a file."""
        report(Progress("reading", note="the instructions, once"))
        question = {"messages": [*beginning], "max_tokens": 1, "temperature": 0}
        path = "/v1/chat/completions"
        _, answer = self._call("POST", path, question, timeout=_PREPARE_TIMEOUT)
        tokens = json.loads(answer)["usage"]["prompt_tokens"]
        part = file.with_name(f"{file.name}.{os.getpid()}.part")
        try:
            saved = self._slot_action("save", part.name)
            # More or less is somebody else's question, which came in between.
            if saved and saved["n_saved"] == tokens:
                replace_file(part, file)
        finally:
            part.unlink(missing_ok=True)
        states = sorted(file.parent.glob("*.state"), key=lambda f: f.stat().st_mtime)
        for old in states[:-_KEPT_STATES]:
            old.unlink(missing_ok=True)

    def close(self) -> None:
        """Stops the server at once, with any answer under way; closing again does nothing."""
        atexit.unregister(self._close_at_exit)
        _stop(self._process)

    def _close_at_exit(self) -> None:
        # Ctrl-C comes too late to stop anything: the process is killed before it is waited for.
        with contextlib.suppress(KeyboardInterrupt):
            self.close()

    def _slot(self) -> dict[str, Any]:
        """The state of llama.cpp's one slot."""
        return dict(json.loads(self._call("GET", "/slots")[1])[0])

    def _slot_action(
        self, action: str, name: str, *, timeout: float = _PREPARE_TIMEOUT
    ) -> dict[str, Any] | None:
        """Saves or restores the slot's state; returns what is said of it, or None if it failed."""
        path = f"/slots/0?action={action}"
        status, said = self._call("POST", path, {"filename": name}, timeout=timeout)
        return dict(json.loads(said)) if status == 200 else None

    def _call(
        self, method: str, path: str, body: object = None, *, timeout: float = _STATUS_TIMEOUT
    ) -> tuple[int, bytes]:
        """Returns the status and body of llama.cpp's answer to one request.

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


_shared: dict[Path | None, LocalServer] = {}
_sharing = Lock()


def shared_server(path: Path | None, report: ProgressCallback) -> LocalServer:
    """Returns the one server of this process for these weights, started if none runs.

    Raises:
        LocalModelError: as `start_server`.
    """
    with _sharing:
        server = _shared.get(path)
        if server is None or not server.is_running:
            if server:
                server.close()
            server = _shared[path] = start_server(path, report)
        return server


def start_server(path: Path | None = None, report: ProgressCallback = silent) -> LocalServer:
    """Loads the embedded model, or the GGUF file at `path`, and serves it on a free loopback port.

    Loading takes two to four seconds once the file is in memory.

    Raises:
        LocalModelError: the extra `local` is not installed, the weights cannot be had (see
            `ensure_weights`), or llama.cpp cannot load them.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        message = "the embedded model needs llama.cpp (xllamacpp), which is not installed"
        raise LocalModelError(message, hint=_INSTALL)
    is_own = find_weights(path).origin in ("file", "environment")
    file = ensure_weights(path, report)
    settings = {
        "states": _states_folder(),
        "file": str(file.absolute()),
        "name": file.stem if is_own else MODEL_NAME,
        "key": secrets.token_urlsafe(32),
        "context": CONTEXT_TOKENS,
        "batch": _BATCH_TOKENS,
        "threads": _threads(),
        "sys_path": sys.path,
    }
    size = file.stat().st_size
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
    return LocalServer(process, address, settings)


def _states_folder() -> str | None:
    """The folder for the states of prompts; None if it cannot be written."""
    folder = cache_folder() / "prompts"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return str(folder.absolute()) if os.access(folder, os.W_OK) else None


def _address(process: subprocess.Popen[bytes], settings: Mapping[str, Any]) -> str:
    """Hands the settings over and waits for the address.

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
        # The settings may still be in the buffer of a pipe that broke.
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()


def _threads() -> int:
    """A thread a core, or fewer on a machine that is shared, as Ray does with its workers."""
    limit = os.environ.get("OMP_NUM_THREADS", "")
    cores = _usable_cores()
    return min(cores, int(limit)) if limit.isdigit() and int(limit) else cores


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
