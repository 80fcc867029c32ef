"""Summaries of the seeds, for the tests of the reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from summarize import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The summaries of the five seeds, replayed, with paths from the root of the repository."""
    path = tmp_path_factory.mktemp("seeds") / "seeds.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        articles = sorted(map(str, Path("seeds").glob("*.txt")))
        arguments = ["article", *articles, "--model", "local", "--replay", "cassettes", "--quiet"]
        assert cli.main([*arguments, "-o", str(path)]) == 0
    return path
