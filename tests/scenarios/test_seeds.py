"""The five seeds, replayed from recorded answers of the embedded model, with sockets blocked."""

import json
from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket

from summarize import Article, asummarize_article, summarize_article
from summarize.evaluation.verification import verify
from summarize.sources.articles import read_file

ROOT = Path(__file__).parents[2]
CASSETTES = ROOT / "cassettes"
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))


@pytest.fixture(scope="module")
def replayed():
    return {path.stem: summarize_article(path, model="local", replay=CASSETTES) for path in SEEDS}


@pytest.fixture(autouse=True)
def _no_sockets():
    """Nothing here may go to the network; an event loop has a pair of Unix sockets of its own."""
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
class TestSeed:
    def test_every_quote_is_at_its_offsets(self, path, replayed):
        text = path.read_bytes().decode("utf-8")
        quotes = replayed[path.stem].quotes
        assert len(quotes) >= 10
        assert [text[q.start : q.end] for q in quotes] == [q.text for q in quotes]
        assert verify(replayed[path.stem], read_file(path)) == []

    def test_it_is_a_meeting_where_the_article_says(self, path, replayed):
        assert replayed[path.stem].is_meeting

    def test_topics_and_outcomes_are_the_words_of_their_quotes(self, path, replayed):
        summary = replayed[path.stem]
        assert summary.agenda_items
        for item in summary.agenda_items:
            assert item.topic in " ".join(item.quotes[0].text.split())
        for outcome in summary.outcomes:
            assert outcome.description in " ".join(outcome.quotes[0].text.split())

    def test_the_paragraph_says_nothing_but_the_items(self, path, replayed):
        summary = replayed[path.stem]
        rest = summary.summary
        said = [item.topic for item in summary.agenda_items]
        said += [outcome.description for outcome in summary.outcomes]
        said += [text for a in summary.actors for text in (a.name, a.role or "")]
        for meeting in summary.meetings:
            said += [*meeting.places, meeting.date.text if meeting.date else ""]
        for words in sorted(said, key=len, reverse=True):
            rest = rest.replace(words.rstrip(".;, "), "") if words else rest
        left = set(rest.replace(".", " ").replace(",", " ").split()) - set(";:()")
        frame = "Visit Talks Call Summit Agreement Meeting to in and On the agenda Outcomes"
        frame += " Earlier Planned visit talks call summit agreement meeting and"
        assert {word.strip(";():") for word in left} - {""} <= set(frame.split())

    def test_the_same_again_but_for_the_provenance(self, path, replayed):
        again = summarize_article(path, model="local", replay=CASSETTES)
        without = {"provenance"}
        assert again.model_dump(exclude=without) == replayed[path.stem].model_dump(exclude=without)
        kept = ("model", "prompt", "schema_", "attempts", "usage", "package")
        for field in kept:
            assert getattr(again.provenance, field) == getattr(
                replayed[path.stem].provenance, field
            )


def test_an_article_as_a_string_gives_the_same_items(replayed):
    path = SEEDS[0]
    text = path.read_bytes().decode("utf-8")
    summary = summarize_article(text, model="local", replay=CASSETTES)
    assert summary.actors == replayed[path.stem].actors
    assert summary.article.id == summary.article.sha256[:16]
    assert summary.article.source is None


def test_metadata_of_a_record_comes_before_what_the_text_says(replayed):
    path = SEEDS[2]
    text = path.read_bytes().decode("utf-8")
    given = Article(text, id="x", title="Mine", outlet="Ours", published="2024-02-01")
    info = summarize_article(given, model="local", replay=CASSETTES).article
    assert (info.id, info.title, info.outlet, info.published) == ("x", "Mine", "Ours", "2024-02-01")
    assert replayed[path.stem].article.outlet == "Gulan Media"
    assert replayed[path.stem].article.published == "2024-01-23"


def test_asyncio_gives_the_same(replayed):
    import asyncio

    summary = asyncio.run(asummarize_article(SEEDS[4], model="local", replay=CASSETTES))
    same = {"provenance"}
    assert summary.model_dump(exclude=same) == replayed[SEEDS[4].stem].model_dump(exclude=same)


def test_a_summary_survives_json(replayed):
    for summary in replayed.values():
        assert type(summary).model_validate_json(summary.to_json()) == summary
        assert json.loads(summary.to_json())["provenance"]["schema"]
