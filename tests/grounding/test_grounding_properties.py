"""Whatever a model says of whatever text, every quote is the article's own."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from summarize.article.article import Article
from summarize.evidence.assisted import AssistedGrounding
from summarize.grounding.direct import DirectGrounding
from summarize.grounding.grounded import Grounded
from summarize.grounding.matching import fold
from summarize.prompting.draft import Draft, DraftOutcome, DraftPerson
from summarize.schema import AgendaItem

SEEDS = [
    path.read_bytes().decode("utf-8")
    for path in sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))
]
SENTENCES = sorted(
    {
        article.reading.text[s.span.start : s.span.end]
        for article in map(Article.of, SEEDS)
        for s in article.reading.sentences
    }
)
PROPERTY = settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])

ANY_CHARACTER = st.characters(exclude_categories=["Cs"])
NOISE = st.one_of(
    st.text(ANY_CHARACTER, max_size=15),
    st.sampled_from(["\u0301", "\u200b", "\u202e", "\xa0", "\r\n", "\n\n", "\u2028", "</article>"]),
    st.sampled_from(["2024-03-05\n", "By Jane Doe, 5 March 2024\n", "(Reuters)", "U.S. ", "MİT"]),
)
SHUFFLED = st.lists(
    st.one_of(st.sampled_from(SENTENCES), st.sampled_from(SENTENCES), NOISE), max_size=12
).flatmap(
    lambda parts: st.sampled_from([" ", "\n", "\n\n", "\r\n\r\n", ""]).map(
        lambda mark: mark.join(parts)
    )
)
TEXTS = st.one_of(st.sampled_from(SEEDS), SHUFFLED, SHUFFLED, st.text(ANY_CHARACTER, max_size=300))
SPELLINGS = st.sampled_from(
    [
        str,
        str.upper,
        str.lower,
        str.title,
        lambda value: unicodedata.normalize("NFD", value),
        lambda value: unicodedata.normalize("NFKC", value),
        lambda value: value.replace("’", "'").replace(" ", "\u00a0"),
        lambda value: value[:-1],
        lambda value: value[1:],
        lambda value: f"the {value}, and others",
    ]
)
INVENTED = st.one_of(
    st.sampled_from(
        "| |,|()|the|President|Prime Minister of Norway|Jane Doe|Turkey|US|us|U.S.|and|Al-|bin"
        "|Kalın and Fidan|Ankara, Doha|Sept. 17|March 23-25|yesterday|99999999999 days ago|Monday"
        "|31 February|the PKK|intelligence|\u0301|-|MİT chief|agreed to meet|İİİİİİİİİ|(MİT|’s"
        "".split("|")
    ),
    st.text(ANY_CHARACTER, max_size=20),
)
EVENTS = st.sampled_from(["visit", "talks", "call", "summit", "agreement", "other", "none"])
KINDS = st.sampled_from(["agreement", "commitment", "decision", "statement", "follow_up"])


@st.composite
def values(draw, text: str) -> str:
    """Words of a text, re-spelled or cut, or words it does not have."""
    pieces = text.split()
    if not pieces or draw(st.integers(0, 3)) == 0:
        return draw(INVENTED)
    start = draw(st.integers(0, len(pieces) - 1))
    size = draw(st.integers(1, 12))
    return draw(SPELLINGS)(" ".join(pieces[start : start + size]))


# Sentences that report, and pieces that they are made of, in any order.
PIECES = st.sampled_from(
    """
    Kalın Fidan|İbrahim Kalın|The two sides|they|He|The agreement|It|the Turkish minister|Iran
    discussed|agreed to|signed|stressed|promised to|did not|focused on|was on the agenda|reviewed
    met|held talks with|Last year|Following|visas|border security|the price of gas|and|,|;|:|–
    such an accord|between|as well as|including|said|“|”|"|’s|(MİT)|members of|the PKK|in Ankara
    on Monday|. He|.\n\n|\n|. They|, and agreed|, which|while|that|not|never|condolences
    \u0301|İ|ﬁ|½
    """.replace("\n    ", "|")
    .strip("|")
    .split("|")
)
MET = "Talks in Ankara\n\nTurkish minister Hakan Fidan met İbrahim Kalın."
# So much of it that any text is taken for English.
PROSE = "The lake is in the north of the town, and to the west of it is a wood. " * 20
REPORTS = st.lists(PIECES, min_size=3, max_size=40).map(
    lambda pieces: f"{MET} {' '.join(pieces)}.\n\n{PROSE}"
)
NAMES = st.sampled_from(
    "Kalın|İbrahim Kalın|Ibrahim Kalin|Hulusi Akar|Hakan Fidan|Iraq|PKK|Erdoğan".split("|")
)
DATES = st.sampled_from(["Sept. 17", "sept 17", "Dec. 19, 2023", "December 8", "2019", "March 10"])
PLACES = st.sampled_from(["Damascus", "Baghdad", "BAGHDAD, Iraq", "Ankara", "Tehran", "Iran"])


@st.composite
def cases(draw) -> tuple[Article, Draft]:
    text = draw(TEXTS)
    said = values(text)
    person = st.builds(DraftPerson, role=said, name=st.one_of(NAMES, said))
    draft = Draft(
        event=draw(EVENTS),
        place=draw(st.one_of(PLACES, said)),
        date=draw(st.one_of(DATES, said)),
        participants=draw(st.lists(person, max_size=4)),
        topics=draw(st.lists(said, max_size=4)),
        outcomes=draw(st.lists(st.builds(DraftOutcome, kind=KINDS, text=said), max_size=4)),
    )
    published = draw(
        st.sampled_from([None, "2024-03-05", "0001-01-01", "9999-12-31", "2024-13-45", "soon", ""])
    )
    return Article(text, id="x", published=published), draft


def ground(article: Article, draft: Draft, *, weighs: bool = True) -> Grounded:
    if weighs:
        return AssistedGrounding(article).ground(draft)
    grounding = DirectGrounding(article)
    for value in grounding.unfound(draft):
        assert value.strip()
    return grounding.ground(draft)


def check(article: Article, draft: Draft, *, weighs: bool = True) -> Grounded:
    grounded = ground(article, draft, weighs=weighs)
    items = (*grounded.meetings, *grounded.actors, *grounded.agenda_items, *grounded.outcomes)
    for item in items:
        assert item.quotes
        for quote in item.quotes:
            assert 0 <= quote.start < quote.end <= len(article.text)
            assert article.text[quote.start : quote.end] == quote.text
            assert quote.text.strip()
    ids = [item.id for item in items]
    assert len(set(ids)) == len(ids)
    actors = {actor.id for actor in grounded.actors}
    for outcome in grounded.outcomes:
        assert set(outcome.parties) <= actors
    if not grounded.is_meeting:
        assert grounded.agenda_items == ()
        assert grounded.outcomes == ()
        assert all(actor.part == "mentioned" for actor in grounded.actors)
    said = [(item.topic, item.quotes) for item in grounded.agenda_items]
    said += [(item.description, item.quotes) for item in grounded.outcomes]
    # A value can begin in one sentence and end in another, so it is looked for in the reading too.
    reading = " ".join(article.reading.text.split())
    for words, quotes in said:
        assert words.strip()
        quoted = fold(" ".join(quote.text for quote in quotes))
        assert words in reading or fold(words) in quoted
    for actor in grounded.actors:
        assert actor.name.strip()
        assert fold(actor.name) in fold(reading)
        assert actor.name not in actor.aliases
        assert all(fold(alias) in fold(reading) for alias in actor.aliases)
    for meeting in grounded.meetings:
        assert set(meeting.participants) <= actors
        assert all(p in reading or fold(p) in fold(reading) for p in meeting.places)
        assert meeting.date is None or fold(meeting.date.text) in fold(reading)
    meetings = {meeting.id for meeting in grounded.meetings}
    assert {i.meeting for i in (*grounded.agenda_items, *grounded.outcomes)} <= meetings
    return grounded


def draft_of(**fields) -> Draft:
    empty = {"event": "visit", "place": "", "date": "", "participants": []}
    return Draft.model_validate({**empty, "topics": [], "outcomes": [], **fields})


NOBODY = draft_of()


@PROPERTY
@example((Article("", id="x"), NOBODY))
@example((Article("0)0", id="x"), draft_of(participants=[{"role": "", "name": "0)"}])))
@example((Article(SEEDS[4], id="x"), draft_of(topics=[",", "."])))
@example((Article(SEEDS[4], id="x", published="9999-12-31"), draft_of(date="Sept. 17")))
@example((Article(SEEDS[4], id="x", published="2024-13-45"), draft_of(date="Sept. 17")))
@example((Article(SEEDS[1], id="x"), draft_of(participants=[{"role": "", "name": "Scottish"}])))
@given(cases())
def test_every_quote_is_the_articles_own(case):
    article, draft = case
    for weighs in (True, False):
        grounded = check(article, draft, weighs=weighs)
        if draft.event == "none" and not weighs:
            assert not grounded.is_meeting


def test_a_dated_visit_has_its_day_and_its_place():
    person = {"role": "", "name": "Kalın"}
    draft = draft_of(date="sept 17", place="DAMASCUS", participants=[person])
    assert check(Article(SEEDS[4], id="x"), draft).meetings[0].date is None
    draft = draft_of(date="Sept. 17", place="DAMASCUS", participants=[person])
    for published, iso in ((None, None), ("2025-09-18", "2025-09-17"), ("9999-12-31", None)):
        event = check(Article(SEEDS[4], id="x", published=published), draft).meetings[0]
        assert event.date is not None
        assert (event.date.text, event.date.iso) == ("Sept. 17", iso)
        assert fold(event.places[0]) == "damascus"


@PROPERTY
@given(st.sampled_from(SEEDS), st.data())
def test_a_seed_with_its_own_words_is_grounded(text, data):
    article = Article.of(text)
    sentence = data.draw(st.sampled_from(article.reading.sentences)).span
    words = article.reading.text[sentence.start : sentence.end]
    draft = draft_of(
        participants=[{"role": "", "name": data.draw(st.sampled_from(["Kalın", "Akar", "Fidan"]))}],
        topics=[words],
        outcomes=[{"kind": "statement", "text": words}],
    )
    grounded = check(article, draft, weighs=False)
    # What is not kept is set aside with a reason; nothing is lost.
    found = [item.topic for item in grounded.agenda_items]
    missing = [item.value for item in grounded.unsupported if item.field == "agenda_items"]
    assert len(found) + len(missing) == 1
    assert len(grounded.outcomes) + sum(u.field == "outcomes" for u in grounded.unsupported) == 1


@PROPERTY
@given(cases())
def test_grounding_is_repeatable(case):
    article, draft = case
    again = Article(article.text, id="x", published=article.published)
    assert ground(article, draft) == ground(again, draft)


MEETING = draft_of(
    participants=[{"role": "", "name": "Hakan Fidan"}, {"role": "", "name": "İbrahim Kalın"}]
)


def words_of(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


@PROPERTY
@given(REPORTS)
def test_what_sentences_report_is_in_their_words(text):
    article = Article(text, id="x")
    grounded = check(article, MEETING)
    for item in (*grounded.agenda_items, *grounded.outcomes):
        words = item.topic if isinstance(item, AgendaItem) else item.description
        # A ligature of the article is read as its letters.
        assert words_of(words) in words_of(item.quotes[0].text)
        assert len(item.quotes) == 1
        assert any(map(str.isalnum, words))


# Seconds of computing, for what takes a tenth of it at most if the time grows with the length.
LIMIT = 2.0
HOSTILE = [
    "and ", "Fidan, ", "Aa Bb ", "Minister ", "“", "members of the PKK and ", "in Ankara ",
    "Fidan said “they agreed”, ", "Iran-Iraq ", "of the ", "İ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_sentence_without_end_costs_little(piece):
    body = (piece * 8_000)[:8_000]
    article = Article(f"{MET}\n\n{body}.\n\n{PROSE * 8}", id="x")
    began = time.process_time()
    check(article, MEETING)
    assert time.process_time() - began < LIMIT
