"""Characters as a reader sees them, where the text as given writes them otherwise.

HTML's character references ("Norway&#8217;s") are decoded, also where they were escaped more than
once; ligatures ("oﬃcials") are letters, and words broken at the end of a line are whole. Every
character knows its offset in the text as given.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.entities import html5
from typing import Self, TypeAlias

from summarize.article.dehyphenation import line_end_edits

__all__ = ["Decoded", "decode_characters"]


# Where a stretch of a text starts and ends, and what stands for it.
_Edit: TypeAlias = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and where its characters come from.

    Attributes:
        offsets: for each character of `text`, its offset in the text as given.
        widths: by their offset, how many characters of the text as given one stands for, where it
            is not one.
    """

    text: str
    offsets: Sequence[int] = field(repr=False)
    widths: Mapping[int, int] = field(default_factory=dict, repr=False)

    def edited(self, edits: Iterable[_Edit]) -> Self:
        """The text with stretches replaced, which come in order and without overlap."""
        texts: list[str] = []
        offsets: list[int] = []
        widths = dict(self.widths)
        position = 0
        for start, end, replacement in edits:
            texts += (self.text[position:start], replacement)
            offsets += self.offsets[position:start]
            first, last = self.offsets[start], self.offsets[end - 1]
            if replacement:
                offsets += [first] * len(replacement)
                widths[first] = last + widths.get(last, 1) - first
            position = end
        if not position:
            return self
        texts.append(self.text[position:])
        offsets += self.offsets[position:]
        return type(self)("".join(texts), offsets, widths)


def decode_characters(text: str) -> Decoded:
    """A text in the characters that a reader sees."""
    decoded = Decoded(text, range(len(text))).edited(_references(text))
    # The letters first: they are those of the words that line ends break.
    decoded = decoded.edited(_letters(decoded.text))
    return decoded.edited(line_end_edits(decoded.text))


_LIGATURE = re.compile("[\ufb00-\ufb06]")


def _letters(text: str) -> Iterator[_Edit]:
    if text.isascii():
        return
    for match in _LIGATURE.finditer(text):
        yield match.start(), match.end(), unicodedata.normalize("NFKC", match[0])


# Only with a semicolon: "AT&T" is none, nor is "&copy" in an address. What was escaped again has
# an ampersand's name in it: "&amp;#8217;", "&#038;amp;". No name of HTML is longer.
_REFERENCE = re.compile(
    r"&(?P<again>(?:(?:amp|#0{0,4}38|#[xX]0{0,4}26);)*)"
    r"(?P<last>#\d{1,7}|#[xX][\da-fA-F]{1,6}|(?P<name>[A-Za-z][A-Za-z\d]{1,30}));"
)


def _references(text: str) -> Iterator[_Edit]:
    if "&" not in text:
        return
    for match in _REFERENCE.finditer(text):
        name = match["name"]
        if name is None or f"{name};" in html5:
            yield (*match.span(), html.unescape(f"&{match['last']};"))
        elif match["again"]:
            yield match.start(), match.end("again"), "&"
