"""What people decided, in reports, tables, checks, scores and gold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import outcome
from made_decisions import OTHER_TEXT, decide
from quoted_summary import quote, quoted

from summarize.review.decisions import Decision
from summarize.schema import AgendaItem, Summary

TEXT = "Lars Holm met Anna Keller.\n\nThey discussed a rail link and fish.\n\nThey agreed to meet."


def made(id_: str = "17") -> Summary:
    return quoted(
        TEXT,
        id_=id_,
        people=("Lars Holm", "Anna Keller"),
        topics=("a rail link", "fish"),
        results=(("agreement", "They agreed to meet"),),
    )


def put(*decisions: Decision, summaries: tuple[Summary, ...] = (made(),)) -> None:
    Path("news").mkdir()
    for one in summaries:
        Path(f"news/{one.article.id}.txt").write_text(TEXT, encoding="utf-8", newline="")
    lines = "".join(f"{one.to_json()}\n" for one in summaries)
    Path("out.jsonl").write_text(lines, encoding="utf-8")
    lines = "".join(f"{one.to_json()}\n" for one in decisions)
    Path("out.review.jsonl").write_text(lines, encoding="utf-8")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def corrections() -> list[Decision]:
    """One thing wrong, one edited, the rest right."""
    summary = made()
    holm, keller = summary.actors
    rail, fish = summary.agenda_items
    link = AgendaItem(id="g1", topic="rail link", quotes=(quote(TEXT, "a rail link"),))
    rest = (summary.meetings[0], keller, *summary.outcomes)
    return [
        decide(summary, "wrong", holm),
        decide(summary, "edit", rail, new=link),
        decide(summary, "right", fish),
        decide(summary, "done", *rest),
    ]


def test_report_export_and_verify_take_the_decisions_beside_the_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(*corrections())
    done = outcome(["export", "out.jsonl", "-o", "tables", "--raw"], capsys)
    assert done.code == 0
    assert (
        done.said("4 decisions applied")
        == "out.review.jsonl: 4 decisions applied (--no-review leaves them out)"
    )
    rows = Path("tables/agenda_items.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].split(",")[3:6] == ["topic", "confidence", "review"]
    assert [row.split(",")[3:6] for row in rows[1:]] == [
        ["rail link", "", "edited"],
        ["fish", "", "confirmed"],
    ]
    assert "Holm" not in Path("tables/actors.csv").read_text(encoding="utf-8")
    done = outcome(["verify", "out.jsonl", "--articles", "news"], capsys)
    assert (done.code, done.out.splitlines()[-1]) == (0, "1 summary, 4 quotes: all right")
    done = outcome(["verify", "out.jsonl", "--articles", "news", "--no-review"], capsys)
    assert (done.errors, done.out.splitlines()[-1]) == ([], "1 summary, 5 quotes: all right")
    done = outcome(["report", "out.jsonl", "-o", "-", "--articles", "news"], capsys)
    assert '"review":"edited"' in done.out
    assert "Holm" not in done.out.split('id="article-0"')[1].split('"text":')[0]


def test_decisions_of_another_file_and_what_is_not_applied(
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(decide(made(), "wrong", made().actors[0], sha256="0" * 64))
    Path("out.review.jsonl").rename("theirs.jsonl")
    export = ["export", "out.jsonl", "-o", "tables"]
    assert outcome(export, capsys).errors[0].startswith("tables:")
    done = outcome([*export, "--review", "theirs.jsonl"], capsys)
    assert (done.code, done.errors[1]) == (0, f"17: 1 decision not applied, {OTHER_TEXT}")
    done = outcome([*export, "--review", "nowhere.jsonl"], capsys)
    assert (done.code, done.errors[0]) == (
        2,
        "summarize: nowhere.jsonl: no such file; check the path",
    )
    with Path("theirs.jsonl").open("a", encoding="utf-8") as file:
        file.write("{}\n")
    done = outcome([*export, "--review", "theirs.jsonl"], capsys)
    assert done.code == 1
    assert done.said("theirs.jsonl, line 2: is no decision")


def test_gold_of_what_was_reviewed_scores_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    begun = made("18")
    put(*corrections(), decide(begun, "right", begun.actors[0]), summaries=(made(), begun))
    done = outcome(["gold", "out.jsonl", "-o", "gold"], capsys)
    assert (done.code, done.errors[-1]) == (
        0,
        "gold: gold of 1 article; 1 article not reviewed whole, left out",
    )
    gold = json.loads(Path("gold/17.json").read_text(encoding="utf-8"))
    assert [actor["name"] for actor in gold["actors"]] == ["Anna Keller"]
    assert [item["topic"] for item in gold["agenda_items"]] == ["rail link", "fish"]
    assert gold["agenda_items"][0]["keywords"] == ["rail link", "rail", "link"]
    assert gold["outcomes"][0]["evidence"] == "They agreed to meet"
    score = ["evaluate", "--gold", "gold", "--articles", "news", "--summaries", "out.jsonl"]
    score += ["--format", "json"]
    # The model's own words: the actor that is wrong costs.
    done = outcome(score, capsys)
    assert json.loads(done.out)["parts"]["participants"]["precision"] == 0.5
    done = outcome([*score, "--review", "out.review.jsonl"], capsys)
    assert json.loads(done.out)["mean_f1"] == 1.0


def test_gold_of_nothing_and_of_ids_that_are_no_names(capsys: pytest.CaptureFixture[str]) -> None:
    put()
    Path("out.review.jsonl").unlink()
    done = outcome(["gold", "out.jsonl", "-o", "gold"], capsys)
    assert (done.code, done.errors[-1]) == (2, "review them first: summarize review out.jsonl")
    address = made("17").model_copy(
        update={"article": made().article.model_copy(update={"id": "../https://example.org/a"})}
    )
    Path("out.jsonl").write_text(f"{address.to_json()}\n", encoding="utf-8")
    decisions = decide(address, "done", *address.items).to_json()
    Path("out.review.jsonl").write_text(f"{decisions}\n", encoding="utf-8")
    done = outcome(["gold", "out.jsonl", "-o", "gold"], capsys)
    assert done.code == 2
    assert done.said("cannot be the name of a file of gold")
    assert list(Path("gold").iterdir()) == []


def test_reports_say_what_a_person_confirmed() -> None:
    summary = made()
    signs = ("confirmed", "edited", "added")
    items = [
        one.model_copy(update={"review": sign})
        for one, sign in zip((*summary.actors, summary.agenda_items[0]), signs, strict=True)
    ]
    summary = summary.model_copy(
        update={"actors": tuple(items[:2]), "agenda_items": (items[2], summary.agenda_items[1])}
    )
    markdown = summary.to_markdown()
    assert "- Lars Holm ✓ `0–9`\n- Anna Keller ✎ `" in markdown
    assert "- a rail link + `" in markdown
    assert "Reviewed: ✓ confirmed, ✎ edited, + added" in markdown
    assert "Reviewed" not in made().to_markdown()
    from summarize.report.text import render_text

    text = render_text(summary, width=80, color=False)
    assert "✓ Lars Holm" in text
    assert "• fish" in text
