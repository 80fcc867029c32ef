"""Takes one article from the first question for the model to its summary.

A pipeline asks nobody itself: it gives a question, takes the answer or the error that came instead,
and in the end gives the summary. So one and the same code serves threads, asyncio and processes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from summarize.article.article import Article
from summarize.article.reading import Reading, Span
from summarize.errors import (
    AnswerError,
    ContextLengthError,
    InputError,
    MissingResultError,
    RefusalError,
    TruncatedAnswerError,
)
from summarize.evidence.assisted import AssistedGrounding
from summarize.evidence.evidence_file import learned
from summarize.grounding.direct import DirectGrounding
from summarize.grounding.grounded import Grounded
from summarize.grounding.matching import fold
from summarize.models import InvalidAnswerError, Message, Question, Reply
from summarize.pipeline.paragraph import compose
from summarize.progress import Progress, ProgressCallback, silent
from summarize.prompting.draft import Corrections, Draft, DraftMeeting, FullDraft, corrected
from summarize.prompting.strategy import Strategy
from summarize.prompting.templates import Prompts
from summarize.schema import Provenance, Summary

# UTF-8 bytes in a token, taken low. With the embedded model's tokenizer English has 5.2 to 5.7 (the
# seeds), a few sentences of Hindi 3.0, of Turkish and Persian 3.3, of German 3.8, of Chinese 5.1. A
# text that has still fewer is halved when the model says that it is too long.
_BYTES_PER_TOKEN = 2.5
# Tokens left for what is not the article: instructions and example (about 600), the answer (at most
# 900), and the second question with its answer (about 700); some to spare.
_RESERVED_TOKENS = 2_500
# Bytes. A window this small that still does not fit is not the article's fault.
_MIN_WINDOW = 1_500

# Characters of an unreadable answer that the model is shown again.
_MAX_ECHO = 4_000

# Errors that the pipeline may find a way around.
MENDABLE = (AnswerError, ContextLengthError, MissingResultError, RefusalError)
# What comes back from a question.
Answer = Reply[Any] | AnswerError | ContextLengthError | MissingResultError | RefusalError

T = TypeVar("T")


class Pipeline:
    """The way of one article.

    The model reads `context_tokens` at once; `report` is called with the parts of a long article.

    Attributes:
        question: to be asked next; None when the article is done.
        draft: the model's answers, merged, once there are no more questions.
        first_questions: those that no answer changes, one for each window.

    Raises:
        InputError: the article has no text.
    """

    def __init__(
        self,
        article: Article,
        prompts: Prompts,
        context_tokens: int,
        strategy: Strategy,
        report: ProgressCallback = silent,
    ) -> None:
        windows = _windows(article, context_tokens)
        self.first_questions = [_question(window, prompts, strategy) for window in windows]
        self._article = article
        self._steps = _steps(article, windows, prompts, strategy, report)
        self._grounded: Grounded | None = None
        self.draft: Draft | None = None
        self.question: Question[Any] | None = next(self._steps)

    def take(self, answer: Answer) -> None:
        """Goes on with an answer to the question, or with the error that came instead.

        Raises:
            SummarizeError: the error, where there is no way around it.
        """
        try:
            if isinstance(answer, Reply):
                self.question = self._steps.send(answer)
            else:
                self.question = self._steps.throw(answer)
        except StopIteration as stop:
            self.draft, self._grounded = stop.value
            self.question = None

    def summary(self, provenance: Provenance) -> Summary:
        """The summary, once there are no more questions."""
        grounded = self._grounded
        assert grounded is not None  # noqa: S101  there are no more questions
        return Summary(
            article=self._article.info,
            is_meeting=grounded.is_meeting,
            meetings=grounded.meetings,
            actors=grounded.actors,
            agenda_items=grounded.agenda_items,
            outcomes=grounded.outcomes,
            summary=compose(grounded),
            unsupported=grounded.unsupported,
            provenance=provenance,
        )


def _steps(
    article: Article,
    first_windows: Sequence[str],
    prompts: Prompts,
    strategy: Strategy,
    report: ProgressCallback,
) -> Generator[Question[Any], Reply[Any], tuple[Draft, Grounded]]:
    """The pipeline: yields questions, is sent replies, or thrown the errors it can mend."""
    grounding: AssistedGrounding | DirectGrounding | None = None
    drafts: list[Draft] = []
    windows = deque(first_windows)
    # Windows asked about because an answer was cut off: if theirs is, too, it is a loop.
    tried: set[str] = set()
    while windows:
        window = windows.popleft()
        if drafts or windows:
            count = len(drafts) + len(windows) + 1
            report(Progress("reading", note=f"part {len(drafts) + 1} of {count}"))
        asked = _question(window, prompts, strategy)
        try:
            try:
                reply = yield asked
            except InvalidAnswerError as error:
                again = prompts.invalid(error.problems)
                wrong = error.text[:_MAX_ECHO]
                reply = yield asked.followed_by(wrong, again, strategy.draft)
        except (ContextLengthError, TruncatedAnswerError) as error:
            # Half the text has half the tokens and, mostly, half the answer.
            halves = _halves(window) if len(window.encode()) >= _MIN_WINDOW else []
            if isinstance(error, TruncatedAnswerError):
                if window in tried:
                    raise
                # A small model says the same again.
                halves = halves or ([] if strategy.weighs else [window])
                tried.update(halves)
            if not halves:
                raise
            windows.extendleft(reversed(halves))
            continue
        draft = reply.value
        # Made while no model waits for a first question.
        if grounding is None:
            grounding = (
                AssistedGrounding(
                    article,
                    strategy.min_confidence,
                    learned(strategy.evidence.content) if strategy.evidence else None,
                )
                if strategy.weighs
                else DirectGrounding(article)
            )
        unfound = grounding.unfound(draft) if isinstance(grounding, DirectGrounding) else []
        if unfound:
            again = prompts.unfound(unfound)
            try:
                second = yield asked.followed_by(reply.text, again, Corrections)
            except MENDABLE:
                # The first answer stands; what was not found is reported as unsupported.
                drafts.append(draft)
                continue
            draft = corrected(draft, unfound, second.value.copied)
        drafts.append(draft)
    # There is one: a text with something in it has a window.
    assert grounding is not None  # noqa: S101
    merged = _merged(drafts)
    return merged, grounding.ground(merged)


def _question(window: str, prompts: Prompts, strategy: Strategy) -> Question[Any]:
    turns = prompts.turns(window, direct=not strategy.weighs)
    return Question(tuple(Message(*turn) for turn in turns), strategy.draft)


def _windows(article: Article, context_tokens: int) -> list[str]:
    """Returns an article as the model reads it: whole, or in windows of whole paragraphs.

    Each window after the first begins with the title, so that the model knows what it is about.
    """
    reading = article.reading
    if not reading.text:
        raise InputError(f"{article.name}: has no text", hint="check the file")
    room = int((context_tokens - _RESERVED_TOKENS) * _BYTES_PER_TOKEN)
    if len(reading.text.encode()) <= room:
        return [reading.text]
    title = f"{reading.title}\n" if reading.title else ""
    pieces = [piece for p in reading.paragraphs for piece in _pieces(reading, p, room // 2)]
    windows = [""]
    for piece in pieces:
        if windows[-1] and len(f"{windows[-1]}\n{piece}".encode()) > room:
            windows.append(f"{title}{piece}")
        else:
            windows[-1] = f"{windows[-1]}\n{piece}" if windows[-1] else piece
    return windows


def _pieces(reading: Reading, span: Span, room: int) -> Iterator[str]:
    """Yields a paragraph, or its sentences, or parts of them, none longer than the room."""
    text = reading.text[span.start : span.end]
    if len(text.encode()) <= room:
        yield text
        return
    for sentence in reading.sentences:
        if span.holds(sentence.span):
            said = reading.text[sentence.span.start : sentence.span.end]
            # A code point has at most four bytes.
            step = room // 4 if len(said.encode()) > room else len(said)
            yield from (said[i : i + step] for i in range(0, len(said), step))


def _halves(window: str) -> list[str]:
    """Splits a window in two, between paragraphs where there are several."""
    middle = len(window) // 2
    breaks = [i for i, character in enumerate(window) if character == "\n"] or [
        i for i, character in enumerate(window) if character == " "
    ]
    cut = min(breaks, key=lambda i: abs(i - middle), default=middle)
    return [part for part in (window[:cut].strip(), window[cut:].strip()) if part]


def _merged(drafts: Sequence[Draft]) -> Draft:
    """Merges the drafts of several windows: the first that says something, and each item once."""
    if len(drafts) == 1:
        return drafts[0]
    people = _once((p for draft in drafts for p in draft.participants), lambda p: p.name)
    merged: dict[str, object] = {
        "event": next((draft.event for draft in drafts if draft.event != "none"), "none"),
        "place": next((draft.place for draft in drafts if draft.place), ""),
        "date": next((draft.date for draft in drafts if draft.date), ""),
        "participants": people,
        "topics": _once((topic for draft in drafts for topic in draft.topics), str),
        "outcomes": _once((o for draft in drafts for o in draft.outcomes), lambda o: o.text),
    }
    full = [draft for draft in drafts if isinstance(draft, FullDraft)]
    if full:
        merged["others"] = _once((m for draft in full for m in draft.others), _meeting_key)
    return drafts[0].model_copy(update=merged)


def _meeting_key(meeting: DraftMeeting) -> str:
    """The words by which two windows tell of one meeting."""
    return " ".join((meeting.when, meeting.place, *meeting.participants))


def _once(items: Iterable[T], words: Callable[[T], str]) -> list[T]:
    """Returns the items whose words were not there before, in order."""
    first: dict[str, T] = {}
    for item in items:
        first.setdefault(fold(words(item)), item)
    return list(first.values())
