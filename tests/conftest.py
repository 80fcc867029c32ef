"""What every test leaves as it was."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """A command run in this process ends deaf to Ctrl-C, and so would what later tests start."""
    yield
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.unfreeze()
