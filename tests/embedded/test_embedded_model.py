"""The embedded model itself, on one seed: nothing recorded, nothing replayed."""

from pathlib import Path

import pytest

from summarize import summarize_article
from summarize.evaluation.verification import verify
from summarize.progress import Progress
from summarize.sources.articles import read_file

SEED = Path(__file__).parents[2] / "seeds" / "004_6cd281ebbed1be5a.txt"


@pytest.mark.model
def test_the_embedded_model_summarizes_a_seed():
    seen: list[Progress] = []
    summary = summarize_article(SEED, model="local", report=seen.append)

    assert verify(summary, read_file(SEED)) == []
    assert summary.is_meeting
    participants = {a.name for a in summary.actors if a.part == "participant"}
    assert {"İbrahim Kalın", "Ahmad al-Sharaa"} <= participants
    assert "Damascus" in summary.meetings[0].places
    assert summary.agenda_items
    assert summary.provenance.usage.completion_tokens > 0
    assert {"loading", "reading", "writing"} <= {progress.stage for progress in seen}
