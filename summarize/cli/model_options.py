"""The options of a command line, as the Python calls take them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from summarize.models import CHOICE, ModelSettings, choose_model

# Templates, and the folder of a recording.
FILES = ("prompts", "record", "replay")


def taken(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """Returns the options with these names."""
    return {name: getattr(options, name) for name in names}


def settings_of(options: argparse.Namespace) -> ModelSettings:
    """Returns the model that the options name, or raises a SummarizeError."""
    return choose_model(**taken(options, CHOICE))
