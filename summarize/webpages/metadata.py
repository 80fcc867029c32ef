"""What a page says of itself, in the places where pages say it. Nothing is guessed.

A day that stands somewhere in a page may be that of another story, of a comment, of the event that
is announced; so a few places are believed, and no others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import SplitResult, urlsplit

from summarize.webpages.tree import allowed, key, line, says_title, shown

__all__ = ["Metadata", "said_by"]

# Characters. What is longer is no title and no name, whatever the page calls it.
_MAX_TITLE, _MAX_NAME = 500, 100


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of itself.

    Attributes:
        title, outlet: None where it does not say.
        host: where it is from; None where that is not known, is a number or a name without a dot,
            or keeps the pages of others.
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
    named = _named(tree)
    shown_as = [named.get("og:title", ""), named.get("twitter:title", ""), _title_element(tree)]
    known = [key(title) for title in (*shown_as, *map(shown, tree.iter("h1"))) if title]
    data = _article_data(tree, known, _addresses(tree, named, url))
    titles = (line(_text(data.get("headline"))), *shown_as)
    title = next((one for one in titles if 0 < len(one) <= _MAX_TITLE), None)
    return Metadata(
        title=title,
        outlet=_outlet_in(data, named) or None,
        host=_host(url),
        published=next(filter(None, _days(data, named, tree, url, title)), None),
        body=_text(data.get("articleBody")) or None,
    )


# schema.org: https://schema.org/Article and what is below it, with or without its address.
_ARTICLE = re.compile(
    r"(?:https?://schema\.org/|schema:)?(?:\w*Article|\w*BlogPosting|Report|Review\w*Article)"
)


def _article_data(tree: Any, titles: list[str], addresses: set[str]) -> Mapping[str, Any]:
    """The article in the page's JSON-LD; of several the one that is this page, if one is.

    Args:
        tree: of the whole page.
        titles: that the page has by other ways of saying them, as keys.
        addresses: that the page has.
    """
    found = [thing for thing in _data(tree) if _is_article(thing)]
    if len(found) < 2:
        return found[0] if found else {}
    for thing in found:
        headline = key(_text(thing.get("headline")))
        if any(says_title(headline, title) or says_title(title, headline) for title in titles):
            return thing
    return next((thing for thing in found if addresses & set(_addresses_in(thing))), {})


def _data(tree: Any) -> Iterator[Mapping[str, Any]]:
    for script in tree.iter("script"):
        if "ld+json" not in script.get("type", ""):
            continue
        try:
            # Many write line ends into strings as they are.
            found = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _things(found)


def _is_article(thing: Mapping[str, Any]) -> bool:
    kinds = thing.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _ARTICLE.fullmatch(kind) for kind in kinds)


def _addresses(tree: Any, named: Mapping[str, str], url: str | None) -> set[str]:
    links = (link for link in tree.iter("link") if link.get("rel", "").lower() == "canonical")
    said = (named.get("og:url", ""), url or "", *(link.get("href", "") for link in links))
    return {_bare(address) for address in said if address}


def _addresses_in(thing: Mapping[str, Any]) -> Iterator[str]:
    page = thing.get("mainEntityOfPage")
    page = page.get("@id") if isinstance(page, dict) else page
    return (_bare(one) for one in (thing.get("url"), thing.get("@id"), page) if _text(one))


def _bare(address: object) -> str:
    return _text(address).partition("#")[0].rstrip("/")


def _things(found: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if isinstance(found, list):
        for each in found:
            yield from _things(each, depth)
    elif isinstance(found, dict):
        yield found
        if depth < 2:
            for name in ("@graph", "mainEntity", "hasPart"):
                yield from _things(found.get(name), depth + 1)


def _text(value: object) -> str:
    """A text in data, where characters may be written as in HTML."""
    return allowed(unescape(value)).strip() if isinstance(value, str) else ""


def _named(tree: Any) -> dict[str, str]:
    """The content of each `meta`, by its name or property; the first of a name counts."""
    named: dict[str, str] = {}
    for meta in tree.iter("meta"):
        for attribute in ("property", "name"):
            name, content = meta.get(attribute, "").strip().lower(), meta.get("content", "")
            if name and content.strip():
                named.setdefault(name, line(content))
    return named


def _title_element(tree: Any) -> str:
    # Pictures have titles, too.
    titles = (one for one in tree.iter("title") if next(one.iterancestors("svg"), None) is None)
    title = next(titles, None)
    return "" if title is None else shown(title)


# The day of publication

_DAY_NAMES = (
    *("article:published_time", "article:published", "og:published_time", "datepublished"),
    *("date", "dc.date", "dc.date.issued", "dc.date.created", "dcterms.issued", "dcterms.created"),
    *("dcterms.date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date"),
    *("parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "citation_date"),
)
_PATH_DAY = re.compile(r"/((?:19|20)\d\d)/(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?=/)")


def _days(
    data: Mapping[str, Any], named: Mapping[str, str], tree: Any, url: str | None, title: str | None
) -> Iterator[str]:
    yield _text(data.get("datePublished"))
    yield from (named.get(name, "") for name in _DAY_NAMES)
    marked = list(_marked_days(tree, key(title or "")))
    if len({day[: len("2025-03-04")] for day in marked}) == 1:
        yield marked[0]
    if match := _PATH_DAY.search(_split(url).path):
        yield "-".join(match.groups())


def _marked_days(tree: Any, title: str) -> Iterator[str]:
    """The days in microdata that are this article's, not another story's nor a comment's."""
    headings = list(tree.iter("h1", "h2", "h3"))
    said = [one for one in headings if says_title(key(shown(one)), title)]
    headline = next(iter(said or [one for one in headings if one.tag == "h1"]), None)
    around = set() if headline is None else {headline, *headline.iterancestors()}
    for element in tree.iterfind(".//*[@itemprop]"):
        if "datepublished" not in element.get("itemprop", "").lower().split():
            continue
        ups = list(element.iterancestors())
        scope = next((up for up in ups if "itemscope" in up.attrib), None)
        kind = "" if scope is None else scope.get("itemtype", "").rpartition("/")[2]
        places = [up for up in ups if up is scope or up.tag == "article"]
        is_apart = any(up.tag in _APART for up in ups) or kind in {"Comment", "Review", "Answer"}
        if not is_apart and (not around or all(place in around for place in places)):
            day = line(element.get("datetime") or element.get("content") or "")
            if day:
                yield day


_APART = frozenset({"nav", "aside"})


# The outlet

_NUMERIC_HOST = re.compile(r"\d+(?:\.\d+){3}|[\da-f]*:[\da-f:]*")
# Names that lead nowhere else (RFC 6761, RFC 6762), and places that keep others' pages.
_NO_OUTLETS = re.compile(
    r"[^.]*|.*\.(?:localhost|local|internal|test|invalid)"
    r"|(?:.*\.)?(?:archive\.(?:org|today|ph|is|li|fo|md|vn)|webcache\.googleusercontent\.com)"
)
_NETWORKS = ("facebook.com", "twitter.com", "x.com", "instagram.com", "linkedin.com", "youtube.com")


def _outlet_in(data: Mapping[str, Any], named: Mapping[str, str]) -> str:
    publisher = data.get("publisher")
    publisher = publisher[0] if isinstance(publisher, list) and publisher else publisher
    said = publisher.get("name") if isinstance(publisher, dict) else publisher
    candidates = (named.get("og:site_name", ""), _text(said), named.get("dc.publisher", ""))
    named_so = (line(_as_outlet(one)) for one in candidates)
    return next((name for name in named_so if 0 < len(name) <= _MAX_NAME), "")


def _as_outlet(said: str) -> str:
    said = said.removeprefix("@")
    if not re.match(r"https?://", said):
        return said
    host = _host(said) or ""
    return "" if any(host == name or host.endswith(f".{name}") for name in _NETWORKS) else host


def _split(url: str | None) -> SplitResult:
    try:
        return urlsplit(url or "")
    except ValueError:
        return urlsplit("")


def _host(url: str | None) -> str | None:
    host = (_split(url).hostname or "").removeprefix("www.")
    is_none = _NUMERIC_HOST.fullmatch(host) or _NO_OUTLETS.fullmatch(host)
    return None if is_none else host
