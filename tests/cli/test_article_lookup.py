"""Where the article of a summary is, wherever the command is started."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_summaries import summary

from summarize.cli.article_lookup import ArticleLookup
from summarize.errors import InputError

TEXT = "A met B in Bern."


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An article in `data`, and summaries in `out`, as a run from above both leaves them."""
    for folder in ("data", "out", "elsewhere"):
        (tmp_path / folder).mkdir()
    (tmp_path / "data" / "17.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def made_from(source: str) -> object:
    told = summary("17")
    return told.model_copy(update={"article": told.article.model_copy(update={"source": source})})


@pytest.mark.parametrize("here", ["", "out", "elsewhere"])
def test_an_article_is_found_from_any_folder(project, monkeypatch, here):
    monkeypatch.chdir(project / here)
    articles = ArticleLookup(None, project / "out" / "summaries.jsonl")
    assert articles.find(made_from("data/17.txt")).text == TEXT


def test_an_article_that_is_nowhere_is_named(project, monkeypatch):
    monkeypatch.chdir(project)
    articles = ArticleLookup(None, project / "out" / "summaries.jsonl")
    with pytest.raises(InputError, match=r"data/18\.txt: no such file"):
        articles.find(made_from("data/18.txt"))
