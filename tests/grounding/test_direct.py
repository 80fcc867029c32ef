"""A large model's word stands: what its draft says is an item where the article has the words."""

from __future__ import annotations

from typing import Any

import pytest

from summarize.article.article import Article
from summarize.grounding.direct import DirectGrounding
from summarize.grounding.grounded import Grounded
from summarize.prompting.draft import FullDraft, corrected
from summarize.schema import Actor

ARTICLE = """Norwegian premier in Bern to talk about tunnels

Norwegian Prime Minister Lars Holm paid a visit to Bern this week and met Swiss President Anna
Keller and other senior officials.

On the agenda:
- a rail tunnel
- the supply of spare parts

Both sides stressed the importance of open sea lanes. Holm voiced concern about the tolls, and
Keller promised to lower them.

Earlier on Monday, Danish Foreign Minister Ida Krag and Finnish Foreign Minister Aino Salo spoke by
phone about the harvest.
"""


def draft(*people: Any, **fields: Any) -> FullDraft:
    """A draft of a visit; people are names, or (name, role, country)."""
    keys = ("name", "role", "country")
    said = [dict(zip(keys, (p,) if isinstance(p, str) else p, strict=False)) for p in people]
    people_said = [{"role": "", "country": "", **person} for person in said]
    empty = {"event": "visit", "place": "", "date": "", "topics": [], "outcomes": []}
    return FullDraft.model_validate({**empty, "participants": people_said, **fields})


def ground(given: FullDraft, text: str = ARTICLE, **metadata: str) -> Grounded:
    return DirectGrounding(Article(text, id="x", **metadata)).ground(given)


def participants(grounded: Grounded) -> list[str]:
    return [actor.name for actor in grounded.actors if actor.part == "participant"]


def reasons(grounded: Grounded) -> dict[str, str]:
    return {entry.value: entry.reason for entry in grounded.unsupported}


def actor(grounded: Grounded, name: str) -> Actor:
    return next(actor for actor in grounded.actors if actor.name == name)


def outcome(text: str, *parties: str, kind: str = "statement") -> dict[str, Any]:
    return {"kind": kind, "text": text, "parties": list(parties)}


class TestWhoTookPart:
    def test_is_the_models_word_and_nobody_is_added(self) -> None:
        grounded = ground(draft("Lars Holm", "Anna Keller"))
        assert participants(grounded) == ["Lars Holm", "Anna Keller"]
        assert {actor(grounded, name).part for name in ("Ida Krag", "Aino Salo")} == {"mentioned"}

    def test_without_a_name_too(self) -> None:
        grounded = ground(draft("other senior officials"))
        assert participants(grounded) == ["other senior officials"]
        assert grounded.actors[0].kind == "group"
        assert grounded.unsupported == ()

    def test_a_pronoun_and_a_stranger_are_set_aside(self) -> None:
        grounded = ground(draft("Lars Holm", "they", "Mickey Mouse", ""))
        assert reasons(grounded) == {
            "they": "a pronoun, which names nothing",
            "Mickey Mouse": "not found in the article",
        }

    def test_a_name_that_only_the_headline_has(self) -> None:
        text = "Vos meets Koski in Helsinki\n\nThe two ministers discussed a ferry line.\n"
        assert participants(ground(draft("Vos", "Koski"), text)) == ["Vos", "Koski"]

    def test_members_of_a_list_with_bullets(self) -> None:
        names = ["Mira Vos", "Jari Koski", "Ana Lima", "Li Wei"]
        text = "Leaders gather in Bern\n\nThese leaders attended:\n\n" + "".join(
            f"- {name}, Minister of Trade\n" for name in names
        )
        assert participants(ground(draft(*names), text)) == names

    def test_a_name_inside_a_longer_one_of_the_article(self) -> None:
        text = "The European Union Military Committee met in Bern. They discussed fuel.\n"
        assert participants(ground(draft("European Union"), text)) == ["European Union"]

    def test_nobody_named_is_a_meeting_still(self) -> None:
        grounded = ground(draft(topics=["a rail tunnel"]))
        assert grounded.is_meeting
        assert [item.topic for item in grounded.agenda_items] == ["a rail tunnel"]

    def test_no_meeting_is_the_models_word(self) -> None:
        grounded = ground(draft("Lars Holm", event="none", topics=["a rail tunnel"]))
        assert not grounded.is_meeting
        assert grounded.agenda_items == ()
        assert {a.part for a in grounded.actors} == {"mentioned"}
        assert set(reasons(grounded)) == {"Lars Holm", "a rail tunnel"}


class TestCountries:
    def test_said_by_the_words_beside_the_name(self) -> None:
        holm = actor(ground(draft(("Lars Holm", "Prime Minister", "Norway"))), "Lars Holm")
        assert (holm.country, holm.inferred, holm.role) == ("NOR", (), "Norwegian Prime Minister")

    def test_inferred_where_no_words_say_it(self) -> None:
        text = "Araghchi met Salo in Helsinki. The ministers discussed visas.\n"
        grounded = ground(draft(("Araghchi", "", "Iran"), ("Salo", "", "")), text)
        araghchi, salo = actor(grounded, "Araghchi"), actor(grounded, "Salo")
        assert (araghchi.country, araghchi.inferred) == ("IRN", ("country",))
        assert (salo.country, salo.inferred) == (None, ())
        assert '"inferred":["country"]' in araghchi.model_dump_json()
        assert "inferred" not in salo.model_dump_json()

    def test_of_no_country(self) -> None:
        grounded = ground(draft(("Lars Holm", "", "the European Union")))
        assert actor(grounded, "Lars Holm").country == "NOR"


class TestTopics:
    def test_quoted_by_the_sentence_that_has_the_words(self) -> None:
        (item,) = ground(draft(topics=["the supplies of spare part"])).agenda_items
        assert item.topic == "the supply of spare parts"
        assert "the supply of spare parts" in item.quotes[0].text

    def test_only_what_the_article_does_not_have_is_unsupported(self) -> None:
        grounded = ground(draft(topics=["the harvest", "whaling rights", "a rail tunnel"]))
        assert [item.topic for item in grounded.agenda_items] == ["the harvest", "a rail tunnel"]
        assert reasons(grounded) == {"whaling rights": "not found in the article"}

    def test_the_same_words_twice_are_one(self) -> None:
        grounded = ground(draft(topics=["a rail tunnel", "rail tunnel"]))
        assert len(grounded.agenda_items) == 1
        assert reasons(grounded) == {"rail tunnel": "said twice"}


class TestOutcomes:
    def test_kind_and_parties_are_the_models(self) -> None:
        grounded = ground(
            draft(
                "Lars Holm",
                "Anna Keller",
                outcomes=[
                    outcome(
                        "Both sides stressed the importance of open sea lanes",
                        "Lars Holm",
                        "Anna Keller",
                    ),
                    outcome("Holm voiced concern about the tolls", "Lars Holm"),
                    outcome("Keller promised to lower them", "Keller", kind="commitment"),
                ],
            )
        )
        names = {a.id: a.name for a in grounded.actors}
        assert [(o.kind, [names[p] for p in o.parties]) for o in grounded.outcomes] == [
            ("statement", ["Lars Holm", "Anna Keller"]),
            ("statement", ["Lars Holm"]),
            ("commitment", ["Anna Keller"]),
        ]

    def test_without_parties_those_whom_its_own_words_name(self) -> None:
        said = [
            outcome("Both sides stressed the importance of open sea lanes"),
            outcome("Holm voiced concern about the tolls"),
        ]
        grounded = ground(draft("Lars Holm", "Anna Keller", outcomes=said))
        names = {a.id: a.name for a in grounded.actors}
        assert [[names[p] for p in o.parties] for o in grounded.outcomes] == [[], ["Lars Holm"]]

    def test_a_party_that_is_no_participant_is_mentioned(self) -> None:
        said = outcome("Keller promised to lower them", "Ida Krag", "Mickey Mouse")
        grounded = ground(draft("Anna Keller", outcomes=[said]))
        assert [actor(grounded, "Ida Krag").id] == list(grounded.outcomes[0].parties)
        assert actor(grounded, "Ida Krag").part == "mentioned"
        assert reasons(grounded) == {"Mickey Mouse": "a party not found in the article"}

    def test_over_two_sentences_both_are_quoted(self) -> None:
        said = (
            "Both sides stressed the importance of open sea lanes. Holm voiced concern about the"
            " tolls"
        )
        (found,) = ground(draft("Lars Holm", outcomes=[outcome(said)])).outcomes
        assert " ".join(found.quotes[0].text.split()).startswith(said)


def test_the_day_may_be_vague() -> None:
    event = ground(draft("Lars Holm", date="this week", place="Bern")).meetings[0]
    assert event.date is not None
    assert (event.date.text, event.date.iso, event.places) == ("this week", None, ("Bern",))


class TestSecondTry:
    def test_only_what_is_not_found_is_asked_again(self) -> None:
        given = draft("Lars Holm", "Mickey", topics=["rail tunnel", "whales"],
                      outcomes=[outcome("x y z")])  # fmt: skip
        unfound = DirectGrounding(Article(ARTICLE, id="x")).unfound(given)
        assert unfound == ["Mickey", "whales", "x y z"]

    def test_the_answer_takes_the_place_of_what_was_asked(self) -> None:
        given = draft(
            ("Mickey", "", "Norway"), topics=["whales"], outcomes=[outcome("x y z", "Keller")]
        )
        again = corrected(given, ["Mickey", "whales", "x y z"], ["Lars Holm", "", "a rail tunnel"])
        assert isinstance(again, FullDraft)
        assert [(p.name, p.country) for p in again.participants] == [("Lars Holm", "Norway")]
        assert again.topics == ["whales"]
        said = [(o.text, list(o.parties)) for o in again.outcomes]
        assert said == [("a rail tunnel", ["Keller"])]

    def test_a_short_answer_leaves_the_rest(self) -> None:
        given = draft("Mickey", topics=["whales"])
        again = corrected(given, ["Mickey", "whales"], ["Lars Holm"])
        assert (again.participants[0].name, again.topics) == ("Lars Holm", ["whales"])


@pytest.mark.parametrize(
    ("text", "people", "topic"),
    [
        (
            "王毅会见新加坡外长\n\n外交部长王毅在北京会见新加坡外交部长维文。双方就双边关系交换了意见。",
            ["王毅", "维文"],
            "双边关系",
        ),
        (
            (
                "Norveç başbakanı Bern'de\n\nNorveç Başbakanı Lars Holm pazartesi günü Bern'e "
                "geldi ve "
                "İsviçre Cumhurbaşkanı Anna Keller ile görüştü. Tünel projesi ele alındı."
            ),
            ["Lars Holm", "Anna Keller"],
            "Tünel projesi",
        ),
        (
            (
                "لقاء في القاهرة\n\nالتقى وزير الخارجية سامح شكري اليوم نظيره أيمن "
                "الصفدي في القاهرة. "
                "وبحث الجانبان أمن الحدود."
            ),
            ["سامح شكري", "أيمن الصفدي"],
            "أمن الحدود",
        ),
    ],
)
def test_any_language(text: str, people: list[str], topic: str) -> None:
    grounded = ground(draft(*people, topics=[topic]), text)
    assert participants(grounded) == people
    assert [item.topic for item in grounded.agenda_items] == [topic]
    assert grounded.unsupported == ()


def meeting(when: str, *people: str, **fields: Any) -> dict[str, Any]:
    empty = {"event": "talks", "place": "", "date": "", "topics": [], "outcomes": []}
    return {**empty, "when": when, "participants": list(people), **fields}


class TestOtherMeetings:
    def test_each_has_its_people_its_topics_and_the_sentence_that_tells_of_it(self) -> None:
        call = meeting(
            "reported", "Ida Krag", "Aino Salo", event="call", date="Monday", topics=["the harvest"]
        )
        grounded = ground(
            draft("Lars Holm", "Anna Keller", topics=["a rail tunnel"], others=[call])
        )
        main, other = grounded.meetings
        names = {actor.id: actor.name for actor in grounded.actors}
        assert [names[id_] for id_ in main.participants] == ["Lars Holm", "Anna Keller"]
        assert [names[id_] for id_ in other.participants] == ["Ida Krag", "Aino Salo"]
        assert (other.id, other.type, other.when) == ("m2", "call", "reported")
        assert main.quotes[0].text.startswith("Norwegian Prime Minister Lars Holm paid a visit")
        assert other.quotes[0].text.startswith("Earlier on Monday")
        said = [(item.topic, item.meeting) for item in grounded.agenda_items]
        assert said == [("a rail tunnel", "m1"), ("the harvest", "m2")]
        # Who took part in what is reported took part in the news.
        assert len(participants(grounded)) == 4

    def test_who_met_at_another_time_is_only_mentioned(self) -> None:
        earlier = meeting("earlier", "Ida Krag", "Aino Salo", outcomes=[outcome("lower them")])
        grounded = ground(draft("Lars Holm", outcomes=[outcome("the tolls")], others=[earlier]))
        assert participants(grounded) == ["Lars Holm"]
        assert [(o.id, o.meeting) for o in grounded.outcomes] == [("o1", "m1"), ("o2", "m2")]
        assert len(grounded.meetings[1].participants) == 2

    def test_what_the_article_does_not_have_is_set_aside(self) -> None:
        grounded = ground(draft("Lars Holm", others=[meeting("planned", "Mo Ito", place="Rome")]))
        assert len(grounded.meetings) == 1
        assert reasons(grounded) == {
            "Mo Ito": "a participant not found in the article",
            "Rome": "not found in the article",
            "planned talks Rome": "not found in the article",
        }

    def test_a_meeting_that_is_still_to_come(self) -> None:
        assert ground(draft("Lars Holm", when="planned")).meetings[0].when == "planned"
