"""Reports in a browser: clicks, keys, search, narrow screens, paper, what the page must not do."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import NEEDS_CHROMIUM, BrowserPage, sync_api
from quoted_summary import meeting_of, quoted
from small_summaries import failure, summary

from summarize.batch.results import BatchResult
from summarize.report.html import HtmlReport
from summarize.schema import MeetingDate, Summary

pytestmark = NEEDS_CHROMIUM

ROOT = Path(__file__).parents[2]
TEXT = (
    "🎣 Lars Holm met Anna Keller 👩🏽‍🚀 in Bern.\n\n"
    "They discussed fishing rights 𝔾 and the 🇳🇴 border.\n\nThey agreed to meet\n\nagain in May. 🎏"
)


class Shown(BrowserPage):
    """A report in a browser, and what it has asked for; what the policy stops is not among it."""

    def __init__(self, page: sync_api.Page) -> None:
        super().__init__(page)
        self.asked: list[str] = []
        page.route("**/*", self._answer)

    def _answer(self, route: sync_api.Route) -> None:
        self.asked.append(route.request.url)
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            route.abort()

    def text(self, selector: str) -> str:
        """The text of all that the selector finds."""
        return "".join(
            self.page.locator(selector).evaluate_all("all => all.map(e => e.textContent)")
        )

    def texts(self, selector: str) -> list[str]:
        return self.page.locator(selector).all_text_contents()

    def item(self, id_: str) -> sync_api.Locator:
        return self.page.locator(f'.item[data-id="{id_}"]')

    def open(self, number: int) -> None:
        """Opens an article of the list."""
        link = self.page.locator("#entries a").nth(number)
        link.click()
        # The browser follows an address within the page when it gets to it.
        sync_api.expect(link).to_have_attribute("aria-current", "page")

    def in_sight(self, selector: str) -> bool:
        """Whether the first one is in the window, and in the pane that it scrolls in."""
        return bool(self.page.locator(selector).first.evaluate(IN_SIGHT))


IN_SIGHT = """e => {
    const pane = e.closest('.article, .summary').getBoundingClientRect();
    const {top, bottom} = e.getBoundingClientRect();
    const low = Math.min(innerHeight, pane.bottom), high = Math.max(0, pane.top);
    return top >= high && bottom <= low;
}"""
Opener = Callable[..., Shown]


@pytest.fixture(scope="module")
def context(chromium: sync_api.Browser) -> sync_api.BrowserContext:
    return chromium.new_context(reduced_motion="reduce")


@pytest.fixture
def show(
    chromium: sync_api.Browser, context: sync_api.BrowserContext, tmp_path: Path
) -> Iterator[Opener]:
    """Shows a report of summaries with their texts, and of failures.

    All share a context, except those that need `options` of their own.
    """
    closing: list[sync_api.Page | sync_api.BrowserContext] = []

    def opened(
        *records: tuple[Summary, str | None] | BatchResult | Path,
        width: int = 1280,
        height: int = 800,
        fragment: str = "",
        **options: object,
    ) -> Shown:
        path = records[0] if isinstance(records[0], Path) else tmp_path / "report.html"
        if path != records[0]:
            path.write_text(page_of(*records), encoding="utf-8")
        page = (chromium.new_context(**options) if options else context).new_page()
        closing.append(page.context if options else page)
        page.set_viewport_size({"width": width, "height": height})
        shown = Shown(page)
        shown.page.goto(path.as_uri() + fragment)
        return shown

    yield opened
    for one in closing:
        one.close()


def page_of(*records: tuple[Summary, str | None] | BatchResult) -> str:
    stream = io.StringIO()
    report = HtmlReport(stream)
    for record in records:
        if isinstance(record, BatchResult):
            report.add_failure(record)
        else:
            report.add(*record)
    report.close()
    return stream.getvalue()


def one(text: str = TEXT, **more: object) -> tuple[Summary, str]:
    made = quoted(
        text,
        people=("Lars Holm", "Anna Keller"),
        topics=("They discussed fishing rights 𝔾 and the 🇳🇴 border", "the 🇳🇴 border"),
        results=(("agreement", "They agreed to meet\n\nagain in May. 🎏"),),
        mentioned=("Bern",),
        **more,  # type: ignore[arg-type]
    )
    return made, text


def several() -> list[tuple[Summary, str] | BatchResult]:
    visit = meeting_of("visit", places=("Zürich",))
    return [
        one(id_="first", title="Fish in Bern", country="CHE"),
        one(id_="second", title="İstanbul talks", country="TUR", meeting=visit),
        (quoted("Nobody met.", id_="third", title="Nothing happened"), "Nobody met."),
        failure("fourth", message="The model declined"),
    ]


# Items and quotes


# Chooses each item and steps through its quotes: what is marked, whether it is in sight, the bar.
WALK = """ids => ids.flatMap(([id, quotes]) => Array.from({length: quotes}, () => {
    document.querySelector(`.item[data-id="${id}"]`).click();
    const marks = [...document.querySelectorAll('mark.now')];
    const words = marks.map(mark => mark.textContent).join('');
    const pressed = [...document.querySelectorAll('[aria-pressed="true"]')];
    const place = document.querySelector('.bar .place').textContent;
    return [pressed.map(item => item.dataset.id), words, (IN_SIGHT)(marks[0]), place];
}))""".replace("IN_SIGHT", IN_SIGHT)


def check_quotes(shown: Shown, made: Summary) -> None:
    ids = [[item.id, len(item.quotes)] for item in made.items]
    wanted = []
    for item in made.items:
        for at, quote in enumerate(item.quotes, start=1):
            of = f"Quote {at} of {len(item.quotes)}" if len(item.quotes) > 1 else "Quote"
            place = f"{of} · {quote.start}–{quote.end}"
            wanted.append([[item.id], quote.text, True, place])
    assert shown.page.evaluate(WALK, ids) == wanted


def test_every_quote_of_the_seeds_is_marked_at_its_place(show: Opener, seeds: Path) -> None:
    lines = seeds.read_text(encoding="utf-8").splitlines()
    records = []
    for made in map(Summary.model_validate_json, lines):
        records.append((made, (ROOT / (made.article.source or "")).read_bytes().decode()))
    shown = show(*records)
    for number, (made, text) in enumerate(records):
        shown.open(number)
        assert shown.text(".text") == text
        assert len(made.items) == shown.page.locator(".item").count()
        check_quotes(shown, made)
    assert shown.complaints == []


def test_items_and_their_words(show: Opener) -> None:
    made, text = one()
    shown = show((made, text))
    # Offsets count characters, also those beyond two bytes.
    assert shown.text(".text") == text
    check_quotes(shown, made)
    shown.press("Escape")
    assert shown.page.locator(".item.chosen, mark.now, .bar:visible").count() == 0
    # Not by colour alone.
    edge = "e => getComputedStyle(e).borderBottomStyle"
    for tone, style in {"agenda": "dotted", "outcomes": "solid"}.items():
        assert shown.page.locator(f"mark.{tone}").first.evaluate(edge) == style
        assert shown.page.locator(f".swatch.{tone}").evaluate(edge) == style
    # What is under the pointer is marked on the other side.
    shown.item("g1").hover()
    assert "fishing rights" in shown.text("mark.hot")
    shown.page.locator("mark.participant").first.hover()
    assert shown.texts(".item.hot .words") == ["Lars Holm"]
    # Marked words lead to their items, the closest first.
    shown.page.get_by_text("Anna Keller").last.click()
    assert shown.texts(".item.chosen .words") == ["Anna Keller"]
    border = shown.page.locator("mark", has_text="border")
    border.click()
    assert shown.texts(".item.chosen .words") == ["the 🇳🇴 border"]
    border.click()
    assert shown.texts(".item.chosen .words")[0].startswith("They discussed")
    assert shown.focused().startswith("They discussed")


def test_a_quote_that_is_not_at_its_place_is_told(show: Opener) -> None:
    made, text = one()
    wrong = made.actors[0].model_copy(update={"quotes": made.actors[1].quotes})
    moved = wrong.quotes[0].model_copy(update={"start": 900, "end": 911})
    wrong = wrong.model_copy(update={"quotes": (moved,)})
    made = made.model_copy(update={"actors": (wrong, *made.actors[1:])})
    shown = show((made, text))
    assert shown.item("a1").get_attribute("role") is None
    shown.item("a1").click()
    assert shown.page.locator("mark.now").count() == 0
    assert shown.texts(".astray") == ["not at its place in the article"]


def test_without_the_text_there_are_the_quotes(show: Opener) -> None:
    shown = show((one()[0], None))
    assert shown.page.locator(".article").count() == 0
    assert "not in this report" in shown.text(".notice")
    assert "Anna Keller" in shown.texts(".quotes blockquote")[1]
    assert shown.page.locator(".quotes").first.is_visible()


def test_an_item_has_an_address(show: Opener) -> None:
    shown = show(*several(), fragment="#second/o1")
    assert shown.texts("#view h1") == ["İstanbul talks"]
    assert shown.text("mark.now").startswith("They agreed")
    shown.item("a2").click()
    assert shown.page.url.endswith("#second/a2")


# The list


def test_search_and_filters(show: Opener) -> None:
    shown = show(*several())

    def found() -> list[str]:
        return shown.texts("#entries .title")

    titles = ["Fish in Bern", "İstanbul talks", "Nothing happened", "fourth"]
    assert found() == titles
    for words, wanted in {
        "ISTANBUL": titles[1:2],
        "anna fishing": titles[:2],
        "zurich keller": titles[1:2],
        "declined": titles[3:],
        "nowhere": [],
        "": titles,
    }.items():
        shown.page.fill("#search", words)
        assert found() == wanted, words
    for label, value, wanted in (
        ("Meeting", "visit", titles[1:2]),
        ("Country", "CHE", titles[:1]),
        ("Outcome", "agreement", titles[:2]),
        ("State", "none", titles[2:3]),
        ("State", "failed", titles[3:]),
    ):
        shown.page.get_by_label(label, exact=True).select_option(value)
        assert found() == wanted, value
        assert shown.text("#count [role=status]") == f"{len(wanted)} of 4 articles"
        shown.page.get_by_text("Show all").click()
    shown.page.fill("#search", "zzz")
    told = "No article has “zzz” in its title, people, topics or outcomes"
    assert shown.text("#none") == f"{told}."
    shown.page.get_by_label("Outcome", exact=True).select_option("agreement")
    assert shown.text("#none") == f"{told} and is of the kind chosen."
    shown.page.fill("#search", "first")
    assert shown.page.locator("#none").is_hidden()
    assert found() == titles[:1]
    options = shown.texts("select[aria-label=Country] option")
    assert options == ["Any country", "Switzerland (CHE) · 1", "Turkey (TUR) · 1"]


def test_what_keyboards_spare_is_found(show: Opener) -> None:
    titles = ["Gro\u200bße’s „visit“ – Tromsø", "Łódź‑Đà Nẵng, Ærø"]
    shown = show(*((quoted("Nothing.", id_=title, title=title), None) for title in titles))
    searched = {"GROSSE'S": 0, '"visit" - tromso': 0, "lodz-da aero": 1, titles[0]: 0}
    for words, number in searched.items():
        shown.page.fill("#search", words)
        links = shown.page.locator("#entries a").evaluate_all("all => all.map(e => e.hash)")
        assert [link.startswith("#Gro") for link in links] == [number == 0], words


def test_a_record_that_cannot_be_read_leaves_the_others(show: Opener, tmp_path: Path) -> None:
    path = tmp_path / "broken.html"
    html = page_of(*several())
    path.write_text(html.replace('id="article-1">{', 'id="article-1">{{', 1), encoding="utf-8")
    shown = show(path, fragment="#second/o1")
    assert shown.texts("#view h1") == ["This article cannot be shown"]
    shown.press("n")
    assert shown.texts("#view h1") == ["Nothing happened"]
    shown.press("p")
    assert shown.texts("#view h1") == ["This article cannot be shown"]
    shown.open(0)
    shown.item("a1").click()
    assert shown.text("mark.now") == "Lars Holm"


def test_addresses_of_nothing(show: Opener) -> None:
    shown = show(*several(), fragment="#no%20such")
    assert "This report has no article no such." in shown.text("#view")
    assert shown.page.locator("[aria-current]").count() == 0
    shown.open(1)
    assert shown.texts("#view h1") == ["İstanbul talks"]
    shown.page.evaluate("location.hash = ''")
    shown.page.get_by_role("heading", name="Fish in Bern").wait_for()
    shown.page.set_viewport_size({"width": 390, "height": 800})
    shown.page.evaluate("location.hash = 'nosuch'")
    shown.page.get_by_text("This report has no article nosuch.").wait_for()


def test_the_focus_goes_where_the_reader_goes(show: Opener) -> None:
    heading = "document.activeElement.matches('h1') && document.activeElement.innerText"
    shown = show(*several())
    shown.press("n")
    assert shown.page.evaluate(heading) == "İstanbul talks"
    narrow = show(*several(), width=390)
    narrow.open(1)
    assert narrow.page.evaluate(heading) == "İstanbul talks"
    assert narrow.page.evaluate("scrollY") == 0
    narrow.press("n")
    assert narrow.page.evaluate(heading) == "Nothing happened"
    narrow.page.get_by_text("All articles").click()
    narrow.page.locator("#list").wait_for(state="visible")
    assert narrow.focused().startswith("Nothing happened")


def test_failures_and_articles_without_a_meeting(show: Opener) -> None:
    shown = show(*several())
    shown.open(2)
    assert "reports no meeting" in shown.text("#view .event")
    assert shown.page.locator("#view .items").count() == 0
    shown.open(3)
    assert "The model declined" in shown.text("#view")
    assert "--retry-failed" in shown.text("#view")
    assert shown.complaints == []


def test_keys(show: Opener) -> None:
    shown = show(*several())
    shown.press("j")
    assert shown.focused().startswith("Lars Holm")
    shown.press("j", "ArrowDown", "k", "Enter")
    assert shown.text("mark.now") == "Anna Keller"
    shown.press("Escape")
    assert shown.page.locator("mark.now").count() == 0
    shown.press("n")
    assert shown.texts("#view h1") == ["İstanbul talks"]
    shown.press("p", "ArrowLeft")
    shown.press("j")
    assert shown.page.url.endswith("#second")
    shown.press("j")
    assert shown.page.url.endswith("#third")
    assert shown.texts("#view h1") == ["Nothing happened"]
    shown.press("k", "ArrowRight")
    assert shown.page.url.endswith("#second")
    shown.press("/")
    shown.page.keyboard.type("j fish")
    assert shown.page.input_value("#search") == "j fish"
    shown.press("Escape")
    assert shown.page.input_value("#search") == ""
    shown.press("Escape", "?")
    assert shown.page.locator("#keys").is_visible()
    shown.press("j", "Escape")
    assert not shown.page.locator("#keys").is_visible()
    assert shown.complaints == []


def test_the_text_answers_to_keys_too(show: Opener) -> None:
    shown = show(*several())
    marked = "document.activeElement.closest('mark')?.textContent"
    shown.press("j", "ArrowRight")
    assert shown.page.evaluate(marked) == "Lars Holm"
    shown.press("j")
    assert shown.page.evaluate(marked) == "Anna Keller"
    shown.press("Enter")
    assert shown.texts(".item.chosen .words") == ["Anna Keller"]
    assert shown.focused().startswith("Anna Keller")
    shown.press("ArrowRight", "k", "ArrowLeft")
    assert shown.focused().startswith("Anna Keller")
    shown.press("ArrowRight", "Escape", "k", "ArrowLeft")
    assert shown.focused().startswith("Lars Holm")
    assert shown.complaints == []


# What it must not do

MARKUP = (
    "</script><script>window.hit = 1</script><!-- <script> --> <img src=x onerror='window.hit=1'>"
    "<svg onload=window.hit=1></svg><iframe src='https://example.org/'></iframe>"
    "<a href='javascript:window.hit=1'>a</a> <style>*{background:url(https://example.org/)}</style>"
    " &lt;b&gt; \u202egnp.exe\u2066 \u0645\u0631\u062d\u0628\u0627"
)


def test_an_article_is_never_markup(show: Opener) -> None:
    text = f"{MARKUP} Lars Holm met Anna Keller. {MARKUP}"
    made = quoted(
        text,
        id_=MARKUP,
        title=MARKUP,
        source=f"javascript:window.hit=1//{MARKUP}",
        people=("Lars Holm", MARKUP),
        mentioned=("Anna Keller",),
        topics=(text,),
        results=(("decision", MARKUP),),
        meeting=meeting_of(places=(MARKUP,)),
        unsupported=(MARKUP,),
    )
    shown = show((made, text), (made, None), failure(MARKUP, MARKUP, MARKUP))
    for number in range(3):
        shown.open(number)
        for item in shown.page.locator(".item[role=button]").all():
            item.click()
        assert shown.page.evaluate("window.hit") is None
        inside = "#view :is(script, img, svg, iframe, style, a:not(.back)), body > img"
        assert shown.page.locator(inside).count() == 0
        if number == 0:
            assert shown.text(".text") == text
            # Characters that turn text around do nothing, and are seen.
            assert shown.page.locator(".text .hidden-characters").count() == 4
    assert all(url.startswith("file:") for url in shown.asked)
    assert len(shown.asked) == 1
    assert shown.complaints == []


def test_the_policy_bites(show: Opener) -> None:
    shown = show(one())
    with shown.page.expect_console_message(lambda told: "Content Security Policy" in told.text):
        shown.page.evaluate("new Image().src = 'https://example.org/x.png'")
    with pytest.raises(sync_api.Error, match="TrustedHTML"):
        shown.page.evaluate("document.body.innerHTML = '<b>x</b>'")
    assert len(shown.asked) == 1


def test_right_to_left(show: Opener) -> None:
    text = "التقى الوزير أحمد الخالد نظيره (TUR) 17 في أنقرة.\n\nEnglish again, Lars Holm."
    shown = show((quoted(text, people=("أحمد الخالد", "Lars Holm"), title="لقاء"), text))
    shown.item("a1").click()
    assert shown.text("mark.now") == "أحمد الخالد"
    directions = "all => all.map(e => getComputedStyle(e).direction)"
    assert shown.page.locator(".text p").evaluate_all(directions) == ["rtl", "ltr"]
    # Items begin where their words do.
    sides = """all => all.map(e => {
        const words = e.querySelector('.words').getBoundingClientRect();
        return words.left - e.getBoundingClientRect().left < 50 ? 'left' : 'right';
    })"""
    assert shown.page.locator(".items .item").evaluate_all(sides) == ["right", "left"]


def test_one_long_word_does_not_widen_the_page(show: Opener) -> None:
    word = "W" * 600
    made = quoted(
        word,
        title=word,
        people=(word,),
        topics=(word,),
        results=(("decision", word),),
        meeting=meeting_of("other", places=(word,), date=MeetingDate(text=word, iso=None)),
    )
    named = {"outlet": word, "published": word}
    made = made.model_copy(update={"article": made.article.model_copy(update=named)})
    shown = show((made, word), (summary("other"), None), fragment="#made/a1")
    wide = "[document.documentElement, ...document.querySelectorAll('.summary, .article, #list')]"
    for width in (320, 900, 1280):
        shown.page.set_viewport_size({"width": width, "height": 800})
        assert shown.page.evaluate(f"{wide}.every(e => e.scrollWidth <= e.clientWidth)"), width
    # Of no kind: nothing stands before the first dot.
    assert not shown.text("#view .event").startswith("·")


@pytest.mark.timed
def test_five_hundred_open_at_once(show: Opener, tmp_path: Path) -> None:
    paragraph = "They discussed fishing rights in the waters north of the islands, at length. " * 5
    long = TEXT + f"\n\n{paragraph}" * 8
    records = [one(long, id_=f"n{number}", title=f"Meeting {number}") for number in range(500)]
    path = tmp_path / "many.html"
    path.write_text(page_of(*records), encoding="utf-8")
    shown = show((summary("warm"), None))
    started = time.perf_counter()
    shown.page.goto(path.as_uri())
    shown.page.locator(".text mark").first.wait_for()
    assert time.perf_counter() - started < 2
    searching = """words => {
        const search = document.getElementById('search'), started = performance.now();
        search.value = words;
        search.dispatchEvent(new Event('input'));
        document.body.offsetHeight;
        return performance.now() - started;
    }"""
    shown.page.evaluate(searching, "warm")
    assert shown.page.evaluate(searching, "meeting 499") < 200
    assert shown.texts("#entries .title") == ["Meeting 499"]


# Other screens, and paper


def test_on_a_phone(show: Opener) -> None:
    shown = show(*several(), width=390, height=844)
    assert shown.page.locator("#view").is_hidden()
    shown.open(0)
    assert shown.page.locator("#list").is_hidden()
    boxes = [shown.page.locator(pane).bounding_box() for pane in (".summary", ".article")]
    assert all(boxes)
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
    shown.item("o1").click()
    assert shown.in_sight("mark.now")
    assert shown.texts(".bar .told .words") == shown.texts('.item[data-id="o1"] .words')
    shown.page.get_by_text("Show item").click()
    assert shown.in_sight(".item.chosen")
    assert shown.page.evaluate("document.documentElement.scrollWidth") == 390
    shown.page.get_by_text("All articles").click()
    shown.page.locator("#list").wait_for(state="visible")


def test_a_tap_on_a_phone_stays_in_the_text(show: Opener) -> None:
    width = 320
    text = "Lars Holm met Anna Keller in Bern. " * 60
    made = quoted(text, people=("Lars Holm", "Anna Keller"), topics=("Bern",))
    person = made.actors[0]
    again = person.quotes[0].model_copy(update={"start": 1050, "end": 1059})
    person = person.model_copy(update={"quotes": (*person.quotes, again)})
    made = made.model_copy(update={"actors": (person, *made.actors[1:])})
    shown = show((made, text), *several(), width=width, height=700, has_touch=True)
    shown.open(0)
    shown.page.evaluate("document.querySelectorAll('mark')[3].scrollIntoView({block: 'center'})")
    before = shown.page.evaluate("scrollY")
    shown.page.locator("mark").nth(3).tap()
    shown.page.locator(".bar").wait_for()
    assert shown.page.evaluate("scrollY") == before > 0
    assert shown.texts(".bar .told") == ["Lars Holm"]
    box = shown.page.locator(".bar").bounding_box()
    assert box
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, width, 700)
    assert shown.page.locator(".back").bounding_box()["y"] == 0
    inside = "e => [...e.children].every(c => c.getBoundingClientRect().right <= innerWidth)"
    assert shown.page.locator(".bar").evaluate(inside)
    assert shown.page.locator("#help").is_hidden()
    small = shown.page.locator(
        ".bar button:visible, .item[role=button], details > summary"
    ).evaluate_all(
        "all => matchMedia('(pointer: coarse)').matches"
        " ? all.filter(e => e.getBoundingClientRect().height < 44).length : 0"
    )
    assert small == 0


def test_on_paper_a_choice_does_not_show(show: Opener) -> None:
    made, text = one()
    topics = made.agenda_items
    made = made.model_copy(
        update={"agenda_items": (topics[0], topics[0].model_copy(update={"id": "g9"}), topics[1])}
    )
    shown = show((made, text))
    ground = "e => getComputedStyle(e).backgroundColor"
    shown.page.emulate_media(media="print")
    plain = shown.page.locator("mark.agenda").first.evaluate(ground)
    shown.page.emulate_media(media="screen")
    shown.item("g1").click()
    shown.page.emulate_media(media="print")
    assert shown.page.locator("mark.agenda.now").first.evaluate(ground) == plain
    assert shown.page.locator(".running").is_visible()
    # What two topics in a row rest on is said once.
    assert shown.page.locator(".agenda blockquote:visible").count() == 2


def test_on_paper_the_list_where_it_is_what_is_shown(show: Opener) -> None:
    shown = show(*several(), width=390)
    shown.page.emulate_media(media="print")
    assert shown.page.locator("#entries li:visible").count() == 4
    assert shown.page.locator("#search").is_hidden()
    shown.page.emulate_media(media="screen")
    shown.open(0)
    shown.page.emulate_media(media="print")
    assert shown.page.locator("#list").is_hidden()
    assert shown.page.locator(".article").is_visible()


def test_without_a_script_there_are_words(show: Opener) -> None:
    made = quoted(MARKUP, title=MARKUP, people=(MARKUP,))
    shown = show((made, MARKUP), failure("failed", message=MARKUP), java_script_enabled=False)
    assert "They met." in shown.texts("noscript li p")
    assert shown.texts("noscript h2")[1] == "failed"
    assert shown.page.locator("noscript h2").last.is_visible()
    assert shown.page.locator("noscript :is(script, img, svg, iframe, style, a)").count() == 0
    assert shown.page.locator("#help").is_hidden()
    assert len(shown.asked) == 1


def test_on_paper_everything_is_unfolded(show: Opener) -> None:
    shown = show(one(unsupported=("made up",)))
    shown.page.emulate_media(media="print")
    shown.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for seen in (".unsupported .reason", ".provenance dd", ".outcomes .quotes", ".text"):
        assert shown.page.locator(seen).first.is_visible(), seen
    assert shown.page.locator("#help").is_hidden()
    tall = "e => e.scrollHeight <= e.clientHeight + 1"
    assert shown.page.locator(".article").evaluate(tall)
    assert shown.page.locator(".summary").evaluate(tall)
    shown.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert shown.page.locator("details[open]").count() == 0
