"""Scores summaries against gold: how much was found, missed and made up.

docs/evaluation.md describes the metric. Figures are rounded to three digits, and the mean is of the
rounded figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from summarize.article.article import Article
from summarize.evaluation.gold import Gold
from summarize.evaluation.matching import PARTS, PartName, matched_parts
from summarize.evaluation.mistakes import Mistake, made_up, missed
from summarize.schema import Item, Summary

MEAN_PARTS = PARTS[:3]
"""The parts that the mean F1 is of, all of the news itself."""
FIGURES = (*MEAN_PARTS, "mean_f1")
"""The keys of `Evaluation.f1`."""
# The parts that quote whole sentences.
_STATED: tuple[PartName, ...] = ("agenda_items", "outcomes")


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

    @property
    def precision(self) -> float:
        """The share of what was said that is right; 0 if nothing was."""
        return _share(self.found, self.said) or 0.0

    @property
    def recall(self) -> float:
        """The share of the gold that was found; 0 if there is none."""
        return _share(self.found, self.gold) or 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 0 if both are."""
        return _share(2 * self.found, self.said + self.gold) or 0.0


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
        missed: items of the gold that were not found, of all parts but `actors`.
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
        return {part: self._score(part) for part in PARTS}

    @cached_property
    def f1(self) -> Mapping[str, float]:
        """The F1 of participants, agenda items and outcomes, and their mean; see `FIGURES`."""
        figures: dict[str, float] = {part: self._score(part).f1 for part in MEAN_PARTS}
        return {**figures, "mean_f1": round(sum(figures.values()) / len(figures), 3)}

    @property
    def mean_f1(self) -> float:
        """Of participants, agenda items and outcomes."""
        return self.f1["mean_f1"]

    @property
    def quotes_exact(self) -> float | None:
        """The share of items whose quotes are all in the article; None without items."""
        items = sum(len(_quoted(summary)) for summary in self.summaries)
        return _share(sum(a.exact for a in self.articles), items)

    @property
    def quotes_right(self) -> float | None:
        """The share of agenda items and outcomes found that quote the gold's sentence."""
        found = sum(self.scores[part].found for part in _STATED)
        return _share(sum(a.shown for a in self.articles), found)

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
        seconds = [summary.provenance.seconds for summary in self.summaries]
        return _share(sum(seconds), len(seconds))

    @property
    def tokens(self) -> float | None:
        """Tokens of prompts and answers for an article, on average; None without summaries."""
        usages = [summary.provenance.usage for summary in self.summaries]
        total = sum(usage.prompt_tokens + usage.completion_tokens for usage in usages)
        return _share(total, len(usages))

    @property
    def worst_first(self) -> Sequence[ArticleScore]:
        """The articles by F1, those with more mistakes first where it is the same."""
        return sorted(self.articles, key=lambda a: (a.f1, -len(a.missed) - len(a.made_up), a.id))

    def _score(self, part: PartName) -> Score:
        return _total(a.scores[part] for a in self.articles if part in a.scores)


def evaluate(
    gold: Mapping[str, Gold], articles: Mapping[str, Article], summaries: Mapping[str, Summary]
) -> Evaluation:
    """Scores the summaries of all articles that there is gold for; all are by the article's id."""
    both = [id_ for id_ in gold if id_ in articles]
    return Evaluation(tuple(score(gold[id_], articles[id_], summaries.get(id_)) for id_ in both))


def score(gold: Gold, article: Article, summary: Summary | None) -> ArticleScore:
    """Scores the summary of one article."""
    parts = {part.name: part for part in matched_parts(gold, summary)}
    counted = [part for part in parts.values() if part.name != "actors"]
    items = _quoted(summary) if summary else []
    return ArticleScore(
        id=article.id,
        is_meeting=gold.is_meeting,
        summary=summary,
        scores={
            name: Score(len(part.pairs), len(part.said), len(part.gold))
            for name, part in parts.items()
        },
        exact=sum(all(quote.text in article.text for quote in item.quotes) for item in items),
        shown=sum(parts[name].shown for name in _STATED),
        missed=tuple(mistake for part in counted for mistake in missed(part, article, summary)),
        made_up=tuple(mistake for part in counted for mistake in made_up(part, article, gold)),
    )


def _quoted(summary: Summary) -> list[Item]:
    """The items that have quotes: all but the meeting of a summary of version 1 of the schema."""
    return [item for item in summary.items if item.quotes]


def _total(scores: Iterable[Score]) -> Score:
    all_scores = list(scores)
    return Score(
        sum(score.found for score in all_scores),
        sum(score.said for score in all_scores),
        sum(score.gold for score in all_scores),
    )


def _share(number: float, of: float) -> float | None:
    return round(number / of, 3) if of else None
