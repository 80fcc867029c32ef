"""The article in a page of HTML: its words without all that stands around them, and its metadata.

The text is what readers see, as far as the page's markup tells: words that are hidden from them
could be written for a model. Only a page that shows no text at all is believed what it says to
programs.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from summarize.errors import InputError
from summarize.webpages.flattening import plain
from summarize.webpages.frame import LONG_PARAGRAPH, framed, is_beside
from summarize.webpages.metadata import said_by
from summarize.webpages.text import blocks_of
from summarize.webpages.tree import (
    HEADINGS,
    is_sentence,
    key,
    line,
    parsed,
    says_title,
    shown,
    weight,
)
from summarize.webpages.visibility import visible

__all__ = ["Page", "read_page"]

# In weight: characters, wide ones threefold. Less is what stands on a page that wants scripts, a
# login or consent first; the shortest of the sixteen annotated articles has 1,300.
_MIN_ARTICLE = 100
# Elements. Finding the article takes up to quadratic time: 120,000 elements in one paragraph took
# 111 s, 30,000 take 7. A page of news has some thousand.
_MAX_ELEMENTS = 30_000
# Of all elements together: 9,000 of them, 1,900 deep, took 20 s. Those of a page of news have some
# hundred thousand.
_MAX_LEVELS = 4_000_000
_HINT = "if it shows in a browser, save it from there, or copy its text to a file"


# What other files begin with, whatever their bytes were read as.
_NO_PAGES = (
    (re.compile(r"\s*%PDF-"), "a PDF"),
    (
        re.compile(r".{1,12}(?:JFIF|Exif)\0|.PNG\r?\n\x1a|GIF8[79]a|RIFF.{4}WEBP", re.DOTALL),
        "a picture",
    ),
    (re.compile(r"\x1f\D|PK\x03\x04"), "a compressed file"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """The article in a page.

    Attributes:
        text: its headline and paragraphs, with an empty line between them.
        title: what the page says of itself; None where it does not.
        outlet: as the page says; else the host of its address, None where that is no outlet's.
        published: the day of publication in its own words; None where it does not say.
    """

    text: str
    title: str | None
    outlet: str | None
    published: str | None


def read_page(html: str, url: str | None = None, *, name: str = "the page") -> Page:
    """Finds the article in a page.

    Args:
        html: the whole page.
        url: where it is from, if known.
        name: tells the user which page.

    Raises:
        InputError: there is none.
    """
    for beginning, kind in _NO_PAGES:
        if beginning.match(html):
            raise InputError(f"{name}: is {kind}, not a page", hint=f"give a page; {_HINT}")
    page = _read(html, url, name)
    if page is None:
        raise InputError(f"{name}: no article was found in the page", hint=_HINT)
    return page


def _read(html: str, url: str | None, name: str) -> Page | None:
    tree = parsed(html, name)
    if tree is None:
        return None
    _check_size(tree, name)
    said = said_by(tree, url)
    names = _names(tree, said.host)
    tree = plain(visible(tree))
    frame = framed(tree, said.title)
    seen = list(_seen(tree, frame))
    blocks = _found(tree if frame is None else _alone(frame), name)
    above = _heading(seen, blocks, said.title)
    blocks = list(_without_echoes([*_lead(seen, blocks, above), *blocks]))
    heading = None if above is None else seen[above].text
    if above is not None and heading:
        known = {key(heading), *_above(seen, above)}
        blocks = [heading, *(block for block in blocks if key(block) not in known)]
    title, suffix = _title(said.title, heading, said.outlet, names)
    if not _is_enough(blocks):
        blocks = [block for block in (title or "", *_from_data(said.body or "", name)) if block]
    if not _is_enough(blocks):
        return None
    outlet = said.outlet or suffix or said.host
    # A logo above the article, or a line of copyright.
    blocks = [block for block in blocks if outlet is None or not _is_same(block, outlet)]
    return Page("\n\n".join(blocks), title, outlet, said.published)


def _check_size(tree: Any, name: str) -> None:
    levels: dict[Any, int] = {None: 0}
    for element in tree.iter():
        levels[element] = levels[element.getparent()] + 1
    hint = "copy the article's text to a file"
    if len(levels) - 1 > _MAX_ELEMENTS:
        raise InputError(f"{name}: the page has more than {_MAX_ELEMENTS:,} elements", hint=hint)
    if sum(levels.values()) > _MAX_LEVELS:
        raise InputError(f"{name}: the page's many elements are nested too deep", hint=hint)


# What stands between a headline and names after it. Dashes are written within headlines, too.
_BETWEEN = re.compile(r"\s*(?:[|»]|::)\s*|\s+[-–—_•·]\s+")
_SURE = frozenset({"|", "»", "•", "·", "::"})


def _title(
    said: str | None, heading: str | None, outlet: str | None, names: frozenset[str]
) -> tuple[str | None, str | None]:
    """The title without the outlet at its end, and the outlet if it stood there.

    What follows the headline that readers see, or is the outlet's name, is known to be no part.

    Args:
        said: the title as the page says it.
        heading: the headline that readers see.
        outlet: as the page says it elsewhere.
        names: keys of what stands alone in the page, such as on its logo.
    """
    if not said:
        return heading, None
    title = line(said)
    if heading and title.startswith(heading):
        rest = title.removeprefix(heading)
        if not rest or not _BETWEEN.match(rest):
            return title, None
        *_, mark = _BETWEEN.finditer(rest)
        last = rest[mark.end() :]
        is_name = 1 < len(last) <= _MAX_NAME and (mark[0].strip() in _SURE or key(last) in names)
        return heading, last if is_name else None
    if outlet and title.casefold().endswith(outlet.casefold()):
        # "Ministers of Norway" is no title with an outlet.
        for mark in _BETWEEN.finditer(title):
            if mark.start() and len(title) - mark.end() == len(outlet):
                return title[: mark.start()], outlet
    return title, None


# Characters of an outlet's name.
_MAX_NAME = 60


def _names(tree: Any, host: str | None) -> frozenset[str]:
    """What stands alone in a page, but for its title: on its logo, in its menu, in its metadata."""
    found = [*(host or "").split(".")[:-1]]
    for element in tree.iter("a", "img", "meta", "h1", "h2", "p", "div", "span", "strong"):
        words = element.text or element.get("alt") or element.get("content") or ""
        if len(words) <= _MAX_NAME and not len(element):
            found.append(words)
    return frozenset(filter(None, map(key, found)))


def _alone(frame: Any) -> Any:
    """A page of nothing but the article."""
    from lxml import html

    page = html.document_fromstring("<body></body>")
    frame.tag = "article"
    page.body.append(frame)
    return page


def _found(tree: Any, name: str) -> list[str]:
    """The blocks of the article that trafilatura finds.

    Raises:
        InputError: it fails.
    """
    import trafilatura

    # Its log lines are for whoever works on it.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    for script in list(tree.iter("script")):
        # What is written for programs.
        script.drop_tree()
    settings = deepcopy(trafilatura.settings.DEFAULT_CONFIG)
    # Of less it would take all words there are, in one paragraph. What is too short is seen below.
    settings["DEFAULT"]["MIN_EXTRACTED_SIZE"] = "1"
    try:
        found: Any = trafilatura.bare_extraction(tree, include_comments=False, config=settings)
    except Exception as error:  # its defects; those of this program are not the user's affair
        why = f"{name}: the page cannot be read ({type(error).__name__})"
        raise InputError(why, hint=_HINT) from error
    return list(blocks_of(found.body)) if found else []


def _is_enough(blocks: list[str]) -> bool:
    return sum(map(weight, blocks)) >= _MIN_ARTICLE


_MARKUP = re.compile(
    r"</?(?:p|br|div|h[1-6]|[uo]l|li|a|b|i|em|strong|span)\b[^<>]*>", re.IGNORECASE
)


def _from_data(body: str, name: str) -> Iterator[str]:
    """The paragraphs of an article in data: lines, or HTML."""
    tree = parsed(body, name) if _MARKUP.search(body) else None
    if tree is None:
        return map(line, body.split("\n"))
    return map(shown, plain(visible(tree)).iter(*HEADINGS, "p", "li"))


# What stands before the article that was found


@dataclass(frozen=True, slots=True)
class _Seen:
    """A heading or a paragraph of the page."""

    tag: str
    text: str
    is_linked: bool
    is_in_article: bool
    is_in_frame: bool
    is_beside: bool


def _seen(tree: Any, frame: Any | None) -> Iterator[_Seen]:
    """The headings and paragraphs of the page, in their order."""
    framed = None if frame is None else set(frame.iter())
    for element in tree.iter("h1", "h2", "h3", "p"):
        text = shown(element)
        if not text or any(up.tag in _AROUND for up in element.iterancestors()):
            continue
        linked = sum(len("".join(a.itertext())) for a in element.iter("a"))
        around = list(element.iterancestors())
        yield _Seen(
            element.tag,
            text,
            is_linked=linked * 2 > len(text) and not is_sentence(text, linked),
            is_in_article=any(up.tag in {"article", "main"} for up in around),
            is_in_frame=framed is None or element in framed,
            is_beside=any(map(is_beside, (element, *around))),
        )


_AROUND = frozenset({"nav", "aside", "footer", "form", "figure"})


def _start(seen: list[_Seen], blocks: list[str], after: int = -1) -> int | None:
    """Where the article that was found begins among what is seen."""
    known = {key(block) for block in blocks}
    inside = ((n, one) for n, one in enumerate(seen) if n > after and one.is_in_frame)
    found = [(n, one.text) for n, one in inside if one.tag == "p" and key(one.text) in known]
    # Before the first sentence, there may be a section.
    sentences = (n for n, text in found if is_sentence(text, 0))
    return next(sentences, found[0][0] if found else None)


def _heading(seen: list[_Seen], blocks: list[str], title: str | None) -> int | None:
    """Which is the headline that readers see: what says the title, or else stands above."""
    headings = [(n, one) for n, one in enumerate(seen) if one.tag != "p"]
    if title:
        known = key(title)
        said = [(n, one) for n, one in headings if says_title(key(one.text), known)]
        if said:
            longest = max(len(one.text) for _, one in said)
            best = [(n, one) for n, one in said if len(one.text) == longest]
            return min(best, key=lambda found: (found[1].is_linked, not found[1].is_in_frame))[0]
    start = _start(seen, blocks)
    before = [(n, one) for n, one in headings if one.tag == "h1" and (start is None or n < start)]
    inside = [n for n, one in before if one.is_in_article]
    first = [n for n, one in before if not one.is_linked and not title]
    return next(reversed(inside or first), None)


def _lead(seen: list[_Seen], blocks: list[str], above: int | None) -> Iterator[str]:
    """Paragraphs between the headline and what was found."""
    start = None if above is None else _start(seen, blocks, above)
    if start is None or above is None:
        return
    known = {key(block) for block in blocks}
    for one in seen[above + 1 : start]:
        is_text = one.tag != "h1" and not one.is_linked and not one.is_beside
        is_new = is_text and key(one.text) not in known
        if is_new and weight(one.text) >= LONG_PARAGRAPH:
            yield one.text


def _above(seen: list[_Seen], heading: int) -> Iterator[str]:
    """What stands above the headline and is no sentence: a section, an agency."""
    return (key(one.text) for one in seen[:heading] if weight(one.text) < LONG_PARAGRAPH)


def _is_same(one: str, other: str) -> bool:
    return key(one) == key(other)


def _without_echoes(blocks: Iterable[str]) -> Iterator[str]:
    """The blocks, each long one once: some stand there for several screens."""
    known = set()
    for block in blocks:
        if weight(block) >= LONG_PARAGRAPH:
            if key(block) in known:
                continue
            known.add(key(block))
        yield block
