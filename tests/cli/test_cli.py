"""The command against the stand-in endpoint: what it writes, says and returns."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from commands import Done
from endpoint import (
    ARTICLE,
    HANG,
    Answer,
    Request,
    StandIn,
    completion,
    draft,
    fitting,
    status,
)
from quoted_summary import quoted

from summarize.cli import main
from summarize.schema import Summary

KEY = "sk-stand-in-0123456789"
COMMAND = (sys.executable, "-m", "summarize")
MODEL = ("--model", "openai/stand-in")


def environment(home: Path, **more: str) -> dict[str, str]:
    """Nothing of this machine's settings: no key, no model, and a home of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    utf8 = {"LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}
    return {**kept, **utf8, "HOME": str(home), **more}


class Runner:
    """Runs the command in a folder: in this process, or in one of its own."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: Any, stdin: bytes = b"", **settings: str) -> Done:
        """Starting another process takes a second, so it is this one."""
        words = [os.fspath(argument) for argument in arguments]
        with self._monkeypatch.context() as patch:
            patch.chdir(self.folder)
            for name in os.environ:
                if name.startswith(("OPENAI_", "SUMMARIZE_")):
                    patch.delenv(name)
            for name, value in {"HOME": str(self.folder), **settings}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            try:
                code = main(words)
            except SystemExit as end:
                code = int(end.code or 0)
        printed = self._capsys.readouterr()
        return checked(Done(code, printed.out, printed.err.splitlines()))

    def process(self, *arguments: Any, stdin: bytes = b"", **settings: str) -> Done:
        process = self.start(*arguments, stdin=subprocess.PIPE, **settings)
        out, errors = process.communicate(stdin, timeout=100)
        return checked(Done(process.returncode, out.decode(), errors.decode().splitlines()))

    def start(
        self, *arguments: Any, stdin: int = subprocess.DEVNULL, **settings: str
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COMMAND, *map(os.fspath, arguments)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=environment(self.folder, **settings),
        )


def checked(done: Done) -> Done:
    errors = "\n".join(done.errors)
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    assert "defect" not in errors
    return done


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Runner:
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.txt").write_text(ARTICLE, encoding="utf-8")
    return Runner(tmp_path, monkeypatch, capsys)


def asking(endpoint: StandIn, *more: str) -> tuple[str, ...]:
    return (*MODEL, "--base-url", endpoint.url, *more)


# Articles that cannot be read


def bad_inputs(folder: Path) -> dict[str, str]:
    """Each bad source, and the words that its line of error must have."""
    content = {
        "empty.txt": (b"", "is empty; give the text of an article"),
        "latin.txt": (
            "Cumhurbaşkanı Erdoğan".encode("windows-1254"),
            "is not UTF-8 (byte 0xfe at offset 8); convert it: iconv -f WINDOWS-1252",
        ),
        "new\nline.txt": (b"", "new line.txt: is empty"),
        "\x1b[31mred.txt": (b"", "red.txt: is empty"),
        "menu.html": (b"<ul><li><a href=/>Home</a></ul>", "no article was found in the page"),
    }
    for name, (data, _) in content.items():
        (folder / name).write_bytes(data)
    (folder / "folder").mkdir()
    says = {name: words for name, (_, words) in content.items()}
    return {
        **says,
        "missing.txt": "missing.txt: no such file; check the path",
        "folder": "folder: is a folder; name the files in it",
        "x" * 300: "cannot be read (File name too long)",
        "http://127.0.0.1:9/news": "is in a private network (127.0.0.1); allow it if you trust",
        "https:///news": "is no address of http or https; check how it is written",
        "-": "standard input: is empty",
    }


def test_articles_that_cannot_be_read_cost_no_others(run: Runner) -> None:
    bad = bad_inputs(run.folder)
    with StandIn() as endpoint:
        done = run("article", "one.txt", *bad, *asking(endpoint, "--quiet", "--format", "jsonl"))
    assert done.code == 1
    assert [json.loads(line)["article"]["id"] for line in done.out.splitlines()] == ["one"]
    # Quiet leaves the errors, and only them.
    for words, line in zip(bad.values(), done.errors, strict=True):
        assert line.startswith("summarize: ")
        assert words in line
        assert line.isprintable()


# Settings that cannot work


NOWHERE = "http://127.0.0.1:9/v1"
DOWN = f"article one.txt --base-url {NOWHERE}"
FAILURES = [
    (DOWN, f"{NOWHERE} cannot be reached (Connection refused); check the address, the"),
    ("article one.txt --model nonsense", "'nonsense' names no model; write provider/model"),
    ("article one.txt --model local:no.gguf", "no.gguf"),
    ("article one.txt --prompts none", "none: no such folder of prompts; give a folder"),
    ("article one.txt --prompts bad", "must have exactly the placeholder $article"),
    ("article one.txt --replay none", "no cassette in none"),
    ("article one.txt -o none/out.txt", "none/out.txt: cannot be written (No such file or"),
    ("article one.txt -o empty", "empty: cannot be written (Is a directory); name a"),
    ("article one.txt -o one.txt", "one.txt: is one of the inputs; name another file"),
    ("article one.txt --record a --replay b", "not allowed with argument"),
    ("article one.txt --timeout soon", "--timeout: 'soon' is not a number of seconds above 0"),
    ("article one.txt --strategy clever", "invalid choice: 'clever'"),
    ("article", "required: SOURCE"),
    ("", "required: COMMAND"),
    ("article gone.txt", "gone.txt: no such file; check the path"),
    ("verify none.jsonl", "none.jsonl: no such file"),
    ("verify blank.jsonl", "blank.jsonl: is empty; give what summarize article"),
    ("review one.txt --port 99999", "--port: '99999' is no port: 1 to 65,535"),
]


@pytest.mark.parametrize(("arguments", "says"), FAILURES)
def test_settings_that_cannot_work(run: Runner, arguments: str, says: str) -> None:
    (run.folder / "empty").mkdir()
    (run.folder / "bad").mkdir()
    (run.folder / "bad" / "article.md").write_text("Here: $artikel", encoding="utf-8")
    (run.folder / "blank.jsonl").write_text("\n", encoding="utf-8")
    words = arguments.split()
    if words[:1] == ["article"] and not {"--model", "--base-url"} & {*words}:
        words += [*MODEL, "--base-url", NOWHERE]
    done = run(*words)
    assert (done.code, done.out) == (2, "")
    assert says in done.errors[-1]
    assert sum(line.startswith("summarize") for line in done.errors) == 1
    if arguments == DOWN:
        assert any("waiting" in line for line in done.errors)
    assert (run.folder / "one.txt").read_text(encoding="utf-8") == ARTICLE


@pytest.mark.parametrize(
    ("arguments", "library", "says"),
    [
        ("learn --gold gold --articles . -o x", "scipy.optimize", "learning needs scipy, which is"),
        ("dossier one.jsonl -o out", "rigour", "a dossier needs rigour, which is not installed"),
    ],
)
def test_an_extra_that_is_missing_is_told_before_the_work(
    run: Runner, monkeypatch: pytest.MonkeyPatch, arguments: str, library: str, says: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    done = run(*arguments.split())
    assert (done.code, done.out) == (2, "")
    assert says in done.errors[-1]
    assert f"pip install 'summarize[{arguments.split()[0]}]'" in done.errors[-1]
    assert not (run.folder / "out").exists()


# An endpoint that fails


def test_a_refused_key_stops_the_run_and_leaves_the_output_alone(run: Runner) -> None:
    out = run.folder / "out.jsonl"
    out.write_text("precious\n", encoding="utf-8")
    with StandIn([status(401, f"Incorrect API key: {KEY}")]) as endpoint:
        done = run(
            *("article", "one.txt", "two.txt", "three.txt", "-o", out, "--quiet"),
            *asking(endpoint),
            OPENAI_API_KEY=KEY,
        )
    assert (done.code, done.out) == (2, "")
    first, second = done.errors
    assert first.startswith(f"summarize: one.txt: {endpoint.url} refuses the key (401")
    assert "check the API key" in first
    assert KEY not in first
    assert second == "summarize: stopped: 2 more would fail in the same way"
    assert len(endpoint.requests) == 1
    assert out.read_text(encoding="utf-8") == "precious\n"
    assert sorted(path.name for path in run.folder.iterdir() if path.name.startswith(".")) == []


def test_one_article_that_fails_costs_no_other(run: Runner) -> None:
    (run.folder / "two.txt").write_text(f"{ARTICLE}\nSecond.\n", encoding="utf-8")
    out = run.folder / "out.jsonl"
    out.write_text("old\n" * 10_000, encoding="utf-8")
    out.chmod(0o640)
    (run.folder / "link.jsonl").symlink_to("out.jsonl")

    def answer(request: Request) -> Answer:
        if "Second." in request.messages[-1]:
            return completion(None, refusal="No.")
        return fitting(request)

    with StandIn(answer) as endpoint:
        names = ("one.txt", "two.txt", "three.txt")
        done = run("article", *names, "-o", "link.jsonl", *asking(endpoint))
    assert (done.code, done.out) == (1, "")
    failed = [line for line in done.errors if line.startswith("summarize: ")]
    assert failed == ["summarize: two.txt: the model declined: No.; try another model with --model"]
    lines = out.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["article"]["id"] for line in lines] == ["one", "three"]
    assert out.stat().st_mode & 0o777 == 0o640
    assert (run.folder / "link.jsonl").is_symlink()
    assert sum(path.name.startswith((".", "out")) for path in run.folder.iterdir()) == 1


# What is written, and where


FORMS: dict[str, Callable[[str], list[Any]]] = {
    "json": lambda out: json.loads(out) if out.startswith("[") else [json.loads(out)],
    "text": lambda out: re.findall(r"(?m)^.*Turkish spy chief in Damascus for talks.*$", out),
    "markdown": lambda out: re.findall(r"(?m)^# .*$", out),
}
ENDINGS = {"json": "json", "text": "txt", "markdown": "md"}


@pytest.mark.parametrize("form", FORMS)
def test_formats(run: Runner, form: str) -> None:
    with StandIn() as endpoint:
        done = run("article", "one.txt", "two.txt", *asking(endpoint, "--format", form))
        one = run("article", "one.txt", "-o", f"out.{ENDINGS[form]}", *asking(endpoint))
    assert (done.code, one.code, one.out) == (0, 0, "")
    assert done.out.endswith("\n")
    values = FORMS[form](done.out)
    assert len(values) == 2
    # The form follows the name of the file.
    text = (run.folder / f"out.{ENDINGS[form]}").read_text(encoding="utf-8")
    assert len(FORMS[form](text)) == 1
    assert "\x1b" not in text
    assert "İbrahim Kalın" in done.out
    assert "model: openai/stand-in at http://127.0.0.1" in done.errors[0]
    # Results only: what is said of the run is said on standard error.
    assert "stand-in at" not in done.out
    if form == "json":
        summaries = [Summary.model_validate(value) for value in values]
        assert [summary.article.id for summary in summaries] == ["one", "two"]
        assert all(ARTICLE[q.start : q.end] == q.text for s in summaries for q in s.quotes)


def test_a_strategy_by_its_flag(run: Runner) -> None:
    def outcomes(*options: str) -> list[str]:
        with StandIn([draft(outcomes=[])]) as endpoint:
            asked = asking(endpoint, *options, "--format", "json")
            done = run("article", "one.txt", *asked)
        assert done.code == 0
        return [item["description"] for item in json.loads(done.out)["outcomes"]]

    assert outcomes("--strategy", "direct") == []
    assert outcomes("--strategy", "assisted") == ["They agreed to open a joint operations center"]
    assert outcomes("--strategy", "assisted", "--min-confidence", "0.99") == []


def test_standard_input_and_names_of_any_letters(run: Runner) -> None:
    names = ["Müzakere.txt", "会谈 😀.txt", os.fsdecode(b"\xff\xfe.txt")]
    for name in names:
        (run.folder / name).write_text(ARTICLE, encoding="utf-8")
    with StandIn() as endpoint:
        done = run.process(
            *("article", "-", *names, *asking(endpoint, "--format", "jsonl")),
            stdin=ARTICLE.replace("\n", "\r\n").encode(),
            # What Python would write in by default there.
            PYTHONIOENCODING="ascii:strict",
            LC_ALL="C",
        )
    assert done.code == 0
    articles = [json.loads(line)["article"] for line in done.out.split("\n")[:-1]]
    assert [article["id"] for article in articles] == ["stdin", "Müzakere", "会谈 😀", "��"]
    assert [article["source"] for article in articles] == [None, *names[:2], "��.txt"]
    assert articles[0]["characters"] == len(ARTICLE) + ARTICLE.count("\n")


def test_files_of_records_are_articles_each(run: Runner) -> None:
    title, _, body = ARTICLE.partition("\n")
    cells = [f'"{part.strip()}"' for part in (title, body)]
    (run.folder / "news.csv").write_text(
        f"\ufeffid;title;text\r\n7;{';'.join(cells)}\r\nbad;;\r\n;{';'.join(cells)}\r\n", "utf-8"
    )
    (run.folder / "more.jsonl").write_text(json.dumps({"id": "8", "text": ARTICLE}), "utf-8")
    (run.folder / "wrong.tsv").write_text("id\twords\n1\tThey met.\n", "utf-8")
    (run.folder / "no.csv").write_text("id,text\n", "utf-8")
    with StandIn() as endpoint:
        options = asking(endpoint, "--format", "jsonl", "--quiet")
        done = run("article", "news.csv", "more.jsonl", "wrong.tsv", *options)
        (run.folder / "out.jsonl").write_text(done.out, encoding="utf-8")
        none = run("article", "no.csv", *options)
    assert done.code == 1
    made = [json.loads(line) for line in done.out.splitlines()]
    bad = 2 + len(body.strip().split("\n"))
    articles = [(one["article"]["id"], one["article"]["records"]) for one in made]
    assert articles == [("7", "news.csv"), (f"news:{bad + 1}", "news.csv"), ("8", "more.jsonl")]
    assert [one["is_meeting"] for one in made] == [True, True, True]
    assert made[0]["article"]["characters"] == len(body.strip())
    row, header = done.errors
    assert row == f"summarize: news.csv, line {bad}: 'text' is missing; give the text of an article"
    assert "wrong.tsv: its first line names no column of texts (id, words); the first" in header
    assert none.code == 2
    assert none.errors == ["summarize: no.csv: holds no articles; give it a row or a line for each"]
    checked = run("verify", "out.jsonl")
    assert (checked.code, checked.out.splitlines()[-1][-9:]) == (0, "all right")
    assert run("verify", "out.jsonl", "--articles", "news.csv").code == 1


def test_a_reader_that_goes_early(run: Runner) -> None:
    with StandIn() as endpoint:
        process = run.start(
            *("article", "one.txt", "two.txt", "three.txt", "--format", "jsonl", "--quiet"),
            *asking(endpoint),
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read()
        process.stderr.close()
        code = process.wait(30)
    assert json.loads(first)["article"]["id"] == "one"
    assert (code, errors) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk(run: Runner) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            cwd=run.folder,
            env=environment(run.folder),
            timeout=60,
            check=False,
        )
    with StandIn() as endpoint:
        named = run("article", "one.txt", "--quiet", "-o", "/dev/full", *asking(endpoint))
    assert done.returncode == named.code == 2
    line = "summarize: the results cannot be written: No space left on device; check the place"
    for errors in (done.stderr.decode().splitlines(), named.errors):
        assert len(errors) == 1
        assert errors[0].startswith(line)
    # A device is written to, not replaced.
    assert Path("/dev/full").is_char_device()


def test_an_interrupt_keeps_what_is_done(run: Runner) -> None:
    """The closing down is left alone by those that follow the first."""
    with StandIn([draft(), HANG]) as endpoint:
        process = run.start(
            *("article", "one.txt", "two.txt", "three.txt", "-o", "out.jsonl"),
            *asking(endpoint),
        )
        wait_for(lambda: len(endpoint.requests) == 2)
        for _ in range(20):
            process.send_signal(signal.SIGINT)
            time.sleep(0.01)
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert errors.decode().splitlines()[-1] == "summarize: interrupted after 1 of 3 articles"
    assert b"Traceback" not in errors
    (line,) = (run.folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["article"]["id"] == "one"


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_interrupt_while_it_loads(run: Runner) -> None:
    # In front of the real one: Python looks in the folder first.
    (run.folder / "rich.py").write_text(
        "import pathlib, time; pathlib.Path('loading').touch(); time.sleep(30)", encoding="utf-8"
    )
    process = run.start("article", "one.txt", *MODEL, "--base-url", NOWHERE)
    wait_for((run.folder / "loading").exists)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors) == (130, b"", b"summarize: interrupted\n")


# On a terminal


def on_a_terminal(run: Runner, *arguments: Any, stdout: Path | None = None) -> tuple[int, str]:
    """The exit code, and what a terminal shows of standard error, and of standard output too
    unless that goes to a file."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    with (stdout or Path(os.devnull)).open("wb") as file:
        process = subprocess.Popen(
            [*COMMAND, *map(os.fspath, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=file if stdout else theirs,
            stderr=theirs,
            cwd=run.folder,
            env=environment(run.folder, TERM="xterm"),
        )
    os.close(theirs)
    shown = b""
    # Linux ends with an error, others with nothing.
    with suppress(OSError):
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    return process.wait(30), shown.decode("utf-8")


def test_results_go_where_they_are_sent_while_a_terminal_shows_progress(run: Runner) -> None:
    out = run.folder / "sent.jsonl"
    with StandIn() as endpoint:
        code, shown = on_a_terminal(
            *(run, "article", "one.txt", "gone.txt", "two.txt", "--format", "jsonl"),
            *asking(endpoint),
            stdout=out,
        )
    assert code == 1
    summaries = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [summary["article"]["id"] for summary in summaries] == ["one", "two"]
    assert "schema_version" not in shown
    # The live line goes back to its start before a message takes its place.
    assert "\rmodel: openai/stand-in" in shown.replace("\x1b[2K", "")
    assert "summarize: gone.txt: no such file" in shown
    assert shown.rstrip("\r").endswith("\x1b[2K")


def test_the_report_has_its_colours_on_a_terminal(run: Runner) -> None:
    with StandIn() as endpoint:
        code, shown = on_a_terminal(run, "article", "one.txt", "--quiet", *asking(endpoint))
    assert code == 0
    assert re.search(r"\x1b\[1mTurkish spy chief in Damascus for talks\x1b\[0m", shown)
    assert "model: " not in shown


# Commands that ask nobody


@pytest.fixture
def made(run: Runner) -> dict[str, Any]:
    """A summary as the command writes it."""
    with StandIn() as endpoint:
        done = run("article", "one.txt", "--format", "jsonl", *asking(endpoint))
    return json.loads(done.out)


def shifted(summary: dict[str, Any]) -> dict[str, Any]:
    changed = json.loads(json.dumps(summary))
    changed["actors"][0]["quotes"][0]["start"] += 1
    return changed


def test_verify(run: Runner, made: dict[str, Any]) -> None:
    line = json.dumps(made, ensure_ascii=False)
    batch = json.dumps({"id": "one", "ok": True, "summary": made})
    error = {"type": "RefusalError", "message": "No.", "retryable": False, "attempts": 1}
    failed = json.dumps({"id": "two", "ok": False, "error": error})
    elsewhere = {**made, "article": {**made["article"], "source": "gone.txt"}}
    unnamed = {**made, "article": {**made["article"], "source": None}}
    parties = json.loads(line)
    parties["outcomes"][0]["parties"] = ["a99"]
    claims = json.loads(line)
    claims["agenda_items"][0]["topic"] = "the price of tea"
    claims["outcomes"][0]["description"] = "They agreed on everything"
    cases: dict[str, tuple[str, int, tuple[str, ...]]] = {
        "right": (f"{line}\n", 0, ("quotes, all in place", "1 summary, ", ": all right")),
        "array": (json.dumps([made, made]), 0, ("2 summaries, ",)),
        "batch": (f"{batch}\n{failed}\n{batch}\n", 0, ("2 summaries, ",)),
        "shifted": (json.dumps(shifted(made)), 1, ("a1: the quote at", "is not there", "1 wrong")),
        "strange party": (json.dumps(parties), 1, ("o1: no actor a99",)),
        "claims": (
            json.dumps(claims),
            1,
            ("g1: the topic is not in its quote; o1: the description is not in its quote",),
        ),
        "gone": (
            json.dumps(elsewhere),
            2,
            ("one: cannot be checked", "gone.txt: no such file", ": 1 could not be checked"),
        ),
        "one gone": (
            json.dumps([made, elsewhere, shifted(made)]),
            1,
            (": 1 wrong, 1 could not be checked",),
        ),
        "unnamed": (json.dumps(unnamed), 2, ("names no file; give --articles",)),
        "broken": (
            f"{line}\n{line[:99]}\n\n[1]\n{{}}\n",
            1,
            ("line 2: is not JSON", "line 4: is no summary", "line 5: is no summary", "3 wrong"),
        ),
        "nothing": ("[]", 2, ()),
    }
    for name, (text, _, _) in cases.items():
        (run.folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    done = {name: run("verify", f"{name}.jsonl") for name in cases}
    for name, (_, code, says) in cases.items():
        assert done[name].code == code, name
        assert all(words in done[name].out for words in says), (name, done[name].out)
    assert "nothing.jsonl: holds no summaries; give what summarize" in done["nothing"].errors[-1]
    assert all(not done[name].errors for name in cases if name != "nothing")


def test_verify_tells_what_is_gone_from_what_is_broken(run: Runner) -> None:
    text = "Lars Holm met Anna Keller in Bern."
    carried = quoted(text, id_="c", source="https://example.org/c", is_carried=True)
    (run.folder / "s.jsonl").write_text(carried.to_json(), encoding="utf-8")
    (run.folder / "articles").mkdir()
    done = run("verify", "s.jsonl", "--articles", "articles")
    assert (done.code, done.out.splitlines()[-1][-9:]) == (0, "all right")
    (run.folder / "articles" / "c.txt").write_bytes(b"\xff")
    done = run("verify", "s.jsonl", "--articles", "articles")
    assert done.code == 2
    assert "c: cannot be checked: articles/c.txt: is not UTF-8" in done.out
    (run.folder / "news.jsonl").write_text('{"id": "c", "text": 5}', encoding="utf-8")
    done = run("verify", "s.jsonl", "--articles", "news.jsonl")
    assert done.code == 2
    assert "c: cannot be checked: news.jsonl, line 1: 'text' is not a string" in done.out


def test_verify_with_articles_elsewhere_and_changed(run: Runner, made: dict[str, Any]) -> None:
    (run.folder / "out.jsonl").write_text(json.dumps(made), encoding="utf-8")
    (run.folder / "kept").mkdir()
    (run.folder / "kept" / "one.txt").write_text(ARTICLE, encoding="utf-8")
    (run.folder / "one.txt").write_text(f"More. {ARTICLE}", encoding="utf-8")
    changed = run("verify", "out.jsonl")
    assert changed.code == 1
    assert "is not the one that was summarized (SHA-256 differs)" in changed.out
    assert "is not there" in changed.out
    assert run("verify", "out.jsonl", "--articles", "kept").code == 0
    missing = run("verify", "out.jsonl", "--articles", "nowhere")
    assert missing.code == 2
    assert missing.errors == ["summarize: nowhere: no such file; check the path"]


def test_schema(run: Runner) -> None:
    done = run("schema")
    assert (done.code, done.errors) == (0, [])
    assert json.loads(done.out) == Summary.model_json_schema(mode="serialization")


def test_doctor(run: Runner) -> None:
    with StandIn([draft(), status(403, f"Not with {KEY}")]) as endpoint:
        address = endpoint.url.replace("://", "://user:geheim@")
        well = run("doctor", *MODEL, OPENAI_BASE_URL=address, OPENAI_API_KEY=KEY)
        refused = run("doctor", *asking(endpoint), OPENAI_API_KEY=KEY)
    assert (well.code, refused.code) == (0, 2)
    assert "OPENAI_API_KEY is set" in well.out
    assert f"✓ endpoint   openai/stand-in at {endpoint.url} answered in" in well.out
    assert "✓ asked with a JSON schema, max_tokens 8000, temperature 0.0\n" in well.out
    assert "adapted" not in well.out
    assert "✗ problem" in refused.out
    assert "refuses the key (403: Not with ***)" in refused.out
    for done in (well, refused):
        assert KEY not in done.out
        assert "geheim" not in done.out
        assert done.errors == []
    assert len(endpoint.requests) == 2


def test_doctor_says_what_an_endpoint_does_not_take(run: Runner) -> None:
    def answer(request: Request) -> Answer:
        is_schema = request.body["response_format"]["type"] == "json_schema"
        return status(400, "No schema here") if is_schema else draft()

    with StandIn(answer) as endpoint:
        done = run("doctor", *asking(endpoint), OPENAI_API_KEY=KEY)
    assert done.code == 0
    assert "answered to 2 requests in" in done.out
    assert "✓ asked with a JSON object, max_tokens 8000, temperature 0.0\n" in done.out
    assert "✓ adapted    asked with a JSON object, max_tokens 8000" in done.out
    assert "(No schema here)\n" in done.out
    assert "✓ context    100,000 tokens at once (assumed)\n" in done.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--model openai/gpt-5.4-mini", "openai/gpt-5.4-mini needs a key"),
        ("--model openai/x --replay none", "no cassette in none"),
        ("--model local:nowhere.gguf", "the model file nowhere.gguf cannot be read: No such file"),
        ("--model local:one.txt", "the model file one.txt is not a GGUF file; name a"),
        ("--prompts no\udcffwhere", "no where: no such folder of prompts"),
    ],
)
def test_doctor_says_what_does_not_work(run: Runner, arguments: str, says: str) -> None:
    done = run("doctor", *arguments.split())
    assert done.code == 2
    assert done.out.splitlines()[-1].startswith(f"✗ problem    {says}")


# How it starts


def test_help_imports_nothing_heavy(run: Runner) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "summarize", "article", "--help"],
        capture_output=True,
        text=True,
        cwd=run.folder,
        env=environment(run.folder),
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert "--base-url" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "summarize.cli.arguments" in imported
    roots = {name.partition(".")[0] for name in imported}
    assert not roots & {"openai", "instructor", "pydantic", "rich", "vcr", "tenacity", "rapidfuzz"}


@pytest.mark.timed
def test_help_is_quick(run: Runner) -> None:
    def best(*arguments: str) -> float:
        times = []
        for _ in range(5):
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, *arguments],
                stdout=subprocess.DEVNULL,
                cwd=run.folder,
                env=environment(run.folder),
                check=True,
            )
            times.append(time.perf_counter() - started)
        return min(times)

    # Another program's burst may spoil a whole round.
    ratios = []
    for _ in range(4):
        ratios.append(best("-m", "summarize", "--help") / best("-c", "pass"))
        if ratios[-1] <= 6:
            break
    assert min(ratios) <= 6


def test_version(run: Runner) -> None:
    done = run("--version")
    assert done.code == 0
    assert re.fullmatch(r"summarize \d+\.\d+\.\d+\n", done.out)
