"""How much is left to the model, and how much of what it says is weighed.

A small model takes background for news and overlooks what is said in so many words, and gains
nothing from being asked again (docs/quality.md has the figures): what it says is weighed by what
was learned of annotated articles. A large one is asked again about what the article does not have;
for the rest its word stands.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cache

from summarize.prompting.draft import BriefDraft, Corrections, Draft, FullDraft

__all__ = ["ASSISTED", "DIRECT", "STRATEGIES", "EvidenceFile", "Strategy", "strategy_for"]


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """What `summarize learn` wrote.

    Attributes:
        path: of the file, for the user.
        content: JSON; goes along to other processes and machines.
    """

    path: str
    content: str = field(repr=False)

    @property
    def hash(self) -> str:
        """Of the content."""
        return hashlib.sha256(self.content.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Strategy:
    """How a summary comes about.

    Attributes:
        name: as the user gives it.
        weighs: items are reported by their probability, and those of the article join them;
            otherwise the model is asked for the article's own words where it used others.
        draft: what it is asked to fill.
        min_confidence: from which on an item is reported; None for where the F1 was best.
        evidence: the user's own evidence file; None for what the package learned.
    """

    name: str
    weighs: bool
    draft: type[Draft]
    min_confidence: float | None = None
    evidence: EvidenceFile | None = None

    @property
    def schema(self) -> str:
        """The hash of all that the model is asked to fill, and of what its answer is weighed by."""
        return _schema_hash(self)


@cache
def _schema_hash(strategy: Strategy) -> str:
    least = "" if strategy.min_confidence is None else f" {strategy.min_confidence:g}"
    evidence = f" evidence {strategy.evidence.hash}" if strategy.evidence else ""
    forms = (strategy.draft,) if strategy.weighs else (strategy.draft, Corrections)
    schemas = [f"{strategy.name}{least}{evidence}", *(form.model_json_schema() for form in forms)]
    canonical = json.dumps(schemas, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


ASSISTED = Strategy("assisted", weighs=True, draft=BriefDraft)
DIRECT = Strategy("direct", weighs=False, draft=FullDraft)
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
