"""Finds the part of a page that holds the article, as far as the page's markup tells.

trafilatura takes the first `<article>` or the first division that is called a body, and drops
divisions by their names. But teasers of other stories are articles, too, and bodies come in several
divisions of any name. So it is given the one part with the article's prose, without names.
"""

from __future__ import annotations

import re
from typing import Any

from summarize.webpages.flattening import unname
from summarize.webpages.tree import (
    HEADINGS,
    LONG_PARAGRAPH,
    drop,
    is_sentence,
    key,
    length,
    linked,
    says_title,
    shown,
    weight,
)

# Of an article's prose: what is beside it has less; an inner part with so much of it is all of it.
_BESIDE_MOST, _MOST = 0.35, 0.8
# Names, whole, of what is beside an article.
_BESIDE = re.compile(
    r"(?:related|recommended|recirculation|comments?|commentlist|respond|disqus\w*|newsletters?"
    r"|read-?(?:also|more|next)|see-also|more-(?:on|stories|news)|most-(?:read|popular)"
    r"|trending|share|sharing|social|paywall|breadcrumbs?|captions?|wp-caption(?:-text)?"
    r"|ads?|adverts?|advertisements?|advertising|sponsored)"
    r"(?:[-_](?:articles?|posts?|stories|story|news|links?|list|area|section|box|bar|slot|unit"
    r"|banner|label|signup|form|widget|thread|buttons?|media|share|wrapper|container|block"
    r"|notice))*",
    re.IGNORECASE,
)
_ASIDE = frozenset({"nav", "aside", "footer", "form", "figure"})


def framed(tree: Any, title: str | None) -> tuple[Any | None, Any | None]:
    """Returns the article's part of a page, and the heading that readers see above it.

    The part is the innermost article with the heading, or else with nearly all of the story that
    most of the page's prose is; None where there is none. The heading is the one that says the
    title, or else the first of the highest rank.

    Args:
        tree: the flattened page; other stories, and what is beside the article, are taken out.
        title: as the page says it.
    """
    from lxml import etree

    known = key(title or "")
    titled = [one for one in tree.iter("h1", "h2", "h3") if says_title(key(shown(one)), known)]
    # What is no link counts first, and the longest.
    heading = min(titled, key=lambda one: (_is_linked(one), -length(one), one.tag), default=None)
    around = set() if heading is None else set(heading.iterancestors())
    drop(tree, [one for one in tree.iter("article") if one not in around and _is_teaser(one)])
    prose = _prose(tree)
    parts = [one for one in tree.iter("article", "main") if prose[one] >= LONG_PARAGRAPH]
    with_heading = [one for one in parts if one in around]
    with_most = [one for one in parts if 2 * prose[one] > prose[tree]]
    frame = with_heading[-1] if with_heading else _innermost(with_most, prose)
    whole = tree if frame is None else frame
    beside = [
        element
        for element in whole.iterdescendants(etree.Element)
        if element not in around
        and any(map(_BESIDE.fullmatch, (*element.get("class", "").split(), element.get("id", ""))))
        and prose[element] <= _BESIDE_MOST * prose[whole]
    ]
    drop(tree, beside)
    if heading is None and (frame is not None or not title):
        heading = next((one for one in whole.iter("h1") if not _is_linked(one)), None)
    if frame is None:
        return None, heading
    for element in frame.iterdescendants(etree.Element):
        if prose[element] >= LONG_PARAGRAPH or element.tag in {"article", "main"}:
            unname(element)
            if element.tag in {"article", "main", "header", "aside"}:
                element.tag = "div"
    for element in frame.iter("p", "li"):
        # trafilatura judges links, and does not show them.
        if is_sentence(element):
            etree.strip_tags(element, "a")
    return frame, heading


def _prose(tree: Any) -> dict[Any, int]:
    """The weight of paragraphs in each element, but for links and what stands aside."""
    from lxml import etree

    elements = list(tree.iter(etree.Element))
    found = dict.fromkeys(elements, 0)
    # From the last to the first: each has its whole sum before it adds to its parent's.
    for element in reversed(elements):
        if element.tag in {"p", "li"}:
            words = shown(element)
            own = weight(words) if is_sentence(element) else len(words) - linked(element)
            # A list in an item has counted.
            found[element] = max(found[element], own)
        parent = element.getparent()
        if parent is not None and element.tag not in _ASIDE:
            found[parent] += found[element]
    return found


def _innermost(parts: list[Any], prose: dict[Any, int]) -> Any | None:
    """Returns the last of parts within each other that has nearly all prose of the first.

    What is in another article beside it is another story, and does not count.
    """
    own = dict(prose)
    for element in prose:
        if element.tag in {"article", "main"}:
            around = next(element.iterancestors("article", "main", *_ASIDE), None)
            if around is not None:
                own[around] -= prose[element]
    frame, beside = None, 0
    for part in parts:
        if prose[part] >= _MOST * (prose[part] + beside):
            frame = part
        beside += own[part]
    return frame


def _is_teaser(article: Any) -> bool:
    """Whether an article's headline is a link to it."""
    heading = next(article.iter(*HEADINGS), None)
    return heading is not None and heading.tag != "h1" and _is_linked(heading)


def _is_linked(heading: Any) -> bool:
    """Whether most of a heading leads to another page."""
    links = [*heading.iter("a"), *heading.iterancestors("a")]
    away = (link for link in links if not link.get("href", "").startswith("#"))
    return 2 * sum(map(length, away)) > length(heading)
