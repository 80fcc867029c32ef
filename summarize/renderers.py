"""The hook through which a `Summary` renders itself.

`Summary.to_markdown()`, `to_html()` and the notebook display call the renderers that the package
sets here, so that the schema imports no report.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["Renderers", "load"]


class Renderers(Protocol):
    """The functions that `Summary` needs; `summarize.report` has them."""

    def render_html(self, summary: Any, text: str | None = None) -> str:
        """Returns a page of HTML, with the article's text if it is given."""

    def render_markdown(self, summary: Any) -> str:
        """Returns Markdown."""

    def render_notebook(self, summary: Any) -> str:
        """Returns HTML for the output cell of a notebook."""


load: Callable[[], Renderers]
"""Returns the renderers. Set by `summarize/__init__.py`, which loads them on first use."""
