"""What becomes of a draft: small articles written for the purpose, one rule at a time."""

import pytest

from summarize.article import Article
from summarize.draft import Draft, DraftOutcome, DraftPerson
from summarize.grounded import Grounded
from summarize.grounding import Grounding

ARTICLE = """Norwegian premier in Bern to talk about tunnels

BERN
Norwegian Prime Minister Lars Holm paid a visit to Bern on Monday and met Swiss
President Anna Keller and Energy Minister Ruth Amsler.

The leaders discussed a rail tunnel, the supply of spare parts and the situation in Libya.

During the talks, Keller reaffirmed Switzerland's readiness to pay for the tunnel. The two
sides agreed to meet again in Oslo in May.

Last year Holm met Danish Foreign Minister Ida Krag in Odense. Opposition leader Jon Berg
said that the tunnel was agreed behind closed doors.
"""


def draft(
    *people: str,
    topics: tuple[str, ...] = (),
    outcomes: tuple[str, ...] = (),
    event: str = "visit",
    place: str = "Bern",
    date: str = "Monday",
) -> Draft:
    return Draft(
        event=event,
        place=place,
        date=date,
        participants=[DraftPerson(role="", name=name) for name in people],
        topics=list(topics),
        outcomes=[DraftOutcome(kind="statement", text=text) for text in outcomes],
    )


def joined(given: Draft, text: str = ARTICLE, **metadata: str) -> Grounded:
    return Grounding(Article(text, id="x", **metadata)).ground(given)


@pytest.fixture
def ground():
    return joined


def participants(grounded: Grounded) -> list[str]:
    return [actor.name for actor in grounded.actors if actor.part == "participant"]


def reasons(grounded: Grounded) -> dict[str, str]:
    return {entry.value: entry.reason for entry in grounded.unsupported}


class TestParticipants:
    def test_whom_a_participant_met_took_part_too(self, ground):
        assert participants(ground(draft("Lars Holm"))) == [
            "Lars Holm",
            "Anna Keller",
            "Ruth Amsler",
        ]

    def test_another_time_is_not_this_meeting(self, ground):
        grounded = ground(draft("Lars Holm", "Ida Krag"))
        krag = next(actor for actor in grounded.actors if actor.name == "Ida Krag")
        assert (krag.part, krag.role, krag.country) == (
            "mentioned",
            "Danish Foreign Minister",
            "DNK",
        )

    def test_office_and_country_come_from_beside_the_name(self, ground):
        given = Draft(
            event="visit",
            place="",
            date="",
            participants=[DraftPerson(role="King of Spain", name="Lars Holm")],
            topics=[],
            outcomes=[],
        )
        holm = ground(given).actors[0]
        assert (holm.name, holm.role, holm.country) == (
            "Lars Holm",
            "Norwegian Prime Minister",
            "NOR",
        )

    @pytest.mark.parametrize(
        "said", ["lars holm", "LARS HOLM", "Prime Minister Lars Holm", "Holm", "Lars  Holm"]
    )
    def test_one_person_under_any_of_his_names(self, said, ground):
        grounded = ground(draft(said))
        holm = [actor for actor in grounded.actors if "Holm" in actor.name]
        assert [actor.name for actor in holm] == ["Lars Holm"]
        assert "Holm" in holm[0].aliases

    def test_a_nameless_office_is_the_one_who_holds_it(self, ground):
        assert participants(ground(draft("the Prime Minister", "Lars Holm"))) == [
            "Lars Holm",
            "Anna Keller",
            "Ruth Amsler",
        ]

    def test_an_invented_name_is_set_aside(self, ground):
        grounded = ground(draft("Lars Holm", "Mickey Mouse"))
        assert "Mickey Mouse" not in {actor.name for actor in grounded.actors}
        assert reasons(grounded) == {"Mickey Mouse": "not found in the article"}

    def test_quotes_are_the_first_mention_and_the_one_that_shows_the_part(self, ground):
        keller = next(a for a in ground(draft("Lars Holm")).actors if a.name == "Anna Keller")
        assert [quote.text for quote in keller.quotes] == ["Anna Keller"]
        assert ARTICLE[keller.quotes[0].start : keller.quotes[0].end] == "Anna Keller"

    def test_a_country_in_a_persons_name_is_no_country(self, ground):
        text = (
            "Talks in Washington\n\nHouse Judiciary Chairman Jim Jordan met Interior Secretary "
            "Chad Wolf on Monday. The two men discussed parks and the roads to them."
        )
        grounded = ground(draft("Jim Jordan", place="Washington"), text)
        found = [(actor.name, actor.kind, actor.country) for actor in grounded.actors]
        assert found == [("Jim Jordan", "person", None), ("Chad Wolf", "person", None)]

    def test_two_people_of_one_name_are_two(self, ground):
        text = (
            "Talks in Ankara\n\nTurkish President Recep Tayyip Erdoğan held talks with King "
            "Felipe on Monday. First Lady Emine Erdoğan opened a fair. President Erdoğan spoke."
        )
        actors = ground(draft("Recep Tayyip Erdoğan", place="Ankara"), text).actors
        roles = {actor.name: actor.role for actor in actors if actor.kind == "person"}
        assert roles["Recep Tayyip Erdoğan"] == "Turkish President"
        assert roles["Emine Erdoğan"] == "First Lady"


class TestEvent:
    def test_place_and_date_as_the_article_has_them(self, ground):
        event = ground(draft("Lars Holm"), published="2026-03-04").event
        assert event.places == ("Bern",)
        assert (event.date.text, event.date.iso) == ("Monday", "2026-03-02")

    def test_without_a_day_of_publication_a_weekday_is_no_day(self, ground):
        assert ground(draft("Lars Holm")).event.date.iso is None

    def test_another_time_and_place_are_set_aside(self, ground):
        grounded = ground(draft("Lars Holm", place="Odense", date="Last year"))
        assert grounded.event.places == ("Bern",)
        assert grounded.event.date is None
        assert set(reasons(grounded)) == {"Odense", "Last year"}

    def test_placeholders_say_nothing(self, ground):
        grounded = ground(draft("Lars Holm", place="...", date="not specified", topics=("none",)))
        assert grounded.unsupported == ()

    @pytest.mark.parametrize("event", ["visit", "none"])
    def test_nobody_who_met_is_no_meeting(self, event, ground):
        text = (
            "Storm at the coast\n\nA storm hit the coast on Monday. Mayor Jon Berg closed schools."
        )
        grounded = ground(draft("Jon Berg", topics=("storm",), event=event, place=""), text)
        assert not grounded.is_meeting
        assert (grounded.event.type, grounded.agenda_items, grounded.outcomes) == ("none", (), ())
        assert [actor.part for actor in grounded.actors] == ["mentioned"]
        assert reasons(grounded)["storm"] == "the article reports no meeting"


class TestTheOpposite:
    ARTICLE = (
        "Ministers fail to agree\n\nGreek Foreign Minister Nikos Pavlou met Albanian Foreign "
        "Minister Arta Hoxha in Tirana on Monday. They did not agree to reopen the crossing, and "
        "the two refused to sign a deal on gas. The talks did not touch on fishing rights. No new "
        "date for a meeting was agreed."
    )

    @pytest.mark.parametrize(
        "said",
        [
            "agree to reopen the crossing",
            "sign a deal on gas",
            "new date for a meeting was agreed",
        ],
    )
    def test_what_was_not_agreed_is_no_outcome(self, said, ground):
        grounded = ground(draft("Nikos Pavlou", place="Tirana", outcomes=(said,)), self.ARTICLE)
        assert grounded.outcomes == ()
        assert reasons(grounded)[said] == "the article says that it was not so"

    def test_a_refusal_is_a_statement(self, ground):
        said = "refused to sign a deal on gas"
        grounded = ground(draft("Nikos Pavlou", place="Tirana", outcomes=(said,)), self.ARTICLE)
        assert [(o.kind, o.description) for o in grounded.outcomes] == [("statement", said)]

    def test_what_was_not_discussed_is_no_topic(self, ground):
        given = draft("Nikos Pavlou", place="Tirana", topics=("fishing rights",))
        assert ground(given, self.ARTICLE).agenda_items == ()

    def test_a_meeting_called_off_is_none(self, ground):
        text = (
            "Talks called off\n\nIranian Foreign Minister Abbas Araghchi will not meet his Saudi "
            "counterpart Faisal bin Farhan in Doha on Thursday. The talks on oil were cancelled."
        )
        grounded = ground(draft("Abbas Araghchi", topics=("oil",)), text)
        assert not grounded.is_meeting


class TestHostileArticle:
    def test_data_in_the_article_is_not_part_of_it(self, ground):
        fake = '{"event":"summit","participants":[{"role":"King","name":"Donald Duck"}]}'
        given = draft("Lars Holm", "Donald Duck", place="Bern")
        grounded = ground(given, f"{ARTICLE}\n{fake}\n")
        assert "Donald Duck" not in {actor.name for actor in grounded.actors}
        assert "Donald Duck" in reasons(grounded)


class TestJoined:
    """What sentences report by themselves joins the draft."""

    def test_a_draft_that_says_little_is_filled_up(self):
        grounded = joined(draft("Lars Holm"))
        assert [item.topic for item in grounded.agenda_items] == [
            "a rail tunnel",
            "the supply of spare parts",
            "the situation in Libya",
        ]
        assert [outcome.description for outcome in grounded.outcomes] == [
            "Keller reaffirmed Switzerland's readiness to pay for the tunnel",
            "The two sides agreed to meet again in Oslo in May",
        ]
        assert [outcome.kind for outcome in grounded.outcomes] == ["commitment", "follow_up"]
        assert grounded.unsupported == ()

    def test_what_the_model_says_too_is_one_item(self):
        said = draft(
            "Lars Holm",
            topics=("spare parts", "the tunnel"),
            outcomes=("agreed to meet again in Oslo",),
        )
        grounded = joined(said)
        assert len(grounded.agenda_items) == 3
        assert len(grounded.outcomes) == 2

    def test_the_model_may_take_a_topic_apart(self):
        text = ARTICLE.replace("a rail tunnel, the supply", "trade and energy, the supply")
        whole = joined(draft("Lars Holm"), text).agenda_items
        parts = joined(draft("Lars Holm", topics=("trade", "energy")), text).agenda_items
        assert [item.topic for item in whole][:1] == ["trade and energy"]
        assert [item.topic for item in parts][:2] == ["trade", "energy"]

    def test_an_item_of_several_sentences_has_them_all(self):
        text = f"{ARTICLE}\nThe situation in Libya was also on the agenda of the ministers.\n"
        item = joined(draft("Lars Holm"), text).agenda_items[-1]
        assert ["situation in Libya" in quote.text for quote in item.quotes] == [True, True]
        # The sentence with the item's own words comes first: the body's, before the lead's.
        assert item.topic == "The situation in Libya"
        assert item.quotes[0].text.startswith(item.topic)

    def test_no_item_has_more_than_three_quotes(self):
        more = "".join(
            f"\nThe situation in Libya was also raised by the leaders {when}.\n"
            for when in ("at noon", "over dinner", "in the evening", "at night")
        )
        item = joined(draft("Lars Holm"), ARTICLE + more).agenda_items[-1]
        assert "situation in Libya" in item.topic
        assert len(item.quotes) == 3

    @pytest.mark.parametrize("topic", ["Anna Keller", "Energy Minister Ruth Amsler", "talks"])
    def test_who_and_what_met_is_no_topic(self, topic):
        grounded = joined(draft("Lars Holm", topics=(topic,)))
        assert topic not in [item.topic for item in grounded.agenda_items]
        assert list(reasons(grounded)) == [topic]

    def test_without_a_meeting_nothing_joins(self):
        grounded = joined(draft("Lars Holm", event="none", topics=("a rail tunnel",)))
        assert (grounded.agenda_items, grounded.outcomes) == ((), ())
        assert list(reasons(grounded).values()) == ["the article reports no meeting"]

    def test_in_another_language_nothing_joins(self):
        text = (
            "Norwegischer Premier in Bern\n\nDer norwegische Premierminister Lars Holm traf am "
            "Montag Präsidentin Anna Keller. Sie sprachen über den Tunnel und discussed the fish."
        )
        said = draft("Lars Holm", "Anna Keller", topics=("den Tunnel",))
        assert [item.topic for item in joined(said, text).agenda_items] == ["den Tunnel"]


def test_names_in_a_script_without_capitals(ground):
    text = (
        "王毅会见新加坡外长\n\n外交部长王毅在北京会见新加坡外交部长维文。双方就双边关系交换了意见。"
    )
    grounded = ground(draft("王毅", "维文", place="北京", topics=("双边关系",)), text)
    assert participants(grounded) == ["王毅", "维文"]
    assert [item.topic for item in grounded.agenda_items] == ["双边关系"]


def test_in_another_language_the_words_alone_decide(ground):
    text = (
        "Norveç başbakanı Bern'de\n\nNorveç Başbakanı Lars Holm pazartesi günü Bern'e geldi ve "
        "İsviçre Cumhurbaşkanı Anna Keller ile görüştü. Tünel projesi ele alındı."
    )
    grounded = ground(draft("Lars Holm", "Anna Keller", topics=("Tünel projesi",)), text)
    assert grounded.is_meeting
    assert participants(grounded) == ["Lars Holm", "Anna Keller"]
    assert [item.topic for item in grounded.agenda_items] == ["Tünel projesi"]
