"""Which words for a meeting may mean another one than the meeting that the article is about."""

from __future__ import annotations

import pytest

from summarize.article.article import Article
from summarize.evidence.features import Context
from summarize.evidence.other_meetings import (
    MeetingMention,
    by_sentence,
    meeting_mentions,
    words_of_language,
)

LEAD = (
    "BERN — Ministers met in Bern on 3 March 2025. They discussed fish. The weather was fine.\n\n"
)


def mentions_of(text: str) -> tuple[Context, list[MeetingMention]]:
    context = Context(Article(text, id="x").reading)
    return context, meeting_mentions(context, (), words_of_language())


@pytest.mark.parametrize(
    ("sentence", "word", "features"),
    [
        ("The talks centred on fish.", "talks", {"the one"}),
        ("It follows a meeting in June.", "meeting", {"a one", "far"}),
        ("At their last meeting they quarrelled.", "meeting", {"last one", "past near"}),
        ("They agreed on the next round.", "round", {"next one", "future near"}),
        ("They will meet again in May.", "meet", {"ahead", "far"}),
        ("The ministers met on Monday.", "met", {"news"}),
        ("They met on 3 March 2025.", "met", {"year"}),
    ],
)
def test_what_is_said_of_a_meeting(sentence: str, word: str, features: set[str]):
    context, mentions = mentions_of(LEAD + sentence)
    found = next(one for one in reversed(mentions) if context.text(one.span) == word)
    said = {name for name, value in found.features.items() if value}
    assert features <= said
    assert ("far" in features) == ("far" in said)


def test_a_sentence_is_as_likely_as_its_likeliest_word():
    context, mentions = mentions_of(LEAD + "The talks follow a meeting in June.")
    assert [context.text(mention.span) for mention in mentions] == ["met", "talks", "meeting"]
    assert by_sentence(context, mentions, (0.1, 0.2, 0.3)) == [0.1, 0.0, 0.0, 0.3]


def test_a_sentence_of_a_thousand_meetings_is_not_read_to_its_end():
    _, mentions = mentions_of("meeting last year and " * 1000 + "so on.")
    assert 0 < len(mentions) < 100
