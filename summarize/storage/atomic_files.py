"""Files that appear in their place whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(part: Path, path: Path) -> None:
    """Moves a written file to its place on the same disk, over what is there.

    No power cut undoes it afterwards. Raises an OSError where it cannot be moved.
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
