"""Makes report.png, the picture in the README: the seeds' report, replayed, as a browser shows it.

python docs/screenshot.py

Needs Chromium and the extra `dev`. With `--all FOLDER` it puts pictures of other widths and of dark
screens there, for whoever changes the page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "report.png"
SHOWN = "004_6cd281ebbed1be5a"


def main() -> None:
    """Takes the picture, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", metavar="FOLDER", type=Path, help="other widths, and dark")
    options = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no chromium: install it, or say where it is with CHROMIUM")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = made(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium)
        if options.all is None:
            picture(browser, page, PICTURE, item="g3")
            print(f"{PICTURE}: {PICTURE.stat().st_size // 1000} kB")
            return
        options.all.mkdir(parents=True, exist_ok=True)
        for width, height in ((1280, 800), (390, 844), (900, 700)):
            for scheme in ("light", "dark"):
                name = options.all / f"{width}-{scheme}.png"
                picture(browser, page, name, item="o2", width=width, height=height, scheme=scheme)


def made(folder: Path) -> Path:
    """The report of the seeds."""
    seeds = sorted(map(str, (ROOT / "seeds").glob("*.txt")))
    page = folder / "report.html"
    command = [sys.executable, "-m", "summarize", "article", *seeds, "--model", "local"]
    subprocess.run([*command, "--replay", "cassettes", "-o", page], cwd=ROOT, check=True)
    return page


def picture(
    browser: Browser,
    page: Path,
    name: Path,
    *,
    item: str,
    width: int = 1280,
    height: int = 860,
    scheme: str = "light",
) -> None:
    """Takes one picture, of an item and its quote."""
    view = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    view.goto(f"{page.as_uri()}#{SHOWN}/{item}")
    view.locator("mark.now").first.wait_for()
    view.screenshot(path=name)
    view.close()


if __name__ == "__main__":
    main()
