"""Decisions about items of summaries, for tests of what is done with them."""

from __future__ import annotations

import uuid
from typing import Any

from summarize.review.decisions import Decision, ItemKey
from summarize.schema import Item, Summary

_TIMES = iter(f"2026-01-01T00:{n // 60:02}:{n % 60:02}Z" for n in range(3600))


def decide(
    summary: Summary, kind: Any, *items: Item, new: Item | None = None, **more: Any
) -> Decision:
    """A decision about items of a summary, later than those before."""
    given = {"article": summary.article.id, "sha256": summary.article.sha256, "time": next(_TIMES)}
    return Decision(
        id=uuid.uuid4().hex,
        kind=kind,
        items=tuple(map(ItemKey.of, items)),
        new=new,
        **{"reviewer": "ada", **given, **more},
    )
