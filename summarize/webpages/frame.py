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

from summarize.webpages.tree import (
    HEADINGS,
    is_sentence,
    key,
    length,
    says_title,
    shown,
    unname,
    weight,
)

__all__ = ["LONG_PARAGRAPH", "framed", "is_beside"]

# The weight of a paragraph that is no byline, and no button.
LONG_PARAGRAPH = 60
# Of the page's prose. What has less is not the article; what has so much of it is, however much of
# the page is around it.
_LEAST, _MOST = 0.5, 0.8
# Of an article's prose: what is beside an article has less.
_BESIDE_MOST = 0.35
# Names, whole, of what is beside an article.
_BESIDE = re.compile(
    r"(?:related|recommended|recirculation|comments?|commentlist|respond|disqus\w*|newsletters?"
    r"|read-?(?:also|more|next)|see-also|more-(?:on|stories|news)|most-(?:read|popular)"
    r"|trending|share|sharing|social|paywall|breadcrumbs?)"
    r"(?:[-_](?:articles?|posts?|stories|story|news|links?|list|area|section|box|bar"
    r"|signup|form|widget|thread|buttons?|media|share|wrapper|container|block|notice))*",
    re.IGNORECASE,
)
# And of what belongs to its pictures, as long as it is one paragraph.
_CAPTION = re.compile(r"captions?|wp-caption(?:-text)?", re.IGNORECASE)
_TALK = re.compile(
    r"(?:comments?|commentlist|disqus\w*)(?:[-_](?:list|area|section|thread|container|wrapper))*",
    re.IGNORECASE,
)
_ASIDE = frozenset({"nav", "aside", "footer", "form", "figure"})


def is_beside(element: Any) -> bool:
    """Whether an element is called what stands beside articles."""
    names = (*element.get("class", "").split(), element.get("id", ""))
    if any(map(_CAPTION.fullmatch, names)) and len(element.findall(".//p")) < 2:
        return True
    return any(map(_BESIDE.fullmatch, names))


def framed(tree: Any, title: str | None) -> Any | None:
    """The article's part of a page, made ready; None where the markup does not say which it is.

    Args:
        tree: the page with all words in paragraphs; teasers of other stories are taken out of it.
        title: as the page says it.
    """
    known = key(title or "")
    headline = _headline(tree, known)
    _drop_teasers(tree, headline)
    _drop(_other_stories(tree, headline, known))
    _drop([element for element in tree.iter("div", "section", "ul", "ol") if _is_talk(element)])
    prose = _prose(tree)
    frame = _frame(tree, prose, headline)
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


def _headline(tree: Any, title: str) -> Any | None:
    """The heading that says the title: what is no link counts first, and the highest."""
    found = [one for one in tree.iter("h1", "h2", "h3") if says_title(key(shown(one)), title)]
    return min(found, key=lambda one: (_is_linked(one), one.tag), default=None)


def _prose(tree: Any) -> dict[Any, int]:
    """The weight of paragraphs in each element, but for links and what stands aside."""
    from lxml import etree

    elements = list(tree.iter(etree.Element))
    found = dict.fromkeys(elements, 0)
    # From the last to the first: each has its whole sum before it adds to its parent's.
    for element in reversed(elements):
        if element.tag in {"p", "li"}:
            words, linked = shown(element), sum(map(length, element.iter("a")))
            own = weight(words) if is_sentence(words, linked) else len(words) - linked
            # A list in an item has counted.
            found[element] = max(found[element], own)
        parent = element.getparent()
        if parent is not None and element.tag not in _ASIDE:
            found[parent] += found[element]
    return found


def _frame(tree: Any, prose: dict[Any, int], headline: Any | None) -> Any | None:
    candidates = [element for element in tree.iter("article", "main") if prose[element]]
    around = set() if headline is None else set(headline.iterancestors())
    with_headline = [element for element in candidates if element in around]
    if with_headline and prose[with_headline[0]] >= LONG_PARAGRAPH:
        # However long the stories are that follow.
        candidates = with_headline
    most = max((prose[element] for element in candidates), default=0)
    if candidates is not with_headline and most < _LEAST * prose[tree]:
        return None
    frame = None
    for element in candidates:
        is_inner = frame is None or any(up is frame for up in element.iterancestors())
        if is_inner and prose[element] >= _MOST * most:
            frame = element
    return frame


def _is_talk(element: Any) -> bool:
    """Whether it holds what readers wrote, be it longer than the article."""
    names = (*element.get("class", "").split(), element.get("id", ""))
    return any(map(_TALK.fullmatch, names)) and next(element.iter("h1"), None) is None


def _other_stories(tree: Any, headline: Any | None, title: str) -> list[Any]:
    """The articles with headlines of their own, as pages have that go on when they are scrolled."""
    own = None if headline is None else next(headline.iterancestors("article"), None)
    # Else the headline may be a logo that the page is called by.
    if headline is None or own is None or length(own) - length(headline) < LONG_PARAGRAPH:
        return []
    around = set(headline.iterancestors())
    return [one for one in tree.iter("article") if one not in around and _has_headline(one, title)]


def _has_headline(article: Any, title: str) -> bool:
    """Whether it has a headline of the highest rank, which is not the title."""
    headings = (key(shown(heading)) for heading in article.iter("h1"))
    return any(not says_title(heading, title) for heading in headings)


def _drop_teasers(tree: Any, headline: Any | None) -> None:
    """Takes out the articles whose headline is a link to them.

    Where they are within the article, there has to be more than they: entries of a live report may
    be made so, too.
    """
    around = set() if headline is None else set(headline.iterancestors())
    teasers = [one for one in tree.iter("article") if one not in around and _is_teaser(one)]
    ups = () if headline is None else headline.iterancestors("article", "main")
    place = next(iter(ups), tree)
    within = set(place.iter("article"))
    _drop([one for one in teasers if one not in within])
    inner = set(teasers) & within
    outermost = [one for one in teasers if one in inner and inner.isdisjoint(one.iterancestors())]
    if 2 * sum(map(length, outermost)) < length(place):
        _drop(outermost)


def _is_teaser(article: Any) -> bool:
    heading = next(article.iter(*HEADINGS), None)
    return heading is not None and heading.tag != "h1" and _is_linked(heading)


def _is_linked(heading: Any) -> bool:
    """Whether most of it leads to another page."""
    links = [*heading.iter("a"), *heading.iterancestors("a")]
    away = (link for link in links if not link.get("href", "").startswith("#"))
    return 2 * sum(map(length, away)) > length(heading)


def _drop(elements: list[Any]) -> None:
    for element in elements:
        if element.getparent() is not None:
            element.drop_tree()


def _unlink(element: Any) -> None:
    """Makes plain words of the links in a sentence: links are judged, and never shown."""
    from lxml import etree

    linked = sum(map(length, element.iter("a")))
    if linked and is_sentence(shown(element), linked):
        etree.strip_tags(element, "a")
