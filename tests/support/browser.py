"""Pages in Chromium, for the tests of them; see also the fixture `chromium`.

They need Chromium: `apt-get install chromium`, or the path of one in CHROMIUM. Where playwright is
not installed, the tests of a module that imports this one are skipped.
"""

from __future__ import annotations

import os
import shutil

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: the extra dev")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")

# The `pytestmark` of a module.
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None, reason="needs Chromium: apt-get install chromium, or CHROMIUM=its path"
    ),
]


class BrowserPage:
    """A page in a browser, and what it has complained of."""

    def __init__(self, page: sync_api.Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> str:
        """The text of what has the focus."""
        return str(self.page.evaluate("document.activeElement.innerText"))
