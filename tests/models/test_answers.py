"""Answers as real servers, proxies and chat templates send them are read at once."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from endpoint import Answer, StandIn, completion
from hypothesis import given
from hypothesis import strategies as st

from summarize import summarize_article
from summarize.batch_files.answers import Worth, read_result
from summarize.errors import AnswerError, TruncatedAnswerError
from summarize.models.answers import read_record
from summarize.models.responses import texts_of
from summarize.prompting.draft import BriefDraft, Corrections, FullDraft

ARTICLE = """Dutch and Finnish ministers meet in Helsinki

Dutch Foreign Minister Mira Vos met Finnish Foreign Minister Jari Koski in Helsinki on Monday. \
They discussed border security and a ferry line.

The two sides agreed to open a joint training centre.
"""
RECORD: dict[str, Any] = {
    "event": "talks",
    "place": "Helsinki",
    "date": "",
    "participants": [
        {"name": "Mira Vos", "role": "Foreign Minister", "country": "Netherlands"},
        {"name": "Jari Koski", "role": "Foreign Minister", "country": "Finland"},
    ],
    "topics": ["border security", "a ferry line"],
    "outcomes": [
        {"kind": "agreement", "text": "agreed to open a joint training centre", "parties": []}
    ],
}
JSON = json.dumps(RECORD)
OTHER = json.dumps({**RECORD, "topics": ["the weather"], "place": "Oslo"})


def changed(**fields: Any) -> str:
    return json.dumps({**RECORD, **fields})


def called(arguments: Any) -> Answer:
    """A record as the arguments of a tool that the model calls."""
    function = {"name": "record", "arguments": arguments}
    calls = [{"id": "1", "type": "function", "function": function}]
    return completion(None, message={"tool_calls": calls}, finish_reason="tool_calls")


SHAPES: dict[str, Answer] = {
    # A1, reasoning
    "think": completion(f'<think>So {{"event": "visit"}}?</think>\n\n{JSON}'),
    "think, closing mark only": completion(f'The place: {{"place": "x"}}.\n</think>\n{JSON}'),
    "think, with a whole draft of it": completion(f"<think>{OTHER} no</think>{JSON}"),
    "think, never closed": completion(f"<think>Let me see. {JSON}"),
    "thought in capitals": completion(f"[THINK]{OTHER}[/THINK]{JSON}"),
    "reasoning": completion(f"<reasoning>{{}}</reasoning>{JSON}"),
    "channels": completion(
        f"<|channel|>analysis<|message|>{OTHER}<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{JSON}<|return|>"
    ),
    "marks of a chat template": completion(f"<|im_start|>assistant\n{JSON}<|im_end|>"),
    "channels, special tokens dropped": completion(f"analysisWe {OTHER}assistantfinal{JSON}"),
    "thoughts with braces of all sorts": completion(f"<think>{{…}} [1] {{{{ {OTHER}</think>{JSON}"),
    "answered after slips in a thought": completion(f"<think>{OTHER}</think>{JSON[:-1]},}}"),
    "goes on with another conversation": completion(
        f"{JSON}<|im_end|>\n<|im_start|>user\nNext.<|im_end|>\n<|im_start|>assistant\n{OTHER}"
    ),
    "the conversation repeated first": completion(f"<|user|>{OTHER}<|assistant|>{JSON}"),
    # A2, what stands around it
    "fence": completion(f"```json\n{JSON}\n```"),
    "fence in prose": completion(f"Here it is:\n\n```\n{JSON}\n```\nAsk me for {{more}}."),
    "prose": completion(f"Sure! {JSON} I hope [this] helps."),
    "byte order mark": completion(f"\ufeff{JSON}"),
    "said twice": completion(f"{JSON}\n{JSON}"),
    "corrected": completion(f"{OTHER}\nNo, rather:\n{JSON}"),
    # A4, where it stands
    "reasoning_content": completion("", message={"reasoning_content": JSON}),
    "reasoning, no content": completion(None, message={"reasoning": f"So: {JSON}"}),
    "parts": completion([{"type": "text", "text": JSON[:40]}, {"type": "text", "text": JSON[40:]}]),
    "thoughts in a part": completion(
        [{"type": "thinking", "thinking": OTHER}, {"type": "text", "text": JSON}]
    ),
    "a thought with a text": completion(
        [{"type": "reasoning", "text": OTHER}, {"type": "text", "text": JSON}]
    ),
    "a thought alone": completion([{"type": "thinking", "thinking": [{"text": JSON}]}]),
    "parts of text alone": completion([JSON]),
    "JSON that is no text": completion(RECORD),
    "tool call": called(JSON),
    "tool call, parsed": called(RECORD),
    # Wrappers
    "wrapped": completion(json.dumps({"record": RECORD})),
    "wrapped twice": completion(json.dumps({"result": {"data": RECORD}, "ok": True})),
    "list of one": completion(f"[{JSON}]"),
    "JSON in a string": completion(json.dumps(JSON)),
    "JSON in a string in a string": completion(json.dumps(json.dumps(JSON))),
    "escaped once too often": completion(JSON.replace('"', '\\"')),
    "behind the schema": completion(f"{json.dumps(FullDraft.model_json_schema())}\n{JSON}"),
    "arguments as text": completion(json.dumps({"name": "Draft", "arguments": JSON})),
    "in the schema's place": completion(json.dumps({"type": "object", "properties": RECORD})),
    # A5, values
    "null": completion(changed(date=None)),
    "enums in capitals": completion(
        changed(event="TALKS", outcomes=[{**RECORD["outcomes"][0], "kind": "Agreement"}])
    ),
    "a kind among words": completion(changed(event="Bilateral talks")),
    "no parties": completion(changed(outcomes=[{**RECORD["outcomes"][0], "parties": None}])),
    "topics as objects": completion(changed(topics=[{"topic": t} for t in RECORD["topics"]])),
    "one item without its list": completion(changed(outcomes=RECORD["outcomes"][0])),
    "keys in capitals": completion(json.dumps({k.title(): v for k, v in RECORD.items()})),
    "a field left out": completion(json.dumps({k: v for k, v in RECORD.items() if k != "date"})),
    "a field too many": completion(changed(confidence=0.9)),
    "a list in a wrapper": completion(changed(participants={"items": RECORD["participants"]})),
    # Slips
    "comma too many": completion(JSON[:-1] + ",}"),
    "single quotes": completion(str(RECORD)),
    "comments": completion(JSON.replace('"place"', '// where it was\n"place"')),
    "keys without quotation marks": completion(JSON.replace('"place"', "place")),
    "prose and space without end": completion(
        f"Here it is:\n```json\n{JSON}\n```" + "\n" * 3_000, finish_reason="length"
    ),
    "line breaks in a text": completion(JSON.replace("a ferry line", "a ferry\nline")),
    "space without end": completion(JSON + " \n" * 3_000, finish_reason="length"),
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in-0123456789")


@pytest.mark.parametrize("shape", SHAPES)
def test_one_answer_in_any_shape_is_one_request(shape: str) -> None:
    with StandIn([SHAPES[shape]]) as endpoint:
        summary = summarize_article(ARTICLE, model="openai/m", base_url=endpoint.url)
    present = [actor.name for actor in summary.actors if actor.part == "participant"]
    assert present == ["Mira Vos", "Jari Koski"]
    assert [item.topic for item in summary.agenda_items] == ["border security", "a ferry line"]
    (outcome,) = summary.outcomes
    assert outcome.description == "agreed to open a joint training centre"
    assert outcome.kind == "agreement"
    assert summary.meetings[0].places == ("Helsinki",)
    assert summary.meetings[0].type == "talks"
    assert summary.unsupported == ()
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("shape", SHAPES)
def test_in_a_file_of_results_it_is_an_answer_too(shape: str) -> None:
    response = {"status_code": 200, "body": SHAPES[shape].body}
    line = json.dumps({"custom_id": "x", "response": response, "error": None})
    expected = Worth.NO_ANSWER if "space without end" in shape else Worth.ANSWER
    assert read_result(line.encode()).worth is expected


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", json.dumps(completion(JSON).body).encode()),
        ("text/html", json.dumps(completion(f"<think></think>{JSON}").body, indent=2).encode()),
    ],
)
def test_a_completion_that_comes_as_text(kind: str, body: bytes) -> None:
    with StandIn([Answer(200, body, {"content-type": kind})]) as endpoint:
        summary = summarize_article(ARTICLE, model="openai/m", base_url=endpoint.url)
    assert len(summary.outcomes) == len(endpoint.requests) == 1
    assert summary.provenance.usage.completion_tokens == 10


def test_a_number_for_a_text() -> None:
    assert read_record([changed(date=17)], FullDraft).date == "17"


def test_nothing_said_is_no_meeting() -> None:
    said = json.dumps(dict.fromkeys(RECORD))
    assert read_record([said], FullDraft).event == "none"
    assert read_record([changed(event=None)], FullDraft).event == "other"


def test_items_in_other_forms() -> None:
    said = changed(
        participants=["Mira Vos", {"Name": "Jari Koski", "role": None, "party": 1}, None],
        topics="border security",
        outcomes=[
            {"kind": "Follow-Up", "text": "a"},
            {"kind": "joint statement", "text": "b"},
            {"kind": "memorandum", "text": "c"},
            {"text": "d"},
            "e",
        ],
    )
    record = read_record([said], FullDraft)
    assert [(p.name, p.role) for p in record.participants] == [("Mira Vos", ""), ("Jari Koski", "")]
    assert record.topics == ["border security"]
    kinds = ["follow_up", "statement", "statement", "statement", "statement"]
    assert [(o.kind, o.text) for o in record.outcomes] == list(zip(kinds, "abcde", strict=True))


@pytest.mark.parametrize("cut", [f"<think>{JSON} So", f"{JSON} or rather {OTHER[:40]}"])
def test_a_draft_in_what_was_cut_off_is_no_answer(cut: str) -> None:
    with pytest.raises(ValueError):
        read_record([cut], FullDraft, is_cut_off=True)


def test_quotation_marks_that_are_not_escaped_lose_no_word() -> None:
    said = JSON.replace('"a ferry line"', '"a "ferry" line"')
    assert read_record([said], FullDraft).topics == ["border security", 'a "ferry" line']


def test_another_form() -> None:
    said = '<think>{"copied": ["x"]}</think>```json\n{"copied": ["border security", null]}\n```'
    assert read_record([said], Corrections).copied == ["border security", ""]
    # In the order asked: what is withdrawn keeps its place.


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot help with that.",
        '{"error": "overloaded"}',
        "<html></html>",
        JSON[:-30],
        JSON[:-1],
        JSON[: JSON.index("}") + 1],
        f"[{JSON}, {OTHER}]",
        json.dumps(FullDraft.model_json_schema()),
        changed(participants=[17]),
        # Nobody may get lost.
        changed(participants=[{"role": "Foreign Minister"}]),
        changed(participants=[{"person": "Mira Vos", "office": "Foreign Minister"}]),
        changed(place={"a": "b", "c": "d"}),
    ],
)
def test_what_is_no_record_stays_none(text: str) -> None:
    with pytest.raises(ValueError):
        read_record([text], FullDraft)


def test_an_answer_that_was_cut_off_is_not_completed() -> None:
    cut = JSON[: JSON.index("a ferry line") + 7]
    with pytest.raises(ValueError):
        read_record([cut], FullDraft, is_cut_off=True)
    with (
        StandIn([completion(cut, finish_reason="length")]) as endpoint,
        pytest.raises(TruncatedAnswerError),
    ):
        summarize_article(ARTICLE, model="openai/m", base_url=endpoint.url)


def test_an_unreadable_answer_is_not_echoed_whole() -> None:
    with StandIn([completion("{" + "x" * 500_000)]) as endpoint, pytest.raises(AnswerError):
        summarize_article(ARTICLE, model="openai/m", base_url=endpoint.url)
    assert len(endpoint.requests) == 2
    assert len(endpoint.requests[1].messages[-2]) == 4_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*RECORD, "a"]), inner, max_size=4)
    ),
)


@given(VALUES)
def test_any_json_is_a_record_or_a_value_error(value: Any) -> None:
    for form in (BriefDraft, FullDraft, Corrections):
        try:
            record = read_record([json.dumps(value)], form)
        except ValueError:
            continue
        assert form.model_validate(record.model_dump()) == record
    assert all(isinstance(text, str) for text in texts_of({"content": value}))


@pytest.mark.parametrize("text", ["[" * 200_000, "{" * 200_000, '{"a":' * 100_000, "[{" * 100_000])
def test_hostile_answers_cost_little(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ValueError):
        read_record([text], FullDraft)
    assert time.process_time() - began < 2


def test_a_record_is_no_list_of_corrections() -> None:
    said = changed(outcomes=[{**RECORD["outcomes"][0], "parties": ["Mira Vos"]}])
    with pytest.raises(ValueError):
        read_record([said], Corrections)
