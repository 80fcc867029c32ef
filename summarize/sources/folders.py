"""The files below a folder, or those that a pattern names, without holding more than a folder."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple, Self, TypeAlias

from summarize.sources.articles import PAGE_SUFFIXES
from summarize.sources.utf8 import display_name

__all__ = ["Tree", "Unreadable"]

# The parts of a path; `**` stands for any number of folders.
_Pattern: TypeAlias = tuple[str, ...]
_MAGIC = re.compile(r"[*?[]")


class Unreadable(NamedTuple):
    """A folder that cannot be looked into."""

    path: Path
    error: OSError


class _Folder(NamedTuple):
    """A folder to look into, and the patterns that what is in it may fit."""

    path: str
    patterns: frozenset[_Pattern]


@dataclass(frozen=True, slots=True)
class Tree:
    """The files below a folder that fit a pattern, and have one of the endings if any are given."""

    folder: str
    pattern: _Pattern
    endings: frozenset[str] = frozenset()

    @classmethod
    def matching(cls, path: str) -> Self | None:
        """The files that a pattern names; None if it is none."""
        if not _MAGIC.search(path):
            return None
        parts = Path(path).parts
        plain = next(number for number, part in enumerate(parts) if _MAGIC.search(part))
        folder = str(Path(*parts[:plain])) if plain else ""
        return cls(folder, parts[plain:] + (("*",) if parts[-1] == "**" else ()))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing, as when there is no such folder."""
        is_there = _holds(Path(self.folder).is_dir)
        return not is_there or next(self.files(lambda _: None), None) is None

    def files(self, skipped: Callable[[str], None]) -> Iterator[Path | Unreadable]:
        """The files, in the order of their names, folder by folder; `skipped` is told of others.

        Where endings are given, a folder that a browser saved with a page is no place for articles.
        """
        left_out: Counter[str] = Counter()
        entered = set()
        waiting: list[str | _Folder] = [_Folder(self.folder, frozenset({self.pattern}))]
        while waiting:
            found = waiting.pop()
            if isinstance(found, str):
                yield Path(found)
                continue
            try:
                status = Path(found.path).stat()
                key = (status.st_dev, status.st_ino, found.patterns)
                # A link may lead back to a folder above it.
                if key not in entered:
                    entered.add(key)
                    waiting += sorted(self._inside(found, left_out), key=_path_of, reverse=True)
            except OSError as error:
                yield Unreadable(Path(found.path), error)
        # Who wrote a pattern knows what it leaves out.
        if left_out and self.endings:
            skipped(_told_of(self.folder, left_out))

    def takes(self, path: Path) -> bool:
        """Whether a file of this path would be among them, if it were there."""
        place, folder = path.resolve(), Path(self.folder).resolve()
        if folder not in place.parents or not self._takes_ending(place.name):
            return False
        patterns = {self.pattern}
        for part in place.relative_to(folder).parts:
            patterns = {rest for pattern in patterns if pattern for rest in _rests(pattern, part)}
        return () in patterns

    def _takes_ending(self, name: str) -> bool:
        return not self.endings or Path(name).suffix.lower() in self.endings

    def _inside(self, folder: _Folder, left_out: Counter[str]) -> Iterator[str | _Folder]:
        with os.scandir(folder.path or os.curdir) as scanned:
            entries = list(scanned)
        names = {entry.name for entry in entries}
        for entry in entries:
            path = entry.path if folder.path else entry.name
            rests = {rest for one in folder.patterns for rest in _rests(one, entry.name)}
            if _holds(entry.is_dir):
                if self.endings and _is_of_page(entry.name, names):
                    left_out["saved with a page"] += 1
                elif below := frozenset(rests - {()}):
                    yield _Folder(path, below)
            elif why := self._why_not(entry, fits=() in rests):
                left_out[why] += 1
            else:
                yield path

    def _why_not(self, entry: os.DirEntry[str], *, fits: bool) -> str:
        """Why a file is left out; empty if it is not."""
        if not fits:
            return "hidden"
        # What is no regular file may have no end.
        if not _holds(entry.is_file):
            return "no regular file"
        if self._takes_ending(entry.name):
            return ""
        return display_name(Path(entry.name).suffix.lower()) or "no ending"


# What browsers add to the name of a page for the folder of all that it shows, frames and ads too.
_OF_PAGE = "_files"


def _is_of_page(folder: str, names: Collection[str]) -> bool:
    """Whether a folder is what a browser saved beside a page of that name."""
    page = folder.removesuffix(_OF_PAGE)
    return page != folder and any(f"{page}{ending}" in names for ending in PAGE_SUFFIXES)


def _path_of(found: str | _Folder) -> str:
    return found if isinstance(found, str) else found.path


def _rests(pattern: _Pattern, name: str) -> Iterator[_Pattern]:
    """What is left of a pattern below a name; nothing is left below the last part.

    Parts that stand for other names do not stand for hidden ones.
    """
    part, rest = pattern[0], pattern[1:]
    if part == "**":
        if not name.startswith("."):
            yield pattern
        yield from _rests(rest, name)
    elif fnmatch(name, part) and (part.startswith(".") or not name.startswith(".")):
        yield rest


def _holds(check: Callable[[], bool]) -> bool:
    """Whether it is so; a link that leads to itself is nothing."""
    try:
        return check()
    except OSError:
        return False


# Endings that a line names.
_MAX_ENDINGS = 5


def _told_of(folder: str, left_out: Counter[str]) -> str:
    total = left_out.total()
    named = sorted(left_out)
    more = [] if len(named) <= _MAX_ENDINGS else ["…"]
    kinds = ", ".join(named[:_MAX_ENDINGS] + more)
    return f"{display_name(folder)}: {total} file{'s' * (total != 1)} skipped ({kinds})"
