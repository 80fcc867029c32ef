"""The renderers of a `Summary`, for its own methods: the schema imports no report."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast


class Renderers(Protocol):
    """The functions that `Summary` needs; `summarize.report` has them."""

    def render_html(self, summary: Any, text: str | None = None) -> str:
        """Returns a page of HTML, with the article's text if it is given."""

    def render_markdown(self, summary: Any) -> str:
        """Returns Markdown."""

    def render_notebook(self, summary: Any) -> str:
        """Returns HTML for the output cell of a notebook."""


def load() -> Renderers:
    """Returns the renderers, by name: what is below all others cannot import them."""
    return cast("Renderers", import_module("summarize.report"))
