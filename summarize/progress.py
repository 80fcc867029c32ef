"""Progress of a run, as values that a caller can show or ignore."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["assembling", "loading", "reading", "writing", "waiting", "adapting"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a stage.

    Attributes:
        stage: what is being done: the embedded model's weights are assembled and loaded; the model
            is reading the prompt or writing its answer; the run is waiting for an endpoint that
            asked to slow down; or requests are made in another way from now on, which is said once.
        done: how much is done, in `unit`.
        total: how much there is to do, or None where nobody knows.
        unit: what `done` and `total` count.
        note: a few words more, such as the reason for waiting.
    """

    stage: Stage
    done: float = 0
    total: float | None = None
    unit: Literal["bytes", "tokens", "seconds"] = "tokens"
    note: str = ""


ProgressCallback = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A callback that shows nothing."""
