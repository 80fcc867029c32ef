"""Detects navigation, captions, dates, bylines and tags around an article.

Each test is of a whole line or paragraph, never of a part of one, so that prose is left alone.
"""

from __future__ import annotations

import re

from summarize.article.characters import MappedText
from summarize.article.dates import MONTH_NAME, WEEKDAY
from summarize.article.lines import BULLET, Blocks, is_broken, is_wrapped

# Seen in the seeds, and in trafilatura's and readability's lists of boilerplate.
_BOILERPLATE = re.compile(
    r"""
    (?: search (?:\ form)? | you\ are\ here:? | logo | top | back\ to\ top | home(?:page)? | menu
    | share | print | e-?mail | subscribe | log\ ?in | sign\ (?:in|up) | advertisements?
    | sponsored | (?:tags|keywords|filed\ under)\s*:.{0,199} | skip\ to\ (?:main\ )?content
    | (?:\d+\ |no\ )?comments? | tags
    | related (?:\ (?:articles|stories|news|topics|videos?))? :?
    | read\ (?:more|also|next)\b.{0,120} | also\ read\b.{0,120} | watch:\ .{0,120}
    | more\ (?:from|on|in|about)\b.{0,59}[^.!?”"] | last\ updated?\b.{0,60}
    | follow\ us\b.{0,60} | share\ (?:this|on)\b.{0,60}
    | (?:photo|image|file)(?:\ credit)?:.{0,120} | source
    | copyright\s*(?:©|\(c\)|:|\d{4}|by\b).{0,120} | ©.{0,120} | all\ rights\ reserved\.?
    | \[ad_\d+\]
    | (?:page\ )?\d{1,4}(?:\ (?:of|/)\ \d{1,4})? | [-–]\ ?\d{1,4}\ ?[-–]
    | (?:written\ |posted\ |reported\ )?by | [\W_]+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Lines of a program's data, with which an article could fake the model's own answer, and of notes.
_DATA = re.compile(
    r"""
    [\[{]\s*"[^"]{1,40}"\s*:.*
    | (["'])[\w\ .-]{1,40}\1\s*:\s*(?:["'\[{\d-]|true|false|null).*(?<=["'\]},\d\[{el])
    | \|.*\|
    | \[\^[\w-]{1,30}\]:.*
    | (?:https?://|www\.)\S+
    """,
    re.VERBOSE,
)
_SOURCE_LINE = re.compile(r"(?:original\s+)?source:\s*(?P<source>\S.{0,120})", re.IGNORECASE)
TAG_LINE = re.compile(r".{0,199},")

_CREDIT = re.compile(
    r"\((?:(?:photo|image|file)\b[^()]*"
    r"|[^()]*\b(?:reuters|afp|ap|epa|aa|getty|dpa|anadolu|xinhua)\b[^()]*)\)",
    re.IGNORECASE,
)
_CAPTION_START = re.compile(
    r"(?:file|photo)\s*[-–—:]|in\s+this\s+(?:[\w,.]+\s+){0,4}?(?:photo|image|picture|handout)\b",
    re.IGNORECASE,
)
# "second from left," and "(L)" tell a reader where to look.
_CAPTION_PLACE = re.compile(r"\b(?:from|at)\s+(?:the\s+)?(?:left|right)\b,|\((?:L|R|C)\)|\(left\)")
# The captions of the sixteen annotated articles have at most 238 characters; paragraphs that end
# in an agency's name in brackets are usually longer.
_MAX_CAPTION = 300

_MONTH = rf"{MONTH_NAME}\.?"
_FULL_DATE = re.compile(
    rf"\b\d{{4}}-\d{{2}}-\d{{2}}|\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+\d{{4}}\b"
    rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b"
    r"|\b\d{4}/\d{1,2}/\d{1,2}\b|\b\d{1,2}([./])\d{1,2}\1\d{4}\b"
    r"|\b\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日",
    re.IGNORECASE,
)

# "PORT SELIN — ", "WASHINGTON, Jan. 5 (Reuters) - ". The longest of the annotated articles has 24
# characters.
_DATELINE = re.compile(
    r"(?P<place>[^\W\d_][^\n\d:;()—–]{1,40}?)(?:,\s[^\n:;()—–]{1,30})?(?:\s\([^\n()]{1,40}\))?"
    r"\s(?:[—–]|--?)\s"
)

# A byline is short: an outlet, a date, a section.
_MAX_BYLINE = 90
# The words of a byline that are written small; any other small word makes it prose or a headline.
_BYLINE_WORDS = frozenset(
    "a am and at bst by cet edited est et for from gmt in last m modified of on p pm posted"
    " published reporting staff the to update updated utc with written".split()
)
# Behind these a date belongs to a clause: "The agreement of 5 March 2024".
_CLAUSE = re.compile(r"\b(?:the|of|since|after|before|from|to|in|and|until|by)\s*$", re.IGNORECASE)
_NO_DATE_BYLINE = re.compile(r"(?i:by|written by|reporting by|reported by)\s+[^\W\d_a-z]")
# Characters. A short line may say the same twice and mean it (a name in a list of speakers).
_MIN_REPEATED = 12
_SENTENCE_END = re.compile(r"(?<![ap]\.m)[.!?…。！？؟۔।][\"'”’»)\]]*$|[”\"»]$")


def without_boilerplate(blocks: Blocks) -> tuple[Blocks, str | None]:
    """Drops the page's own lines and lines that were there before; finds the source line."""
    origin = None
    kept: Blocks = []
    seen: set[str] = set()
    for block in blocks:
        lines: list[MappedText] = []
        wraps = is_wrapped(block)
        for line in block:
            key = line.text.casefold()
            if _DATA.fullmatch(line.text):
                continue
            # "… would discuss / more on Friday" is prose, however the second line begins.
            if wraps and lines and is_broken(lines[-1]):
                lines.append(line)
            elif source := _SOURCE_LINE.fullmatch(line.text):
                origin = source["source"]
            elif not _BOILERPLATE.fullmatch(line.text):
                if key not in seen or len(key) < _MIN_REPEATED:
                    lines.append(line)
                seen.add(key)
        if lines:
            kept.append(lines)
    return kept, origin


def is_caption(paragraph: str, *, is_last: bool = False) -> bool:
    """Whether a paragraph describes a picture.

    An agency in brackets ends a caption; at the end of the last paragraph it signs the article.
    """
    if len(paragraph) > _MAX_CAPTION:
        return False
    if _CAPTION_START.match(paragraph) or _CAPTION_PLACE.search(paragraph):
        return True
    return not is_last and bool(_CREDIT.fullmatch(paragraph, max(paragraph.rfind("("), 0)))


def find_date(line: str) -> str | None:
    """The first full date (day, month and year) in a line, as written."""
    match = _FULL_DATE.search(line)
    return match[0] if match else None


def is_date_line(line: str) -> bool:
    """Whether a line is a date and nothing else but a time of the day."""
    rest = WEEKDAY.sub("", _FULL_DATE.sub("", line))
    return rest != line and bool(find_date(line)) and not re.sub(r"[\W\dTZ]+", "", rest)


def dateline_end(paragraph: str) -> int:
    """Where the text behind a paragraph's dateline in capitals begins; 0 if it has none."""
    match = _DATELINE.match(paragraph) if paragraph[:2].isupper() else None
    return match.end() if match and match["place"].isupper() else 0


def is_byline(line: str) -> bool:
    """Whether a short line names an author, or an outlet with a date, and is no sentence."""
    if len(line) > _MAX_BYLINE or _SENTENCE_END.search(line):
        return False
    if is_date_line(line):
        return True
    match = _FULL_DATE.search(line)
    if not (match or _NO_DATE_BYLINE.match(line)) or BULLET.match(line):
        return False
    before, after = (line[: match.start()], line[match.end() :]) if match else (line, "")
    if match and _CLAUSE.search(before):
        return False
    words = re.findall(r"[^\W\d_]+", f"{before} {after}")
    return all(not word[0].islower() or word in _BYLINE_WORDS for word in words)
