"""One article from end to end: read, ask, ground, put together.

The pipeline is a generator that yields questions and receives replies, so that one and the same
code serves threads, asyncio and batches. A `Summarizer` holds what articles share: the model, the
prompts, the cassette.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from threading import Event as ThreadEvent
from threading import Thread
from typing import Any, Self, TypeVar

from summarize.article import Article
from summarize.cassettes import recording, replaying
from summarize.composing import compose
from summarize.draft import Corrections, Draft, schema_hash
from summarize.errors import (
    AnswerError,
    ContextLengthError,
    InputError,
    RefusalError,
    TruncatedAnswerError,
)
from summarize.grounding import Grounded, Grounding, corrected
from summarize.matching import fold
from summarize.models import (
    InvalidAnswerError,
    Message,
    Meter,
    ModelSettings,
    Question,
    Reply,
    choose_model,
)
from summarize.models.client import Model
from summarize.progress import Progress, ProgressCallback, silent
from summarize.prompts import Prompts, load_prompts
from summarize.reading import Reading, Span
from summarize.schema import Provenance, Summary

__all__ = ["Summarizer"]

# UTF-8 bytes in a token, taken low. With the embedded model's tokenizer English has 5.2 to 5.7 (the
# seeds), a few sentences of Hindi 3.0, of Turkish and Persian 3.3, of German 3.8, of Chinese 5.1. A
# text that has still fewer is halved when the model says that it is too long.
_BYTES_PER_TOKEN = 2.5
# Tokens left for what is not the article: instructions and example (about 600), the answer (at most
# 900), and the second question with its answer (about 700); some to spare.
_RESERVED_TOKENS = 2_500
# Bytes. A window this small that still does not fit is not the article's fault.
_MIN_WINDOW = 1_500

T = TypeVar("T")
Steps = Generator[Question[Any], Reply[Any], Grounded]


class Summarizer:
    """Summarizes articles with one model.

    Use it as a context manager, plain or asynchronous. Threads and tasks may share it.

    Args:
        model: "local", "local:/path/to/file.gguf" or "provider/model"; None to choose by the
            environment, else the embedded model. Or settings made before.
        base_url: of an OpenAI-compatible endpoint.
        timeout: seconds for one request.
        prompts: a folder of templates instead of the package's own.
        record: a folder to keep every request and answer in.
        replay: a folder to take every answer from; nothing is sent.
        report: told what is being done.

    Raises:
        SummarizeError: the model, the prompts or the cassette cannot be had.
    """

    def __init__(
        self,
        model: str | ModelSettings | None = None,
        *,
        base_url: str | None = None,
        timeout: float | None = None,
        prompts: str | PathLike[str] | None = None,
        record: str | PathLike[str] | None = None,
        replay: str | PathLike[str] | None = None,
        report: ProgressCallback = silent,
    ) -> None:
        if isinstance(model, ModelSettings):
            settings = model
        else:
            settings = choose_model(model, base_url=base_url, timeout=timeout)
        self._prompts = load_prompts(None if prompts is None else Path(prompts))
        self._report = report
        with ExitStack() as stack:
            if replay is not None:
                stack.enter_context(replaying(Path(replay)))
            self.model = Model(settings, replay=replay is not None, report=report)
            # Weights may have to be downloaded first, which is not to be recorded.
            if record is not None:
                stack.enter_context(recording(Path(record)))
            self._open = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def close(self) -> None:
        """Ends the recording or the replay. The embedded model stays loaded for the process."""
        self.model.close()
        self._open.close()

    async def aclose(self) -> None:
        """As `close`, from the event loop that asked."""
        await self.model.aclose()
        self.close()

    def summarize(self, article: Article) -> Summary:
        """The summary of one article.

        Raises:
            SummarizeError: why there is none.
        """
        run = self._begin(article)
        with self._watched():
            while run.question:
                with run.answering():
                    run.reply = self.model.ask(run.question, run.meter)
        return self._summary(article, run.grounded, run.meter)

    async def asummarize(self, article: Article) -> Summary:
        """As `summarize`, for asyncio."""
        run = self._begin(article)
        with self._watched():
            while run.question:
                with run.answering():
                    run.reply = await self.model.aask(run.question, run.meter)
        return self._summary(article, run.grounded, run.meter)

    def _begin(self, article: Article) -> _Run:
        """Every article begins from the same state, so that its answer is the same in any order."""
        self.model.prepare([Message(*turn) for turn in self._prompts.beginning])
        return _Run(article, self._prompts, self.model.context_tokens, self._report)

    def _summary(self, article: Article, grounded: Grounded, meter: Meter) -> Summary:
        return Summary(
            article=article.info,
            is_meeting=grounded.is_meeting,
            event=grounded.event,
            actors=grounded.actors,
            agenda_items=grounded.agenda_items,
            outcomes=grounded.outcomes,
            summary=compose(grounded),
            unsupported=grounded.unsupported,
            provenance=Provenance(
                model=self.model.name,
                prompt=self._prompts.id,
                schema=schema_hash(),
                created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                seconds=round(meter.seconds, 3),
                attempts=meter.attempts,
                usage=meter.usage,
                package=f"summarize {version('summarize')}",
            ),
        )

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Reports what the embedded model is doing while it is asked."""
        if self._report is silent:
            yield
            return
        done = ThreadEvent()
        watcher = Thread(target=self._watch, args=(done,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _watch(self, done: ThreadEvent) -> None:
        while not done.wait(_WATCH_INTERVAL):
            if progress := self.model.activity():
                self._report(progress)


# Seconds; often enough to look alive, and no measurable load on the server.
_WATCH_INTERVAL = 0.5


class _Run:
    """One article on its way through the pipeline.

    Attributes:
        question: to be asked next; None when the article is done.
        reply: to the question.
        meter: what it has cost so far.
    """

    reply: Reply[Any]
    grounded: Grounded

    def __init__(
        self, article: Article, prompts: Prompts, context_tokens: int, report: ProgressCallback
    ) -> None:
        self._steps = _steps(article, prompts, context_tokens, report)
        self.question: Question[Any] | None = next(self._steps)
        self.meter = Meter()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Takes the reply on to the next question, or the error to where it can be mended."""
        try:
            try:
                yield
            except (AnswerError, ContextLengthError, RefusalError) as error:
                self.question = self._steps.throw(error)
            else:
                self.question = self._steps.send(self.reply)
        except StopIteration as stop:
            self.grounded = stop.value
            self.question = None


def _steps(
    article: Article, prompts: Prompts, context_tokens: int, report: ProgressCallback
) -> Steps:
    """The pipeline: yields questions, is sent replies, or thrown the errors it can mend."""
    if not article.reading.text:
        raise InputError(f"{article.source or article.id}: has no text", hint="check the file")
    grounding = Grounding(article)
    drafts: list[Draft] = []
    room = int((context_tokens - _RESERVED_TOKENS) * _BYTES_PER_TOKEN)
    windows = deque(_windows(article.reading, room))
    while windows:
        window = windows.popleft()
        if drafts or windows:
            count = len(drafts) + len(windows) + 1
            report(Progress("reading", note=f"part {len(drafts) + 1} of {count}"))
        turns = prompts.turns(window)
        asked = Question(tuple(Message(*turn) for turn in turns), Draft)
        try:
            try:
                reply = yield asked
            except InvalidAnswerError as error:
                again = prompts.invalid(error.problems)
                reply = yield asked.followed_by(error.text, again, Draft)
        except (ContextLengthError, TruncatedAnswerError):
            # Half the text has half the tokens and, mostly, half the answer.
            if len(window.encode()) < _MIN_WINDOW:
                raise
            windows.extendleft(reversed(_halves(window)))
            continue
        draft = reply.value
        if unfound := grounding.unfound(draft):
            again = prompts.unfound(unfound)
            try:
                second = yield asked.followed_by(reply.text, again, Corrections)
            except (AnswerError, ContextLengthError, RefusalError):
                # The first answer stands; what was not found is reported as unsupported.
                drafts.append(draft)
                continue
            draft = corrected(draft, unfound, second.value.copied)
        drafts.append(draft)
    return grounding.ground(_merged(drafts))


def _windows(reading: Reading, room: int) -> list[str]:
    """The reading as it is put to the model: whole, or in windows of whole paragraphs.

    Each window after the first begins with the title, so that the model knows what it is about.
    """
    if len(reading.text.encode()) <= room:
        return [reading.text]
    title = f"{reading.title}\n" if reading.title else ""
    pieces = [piece for p in reading.paragraphs for piece in _pieces(reading, p.span, room // 2)]
    windows = [""]
    for piece in pieces:
        if windows[-1] and len(f"{windows[-1]}\n{piece}".encode()) > room:
            windows.append(f"{title}{piece}")
        else:
            windows[-1] = f"{windows[-1]}\n{piece}" if windows[-1] else piece
    return windows


def _pieces(reading: Reading, span: Span, room: int) -> Iterator[str]:
    """A paragraph, or its sentences, or stretches of them, none longer than the room."""
    text = reading.text[span.start : span.end]
    if len(text.encode()) <= room:
        yield text
        return
    for sentence in reading.sentences:
        if sentence.span in span:
            said = reading.text[sentence.span.start : sentence.span.end]
            # A code point has at most four bytes.
            step = room // 4 if len(said.encode()) > room else len(said)
            yield from (said[i : i + step] for i in range(0, len(said), step))


def _halves(window: str) -> list[str]:
    """A window in two, between paragraphs where there are several."""
    middle = len(window) // 2
    breaks = [i for i, character in enumerate(window) if character == "\n"] or [
        i for i, character in enumerate(window) if character == " "
    ]
    cut = min(breaks, key=lambda i: abs(i - middle), default=middle)
    return [part for part in (window[:cut].strip(), window[cut:].strip()) if part]


def _merged(drafts: Sequence[Draft]) -> Draft:
    """The drafts of several windows as one: the first that says something, and each thing once."""
    if len(drafts) == 1:
        return drafts[0]
    return Draft(
        event=next((draft.event for draft in drafts if draft.event != "none"), "none"),
        place=next((draft.place for draft in drafts if draft.place), ""),
        date=next((draft.date for draft in drafts if draft.date), ""),
        participants=_once((p for draft in drafts for p in draft.participants), lambda p: p.name),
        topics=_once((topic for draft in drafts for topic in draft.topics), str),
        outcomes=_once((o for draft in drafts for o in draft.outcomes), lambda o: o.text),
    )


def _once(items: Iterable[T], words: Callable[[T], str]) -> list[T]:
    """The items whose words were not there before, in order."""
    first: dict[str, T] = {}
    for item in items:
        first.setdefault(fold(words(item)), item)
    return list(first.values())
