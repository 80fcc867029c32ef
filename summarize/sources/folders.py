"""The files below a folder, or those that a pattern names; only the names in a folder are held."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Self

from summarize.sources.articles import PAGE_SUFFIXES
from summarize.sources.decoding import display_name

# Suffixes that a message names.
_MAX_SUFFIXES = 5


@dataclass(frozen=True)
class FileTree:
    """The files below a folder whose paths from there fit a pattern.

    Attributes:
        folder: its path.
        pattern: the parts of a pattern as of a shell; `**` stands for any number of folders.
        suffixes: of the files; empty for any.
    """

    folder: Path
    pattern: tuple[str, ...] = ("**", "*")
    suffixes: frozenset[str] = frozenset()

    @classmethod
    def matching(cls, path: str) -> Self | None:
        """Returns the files that a pattern names; None if it is none."""
        parts = Path(path).parts
        plain = next((n for n, part in enumerate(parts) if re.search(r"[*?[]", part)), None)
        if plain is None:
            return None
        return cls(Path(*parts[:plain]), parts[plain:] + ("*",) * (parts[-1] == "**"))

    @property
    def is_empty(self) -> bool:
        """Whether there is no file; a folder that cannot be looked into may have some."""
        return not self.folder.is_dir() or next(self.files(lambda _: None), None) is None

    def takes(self, path: Path) -> bool:
        """Whether a file of this path would be among them, if it were there."""
        place, folder = path.resolve(), self.folder.resolve()
        is_other = self.suffixes and _suffix(path.name) not in self.suffixes
        if is_other or folder not in place.parents:
            return False
        return _fits(self.pattern, place.relative_to(folder).parts)

    def files(self, on_skipped: Callable[[str], None]) -> Iterator[Path]:
        """Yields the files in the order of their names, and folders that cannot be looked into.

        Hidden ones are left out, unless the pattern names them. Where suffixes are given, so is
        what a browser saved with a page, and `on_skipped` gets a message on what is left out.
        """
        skipped: Counter[str] = Counter()
        yield from self._below((), set(), skipped)
        # Who wrote a pattern knows what it leaves out.
        if skipped and self.suffixes:
            kinds = sorted(skipped)
            named = ", ".join(kinds[:_MAX_SUFFIXES] + ["…"] * (len(kinds) > _MAX_SUFFIXES))
            files = "1 file" if skipped.total() == 1 else f"{skipped.total()} files"
            on_skipped(f"{display_name(self.folder)}: {files} skipped ({named})")

    def _below(
        self, parts: tuple[str, ...], entered: set[tuple[int, int]], skipped: Counter[str]
    ) -> Iterator[Path]:
        folder = self.folder.joinpath(*parts)
        try:
            status = folder.stat()
            names = sorted(path.name for path in folder.iterdir())
        except OSError:
            yield folder
            return
        # A link may lead back to a folder above it.
        if (status.st_dev, status.st_ino) in entered:
            return
        entered.add((status.st_dev, status.st_ino))
        pages = {Path(name).stem for name in names if _suffix(name) in PAGE_SUFFIXES}
        for name in names:
            inner, path = (*parts, name), folder / name
            if _is(path.is_dir, otherwise=False):
                # What a browser saved with a page: all that the page shows, frames and ads too.
                if self.suffixes and name.endswith("_files") and name[:-6] in pages:
                    skipped["saved with a page"] += 1
                elif self._enters(inner):
                    yield from self._below(inner, entered, skipped)
            elif not _fits(self.pattern, inner):
                skipped["hidden"] += 1
            # What is no regular file, such as a pipe, may have no end.
            elif not _is(path.is_file, otherwise=True):
                skipped["no regular file"] += 1
            elif self.suffixes and _suffix(name) not in self.suffixes:
                skipped[display_name(_suffix(name)) or "no ending"] += 1
            else:
                yield path

    def _enters(self, parts: Sequence[str]) -> bool:
        """Whether a folder is looked into."""
        if "**" not in self.pattern and len(parts) >= len(self.pattern):
            return False
        return not parts[-1].startswith(".") or any(one.startswith(".") for one in self.pattern)


def _is(check: Callable[[], bool], *, otherwise: bool) -> bool:
    """Returns what a check says, or else what is taken for it in a folder that lists it only.

    A file there is taken for one, so that whoever reads it says that it cannot be read.
    """
    try:
        return check()
    except OSError:
        return otherwise


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()


def _fits(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a path fits a pattern, part by part; hidden names have to be asked for."""
    if not pattern or not parts:
        return not pattern and not parts
    is_hidden = parts[0].startswith(".") and not pattern[0].startswith(".")
    if pattern[0] == "**":
        return _fits(pattern[1:], parts) or (not is_hidden and _fits(pattern, parts[1:]))
    return fnmatch(parts[0], pattern[0]) and not is_hidden and _fits(pattern[1:], parts[1:])
