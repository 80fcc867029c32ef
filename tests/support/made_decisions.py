"""Decisions about items of summaries, for tests of what is done with them."""

from __future__ import annotations

import uuid
from itertools import count
from typing import Any

from summarize.review.decisions import Decision, ItemKey
from summarize.schema import Item, Summary

OTHER_TEXT = "no summary is of the text it was made about"
_TIMES = (f"2026-01-01T00:00:00.{number:06}Z" for number in count())


def decide(
    summary: Summary, kind: Any, *items: Item | ItemKey, new: Item | None = None, **more: Any
) -> Decision:
    """A decision about items of a summary, later than those before."""
    given = {"article": summary.article.id, "sha256": summary.article.sha256, "time": next(_TIMES)}
    return Decision(
        id=uuid.uuid4().hex,
        kind=kind,
        items=tuple(i if isinstance(i, ItemKey) else ItemKey.of(i) for i in items),
        new=new,
        **{"reviewer": "ada", **given, **more},
    )
