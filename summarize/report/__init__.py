"""Summaries for people and for data tools.

In: one `Summary`, or many. Out: text for a terminal, Markdown, a page of HTML, the display in a
notebook, tables as CSV or Parquet. JSON is `Summary.to_json`. The command's names for formats are
in `cli.arguments`, and `cli.output` calls what is here.
"""

# `text` is imported by its own name, so that nothing else waits for rich.
from summarize.report.html import render_html
from summarize.report.markdown import render_markdown
from summarize.report.notebook import render_notebook

__all__ = ["render_html", "render_markdown", "render_notebook"]
