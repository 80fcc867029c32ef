"""What the server of a review answers, and to whom: nobody but its own page."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_decisions import decide
from quoted_summary import quote, quoted
from review_server import TOKEN, Reviewing, put, reviewing

from summarize.schema import AgendaItem, Summary

TEXT = "Lars Holm met Anna Keller. They discussed fish and ice."


def made(id_: str = "one", **more: Any) -> Summary:
    return quoted(TEXT, id_=id_, people=("Lars Holm", "Anna Keller"), topics=("fish",), **more)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Reviewing]:
    with reviewing(put(tmp_path, (made(), TEXT))) as review:
        yield review


def ask(
    review: Reviewing, path: str, body: object = None, **headers: str | None
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """Asks as the page does, but for these headers; None leaves one out."""
    host = review.address.split("/")[2]
    given: dict[str, str | None] = {"Host": host}
    if body is not None:
        given |= {"Origin": f"http://{host}", "Content-Type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(host, timeout=5)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.putrequest("GET" if body is None else "POST", path, skip_host=True)
    for name, value in given.items():
        if value is not None:
            connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(data)))
    connection.endheaders(None if body is None else data)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content, answer.headers


def post(review: Reviewing, decision: Any, number: int = 0) -> tuple[int, dict[str, Any]]:
    body = decision if isinstance(decision, dict) else json.loads(decision.to_json())
    status, content, _ = ask(review, f"/{TOKEN}/articles/{number}/decisions", body)
    return status, json.loads(content)


def test_only_its_own_page_gets_answers(served: Reviewing) -> None:
    page, article = f"/{TOKEN}/", f"/{TOKEN}/articles/0"
    status, content, headers = ask(served, page)
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    assert "script-src 'sha256-" in headers["Content-Security-Policy"]
    assert "connect-src 'self'" in headers["Content-Security-Policy"]
    assert (headers["X-Frame-Options"], headers["Referrer-Policy"]) == ("DENY", "no-referrer")
    assert "Access-Control-Allow-Origin" not in headers
    # The text comes when the article is opened.
    assert b"discussed fish and ice" not in content
    assert b"discussed fish and ice" in ask(served, article)[1]
    port = served.address.split("/")[2].split(":")[1]
    assert ask(served, page, Host=f"localhost:{port}")[0] == 200
    refused = [
        ask(served, "/"),
        ask(served, "/wrong/"),
        ask(served, f"/{TOKEN[:-1]}/articles/0"),
        ask(served, f"/{TOKEN}x/"),
        ask(served, f"/{TOKEN}/articles/1"),
        ask(served, f"/{TOKEN}/../../etc/passwd"),
        ask(served, page, Host="evil.example"),
        ask(served, page, Host=f"evil.example:{port}"),
        ask(served, page, Host="127.0.0.1:1"),
        ask(served, article, Origin="https://evil.example"),
        ask(served, article, Origin="null"),
    ]
    decision = json.loads(decide(made(), "right", made().actors[0]).to_json())
    to = f"{article}/decisions"
    refused += [
        ask(served, to, decision, Origin="https://evil.example"),
        ask(served, to, decision, Origin=None),
        ask(served, to, decision, Content_Type="text/plain"),
        ask(served, to, decision, Host=f"evil.example:{port}"),
        ask(served, "/wrong/articles/0/decisions", decision),
        ask(served, to, b" " * 1_100_000),
    ]
    assert {status for status, _, _ in refused} <= {403, 404, 413}
    assert {content for _, content, _ in refused} == {b""}
    assert served.decisions == []


def test_a_decision_is_kept_once_and_only_where_it_fits(served: Reviewing) -> None:
    summary = made()
    holm, _ = summary.actors
    right = decide(summary, "right", holm)
    for _ in range(2):
        status, record = post(served, right)
        assert (status, record["states"]) == (200, {"a1": "confirmed"})
    (kept,) = served.decisions
    assert (kept.id, kept.reviewer) == (right.id, "ada")
    assert kept.time > "2026-11"
    moved = holm.model_copy(update={"quotes": (quote(TEXT, "Holm"),)})
    off = quote(TEXT, "ice").model_copy(update={"start": 0, "end": 3})
    ice = AgendaItem(id="", topic="ice", quotes=(off,))
    unfounded = AgendaItem(id="", topic="a rail link", quotes=(quote(TEXT, "ice"),))
    poet = holm.model_copy(update={"role": "poet"})
    refused = {
        "about another text": decide(summary, "right", holm, sha256="0" * 64),
        "about another article": decide(summary, "right", holm, article="two"),
        "has no actor 'Lars Holm'": decide(summary, "right", moved),
        "undone before": decide(summary, "undo", undoes=uuid.uuid4().hex),
        "the quote at 0–3 is not there": decide(summary, "add", new=ice),
        "the topic is not in its quote": decide(summary, "add", new=unfounded),
        "“poet” is not in the article": decide(summary, "edit", holm, new=poet),
        "kind: Input should be": {"id": "1" * 32, "article": "one", "sha256": "", "kind": "like"},
        "undo names": {"id": "1" * 32, "article": "one", "sha256": "", "kind": "undo"},
    }
    for why, decision in refused.items():
        status, answer = post(served, decision)
        assert status == 422, why
        assert why in answer["refused"]
        assert not answer["refused"].startswith(":")
        assert answer["states"] == {"a1": "confirmed"}
    assert len(served.decisions) == 1
    assert post(served, decide(summary, "undo", undoes=right.id))[1]["states"] == {}


def test_where_the_disk_is_full_nothing_is_said_to_be_saved(
    served: Reviewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("summarize.review.decisions.os.fsync", full)
    right = decide(made(), "right", made().actors[0])
    status, answer = post(served, right)
    assert status == 507
    assert "No space left on device" in answer["failed"]
    monkeypatch.undo()
    assert served.decisions == []
    assert post(served, right)[0] == 200
    assert len(served.decisions) == 1


def test_the_least_certain_come_first(tmp_path: Path) -> None:
    def sure(id_: str, confidence: float | None) -> tuple[Summary, str]:
        items = [one.model_copy(update={"confidence": confidence}) for one in made().actors]
        return made(id_).model_copy(update={"actors": tuple(items)}), TEXT

    path = put(tmp_path, sure("sure", 0.9), sure("unknown", None), sure("unsure", 0.6))
    with reviewing(path, order="confidence") as review:
        ids = [
            json.loads(ask(review, f"/{TOKEN}/articles/{number}")[1])["summary"]["article"]["id"]
            for number in range(3)
        ]
    assert ids == ["unsure", "sure", "unknown"]


def test_without_the_article_its_quotes_can_be_reviewed(tmp_path: Path) -> None:
    path = put(tmp_path, (made(), TEXT))
    (tmp_path / "0.txt").write_text("Another text.", encoding="utf-8")
    with reviewing(path) as review:
        record = json.loads(ask(review, f"/{TOKEN}/articles/0")[1])
        assert (record["text"], record["sentences"]) == (None, [])
        assert "text has changed since" in record["missing"]
        assert post(review, decide(made(), "right", made().actors[0]))[0] == 200
        ice = AgendaItem(id="", topic="ice", quotes=(quote(TEXT, "ice"),))
        status, answer = post(review, decide(made(), "add", new=ice))
        assert (status, "text is not here" in answer["refused"]) == (422, True)
        holm = made().actors[0]
        poet = decide(made(), "edit", holm, new=holm.model_copy(update={"name": "a poet"}))
        status, answer = post(review, poet)
        assert (status, answer["refused"]) == (422, "“a poet” is not in the article")
