"""Finds the article in a page of HTML, and the page's metadata.

The text is what readers see, as far as the page's markup tells: words that are hidden from them
could be written for a model. Only a page that shows no text at all is believed what it says to
programs.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from summarize.errors import InputError
from summarize.webpages.flattening import flattened
from summarize.webpages.frame import framed
from summarize.webpages.metadata import Page, host_of, metadata_of
from summarize.webpages.tree import LONG_PARAGRAPH, drop, key, line, parsed, shown, visible, weight

# Bytes. Less is what stands on a page that wants scripts, a login or consent first; the shortest of
# the sixteen annotated articles has 1,300.
_MIN_ARTICLE = 100
_HINT = "if it shows in a browser, save it from there, or copy its text to a file"
# What a PDF, a picture and a compressed file begin with, whatever their bytes were read as.
_NO_PAGE = re.compile(r"\s*%PDF-|.{1,12}(?:JFIF|Exif)\0|.PNG\r?\n\x1a|GIF8[79]a|\x1f\D|PK\x03\x04")


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
    tree = parsed(html, name)
    page = None if tree is None else _read(tree, url, name)
    if page is None:
        raise InputError(f"{name}: no article was found in the page", hint=_HINT)
    return page


def _read(tree: Any, url: str | None, name: str) -> Page | None:
    body, stated, outlet, published = metadata_of(tree)
    tree = flattened(visible(tree))
    frame, heading = framed(tree, stated)
    seen = None
    if heading is not None:
        seen = shown(heading)
        drop(tree, [*_above(tree, heading), heading])
    if frame is not None:
        frame.tag = "article"
        tree[:] = [frame]
    blocks = _found(tree, name)
    title, suffix = _title(stated, seen, outlet)
    if seen:
        blocks.insert(0, seen)
    if not _is_enough(blocks) and body:
        blocks = list(filter(None, map(line, (title or "", *body.split("\n")))))
    if not _is_enough(blocks):
        return None
    outlet = outlet or suffix or host_of(url)
    # A logo above the article, or a line of copyright.
    text = "\n\n".join(block for block in blocks if outlet is None or key(block) != key(outlet))
    return Page(text, title, outlet, published)


def _above(tree: Any, heading: Any) -> Iterator[Any]:
    """Yields what stands above the headline and is no sentence: a section, a logo."""
    for element in tree.iter("h1", "h2", "h3", "p"):
        if element is heading:
            return
        if weight(shown(element)) < LONG_PARAGRAPH:
            yield element


def _is_enough(blocks: list[str]) -> bool:
    return sum(map(weight, blocks)) >= _MIN_ARTICLE


# What stands between a headline and names after it. Dashes are written within headlines, too.
_BETWEEN = r"(?:\s*(?:[|»]|::)\s*|\s+[-–—_•·]\s+)"
_SUFFIX = re.compile(r".*(?:[|»•·]|::)\s*(?P<outlet>[^|»•·]{2,60})")


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
    if heading and re.match(rf"{re.escape(heading)}(?:{_BETWEEN}|$)", stated):
        suffix = _SUFFIX.fullmatch(stated, len(heading))
        return heading, suffix and suffix["outlet"]
    end = re.search(rf"{_BETWEEN}{re.escape(outlet)}$", stated, re.IGNORECASE) if outlet else None
    return (stated[: end.start()], outlet) if end and end.start() else (stated, None)


def _found(tree: Any, name: str) -> list[str]:
    """Returns the blocks of the article that trafilatura finds.

    Raises:
        InputError: it fails.
    """
    import trafilatura

    # Its log lines are for whoever works on it.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    settings = deepcopy(trafilatura.settings.DEFAULT_CONFIG)
    # Of less it would take all words there are, in one paragraph. What is too short is seen later.
    settings["DEFAULT"]["MIN_EXTRACTED_SIZE"] = "1"
    # What is written for programs.
    drop(tree, list(tree.iter("script")))
    try:
        found: Any = trafilatura.bare_extraction(tree, include_comments=False, config=settings)
    except Exception as error:  # its defects; those of this program are not the user's affair
        why = f"{name}: the page cannot be read ({type(error).__name__})"
        raise InputError(why, hint=_HINT) from error
    blocks: list[str] = []
    for words in map(line, found.text.split("\n") if found else ()):
        # A row of a table is written as in Markdown, and so is the rule below its head.
        if words.startswith("|") and words.endswith("|"):
            cells = (cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", words))
            words = ", ".join(filter(None, cells))
        if words.startswith("- ") and blocks and blocks[-1].startswith("- "):
            blocks[-1] += f"\n{words}"
        elif key(words):
            blocks.append(words)
    return blocks
