"""The commands for batch files of OpenAI and vLLM: `summarize requests`, `collect` and `submit`."""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Sequence
from contextlib import closing, nullcontext
from pathlib import Path

from summarize.batch.results import BatchError, BatchResult
from summarize.batch_files import Answers, Collection, RequestFiles, first_requests
from summarize.cli import INTERRUPTED, NOTHING_DONE, SOME_FAILED
from summarize.cli.batch_setup import BatchSetup, set_up
from summarize.cli.messages import Messages, counted, duration, usage
from summarize.cli.signals import interrupt, stoppable
from summarize.errors import ConfigurationError, InputError, SummarizeError


def run_requests(options: argparse.Namespace) -> int:
    """Writes the requests about the articles that the options name; returns the exit code."""
    if options.retry_failed and not options.done:
        why = "--retry-failed needs to know what has failed"
        raise ConfigurationError(why, hint="name the results with --done")
    with set_up(options, options.done, options.output) as setup:
        messages = setup.messages
        files = RequestFiles(Path(options.output))
        messages.start_model(setup.settings)
        plan = setup.plan()
        if plan.is_done():
            return setup.report_nothing_to_do(plan)
        to_do = (task.record for task in plan)
        articles = 0
        try:
            with files, stoppable(interrupt):
                for id_, bodies in first_requests(setup.settings, to_do, prompts=options.prompts):
                    if isinstance(bodies, InputError):
                        setup.add(BatchResult(id_, error=BatchError.of(bodies)))
                        continue
                    articles += 1
                    for body in bodies:
                        files.add(body)
                    messages.update(counted(articles, "article"))
        except KeyboardInterrupt:
            messages.error(f"interrupted; {options.output} was not written")
            return INTERRUPTED
        done = f"{counted(files.requests, 'request')} about {counted(articles, 'article')}"
        done += f" in {', '.join(map(str, files.paths))}" if files.paths else ""
        repeated = f"{counted(files.repeated, 'request')} not repeated"
        setup.report_end(plan, done, *([repeated] if files.repeated else []))
        return messages.exit_code()


def run_collect(options: argparse.Namespace) -> int:
    """Collects the results that the options name; returns the exit code."""
    paths = [Path(path) for path in options.results]
    if missing := [path for path in paths if not path.exists()]:
        raise InputError(f"{missing[0]}: no such file", hint="check the path")
    with set_up(options, options.output, options.again, *options.results) as setup:
        setup.messages.start_model(setup.settings)
        return _collect(setup, paths)


def run_submit(options: argparse.Namespace) -> int:
    """Has the files answered that the options name, and collects; returns the exit code."""
    if options.output == "-":
        raise ConfigurationError("-: is no name of a file", hint="name one with -o, to go on from")
    if "-" in options.inputs:
        raise ConfigurationError(
            "standard input cannot be read again when the batches are through",
            hint="give the articles as files",
        )
    with set_up(options, options.output, options.again, *options.requests) as setup:
        setup.messages.start_model(setup.settings)
        return _submit(setup)


def _submit(setup: BatchSetup) -> int:
    from summarize.batch_files.submitting import Submission

    options, messages = setup.options, setup.messages
    plan = setup.plan()
    since = time.monotonic()
    submission = Submission(
        setup.settings,
        Path(f"{options.output}.batches"),
        every=options.every,
        retry_failed=options.retry_failed,
        on_message=messages.info,
        on_progress=lambda progress: messages.update(
            f"{progress} · {duration(time.monotonic() - since)}"
        ),
        report=messages.on_progress,
    )
    resume = f"what is submitted goes on; the same command goes on from there ({options.output})"
    with closing(submission):
        try:
            # At once, on SIGTERM as on Ctrl-C: what is submitted is noted.
            with stoppable(interrupt):
                if plan.is_done():
                    # Nobody would see the answers.
                    return setup.report_nothing_to_do(plan)
                submission.run([Path(path) for path in options.requests])
        except KeyboardInterrupt:
            state = resume if submission.may_have_batches else "nothing is submitted"
            messages.error(f"interrupted; {state}")
            return INTERRUPTED
        except SummarizeError as error:
            messages.error(f"stopped: {error}")
            if submission.may_have_batches:
                messages.error(resume)
            return NOTHING_DONE
        for failed in submission.failed:
            messages.error(failed)
        if not submission.results:
            messages.error("no results")
            return NOTHING_DONE
        return _collect(setup, submission.results, with_earlier=True)


def _collect(setup: BatchSetup, paths: Sequence[Path], *, with_earlier: bool = False) -> int:
    """Makes summaries of the articles from the results in files; returns the exit code.

    `with_earlier`: results of earlier runs, about other requests, may be among them.
    """
    options, messages = setup.options, setup.messages
    again = RequestFiles(Path(options.again)) if options.again else None
    with Answers() as answers:
        collection = Collection(setup.settings, answers, prompts=options.prompts, again=again)
        _read(answers, paths, messages)
        plan = setup.plan()
        try:
            with again or nullcontext(), stoppable(interrupt):
                for group in collection.run(plan, setup.output):
                    for result in group:
                        setup.add(result)
                    through = collection.done + collection.failed + collection.pending
                    messages.update(counted(through + plan.kept + plan.kept_failures, "article"))
        except KeyboardInterrupt:
            messages.error(f"interrupted; the same command goes on from here ({options.output})")
            return INTERRUPTED
        spent = usage(collection.tokens, collection.cost_usd)
        setup.report_end(plan, counted(collection.done, "summary", "summaries"), *spent)
        if again and collection.pending:
            messages.error(
                f"{counted(collection.pending, 'article')} left unwritten: "
                f"{counted(again.requests, 'further request')} in "
                f"{', '.join(map(str, again.paths))}; have them answered, then collect from the "
                "results of both"
            )
        elif again:
            messages.info(f"no further requests: {again.path} was not written")
        if collection.unasked:
            messages.info(
                f"{counted(collection.unasked, 'summary', 'summaries')} made without a second "
                "question about what the article does not say in those words; to have it asked, "
                "collect into another file with --again FILE"
            )
        # The results of what was kept are not looked up.
        if not (plan.kept or plan.kept_failures or (with_earlier and collection.done)):
            _report_unknown(answers, messages)
        return SOME_FAILED if plan.kept_failures else messages.exit_code()


def _read(answers: Answers, paths: Sequence[Path], messages: Messages) -> None:
    """Takes in the files of results."""
    broken: deque[str] = deque(maxlen=1)
    for path in paths:
        messages.start_task(f"reading {path}")
        broken.extend(answers.read(path))
    if broken:
        lines = counted(answers.broken, "line")
        messages.error(f"{lines} without a result left out, such as {broken[0]}")
    if not answers.results:
        names = ", ".join(str(path) for path in paths)
        raise InputError(
            f"{names}: no results in there",
            hint="give the files that the batch, or vllm run-batch, has written",
        )
    messages.info(counted(answers.results, "result"))


def _report_unknown(answers: Answers, messages: Messages) -> None:
    """Says which results are of no article of the input."""
    unknown = answers.unknown()
    if first := next(unknown, None):
        number = 1 + sum(1 for _ in unknown)
        messages.error(
            f"{counted(number, 'result')} of no article of this input, such as {first:.64}; if "
            "these are many, the model, the strategy, the prompts or the input differ from those "
            "that the requests were written with"
        )
