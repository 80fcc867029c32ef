"""Days that articles name, and which they are: none rather than one that is a week off."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from drafts import drafted
from hypothesis import given, settings
from hypothesis import strategies as st

from summarize.article.article import Article
from summarize.article.dates import Calendar, dateline_day, full_day, names_day
from summarize.article.tense import tense_at
from summarize.grounding.direct import DirectGrounding

WEDNESDAY = "2025-03-05"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day(sentence: str, words: str, published: str = WEDNESDAY, written: str | None = None):
    return Calendar(published, written).resolve(words, sentence, sentence.index(words))


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        ("Sept. 17", None, None),
        ("Sept. 17", "2025-09-18", "2025-09-17"),
        ("Sept. 17", "2026-02-01", "2025-09-17"),
        ("September 17, 2025", None, "2025-09-17"),
        ("2025-09-17", None, "2025-09-17"),
        ("17.9.2025", None, "2025-09-17"),
        ("5/4/2024", None, None),
        ("5. März 2025", None, "2025-03-05"),
        ("March 23-25, 2025", None, "2025-03-23"),
        ("March 6-7", WEDNESDAY, "2025-03-06"),
        ("3-4 March", WEDNESDAY, "2025-03-03"),
        ("Feb. 28 - March 2", WEDNESDAY, "2025-02-28"),
        ("28 February – 2 March 2024", WEDNESDAY, "2024-02-28"),
        ("Dec. 30 - Jan. 2, 2025", WEDNESDAY, "2024-12-30"),
        ("Wednesday", "2020-01-11", "2020-01-08"),
        ("Monday", "2020-01-13", "2020-01-13"),
        ("Tuesday, March 4", WEDNESDAY, "2025-03-04"),
        ("March 4 (Tuesday)", WEDNESDAY, "2025-03-04"),
        ("Friday, March 4", WEDNESDAY, None),
        ("Tuesday, March 5, 2025", WEDNESDAY, None),
        ("yesterday", "2024-10-16", "2024-10-15"),
        ("two days ago", WEDNESDAY, None),
        ("2 days ago", WEDNESDAY, "2025-03-03"),
        ("today", "2024-10-16", "2024-10-16"),
        ("tomorrow", WEDNESDAY, "2025-03-06"),
        ("tomorrow", None, None),
        ("Feb. 29", "2023-03-05", None),
        ("this week", "2020-01-11", None),
        ("the weekend", WEDNESDAY, None),
        ("2019", "2020-01-01", None),
        ("March 2025", WEDNESDAY, None),
        ("may 6 of them", WEDNESDAY, None),
        ("Sept. 17", "9999-12-31", "9999-09-17"),
        ("tomorrow", "9999-12-31", None),
    ],
)
def test_a_date_is_a_day_only_where_the_article_settles_it(text, published, expected):
    resolved = Calendar(published).resolve(text)
    assert (resolved if names_day(text) else None) == expected


AHEAD = [
    "Holm will hold talks with Keller in Bern on {}.",
    "Holm will meet Keller, who was elected last year, in Bern on {}.",
    "Holm is to visit Bern on {}.",
    "Holm is expected to be received by Keller on {}.",
    "Holm to visit Bern on {}",
    "The two have agreed to meet again on {}.",
    "On {}, Holm will meet Keller.",
    "{}: Holm will meet Keller.",
    "The ministry said on Monday that Holm would travel to Bern on {}.",
    "Holm said he will attend a summit hosted by Keller on {}.",
    "Holm spoke to reporters ahead of talks with Keller on {}.",
    "The armed groups are planning to join talks on {}.",
]
REPORTED = [
    "Holm held talks with Keller in Bern on {}.",
    "Holm said on {} that he will meet Keller in April.",
    "Holm will meet Keller, his office said on {}.",
    "On {}, Holm met Keller.",
    "Holm expressed political will on {}.",
    "Holm and Keller agreed on {} to meet again.",
    "Following talks on {}, Holm said he will come back.",
    "Holm, whose party will vote in May, met Keller on {}.",
]


def expected_days(weekday: int) -> tuple[str | None, str | None]:
    """The last such day and the next one, counted by hand from a Wednesday."""
    last = [3, 4, 5, None, 28, 1, 2][weekday]
    following = [10, 11, None, 6, 7, 8, 9][weekday]
    return (
        last and f"2025-0{2 if last == 28 else 3}-{last:02}",
        following and f"2025-03-{following:02}",
    )


@pytest.mark.parametrize("weekday", [0, 2, 3, 5])
@pytest.mark.parametrize("sentence", AHEAD)
def test_a_day_that_is_ahead_is_the_next_one(sentence, weekday):
    name = WEEKDAYS[weekday]
    if sentence.count("Monday") and name == "Monday":
        return
    assert day(sentence.format(name), name) == expected_days(weekday)[1]


@pytest.mark.parametrize("weekday", [0, 2, 3, 5])
@pytest.mark.parametrize("sentence", REPORTED)
def test_a_day_that_is_past_is_the_last_one(sentence, weekday):
    name = WEEKDAYS[weekday]
    assert day(sentence.format(name), name) == expected_days(weekday)[0]


@pytest.mark.parametrize(
    "sentence",
    [
        "Holm was due to meet Keller on Friday.",
        "Talks had been scheduled for Friday.",
        "Holm flew to Bern to meet Keller on Friday.",
        "Holm would have met Keller on Friday.",
        "Holm will go home after talks with Keller on Friday.",
        "Holm meets Keller every Friday.",
        "Holm met Keller on the following Friday.",
        "Holm will meet Keller next month on Friday.",
        "Holm and Keller spoke of the Good Friday Agreement.",
    ],
)
def test_a_day_that_can_be_of_two_weeks_is_none(sentence):
    assert day(sentence, "Friday") is None


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("2025-03-05", "2025-03-07"),
        ("2025-03-06", "2025-03-07"),
        ("2025-03-07", "2025-03-07"),
        ("2025-03-09", "2025-03-07"),
        ("2025-03-10", None),
        ("2025-03-11", None),
    ],
)
@pytest.mark.parametrize(
    "sentence", ["Holm Meets Keller on Friday", "Talks in Bern on Friday", "Holm arrives Friday."]
)
def test_without_a_tense_it_is_the_day_that_is_near(sentence, published, expected):
    assert day(sentence, "Friday", published) == expected


@pytest.mark.parametrize(
    ("sentence", "words", "expected"),
    [
        ("Holm will meet Keller next Tuesday.", "Tuesday", "2025-03-11"),
        ("Holm will meet Keller next Tuesday.", "next Tuesday", "2025-03-11"),
        # The day after tomorrow, or in nine days.
        ("Holm will meet Keller next Friday.", "Friday", None),
        ("Holm met Keller last Friday.", "Friday", "2025-02-28"),
        ("Holm met Keller last Monday.", "last Monday", None),
        ("Holm met Keller this past Monday.", "Monday", "2025-03-03"),
        ("Holm will meet Keller this coming Monday.", "Monday", "2025-03-10"),
        ("Holm met Keller on Monday last week.", "Monday", None),
        ("Holm met Keller last week on Monday.", "Monday", None),
        ("Holm will meet Keller on Friday of next week.", "Friday", None),
        ("Holm met Keller on a visit last week.", "last week", None),
        ("Holm met Keller two weeks ago on Monday.", "Monday", None),
        ("Holm will meet Keller on Friday, March 7.", "Friday", "2025-03-07"),
        ("Holm will meet Keller on Friday (March 14).", "Friday", "2025-03-14"),
        ("Holm will meet Keller on March 4, 2026.", "March 4", "2026-03-04"),
        ("Holm will meet Keller on January 9.", "January 9", "2026-01-09"),
        ("Holm met Keller on November 9.", "November 9", "2024-11-09"),
        # East of UTC, where it is the day after.
        ("Holm met Keller on March 6.", "March 6", "2025-03-06"),
        ("Holm met Keller on March 30.", "March 30", None),
        ("Talks in Bern on September 9", "September 9", None),
        ("Holm will meet Keller tomorrow.", "tomorrow", "2025-03-06"),
        ("“We will meet tomorrow,” Holm said on Monday.", "tomorrow", None),
        ("“We will meet tomorrow,” Holm said.", "tomorrow", "2025-03-06"),
        ("The talks from March 3 to 4 were in Bern.", "March 3 to 4", "2025-03-03"),
    ],
)
def test_the_words_around_a_day_say_which_it_is(sentence, words, expected):
    assert day(sentence, words) == expected


@settings(deadline=None, max_examples=200)
@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)),
    st.sampled_from(WEEKDAYS),
    st.sampled_from(AHEAD),
    st.sampled_from(REPORTED),
)
def test_on_any_day_it_is_within_a_week_on_the_right_side(published, name, ahead, reported):
    for sentence, allowed in ((ahead, range(7)), (reported, range(-6, 1))):
        words = sentence.format(name)
        found = Calendar(published.isoformat()).resolve(name, words, words.rindex(name))
        if found:
            resolved = dt.date.fromisoformat(found)
            assert resolved.strftime("%A") == name
            assert (resolved - published).days in allowed


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=80), st.dates(), st.one_of(st.none(), st.dates()))
def test_any_words_are_a_day_or_none(text, published, written):
    calendar = Calendar(published.isoformat(), written and written.isoformat())
    found = calendar.resolve(text, text, 0)
    assert found is None or dt.date.fromisoformat(found)
    assert tense_at(text, 0, len(text))


# Datelines


@pytest.mark.parametrize(
    "dateline",
    [
        "SEOUL, March 6 (Yonhap) -- ",
        "Seoul, March 6 (ANI): ",
        "SEOUL, South Korea, March 6 (AP) — ",
        "SEOUL (AA) - March 6 - ",
        "SEOUL, Thursday, March 6: ",
        "SEOUL, March 6. /TASS/. ",
        "SEOUL, March 6, 2025 (Xinhua) -- ",
        "March 6 (Reuters) - ",
        "NEW DELHI, MARCH 6: ",
        "SEOUL, March 6",
    ],
)
def test_the_day_of_a_dateline(dateline):
    assert dateline_day(f"{dateline}", WEDNESDAY) == "2025-03-06"
    if not dateline.endswith("6"):
        assert dateline_day(f"{dateline}Holm met Keller.", WEDNESDAY) == "2025-03-06"


@pytest.mark.parametrize(
    "start",
    [
        "SEOUL — Holm met Keller on March 6 - the first time.",
        "On March 6 Holm met Keller.",
        "Holm, who came on March 6, met Keller.",
        "Holm met Keller: March 6 was the day.",
    ],
)
def test_what_is_no_dateline(start):
    assert dateline_day(start, WEDNESDAY) is None


@pytest.mark.parametrize(
    "unit", ["A, ", "A (b) ", "March 6 ", "6-", "on 6 March to ", "said will "]
)
def test_days_take_linear_time(unit):
    text = unit * (100_000 // len(unit))
    started = time.process_time()
    dateline_day(text, WEDNESDAY)
    Calendar(WEDNESDAY).resolve("Monday", f"{text} Monday", len(text) + 1)
    assert time.process_time() - started < 3


def dated(text: str, date: str, published: str | None) -> str | None:
    draft = drafted("Lars Holm", event="talks").model_copy(update={"date": date})
    event = DirectGrounding(Article(text, id="x", published=published)).ground(draft).meetings[0]
    return event.date.iso if event.date else None


@pytest.mark.parametrize(
    ("lead", "date", "expected"),
    [
        ("SEOUL, March 6 (Yonhap) -- Lars Holm met Keller on Thursday.", "Thursday", "2025-03-06"),
        ("SEOUL, March 6 (Yonhap) -- Lars Holm met Keller today.", "today", "2025-03-06"),
        ("SEOUL, March 6 (Yonhap) -- Lars Holm met Keller yesterday.", "yesterday", "2025-03-05"),
        ("SEOUL, March 6 (Yonhap) -- Lars Holm will meet Keller Friday.", "Friday", "2025-03-07"),
        ("SEOUL, March 6 (Yonhap) -- Lars Holm will meet Keller Thursday.", "Thursday",
         "2025-03-06"),
        ("SEOUL, March 6 (Yonhap) -- Lars Holm met Keller.", "March 6", "2025-03-06"),
        ("SEOUL — Lars Holm met Keller on Thursday.", "Thursday", None),
        # An old dispatch: the Tuesday of its own week, or that of the day when it came out.
        ("SEOUL, Feb. 20 (Yonhap) -- Lars Holm met Keller on Tuesday.", "Tuesday", None),
        ("SEOUL, March 3 (Yonhap) -- Lars Holm met Keller on Sunday.", "Sunday", "2025-03-02"),
    ],
)  # fmt: skip
def test_a_dateline_comes_before_the_day_of_the_metadata(lead, date, expected):
    text = f"Norwegian premier meets president\n\n{lead}\n\nThe weather was fine."
    assert dated(text, date, "2025-03-05T22:40:00Z") == expected


def test_a_dateline_without_a_year_needs_the_day_of_publication():
    text = "A headline\n\nSEOUL, March 6 (Yonhap) -- Lars Holm met Keller on Thursday."
    assert dated(text, "Thursday", None) is None
    full = text.replace("March 6", "March 6, 2025")
    assert dated(full, "Thursday", None) == "2025-03-06"


def test_the_day_of_a_byline_is_that_of_the_place():
    text = "A headline\nFjord Post, 5 March 2025\n\nLars Holm met Keller on Thursday."
    assert dated(text, "Thursday", None) == "2025-02-27"


@pytest.mark.parametrize(
    ("text", "names"),
    [("Sept. 17", True), ("on Monday", True), ("yesterday", True), ("first-ever visit", False)],
)
def test_words_that_name_a_day(text, names):
    assert names_day(text) is names


@pytest.mark.parametrize(
    "written",
    ["1741082400", "1741082400000", "1741082400000000", "20250304", "2025030410", "20250304101500"],
)
def test_days_in_digits_alone(written):
    assert full_day(written) == "2025-03-04"


@pytest.mark.parametrize("words", ["Tuesday (25/2)", "25/2", "3/4"])
def test_a_day_and_a_month_by_numbers_are_no_day(words):
    sentence = f"They met on {words} in Bern."
    assert Calendar("2025-03-05").resolve(words, sentence, 12) is None


@pytest.mark.parametrize("words", ["FRİDAY", "frıday", "3 APRİL", "ſunday"])
def test_letters_that_only_look_like_others_are_no_error(words):
    text = f"They met on {words} in Ankara."
    start = text.index(words)
    article = Article(text, id="1", published="2024-04-03")
    assert article.calendar.resolve(words, text, start)
