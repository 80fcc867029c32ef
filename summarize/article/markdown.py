"""Links, reference marks and escapes of Markdown: which of their characters are no words.

Brackets that are the writer's own stay: "[the] minister", "minister[s]", "[sic] (as written)".

Sources: CommonMark 0.31, GitHub's footnotes; what Wikipedia and crawlers put for references: [1].
"""

from __future__ import annotations

import re
from functools import cached_property

__all__ = ["MARKDOWN_ESCAPE", "Links", "emphasis"]

MARKDOWN_ESCAPE = re.compile(r"\\(?=[_*\[\]()#.!`<>~+|{}\-\n])")
"""A backslash that only says that the next character is no markup, or that a line ends."""

# Characters of an address; it may have parentheses in it, one in the other.
_ADDRESS = r"(?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*)"
_TITLE = r"(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\))"
# What stands behind the text of a link. Words in parentheses are no address: "[the](minister)".
_TARGET = re.compile(
    rf"\(\s*(?:(?=[^\s()]*[/.#?:@<]){_ADDRESS}(?:\s+{_TITLE})?)?\s*\)|\[(?P<label>[^\[\]\n]{{0,100}})\]"
)
_DEFINITION = re.compile(
    r"\[(?P<label>[^\[\]\n^]{1,100})\]:[ \t]*<?"
    r"(?:[a-zA-Z][a-zA-Z+.-]*:|[/#.]|www\.|[\w.-]+\.\w{2,}/)[^\s]*[^\n]*"
)
_LINE_OF_LABEL = re.compile(r"(?m)^[ \t]*\[")
# Years are no marks: "in March [2024]".
_NUMBERS = r"\d{1,3}(?:[ \t]?[,–-][ \t]?\d{1,3})*"
_MARK = re.compile(rf"\[{_NUMBERS}\](?!\()|⟨{_NUMBERS}⟩")
_FIRST_MARK = re.compile(r"\[1\]|⟨1⟩")


class Links:
    """The links and reference marks of a text."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _labels(self) -> set[str]:
        starts = (match.end() - 1 for match in _LINE_OF_LABEL.finditer(self._text))
        found = filter(None, (_DEFINITION.match(self._text, start) for start in starts))
        return {_key(match["label"]) for match in found}

    @cached_property
    def _has_first_mark(self) -> bool:
        return bool(_FIRST_MARK.search(self._text))

    def definition(self, start: int) -> int:
        """Where the definition of a link's target ends that begins a line; 0 if there is none."""
        match = _DEFINITION.match(self._text, start)
        return match.end() if match else 0

    def mark(self, start: int) -> int:
        """Where a reference mark ends; 0 if there is none.

        A number that stands alone, in a text without a mark [1], is the writer's: "killed [12]
        people".
        """
        match = _MARK.match(self._text, start)
        is_attached = start > 0 and not self._text[start - 1].isspace()
        return match.end() if match and (is_attached or self._has_first_mark) else 0

    def target(self, text_start: int, text_end: int) -> int:
        """Where the target of a link ends whose text stands in brackets; 0 if it is no link."""
        match = _TARGET.match(self._text, text_end)
        if match is None:
            return 0
        label = match["label"]
        if label is None or label.isdecimal():
            return match.end()
        known = label or self._text[text_start + 1 : text_end - 1]
        return match.end() if _key(known) in self._labels else 0


def _key(label: str) -> str:
    return " ".join(label.split()).casefold()


# Marks around words, which open and close: "_the ministers_", "~~met~~", "`x`".
_EMPHASIS = re.compile(
    r"(?<![\w_~`])(?P<mark>_{1,3}|~~|`{1,2})(?=[^\s_~`])(?:[^_~`]|(?<=\w)_(?=\w)){1,500}?"
    r"(?<=[^\s_~`])(?P=mark)(?![\w_~`])"
)


def emphasis(line: str) -> list[tuple[int, int]]:
    """The marks of emphasis in a line, but for asterisks."""
    if not any(mark in line for mark in "_~`"):
        return []
    found = []
    for match in _EMPHASIS.finditer(line):
        width = len(match["mark"])
        found += [(match.start(), match.start() + width), (match.end() - width, match.end())]
    return found
