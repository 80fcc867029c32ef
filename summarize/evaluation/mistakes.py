"""What a summary missed and made up, with the sentence of the article, and why where it shows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from summarize.article.article import Article
from summarize.evaluation.gold import Gold, GoldActor, GoldMeeting
from summarize.evaluation.matching import AnyGold, MatchedPart, PartName, words_of
from summarize.schema import Actor, Item, Summary


@dataclass(frozen=True, slots=True)
class Mistake:
    """An item of the gold that is in no summary, or one of a summary that is not in the gold.

    Attributes:
        part: that it belongs to.
        words: the name, topic or description.
        sentence: of the article, that says it or was taken for it; empty if there is none.
        note: what happened, where it is known; else empty.
    """

    part: PartName
    words: str
    sentence: str
    note: str = ""


def missed(part: MatchedPart, article: Article, summary: Summary | None) -> Iterator[Mistake]:
    """Yields the items of the gold that were not found."""
    found = set(part.pairs.values())
    for place, item in enumerate(part.gold):
        if place not in found:
            why = _why_missed(item, part, summary)
            yield Mistake(part.name, item.words, _sentence_of(item, article), why)


def made_up(part: MatchedPart, article: Article, gold: Gold) -> Iterator[Mistake]:
    """Yields the items of the summary that are not in the gold, or there only once."""
    for place, item in enumerate(part.said):
        if place in part.pairs:
            continue
        words, origin = words_of(item), ""
        if any(part.fits(known, item) for known in part.gold):
            origin = "said already"
        elif part.name == "participants" and any(actor.fits(words) for actor in gold.actors):
            origin = "only mentioned"
        yield Mistake(part.name, words, _sentence_quoted(item, article), origin)


def _why_missed(item: AnyGold, part: MatchedPart, summary: Summary | None) -> str:
    if summary is None:
        return "there is no summary"
    if any(part.fits(item, said) for said in part.said):
        return "said in one with another"
    field = "actors" if part.name == "participants" else part.name
    if field == "actors" and any(part.fits(item, actor) for actor in summary.actors):
        return "said to be only mentioned"
    reasons = (
        f"set aside: {aside.reason}"
        for aside in summary.unsupported
        if aside.field == field and not isinstance(item, GoldMeeting) and item.fits(aside.value)
    )
    return next(reasons, "")


def _sentence_of(item: AnyGold, article: Article) -> str:
    """The gold's sentence; for an actor, the first one with its name."""
    if not isinstance(item, GoldActor):
        return item.evidence
    reading = article.reading
    sentences = (reading.text[s.span.start : s.span.end] for s in reading.sentences)
    return next((sentence for sentence in sentences if item.is_named_in(sentence)), "")


def _sentence_quoted(item: Item, article: Article) -> str:
    """The sentence that is quoted; for an actor, the one with the quote that shows its part."""
    if not item.quotes:
        return ""
    quote = item.quotes[-1]
    reading = article.reading
    if not isinstance(item, Actor) or not reading.sentences:
        return quote.text
    span = reading.sentence_at(bisect_left(reading.offsets, quote.start)).span
    sentence = reading.text[span.start : span.end]
    # The quote of another text is at no sentence of this one.
    return sentence if quote.text in sentence else quote.text
