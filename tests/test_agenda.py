"""Topics out of sentences: what an article itself says was discussed."""

from __future__ import annotations

import pytest
from told import told

OUTSIDER = "Opposition leader Jon Berg called the trip a holiday."


@pytest.mark.parametrize(
    ("sentence", "topics"),
    [
        (
            "They discussed fishing rights, a rail tunnel and the supply of spare parts.",
            ["fishing rights", "a rail tunnel", "the supply of spare parts"],
        ),
        (
            "The talks focused on trade, energy, and security cooperation.",
            ["trade", "energy", "security cooperation"],
        ),
        (
            "The leaders exchanged views on food prices, the river and reform of the courts.",
            ["food prices", "the river", "reform of the courts"],
        ),
        (
            "They discussed the price of gas, as well as visas.",
            ["the price of gas", "visas"],
        ),
        (
            "Holm spoke with Keller by phone about the price of gas.",
            ["the price of gas"],
        ),
        ("Holm came to Bern to discuss visas.", ["visas"]),
        ("Keller raised the fate of the detained sailors.", ["the fate of the detained sailors"]),
    ],
)
def test_a_list_of_topics_is_taken_apart(sentence: str, topics: list[str]) -> None:
    assert told(sentence).topics == topics


@pytest.mark.parametrize(
    "topic",
    [
        "trade and energy",
        "bilateral, regional and global issues",
        "cooperation with Trinidad and Tobago",
        "the fight against the Islamic State of Iraq and the Levant",
        "trade between Norway and Switzerland",
    ],
)
def test_an_and_inside_a_topic_holds_it_together(topic: str) -> None:
    assert told(f"The two leaders discussed {topic}.").topics == [topic]


def test_an_and_between_two_topics_keeps_them_apart() -> None:
    sentence = "They discussed the war between Israel and Hamas and the situation in Libya."
    assert told(sentence).topics == ["the war between Israel and Hamas", "the situation in Libya"]


@pytest.mark.parametrize(
    ("sentence", "topics"),
    [
        (
            "Visa rules, air links and the price of gas were on the agenda.",
            ["Visa rules", "air links", "the price of gas"],
        ),
        ("The war in Sudan topped the agenda.", ["The war in Sudan"]),
        ("Border security was also discussed.", ["Border security"]),
        (
            "During the talks, the price of gas and the fate of the sailors were discussed.",
            ["the price of gas", "the fate of the sailors"],
        ),
        (
            "Topics discussed included visas, the price of gas and the new airport.",
            ["visas", "the price of gas", "the new airport"],
        ),
        ("The agenda included visas and the price of gas.", ["visas and the price of gas"]),
    ],
)
def test_topics_stand_before_the_agenda_or_behind_it(sentence: str, topics: list[str]) -> None:
    assert told(sentence).topics == topics


@pytest.mark.parametrize(
    "lead", ["a wide range of issues, including", "a number of topics, such as"]
)
def test_of_a_range_of_issues_those_that_are_named_count(lead: str) -> None:
    sentence = f"They discussed {lead} visas, air links and the price of gas."
    assert told(sentence).topics == ["visas", "air links", "the price of gas"]


@pytest.mark.parametrize("lead", ["how to", "ways to"])
def test_what_leads_up_to_a_topic_is_no_part_of_it(lead: str) -> None:
    assert told(f"They discussed {lead} reopen the crossing.").topics == ["reopen the crossing"]


@pytest.mark.parametrize(
    "rest",
    [
        ", with both sides praising the progress",
        ", which the mayor called unfair",
        ", a question on which a panel will report in May",
        ", calling it unfair",
        " amid protests in Geneva",
        " on Monday",
        " ahead of the summit",
        " during a lunch of fish",
        " and agreed to meet again in May",
        ", and agreed to meet again in May",
        "; the weather was fine",
        " – a thorny matter",
        ", Holm’s office said",
        ", according to the ministry",
    ],
)
def test_a_topic_ends_where_the_sentence_goes_on_to_something_else(rest: str) -> None:
    assert told(f"They discussed the price of gas{rest}.").topics == ["the price of gas"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Last year they discussed whaling rights.",
        "They were due to discuss whaling rights.",
        "Holm and Keller will discuss whaling rights.",
        "Opposition leader Jon Berg discussed whaling rights with reporters.",
        "The panel reviewed whaling rights.",
        f"{OUTSIDER} He raised whaling rights.",
    ],
    ids=["last year", "due", "will", "outsider", "somebody else", "his pronoun"],
)
def test_background_and_outsiders_set_no_agenda(sentence: str) -> None:
    assert told(sentence).topics == []


def test_of_an_open_verb_only_those_who_met_make_a_topic() -> None:
    assert told("The two leaders reviewed the price of gas.").topics == ["the price of gas"]
    assert told("The auditors reviewed the price of gas.").topics == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The two did not discuss whaling rights.",
        "Neither side discussed whaling rights.",
        "Whaling rights were not on the agenda.",
        "Whaling rights were never discussed.",
        "No new topics were discussed.",
        "They discussed neither visas nor the price of gas.",
    ],
)
def test_what_was_not_discussed_is_no_topic(sentence: str) -> None:
    assert told(sentence).topics == []


@pytest.mark.parametrize("words", ["it", "that", "them", "oil"])
def test_words_that_say_too_little_are_no_topic(words: str) -> None:
    assert told(f"They discussed {words}.").topics == []


def test_a_clause_that_never_ends_is_no_topic() -> None:
    assert told(f"They discussed {'the river under the bridge by ' * 5}the mill.").topics == []


def test_a_participant_may_say_it_in_a_quotation() -> None:
    sentence = "“We discussed visas, air links and the price of gas,” Keller said."
    assert told(sentence).topics == ["visas", "air links", "the price of gas"]


def test_a_topic_has_no_half_of_a_pair_of_marks() -> None:
    (topic,) = told("They discussed “the price of gas” and visas.").topics
    assert topic.count("“") == topic.count("”")


def test_an_outsider_may_not() -> None:
    sentence = "“They discussed whaling rights,” Opposition leader Jon Berg said."
    assert told(sentence).topics == []


def test_topics_of_several_sentences_come_in_order() -> None:
    first, second = "They discussed visas.", "The price of gas also came up."
    assert told(f"{first} {second}").topics == ["visas", "The price of gas"]
