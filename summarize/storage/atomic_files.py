"""Files that appear in their place whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["replace_file"]


def replace_file(part: Path, path: Path) -> None:
    """Moves a written file to its place, over what is there; no power cut undoes it afterwards.

    Args:
        part: the file, on the same disk.
        path: where it goes.

    Raises:
        OSError: it cannot be moved.
    """
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(path)
    # The name is stored in the folder. Windows opens none, and stores names by itself.
    if os.name != "nt":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
