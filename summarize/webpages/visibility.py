"""Takes out of a page what readers do not see, as far as its markup tells.

Neither style sheets nor scripts are read: what only they hide is read as if it were shown.
"""

from __future__ import annotations

import re
from typing import Any

from summarize.webpages.tree import drop, length

HIDING_STYLE = re.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d])"
    r"|font-size\s*:\s*(?:0(?![.\d])|1px)|(?<![\w-])color\s*:\s*transparent"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3}"
)
"""Matches in a `style` attribute whose element a browser does not show."""

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


def visible(tree: Any) -> Any:
    """Returns the tree without what attributes, styles and class names hide.

    Where most of the page would go because of opacity or class names, these are not believed:
    scripts show some pages once they are loaded.
    """
    from lxml import etree

    sure, maybe = [], []
    for element in tree.iter(etree.Element):
        if element.getparent() is None or element.tag in {"html", "body", "head"}:
            continue
        style = HIDING_STYLE.search(element.get("style", ""))
        is_faded = style is not None and style[0].lower().startswith("opacity")
        if element.tag in _NEVER_SEEN or "hidden" in element.attrib or (style and not is_faded):
            sure.append(element)
        elif is_faded or _has_unseen_class(element):
            maybe.append(element)
    drop(tree, sure)
    known = set(maybe)
    outermost = [one for one in maybe if known.isdisjoint(one.iterancestors())]
    if 2 * sum(map(length, outermost)) < length(tree):
        drop(tree, outermost)
    return tree


def _has_unseen_class(element: Any) -> bool:
    classes = element.get("class", "").split()
    return not _UNSEEN_CLASSES.isdisjoint(map(str.lower, classes)) and not any(
        map(_SEEN_ELSEWHERE.fullmatch, classes)
    )
