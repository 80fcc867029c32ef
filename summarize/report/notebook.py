"""Renders a summary as notebooks display it: its Markdown as HTML, quotes folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from summarize.report.markdown import render_markdown

if TYPE_CHECKING:
    from summarize.schema import Summary

__all__ = ["render_notebook"]

_HEADINGS: Final = {"h1": "h3", "h2": "h4"}


def render_notebook(summary: Summary) -> str:
    """Returns static HTML, without script or style."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False})
    parser.add_render_rule("blockquote_open", _open_quotes)
    parser.add_render_rule("blockquote_close", _close_quotes)
    tokens = parser.parse(render_markdown(summary))
    for token in tokens:
        # The notebook has larger headings of its own.
        token.tag = _HEADINGS.get(token.tag, token.tag)
        if token.type in ("heading_open", "paragraph_open", "list_item_open"):
            token.attrSet("dir", "auto")
    return f"<div>{parser.renderer.render(tokens, parser.options, {})}</div>"


def _open_quotes(*_: object) -> str:
    return "<details><summary>Quotes</summary><blockquote>\n"


def _close_quotes(*_: object) -> str:
    return "</blockquote></details>\n"
