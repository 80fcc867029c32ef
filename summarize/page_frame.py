"""Which part of a page its article is in, as far as the page's markup says.

What finds articles in pages takes the first `<article>` there is, or the first division that is
called a body, and throws away what is called a banner, a tag or a slide. But teasers of other
stories are articles, too; bodies come in several divisions; and paragraphs stand in divisions of
any name. So it is given the one part that has the page's prose, and in it nothing to judge prose
by but its words.
"""

from __future__ import annotations

import re
from typing import Any

from summarize.page_tree import HEADINGS, is_sentence, length, line, unname

__all__ = ["LONG_PARAGRAPH", "framed", "is_beside", "key"]

# Characters of a paragraph that is no byline, and no button.
LONG_PARAGRAPH = 60
# Of the page's prose. What has less is not the article; what has so much of it is, however much of
# the page is around it.
_LEAST, _MOST = 0.5, 0.8
# Of an article's prose: what is beside an article has less.
_BESIDE_MOST = 0.35
# Names, whole, of what is beside an article or belongs to its pictures.
_BESIDE = re.compile(
    r"(?:related|recommended|recirculation|comments?|commentlist|respond|disqus\w*|newsletters?"
    r"|promo|read-?(?:also|more|next)|see-also|more-(?:on|stories|news)|most-(?:read|popular)"
    r"|trending|share|sharing|social|paywall|captions?|wp-caption(?:-text)?|breadcrumbs?)"
    r"(?:[-_](?:articles?|posts?|stories|story|news|links?|contents?|list|area|section|box|bar"
    r"|signup|form|widget|thread|buttons?|media|share|wrapper|container|block|notice))*",
    re.IGNORECASE,
)
_ASIDE = frozenset({"nav", "aside", "footer", "form", "figure"})


def key(text: str) -> str:
    """The letters and digits of a text: what is the same in every setting of it."""
    return "".join(filter(str.isalnum, text)).casefold()


def is_beside(element: Any) -> bool:
    """Whether an element is called what stands beside articles."""
    names = (*element.get("class", "").split(), element.get("id", ""))
    return any(map(_BESIDE.fullmatch, names))


def framed(tree: Any, title: str | None) -> Any | None:
    """The article's part of a page, made ready; None where the markup does not say which it is.

    Args:
        tree: the page with all words in paragraphs; teasers of other stories are taken out of it.
        title: as the page says it.
    """
    _drop_teasers(tree, key(title or ""))
    prose = _prose(tree)
    frame = _frame(tree, prose)
    if frame is None:
        return None
    for element in list(frame.iterdescendants("*")):
        if is_beside(element) and prose[element] <= _BESIDE_MOST * prose[frame]:
            if element.getparent() is not None:
                element.drop_tree()
        elif prose[element] >= LONG_PARAGRAPH or element.tag in {"article", "main"}:
            unname(element)
            if element.tag in {"article", "main", "header", "aside"}:
                element.tag = "div"
    for element in frame.iter("p", "li"):
        _unlink(element)
    return frame


def _prose(tree: Any) -> dict[Any, int]:
    """Characters of paragraphs in each element, but for links and what stands aside."""
    from lxml import etree

    elements = list(tree.iter(etree.Element))
    found = dict.fromkeys(elements, 0)
    # From the last to the first: each has its whole sum before it adds to its parent's.
    for element in reversed(elements):
        if element.tag in {"p", "li"}:
            linked = sum(map(length, element.iter("a")))
            words = length(element)
            own = (
                words if is_sentence(line("".join(element.itertext())), linked) else words - linked
            )
            # A list in an item has counted.
            found[element] = max(found[element], own)
        parent = element.getparent()
        if parent is not None and element.tag not in _ASIDE:
            found[parent] += found[element]
    return found


def _frame(tree: Any, prose: dict[Any, int]) -> Any | None:
    candidates = [element for element in tree.iter("article", "main") if prose[element]]
    most = max((prose[element] for element in candidates), default=0)
    if most < _LEAST * prose[tree]:
        return None
    frame = None
    for element in candidates:
        is_inner = frame is None or any(up is frame for up in element.iterancestors())
        if is_inner and prose[element] >= _MOST * most:
            frame = element
    return frame


def _drop_teasers(tree: Any, title: str) -> None:
    """Takes out the articles whose headline is a link to them, unless there is little else."""
    teasers = [article for article in tree.iter("article") if _is_teaser(article, title)]
    known = set(teasers)
    outermost = [one for one in teasers if known.isdisjoint(one.iterancestors())]
    if 2 * sum(map(length, outermost)) < length(tree):
        for teaser in outermost:
            teaser.drop_tree()


def _is_teaser(article: Any, title: str) -> bool:
    heading = next(article.iter(*HEADINGS), None)
    if heading is None or heading.tag == "h1":
        return False
    words = "".join(heading.itertext())
    links = [*heading.iter("a"), *(up for up in heading.iterancestors("a"))]
    is_linked = 2 * sum(map(length, links)) > len(words)
    return is_linked and not (title and key(words) and title.startswith(key(words)))


def _unlink(element: Any) -> None:
    """Makes plain words of the links in a sentence: links are judged, and never shown."""
    from lxml import etree

    linked = sum(map(length, element.iter("a")))
    if linked and is_sentence(line("".join(element.itertext())), linked):
        etree.strip_tags(element, "a")
