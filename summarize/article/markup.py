"""Finds markup in a text: HTML, Markdown, code, data, templates, turns of a chat.

No parser of HTML or Markdown does: they give no offsets, and plain news text is neither.

Sources: the HTML standard's elements and its `hidden`; CommonMark 0.31 and GitHub's footnotes; the
chat templates of ChatML, Llama 2 and 3, Gemma, Phi, Command R and Alpaca, as in the tokenizers' own
configurations; Jinja, Liquid, Handlebars, ERB, Ruby and `str.format` for templates.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from summarize.article.characters import Edit
from summarize.webpages.tree import HIDING_STYLE

# What becomes of the words around what is left out: they stay one word ("wo<b>rd</b>"), stay two
# words, a line ends there, or a paragraph does.
_INSIDE, _APART, _LINE, _PARAGRAPH = "", " ", "\n", "\n\n"


def markup_edits(text: str, *, wraps: bool = False) -> list[Edit]:
    """Returns what to replace so that no markup is left, in order.

    With `wraps`, blocks of code and turns lose their marks only: the article is inside of one.
    """
    found = [*_blobs(text), *_quoted_lines(text)]
    # Most texts have few of these characters or none.
    if any(map(text.__contains__, "<{[⟨\\`~#*_")):
        ends = [*(match.start() for match in re.finditer("\n *\n", text)), len(text)]
        found += _enclosed(text, ends, wraps=wraps)
        found += _tags(text, ends, wraps=wraps)
        found += _data(text, ends)
        found += ((*m.span(), _APART) for m in _SINGLE.finditer(text))
        found += ((*m.span(), _INSIDE) for m in _MARKS.finditer(text))
        found += _references(text)
        found += _around_words(text)
    edits = []
    for start, end, replacement in sorted(found, key=lambda edit: (edit[0], -edit[1])):
        parts_words = text[start - 1 : start].isalnum() and text[end : end + 1].isalnum()
        is_needless = replacement == _APART and not parts_words
        edits.append((start, end, "" if is_needless else replacement))
    return edits


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
_SINGLE = re.compile(
    r"""
    (?=[<!{$\#\[]) (?:
        <!doctype\b[^<>]*>
      | <[a-z][a-z+.-]{1,31}:(?://)?[^\s<>]+> | <www\.[^\s<>]+> | <[\w.+-]{1,64}@[\w.-]{1,250}>
      | !\[[^\[\]\n]{0,500}\](?:\((?:[^()\n]|\([^()\n]*\))*+\)|\[[^\[\]\n]{0,100}\])
      | <[|｜][^<>|｜\n]{1,40}[|｜]> | <(?:start|end)_of_turn> | <</?SYS>> | \[/?INST\]
      | \{\{(?s:.){0,500}?\}\} | \{%(?s:.){0,500}?%\} | \{\#(?s:.){0,500}?\#\}
      | [$\#]\{[^}]{0,500}\} | <%(?s:.){0,500}?%> | <\?(?s:.){0,500}?\?>
      | \{[a-z0-9_][\w.]{0,40}(?:\[\w{0,20}\][\w.]{0,40}){0,3}(?:![rsa])?(?::[^{}\s]{0,20})?\} )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Footnotes, escapes, asterisks, and the tags of content systems.
_MARKS = re.compile(
    r"\[\^[\w-]{1,30}\](?!:)|\\(?=[_*\[\]()#.!`<>~+|{}\n-])|\[(?:(?:HH|H\d|[bi])\] *|/[bi]\])"
    r"|\*(?:\*{1,2}|(?<=[\w.!?”\"’)]\*)(?=\W|$)|(?<![\w*]\*)(?=[\w“\"‘'(\[]))"
)

# Comments, blocks of code and turns: from an opening mark to a closing one

_TURN = (
    r"(?:<[|｜](?:im_start|start_header_id|start_of_turn_token|system|user|assistant|human)[|｜]>"
    r"|<start_of_turn>)"
)
_TURN_END = (
    r"<[|｜](?:im_end|eot_id|eom_id|end|end_of_turn_token|endoftext|end_of_text)[|｜]>"
    rf"|<end_of_turn>|</s>|(?={_TURN})"
)
_ROLE = r"(?:assistant|human|input|instructions?|model|prompt|response|system|tool|user)"
# The opening mark, the closing one, and what becomes of the words around them.
_ENCLOSING = [
    (re.compile(opening), closing and re.compile(closing), replacement)
    for opening, closing, replacement in (
        ("<!--", "-->", _APART),
        (r"(?m)^ *(?:`{3,}[^`\n]*$|~{3,} *\w)", r"(?m)^ *(?:`{3,}|~{3,}) *$", _PARAGRAPH),
        (rf"(?i){_TURN}(?:\s*{_ROLE}\b)?", f"(?i){_TURN_END}", _PARAGRAPH),
        (r"\[INST\]", r"\[/INST\]", _PARAGRAPH),
        (rf"(?im)^ *#{{3}} *{_ROLE} *:\s*", None, _PARAGRAPH),
        # What a template says once for each of a list, and its comments.
        (
            r"\{%-?\s*(?:for|comment|macro)\b|\{\{[#^]",
            r"\{%-?\s*end(?:for|comment|macro)\s*-?%\}|\{\{/[^{}\n]{0,60}\}\}",
            _APART,
        ),
    )
]


def _enclosed(text: str, ends: Sequence[int], *, wraps: bool) -> Iterator[Edit]:
    for opening, closing, replacement in _ENCLOSING:
        position = 0
        may_close = closing is not None
        while match := opening.search(text, position):
            if wraps and replacement == _PARAGRAPH:
                position = match.end()
                yield match.start(), position, replacement
                continue
            last = closing.search(text, match.end()) if closing and may_close else None
            may_close = last is not None
            position = last.end() if last else _paragraph_end(ends, match.end())
            yield match.start(), position, replacement


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
# The names of a tag's attributes, without their values; and the value of `style`.
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'")
_STYLE = re.compile(r"(?i)\sstyle\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_HIDDEN = re.compile(r"(?i)\shidden(?=[\s=/]|$)")


def _is_hidden(attributes: str) -> bool:
    """Whether a browser shows nothing of an element with these attributes."""
    style = _STYLE.search(attributes)
    hides = style and HIDING_STYLE.search(style["value"])
    return bool(hides or _HIDDEN.search(_VALUE.sub('""', attributes)))


def _tags(text: str, ends: Sequence[int], *, wraps: bool) -> Iterator[Edit]:
    tags = list(_TAG.finditer(text))
    closings = _closings((tag["name"].lower(), bool(tag["close"]), *tag.span()) for tag in tags)
    for tag in tags:
        name, (start, end) = tag["name"].lower(), tag.span()
        replacement = _PARAGRAPH if name in _BLOCKS else _LINE if name == "br" else _INSIDE
        hides = name in _UNREAD or (name in _PROMPT and not wraps) or _is_hidden(tag["rest"])
        is_empty = tag["close"] or name in _VOID or tag["rest"].endswith("/")
        if hides and not is_empty:
            end = closings.get(start) or _paragraph_end(ends, end)
            replacement = replacement or _APART
        yield start, end, replacement


# Data

# A key in straight quotes with a colon behind it, which no prose has behind a bracket.
_JSON = re.compile(
    r'(?m)(?P<indent>^ *)?(?P<data>[{\[]\s{0,200}(?:[{\[]\s{0,200}){0,3}"[^"\n]{1,60}"\s{0,20}:)'
)
_BRACKET = re.compile(r"[{}\[\]]")
# Runs of so many of these characters are no word of a language. A key or a picture in base64 that
# is broken into lines has 60 to 76 in a line (RFC 2045, RFC 7468).
_BLOB = re.compile(r"(?:data:[\w.+/;=-]{0,80}base64,)?[A-Za-z0-9+/]{60,}={0,2}")


def _data(text: str, ends: Sequence[int]) -> Iterator[Edit]:
    found = list(_JSON.finditer(text))
    if not found:
        return
    brackets = _BRACKET.finditer(text)
    closings = _closings(
        ("{}" if m[0] in "{}" else "[]", m[0] in "}]", *m.span()) for m in brackets
    )
    for match in found:
        start = match.start("data")
        end = closings.get(start) or _paragraph_end(ends, start)
        yield start, end, _APART if match["indent"] is None else _PARAGRAPH


def _blobs(text: str) -> Iterator[Edit]:
    # A stretch of thirty characters without a space tells at once that there may be one.
    if all(" " in text[start : start + 30] for start in range(0, len(text) - 30, 30)):
        return
    for match in _BLOB.finditer(text):
        if any(map(str.isdigit, match[0])) and any(map(str.isalpha, match[0])):
            yield *match.span(), _APART


# What Markdown and mail put before a line of somebody else's text.
_QUOTED_LINE = re.compile(r"(?m)^ *(?P<mark>>[> ]*)(?P<words>.*)$")


def _quoted_lines(text: str) -> Iterator[Edit]:
    """Leaves out quoted lines; if they are half of the text or more, only their marks."""
    if ">" not in text:
        return
    lines = list(_QUOTED_LINE.finditer(text))
    is_most = 2 * sum(len(line["words"]) for line in lines) >= len(text)
    for line in lines:
        yield line.start(), line.end("mark" if is_most else "words"), _INSIDE


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
    r"(?m)^ *\[(?P<label>[^\[\]\n^]{1,100})\]: *<?"
    r"(?:[a-zA-Z][a-zA-Z+.-]*:|[/#.]|www\.|[\w.-]+\.\w{2,}/)[^\s]*[^\n]*"
)
# Years are no marks: "in March [2024]". What Wikipedia and crawlers put for references: [1].
_NUMBERS = r"\d{1,3}(?: ?[,–-] ?\d{1,3})*"
_MARK = re.compile(rf"(?<! )(?P<space> *+)(?:\[{_NUMBERS}\](?!\()|⟨{_NUMBERS}⟩)")


def _references(text: str) -> Iterator[Edit]:
    definitions = list(_DEFINITION.finditer(text))
    labels = {_label(match["label"]) for match in definitions}
    for match in definitions:
        yield *match.span(), _LINE
    for match in _LINK.finditer(text):
        label = match["label"]
        if label is None or label.isdecimal() or _label(label or match["text"]) in labels:
            yield match.start(), match.start() + 1, _INSIDE
            yield *match.span("target"), _INSIDE
    # A number that stands alone, in a text without a mark [1], is the writer's: "killed [12]
    # people".
    has_first = "[1]" in text or "⟨1⟩" in text
    for match in _MARK.finditer(text):
        start, bracket = match.span("space")
        if has_first or (bracket and not text[bracket - 1].isspace()):
            end = match.end()
            # Nothing stands between a word and the full stop behind the mark.
            yield start if text[end : end + 1] in "\n.,;:!?)" else bracket, end, _INSIDE


def _label(label: str) -> str:
    return " ".join(label.split()).casefold()


# "_the ministers_", "~~met~~", "`x`".
_EMPHASIS = re.compile(
    r"(?<![\w_~`])(?P<mark>_{1,3}|~~|`{1,2})(?=[^\s_~`])(?:[^_~`\n]|(?<=\w)_(?=\w)){1,500}?"
    r"(?<=[^\s_~`])(?P<close>(?P=mark))(?![\w_~`])"
)
_HEADING = re.compile(r"(?m)^(?P<mark> *#{1,6} +).*?(?P<close> #+)? *$")
# Tags in square brackets: what is closed somewhere is opened there.
_BRACKET_CLOSE = re.compile(r"\[/([a-z][a-z #]{0,30})?\]")
_BRACKET_OPEN = re.compile(r"\[([a-z][a-z #]{0,30})(?:=[^\[\]]*)?\]")


def _around_words(text: str) -> Iterator[Edit]:
    """Marks that open and close, without the words between them."""
    for pattern in (_EMPHASIS, _HEADING):
        for match in pattern.finditer(text):
            yield *match.span("mark"), _INSIDE
            if match["close"]:
                yield *match.span("close"), _INSIDE
    closes = list(_BRACKET_CLOSE.finditer(text))
    names = {match[1] for match in closes}
    for match in (*closes, *_BRACKET_OPEN.finditer(text)):
        if match[1] in names:
            yield *match.span(), _INSIDE
