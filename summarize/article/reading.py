"""Cleans an article's text into the part worth reading.

News text arrives with navigation, repeated headlines, captions, markup and tags. `read` makes it
a `Reading`: paragraphs and sentences of plain running text, where every character knows its
offset in the text as given.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from summarize.article.boilerplate import (
    TAG_LINE,
    find_date,
    is_byline,
    is_caption,
    is_date_line,
    without_boilerplate,
)
from summarize.article.characters import MappedText, decode_characters
from summarize.article.injection import may_instruct, without_instructions
from summarize.article.lines import (
    MIN_WRAPPED_LINE,
    SENTENCE_END,
    Blocks,
    blocks_of,
    is_broken,
    is_wrapped,
    joined,
    paragraphs_of,
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
        index = bisect_right(self.sentences, position, key=lambda sentence: sentence.span.end)
        return self.sentences[min(index, len(self.sentences) - 1)]


def read(text: str) -> Reading:
    """Cleans a text into the part worth reading."""
    decoded, widths = decode_characters(text)
    # A text that is one block of code or one turn of a chat is what stands in it.
    blocks = _blocks(decoded) or _blocks(decoded, wraps=True)
    header, blocks = _header(blocks)
    blocks, origin = without_boilerplate(blocks)
    title, byline, blocks = _head(_without_tags(_without_instructions(blocks)))
    found = [paragraph for block in blocks for paragraph in paragraphs_of(block)]
    prose = (one for one in found if not is_caption(one.text, is_last=one is found[-1]))
    paragraphs = list(prose) or found
    if title:
        paragraphs.insert(0, title)
    offsets: list[int] = []
    spans: list[Span] = []
    sentences: list[Sentence] = []
    for paragraph in paragraphs:
        if offsets:
            # The break between two paragraphs stands right behind the first one.
            offsets.append(offsets[-1] + widths.get(offsets[-1], 1))
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


def _blocks(text: MappedText, *, wraps: bool = False) -> Blocks:
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


def _header(blocks: Blocks) -> tuple[Mapping[str, str], Blocks]:
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


# What instructs a model, and tags


def _without_instructions(blocks: Blocks) -> Blocks:
    """Drops what instructs a model that reads the text."""
    if not may_instruct("\n".join(line.text for block in blocks for line in block)):
        return blocks
    kept: Blocks = []
    for block in blocks:
        paragraphs = list(paragraphs_of(block))
        parts = [
            paragraph.part(start, end)
            for paragraph in paragraphs
            for start, end in without_instructions(paragraph.text)
        ]
        # Lines stay as they are where nothing was dropped.
        kept.append(block if parts == paragraphs else parts)
    return [block for block in kept if block]


def _without_tags(blocks: Blocks) -> Blocks:
    """Returns the blocks without the tail of tags: last lines of a few words and a comma."""
    end = len(blocks)
    while end > 1 and all(TAG_LINE.fullmatch(line.text) for line in blocks[end - 1]):
        end -= 1
    return blocks[:end]


# Headline and byline

# A line that ends in one of these goes on in the next.
_OPEN_END = re.compile(
    r"(?i)(?:\b(?:a|an|the|of|in|on|at|to|for|from|by|with|and|or|as|that|his|her|their|its)|,)$"
)
# No headline ends so, unless in an abbreviation: "… talks in the U.S."
_NO_HEADLINE_END = re.compile(r"(?<!\b\w\.\w)[.:;,。।۔،؛]$")
# A line longer than this is running text, never a headline: the longest headline of the sixteen
# annotated articles has 163 characters.
_MAX_HEADLINE = 200
# Lines of a headline that is wrapped by hand.
_MAX_HEADLINE_LINES = 3
# How many lines after the headline a byline may stand.
_BYLINE_REACH = 4


def _head(blocks: Blocks) -> tuple[MappedText | None, str | None, Blocks]:
    """Splits off the headline and the byline, and drops dates that stand alone."""
    # A date above the headline is the page's, not the article's.
    while sum(map(len, blocks)) > 1 and is_date_line(blocks[0][0].text):
        blocks = _without_first(blocks)
    title, blocks = _headline(blocks)
    may_have_byline = title or sum(map(len, blocks)) > 1
    bylines: list[str] = []
    kept: Blocks = []
    for number, block in enumerate(blocks):
        reach = 0 if _runs_on(block) else 1 if is_wrapped(block) else _BYLINE_REACH
        reach = reach if may_have_byline and number < _BYLINE_REACH else 0
        found = [line for line in block[:reach] if is_byline(line.text)]
        bylines += [line.text for line in found]
        kept.append([line for line in block if line not in found] if found else block)
    return title, next(filter(find_date, bylines), None), [block for block in kept if block]


def _without_first(blocks: Blocks) -> Blocks:
    """Returns the blocks without their first line."""
    first, *rest = blocks
    return [first[1:], *rest] if first[1:] else rest


def _headline(blocks: Blocks) -> tuple[MappedText | None, Blocks]:
    """Takes the headline off, on one line or wrapped over a few; None if there is none."""
    if sum(map(len, blocks)) < 2:
        return None, blocks
    first, *rest = blocks
    if not _runs_on(first):
        is_one = _is_headline(first[0])
        return (first[0], _without_first(blocks)) if is_one else (None, blocks)
    whole = joined(first)
    is_block = rest and len(first) <= _MAX_HEADLINE_LINES
    if is_block and _is_headline(whole) and not SENTENCE_END.search(whole.text):
        return whole, rest
    return None, blocks


def _runs_on(block: list[MappedText]) -> bool:
    """Whether the first line of a block goes on in the second one."""
    if len(block) < 2 or not is_broken(block[0]) or is_byline(block[1].text):
        return False
    line, following = block[0].text, block[1].text
    if following[0].islower() or _OPEN_END.search(line):
        return True
    # Wrapped text breaks a line where the next word does not fit.
    width = max((len(other.text) for other in block[1:-1]), default=0)
    return is_wrapped(block) and MIN_WRAPPED_LINE <= width < len(line) + 1 + len(
        following.split(" ")[0]
    )


def _is_headline(line: MappedText) -> bool:
    return len(line.text) <= _MAX_HEADLINE and not _NO_HEADLINE_END.search(line.text)
