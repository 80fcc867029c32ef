"""The words of topics, outcomes and quotes that carry their content."""

from __future__ import annotations

import re
from functools import lru_cache

from summarize.grounding.matching import fold

# Words that sentences about any meeting have.
_STOP_WORDS = frozenset(
    "the and for with from that this these those their its his her was were are has have had will"
    " would been being which who whom into over under between both also than more other about after"
    " before during through within among they them said say told added according met meet meeting"
    " meetings talks talk visit discussed discuss discussion held hold including issues issue two"
    " three countries country sides side parties minister ministers president foreign official"
    " officials government relations bilateral agreed agree agreement new".split()
)
_WORD = re.compile(r"\w{3,}")


@lru_cache(50_000)
def _content_words(text: str) -> frozenset[str]:
    words = _WORD.findall(fold(text).casefold())
    return frozenset(word.removesuffix("s") for word in words if word not in _STOP_WORDS)


def content_words(*texts: str) -> frozenset[str]:
    """Returns the words of texts that say what they are about, without plural endings."""
    return frozenset().union(*map(_content_words, texts))


def shingles(*texts: str) -> frozenset[tuple[str, ...]]:
    """Returns the runs of three words in texts."""
    found = set()
    for text in texts:
        words = _WORD.findall(fold(text).casefold())
        found |= {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}
    return frozenset(found)
