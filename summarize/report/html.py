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

__all__ = ["CHANGED", "HtmlReport", "render_html"]

CHANGED: Final = (
    "The article found is not the one that was summarized: its text has changed since. "
    "The quotes are shown alone."
)
"""The notice on the page where a text is not the one that was summarized."""

_SCRIPTS: Final = ("text.js", "marks.js", "reading.js", "list.js", "page.js")


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


class HtmlReport:
    """Writes a page while its summaries come; `close` completes it.

    Attributes:
        summaries: Number of summaries.
        failures: Number of articles without a summary.
        without_text: Number of summaries without the article's text.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._entries: list[dict[str, object]] = []
        self._unscripted: list[str] = []
        self._ids: Counter[str] = Counter()
        self._countries: set[str] = set()
        self.summaries = self.failures = self.without_text = 0

    def add(self, summary: Summary, text: str | None = None, *, missing: str = "") -> None:
        """Adds a summary.

        Args:
            summary: The summary.
            text: The article's text. Default: the text that the summary carries, if any.
            missing: The notice if there is no text.
        """
        texts = [one for one in (text, summary.article.text) if one is not None]
        text = next((one for one in texts if _is_summarized(summary, one)), None)
        if texts and text is None:
            missing = CHANGED
        self.summaries += 1
        self.without_text += text is None
        self._countries.update(filter(None, (actor.country for actor in summary.actors)))
        # The text stands beside the summary: once is enough.
        values = summary.model_dump(mode="json", by_alias=True, exclude={"article": {"text"}})
        record = {"summary": values, "text": text, "missing": missing}
        self._write(_entry(summary), record, wording.paragraph(summary))

    def add_failure(self, result: BatchResult) -> None:
        """Adds an article of a batch that has no summary."""
        if result.error is None:
            raise ValueError(f"{result.id}: has not failed")
        error = asdict(result.error)
        message = clean(error["message"])
        entry = {
            "id": result.id,
            "title": clean(result.id),
            "line": f"Failed: {clean(error['type'])}",
            "state": "failed",
            "untitled": True,
            "who": "",
            "types": [],
            "whens": [],
            "countries": [],
            "outcomes": [],
            "words": [message],
        }
        self.failures += 1
        self._write(entry, {"failure": {"id": result.id, **error}}, message)

    def close(self) -> None:
        """Writes the rest of the page; nothing if it has no articles."""
        if not self._entries:
            return
        words = {
            "meetings": MEETING_NAMES,
            "whens": wording.WHEN_NAMES,
            "nobody": wording.NOBODY_NAMED,
            "outcomes": wording.OUTCOME_NAMES,
            "fields": wording.FIELD_NAMES,
            "countries": _country_names(self._countries),
            "no_meeting": wording.NO_MEETING,
            "nothing": wording.NOTHING_FOUND,
        }
        self._stream.write(_data("index", {"words": words, "entries": self._entries}))
        # Where no script may run, a list of the articles in a few words.
        self._stream.write(f"<noscript>\n<ol>\n{''.join(self._unscripted)}</ol>\n</noscript>\n")
        self._stream.write(f'<script type="module">{_script()}</script>\n</body>\n</html>\n')
        self._stream.flush()

    def _write(self, entry: dict[str, Any], record: Mapping[str, object], line: str) -> None:
        number = len(self._entries)
        if not number:
            self._stream.write(_beginning())
        searched = (clean(entry["id"]), entry["title"], entry["line"], *entry["words"])
        entry["words"] = "\n".join(dict.fromkeys(searched))
        # The id of the article as browsers write it behind the `#` of an address.
        self._ids[entry["id"]] += 1
        repeat = self._ids[entry["id"]]
        key = quote(entry.pop("id"), safe="!'()*", errors="replace")
        entry["key"] = key if repeat == 1 else f"{key}&{repeat}"
        entry["number"] = number
        self._entries.append(entry)
        self._unscripted.append(_unscripted(entry["title"], entry["line"], line))
        self._stream.write(_data(f"article-{number}", record))


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


def _country_names(codes: set[str]) -> dict[str, str]:
    from summarize.grounding.countries import country_names

    names = country_names() if codes else {}
    return {code: names[code] for code in sorted(codes) if code in names}


@cache
def _asset(name: str) -> str:
    return (resources.files(__package__) / "page" / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    return "\n".join(map(_asset, _SCRIPTS))


@cache
def _beginning() -> str:
    """Returns the page up to its data."""
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(_script())}'",
            f"style-src '{_hash(_asset('page.css'))}'",
            "base-uri 'none'",
            "form-action 'none'",
            # No script can turn a string into markup.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    html = _asset("page.html").replace("{policy}", policy, 1)
    return html.replace("{style}", _asset("page.css"), 1)


def _hash(text: str) -> str:
    """Returns the source expression of an inline element with this text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


# What could end the element or begin a comment in it, what some take for line ends, and lone
# surrogates, which no file can hold.
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def _data(id_: str, value: object) -> str:
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
