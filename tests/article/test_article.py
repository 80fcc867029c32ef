"""Article: what it says of itself, and that its text is never changed."""

from __future__ import annotations

import hashlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarize.article.article import Article

BODY = "The minister of Kenya came to Oslo on Monday.\n\nHe met the king there."
TEXT = f"Kenya's minister in Oslo | Fjord Times\nFjord Post, 5 March 2024\n\n{BODY}"


def test_the_text_speaks_for_itself():
    info = Article.of(TEXT).info
    assert info.title == "Kenya's minister in Oslo"
    assert info.outlet == "Fjord Post"
    assert info.published == "2024-03-05"
    assert info.characters == len(TEXT)
    assert info.source is None


def test_a_record_comes_before_the_text():
    article = Article(
        TEXT, id="7", source="a.jsonl", title="A | B", outlet="C", published="1 May 2023"
    )
    info = article.info
    assert (info.id, info.source) == ("7", "a.jsonl")
    assert (info.title, info.outlet, info.published) == ("A | B", "C", "2023-05-01")


def test_a_record_whose_date_says_nothing_leaves_it_to_the_text():
    assert Article(TEXT, id="7", published="last spring").info.published == "2024-03-05"


@pytest.mark.parametrize("text", ["", "a", "MİT’s\r\n", "\ufeff\x00", "😀"])
def test_sha256_is_of_the_text_as_given(text):
    article = Article.of(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert article.text == text
    assert article.sha256 == article.info.sha256 == digest
    assert article.id == digest[:16]


def test_a_lone_surrogate_has_a_hash():
    assert len(Article.of("a\ud800").sha256) == 64


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024-03-05T23:55:00-05:00", "2024-03-05"),
        ("2024-03-05 10:11:12", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("20240305", "2024-03-05"),
        ("20240305T101500Z", "2024-03-05"),
        ("20240305T101500+0900", "2024-03-05"),
        ("20240305101500", "2024-03-05"),
        ("20240305T1015", "2024-03-05"),
        ("20240305 10:15:00", "2024-03-05"),
        ("20241305", None),
        ("20240230101500", None),
        ("12345678", None),
        ("202403051", None),
        ("1709633700", "2024-03-05"),
        ("5 March 2024", "2024-03-05"),
        ("5th March 2024", "2024-03-05"),
        ("March 5, 2024", "2024-03-05"),
        ("Mar. 5th, 2024", "2024-03-05"),
        ("Tue, 05 Mar 2024 10:00:00 GMT", "2024-03-05"),
        ("05.03.2024", "2024-03-05"),
        ("25/03/2024", "2024-03-25"),
        ("03/25/2024", "2024-03-25"),
        ("04/04/2024", "2024-04-04"),
        ("2024年3月5日", "2024-03-05"),
        # London and New York read it differently.
        ("05/03/2024", None),
        ("2024-13-45", None),
        ("2023-02-29", None),
        ("0001-01-01", None),
        # A day can be added to any day that is reported.
        ("9999-12-31", None),
        ("March 2024", None),
        ("yesterday", None),
        ("2 days ago", None),
        ("Monday", None),
        ("17 September", None),
        ("soon", None),
        ("", None),
        ("true", None),
        ("5 March 2024 " * 20, None),
    ],
)
def test_published_is_a_day_or_nothing(written, day):
    assert Article(BODY, id="x", published=written).info.published == day


def test_a_header_has_the_day_of_publication_not_of_a_change():
    header = (
        "id: 3\nupdated_date: 2024-04-01\npublished: true\npost_date: 2024-03-05\ntitle: Fish\n"
    )
    info = Article.of(f"{header}\n{BODY}").info
    assert (info.published, info.title) == ("2024-03-05", "Fish")


@pytest.mark.parametrize(
    ("line", "outlet"),
    [
        ("Original Source: www.fjord.example", "fjord.example"),
        ("Source: https://www.fjord.example/a/b", "fjord.example"),
        ("Source: Fjord Times", "Fjord Times"),
    ],
)
def test_the_source_line_names_the_outlet(line, outlet):
    article = Article.of(f"{BODY}\n{line}")
    assert article.info.outlet == outlet
    assert line not in article.reading.text


def test_a_long_title_takes_no_time():
    title = "A - A A A " * 5_000
    started = time.process_time()
    info = Article.of(f"id: 1\ntitle: {title}\ndate: 2024-01-02\n\n{BODY}").info
    assert time.process_time() - started < 2
    assert info.title == title.strip()


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=120),
    st.one_of(st.none(), st.text(max_size=20), st.datetimes().map(str), st.dates().map(str)),
)
def test_any_text_and_any_date(text, published):
    article = Article(text, id="x", published=published)
    assert article.info.characters == len(text)
    assert article.info.published is None or len(article.info.published) == 10
    assert article.text == text
