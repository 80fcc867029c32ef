"""The model that a command line asks for."""

from __future__ import annotations

import argparse

from summarize.models import ModelSettings, choose_model


def settings_of(options: argparse.Namespace) -> ModelSettings:
    """Returns the settings of the model that the options name.

    Raises:
        ConfigurationError: they name none.
    """
    return choose_model(
        options.model,
        base_url=options.base_url,
        timeout=options.timeout,
        strategy=options.strategy,
        min_confidence=options.min_confidence,
        options=dict(options.option),
    )
