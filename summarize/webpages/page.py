"""Finds the article in a page of HTML, and the page's metadata.

The text is what readers see, as far as the page's markup tells: words that are hidden from them
could be written for a model. Only a page that shows no text at all is believed what it says to
programs.
"""

from __future__ import annotations

import logging
import re
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from summarize.errors import InputError
from summarize.webpages.blocks import blocks_of
from summarize.webpages.flattening import flattened
from summarize.webpages.frame import framed, headline
from summarize.webpages.metadata import metadata_of
from summarize.webpages.tree import LONG_PARAGRAPH, key, line, parsed, shown, weight
from summarize.webpages.visibility import visible

__all__ = ["Page", "read_page"]

# Bytes. Less is what stands on a page that wants scripts, a login or consent first; the shortest of
# the sixteen annotated articles has 1,300.
_MIN_ARTICLE = 100
_HINT = "if it shows in a browser, save it from there, or copy its text to a file"

# What a PDF, a picture and a compressed file begin with, whatever their bytes were read as.
_NO_PAGE = re.compile(r"\s*%PDF-|.{1,12}(?:JFIF|Exif)\0|.PNG\r?\n\x1a|GIF8[79]a|\x1f\D|PK\x03\x04")


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
    if _NO_PAGE.match(html):
        why = f"{name}: is a PDF, a picture or a compressed file, not a page"
        raise InputError(why, hint=f"give a page; {_HINT}")
    page = _read(html, url, name)
    if page is None:
        raise InputError(f"{name}: no article was found in the page", hint=_HINT)
    return page


def _read(html: str, url: str | None, name: str) -> Page | None:
    tree = parsed(html, name)
    if tree is None:
        return None
    metadata = metadata_of(tree, url)
    tree = flattened(visible(tree))
    frame = framed(tree, metadata.title)
    heading = headline(tree, frame, metadata.title)
    above = set() if heading is None else _above(tree, heading)
    if frame is not None:
        frame.tag = "article"
        tree[:] = [frame]
    blocks = _without_echoes(_found(tree, name))
    seen = None if heading is None else shown(heading)
    title, suffix = _title(metadata.title, seen, metadata.outlet)
    if seen:
        blocks = [seen, *(block for block in blocks if key(block) not in above)]
    if not _is_enough(blocks) and metadata.body:
        blocks = list(filter(None, map(line, (title or "", *metadata.body.split("\n")))))
    if not _is_enough(blocks):
        return None
    outlet = metadata.outlet or suffix or metadata.host
    # A logo above the article, or a line of copyright.
    blocks = [block for block in blocks if outlet is None or key(block) != key(outlet)]
    return Page("\n\n".join(blocks), title, outlet, metadata.published)


# What stands between a headline and names after it. Dashes are written within headlines, too.
_BETWEEN = re.compile(r"\s*(?:[|»]|::)\s*|\s+[-–—_•·]\s+")
_SURE = frozenset({"|", "»", "•", "·", "::"})
# Characters of an outlet's name.
_MAX_NAME = 60


def _title(
    stated: str | None, heading: str | None, outlet: str | None
) -> tuple[str | None, str | None]:
    """Returns the title without the outlet at its end, and the outlet if it stood there.

    Args:
        stated: the title as the page's metadata say it.
        heading: the headline that readers see.
        outlet: as the page's metadata say it.
    """
    if not stated:
        return heading, None
    marks = list(_BETWEEN.finditer(stated))
    if heading and any(stated[: mark.start()] == heading for mark in marks):
        last = stated[marks[-1].end() :]
        is_name = 1 < len(last) <= _MAX_NAME and marks[-1][0].strip() in _SURE
        return heading, last if is_name else None
    for mark in marks:
        # "Ministers of Norway" is no title with an outlet.
        if mark.start() and outlet and stated[mark.end() :].casefold() == outlet.casefold():
            return stated[: mark.start()], outlet
    return stated, None


def _found(tree: Any, name: str) -> list[str]:
    """Returns the blocks of the article that trafilatura finds.

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
    return blocks_of(found.body) if found else []


def _is_enough(blocks: list[str]) -> bool:
    return sum(map(weight, blocks)) >= _MIN_ARTICLE


def _above(tree: Any, heading: Any) -> set[str]:
    """Keys of the headline and of what stands above it and is no sentence: a section, a logo."""
    found = {key(shown(heading))}
    for element in tree.iter("h1", "h2", "h3", "p"):
        if element is heading:
            break
        if weight(text := shown(element)) < LONG_PARAGRAPH:
            found.add(key(text))
    return found


def _without_echoes(blocks: list[str]) -> list[str]:
    """Returns the blocks, each long one once: some stand there for several screens."""
    known = set()
    kept = []
    for block in blocks:
        if weight(block) < LONG_PARAGRAPH or key(block) not in known:
            kept.append(block)
        known.add(key(block))
    return kept
