"""Summaries for people to read: for a terminal, for notes, in a browser, in a notebook."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from summarize.report.html import render_html
    from summarize.report.markdown import render_markdown
    from summarize.report.notebook import render_notebook
    from summarize.report.text import render_text

__all__ = ["render_html", "render_markdown", "render_notebook", "render_text"]


def __getattr__(name: str) -> object:
    # Late, so that whoever writes JSON or Markdown never waits for rich.
    if name in __all__:
        return getattr(import_module(f"{__name__}.{name.removeprefix('render_')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
