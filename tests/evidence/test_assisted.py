"""What is weighed: the draft of a small model, and what the article says besides."""

from __future__ import annotations

import time
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest
from drafts import drafted

from summarize.article.article import Article
from summarize.errors import ConfigurationError
from summarize.evidence.assisted import AssistedGrounding
from summarize.evidence.evidence_file import learned
from summarize.evidence.scorer import Question, Scorer, ThresholdName
from summarize.grounding.direct import DirectGrounding
from summarize.grounding.grounded import Grounded
from summarize.models import choose_model

SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))
MEETING = Article(
    "Norwegian premier in Bern\n\n"
    "BERN — Norwegian Prime Minister Lars Holm met Swiss President Anna Keller in Bern on Monday."
    "\n\nThe two leaders discussed fishing rights in the north and a rail tunnel."
    "\n\nThey agreed to set up a joint working group on energy and reaffirmed their support for"
    " Ukraine.\n\nThe weather was fine.",
    id="x",
)
DRAFT = drafted("Lars Holm", "Anna Keller", topics=("fishing rights in the north", "a rail tunnel"))
NEWS = Article(
    "Storm hits the coast\n\nA storm hit the coast on Monday, and forty houses lost their roofs."
    "\n\nMayor Eva Lind said that the damage was large.\n\nIt was the third storm of the year.",
    id="y",
)
TURKISH = Article(
    "Dışişleri Bakanı Ankara'da\n\nDışişleri Bakanı Hakan Fidan, salı günü Ankara'da mevkidaşı"
    " Anna Keller ile bir araya geldi.\n\nGörüşmede ticaret ve enerji konuları ele alındı."
    "\n\nİki bakan ortak bir çalışma grubu kurulması konusunda anlaştı.",
    id="z",
)


def test_a_meeting_has_who_met_what_was_discussed_and_what_came_of_it():
    grounded = AssistedGrounding(MEETING).ground(DRAFT)
    met = {actor.name for actor in grounded.actors if actor.part == "participant"}
    assert met == {"Lars Holm", "Anna Keller"}
    assert [item.topic for item in grounded.agenda_items] == [
        "fishing rights in the north",
        "a rail tunnel",
    ]
    # The draft has no outcomes; the article has.
    (outcome,) = grounded.outcomes
    assert "joint working group" in outcome.description
    assert outcome.quotes[0].text.startswith("They agreed")


def test_every_item_has_its_probability():
    grounded = AssistedGrounding(MEETING).ground(DRAFT)
    items = (*grounded.actors, *grounded.agenda_items, *grounded.outcomes)
    assert items
    assert all(item.confidence is not None and 0 <= item.confidence <= 1 for item in items)
    direct = DirectGrounding(MEETING).ground(DRAFT)
    assert all(actor.confidence is None for actor in direct.actors)
    assert "confidence" not in direct.agenda_items[0].model_dump()


def test_news_without_a_meeting_gets_none():
    draft = drafted("Eva Lind", topics=("the damage",), outcomes=("forty houses lost their roofs",))
    grounded = AssistedGrounding(NEWS).ground(draft)
    assert not grounded.is_meeting
    assert grounded.agenda_items == grounded.outcomes == ()
    assert {aside.value for aside in grounded.unsupported} == {
        "Eva Lind",
        "the damage",
        "forty houses lost their roofs",
    }


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_higher_threshold_gives_fewer_items_and_those_surer(path):
    article = Article.of(path.read_text("utf-8"))
    names = ("Kalın", "Fidan", "Akar", "Araghchi")
    draft = drafted(*names, topics=("security", "terrorism", "cooperation"))
    said = []
    for threshold in (0.05, 0.5, 0.95):
        grounded = AssistedGrounding(article, threshold).ground(draft)
        items = [*grounded.agenda_items, *grounded.outcomes]
        items += [actor for actor in grounded.actors if actor.part == "participant"]
        # Shown in hundredths.
        assert all((item.confidence or 0) >= threshold - 0.005 for item in items)
        said.append(len(items))
    assert said == sorted(said, reverse=True)


def test_where_nothing_was_learned_of_a_language_the_draft_stands():
    draft = drafted(
        "Hakan Fidan",
        "Anna Keller",
        topics=("ticaret", "enerji"),
        outcomes=("ortak bir çalışma grubu kurulması",),
    )
    assert AssistedGrounding(TURKISH).ground(draft) == DirectGrounding(TURKISH).ground(draft)


def test_what_was_learned_says_of_what_and_how_well():
    known = learned()
    assert set(known.scorers) == set(get_args(Question))
    assert set(known.thresholds) == set(get_args(ThresholdName))
    assert {"cross-validation", "leave-one-outlet-out", "learned of"} <= set(known.provenance)
    weights = files("summarize.evidence").joinpath("weights.json")
    assert len(weights.read_bytes()) < 1_000_000


def test_weighing_takes_little_time():
    articles = [Article.of(path.read_text("utf-8")) for path in SEEDS]
    assert [article.reading.sentences for article in articles]
    AssistedGrounding(articles[0]).ground(DRAFT)
    began = time.process_time()
    for article in articles:
        grounding = AssistedGrounding(article)
        grounding.evidence.weigh(grounding.propose(DRAFT, []), DRAFT)
    # Milliseconds are looked at by benchmarks; here, what a loop gone wrong would cost.
    assert time.process_time() - began < 2


def test_log_odds_far_from_nothing_are_probabilities_still():
    assert Scorer(1e9, {}).probability({}) == pytest.approx(1)
    assert Scorer(-1e9, {"a": -1e9}).probability({"a": 1e9}) == pytest.approx(0)
    assert Scorer(0.0, {"a": 2.0}).log_odds({"a": 1.5, "never seen": 9.0}) == 3.0


@pytest.mark.parametrize(
    ("model", "strategy", "share", "says"),
    [
        ("local", None, 1.5, "a confidence of 1.5 cannot be"),
        ("local", None, float("nan"), "a confidence of nan cannot be"),
        ("openai/gpt-5.4", None, 0.5, "with the strategy direct items have no confidence"),
        ("local", "direct", 0.5, "with the strategy direct items have no confidence"),
    ],
)
def test_a_confidence_that_cannot_be(model, strategy, share, says):
    with pytest.raises(ConfigurationError, match=says):
        choose_model(model, strategy=strategy, min_confidence=share)


def test_the_confidence_asked_for_is_part_of_the_recipe():
    plain = choose_model("local", environment={}).strategy
    sure = choose_model("local", min_confidence=0.9, environment={}).strategy
    assert (plain.min_confidence, sure.min_confidence) == (None, 0.9)
    assert plain.schema != sure.schema


class TestOtherMeetings:
    @staticmethod
    def ground(seed: int, *people: str, place: str = "") -> Grounded:
        draft = drafted(*people).model_copy(update={"event": "visit", "place": place})
        return AssistedGrounding(Article.of(SEEDS[seed].read_text("utf-8"))).ground(draft)

    @staticmethod
    def names(grounded: Grounded, number: int) -> set[str]:
        ids = grounded.meetings[number].participants
        return {actor.name for actor in grounded.actors if actor.id in ids}

    def test_a_call_of_others_beside_a_visit(self):
        people = ("Ibrahim Kalın", "Esmail Khatib", "Ali Akbar Ahmadian", "Hakan Fidan")
        grounded = self.ground(0, *people, "Abbas Araghchi", place="Iran")
        calls = [n for n, one in enumerate(grounded.meetings) if one.type == "call"]
        assert [grounded.meetings[n].when for n in calls] == ["reported"]
        assert self.names(grounded, calls[0]) == {"Hakan Fidan", "Abbas Araghchi"}
        assert self.names(grounded, 0) == set(people[:3])
        assert "by phone" in grounded.meetings[calls[0]].quotes[0].text

    def test_talks_of_the_year_before_with_their_declaration(self):
        grounded = self.ground(1, "İbrahim Kalın", "Abdul Latif Rashid", place="Baghdad")
        assert grounded.meetings[0].places == ("Baghdad",)
        earlier = next(one for one in grounded.meetings if one.when == "earlier")
        assert earlier.places == ("Ankara",)
        own = [one.description for one in grounded.outcomes if one.meeting == earlier.id]
        assert any("agreed" in description for description in own)

    def test_a_meeting_two_days_before(self):
        grounded = self.ground(4, "İbrahim Kalın", "Ahmad al-Sharaa", place="Damascus")
        number = next(n for n, one in enumerate(grounded.meetings) if one.when == "earlier")
        assert grounded.meetings[number].places == ("Doha",)
        assert self.names(grounded, number) == {"Recep Tayyip Erdoğan", "Ahmad al-Sharaa"}
        assert self.names(grounded, 0) == {"İbrahim Kalın", "Ahmad al-Sharaa"}
