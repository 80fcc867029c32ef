"""The command line's words."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["FORMATS", "parse"]

FORMATS = ("text", "json", "jsonl", "markdown", "html")

_EPILOG = """\
examples:
  summarize article seeds/004_6cd281ebbed1be5a.txt
  summarize article news/*.txt --format jsonl -o summaries.jsonl
  summarize article https://example.org/news/talks.html
  summarize article news.txt --model openai/gpt-5.4-mini
  summarize batch news.jsonl -o summaries.jsonl
  summarize requests news.jsonl -o requests.jsonl --model openai/gpt-5.4-mini
  summarize submit requests.jsonl --input news.jsonl -o summaries.jsonl --model openai/gpt-5.4-mini
  summarize report summaries.jsonl -o report.html
  summarize verify summaries.jsonl
  summarize export summaries.jsonl -o tables
  summarize evaluate --gold gold --articles news

With no --model: SUMMARIZE_MODEL, else OpenAI where OPENAI_API_KEY or OPENAI_BASE_URL is set,
else the embedded model, which needs no key and no network.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of a command line; `command` names the module that runs it."""
    parser = _Parser(
        prog="summarize",
        description="Structured summaries of news about officials meeting: who took part,\n"
        "what was on the agenda, what came of it, every item quoted with exact offsets.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    always = _Parser(add_help=False)
    always.add_argument("--traceback", action="store_true", help="show where an error comes from")
    asking, choosing = _asking(), _asking(asks=False)
    _article(commands.add_parser("article", parents=[asking, always], help="summarize articles"))
    _batch(
        commands.add_parser(
            "batch", parents=[asking, always], help="summarize articles by the thousand"
        )
    )
    _report(
        commands.add_parser(
            "report", parents=[always], help="show summaries beside their articles, as one page"
        )
    )
    _verify(
        commands.add_parser(
            "verify", parents=[always], help="check every quote against its article again"
        )
    )
    _evaluate(
        commands.add_parser(
            "evaluate", parents=[asking, always], help="score a model against gold annotations"
        )
    )
    _export(
        commands.add_parser(
            "export", parents=[always], help="write summaries as tables, CSV or Parquet"
        )
    )
    _requests(
        commands.add_parser(
            "requests",
            parents=[choosing, always],
            help="write what a model is to be asked as files for OpenAI's batches or vLLM",
        )
    )
    _collect(
        commands.add_parser(
            "collect",
            parents=[choosing, always],
            help="make summaries from the results of such files",
        )
    )
    _submit(
        commands.add_parser(
            "submit",
            parents=[choosing, always],
            help="have such files answered by OpenAI's batches, and collect",
        )
    )
    commands.add_parser("schema", parents=[always], help="print the JSON Schema of a summary")
    commands.add_parser(
        "doctor", parents=[asking, always], help="say what works here and what does not"
    )
    return parser.parse_args(argv)


def _asking(*, asks: bool = True) -> _Parser:
    """What every command takes that asks a model, or that speaks of one and does not ask it."""
    parser = _Parser(add_help=False)
    model = parser.add_argument_group("model")
    model.add_argument(
        "--model", metavar="NAME", help="local, local:FILE.gguf, openai/NAME, ollama/NAME, …"
    )
    model.add_argument("--base-url", metavar="URL", help="an OpenAI-compatible endpoint")
    if asks:
        _timeout(model, "for one request (300), or a page (30)")
    else:
        parser.set_defaults(timeout=None)
    model.add_argument(
        "--strategy",
        choices=("assisted", "direct"),
        help="assisted for small models, direct for large ones (by the model's name)",
    )
    model.add_argument(
        "--min-confidence",
        type=_share,
        metavar="P",
        help="with assisted, report items from this probability on: higher for precision, lower for"
        " recall (chosen for the best F1)",
    )
    model.add_argument(
        "--option",
        action="append",
        default=[],
        type=_option,
        metavar="KEY=VALUE",
        help="what else goes into each request, such as reasoning_effort=low; may be repeated",
    )
    model.add_argument("--prompts", metavar="DIR", help="your own prompt templates")
    if asks:
        either = model.add_mutually_exclusive_group()
        either.add_argument("--record", metavar="DIR", help="keep requests and answers")
        either.add_argument(
            "--replay", metavar="DIR", help="answer from a recording; nothing is sent"
        )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    return parser


def _option(said: str) -> tuple[str, object]:
    """A key and its value: JSON where it is some, such as 5 or {"a": true}, else text."""
    key, equals, value = said.partition("=")
    if not key.strip() or not equals:
        raise argparse.ArgumentTypeError(f"{said!r} is not of the form KEY=VALUE")
    try:
        return key.strip(), json.loads(value)
    except ValueError:
        return key.strip(), value


def _timeout(parser: argparse._ActionsContainer, what: str) -> None:
    parser.add_argument("--timeout", type=_seconds, metavar="SECONDS", help=what)


def _article(parser: argparse.ArgumentParser) -> None:
    parser.description = "Summarizes articles, one after the other."
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="a text file in UTF-8, a file of HTML or of records (JSONL, JSON, CSV, TSV), or an "
        "address (http, https) of text or HTML; - for standard input",
    )
    parser.add_argument(
        "--allow-private",
        action="store_true",
        help="fetch from addresses on this machine and in private networks, too",
    )
    parser.add_argument("--format", choices=FORMATS, help="text, or by the name of the output")
    parser.add_argument("-o", "--output", metavar="PATH", help="a file instead of standard output")


def _batch(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Summarizes articles by the thousand, many at a time: one line of JSON each, written as "
        "soon as it is there. The same command again goes on where it was."
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="records with text (and id, title, url, published, outlet) as JSONL, JSON, CSV or "
        "TSV, files of text or HTML, folders, patterns; - for JSONL on standard input",
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT.jsonl", help="the results; - for a pipe"
    )
    parser.add_argument(
        "--retry-failed", action="store_true", help="try again what failed in earlier runs"
    )
    parser.add_argument(
        "--limit", type=_count, metavar="N", help="the first N records of the input only"
    )
    parser.add_argument(
        "--engine",
        choices=("ray",),
        help="spread the work over the Ray cluster at RAY_ADDRESS, else over one started for the "
        "run",
    )
    limits = parser.add_argument_group("limits")
    limits.add_argument(
        "--concurrency",
        type=_count,
        metavar="N",
        help="articles at a time (8; 1 if embedded; with ray 32 a node, or all that fit)",
    )
    limits.add_argument("--rpm", type=_count, metavar="N", help="requests a minute")
    limits.add_argument("--tpm", type=_count, metavar="N", help="tokens a minute")
    limits.add_argument(
        "--max-tokens-total", type=_count, metavar="N", help="tokens before the run ends"
    )


def _report(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Writes summaries as one page of HTML, each beside its article, to be opened from the disk "
        "or sent to somebody. Articles are looked for at the path in the summary; the text of a "
        "page is in its summary. Without its text a summary is shown with its quotes alone."
    )
    parser.add_argument(
        "summaries",
        metavar="SUMMARIES",
        help="a file of summaries, JSONL or JSON; - for standard input",
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="PATH", help="the page; - for standard output"
    )
    parser.add_argument(
        "--articles",
        metavar="PATH",
        help="where they are: a folder with ID.txt, or a file of records",
    )


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Checks every quote of a file of summaries against the articles they were made from, "
        "without a model. Articles are looked for at the path in the summary; the text of a page "
        "is in its summary."
    )
    parser.add_argument("summaries", metavar="SUMMARIES", help="a file of summaries, JSONL or JSON")
    parser.add_argument(
        "--articles",
        metavar="PATH",
        help="where they are: a folder with ID.txt, or a file of records",
    )


def _evaluate(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Scores summaries against what a reader found in the same articles: how much was found, "
        "how much was made up, and what. Without --summaries the model is asked first."
    )
    parser.add_argument(
        "--gold", required=True, metavar="DIR", help="what a reader found: ID.json for each article"
    )
    parser.add_argument(
        "--articles",
        required=True,
        metavar="DIR",
        help="a folder with ID.txt, or a file of records",
    )
    parser.add_argument(
        "--summaries", metavar="FILE", help="score these, JSONL or JSON, and ask no model"
    )
    parser.add_argument(
        "--against",
        metavar="PLACE",
        help="compare with another run (a file of summaries) or another reader (a folder of gold)",
    )
    parser.add_argument(
        "--repeat",
        type=_number,
        default=1,
        metavar="N",
        help="ask the model N times, and say how much its answers vary",
    )
    parser.add_argument(
        "--min-f1", type=_share, metavar="X", help="exit with 1 if the mean F1 is below"
    )
    parser.add_argument(
        "--worst", type=_number, default=5, metavar="N", help="articles whose mistakes to show (5)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Writes summaries as tables, a file each: articles, actors, agenda_items, outcomes, "
        "quotes, unsupported and failures, each row with the id of its article. Of several "
        "summaries of an article the last one counts."
    )
    parser.add_argument(
        "summaries",
        metavar="SUMMARIES",
        help="a file of summaries, JSONL or JSON; - for standard input",
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FOLDER",
        help="where the tables go; what else is there stays",
    )
    parser.add_argument(
        "--format", choices=("csv", "parquet"), default="csv", help="csv unless given"
    )
    parser.add_argument(
        "--raw",
        action="store_true",
        help="text in CSV as it is: without an apostrophe before what a spreadsheet takes for a "
        "formula",
    )


_INPUT = (
    "records with text (and id, title, url, published, outlet) as JSONL, JSON, CSV or TSV, files "
    "of text or HTML, folders, patterns"
)


def _requests(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = _wrapped(
        "Writes what a model is to be asked first about each article, as summarize batch would "
        "ask it, in OpenAI's batch format, which vllm run-batch reads, too: requests.jsonl, and "
        "requests-2.jsonl and so on after 50,000 requests or 200 MB."
    )
    parser.epilog = _REQUESTS_EPILOG
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help=f"{_INPUT}; - for JSONL")
    parser.add_argument(
        "-o", "--output", required=True, metavar="REQUESTS.jsonl", help="the first file"
    )
    parser.add_argument(
        "--done", metavar="OUT.jsonl", help="leave out what has a result in this file"
    )
    parser.add_argument("--retry-failed", action="store_true", help="but not what has failed there")


_REQUESTS_EPILOG = """\
examples:
  summarize requests news.jsonl -o requests.jsonl --model openai/gpt-5.4-mini
  summarize requests news.jsonl -o requests.jsonl --model openai/Qwen/Qwen3-8B
  vllm run-batch -i requests.jsonl -o results.jsonl --model Qwen/Qwen3-8B
  summarize requests news.jsonl -o missing.jsonl --done summaries.jsonl
"""


def _collect(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = _wrapped(
        "Makes summaries from the results of request files: one line of JSON for each article of "
        "the input, as summarize batch writes them. Name the same input, model, strategy and "
        "prompts as for summarize requests. The results may be in any order, and in several files. "
        "The same command again goes on where it was."
    )
    parser.epilog = _COLLECT_EPILOG
    parser.add_argument("results", nargs="+", metavar="RESULTS.jsonl", help="files of results")
    _collecting(parser)


_COLLECT_EPILOG = """\
examples:
  summarize collect results.jsonl --input news.jsonl -o summaries.jsonl --model openai/gpt-5.4-mini
  summarize collect output.jsonl errors.jsonl --input news/ -o summaries.jsonl --again more.jsonl
"""


def _submit(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = _wrapped(
        "Uploads request files, has OpenAI's batches answer them, waits, and collects. Ctrl-C "
        "leaves the batches running; the same command goes on with them, and never pays for a "
        "file twice. What was submitted is noted in OUT.jsonl.batches, where the results go, too. "
        "A batch that expired without an answer was not paid for, and is submitted anew."
    )
    parser.epilog = _SUBMIT_EPILOG
    parser.add_argument("requests", nargs="+", metavar="REQUESTS.jsonl", help="files of requests")
    _collecting(
        parser,
        failed="try again what failed in earlier runs, and have a file answered, and paid for, "
        "again if its batch or its answers are gone, or were nothing but errors",
    )
    parser.add_argument(
        "--every", type=_seconds, metavar="SECONDS", default=30.0, help="between two looks (30)"
    )
    _timeout(parser, "for one request, a whole file among them (300)")


_SUBMIT_EPILOG = """\
example:
  summarize submit requests*.jsonl --input news.jsonl -o summaries.jsonl --model openai/gpt-5.4-mini
"""


def _collecting(
    parser: argparse.ArgumentParser, *, failed: str = "try again what failed in earlier runs"
) -> None:
    """What every command takes that joins results with articles."""
    parser.add_argument(
        "--input", nargs="+", action="extend", required=True, metavar="INPUT", help=_INPUT
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUT.jsonl", help="the summaries")
    parser.add_argument(
        "--again",
        metavar="FILE.jsonl",
        help="write the further questions that answers lead to, and leave their articles for later",
    )
    parser.add_argument("--retry-failed", action="store_true", help=failed)


def _wrapped(text: str) -> str:
    from textwrap import fill

    return fill(text, 80)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError
    return seconds


# The name that argparse shows in "invalid … value".
_seconds.__name__ = "number of seconds"


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_count.__name__ = "number above 0"


def _number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


_number.__name__ = "number"


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise ValueError
    return share


_share.__name__ = "number from 0 to 1"


class _Version(argparse.Action):
    """Looks the version up only when it is asked for: the metadata takes milliseconds to read."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: object) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        sys.stdout.write(f"summarize {version('summarize')}\n")
        parser.exit()
