"""Runs llama.cpp's server, in a process that `summarize.embedded.server` starts.

It stands alone, so that starting it imports llama.cpp and nothing else. The environment holds the
settings; standard output answers with one line of JSON, the address or the reason why there is
none. The process lives as long as its standard input is open, which its parent's death closes too.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

__all__: list[str] = []

# Below every level llama.cpp logs at.
_NO_LOG = -1


def _parameters(xllamacpp: Any, settings: dict[str, Any]) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = settings["file"]
    parameters.model_alias = {settings["name"]}
    parameters.api_keys = [settings["key"]]
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.verbosity = _NO_LOG
    parameters.n_ctx = settings["context"]
    parameters.n_batch = parameters.n_ubatch = settings["batch"]
    parameters.cpuparams.n_threads = settings["threads"]
    parameters.cpuparams_batch.n_threads = settings["threads"]
    # By default up to 8 GB of earlier prompts' states; the slot holds the last one in any case.
    parameters.cache_ram_mib = 0
    # Where the slot's state may be kept; llama.cpp puts the file's name right behind it.
    if settings["states"]:
        parameters.slot_save_path = f"{settings['states']}{os.sep}"
    # For one client only: no page for browsers, no other origins, nothing that can be changed.
    parameters.ui = False
    parameters.cors_origins = ""
    parameters.cors_credentials = False
    parameters.endpoint_slots = True
    parameters.endpoint_props = False
    parameters.endpoint_metrics = False
    return parameters


def _main() -> None:
    # Ctrl-C reaches every process of the terminal; the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever C++ prints goes nowhere; the answer has a channel of its own.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    settings: dict[str, Any] = json.loads(os.environ.pop("SUMMARIZE_LLAMA_SETTINGS"))
    sys.path[:] = settings["sys_path"]
    try:
        import xllamacpp  # type: ignore[import-untyped, import-not-found, unused-ignore]

        server = xllamacpp.Server(_parameters(xllamacpp, settings))
        said = {"address": server.listening_address}
    except ImportError as error:
        said = {"missing": str(error)}
    except RuntimeError:
        said = {}
    print(json.dumps(said), file=answer, flush=True)
    sys.stdin.buffer.read()
    # Not through the server's destructor: with a request under way it waits forever.
    os._exit(0)


if __name__ == "__main__":
    _main()
