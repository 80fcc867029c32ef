"""Endpoints that refuse a schema, a parameter or a limit are asked in another way from then on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import outcome
from endpoint import Answer, Request, StandIn, completion, draft, status

from summarize import summarize_article, summarize_batch
from summarize.errors import ContextLengthError, RequestError, TruncatedAnswerError
from summarize.models.request_style import (
    ANSWER_TOKENS,
    RequestStyle,
    ResponseFormat,
    first_style,
)
from summarize.prompting.draft import Corrections, FullDraft

ARTICLES = [f"Talks in Bern {i}\n\nMinister Lars Holm met Anna Keller in Bern." for i in range(6)]
LONG = "Ministers meet in Bern\n\n" + "\n\n".join(
    " ".join(f"On day {i} of week {j} Lars Holm met Anna Keller in Bern again." for i in range(7))
    for j in range(12)
)
EMPTY = draft(participants=[], topics=[], outcomes=[], place="")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in-0123456789")


def form_of(body: dict[str, Any]) -> str:
    return body.get("response_format", {}).get("type", "none")


def taking(*forms: str, words: str = "response_format is not available") -> Callable[..., Answer]:
    """An endpoint that takes no other forms."""
    return lambda request: EMPTY if form_of(request.body) in forms else status(400, words)


REFUSALS = [
    "This response_format type is unavailable now",  # DeepSeek
    "This model does not support response format `json_schema`",  # Groq
    "'response_format.type' must be 'json_object' or 'text'",
    "json_schema is not supported",
    "structured_outputs: unsupported by this provider",
    "failed to parse grammar",
    "Unsupported parameter",
    "Provider returned error",
    "Bad Request",
]


@pytest.mark.parametrize("words", REFUSALS)
def test_each_refusal_falls_back_a_step_for_the_run(words: str) -> None:
    asked = ["json_schema", "json_object", "none"]
    with StandIn(taking("none", words=words)) as endpoint:
        results = list(
            summarize_batch(ARTICLES, model="openai/m", base_url=endpoint.url, concurrency=1)
        )
    assert all(result.ok for result in results)
    forms = [form_of(request.body) for request in endpoint.requests]
    assert forms == [*asked, *asked[-1:] * (len(ARTICLES) - 1)]


@pytest.mark.parametrize(
    "refusal",
    [
        # Mistral, FastAPI
        Answer(
            422, {"message": {"detail": [{"loc": ["body", "response_format"], "msg": "Extra"}]}}
        ),
        Answer(422, {"detail": [{"loc": ["body", "response_format"], "msg": "not permitted"}]}),
        Answer(400, b"Bad Request"),
        Answer(400, b""),
        Answer(422, {}),
        # OpenRouter
        status(404, "No endpoints found that can handle the requested parameters."),
        status(400, "Provider returned error", metadata={"raw": "no response_format here"}),
        # llama.cpp
        status(500, "Failed to compile grammar"),
        status(501, "response_format is not implemented"),
    ],
)
def test_a_refusal_in_any_form(refusal: Answer) -> None:
    def answer(request: Request) -> Answer:
        return EMPTY if form_of(request.body) in {"json_object", "none"} else refusal

    with StandIn(answer) as endpoint:
        summarize_article(ARTICLES[0], model="openai/m", base_url=endpoint.url)
    assert [form_of(r.body) for r in endpoint.requests] == ["json_schema", "json_object"]


@pytest.mark.parametrize(
    "words", ["System role not supported", "Conversation roles must alternate user/assistant/..."]
)
def test_a_chat_template_without_a_place_for_instructions(words: str) -> None:
    def answer(request: Request) -> Answer:
        is_taken = request.body["messages"][0]["role"] == "user"
        return EMPTY if is_taken else status(400, words)

    with StandIn(answer) as endpoint:
        for text in ARTICLES[:2]:
            summarize_article(text, model="openai/m", base_url=endpoint.url)
    first, second, *_ = endpoint.requests
    assert second.messages[0] == f"{first.messages[0]}\n\n{first.messages[1]}"
    assert second.messages[1:] == first.messages[2:]


def test_a_form_that_the_model_cannot_keep_to_is_given_up() -> None:
    failed = {"code": "json_validate_failed", "failed_generation": "Here"}
    with StandIn([status(400, "Failed to generate JSON.", **failed), EMPTY]) as endpoint:
        summarize_article(ARTICLES[0], model="openai/m", base_url=endpoint.url)
    assert [form_of(r.body) for r in endpoint.requests] == ["json_schema", "json_object"]


def test_below_a_schema_the_prompt_has_it() -> None:
    with StandIn(taking("none")) as endpoint:
        summarize_article(ARTICLES[0], model="openai/m", base_url=endpoint.url)
    first, *lower = (request.messages[0] for request in endpoint.requests)
    assert "JSON Schema" not in first
    assert len(lower) == 2
    for system in lower:
        assert system.startswith(first)
        schema = json.loads(system.removeprefix(first).partition(":\n")[2])
        assert schema == FullDraft.model_json_schema()


def test_many_at_once_move_down_once() -> None:
    with StandIn(taking("json_object", "none")) as endpoint:
        results = list(
            summarize_batch(ARTICLES * 4, model="openai/m", base_url=endpoint.url, concurrency=8)
        )
    assert sum(result.ok for result in results) == len(ARTICLES)
    assert "none" not in {form_of(request.body) for request in endpoint.requests}


def test_it_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps({"id": str(i), "text": text}) for i, text in enumerate(ARTICLES)]
    Path("in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with StandIn(taking("none", words="no response_format here")) as endpoint:
        words = ("batch", "in.jsonl", "-o", "out.jsonl", "--model", "openai/m")
        done = outcome([*words, "--base-url", endpoint.url], capsys)
    assert done.code == 0
    told = [line for line in done.errors if "from now on" in line]
    assert [line.partition(",")[0] for line in told] == [
        "asked with a JSON object",
        "asked with JSON in the prompt alone",
    ]
    assert all("no response_format here" in line for line in told)


@pytest.mark.parametrize(
    ("refused", "words", "left"),
    [
        ("temperature", "Unsupported value: 'temperature' does not support 0.0", {"max_tokens"}),
        (
            "max_tokens",
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            {"max_completion_tokens", "temperature"},
        ),
        ("max_tokens", "max_tokens: Extra inputs are not permitted", {"temperature"}),
    ],
)
def test_a_parameter_that_is_refused(refused: str, words: str, left: set[str]) -> None:
    def answer(request: Request) -> Answer:
        return status(400, words) if refused in request.body else EMPTY

    with StandIn(answer) as endpoint:
        summarize_article(ARTICLES[0], model="openai/m", base_url=endpoint.url)
    body = endpoint.requests[-1].body
    assert {"temperature", "max_tokens", "max_completion_tokens"} & body.keys() == left
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize(
    ("words", "limits"),
    [
        ("max_tokens is too large: 8000. This model supports at most 4096 completion tokens",
         [ANSWER_TOKENS, 4096]),
        (("Requested token count exceeds the model's maximum context length of 8192 tokens. You "
         "requested a total of 8900 tokens: 900 tokens from the input messages and 8000 tokens for "
         "the completion. Please reduce it."), [ANSWER_TOKENS, ANSWER_TOKENS // 2]),
        ("maximum context length is 8192 tokens. You requested 8600 (8000 in the completion).",
         [ANSWER_TOKENS, ANSWER_TOKENS // 2]),
    ],
)  # fmt: skip
def test_a_limit_that_is_too_large_is_lowered(words: str, limits: list[int]) -> None:
    def answer(request: Request) -> Answer:
        return EMPTY if request.body["max_tokens"] < 5_000 else status(400, words)

    with StandIn(answer) as endpoint:
        summarize_article(ARTICLES[0], model="openai/m", base_url=endpoint.url)
    assert [request.body["max_tokens"] for request in endpoint.requests] == limits


def test_what_no_way_of_asking_mends_is_the_endpoints_own_words() -> None:
    with (
        StandIn([status(400, "schema of the database is broken")]) as endpoint,
        pytest.raises(RequestError, match="schema of the database is broken"),
    ):
        summarize_article(ARTICLES[0], model="openai/m", base_url=endpoint.url)
    assert len(endpoint.requests) == 3


@pytest.mark.parametrize(
    "words",
    [
        "Input length (9000 tokens) exceeds the maximum allowed length (4096 tokens)",
        "Range of input length should be [1, 4096]",
        "Prompt too long: 9000 tokens exceeds max_seq_len 4096",
        "This model's maximum context length is 4096 tokens, your prompt has 9000",
        "prompt is too long: 9000 tokens > 4096 maximum",
        "The input token count (9000) exceeds the maximum number of tokens allowed (4096).",
        "Requested tokens (9000) exceed context window of 4096",
        "the request exceeds the available context size, try increasing it",
        "Please reduce the length of the messages or completion.",
        "Too many tokens: 9000 in the input",
        "input is too long for this model",
    ],
)
def test_too_long_in_the_words_of_many_servers(words: str) -> None:
    text = LONG

    def answer(request: Request) -> Answer:
        return status(400, words) if len(request.messages[-1]) > 2_000 else EMPTY

    with StandIn(answer) as endpoint:
        summary = summarize_article(text, model="openai/m", base_url=endpoint.url)
    assert summary.is_meeting
    with StandIn([status(400, words)]) as endpoint, pytest.raises(ContextLengthError):
        summarize_article(ARTICLES[0], model="openai/m", base_url=endpoint.url)


@pytest.mark.parametrize("text", [ARTICLES[0], LONG])
def test_an_endless_answer_is_tried_once_more(text: str) -> None:
    endless = completion('{"event":"talks",' + " " * 5_000, finish_reason="length")
    with StandIn([endless]) as endpoint, pytest.raises(TruncatedAnswerError, match="cut off"):
        summarize_article(text, model="openai/m", base_url=endpoint.url)
    assert len(endpoint.requests) == 2
    assert all(request.body["max_tokens"] == ANSWER_TOKENS for request in endpoint.requests)


@pytest.mark.parametrize(
    ("model", "base_url", "form", "limit", "has_temperature"),
    [
        ("openai/gpt-4o", None, "STRICT_SCHEMA", "max_completion_tokens", True),
        ("openai/gpt-5.4-mini", None, "STRICT_SCHEMA", "max_completion_tokens", False),
        ("openai/o3", "https://x.openai.azure.com/openai/v1", "STRICT_SCHEMA",
         "max_completion_tokens", False),
        ("openai/gpt-3.5-turbo", None, "OBJECT", "max_tokens", True),
        ("openai/Qwen/Qwen3-8B", None, "SCHEMA", "max_tokens", True),
        ("openai/gpt-4o", "http://localhost:8000/v1", "SCHEMA", "max_tokens", True),
        ("openai/openai/gpt-5", "https://openrouter.ai/api/v1", "SCHEMA",
         "max_completion_tokens", False),
        ("openrouter/qwen/qwen3", None, "STRICT_SCHEMA", "max_tokens", True),
        ("anthropic/claude", None, "OBJECT", "max_tokens", True),
        ("openai/deepseek-chat", "https://api.deepseek.com/v1", "OBJECT", "max_tokens", True),
    ],
)  # fmt: skip
def test_where_to_begin(
    model: str, base_url: str | None, form: str, limit: str, has_temperature: bool
) -> None:
    style = first_style(model, base_url)
    assert style.format is ResponseFormat[form]
    assert style.sampling.keys() == {limit, *(["temperature"] if has_temperature else [])}


@pytest.mark.parametrize("schema", [FullDraft, Corrections])
def test_a_strict_schema_requires_all_and_allows_no_more(schema: Any) -> None:
    body = RequestStyle(ResponseFormat.STRICT_SCHEMA).body("m", (), schema, {})
    sent = body["response_format"]["json_schema"]
    assert sent["strict"] is True
    objects = [sent["schema"], *sent["schema"].get("$defs", {}).values()]
    for part in objects:
        assert part["required"] == list(part["properties"])
        assert part["additionalProperties"] is False
        assert not any("default" in field for field in part["properties"].values())


def test_options_go_into_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(ARTICLES[0], encoding="utf-8")
    options = ("--option", "reasoning_effort=low", "--option", "temperature=0.7", "--option",
               'chat_template_kwargs={"enable_thinking": false}')  # fmt: skip
    with StandIn([EMPTY]) as endpoint:
        where = ("--model", "openai/m", "--base-url", endpoint.url)
        assert outcome(["article", "a.txt", *where, *options], capsys).code == 0
        summarize_article(
            ARTICLES[0], model="openai/m", base_url=endpoint.url, options={"top_k": 5}
        )
    first, second = (request.body for request in endpoint.requests)
    assert first["reasoning_effort"] == "low"
    assert first["temperature"] == 0.7
    assert first["chat_template_kwargs"] == {"enable_thinking": False}
    assert second["top_k"] == 5
    with pytest.raises(SystemExit):
        outcome(["article", "a.txt", "--option", "low"], capsys)
    assert "'low' is not of the form KEY=VALUE" in capsys.readouterr().err
