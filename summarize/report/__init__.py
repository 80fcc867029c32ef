"""Summaries for people to read: `render_text` for a terminal, `render_markdown` for notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from summarize.report.markdown import render_markdown
    from summarize.report.text import render_text

__all__ = ["render_markdown", "render_text"]


def __getattr__(name: str) -> object:
    # Late, so that whoever writes JSON or Markdown never waits for rich.
    if name == "render_text":
        from summarize.report.text import render_text

        return render_text
    if name == "render_markdown":
        from summarize.report.markdown import render_markdown

        return render_markdown
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
