"""Asks a model about articles that share the model, the prompts and the cassette."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self, TypedDict, Unpack

from summarize.article.article import Article
from summarize.errors import ConfigurationError
from summarize.evidence.evidence_file import learned
from summarize.models import CHOICE, Message, Meter, ModelSettings, Question, choose_model
from summarize.models.model import Model
from summarize.models.rate_limiter import RateLimiter
from summarize.pipeline.pipeline import MENDABLE, Answer, Pipeline
from summarize.pipeline.worker_pool import WorkerError, WorkerPool
from summarize.progress import ProgressCallback, silent
from summarize.prompting.draft import Draft
from summarize.prompting.strategy import EvidenceFile
from summarize.prompting.templates import Prompts, load_prompts
from summarize.schema import Provenance, Summary

# Makes an article its summary as JSON.
Render = Callable[[Article], Awaitable[tuple[str, Provenance]]]

# A hosted model takes seconds to answer, and an article milliseconds to ground: one process for so
# many in flight has time to spare, and two keep up with what one event loop can ask.
_IN_FLIGHT_PER_PROCESS = 32
_MAX_PROCESSES = 2
# Seconds; often enough to look alive, and no measurable load on the server.
_WATCH_INTERVAL = 0.5


class RequestOptions(TypedDict, total=False):
    """How a model is asked: keyword arguments of every call, none of them needed.

    Attributes:
        base_url: an OpenAI-compatible endpoint.
        timeout: seconds for one request.
        strategy: "assisted" for small models, "direct" for large ones; chosen by the model's name.
        min_confidence: with "assisted", the probability from which on an item is reported; chosen
            so that precision and recall are balanced.
        evidence: with "assisted", a file that `summarize learn` wrote, in place of the package's
            own weights.
        options: what else goes into each request, as the provider names it, such as
            {"reasoning_effort": "low"}.
        prompts: a folder of templates instead of the package's own.
        record: a folder to keep requests and answers in.
        replay: a folder to take the answers from; nothing is sent.
        report: called with each step of the work.
    """

    base_url: str | None
    timeout: float | None
    strategy: str | None
    min_confidence: float | None
    evidence: str | PathLike[str] | None
    options: Mapping[str, object] | None
    prompts: str | PathLike[str] | Prompts | None
    record: str | PathLike[str] | None
    replay: str | PathLike[str] | None
    report: ProgressCallback


def check_options(options: RequestOptions) -> None:
    """Raises a TypeError, as Python does, where a name is none of `RequestOptions`."""
    if unknown := options.keys() - RequestOptions.__annotations__.keys():
        raise TypeError(f"unexpected keyword arguments: {', '.join(sorted(unknown))}")


class Summarizer:
    """Summarizes articles with one model.

    Use it as a context manager, plain or asynchronous. Threads and tasks may share it.

    Args:
        model: "local", "local:/path/to/file.gguf" or "provider/model"; None to choose by the
            environment, else the embedded model. Or settings or a model made before.
        limiter: of a run that `asummarize` is called for many articles in.
        options: `base_url` and others, see `RequestOptions`.

    Raises:
        SummarizeError: the model, the prompts or the cassette cannot be had.
    """

    def __init__(
        self,
        model: str | ModelSettings | Model | None = None,
        *,
        limiter: RateLimiter | None = None,
        **options: Unpack[RequestOptions],
    ) -> None:
        check_options(options)
        if model is None or isinstance(model, str):
            given: dict[str, Any] = {**options, "model": model}
            given = {name: given.get(name) for name in CHOICE}
            model = choose_model(**given)
        record, replay = options.get("record"), options.get("replay")
        self._prompts = load_prompts(options.get("prompts"))
        self._report = report = options.get("report", silent)
        self._package = f"summarize {version('summarize')}"
        with ExitStack() as stack:
            if replay is not None:
                from summarize.cassettes.cassette import replaying

                stack.enter_context(replaying(Path(replay)))
            if isinstance(model, ModelSettings):
                model = Model(model, replay=replay is not None, report=report, limiter=limiter)
            self.model = model
            self._strategy = model.settings.strategy
            _check_evidence(self._strategy.evidence)
            # After the model, so that starting the embedded one is not in the recording.
            if record is not None:
                from summarize.cassettes.cassette import recording

                stack.enter_context(recording(Path(record)))
            self._open = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.model.aclose()
        self.close()

    def close(self) -> None:
        """Ends the recording or the replay. The embedded model stays loaded for the process."""
        self.model.close()
        self._open.close()

    def summarize(self, article: Article) -> Summary:
        """Returns the summary of one article.

        Raises:
            SummarizeError: why there is none.
        """
        meter = Meter()
        return self._finish(article, meter).summary(self.provenance(meter))

    def draft(self, article: Article) -> Draft:
        """Returns what the model answers about one article, before it is weighed.

        Raises:
            SummarizeError: why there is no answer.
        """
        draft = self._finish(article, Meter()).draft
        assert draft is not None  # noqa: S101  there are no more questions
        return draft

    def _finish(self, article: Article, meter: Meter) -> Pipeline:
        """Returns an article's pipeline with all its questions answered."""
        pipeline = self.begin(article)
        with self._watched():
            while pipeline.question:
                try:
                    answer: Answer = self.model.ask(pipeline.question, meter)
                except MENDABLE as error:
                    answer = error
                pipeline.take(answer)
        return pipeline

    async def asummarize(self, article: Article) -> Summary:
        """As `summarize`, for asyncio."""
        meter = Meter()
        pipeline = self.begin(article)
        with self._watched():
            while pipeline.question:
                pipeline.take(await self._answer(pipeline.question, meter))
        return pipeline.summary(self.provenance(meter))

    async def arender(
        self, article: Article, workers: WorkerPool, meter: Meter | None = None
    ) -> tuple[str, Provenance]:
        """As `asummarize`, with other processes doing all but the asking; returns JSON."""
        meter = meter or Meter()
        self._prepare()
        key = workers.key()
        answers: list[Answer] = []
        while True:
            provenance = self.provenance(meter)
            step = await workers.step(key, article, answers, provenance)
            if isinstance(step, str):
                return step, provenance
            answers.append(await self._answer(step, meter))

    async def _answer(self, question: Question[Any], meter: Meter) -> Answer:
        try:
            return await self.model.aask(question, meter)
        except MENDABLE as error:
            return error

    def workers(self, number: int) -> WorkerPool:
        """Returns processes for `arender`."""
        return WorkerPool(number, self._prompts, self.model.context_tokens, self._strategy)

    @asynccontextmanager
    async def rendering(self, concurrency: int) -> AsyncIterator[tuple[Render, int]]:
        """Starts as many processes as keep up with so many articles in flight.

        Args:
            concurrency: requests in flight at most.

        Yields:
            A function that returns an article's summary as JSON, and how many calls to make at a
            time.
        """
        number = min(concurrency // _IN_FLIGHT_PER_PROCESS, _MAX_PROCESSES)
        async with AsyncExitStack() as stack:
            render: Render = self._render
            # Where none can be started, this process does their work, too.
            with suppress(WorkerError):
                if number:
                    workers = await stack.enter_async_context(self.workers(number))
                    render = partial(self.arender, workers=workers)
                    # While an article is grounded there, another may be asked about in its place.
                    concurrency += concurrency // 4
            # Its connections are the event loop's, which ends.
            stack.push_async_callback(self.model.aclose)
            yield render, concurrency

    async def _render(self, article: Article) -> tuple[str, Provenance]:
        summary = await self.asummarize(article)
        return summary.to_json(), summary.provenance

    def _prepare(self) -> None:
        """Puts the embedded model in the state from which every article begins, in any order."""
        turns = self._prompts.beginning(direct=not self._strategy.weighs)
        self.model.prepare([Message(*turn) for turn in turns])

    def begin(self, article: Article) -> Pipeline:
        """Returns an article's pipeline, for callers who ask its questions themselves.

        Raises:
            InputError: the article has no text.
        """
        self._prepare()
        return Pipeline(
            article, self._prompts, self.model.context_tokens, self._strategy, self._report
        )

    def provenance(self, meter: Meter) -> Provenance:
        """Returns the provenance of a summary that took what the meter counted."""
        return Provenance(
            model=self.model.name,
            prompt=self._prompts.id,
            schema=self._strategy.schema,
            evidence=evidence.hash if (evidence := self._strategy.evidence) else None,
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            seconds=round(meter.seconds, 3),
            attempts=meter.attempts,
            usage=self.model.priced(meter.usage),
            package=self._package,
        )

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Reports what the embedded model is doing while it is asked."""
        if self._report is silent or not self.model.settings.is_local:
            yield
            return
        done = Event()

        def watch() -> None:
            while not done.wait(_WATCH_INTERVAL):
                if progress := self.model.activity():
                    self._report(progress)

        watcher = Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _check_evidence(file: EvidenceFile | None) -> None:
    if file is None:
        return
    try:
        learned(file.content)
    except ValueError as error:
        raise ConfigurationError(
            f"{file.path}: is no evidence file", hint="give the file that summarize learn wrote"
        ) from error
