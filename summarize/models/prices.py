"""What an article cost, by a table of published prices: no network, and no guesses."""

from __future__ import annotations

from summarize.schema import Usage

__all__ = ["batch_share", "cost"]

# Providers that charge by the tokens they report, at one price everywhere. Others charge by region
# (the clouds), by deployments with names of their own (Azure), for each search (Perplexity), or for
# thinking that is not in the count (xAI).
_PRICED = frozenset(
    "anthropic cerebras cohere deepseek fireworks groq mistral openai openrouter together".split()
)

# Of the list price, for what a batch answers: https://platform.openai.com/docs/guides/batch ("50%
# cost discount", read in November 2026). What others ask for a batch is not looked up here.
_BATCH_SHARES = {"openai": 0.5}


def batch_share(model: str) -> float | None:
    """What of the list price a batch costs with a model's provider; None where nobody knows."""
    return _BATCH_SHARES.get(model.partition("/")[0])


def cost(model: str, base_url: str | None, usage: Usage) -> float | None:
    """What the tokens cost at today's list price.

    Args:
        model: "provider/model".
        base_url: of an endpoint of one's own, whose prices nobody knows.
        usage: tokens; requests whose answer told of none are not in it.

    Returns:
        US dollars, to a millionth; None where the price is not known.
    """
    provider, _, name = model.partition("/")
    if base_url or provider not in _PRICED or not usage.prompt_tokens:
        return None
    # The first price takes 0.1 s of reading the table (genai-prices 0.2).
    import genai_prices

    tokens = genai_prices.Usage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        cache_read_tokens=min(usage.cached_tokens, usage.prompt_tokens),
    )
    try:
        price = genai_prices.calc_price(tokens, name, provider_id=provider)
    except LookupError:
        return None
    return round(float(price.total_price), 6)
