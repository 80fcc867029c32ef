"""Checks summaries against the articles they were made from, without a model."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from summarize.article.article import Article
from summarize.grounding.matching import fold
from summarize.schema import Quote, Summary


def verify(summary: Summary, article: Article) -> list[str]:
    """Returns what is wrong with a summary, a line for each problem; none if all is right.

    Every quote has to be in the article at its offsets, and to have the words it stands for.
    """
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
        if not _is_quoted(words, quotes, article):
            problems.append(f"{id_}: the {what} is not in its quote")
    if not summary.is_meeting and len(summary.items) > len(summary.actors):
        problems.append("reports no meeting, but has meetings, agenda items or outcomes")
    if summary.is_meeting and not summary.meetings:
        problems.append("reports a meeting, but has none")
    actors = {actor.id for actor in summary.actors}
    named = [(meeting.id, meeting.participants) for meeting in summary.meetings]
    named += [(outcome.id, outcome.parties) for outcome in summary.outcomes]
    for id_, ids in named:
        problems += [f"{id_}: no actor {one}" for one in ids if one not in actors]
    meetings = {meeting.id for meeting in summary.meetings}
    if summary.is_meeting:
        told = [(item.id, item.meeting) for item in summary.agenda_items]
        told += [(outcome.id, outcome.meeting) for outcome in summary.outcomes]
        problems += [f"{id_}: no meeting {one}" for id_, one in told if one not in meetings]
    return problems


def _is_quoted(words: str, quotes: Iterable[Quote], article: Article) -> bool:
    """Whether one of the quotes has the words, as it stands or without its markup."""
    reading = article.reading
    for quote in quotes:
        start, end = (bisect_left(reading.offsets, at) for at in (quote.start, quote.end))
        if any(fold(words) in fold(text) for text in (quote.text, reading.text[start:end])):
            return True
    return False
