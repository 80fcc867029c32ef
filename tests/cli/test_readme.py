"""The README shows what the command really prints, and names only what there is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from summarize.cli.arguments import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# All pages that a user reads.
PAGES = "".join(
    path.read_text(encoding="utf-8")
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted(set((ROOT / "docs").glob("*.md")) - {ROOT / "docs" / "commands.md"}),
    )
)


def run(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "summarize", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **environment},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8")


def test_the_sample_is_what_the_recorded_answers_give():
    seed = "seeds/004_6cd281ebbed1be5a.txt"
    printed = run("article", seed, "--replay", "cassettes", "--model", "local", COLUMNS="88")
    # The last line tells the seconds of this run.
    sample, _, provenance = printed.rstrip().rpartition("\n\n")
    shown = README.partition("```text\n")[2].partition("\n…\n```")[0]
    assert "\nAgenda\n" in shown
    assert sample.startswith(shown)
    assert provenance.startswith("local/")


@pytest.mark.parametrize(
    ("extra", "command"),
    [
        ("local", ".venv/bin/summarize article seeds/004_6cd281ebbed1be5a.txt"),
        ("dev", ".venv/bin/pytest"),
    ],
)
def test_the_two_commands_stand_on_lines_of_their_own(extra, command):
    install = f"python3 -m venv .venv && .venv/bin/pip install -e '.[{extra}]'"
    assert f"{install} && {command}" in README.splitlines()


def test_the_page_of_the_commands_is_up_to_date():
    """What to run is in the message where it is not."""
    subprocess.run([sys.executable, "docs/commands.py", "--check"], cwd=ROOT, check=True)


def test_every_command_and_flag_named_exists():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    helps = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    assert list(helps) == list(COMMANDS)
    named = re.findall(r"summarize (\w+)((?:[^`#\n]|`(?! ))*)", PAGES)
    assert {name for name, _ in named if name in helps} == set(helps)
    flags = {flag for _, rest in named for flag in re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest)}
    assert flags
    assert all(any(flag in text for text in helps.values()) for flag in flags)


def test_every_file_named_exists():
    named = re.findall(
        r"`((?:summarize|docs|prompts|seeds|cassettes|benchmarks|tests|\.ci)/[\w./]*)`", PAGES
    )
    assert named
    assert all((ROOT / path).exists() for path in named)


def test_every_page_that_a_page_links_to_exists():
    for folder, page in [
        (ROOT, README),
        *((ROOT / "docs", p.read_text("utf-8")) for p in (ROOT / "docs").glob("*.md")),
    ]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page):
            assert (folder / target).exists(), target
