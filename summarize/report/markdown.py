"""A summary as Markdown, to paste into notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from summarize.report import wording
from summarize.report.wording import Group, Item, Section, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from summarize.schema import Quote, Summary

__all__ = ["escape", "render_markdown"]

_SPECIAL: Final = re.compile(
    r"[\\`*_{}\[\]<>#|~$]"  # markup wherever it stands; `$` is mathematics on GitHub and in pandoc
    r"|==|%%"  # highlights and comments of Obsidian
    r"|&(?=#?\w+;)"  # character references
    r"|:(?=//)|(?<=\w)@(?=\w)|(?<=\w)\.(?=[^\W\d]{2})"  # addresses that would become links
    r"|^[-+=:%]"  # lists, underlined headings, definitions, titles
)
_NUMBERED: Final = re.compile(r"^(\d{1,9})([.)])")


def escape(text: str) -> str:
    """The text on one line, as Markdown that renders as that very text and nothing else."""
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(_escaped, clean(text)))


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"\\{character}" for character in match[0])


def render_markdown(summary: Summary) -> str:
    """The summary as a Markdown document, quotes in full, ended by a newline."""
    return "\n\n".join(_blocks(summary)) + "\n"


def _blocks(summary: Summary) -> Iterator[str]:
    yield f"# {escape(wording.headline(summary))}"
    quotes = summary.main.quotes if summary.main else ()
    event = " ".join([escape(wording.reviewed_event_line(summary)), *map(_offsets, quotes)])
    yield from filter(
        None, (escape(wording.byline(summary)), event, escape(wording.paragraph(summary)))
    )
    for section in wording.sections(summary):
        yield from _section(section)
    if unsupported := wording.unsupported_lines(summary):
        yield "## Unsupported"
        yield "\n".join(f"- {escape(line)}" for line in unsupported)
    yield "---"
    if reviewed := wording.review_line(summary):
        yield escape(reviewed)
    yield escape(wording.provenance_line(summary))


def _section(section: Section) -> Iterator[str]:
    yield f"## {escape(section.heading)}"
    if not section.groups:
        yield wording.NOTHING_FOUND
    for group in section.groups:
        yield "\n".join(map(_item, group.items))
        yield from _quotes(group)


def _item(item: Item) -> str:
    words = [f"**{escape(item.label)}:**"] if item.label else []
    words.append(escape(item.text))
    if item.country:
        words.append(f"({item.country})")
    line = " ".join(words)
    if item.detail:
        line += f" — {'parties: ' if item.label else ''}{escape(item.detail)}"
    signs = [item.review] if item.review else []
    return " ".join([f"- {line}", *signs, *map(_offsets, item.verbatim)])


def _offsets(quote: Quote) -> str:
    return f"`{wording.offsets(quote)}`"


def _quotes(group: Group) -> Iterator[str]:
    # One block each: neighbouring quotes would run into one paragraph.
    if group.evidence:
        yield "\n>\n".join(f"> {escape(quote.text)} {_offsets(quote)}" for quote in group.evidence)
