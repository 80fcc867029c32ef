"""The embedded model: llama.cpp's own server, on the loopback interface.

It speaks OpenAI's chat completions to whoever holds its key, which is random. It runs in a child
process: in this one it would hold the interpreter's lock while it loads, take the whole run down
with it if it crashed, and hang or crash at the end if an answer were still under way (measured
with xllamacpp 2026.10.11549).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Lock
from typing import Any

from summarize.embedded.weights import MODEL_NAME, cache_folder, ensure_weights
from summarize.errors import LocalModelError
from summarize.progress import Progress, ProgressCallback, silent
from summarize.storage.atomic_files import replace_file

__all__ = ["CONTEXT_TOKENS", "MODEL_NAME", "LocalServer", "shared_server", "start_server"]

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
# What goes wrong with a request to a server that crashes, or answers otherwise than llama.cpp does.
_FAILURES = (OSError, HTTPException, ValueError, LookupError, TypeError)


class LocalServer:
    """A running server of the embedded model. It ends with this process, or when it is closed.

    `base_url` and `api_key` are what OpenAI's client needs.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], address: str, settings: Mapping[str, Any]
    ) -> None:
        self._process = process
        self._host = address.removeprefix("http://")
        self._settings = settings
        self._preparing = Lock()
        self.base_url = f"{address}/v1"
        self.api_key = str(settings["key"])

    @property
    def is_running(self) -> bool:
        """Whether the process is still there: it may have crashed, or run out of memory."""
        return self._process.poll() is None

    def activity(self) -> Progress | None:
        """Returns the tokens read or written so far; None when it is idle, closed or does not tell.

        llama.cpp does not tell the prompt's length before it has read it.
        """
        with suppress(*_FAILURES):
            slot = self._call("GET", "/slots", None, _STATUS_TIMEOUT)[0]
            if slot["is_processing"]:
                if written := int(slot["next_token"][0]["n_decoded"]):
                    return Progress("writing", written)
                read = slot["n_prompt_tokens_cache"] + slot["n_prompt_tokens_processed"]
                return Progress("reading", int(read))
        return None

    def prepare(
        self, beginning: Sequence[Mapping[str, str]], report: ProgressCallback = silent
    ) -> None:
        """Reads the beginning that all prompts share, or restores the state after an earlier read.

        Reading takes about 8 s for 600 tokens on two cores, restoring 5 ms: cheap enough to begin
        every article from the same state, whatever was asked before. Without it, as where the cache
        folder cannot be written, the question takes longer; nothing else changes.
        """
        # Any failure here leaves a server with more to read.
        with self._preparing, suppress(*_FAILURES):
            slot = self._call("GET", "/slots", None, _STATUS_TIMEOUT)[0]
            if not self._settings["states"] or slot["is_processing"]:
                return
            file = self._state_file(beginning)
            if file.is_file():
                try:
                    restored = {"filename": file.name}
                    self._call("POST", "/slots/0?action=restore", restored, _RESTORE_TIMEOUT)
                    file.touch()
                    return
                except TimeoutError:
                    # Somebody asked in between; the state is none the worse for it.
                    return
                except (OSError, HTTPException):
                    file.unlink(missing_ok=True)
            self._read(beginning, file, report)

    def close(self) -> None:
        """Stops the server at once, with any answer under way; closing again does nothing."""
        with self._process:
            self._process.kill()

    def _state_file(self, beginning: Sequence[Mapping[str, str]]) -> Path:
        """The file of the state after a beginning, with these weights and this llama.cpp."""
        weights = Path(self._settings["file"])
        stat = weights.stat()
        build = importlib.metadata.version("xllamacpp")
        model = f"{weights.name} {stat.st_size} {int(stat.st_mtime)} {build} {CONTEXT_TOKENS}"
        text = json.dumps([model, [*beginning]], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return Path(self._settings["states"], f"{digest}.state")

    def _read(
        self, beginning: Sequence[Mapping[str, str]], file: Path, report: ProgressCallback
    ) -> None:
        """Has the beginning read, and keeps the state in a file."""
        report(Progress("reading", note="the instructions, once"))
        question = {"messages": [*beginning], "max_tokens": 1, "temperature": 0}
        answer = self._call("POST", "/v1/chat/completions", question, _PREPARE_TIMEOUT)
        part = file.with_name(f"{file.name}.{os.getpid()}.part")
        save = {"filename": part.name}
        try:
            saved = self._call("POST", "/slots/0?action=save", save, _PREPARE_TIMEOUT)
            # More or less is somebody else's question, which came in between.
            if saved["n_saved"] == answer["usage"]["prompt_tokens"]:
                replace_file(part, file)
        finally:
            part.unlink(missing_ok=True)
        states = sorted(file.parent.glob("*.state"), key=lambda state: state.stat().st_mtime)
        for old in states[:-_KEPT_STATES]:
            old.unlink(missing_ok=True)

    def _call(self, method: str, path: str, body: object, timeout: float) -> Any:
        """Returns llama.cpp's answer to one request; http.client goes through no proxy."""
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        with closing(HTTPConnection(self._host, timeout=timeout)) as connection:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            response = connection.getresponse()
            if response.status != 200:
                raise HTTPException(f"{path}: {response.status}")
            return json.load(response)


_shared: dict[Path | None, LocalServer] = {}
_sharing = Lock()


def shared_server(path: Path | None, report: ProgressCallback) -> LocalServer:
    """Returns the one server of this process for these weights; see `start_server`."""
    with _sharing:
        if path not in _shared or not _shared[path].is_running:
            _shared[path] = start_server(path, report)
        return _shared[path]


def start_server(path: Path | None = None, report: ProgressCallback = silent) -> LocalServer:
    """Loads the embedded model, or the GGUF file at `path`, and serves it on a free loopback port.

    Loading takes two to four seconds once the file is in memory.

    Raises:
        LocalModelError: the extra `local` is not installed, the weights cannot be had (see
            `ensure_weights`), or llama.cpp cannot load them.
    """
    file = ensure_weights(path, report)
    settings = {
        "states": _states_folder(),
        "file": str(file.absolute()),
        # No path of this machine is in an answer.
        "name": file.stem,
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
        # Everybody on the machine can read a command line, but not this.
        env=os.environ | {"SUMMARIZE_LLAMA_SETTINGS": json.dumps(settings)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = _address(process, file)
    except BaseException:
        with process:
            process.kill()
        raise
    report(Progress("loading", size, size, "bytes"))
    return LocalServer(process, address, settings)


def _address(process: subprocess.Popen[bytes], file: Path) -> str:
    """Waits for the address of a server that loads a file."""
    line = process.stdout.readline() if process.stdout else b""
    said: dict[str, str] = json.loads(line or "{}")
    if "missing" in said:
        raise LocalModelError(
            f"the embedded model needs llama.cpp (xllamacpp): {said['missing']}",
            hint="pip install 'summarize[local]', or name another model with --model",
        )
    if "address" not in said:
        # llama.cpp itself gives no reason.
        raise LocalModelError(
            f"llama.cpp cannot load the model file {file}: it is damaged or cut off, of a kind "
            "llama.cpp does not know, or too large for this machine's memory",
            hint="name another GGUF file, or another model with --model",
        )
    return said["address"]


def _states_folder() -> str | None:
    """The folder for the states of prompts; None if it cannot be written."""
    folder = cache_folder() / "prompts"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return str(folder.absolute()) if os.access(folder, os.W_OK) else None


def _threads() -> int:
    """A thread a core that this process may use, or fewer where Ray shares the machine out."""
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        usable = os.sched_getaffinity(0)
        cores = len(usable)
        # Threads that share a core slow llama.cpp down: its own default counts physical cores too.
        topology = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
        with suppress(OSError):
            cores = len({Path(topology.format(cpu)).read_text("utf-8") for cpu in usable})
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(limit)) if limit.isdecimal() and int(limit) else cores
