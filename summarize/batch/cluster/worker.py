"""What a worker on a machine of a cluster does: reads articles, asks about them, grounds them.

It decides nothing that concerns more than one article. Whoever holds the run says when a request
may be sent, whether it is sent again, and where an article goes on whose worker is gone: each job
brings all that is known of its article. Knows nothing of Ray; jobs come and go as bytes.
"""

from __future__ import annotations

import os
import pickle
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from summarize.article.article import Article
from summarize.errors import portable
from summarize.garbage_collection import collect_rarely
from summarize.models import Meter, ModelSettings, Question, Reply
from summarize.pipeline.pipeline import Answer
from summarize.pipeline.summarizer import Summarizer
from summarize.prompting.templates import Prompts
from summarize.schema import Provenance

__all__ = ["Asking", "Done", "Job", "Outcome", "Setup", "Worker", "provider_variables"]


# Questions kept between being made ready and being sent; what is dropped is made again.
_MOST_READY = 512
# What clients of models look for. Those that this package knows look for their own names only.
_OWN = {"openai": r"OPENAI_\w+", "ollama": r"OLLAMA_\w+"}
_ANY = r"\w+_(?:API_KEY|API_TOKEN|BASE_URL)|(?:OPENAI|AZURE|AWS|GOOGLE|OLLAMA|DATABRICKS)_\w+"


def provider_variables(settings: ModelSettings) -> dict[str, str]:
    """The environment's variables that the client of a model's provider looks for."""
    if settings.is_local:
        return {}
    names = re.compile(_OWN.get(settings.provider, _ANY))
    return {name: value for name, value in os.environ.items() if names.fullmatch(name)}


@dataclass(frozen=True, slots=True)
class Setup:
    """What all articles of a run share.

    Attributes:
        settings: of the model.
        prompts: the templates.
        environment: what a provider's client looks for there, such as a key.
    """

    settings: ModelSettings
    prompts: Prompts
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """The next step of an article.

    Attributes:
        key: the article's own number in the run.
        article: to be summarized.
        answers: to the questions so far.
        meter: what it has cost so far.
        is_sent: whether the question after these answers is to be sent, once, for its reply; if
            not, it is made ready, or the summary if there is no further question.
    """

    key: int
    article: Article
    answers: Sequence[Answer]
    meter: Meter
    is_sent: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """There is a question to be sent, of so many characters."""

    characters: int


@dataclass(frozen=True, slots=True)
class Done:
    """The summary as JSON, and what it says of how it came about."""

    json: str
    provenance: Provenance


Outcome = Asking | Done | Reply[Any] | Exception


class Worker:
    """Works on many articles at a time, in one event loop.

    Args:
        setup: a pickled `Setup`.

    Raises:
        SummarizeError: the model cannot be had here.
    """

    def __init__(self, setup: bytes) -> None:
        collect_rarely()
        # From the holder of the run, as is every job.
        given: Setup = pickle.loads(setup)  # noqa: S301
        # An address that is set here alone is not to get the key of whoever holds the run.
        for name in provider_variables(given.settings):
            del os.environ[name]
        os.environ.update(given.environment)
        self._summarizer = Summarizer(given.settings, prompts=given.prompts)
        # In a process of its own: an article that kills it takes no other one's request along.
        self._grounding = self._summarizer.workers(1)
        self._questions: OrderedDict[int, tuple[int, Question[Any]]] = OrderedDict()

    async def open(self) -> None:
        """Makes ready: loading the client takes a second, which no request is to wait for.

        Raises:
            SummarizeError: there is no such client, or no process can be started.
        """
        await self._summarizer.model.aopen()
        await self._grounding.__aenter__()

    async def work(self, packed: bytes) -> bytes:
        """Does a pickled `Job`; a pickled pair of its meter and its `Outcome`."""
        job: Job = pickle.loads(packed)  # noqa: S301
        outcome: Outcome
        try:
            outcome = await self._outcome(job)
        except Exception as error:  # noqa: BLE001  whatever it is, it is the caller's
            outcome = portable(error)
        return pickle.dumps((job.meter, outcome))

    async def _outcome(self, job: Job) -> Outcome:
        if not job.answers:
            self._summarizer.prepare()
        if job.is_sent and (question := self._ready(job)):
            return await self._summarizer.model.asend(question, job.meter)
        provenance = self._summarizer.provenance(job.meter)
        step = await self._grounding.step(job.key, job.article, job.answers, provenance)
        if isinstance(step, str):
            return Done(step, provenance)
        if job.is_sent:
            return await self._summarizer.model.asend(step, job.meter)
        self._questions[job.key] = len(job.answers), step
        if len(self._questions) > _MOST_READY:
            self._questions.popitem(last=False)
        return Asking(step.characters)

    def _ready(self, job: Job) -> Question[Any] | None:
        """The question that a job is to send, if it was made ready here."""
        answers, question = self._questions.get(job.key, (0, None))
        return question if answers == len(job.answers) else None
