"""Checks summaries against the articles they were made from, without a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from summarize.article import Article
from summarize.errors import InputError, SummarizeError
from summarize.matching import fold
from summarize.schema import Quote, Summary
from summarize.sources import read_utf8

__all__ = ["Verdict", "read_summaries", "verify"]

_WANTED = "give what summarize article --format jsonl wrote"


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes:
        id: of the article.
        quotes: how many were checked.
        problems: what is wrong, a line each; none if all is right.
    """

    id: str
    quotes: int
    problems: tuple[str, ...]


def read_summaries(path: Path) -> Iterator[Summary | SummarizeError]:
    """The summaries of a JSONL file, a JSON array or a single JSON object.

    Lines of a batch (`{"id", "ok", "summary"}`) count by their summary; failed ones are left out.

    Yields:
        A summary, or an error that says which line is none and why.

    Raises:
        InputError: the file cannot be read.
    """
    # Some editors begin a file with a byte order mark, which is no part of its JSON.
    text = read_utf8(path, wanted=_WANTED).removeprefix("\ufeff")
    for place, record in _records(text):
        where = f"{path}, {place}"
        if isinstance(record, InputError):
            yield InputError(f"{where}: {record}", hint=_WANTED)
            continue
        if isinstance(record, dict) and "ok" in record:
            if record["ok"] is False:
                continue
            record = record.get("summary")
        try:
            yield Summary.model_validate(record)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            yield InputError(
                f"{where}: is no summary ({field or 'record'}: {first['msg']})", hint=_WANTED
            )


def _records(text: str) -> Iterator[tuple[str, object]]:
    """Each JSON value of a file, and where it is."""
    whole = _json(text)
    if isinstance(whole, list):
        yield from ((f"record {number}", record) for number, record in enumerate(whole, start=1))
    elif not isinstance(whole, InputError):
        yield "line 1", whole
    else:
        # Not splitlines: JSON may hold other line ends of Unicode as they are.
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield f"line {number}", _json(line)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        return InputError("is no JSON of ours (nested too deeply)")
    except ValueError as error:
        return InputError(f"is no JSON ({error})")


def verify(summary: Summary, article: Article) -> Verdict:
    """Checks that every quote stands in the article where it says, and says what rests on it."""
    problems = []
    if article.sha256 != summary.article.sha256:
        problems.append("the article's text is not the one that was summarized (SHA-256 differs)")
    for item in summary.items:
        for quote in item.quotes:
            if article.text[quote.start : quote.end] != quote.text:
                problems.append(f"{item.id}: the quote at {quote.start}–{quote.end} is not there")
    said = [(item.id, "topic", item.topic, item.quotes) for item in summary.agenda_items]
    said += [(o.id, "description", o.description, o.quotes) for o in summary.outcomes]
    for id_, what, words, quotes in said:
        if not _stands(words, quotes):
            problems.append(f"{id_}: the {what} is not in its quote")
    if not summary.is_meeting and (summary.agenda_items or summary.outcomes):
        problems.append("reports no meeting, but has agenda items or outcomes")
    known = {actor.id for actor in summary.actors}
    for outcome in summary.outcomes:
        problems += [f"{outcome.id}: no actor {p}" for p in outcome.parties if p not in known]
    return Verdict(summary.article.id, len(summary.quotes), tuple(problems))


def _stands(words: str, quotes: Iterable[Quote]) -> bool:
    """Whether one of the quotes has the words, whatever their white space and spelling."""
    return any(fold(words) in fold(quote.text) for quote in quotes)
