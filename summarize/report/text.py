"""A summary for a terminal, wide or narrow, in color or piped.

Wide, a margin holds the offsets as a printed page holds its line numbers, and quotes hang on a
thin bar. Narrow, the margin goes and the offsets open the quote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from rich.cells import get_character_cell_size
from rich.console import Console
from rich.text import Text

from summarize.report.wording import (
    NOTHING_FOUND,
    Group,
    Item,
    Section,
    byline,
    clean,
    event_line,
    excerpt,
    headline,
    offsets,
    paragraph,
    provenance_line,
    sections,
    unsupported_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from summarize.schema import Quote, Summary

__all__ = ["render_text"]

# Longer lines are hard to read.
_MEASURE: Final = 100
# Below, every line would be a word or less.
_NARROWEST: Final = 20
# The least that is left for words beside a margin.
_BODY: Final = 44
# The least for a role beside a name; with less it goes below.
_ROLE: Final = 28
# Characters of a quote: the longest sentence of the seeds has 265.
_LONG: Final = 320
# A quote that was printed before is recalled in about a line.
_RECALLED: Final = 80

_BULLET: Final = "• "
_BAR: Final = "│ "

_STRONG: Final = "bold"
_ACCENT: Final = "cyan"
_QUIET: Final = "dim"


def render_text(summary: Summary, *, width: int, color: bool) -> str:
    """The summary as lines of at most `width` cells, each ended by a newline.

    Without `color` the text holds no escape sequence at all. A width under 20 counts as 20.
    """
    out = StringIO()
    # Every setting is given, so that nothing of the environment shows.
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
    for line in _Page.of(summary, width).lines(summary):
        line.rstrip()
        console.print(line, soft_wrap=True)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Columns:
    """Cells for what is said of actors; a country has its space, or none where nobody has one."""

    name: int
    country: int
    role: int


@dataclass(frozen=True, slots=True)
class _Page:
    """How wide the lines are, and how much of that is margin: none on a narrow page."""

    measure: int
    margin: int
    columns: _Columns | None

    @classmethod
    def of(cls, summary: Summary, width: int) -> _Page:
        measure = min(max(width, _NARROWEST), _MEASURE)
        margin = max((len(offsets(quote)) for quote in summary.quotes), default=0) + 4
        if measure - margin < _BODY:
            return cls(measure, 0, None)
        actors = summary.actors
        name = max((_cells(clean(actor.name)) for actor in actors), default=0)
        name = min(name, (measure - margin) * 2 // 5)
        country = 5 if any(actor.country for actor in actors) else 0
        role = measure - margin - 2 - (name + 2) - country
        return cls(measure, margin, _Columns(name, country, role) if role >= _ROLE else None)

    @property
    def body(self) -> int:
        """Cells beside the margin."""
        return self.measure - self.margin

    def lines(self, summary: Summary) -> Iterator[Text]:
        yield from _wrapped(Text(headline(summary), _STRONG), self.measure)
        yield from _dotted(byline(summary), _QUIET, self.measure)
        yield from _dotted(event_line(summary), _ACCENT, self.measure)
        if words := paragraph(summary):
            yield Text()
            yield from _wrapped(Text(words), self.measure)
        seen: set[Quote] = set()
        for section in sections(summary):
            yield Text()
            yield from self._section(section, seen)
        if unsupported := unsupported_lines(summary):
            yield Text()
            yield Text("Unsupported", _QUIET)
            for line in unsupported:
                yield from self._beside((), _hung(_BULLET, Text(line, _QUIET), self.body))
        yield Text()
        yield from _dotted(provenance_line(summary), _QUIET, self.measure)

    def _section(self, section: Section, seen: set[Quote]) -> Iterator[Text]:
        yield Text(section.heading, _STRONG)
        if not section.groups:
            yield from self._beside((), _wrapped(Text(NOTHING_FOUND, _QUIET), self.body))
        for number, group in enumerate(section.groups):
            if number and (group.evidence or section.groups[number - 1].evidence):
                yield Text()
            for item in group.items:
                yield from self._item(item, actor=section.actors)
                seen.update(item.verbatim)
            for quote in group.evidence:
                yield from self._quote(quote, group, recalled=quote in seen)
                seen.add(quote)

    def _item(self, item: Item, *, actor: bool) -> Iterator[Text]:
        where = [offsets(quote) for quote in item.verbatim]
        inline = Text("" if self.margin else ", ".join(where), _QUIET)
        content = self._actor(item, inline) if actor else self._statement(item, inline)
        yield from self._beside(where, _hanging(_BULLET, content))

    def _actor(self, item: Item, where: Text) -> list[Text]:
        room = self.body - 2
        name, country = Text(item.text, _STRONG), Text(item.country, _ACCENT)
        if self.columns is None:
            return [
                *_wrapped(_spaced(name, country, where), room),
                *_wrapped(Text(item.detail), room),
            ]
        cells = [(self.columns.name + 2, _wrapped(name, self.columns.name))]
        if self.columns.country:
            cells.append((self.columns.country, [country]))
        role = _wrapped(Text(item.detail), self.columns.role)
        return _side_by_side([*cells, (self.columns.role, role)])

    def _statement(self, item: Item, where: Text) -> list[Text]:
        room = self.body - 2
        line = Text(item.text)
        if item.label:
            line = Text.assemble((f"{item.label}:", _ACCENT), " ", line)
        rows = _wrapped(_spaced(line, where), room)
        if item.detail:
            rows += _wrapped(Text.assemble(("Parties: ", _QUIET), item.detail), room)
        return rows

    def _quote(self, quote: Quote, group: Group, *, recalled: bool) -> Iterator[Text]:
        shown = excerpt(quote, group.items, limit=_RECALLED if recalled else _LONG)
        words = Text(shown.text)
        # What bears the items out stands out of its dimmed sentence.
        at = 0
        for start, end in (*shown.marks, (len(shown.text), len(shown.text))):
            words.stylize(_QUIET, at, start)
            at = end
        if not self.margin:
            words = _spaced(Text(offsets(quote), _QUIET), words)
        yield from self._beside([offsets(quote)], _hung(_BAR, words, self.body))

    def _beside(self, margin: Iterable[str], rows: Iterable[Text]) -> Iterator[Text]:
        """The rows, each with its word at the right of the margin."""
        if not self.margin:
            yield from rows
            return
        for word, row in zip_longest(margin, rows):
            line = Text(" " * (self.margin - 2 - len(word or "")))
            line.append(word or "", _QUIET).append("  ")
            yield line if row is None else line.append_text(row)


def _spaced(*parts: Text) -> Text:
    return Text("  ").join(part for part in parts if part)


def _hung(sign: str, text: Text, width: int) -> Iterator[Text]:
    return _hanging(sign, _wrapped(text, width - len(sign)))


def _hanging(sign: str, rows: Iterable[Text]) -> Iterator[Text]:
    """The rows behind a sign: a bullet opens the first, a bar runs along all of them."""
    lead: str | tuple[str, str] = (sign, _QUIET)
    rest = lead if sign == _BAR else " " * len(sign)
    for row in rows:
        yield Text.assemble(lead, row)
        lead = rest


def _side_by_side(columns: Sequence[tuple[int, Sequence[Text]]]) -> list[Text]:
    rows = []
    for cells in zip_longest(*(column for _, column in columns), fillvalue=Text()):
        row = Text()
        for cell, (width, _) in zip(cells, columns, strict=True):
            row.append_text(cell).append(" " * (width - _cells(cell.plain)))
        row.rstrip()
        rows.append(row)
    return rows


def _dotted(line: str, style: str, width: int) -> Iterator[Text]:
    """A line of parts, broken between two of them rather than inside one."""
    rows: list[str] = []
    for part in line.split(" · "):
        joined = f"{rows[-1]} · {part}" if rows else part
        rows[-1:] = [joined] if _cells(joined) <= width else [*rows[-1:], part]
    for row in rows:
        yield from _wrapped(Text(row, style), width)


# Breaking lines. rich breaks at spaces only, and trusts every terminal to join emoji.

_CJK = re.compile(
    "[\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]"
)
_OPENING: Final = frozenset("「『（【《〈〔［｛“‘([")
_CLOSING: Final = frozenset("、。，．！？；：」』）】》〉〕］｝”’…ー々)],.!?;: ")
_EMOJI_STYLE: Final = "\ufe0f"


def _wrapped(text: Text, width: int) -> list[Text]:
    """The text in lines of at most `width` cells, none where it is empty."""
    plain = text.plain
    if not plain:
        return []
    costs = _costs(plain)
    breaks: list[int] = []
    filled = 0
    for start, end in _units(plain):
        whole = sum(costs[start:end])
        bare = whole - (end - start - len(plain[start:end].rstrip(" ")))
        if filled and filled + bare > width:
            breaks.append(start)
            filled = 0
        if bare <= width:
            filled += whole
            continue
        for at in range(start, end):
            if filled + costs[at] > width and plain[at] != " ":
                breaks.append(at)
                filled = 0
            filled += costs[at]
    lines = list(text.divide(breaks))
    for line in lines:
        line.rstrip()
    return lines


def _units(plain: str) -> Iterator[tuple[int, int]]:
    start = 0
    for at in range(1, len(plain)):
        if _may_break(plain[at - 1], plain[at]):
            yield start, at
            start = at
    yield start, len(plain)


def _may_break(before: str, after: str) -> bool:
    if before == " ":
        return after != " "
    return (
        (_CJK.match(before) or _CJK.match(after)) is not None
        and before not in _OPENING
        and after not in _CLOSING
        and get_character_cell_size(after) > 0
    )


def _cells(plain: str) -> int:
    return sum(_costs(plain))


def _costs(plain: str) -> list[int]:
    """The most cells any terminal gives each character, whether it joins emoji or not."""
    costs = list(map(get_character_cell_size, plain))
    for at, character in enumerate(plain):
        if character == _EMOJI_STYLE and at:
            costs[at - 1] += 1
    return costs
