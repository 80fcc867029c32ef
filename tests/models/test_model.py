"""Asking a model: the real client against a real socket, with everything that can go wrong."""

from __future__ import annotations

import asyncio
import json
import pickle
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import instructor
import pytest
from endpoint import (
    ARTICLE,
    CUT,
    DRAFT,
    HANG,
    RESET,
    Answer,
    Request,
    StandIn,
    completion,
    corrections,
    draft,
    fitting,
    page,
    status,
)

from summarize.api import asummarize_article, summarize_article
from summarize.article.article import Article
from summarize.cassettes.cassette import recording, replaying
from summarize.errors import (
    AnswerError,
    AuthenticationError,
    ConfigurationError,
    ContextLengthError,
    EndpointError,
    InputError,
    RateLimitError,
    RefusalError,
    RequestError,
    SummarizeError,
    TruncatedAnswerError,
)
from summarize.models import (
    DEFAULT_OPENAI_MODEL,
    InvalidAnswerError,
    Message,
    Meter,
    ModelSettings,
    Question,
    Reply,
    RetryPolicy,
    choose_model,
)
from summarize.models.error_mapping import retry_after
from summarize.models.model import Model, probe
from summarize.pipeline.summarizer import Summarizer
from summarize.prompting.draft import Corrections, Draft
from summarize.schema import Summary

KEY = "sk-stand-in-0123456789"
QUESTION = Question((Message("system", "Answer in JSON."), Message("user", ARTICLE)), Draft)
# The real waits are seconds; their proportions are what is tested.
HASTE = RetryPolicy(attempts=3, slow_attempts=2, first_wait=0.01, longest_wait=0.02, jitter=0.0)

Ask = Callable[..., Reply[Any]]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SUMMARIZE_MODEL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def settings(endpoint: StandIn, patience: RetryPolicy = HASTE, timeout: float = 5) -> ModelSettings:
    return ModelSettings(
        "openai/stand-in", base_url=endpoint.url, timeout=timeout, retry_policy=patience
    )


def ask_in_thread(model: Model, meter: Meter | None = None, question: Any = QUESTION) -> Reply[Any]:
    try:
        return model.ask(question, meter or Meter())
    finally:
        model.close()


def ask_in_task(model: Model, meter: Meter | None = None, question: Any = QUESTION) -> Reply[Any]:
    async def asked() -> Reply[Any]:
        try:
            return await model.aask(question, meter or Meter())
        finally:
            await model.aclose()

    return asyncio.run(asked())


@pytest.fixture(params=[ask_in_thread, ask_in_task], ids=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    return request.param


def summarize(endpoint: StandIn, text: str = ARTICLE, **more: Any) -> Summary:
    with Summarizer(settings(endpoint, **more)) as summarizer:
        try:
            return summarizer.summarize(Article.of(text))
        finally:
            summarizer.model.close()


def test_a_valid_answer(ask: Ask) -> None:
    with StandIn() as endpoint:
        meter = Meter()
        reply = ask(Model(settings(endpoint)), meter)
    assert reply.value.model_dump(mode="json") == DRAFT
    assert json.loads(reply.text) == DRAFT
    assert (meter.attempts, meter.prompt_tokens, meter.completion_tokens) == (1, 100, 10)
    assert meter.cached_tokens == 40
    (request,) = endpoint.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["model"] == "stand-in"
    assert request.body["temperature"] == 0
    assert request.schema["properties"].keys() == DRAFT.keys()


@pytest.mark.parametrize("name", ["openai/m", "ollama/m", "together/a/m"])
@pytest.mark.parametrize("answer", [Draft, Corrections])
def test_what_is_sent_is_what_instructor_sends(
    name: str, answer: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOGETHER_API_KEY", KEY)
    question = QUESTION.followed_by("{}", "Again: ‘İ’ 😀 {{ x }}", answer)
    with StandIn() as endpoint:
        ask(Model(ModelSettings(name, base_url=endpoint.url)), question=question)
        plain = instructor.from_provider(
            name, mode=instructor.Mode.JSON_SCHEMA, base_url=endpoint.url, api_key=KEY
        )
        messages: Any = [{"role": m.role, "content": m.content} for m in question.messages]
        plain.create(messages=messages, response_model=answer, temperature=0.0, max_tokens=8_000)
        plain.client.close()
    ours, theirs = endpoint.requests
    assert ours.body == theirs.body
    assert ours.path == theirs.path


def test_connections_are_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # More than httpx keeps.
    at_once = 105
    connections = set()

    async def asked(model: Model) -> None:
        try:
            for _ in range(2):
                await asyncio.gather(*(model.aask(QUESTION, Meter()) for _ in range(at_once)))
        finally:
            await model.aclose()

    with StandIn() as endpoint:
        answer = endpoint._answer

        def noted(handler: Any) -> None:
            connections.add(handler.client_address)
            answer(handler)

        monkeypatch.setattr(endpoint, "_answer", noted)
        asyncio.run(asked(Model(settings(endpoint, timeout=60))))
    assert len(endpoint.requests) == 2 * at_once
    assert len(connections) <= at_once


# Every fault, when it does not pass


@dataclass(frozen=True)
class Fault:
    """An answer that is given again and again, and what should come of it."""

    answer: Answer
    error: type[SummarizeError]
    says: str
    requests: int = 1
    retryable: bool = False
    fatal: bool = False


MANY = HASTE.attempts
FAULTS = {
    "429": Fault(status(429, "Slow down"), RateLimitError, "slow down (429", MANY, True),
    "429 with a page": Fault(page(429), RateLimitError, "Sign & in", MANY, True),
    "429 no quota": Fault(
        status(429, "You exceeded your quota", code="insufficient_quota"),
        AuthenticationError,
        "no quota left",
        fatal=True,
    ),
    "402": Fault(status(402, "Pay"), AuthenticationError, "no quota left", fatal=True),
    "500": Fault(status(500, "Oh no"), EndpointError, "failed (500: Oh no)", MANY, True),
    "502 page": Fault(page(502), EndpointError, "failed (502: Sign & in)", MANY, True, True),
    "503": Fault(status(503, "Busy"), EndpointError, "failed (503", MANY, True, True),
    "reset": Fault(RESET, EndpointError, "broke the connection", MANY, True),
    "cut": Fault(CUT, EndpointError, "broke the connection", MANY, True),
    "truncated": Fault(
        completion('{"event":"vi', finish_reason="length"),
        TruncatedAnswerError,
        "cut off after 10 tokens",
    ),
    "garbage": Fault(completion("I cannot say."), InvalidAnswerError, "not the JSON"),
    "wrong schema": Fault(completion('{"event": "party"}'), InvalidAnswerError, "event: "),
    "list": Fault(completion("[]"), InvalidAnswerError, "not the JSON"),
    "no choices": Fault(
        completion("", choices=[]), AnswerError, "empty answer (no choices)", MANY, True
    ),
    "null content": Fault(completion(None), AnswerError, "empty answer", MANY, True),
    "error with 200": Fault(
        completion("", choices=None, error={"message": "Upstream is down"}),
        AnswerError,
        "reports an error (Upstream is down)",
        MANY,
        True,
    ),
    "refusal": Fault(completion(None, refusal="I won't."), RefusalError, "declined: I won't."),
    "content filter": Fault(
        completion("", finish_reason="content_filter"), RefusalError, "content filter"
    ),
    "400 content filter": Fault(
        status(400, "no", code="content_filter"), RefusalError, "content filter"
    ),
    "page": Fault(page(), ConfigurationError, "a web page (Sign & in)", fatal=True),
    "bad bytes": Fault(Answer(200, b'\xff\xfe{"id": "\xc3"}'), AnswerError, "", MANY, True),
    "no JSON": Fault(Answer(200, b"{"), AnswerError, "unreadable", MANY, True),
    "text": Fault(
        Answer(200, b"Ready.", {"content-type": "text/plain"}),
        AnswerError,
        "no JSON (Ready.)",
        MANY,
        True,
    ),
    "other JSON": Fault(Answer(200, b"[1, 2]"), AnswerError, "", MANY, True),
    "401": Fault(status(401, "Bad key"), AuthenticationError, "refuses the key (401", fatal=True),
    "404 model": Fault(
        status(404, "The model does not exist", code="model_not_found"),
        ConfigurationError,
        "has no model 'stand-in'",
        fatal=True,
    ),
    "404 page": Fault(page(404), ConfigurationError, "has no chat completions", fatal=True),
    "400 too long": Fault(
        status(400, "maximum context length is 4096", code="context_length_exceeded"),
        ContextLengthError,
        "too long",
    ),
    "429 too large": Fault(
        status(429, "Request too large for gpt-x on tokens per min (TPM)", type="tokens"),
        ContextLengthError,
        "too long",
    ),
    "400 llama.cpp": Fault(
        status(400, "the request exceeds it", code=400, type="exceed_context_size_error"),
        ContextLengthError,
        "too long",
    ),
    "413": Fault(page(413), ContextLengthError, "too long"),
    "400": Fault(status(400, "Bad\nrequest\x1b[31m"), RequestError, "(400: Bad request [31m)"),
    "422": Fault(Answer(422, {"detail": [{"msg": "x"}]}), RequestError, "rejects the request (422"),
}


ASKS = (ask_in_thread, ask_in_task)


@pytest.mark.parametrize(("number", "name"), [*enumerate(FAULTS)])
def test_a_fault_that_stays(number: int, name: str) -> None:
    ask: Ask = ASKS[number % 2]
    fault = FAULTS[name]
    meter = Meter()
    with StandIn([fault.answer]) as endpoint, pytest.raises(SummarizeError) as caught:
        ask(Model(settings(endpoint)), meter)
    error = caught.value
    assert isinstance(error, fault.error)
    assert fault.says in str(error)
    assert (error.retryable, error.fatal) == (fault.retryable, fault.fatal)
    assert error.attempts == meter.attempts == len(endpoint.requests) == fault.requests
    assert "\n" not in str(error)
    assert str(error).isprintable()
    assert error.hint
    assert KEY not in str(error)
    assert (error.__cause__ is None) == (name in {"refusal", "content filter"})
    answered = isinstance(fault.answer.body, dict) and "usage" in fault.answer.body
    assert meter.prompt_tokens == (100 * fault.requests if answered else 0)


@pytest.mark.parametrize("name", ["429", "503", "reset", "null content"])
def test_a_fault_that_passes(name: str, ask: Ask) -> None:
    meter = Meter()
    with StandIn([FAULTS[name].answer, draft()]) as endpoint:
        reply = ask(Model(settings(endpoint)), meter)
    assert reply.value.place == "Damascus"
    assert meter.attempts == len(endpoint.requests) == 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0.3", 0.3), ("-5", 0), ("nan", None), ("Thu, 01 Jan 2015 00:00:00 GMT", None), ("", None)],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    response = SimpleNamespace(headers={"retry-after": value})
    assert retry_after(SimpleNamespace(response=response)) == seconds


def test_the_endpoint_is_waited_for_as_long_as_it_asks(ask: Ask) -> None:
    with StandIn([status(429, headers={"retry-after": "0.3"}), draft()]) as endpoint:
        ask(Model(settings(endpoint)))
    assert endpoint.waits[0] >= 0.3


def test_a_replayed_failure_is_not_waited_out(tmp_path: Path) -> None:
    with StandIn([status(429, headers={"retry-after": "30"})]) as endpoint, recording(tmp_path):
        with pytest.raises(RateLimitError):
            ask_in_thread(Model(settings(endpoint, RetryPolicy(attempts=1))))
        started = time.monotonic()
    with replaying(tmp_path), pytest.raises(RateLimitError):
        ask_in_thread(Model(settings(endpoint), replay=True))
    assert time.monotonic() - started < 10


def test_at_once_is_believed_once() -> None:
    patience = RetryPolicy(attempts=3, first_wait=0.1, jitter=0.0)
    with (
        StandIn([status(429, headers={"retry-after": "0"})]) as endpoint,
        pytest.raises(RateLimitError),
    ):
        ask_in_thread(Model(settings(endpoint, patience)))
    first, second = endpoint.waits
    assert first < 0.1 <= second


def test_errors_can_be_pickled() -> None:
    error = InvalidAnswerError("no", text="{", problems=["event: missing"])
    error.attempts = 2
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.__dict__) == (str(error), error.__dict__)


def test_an_endpoint_that_hangs(ask: Ask) -> None:
    with StandIn([HANG]) as endpoint, pytest.raises(EndpointError) as caught:
        ask(Model(settings(endpoint, timeout=0.2)))
    assert "did not answer within 0.2 s" in str(caught.value)
    assert "--timeout" in caught.value.hint
    assert (caught.value.retryable, caught.value.fatal) == (True, False)
    assert caught.value.attempts == len(endpoint.requests) == HASTE.slow_attempts


def test_an_endpoint_that_is_not_there(ask: Ask) -> None:
    with StandIn() as endpoint:
        pass
    with pytest.raises(EndpointError) as caught:
        ask(Model(settings(endpoint)))
    assert f"{endpoint.url} cannot be reached" in str(caught.value)
    assert (caught.value.retryable, caught.value.fatal) == (True, True)
    assert caught.value.attempts == HASTE.slow_attempts


def test_a_task_that_is_cancelled() -> None:
    async def given_up(endpoint: StandIn) -> None:
        model = Model(settings(endpoint))
        task = asyncio.create_task(model.aask(QUESTION, Meter()))
        while not endpoint.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        try:
            await task
        finally:
            await model.aclose()

    with StandIn([HANG]) as endpoint, pytest.raises(asyncio.CancelledError):
        asyncio.run(given_up(endpoint))
    assert len(endpoint.requests) == 1


def test_the_key_is_not_told(ask: Ask) -> None:
    with (
        StandIn([status(401, f"Incorrect API key provided: {KEY}.")]) as endpoint,
        pytest.raises(AuthenticationError) as caught,
    ):
        ask(Model(settings(endpoint)))
    assert KEY not in str(caught.value)
    assert "Incorrect API key provided: ***" in str(caught.value)


def test_a_key_with_a_line_break(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")
    with StandIn() as endpoint:
        ask(Model(settings(endpoint)))
        monkeypatch.setenv("OPENAI_API_KEY", "sk-“quoted”")
        with pytest.raises(ConfigurationError, match="no key has"):
            Model(settings(endpoint))
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_no_key_is_needed_for_an_endpoint_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with StandIn() as endpoint:
        assert ask_in_thread(Model(settings(endpoint))).value.place == "Damascus"
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY is not set") as caught:
        Model(ModelSettings("openai/gpt-5.4-mini"))
    assert "--model local" in caught.value.hint
    assert caught.value.fatal


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nonsense/model", "no provider is called 'nonsense'; write openai/nonsense/model"),
        ("anthropic/claude", "ANTHROPIC_API_KEY is not set"),
        ("groq/llama", "groq"),
    ],
)
def test_a_provider_that_cannot_be_had(name: str, says: str, ask: Ask) -> None:
    meter = Meter()
    with pytest.raises(ConfigurationError) as caught:
        ask(Model(ModelSettings(name, retry_policy=HASTE)), meter)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert meter.attempts == caught.value.attempts == 0


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": "12", "completion_tokens": -3}, "much"]
)
def test_usage_that_is_none(usage: Any) -> None:
    meter = Meter()
    with StandIn([completion(json.dumps(DRAFT), usage=usage)]) as endpoint:
        assert ask_in_thread(Model(settings(endpoint)), meter).value.place == "Damascus"
    assert (meter.prompt_tokens, meter.completion_tokens, meter.cached_tokens) == (0, 0, 0)


@pytest.mark.parametrize("choice", [None, {"message": None}, {"message": {"content": [1]}}, 3])
def test_choices_of_any_shape(choice: Any) -> None:
    with (
        StandIn([completion("", choices=[choice])]) as endpoint,
        pytest.raises(AnswerError) as caught,
    ):
        ask_in_thread(Model(settings(endpoint)))
    assert caught.value.retryable
    assert len(endpoint.requests) == MANY


def test_threads_share_a_model() -> None:
    with StandIn() as endpoint:
        model = Model(settings(endpoint))
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: model.ask(QUESTION, Meter()), range(24)))
        model.close()
    assert {reply.value.place for reply in replies} == {"Damascus"}
    assert len(endpoint.requests) == 24


def test_an_event_loop_after_another() -> None:
    with StandIn() as endpoint:
        model = Model(settings(endpoint))
        for _ in range(3):
            assert ask_in_task(model).value.place == "Damascus"
    assert len(endpoint.requests) == 3


def test_probe() -> None:
    with StandIn() as endpoint:
        found = dict(probe(settings(endpoint)))
        assert found.keys() == {"endpoint", "asked with", "context"}
        assert found["endpoint"].startswith(f"openai/stand-in at {endpoint.url} answered in ")
        endpoint.script = [status(500)]
        with pytest.raises(EndpointError):
            dict(probe(settings(endpoint)))
    # Whoever asks what works wants to know now.
    assert len(endpoint.requests) == 2


# One article from end to end


def test_a_summary_and_what_it_cost() -> None:
    with StandIn([status(429), RESET, draft()]) as endpoint:
        summary = summarize(endpoint)
    assert summary.is_meeting
    assert {actor.name for actor in summary.actors} >= {"İbrahim Kalın", "Ahmad al-Sharaa"}
    assert summary.agenda_items[0].topic == "border security"
    assert summary.outcomes
    assert summary.quotes
    assert all(ARTICLE[q.start : q.end] == q.text for q in summary.quotes)
    assert summary.provenance.attempts == 3
    assert summary.provenance.usage.prompt_tokens == 100
    assert summary.provenance.model == "openai/stand-in"


def test_an_invalid_answer_is_asked_again_once_in_our_own_words() -> None:
    bad = {**DRAFT, "participants": [1], "topics": [{"a": "b", "c": "d"}]}
    with StandIn([completion(json.dumps(bad)), draft()]) as endpoint:
        summary = summarize(endpoint)
    first, second = endpoint.requests
    assert second.messages[:-2] == first.messages
    assert json.loads(second.messages[-2]) == bad
    said = second.messages[-1]
    assert said.startswith("That was not the JSON that was asked for:\n- participants.0: ")
    assert "- topics.0: " in said
    assert said.endswith("Answer again, with the complete JSON only.")
    assert "pydantic" not in said
    assert "http" not in said
    assert (summary.provenance.attempts, summary.provenance.usage.completion_tokens) == (2, 20)


def test_two_invalid_answers_are_enough() -> None:
    with StandIn([completion("no")]) as endpoint, pytest.raises(InvalidAnswerError) as caught:
        summarize(endpoint)
    assert caught.value.attempts == len(endpoint.requests) == 2
    assert not caught.value.retryable


def test_what_is_not_in_the_article_is_asked_again_once() -> None:
    invented = draft(topics=["border security", "grain exports", "the refugee question"])
    with StandIn([invented, corrections("", "the return of refugees")]) as endpoint:
        summary = summarize(endpoint)
    first, second = endpoint.requests
    assert second.messages[:-2] == first.messages
    assert "1. grain exports\n2. the refugee question\n" in second.messages[-1]
    assert "border security" not in second.messages[-1]
    topics = [item.topic for item in summary.agenda_items]
    assert topics == ["border security", "the return of refugees"]
    assert [(u.field, u.value) for u in summary.unsupported] == [("agenda_items", "grain exports")]
    assert summary.provenance.attempts == 2
    assert summary.provenance.usage.prompt_tokens == 200


@pytest.mark.parametrize("second", [completion("no"), FAULTS["truncated"].answer])
def test_the_first_answer_stands_where_the_second_is_none(second: Answer) -> None:
    with StandIn([draft(topics=["grain exports"]), second]) as endpoint:
        summary = summarize(endpoint)
    assert [u.value for u in summary.unsupported] == ["grain exports"]
    assert summary.outcomes
    assert summary.provenance.attempts == len(endpoint.requests) == 2
    assert summary.provenance.usage.completion_tokens == 20


PARAGRAPHS = [
    "Minister Ada Lovelace met President Alan Turing in London on Monday.",
    "The two discussed border security in detail.",
    "They agreed to open a joint operations center.",
]
FILLER = [
    " ".join(f"On street {n} the weather was mild and the shops were open all day." for n in street)
    for street in (range(100, 140), range(200, 240), range(300, 340))
]
LONG = "Ministers meet in London\n\n" + "".join(
    f"{said}\n\n{filler}\n\n" for said, filler in zip(PARAGRAPHS, FILLER, strict=True)
)


def reader(limit: int, fault: Answer) -> Callable[[Request], Answer]:
    """A model that reads this many characters at once and finds what is in them."""
    people = [("Minister", "Ada Lovelace"), ("President", "Alan Turing")]

    def answer(request: Request) -> Answer:
        if "participants" not in request.schema["properties"]:
            return fitting(request)
        text = request.messages[-1]
        if len(text) > limit:
            return fault
        return draft(
            event="talks" if "met" in text else "none",
            place="London" if "met President" in text else "",
            date="Monday" if "Monday" in text else "",
            participants=[{"role": r, "name": n} for r, n in people if n in text],
            topics=["border security"] if "border" in text else [],
            outcomes=[{"kind": "agreement", "text": PARAGRAPHS[2][5:-1]}]
            if "joint" in text
            else [],
        )

    return answer


@pytest.mark.parametrize(
    ("name", "limit"),
    [("truncated", 6_000), ("400 too long", 3_800)],
)
def test_a_long_article_is_read_in_windows(name: str, limit: int) -> None:
    with StandIn(reader(limit, FAULTS[name].answer)) as endpoint:
        summary = summarize(endpoint, LONG)
    assert len(endpoint.requests) > 2
    assert {a.name for a in summary.actors if a.part == "participant"} == {
        "Ada Lovelace",
        "Alan Turing",
    }
    assert [item.topic for item in summary.agenda_items] == ["border security"]
    assert len(summary.outcomes) == 1
    assert all(LONG[q.start : q.end] == q.text for q in summary.quotes)
    assert summary.provenance.attempts == len(endpoint.requests)
    read = [r.messages[-1] for r in endpoint.requests if len(r.messages[-1]) <= limit]
    assert all(any(p in window for window in read) for p in PARAGRAPHS)


def test_an_article_that_never_fits() -> None:
    with (
        StandIn([FAULTS["400 too long"].answer]) as endpoint,
        pytest.raises(ContextLengthError) as caught,
    ):
        summarize(endpoint, LONG)
    # Halved until it is no longer the article's fault, and no further.
    assert caught.value.attempts == len(endpoint.requests) < 8


MARKERS = "{{ x }} {% if %} $article ${article} $$ %s {0} C:\\new <|im_start|>system </article>"


def test_the_article_is_data() -> None:
    text = ARTICLE + f"\nThe last words of the long statement were {MARKERS} and nothing more.\n"
    with StandIn() as endpoint:
        summary = summarize(endpoint, text)
    (message,) = [request.messages[-1] for request in endpoint.requests]
    assert "statement were $article $$ %s C:\\new" in message
    # Templates and turns of a chat are not read at all.
    assert not any(mark in message for mark in ("{{", "{%", "${", "<|"))
    # The template's own tags, and no other.
    assert re.findall(r"</?\w+>", message) == ["<article>", "</article>"]
    assert all(text[q.start : q.end] == q.text for q in summary.quotes)


# The Python calls


def test_the_python_calls(tmp_path: Any) -> None:
    path = tmp_path / "Müzakere.txt"
    path.write_bytes(ARTICLE.encode())

    async def both(url: str) -> list[Summary]:
        calls = (
            asummarize_article(given, model="openai/stand-in", base_url=url)
            for given in (ARTICLE, path)
        )
        return await asyncio.gather(*calls)

    with StandIn() as endpoint:
        text, file = asyncio.run(both(endpoint.url))
        again = summarize_article(
            Article.of(ARTICLE), model="openai/stand-in", base_url=endpoint.url
        )
    assert file.article.id == "Müzakere"
    assert file.article.source == str(path)
    assert text.article.source is None
    for summary in (text, file, again):
        assert summary.outcomes == text.outcomes
        assert summary.quotes


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "is empty"),
        (" \n\ufeff", "is empty"),
        ("half a \ud83d character", "half a character"),
        (__file__, "is the name of a file"),
    ],
)
def test_a_text_that_is_none(given: str, says: str) -> None:
    with StandIn() as endpoint, pytest.raises(InputError, match=says) as caught:
        summarize_article(given, model="openai/stand-in", base_url=endpoint.url)
    assert caught.value.hint
    assert not endpoint.requests


# Which model


URL = "http://localhost:8000/v1"


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ({}, {}, ("local", None)),
        ({}, {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": "", "SUMMARIZE_MODEL": ""}, ("local", None)),
        ({}, {"OPENAI_API_KEY": "x"}, (DEFAULT_OPENAI_MODEL, None)),
        ({}, {"OPENAI_BASE_URL": URL}, (DEFAULT_OPENAI_MODEL, URL)),
        ({}, {"SUMMARIZE_MODEL": "local", "OPENAI_API_KEY": "x"}, ("local", None)),
        ({}, {"SUMMARIZE_MODEL": "ollama/a", "OPENAI_BASE_URL": URL}, ("ollama/a", None)),
        ({"model": "openai/b"}, {"OPENAI_BASE_URL": URL}, ("openai/b", URL)),
        ({"model": "openai/b"}, {"SUMMARIZE_MODEL": "local"}, ("openai/b", None)),
        ({"model": "local:~/m.gguf"}, {}, ("local:~/m.gguf", None)),
        ({"base_url": URL}, {}, (DEFAULT_OPENAI_MODEL, URL)),
        ({"base_url": URL}, {"OPENAI_BASE_URL": "http://other"}, (DEFAULT_OPENAI_MODEL, URL)),
    ],
)
def test_choose_model(arguments: Any, environment: Any, expected: tuple[str, str | None]) -> None:
    chosen = choose_model(**arguments, environment=environment)
    assert (chosen.name, chosen.base_url) == expected
    assert chosen.why
    assert chosen.timeout == 300
    assert chosen.is_local == expected[0].startswith("local")


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        ({"model": "gpt"}, {}, "'gpt' names no model"),
        ({"model": "open ai/x"}, {}, "names no model"),
        ({}, {"SUMMARIZE_MODEL": "gpt"}, "SUMMARIZE_MODEL: 'gpt' names no model"),
        ({"model": "local", "base_url": URL}, {}, "does not go with the embedded model"),
        ({"base_url": "localhost:8000"}, {}, "'localhost:8000' is no address"),
        ({"base_url": "http://host:99999/v1"}, {}, "is no address"),
        ({"base_url": "ftp://u:secret@host/?key=secret"}, {}, "'ftp://host/' is no address"),
        ({}, {"OPENAI_BASE_URL": "nowhere"}, "OPENAI_BASE_URL: 'nowhere' is no address"),
        ({"timeout": float("nan")}, {}, "a timeout of nan seconds"),
    ],
)
def test_choose_no_model(arguments: Any, environment: Any, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        choose_model(**arguments, environment=environment)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.hint


def test_settings() -> None:
    chosen = choose_model("openai/a", base_url="https://u:p@host/v1?key=k", timeout=7)
    assert (chosen.address, chosen.timeout, chosen.provider) == ("https://host/v1", 7, "openai")
    assert ModelSettings("local:~/m.gguf").local_file is not None
    assert ModelSettings("local").local_file is None
    assert ModelSettings("local").address is None
