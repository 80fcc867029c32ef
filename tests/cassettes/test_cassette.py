"""Recording and replaying, with real clients over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http.client
import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
import yaml
from endpoint import Answer, Request, StandIn, completion, status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_socket import disable_socket, enable_socket

from summarize.cassettes import find_miss
from summarize.cassettes.cassette import recording, replaying
from summarize.cassettes.cassette_file import dump
from summarize.errors import CassetteMissError, ConfigurationError

ARTICLE = (
    "İbrahim Kalın met “the President” in Damascus 😀.\r\n\r\n"
    "\tTabs,  trailing \n\u200f\u202eمرحبا\u200b\n "
)
PROMPT = "Answer in JSON.\n\nCopy the article's own words."
SCHEMA = {"type": "json_schema", "json_schema": {"name": "Draft", "schema": {"type": "object"}}}


def echo(request: Request) -> Answer:
    return completion("heard: " + request.messages[-1])


@pytest.fixture
def server():
    with StandIn(echo) as stand_in:
        yield stand_in


@contextlib.contextmanager
def no_sockets():
    disable_socket()
    try:
        yield
    finally:
        enable_socket()


@contextlib.contextmanager
def client(url: str = "http://nowhere.invalid/v1", **settings: Any):
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0, **settings) as made:
        yield made


def body(article: str = ARTICLE, **changes: Any) -> dict[str, Any]:
    messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": article}]
    asked = {"model": "m1", "messages": messages, "response_format": SCHEMA, "temperature": 0}
    return asked | changes


def ask(made: openai.OpenAI, asked: dict[str, Any] | None = None) -> str:
    return made.chat.completions.create(**(asked or body())).choices[0].message.content or ""


def failing(made: openai.OpenAI, kind: type[Exception], asked: dict[str, Any] | None = None) -> Any:
    with pytest.raises(kind) as caught:
        ask(made, asked)
    return caught


def record(server: StandIn, folder: Path, *bodies: dict[str, Any]) -> None:
    with recording(folder), client(server.url) as made:
        for asked in bodies or (body(),):
            ask(made, asked)


def miss(folder: Path, asked: dict[str, Any]) -> CassetteMissError:
    with replaying(folder), no_sockets(), client() as made:
        caught = failing(made, openai.APIConnectionError, asked)
    found = find_miss(caught.value)
    assert found is not None
    assert "\n" not in str(found)
    assert found.hint == f"record it again with --record {folder}"
    return found


def text_of(folder: Path) -> str:
    return (folder / "cassette.yaml").read_text(encoding="utf-8")


def documents(folder: Path) -> list[Any]:
    return list(yaml.safe_load_all(text_of(folder)))


# There and back


def test_replays_without_server_socket_or_key(server, tmp_path, monkeypatch):
    record(server, tmp_path / "new" / "folder")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with replaying(tmp_path / "new" / "folder"), no_sockets(), client() as made:
        assert ask(made) == "heard: " + ARTICLE
        assert ask(made) == "heard: " + ARTICLE
    assert len(server.requests) == 1


def test_the_file_reads_well(server, tmp_path):
    record(server, tmp_path, body("Ankara, Monday \n\tİbrahim Kalın 😀 met\n\nthe President.\n"))
    assert text_of(tmp_path).startswith(
        "---\n"
        "request:\n"
        "  method: POST\n"
        "  path: /v1/chat/completions\n"
        "  body:\n"
        "    messages:\n"
        "      - role: system\n"
        "        content: |-\n"
        "          Answer in JSON.\n"
        "\n"
        "          Copy the article's own words.\n"
        "      - role: user\n"
        "        content: |\n"
        "          Ankara, Monday \n"
        "          \tİbrahim Kalın 😀 met\n"
        "\n"
        "          the President.\n"
        "    model: m1\n"
    )
    assert text_of(tmp_path).endswith("\n...\n")


def test_async(server, tmp_path):
    async def run(url: str) -> list[str]:
        async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as made:

            async def one(number: int) -> str:
                answer = await made.chat.completions.create(**body(f"article {number}"))
                return answer.choices[0].message.content or ""

            return await asyncio.gather(*(one(number) for number in range(40)))

    with recording(tmp_path):
        first = asyncio.run(run(server.url))
    assert first == [f"heard: article {number}" for number in range(40)]
    assert len(documents(tmp_path)) == 40

    async def replayed() -> list[str]:
        with no_sockets():
            return await run("http://nowhere.invalid/v1")

    with replaying(tmp_path):
        assert asyncio.run(replayed()) == first


def test_threads(server, tmp_path):
    bodies = [body(f"article {number}") for number in range(60)]
    with ThreadPoolExecutor(12) as pool:
        with recording(tmp_path), client(server.url) as made:
            first = list(pool.map(lambda asked: ask(made, asked), bodies))
        assert first == [f"heard: article {number}" for number in range(60)]
        assert len(documents(tmp_path)) == 60
        with replaying(tmp_path), no_sockets(), client() as made:
            assert list(pool.map(lambda asked: ask(made, asked), bodies * 2)) == first * 2


def test_another_connection_does_not_let_a_request_slip_through(server, tmp_path, monkeypatch):
    """vcrpy takes its patches off while it makes a connection of http.client or urllib3."""
    inside, release = threading.Event(), threading.Event()
    real = http.client.HTTPConnection.__init__

    def slow(self: http.client.HTTPConnection, *args: Any, **settings: Any) -> None:
        real(self, *args, **settings)
        inside.set()
        release.wait(30)

    monkeypatch.setattr(http.client.HTTPConnection, "__init__", slow)
    connect = threading.Thread(target=lambda: http.client.HTTPConnection("example.invalid"))
    with recording(tmp_path), client(server.url) as made:
        connect.start()
        assert inside.wait(30)
        ask(made)
        release.set()
        connect.join()
    assert len(documents(tmp_path)) == 1


def test_the_same_request_by_host_port_query_and_order_of_keys(server, tmp_path):
    with recording(tmp_path), client(server.url, default_query={"key": "QUERY-SECRET"}) as made:
        ask(made)
    changed = dict(reversed(body().items()))
    with replaying(tmp_path), no_sockets(), client("https://other.invalid:9/v1") as made:
        assert ask(made, changed) == "heard: " + ARTICLE


def test_a_failed_answer_keeps_its_status(server, tmp_path):
    server.script = [status(429, "slow down", headers={"retry-after": "7", "x-request-id": "r1"})]
    with recording(tmp_path), client(server.url) as made, pytest.raises(openai.RateLimitError):
        ask(made)
    with replaying(tmp_path), no_sockets(), client() as made:
        caught = failing(made, openai.RateLimitError)
    assert caught.value.response.headers["retry-after"] == "7"
    assert "slow down" in str(caught.value)
    assert find_miss(caught.value) is None

    server.script = echo
    record(server, tmp_path)
    with replaying(tmp_path), no_sockets(), client() as made:
        assert ask(made) == "heard: " + ARTICLE
    assert len(documents(tmp_path)) == 1


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"<html>Bad\tGateway \r\n</html>\n", "text"),
        (b'{"half": "\\ud83d"}', "text"),
        (b'{"%s": 1}' % (b"k" * 2000), "body"),
        (b"[" * 100_000, "text"),
        (b'{"timings": {"ms": 1.5}, "n": [1e-7, 1.0, -0.0, 12345678901234567890]}', "body"),
    ],
)
def test_bodies_that_are_not_plain_json(server, tmp_path, raw, field):
    server.script = [Answer(502, raw, {"content-type": "text/html"})]
    with recording(tmp_path), client(server.url) as made:
        failing(made, openai.InternalServerError)
    (interaction,) = documents(tmp_path)
    assert set(interaction["response"]) == {"status", "headers", field}
    with replaying(tmp_path), no_sockets(), client() as made:
        caught = failing(made, openai.InternalServerError)
    if field == "body":
        told = {name: value for name, value in json.loads(raw).items() if name != "timings"}
        assert repr(caught.value.response.json()) == repr(told)
    else:
        assert caught.value.response.content == raw


def test_a_compressed_answer_is_kept_readable(server, tmp_path):
    packed = gzip.compress(json.dumps(completion("unpacked words").body).encode())
    server.script = [Answer(200, packed, {"content-encoding": "gzip"})]
    record(server, tmp_path)
    assert "unpacked words" in text_of(tmp_path)
    with replaying(tmp_path), no_sockets(), client() as made:
        assert ask(made) == "unpacked words"


# What is in the file, and what is not


def test_nothing_secret_or_of_the_machine(server, tmp_path):
    told = "Limit in organization org-Abc12345 for key KEY-12345678, sk-pro****wxyz"
    set_cookie = {"set-cookie": "session=COOKIE-1"}
    server.script = [
        completion("fine", timings={"ms": 1}, __verbose={"x": 1}, kept="org-words"),
        status(429, told, headers=set_cookie),
    ]
    headers = {"cookie": "COOKIE-2", "x-title": "TITLE"}
    query = {"api-key": "QUERY-SECRET"}
    settings = {"organization": "org-ORGANIZATION", "project": "PROJECT-1"}
    with (
        recording(tmp_path),
        openai.OpenAI(
            base_url=server.url,
            api_key="KEY-12345678",
            max_retries=0,
            default_headers=headers,
            default_query=query,
            **settings,
        ) as made,
    ):
        ask(made)
        failing(made, openai.RateLimitError, body(model="m2"))
    text = text_of(tmp_path)
    secrets = ["KEY-", "COOKIE", "TITLE", "QUERY", "ORGANIZATION", "PROJECT", "org-Abc", "wxyz"]
    machine = [server.url.split("/")[2], "timings", "__verbose", str(Path.home()), "uthoriz"]
    for word in (*secrets, *machine, "cookie", "user-agent", "x-stainless", "BaseHTTP"):
        assert word not in text, word
    first, second = documents(tmp_path)
    assert first["response"]["body"]["kept"] == "org-words"
    assert first["response"]["headers"] == {"content-type": "application/json"}
    assert second["response"]["body"]["error"]["message"].startswith("Limit in organization [")


def test_only_chat_completions_are_recorded(server, tmp_path):
    server.script = [Answer(200, {"object": "list", "data": []})]
    with recording(tmp_path), client(server.url) as made:
        made.embeddings.create(model="m", input="x", encoding_format="float")
    assert len(server.requests) == 1
    assert text_of(tmp_path) == ""


NASTY = " \t\r\n\"'\\|>-:#\u200b\u200f\u202e\u2028\u2029\x85\ufeff\x00\x1b\x7f\ufffe😀İıé~"
TEXT = st.text(
    st.sampled_from(NASTY) | st.characters(exclude_categories=("Cs",)), max_size=40
) | st.sampled_from(["yes", "null", "~", "1e5", "0x1f", "1:30", "2024-01-01", "<<", "---\n...\n"])
NUMBER = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TREE = st.recursive(
    TEXT | NUMBER | st.booleans() | st.none(),
    lambda tree: st.lists(tree, max_size=3) | st.dictionaries(TEXT, tree, max_size=3),
    max_leaves=10,
)
LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]


@given(st.dictionaries(TEXT, TREE, min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_json_comes_back_exactly(value):
    document = dump(value)
    for loader in LOADERS:
        assert repr(yaml.load(document, Loader=loader)) == repr(value)
    assert not any(line.startswith((b"---", b"...")) for line in document.split(b"\n")[1:-2])


@given(TEXT.filter(bool))
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_comes_back_exactly(tmp_path_factory, text):
    """From end to end, in the request as in the answer."""
    folder = tmp_path_factory.mktemp("exact")

    def answer(request: httpx2.Request) -> httpx2.Response:
        said = json.loads(request.content)["messages"][-1]["content"]
        assert said == text
        return httpx2.Response(200, json=completion(said).body)

    transport = httpx2.Client(transport=httpx2.MockTransport(answer))
    with recording(folder), client(http_client=transport) as made:
        assert ask(made, body(text)) == text
    with replaying(folder), client() as made:
        assert ask(made, body(text)) == text


# Misses


def test_an_empty_cassette(server, tmp_path):
    with recording(tmp_path):
        pass
    assert "the cassette is empty" in str(miss(tmp_path, body("Kalın in Damascus")))


def shot(article: str, *more: str, example: str = "Oslo", **changes: Any) -> dict[str, Any]:
    """A question as the package asks it: with an example and its answer before the article."""
    said = [f"<article>\n{example}\n</article>", "{}", f"<article>\n{article}\n</article>", *more]
    talk = [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(said)]
    return body(messages=[{"role": "system", "content": PROMPT}, *talk], **changes)


OTHER_PROMPT = [{"role": "system", "content": "Other"}, *shot("one")["messages"][1:]]
OTHER_MESSAGES = "the article, the example or a follow-up question is not in the recording"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (shot("one", model="m3"), "the model differs (recorded with m1, asked of m3)"),
        (shot("one", model="m3", temperature=1), "the model differs"),
        (shot("one") | {"messages": OTHER_PROMPT}, "the prompt (system message) changed"),
        (shot("one", response_format={"type": "text"}), "the schema (response_format) changed"),
        (
            shot("one", temperature=0.7),
            "sampling settings changed (recorded {'temperature': 0}, asked {'temperature': 0.7})",
        ),
        (shot("Kalın in\nDamascus"), OTHER_MESSAGES),
        (shot("one", example="Bern"), OTHER_MESSAGES),
        (shot("one", "{}", "Really?"), OTHER_MESSAGES),
        # Recorded with the other model only.
        (shot("two"), "the model differs (recorded with m2, asked of m1)"),
    ],
)
def test_a_miss_names_what_changed(server, tmp_path, asked, told):
    record(server, tmp_path, shot("one"), shot("one", "{}", "Sure?"), shot("two", model="m2"))
    prefix = f"POST /v1/chat/completions is not in {tmp_path}: {told}"
    assert str(miss(tmp_path, asked)).startswith(prefix)


@pytest.mark.parametrize(
    "odd",
    [
        {"messages": []},
        {"extra_body": {"model": None, "messages": [1, None]}},
    ],
)
def test_odd_requests_miss_clearly(server, tmp_path, odd):
    server.script = [completion("x")]
    record(server, tmp_path, body())
    miss(tmp_path, body(**odd))
    record(server, tmp_path, body(**odd))
    with replaying(tmp_path), client() as made:
        assert ask(made, body(**odd)) == "x"
    miss(tmp_path, body("new"))


def test_other_requests_miss_whatever_their_host(server, tmp_path):
    record(server, tmp_path)
    with replaying(tmp_path), client(server.url) as made:
        with pytest.raises(openai.APIConnectionError) as caught:
            made.models.list()
        assert "GET /v1/models is not in" in str(find_miss(caught.value))
        with pytest.raises(CassetteMissError), httpx2.Client() as plain:
            plain.get(server.url)
    with client(server.url.replace("/v1", "/v2")) as made, replaying(tmp_path):
        caught = failing(made, openai.APIConnectionError)
    assert "recorded with /v1/chat/completions, asked of /v2/" in str(find_miss(caught.value))


def test_missed_walks_any_chain():
    root = CassetteMissError("x")
    assert find_miss(ValueError()) is None
    try:
        try:
            raise root
        except CassetteMissError as error:
            raise RuntimeError from error
    except RuntimeError:
        with pytest.raises(KeyError) as caught:
            raise KeyError  # noqa: B904
    assert find_miss(caught.value) is root


# Failures, kills, and coming back


def test_a_killed_run_keeps_its_recording(server, tmp_path):
    script = f"""
import openai, sys
from pathlib import Path
from summarize.cassettes.cassette import recording
with recording(Path({str(tmp_path)!r})):
    made = openai.OpenAI(base_url={server.url!r}, api_key="none", max_retries=0)
    made.chat.completions.create(**{body()!r})
    print("answered", flush=True)
    made.chat.completions.create(**{body("held back")!r})
"""

    def answer(request: Request) -> Answer:
        return replace(echo(request), after=30 * (request.messages[-1] == "held back"))

    server.script = answer
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"answered\n"
        run.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        run.wait()
    with replaying(tmp_path), no_sockets(), client() as made:
        assert ask(made) == "heard: " + ARTICLE


def test_a_torn_last_document_is_dropped(server, tmp_path):
    record(server, tmp_path, body("one"), body("two 😀"))
    path = tmp_path / "cassette.yaml"
    whole = path.read_bytes()
    second = whole.index(b"\n...\n") + 5
    for cut in (second + 3, whole.index("😀".encode()) + 2, len(whole) - 6):
        path.write_bytes(whole[:cut])
        with replaying(tmp_path), client() as made:
            assert ask(made, body("one")) == "heard: one"
        assert OTHER_MESSAGES in str(miss(tmp_path, body("two 😀")))
        record(server, tmp_path, body("two 😀"))
        assert path.read_bytes() == whole
    path.write_bytes(whole[:15])
    record(server, tmp_path, body("one"), body("two 😀"))
    assert path.read_bytes() == whole


def test_line_ends_changed_by_git_do_no_harm(server, tmp_path):
    record(server, tmp_path)
    path = tmp_path / "cassette.yaml"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"\n", b"\r\n").removesuffix(b"\r\n"))
    with replaying(tmp_path), client() as made:
        assert ask(made) == "heard: " + ARTICLE
    record(server, tmp_path)
    assert path.read_bytes() == whole


def test_a_request_recorded_again_replaces_the_older_one(server, tmp_path):
    record(server, tmp_path, body("one"), body("two"))
    server.script = [completion("new")]
    with recording(tmp_path), client(server.url) as made:
        ask(made, body("one"))
        assert len(documents(tmp_path)) == 3
    assert [d["request"]["body"]["messages"][1]["content"] for d in documents(tmp_path)] == [
        "one",
        "two",
    ]
    with replaying(tmp_path), client() as made:
        assert ask(made, body("one")) == "new"
        assert ask(made, body("two")) == "heard: two"


def test_contexts_leave_nothing_behind(server, tmp_path):
    real = httpx2.HTTPTransport.handle_request
    record(server, tmp_path / "a", body("a"))
    with recording(tmp_path / "b"), client(server.url) as made:
        ask(made, body("b"))
        refused = pytest.raises(ConfigurationError, match="one folder at a time")
        with refused, replaying(tmp_path / "a"):
            pass
        ask(made, body("c"))
    assert len(documents(tmp_path / "b")) == 2
    for context in (recording, replaying):
        with pytest.raises(KeyboardInterrupt), context(tmp_path / "a"):
            raise KeyboardInterrupt
    assert httpx2.HTTPTransport.handle_request == real
    with client(server.url) as made:
        assert ask(made, body("live")) == "heard: live"


def test_contexts_may_end_in_any_order(server, tmp_path):
    real = httpx2.HTTPTransport.handle_request
    record(server, tmp_path, body("a"))
    first, second = replaying(tmp_path), replaying(tmp_path)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    with no_sockets(), client() as made:
        assert ask(made, body("a")) == "heard: a"
    second.__exit__(None, None, None)
    assert httpx2.HTTPTransport.handle_request == real


def test_a_write_that_fails_is_told_at_the_end(server, tmp_path):
    def run() -> None:
        with recording(tmp_path), client(server.url) as made:
            (tmp_path / "cassette.yaml").unlink()
            (tmp_path / "cassette.yaml").mkdir()
            answers.append(ask(made))

    answers: list[str] = []
    with pytest.raises(ConfigurationError, match="cannot record into"):
        run()
    assert answers == ["heard: " + ARTICLE]


# Files that are no cassettes

FOREIGN = [
    "interactions:\n- request:\n    body: x\nversion: 1\n",
    "just text",
    "---\nfoo: bar\n",
    "---\nrequest:\n  method: POST\n...\n",
    "---\nrequest: {method: POST, path: /, body: 1}\nresponse: {status: x, headers: {}}\n...\n",
    "---\nrequest: {method: GET, path: /, text: x}\nresponse: {status: 1, headers: {}}\n...\n",
    "---\nrequest: !!python/object/apply:os.getcwd []\n...\n",
    "---\n- 1\n...\n",
    b"---\nrequest: \xff\n...\n",
]


@pytest.mark.parametrize("content", FOREIGN)
def test_foreign_files(tmp_path, content):
    path = tmp_path / "cassette.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = path.read_bytes()
    for context in (replaying, recording):
        with pytest.raises(ConfigurationError) as caught, context(tmp_path):
            pass
        assert "is not a cassette of summarize" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert caught.value.hint
    assert path.read_bytes() == before


def test_a_folder_without_a_cassette_or_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for context, folder, told in (
        (replaying, tmp_path, "no cassette in .*--record"),
        (replaying, tmp_path / "none", "no cassette in .*--record"),
        (recording, tmp_path / "file", "cannot record into"),
    ):
        with pytest.raises(ConfigurationError, match=told), context(folder):
            pass


# Speed
