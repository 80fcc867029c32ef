"""Dependencies point one way: the contracts in pyproject.toml hold, and would notice."""

from __future__ import annotations

import shutil
import subprocess
import sys
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
    wrong = {
        "errors.py": "import summarize.schema\n",
        "api.py": "import summarize.cli\nimport rich\n",
        "sources.py": "def late():\n    import openai, vcr, xllamacpp, pyarrow, ray\n"
        "    import httpx2, trafilatura\n",
        "engines/worker.py": "import summarize.engines.ray\n",
        "evidence/features.py": "import summarize.evidence.scorer\n",
        "models/wire.py": "import summarize.models.client\n",
        "stray.py": "",
    }
    for name, line in wrong.items():
        path = tmp_path / "summarize" / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{text}\n{line}", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "0 kept, 12 broken" in done.stdout
    for said in (
        "summarize.errors -> summarize.schema",
        "summarize.api -> summarize.cli",
        "summarize.api -> rich",
        "summarize.sources -> openai",
        "summarize.sources -> vcr",
        "summarize.sources -> xllamacpp",
        "summarize.sources -> pyarrow",
        "summarize.sources -> ray",
        "summarize.sources -> httpx2",
        "summarize.sources -> trafilatura",
        "summarize.stray",
    ):
        assert said in done.stdout
