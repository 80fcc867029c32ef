"""What of a text is worth reading.

News text arrives with navigation, repeated headlines, captions, markup and tags. `read` cleans it
into a `Reading`: paragraphs and sentences of plain running text, where every character knows its
offset in the text as given.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from summarize.article.boilerplate import (
    find_date,
    is_boilerplate,
    is_byline,
    is_caption,
    is_data,
    is_date_line,
    is_tag_line,
    source_of,
)
from summarize.article.characters import decode_characters
from summarize.article.injection import may_instruct, without_instructions
from summarize.article.lines import (
    SENTENCE_END,
    Line,
    blocks_of,
    is_broken,
    is_wrapped,
    joined,
    runs_on,
    unmarked,
)
from summarize.article.markup import gaps

__all__ = ["Paragraph", "Reading", "Sentence", "Span", "find_date", "read", "read_line"]


class Span(NamedTuple):
    """A half-open range of code points."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        """Whether another one is in it."""
        return self.start <= other.start and other.end <= self.end


class Sentence(NamedTuple):
    """One sentence: where it is in the reading."""

    span: Span
    is_title: bool = False


class Paragraph(NamedTuple):
    """One paragraph: where it is in the reading."""

    span: Span


@dataclass(frozen=True)
class Reading:
    """The text worth reading.

    Attributes:
        text: paragraphs joined by a newline, the title first; runs of white space are one space.
        offsets: for each character of `text`, its offset in the text as given.
        widths: by their offset, how many characters of the text as given one stands for, where it
            is not one.
        paragraphs, sentences: spans in `text`.
        title: the headline, or None.
        byline: the line under the headline with a date in it, or None.
        origin: what stands behind "Source:", or None.
        header: the fields of a block of `key: value` lines above the article, keys in lower case.
    """

    text: str
    offsets: tuple[int, ...] = field(repr=False)
    paragraphs: tuple[Paragraph, ...]
    sentences: tuple[Sentence, ...]
    title: str | None
    byline: str | None
    origin: str | None
    header: Mapping[str, str]
    widths: Mapping[int, int] = field(default_factory=dict, repr=False)

    def given(self, span: Span) -> Span:
        """The span of the text as given that a non-empty span of the reading comes from."""
        last = self.offsets[span.end - 1]
        return Span(self.offsets[span.start], last + self.widths.get(last, 1))

    def sentence_at(self, position: int) -> Sentence:
        """The sentence that holds a position of the reading, or else the next one, or the last."""
        index = bisect_right(self._ends, position)
        return self.sentences[min(index, len(self.sentences) - 1)]

    @cached_property
    def _ends(self) -> list[int]:
        """Where the sentences end."""
        return [sentence.span.end for sentence in self.sentences]


_FIELD = re.compile(r"(?P<key>[A-Za-z][\w-]{1,30}):(?:\s(?P<value>.*))?")
# What content systems call their fields; without some of these a block of "name: words" lines is
# an interview, or the particulars of a press release.
_FIELD_WORDS = frozenset(
    "author byline canonical categories category cats date datetime description excerpt guid"
    " headline id keywords lang language layout link modified permalink pubdate publisher published"
    " section slug source status subject tags title updated url".split()
)
# A field with such a value has it on the next line; `>` has become `›`.
_CONTINUED = frozenset({"|", "|-", "›", "›-"})
_FENCE = re.compile(r"-{3,}")
# Fewer could be a dateline or a list of two speakers.
_MIN_HEADER_FIELDS = 3
_MIN_KNOWN_FIELDS = 2
# "ANKARA: Following a series of talks" is a dateline; "ID" and "URL" are fields.
_MAX_UPPER_KEY = 4

_BULLET = re.compile(r"(?:[-*•–]|\d{1,2}[.)])\s+")
# No headline ends so, unless in an abbreviation: "… talks in the U.S."
_NO_HEADLINE_END = re.compile(r"(?<!\b\w\.\w)[.:;,。।۔،؛]$")


# A line longer than this is running text, never a headline: the longest headline of the sixteen
# annotated articles has 163 characters.
_MAX_HEADLINE = 200
# Lines of a headline that is wrapped by hand.
_MAX_HEADLINE_LINES = 3
# How many lines after the headline a byline may stand.
_BYLINE_REACH = 4
# A short line may say the same twice and mean it (a name in a list of speakers).
_MIN_REPEATED = 12
# Characters. sentencex takes quadratic time over opening quotes that nothing closes (1.5 s for
# 100 kB of them); the longest paragraph of the sixteen annotated articles has 2,500 characters.
_MAX_PIECE = 8_000


def read(text: str) -> Reading:
    """Cleans a text into the part worth reading."""
    decoded = decode_characters(text)
    reading = _read(decoded.text)
    if decoded.text == text:
        return reading
    offsets = tuple(decoded.offsets[offset] for offset in reading.offsets)
    return replace(reading, offsets=offsets, widths=decoded.widths)


def read_line(text: str) -> str:
    """A headline or a name as words, without characters and tags of HTML."""
    plain = decode_characters(text).text
    blocks = blocks_of(plain, gaps(plain))
    return joined([line for block in blocks for line in block]).text


def _read(text: str) -> Reading:
    # A text that is one block of code or one turn of a chat is what stands in it.
    blocks = blocks_of(text, gaps(text)) or blocks_of(text, gaps(text, wraps=True))
    header, blocks = _header(blocks)
    blocks, origin = _without_boilerplate(blocks)
    blocks = _without_instructions(_without_quotations(blocks))
    title, byline, blocks = _head(_without_tags(blocks))
    paragraphs = [paragraph for block in blocks for paragraph in _paragraphs(block)]
    last = len(paragraphs) - 1
    body = [p for i, p in enumerate(paragraphs) if not is_caption(p.text, is_last=i == last)]
    return _assemble(title, body or paragraphs, byline=byline, origin=origin, header=header)


def _header(blocks: list[list[Line]]) -> tuple[Mapping[str, str], list[list[Line]]]:
    """Splits off the `key: value` lines that content systems export above an article."""
    if not blocks:
        return {}, []
    first = blocks[0]
    fences = [i for i, line in enumerate(first) if _FENCE.fullmatch(line.text)]
    is_fenced = len(fences) > 1 and fences[0] == 0
    fields, end = _fields(first[1 : fences[1]] if is_fenced else first)
    if is_fenced:
        end = fences[1] + 1
    rest = [block for block in (first[end:], *blocks[1:]) if block]
    known = sum(bool(_FIELD_WORDS.intersection(re.split(r"[_-]", key))) for key in fields)
    enough = known >= _MIN_KNOWN_FIELDS and (
        len(fields) >= _MIN_HEADER_FIELDS or known == len(fields)
    )
    if not rest or not (enough or (is_fenced and known)):
        return {}, blocks
    return fields, rest


def _fields(lines: Sequence[Line]) -> tuple[dict[str, str], int]:
    """The fields that lines begin with, and how many lines they take."""
    fields: dict[str, str] = {}
    goes_on = False
    for index, line in enumerate(lines):
        match = _FIELD.fullmatch(line.text)
        if match and not (match["key"].isupper() and len(match["key"]) > _MAX_UPPER_KEY):
            value = match["value"] or ""
            fields.setdefault(match["key"].lower(), value)
            goes_on = value in _CONTINUED
        elif fields and (goes_on or line.text.startswith("- ")):
            goes_on = False
        else:
            return fields, index
    return fields, len(lines)


def _without_boilerplate(blocks: list[list[Line]]) -> tuple[list[list[Line]], str | None]:
    """Drops the page's own lines and lines that were there before; finds the source line."""
    origin = None
    kept: list[list[Line]] = []
    seen: set[str] = set()
    for block in blocks:
        lines: list[Line] = []
        wraps = is_wrapped(block)
        for line in map(unmarked, block):
            key = line.text.casefold()
            if key and is_data(line.text):
                continue
            # "… would discuss / more on Friday" is prose, however the second line begins.
            if wraps and lines and is_broken(lines[-1]) and key:
                lines.append(line)
            elif source := source_of(line.text):
                origin = source
            elif key and not is_boilerplate(line.text):
                if key not in seen or len(key) < _MIN_REPEATED:
                    lines.append(line)
                seen.add(key)
        if lines:
            kept.append(lines)
    return kept, origin


# What Markdown and mail put before a line of somebody else's text; `>` has become `›`.
_QUOTED = "›"


def _without_quotations(blocks: list[list[Line]]) -> list[list[Line]]:
    """Without lines marked as quoted; if they are half of the text or more, without the marks."""
    lines = [line for block in blocks for line in block]
    quoted = sum(len(line.text) for line in lines if line.text.startswith(_QUOTED))
    if not quoted:
        return blocks
    if 2 * quoted >= sum(len(line.text) for line in lines):
        bare = [[_unquoted(line) for line in block] for block in blocks]
        return [block for lines in bare if (block := [line for line in lines if line.text])]
    kept = [[line for line in block if not line.text.startswith(_QUOTED)] for block in blocks]
    return [block for block in kept if block]


def _unquoted(line: Line) -> Line:
    start = len(line.text) - len(line.text.lstrip(f"{_QUOTED} "))
    return _part(line, start, len(line.text)) if line.text.startswith(_QUOTED) else line


def _without_instructions(blocks: list[list[Line]]) -> list[list[Line]]:
    """Without what instructs a model that reads the text."""
    kept: list[list[Line]] = []
    for block in blocks:
        if not any(may_instruct(line.text) for line in block):
            kept.append(block)
            continue
        paragraphs = list(_paragraphs(block))
        parts = [
            [_part(line, *span) for span in without_instructions(line.text, _sentences)]
            for line in paragraphs
        ]
        if all(part == [line] for part, line in zip(parts, paragraphs, strict=True)):
            kept.append(block)
        elif lines := [line for part in parts for line in part]:
            kept.append(lines)
    return kept


def _part(line: Line, start: int, end: int) -> Line:
    whole = start == 0 and end == len(line.text)
    return line if whole else Line(line.text[start:end], line.offsets[start:end])


def _without_tags(blocks: list[list[Line]]) -> list[list[Line]]:
    """Without the tail of tags: last lines of a few words that end in a comma."""
    end = len(blocks)
    while end > 1 and all(is_tag_line(line.text) for line in blocks[end - 1]):
        end -= 1
    return blocks[:end]


def _head(blocks: list[list[Line]]) -> tuple[Line | None, str | None, list[list[Line]]]:
    """Splits off the headline and the byline, and drops dates that stand alone."""
    blocks = [list(block) for block in blocks]
    # A date above the headline is the page's, not the article's.
    while _has_more(blocks) and is_date_line(blocks[0][0].text):
        _drop_first(blocks)
    title = _headline(blocks)
    bylines: list[str] = []
    for block in blocks[:_BYLINE_REACH]:
        reach = 0 if runs_on(block) else 1 if is_wrapped(block) else _BYLINE_REACH
        for line in [line for line in block[:reach] if is_byline(line.text)]:
            if title or len(blocks) > 1 or len(block) > 1:
                bylines.append(line.text)
                block.remove(line)
    dated = next((line for line in bylines if find_date(line)), None)
    return title, dated, [block for block in blocks if block]


def _has_more(blocks: Sequence[Sequence[Line]]) -> bool:
    """Whether there are lines after the first one."""
    return len(blocks) > 1 or bool(blocks and len(blocks[0]) > 1)


def _drop_first(blocks: list[list[Line]]) -> Line:
    line = blocks[0].pop(0)
    if not blocks[0]:
        blocks.pop(0)
    return line


def _headline(blocks: list[list[Line]]) -> Line | None:
    """Takes the headline off, on one line or wrapped over a few; None if there is none."""
    if not _has_more(blocks):
        return None
    first = blocks[0]
    if runs_on(first):
        whole = joined(first)
        is_block = len(blocks) > 1 and len(first) <= _MAX_HEADLINE_LINES
        if not (is_block and _is_headline(whole) and not SENTENCE_END.search(whole.text)):
            return None
        blocks.pop(0)
        return whole
    return _drop_first(blocks) if _is_headline(first[0]) else None


def _is_headline(line: Line) -> bool:
    return len(line.text) <= _MAX_HEADLINE and not _NO_HEADLINE_END.search(line.text)


def _paragraphs(block: Sequence[Line]) -> Iterator[Line]:
    """The paragraphs of a block: one a line, or wrapped lines joined up to the next list item."""
    if not is_wrapped(block):
        yield from block
        return
    current: list[Line] = []
    for line in block:
        if current and _BULLET.match(line.text):
            yield joined(current)
            current = []
        current.append(line)
    yield joined(current)


def _assemble(
    title: Line | None,
    paragraphs: Sequence[Line],
    *,
    byline: str | None,
    origin: str | None,
    header: Mapping[str, str],
) -> Reading:
    text: list[str] = []
    offsets: list[int] = []
    spans: list[Paragraph] = []
    sentences: list[Sentence] = []
    length = 0
    for index, line in enumerate((title, *paragraphs) if title else paragraphs):
        if length:
            text.append("\n")
            # The break between two paragraphs stands right behind the first one.
            offsets.append(offsets[-1] + 1)
            length += 1
        is_title = index == 0 and title is not None
        for start, end in _sentences(line.text):
            sentences.append(Sentence(Span(length + start, length + end), is_title))
        text.append(line.text)
        offsets.extend(line.offsets)
        spans.append(Paragraph(Span(length, length + len(line.text))))
        length += len(line.text)
    return Reading(
        text="".join(text),
        offsets=tuple(offsets),
        paragraphs=tuple(spans),
        sentences=tuple(sentences),
        title=title.text if title else None,
        byline=byline,
        origin=origin,
        header=header,
    )


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a paragraph begin and end, without white space around them."""
    from sentencex import get_sentence_boundaries

    for piece in _pieces(text):
        for boundary in get_sentence_boundaries("en", text[piece.start : piece.end]):
            start = piece.start + boundary["start_index"]
            said = text[start : piece.start + boundary["end_index"]]
            if bare := said.strip():
                start += len(said) - len(said.lstrip())
                yield start, start + len(bare)


def _pieces(text: str) -> Iterator[Span]:
    """A paragraph, in pieces that end in a sentence or at least a word where it is very long."""
    start = 0
    while len(text) - start > _MAX_PIECE:
        limit = start + _MAX_PIECE
        end = max(text.rfind(stop, start, limit) for stop in (". ", "? ", "! ", ".” ", "。"))
        end = end + 1 if end > start else text.rfind(" ", start, limit)
        end = end if end > start else limit
        yield Span(start, end)
        start = end
    yield Span(start, len(text))
