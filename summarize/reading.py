"""What of a text is worth reading.

News text arrives with navigation, repeated headlines, captions, markup and tags. `read` cleans it
into a `Reading`: paragraphs and sentences of plain running text, where every character knows its
offset in the text as given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Paragraph", "Reading", "Sentence", "Span", "find_date", "read"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int

    def __contains__(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: where it is in the reading."""

    span: Span
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: where it is in the reading."""

    span: Span


@dataclass(frozen=True)
class Reading:
    """The text worth reading.

    Attributes:
        text: paragraphs joined by a newline, the title first; runs of white space are one space.
        offsets: for each character of `text`, its offset in the text as given.
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

    def given(self, span: Span) -> Span:
        """The span of the text as given that a non-empty span of the reading comes from."""
        return Span(self.offsets[span.start], self.offsets[span.end - 1] + 1)

    def sentence_at(self, position: int) -> Sentence:
        """The sentence that holds a position of the reading."""
        for sentence in self.sentences:
            if position < sentence.span.end:
                return sentence
        return self.sentences[-1]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line after cleaning: its characters and where each came from."""

    text: str
    offsets: tuple[int, ...]

    def cut(self, start: int, end: int) -> _Line:
        return _Line(self.text[start:end], self.offsets[start:end])


# Page furniture that pages of news print around an article, seen in the seeds and in trafilatura's
# and readability's lists of boilerplate. Whole lines only, so that prose is never touched.
_FURNITURE = re.compile(
    r"""
    (?: search (?:\ form)? | you\ are\ here | logo | top | back\ to\ top | home(?:page)? | menu |
    share | print | e-?mail | subscribe | log\ ?in | sign\ (?:in|up) | advertisements? | sponsored |
    skip\ to\ (?:main\ )?content | comments? | tags:? | related(?:\
    (?:articles|stories|news|video))? | read\ (?:more|also|next)\b.{0,120} | also\ read\b.{0,120} |
    watch:\ .{0,120} | more\ (?:from|on|in|about)\b.{0,60} | last\ updated?\b.{0,60} | follow\
    us\b.{0,60} | share\ (?:this|on)\b.{0,60} | (?:photo|image|file)(?:\ credit)?:.{0,120} | source
    | copyright\b.{0,120} | ©.{0,120} | all\ rights\ reserved\.? | \[ad_\d+\] | [\\#*_=~•·|-]+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SOURCE_LINE = re.compile(r"(?:original\s+)?source:\s*(?P<source>\S.{0,120})", re.IGNORECASE)
_MARKUP = re.compile(r"\[(?:HH|H\d|/?[bi])\]\s*|\*\*|(?<=\w)\*(?=\W)")
_CAPTION = re.compile(
    r".*\((?:(?:photo|image|file)\b[^)]*|[^)]*\b(?:reuters|afp|ap|epa|aa|getty|dpa|anadolu|xinhua)\b"
    r"[^)]*)\)\s*|(?:file|photo)\s*[-–—:].*",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_FULL_DATE = re.compile(
    rf"\d{{4}}-\d{{2}}-\d{{2}}|\b\d{{1,2}}\s+{_MONTH},?\s+\d{{4}}\b|\b{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}\b",
    re.IGNORECASE,
)
_FIELD = re.compile(r"(?P<key>[A-Za-z][\w-]{1,30}):(?:\s(?P<value>.*))?")
# Fewer could be a dateline or a list of two speakers.
_MIN_HEADER_FIELDS = 3
_BULLET = re.compile(r"(?:[-*•–]|\d{1,2}[.)])\s+")
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔।:;][\"'”’»)\]]*$")

# A line longer than this is running text, never a headline: the longest headline of the sixteen
# annotated articles has 161 characters.
_MAX_HEADLINE = 200
# A byline is short: an outlet, a date, a section.
_MAX_BYLINE = 90
# Text wrapped by hand keeps its lines under this; the articles of one paragraph a line do not.
_MAX_WRAPPED_LINE = 100
_MIN_WRAPPED_LINE = 40
# How many lines after the headline a byline may stand.
_BYLINE_REACH = 4


def read(text: str) -> Reading:
    """Cleans a text into the part worth reading."""
    header, blocks = _header(_blocks(text))
    blocks, origin = _without_furniture(blocks)
    title, byline, blocks = _head(_without_tags(blocks))
    paragraphs = [paragraph for block in blocks for paragraph in _paragraphs(block)]
    body = [paragraph for paragraph in paragraphs if not _CAPTION.fullmatch(paragraph.text)]
    return _assemble(title, body or paragraphs, byline=byline, origin=origin, header=header)


def find_date(line: str) -> str | None:
    """The first full date (day, month and year) in a line, as written."""
    match = _FULL_DATE.search(line)
    return match[0] if match else None


def _header(blocks: list[list[_Line]]) -> tuple[Mapping[str, str], list[list[_Line]]]:
    """Splits off a first block of `key: value` lines, as content systems export them."""
    if not blocks:
        return {}, []
    fields = [match for line in blocks[0] if (match := _FIELD.fullmatch(line.text))]
    if len(fields) < _MIN_HEADER_FIELDS or len(fields) * 2 < len(blocks[0]):
        return {}, blocks
    return {match["key"].lower(): match["value"] or "" for match in fields}, blocks[1:]


def _without_furniture(blocks: list[list[_Line]]) -> tuple[list[list[_Line]], str | None]:
    """Drops the page's own lines and lines that were there before; finds the source line."""
    origin = None
    kept: list[list[_Line]] = []
    seen: set[str] = set()
    for block in blocks:
        lines = []
        for line in map(_unmarked, block):
            key = line.text.casefold()
            if source := _SOURCE_LINE.fullmatch(line.text):
                origin = source["source"].strip()
            elif key and not _FURNITURE.fullmatch(line.text):
                if key not in seen or len(key) < _MIN_REPEATED:
                    lines.append(line)
                seen.add(key)
        if lines:
            kept.append(lines)
    return kept, origin


# A short line may say the same twice and mean it (a name in a list of speakers).
_MIN_REPEATED = 12


def _blocks(text: str) -> list[list[_Line]]:
    """Runs of lines between blank lines."""
    blocks: list[list[_Line]] = [[]]
    position = 0
    for raw in re.split(r"(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])", text):
        line = _plain(raw, position)
        position += len(raw)
        if line.text:
            blocks[-1].append(line)
        elif blocks[-1] and raw.strip("\r\n") == raw:
            blocks.append([])
    return [block for block in blocks if block]


def _plain(raw: str, position: int) -> _Line:
    """A line without invisible characters, its white space single."""
    characters: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(raw):
        shown = _shown(character)
        if shown == " " and (not characters or characters[-1] == " "):
            continue
        if shown:
            characters.append(shown)
            offsets.append(position + index)
    while characters and characters[-1] == " ":
        characters.pop()
        offsets.pop()
    return _Line("".join(characters), tuple(offsets))


# Joiners shape Persian and Indic words; every other invisible character only hides something.
_JOINERS = "\u200c\u200d"
# Models take `<|im_start|>`, `</s>` and `<article>` for their own markup, also inside an article.
_HARMLESS = {"<": "‹", ">": "›"}


def _shown(character: str) -> str:
    """What the model sees of a character: itself, one space, or nothing."""
    if character.isspace():
        return " "
    if character in _HARMLESS:
        return _HARMLESS[character]
    category = unicodedata.category(character)
    if category in {"Cc", "Cs", "Co", "Cn"} or (category == "Cf" and character not in _JOINERS):
        return ""
    return character


def _unmarked(line: _Line) -> _Line:
    """A line without the markup of a content system."""
    kept = [True] * len(line.text)
    for match in _MARKUP.finditer(line.text):
        kept[match.start() : match.end()] = [False] * (match.end() - match.start())
    text = "".join(c for c, keep in zip(line.text, kept, strict=True) if keep)
    offsets = tuple(o for o, keep in zip(line.offsets, kept, strict=True) if keep)
    lead = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    return _Line(text[lead:end], offsets[lead:end])


def _without_tags(blocks: list[list[_Line]]) -> list[list[_Line]]:
    """Without the tail of tags: a last line of a few words that ends in a comma."""
    while blocks and all(line.text.endswith(",") and len(line.text) < 200 for line in blocks[-1]):
        blocks = blocks[:-1]
    return blocks


def _head(blocks: list[list[_Line]]) -> tuple[_Line | None, str | None, list[list[_Line]]]:
    """Splits off the headline and the byline, and drops dates that stand alone."""
    blocks = [list(block) for block in blocks]
    # A date above the headline is the page's, not the article's.
    while len(blocks) > 1 and _is_date_line(blocks[0][0]):
        _drop_first(blocks)
    title = None
    if blocks and _is_headline(blocks[0][0], alone=len(blocks) == len(blocks[0]) == 1):
        title = _drop_first(blocks)
    byline = None
    for block in blocks[:_BYLINE_REACH]:
        for line in [line for line in block[:_BYLINE_REACH] if _is_byline(line)]:
            byline = byline or line.text
            block.remove(line)
    return title, byline, [block for block in blocks if block]


def _drop_first(blocks: list[list[_Line]]) -> _Line:
    line = blocks[0].pop(0)
    if not blocks[0]:
        blocks.pop(0)
    return line


def _is_headline(line: _Line, *, alone: bool) -> bool:
    ends_sentence = re.search(r"[.:;,]$", line.text)
    return not alone and len(line.text) <= _MAX_HEADLINE and not ends_sentence


def _is_date_line(line: _Line) -> bool:
    rest = _FULL_DATE.sub("", line.text)
    rest = re.sub(r"(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", "", rest)
    return rest != line.text and not re.sub(r"[\W\dTZ]+", "", rest)


def _is_byline(line: _Line) -> bool:
    """A short line with a full date that is no sentence and no list item."""
    return (
        len(line.text) <= _MAX_BYLINE
        and find_date(line.text) is not None
        and not line.text.endswith((".", "”", '"'))
    )


def _is_wrapped(block: Sequence[_Line]) -> bool:
    """Whether the lines of a block are wrapped by hand, so that a paragraph runs over several."""
    *before, _ = block
    broken = sum(not _SENTENCE_END.search(line.text) for line in before)
    return (
        bool(before)
        and max(len(line.text) for line in block) <= _MAX_WRAPPED_LINE
        and any(len(line.text) >= _MIN_WRAPPED_LINE for line in before)
        and broken * 2 >= len(before)
    )


def _paragraphs(block: Sequence[_Line]) -> Iterator[_Line]:
    """The paragraphs of a block: one a line, or wrapped lines joined up to the next list item."""
    if not _is_wrapped(block):
        yield from block
        return
    current = block[0]
    for line in block[1:]:
        if _BULLET.match(line.text):
            yield current
            current = line
        else:
            # The space that stands for the line break has the offset of the break.
            gap = line.offsets[0] - 1
            current = _Line(f"{current.text} {line.text}", (*current.offsets, gap, *line.offsets))
    yield current


def _assemble(
    title: _Line | None,
    paragraphs: Sequence[_Line],
    *,
    byline: str | None,
    origin: str | None,
    header: Mapping[str, str],
) -> Reading:
    from sentencex import get_sentence_boundaries

    text: list[str] = []
    offsets: list[int] = []
    spans: list[Paragraph] = []
    sentences: list[Sentence] = []
    length = 0
    for index, line in enumerate((title, *paragraphs) if title else paragraphs):
        if length:
            text.append("\n")
            # The break between two paragraphs stands where the first one ends.
            offsets.append(offsets[-1])
            length += 1
        is_title = index == 0 and title is not None
        for boundary in get_sentence_boundaries("en", line.text):
            start, end = boundary["start_index"], boundary["end_index"]
            piece = line.text[start:end]
            lead = len(piece) - len(piece.lstrip())
            if piece.strip():
                span = Span(length + start + lead, length + start + len(piece.rstrip()))
                sentences.append(Sentence(span, is_title))
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
