"""What a page says of itself, in the places where pages say it. Nothing is guessed.

A day that stands somewhere in a page may be that of another story, of a comment, of the event that
is announced; so a few places are believed, and no others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from summarize.page_tree import line

__all__ = ["Metadata", "said_by"]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of itself.

    Attributes:
        title, outlet: None where it does not say.
        host: where it is from, None where that is not known, or a number.
        published: in its own words.
        body: the article's text, as data for programs.
    """

    title: str | None
    outlet: str | None
    host: str | None
    published: str | None
    body: str | None


def said_by(tree: Any, url: str | None) -> Metadata:
    """What a page says of itself.

    Args:
        tree: of the whole page.
        url: where it is from, if known.
    """
    data = _article_data(tree)
    named = _named(tree)
    outlet = _outlet_in(data, named)
    titles = (
        _text(data.get("headline")),
        named.get("og:title", ""),
        named.get("twitter:title", ""),
        _title_element(tree),
    )
    return Metadata(
        title=next(filter(None, titles), None),
        outlet=outlet or None,
        host=_host(url),
        published=next(filter(None, _days(data, named, tree, url)), None),
        body=_text(data.get("articleBody")) or None,
    )


# schema.org: https://schema.org/Article and what is below it.
_ARTICLE = re.compile(r"(?:\w*Article|\w*BlogPosting|Report|Review\w*Article)")


def _article_data(tree: Any) -> Mapping[str, Any]:
    """The first article in the page's JSON-LD; empty if there is none."""
    for script in tree.iter("script"):
        if "ld+json" not in script.get("type", ""):
            continue
        try:
            found = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for thing in _things(found):
            kinds = thing.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(kind, str) and _ARTICLE.fullmatch(kind) for kind in kinds):
                return thing
    return {}


def _things(found: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if isinstance(found, list):
        for each in found:
            yield from _things(each, depth)
    elif isinstance(found, dict):
        yield found
        if depth < 2:
            for name in ("@graph", "mainEntity"):
                yield from _things(found.get(name), depth + 1)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _named(tree: Any) -> dict[str, str]:
    """The content of each `meta`, by its name or property; the first of a name counts."""
    named: dict[str, str] = {}
    for meta in tree.iter("meta"):
        for attribute in ("property", "name", "itemprop"):
            name, content = meta.get(attribute, "").strip().lower(), meta.get("content", "")
            if name and content.strip():
                named.setdefault(name, line(content))
    return named


def _title_element(tree: Any) -> str:
    title = next(tree.iter("title"), None)
    return "" if title is None else line("".join(title.itertext()))


# The day of publication

_DAY_NAMES = (
    *("article:published_time", "article:published", "og:published_time", "datepublished"),
    *("date", "dc.date", "dc.date.issued", "dc.date.created", "dcterms.issued", "dcterms.created"),
    *("dcterms.date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date"),
    *("parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "citation_date"),
)
_PATH_DAY = re.compile(r"/((?:19|20)\d\d)/(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?=/)")


def _days(
    data: Mapping[str, Any], named: Mapping[str, str], tree: Any, url: str | None
) -> Iterator[str]:
    yield _text(data.get("datePublished"))
    yield from (named.get(name, "") for name in _DAY_NAMES)
    for element in tree.iterfind(".//*[@itemprop]"):
        if element.get("itemprop", "").lower() == "datepublished":
            yield line(element.get("datetime") or element.get("content") or "")
    if match := _PATH_DAY.search(_split(url).path):
        yield "-".join(match.groups())


# The outlet

_NUMERIC_HOST = re.compile(r"\d+(?:\.\d+){3}|[\da-f]*:[\da-f:]*")
_NETWORKS = ("facebook.com", "twitter.com", "x.com", "instagram.com", "linkedin.com", "youtube.com")


def _outlet_in(data: Mapping[str, Any], named: Mapping[str, str]) -> str:
    publisher = data.get("publisher")
    publisher = publisher[0] if isinstance(publisher, list) and publisher else publisher
    said = publisher.get("name") if isinstance(publisher, dict) else publisher
    candidates = (named.get("og:site_name", ""), _text(said), named.get("dc.publisher", ""))
    return next(filter(None, map(_as_outlet, candidates)), "")


def _as_outlet(said: str) -> str:
    said = said.removeprefix("@")
    if not re.match(r"https?://", said):
        return said
    host = _host(said) or ""
    return "" if host.endswith(_NETWORKS) else host


def _split(url: str | None) -> SplitResult:
    try:
        return urlsplit(url or "")
    except ValueError:
        return urlsplit("")


def _host(url: str | None) -> str | None:
    host = (_split(url).hostname or "").removeprefix("www.")
    return host if host and not _NUMERIC_HOST.fullmatch(host) else None
