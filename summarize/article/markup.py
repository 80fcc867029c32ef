"""Finds what of a text is markup: HTML, Markdown, code, data, templates, turns of a chat.

`gaps` finds it in the text as given, so that the reading can leave it out. No parser of HTML or
Markdown does: they give no offsets, and plain news text is neither.

Sources: the HTML standard's elements and its `hidden`; CommonMark 0.31 and GitHub's footnotes; the
chat templates of ChatML, Llama 2 and 3, Gemma, Phi, Command R and Alpaca, as in the tokenizers' own
configurations; Jinja, Liquid, Handlebars, ERB, Ruby and `str.format` for templates.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from summarize.webpages.visibility import HIDING_STYLE

__all__ = ["Gap", "emphasis", "gaps"]

Kind = Literal["inside", "apart", "line", "paragraph"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the text as given that is not read.

    Attributes:
        kind: what becomes of the words around it: they stay one word ("wo<b>rd</b>"), stay two
            words, a line ends there, or a paragraph does.
    """

    start: int
    end: int
    kind: Kind


_BLANK_LINE = re.compile(r"\n[^\S\n]*\n|\r\r|\u2029")


def gaps(text: str, *, wraps: bool = False) -> list[Gap]:
    """Returns what is not read, in order and without overlap.

    With `wraps`, blocks of code and turns lose their marks only: the article is inside of one.
    """
    found = list(_blobs(text))
    # Most texts have few of these characters or none.
    if any(map(text.__contains__, "<{[`~#")):
        ends = [*(match.start() for match in _BLANK_LINE.finditer(text)), len(text)]
        found += _enclosed(text, ends, wraps=wraps)
        if "<" in text:
            found += _tags(text, ends, wraps=wraps)
        if '":' in text:
            found += _data(text, ends)
    if any(map(text.__contains__, "<{[\\")):
        found += (Gap(*m.span(), cast("Kind", m.lastgroup)) for m in _SIMPLE.finditer(text))
    if "[" in text or "⟨" in text:
        found += _references(text)
    if "\u202e" in text:
        found += (Gap(*m.span(), "apart") for m in _OVERRIDE.finditer(text) if not _is_rtl(m[0]))
    found.sort(key=lambda gap: (gap.start, -gap.end))
    kept: list[Gap] = []
    for gap in found:
        if not kept or gap.start >= kept[-1].end:
            kept.append(gap)
    return kept


def _paragraph_end(ends: Sequence[int], position: int) -> int:
    return ends[bisect_left(ends, position)]


def _closings(marks: Iterable[tuple[str, bool, int, int]]) -> dict[int, int]:
    """Where each mark that opens something is closed by one of the same name.

    Args:
        marks: the name, whether it closes, the start and the end of each, in order.
    """
    closings: dict[int, int] = {}
    opened: dict[str, list[int]] = {}
    for name, closes, start, end in marks:
        begun = opened.setdefault(name, [])
        if not closes:
            begun.append(start)
        elif begun:
            closings[begun.pop()] = end
    return closings


# Single marks. A template has an expression of at most 500 characters between its marks.
_SIMPLE = re.compile(
    r"""
    (?=[<!{$\#\[\\]) (?:
    (?P<paragraph> <!doctype\b[^<>]*> )
  | (?P<apart>
        <[a-z][a-z+.-]{1,31}:(?://)?[^\s<>]+> | <www\.[^\s<>]+> | <[\w.+-]{1,64}@[\w.-]{1,250}>
      | !\[[^\[\]\n]{0,500}\](?:\((?:[^()\n]|\([^()\n]*\))*+\)|\[[^\[\]\n]{0,100}\])
      | <[|｜][^<>|｜\n]{1,40}[|｜]> | <(?:start|end)_of_turn> | <</?SYS>> | \[/?INST\]
      | \{\{(?s:.){0,500}?\}\} | \{%(?s:.){0,500}?%\} | \{\#(?s:.){0,500}?\#\}
      | [$\#]\{[^}]{0,500}\} | <%(?s:.){0,500}?%> | <\?(?s:.){0,500}?\?>
      | \{[a-z0-9_][\w.]{0,40}(?:\[\w{0,20}\][\w.]{0,40}){0,3}(?:![rsa])?(?::[^{}\s]{0,20})?\} )
  | (?P<inside>
        \[\^[\w-]{1,30}\](?!:) | \\(?=[_*\[\]()\#.!`<>~+|{}\-\n]) ) )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Written from right to left whatever the letters are, so that they show backwards.
_OVERRIDE = re.compile(r"\u202e[^\u202c\u202e\n\r]*\u202c?")


def _is_rtl(text: str) -> bool:
    """Whether a text has letters of Arabic or Hebrew, which are written so anyway."""
    return any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)


# Comments, blocks of code and turns: from an opening mark to a closing one

_TURN = (
    r"<[|｜](?:im_start|start_header_id|start_of_turn_token|system|user|assistant|human)[|｜]>"
    r"|<start_of_turn>"
)
# What the opening mark has in it, the two marks, and what becomes of the words around them.
_COMMENT = ("<!--", re.compile("<!--"), re.compile("-->"), "apart")
_WRAPPERS: tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None, Kind], ...] = (
    (
        "```",
        re.compile(r"(?m)^[ \t]*`{3,}[^`\n]*$"),
        re.compile(r"(?m)^[ \t]*`{3,}[ \t]*$"),
        "paragraph",
    ),
    (
        "~~~",
        re.compile(r"(?m)^[ \t]*~{3,}[ \t]*\w"),
        re.compile(r"(?m)^[ \t]*~{3,}[ \t]*$"),
        "paragraph",
    ),
    (
        "<",
        re.compile(rf"(?i)(?:{_TURN})(?:\s*(?:system|user|assistant|model|tool|human)\b)?"),
        re.compile(
            r"(?i)<[|｜](?:im_end|eot_id|eom_id|end|end_of_turn_token|endoftext|end_of_text)[|｜]>"
            rf"|<end_of_turn>|</s>|(?={_TURN})"
        ),
        "paragraph",
    ),
    ("[INST]", re.compile(r"\[INST\]"), re.compile(r"\[/INST\]"), "paragraph"),
    ("<<SYS>>", re.compile("<<SYS>>"), re.compile("<</SYS>>"), "paragraph"),
    (
        "###",
        re.compile(
            r"(?im)^[ \t]*\#{3}[ \t]*"
            r"(?:assistant|human|input|instructions?|prompt|response|system|user)[ \t]*:\s*"
        ),
        None,
        "paragraph",
    ),
    # What a template says once for each of a list, and its comments.
    (
        "{",
        re.compile(r"\{%-?\s*(?:for|comment|macro)\b|\{\{[#^]"),
        re.compile(r"\{%-?\s*end(?:for|comment|macro)\s*-?%\}|\{\{/[^{}\n]{0,60}\}\}"),
        "apart",
    ),
)


def _enclosed(text: str, ends: Sequence[int], *, wraps: bool) -> Iterator[Gap]:
    for mark, opening, closing, kind in (_COMMENT, *_WRAPPERS):
        if mark not in text:
            continue
        position = 0
        may_close = closing is not None
        while match := opening.search(text, position):
            if wraps and mark != _COMMENT[0]:
                position = match.end()
            else:
                last = closing.search(text, match.end()) if closing and may_close else None
                may_close = last is not None
                position = last.end() if last else _paragraph_end(ends, match.end())
            yield Gap(match.start(), position, cast("Kind", kind))


# Tags and elements of HTML

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w-]{0,30})(?P<rest>(?:[\s/][^<>]*)?)>")
# Elements whose words no page shows as its text.
_UNREAD = frozenset(
    "audio canvas iframe math noscript object script select style svg template textarea"
    " video".split()
)
# Tags that prompts are made of; what is between them is a turn.
_PROMPT = frozenset(
    "assistant human instruction instructions prompt system system_prompt system-prompt think"
    " user".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 head header hr html li main nav ol p pre section summary"
    " table tbody td tfoot th thead title tr ul".split()
)
_VOID = frozenset("base br col embed hr img input link meta source track wbr".split())
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big button caption cite code data del dfn em font i ins kbd label"
    " mark option picture q rp rt ruby s samp small span strike strong sub sup time tt u"
    " var".split()
)
_KNOWN = _UNREAD | _PROMPT | _BLOCKS | _VOID | _INLINE
# The names of a tag's attributes, without their values; and the value of `style`.
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'")
_STYLE = re.compile(r"(?i)\sstyle\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_HIDDEN = re.compile(r"(?i)\shidden(?=[\s=/]|$)")


def _is_hidden(attributes: str) -> bool:
    """Whether a browser shows nothing of an element with these attributes."""
    if _HIDDEN.search(_VALUE.sub('""', attributes)):
        return True
    style = _STYLE.search(attributes)
    return bool(style and HIDING_STYLE.search(style["value"]))


def _tags(text: str, ends: Sequence[int], *, wraps: bool) -> Iterator[Gap]:
    tags = [tag for tag in _TAG.finditer(text) if tag["name"].lower() in _KNOWN]
    closings = _closings((tag["name"].lower(), bool(tag["close"]), *tag.span()) for tag in tags)
    for tag in tags:
        name, (start, end) = tag["name"].lower(), tag.span()
        kind: Kind = "paragraph" if name in _BLOCKS else "line" if name == "br" else "inside"
        hides = name in _UNREAD or (name in _PROMPT and not wraps) or _is_hidden(tag["rest"])
        is_empty = tag["close"] or name in _VOID or tag["rest"].endswith("/")
        if hides and not is_empty:
            end = closings.get(start) or _paragraph_end(ends, end)
            kind = "paragraph" if name in _BLOCKS else "apart"
        yield Gap(start, end, kind)


# Data

# A key in straight quotes with a colon behind it, which no prose has behind a bracket.
_JSON = re.compile(r'[{\[]\s{0,200}(?:[{\[]\s{0,200}){0,3}"[^"\n]{1,60}"\s{0,20}:')
_BRACKET = re.compile(r"[{}\[\]]")
# Runs of so many of these characters are no word of a language. A key or a picture in base64 that
# is broken into lines has 60 to 76 in a line (RFC 2045, RFC 7468).
_BLOB = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")
_MIN_BLOB = 60
_BLOB_HEAD = re.compile(r"data:[\w.+/;=-]{0,80}base64,$")
_BLOB_HEAD_REACH = 100


def _data(text: str, ends: Sequence[int]) -> Iterator[Gap]:
    found = list(_JSON.finditer(text))
    if not found:
        return
    brackets = _BRACKET.finditer(text)
    closings = _closings(
        ("{}" if m[0] in "{}" else "[]", m[0] in "}]", *m.span()) for m in brackets
    )
    for match in found:
        start = match.start()
        end = closings.get(start) or _paragraph_end(ends, start)
        yield Gap(start, end, "paragraph" if _begins_line(text, start) else "apart")


def _begins_line(text: str, position: int) -> bool:
    while position and text[position - 1] in " \t":
        position -= 1
    return position == 0 or text[position - 1] in "\n\r\x85\u2028\u2029"


def _blobs(text: str) -> Iterator[Gap]:
    # Half as long a stretch without a space tells at once that there may be one.
    half = _MIN_BLOB // 2
    if all(" " in text[start : start + half] for start in range(0, len(text) - half, half)):
        return
    for match in _BLOB.finditer(text):
        run = match[0]
        if any(map(str.isdigit, run)) and any(map(str.isalpha, run)):
            near = max(match.start() - _BLOB_HEAD_REACH, 0)
            head = _BLOB_HEAD.search(text[near : match.start()])
            yield Gap(near + head.start() if head else match.start(), match.end(), "apart")


# Links, reference marks and emphasis. Brackets that are the writer's own stay: "[the] minister",
# "minister[s]", "[sic] (as written)".

# Characters of an address; it may have parentheses in it, one in the other.
_ADDRESS = r"(?:<[^<>\n]*>|[^\s()<>]*+(?:\([^\s()]*\)[^\s()]*+)*+)"
_TITLE = r"(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\))"
# The text of a link may have brackets and pictures in it. Words in parentheses are no address:
# "[the](minister)".
_LINK = re.compile(
    rf"\[(?P<text>(?:[^\[\]\n]|\n(?!\n)|\[[^\[\]\n]{{0,100}}\](?:\({_ADDRESS}\))?+){{0,500}}+)"
    rf"(?P<target>\](?:\(\s*(?:(?=[^\s()]*[/.#?:@<]){_ADDRESS}(?:\s+{_TITLE})?)?\s*\)"
    r"|\[(?P<label>[^\[\]\n]{0,100})\]))"
)
_DEFINITION = re.compile(
    r"(?m)^[ \t]*\[(?P<label>[^\[\]\n^]{1,100})\]:[ \t]*<?"
    r"(?:[a-zA-Z][a-zA-Z+.-]*:|[/#.]|www\.|[\w.-]+\.\w{2,}/)[^\s]*[^\n]*"
)
# Years are no marks: "in March [2024]". What Wikipedia and crawlers put for references: [1].
_NUMBERS = r"\d{1,3}(?:[ \t]?[,–-][ \t]?\d{1,3})*"
_MARK = re.compile(rf"(?<![ \t])(?P<space>[ \t]*+)(?:\[{_NUMBERS}\](?!\()|⟨{_NUMBERS}⟩)")
# What may stand behind a mark without a space between.
_MARK_ENDS = ("", "\n", "\r", ".", ",", ";", ":", "!", "?", ")")


def _references(text: str) -> Iterator[Gap]:
    definitions = list(_DEFINITION.finditer(text))
    labels = {_label(match["label"]) for match in definitions}
    for match in definitions:
        yield Gap(*match.span(), "line")
    for match in _LINK.finditer(text):
        label = match["label"]
        if label is None or label.isdecimal() or _label(label or match["text"]) in labels:
            yield Gap(match.start(), match.start() + 1, "inside")
            yield Gap(*match.span("target"), "inside")
    # A number that stands alone, in a text without a mark [1], is the writer's: "killed [12]
    # people".
    has_first = "[1]" in text or "⟨1⟩" in text
    for match in _MARK.finditer(text):
        start, end = match.span()
        bracket = match.end("space")
        if has_first or (bracket and not text[bracket - 1].isspace()):
            yield Gap(start if text[end : end + 1] in _MARK_ENDS else bracket, end, "inside")


def _label(label: str) -> str:
    return " ".join(label.split()).casefold()


# Marks around words, which open and close: "_the ministers_", "~~met~~", "`x`".
_EMPHASIS = re.compile(
    r"(?<![\w_~`])(?P<mark>_{1,3}|~~|`{1,2})(?=[^\s_~`])(?:[^_~`]|(?<=\w)_(?=\w)){1,500}?"
    r"(?<=[^\s_~`])(?P=mark)(?![\w_~`])"
)


def emphasis(line: str) -> list[tuple[int, int]]:
    """Returns the marks of emphasis in a line, but for asterisks."""
    if not any(mark in line for mark in "_~`"):
        return []
    found = []
    for match in _EMPHASIS.finditer(line):
        width = len(match["mark"])
        found += [(match.start(), match.start() + width), (match.end() - width, match.end())]
    return found
