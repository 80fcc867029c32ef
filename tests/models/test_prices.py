"""What an article cost: a list price, or nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from endpoint import ARTICLE, DRAFT, StandIn, completion

from summarize.article.article import Article
from summarize.cassettes.cassette import recording
from summarize.models import ModelSettings, RetryPolicy
from summarize.models.conversation import cost
from summarize.pipeline.summarizer import Summarizer
from summarize.schema import Usage

MILLION = Usage(prompt_tokens=1_000_000, completion_tokens=1_000_000)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SUMMARIZE_MODEL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in")


def test_a_list_price() -> None:
    # Never changed since it came out: https://openai.com/api/pricing
    assert cost("openai/gpt-4o-mini", MILLION) == pytest.approx(0.15 + 0.60)
    small = Usage(prompt_tokens=1_000, completion_tokens=100, cached_tokens=400)
    assert cost("openai/gpt-4o-mini", small) == 0.00018


def test_cached_tokens_are_part_of_the_prompt() -> None:
    more = Usage(prompt_tokens=1_000, completion_tokens=100, cached_tokens=5_000)
    whole = more.model_copy(update={"cached_tokens": 1_000})
    price = cost("openai/gpt-4o-mini", whole)
    assert price == cost("openai/gpt-4o-mini", more)
    assert price is not None
    assert price < (cost("openai/gpt-4o-mini", Usage(prompt_tokens=1_000)) or 0) + 0.0001


@pytest.mark.parametrize("model", ["anthropic/claude-sonnet-4-5", "groq/llama-3.3-70b-versatile"])
def test_other_providers(model: str) -> None:
    assert (cost(model, MILLION) or 0) > 0


@pytest.mark.parametrize(
    ("model", "usage"),
    [
        ("openai/gpt-99-of-tomorrow", MILLION),
        ("openai/claude-sonnet-4-5", MILLION),
        ("ollama/llama3.2", MILLION),
        ("local/qwen", MILLION),
        ("nobody/model", MILLION),
        # An endpoint that does not say how many.
        ("openai/gpt-4o-mini", Usage()),
    ],
)
def test_a_price_that_is_not_known(model: str, usage: Usage) -> None:
    assert cost(model, usage) is None


def test_the_cost_of_a_summary(tmp_path: Path) -> None:
    # It is asked in the same way wherever it is.
    model = "openai/gpt-4"
    with StandIn([completion(json.dumps(DRAFT))]) as endpoint, recording(tmp_path):
        settings = ModelSettings(model, base_url=endpoint.url, retry_policy=RetryPolicy(attempts=1))
        with Summarizer(settings) as summarizer:
            ours = summarizer.summarize(Article.of(ARTICLE))
    with Summarizer(model, replay=tmp_path) as summarizer:
        theirs = summarizer.summarize(Article.of(ARTICLE))
    assert ours.provenance.usage.cost_usd is None
    assert theirs.provenance.usage.cost_usd == cost(model, theirs.provenance.usage)
    assert (theirs.provenance.usage.cost_usd or 0) > 0


def test_the_table_is_read_when_it_is_needed() -> None:
    code = (
        "import sys; from summarize.models.conversation import cost\n"
        "from summarize.schema import Usage\n"
        "assert cost('local/a', Usage()) is None\n"
        "sys.exit('genai_prices' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
