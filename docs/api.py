"""Writes the documentation of the Python API as HTML, from its docstrings.

python docs/api.py FOLDER
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import pdoc

import summarize


def main() -> None:
    """Writes the pages; a name that cannot be documented is an error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    # pdoc sees what has been imported, and the package imports its names when they are asked for.
    for name in summarize.__all__:
        setattr(summarize, name, getattr(summarize, name))
    warnings.filterwarnings("error", message="Found .* in .*__all__")
    # pdoc cannot see where the keys of a TypedDict come from, and shows them all the same.
    warnings.filterwarnings("ignore", message="Cannot determine where")
    pdoc.render.configure(docformat="google")
    pdoc.pdoc("summarize", output_directory=options.folder)


if __name__ == "__main__":
    main()
