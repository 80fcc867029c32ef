"""Makes the pictures of the report, the review and the dossier: the seeds, replayed, in a browser.

python docs/screenshot.py

Needs Chromium and the extra `dev`. With `--all FOLDER` it puts pictures of other widths and of dark
screens there, for whoever changes the page.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
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
        page, summaries = made(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium)
        if options.all is None:
            picture(browser, page, DOCS / "report.png", item="g3")
            # The review's decisions would change the dossier.
            dossier_pictures(browser, summaries, Path(folder))
            review_pictures(browser, summaries, DOCS)
            return
        options.all.mkdir(parents=True, exist_ok=True)
        for width, height in ((1280, 800), (390, 844), (900, 700)):
            for scheme in ("light", "dark"):
                name = options.all / f"{width}-{scheme}.png"
                picture(browser, page, name, item="o2", width=width, height=height, scheme=scheme)
        dossier_pictures(browser, summaries, Path(folder), options.all)


def made(folder: Path) -> tuple[Path, Path]:
    """The report of the seeds, and their summaries."""
    seeds = sorted(map(str, (ROOT / "seeds").glob("*.txt")))
    page, summaries = folder / "report.html", folder / "seeds.jsonl"
    command = [sys.executable, "-m", "summarize", "article", *seeds, "--model", "local"]
    subprocess.run([*command, "--replay", "cassettes", "-o", summaries], cwd=ROOT, check=True)
    command = [sys.executable, "-m", "summarize", "report", summaries, "-o", page]
    subprocess.run(command, cwd=ROOT, check=True)
    return page, summaries


def review_pictures(browser: Browser, summaries: Path, folder: Path) -> None:
    """Takes pictures of a review: some items decided about, and words that are selected."""
    command = [sys.executable, "-m", "summarize", "review", summaries, "--no-browser"]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        address = next(word for word in server.stderr.readline().split() if "://" in word)
        view = browser.new_page(
            viewport={"width": 1280, "height": 860}, reduced_motion="reduce", color_scheme="light"
        )
        view.goto(f"{address}#{SHOWN}")
        view.locator(".item.chosen").wait_for()
        for key in ("y", "y", "y", "x", "y"):
            view.keyboard.press(key)
        view.locator("body:not(.unsaved)").wait_for()
        view.screenshot(path=folder / "review.png")
        for key in ("a", "ArrowDown", "ArrowRight", *["ArrowRight"] * 2, "Shift+ArrowRight"):
            view.keyboard.press(key)
        view.screenshot(path=folder / "review-words.png")
        view.close()
    finally:
        server.terminate()
        server.communicate()


def dossier_pictures(
    browser: Browser, summaries: Path, folder: Path, pictures: Path | None = None
) -> None:
    """Takes two pictures of a dossier; with a folder of pictures, all widths and schemes there."""
    output = folder / "dossier"
    command = [sys.executable, "-m", "summarize", "dossier", summaries, "-o", output, "--quiet"]
    subprocess.run(command, cwd=ROOT, check=True)
    lines = (output / "meetings.jsonl").read_text(encoding="utf-8").splitlines()
    shown = next(m["id"] for m in map(json.loads, lines) if m["reports"][0]["article"] == SHOWN)
    fragments = {"list": "", "overview": "#overview", "meeting": f"#m/{shown}"}
    views = [
        ("dossier.png", 1280, "light", fragments["overview"]),
        ("dossier-phone.png", 390, "dark", fragments["meeting"]),
    ]
    if pictures:
        views = [
            (f"dossier-{name}-{width}-{scheme}.png", width, scheme, fragment)
            for name, fragment in fragments.items()
            for width in (1280, 390)
            for scheme in ("light", "dark")
        ]
    for name, width, scheme, fragment in views:
        view = browser.new_page(
            viewport={"width": width, "height": 860},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        view.goto(f"{(output / 'dossier.html').as_uri()}{fragment}")
        view.locator("#entries a").first.wait_for(state="attached")
        view.screenshot(path=(pictures or DOCS) / name)
        view.close()


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
