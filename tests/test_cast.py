"""The cast: what a verb is said of, and which sentences are about those who met."""

from __future__ import annotations

import pytest
from told import Told, told

from summarize.cast import Subject
from summarize.matching import small

VERB = "promised"


def subject(*paragraphs: str, follows: bool = False, **options: str) -> Subject | None:
    """The subject of the verb in the last of the sentences."""
    article = told(*paragraphs, **options)
    sentence = article.reading.sentences[-1]
    lowered = small(article.words(sentence.span))
    return article.cast.subject(sentence, lowered, lowered.index(VERB), follows=follows)


def is_about(article: Told) -> bool:
    return article.cast.is_about(article.reading.sentences[-1].span)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Holm", "people"),
        ("The two sides", "people"),
        ("The leaders", "people"),
        ("The Swiss president", "people"),
        ("Switzerland", "people"),
        ("Bern", "people"),
        ("They", "people"),
        ("The talks in Bern", "talks"),
        ("The meeting", "talks"),
        ("The agreement between the two", "paper"),
        ("The joint declaration", "paper"),
        ("The weather", None),
        ("A crowd", None),
        ("Sweden", None),
        ("Stockholm", None),
    ],
)
def test_what_a_verb_is_said_of(words: str, kind: str | None) -> None:
    found = subject(f"{words} promised a good year.")
    assert (found.kind if found else None) == kind


@pytest.mark.parametrize(
    "between", ["", "also ", "once again ", "warmly ", "on Monday ", "has also ", "in turn "]
)
def test_what_stands_between_a_subject_and_its_verb(between: str) -> None:
    assert subject(f"Holm {between}promised a good year.") == Subject("people", 0)


def test_an_office_between_commas_is_stepped_over() -> None:
    words = "Holm, the long-time head of the party of the coast,"
    assert subject(f"{words} promised a good year.") == Subject("people", 0)


def test_a_subject_begins_with_its_own_clause() -> None:
    found = subject("While crowds waited outside, Holm promised a good year.")
    assert found == Subject("people", len("While crowds waited outside, "))


@pytest.mark.parametrize("words", ["A letter from Holm", "The host of Holm and a trip to Norway"])
def test_a_name_behind_a_preposition_does_nothing(words: str) -> None:
    assert subject(f"{words} promised a good year.") is None


def test_this_is_a_result_only_where_one_was_told() -> None:
    assert subject("This promised a good year.") is None
    assert subject("This promised a good year.", follows=True) == Subject("paper", 0)


@pytest.mark.parametrize(
    ("before", "known"),
    [
        ("Holm praised the harvest.", True),
        ("The harvest was good.", True),
        ("Opposition leader Jon Berg praised the harvest.", False),
        ("Holm praised Opposition leader Jon Berg.", True),
        ("Opposition leader Jon Berg praised Holm.", False),
    ],
)
def test_a_pronoun_is_the_first_name_of_the_last_sentence_with_one(
    before: str, known: bool
) -> None:
    assert (subject(before, "He promised a good year.") is not None) == known


def test_any_country_may_be_theirs_where_only_delegations_met() -> None:
    lead = "The delegations of Norway and Switzerland held talks in Geneva on Monday."
    options = {"lead": lead, "claimed": ("Norway", "Switzerland")}
    assert subject("Norway promised a good year.", **options) is not None


@pytest.mark.parametrize(
    ("sentence", "about"),
    [
        ("Holm praised the harvest.", True),
        ("The harvest was good.", True),
        ("Opposition leader Jon Berg praised the harvest.", False),
        ("Opposition leader Jon Berg praised Holm.", True),
    ],
)
def test_a_sentence_that_names_outsiders_only_is_not_about_the_meeting(
    sentence: str, about: bool
) -> None:
    assert is_about(told(sentence)) == about
