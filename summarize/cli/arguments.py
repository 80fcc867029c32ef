"""The commands, and the arguments of each.

Imports nothing heavy, so that `--help` and a wrong flag are answered at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from summarize.cli.parsers import Formatter, Parser, add, usage_of

if TYPE_CHECKING:
    from summarize.models import ModelSettings

FORMATS = ("text", "json", "jsonl", "markdown", "html")
# The options for templates, and for the folder of a recording.
FILES = ("prompts", "record", "replay")

_DESCRIPTION = """\
Structured summaries of news about officials meeting: who took part,
what was on the agenda, what came of it, every item quoted with exact offsets."""
_EPILOG = """\
examples:
  summarize article seeds/004_6cd281ebbed1be5a.txt
  summarize article https://example.org/news/talks.html
  summarize article news/*.txt --format jsonl -o summaries.jsonl
  summarize batch news.jsonl -o summaries.jsonl
  summarize report summaries.jsonl -o report.html

`summarize COMMAND --help` says more. With no --model: SUMMARIZE_MODEL, else OpenAI where
OPENAI_API_KEY or OPENAI_BASE_URL is set, else the embedded model, which needs no key and no
network.
"""


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Returns the options of a command line; `command` is a key of `COMMANDS`."""
    parser = Parser(
        prog="summarize", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=Formatter
    )
    add(parser, "--version", "print the version")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    for name, (what, _, add_arguments) in COMMANDS.items():
        command = commands.add_parser(name, help=what, formatter_class=Formatter)
        add_arguments(command)
        add(command, "--traceback", "show where an error comes from")
        command.usage = usage_of(name, command)
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["--version"]:
        # The metadata takes milliseconds to read.
        from importlib.metadata import version

        sys.stdout.write(f"summarize {version('summarize')}\n")
        parser.exit()
    return parser.parse_args(words)


def taken(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """Returns the options with these names, as the Python calls take them."""
    return {name: getattr(options, name) for name in names}


def settings_of(options: argparse.Namespace) -> ModelSettings:
    """Returns the model that the options name, or raises a SummarizeError."""
    from summarize.models import CHOICE, choose_model

    return choose_model(**taken(options, CHOICE))


# The arguments of each command


def _article(parser: argparse.ArgumentParser) -> None:
    parser.description = "Summarizes articles, one after the other."
    what = "a file of text, HTML or records (JSONL, JSON, CSV, TSV), or an address of text or HTML"
    add(parser, "sources SOURCE", f"{what}; - for standard input", nargs="+")
    add(parser, "--format", "text, or by the name of the output", choices=FORMATS)
    add(parser, "-o --output PATH", "a file instead of standard output")
    add(parser, "--allow-private", "fetch from this machine and private networks, too")
    _add_model(parser)


def _batch(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Summarizes articles by the thousand, many at a time: one line of JSON each, written as "
        "soon as it is there. The same command again goes on where it was."
    )
    add(parser, "inputs INPUT", f"{_INPUT}; - for JSONL on standard input", nargs="+")
    add(parser, "-o --output OUT.jsonl", "the results; - for a pipe", required=True)
    add(parser, "--retry-failed", _RETRY_FAILED)
    add(parser, "--limit N", "the first N records of the input only")
    where = "use the Ray cluster at RAY_ADDRESS, else one started for the run"
    add(parser, "--engine", where, choices=("ray",))
    limits = parser.add_argument_group("limits")
    default = "8; 1 if embedded; with ray 32 a node, or all that fit"
    add(limits, "--concurrency N", f"articles at a time ({default})")
    add(limits, "--rpm N", "requests a minute")
    add(limits, "--tpm N", "tokens a minute")
    add(limits, "--max-tokens-total N", "tokens before the run ends")
    _add_model(parser)


def _report(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Writes summaries as one page of HTML, each beside its article. Articles are looked for at "
        "the path in the summary; one that is not found is shown by its quotes alone."
    )
    add(parser, "summaries SUMMARIES", f"{_SUMMARIES}; - for standard input")
    add(parser, "-o --output PATH", "the page; - for standard output", required=True)
    add(parser, "--articles PATH", f"where the articles are: {_ARTICLES}")
    _add_review(parser)


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Checks every quote of a file of summaries against the articles they were made from, "
        "without a model. Articles are looked for at the path in the summary."
    )
    add(parser, "summaries SUMMARIES", _SUMMARIES)
    add(parser, "--articles PATH", f"where the articles are: {_ARTICLES}")
    _add_review(parser)


def _evaluate(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Scores summaries against what a reader found in the same articles: how much was found, "
        "how much was made up, and what. Without --summaries the model is asked first."
    )
    add(parser, "--gold DIR", "what a reader found: ID.json for each article", required=True)
    add(parser, "--articles PATH", _ARTICLES, required=True)
    add(parser, "--summaries FILE", "score these, JSONL or JSON, and ask no model")
    corrected = "as people corrected them in this file of decisions; never found by its name"
    add(parser, "--review FILE", f"score the --summaries {corrected}")
    others = "another run (a file of summaries) or another reader (a folder of gold)"
    add(parser, "--against PLACE", f"compare with {others}")
    varies = "ask the model N times, and say how much its answers vary"
    add(parser, "--repeat N", varies, default=1)
    add(parser, "--min-f1 X", "exit with 1 if the mean F1 is below")
    add(parser, "--worst N", "articles whose mistakes to show (5)", type=int, default=5)
    add(parser, "--format", "text unless given", choices=("text", "json"), default="text")
    _add_model(parser)


def _learn(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Teaches the evidence model, which weighs a small model's answers, with annotated articles "
        "of your own. The model is asked about each; --record keeps its answers for the next time. "
        "Prints how well it does before and after, on articles that it was not taught with."
    )
    add(parser, "--gold DIR", "what a reader found: ID.json for each article", required=True)
    add(parser, "--articles PATH", _ARTICLES, required=True)
    use = "what was learned, for --evidence of the other commands"
    add(parser, "-o --output FILE.evidence", use, required=True)
    _add_model(parser)


def _export(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Writes summaries as tables, a file each: articles, actors, agenda_items, outcomes, "
        "quotes, unsupported and failures, each row with the id of its article."
    )
    add(parser, "summaries SUMMARIES", f"{_SUMMARIES}; - for standard input")
    where = "where the tables go; what else is there stays"
    add(parser, "-o --output FOLDER", where, required=True)
    add(parser, "--format", "csv unless given", choices=("csv", "parquet"), default="csv")
    formula = "without an apostrophe before what a spreadsheet takes for a formula"
    add(parser, "--raw", f"text in CSV as it is: {formula}")
    _add_review(parser)


def _review(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Opens summaries in a browser, each beside its article, to be corrected. Each decision is "
        "kept in SUMMARIES.review.jsonl as it is made. The page is served on this machine only."
    )
    add(parser, "summaries SUMMARIES", _SUMMARIES)
    add(parser, "--articles PATH", f"where the articles are: {_ARTICLES}")
    add(parser, "--review FILE", "keep the decisions in this file")
    add(parser, "--reviewer NAME", "who decides (your login name)")
    orders = "least certain first (confidence), or as in the file"
    add(parser, "--order", orders, choices=("confidence", "file"), default="confidence")
    add(parser, "--port PORT", "listen on this port (any that is free)")
    add(parser, "--no-browser", "print the address, and open nothing")


def _gold(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Writes gold of the articles that were reviewed whole: ID.json for each, as summarize "
        "evaluate reads it. Other files in the folder stay."
    )
    add(parser, "summaries SUMMARIES", _SUMMARIES)
    add(parser, "-o --output DIR", "the folder of gold", required=True)
    _add_review(parser)


def _dossier(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Puts together what summaries tell of the same people and meetings: meetings.jsonl, "
        "actors.jsonl, met.csv (who met whom, how often), network.graphml, events by PLOVER "
        "(plover.jsonl, plover.csv) and dossier.html to read. Summaries that are given later are "
        "added to what the folder has; those that it has are not read again."
    )
    add(parser, "summaries SUMMARIES", f"{_SUMMARIES}; - for standard input", nargs="+")
    add(parser, "-o --output DIR", "the folder of the dossier", required=True)
    known = "people with name, aliases, wikidata, country, office, from, to: CSV or JSONL"
    add(parser, "--people FILE", known)
    add(parser, "--decisions FILE", "who is who, and what is one meeting, as people decided")
    merged = "least probability of reports that become one meeting (0.5)"
    add(parser, "--threshold X", merged, default=0.5)
    add(parser, "--polecat", "the events as polecat.tsv, with POLECAT's forty columns, too")
    add(parser, "--cameo", "the events as pairs with CAMEO codes, too: cameo.csv")
    add(parser, "--ftm", "actors and meetings as entities of FollowTheMoney, too: ftm.jsonl")
    add(parser, "--parquet", "meetings, actors and pairs as tables of Parquet, too")
    add(parser, "--quiet", "no progress on standard error")
    _add_review(parser)


def _requests(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Writes what a model is to be asked first about each article, as summarize batch would "
        "ask it, in OpenAI's batch format, which vllm run-batch reads, too: requests.jsonl, and "
        "requests-2.jsonl and so on after 50,000 requests or 200 MB."
    )
    add(parser, "inputs INPUT", f"{_INPUT}; - for JSONL on standard input", nargs="+")
    add(parser, "-o --output REQUESTS.jsonl", "the first file", required=True)
    add(parser, "--done OUT.jsonl", "leave out what has a result in this file")
    add(parser, "--retry-failed", "but not what has failed there")
    _add_model(parser, is_asked=False)


def _collect(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Makes summaries from the results of request files: one line of JSON for each article of "
        "the input, as summarize batch writes them. Name the same input, model, strategy and "
        "prompts as for summarize requests. The results may be in any order, and in several files. "
        "The same command again goes on where it was."
    )
    add(parser, "results RESULTS.jsonl", "files of results", nargs="+")
    _add_collecting(parser)
    add(parser, "--retry-failed", _RETRY_FAILED)
    _add_model(parser, is_asked=False)


def _submit(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Uploads request files, has OpenAI's batches answer them, waits, and collects. Ctrl-C "
        "leaves the batches running; the same command goes on with them, and never pays for a "
        "file twice. What was submitted is noted in OUT.jsonl.batches, where the results go, too. "
        "A batch that expired without an answer was not paid for, and is submitted anew."
    )
    add(parser, "requests REQUESTS.jsonl", "files of requests", nargs="+")
    _add_collecting(parser)
    again = "and pay again for files whose answers are gone or were nothing but errors"
    add(parser, "--retry-failed", f"{_RETRY_FAILED}, {again}")
    add(parser, "--every SECONDS", "between two looks (30)", default=30.0)
    _add_model(parser, is_asked=False)
    add(parser, "--timeout SECONDS", "for one request, or a whole file (300)")


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.description = "Prints the JSON Schema of a summary."


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.description = "Says what works here and what does not; asks one small question."
    _add_model(parser)


# In the order of `summarize --help`: what each does, the module that runs it, its arguments.
COMMANDS = {
    "article": ("summarize articles", "article", _article),
    "batch": ("summarize articles by the thousand", "batch", _batch),
    "report": ("show summaries beside their articles, as one page", "summaries", _report),
    "verify": ("check every quote against its article again", "summaries", _verify),
    "evaluate": ("score a model against gold annotations", "evaluate", _evaluate),
    "learn": ("teach the evidence model with your own gold", "learn", _learn),
    "export": ("write summaries as CSV or Parquet", "summaries", _export),
    "review": ("correct summaries in a browser", "reviews", _review),
    "gold": ("write gold of what was reviewed", "reviews", _gold),
    "dossier": ("put together actors and meetings across articles", "dossier", _dossier),
    "requests": ("write files of requests, for OpenAI's batches or vLLM", "batch_files", _requests),
    "collect": ("make summaries from the results of such files", "batch_files", _collect),
    "submit": ("have such files answered by OpenAI's batches, and collect", "batch_files", _submit),
    "schema": ("print the JSON Schema of a summary", "summaries", _schema),
    "doctor": ("say what works here and what does not", "doctor", _doctor),
}


# What several commands share

_INPUT = (
    "records with text (and id, title, url, published, outlet) as JSONL, JSON, CSV or TSV, files "
    "of text or HTML, folders, patterns"
)
_SUMMARIES = "a file of summaries, JSONL or JSON"
_ARTICLES = "a folder with ID.txt, or a file of records"
_RETRY_FAILED = "try again what failed in earlier runs"


def _add_model(parser: argparse.ArgumentParser, *, is_asked: bool = True) -> None:
    """Adds the options that choose a model, and those of its connections if it is asked."""
    add(parser, "--quiet", "no progress on standard error")
    model = parser.add_argument_group("model")
    add(model, "--model NAME", "local, local:FILE.gguf, openai/NAME, ollama/NAME, …")
    add(model, "--base-url URL", "an OpenAI-compatible endpoint")
    sizes = "assisted for small models, direct for large ones (by the model's name)"
    add(model, "--strategy", sizes, choices=("assisted", "direct"))
    precision = "higher for precision, lower for recall (chosen for the best F1)"
    add(model, "--min-confidence P", f"with assisted, report items from here on: {precision}")
    own = "with assisted, weigh by what summarize learn wrote, in place of the package's weights"
    add(model, "--evidence FILE", own)
    sent = "send this with each request, such as reasoning_effort=low; may be repeated"
    add(model, "--option KEY=VALUE", sent, dest="options", action="append", default=[])
    add(model, "--prompts DIR", "your own prompt templates")
    if not is_asked:
        parser.set_defaults(timeout=None, record=None, replay=None)
        return
    add(model, "--timeout SECONDS", "for one request (300), or a page (30)")
    tape = model.add_mutually_exclusive_group()
    add(tape, "--record DIR", "keep requests and answers")
    add(tape, "--replay DIR", "answer from a recording; nothing is sent")


def _add_review(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say which decisions of people are applied."""
    choice = parser.add_mutually_exclusive_group()
    beside = "SUMMARIES.review.jsonl beside it, if there"
    add(choice, "--review FILE", f"decisions of summarize review to apply ({beside})")
    add(choice, "--no-review", "apply no decisions")


def _add_collecting(parser: argparse.ArgumentParser) -> None:
    """Adds the options of commands that join results with articles."""
    inputs = {"dest": "inputs", "nargs": "+", "action": "extend"}
    add(parser, "--input INPUT", _INPUT, required=True, **inputs)
    add(parser, "-o --output OUT.jsonl", "the summaries", required=True)
    later = "write further questions that answers lead to; their articles are left for later"
    add(parser, "--again FILE.jsonl", later)
