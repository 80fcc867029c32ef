"""What of a text is written for a machine and not for a reader.

Web pages and chats bring more than words: comments, scripts and elements that do not show, blocks
of code and data, templates that nobody filled in, the turns of a conversation with a model. `gaps`
finds them in the text as given, so that the reading can leave them out.

Sources: the HTML standard's elements and its `hidden`; CommonMark's fences and images; the chat
templates of ChatML, Llama 2 and 3, Gemma, Phi, Command R and Alpaca, as in the tokenizers' own
configurations; Jinja, Liquid, Handlebars, ERB, Ruby and `str.format` for templates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from summarize.article.markdown import MARKDOWN_ESCAPE, Links
from summarize.webpages.visibility import HIDING_STYLE

__all__ = ["Gap", "gaps"]

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


def gaps(text: str, *, wraps: bool = False) -> list[Gap]:
    """What is not read, in order and without overlap.

    With `wraps`, blocks of code and turns lose their marks only: the article is inside of one.
    """
    found = list(_Scan(text, wraps=wraps).gaps())
    blobs = list(_blobs(text))
    if not blobs:
        return found
    apart: list[Gap] = []
    for gap in sorted((*found, *blobs), key=lambda gap: (gap.start, -gap.end)):
        start = max(gap.start, apart[-1].end if apart else 0)
        if start < gap.end:
            apart.append(Gap(start, gap.end, gap.kind))
    return apart


# Nothing of a word: what begins here can be a gap.
_OPENING = re.compile(r"[<{$#`~!\[\]⟨\\\u202e]")
# Runs of so many of these characters are no word of a language. A key or a picture in base64 that
# is broken into lines has 60 to 76 in a line (RFC 2045, RFC 7468).
_BLOB = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")
_MIN_BLOB = 60
_BLOB_HEAD = re.compile(r"data:[\w.+/;=-]{0,80}base64,$")
_BLOB_HEAD_REACH = 100

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n|\r\r|\u2029")
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w-]{0,30})(?P<rest>(?:[\s/][^<>]*)?)>")
_DECLARATION = re.compile(r"<!doctype\b[^<>]*>", re.IGNORECASE)
_COMMENT_END = re.compile("-->")
# Elements whose words no page shows as its text.
_UNREAD = frozenset(
    "audio canvas iframe math noscript object script select style svg template textarea"
    " video".split()
)
# Of these, those in which a tag is no tag.
_RAW_END = {
    name: re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE)
    for name in ("script", "style", "textarea")
}
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


_CHAT = re.compile(r"<[|｜](?P<name>[^<>|｜\n]{1,40})[|｜]>|<(?:start|end)_of_turn>|<</?SYS>>")
_TURN = re.compile(
    r"(?i)<[|｜](?:im_start|start_header_id|start_of_turn_token|system|user|assistant|human)[|｜]>"
    r"|<start_of_turn>"
)
_TURN_END = re.compile(
    r"(?i)(?P<end><[|｜](?:im_end|eot_id|eom_id|end|end_of_turn_token|endoftext|end_of_text)[|｜]>"
    rf"|<end_of_turn>|</s>)|{_TURN.pattern[4:]}"
)
_ROLE = re.compile(r"\s*(?:system|user|assistant|model|tool|human)\b", re.IGNORECASE)
_ROLE_LINE = re.compile(
    r"#{3}[ \t]*(?:assistant|human|input|instructions?|prompt|response|system|user)[ \t]*:\s*",
    re.IGNORECASE,
)
_INST_END = re.compile(r"\[/INST\]")
_SYS_END = re.compile(r"<</SYS>>")

_FENCE = re.compile(r"`{3,}(?=[^`\n]*(?:\n|$))|~{3,}(?=[ \t]*\w)")
_FENCE_END = {
    "`": re.compile(r"(?<![^\n\r])[ \t]*`{3,}[ \t]*(?![^\n\r])"),
    "~": re.compile(r"(?<![^\n\r])[ \t]*~{3,}[ \t]*(?![^\n\r])"),
}
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,500}\](?:\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\[\]\n]{0,100}\])")
_AUTOLINK = re.compile(
    r"<(?:[a-zA-Z][a-zA-Z+.-]{1,31}:(?://)?|www\.)[^\s<>]+>|<[\w.+-]{1,64}@[\w.-]{1,250}>"
)
# Characters. What is longer is no text of a link.
_MAX_LINK = 500
_FOOTNOTE = re.compile(r"\[\^[\w-]{1,30}\](?!:)")
# A key in straight quotes with a colon behind it, which no prose has behind a bracket.
_JSON = re.compile(r'[{\[]\s{0,200}(?:[{\[]\s{0,200}){0,3}"[^"\n]{1,60}"\s{0,20}:')
_BRACKET = re.compile(r"[{}\[\]]")
# What may stand behind a mark without a space between.
_MARK_ENDS = ("", "\n", "\r", ".", ",", ";", ":", "!", "?", ")")

# Characters. What a template has between its marks is an expression.
_MAX_EXPRESSION = 500
_EXPRESSIONS = {"{{": "}}", "{%": "%}", "{#": "#}", "${": "}", "#{": "}", "<%": "%>", "<?": "?>"}
# What is said once for each of a list is not said of anybody; a comment is said to nobody.
_LOOP = re.compile(r"\{%-?\s*(?:for|comment|macro)\b|\{\{[#^]")
_LOOP_END = re.compile(r"\{%-?\s*end(?:for|comment|macro)\s*-?%\}|\{\{/[^{}\n]{0,60}\}\}")
_FIELD = re.compile(
    r"\{[A-Za-z0-9_][\w.]{0,40}(?:\[\w{0,20}\][\w.]{0,40}){0,3}(?:![rsa])?(?::[^{}\s]{0,20})?\}"
)
# Written from right to left whatever the letters are, so that they show backwards.
_OVERRIDE = re.compile(r"\u202e[^\u202c\u202e\n\r]*\u202c?")


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


class _Scan:
    """One pass over a text.

    What is looked for behind many places is looked for once, so that the time a text takes grows
    with its length only.
    """

    def __init__(self, text: str, *, wraps: bool) -> None:
        self._text = text
        self._wraps = wraps
        self._next: dict[re.Pattern[str], tuple[int, re.Match[str] | None]] = {}
        self._closing: dict[int, int] | None = None
        self._bracket: dict[int, int] | None = None
        self._links = Links(text)
        self._link_ends: dict[int, int] = {}
        self._find: dict[str, Callable[[int], Gap | None]] = {
            "<": self._angle,
            "{": self._brace,
            "$": self._expression,
            "#": self._hash,
            "`": self._fence,
            "~": self._fence,
            "!": self._image,
            "[": self._square,
            "]": self._link_end,
            "⟨": self._mark,
            "\\": self._escape,
            "\u202e": self._override,
        }

    def gaps(self) -> Iterator[Gap]:
        position = 0
        while match := _OPENING.search(self._text, position):
            gap = self._find[match[0]](match.start())
            if gap:
                yield gap if gap.start >= position else replace(gap, start=position)
            position = gap.end if gap else match.end()

    def _search(self, pattern: re.Pattern[str], position: int) -> re.Match[str] | None:
        """The first match from a position on; positions only ever grow."""
        known, match = self._next.get(pattern, (-1, None))
        if known < 0 or (match and match.start() < position):
            match = pattern.search(self._text, position)
            self._next[pattern] = (position, match)
        return match

    def _paragraph_end(self, position: int) -> int:
        match = self._search(_BLANK_LINE, position)
        return match.start() if match else len(self._text)

    def _through(self, pattern: re.Pattern[str], start: int, position: int, kind: Kind) -> Gap:
        """Up to the end of what closes it, or else of the paragraph."""
        match = self._search(pattern, position)
        return Gap(start, match.end() if match else self._paragraph_end(position), kind)

    def _begins_line(self, position: int) -> bool:
        while position and self._text[position - 1] in " \t":
            position -= 1
        return position == 0 or self._text[position - 1] in "\n\r\x85\u2028\u2029"

    # Tags, comments and marks of chats

    def _angle(self, start: int) -> Gap | None:
        text = self._text
        if text.startswith("<!--", start):
            return self._through(_COMMENT_END, start, start + 4, "apart")
        if match := _CHAT.match(text, start):
            return self._chat(match)
        if text.startswith(("<%", "<?"), start):
            return self._expression(start)
        if match := _TAG.match(text, start):
            return self._tag(match)
        if match := _DECLARATION.match(text, start):
            return Gap(start, match.end(), "paragraph")
        if match := _AUTOLINK.match(text, start):
            return Gap(start, match.end(), "apart")
        return None

    def _tag(self, match: re.Match[str]) -> Gap | None:
        name = match["name"].lower()
        if name not in _KNOWN:
            return None
        kind: Kind = "paragraph" if name in _BLOCKS else "line" if name == "br" else "inside"
        start, end = match.span()
        if match["close"] or name in _VOID:
            return Gap(start, end, kind)
        hides = name in _UNREAD or (name in _PROMPT and not self._wraps)
        if not (hides or _is_hidden(match["rest"])) or match["rest"].endswith("/"):
            return Gap(start, end, kind)
        if name in _RAW_END:
            return self._through(_RAW_END[name], start, end, "apart")
        closing = self._closings().get(start, 0) or self._paragraph_end(end)
        return Gap(start, closing, "paragraph" if name in _BLOCKS else "apart")

    def _closings(self) -> dict[int, int]:
        """Where each element that begins somewhere ends."""
        if self._closing is None:
            self._closing = {}
            opened: dict[str, list[int]] = {}
            for match in _TAG.finditer(self._text):
                begun = opened.setdefault(match["name"].lower(), [])
                if not match["close"]:
                    begun.append(match.start())
                elif begun:
                    self._closing[begun.pop()] = match.end()
        return self._closing

    def _chat(self, match: re.Match[str]) -> Gap:
        start, end = match.span()
        if match[0] == "<<SYS>>" and not self._wraps:
            return self._through(_SYS_END, start, end, "paragraph")
        if not _TURN.match(match[0]):
            return Gap(start, end, "apart")
        role = _ROLE.match(self._text, end)
        end = role.end() if role else end
        if self._wraps:
            return Gap(start, end, "paragraph")
        last = self._search(_TURN_END, end)
        if last is None:
            return Gap(start, self._paragraph_end(end), "paragraph")
        return Gap(start, last.end() if last["end"] else last.start(), "paragraph")

    def _square(self, start: int) -> Gap | None:
        text = self._text
        if text.startswith("[INST]", start) and not self._wraps:
            return self._through(_INST_END, start, start + 6, "paragraph")
        if text.startswith(("[INST]", "[/INST]"), start):
            return Gap(start, text.index("]", start) + 1, "apart")
        if match := _FOOTNOTE.match(text, start):
            return Gap(start, match.end(), "inside")
        if self._begins_line(start) and (end := self._links.definition(start)):
            return Gap(start, end, "line")
        return self._mark(start) or self._link(start) or self._json(start)

    # References

    def _mark(self, start: int) -> Gap | None:
        """A reference mark, with the spaces before it where a sentence or a line ends there."""
        end = self._links.mark(start)
        if not end:
            return None
        if self._text[end : end + 1] in _MARK_ENDS:
            while start and self._text[start - 1] in " \t":
                start -= 1
        return Gap(start, end, "inside")

    def _link(self, start: int) -> Gap | None:
        """The bracket before the text of a link; what stands behind the text comes later."""
        close = self._brackets().get(start, 0)
        if not close or close - start > _MAX_LINK or "\n\n" in self._text[start:close]:
            return None
        end = self._links.target(start, close)
        if not end:
            return None
        self._link_ends[close - 1] = end
        return Gap(start, start + 1, "inside")

    def _link_end(self, start: int) -> Gap | None:
        end = self._link_ends.get(start)
        return Gap(start, end, "inside") if end else None

    def _escape(self, start: int) -> Gap | None:
        match = MARKDOWN_ESCAPE.match(self._text, start)
        return Gap(start, match.end(), "inside") if match else None

    def _hash(self, start: int) -> Gap | None:
        if self._text.startswith("#{", start):
            return self._expression(start)
        match = _ROLE_LINE.match(self._text, start)
        if match is None or not self._begins_line(start):
            return None
        end = match.end() if self._wraps else self._paragraph_end(match.end())
        return Gap(start, end, "paragraph")

    # Code and data

    def _fence(self, start: int) -> Gap | None:
        match = _FENCE.match(self._text, start) if self._begins_line(start) else None
        if match is None:
            return None
        if self._wraps:
            return Gap(start, match.end(), "line")
        return self._through(_FENCE_END[match[0][0]], start, match.end(), "paragraph")

    def _json(self, start: int) -> Gap | None:
        if not _JSON.match(self._text, start):
            return None
        end = self._brackets().get(start, 0) or self._paragraph_end(start)
        return Gap(start, end, "paragraph" if self._begins_line(start) else "apart")

    def _brackets(self) -> dict[int, int]:
        """Where each bracket is closed."""
        if self._bracket is None:
            self._bracket = {}
            opened: dict[str, list[int]] = {"}": [], "]": []}
            for match in _BRACKET.finditer(self._text):
                if match[0] in "{[":
                    opened["}" if match[0] == "{" else "]"].append(match.start())
                elif opened[match[0]]:
                    self._bracket[opened[match[0]].pop()] = match.end()
        return self._bracket

    def _image(self, start: int) -> Gap | None:
        match = _IMAGE.match(self._text, start)
        return Gap(start, match.end(), "apart") if match else None

    # Templates, and what shows as something else

    def _brace(self, start: int) -> Gap | None:
        if _LOOP.match(self._text, start):
            last = self._search(_LOOP_END, start)
            if last and last.start() < self._paragraph_end(start):
                return Gap(start, last.end(), "apart")
        if gap := self._expression(start) or self._json(start):
            return gap
        match = _FIELD.match(self._text, start)
        return Gap(start, match.end(), "apart") if match else None

    def _expression(self, start: int) -> Gap | None:
        closing = _EXPRESSIONS.get(self._text[start : start + 2])
        if closing is None:
            return None
        at = self._text.find(closing, start + 2, start + _MAX_EXPRESSION)
        return Gap(start, at + len(closing), "apart") if at >= 0 else None

    def _override(self, start: int) -> Gap | None:
        match = _OVERRIDE.match(self._text, start)
        # Arabic and Hebrew are written so anyway.
        if match and not any(unicodedata.bidirectional(c) in {"R", "AL"} for c in match[0]):
            return Gap(start, match.end(), "apart")
        return None
