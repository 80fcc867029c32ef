"""Renders a summary for a terminal, in color or piped.

Where there is room, a margin holds the offsets of the quotes, as a book holds its line numbers.
Narrow, there is no margin and the offsets open the quote.
"""

from __future__ import annotations

from io import StringIO
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from summarize.report import wording
from summarize.report.wording import Group, Item, Section, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from summarize.schema import Quote, Summary

__all__ = ["render_text"]

# Widths, in cells. Longer lines are hard to read.
_MAX_WIDTH: Final = 100
# Below, each line would be a word or less.
_MIN_WIDTH: Final = 20
# The least for words beside a margin.
_MIN_BODY: Final = 44
# The least for a role beside a name; with less it goes below.
_MIN_ROLE: Final = 28

# Characters of a quote: the longest sentence of the seeds has 265.
_QUOTE_LIMIT: Final = 320
# A quote that was printed before is repeated in about a line.
_REPEATED_LIMIT: Final = 80

_BULLET: Final = "• "
_BAR: Final = "│ "

_STRONG: Final = "bold"
_ACCENT: Final = "cyan"
_QUIET: Final = "dim"


def render_text(summary: Summary, *, width: int, color: bool) -> str:
    """Returns the summary as lines of at most `width` cells, each ended by a newline.

    Without `color` the text holds no escape sequence. A width under 20 counts as 20.
    """
    out = StringIO()
    # Every setting is given, so that the environment changes nothing.
    console = Console(
        file=out,
        width=width,
        height=25,
        color_system="standard" if color else None,
        force_terminal=color,
        force_interactive=False,
        force_jupyter=False,
        no_color=not color,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for line in _Page(console, summary, width).lines():
        line.rstrip()
        console.print(line, soft_wrap=True)
    return out.getvalue()


class _Page:
    """The layout of one summary.

    Attributes:
        width: cells of a line.
        margin: cells of the margin; 0 if there is none.
        body: cells beside the margin.
        name, country, role: cells for an actor in columns. `role` is 0 if it goes below the name.
    """

    def __init__(self, console: Console, summary: Summary, width: int) -> None:
        self.console = console
        self.summary = summary
        self.width = min(max(width, _MIN_WIDTH), _MAX_WIDTH)
        margin = max((len(wording.offsets(quote)) for quote in summary.quotes), default=0) + 4
        self.margin = margin if self.width - margin >= _MIN_BODY else 0
        self.body = self.width - self.margin
        names = max((cell_len(clean(actor.name)) for actor in summary.actors), default=0)
        self.name = min(names, self.body * 2 // 5)
        self.country = 5 if any(actor.country for actor in summary.actors) else 0
        role = self.body - len(_BULLET) - (self.name + 2) - self.country
        self.role = role if self.margin and role >= _MIN_ROLE else 0
        self.printed: set[Quote] = set()

    def lines(self) -> Iterator[Text]:
        summary = self.summary
        yield from self._wrap(Text(wording.headline(summary), _STRONG), self.width)
        yield from self._parts(wording.byline(summary), _QUIET)
        yield from self._parts(_event(summary), _ACCENT)
        if words := wording.paragraph(summary):
            yield Text()
            yield from self._wrap(Text(words), self.width)
        for section in wording.sections(summary):
            yield Text()
            yield from self._section(section)
        if unsupported := wording.unsupported_lines(summary):
            yield Text()
            yield Text("Unsupported", _QUIET)
            for line in unsupported:
                rows = self._wrap(Text(line, _QUIET), self.body - len(_BULLET))
                yield from self._beside_margin((), _bulleted(rows))
        yield Text()
        yield from self._parts(wording.review_line(summary), _QUIET)
        yield from self._parts(wording.provenance_line(summary), _QUIET)

    def _section(self, section: Section) -> Iterator[Text]:
        yield from self._parts(section.heading, _STRONG)
        if not section.groups:
            yield from self._beside_margin(
                (), self._wrap(Text(wording.NOTHING_FOUND, _QUIET), self.body)
            )
        for number, group in enumerate(section.groups):
            if number and (group.evidence or section.groups[number - 1].evidence):
                yield Text()
            for item in group.items:
                yield from self._item(item, is_actor=section.actors)
                self.printed.update(item.verbatim)
            for quote in group.evidence:
                yield from self._quote(quote, group)
                self.printed.add(quote)

    def _item(self, item: Item, *, is_actor: bool) -> Iterator[Text]:
        where = [wording.offsets(quote) for quote in item.verbatim]
        inline = Text("" if self.margin else ", ".join(where), _QUIET)
        rows = self._actor(item, inline) if is_actor else self._statement(item, inline)
        yield from self._beside_margin(where, _bulleted(rows, item.review))

    def _actor(self, item: Item, where: Text) -> list[Text]:
        room = self.body - len(_BULLET)
        name, country = Text(item.text, _STRONG), Text(item.country, _ACCENT)
        if not self.role or name.cell_len > self.name:
            role = self._wrap(Text(item.detail), room)
            return [*self._wrap(_spaced(name, country, where), room), *role]
        first, *others = self._wrap(Text(item.detail), self.role) or [Text()]
        name.pad_right(self.name + 2 - name.cell_len)
        country.pad_right(self.country - country.cell_len)
        indent = " " * (self.name + 2 + self.country)
        return [Text.assemble(name, country, first), *(Text(indent) + row for row in others)]

    def _statement(self, item: Item, where: Text) -> list[Text]:
        room = self.body - len(_BULLET)
        line = Text(item.text)
        if item.label:
            line = Text.assemble((f"{item.label}:", _ACCENT), " ", line)
        rows = self._wrap(_spaced(line, where), room)
        if item.detail:
            rows += self._wrap(Text.assemble(("Parties: ", _QUIET), item.detail), room)
        return rows

    def _quote(self, quote: Quote, group: Group) -> Iterator[Text]:
        limit = _REPEATED_LIMIT if quote in self.printed else _QUOTE_LIMIT
        words = Text(wording.excerpt(quote, group.items, limit=limit), _QUIET)
        # The words that support the items stand out of the dimmed sentence.
        for start, end in wording.marks(words.plain, group.items):
            words.stylize("not dim", start, end)
        if not self.margin:
            words = _spaced(Text(wording.offsets(quote), _QUIET), words)
        rows = self._wrap(words, self.body - len(_BAR))
        barred = (Text.assemble((_BAR, _QUIET), row) for row in rows)
        yield from self._beside_margin([wording.offsets(quote)], barred)

    def _beside_margin(self, labels: Iterable[str], rows: Iterable[Text]) -> Iterator[Text]:
        """Yields the rows, each with its label at the right of the margin."""
        if not self.margin:
            yield from rows
            return
        for label, row in zip_longest(labels, rows, fillvalue=""):
            indent = " " * (self.margin - 2 - len(label))
            yield Text.assemble(indent, (str(label), _QUIET), "  ", row)

    def _parts(self, line: str, style: str) -> Iterator[Text]:
        """Yields a line of parts, broken between two of them where that is possible."""
        rows: list[str] = []
        for part in line.split(" · "):
            joined = f"{rows[-1]} · {part}" if rows else part
            rows[-1:] = [joined] if cell_len(joined) <= self.width else [*rows[-1:], part]
        for row in rows:
            yield from self._wrap(Text(row, style), self.width)

    def _wrap(self, text: Text, width: int) -> list[Text]:
        """Returns the text in lines of at most `width` cells, none if it is empty."""
        return list(text.wrap(self.console, width, overflow="fold")) if text else []


def _event(summary: Summary) -> str:
    """The event line with the place of its quote: "Visit · Damascus · 130–228"."""
    quotes = summary.main.quotes if summary.main else ()
    return " · ".join([wording.reviewed_event_line(summary), *map(wording.offsets, quotes)])


def _bulleted(rows: Sequence[Text], sign: str = "") -> Iterator[Text]:
    """Yields the rows behind a bullet, or the sign in its place."""
    bullet = (f"{sign} ", _ACCENT) if sign else (_BULLET, _QUIET)
    for number, row in enumerate(rows):
        yield Text.assemble(" " * len(_BULLET) if number else bullet, row)


def _spaced(*parts: Text) -> Text:
    return Text("  ").join(part for part in parts if part)
