"""What sentences report, and which of them can be about the meeting."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from summarize.evidence import is_background
from summarize.reading import Reading, Sentence, Span

__all__ = ["Report", "telling", "unquoted"]

# "Nuclear sites' security" between two paragraphs has no verb to be read.
_MAX_HEADING_WORDS = 10


@dataclass(frozen=True, slots=True)
class Report:
    """Words that report a topic or a result.

    Attributes:
        span: of the words, in the reading.
        sentence: in which they stand.
    """

    span: Span
    sentence: Sentence

    @classmethod
    def within(cls, sentence: Sentence, start: int, end: int) -> Report:
        """Of offsets within a sentence."""
        return cls(Span(sentence.span.start + start, sentence.span.start + end), sentence)


def telling(reading: Reading) -> Iterator[tuple[Sentence, str]]:
    """The sentences, with their text, that are neither headlines nor about another time."""
    begins_section, is_past_section, has_told = False, False, False
    for paragraph in _paragraphs(reading):
        is_past = False
        for sentence in paragraph:
            text = reading.text[sentence.span.start : sentence.span.end]
            if sentence.is_title or _is_heading(text):
                # The first section is what the article is about.
                begins_section, is_past_section = has_told, False
                continue
            # "Last year he visited Rome. He met …": the second sentence is of last year, too.
            is_past = is_background(text) or (is_past and bool(_GOES_ON.match(text)))
            # A section that begins with another time is about it.
            is_past_section |= begins_section and is_past
            begins_section = False
            if not (is_past or is_past_section):
                has_told = True
                yield sentence, text


def _paragraphs(reading: Reading) -> Iterator[list[Sentence]]:
    """The sentences of each paragraph."""
    starts = [paragraph.span.start for paragraph in reading.paragraphs]
    for _, sentences in groupby(
        reading.sentences, key=lambda s: bisect_right(starts, s.span.start)
    ):
        yield list(sentences)


# Who or what was spoken of in the sentence before.
_GOES_ON = re.compile(
    r"(?:He|She|They|It|Both|The\s(?:two|sides|parties|leaders|ministers)"
    r"|(?:During|At|In)\s(?:the|that|their|his|her)\s(?:trip|visit|meetings?|talks|call|summit)"
    r"|[A-Z]\w+\salso)\b"
)


def _is_heading(text: str) -> bool:
    # "BERN" is where the report comes from.
    is_short = len(text.split()) < _MAX_HEADING_WORDS
    return is_short and text[-1].isalnum() and not text.isupper()


def unquoted(reading: Reading) -> str:
    """The reading's text with spaces where it quotes somebody, of the same length."""
    pieces = []
    last = 0
    for paragraph in reading.paragraphs:
        span = paragraph.span
        for match in _QUOTATION.finditer(reading.text, span.start, span.end):
            pieces += [reading.text[last : match.start()], " " * len(match[0])]
            last = match.end()
    return "".join([*pieces, reading.text[last:]])


# Up to the closing mark, or the paragraph's end where the quotation goes on in the next one.
_QUOTATION = re.compile(r"“[^”\n]*(?:”|$)|\"[^\"\n]*(?:\"|$)|«[^»\n]*(?:»|$)", re.MULTILINE)
