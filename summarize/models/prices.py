"""What an article costs, by a table of published prices: no network, and no guesses."""

from __future__ import annotations

from summarize.schema import Usage

__all__ = ["cost"]

# Of the list price, for what a batch answers: https://platform.openai.com/docs/guides/batch ("50%
# cost discount", read in November 2026).
_BATCH_SHARES = {"openai": 0.5}


def cost(model: str, usage: Usage, *, is_batch: bool = False) -> float | None:
    """Returns what tokens cost at today's list price, live or in a batch.

    Returns:
        US dollars, to a millionth; None where the price is not known.
    """
    provider, _, name = model.partition("/")
    share = _BATCH_SHARES.get(provider) if is_batch else 1.0
    if share is None or not usage.prompt_tokens:
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
    return round(float(price.total_price) * share, 6)
