"""Recorded requests, replayed without a network.

In: a folder. Out: a patched network for the length of a run, which records to the folder or answers
from it.
"""

from summarize.errors import CassetteMissError

__all__ = ["find_miss"]


def find_miss(error: BaseException | None) -> CassetteMissError | None:
    """Returns the miss behind an error that a client raised; None if it has another cause."""
    # An error that is raised again while it is handled may stand behind itself, so the walk ends.
    for _ in range(100):
        if error is None or isinstance(error, CassetteMissError):
            return error
        error = error.__cause__ or error.__context__
    return None
