"""Dependencies point one way: the contracts in pyproject.toml hold, and would notice."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINT = "from importlinter.cli import lint_imports_command as run; run()"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo", "--config", "pyproject.toml"],
        cwd=folder,
        # The copy's modules, not the installed ones.
        env={"PYTHONPATH": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_the_contracts_bite(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "summarize", tmp_path / "summarize", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
    wrong = {
        "api.py": "import rich\n",
        "sources/articles.py": "def late():\n    import openai, vcr, xllamacpp, pyarrow, ray\n"
        "    import httpx2, trafilatura, aiohttp, rigour, scipy, tenacity\n",
        "stray.py": "",
    }
    for contract in contracts:
        if contract["type"] == "layers":
            room = contract["containers"][0]
            low, high = (contract["layers"][i].split(" | ")[0] for i in (-1, 0))
            below = f"{room}.{low}".removeprefix("summarize.").replace(".", "/")
            wrong[f"{below}.py"] = f"import {room}.{high}\n"
    for name, line in wrong.items():
        path = tmp_path / "summarize" / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{text}\n{line}", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"0 kept, {len(contracts)} broken" in done.stdout
    for said in (
        "summarize.errors -> summarize.cli",
        "summarize.grounding.matching -> summarize.grounding.direct",
        "summarize.api -> rich",
        "summarize.sources.articles -> openai",
        "summarize.sources.articles -> vcr",
        "summarize.sources.articles -> xllamacpp",
        "summarize.sources.articles -> pyarrow",
        "summarize.sources.articles -> ray",
        "summarize.sources.articles -> httpx2",
        "summarize.sources.articles -> trafilatura",
        "summarize.sources.articles -> aiohttp",
        "summarize.stray",
    ):
        assert said in done.stdout
