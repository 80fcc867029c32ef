"""Who takes part in a benchmark, and on which machine: what the benchmarks share."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec

__all__ = ["Machine", "installed", "names_among"]


@dataclass(frozen=True)
class Machine:
    """Where it is measured, and with what."""

    cores: int
    memory_gb: float
    versions: dict[str, str]

    @classmethod
    def here(cls, packages: Iterable[str]) -> Machine:
        """The one this runs on, with those of the packages that are installed."""
        versions = {name: version(name) for name in packages if find_spec(name)}
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        python = {"Python": platform.python_version()}
        return cls(os.cpu_count() or 0, memory / 1e9, python | versions)

    def __str__(self) -> str:
        versions = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return f"{self.cores} cores, {self.memory_gb:.0f} GB of memory; {versions}."


def installed(names: Sequence[str]) -> list[str]:
    """The contestants that are there; says which are not."""
    missing = [name for name in names if find_spec(name) is None]
    for name in missing:
        print(f"{name} is left out: pip install -e '.[bench]' brings it", file=sys.stderr)
    return [name for name in names if name not in missing]


def names_among(known: Collection[str]) -> Callable[[str], list[str]]:
    """Reads an option's value: contestants, with commas between."""

    def read(text: str) -> list[str]:
        names = text.split(",")
        if unknown := set(names) - set(known):
            told = ", ".join(sorted(unknown))
            raise argparse.ArgumentTypeError(f"no contestant is called {told}")
        return names

    return read
