"""Checks summaries against the articles they were made from, without a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from summarize.article import Article
from summarize.errors import InputError, SummarizeError
from summarize.schema import Summary
from summarize.sources import read_file

__all__ = ["Verdict", "read_summaries", "verify"]


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
    text = read_file(path).text
    for number, record in _records(text):
        where = f"{path}, line {number}"
        if isinstance(record, InputError):
            yield InputError(f"{where}: {record}")
            continue
        if isinstance(record, dict) and "ok" in record:
            if not record["ok"]:
                continue
            record = record.get("summary")
        try:
            yield Summary.model_validate(record)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            yield InputError(f"{where}: is no summary ({field or 'record'}: {first['msg']})")


def _records(text: str) -> Iterator[tuple[int, object]]:
    """Each JSON value of a file, with its line."""
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if whole is not None:
        yield from ((1, record) for record in (whole if isinstance(whole, list) else [whole]))
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                yield number, InputError(f"is no JSON ({error})")


def verify(summary: Summary, article: Article) -> Verdict:
    """Checks that every quote stands in the article where the summary says."""
    problems = []
    if article.sha256 != summary.article.sha256:
        problems.append("the article's text is not the one that was summarized (SHA-256 differs)")
    for item in summary.items:
        for quote in item.quotes:
            if article.text[quote.start : quote.end] != quote.text:
                problems.append(f"{item.id}: the quote at {quote.start}–{quote.end} is not there")
    if not summary.is_meeting and (summary.agenda_items or summary.outcomes):
        problems.append("reports no meeting, but has agenda items or outcomes")
    known = {actor.id for actor in summary.actors}
    for outcome in summary.outcomes:
        problems += [f"{outcome.id}: no actor {p}" for p in outcome.parties if p not in known]
    return Verdict(summary.article.id, len(summary.quotes), tuple(problems))
