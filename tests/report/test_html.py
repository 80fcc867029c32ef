"""Reports in HTML: strangers' words are data in them, and nothing but our script may run."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from quoted_summary import meeting_of, quoted
from small_summaries import failure, summary

from summarize import cli
from summarize.errors import InputError
from summarize.report import render_html, render_markdown, render_notebook
from summarize.report.html import CHANGED, HtmlReport

ROOT = Path(__file__).parents[2]
TEXT = "Lars Holm met Anna Keller in Bern.\n\nThey discussed fishing rights."
NASTY = (
    "</script><script>alert(1)</script><!--<script>",
    "]]><img src=x onerror=alert(1)>",
    "\" onmouseover=alert(1) '",
    "&lt;b&gt; &#x3c;",
    "\u202etxt.exe\u2066 \u2028 \u2029 \ufeff",
    "\x00\x0b\x7f\r\n",
    "{policy} {style} ${x} {{x}}",
)


class Page(HTMLParser):
    """The elements of a page, as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.is_open = False
        self.texts: dict[int, str] = {}
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.is_open = True

    def handle_endtag(self, tag: str) -> None:
        self.is_open = False

    def handle_data(self, data: str) -> None:
        if self.is_open:
            at = len(self.tags) - 1
            self.texts[at] = self.texts.get(at, "") + data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def of(self, tag: str, **attributes: str) -> list[str]:
        return [
            self.texts.get(at, "")
            for at, (name, given) in enumerate(self.tags)
            if name == tag and attributes.items() <= given.items()
        ]

    def data(self, id_: str) -> Any:
        (text,) = self.of("script", id=id_)
        assert not set("<>&") & set(text)
        return json.loads(text)

    @property
    def policy(self) -> dict[str, str]:
        (policy,) = [
            given["content"] or ""
            for name, given in self.tags
            if name == "meta" and given.get("http-equiv") == "Content-Security-Policy"
        ]
        return dict(part.split(" ", 1) for part in policy.split("; "))


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# The page


def test_its_policy_allows_its_own_script_and_style_and_nothing_else() -> None:
    page = Page(render_html(summary("one")))
    (script,), (style,) = page.of("script", type="module"), page.of("style")
    assert page.policy == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest(script)}'",
        "style-src": f"'sha256-{digest(style)}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def test_it_needs_nothing_from_anywhere() -> None:
    html = render_html(summary("one"))
    page = Page(html)
    names = {name for _, attributes in page.tags for name in attributes}
    assert not names & {"src", "href", "srcset", "action", "style"}
    assert not any(name.startswith("on") for name in names)
    (script,), (style,) = page.of("script", type="module"), page.of("style")
    assert "url(" not in style
    assert "@import" not in style
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "import",
    ):
        assert word not in script
    assert not re.search(r"https?://(?!\$)[a-z]", script + style)


def test_every_asset_is_used_and_none_can_end_its_element() -> None:
    folder = resources.files("summarize.report") / "page"
    names = {path.name for path in folder.iterdir()}
    html = render_html(summary("one"))
    for name in names - {"page.html"}:
        text = (folder / name).read_text(encoding="utf-8")
        assert text in html
        assert "</" not in text
    assert len(names) == 8


@pytest.mark.parametrize("words", NASTY)
def test_words_are_data(words: str) -> None:
    text = f"{TEXT} {words}"
    made = quoted(
        text, id_=words, title=words, people=("Lars Holm",), topics=(words,), unsupported=(words,)
    )
    page = Page(render_html(made, text))
    plain = Page(render_html(quoted(TEXT, people=("Lars Holm",)), TEXT))
    assert [name for name, _ in page.tags] == [name for name, _ in plain.tags]
    assert page.comments == []
    record = page.data("article-0")
    assert record["text"] == text
    assert record["summary"] == json.loads(made.to_json())
    assert page.policy == plain.policy


@settings(deadline=None, max_examples=25)
@given(st.text(min_size=1))
@example("</script>")
@example("a\udc00b")
def test_any_words_come_back(words: str) -> None:
    made = summary("one", text=words if words.isprintable() else "x")
    # Half a character is no text of an article, but a title may come from anywhere.
    made = made.model_copy(update={"article": made.article.model_copy(update={"title": words})})
    html = render_html(made)
    html.encode()
    assert Page(html).data("article-0")["summary"]["article"]["title"] == words


def test_what_is_for_those_without_a_script_is_escaped() -> None:
    for words in (*NASTY, "a\udc00b", "</noscript><script>alert(1)</script>"):
        html = render_html(quoted(TEXT, title=words))
        html.encode()
        (told,) = re.findall(r"<noscript>\n(.*?)</noscript>", html, re.DOTALL)
        assert set(re.findall(r"<[^>]*>", told)) <= {
            *("<ol>", "</ol>", "<li>", "</li>"),
            *("<h2 dir=auto>", "</h2>", "<p dir=auto>", "</p>"),
        }


# Its articles


def test_the_text_stands_beside_it() -> None:
    made = quoted(TEXT, people=("Lars Holm",))
    assert Page(made.to_html(TEXT)).data("article-0")["text"] == TEXT
    assert Page(made.to_html()).data("article-0")["text"] is None
    carried = quoted(TEXT, people=("Lars Holm",), is_carried=True)
    record = Page(carried.to_html()).data("article-0")
    assert record["text"] == TEXT
    assert "text" not in record["summary"]["article"]
    with pytest.raises(InputError, match="not the one that was summarized"):
        made.to_html(f"{TEXT} ")


def test_the_list_has_what_is_searched_and_filtered() -> None:
    made = quoted(
        TEXT,
        people=("Lars Holm",),
        topics=("fishing rights",),
        country="NOR",
        meeting=meeting_of("visit", places=("Bern",)),
    )
    index = Page(made.to_html()).data("index")
    (entry,) = index["entries"]
    assert entry["line"] == "Visit · Bern"
    assert entry["countries"] == ["NOR"]
    assert index["words"]["countries"] == {"NOR": "Norway"}
    assert {"Lars Holm", "fishing rights", "Bern", "A meeting"} <= set(entry["words"].split("\n"))


def test_ids_are_told_apart_and_fit_an_address(tmp_path: Path) -> None:
    lines = [summary(id_).to_json() for id_ in ("a/b c", "ü", "x&2")]
    lines += [failure("x").to_json(), failure("x", "DuplicateIdError").to_json()]
    (tmp_path / "s.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert report(tmp_path / "s.jsonl", "-o", tmp_path / "r.html") == 0
    keys = [entry["key"] for entry in read(tmp_path / "r.html").data("index")["entries"]]
    assert keys == ["a%2Fb%20c", "%C3%BC", "x%262", "x", "x&2"]


# The command


def report(*arguments: Any) -> int:
    return cli.main(["report", *map(os.fspath, arguments)])


def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def test_summaries_lines_of_batches_and_failures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "here.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "changed.txt").write_text(f"{TEXT}!", encoding="utf-8")
    here = quoted(TEXT, id_="here", source="here.txt").to_json()
    changed = quoted(TEXT, id_="changed", source="changed.txt").to_json()
    gone = quoted(TEXT, id_="gone", source="gone.txt").to_json()
    carried = quoted(TEXT, id_="carried", source="https://example.org/x", is_carried=True).to_json()
    batch = f'{{"id": "batch", "ok": true, "summary": {summary("batch").to_json()}}}'
    lines = [here, changed, batch, failure("failed").to_json(), gone, carried]
    (tmp_path / "s.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert report(tmp_path / "s.jsonl", "-o", tmp_path / "r.html") == 0
    page = read(tmp_path / "r.html")
    records = [page.data(f"article-{number}") for number in range(6)]
    texts = [record.get("text") for record in records]
    assert texts == [TEXT, None, None, None, None, TEXT]
    assert records[1]["missing"] == CHANGED
    assert records[3]["failure"] == {
        "id": "failed",
        "type": "RefusalError",
        "message": "declined",
        "retryable": True,
        "attempts": 2,
    }
    assert "gone.txt: no such file" in records[4]["missing"]
    states = [entry["state"] for entry in page.data("index")["entries"]]
    assert states == ["none", "none", "meeting", "failed", "none", "none"]
    done, *without = capsys.readouterr().err.splitlines()
    assert done == f"{tmp_path / 'r.html'}: 5 summaries, 1 failed article"
    changed, gone = without
    assert changed.startswith("1 summary without the article: what was found is another text")
    assert gone.startswith("2 summaries without the article: give --articles, the folder or")


def test_articles_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.jsonl").write_text(quoted(TEXT, id_="one").to_json(), encoding="utf-8")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "one.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "texts.jsonl").write_text(json.dumps({"id": "one", "text": TEXT}))
    for place in ("texts", "texts.jsonl"):
        arguments = (tmp_path / "s.jsonl", "-o", tmp_path / "r.html", "--articles")
        assert report(*arguments, tmp_path / place) == 0
        assert read(tmp_path / "r.html").data("article-0")["text"] == TEXT
    capsys.readouterr()
    assert report(tmp_path / "s.jsonl", "-o", "-") == 0
    out, told = capsys.readouterr()
    assert Page(out).data("article-0")["text"] is None
    assert told.startswith("the page: 1 summary\n1 summary without the article: give --articles")


def test_a_summary_names_the_file_its_record_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    url, array = "https://example.org/x", json.dumps([{"id": "two", "text": TEXT}])
    (tmp_path / "out" / "news.jsonl").write_text(
        json.dumps({"id": "one", "text": TEXT, "url": url})
    )
    (tmp_path / "out" / "more.json").write_text(array)
    summaries = (
        quoted(TEXT, id_="one", source=url, records="news.jsonl"),
        quoted(TEXT, id_="two", source="more.json", records="more.json"),
        quoted(TEXT, id_="three", source="more.json", records="more.json"),
        quoted(TEXT, id_="four", source="gone.jsonl", records="gone.jsonl"),
    )
    path = tmp_path / "out" / "s.jsonl"
    path.write_text("".join(f"{summary.to_json()}\n" for summary in summaries), encoding="utf-8")
    # Beside the summaries, though another text of that name and id is at hand.
    monkeypatch.chdir(tmp_path / "elsewhere")
    Path("news.jsonl").write_text(json.dumps({"id": "one", "text": "Another text."}))
    output = tmp_path / "r.html"
    for more in ((), ("--articles", tmp_path / "out")):
        assert report(path, "-o", output, *more) == 0
        page = read(output)
        texts = [page.data(f"article-{number}")["text"] for number in range(4)]
        assert texts == [TEXT, TEXT, None, None]
    assert report(path, "-o", output) == 0
    told = read(output).data("article-2")["missing"]
    assert "more.json: no such file with the record 'three'" in told
    assert "gone.jsonl: no such file" in read(output).data("article-3")["missing"]
    # No other text is taken for the one that was summarized.
    (tmp_path / "out" / "news.jsonl").unlink()
    assert report(path, "-o", output) == 0
    first = read(output).data("article-0")
    assert (first["text"], first["missing"]) == (None, CHANGED)
    capsys.readouterr()
    assert report(path, "-o", "news.jsonl") == 2
    assert "news.jsonl: is one of the inputs; name another file" in capsys.readouterr().err


def test_what_is_of_another_kind_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, output = tmp_path / "news.jsonl", tmp_path / "r.html"
    path.write_text(f"{json.dumps({'id': 'a', 'text': TEXT})}\n" * 100, encoding="utf-8")
    assert report(path, "-o", output) == 2
    *lines, last = capsys.readouterr().err.splitlines()
    assert len(lines) == 5
    assert "line 1: is an article, not a summary; summarize it first" in lines[0]
    assert "news.jsonl: holds no summaries" in last
    path.write_text(summary("a").to_json() + "\n{}" * 100, encoding="utf-8")
    assert report(path, "-o", output) == 1
    assert "news.jsonl: 95 more lines like these" in capsys.readouterr().err


def test_a_report_that_is_interrupted_leaves_the_one_there_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, output = tmp_path / "s.jsonl", tmp_path / "r.html"
    output.write_text("before", encoding="utf-8")
    path.write_text("\n".join(summary(id_).to_json() for id_ in "abc"), encoding="utf-8")
    add = HtmlReport.add

    def interrupted(self: HtmlReport, *arguments: Any, **named: Any) -> None:
        if self.summaries == 2:
            raise KeyboardInterrupt
        add(self, *arguments, **named)

    monkeypatch.setattr(HtmlReport, "add", interrupted)
    assert report(path, "-o", output) == 130
    assert output.read_text(encoding="utf-8") == "before"


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    long = "x" * 5000
    lines = [quoted(TEXT, id_=long, source=source).to_json() for source in (long, None)]
    (tmp_path / "s.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for more in ((), ("--articles", tmp_path)):
        assert report(tmp_path / "s.jsonl", "-o", tmp_path / "r.html", *more) == 0


def test_the_output_is_none_of_the_articles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, article = tmp_path / "s.jsonl", tmp_path / "one.txt"
    article.write_text(TEXT, encoding="utf-8")
    path.write_text(quoted(TEXT, id_="one", source="one.txt").to_json(), encoding="utf-8")
    records = tmp_path / "news.jsonl"
    records.write_text(json.dumps({"id": "one", "text": TEXT}), encoding="utf-8")
    assert report(path, "-o", article) == 2
    assert "one.txt: is one of the inputs; name another file" in capsys.readouterr().err
    assert report(path, "-o", records, "--articles", records) == 2
    assert "news.jsonl: is one of the inputs; name another file" in capsys.readouterr().err
    assert article.read_text(encoding="utf-8") == TEXT
    assert records.read_text(encoding="utf-8") == json.dumps({"id": "one", "text": TEXT})


def test_nothing_is_opened_that_only_a_stranger_names(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "outside.txt").write_text(TEXT, encoding="utf-8")
    path = tmp_path / "s.jsonl"
    sources = ["/dev/zero", "https://example.org/x", "http://127.0.0.1:9/x"]
    lines = [quoted(TEXT, id_="../outside", source=source).to_json() for source in sources]
    path.write_text("\n".join(lines[:1]), encoding="utf-8")
    assert report(path, "-o", tmp_path / "r.html") == 0
    assert "/dev/zero: no such file" in read(tmp_path / "r.html").data("article-0")["missing"]
    assert report(path, "-o", tmp_path / "r.html", "--articles", tmp_path / "news") == 0
    assert "has no article" in read(tmp_path / "r.html").data("article-0")["missing"]
    for line in lines[1:]:
        path.write_text(line, encoding="utf-8")
        assert report(path, "-o", tmp_path / "r.html") == 0
        missing = read(tmp_path / "r.html").data("article-0")["missing"]
        assert "is an address, and not asked" in missing


def test_lines_that_are_no_summaries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, output = tmp_path / "s.jsonl", tmp_path / "r.html"
    path.write_text(f"{summary('one').to_json()}\n{{}}\n", encoding="utf-8")
    assert report(path, "-o", output) == 1
    assert len(read(output).data("index")["entries"]) == 1
    before = output.read_text(encoding="utf-8")
    path.write_text("{}\n", encoding="utf-8")
    assert report(path, "-o", output) == 2
    path.write_text("[]", encoding="utf-8")
    assert report(path, "-o", output) == 2
    assert "holds no summaries" in capsys.readouterr().err
    assert report(path, "-o", path) == 2
    assert "is one of the inputs" in capsys.readouterr().err
    assert report(path, "-o", output, "--articles", tmp_path / "gone") == 2
    assert output.read_text(encoding="utf-8") == before


def test_articles_come_as_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    seeds = sorted(map(str, Path("seeds").glob("004*.txt")))
    arguments = ["article", *seeds, "--model", "local", "--replay", "cassettes", "--quiet"]
    assert cli.main([*arguments, "-o", str(tmp_path / "r.html")]) == 0
    page = read(tmp_path / "r.html")
    for number, seed in enumerate(seeds):
        text = Path(seed).read_bytes().decode()
        record = page.data(f"article-{number}")
        assert record["text"] == text
        for kind in ("actors", "agenda_items", "outcomes"):
            for item in record["summary"][kind]:
                for quote in item["quotes"]:
                    assert text[quote["start"] : quote["end"]] == quote["text"]


# Python


def test_in_a_notebook_it_is_static_and_escaped() -> None:
    for words in NASTY:
        page = Page(summary("one", text=words, says=words)._repr_html_())
        assert {name for name, _ in page.tags} <= set(
            "div h3 h4 p ul li strong code details summary blockquote hr".split()
        )
        assert all(attributes in ({}, {"dir": "auto"}) for _, attributes in page.tags)
        assert page.comments == []
    text = "They \u202etxt.exe\u2066 met."
    assert not set("\u202e\u2066") & set(render_notebook(quoted(text, people=(text,))))
    shown = render_notebook(quoted(TEXT, people=("Lars Holm",), topics=("fishing rights",)))
    assert "fishing rights <code>" in shown
    assert "None found in the article." in shown


def test_as_markdown() -> None:
    made = summary("one")
    assert made.to_markdown() == render_markdown(made)


# What can be read


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_enough() -> None:
    """WCAG 2.2, AA: 4.5 for text, 3 for what lines and grounds say."""
    css = (resources.files("summarize.report") / "page" / "page.css").read_text(encoding="utf-8")
    light_css, dark_css = css.split("prefers-color-scheme: dark", 1)
    light = colours(light_css)
    dark = {**light, **colours(dark_css.split("* {", 1)[0])}
    for scheme in (light, dark):
        for ground in ("page", "paper", "hover", "chosen", "agenda", "outcomes"):
            assert contrast(scheme["ink"], scheme[ground]) >= 7, ground
        for words in ("soft", "accent", "wrong", "outcomes-ink"):
            for ground in ("page", "paper", "hover", "chosen"):
                assert contrast(scheme[words], scheme[ground]) >= 4.5, (words, ground)
        assert contrast(scheme["now-ink"], scheme["now"]) >= 7
        for line in ("participant", "mentioned", "agenda-edge", "outcomes-edge", "edge"):
            assert contrast(scheme[line], scheme["paper"]) >= 3, line
        for tone in ("agenda", "outcomes"):
            assert contrast(scheme[f"{tone}-edge"], scheme[tone]) >= 3, tone
        assert contrast(scheme["edge"], scheme["page"]) >= 3
