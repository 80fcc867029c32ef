"""Results out of sentences: what an article itself says came of a meeting."""

from __future__ import annotations

import pytest
from told import told

OUTSIDER = "Opposition leader Jon Berg called the trip a holiday."
PAYS = "promised to pay for the tunnel"


@pytest.mark.parametrize(
    "subject",
    [
        "Holm",
        "Lars Holm",
        "Holm and Keller",
        "The Norwegian prime minister",
        "The prime minister",
        "Norway",
        "Oslo",
        "The Norwegian side",
        "The two sides",
        "Both leaders",
        "The parties",
        "They",
        "He",
        "Holm also",
        "Holm, the former mayor of Bergen,",
        "Norway's Holm and his Swiss counterpart",
    ],
)
def test_a_result_is_said_of_those_who_met(subject: str) -> None:
    assert told(f"{subject} {PAYS}.").results == [f"{subject} {PAYS}"]


@pytest.mark.parametrize(
    "subject",
    [
        "The mayor",
        "Denmark",
        "Copenhagen",
        "The Kremlin",
        "Police",
        "Opposition leader Jon Berg",
        "The visit by Holm",
        "Talks with Holm",
    ],
)
def test_and_of_nobody_else(subject: str) -> None:
    assert told(f"{subject} {PAYS}.").results == []


@pytest.mark.parametrize("pronoun", ["He", "She", "They"])
def test_a_pronoun_is_who_was_spoken_of_last(pronoun: str) -> None:
    said = f"{pronoun} {PAYS}"
    assert told("Holm met reporters.", f"{said}.").results == [said]
    assert told(OUTSIDER, f"{said}.").results == []


def test_it_is_a_result_that_was_just_told() -> None:
    accord, rest = "The two sides signed an accord on ferries", "It provides for two ferries a day"
    assert told(f"{accord}. {rest}.").results == [accord, rest]
    assert told(f"The weather was fine. {rest}.").results == []


def test_a_second_verb_shares_the_subject_of_the_first() -> None:
    sentence = f"Holm stressed the importance of open sea lanes and {PAYS}."
    assert told(sentence).results == ["Holm stressed the importance of open sea lanes", PAYS]


@pytest.mark.parametrize(
    "verb", ["thanked his host", "discussed the price of gas", "visited a dairy"]
)
def test_a_verb_that_reports_no_result_lends_its_subject(verb: str) -> None:
    assert told(f"Holm {verb} and {PAYS}.").results == [PAYS]


@pytest.mark.parametrize(
    "courtesy",
    [
        "expressed condolences over the victims of the flood",
        "expressed gratitude for the warm welcome",
        "expressed his deep appreciation of the hosts",
        "conveyed congratulations to the new president",
    ],
)
def test_courtesy_is_no_result(courtesy: str) -> None:
    assert told(f"Holm {courtesy}.").results == []


@pytest.mark.parametrize(
    "sentence",
    [
        "They did not agree to reopen the crossing.",
        "They never agreed to reopen the crossing.",
        "Neither side agreed to reopen the crossing.",
        "Holm declined to say what was agreed on the crossing.",
        "Holm refused to sign the treaty on fishing.",
        "The two sides failed to reach an agreement on fishing.",
        "Holm said no agreement was signed on the ferries.",
    ],
)
def test_what_did_not_come_about_is_no_result(sentence: str) -> None:
    assert told(sentence).results == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Last year they agreed to reopen the crossing.",
        "Earlier this week they agreed to reopen the crossing.",
        "In 2019 the two sides agreed to reopen the crossing.",
        "They had agreed to reopen the crossing before the war.",
    ],
)
def test_what_came_of_another_meeting_is_none_of_this_one(sentence: str) -> None:
    assert told(sentence).results == []


@pytest.mark.parametrize(
    "sentence",
    [
        "A memorandum on student exchange was signed",
        "Agreements on ferries and visas were also signed",
        "It was agreed to reopen the crossing in May",
        "Support for the tunnel was expressed by the two sides",
    ],
)
def test_a_result_without_a_subject(sentence: str) -> None:
    assert told(f"{sentence}.").results == [sentence]


@pytest.mark.parametrize(
    "rest",
    [
        "",
        ", the ministry said",
        ", Keller said in Bern on Monday",
        ", he added",
        ", according to a statement",
        ", a statement by the ministry said",
        " and discussed the price of gas",
        " while crowds waited outside",
        ", but the mayor had doubts",
        " – a first in ten years",
        "; the weather was fine",
    ],
)
def test_a_result_ends_with_its_clause(rest: str) -> None:
    result = "The two sides agreed to reopen the crossing"
    assert told(f"{result}{rest}.").results == [result]


def test_a_list_is_part_of_its_result() -> None:
    result = "The two ministers agreed to set up working groups on grain, energy and water"
    assert told(f"{result}.").results == [result]


def test_what_stands_before_the_subject_is_left_out() -> None:
    result = "the two leaders condemned the attack on the port"
    assert told(f"In a joint statement, {result}.").results == [result]


def test_such_a_thing_takes_what_leads_up_to_it() -> None:
    sentence = "Following a request to open a port, Holm promised support for such a port"
    assert told(f"{sentence}.").results == [sentence]


@pytest.mark.parametrize(
    ("quoting", "results"),
    [
        ("“We agreed to reopen the crossing,” Keller said.", ["We agreed to reopen the crossing"]),
        ("Keller said that they agreed to reopen the crossing.",
         ["they agreed to reopen the crossing"]),
        ("Opposition leader Jon Berg said that they agreed to reopen the crossing.", []),
        ("“We agreed to reopen the crossing,” Opposition leader Jon Berg said.", []),
    ],
    ids=["participant", "in other words", "outsider", "his own words"],
)  # fmt: skip
def test_a_result_may_be_quoted_of_a_participant(quoting: str, results: list[str]) -> None:
    assert told(quoting).results == results


@pytest.mark.parametrize(
    ("sentence", "results"),
    [
        ("Holm called on the parties in Libya to disarm.",
         ["Holm called on the parties in Libya to disarm"]),
        ("Holm called on the president.", []),
        ("They agreed so.", []),
        ("The agreement was hard to read.", []),
    ],
)  # fmt: skip
def test_words_that_only_look_like_a_result(sentence: str, results: list[str]) -> None:
    assert told(sentence).results == results
