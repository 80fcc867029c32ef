"""Who took part: what the model claims and a sentence shows, and what sentences show alone."""

from __future__ import annotations

import pytest
from told import LEAD, told

HOLM, KELLER, KRAG, AMSLER = "Lars Holm", "Anna Keller", "Ida Krag", "Ruth Amsler"
# So much lies between what follows and the lead.
TOWN = (
    "The town has three bridges and a lake.",
    "It is known for its cheese and its clocks.",
    "Trams run all day in summer.",
    "Prices were high in the shops.",
)
MET_KRAG = "Danish Foreign Minister Ida Krag met Energy Minister Ruth Amsler."


def present(*paragraphs: str, claimed: tuple[str, ...] = (), **options: str) -> set[str]:
    return told(*paragraphs, claimed=claimed, **options).present


def test_the_lead_tells_who_met() -> None:
    assert present() == {HOLM, KELLER}


def test_whom_a_participant_met_took_part() -> None:
    assert present(claimed=(HOLM,)) == {HOLM, KELLER}


def test_who_only_spoke_met_nobody() -> None:
    assert KRAG not in present("Danish Foreign Minister Ida Krag spoke of the harvest.")


def test_far_from_the_lead_others_may_meet() -> None:
    assert present(*TOWN, MET_KRAG) == {HOLM, KELLER}


def test_unless_somebody_of_the_lead_meets_them() -> None:
    found = present(*TOWN, "Holm was received by Energy Minister Ruth Amsler.")
    assert found == {HOLM, KELLER, AMSLER}


def test_who_is_met_by_those_who_were_met_took_part_too() -> None:
    chain = ("Holm met Energy Minister Ruth Amsler.", MET_KRAG)
    assert present(*TOWN, *chain) == present(*TOWN, *reversed(chain))
    assert present(*TOWN, *chain) == {HOLM, KELLER, AMSLER, KRAG}


@pytest.mark.parametrize(
    ("does", "took_part"),
    [
        ("told the summit that trade was good", True),
        ("attended the opening of the talks", True),
        ("opened the conference in Bern", True),
        ("spoke at the meeting", True),
        ("told reporters that trade was good", False),
        ("praised the talks", False),
    ],
)
def test_who_attended_took_part(does: str, took_part: bool) -> None:
    found = present(*TOWN, f"Danish Foreign Minister Ida Krag {does}.")
    assert (KRAG in found) == took_part


@pytest.mark.parametrize(
    "aside",
    ["Following a meeting with", "After talks with", "Ahead of a visit by", "Despite talks with"],
)
def test_an_aside_is_about_another_meeting(aside: str) -> None:
    sentence = f"{aside} Danish Foreign Minister Ida Krag, Holm met Energy Minister Ruth Amsler."
    assert present(sentence) == {HOLM, KELLER, AMSLER}


@pytest.mark.parametrize(
    "sentence",
    [
        "Last year Holm met Danish Foreign Minister Ida Krag.",
        "Holm will meet Danish Foreign Minister Ida Krag in June.",
        "Holm did not meet Danish Foreign Minister Ida Krag.",
        "“Holm met Danish Foreign Minister Ida Krag,” the mayor said.",
        "The paper wrote: \"Holm met Danish Foreign Minister Ida Krag.\"",
    ],
)  # fmt: skip
def test_other_times_and_quotations_are_no_meeting(sentence: str) -> None:
    assert present(sentence) == {HOLM, KELLER}
    assert KRAG not in present(sentence, claimed=(HOLM, KRAG))


@pytest.mark.parametrize(
    "lead",
    [
        "Norwegian Prime Minister Lars Holm praised the talks of Swiss President Anna Keller.",
        "Norwegian Prime Minister Lars Holm wants a dialogue with Swiss President Anna Keller.",
        "Swiss President Anna Keller called off a visit by Norwegian Prime Minister Lars Holm.",
    ],
)
def test_those_who_only_speak_of_meetings_hold_none(lead: str) -> None:
    assert present(lead=lead, claimed=(HOLM, KELLER)) == set()


@pytest.mark.parametrize(
    ("sentence", "organizations"),
    [
        (
            "Holm met members of the National Salt Council (NSC) and the Fisheries Board (FB).",
            {"National Salt Council", "Fisheries Board"},
        ),
        ("Officials from the Fisheries Board (FB) held talks with Holm.", {"Fisheries Board"}),
        ("The Fisheries Board (FB) praised the talks.", set()),
        ("Holm met Keller in the garden of the Fisheries Board (FB).", set()),
    ],
)
def test_organizations_take_part_by_their_members(sentence: str, organizations: set[str]) -> None:
    assert present(sentence) - {HOLM, KELLER} == organizations


def test_a_headline_alone_shows_nobody() -> None:
    assert present(lead="The town was full of flags on the day of the fair.") == set()
    assert LEAD not in told(lead="The town was full of flags.").reading.text
