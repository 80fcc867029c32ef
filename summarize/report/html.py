"""Summaries as one page of HTML, each beside its article. It opens from the disk, fetches nothing.

What comes from articles and models is data in it: JSON in elements that no browser runs, put on the
page as text by a script of ours. The page's policy allows that script and that style, by their
hashes, and nothing else: no address, no other script, no markup made from strings.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections import Counter
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from summarize.errors import InputError
from summarize.report.wording import (
    FIELD_NAMES,
    NO_MEETING,
    NOTHING_FOUND,
    OUTCOME_NAMES,
    clean,
    event_line,
    headline,
    paragraph,
)
from summarize.schema import EVENT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from summarize.batch.results import BatchResult
    from summarize.schema import Summary

__all__ = ["CHANGED", "HtmlReport", "render_html"]

CHANGED: Final = (
    "The article found is not the one that was summarized: its text has changed since. "
    "The quotes are shown alone."
)
"""What the page says where a text is not the one of the summary."""

_SCRIPTS: Final = ("text.js", "marks.js", "reading.js", "list.js", "page.js")


def render_html(summary: Summary, text: str | None = None) -> str:
    """The summary as a page, beside the text of its article if that is given or in the summary.

    Raises:
        InputError: the text is not the one that was summarized.
    """
    if text is not None and not _is_of(summary, text):
        raise InputError(
            f"{summary.article.id}: the text is not the one that was summarized (SHA-256 differs)",
            hint="give the text of this very article, or none to show the quotes alone",
        )
    stream = io.StringIO()
    report = HtmlReport(stream)
    report.add(summary, text)
    report.close()
    return stream.getvalue()


class HtmlReport:
    """Writes a page as its summaries come; it is whole once it is closed.

    Attributes:
        summaries: how many there are.
        failures: articles that have none.
        without_text: summaries beside which there is no article.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._entries: list[dict[str, object]] = []
        self._told: list[str] = []
        self._ids: Counter[str] = Counter()
        self._countries: set[str] = set()
        self.summaries = self.failures = self.without_text = 0

    def add(self, summary: Summary, text: str | None = None, *, missing: str = "") -> None:
        """Adds a summary.

        Args:
            summary: the summary.
            text: of the article; None where only the summary may have it.
            missing: what to say where there is none.
        """
        texts = [one for one in (text, summary.article.text) if one is not None]
        text = next((one for one in texts if _is_of(summary, one)), None)
        if texts and text is None:
            missing = CHANGED
        self.summaries += 1
        self.without_text += text is None
        # Once is enough: the text stands beside it.
        told = summary.model_dump(mode="json", by_alias=True, exclude={"article": {"text"}})
        entry = _entry(summary)
        self._countries.update(entry["countries"])
        self._write(entry, {"summary": told, "text": text, "missing": missing}, paragraph(summary))

    def add_failure(self, result: BatchResult) -> None:
        """Adds an article of a batch that has no summary."""
        error = result.error
        failure = {
            "id": result.id,
            "type": error.type if error else "",
            "message": error.message if error else "",
            "retryable": error is not None and error.retryable,
            "attempts": error.attempts if error else 0,
        }
        self.failures += 1
        line = f"Failed: {failure['type']}" if failure["type"] else "Failed"
        entry = _entry_of(result.id, clean(result.id), line, "failed", [str(failure["message"])])
        self._write(entry, {"failure": failure}, clean(str(failure["message"])))

    def close(self) -> None:
        """Writes the rest of the page; nothing if there is nothing on it."""
        if not self._entries:
            return
        words = {
            "events": EVENT_NAMES,
            "outcomes": OUTCOME_NAMES,
            "fields": FIELD_NAMES,
            "countries": _names_of(self._countries),
            "no_meeting": NO_MEETING,
            "nothing": NOTHING_FOUND,
        }
        self._put(_data("index", {"words": words, "entries": self._entries}))
        # Also for those who let no script run: what each article is, in a few words.
        self._put(f"<noscript>\n<ol>\n{''.join(self._told)}</ol>\n</noscript>\n")
        self._put(f'<script type="module">{_script()}</script>\n</body>\n</html>\n')
        self._stream.flush()

    def _write(self, entry: dict[str, Any], record: dict[str, object], told: str) -> None:
        number = len(self._entries)
        if not number:
            self._put(_beginning())
        # The id of the article, as browsers write it behind the `#` of an address.
        self._ids[entry["id"]] += 1
        repeat = self._ids[entry["id"]]
        key = quote(entry.pop("id"), safe="!'()*", errors="replace")
        entry["key"] = key if repeat == 1 else f"{key}&{repeat}"
        entry["number"] = number
        self._entries.append(entry)
        self._told.append(_listed(entry["title"], entry["line"], told))
        self._put(_data(f"article-{number}", record))

    def _put(self, html: str) -> None:
        self._stream.write(html)


def _is_of(summary: Summary, text: str) -> bool:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return digest == summary.article.sha256


# What the list shows of an article, and what is searched and filtered.


def _entry(summary: Summary) -> dict[str, Any]:
    state = "meeting" if summary.is_meeting else "none"
    return {
        **_entry_of(
            summary.article.id, headline(summary), event_line(summary), state, _searched(summary)
        ),
        "untitled": not clean(summary.article.title or ""),
        "who": ", ".join(clean(one.name) for one in summary.actors if one.part == "participant"),
        "type": summary.event.type,
        "countries": sorted({one.country for one in summary.actors if one.country}),
        "outcomes": sorted({one.kind for one in summary.outcomes}),
    }


def _entry_of(id_: str, title: str, line: str, state: str, searched: list[str]) -> dict[str, Any]:
    words = dict.fromkeys(filter(None, map(clean, (id_, title, line, *searched))))
    return {
        "id": id_,
        "title": title,
        "line": line,
        "state": state,
        "untitled": True,
        "who": "",
        "type": "",
        "countries": [],
        "outcomes": [],
        "words": "\n".join(words),
    }


def _searched(summary: Summary) -> list[str]:
    def words() -> Iterator[str | None]:
        yield summary.article.outlet
        yield summary.article.published
        yield from summary.event.places
        for actor in summary.actors:
            yield from (actor.name, actor.role, *actor.aliases)
        yield from (item.topic for item in summary.agenda_items)
        yield from (outcome.description for outcome in summary.outcomes)

    return [word for word in words() if word]


def _names_of(codes: set[str]) -> dict[str, str]:
    from summarize.grounding.countries import country_names

    names = country_names() if codes else {}
    return {code: names[code] for code in sorted(codes) if code in names}


# The page.


@cache
def _asset(name: str) -> str:
    return (resources.files(__package__) / "page" / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    return "\n".join(map(_asset, _SCRIPTS))


@cache
def _beginning() -> str:
    """The page up to its data."""
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(_script())}'",
            f"style-src '{_hash(_asset('page.css'))}'",
            "base-uri 'none'",
            "form-action 'none'",
            # No script can make markup of a string, should ours ever try.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    html = _asset("page.html").replace("{policy}", policy, 1)
    return html.replace("{style}", _asset("page.css"), 1)


def _hash(text: str) -> str:
    """As a policy names an element with this text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


# What could end the element or begin a comment in it, what some take for line ends, and half
# characters, which no file can hold.
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")

_HALF = re.compile("[\ud800-\udfff]")


def _listed(title: str, *lines: str) -> str:
    """An entry of the list for those who let no script run: the one place with words as markup."""
    told = [f"<h2 dir=auto>{_escaped(title)}</h2>"]
    told += [f"<p dir=auto>{_escaped(line)}</p>" for line in lines if line]
    return f"<li>{''.join(told)}</li>\n"


def _escaped(words: str) -> str:
    return escape(_HALF.sub("\ufffd", words))


def _data(id_: str, value: object) -> str:
    """A value as JSON in an element that is no script to a browser."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return f'<script type="application/json" id="{id_}">{text}</script>\n'
