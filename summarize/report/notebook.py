"""Renders a summary as notebooks display it: its Markdown as HTML, quotes folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from summarize.report.markdown import render_markdown

if TYPE_CHECKING:
    from summarize.schema import Summary

__all__ = ["render_notebook"]


def render_notebook(summary: Summary) -> str:
    """Returns static HTML, without script or style."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False})
    parser.add_render_rule("blockquote_open", _open_quotes)
    parser.add_render_rule("blockquote_close", _close_quotes)
    return f'<div dir="auto">{parser.render(render_markdown(summary))}</div>'


def _open_quotes(*_: object) -> str:
    return "<details><summary>Quotes</summary><blockquote>\n"


def _close_quotes(*_: object) -> str:
    return "</blockquote></details>\n"
