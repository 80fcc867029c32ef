"""What is found, how much of it is right, and what it costs, beside what one would use instead.

Run it as `python benchmarks/quality.py --gold GOLD --articles NEWS` (`pip install -e
'.[bench,local]'` brings what it needs). The gold is as for `summarize evaluate`, the articles are
`NEWS/ID.txt`; both options may be given several times, in pairs. The contestants:

- summarize: this package, as `summarize article --model local` runs it;
- instructor: a pydantic model with quotes, `Mode.JSON_SCHEMA`, one call an article;
- langextract: `lx.extract` with one example and its OpenAI provider; what its own alignment finds
  are the quotes.

All ask one process of llama.cpp, which this package starts for its embedded model, about the same
articles, one after the other. They take turns of ten articles, and who begins moves on by one from
turn to turn. Each turn begins with an article that is not measured: llama.cpp holds the prompt that
came last, so that from then on everybody finds its own instructions read already. (This package
keeps them in a file besides and takes them up for each article, as it does for its users.)

Everybody gets the article's text as it is, and `summarize.evaluation.scoring` scores
everybody. The peers' words and quotes are taken as they are, each item once; an item without a
quote counts as one that is not quoted exactly. Where there is no answer, or none that is whole,
nothing is said. The time is that of an article from end to end, with whatever is asked again;
tokens are the server's count.

A second table has what the evidence model scored when it was trained: in cross-validation, with one
outlet left out, and on the articles held out. The peers learn nothing, so that any article is held
out from them; for a fair comparison the articles given have to be held out from this package, too.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from statistics import mean, median
from typing import Any, Literal, get_args
from unittest.mock import patch

from contestants import Machine, installed, names_among
from pydantic import BaseModel

from summarize.article.article import Article
from summarize.errors import AnswerError, DuplicateIdError, SummarizeError
from summarize.evaluation.gold import Gold, read_gold
from summarize.evaluation.gold_summaries import NO_PROVENANCE
from summarize.evaluation.matching import PartName
from summarize.evaluation.scoring import Evaluation, evaluate
from summarize.evidence.evidence_file import learned
from summarize.models import Meter, choose_model
from summarize.models.endpoints import Endpoint, find_endpoint
from summarize.progress import silent
from summarize.prompting.templates import load_prompts
from summarize.schema import (
    Actor,
    AgendaItem,
    Outcome,
    Part,
    Quote,
    Summary,
)
from summarize.sources.articles import read_file

SETTINGS = choose_model("local")
# Articles of a turn. What slows the machine down for a while slows down all contestants.
TURN = 10
# Tokens of a peer's answer. On the seeds the longest that came to an end had 981.
MAX_TOKENS = 2048

Answered = Callable[[Article], Summary]
Kind = Literal["participant", "mentioned", "agenda_item", "outcome"]


@dataclass(frozen=True)
class Item:
    """What a peer says of an article."""

    kind: Kind
    words: str
    quotes: tuple[Quote, ...]


# The contestants. Each is told where the model is, and gives a function that asks it.


def ask_summarize(_: Endpoint) -> Answered:
    """The package itself. It uses the embedded model that has been started in its process."""
    from summarize import Summarizer

    return Summarizer(SETTINGS).summarize


class RecordedActor(BaseModel):
    """Somebody in the article."""

    name: str
    role: str
    part: Literal["participant", "mentioned"]
    quotes: list[str]


class RecordedTopic(BaseModel):
    """Something discussed at the meeting."""

    topic: str
    quotes: list[str]


class RecordedOutcome(BaseModel):
    """Something that came of the meeting."""

    description: str
    quotes: list[str]


class MeetingRecord(BaseModel):
    """The record of a meeting of officials."""

    is_meeting: bool
    actors: list[RecordedActor]
    agenda_items: list[RecordedTopic]
    outcomes: list[RecordedOutcome]


# The fields are described here, because llama.cpp holds answers to the schema without showing it to
# the model. With the schema in the prompt, descriptions and all, the mean F1 on three of the seeds
# was 0.48; so it is 0.56.
INSTRUCTOR_PROMPT = """\
You extract the record of a meeting from a news article: a visit, talks, a call, a summit or an \
agreement between officials. Leave out what the article does not say.

Answer in JSON:
is_meeting: whether the article reports a meeting of officials.
actors: people and organizations, but no countries. name: full name, without the office. role: \
office or title, as the article writes it. part: participant if they met, visited, phoned or held \
talks, as a host or a guest, else mentioned. quotes: words of the article that show it, copied \
exactly.
agenda_items: what they discussed, each topic once; no background. Empty if no meeting. topic: in \
a few words. quotes: the sentence that says it, copied exactly.
outcomes: what they agreed, promised, decided or stressed at this meeting. Empty if nothing, or no \
meeting. description: in one short clause. quotes: the sentence that says it, copied exactly."""


def ask_instructor(endpoint: Endpoint) -> Answered:
    """instructor, with the quotes that the model writes."""
    import instructor
    from instructor.core import InstructorError

    client = instructor.from_provider(
        f"openai/{endpoint.model}",
        mode=instructor.Mode.JSON_SCHEMA,
        base_url=endpoint.url,
        api_key=endpoint.key,
    )

    def ask(article: Article) -> Summary:
        try:
            record = client.create(
                response_model=MeetingRecord,
                messages=[
                    {"role": "system", "content": INSTRUCTOR_PROMPT},
                    {"role": "user", "content": article.text},
                ],
                max_retries=2,
                max_tokens=MAX_TOKENS,
                temperature=0.0,
            )
        except InstructorError as error:
            raise AnswerError(f"{type(error).__name__}: {error}") from error
        return summary_of(article, recorded(record, article.text))

    return ask


def recorded(record: MeetingRecord, text: str) -> Iterator[Item]:
    """The items of a record. One that says there is no meeting has no agenda and no outcomes."""
    for actor in record.actors:
        yield Item(actor.part, actor.name, written(actor.quotes, text))
    if record.is_meeting:
        for topic in record.agenda_items:
            yield Item("agenda_item", topic.topic, written(topic.quotes, text))
        for outcome in record.outcomes:
            yield Item("outcome", outcome.description, written(outcome.quotes, text))


def written(quotes: Iterable[str], text: str) -> tuple[Quote, ...]:
    """Quotes as a model wrote them; those that are not in the text are put at its start."""
    trimmed = filter(None, (quote.strip() for quote in quotes))
    places = ((max(text.find(quote), 0), quote) for quote in trimmed)
    return tuple(Quote(start=at, end=at + len(quote), text=quote) for at, quote in places)


LANGEXTRACT_PROMPT = """\
Extract the record of a meeting from a news article: a visit, talks, a call, a summit or an \
agreement between officials.
participant: a person who met, visited, phoned or held talks, as a host or a guest.
mentioned: any other person or organization, but no country.
agenda_item: what they discussed, each topic once; no background.
outcome: what they agreed, promised, decided or stressed at this meeting.
If the text reports no meeting, extract no agenda_item and no outcome.
Use exact text for extractions, in order of appearance. Do not paraphrase or overlap entities."""
# What there is to extract from prompts/example.md. With roles as attributes, one of
# two answers about the seeds never ended.
LANGEXTRACT_EXAMPLE: tuple[tuple[Kind, str], ...] = (
    ("participant", "Anna Keller"),
    ("participant", "Lars Holm"),
    ("participant", "Ingrid Vik"),
    ("agenda_item", "Arctic research"),
    ("agenda_item", "the fishing dispute in the north"),
    ("agenda_item", "a rail link between the two ports"),
    ("agenda_item", "the supply of spare parts"),
    ("agenda_item", "preparations for the climate conference"),
    ("outcome", "Holm reaffirmed Norway's support for the new research station"),
    ("outcome", "signed an agreement on student exchange"),
    ("outcome", "agreed to meet again in Bern in May"),
    ("outcome", "Keller stressed the importance of open sea lanes"),
    ("mentioned", "Polar Front"),
    ("mentioned", "Jon Berg"),
)
# Characters: an article is one request, unless it would not fit. With LangExtract's own 1,000 there
# were 3.7, and the mean F1 on three of the seeds was 0.47 in nearly twice the time; so it is 0.51.
LANGEXTRACT_BUFFER = 15_000


def ask_langextract(endpoint: Endpoint) -> Answered:
    """LangExtract, which chooses fences and constraints itself, as its README has it for OpenAI."""
    import langextract as lx

    # LangExtract wants its examples to the letter.
    assert all(words in example_text() for _, words in LANGEXTRACT_EXAMPLE)
    shown = [lx.data.Extraction(kind, words) for kind, words in LANGEXTRACT_EXAMPLE]
    example = lx.data.ExampleData(text=example_text(), extractions=shown)
    provider = {
        "temperature": 0.0,
        "max_output_tokens": MAX_TOKENS,
        "base_url": endpoint.url,
        "api_key": endpoint.key,
    }
    config = lx.factory.ModelConfig(endpoint.model, "OpenAILanguageModel", provider)

    def ask(article: Article) -> Summary:
        with warnings.catch_warnings():
            # It says that the form of the answer is taken from the example, as it should be.
            warnings.simplefilter("ignore")
            try:
                found = lx.extract(
                    article.text,
                    prompt_description=LANGEXTRACT_PROMPT,
                    examples=[example],
                    config=config,
                    max_char_buffer=LANGEXTRACT_BUFFER,
                    # Else what cannot be read is left out without a word.
                    resolver_params={"suppress_parse_errors": False},
                    show_progress=False,
                )
            except lx.exceptions.LangExtractError as error:
                raise AnswerError(f"{type(error).__name__}: {error}") from error
        return summary_of(article, (extracted(e, article.text) for e in found.extractions))

    return ask


def extracted(extraction: Any, text: str) -> Item:
    """An extraction, with the place where LangExtract found it as its quote."""
    place = extraction.char_interval
    spans = [(place.start_pos, place.end_pos)] if place else []
    quotes = tuple(Quote(start=start, end=end, text=text[start:end]) for start, end in spans)
    return Item(extraction.extraction_class, extraction.extraction_text, quotes)


def example_text() -> str:
    """The article of the package's own example."""
    example = load_prompts().example
    assert example
    return example[0]


CONTESTANTS: dict[str, Callable[[Endpoint], Answered]] = {
    "summarize": ask_summarize,
    "instructor": ask_instructor,
    "langextract": ask_langextract,
}


# In the form that is scored.

# Stands where there is no quote: no article has it.
NO_QUOTE = (Quote(start=0, end=1, text="∅"),)


def summary_of(article: Article, items: Iterable[Item]) -> Summary:
    """What a peer says, each item once with all its quotes, as a summary."""
    said: dict[Kind, dict[str, tuple[Quote, ...]]] = {kind: {} for kind in get_args(Kind)}
    for item in items:
        quotes = said[item.kind].get(item.words, ())
        said[item.kind][item.words] = quotes + item.quotes
    parts: tuple[Part, ...] = ("participant", "mentioned")
    return Summary(
        article=article.info,
        is_meeting=any(said[kind] for kind in said if kind != "mentioned"),
        # The peers tell no meetings apart; nothing of them is scored.
        meetings=(),
        actors=tuple(
            Actor(
                id="",
                name=words,
                aliases=(),
                kind="person",
                role=None,
                country=None,
                part=part,
                quotes=quotes or NO_QUOTE,
            )
            for part in parts
            for words, quotes in said[part].items()
        ),
        agenda_items=tuple(
            AgendaItem(id="", topic=words, quotes=quotes or NO_QUOTE)
            for words, quotes in said["agenda_item"].items()
        ),
        outcomes=tuple(
            Outcome(
                id="", kind="statement", description=words, parties=(), quotes=quotes or NO_QUOTE
            )
            for words, quotes in said["outcome"].items()
        ),
        summary="",
        unsupported=(),
        provenance=NO_PROVENANCE,
    )


# Asking.


@dataclass(frozen=True)
class Answer:
    """What a contestant says of an article, and what it took."""

    summary: Summary | None
    failure: str
    seconds: float
    requests: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int


def answer_of(ask: Answered, article: Article) -> Answer:
    """Asks a contestant about an article.

    Raises:
        SummarizeError: it would fail with any other article, too.
    """
    summary, failure = None, ""
    meter = Meter()
    with metered(meter):
        try:
            summary = ask(article)
        except SummarizeError as error:
            if error.fatal:
                raise
            failure = str(error)
    return Answer(
        summary,
        failure,
        meter.seconds,
        meter.attempts,
        meter.prompt_tokens,
        meter.cached_tokens,
        meter.completion_tokens,
    )


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """Counts what goes through openai's client, which all contestants ask with."""
    from openai import OpenAI

    request = OpenAI.request

    def counted(*args: Any, **kwargs: Any) -> Any:
        meter.attempts += 1
        response = request(*args, **kwargs)
        # Contestants get the parsed JSON, or an object made of it.
        meter.count(response if isinstance(response, dict) else response.to_dict())
        return response

    with patch.object(OpenAI, "request", counted):
        yield


Answers = dict[str, dict[str, Answer]]


def take_turns(
    contestants: Mapping[str, Answered], articles: Sequence[Article], answers: Answers
) -> None:
    """Asks every contestant about every article; adds the answers by contestant and article."""
    warm_up = Article(example_text(), id="warm-up")
    names = list(contestants)
    for number, start in enumerate(range(0, len(articles), TURN)):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            answer_of(contestants[name], warm_up)
            for place, article in enumerate(articles[start : start + TURN], start=start + 1):
                answer = answer_of(contestants[name], article)
                answers[name][article.id] = answer
                told = f"{place}/{len(articles)} {article.id}: {name} {answer.seconds:.1f} s"
                print(told, answer.failure, file=sys.stderr, flush=True)


# What is told.


@dataclass(frozen=True)
class Result:
    """How a contestant fares.

    Attributes:
        evaluation: of what it says.
        answers: what it took, by the article's id.
        ours: what this package took; empty if it does not take part.
    """

    evaluation: Evaluation
    answers: Mapping[str, Answer]
    ours: Mapping[str, Answer]

    @property
    def seconds(self) -> list[float]:
        """For each article."""
        return [answer.seconds for answer in self.answers.values()]

    @property
    def times_ours(self) -> float | None:
        """The median of its time in that of this package, article by article."""
        both = self.ours.keys() & self.answers.keys()
        return (
            median(self.answers[i].seconds / self.ours[i].seconds for i in both) if both else None
        )

    def f1(self, part: PartName) -> float:
        """Of one part, over all articles."""
        return self.evaluation.scores[part].f1

    def mean(self, count: Callable[[Answer], int]) -> float:
        """Of a count, for an article."""
        return mean(map(count, self.answers.values()))


# What is told of each contestant, and how a figure is written.
FIGURES: dict[str, tuple[str, Callable[[Result], float | None]]] = {
    "mean F1": (".3f", lambda r: r.evaluation.mean_f1),
    "participants F1": (".3f", lambda r: r.f1("participants")),
    "agenda items F1": (".3f", lambda r: r.f1("agenda_items")),
    "outcomes F1": (".3f", lambda r: r.f1("outcomes")),
    "quotes exact": (".3f", lambda r: r.evaluation.quotes_exact),
    "quotes right": (".3f", lambda r: r.evaluation.quotes_right),
    "inventions where there is no meeting": ("d", lambda r: r.evaluation.invented),
    "articles without an answer": ("d", lambda r: len(r.evaluation.without_summary)),
    "seconds an article, median": (".1f", lambda r: median(r.seconds)),
    "seconds an article, mean": (".1f", lambda r: mean(r.seconds)),
    "times ours, median of the articles": (".2f", lambda r: r.times_ours),
    "prompt tokens an article": (".0f", lambda r: r.mean(lambda a: a.prompt_tokens)),
    "of them read before": (".0f", lambda r: r.mean(lambda a: a.cached_tokens)),
    "completion tokens an article": (".0f", lambda r: r.mean(lambda a: a.completion_tokens)),
    "requests an article": (".2f", lambda r: r.mean(lambda a: a.requests)),
}


def table(results: Mapping[str, Result]) -> str:
    """The figures side by side, as Markdown."""
    lines = [f"| | {' | '.join(results)} |", f"|---{'|---:' * len(results)}|"]
    for name, (form, figure) in FIGURES.items():
        found = [figure(result) for result in results.values()]
        told = ("" if number is None else f"{number:{form}}" for number in found)
        lines.append(f"| {name} | {' | '.join(told)} |")
    return "\n".join(lines)


def table_of_training(provenance: Mapping[str, Any]) -> str:
    """What the evidence model scored when it was trained, as Markdown: benchmarks/train.py."""
    rows = {name: row for name, row in provenance.items() if isinstance(row, dict)}
    lines = [f"| summarize, assisted | {' | '.join(rows)} |", f"|---{'|---:' * len(rows)}|"]
    for name in ("articles", "mean_f1", "quotes_exact", "invented", "meetings_missed"):
        lines.append(f"| {name} | {' | '.join(str(row[name]) for row in rows.values())} |")
    for name in ("participants", "agenda_items", "outcomes"):
        lines.append(f"| {name} F1 | {' | '.join(str(row[name]['f1']) for row in rows.values())} |")
    return "\n".join(lines)


@dataclass(frozen=True)
class Setting:
    """What all contestants were given, and where."""

    date: str
    machine: Machine
    model: str
    prompts: str
    articles: int
    characters: int
    no_meetings: int

    def __str__(self) -> str:
        return (
            f"{self.machine}\n{self.articles} articles of {self.characters:,} characters on "
            f"average, {self.no_meetings} of them without a meeting; {self.model}, our prompts "
            f"{self.prompts}; {self.date}."
        )


def read(pairs: Iterable[tuple[Path, Path]]) -> tuple[dict[str, Gold], dict[str, Article]]:
    """The gold of all folders and its articles, by the article's id.

    Raises:
        SummarizeError: something cannot be read, or two articles have one id.
    """
    gold: dict[str, Gold] = {}
    articles: dict[str, Article] = {}
    for golds, texts in pairs:
        for id_, known in read_gold(golds).items():
            if id_ in gold:
                raise DuplicateIdError(f"{golds}: there is gold of {id_} elsewhere")
            gold[id_] = known
            articles[id_] = read_file(texts / f"{id_}.txt")
    return gold, articles


def main() -> None:
    """Asks everybody and prints the table."""
    options = parse_options()
    try:
        compare(options)
    except SummarizeError as error:
        raise SystemExit(str(error)) from error


def compare(options: argparse.Namespace) -> None:
    """Asks everybody and prints the table.

    Raises:
        SummarizeError: an article or its gold cannot be read, or there is no model.
    """
    gold, every = read(zip(options.gold, options.articles, strict=True))
    articles = dict(islice(every.items(), options.limit))
    endpoint = find_endpoint(SETTINGS, replay=False, report=silent)
    setting = Setting(
        dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
        Machine.here((*CONTESTANTS, "openai", "xllamacpp")),
        endpoint.name,
        load_prompts().id,
        len(articles),
        round(mean(len(article.text) for article in articles.values())),
        sum(not gold[id_].is_meeting for id_ in articles),
    )
    contestants = {name: CONTESTANTS[name](endpoint) for name in installed(options.systems)}
    answers: Answers = {name: {} for name in contestants}
    try:
        take_turns(contestants, list(articles.values()), answers)
    finally:
        # Whatever happens, what has been answered is kept.
        results = scored(gold, articles, answers)
        if options.output:
            write(options.output, setting, results)
    print(f"{setting}\n\n{table(results)}\n\n{table_of_training(learned().provenance)}")


def scored(
    gold: Mapping[str, Gold], articles: Mapping[str, Article], answers: Answers
) -> dict[str, Result]:
    """How each contestant fares with the articles that it was asked about."""
    results = {}
    for name, own in answers.items():
        asked = {id_: articles[id_] for id_ in own}
        summaries = {id_: answer.summary for id_, answer in own.items() if answer.summary}
        if own:
            evaluation = evaluate(gold, asked, summaries)
            results[name] = Result(evaluation, own, answers.get("summarize", {}))
    return results


def write(path: Path, setting: Setting, results: Mapping[str, Result]) -> None:
    """All figures and all answers, as JSON."""
    everything = {
        "setting": asdict(setting),
        "contestants": {
            name: {
                "figures": {told: figure(result) for told, (_, figure) in FIGURES.items()},
                "answers": {id_: asdict(answer) for id_, answer in result.answers.items()},
            }
            for name, result in results.items()
        },
    }
    written = json.dumps(everything, default=Summary.model_dump, ensure_ascii=False, indent=2)
    path.write_text(f"{written}\n", encoding="utf-8")


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    folder: dict[str, Any] = {"type": Path, "action": "append", "required": True, "metavar": "DIR"}
    add("--gold", **folder, help="a folder of gold")
    add("--articles", **folder, help="the folder of its articles")
    add("--limit", type=int, help="the first so many articles only")
    names = names_among(CONTESTANTS)
    add("--systems", type=names, default=list(CONTESTANTS), help="with commas between")
    add("-o", "--output", type=Path, metavar="FILE", help="a file for all answers, as JSON")
    options = parser.parse_args()
    if len(options.gold) != len(options.articles):
        parser.error("each --gold needs its --articles")
    return options


if __name__ == "__main__":
    main()
