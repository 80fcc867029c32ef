"""Numbers in words, for messages."""

from __future__ import annotations

from collections.abc import Iterator


def counted(number: int, one: str, many: str = "") -> str:
    """A number of things: "1 summary", "1,200 summaries"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """A time as people say it: "8 s", "3 min 05 s", "11 h 20 min"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def rate(per_second: float) -> str:
    """So many a second, or a minute where they are slow."""
    return f"{per_second:.1f}/s" if per_second >= 1 else f"{per_second * 60:.1f}/min"


def usage(tokens: int, cost_usd: float | None) -> Iterator[str]:
    """Tokens and their price, as far as they are known."""
    if tokens:
        yield f"{tokens:,} tokens"
    if cost_usd is not None:
        yield f"${cost_usd:.2f}"
