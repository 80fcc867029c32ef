"""How much help a model gets: by its name, by the user's word, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from endpoint import ARTICLE, StandIn, corrections, draft

from summarize import summarize_article
from summarize.errors import ConfigurationError
from summarize.models import ModelSettings, choose_model
from summarize.prompting.draft import BriefDraft, Draft
from summarize.prompting.strategy import ASSISTED, DIRECT, STRATEGIES, strategy_for
from summarize.schema import Summary

# The second result is in the article, and a model that was not looking has missed it.
MISSED = draft(topics=["border security"], outcomes=[])
REWORDED = draft(topics=["the weather"])


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("local", "assisted"),
        ("local:/models/of mine.gguf", "assisted"),
        ("ollama/llama3.1:8b", "assisted"),
        ("ollama/qwen2.5:1.5b", "assisted"),
        ("openai/Qwen2.5-Coder-1.5B-Instruct", "assisted"),
        ("together/meta-llama/Llama-3.2-3B-Instruct-Turbo", "assisted"),
        ("ollama/llama3.1:70b", "direct"),
        ("openai/Qwen3-235B-A22B-Instruct", "direct"),
        ("openai/Mixtral-8x22B-Instruct", "direct"),
        ("openai/gpt-5.4-mini", "direct"),
        ("ollama/mistral", "direct"),
        ("openai/v4beta", "direct"),
    ],
)
def test_a_models_name_tells_its_strategy(model: str, name: str) -> None:
    assert strategy_for(model).name == name
    assert ModelSettings(model).strategy.name == name


@pytest.mark.parametrize("model", ["local", "openai/gpt-5.4"])
@pytest.mark.parametrize("name", ["assisted", "direct"])
def test_the_user_has_the_last_word(model: str, name: str) -> None:
    assert choose_model(model, strategy=name, environment={}).strategy is STRATEGIES[name]


def test_an_unknown_strategy_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'clever' is no strategy") as caught:
        choose_model("local", strategy="clever", environment={})
    assert caught.value.hint == "choose assisted or direct"


def test_a_brief_draft_ends_sooner_and_is_a_draft() -> None:
    most = [
        {key: part["maxItems"] for key, part in form.model_json_schema()["properties"].items()
         if "maxItems" in part}
        for form in (BriefDraft, Draft)
    ]  # fmt: skip
    assert most[0].keys() == most[1].keys() == {"participants", "topics", "outcomes"}
    assert all(most[0][key] < most[1][key] for key in most[0])
    assert list(BriefDraft.model_fields) == list(Draft.model_fields)


def test_a_longer_list_than_asked_for_is_no_error() -> None:
    said = {"event": "talks", "place": "", "date": "", "participants": [], "outcomes": []}
    assert len(BriefDraft.model_validate({**said, "topics": ["a"] * 50}).topics) == 50


# From one end to the other


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in-0123456789")


def summarized(script: Any, strategy: str | None, model: str = "openai/m") -> tuple[Summary, int]:
    """The summary, and how often the model was asked."""
    with StandIn(script) as endpoint:
        summary = summarize_article(ARTICLE, model=model, base_url=endpoint.url, strategy=strategy)
    return summary, len(endpoint.requests)


def test_what_sentences_tell_joins_a_small_models_draft() -> None:
    summary, asked = summarized([MISSED], "assisted")
    assert [item.topic for item in summary.agenda_items] == ["border security"]
    assert [outcome.description for outcome in summary.outcomes] == [
        "They agreed to open a joint operations center"
    ]
    assert asked == 1


def test_a_large_models_items_alone_count() -> None:
    summary, asked = summarized([MISSED], "direct")
    assert [item.topic for item in summary.agenda_items] == ["border security"]
    assert summary.outcomes == ()
    assert asked == 1


def test_a_large_model_is_asked_again_for_what_was_not_found() -> None:
    summary, asked = summarized([REWORDED, corrections("border security")], "direct")
    assert [item.topic for item in summary.agenda_items] == ["border security"]
    assert (asked, summary.unsupported) == (2, ())


def test_a_small_model_is_not_asked_again() -> None:
    summary, asked = summarized([REWORDED, corrections("border security")], "assisted")
    assert asked == 1
    assert [entry.value for entry in summary.unsupported] == ["the weather"]


@pytest.mark.parametrize(
    ("strategy", "model", "expected"),
    [
        (None, "openai/m", DIRECT),
        (None, "openai/m:3b", ASSISTED),
        ("assisted", "openai/m", ASSISTED),
        ("direct", "openai/m:3b", DIRECT),
    ],
)
def test_the_schema_that_is_sent_is_the_strategys(
    strategy: str | None, model: str, expected: Any
) -> None:
    with StandIn() as endpoint:
        summary = summarize_article(ARTICLE, model=model, base_url=endpoint.url, strategy=strategy)
    (request,) = endpoint.requests
    topics = expected.draft.model_json_schema()["properties"]["topics"]
    assert request.schema["properties"]["topics"]["maxItems"] == topics["maxItems"]
    assert summary.provenance.schema_ == expected.schema
