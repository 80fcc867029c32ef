"""The dossier's page in a browser: down to the quotes, filters, keys, and what it must not do."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from browser import NEEDS_CHROMIUM, BrowserPage, sync_api
from dossier_records import actor, many, meeting, outcome, quote, report

from summarize.across_articles.html import LatestMeetings, write_page
from summarize.across_articles.records import (
    ActorRecord,
    Disagreement,
    FollowUp,
    MeetingRecord,
    Reason,
)

pytestmark = NEEDS_CHROMIUM

MARKUP = (
    "</script><script>window.hit = 1</script><!-- <script> --> <img src=x onerror='window.hit=1'>"
    "<a href='javascript:window.hit=1'>a</a> {policy} &lt;b&gt; "
    "\u202egnp.exe\u2066 \u0645\u0631\u062d"
)
ACTORS = [
    actor(
        "a1",
        "İbrahim Kalın",
        "TUR",
        "intelligence chief",
        spellings=("Ibrahim Kalin",),
        wikidata="Q110",
    ),
    actor("a2", "Ahmad al-Sharaa", "SYR", "President"),
    actor("a3", "Hakan Fidan", "TUR", "Foreign Minister"),
    actor("a4", "Türkiye", "TUR", kind="country"),
    actor("a5", "Nobody Here", "NOR"),
]
REPORTS = (
    report("x1", "Kalın visited Damascus.", title="A visit", outlet="Anadolu", day="2025-09-17"),
    report("x2", "The chief was in Damascus.", title="Talks", outlet="Sana", source="javascript:0"),
)
MEETINGS = [
    meeting(
        "a1 a2 a4",
        id_="m1",
        type_="visit",
        place="Damascus",
        countries="SYR TUR",
        topics=("the fight against terror",),
        outcomes=(
            outcome(
                "commitment",
                "They agreed to meet in Ankara.",
                ("a1", "a2"),
                quotes=(quote("They agreed to meet in Ankara.", "x1"), quote("Again soon", "x2")),
                follow_ups=(
                    FollowUp(
                        meeting="m2",
                        score=0.7,
                        words="the same two, in Ankara",
                        quote=quote("They met in Ankara.", "y"),
                    ),
                ),
            ),
        ),
        reports=REPORTS,
        disagreements=(
            Disagreement(field="type", values=(("visit", ("x1",)), ("talks", ("x2",)))),
        ),
        reasons=(Reason(comparator="day", score=1, words="both say 17 September 2025"),),
    ),
    meeting(
        "a1 a2 a3",
        id_="m2",
        day="2025-11-02",
        place="Ankara",
        countries="SYR TUR",
        reports=(report("y", "They met in Ankara."),),
    ),
    meeting("a3 a2", id_="m3", type_="call", day=None, window=("2025-08-30", "2025-09-02")),
    meeting("a1 a3", id_="m4", when="planned", day=None),
]


class Shown(BrowserPage):
    """A dossier in a browser, and what it has asked for, also what the policy stops."""

    def __init__(self, page: sync_api.Page) -> None:
        super().__init__(page)
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))

    def text(self, selector: str) -> str:
        return " ".join(self.page.locator(selector).all_inner_texts())

    def titles(self) -> list[str]:
        return self.page.locator("#entries .title").all_text_contents()

    def follow(self, link: sync_api.Locator) -> None:
        """Clicks a link to another page of the dossier, which comes when the browser gets to it."""
        before = self.page.query_selector("#view h1")
        link.click()
        is_other = "before => document.querySelector('#view h1') !== before"
        self.page.wait_for_function(is_other, arg=before)

    def go(self, fragment: str) -> None:
        self.page.evaluate("fragment => { location.hash = fragment; }", fragment)
        self.page.wait_for_function("document.querySelector('#view h1')")


Opener = Callable[..., Shown]


@pytest.fixture
def show(chromium: sync_api.Browser, tmp_path: Path) -> Iterator[Opener]:
    pages: list[sync_api.Page] = []

    def opened(
        meetings: Sequence[MeetingRecord] = MEETINGS,
        actors: Sequence[ActorRecord] = ACTORS,
        *,
        width: int = 1280,
        fragment: str = "",
        most: int = 100,
    ) -> Shown:
        path = tmp_path / "dossier.html"
        path.write_text(page_of(meetings, actors, most), encoding="utf-8")
        page = chromium.new_page(
            viewport={"width": width, "height": 800}, reduced_motion="reduce", offline=True
        )
        pages.append(page)
        shown = Shown(page)
        page.goto(path.as_uri() + fragment)
        return shown

    yield opened
    for page in pages:
        page.close()


def page_of(
    meetings: Sequence[MeetingRecord], actors: Sequence[ActorRecord], most: int = 100
) -> str:
    latest = LatestMeetings(most)
    assert list(latest.passing(iter(meetings))) == list(meetings)
    stream = io.StringIO()
    known = {one.id: one for one in actors}
    write_page(stream, latest.meetings, known.get, left_out=latest.left_out)
    return stream.getvalue()


def test_the_time_line_is_by_month_the_newest_first(show: Opener) -> None:
    shown = show()
    assert shown.page.locator(".month h2").all_text_contents() == [
        "November 2025",
        "September 2025",
        "No day known",
    ]
    assert shown.titles()[1] == "İbrahim Kalın, Ahmad al-Sharaa and Türkiye"
    assert shown.page.locator("#entries .day").all_text_contents() == ["2", "17", "30–2", ""]
    # Nobody but who is in the meetings has a page.
    assert "Nobody Here" not in shown.page.content()
    assert len(shown.asked) == 1
    assert shown.complaints == []


def test_a_meeting_down_to_its_quotes(show: Opener) -> None:
    shown = show()
    shown.follow(shown.page.locator("#entries a").nth(1))
    said = shown.text("#view")
    for words in (
        "2 articles",
        "intelligence chief",
        "the fight against terror",
        "They agreed to meet in Ankara.",
        "both say 17 September 2025",
        "the same two, in Ankara",
    ):
        assert words in said or words in shown.page.locator("#view").text_content(), words
    caption = shown.page.locator(".outcomes figcaption").first
    assert caption.inner_text().replace("\n", "") == "Anadolu·A visit·0–30"
    assert caption.locator("a").get_attribute("href") == "https://example.org/x"
    shown.page.locator(".outcomes summary").first.click()
    assert "Again soon" in shown.text(".outcomes")
    # Who says what is told apart.
    assert shown.page.locator(".disagreements .said").all_inner_texts() == [
        "Visit\nAnadolu",
        "Talks\nSana",
    ]
    assert shown.page.locator("#view a[href^=javascript]").count() == 0
    shown.follow(shown.page.locator(".follow-up a").first)
    assert "2025-11-02" in shown.text("#view .event")
    assert shown.complaints == []


def test_an_actor(show: Opener) -> None:
    shown = show(fragment="#m/m1")
    shown.follow(shown.page.locator("#view .participant a", has_text="Kalın"))
    assert shown.text("#view h1") == "İbrahim Kalın"
    assert "Ibrahim Kalin" in shown.text("#view .mentioned")
    assert shown.page.locator("#view .event a").get_attribute("href").endswith("/Q110")
    # In order of time; what has no day comes first. One's own country is no counterpart.
    days = shown.page.locator("#view .meeting li .number").all_text_contents()
    assert days == ["no day", "2025-09-17", "2025-11-02"]
    rows = shown.page.locator("#view tbody tr").all_inner_texts()
    assert rows[0].split("\t") == ["Ahmad al-Sharaa", "2", "2025-09-17 to 2025-11-02"]
    assert not any("Türkiye" in row for row in rows)


def test_who_met_whom_as_a_picture_and_as_a_table(show: Opener) -> None:
    shown = show()
    rows = shown.page.locator("#view table").first.locator("tbody tr").all_inner_texts()
    assert rows[0].split("\t")[2:] == ["2", "2025-09-17 to 2025-11-02"]
    # What is planned has not been.
    assert [row.split("\t")[2] for row in rows] == ["2", "2", "1"]
    assert shown.page.locator(".arcs .arc").count() == 3
    assert shown.page.locator(".arcs .node").count() == 3
    shown.page.get_by_role("button", name="Countries").click()
    shown.page.locator(".arcs", has_text="Syria").wait_for()
    names = shown.page.locator(".map a").evaluate_all("all => all.map(e => e.ariaLabel)")
    assert sorted(names) == ["Syria, 1 meeting", "Turkey, 1 meeting"]
    shown.page.locator(".map a", has_text="Syria").click()
    assert shown.text("#count [role=status]") == "2 of 4 meetings"


def test_search_and_filters(show: Opener) -> None:
    shown = show()
    every = shown.titles()
    for words, wanted in {"KALIN terror": every[1:2], "sana": every[1:2], "nowhere": []}.items():
        shown.page.fill("#search", words)
        assert shown.titles() == wanted, words
    assert shown.page.locator("#none").is_visible()
    shown.page.get_by_text("Show all").click()
    for label, value, wanted in (
        ("Type", "call", every[2:3]),
        ("When", "planned", every[3:]),
        ("Country", "SYR", every[:2]),
    ):
        shown.page.get_by_label(label, exact=True).select_option(value)
        assert shown.titles() == wanted, value
        shown.page.get_by_text("Show all").click()
    shown.page.get_by_label("Actor", exact=True).fill("Ibrahim Kalin")
    assert shown.titles() == [every[0], every[1], every[3]]
    shown.page.get_by_text("Show all").click()
    # A meeting between two days is there where one of them can be.
    shown.page.get_by_label("From", exact=True).fill("2025-09-01")
    shown.page.get_by_label("To", exact=True).fill("2025-09-30")
    assert shown.titles() == every[1:3]
    shown.page.locator("#view h1", has_text="2 of 4 meetings").wait_for()


def test_keys(show: Opener) -> None:
    shown = show()
    shown.press("j")
    assert shown.page.url.endswith("#m/m2")
    shown.press("j")
    assert shown.page.url.endswith("#m/m1")
    assert shown.page.evaluate("document.activeElement.localName") == "h1"
    shown.press("k", "Escape")
    assert shown.page.url.endswith("#overview")
    shown.press("/")
    shown.page.keyboard.type("jk?")
    assert shown.page.input_value("#search") == "jk?"
    shown.press("Escape", "Escape", "?")
    assert shown.page.locator("#keys").is_visible()
    shown.press("Escape")
    assert not shown.page.locator("#keys").is_visible()


def test_on_a_phone(show: Opener) -> None:
    shown = show(width=390)
    assert shown.page.locator("#view").is_hidden()
    for fragment in ("m/m1", "a/a1", "overview", ""):
        shown.page.evaluate("fragment => { location.hash = fragment; }", fragment)
        shown.page.wait_for_timeout(50)
        assert shown.page.evaluate("document.documentElement.scrollWidth") == 390, fragment
    shown.press("j", "j", "Enter")
    shown.page.locator("#list").wait_for(state="hidden")
    assert shown.page.url.endswith("#m/m1")


def test_no_words_are_markup(show: Opener) -> None:
    hostile = actor("a1", MARKUP, MARKUP, MARKUP, spellings=(MARKUP,), wikidata=MARKUP)
    one = meeting(
        "a1 a2",
        MARKUP,
        id_=MARKUP,
        place=MARKUP,
        countries="SYR",
        topics=(MARKUP,),
        outcomes=(outcome("decision", MARKUP, ("a1",)),),
        reports=(report(MARKUP, MARKUP, title=MARKUP, outlet=MARKUP, source="javascript:0"),),
        disagreements=(Disagreement(field="places", values=((MARKUP, (MARKUP,)),)),),
        reasons=(Reason(comparator=MARKUP, score=1, words=MARKUP),),
    )
    shown = show([one], [hostile, ACTORS[1]])
    shown.page.locator("#entries a").click()
    assert MARKUP in shown.page.locator("#view").text_content()
    shown.go("a/a1")
    assert shown.page.evaluate("window.hit") is None
    assert shown.page.locator("#view :is(script, img, a[href^=javascript])").count() == 0
    with pytest.raises(sync_api.Error, match="TrustedHTML"):
        shown.page.evaluate("document.body.innerHTML = '<b>x</b>'")
    assert len(shown.asked) == 1


def test_the_latest_meetings_and_how_many_are_left_out(show: Opener) -> None:
    shown = show(most=2)
    assert len(shown.titles()) == 2
    assert "2 earlier ones are in meetings.jsonl" in shown.text(".notice")
    empty = show([], [])
    assert empty.text("#none") == "No article tells of a meeting."
    assert empty.complaints == []


def test_without_scripts_there_is_a_list() -> None:
    html = page_of(MEETINGS, ACTORS)
    assert "<li><h2 dir=auto>Ahmad al-Sharaa" not in html
    assert "<p dir=auto>2025-09-17 · Visit · Damascus</p>" in html


@pytest.mark.timed
def test_two_thousand_meetings_open_and_are_filtered_at_once(show: Opener) -> None:
    shown = show(*many(2000), most=5000)
    started = time.perf_counter()
    shown.page.reload()
    shown.page.locator(".arcs .node").first.wait_for()
    assert time.perf_counter() - started < 2
    filtering = """([label, value]) => {
        const field = document.querySelector(label), started = performance.now();
        field.value = value;
        for (const name of ['input', 'change']) field.dispatchEvent(new Event(name));
        document.body.offsetHeight;
        return performance.now() - started;
    }"""
    shown.page.evaluate(filtering, ["#search", "warm"])
    for label, value in (
        ("#search", "minister topic"),
        ("#search", ""),
        ("[aria-label=Country]", "TUR"),
        ("[aria-label=Actor]", "Given1"),
    ):
        assert shown.page.evaluate(filtering, [label, value]) < 100, label
