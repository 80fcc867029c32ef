"""The files below a folder, or those that a pattern names; only one folder's names are held."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple, Self

from summarize.sources.articles import PAGE_SUFFIXES
from summarize.sources.utf8 import display_name

__all__ = ["FileTree", "UnreadableFolder"]

_MAGIC = re.compile(r"[*?[]")
# What browsers add to the name of a page for the folder of all that it shows, frames and ads too.
_SAVED_WITH_PAGE = "_files"
# Suffixes that a message names.
_MAX_SUFFIXES = 5


class UnreadableFolder(NamedTuple):
    """A folder that cannot be looked into."""

    path: Path
    error: OSError


@dataclass(frozen=True)
class FileTree:
    """The files below a folder whose paths from there fit a pattern.

    Attributes:
        folder: its path.
        pattern: as of a shell, where `**` stands for any number of folders.
        suffixes: of the files; empty for any.
    """

    folder: Path
    pattern: str = "**/*"
    suffixes: frozenset[str] = frozenset()

    @classmethod
    def matching(cls, path: str) -> Self | None:
        """Returns the files that a pattern names; None if it is none."""
        if not _MAGIC.search(path):
            return None
        parts = Path(path).parts
        plain = next(number for number, part in enumerate(parts) if _MAGIC.search(part))
        pattern = "/".join(parts[plain:]) + ("/*" if parts[-1] == "**" else "")
        return cls(Path(*parts[:plain]), pattern)

    @property
    def is_empty(self) -> bool:
        """Whether there is no file; a folder that cannot be looked into may have some."""
        return not self.folder.is_dir() or next(self.files(lambda _: None), None) is None

    def files(self, on_skipped: Callable[[str], None]) -> Iterator[Path | UnreadableFolder]:
        """Yields the files in the order of their names, folder by folder.

        Hidden ones are left out, unless the pattern names them. Where suffixes are given, so is
        what a browser saved with a page, and `on_skipped` gets a message on what is left out.
        """
        left_out: Counter[str] = Counter()
        entered = set()
        waiting = [(Path(), True)]
        while waiting:
            below, is_folder = waiting.pop()
            path = self.folder / below
            if not is_folder:
                yield path
                continue
            try:
                status = path.stat()
                # A link may lead back to a folder above it.
                if (status.st_dev, status.st_ino) in entered:
                    continue
                entered.add((status.st_dev, status.st_ino))
                entries = sorted(os.scandir(path), key=lambda entry: entry.name, reverse=True)
            except OSError as error:
                yield UnreadableFolder(path, error)
                continue
            names = {entry.name for entry in entries}
            for entry in entries:
                is_folder = _holds(entry.is_dir)
                parts = (*below.parts, entry.name)
                if is_folder:
                    is_taken = self._enters(parts, names, left_out)
                else:
                    is_taken = self._takes_entry(parts, entry, left_out)
                if is_taken:
                    waiting.append((below / entry.name, is_folder))
        # Who wrote a pattern knows what it leaves out.
        if left_out and self.suffixes:
            on_skipped(_message(display_name(self.folder), left_out))

    def takes(self, path: Path) -> bool:
        """Whether a file of this path would be among them, if it were there."""
        place, folder = path.resolve(), self.folder.resolve()
        if folder not in place.parents or not self._has_suffix(place):
            return False
        return _fits(self._parts, place.relative_to(folder).parts)

    @property
    def _parts(self) -> list[str]:
        return self.pattern.split("/")

    def _has_suffix(self, path: Path) -> bool:
        return not self.suffixes or path.suffix.lower() in self.suffixes

    def _enters(self, parts: Sequence[str], names: Collection[str], left_out: Counter[str]) -> bool:
        """Whether a folder is looked into."""
        if "**" not in self._parts and len(parts) >= len(self._parts):
            return False
        if parts[-1].startswith(".") and not any(part.startswith(".") for part in self._parts):
            return False
        page = parts[-1].removesuffix(_SAVED_WITH_PAGE)
        is_named_so = self.suffixes and page != parts[-1]
        if is_named_so and any(f"{page}{suffix}" in names for suffix in PAGE_SUFFIXES):
            left_out["saved with a page"] += 1
            return False
        return True

    def _takes_entry(
        self, parts: Sequence[str], entry: os.DirEntry[str], left_out: Counter[str]
    ) -> bool:
        """Whether a file is one of the tree."""
        if not _fits(self._parts, parts):
            left_out["hidden"] += 1
        # What is no regular file, such as a pipe, may have no end.
        elif not _holds(entry.is_file):
            left_out["no regular file"] += 1
        elif not self._has_suffix(Path(entry.name)):
            left_out[display_name(Path(entry.name).suffix.lower()) or "no ending"] += 1
        else:
            return True
        return False


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except OSError:  # a link that leads to itself
        return False


def _fits(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a path fits a pattern, part by part; hidden names have to be asked for."""
    if not pattern or not parts:
        return not pattern and not parts
    is_hidden = parts[0].startswith(".") and not pattern[0].startswith(".")
    if pattern[0] == "**":
        return _fits(pattern[1:], parts) or (not is_hidden and _fits(pattern, parts[1:]))
    return fnmatch(parts[0], pattern[0]) and not is_hidden and _fits(pattern[1:], parts[1:])


def _message(folder: str, left_out: Counter[str]) -> str:
    total = left_out.total()
    named = sorted(left_out)
    more = [] if len(named) <= _MAX_SUFFIXES else ["…"]
    kinds = ", ".join(named[:_MAX_SUFFIXES] + more)
    return f"{folder}: {total} file{'s' * (total != 1)} skipped ({kinds})"
