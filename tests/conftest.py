"""What holds for all tests."""

from __future__ import annotations

import signal

# A program that was started in the background ignores Ctrl-C, and so do those that it starts; tests
# stop commands with it.
signal.signal(signal.SIGINT, signal.default_int_handler)
