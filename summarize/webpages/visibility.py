"""What readers see of a page, as far as its markup tells.

Neither what is hidden nor what is not the page's own is known for sure without the page's style
sheets and scripts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from summarize.webpages.styles import declarations, hides, is_clear, rules_of
from summarize.webpages.tree import length

__all__ = ["visible"]

_NEVER_SEEN = frozenset("template noscript noembed noframes del s strike".split())
# Classes of most sites' style sheets.
_UNSEEN_CLASSES = frozenset(
    "visuallyhidden visually-hidden sr-only screen-reader screen-reader-text d-none hidden hide"
    " is-hidden u-hidden uk-hidden invisible govuk-visually-hidden element-invisible"
    " assistive-text display-none".split()
)
# As in "hidden md:block" and "d-none d-md-block": shown on other screens.
_SEEN_ELSEWHERE = re.compile(
    r"(?:sm|md|lg|xl|2xl|tablet|desktop):(?:block|flex|grid|inline\S*)"
    r"|d-(?:sm|md|lg|xl|xxl)-(?!none)\S+"
)
_ADVERTISEMENT = re.compile(
    r"(?:ads?|adverts?|advertisements?|advertising|sponsored)"
    r"|(?:ads?|advert|advertisement)[-_](?:slot|unit|box|banner|container|wrapper|label|block)\S*",
    re.IGNORECASE,
)
# Characters. Names like "advertising" are given to whole pages, too.
_MAX_ADVERTISEMENT = 500


def visible(tree: Any) -> Any:
    """The tree without what its markup hides, and without advertisements.

    That is: the `hidden` attribute, styles of the element's own, simple rules of the page's own
    style sheet, and class names that most sites hide. Where most of the page would go because of
    opacity or class names, these are not believed: some pages are shown by a script once they are
    loaded.
    """
    from lxml import etree

    rules = rules_of(tree)
    sure, maybe = [], []
    for element in tree.iter(etree.Element):
        if element.getparent() is None or element.tag in {"html", "body", "head"}:
            continue
        declared = rules.declared_for(element) | declarations(element.get("style", ""))
        if _is_unseen(element, declared) or _is_advertisement(element):
            sure.append(element)
        elif _is_maybe_unseen(element, declared):
            maybe.append(element)
    _drop(tree, sure)
    if 2 * sum(map(length, _outermost(maybe))) < length(tree):
        _drop(tree, maybe)
    return tree


def _outermost(elements: list[Any]) -> list[Any]:
    """Those that are not within others."""
    known = set(elements)
    return [one for one in elements if known.isdisjoint(one.iterancestors())]


def _drop(tree: Any, elements: list[Any]) -> None:
    from lxml import etree

    for element in elements:
        element.tag = "unseen"
    # All at once: one by one, each joins what was before it to what comes after.
    etree.strip_elements(tree, "unseen", etree.Comment, etree.PI, with_tail=False)


def _is_unseen(element: Any, declared: Mapping[str, str]) -> bool:
    if element.tag in _NEVER_SEEN or "hidden" in element.attrib:
        return True
    return bool(declared) and hides(declared)


def _is_maybe_unseen(element: Any, declared: Mapping[str, str]) -> bool:
    if is_clear(declared):
        return True
    classes = element.get("class", "").split()
    return not _UNSEEN_CLASSES.isdisjoint(map(str.lower, classes)) and not any(
        map(_SEEN_ELSEWHERE.fullmatch, classes)
    )


def _is_advertisement(element: Any) -> bool:
    # A paragraph of the article may be called anything.
    if element.tag in {"p", "li", "h1", "h2", "h3"}:
        return False
    names = [*element.get("class", "").split(), element.get("id", "")]
    return any(map(_ADVERTISEMENT.fullmatch, names)) and length(element) <= _MAX_ADVERTISEMENT
