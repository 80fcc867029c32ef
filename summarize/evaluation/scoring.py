"""Scores summaries against gold: what was found, what was missed, what was made up.

docs/evaluation.md describes the metric. Figures are rounded to three digits, and the mean is of the
rounded figures.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias, get_args

from summarize.article.article import Article
from summarize.evaluation.gold import (
    Gold,
    GoldActor,
    GoldItem,
    GoldMeeting,
    GoldOutcome,
    GoldTopic,
    is_country,
)
from summarize.schema import MAIN_MEETING, Actor, AgendaItem, Item, Meeting, Outcome, Summary

__all__ = [
    "MEAN_PARTS",
    "PARTS",
    "ArticleScore",
    "Evaluation",
    "Mistake",
    "PartName",
    "Score",
    "evaluate",
    "score",
    "words_of",
]

PartName = Literal["participants", "agenda_items", "outcomes", "other_meetings", "actors"]
PARTS: tuple[PartName, ...] = get_args(PartName)
MEAN_PARTS = PARTS[:3]
"""The parts that the mean F1 is of, all of the news itself. `actors` are those mentioned, too."""
# The parts that quote whole sentences.
_STATED: tuple[PartName, ...] = ("agenda_items", "outcomes")
_GoldItem: TypeAlias = GoldActor | GoldTopic | GoldOutcome | GoldMeeting


@dataclass(frozen=True, slots=True)
class Score:
    """How many items of one part were found.

    Attributes:
        found: items of the summaries that are matched with one of the gold.
        said: items of the summaries.
        gold: items of the gold.
    """

    found: int = 0
    said: int = 0
    gold: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.found + other.found, self.said + other.said, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """The share of what was said that is right; 0 if nothing was."""
        return round(_share(self.found, self.said), 3)

    @property
    def recall(self) -> float:
        """The share of the gold that was found; 0 if there is none."""
        return round(_share(self.found, self.gold), 3)

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 0 if both are."""
        precision, recall = _share(self.found, self.said), _share(self.found, self.gold)
        return round(_share(2 * precision * recall, precision + recall), 3)


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


@dataclass(frozen=True)
class ArticleScore:
    """The score of the summary of one article.

    Attributes:
        id: of the article.
        is_meeting: whether the gold says that it reports a meeting.
        summary: what was scored; None counts as one that says nothing.
        scores: by part; without participants where there is no meeting.
        exact: items of the summary whose quotes are all in the article, to the letter.
        shown: agenda items and outcomes found whose quote is of the gold's sentence.
        missed: items of the gold that were not found, of the parts of the mean.
        made_up: items of the summary that are not in the gold, of the same parts.
    """

    id: str
    is_meeting: bool
    summary: Summary | None
    scores: Mapping[PartName, Score]
    exact: int
    shown: int
    missed: tuple[Mistake, ...]
    made_up: tuple[Mistake, ...]

    @property
    def f1(self) -> float:
        """Of all parts of the mean taken together; 1 if there is nothing to find or to say."""
        total = _total(self.scores[part] for part in MEAN_PARTS if part in self.scores)
        return total.f1 if total.said or total.gold else 1.0

    @property
    def is_invented(self) -> bool:
        """Whether it reports no meeting, and the summary has agenda items or outcomes."""
        return not self.is_meeting and any(self.scores[part].said for part in _STATED)


@dataclass(frozen=True)
class Evaluation:
    """The scores of the summaries of several articles."""

    articles: tuple[ArticleScore, ...]

    @cached_property
    def scores(self) -> Mapping[PartName, Score]:
        """By part, over the items of all articles."""
        return {
            part: _total(a.scores[part] for a in self.articles if part in a.scores)
            for part in PARTS
        }

    @property
    def mean_f1(self) -> float:
        """Of participants, agenda items and outcomes."""
        return round(sum(self.scores[part].f1 for part in MEAN_PARTS) / len(MEAN_PARTS), 3)

    @property
    def quotes_exact(self) -> float | None:
        """The share of items whose quotes are all in the article; None without items."""
        items = sum(len(_quoted(summary)) for summary in self.summaries)
        return round(sum(a.exact for a in self.articles) / items, 3) if items else None

    @property
    def quotes_right(self) -> float | None:
        """The share of agenda items and outcomes found that quote the gold's sentence."""
        found = sum(self.scores[part].found for part in _STATED)
        return round(sum(a.shown for a in self.articles) / found, 3) if found else None

    @property
    def no_meetings(self) -> int:
        """Articles that report no meeting."""
        return sum(not article.is_meeting for article in self.articles)

    @property
    def invented(self) -> int:
        """Those of them that were given agenda items or outcomes."""
        return sum(article.is_invented for article in self.articles)

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """What was scored."""
        return tuple(article.summary for article in self.articles if article.summary)

    @property
    def without_summary(self) -> tuple[str, ...]:
        """Ids of the articles that have gold and no summary."""
        return tuple(article.id for article in self.articles if article.summary is None)

    @property
    def seconds(self) -> float | None:
        """Seconds that the model took for an article, on average; None without summaries."""
        return _mean([summary.provenance.seconds for summary in self.summaries])

    @property
    def tokens(self) -> float | None:
        """Tokens of prompts and answers for an article, on average; None without summaries."""
        usages = [summary.provenance.usage for summary in self.summaries]
        return _mean([usage.prompt_tokens + usage.completion_tokens for usage in usages])

    @property
    def worst_first(self) -> tuple[ArticleScore, ...]:
        """The articles by F1, those with more mistakes first where it is the same."""
        return tuple(
            sorted(self.articles, key=lambda a: (a.f1, -len(a.missed) - len(a.made_up), a.id))
        )


def evaluate(
    gold: Mapping[str, Gold], articles: Mapping[str, Article], summaries: Mapping[str, Summary]
) -> Evaluation:
    """Scores the summaries of all articles that there is gold for; all are by the article's id."""
    both = [id_ for id_ in gold if id_ in articles]
    return Evaluation(
        tuple(score(gold[id_], articles[id_], summaries.get(id_)) for id_ in both),
    )


def score(gold: Gold, article: Article, summary: Summary | None) -> ArticleScore:
    """Scores the summary of one article."""
    parts = {part.name: part for part in _parts(gold, summary)}
    counted = [part for part in parts.values() if part.name != "actors"]
    items = _quoted(summary) if summary else []
    missed = [
        Mistake(
            part.name, item.words, _sentence_of(item, article), _why_missed(item, part, summary)
        )
        for part in counted
        for item in part.missed
    ]
    made_up = [
        Mistake(
            part.name, words_of(item), _sentence_quoted(item, article), _origin(item, part, gold)
        )
        for part in counted
        for item in part.made_up
    ]
    return ArticleScore(
        id=article.id,
        is_meeting=gold.is_meeting,
        summary=summary,
        scores={name: part.score for name, part in parts.items()},
        exact=sum(all(quote.text in article.text for quote in item.quotes) for item in items),
        shown=sum(parts[name].shown for name in _STATED),
        missed=tuple(missed),
        made_up=tuple(made_up),
    )


def words_of(item: Item) -> str:
    """The name, topic or description of an item; of a meeting, when and where."""
    match item:
        case Meeting():
            return f"{item.when} {item.type} {', '.join(item.places)}".strip()
        case Actor():
            return item.name
        case AgendaItem():
            return item.topic
        case Outcome():
            return item.description


@dataclass(frozen=True)
class _Part:
    """The items of one part in a summary and in the gold."""

    name: PartName
    said: Sequence[Item]
    gold: Sequence[_GoldItem]
    names: Mapping[str, str]

    def fits(self, known: _GoldItem, item: Item) -> bool:
        """Whether an item of the summary is the one of the gold."""
        if not isinstance(known, GoldMeeting):
            return known.fits(words_of(item))
        if not isinstance(item, Meeting):
            return False
        names = [self.names[id_] for id_ in item.participants if id_ in self.names]
        return known.fits(item.when, names, [quote.text for quote in item.quotes])

    @cached_property
    def pairs(self) -> Mapping[int, int]:
        """The places of items said, and of the gold that each is matched with.

        Those that fit the fewest choose first, so that a general item takes no special one's place.
        """
        choices = [
            [place for place, known in enumerate(self.gold) if self.fits(known, item)]
            for item in self.said
        ]
        pairs: dict[int, int] = {}
        for place in sorted(range(len(choices)), key=lambda place: len(choices[place])):
            free = [choice for choice in choices[place] if choice not in pairs.values()]
            if free:
                pairs[place] = free[0]
        return pairs

    @property
    def score(self) -> Score:
        return Score(len(self.pairs), len(self.said), len(self.gold))

    @property
    def shown(self) -> int:
        """Items found whose quote is of the gold's sentence."""
        found = ((self.said[one], self.gold[other]) for one, other in self.pairs.items())
        return sum(
            gold.is_shown_by(quote.text for quote in item.quotes)
            for item, gold in found
            if isinstance(gold, GoldItem)
        )

    @property
    def missed(self) -> list[_GoldItem]:
        found = set(self.pairs.values())
        return [item for place, item in enumerate(self.gold) if place not in found]

    @property
    def made_up(self) -> list[Item]:
        return [item for place, item in enumerate(self.said) if place not in self.pairs]


def _parts(gold: Gold, summary: Summary | None) -> Iterator[_Part]:
    """The parts that count for an article; countries do not."""
    actors, meetings = (summary.actors, summary.meetings) if summary else ((), ())
    topics, outcomes = (summary.agenda_items, summary.outcomes) if summary else ((), ())
    said = [actor for actor in actors if not is_country(actor.name, actor.kind)]
    known = [actor for actor in gold.actors if actor.kind != "country"]
    names = {actor.id: actor.name for actor in actors}
    # Readers take all that is reported together as the news.
    news = {meeting.id for meeting in meetings if meeting.when == "reported"} | {MAIN_MEETING}

    def part(name: PartName, said: Iterable[Item], known: Sequence[_GoldItem]) -> _Part:
        return _Part(name, tuple(said), known, names)

    if gold.is_meeting:
        present = [actor for actor in known if actor.part == "participant"]
        yield part("participants", (a for a in said if a.part == "participant"), present)
    yield part("agenda_items", (t for t in topics if t.meeting in news), gold.agenda_items)
    yield part("outcomes", (o for o in outcomes if o.meeting in news), gold.outcomes)
    if gold.other_meetings is not None:
        has_parallel = any(one.when == "parallel" for one in gold.other_meetings)
        others = (m for m in meetings[1:] if m.when != "reported" or has_parallel)
        yield part("other_meetings", others, gold.other_meetings)
    yield part("actors", said, known)


def _why_missed(item: _GoldItem, part: _Part, summary: Summary | None) -> str:
    if summary is None:
        return "there is no summary"
    if any(part.fits(item, said) for said in part.said):
        return "said in one with another"
    if part.name == "participants" and any(part.fits(item, actor) for actor in summary.actors):
        return "said to be only mentioned"
    field = "actors" if part.name == "participants" else part.name
    for aside in summary.unsupported:
        is_named = not isinstance(item, GoldMeeting) and item.fits(aside.value)
        if aside.field == field and is_named:
            return f"set aside: {aside.reason}"
    return ""


def _origin(item: Item, part: _Part, gold: Gold) -> str:
    """What an item that was made up is taken from."""
    if any(part.fits(known, item) for known in part.gold):
        return "said already"
    if part.name == "participants" and any(actor.fits(words_of(item)) for actor in gold.actors):
        return "only mentioned"
    return ""


def _sentence_of(item: _GoldItem, article: Article) -> str:
    """The gold's sentence; for an actor, the first one with its name."""
    if isinstance(item, GoldItem | GoldMeeting):
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


def _quoted(summary: Summary) -> list[Item]:
    """The items that have quotes: all but the meeting of a summary of version 1 of the schema."""
    return [item for item in summary.items if item.quotes]


def _total(scores: Iterable[Score]) -> Score:
    return sum(scores, Score())


def _share(number: float, of: float) -> float:
    return number / of if of else 0.0


def _mean(numbers: Sequence[float]) -> float | None:
    return round(sum(numbers) / len(numbers), 3) if numbers else None
