"""Renders summaries as one page of HTML, each beside its article.

The page opens from the disk and fetches nothing. Words of articles and models are data in it: JSON
in elements that no browser runs, which the page's script puts on the page as text. The page's
Content Security Policy allows this script and the page's style, by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections import Counter
from dataclasses import asdict
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from summarize.errors import InputError
from summarize.report import wording
from summarize.report.wording import clean
from summarize.schema import MEETING_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

    from summarize.batch.results import BatchResult
    from summarize.schema import Summary

__all__ = [
    "CHANGED",
    "NOT_HERE",
    "ArticleIndex",
    "HtmlReport",
    "assets",
    "content_policy",
    "data_element",
    "page_end",
    "page_start",
    "record_of",
    "render_html",
]

CHANGED: Final = (
    "The article found is not the one that was summarized: its text has changed since. "
    "The quotes are shown alone."
)
"""The notice on the page where a text is not the one that was summarized."""
NOT_HERE: Final = "The article’s text is not here ({why}). The quotes are shown alone."
"""The notice on the page where a text cannot be found or read."""

_PACKAGE: Final = "summarize.report"
_SCRIPTS: Final = ("text.js", "marks.js", "reading.js", "list.js", "stored.js", "page.js")
_STYLE: Final = "page.css"


def render_html(summary: Summary, text: str | None = None) -> str:
    """Returns the page for one summary; see `Summary.to_html`.

    Raises:
        InputError: The text is not the one that was summarized.
    """
    if text is not None and not _is_summarized(summary, text):
        raise InputError(
            f"{summary.article.id}: the text is not the one that was summarized (SHA-256 differs)",
            hint="give the text of this very article, or none to show the quotes alone",
        )
    stream = io.StringIO()
    report = HtmlReport(stream)
    report.add(summary, text)
    report.close()
    return stream.getvalue()


class ArticleIndex:
    """The list of articles on a page: what it shows of each, and what is searched and filtered.

    Attributes:
        entries: of the articles, in order.
    """

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self._ids: Counter[str] = Counter()
        self._countries: set[str] = set()

    def add_summary(self, summary: Summary) -> dict[str, Any]:
        """Adds an article with a summary; returns its entry."""
        self._countries.update(filter(None, (actor.country for actor in summary.actors)))
        return self._add(_entry(summary))

    def add_failure(self, result: BatchResult, message: str) -> dict[str, Any]:
        """Adds an article of a batch that has no summary; returns its entry."""
        names = ("types", "whens", "countries", "outcomes")
        return self._add(
            {
                "id": result.id,
                "title": clean(result.id),
                "line": f"Failed: {clean(result.error.type) if result.error else ''}",
                "state": "failed",
                "untitled": True,
                "who": "",
                **{name: [] for name in names},
                "words": [message],
            }
        )

    def _add(self, entry: dict[str, Any]) -> dict[str, Any]:
        searched = (clean(entry["id"]), entry["title"], entry["line"], *entry["words"])
        entry["words"] = "\n".join(dict.fromkeys(searched))
        # The id of the article as browsers write it behind the `#` of an address.
        self._ids[entry["id"]] += 1
        repeat = self._ids[entry["id"]]
        key = quote(entry.pop("id"), safe="!'()*", errors="replace")
        entry["key"] = key if repeat == 1 else f"{key}&{repeat}"
        entry["number"] = len(self.entries)
        self.entries.append(entry)
        return entry

    def data(self, *, with_all_countries: bool = False) -> dict[str, Any]:
        """Returns what the page's script reads: the entries, and the words that it shows."""
        words = {
            "meetings": MEETING_NAMES,
            "whens": wording.WHEN_NAMES,
            "nobody": wording.NOBODY_NAMED,
            "outcomes": wording.OUTCOME_NAMES,
            "fields": wording.FIELD_NAMES,
            "countries": _country_names(None if with_all_countries else self._countries),
            "no_meeting": wording.NO_MEETING,
            "nothing": wording.NOTHING_FOUND,
        }
        return {"words": words, "entries": self.entries}


class HtmlReport:
    """Writes a page while its summaries come; `close` completes it.

    Attributes:
        summaries: Number of summaries.
        failures: Number of articles without a summary.
        without_text: Number of summaries without the article's text.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._index = ArticleIndex()
        self._unscripted: list[str] = []
        self.summaries = self.failures = self.without_text = 0

    def add(self, summary: Summary, text: str | None = None, *, missing: str = "") -> None:
        """Adds a summary.

        Args:
            summary: The summary.
            text: The article's text. Default: the text that the summary carries, if any.
            missing: The notice if there is no text.
        """
        record = record_of(summary, text, missing=missing)
        self.summaries += 1
        self.without_text += record["text"] is None
        self._write(self._index.add_summary(summary), record, wording.paragraph(summary))

    def add_failure(self, result: BatchResult) -> None:
        """Adds an article of a batch that has no summary."""
        if result.error is None:
            raise ValueError(f"{result.id}: has not failed")
        error = asdict(result.error)
        message = clean(error["message"])
        self.failures += 1
        entry = self._index.add_failure(result, message)
        self._write(entry, {"failure": {"id": result.id, **error}}, message)

    def close(self) -> None:
        """Writes the rest of the page; nothing if it has no articles."""
        if not self._index.entries:
            return
        self._stream.write(data_element("index", self._index.data()))
        # Where no script may run, a list of the articles in a few words.
        self._stream.write(f"<noscript>\n<ol>\n{''.join(self._unscripted)}</ol>\n</noscript>\n")
        self._stream.write(page_end(assets(*_SCRIPTS)))
        self._stream.flush()

    def _write(self, entry: dict[str, Any], record: Mapping[str, object], line: str) -> None:
        if entry["number"] == 0:
            style = assets(_STYLE)
            policy = content_policy(assets(*_SCRIPTS), style)
            self._stream.write(page_start(policy, style))
        self._unscripted.append(_unscripted(entry["title"], entry["line"], line))
        self._stream.write(data_element(f"article-{entry['number']}", record))


def record_of(summary: Summary, text: str | None, *, missing: str = "") -> dict[str, Any]:
    """Returns an article as the page's script reads it; arguments as in `HtmlReport.add`."""
    texts = [one for one in (text, summary.article.text) if one is not None]
    text = next((one for one in texts if _is_summarized(summary, one)), None)
    if texts and text is None:
        missing = CHANGED
    # The text stands beside the summary: once is enough.
    values = summary.model_dump(mode="json", by_alias=True, exclude={"article": {"text"}})
    return {"summary": values, "text": text, "missing": missing}


def _is_summarized(summary: Summary, text: str) -> bool:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return digest == summary.article.sha256


def _entry(summary: Summary) -> dict[str, Any]:
    """Returns what the list shows of an article, and what is searched and filtered."""
    article, actors = summary.article, summary.actors
    searched = [article.outlet, article.published]
    searched += [place for meeting in summary.meetings for place in meeting.places]
    for actor in actors:
        searched += [actor.name, actor.role, *actor.aliases]
    searched += [item.topic for item in summary.agenda_items]
    searched += [outcome.description for outcome in summary.outcomes]
    return {
        "id": article.id,
        "title": wording.headline(summary),
        "line": wording.event_line(summary),
        "state": "meeting" if summary.is_meeting else "none",
        "untitled": not clean(article.title or ""),
        "who": ", ".join(clean(one.name) for one in actors if one.part == "participant"),
        "types": sorted({meeting.type for meeting in summary.meetings}),
        "whens": sorted({meeting.when for meeting in summary.meetings}),
        "countries": sorted({one.country for one in actors if one.country}),
        "outcomes": sorted({one.kind for one in summary.outcomes}),
        "words": [clean(words) for words in searched if words],
    }


def _country_names(codes: set[str] | None) -> dict[str, str]:
    """Returns the names of countries by their codes; of all countries if there are no codes."""
    from summarize.grounding.countries import country_names

    names = country_names() if codes is None or codes else {}
    return {
        code: names[code] for code in sorted(names if codes is None else codes) if code in names
    }


# The page: reports and reviews are made of the same parts


@cache
def assets(*names: str, package: str = _PACKAGE) -> str:
    """Returns the text of files in a package's folder `page`, one behind the other."""
    folder = resources.files(package) / "page"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


@cache
def content_policy(script: str, style: str, *more: str) -> str:
    """Returns the Content Security Policy of a page that runs this script alone."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
            # No script can turn a string into markup.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
            *more,
        )
    )


def page_start(policy: str, style: str, *, package: str = _PACKAGE) -> str:
    """Returns a package's page up to its data."""
    page = assets("page.html", package=package)
    return page.replace("{policy}", policy, 1).replace("{style}", style, 1)


def page_end(script: str) -> str:
    """Returns the page from its data on."""
    return f'<script type="module">{script}</script>\n</body>\n</html>\n'


def _hash(text: str) -> str:
    """Returns the source expression of an inline element with this text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


# What could end the element or begin a comment in it, what some take for line ends, and lone
# surrogates, which no file can hold.
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def data_element(id_: str, value: object) -> str:
    """Returns the value as JSON in an element that browsers do not run."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return f'<script type="application/json" id="{id_}">{text}</script>\n'


def _unscripted(title: str, *lines: str) -> str:
    """Returns an entry of the list for browsers without scripts: the only words that are markup.

    The words are `clean`.
    """
    paragraphs = "".join(f"<p dir=auto>{escape(line)}</p>" for line in lines if line)
    return f"<li><h2 dir=auto>{escape(title)}</h2>{paragraphs}</li>\n"
