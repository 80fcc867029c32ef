"""Reviews in a browser: by keyboard, mouse and finger; what is saved; what must not happen."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from browser import NEEDS_CHROMIUM, BrowserPage, sync_api
from quoted_summary import meeting_of, quote, quoted
from review_server import Reviewing, put, reviewing

from summarize.article.article import Article
from summarize.cli.reviews import review_file
from summarize.evaluation.verification import verify
from summarize.review.applying import Review
from summarize.review.decisions import read_decisions
from summarize.schema import Summary

pytestmark = NEEDS_CHROMIUM

TEXT = (
    "🎣 Lars Holm met Anna Keller 👩🏽‍🚀 in 𝒜rhus.\n\n"
    "They discussed fishing rights 𝔾 and the 🇳🇴 border.\n\n"
    "التقى أحمد الخالد نظيره في أنقرة.\n\nThey agreed to meet again in May. 🎏"
)
PHONE = {"width": 390, "height": 844}


def made(id_: str = "one", text: str = TEXT, **more: Any) -> tuple[Summary, str]:
    given = {
        "people": ("Lars Holm", "Anna Keller"),
        "topics": ("fishing rights 𝔾",),
        "results": (("agreement", "They agreed to meet again in May"),),
        "title": f"Article {id_}",
        "meeting": meeting_of(quotes=(quote(text, "Lars Holm met Anna Keller"),)),
        **more,
    }
    return quoted(text, id_=id_, **given), text


class Shown(BrowserPage):
    """A review in a browser."""

    def __init__(self, page: sync_api.Page, review: Reviewing) -> None:
        super().__init__(page)
        self.review = review

    def saved(self, number: int) -> None:
        """Waits until so many decisions are on the disk and the page says so."""
        sync_api.expect(self.page.locator("body.unsaved")).to_have_count(0)
        assert self.page.locator(".review.saving").count() == 0
        assert len(self.review.decisions) == number

    def signs(self) -> list[str]:
        return self.page.locator(".items .item .review").all_text_contents()

    def corrected(self) -> Summary:
        """The first article as it is corrected, checked against its text."""
        line = self.review.summaries.read_text(encoding="utf-8").splitlines()[0]
        done = Review(self.review.decisions).of(Summary.model_validate_json(line))
        assert done.problems == ()
        assert verify(done.summary, Article(TEXT, id="one")) == []
        return done.summary


@pytest.fixture
def show(chromium: sync_api.Browser, tmp_path: Path) -> Iterator[Callable[..., Shown]]:
    """Opens a review of summaries and their texts."""
    with ExitStack() as stack:

        def opened(*records: tuple[Summary, str], **options: Any) -> Shown:
            review = stack.enter_context(reviewing(put(tmp_path, *records)))
            options = {
                "reduced_motion": "reduce",
                "viewport": {"width": 1280, "height": 800},
                **options,
            }
            context = chromium.new_context(**options)
            stack.callback(context.close)
            context.set_default_timeout(5000)
            shown = Shown(context.new_page(), review)
            shown.page.goto(review.address)
            shown.page.locator(".summary h1").first.wait_for()
            return shown

        yield opened


def test_an_article_by_keyboard_alone(show: Callable[..., Shown]) -> None:
    shown = show(made(), made("two"), made("three"))
    page = shown.page
    # The meeting, Lars Holm, Anna Keller: right, wrong, right.
    assert page.locator(".item.chosen").get_attribute("data-id") == "m1"
    shown.press("y", "x", "y")
    shown.saved(3)
    assert shown.signs() == ["✗", "✓"]
    assert "Saved: Anna Keller is right" in page.inner_text("[role=status].live")
    # The quote of the item that has the focus is marked.
    assert shown.focused() == "fishing rights 𝔾"
    assert page.inner_text("mark.now").startswith("fishing")
    # An edit whose words are elsewhere takes the sentence there with it.
    shown.press("e")
    page.keyboard.type("the 🇳🇴 border")
    shown.press("Enter")
    shown.saved(4)
    assert shown.focused().startswith("the 🇳🇴 border")
    # Words that are not in the article are refused, and what was typed stays.
    shown.press("e")
    page.keyboard.type("a rail link")
    shown.press("Enter")
    page.get_by_text("Not saved: the topic is not in its quote").first.wait_for()
    assert page.input_value(".edit textarea") == "a rail link"
    shown.press("Escape")
    # This too: two words in Arabic become an actor.
    shown.press("a", "ArrowDown", "ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "p")
    assert page.input_value(".edit textarea") == "أحمد الخالد"
    shown.press("Tab", "o", "Enter")
    shown.saved(5)
    shown.press("u")
    shown.saved(6)
    assert shown.corrected().actors[-1].name == "Anna Keller"
    shown.press("a", "ArrowUp", "ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "p", "Enter")
    shown.saved(7)
    # The rest is right, and the next article comes.
    shown.press("d")
    shown.saved(8)
    assert page.inner_text(".progress") == "1 of 3 articles reviewed"
    shown.press("n")
    assert page.inner_text("h1:not(#list h1)") == "Article two"
    assert page.locator("#entries .reviewed").count() == 1
    done = shown.corrected()
    assert [(one.name, one.review, one.part) for one in done.actors] == [
        ("Anna Keller", "confirmed", "participant"),
        ("أحمد الخالد", "added", "participant"),
    ]
    assert [(one.topic, one.review) for one in done.agenda_items] == [("the 🇳🇴 border", "edited")]
    assert done.agenda_items[0].quotes[0].text == TEXT.split("\n\n")[1]
    assert done.outcomes[0].review == "confirmed"
    assert done.meetings[0].participants == ("a2", "a3")
    # Of what was refused.
    assert [words for words in shown.complaints if "422" not in words] == []


def test_an_article_by_mouse_and_a_reload(show: Callable[..., Shown]) -> None:
    shown = show(made(), made("two"))
    page = shown.page
    page.locator('.item[data-id="a1"]').click()
    page.get_by_role("button", name="Wrong").click()
    page.locator('.item[data-id="o1"]').click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Kind").select_option("decision")
    page.get_by_label("Anna Keller").check()
    page.get_by_role("button", name="Save").click()
    shown.saved(2)
    # Words beyond the characters of two bytes, selected as a mouse does.
    page.evaluate("""() => {
        const node = document.querySelector('.text p').lastChild.previousSibling;
        const at = node.data.indexOf('𝒜rhus');
        getSelection().setBaseAndExtent(node, at, node, at + 6);
    }""")
    page.locator(".choosing").get_by_role("button", name="Actor").click()
    page.get_by_label("Kind").select_option("organization")
    page.get_by_role("button", name="Save").click()
    shown.saved(3)
    page.reload()
    page.locator(".items .item").first.wait_for()
    assert sorted(shown.signs()) == ["+", "✎", "✗"]
    page.get_by_role("button", name="All the rest is right").click()
    shown.saved(4)
    page.get_by_role("button", name="Next article").click()
    page.get_by_role("heading", name="Article two").wait_for()
    done = shown.corrected()
    assert [(one.name, one.kind) for one in done.actors][-1] == ("𝒜rhus", "organization")
    assert (done.outcomes[0].kind, done.outcomes[0].parties) == ("decision", ("a2",))
    assert shown.complaints == []


def test_on_a_phone(show: Callable[..., Shown]) -> None:
    shown = show(made(), viewport=PHONE, has_touch=True)
    page = shown.page
    page.locator('.item[data-id="a2"]').tap()
    page.locator(".tools button", has_text="Right").tap()
    shown.saved(1)
    page.locator('.item[data-id="o1"]').tap()
    page.get_by_role("button", name="Edit").tap()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.get_by_role("button", name="Cancel").tap()
    page.get_by_role("button", name="All the rest is right").tap()
    shown.saved(2)
    small = page.locator(".review-bar button, .tools button").evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().height < 44).length"
    )
    assert small == 0
    assert shown.complaints == []


MARKUP = (
    "</script><script>window.hit = 1</script><img src=x onerror='window.hit=1'>"
    "<svg onload=window.hit=1></svg> <a href='javascript:window.hit=1'>a</a> \u202egnp.exe\u2066"
)


def test_an_article_is_never_markup(show: Callable[..., Shown]) -> None:
    text = f"{MARKUP} Lars Holm met Anna Keller. {MARKUP}"
    names = ("Lars Holm", MARKUP)
    shown = show(made(MARKUP, text, people=names, topics=(text,), results=(("decision", MARKUP),)))
    page = shown.page
    shown.press("y", "x", "j", "e")
    page.get_by_role("textbox", name="Topic").wait_for()
    shown.press("Enter", "a", "o")
    page.get_by_role("textbox", name="Outcome").wait_for()
    shown.press("Enter")
    shown.saved(3)
    assert len(shown.signs()) == 2
    assert page.evaluate("window.hit") is None
    assert page.locator("#view :is(script, img, svg, iframe, style, a:not(.back))").count() == 0
    assert shown.complaints == []


def test_a_server_that_is_killed_and_started_again_loses_nothing(
    chromium: sync_api.Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = put(tmp_path, made(), made("two"))
    command = [sys.executable, "-m", "summarize", "review", str(path), "--no-browser"]

    def start() -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        assert process.stderr
        (address,) = re.findall(r"http://\S+", process.stderr.readline())
        return process, address

    process, address = start()
    page = chromium.new_page()
    try:
        page.goto(address)
        page.locator(".item.chosen").wait_for()
        page.keyboard.press("y")
        sync_api.expect(page.locator(".review.confirmed")).to_have_count(1)
        process.kill()
        process.communicate()
        page.keyboard.press("y")
        page.keyboard.press("x")
        page.get_by_text("does not answer").wait_for()
        assert page.inner_text(".lost").endswith("2 decisions are not saved yet.")
        assert page.locator(".review.saving").count() == 2
        assert len(read_decisions(review_file(path))[0]) == 1
        # What a kill may leave of a line.
        with review_file(path).open("a", encoding="utf-8") as file:
            file.write('{"id":"0123')
        process, again = start()
        assert again == address
        sync_api.expect(page.locator(".review.saving")).to_have_count(0)
        sync_api.expect(page.locator(".lost")).to_be_hidden()
        decisions, problems = read_decisions(review_file(path))
        assert ([one.kind for one in decisions], problems) == (["right", "right", "wrong"], [])
        assert review_file(path).read_bytes().count(b"\n") == 3
        process.send_signal(signal.SIGINT)
        told = f"0 of 2 articles reviewed; decisions are in {review_file(path)}\n"
        assert process.communicate()[1] == told
        assert process.returncode == 0
    finally:
        page.close()
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


@pytest.mark.timed
def test_two_thousand_articles_answer_a_key_at_once(show: Callable[..., Shown]) -> None:
    paragraph = "They discussed fishing rights in the waters north of the islands. " * 8
    long = TEXT + f"\n\n{paragraph}" * 5
    shown = show(*(made(f"n{number}", long) for number in range(2000)))
    shown.page.locator(".item.chosen").wait_for()
    # From the key to the next frame.
    pressing = """key => new Promise(resolve => {
        const started = performance.now();
        const event = new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true});
        document.activeElement.dispatchEvent(event);
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
    })"""
    for key in "yyjxkydnynd":
        assert shown.page.evaluate(pressing, key) < 100, key
        shown.page.wait_for_timeout(100)
    assert shown.complaints == []
