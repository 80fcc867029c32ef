"""Decisions applied to summaries: to the very item of the very text, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_decisions import OTHER_TEXT, decide
from quoted_summary import meeting_of, quote, quoted

from summarize import apply_review
from summarize.article.article import Article
from summarize.evaluation.verification import verify
from summarize.review.applying import Review
from summarize.review.corrected import Reviewed
from summarize.review.decisions import Decision, ItemKey
from summarize.schema import Actor, AgendaItem, Meeting, Outcome, Summary

TEXT = (
    "Lars Holm met Anna Keller in Bern. They discussed fish. They agreed to meet again. "
    "Ida Berg had talks in Oslo in May, and Bo Lind wrote about ice."
)


DECIDED = ("right", "wrong", "edit", "add", "undo", "done")


def made(**more: object) -> Summary:
    given = {
        "people": ("Lars Holm", "Anna Keller"),
        "mentioned": ("Bo Lind",),
        "topics": ("fish",),
        "results": (("agreement", "They agreed to meet again"),),
        **more,
    }
    return quoted(TEXT, **given)  # type: ignore[arg-type]


def reviewed(summary: Summary, *decisions: Decision) -> Reviewed:
    return Review(decisions).of(summary)


def test_right_wrong_and_what_nobody_looked_at() -> None:
    summary = made()
    holm, keller, _ = summary.actors
    (outcome,) = summary.outcomes
    outcome = outcome.model_copy(update={"parties": (holm.id, keller.id)})
    summary = summary.model_copy(update={"outcomes": (outcome,)})
    done = reviewed(summary, decide(summary, "right", outcome), decide(summary, "wrong", holm))
    assert [actor.name for actor in done.summary.actors] == ["Anna Keller", "Bo Lind"]
    assert done.summary.meetings[0].participants == (keller.id,)
    assert done.summary.outcomes[0].parties == (keller.id,)
    assert done.summary.outcomes[0].review == "confirmed"
    assert done.summary.agenda_items[0].review is None
    assert "Lars Holm" not in done.summary.summary
    # Whoever reviews it still sees what is wrong.
    assert done.states == {"o1": "confirmed", "a1": "wrong"}
    assert done.view.actors[0].name == "Lars Holm"
    assert not done.is_complete
    assert done.problems == ()


def test_the_last_decision_counts_and_undo_brings_the_one_before() -> None:
    summary = made()
    (topic,) = summary.agenda_items
    right, wrong = decide(summary, "right", topic), decide(summary, "wrong", topic)
    assert reviewed(summary, right, wrong).states == {"g1": "wrong"}
    undo = decide(summary, "undo", undoes=wrong.id)
    assert reviewed(summary, right, wrong, undo).states == {"g1": "confirmed"}
    assert reviewed(summary, right, wrong, undo).decisions == (right,)


def test_edits_and_additions() -> None:
    summary = made()
    (topic,), (outcome,) = summary.agenda_items, summary.outcomes
    ice = AgendaItem(id="", topic="ice", quotes=(quote(TEXT, "ice"),))
    berg = made(people=("Ida Berg",)).actors[0].model_copy(update={"id": "", "role": "poet"})
    added = decide(summary, "add", new=berg)
    refers = {"m1": ItemKey.of(summary.meetings[0]), "x": ItemKey.of(berg)}
    edited = outcome.model_copy(update={"kind": "decision", "parties": ("x", "gone")})
    decisions = [
        decide(summary, "edit", topic, new=ice),
        added,
        decide(summary, "edit", outcome, new=edited, refers=refers),
    ]
    done = reviewed(summary, *decisions).summary
    assert [(one.id, one.topic, one.review) for one in done.agenda_items] == [
        ("g1", "ice", "edited")
    ]
    assert [(one.id, one.name, one.part) for one in done.actors][-1] == (
        "a4",
        "Ida Berg",
        "participant",
    )
    assert done.actors[-1].review == "added"
    assert done.meetings[0].participants == ("a1", "a2", "a4")
    assert (done.outcomes[0].kind, done.outcomes[0].parties) == ("decision", ("a4",))
    assert "Ida Berg (poet)" in done.summary
    # What was added is changed and dropped by its key as it was added.
    mentioned = berg.model_copy(update={"part": "mentioned"})
    later = decide(summary, "edit", berg, new=mentioned)
    done = reviewed(summary, *decisions, later).summary
    assert (done.actors[-1].review, done.actors[-1].part) == ("added", "mentioned")
    done = reviewed(summary, *decisions, later, decide(summary, "wrong", berg)).summary
    assert len(done.actors) == 3
    assert done.outcomes[0].parties == ()
    # The same added by two people is one.
    again = decide(summary, "add", new=berg)
    assert len(reviewed(summary, *decisions, again).summary.actors) == 4


def test_who_took_part_is_one_thing() -> None:
    summary = made()
    holm, _, lind = summary.actors
    out = decide(summary, "edit", holm, new=holm.model_copy(update={"part": "mentioned"}))
    into = decide(summary, "edit", lind, new=lind.model_copy(update={"part": "participant"}))
    done = reviewed(summary, out, into).summary
    assert done.meetings[0].participants == ("a2", "a3")
    assert [actor.part for actor in done.actors] == ["mentioned", "participant", "participant"]
    (main,) = summary.meetings
    # That the meeting is right says nothing of who was edited before.
    assert (
        reviewed(summary, out, into, decide(summary, "right", main)).summary.actors == done.actors
    )
    keys = {actor.id: ItemKey.of(actor) for actor in summary.actors}
    alone = main.model_copy(update={"participants": ("a1",)})
    last = decide(summary, "edit", main, new=alone, refers=keys)
    done = reviewed(summary, out, into, last).summary
    assert [actor.part for actor in done.actors] == ["participant", "mentioned", "mentioned"]


def test_a_meeting_that_is_wrong_takes_along_what_was_said_at_it() -> None:
    oslo = meeting_of(id_="m2", places=("Oslo",), when="planned", quotes=(quote(TEXT, "in Oslo"),))
    summary = made(others=(oslo,))
    ice = AgendaItem(id="g2", meeting="m2", topic="ice", quotes=(quote(TEXT, "ice"),))
    summary = summary.model_copy(update={"agenda_items": (*summary.agenda_items, ice)})
    done = reviewed(summary, decide(summary, "wrong", oslo)).summary
    assert ([one.id for one in done.meetings], [one.id for one in done.agenda_items]) == (
        ["m1"],
        ["g1"],
    )
    # Of those left the first is what the article is about.
    done = reviewed(summary, decide(summary, "wrong", summary.meetings[0])).summary
    assert [(one.id, one.places) for one in done.meetings] == [("m1", ("Oslo",))]
    assert [(one.meeting, one.topic) for one in done.agenda_items] == [("m1", "ice")]
    assert done.outcomes == ()
    none = reviewed(summary, *(decide(summary, "wrong", one) for one in summary.meetings)).summary
    assert not none.is_meeting
    assert (none.meetings, none.agenda_items, none.outcomes) == ((), (), ())
    assert none.summary == "The article reports no meeting."
    back = reviewed(none, decide(none, "add", new=oslo.model_copy(update={"id": ""}))).summary
    assert back.is_meeting
    assert back.main
    assert (back.main.id, back.main.review) == ("m1", "added")


def test_done_is_of_what_was_there_and_says_no_more() -> None:
    summary = made()
    holm, *others = summary.items[1:]
    wrong = decide(summary, "wrong", holm)
    done = decide(summary, "done", summary.meetings[0], *others, holm)
    whole = reviewed(summary, wrong, done)
    assert whole.is_complete
    assert whole.states["a1"] == "wrong"
    assert set(whole.states.values()) == {"wrong", "confirmed"}
    # A summary made anew has an item that nobody saw.
    fish = AgendaItem(id="g9", topic="ice", quotes=(quote(TEXT, "ice"),))
    anew = summary.model_copy(update={"agenda_items": (*summary.agenda_items, fish)})
    assert not reviewed(anew, wrong, done).is_complete
    empty = quoted("Nothing.")
    assert not reviewed(empty).is_complete
    assert reviewed(empty, decide(empty, "done")).is_complete


def test_nothing_is_applied_to_something_else() -> None:
    summary = made()
    holm = summary.actors[0]
    moved = holm.model_copy(update={"quotes": (quote(TEXT, "Holm"),)})
    other_text = decide(summary, "wrong", holm, sha256="0" * 64)
    other_item = decide(summary, "wrong", moved)
    unknown = decide(summary, "right", holm, article="elsewhere")
    told: list[str] = []
    (done,) = Review([other_text, other_item, unknown]).correct([summary], told.append)
    assert done == summary
    assert told == [
        "made: has no actor 'Lars Holm' any more; the decision about it is not applied",
        f"made: 1 decision not applied, {OTHER_TEXT}",
        f"elsewhere: 1 decision not applied, {OTHER_TEXT}",
    ]
    many = [decide(summary, "right", holm, article=f"n{number}") for number in range(30)]
    told.clear()
    list(Review(many).correct([summary], told.append))
    assert (len(told), told[-1]) == (11, "20 more messages like these")
    # Ids may be given anew: the item is known by its words and quotes.
    anew = holm.model_copy(update={"id": "a7", "confidence": 0.5})
    summary = summary.model_copy(update={"actors": (anew, *summary.actors[1:])})
    assert reviewed(summary, decide(summary, "right", holm)).states == {"a7": "confirmed"}


def test_two_texts_with_one_id_are_two_articles() -> None:
    one, other = quoted("Anna Keller.", people=("Anna Keller",)), made()
    wrong, right = decide(one, "wrong", one.actors[0]), decide(other, "right", other.actors[1])
    told: list[str] = []
    first, second = Review([wrong, right]).correct([one, other], told.append)
    assert isinstance(first, Summary)
    assert isinstance(second, Summary)
    assert (first.actors, [one.review for one in second.actors]) == ((), [None, "confirmed", None])
    assert told == []


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_decided_the_summary_holds_together(data: st.DataObject) -> None:
    oslo = meeting_of(id_="m2", when="planned", quotes=(quote(TEXT, "talks in Oslo"),))
    summary = made(others=(oslo,))
    outcome = summary.outcomes[0].model_copy(update={"parties": ("a1", "a3")})
    summary = summary.model_copy(update={"outcomes": (outcome,)})
    decisions: list[Decision] = []
    for _ in range(data.draw(st.integers(1, 8))):
        view = reviewed(summary, *decisions)
        item = data.draw(st.sampled_from(view.view.items))
        key, kind = view.keys[item.id], data.draw(st.sampled_from(DECIDED))
        changes = {"confidence": None, "review": None}
        if isinstance(item, Actor):
            changes |= {"part": data.draw(st.sampled_from(("participant", "mentioned")))}
        elif not isinstance(item, Meeting):
            changes |= {"meeting": data.draw(st.sampled_from(view.view.meetings)).id}
        else:
            ids = [actor.id for actor in view.view.actors]
            changes |= {
                "participants": tuple(data.draw(st.lists(st.sampled_from(ids), unique=True)))
            }
        new = item.model_copy(update=changes) if kind in ("edit", "add") else None
        undoes = data.draw(st.sampled_from(decisions)).id if kind == "undo" and decisions else None
        if kind == "undo" and not undoes:
            continue
        given_ = {"new": new, "undoes": undoes, "refers": view.keys if new else {}}
        items = () if kind in ("add", "undo") else (key,)
        decisions.append(decide(summary, kind, *items, **given_))
    for done in (reviewed(summary, *decisions), reviewed(summary, *decisions[::-1])):
        assert verify(done.summary, Article(TEXT, id="made")) == []
        assert Summary.model_validate_json(done.summary.to_json()) == done.summary
        ids = [item.id for item in done.summary.items]
        assert len(set(ids)) == len(ids)
        news = {one.id for one in done.summary.meetings[1:] if one.when == "reported"} | {"m1"}
        present = {p for m in done.summary.meetings if m.id in news for p in m.participants}
        if done.summary != summary:
            parts = {actor.id for actor in done.summary.actors if actor.part == "participant"}
            assert parts == present


def test_in_python(tmp_path: Path) -> None:
    summary = made()
    path = tmp_path / "out.review.jsonl"
    path.write_text(decide(summary, "right", summary.actors[0]).to_json() + "\n", encoding="utf-8")
    (done,) = apply_review([summary], path)
    assert isinstance(done, Summary)
    assert isinstance(done.actors[0], Actor)
    assert done.actors[0].review == "confirmed"
    assert '"review":"confirmed"' in done.to_json()
    assert '"review"' not in summary.to_json()
    assert Summary.model_validate_json(done.to_json()) == done
    with pytest.warns(UserWarning, match=OTHER_TEXT):
        list(apply_review([], path))
    assert isinstance(done.outcomes[0], Outcome)
