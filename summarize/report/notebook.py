"""A summary as notebooks show it: a few elements, no script, no style beyond what each one has."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from summarize.report.wording import (
    NOTHING_FOUND,
    Group,
    Item,
    Section,
    byline,
    clean,
    event_line,
    headline,
    offsets,
    paragraph,
    provenance_line,
    sections,
    unsupported_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from summarize.schema import Summary

__all__ = ["render_notebook"]

# What follows the colours of the notebook, light or dark.
_SOFT: Final = ' style="opacity:.7"'
_QUOTE: Final = (
    ' style="margin:.2em 0 .2em 1em;padding-inline-start:.8em;border-inline-start:2px solid;'
    'opacity:.75"'
)


def render_notebook(summary: Summary) -> str:
    """The summary as static HTML: its items to read, its quotes to unfold."""
    return f'<div style="max-width:52em;line-height:1.45">{"".join(_blocks(summary))}</div>'


def _blocks(summary: Summary) -> Iterator[str]:
    yield _told("div", headline(summary), ' style="font-size:1.2em;font-weight:600"')
    for line in (event_line(summary), byline(summary)):
        if line:
            yield _told("div", line, _SOFT)
    if told := paragraph(summary):
        yield _told("p", told)
    for section in sections(summary):
        yield from _section(section)
    if unsupported := unsupported_lines(summary):
        entries = _list(_told("li", line) for line in unsupported)
        yield f"<details><summary>Unsupported ({len(unsupported)})</summary>{entries}</details>"
    yield _told("div", provenance_line(summary), _SOFT)


def _section(section: Section) -> Iterator[str]:
    heading = f"<b>{section.heading}</b>"
    if not section.groups:
        yield f"<div>{heading}: {NOTHING_FOUND}</div>"
        return
    items = [item for group in section.groups for item in group.items]
    body = _list(map(_item, items)) + _quotes(section.groups)
    # Who is only mentioned is for those who look for it.
    if section.heading == "Mentioned":
        yield f"<details><summary>{heading} ({len(items)})</summary>{body}</details>"
    else:
        yield f"<div>{heading}{body}</div>"


def _item(item: Item) -> str:
    words = f"<b>{escape(item.label)}:</b> " if item.label else ""
    words += f"<bdi>{escape(item.text)}</bdi>"
    if item.country:
        words += f" <small>{escape(item.country)}</small>"
    if item.detail:
        told = f"{'Parties: ' if item.label else ''}{escape(item.detail)}"
        words += f" <bdi{_SOFT}>{told}</bdi>"
    return f"<li>{words}</li>"


def _quotes(groups: Iterable[Group]) -> str:
    quotes = list(dict.fromkeys(quote for group in groups for quote in group.evidence))
    if not quotes:
        return ""
    told = (
        f'<blockquote dir="auto"{_QUOTE}>{escape(clean(quote.text))} '
        f"<small>{offsets(quote)}</small></blockquote>"
        for quote in quotes
    )
    return f"<details><summary>Quotes ({len(quotes)})</summary>{''.join(told)}</details>"


def _list(entries: Iterable[str]) -> str:
    return f'<ul style="margin:.2em 0 .4em">{"".join(entries)}</ul>'


def _told(tag: str, words: str, style: str = "") -> str:
    return f'<{tag} dir="auto"{style}>{escape(words)}</{tag}>'
