"""Proxies, certificates, addresses and limits of the environment, as users have them set."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from commands import articles, outcome, written
from endpoint import ARTICLE, StandIn, draft, fitting

from summarize import summarize_article, summarize_batch
from summarize.errors import ConfigurationError
from summarize.models import choose_model
from summarize.models.endpoints import find_endpoint
from summarize.models.model_settings import ModelSettings
from summarize.models.network import http_client, is_loopback
from summarize.progress import silent

ROOT = Path(__file__).parents[2]
# Nothing listens there.
NOWHERE = "http://127.0.0.1:9"
# The variables that may make a client fail before anything is sent.
BROKEN = [
    {"ALL_PROXY": "socks5://127.0.0.1:9"},
    {"all_proxy": "socks://127.0.0.1:9"},
    {"HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE},
    {"SSL_CERT_FILE": "/no/such/file.pem"},
]
NAMES = {name.lower() for variables in BROKEN for name in variables} | {"no_proxy"}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower() in NAMES or name.startswith(("OPENAI_", "OLLAMA_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in-0123456789")


@pytest.fixture(params=BROKEN, ids=lambda variables: " ".join(variables))
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def endpoint() -> Iterator[StandIn]:
    with StandIn() as endpoint:
        yield endpoint


def test_what_is_on_this_machine_goes_through_no_proxy(broken: None, endpoint: StandIn) -> None:
    assert summarize_article(ARTICLE, model="openai/m", base_url=endpoint.url).is_meeting
    results = summarize_batch([ARTICLE], model="openai/m", base_url=endpoint.url)
    assert [result.ok for result in results] == [True]


def test_what_sends_nothing_needs_no_network(
    broken: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = next((ROOT / "seeds").glob("*.txt"))
    summary = summarize_article(seed, model="local", replay=ROOT / "cassettes")
    assert summary.is_meeting
    records = tmp_path / "in.jsonl"
    records.write_text(json.dumps({"id": "1", "text": ARTICLE}), encoding="utf-8")
    requests = tmp_path / "r.jsonl"
    words = ["requests", str(records), "-o", str(requests), "--model", "openai/gpt-5.4"]
    assert outcome(words, capsys).code == 0
    assert len(written(requests)) == 1


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "httpx2[socks]"),
        ("SSL_CERT_FILE", "/no/such/file.pem", "file of certificates"),
    ],
)
@pytest.mark.parametrize("is_async", [True, False])
def test_what_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, hint: str, is_async: bool
) -> None:
    monkeypatch.setenv(name, value)
    if name == "ALL_PROXY" and is_async:
        pytest.skip("aiohttp says so when it connects")
    with pytest.raises(ConfigurationError, match=name) as caught:
        http_client("https://example.org/v1", is_async=is_async, sends=True)
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8000/v1", True),
        ("http://api.localhost/v1", True),
        ("http://127.8.9.1:1", True),
        ("http://[::1]:8000/v1", True),
        ("http://0.0.0.0:8000", True),
        ("http://192.168.0.7:8000", False),
        ("https://localhost.example.org", False),
        (None, False),
    ],
)
def test_loopback(url: str | None, expected: bool) -> None:
    assert is_loopback(url) is expected


@pytest.mark.parametrize("value", ["", " \n"])
def test_an_empty_address_is_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", value)
    settings = choose_model("openai/gpt-5.4")
    assert settings.base_url is None
    assert find_endpoint(settings, replay=False, report=silent).url == "https://api.openai.com/v1"
    monkeypatch.delenv("OPENAI_API_KEY")
    assert choose_model().name == "local"


@pytest.mark.parametrize("around", ["{}\n", ' "{}" '])
def test_white_space_and_quotation_marks_are_no_address(
    monkeypatch: pytest.MonkeyPatch, endpoint: StandIn, around: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", around.format(endpoint.url))
    monkeypatch.setenv("SUMMARIZE_MODEL", around.format("openai/m"))
    assert summarize_article(ARTICLE).provenance.model == "openai/m"


def test_a_query_stays_at_the_end(endpoint: StandIn) -> None:
    url = endpoint.url.removesuffix("/v1") + "/openai/deployments/NAME?api-version=2025-01-01"
    summarize_article(ARTICLE, model="openai/gpt-4o", base_url=url)
    (request,) = endpoint.requests
    assert request.path == "/openai/deployments/NAME/chat/completions?api-version=2025-01-01"


@pytest.mark.parametrize("end", ["//", "/chat/completions/"])
def test_more_of_an_address_than_its_base(endpoint: StandIn, end: str) -> None:
    summarize_article(ARTICLE, model="openai/m", base_url=endpoint.url + end)
    assert [request.path for request in endpoint.requests] == ["/v1/chat/completions"]


@pytest.mark.parametrize("value", ["", "org-1\n"])
def test_an_account_with_a_line_break(
    monkeypatch: pytest.MonkeyPatch, endpoint: StandIn, value: str
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", value)
    monkeypatch.setenv("OPENAI_PROJECT_ID", value)
    summarize_article(ARTICLE, model="openai/m", base_url=endpoint.url)
    headers = {name.lower(): told for name, told in endpoint.requests[0].headers.items()}
    expected = value.strip() or None
    assert headers.get("openai-organization") == headers.get("openai-project") == expected


def test_azure_has_the_key_in_a_header_of_its_own() -> None:
    settings = ModelSettings("openai/m", base_url="https://x.openai.azure.com/openai/v1")
    sent = []

    def answer(request: Any) -> Any:
        sent.append(request.headers)
        return httpx2.Response(200, json={}, request=request)

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    client = find_endpoint(settings, replay=False, report=silent).client(http=http)
    client.post("/chat/completions", cast_to=object, body={})
    assert sent[0]["api-key"] == "sk-stand-in-0123456789"
    assert "authorization" not in sent[0]


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("", "http://localhost:11434/v1"),
        ("gpu.example", "http://gpu.example:11434/v1"),
        (":8080", "http://127.0.0.1:8080/v1"),
        ("0.0.0.0:1234", "http://127.0.0.1:1234/v1"),
        ("https://gpu.example/ollama/", "https://gpu.example/ollama/v1"),
        ("http://gpu.example:11434/v1", "http://gpu.example:11434/v1"),
        ("[::1]:1234", "http://[::1]:1234/v1"),
        (" 'gpu.example:1' \n", "http://gpu.example:1/v1"),
    ],
)
def test_where_ollama_is(monkeypatch: pytest.MonkeyPatch, value: str, url: str) -> None:
    monkeypatch.setenv("OLLAMA_HOST", value)
    settings = ModelSettings("ollama/m")
    assert find_endpoint(settings, replay=False, report=silent).url == url


def test_an_address_of_ollama_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "host:99999")
    with pytest.raises(ConfigurationError, match="OLLAMA_HOST: 'host:99999' is no address"):
        find_endpoint(ModelSettings("ollama/m"), replay=False, report=silent)


def test_ollama_is_asked_there(monkeypatch: pytest.MonkeyPatch, endpoint: StandIn) -> None:
    monkeypatch.setenv("OLLAMA_HOST", endpoint.url.removeprefix("http://").removesuffix("/v1"))
    assert summarize_article(ARTICLE, model="ollama/qwen3:30b").is_meeting
    assert endpoint.requests[0].body["model"] == "qwen3:30b"
    assert endpoint.requests[0].path == "/v1/chat/completions"


def test_ollama_by_its_port_reads_as_much_as_ollama(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ModelSettings("openai/m", base_url="http://localhost:11434/v1")
    assert find_endpoint(settings, replay=True, report=silent).context_tokens == 4_096
    monkeypatch.setenv("OLLAMA_CONTEXT_LENGTH", "32768")
    assert find_endpoint(settings, replay=True, report=silent).context_tokens == 32_768


def test_an_endpoint_that_reads_less_than_it_was_sent_is_told_of() -> None:
    told: list[str] = []
    text = ARTICLE + " ".join(f"Sentence {i} is of other things." for i in range(800))
    usage = {"prompt_tokens": 2_048, "completion_tokens": 9, "total_tokens": 2_057}
    with StandIn([draft(usage=usage)]) as endpoint:
        summarize_article(
            text, model="openai/m", base_url=endpoint.url,
            report=lambda progress: told.append(f"{progress.stage} {progress.note}"),
        )  # fmt: skip
    (line,) = [line for line in told if line.startswith("adapting")]
    assert "read only 2,048 tokens" in line


def test_a_low_limit_of_open_files_costs_no_article(tmp_path: Path) -> None:
    lines = (json.dumps(record) for record in articles(120))
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96))

    with StandIn(fitting, latency=0.05) as endpoint:
        command = [sys.executable, "-m", "summarize", "batch", "in.jsonl", "-o", "out.jsonl"]
        command += ["--model", "openai/m", "--base-url", endpoint.url, "--concurrency", "256"]
        done: Any = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False,
            preexec_fn=limited,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "articles at a time: this machine allows no more open files" in done.stderr
    assert all(line["ok"] for line in written(tmp_path / "out.jsonl"))
