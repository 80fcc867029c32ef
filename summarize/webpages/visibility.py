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


def visible(tree: Any) -> Any:
    """Returns the tree without what attributes and styles hide.

    Scripts show some pages once they are loaded: no style hides most of a page.
    """
    whole = length(tree)
    hidden = [
        element
        for element in tree.iterfind("body//*")
        if element.tag in _NEVER_SEEN
        or "hidden" in element.attrib
        or (HIDING_STYLE.search(element.get("style", "")) and 2 * length(element) < whole)
    ]
    drop(tree, hidden)
    return tree
