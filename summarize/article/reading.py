"""What of a text is worth reading.

News text arrives with navigation, repeated headlines, captions, markup and tags. `read` cleans it
into a `Reading`: paragraphs and sentences of plain running text, where every character knows its
offset in the text as given.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from summarize.article.boilerplate import (
    BOILERPLATE,
    DATA,
    SOURCE_LINE,
    TAG_LINE,
    find_date,
    is_byline,
    is_caption,
    is_date_line,
)
from summarize.article.characters import MappedText, decode_characters
from summarize.article.injection import without_instructions
from summarize.article.lines import (
    SENTENCE_END,
    blocks_of,
    is_broken,
    is_wrapped,
    joined,
    paragraphs_of,
    runs_on,
    sentences_of,
)
from summarize.article.markup import markup_edits


class Span(NamedTuple):
    """A half-open range of code points."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        """Whether another one is in it."""
        return self.start <= other.start and other.end <= self.end


class Sentence(NamedTuple):
    """One sentence: where it is in the reading, and whether it is in the headline."""

    span: Span
    is_title: bool = False


@dataclass(frozen=True)
class Reading:
    """The text worth reading.

    Attributes:
        text: paragraphs joined by a newline, the title first; runs of white space are one space.
        offsets: for each character of `text`, its offset in the text as given.
        widths: by their offset, how many characters of the text as given one stands for, where it
            is not one.
        paragraphs: spans in `text`.
        sentences: spans in `text`.
        title: the headline, or None.
        byline: the line under the headline with a date in it, or None.
        origin: what stands behind "Source:", or None.
        header: the fields of a block of `key: value` lines above the article, keys in lower case.
    """

    text: str
    offsets: tuple[int, ...] = field(repr=False)
    widths: Mapping[int, int] = field(repr=False)
    paragraphs: tuple[Span, ...]
    sentences: tuple[Sentence, ...]
    title: str | None
    byline: str | None
    origin: str | None
    header: Mapping[str, str]

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


def read(text: str) -> Reading:
    """Cleans a text into the part worth reading."""
    decoded, widths = decode_characters(text)
    # A text that is one block of code or one turn of a chat is what stands in it.
    blocks = _blocks(decoded) or _blocks(decoded, wraps=True)
    header, blocks = _header(blocks)
    blocks, origin = _without_boilerplate(blocks)
    title, byline, blocks = _head(_without_tags(list(_without_instructions(blocks))))
    found = [paragraph for block in blocks for paragraph in paragraphs_of(block)]
    captions = {id(one) for one in found if is_caption(one.text, is_last=one is found[-1])}
    paragraphs = [one for one in found if id(one) not in captions] or found
    if title:
        paragraphs.insert(0, title)
    offsets: list[int] = []
    spans: list[Span] = []
    sentences: list[Sentence] = []
    for paragraph in paragraphs:
        if offsets:
            # The break between two paragraphs stands right behind the first one.
            offsets.append(offsets[-1] + 1)
        start = len(offsets)
        offsets.extend(paragraph.offsets)
        spans.append(Span(start, len(offsets)))
        for first, last in sentences_of(paragraph.text):
            sentences.append(Sentence(Span(start + first, start + last), paragraph is title))
    return Reading(
        text="\n".join(paragraph.text for paragraph in paragraphs),
        offsets=tuple(offsets),
        widths=widths,
        paragraphs=tuple(spans),
        sentences=tuple(sentences),
        title=title.text if title else None,
        byline=byline,
        origin=origin,
        header=header,
    )


def read_line(text: str) -> str:
    """Returns a headline or a name as words, without characters and tags of HTML."""
    return joined([line for block in _blocks(decode_characters(text)[0]) for line in block]).text


_Blocks = list[list[MappedText]]


def _blocks(text: MappedText, *, wraps: bool = False) -> _Blocks:
    return blocks_of(text.edited(markup_edits(text.text, wraps=wraps)))


# The fields that content systems write above an article: "post_title: Talks in Oslo".

_FIELD = re.compile(r"(?P<key>(?![A-Z]{5})[A-Za-z][\w-]{1,30}):(?: (?P<value>.*))?")
# What such systems call their fields; without some of these a block of "name: words" lines is an
# interview, or the particulars of a press release.
_FIELD_WORDS = frozenset(
    "author byline canonical categories category cats date datetime description excerpt guid"
    " headline id keywords lang language layout link modified permalink pubdate publisher published"
    " section slug source status subject tags title updated url".split()
)
_RULE = re.compile(r"-{3,}")
# Fewer could be a dateline or a list of two speakers.
_MIN_FIELDS, _MIN_KNOWN_FIELDS = 3, 2


def _header(blocks: _Blocks) -> tuple[Mapping[str, str], _Blocks]:
    """Splits off the fields, which may stand between two rules."""
    first = blocks[0] if blocks else []
    is_ruled = bool(first and _RULE.fullmatch(first[0].text))
    fields: dict[str, str] = {}
    end, goes_on = 0, False
    for line in first:
        if match := _FIELD.fullmatch(line.text):
            value = match["value"] or ""
            fields.setdefault(match["key"].lower(), value.strip("'\" "))
            # Such a value is on the next line; `>` has become `›`.
            goes_on = value in {"|", "|-", "›", "›-"}
        elif goes_on or line.text.startswith("- ") or _RULE.fullmatch(line.text):
            goes_on = False
        else:
            break
        end += 1
    known = sum(bool(_FIELD_WORDS.intersection(re.split("[_-]", key))) for key in fields)
    is_enough = len(fields) >= _MIN_FIELDS or known == len(fields)
    rest = [block for block in (first[end:], *blocks[1:]) if block]
    if rest and ((is_ruled and known) or (known >= _MIN_KNOWN_FIELDS and is_enough)):
        return fields, rest
    return {}, blocks


# What is no prose

# Characters. A short line may say the same twice and mean it (a name in a list of speakers).
_MIN_REPEATED = 12


def _without_boilerplate(blocks: _Blocks) -> tuple[_Blocks, str | None]:
    """Drops the page's own lines and lines that were there before; finds the source line."""
    origin = None
    kept: _Blocks = []
    seen: set[str] = set()
    for block in blocks:
        lines: list[MappedText] = []
        wraps = is_wrapped(block)
        for line in block:
            key = line.text.casefold()
            if DATA.fullmatch(line.text):
                continue
            # "… would discuss / more on Friday" is prose, however the second line begins.
            if wraps and lines and is_broken(lines[-1]):
                lines.append(line)
            elif source := SOURCE_LINE.fullmatch(line.text):
                origin = source["source"]
            elif not BOILERPLATE.fullmatch(line.text):
                if key not in seen or len(key) < _MIN_REPEATED:
                    lines.append(line)
                seen.add(key)
        if lines:
            kept.append(lines)
    return kept, origin


def _without_instructions(blocks: _Blocks) -> Iterator[list[MappedText]]:
    """Yields the blocks without what instructs a model that reads the text."""
    for block in blocks:
        paragraphs = list(paragraphs_of(block))
        spans = [without_instructions(paragraph.text) for paragraph in paragraphs]
        if all(kept is None for kept in spans):
            yield block
            continue
        lines = [
            paragraph.part(start, end)
            for paragraph, kept in zip(paragraphs, spans, strict=True)
            for start, end in (((0, len(paragraph.text)),) if kept is None else kept)
        ]
        if lines:
            yield lines


def _without_tags(blocks: _Blocks) -> _Blocks:
    """Returns the blocks without the tail of tags: last lines of a few words and a comma."""
    end = len(blocks)
    while end > 1 and all(TAG_LINE.fullmatch(line.text) for line in blocks[end - 1]):
        end -= 1
    return blocks[:end]


# Headline and byline

# No headline ends so, unless in an abbreviation: "… talks in the U.S."
_NO_HEADLINE_END = re.compile(r"(?<!\b\w\.\w)[.:;,。।۔،؛]$")
# A line longer than this is running text, never a headline: the longest headline of the sixteen
# annotated articles has 163 characters.
_MAX_HEADLINE = 200
# Lines of a headline that is wrapped by hand.
_MAX_HEADLINE_LINES = 3
# How many lines after the headline a byline may stand.
_BYLINE_REACH = 4


def _head(blocks: _Blocks) -> tuple[MappedText | None, str | None, _Blocks]:
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
    return title, next(filter(find_date, bylines), None), [block for block in blocks if block]


def _has_more(blocks: Sequence[Sequence[MappedText]]) -> bool:
    """Whether there are lines after the first one."""
    return len(blocks) > 1 or bool(blocks and len(blocks[0]) > 1)


def _drop_first(blocks: _Blocks) -> MappedText:
    line = blocks[0].pop(0)
    if not blocks[0]:
        blocks.pop(0)
    return line


def _headline(blocks: _Blocks) -> MappedText | None:
    """Takes the headline off, on one line or wrapped over a few; None if there is none."""
    if not _has_more(blocks):
        return None
    first = blocks[0]
    if not runs_on(first):
        return _drop_first(blocks) if _is_headline(first[0]) else None
    whole = joined(first)
    is_block = len(blocks) > 1 and len(first) <= _MAX_HEADLINE_LINES
    if is_block and _is_headline(whole) and not SENTENCE_END.search(whole.text):
        blocks.pop(0)
        return whole
    return None


def _is_headline(line: MappedText) -> bool:
    return len(line.text) <= _MAX_HEADLINE and not _NO_HEADLINE_END.search(line.text)
