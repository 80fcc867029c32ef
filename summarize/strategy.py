"""How much is left to the model, and how much help it gets.

A small model misses much of what an article says in so many words, and gains nothing from being
asked again (docs/quality.md has the figures); a large one is asked again about what the article
does not have, and needs no such help. The prompts are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from summarize.draft import BriefDraft, Corrections, Draft, FullDraft, schema_hash

__all__ = ["ASSISTED", "DIRECT", "STRATEGIES", "Strategy", "strategy_for"]


@dataclass(frozen=True, slots=True)
class Strategy:
    """How a summary comes about.

    Attributes:
        name: as the user gives it.
        reads_along: what sentences of the article report by themselves joins what the model found.
        asks_again: the model is asked for the article's own words where it used others.
        draft: what it is asked to fill.
    """

    name: str
    reads_along: bool
    asks_again: bool
    draft: type[Draft]

    @property
    def schema(self) -> str:
        """The hash of all that the model is asked to fill, under this name."""
        forms = (self.draft, Corrections) if self.asks_again else (self.draft,)
        return schema_hash(*forms, name=self.name)


ASSISTED = Strategy("assisted", reads_along=True, asks_again=False, draft=BriefDraft)
DIRECT = Strategy("direct", reads_along=False, asks_again=True, draft=FullDraft)
STRATEGIES = {strategy.name: strategy for strategy in (ASSISTED, DIRECT)}

# Billions of parameters in a model's name: "llama3.1:8b", "Qwen2.5-Coder-1.5B-Instruct".
_SIZE = re.compile(r"(?i)(?<![\w.])e?(\d+(?:\.\d+)?)([bm])(?![a-z])")
# The largest for which help is worth its mistakes. Only the embedded one was measured.
_SMALL = 8.0


def strategy_for(model: str) -> Strategy:
    """The strategy for a model of this name: "local", "ollama/llama3.2:3b", "openai/gpt-5.4"."""
    if model == "local" or model.startswith("local:"):
        return ASSISTED
    sizes = [float(size) / (1000 if unit in "mM" else 1) for size, unit in _SIZE.findall(model)]
    return ASSISTED if sizes and max(sizes) <= _SMALL else DIRECT
