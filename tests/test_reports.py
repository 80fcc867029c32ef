"""Which sentences can report something of the meeting, and what an article quotes."""

from __future__ import annotations

import pytest

from summarize.reading import Reading, Span, read
from summarize.reports import Report, telling, unquoted

TITLE = "Norwegian premier in Bern"
MET = "Holm met Keller in Bern on Monday."
DISCUSSED = "They discussed the price of gas."


def article(*paragraphs: str) -> Reading:
    return read("\n\n".join((TITLE, *paragraphs)))


def told(*paragraphs: str) -> list[str]:
    return [text for _, text in telling(article(*paragraphs))]


def test_the_text_is_the_sentences() -> None:
    reading = article(MET, DISCUSSED)
    for sentence, text in telling(reading):
        assert reading.text[sentence.span.start : sentence.span.end] == text


def test_a_headline_reports_nothing() -> None:
    assert told(MET) == [MET]


@pytest.mark.parametrize(
    "goes_on",
    ["He met the mayor there.", "During the visit a dam was opened.", "Keller also saw a dam."],
)
def test_another_time_goes_on_within_its_paragraph(goes_on: str) -> None:
    past = "Last year Holm visited Rome."
    assert told(MET, f"{past} {goes_on}", DISCUSSED) == [MET, DISCUSSED]
    # On its own it is of the meeting.
    assert told(MET, goes_on) == [MET, goes_on]
    assert told(MET, past, goes_on) == [MET, goes_on]


def test_another_time_ends_where_somebody_else_is_spoken_of() -> None:
    past, other = "Last year Holm visited Rome.", "Farmers in the valley want a tunnel."
    assert told(MET, f"{past} {other} {DISCUSSED}") == [MET, other, DISCUSSED]


@pytest.mark.parametrize(
    "past",
    [
        "Last year the leaders met in Rome.",
        "In 2019 the leaders agreed on a dam.",
        "A week earlier Holm met the pope.",
        "The two had met before.",
        "The visit follows a trip to Rome.",
        "Holm will meet the pope in June.",
        "A trip to Rome was called off.",
    ],
)
def test_background_reports_nothing(past: str) -> None:
    assert told(MET, past) == [MET]


@pytest.mark.parametrize("heading", ["A long history", "What was discussed", "Sites’ security"])
def test_a_heading_reports_nothing(heading: str) -> None:
    assert told(MET, heading, DISCUSSED) == [MET, DISCUSSED]


def test_a_section_that_begins_with_another_time_is_about_it() -> None:
    past, goes_on = "Last year Holm visited Rome.", "The pope gave the guests a bell."
    assert told(MET, "A long history", past, goes_on) == [MET]
    assert told(MET, "A long history", past, goes_on, "Today’s talks", DISCUSSED) == [
        MET,
        DISCUSSED,
    ]


def test_a_section_is_not_about_another_time_that_it_only_mentions() -> None:
    past, agreed = "Last year Holm visited Rome.", "They agreed to meet again."
    assert told(MET, "What was discussed", DISCUSSED, past, agreed) == [MET, DISCUSSED, agreed]


def test_a_report_knows_where_it_stands() -> None:
    reading = article(MET, DISCUSSED)
    sentence = reading.sentences[-1]
    report = Report.within(sentence, 5, 14)
    assert reading.text[report.span.start : report.span.end] == "discussed"
    assert report.span in sentence.span


# Quotations


@pytest.mark.parametrize("marks", ["“”", '""', "«»"])
def test_what_is_quoted_is_spaces_of_the_same_length(marks: str) -> None:
    said = f"{marks[0]}Holm met the pope,{marks[1]}"
    reading = article(f"{said} the mayor said. {DISCUSSED}")
    plain = unquoted(reading)
    assert len(plain) == len(reading.text)
    assert plain == reading.text.replace(said, " " * len(said))


def test_a_quotation_that_is_not_closed_ends_with_its_paragraph() -> None:
    reading = article("“Holm met the pope. He met the king.", DISCUSSED)
    plain = unquoted(reading)
    assert "pope" not in plain
    assert "king" not in plain
    assert plain.endswith(f"\n{DISCUSSED}")


def test_an_apostrophe_quotes_nobody() -> None:
    text = "Holm’s host said that the sides' talks weren't easy for the two."
    reading = article(text)
    assert unquoted(reading) == reading.text


@pytest.mark.parametrize("text", ["", "“", "”", '"', "“”", "” and “", '" and " and "'])
def test_stray_marks_cost_no_characters(text: str) -> None:
    reading = read(text)
    plain = unquoted(reading)
    assert len(plain) == len(reading.text)
    assert all(a in (b, " ") for a, b in zip(plain, reading.text, strict=True))
    assert all(sentence.span in Span(0, len(plain)) for sentence, _ in telling(reading))
