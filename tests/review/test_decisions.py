"""The file of decisions: nothing lost, nothing twice, and what is no decision is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_decisions import decide
from quoted_summary import quoted

from summarize.errors import ConfigurationError, InputError, OutputError
from summarize.review.decisions import Decision, DecisionFile, read_decisions

MADE = quoted("Lars Holm met Anna Keller.", people=("Lars Holm", "Anna Keller"))
ONE, OTHER = (decide(MADE, "right", actor) for actor in MADE.actors)


def kept(path: Path, *decisions: Decision) -> None:
    with DecisionFile.opened(path) as file:
        for decision in decisions:
            file.append(decision)


def test_what_was_written_is_read_and_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "out.review.jsonl"
    kept(path, ONE, OTHER, ONE)
    kept(path, OTHER)
    assert read_decisions(path) == ([ONE, OTHER], [])
    assert path.read_bytes().count(b"\n") == 2
    with pytest.raises(InputError, match="no such file"):
        read_decisions(tmp_path / "missing")


def test_a_torn_line_is_dropped_wherever_it_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "out.review.jsonl"
    line = f"{OTHER.to_json()}\n".encode()
    whole = f"{ONE.to_json()}\n".encode()
    for cut in (1, 7, 40, len(line) - 2, len(line) - 1):
        path.write_bytes(whole + line[:cut])
        is_whole = cut == len(line) - 1
        wanted = [ONE, OTHER] if is_whole else [ONE]
        assert read_decisions(path) == (wanted, []), cut
        # Behind it `cat` puts the first line of another file.
        path.write_bytes(line[:cut] + whole)
        if not is_whole:
            assert read_decisions(path)[0] == ([ONE] if cut > 7 else []), cut
        path.write_bytes(whole + line[:cut])
        kept(path)
        assert path.read_bytes() == whole + (line if is_whole else b""), cut


def test_files_of_two_people_put_together(tmp_path: Path) -> None:
    path = tmp_path / "both.jsonl"
    lines = [one.to_json() for one in (OTHER, ONE, OTHER)]
    path.write_text("\n\n".join(lines) + "\nnot json\n{}\n", encoding="utf-8")
    decisions, problems = read_decisions(path)
    assert decisions == [ONE, OTHER]
    assert [problem.split(":")[0] for problem in problems] == [
        f"{path}, line 6",
        f"{path}, line 7",
    ]


def test_one_review_at_a_time_and_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "out.review.jsonl"
    with DecisionFile.opened(path) as file:
        with pytest.raises(ConfigurationError, match="another review"), DecisionFile.opened(path):
            pass
        path.unlink()
        with pytest.raises(OutputError, match="cannot be written"):
            file.append(ONE)
    assert list(tmp_path.iterdir()) == []
    path.write_text("my notes", encoding="utf-8")
    with pytest.raises(InputError, match="no decision"), DecisionFile.opened(path):
        pass
    assert path.read_text(encoding="utf-8") == "my notes"
