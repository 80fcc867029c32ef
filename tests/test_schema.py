"""What users receive: both versions of it are read, and the published file is the package's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError
from quoted_summary import meeting_of, quoted

from summarize.evidence.evidence_file import learned
from summarize.report.wording import OUTCOME_NAMES
from summarize.schema import OutcomeKind, Summary

TEXT = "Lars Holm met Anna Keller. They discussed fish. They agreed to meet again."


def version_1(**changes: Any) -> dict[str, Any]:
    """A summary as it was written before there were several meetings in one."""
    made = quoted(
        TEXT,
        people=("Lars Holm", "Anna Keller"),
        topics=("fish",),
        results=(("agreement", "agreed to meet again"),),
        unsupported=("a rail link",),
    )
    record = json.loads(made.to_json())
    del record["meetings"]
    for item in (*record["agenda_items"], *record["outcomes"]):
        del item["meeting"]
    record["unsupported"].append({"field": "event.date", "value": "May", "reason": "not found"})
    event = {"type": "talks", "places": ["Bern"], "date": {"text": "Monday", "iso": None}}
    return {**record, "schema_version": "1", "event": event, **changes}


def test_a_summary_of_version_1_tells_of_one_meeting():
    summary = Summary.model_validate_json(json.dumps(version_1()))
    (main,) = summary.meetings
    assert (main.id, main.type, main.when, main.places) == ("m1", "talks", "reported", ("Bern",))
    assert main.date is not None
    assert main.date.text == "Monday"
    assert main.participants == ("a1", "a2")
    assert main.quotes == ()
    assert {item.meeting for item in (*summary.agenda_items, *summary.outcomes)} == {"m1"}
    assert summary.unsupported[1].field == "meetings.date"
    assert summary.schema_version == "2"
    assert Summary.model_validate_json(summary.to_json()) == summary


def test_a_summary_of_version_1_without_a_meeting_has_none():
    event = {"type": "none", "places": [], "date": None}
    empty = {"agenda_items": [], "outcomes": [], "is_meeting": False, "event": event}
    summary = Summary.model_validate(version_1(**empty))
    assert summary.meetings == ()
    assert summary.main is None


@pytest.mark.parametrize("damage", [{"actors": [7]}, {"event": "talks"}, {"unsupported": [{}]}])
def test_a_damaged_summary_of_version_1_is_an_error(damage):
    with pytest.raises(ValidationError):
        Summary.model_validate(version_1(**damage))


def test_the_items_of_all_meetings_have_their_quotes():
    earlier = meeting_of("visit", id_="m2", when="earlier")
    made = quoted(TEXT, people=("Lars Holm",), topics=("fish",), others=(earlier,))
    assert [item.id for item in made.items] == ["m1", "m2", "a1", "g1"]
    assert made.main == made.meetings[0]
    assert Summary.model_validate_json(made.to_json()) == made


def test_the_published_schema_is_that_of_the_package():
    published = Path(__file__).parent.parent / "docs" / "summary.schema.json"
    assert json.loads(published.read_text("utf-8")) == Summary.model_json_schema()


def test_every_kind_of_outcome_has_a_name_and_weights():
    kinds = set(get_args(OutcomeKind))
    assert set(OUTCOME_NAMES) == kinds
    assert set(learned().kinds) == kinds
