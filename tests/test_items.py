"""Items: what is reported once, whatever the number of places that say it."""

from __future__ import annotations

import pytest

from summarize.items import Found, Item, Items, overlap, stems_of
from summarize.reading import Sentence, Span


def sentences(*texts: str) -> tuple[str, list[Sentence]]:
    """A text of sentences, and where each stands."""
    found, start = [], 0
    for text in texts:
        found.append(Sentence(Span(start, start + len(text)), is_title=False))
        start += len(text) + 1
    return " ".join(texts), found


def items_of(*said: tuple[str, str]) -> list[Item]:
    """The items of words, each in a sentence of its own, in the order given."""
    text, places = sentences(*(sentence for _, sentence in said))
    items = Items()
    for (words, _), place in zip(said, places, strict=True):
        start = text.index(words, place.span.start)
        items.add(Found(words, Span(start, start + len(words)), place))
    assert len(items) == len(list(items))
    return list(items)


def test_the_same_topic_in_two_sentences_is_one_with_both() -> None:
    (item,) = items_of(
        ("a rail tunnel", "They discussed a rail tunnel."),
        ("the rail tunnel", "Keller praised the rail tunnel."),
    )
    assert item.first.words == "a rail tunnel"
    assert len(item.sentences) == len(item.spans) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the fight against terrorism", "combating terrorist groups"),
        ("border security", "security of the border and customs"),
        ("bilateral ties", "bilateral relations"),
        ("the war in Sudan", "ending the Sudan war"),
    ],
)
def test_in_other_words_it_is_the_same(one: str, other: str) -> None:
    assert len(items_of((one, f"They discussed {one}."), (other, f"He raised {other}."))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("border security", "food security"),
        ("the situation in Libya", "the situation in Sudan"),
        ("cooperation in trade", "cooperation in energy"),
        ("visas", "air links"),
    ],
)
def test_words_that_every_topic_has_make_no_two_the_same(one: str, other: str) -> None:
    assert len(items_of((one, f"They discussed {one}."), (other, f"He raised {other}."))) == 2


def test_items_come_in_the_order_of_the_article() -> None:
    text, (first, second) = sentences("They discussed visas.", "He raised air links.")
    items = Items()
    for words, place in (("air links", second), ("visas", first)):
        start = text.index(words)
        items.add(Found(words, Span(start, start + len(words)), place))
    assert [item.first.words for item in items] == ["visas", "air links"]


def test_words_inside_an_item_are_that_item() -> None:
    text, (sentence,) = sentences("They discussed the rail tunnel under the lake.")
    items = Items()
    whole = "the rail tunnel under the lake"
    for words in (whole, "rail tunnel", "the lake"):
        start = text.index(words)
        items.add(Found(words, Span(start, start + len(words)), sentence))
    assert [item.first.words for item in items] == [whole]
    (item,) = items
    assert item.sentences == [sentence]


def test_said_twice_in_a_sentence_the_sentence_counts_once() -> None:
    (item,) = items_of(
        ("visas", "They discussed visas."),
        ("visas", "Keller said visas were dear and visas took long."),
    )
    assert len(item.sentences) == 2


@pytest.mark.parametrize(
    ("text", "says_it"),
    [
        ("Keller praised the tunnel for rail freight.", True),
        ("Keller praised the trains.", False),
        ("", False),
    ],
)
def test_a_sentence_that_says_an_item_too_is_one_of_its_own(text: str, says_it: bool) -> None:
    _, (first, other) = sentences("They discussed a rail tunnel.", text)
    items = Items()
    items.add(Found("a rail tunnel", Span(15, 28), first))
    for _ in range(2):
        items.also_in(other, text)
        items.also_in(first, "They discussed a rail tunnel.")
    (item,) = items
    assert item.sentences == ([first, other] if says_it else [first])


def test_nothing_is_in_an_empty_collection() -> None:
    items = Items()
    assert len(items) == 0
    assert not items.has(Span(0, 5))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Span(0, 10), Span(0, 10), True),
        (Span(0, 10), Span(4, 30), True),
        (Span(0, 10), Span(5, 30), False),
        (Span(0, 100), Span(40, 50), True),
        (Span(0, 10), Span(10, 20), False),
        (Span(0, 10), Span(50, 60), False),
    ],
)
def test_spans_are_the_same_words_if_the_shorter_one_mostly_is(
    one: Span, other: Span, same: bool
) -> None:
    assert overlap(one, other) == overlap(other, one) == same


def test_stems_are_of_any_spelling() -> None:
    assert stems_of("Türkiye’s TERRORISM") == stems_of("turkiye's terrorists")


def test_general_words_count_where_there_are_no_others() -> None:
    assert stems_of("the latest developments")
    assert not stems_of("the latest developments") & stems_of("developments in Gaza")
    assert stems_of("…") == frozenset()
