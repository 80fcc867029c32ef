"""A dossier from end to end: the seeds, and what holds whatever is in it."""

import csv
import json
import random
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from meeting_summaries import meeting_summary
from small_summaries import failure

from summarize import dossier, summarize_article
from summarize.across_articles.outputs import FILES
from summarize.cli import main
from summarize.errors import ConfigurationError, InputError

ROOT = Path(__file__).parents[2]

FIDAN, LAVROV, RUBIO = (
    "Hakan Fidan, TUR, Turkish Foreign Minister",
    "Sergei Lavrov, RUS, Russian Foreign Minister",
    "Marco Rubio, USA, Secretary of State",
)


def read(folder, name):
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def made(tmp_path, *summaries, **options):
    return dossier(summaries, tmp_path / "out", **options)


def meetings_of(made_of):
    return sorted(sorted(r.article for r in m.reports) for m in made_of.meetings)


def actors_of(made_of):
    return sorted(sorted(s.name for s in a.spellings) for a in made_of.actors)


def files_of(folder):
    return {name: (folder / name).read_bytes() for name in FILES}


def many(number=60, seed=1):
    """Reports of meetings of a few people on a few days, some of them spelled otherwise."""
    rng = random.Random(seed)
    people = [
        [FIDAN, "H. Fidan, TUR", "Fidan"],
        [LAVROV, "Сергей Лавров, RUS", "Sergey Lavrov"],
        [RUBIO, "Rubio, USA"],
        ["Abbas Araghchi, IRN", "Abbas Araqchi", "Araghchi, IRN"],
        ["Ahmed Ali, IRQ"],
        ["Hassan Ali, IRQ", "Ali"],
    ]
    return [
        meeting_summary(
            f"n{number:02}",
            [rng.choice(names) for names in rng.sample(people, 2)],
            published=f"2026-03-{rng.randint(1, 9):02}",
            type_=rng.choice(["talks", "visit", "call"]),
            topics=[rng.choice(["gas prices", "grain corridor", "border security"])],
            outcomes=[("agreement", "They agreed to reopen the grain corridor in spring")],
            others=[("MIT/National Intelligence Organization", "organization")],
        )
        for number in range(number)
    ]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    summaries = [
        summarize_article(path, model="local", replay=ROOT / "cassettes")
        for path in sorted((ROOT / "seeds").glob("*.txt"))
    ]
    return dossier(summaries, tmp_path_factory.mktemp("seeds") / "out")


class TestSeeds:
    def test_kalin_is_one_actor_in_four_articles(self, seeds):
        (kalin,) = [a for a in seeds.actors if "Kalın" in a.name]
        assert (kalin.articles, kalin.country, len(kalin.offices)) == (4, "TUR", 4)
        assert {s.name for s in kalin.spellings} >= {"İbrahim Kalın", "Ibrahim Kalın"}
        assert kalin.reasons

    def test_his_meetings_are_in_order_of_time(self, seeds):
        (kalin,) = [a.id for a in seeds.actors if "Kalın" in a.name]
        his = [m for m in seeds.meetings if kalin in m.participants]
        assert len({report.article for m in his for report in m.reports}) == 4
        days = [m.day or (m.window[0] if m.window else "9") for m in his]
        assert days == sorted(days)


class TestMerging:
    def test_reports_of_one_meeting_are_one(self, tmp_path):
        made_of = made(
            tmp_path,
            meeting_summary("a", [FIDAN, LAVROV], places=["Moscow"], topics=["grain exports"]),
            meeting_summary("b", ["Fidan, TUR", "Сергей Лавров, RUS"], published="2026-03-06"),
            meeting_summary("c", [FIDAN, LAVROV], published="2026-03-12"),
            meeting_summary("d", [FIDAN, RUBIO]),
        )
        assert meetings_of(made_of) == [["a", "b"], ["c"], ["d"]]
        first = next(m for m in made_of.meetings if len(m.reports) == 2)
        assert any("a and b: both name" in reason.words for reason in first.reasons)
        assert first.countries == ("RUS", "TUR")
        assert first.window == ("2026-03-04", "2026-03-05")

    def test_a_call_is_no_visit(self, tmp_path):
        made_of = made(
            tmp_path,
            meeting_summary("a", [FIDAN, LAVROV], type_="visit"),
            meeting_summary("b", [FIDAN, LAVROV], type_="call"),
        )
        assert meetings_of(made_of) == [["a"], ["b"]]

    def test_planned_and_earlier_meetings_join_the_reports_of_their_day(self, tmp_path):
        made_of = made(
            tmp_path,
            meeting_summary("a", [FIDAN, LAVROV], day="2026-03-05"),
            meeting_summary(
                "b", [FIDAN, LAVROV], when="planned", day="2026-03-05", published="2026-03-01"
            ),
            meeting_summary(
                "c", [FIDAN, LAVROV], when="earlier", day="2026-03-05", published="2026-04-01"
            ),
        )
        (meeting,) = made_of.meetings
        assert (meeting.day, meeting.when, meeting.article_count) == ("2026-03-05", "reported", 3)

    def test_copies_of_one_text_are_one_source(self, tmp_path):
        sentence = "Fidan and Lavrov met in Moscow on Thursday for talks on grain and gas exports."
        made_of = made(
            tmp_path,
            *(meeting_summary(id_, [FIDAN, LAVROV], sentence=sentence) for id_ in "ab"),
            meeting_summary("c", [FIDAN, LAVROV], sentence="The ministers sat down in Moscow."),
        )
        (meeting,) = made_of.meetings
        assert (meeting.article_count, meeting.independent_sources) == (3, 2)
        assert [report.copy_of for report in meeting.reports if report.copy_of] in (["a"], ["b"])

    def test_what_outlets_disagree_about_is_shown(self, tmp_path):
        made_of = made(
            tmp_path,
            meeting_summary("a", [FIDAN, LAVROV], day="2026-03-04"),
            meeting_summary("b", [FIDAN, LAVROV], day="2026-03-05", type_="visit"),
        )
        (meeting,) = made_of.meetings
        shown = {one.field: one.values for one in meeting.disagreements}
        assert shown == {
            "day": (("2026-03-04", ("a",)), ("2026-03-05", ("b",))),
            "type": (("talks", ("a",)), ("visit", ("b",))),
        }

    def test_a_later_meeting_may_take_up_an_agreement(self, tmp_path):
        agreed = [("agreement", "Both agreed to reopen the grain corridor through the Black Sea")]
        made_of = made(
            tmp_path,
            meeting_summary("a", [FIDAN, LAVROV], outcomes=agreed),
            meeting_summary(
                "b", [FIDAN, LAVROV], published="2026-04-20", topics=["the grain corridor"]
            ),
            meeting_summary("c", [FIDAN, LAVROV], published="2026-04-28", topics=["gas prices"]),
        )
        first = next(made_of.meetings)
        ((found,),) = [outcome.follow_ups for outcome in first.outcomes]
        assert found.quote.article == "b"
        assert found.words == "both speak of corridor, grain"


class TestActors:
    def test_spellings_and_scripts_are_one_person(self, tmp_path):
        names = ("Ahmed al-Sharaa, SYR", "Ahmad al-Shar'a, SYR", "أحمد الشرع, SYR", "Sharaa")
        made_of = made(tmp_path, *(meeting_summary(f"n{n}", [one]) for n, one in enumerate(names)))
        assert len(list(made_of.actors)) == 1

    def test_two_people_of_one_surname_stay_two(self, tmp_path):
        names = ("George W. Bush, USA", "Laura Bush, USA", "Bush, USA", "Bush, USA")
        made_of = made(tmp_path, *(meeting_summary(f"n{n}", [one]) for n, one in enumerate(names)))
        # What "Bush" means is open, in each article by itself.
        assert actors_of(made_of) == [["Bush"], ["Bush"], ["George W. Bush"], ["Laura Bush"]]
        assert len({actor.id for actor in made_of.actors}) == 4

    def test_namesakes_of_two_countries_stay_two(self, tmp_path):
        names = ("Ali Hassan, IRQ", "Ali Hassan, SYR", "Ali Hassan")
        made_of = made(tmp_path, *(meeting_summary(f"n{n}", [one]) for n, one in enumerate(names)))
        assert len(list(made_of.actors)) == 3

    def test_nobody_in_particular_is_somebody_else_in_each_article(self, tmp_path):
        others = [("senior officials", "group"), ("SDF/Syrian Democratic Forces", "group")]
        summaries = [meeting_summary(id_, [FIDAN], others=others) for id_ in "ab"]
        names = [name for names in actors_of(made(tmp_path, *summaries)) for name in names]
        assert names.count("senior officials") == 2
        assert names.count("SDF") == 1


class TestGiven:
    def test_people_have_ids_and_aliases(self, tmp_path):
        (tmp_path / "people.csv").write_text(
            "name,aliases,wikidata,country,office,from,to\n"
            "Xi Jinping,习近平; President Xi,Q15031,CHN,President,2013-03-14,\n",
            encoding="utf-8",
        )
        summaries = [meeting_summary("a", ["Xi Jinping, CHN"]), meeting_summary("b", ["习近平"])]
        (actor,) = made(tmp_path, *summaries, people=tmp_path / "people.csv").actors
        assert (actor.wikidata, actor.articles) == ("Q15031", 2)
        assert [(o.title, o.first, o.quote) for o in actor.offices] == [
            ("President", "2013-03-14", None)
        ]
        # Without the file there is no id any more.
        assert [actor.wikidata for actor in made(tmp_path).actors] == [None, None]

    def test_decisions_are_stronger_than_scores(self, tmp_path):
        summaries = [
            meeting_summary("a", [FIDAN, LAVROV]),
            meeting_summary("b", ["Harkan Vidal", LAVROV]),
            meeting_summary("c", ["Hakan Fidan", LAVROV]),
        ]
        decided = [
            {"decision": "same", "actors": ["Hakan Fidan", "Harkan Vidal"]},
            {"decision": "different", "meetings": [["a", "m1"], ["c", "m1"]]},
            {"decision": "same", "meetings": [["b", "m1"], ["c", "m1"]]},
            {"decision": "same", "actors": ["Hakan Fidan", "Nobody"]},
        ]
        (tmp_path / "d.jsonl").write_text("\n".join(map(json.dumps, decided)), encoding="utf-8")
        problems = []
        options = {"decisions": tmp_path / "d.jsonl", "on_message": problems.append}
        made_of = made(tmp_path, *summaries, **options)
        assert meetings_of(made_of) == [["a"], ["b", "c"]]
        assert ["Hakan Fidan", "Harkan Vidal"] in actors_of(made_of)
        assert problems == ["Nobody: no article has this name; a decision is not applied"]
        # Without them, what was kept is merged by its scores again.
        assert ["a", "c"] in meetings_of(made(tmp_path))

    def test_a_wrong_line_is_told(self, tmp_path):
        (tmp_path / "d.jsonl").write_text('{"decision": "same", "actors": ["A"]}')
        with pytest.raises(InputError, match=r"d\.jsonl, line 1: record: .*two actors"):
            made(tmp_path, decisions=tmp_path / "d.jsonl")

    def test_the_threshold_moves_without_the_summaries(self, tmp_path):
        summaries = many()
        alone, together = (
            made(tmp_path / name, *given, threshold=0.95)
            for name, given in (("a", summaries), ("b", summaries))
            if not (tmp_path / name).mkdir()
        )
        made(tmp_path / "b")
        loose = files_of(together.folder)
        made(tmp_path / "b", threshold=0.95)
        assert files_of(together.folder) == files_of(alone.folder) != loose


class TestProperties:
    def test_neither_order_nor_portions_change_anything(self, tmp_path):
        summaries = many()
        whole = files_of(dossier(summaries, tmp_path / "whole").folder)
        for number in range(3):
            shuffled = random.Random(number).sample(summaries, len(summaries))
            folder = tmp_path / str(number)
            for start in range(0, len(shuffled), 25):
                made_of = dossier(shuffled[start : start + 25], folder)
            assert made_of.article_count == len(summaries)
            assert files_of(folder) == whole

    def test_the_summary_made_last_counts(self, tmp_path):
        others = many(20)
        old = meeting_summary("x", [FIDAN, LAVROV], topics=["gas"])
        new = meeting_summary("x", [FIDAN, LAVROV], topics=["gas"], created="2026-02-01T00:00:00Z")
        new = new.model_copy(update={"agenda_items": (), "actors": new.actors[:1]})
        dossier([*others, old], tmp_path / "a")
        dossier([new], tmp_path / "a")
        assert dossier([old], tmp_path / "a").new_articles == 0
        dossier([new, *others], tmp_path / "b")
        assert files_of(tmp_path / "a") == files_of(tmp_path / "b")

    def test_two_texts_of_one_id_are_two_articles(self, tmp_path):
        one, other = (meeting_summary("x", [FIDAN, name]) for name in (LAVROV, RUBIO))
        made(tmp_path, one)
        made_of = made(tmp_path, other)
        articles = [report.article for m in made_of.meetings for report in m.reports]
        assert sorted(articles) == sorted(
            f"x@{summary.article.sha256[:8]}" for summary in (one, other)
        )

    def test_a_run_that_breaks_leaves_all_as_it_was(self, tmp_path, monkeypatch):
        made_of = made(tmp_path, *many(10))
        before = files_of(made_of.folder)

        def broken():
            yield from many(20)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            dossier(broken(), made_of.folder)
        assert files_of(made_of.folder) == before
        assert sorted(path.name for path in made_of.folder.iterdir()) == sorted(
            [*FILES, "dossier.sqlite"]
        )
        assert made(tmp_path).article_count == 10

    def test_ids_and_quotes_lead_back(self, tmp_path):
        made_of = made(tmp_path, *many())
        actors = {actor.id for actor in made_of.actors}
        meetings = {meeting.id for meeting in made_of.meetings}
        for meeting in made_of.meetings:
            assert {*meeting.participants} <= actors
            for outcome in meeting.outcomes:
                assert {*outcome.parties} <= actors
                assert {one.meeting for one in outcome.follow_ups} <= meetings


class TestOutputs:
    def test_who_met_whom(self, tmp_path):
        made_of = made(
            tmp_path,
            meeting_summary("a", [FIDAN, LAVROV], published="2026-03-05"),
            meeting_summary("b", [FIDAN, LAVROV], published="2026-04-05"),
            meeting_summary("c", [FIDAN, LAVROV], day="2026-05-05", when="planned"),
        )
        with (made_of.folder / "met.csv").open(encoding="utf-8-sig", newline="") as stream:
            people, countries = csv.DictReader(stream)
        assert {people["one_name"], people["other_name"]} == {"Hakan Fidan", "Sergei Lavrov"}
        assert (people["meetings"], people["first"], people["last"]) == (
            *("2", "2026-03-03", "2026-04-03"),
        )
        assert (countries["one"], countries["other"]) == ("RUS", "TUR")

    def test_the_network_is_graphml(self, tmp_path):
        made_of = made(tmp_path, meeting_summary("a", ["A <\x01> B, TUR", LAVROV]))
        root = ET.parse(made_of.folder / "network.graphml").getroot()
        found = [element.tag.split("}")[1] for element in root.iter()]
        assert (found.count("node"), found.count("edge")) == (4, 2)


class TestCommand:
    def test_it_tells_what_it_made(self, tmp_path, capsys):
        lines = [summary.to_json() for summary in many(5)]
        (tmp_path / "s.jsonl").write_text("\n".join([*lines, failure("f").to_json(), "{]"]))
        out = str(tmp_path / "out")
        assert main(["dossier", str(tmp_path / "s.jsonl"), "-o", out]) == 1
        said = capsys.readouterr().err
        assert "1 failed article left out" in said
        assert "5 articles, " in said
        assert f"; in {out}" in said

    def test_no_summaries_are_an_error(self, tmp_path, capsys):
        (tmp_path / "s.jsonl").write_text('{"a": 1}\n')
        command = ["dossier", str(tmp_path / "s.jsonl"), "-o", str(tmp_path / "out")]
        assert main(command) == 2
        assert "no summaries" in capsys.readouterr().err
        assert not (tmp_path / "out").exists()

    def test_another_file_of_that_name_is_left_alone(self, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "dossier.sqlite").write_text("no database, but longer than a header")
        with pytest.raises(ConfigurationError, match="not a database"):
            made(tmp_path, *many(1))
