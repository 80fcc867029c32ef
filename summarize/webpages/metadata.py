"""Reads a page's title, outlet and day of publication where pages state them.

A day that stands elsewhere in a page may be that of another story, of a comment, of the event that
is announced. A wrong day is worse than none, so no day is guessed, as trafilatura would.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from summarize.webpages.tree import allowed, key, line, says_title, shown

# Characters. What is longer is no title and no name, whatever the page calls it.
_MAX_TITLE, _MAX_NAME = 500, 100


class Page(NamedTuple):
    """The article in a page, and what the page says of itself.

    Attributes:
        text: its headline and paragraphs, with an empty line between them.
        title: None where the page does not say.
        outlet: as the page says; else the host of its address, None where that is no outlet's.
        published: the day of publication in its own words; None where it does not say.
    """

    text: str
    title: str | None
    outlet: str | None
    published: str | None


def metadata_of(tree: Any) -> Page:
    """Returns what a whole page says of itself to programs."""
    named = _named(tree)
    # Pictures have titles, too.
    element = next((one for one in tree.iter("title") if one.getparent().tag != "svg"), None)
    in_head = "" if element is None else shown(element)
    stated = [named.get("og:title", ""), named.get("twitter:title", ""), in_head]
    data = _article_data(tree, [key(one) for one in (*stated, *map(shown, tree.iter("h1")))])
    titles = (line(_text(data.get("headline"))), *stated)
    publisher = data.get("publisher")
    said = _text(publisher.get("name") if isinstance(publisher, dict) else publisher)
    outlets = (named.get("og:site_name", ""), line(said), named.get("dc.publisher", ""))
    days = (_text(data.get("datePublished")), *(named.get(name, "") for name in _DAY_NAMES))
    return Page(
        text=_text(data.get("articleBody")),
        title=next((one for one in titles if 0 < len(one) <= _MAX_TITLE), None),
        outlet=next((_outlet(one) for one in outlets if 0 < len(one) <= _MAX_NAME), None),
        published=next(filter(None, days), None),
    )


# schema.org: https://schema.org/Article and what is below it, with or without its address.
_ARTICLE = re.compile(
    r"(?:https?://schema\.org/|schema:)?(?:\w*Article|\w*BlogPosting|Report|Review\w*Article)"
)


def _article_data(tree: Any, titles: list[str]) -> Mapping[str, Any]:
    """The article in the page's JSON-LD; of several the one with one of these titles (keys)."""
    found: list[Mapping[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" in script.get("type", ""):
            try:
                # Many write line ends into strings as they are.
                found += filter(_is_article, _things(json.loads(script.text or "", strict=False)))
            except (ValueError, RecursionError):
                continue
    if len(found) == 1:
        return found[0]
    for thing in found:
        headline = key(_text(thing.get("headline")))
        if any(says_title(headline, title) or says_title(title, headline) for title in titles):
            return thing
    return {}


def _things(found: object) -> Iterator[Mapping[str, Any]]:
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, dict):
            yield each
            yield from _things(each.get("@graph"))


def _is_article(thing: Mapping[str, Any]) -> bool:
    kinds = thing.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _ARTICLE.fullmatch(kind) for kind in kinds)


def _text(value: object) -> str:
    """A text in data, where characters may be written as in HTML."""
    return allowed(unescape(value)).strip() if isinstance(value, str) else ""


def _named(tree: Any) -> dict[str, str]:
    """The content of each `meta`, by its name or property; the first of a name counts."""
    named: dict[str, str] = {}
    for meta in tree.iter("meta"):
        for attribute in ("property", "name", "itemprop"):
            name, content = meta.get(attribute, "").strip().lower(), meta.get("content", "")
            if name and content.strip():
                named.setdefault(name, line(content))
    return named


_DAY_NAMES = (
    *("article:published_time", "article:published", "og:published_time", "datepublished"),
    *("date", "dc.date", "dc.date.issued", "dc.date.created", "dcterms.issued", "dcterms.created"),
    *("dcterms.date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date"),
    *("parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "citation_date"),
)


def _outlet(said: str) -> str | None:
    return host_of(said) if re.match(r"https?://", said) else said.removeprefix("@")


# Numbers, names without a dot or that lead nowhere else (RFC 6761, RFC 6762), and places that keep
# others' pages.
_NO_OUTLETS = re.compile(
    r"\d+(?:\.\d+){3}|[^.]*|.*\.(?:localhost|local|internal|test|invalid)"
    r"|(?:.*\.)?(?:archive\.(?:org|today|ph|is|li|fo|md|vn)|webcache\.googleusercontent\.com)"
)


def host_of(url: str | None) -> str | None:
    """Returns the host of an address, where it can be an outlet's."""
    try:
        host = (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return None
    return None if _NO_OUTLETS.fullmatch(host) else host
