"""Scores against gold: the rules at their edges, and the command in processes of its own."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import Done
from commands import outcome as command_outcome
from endpoint import ARTICLE, Answer, Request, StandIn, completion, draft, fitting, status
from hypothesis import given, settings
from hypothesis import strategies as st
from quoted_summary import meeting_of
from small_summaries import failure

from summarize.article.article import Article
from summarize.cli.scores import as_text
from summarize.errors import InputError
from summarize.evaluation.gold import (
    Gold,
    GoldActor,
    GoldMeeting,
    GoldOutcome,
    GoldTopic,
    is_country,
    read_gold,
)
from summarize.evaluation.matching import PARTS
from summarize.evaluation.scoring import MEAN_PARTS, Score, evaluate, score
from summarize.schema import (
    Actor,
    ActorKind,
    AgendaItem,
    Meeting,
    Outcome,
    Part,
    Provenance,
    Quote,
    Summary,
    Unsupported,
    Usage,
)

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")

# Small things of which summaries and gold are made


def quote(text: str, start: int = 0) -> Quote:
    return Quote(start=start, end=start + len(text), text=text)


def actor(name: str, part: Part = "participant", kind: ActorKind = "person") -> Actor:
    return Actor(
        id="a1", name=name, aliases=(), kind=kind, role=None, country=None, part=part,
        quotes=(quote(name),),
    )  # fmt: skip


def topic(words: str, sentence: str = "") -> AgendaItem:
    return AgendaItem(id="g1", topic=words, quotes=(quote(sentence or words),))


def outcome(words: str, sentence: str = "") -> Outcome:
    quotes = (quote(sentence or words),)
    return Outcome(id="o1", kind="decision", description=words, parties=(), quotes=quotes)


def summary(
    article: Article,
    actors: Sequence[Actor] = (),
    topics: Iterable[AgendaItem] = (),
    outcomes: Iterable[Outcome] = (),
    unsupported: Iterable[Unsupported] = (),
    tokens: int = 0,
    others: Sequence[Meeting] = (),
) -> Summary:
    return Summary(
        article=article.info,
        is_meeting=True,
        meetings=(
            meeting_of(participants=tuple(a.id for a in actors if a.part == "participant")),
            *others,
        ),
        actors=tuple(actors),
        agenda_items=tuple(topics),
        outcomes=tuple(outcomes),
        summary="",
        unsupported=tuple(unsupported),
        provenance=Provenance(
            model="m", prompt="p", schema="s", created="", seconds=1.5, attempts=1,
            usage=Usage(prompt_tokens=tokens), package="",
        ),
    )  # fmt: skip


def gold_actor(name: str, part: Part = "participant", *aliases: str) -> GoldActor:
    return GoldActor(name, "person", part, aliases)


def gold_topic(words: str, *keywords: str) -> GoldTopic:
    return GoldTopic(keywords or (words,), f"They discussed {words}.", words)


def gold_outcome(words: str, *keywords: str) -> GoldOutcome:
    return GoldOutcome(keywords or (words,), f"They agreed to {words}.", words)


TALKS = Article("Ann Lee met Bo Day. They discussed trade. They agreed to meet.", id="talks")
MET = Gold(
    actors=(gold_actor("Ann Lee"), gold_actor("Bo Day"), gold_actor("Cy Fox", "mentioned")),
    agenda_items=(gold_topic("trade"),),
    outcomes=(gold_outcome("meet"),),
)


# When names and words are the same


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("İbrahim KALIN", "Ibrahim Kalın"),
        ("Kalın", "İbrahim Kalın"),
        ("President Recep Tayyip Erdoğan", "Erdogan"),
        ("Recep Erdoğan", "Recep Tayyip Erdogan"),
        ("Sharaa", "Ahmad al-Sharaa"),
        ("Mohammed Shia’ Al Sudani", "Mohammed Shia' al-Sudani"),
        ("U.S. Secretary of State", "Secretary of State"),
        ("Foreign Minister", "the Foreign Minister"),
        ("Ann  Lee,", "Ann Lee"),
        ("Bob", "Dr. Robert Day"),  # by its alias
    ],
)
def test_names_of_one_actor(said: str, known: str) -> None:
    assert gold_actor(known, "participant", "Bob").fits(said)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("İbrahim", "İbrahim Kalın"),
        ("Emine Erdoğan", "Recep Tayyip Erdoğan"),
        ("President", "President Ann Lee"),
        ("Li", "Wei Li"),  # too short to be somebody's
        ("", "Ann Lee"),
        ("—", "Ann Lee"),
    ],
)
def test_names_of_two_actors(said: str, known: str) -> None:
    assert not gold_actor(known).fits(said)


def test_a_longer_name_fits_when_it_has_the_surname() -> None:
    assert gold_actor("Lee").fits("Ann Lee of Norland")
    assert not gold_actor("Ann").fits("An Lee")


def test_countries_are_known_by_kind_or_by_name() -> None:
    assert is_country("Norland", "country")
    assert is_country("TÜRKİYE", "organization")
    assert not is_country("Norland", "organization")


def test_keywords_are_found_in_words_whatever_their_spelling() -> None:
    item = gold_topic("customs", "custom", "border-crossing", "İskenderun")
    fitting_words = ("Customs!", "a Border–Crossing", "the port of ISKENDERUN", "accustomed")
    assert all(item.fits(words) for words in fitting_words)
    assert not any(item.fits(words) for words in ("border crossing", "cus tom", "", "…"))


def test_a_quote_shows_an_item_by_a_part_of_its_sentence_or_all_of_it() -> None:
    item = gold_topic("trade")
    assert item.is_shown_by(["no", "discussed trade"])
    # Punctuation does not part sentences here.
    assert item.is_shown_by(["Yesterday they  DISCUSSED trade, and then “left”."])
    assert not item.is_shown_by(["They had discussed trade."])
    assert not item.is_shown_by([])
    assert not item.is_shown_by(["…", " "])


# How items are matched and counted


def scored(gold: Gold, **said: Any) -> Any:
    return score(gold, TALKS, summary(TALKS, **said))


def test_a_general_item_takes_no_special_ones_place() -> None:
    gold = replace(MET, agenda_items=(gold_topic("trade"), gold_topic("fish")))
    result = scored(gold, topics=[topic("trade in fish"), topic("trade")])
    assert result.scores["agenda_items"] == Score(found=2, said=2, gold=2)


def test_an_item_counts_once() -> None:
    result = scored(MET, topics=[topic("trade"), topic("free trade")])
    assert result.scores["agenda_items"] == Score(found=1, said=2, gold=1)
    mistake = next(m for m in result.made_up if m.part == "agenda_items")
    assert (mistake.words, mistake.note) == ("free trade", "said already")


def test_mentions_count_as_actors_and_not_as_participants() -> None:
    said = [actor("Ann Lee", "mentioned"), actor("Cy Fox"), actor("Syria", kind="group")]
    result = scored(MET, actors=[*said, actor("Norland", kind="country")])
    assert result.scores["actors"] == Score(found=2, said=2, gold=3)
    assert result.scores["participants"] == Score(found=0, said=1, gold=2)
    notes = {(m.words, m.note, m.sentence) for m in (*result.missed, *result.made_up)}
    assert ("Ann Lee", "said to be only mentioned", "Ann Lee met Bo Day.") in notes
    assert ("Cy Fox", "only mentioned", "Cy Fox") in notes


def test_what_was_set_aside_is_told() -> None:
    gold = replace(MET, agenda_items=(gold_topic("trade"), gold_topic("free trade", "trade")))
    aside = Unsupported(field="outcomes", value="to meet", reason="not found")
    missed = scored(gold, topics=[topic("trade")], unsupported=[aside]).missed
    notes = {m.words: m.note for m in missed}
    assert notes == {
        "Ann Lee": "", "Bo Day": "", "free trade": "said in one with another",
        "meet": "set aside: not found",
    }  # fmt: skip


def test_an_article_without_a_meeting() -> None:
    gold = Gold((gold_actor("Cy Fox", "mentioned"),), (), (), is_meeting=False)
    quiet = scored(gold, actors=[actor("Cy Fox")])
    # Participants do not count there: the gold has none to be found.
    assert "participants" not in quiet.scores
    assert (quiet.f1, quiet.is_invented) == (1.0, False)
    loud = scored(gold, topics=[topic("trade")])
    assert (loud.f1, loud.is_invented) == (0.0, True)


def test_figures_have_three_digits_and_the_mean_is_of_them() -> None:
    figures = Score(found=2, said=3, gold=7)
    assert (figures.precision, figures.recall, figures.f1) == (0.667, 0.286, 0.4)
    assert (Score().precision, Score().recall, Score().f1) == (0, 0, 0)
    said = summary(TALKS, [actor("Ann Lee")], [topic("trade")], [outcome("meet")])
    result = evaluate({"talks": MET}, {"talks": TALKS}, {"talks": said})
    assert result.mean_f1 == round((0.667 + 1 + 1) / 3, 3)


def test_quotes() -> None:
    right, wrong = "They discussed trade.", "They never did."
    said = summary(
        TALKS,
        [actor("Ann Lee"), actor("Nobody")],
        [topic("trade", right)],
        [outcome("meet", wrong)],
        tokens=40,
    )
    result = evaluate({"talks": MET}, {"talks": TALKS}, {"talks": said})
    # Exact: Ann Lee and the topic, of four; right: the topic, of two found.
    assert (result.quotes_exact, result.quotes_right) == (0.5, 0.5)
    assert (result.seconds, result.tokens) == (1.5, 40)


def test_an_article_without_a_summary_says_nothing() -> None:
    both = {"talks": TALKS, "other": replace(TALKS, id="other")}
    said = summary(TALKS, [actor("Ann Lee"), actor("Bo Day")], [topic("trade")], [outcome("meet")])
    gold = {"talks": MET, "other": MET, "unread": MET}
    result = evaluate(gold, both, {"talks": said, "stray": said})
    assert [article.id for article in result.worst_first] == ["other", "talks"]
    assert result.without_summary == ("other",)
    assert {result.scores[part].recall for part in MEAN_PARTS} == {0.5}
    assert {result.scores[part].precision for part in MEAN_PARTS} == {1.0}
    nothing = evaluate(gold, both, {})
    assert (nothing.mean_f1, nothing.quotes_exact, nothing.quotes_right) == (0, None, None)
    assert (nothing.seconds, nothing.tokens) == (None, None)
    assert "–" in as_text(nothing, worst=1)


# Whatever the summary

WORDS = ("trade", "fish", "borders", "visas", "gas", "grain", "debt", "water")
NAMES = ("Ann Lee", "Bo Day", "Cyd Fox", "Dee Roe", "Eve Orr", "President Ann Lee", "Syria", "—")


@st.composite
def cases(draw: Callable[[Any], Any]) -> tuple[Gold, Summary]:
    """Gold whose items cannot be taken for each other, and a summary that says anything."""

    def some(values: tuple[str, ...]) -> Any:
        return draw(st.lists(st.sampled_from(values), min_size=1, unique=True))

    gold = Gold(
        tuple(gold_actor(name) for name in some(NAMES[:5])),
        tuple(map(gold_topic, some(WORDS))),
        tuple(map(gold_outcome, some(WORDS))),
    )
    parts = st.sampled_from(("participant", "mentioned"))
    said = st.lists(st.sampled_from((*WORDS, "nothing", "TRADE …")), max_size=6)
    actors = draw(st.lists(st.builds(actor, st.sampled_from(NAMES), parts), max_size=6))
    return gold, summary(TALKS, actors, map(topic, draw(said)), map(outcome, draw(said)))


def evaluated(gold: Gold, said: Summary) -> Any:
    return evaluate({"talks": gold}, {"talks": TALKS}, {"talks": said})


@settings(max_examples=60, deadline=None)
@given(cases(), st.randoms())
def test_scores_are_shares_and_order_does_not_matter(case: Any, random: Any) -> None:
    gold, said = case
    result = evaluated(gold, said)
    figures = [
        getattr(result.scores[part], name)
        for part in PARTS
        for name in ("precision", "recall", "f1")
    ]
    assert all(0 <= share <= 1 for share in (*figures, result.mean_f1, result.articles[0].f1))

    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    fields = ("actors", "agenda_items", "outcomes")
    said = said.model_copy(update={name: shuffled(getattr(said, name)) for name in fields})
    gold = replace(gold, **{name: shuffled(getattr(gold, name)) for name in fields})
    again = evaluated(gold, said)
    assert (again.scores, again.mean_f1) == (result.scores, result.mean_f1)
    assert again.quotes_exact == result.quotes_exact


@settings(max_examples=30, deadline=None)
@given(cases())
def test_a_perfect_summary_scores_1(case: Any) -> None:
    gold, _ = case
    said = summary(
        TALKS,
        [actor(known.name, known.part) for known in gold.actors],
        [topic(item.topic, item.evidence) for item in gold.agenda_items],
        [outcome(item.description, item.evidence) for item in gold.outcomes],
    )
    result = evaluated(gold, said)
    scored = [part for part in PARTS if part != "other_meetings"]
    assert {result.scores[part].f1 for part in scored} == {1.0}
    assert (result.mean_f1, result.quotes_right, result.articles[0].f1) == (1.0, 1.0, 1.0)
    assert (result.articles[0].missed, result.articles[0].made_up) == ((), ())


# Gold files

GOLD: dict[str, Any] = {
    "is_meeting": True,
    "actors": [
        {"name": "Ibrahim Kalin", "kind": "person", "part": "participant"},
        {"name": "al-Sharaa", "kind": "person", "part": "participant", "note": "ours"},
    ],
    "agenda_items": [
        {
            "topic": "borders",
            "keywords": ["border"],
            "evidence": "The two discussed border security and the return of refugees.",
        },
        {
            "topic": "trade",
            "keywords": ["trade"],
            "evidence": "The two discussed border security and the return of refugees.",
        },
    ],
    "outcomes": [
        {
            "description": "a joint center",
            "keywords": ["center"],
            "evidence": "They agreed to open a joint operations center.",
        }
    ],
}


def changed(items: str, number: int, /, **changes: Any) -> str:
    gold = json.loads(json.dumps(GOLD))
    gold[items][number] |= changes
    return json.dumps({**gold, "remarks": "anything"})


BROKEN = {
    "[]": "an object",
    "{": "Invalid JSON: EOF",
    "{}": "actors: Field required",
    changed("actors", 1, part="host"): "actors, item 2, part: Input should be 'participant' or",
    changed("actors", 0, name="…"): "actors, item 1, name: has no letter or digit",
    changed("outcomes", 0, keywords=[]): "outcomes, item 1, keywords: ",
    changed("outcomes", 0, keywords="center"): "keywords: Input should be a valid array",
    changed("agenda_items", 1, keywords=["trade", " "]): "agenda_items, item 2, keywords, item 2:",
    changed("agenda_items", 1, evidence=None): "evidence: Input should be a valid string",
}


@pytest.mark.parametrize("text", BROKEN, ids=BROKEN.values())
def test_broken_gold_says_where_and_why(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_gold(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'one.json'}")
    assert BROKEN[text] in str(caught.value)


def test_gold_files(tmp_path: Path) -> None:
    (tmp_path / "two.json").write_text(changed("actors", 0), encoding="utf-8-sig")
    (tmp_path / "one.json").write_text(changed("actors", 0), encoding="utf-8")
    (tmp_path / ".three.json").write_text("{", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("{", encoding="utf-8")
    gold = read_gold(tmp_path)
    assert list(gold) == ["one", "two"]
    assert gold["one"] == gold["two"]


# The command


class Runner:
    """Runs `summarize evaluate` in a folder, in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Done:
        return command_outcome(["evaluate", *arguments], self._capsys)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Runner:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "88")
    for name in ("SUMMARIZE_MODEL", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    runner = Runner(tmp_path, capsys)
    for name in ("one", "two"):
        runner.write(f"news/{name}.txt", f"{ARTICLE}\n{name.title()}.\n")
        runner.write(f"gold/{name}.json", json.dumps(GOLD))
    return runner


PLACES = ("--gold", "gold", "--articles", "news")


def asking(endpoint: StandIn) -> tuple[str, ...]:
    return (*PLACES, "--model", "openai/stand-in", "--base-url", endpoint.url)


def made(run: Runner, *names: str) -> list[Summary]:
    """The summaries that the stand-in's draft would give."""
    found = []
    for name in names:
        article = Article((run.folder / f"news/{name}.txt").read_text(encoding="utf-8"), id=name)
        people = [actor("İbrahim Kalın"), actor("Ahmad al-Sharaa")]
        topics = [topic("border security"), topic("the return of refugees")]
        found.append(summary(article, people, topics, [outcome("a joint operations center")]))
    return found


def test_a_model_is_asked_and_scored(run: Runner) -> None:
    with StandIn() as endpoint:
        done = run(*asking(endpoint), "--format", "json")
    assert done.code == 0
    assert done.errors[0].startswith("model: openai/stand-in at http://127.0.0.1")
    result = json.loads(done.out)
    assert (result["articles"], result["without_summary"]) == (2, [])
    assert result["models"] == ["openai/stand-in"]
    assert result["parts"]["agenda_items"] == {
        "precision": 0.5, "recall": 0.5, "f1": 0.5, "found": 2, "said": 4, "gold": 4,
    }  # fmt: skip
    assert result["mean_f1"] == 0.833
    assert result["quotes"] == {"exact": 1.0, "right": 1.0}
    assert result["tokens_an_article"] == 110
    first = result["worst_first"][0]
    assert (first["id"], first["f1"]) == ("one", 0.8)
    assert first["missed"][0] == {
        "part": "agenda_items",
        "words": "trade",
        "sentence": "The two discussed border security and the return of refugees.",
        "note": "",
    }
    assert first["made_up"][0]["words"] == "the return of refugees"


def test_the_keys_of_the_json_are_documented(run: Runner) -> None:
    run.write("out.jsonl", "\n".join(s.to_json() for s in made(run, "one", "two")))
    options = ("--summaries", "out.jsonl", "--against", "gold", "--format", "json")
    result = json.loads(run(*PLACES, *options).out)
    # Two readers agree with themselves.
    assert result["against"]["parts"]["participants"]["f1"] == 1.0
    *_, table = DOCS.partition("## JSON")

    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*map(keys, value.values()))
        return set().union(*map(keys, value)) if isinstance(value, list) else set()

    repeated = {"repeats", "in_all"}
    assert keys(result) == set(re.findall(r"`(\w+)`", table)) - {"null"} - repeated


def test_two_runs_beside_each_other(run: Runner) -> None:
    run.write("good.jsonl", "\n".join(s.to_json() for s in made(run, "one", "two")))
    empty = [summary(Article((run.folder / f"news/{n}.txt").read_text("utf-8"), id=n)) for n in
             ("one", "two")]  # fmt: skip
    run.write("empty.jsonl", "\n".join(s.to_json() for s in empty))
    done = run(*PLACES, "--summaries", "good.jsonl", "--against", "empty.jsonl")
    assert done.code == 0
    assert re.search(r"^participants +1.000 +0.000 +\+1.000  +1.000 to 1.000$", done.out, re.M)


def test_repeated_a_model_that_says_the_same_varies_in_nothing(run: Runner) -> None:
    with StandIn() as endpoint:
        done = run(*asking(endpoint), "--repeat", "2", "--format", "json")
    assert done.code == 0
    result = json.loads(done.out)
    assert result["repeats"] == {"mean_f1": [result["mean_f1"]] * 2, "in_all": 1.0}
    done = run(*PLACES, "--summaries", "out.jsonl", "--repeat", "2")
    assert done.code == 2
    assert done.errors == ["summarize: --repeat asks the model; leave --summaries out"]


def test_summaries_of_a_batch(run: Runner) -> None:
    one, two = made(run, "one", "two")
    lines = [
        {"id": "one", "ok": True, "summary": json.loads(one.to_json())},
        json.loads(failure("two").to_json()),
    ]
    run.write("out.jsonl", "\n".join(map(json.dumps, lines)))
    done = run(*PLACES, "--summaries", "out.jsonl")
    assert done.code == 1
    line = "summarize: out.jsonl: has no summary of two: counted as saying nothing"
    assert done.errors == [line]
    assert done.out.startswith("2 articles · 1 without a summary · m · p\n")
    assert re.search(r"^participants +1.000 +0.500 +0.667 +2 +2 +4 ", done.out, re.MULTILINE)
    assert "two · F1 0.000, 5 missed, 0 made up\n  Missed\n" in done.out
    # The later summary of an article stands; an array is as good as lines, records as files.
    records = [{"id": n, "text": ARTICLE} for n in ("one", "two", "three")]
    run.write("news.jsonl", "\n".join(map(json.dumps, records)))
    empty = summary(Article(ARTICLE, id="one"))
    run.write("out.json", f"[{empty.to_json()}, {one.to_json()}, {two.to_json()}]")
    done = run("--gold", "gold", "--articles", "news.jsonl", "--summaries", "out.json")
    assert (done.code, done.errors) == (0, [])
    assert re.search(r"^participants +1.000 +1.000 ", done.out, re.MULTILINE)
    with (run.folder / "news.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["text", "id"], *([r["text"], r["id"]] for r in records)])
    rows = run("--gold", "gold", "--articles", "news.csv", "--summaries", "out.json")
    assert (rows.code, rows.out) == (0, done.out)


def test_a_floor(run: Runner) -> None:
    run.write("out.jsonl", "\n".join(s.to_json() for s in made(run, "one", "two")))
    scoring = (*PLACES, "--summaries", "out.jsonl", "--worst", "1")
    held = run(*scoring, "--min-f1", "0.833")
    assert (held.code, held.errors) == (0, [])
    assert held.out.endswith("\n1 more article with mistakes: --worst 2 shows all\n")
    broken = run(*scoring, "--min-f1", "0.834")
    assert broken.code == 1
    assert broken.errors == ["summarize: the mean F1 of 0.833 is below 0.834"]
    assert broken.out == held.out


def test_what_fails_is_named_and_counts(run: Runner) -> None:
    run.write("gold/three.json", json.dumps(GOLD))
    run.write("gold/four.json", json.dumps(GOLD))
    run.write("news/four.txt", "")

    def answer(request: Request) -> Answer:
        if "Two." in request.messages[-1]:
            return completion(None, refusal="No.")
        return fitting(request)

    with StandIn(answer) as endpoint:
        done = run(*asking(endpoint), "--quiet")
    assert done.code == 1
    assert [line.removeprefix("summarize: ")[:40] for line in done.errors] == [
        "news/four.txt: is empty; give the text o",
        "news: has no article for the gold of thr",
        "two: the model declined: No.; try anothe",
    ]
    assert done.out.startswith("2 articles · 1 without a summary")


def test_nothing_to_score(run: Runner) -> None:
    run.write("empty/notes.txt", "none")
    run.write("broken/one.json", changed("actors", 0, kind="robot"))
    run.write("blank.jsonl", "{}\n")
    run.write("other.jsonl", summary(Article(ARTICLE, id="other")).to_json())
    cases = {
        "--gold none --articles news": "none: no such folder; give --gold the folder of ID.json",
        "--gold news/one.txt --articles news": "news/one.txt: is no folder; give --gold",
        "--gold empty --articles news": "empty: holds no gold; name each file after its article",
        "--gold broken --articles news": "broken/one.json, actors, item 1, kind: Input should be",
        "--gold gold --articles none": "none: no such file",
        "--gold gold --articles empty": "empty: has no article that there is gold for; the gold",
        "--gold gold --articles news --summaries no.jsonl": "no.jsonl: no such file",
        "--gold gold --articles news --summaries blank.jsonl": "has no summary of an article",
        "--gold gold --articles news --summaries other.jsonl": "has no summary of an article",
    }
    for arguments, says in cases.items():
        done = run(*arguments.split())
        assert (done.code, done.out) == (2, ""), arguments
        assert says in done.errors[-1]
    with StandIn([status(401)]) as endpoint:
        refused = run(*asking(endpoint), "--quiet")
    assert (refused.code, refused.out, len(refused.errors)) == (2, "", 1)
    assert "refuses the key" in refused.errors[0]


def test_the_example_in_the_docs(run: Runner) -> None:
    article, gold, shown = re.findall(r"```(?:text|json)\n(.*?)```", DOCS, re.DOTALL)
    run.write("docs/17.txt", article)
    run.write("docs/17.json", gold)
    answer = draft(
        place="Port Alba",
        participants=[
            {"role": "Foreign Minister", "name": "Ida Berg"},
            {"role": "counterpart", "name": "Luca Moretti"},
        ],
        topics=["fishing quotas", "the poems of Jon Aker"],
        outcomes=[{"kind": "agreement", "text": "agreed to resume the ferry service in May"}],
    )
    with StandIn([answer]) as endpoint:
        # Gold may stand beside the articles.
        done = run("--gold", "docs", "--articles", "docs", *asking(endpoint)[4:])
    assert done.code == 0
    # What differs from run to run: the prompts' hash and the seconds.
    told = re.sub(r"meeting@\w+|[\d.]+ s,", "…", done.out)
    assert told == re.sub(r"meeting@\w+|[\d.]+ s,", "…", shown)


class TestOtherMeetings:
    GOLD = replace(
        MET,
        other_meetings=(
            GoldMeeting("earlier", "Last week Cy Fox met Di Roe.", ("Cy Fox", "Di Roe")),
            GoldMeeting("planned", "They agreed to meet."),
        ),
    )

    @staticmethod
    def scored(*others: Meeting, gold: Gold = GOLD) -> Score | None:
        actors = [actor("Ann Lee"), actor("Cy Fox", "mentioned")]
        actors = [one.model_copy(update={"id": f"a{n}"}) for n, one in enumerate(actors, start=1)]
        made = summary(TALKS, actors, others=others)
        return score(gold, TALKS, made).scores.get("other_meetings")

    def test_fit_by_time_and_people_or_else_by_the_sentence(self) -> None:
        earlier = meeting_of(id_="m2", when="earlier", participants=("a2",))
        planned = meeting_of(id_="m3", when="planned", quotes=(quote("They agreed to meet."),))
        assert self.scored(earlier, planned) == Score(2, 2, 2)
        assert self.scored(earlier.model_copy(update={"when": "planned"})) == Score(0, 1, 2)
        assert self.scored(earlier.model_copy(update={"participants": ("a1",)})) == Score(0, 1, 2)

    def test_are_not_scored_where_nobody_looked(self) -> None:
        assert self.scored(meeting_of(id_="m2", when="earlier"), gold=MET) is None

    def test_have_items_of_their_own(self) -> None:
        earlier = meeting_of(id_="m2", when="earlier")
        ours = topic("trade").model_copy(update={"meeting": "m2"})
        made = summary(TALKS, topics=[ours], others=[earlier])
        assert score(MET, TALKS, made).scores["agenda_items"] == Score(0, 0, 1)
