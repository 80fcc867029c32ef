"""Files that are in their place for good, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["replace_file"]


def replace_file(part: Path, path: Path) -> None:
    """Moves a file that is written to its place; when it returns, no power cut takes it back.

    Args:
        part: the file, on the same disk.
        path: where it goes, over what is there.

    Raises:
        OSError: it cannot be moved.
    """
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(path)
    # The name is of the folder. Windows opens none, and keeps names by itself.
    if os.name != "nt":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
