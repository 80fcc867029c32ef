"""Pages: the article in them and nothing else, from files and addresses, up to the summary."""

from __future__ import annotations

import gzip
import html
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from website import Site, holds, leads_to, zipped

from summarize import Article, read_url, summarize_article
from summarize.article.reading import read
from summarize.errors import FetchError, InputError
from summarize.schema import Summary
from summarize.sources.articles import read_file, read_standard_input
from summarize.sources.decoding import decode_page
from summarize.webpages.metadata import Page
from summarize.webpages.page import read_page

ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parents[1] / "pages"
CASSETTES = ROOT / "cassettes"
SEED = ROOT / "seeds" / "004_6cd281ebbed1be5a.txt"


def page(name: str) -> Page:
    return read_page(decode_page((PAGES / name).read_bytes()))


NEWSPAPER = """\
Norwegian and Kenyan ministers agree on port deal in Oslo

OSLO – Norwegian Foreign Minister Kari Lund met her Kenyan counterpart Joseph Otieno in Oslo on \
Tuesday to discuss trade, fisheries and the security of shipping in the Indian Ocean.

The two ministers signed an agreement under which Norway will finance the electrification of two \
quays of the port of Mombasa.

“This is the beginning of a long partnership,” Lund said after the talks. She stressed that the \
work would begin before the end of the year.

Otieno said that Kenya would send a delegation of engineers to Bergen in May, and that both sides \
had agreed to hold consultations every year.

The ministers also discussed the return of stolen works of art, a question on which, according to \
the ministry in Oslo, an expert group will report in the autumn."""


def test_a_newspaper_without_all_that_is_around_the_article() -> None:
    assert page("newspaper.html") == Page(
        NEWSPAPER,
        title="Norwegian and Kenyan ministers agree on port deal in Oslo",
        outlet="Fjord Times",
        published="2025-03-04T16:20:00+01:00",
    )


def test_a_readout_with_a_list() -> None:
    found = page("readout.htm")
    assert found.title == "Readout of Prime Minister Adjei’s call with President Moreau"
    assert found.published == "2024-11-19"
    assert (
        "\n\nThe leaders discussed:\n\n"
        "- the situation of refugees in the border districts;\n"
        "- the supply of grain during the coming winter;\n"
        "- preparations for the summit of the Lake States in February.\n\n"
        "Prime Minister Adjei thanked"
    ) in found.text
    assert found.text.endswith(
        "\n\n“We will not leave our neighbours alone,” the Prime Minister said."
    )
    assert "Privacy" not in found.text


def test_a_page_held_together_by_tables() -> None:
    blocks = page("tables.html").text.split("\n\n")
    assert [block[:13] for block in blocks] == [
        "Envoys meet o",
        "Monday, June ",
        "Envoys of Upp",
        "The head of t",
        "The envoys ag",
        "Farmers on bo",
        "Copyright 200",
    ]


def test_a_table_of_data_keeps_its_rows() -> None:
    text = page("newspaper.html").text.split("\n\n")[1:]
    rows = "<tr><td>Kari Lund<td>Norway<td>Minister<tr><td>Joseph Otieno<td>Kenya<td>Minister"
    body = "".join(f"<p>{part}</p>" for part in text) + f"<table>{rows}</table>"
    found = read_page(f"<article><h1>Port deal agreed in Oslo</h1>{body}</article>")
    assert "Kari Lund, Norway, Minister\n\nJoseph Otieno, Kenya, Minister" in found.text


def test_a_page_of_paragraphs_alone() -> None:
    found = page("bare.html")
    assert found.text.startswith(
        "Ministers of the isles meet in Port Lys\n\nThe fisheries ministers"
    )
    assert found.text.count("Ministers of the isles") == 1
    assert "“It is not what anybody wanted,” he added" in found.text
    assert found.text.endswith("by August.\n\nThe next meeting will be held on Lesser Lys.")


@pytest.mark.parametrize("name", ["windows-1254.html", "utf-16.html"])
def test_characters_as_the_page_declares_them(name: str) -> None:
    found = page(name)
    assert found.title == "Dışişleri Bakanı Şahin, Bişkek'te Öğretmenoğlu ile görüştü"
    assert "ığdır gümrük kapısının açılması" in found.text
    assert "Ana Sayfa" not in found.text


def test_what_readers_do_not_see_is_not_there() -> None:
    blocks = page("hidden.html").text.split("\n\n")
    assert [block[:24] for block in blocks] == [
        "Defence chiefs meet in T",
        "The defence chiefs of Ar",
        "General Anna Brask of Ar",
        "Her counterpart, General",
        "The chiefs agreed to mee",
    ]
    assert blocks[2].endswith("in July.")
    assert blocks[3].endswith("to observers.")


@pytest.mark.parametrize(
    "attributes",
    [
        *("hidden", "hidden=''", "style='display: none'", "style='VISIBILITY:hidden;'"),
        *("style='font-size:0px'", "style='font-size:1px'", "style='opacity: 0; color: red'"),
        *("style='font-size:0 !important'", "style='color:transparent'"),
        *("style='position:absolute;left:-9999px'", "style='text-indent:-9999px'"),
    ],
)
def test_ways_to_hide(attributes: str) -> None:
    hidden = f"<p {attributes}>{BETWEEN}</p>"
    assert blocks_of(f"<article><h1>{HEADLINE}</h1>{hidden}{BODY}</article>") == PARAGRAPHS


@pytest.mark.parametrize("style", ["font-size:0.9em", "opacity:0.8", "color:#fff;background:#000"])
def test_what_only_looks_hidden(style: str) -> None:
    shown = f"<p style='{style}'>{BETWEEN}</p>"
    page = f"<article><h1>{HEADLINE}</h1>{shown}{BODY}</article>"
    assert blocks_of(page) == [BETWEEN, *PARAGRAPHS]


BETWEEN = "The ministers agreed to sell the moon to the Kingdom of Zork."


def test_a_page_that_is_built_by_scripts_says_its_article_in_data() -> None:
    found = page("amp.html")
    assert (found.outlet, found.published) == ("Ostra Daily", "2022-10-11T08:00:00Z")
    assert found.text.startswith(
        "Presidents of Ostra and Velia sign rail accord\n\nThe presidents of"
    )
    assert "Home" not in found.text


@pytest.mark.parametrize(
    "nothing",
    [
        *(
            "",
            " \n",
            "no page at all",
            "<html></html>",
            "<nav>Home</nav>",
            "<",
            "<?xml",
            "\0",
            "\ud800",
        ),
        "<html><body><p>Please enable JS and disable any ad blocker</p></body></html>",
        "<html><body><div hidden>" + "<p>The ministers met in Oslo to discuss the port.</p>" * 9,
    ],
)
def test_a_page_without_an_article_is_told(nothing: str) -> None:
    with pytest.raises(InputError) as caught:
        read_page(nothing, name="a.html")
    assert str(caught.value).startswith("a.html: ")
    assert "if it shows in a browser, save it from there" in caught.value.hint


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n<</Type/Page>>\n\x00\xff",
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01<a>",
        b"\x89PNG\r\n\x1a\n\x00\x00<a>",
        gzip.compress(b"<p>The ministers met.</p>", mtime=0) + b"<a>",
        b"PK\x03\x04\x14<a>",
    ],
)
def test_what_is_no_page_is_told(data: bytes, tmp_path: Path) -> None:
    (path := tmp_path / "a.html").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_file(path)
    why = "is a PDF, a picture or a compressed file, not a page; give a page; if it shows"
    assert str(caught.value).startswith(f"{path}: {why}")


LONG = "The ministers met in Oslo and agreed to hold talks every year, in turn in each country."
LONG += " They also spoke about the port of Mombasa."
MARKUP_OF_ALL_KINDS = (
    "<p> </p> <div> </div> <table> <tr> <td> <ul> <li> </ul> <br> <h1> <b> </b> <script> <!-- -->"
    " <p\x20hidden> <template> <article> </article> <a\x20href=x> &nbsp; &#0; <![CDATA[ <svg>"
    " <style>"
)
PARTS = st.sampled_from([*MARKUP_OF_ALL_KINDS.split(" "), LONG]) | st.text(max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, max_size=40).map("".join))
def test_any_markup_leaves_the_article_there(text: str) -> None:
    found = read_page(f"<html><body><article><p>{LONG}</p>{text}")
    assert LONG in found.text.encode("utf-8").decode()


@pytest.mark.parametrize(
    "character",
    ["\x01", "\x0b", "\x0c", "\x1f", "\ufffe", "\uffff", "&#1;", "&#11;", "&#x1f;", "&#xffff;"],
)
def test_characters_that_no_markup_may_hold_cost_nothing(character: str) -> None:
    body = f"<p class='{character}a'>The min{character}isters{character} met.</p>"
    *before, last = blocks_of(f"<article><h1>{HEADLINE}</h1>{BODY}{body}</article>")
    assert before == PARAGRAPHS
    assert last.replace(" ", "") == "Theministersmet."
    assert ("min isters met." in last) == (character in {"\x0b", "\x0c", "&#11;"})


@pytest.mark.parametrize("deep", ["<div>", "<b>", "<blockquote>"])
def test_a_page_may_be_deep_and_broken(deep: str) -> None:
    page = f"<html><body><h1>{HEADLINE}</h1>{BODY}{{}}<p>{SENTENCE}</p>"
    text = read_page(page.format(deep * 250)).text
    assert [part in text for part in (*PARAGRAPHS, SENTENCE)] == [True] * 6
    with pytest.raises(
        InputError, match=r"^a\.html: the page has more than 2,048 elements in each"
    ):
        read_page(page.format(deep * 3000), name="a.html")


def test_a_page_of_too_many_elements_is_told() -> None:
    # One of 120,000 took two minutes.
    many = "<p>" + "<span>The ministers met. </span>" * 31_000
    with pytest.raises(InputError, match=r"a\.html: the page has more than 30,000 elements; copy"):
        read_page(f"<html><body>{many}", name="a.html")


# Nothing of the article is lost, and nothing else comes in

PARAGRAPHS = NEWSPAPER.split("\n\n")[1:]
BODY = "".join(f"<p>{part}</p>" for part in PARAGRAPHS)
HEADLINE = "Port deal agreed in Oslo"
SENTENCE = "They agreed on a consulate in Mombasa, he said, with a staff of ten."


def blocks_of(body: str, head: str = f"<title>{HEADLINE} - Fjord Times</title>") -> list[str]:
    """The article's text in a page, after the headline."""
    found = read_page(f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>")
    headline, *blocks = found.text.split("\n\n")
    assert headline == HEADLINE
    return blocks


@pytest.mark.parametrize(
    "words",
    [
        "<time datetime=2024-12-24>24 December</time>",
        *("<output>24 December</output>", "<label>24 December</label>", "<data>24 December</data>"),
        *("<span class=share>24 December</span>", "<span class=caption>24 December</span>"),
        *("<b class=tooltip>24 December</b>", "<a class=author href=/x>24 December</a>"),
    ],
)
def test_no_words_vanish_from_a_sentence(words: str) -> None:
    last = f"<p>The next summit will be held on {words} in Bergen, said the ministry.</p>"
    assert blocks_of(f"<article><h1>{HEADLINE}</h1>{BODY}{last}</article>") == [
        *PARAGRAPHS,
        "The next summit will be held on 24 December in Bergen, said the ministry.",
    ]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (f"<div>{SENTENCE}</div>", [SENTENCE]),
        (
            f"<div>{SENTENCE}<p>So it is.</p>And <b>so</b> on.</div>",
            [SENTENCE, "So it is.", "And so on."],
        ),
        (
            f"<div>{SENTENCE}<br><br>And on ships as well.</div>",
            [SENTENCE, "And on ships as well."],
        ),
        (f"<blockquote><p>{SENTENCE}</p><cite>Lund</cite></blockquote>", [SENTENCE, "Lund"]),
        (f"<x-p>{SENTENCE}</x-p><x-p>And so on.</x-p>", [SENTENCE, "And so on."]),
        (f"<x-p>{SENTENCE}</x-p>", [SENTENCE]),
        (f"<p id=ad-hoc-committee>{SENTENCE}</p>", [SENTENCE]),
        (
            "<ul><li>To open a consulate<ul><li>with ten staff</li></ul>and more</ul>",
            ["- To open a consulate\n- with ten staff", "and more"],
        ),
        (
            "<table><tr><th>Topic<th>Agreement<tr><td>Fish<td><p>A quota of 5 t.</p></table>",
            ["Topic, Agreement", "Fish, A quota of 5 t."],
        ),
        (
            "<table><tr><td>Lund | Norway<td>Oslo</table><p>| Otieno | of Kenya, came.</p>",
            ["Lund | Norway, Oslo", "| Otieno | of Kenya, came."],
        ),
        (
            f"<table><caption>Who</caption><tr><td>A<td>B<tr><td>C<td>{SENTENCE * 6}</table>",
            ["Who", "A, B", f"C, {SENTENCE * 6}"],
        ),
    ],
)
def test_no_words_vanish_beside_paragraphs(more: str, found: list[str]) -> None:
    last = "<p>The ministers will meet again in Bergen in May, said the ministry.</p>"
    assert blocks_of(f"<article><h1>{HEADLINE}</h1>{BODY}{more}{last}</article>") == [
        *PARAGRAPHS,
        *found,
        last[3:-4],
    ]


@pytest.mark.parametrize("name", ["article-body", "entry-content"])
@pytest.mark.parametrize(
    "lead",
    [
        "<p class=lead>{}</p>",
        "<div class=lead>{}</div>",
        "<h2>{}</h2>",
        "<header><p>{}</p></header>",
    ],
)
def test_the_lead_above_the_body_is_kept(name: str, lead: str) -> None:
    words = "Norway and Kenya agreed on Tuesday to build two quays in the port of Mombasa."
    body = f"<h1>{HEADLINE}</h1>{lead.format(words)}<div class='{name}'>{BODY}</div>"
    byline = "<p class=byline>By Ingrid Solheim, 4 March 2025</p>"
    for before in ("", byline):
        found = blocks_of(
            f"<main><article>{body.replace('</h1>', '</h1>' + before)}</article></main>"
        )
        assert [block for block in found if not block.startswith("By ")] == [words, *PARAGRAPHS]


def test_data_for_programs_does_not_stand_for_what_is_shown() -> None:
    data = {"@type": "NewsArticle", "articleBody": "The ministers agreed to sell the moon. " * 40}
    head = f"<script type='application/ld+json'>{json.dumps(data)}</script>"
    shown = f"<p>{PARAGRAPHS[0]}</p>"
    assert blocks_of(f"<article><h1>{HEADLINE}</h1>{shown}</article>", head) == [PARAGRAPHS[0]]


def test_an_article_that_is_shown_later_is_read() -> None:
    page = f"<article><h1>{HEADLINE}</h1>{BODY}</article>"
    assert blocks_of(f"<div style='opacity:0'>{page}</div>") == PARAGRAPHS


def test_short_articles_in_wide_characters() -> None:
    body = "<h1>外长会晤讨论港口</h1>"
    body += "<p>两国外长周二在奥斯陆会晤,讨论贸易、渔业和航运安全等问题。</p>"
    body += "<p>双方同意明年再次会晤。</p>"
    found = read_page(f"<!doctype html><html lang=zh><body><article>{body}</article></body></html>")
    assert found.text.split("\n\n")[1:] == [
        "两国外长周二在奥斯陆会晤,讨论贸易、渔业和航运安全等问题。",
        "双方同意明年再次会晤。",
    ]


@pytest.mark.parametrize(
    "page", ["<b hidden></b>aaaaaaaaaa" * 28_000, "<p>" + "<i>word </i>" * 9_000]
)
def test_large_pages_take_seconds(page: str) -> None:
    began = time.process_time()
    with suppress(InputError):
        read_page(f"<!doctype html><html><body><article>{page}</article></body></html>")
    assert time.process_time() - began < 15


# Whatever is around the article, and however it is divided

LEAD = "Norway and Kenya agreed on Tuesday to build two quays in the port of Mombasa."
FISH = "The prices of fish rose by nine per cent in Bergen this week, traders said on Monday."
CARD = (
    f"<article class=card><h3><a href=/1>Fish prices hit a record</a></h3><p>{FISH}</p></article>"
)
ARTICLE = f"<article><h1>{HEADLINE}</h1>{BODY}</article>"


def test_a_short_article_is_not_made_one_paragraph() -> None:
    around = "<div class=tags>Tags: <a href=/>Port</a></div><div class=share>Share</div>"
    around += "<div class=related><h3>Related</h3><a href=/2>Fish</a></div>"
    page = f"<article><h1>{HEADLINE}</h1><p>{PARAGRAPHS[1]}</p>{around}</article>"
    assert blocks_of(page) == [PARAGRAPHS[1]]


@pytest.mark.parametrize(
    "page",
    [
        *(f"<div>{CARD}</div><main>{ARTICLE}</main>", f"<header>{CARD}{CARD}</header>{ARTICLE}"),
        *(f"<ul><li>{CARD}<li>{CARD}</ul>{ARTICLE}", f"<div class=menu>{CARD}</div>{ARTICLE}"),
        *(f"<div class=related>{CARD}</div>{ARTICLE}", f"{CARD * 30}<main>{ARTICLE}</main>"),
        f"<div class=x><h1>{HEADLINE}</h1>{BODY}</div>{CARD}{CARD}",
        f"<article><h1>{HEADLINE}</h1>{BODY}{CARD}</article>",
        f"{ARTICLE}<article><h1>Fish prices hit a record</h1>{f'<p>{FISH}</p>' * 20}</article>",
        f"{ARTICLE}<section class=comments>{f'<p>{FISH}</p>' * 20}</section>",
        f"<form id=all><div class=x><h1>{HEADLINE}</h1>{BODY}</div></form>",
    ],
)
def test_no_other_story_stands_for_the_article(page: str) -> None:
    assert blocks_of(page) == PARAGRAPHS


@pytest.mark.parametrize(
    ("head", "page"),
    [
        (HEADLINE, f"<header><h1>{HEADLINE}</h1></header><main>{ARTICLE}</main>"),
        (HEADLINE, f"<main><header><h1>{HEADLINE}</h1></header><article>{BODY}</article></main>"),
        (HEADLINE, f"<article><h1>{HEADLINE}</h1></article>{ARTICLE}"),
        (HEADLINE, f"<h3><a href=/1>{HEADLINE}</a></h3>{CARD}{ARTICLE}"),
        ("Fjord Times", f"<header><h1>Fjord Times</h1></header>{ARTICLE}"),
        ("Fjord Times", f"<article><h1>Fjord Times</h1></article>{ARTICLE}"),
    ],
)
def test_the_headline_may_stand_elsewhere(head: str, page: str) -> None:
    found = read_page(f"<head><title>{head}</title></head><body>{page}</body>")
    assert found.text.split("\n\n")[-len(PARAGRAPHS) :] == PARAGRAPHS
    assert FISH not in found.text


@pytest.mark.parametrize(
    "page",
    [
        "<main><p>{}</p><p>{}</p><article><p>{}</p><p>{}</p><p>{}</p></article></main>",
        "<main><article><p>{}</p><p>{}</p><p>{}</p></article><section><p>{}</p><p>{}</p></main>",
        "<article><p>{}</p><article><p>{}</p><p>{}</p><p>{}</p></article><p>{}</p></article>",
    ],
)
@pytest.mark.parametrize("header", [f"<header><h1>{HEADLINE}</h1></header>", ""])
def test_an_inner_part_with_less_than_nearly_all_is_no_frame(header: str, page: str) -> None:
    found = read_page(f"<head><title>{HEADLINE}</title></head>{header}{page.format(*PARAGRAPHS)}")
    assert found.text.split("\n\n")[-len(PARAGRAPHS) :] == PARAGRAPHS


def test_another_story_beside_an_inner_part_does_not_count() -> None:
    other = f"<article><h2>Fish prices hit a record</h2>{f'<p>{FISH}</p>' * 5}</article>"
    page = f"<main><p>{SENTENCE}</p><article>{BODY}</article><div>{other}</div></main>"
    assert blocks_of(f"<header><h1>{HEADLINE}</h1></header>{page}") == PARAGRAPHS


@pytest.mark.parametrize("time", ["14:05", "<a href='#at-14-05'>14:05</a>"])
def test_the_entries_of_a_live_report_are_kept(time: str) -> None:
    entries = "".join(f"<article><h2>{time}</h2><p>{part}</p></article>" for part in PARAGRAPHS)
    page = f"<main><h1>{HEADLINE}</h1><p>{LEAD}</p>{entries}</main>"
    assert [block for block in blocks_of(page) if block != "14:05"] == [LEAD, *PARAGRAPHS]


@pytest.mark.parametrize("name", ["article-body", "story-body"])
@pytest.mark.parametrize("around", ["main", "article", "div"])
def test_a_body_in_several_divisions(around: str, name: str) -> None:
    first, *rest = (f"<div class={name}><p>{part}</p></div>" for part in PARAGRAPHS)
    body = f"{first}<div class=ad-slot>Ad</div>{''.join(rest)}"
    assert blocks_of(f"<{around}><h1>{HEADLINE}</h1>{body}</{around}>") == PARAGRAPHS


@pytest.mark.parametrize(
    "name",
    "expandable elementor-widget overlay attachment message metadata author tags related-content"
    " teaser banner sidebar slide content-bar pull-quote-social timestamp".split(),
)
def test_divisions_may_be_called_anything(name: str) -> None:
    first, second, third, *rest = (f"<p>{part}</p>" for part in (*PARAGRAPHS, SENTENCE, LEAD, FISH))
    body = f"{first}<div class={name}>{second}{third}</div>{''.join(rest)}"
    page = f"<article><h1>{HEADLINE}</h1><div class=entry-content>{body}</div></article>"
    assert blocks_of(page) == [*PARAGRAPHS, SENTENCE, LEAD, FISH]


@pytest.mark.parametrize("name", ["comments", "related", "newsletter", "related-articles", "share"])
@pytest.mark.parametrize("tag", ["article", "div"])
def test_what_is_beside_an_article_is_not_in_it(tag: str, name: str) -> None:
    beside = f"<div class={name}><p>{FISH}</p></div>"
    body = f"<div class=article-body>{BODY}</div>"
    assert blocks_of(f"<{tag}><h1>{HEADLINE}</h1>{beside}{body}</{tag}>") == PARAGRAPHS
    assert blocks_of(f"<article><h1>{HEADLINE}</h1>{body}{beside}</article>") == PARAGRAPHS


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("<p>They met in <x-tooltip>Oslo</x-tooltip> again.</p>", "They met in Oslo again."),
        ("<div>In <amp-link>Oslo</amp-link>, he said.</div>", "In Oslo, he said."),
        ("<p>In <a>Kenya</a>, <a>Norway</a> and <a>Chad</a>.</p>", "In Kenya, Norway and Chad."),
        ("<div>In <a>Kenya</a>, <a>Oman</a> and <a>Chad</a>.</div>", "In Kenya, Oman and Chad."),
        ("<p>“<a>Yes</a>,” <a>Lund</a> said.</p>", "“Yes,” Lund said."),
        (
            "<ul><li><a>Kenya</a> will pay.<li><a>Oman</a> will.</ul>",
            "- Kenya will pay.\n- Oman will.",
        ),
        ('<p>So<o:p></o:p> it <p">is</p">.</p>', "So it is."),
    ],
)
def test_words_within_sentences_stay_there(more: str, found: str) -> None:
    for page in (f"{BODY}{more}", f"{BODY}{more}<p>{SENTENCE}</p>"):
        last = [SENTENCE] if SENTENCE in page else []
        got = blocks_of(f"<article><h1>{HEADLINE}</h1>{page}</article>")
        assert got == [*PARAGRAPHS, found, *last]


def test_lines_of_names_stay_lines() -> None:
    more = "<p>Kari Lund, Minister of Foreign Affairs of Norway<br>Joseph Otieno, Kenya</p>"
    *_, first, second = blocks_of(f"<article><h1>{HEADLINE}</h1>{BODY}{more}</article>")
    assert (first[-6:], second[:6]) == ("Norway", "Joseph")


@pytest.mark.parametrize("tag", ["span", "font", "b", "x-body"])
def test_blocks_are_blocks_in_whatever_they_are(tag: str) -> None:
    page = f"<article><h1>{HEADLINE}</h1><{tag}>{BODY}</{tag}></article>"
    assert blocks_of(page) == PARAGRAPHS


def test_words_end_where_lines_end() -> None:
    body = f"<p class=lead>{LEAD.replace('Tuesday ', 'Tuesday<br>')}</p><div>{BODY}</div>"
    head = f"<title>{HEADLINE} - Fjord Times</title>"
    found = read_page(f"{head}<article><h1>Port deal<br>agreed in Oslo</h1>{body}</article>")
    assert found.title == HEADLINE
    assert found.text.split("\n\n") == [HEADLINE, LEAD, *PARAGRAPHS]


@pytest.mark.parametrize("words", [LEAD, "The deal is worth two billion."])
@pytest.mark.parametrize(
    "lead",
    [
        *("<h4>{}</h4>", "<ul><li>{}</li></ul>", "<p class=lead><a href=/x>{}</a></p>"),
    ],
)
def test_leads_of_all_kinds(lead: str, words: str) -> None:
    byline = "<p class=byline>By Ann Lee</p>"
    body = f"{byline}{lead.format(words)}<div class=article-body>{BODY}</div>"
    found = blocks_of(f"<article><h1>{HEADLINE}</h1>{body}</article>")
    assert [found[0].removeprefix("- "), *found[1:]] == [words, *PARAGRAPHS]


def test_a_caption_is_no_lead() -> None:
    caption = (
        "<p class=caption>The port of Mombasa at dusk, seen from the old town in May 2024.</p>"
    )
    body = f"{caption}<div class=article-body>{BODY}</div>"
    assert blocks_of(f"<article><h1>{HEADLINE}</h1>{body}</article>") == PARAGRAPHS


# What a page says of itself


@pytest.mark.parametrize(
    "said",
    [
        "<meta property='article:published_time' content='2025-03-04T16:20:00+01:00'>",
        "<meta name=date content='4 March 2025'>",
        "<meta name='DC.date.issued' content=2025-03-04>",
        (
            '<script type=\'application/ld+json\'>{"@graph": [{"@type": "WebPage"}, {"@type":'
            ' ["NewsArticle"], "datePublished": "2025-03-04"}]}</script>'
        ),
        "<meta itemprop=datePublished content=2025-03-04>",
    ],
)
def test_the_day_of_publication(said: str) -> None:
    page = f"<!doctype html><html><head>{said}</head><body><article>{BODY}</article></body></html>"
    assert Article.from_html(page).info.published == "2025-03-04"


@pytest.mark.parametrize(
    "other",
    [
        "<meta property='article:published_time' content='2024-05'>",
        "<meta property='article:published_time' content='2024-W20'>",
        "<meta property='article:modified_time' content='2024-05-01'>",
        "<meta property='og:image' content='https://a.example/2012/03/04/a.jpg'>",
        "<p>It begins on <time datetime=2024-12-24>24 December</time>, said the ministry.</p>",
        "<aside><a href=/x>Old story</a> <time datetime=2011-02-03>3 February 2011</time></aside>",
        "<span class=date>Friday, 13 November 2020</span>",
        "<footer>© 2019 Fjord Times. Updated 3 January 2021</footer>",
        '<script type=application/ld+json>{"@type": "Video", "datePublished": "2012-3-4"}</script>',
    ],
)
def test_no_other_day_is_taken_for_it(other: str) -> None:
    page = f"<!doctype html><html><head></head><body>{other}<article>{BODY}</article></body></html>"
    for url in (None, "https://a.example/2015/03/summit-2016-04-05-plans?ref=2010-10-10"):
        assert read_page(page, url).published in {None, "2024-05", "2024-W20"}
        assert Article.from_html(page, url).info.published is None


@pytest.mark.parametrize(
    ("head", "body", "title", "outlet"),
    [
        (
            "<title>Norway - Kenya: ministers agree</title>",
            "",
            "Norway - Kenya: ministers agree",
            None,
        ),
        (
            f"<title>{HEADLINE} | Fjord Times</title>",
            f"<h1>{HEADLINE}</h1>",
            HEADLINE,
            "Fjord Times",
        ),
        (
            f"<title>{HEADLINE} - Fjord Times</title>",
            f"<h1 class=logo><a href=/>Fjord Times</a></h1><h2>{HEADLINE}</h2>",
            HEADLINE,
            None,
        ),
        (
            (
                f"<meta property=og:title content='{HEADLINE} | Fjord Times'>"
                "<meta property=og:site_name content='Fjord Times'>"
            ),
            f"<h1>{HEADLINE}</h1>",
            HEADLINE,
            "Fjord Times",
        ),
        (
            f"<title>{HEADLINE}</title><meta property=og:site_name content='https://fjord.example'>",
            f"<h1>{HEADLINE}</h1>",
            HEADLINE,
            "fjord.example",
        ),
    ],
)
def test_titles_and_outlets(head: str, body: str, title: str, outlet: str | None) -> None:
    page = f"<!doctype html><html><head>{head}</head><body><article>{body}{BODY}</article>"
    after = "<h1>Subscribe to our newsletter</h1><h2>Most read</h2></body></html>"
    found = read_page(page + after)
    assert (found.title, found.outlet) == (title, outlet)
    expected = [HEADLINE, *PARAGRAPHS] if body else PARAGRAPHS
    assert found.text.split("\n\n") == expected


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://me:secret@www.fjord.example:8443/x", "fjord.example"),
        *(
            (f"http://{host}/x", None)
            for host in ("[::1]", "10.0.0.1:8000", "localhost", "a.local")
        ),
        ("https://web.archive.org/web/1/x", None),
        ("http://[", None),
    ],
)
def test_the_host_as_outlet(url: str, outlet: str | None) -> None:
    assert read_page(f"<html><body><article>{BODY}</article></body></html>", url).outlet == outlet


def in_data(*things: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(things)}</script>"


def titled(after: str) -> tuple[str | None, str | None]:
    found = read_page(f"<head><title>{HEADLINE}{after}</title></head>{ARTICLE}")
    return found.title, found.outlet


def test_no_outlet_is_guessed_from_what_follows_a_dash() -> None:
    assert titled(" - Kenya and Norway sign") == (HEADLINE, None)
    assert titled(" - World News - Fjord Times") == (HEADLINE, None)


@pytest.mark.parametrize("mark", ["|", "•", "·", "::", "»"])
def test_marks_that_stand_in_no_headline(mark: str) -> None:
    assert titled(f" {mark} World {mark} Fjord Times") == (HEADLINE, "Fjord Times")


def test_data_is_read_as_its_writers_mean_it() -> None:
    body = "<p>The ministers met &amp; spoke.</p>" + "<p>They left.</p>" * 9
    said = {
        "@type": "WebPage",
        "@graph": {
            "@type": "http://schema.org/NewsArticle",
            "headline": "Norway&#8217;s port",
            "articleBody": body,
            "publisher": {"name": "Fjord\nTimes"},
        },
    }
    # As many write it: with line ends as they are.
    script = in_data(said).replace("\\n", "\n")
    found = read_page(f"<html><head>{script}</head><body></body></html>")
    assert (found.title, found.outlet) == ("Norway’s port", "Fjord Times")
    assert read(found.text).text.split("\n")[:2] == ["Norway’s port", "The ministers met & spoke."]


def test_of_several_articles_in_data_the_page_s_own_counts() -> None:
    other = {"@type": "NewsArticle", "headline": "Fish prices", "datePublished": "2019-01-02"}
    own = {"@type": "NewsArticle", "headline": HEADLINE, "datePublished": "2025-03-04"}
    page = f"<head>{{}}<title>{HEADLINE}</title></head>{ARTICLE}"
    assert read_page(page.format(in_data(other, own))).published == "2025-03-04"
    assert read_page(page.format(in_data(other, other))).published is None


def test_what_is_no_title_and_no_outlet() -> None:
    svg = "<svg><title>Logo</title></svg>"
    found = read_page(f"<html><body>{svg}<article>{BODY}</article></body></html>")
    assert found.title is None
    found = read_page(f"<title>{'a ' * 50_000}</title><article>{BODY}</article>")
    assert found.title is None


# Articles


def test_an_article_from_html() -> None:
    text = (PAGES / "newspaper.html").read_text(encoding="utf-8")
    article = Article.from_html(text, "https://fjordtimes.example/world/port-deal")
    assert article.text == NEWSPAPER
    assert article.id == Article.of(NEWSPAPER).id
    info = article.info
    assert (info.text, info.characters) == (NEWSPAPER, len(NEWSPAPER))
    assert info.source == "https://fjordtimes.example/world/port-deal"
    assert (info.title, info.outlet) == (
        "Norwegian and Kenyan ministers agree on port deal in Oslo",
        "Fjord Times",
    )
    assert info.published == "2025-03-04"
    with pytest.raises(InputError, match="the page: no article was found"):
        Article.from_html("<nav>Home</nav>")


@pytest.mark.parametrize(
    "beginning", ["<!DOCTYPE html>", "\n<!-- saved --> <HTML>", "<?xml ?><html>"]
)
def test_a_page_is_known_by_its_beginning(tmp_path: Path, beginning: str) -> None:
    rest = (PAGES / "bare.html").read_text(encoding="utf-8")
    path = tmp_path / "talks.txt"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_text(beginning + rest, encoding=encoding)
        article = read_file(path)
        assert article.is_carried
        assert (article.id, article.source) == ("talks", str(path))
        assert article.text == page("bare.html").text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", "The ministers met. No tags at all: 3 < 4 > 2."),
        ("a.txt", "The tag <html> begins a page.\n<!doctype html>"),
        ("a.txt", "<p>The ministers met.</p>"),
        ("a.md", "<div>The ministers met.</div>"),
    ],
)
def test_texts_that_are_no_pages(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert read_file(path) == Article(text, id="a", source=str(path))


def test_a_page_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (PAGES / "newspaper.html").read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    article = read_standard_input()
    assert (article.id, article.source, article.text) == ("stdin", None, NEWSPAPER)
    assert article.is_carried


# Addresses


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    turkish = (PAGES / "windows-1254.html").read_bytes()
    pages = {
        "/news/port-deal.html": holds((PAGES / "newspaper.html").read_bytes(), "text/html"),
        "/zipped": zipped((PAGES / "newspaper.html").read_bytes()),
        "/news/": leads_to("/news/port-deal.html"),
        "/read.php?id=7": holds(turkish, "text/html"),
        "/declared": holds(turkish.replace(b"windows-1254", b"utf-8"), "text/html;charset=latin5"),
        "/untold": holds((PAGES / "utf-16.html").read_bytes(), ""),
        "/notes.txt": holds(
            "Şahin met Öğretmenoğlu.".encode("cp1254"), "text/plain; charset=cp1254"
        ),
        "/raw": holds(b"<html><p>Not a page but a text.", "text/plain"),
        "/menu": holds(b"<nav>Home</nav>"),
        "/blank": holds(b" \n", "text/plain"),
        "/binary": holds(b"\x7fELF\0\1", "text/plain"),
        "/seed.html": holds(of_seed().encode()),
    }
    with Site(pages) as site:
        yield site


def of_seed() -> str:
    """A page with a seed as its article."""
    title, *paragraphs = read(SEED.read_bytes().decode("utf-8")).text.split("\n")
    body = "\n".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
        "<body><nav><a href=/>Home</a> <a href=/world>World</a></nav>"
        f"<article><h1>{html.escape(title)}</h1>\n{body}\n</article>"
        "<footer><p>All rights reserved by nobody in particular.</p></footer></body></html>"
    )


@pytest.mark.parametrize(
    ("path", "id_", "name"),
    [
        ("/news/port-deal.html", "port-deal", "newspaper.html"),
        ("/zipped", "zipped", "newspaper.html"),
        ("/news/", "news", "newspaper.html"),
        ("/read.php?id=7", "read.php?id=7", "windows-1254.html"),
        ("/declared", "declared", "windows-1254.html"),
        ("/untold", "untold", "utf-16.html"),
    ],
)
def test_a_page_at_an_address(site: Site, path: str, id_: str, name: str) -> None:
    url = f"{site.url}{path}"
    article = read_url(url, allow_private=True)
    assert (article.id, article.source) == (id_, url)
    assert article.text == page(name).text
    assert article.is_carried


@pytest.mark.parametrize(
    ("path", "text"),
    [("/notes.txt", "Şahin met Öğretmenoğlu."), ("/raw", "<html><p>Not a page but a text.")],
)
def test_a_text_at_an_address(site: Site, path: str, text: str) -> None:
    article = read_url(f"{site.url}{path}", allow_private=True)
    assert (article.text, article.is_carried) == (text, True)
    assert article.info.text == text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/menu", "no article was found in the page"),
        ("/blank", "the text is empty"),
        ("/binary", "is binary, not text"),
        ("/none", "there is no such page (404 Not Found)"),
    ],
)
def test_an_address_without_an_article(site: Site, path: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read_url(f"{site.url}{path}", allow_private=True)
    assert str(caught.value).startswith(f"{site.url}{path}: {says}")


def test_private_addresses_are_refused_unless_allowed(site: Site) -> None:
    with pytest.raises(FetchError, match="private network"):
        read_url(f"{site.url}/zipped")


# The command


def run(
    *arguments: str | Path, folder: Path, stdin: bytes = b""
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "summarize", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=folder,
        env={"PATH": "", "HOME": str(folder), "PYTHONPATH": os.pathsep.join(map(str, sys.path))},
        check=False,
        timeout=60,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )


REPLAYED = ("--model", "local", "--replay", CASSETTES, "--format", "jsonl")


def items(summary: Summary) -> dict[str, Any]:
    """All that does not tell where the article came from, nor when it was summarized."""
    given: dict[str, Any] = summary.model_dump(mode="json", exclude={"provenance"})
    del given["article"]["source"]
    return given


def test_a_file_and_an_address_give_the_same_summary(site: Site, tmp_path: Path) -> None:
    (tmp_path / "seed.html").write_text(of_seed(), encoding="utf-8")
    url = f"{site.url}/seed.html"
    sources = ("seed.html", url, "--allow-private")
    done = run("article", *sources, *REPLAYED, "-o", "out.jsonl", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    file, address = map(Summary.model_validate_json, lines)
    assert (file.article.source, address.article.source) == ("seed.html", url)
    assert items(file) == items(address)
    # The seed as a text has the same items, at other offsets.
    seed = summarize_article(SEED, model="local", replay=CASSETTES)
    assert [quote.text for quote in file.quotes] == [quote.text for quote in seed.quotes]
    assert file.summary == seed.summary
    assert file.quotes[0].start != seed.quotes[0].start
    # What is carried needs neither the page nor the network.
    (tmp_path / "seed.html").unlink()
    done = run("verify", "out.jsonl", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("2 summaries,")
    assert done.stdout.endswith(": all right\n")


def test_a_batch_carries_the_texts_of_pages(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "page.html").write_text(of_seed(), encoding="utf-8")
    (tmp_path / "news" / "text.txt").write_bytes(SEED.read_bytes())
    command = ("batch", "news", "-o", "out.jsonl", *REPLAYED[:4])
    assert run(*command, folder=tmp_path).returncode == 0
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    made = {line["id"]: line["summary"]["article"] for line in map(json.loads, lines)}
    assert "text" not in made["text"]
    assert made["page"]["text"].startswith("Turkish spy chief in Damascus")
    # Done is done: the page is read again, and is the same.
    again = run(*command, folder=tmp_path)
    assert "nothing to do: 2 summaries kept" in again.stderr
    assert run("verify", "out.jsonl", folder=tmp_path).returncode == 0


def test_what_cannot_be_fetched_costs_no_other(site: Site, tmp_path: Path) -> None:
    sources = (f"{site.url}/none", f"{site.url}/seed.html", f"{site.url}/menu")
    done = run("article", *sources, "--allow-private", *REPLAYED, "--quiet", folder=tmp_path)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    missing, empty = done.stderr.splitlines()
    assert (
        missing
        == f"summarize: {sources[0]}: there is no such page (404 Not Found); check the address"
    )
    assert empty.startswith(
        f"summarize: {sources[2]}: no article was found in the page; if it shows"
    )


def test_nothing_heavy_is_loaded_for_plain_texts() -> None:
    code = (
        "import sys; from pathlib import Path; from summarize.sources.articles import read_file;"
        f"read_file(Path({str(SEED)!r}));"
        "print({'trafilatura', 'lxml', 'httpx2', 'charset_normalizer'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
