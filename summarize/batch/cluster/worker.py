"""Summarizes articles on a machine of a cluster. Knows nothing of Ray: articles come as bytes."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Mapping

from summarize.article.article import Article
from summarize.errors import portable
from summarize.models import Meter, ModelSettings
from summarize.models.rate_limiter import RateLimiter
from summarize.pipeline.garbage_collection import collect_rarely
from summarize.pipeline.summarizer import Summarizer
from summarize.prompting.templates import Prompts
from summarize.schema import Provenance

# What clients of models look for. Those that this package knows look for their own names only.
_OWN = {"openai": r"OPENAI_\w+", "ollama": r"OLLAMA_\w+"}
_ANY = r"\w+_(?:API_KEY|API_TOKEN|BASE_URL)|(?:OPENAI|AZURE|AWS|GOOGLE|OLLAMA|DATABRICKS)_\w+"


def provider_variables(settings: ModelSettings) -> dict[str, str]:
    """Returns the environment variables that the client of a model's provider reads."""
    if settings.is_local:
        return {}
    names = re.compile(_OWN.get(settings.provider, _ANY))
    return {name: value for name, value in os.environ.items() if names.fullmatch(name)}


class Worker:
    """Summarizes many articles at a time, in one event loop.

    `environment` are variables that the provider's client reads, such as a key.

    Raises:
        SummarizeError: the model cannot be used here.
    """

    def __init__(
        self,
        settings: ModelSettings,
        prompts: Prompts,
        environment: Mapping[str, str],
        concurrency: int,
        rpm: float | None,
    ) -> None:
        collect_rarely()
        # The driver's key must not go to an address that only this machine's environment names.
        for name in provider_variables(settings):
            del os.environ[name]
        os.environ.update(environment)
        limiter = RateLimiter(concurrency, rpm=rpm)
        self._summarizer = Summarizer(settings, prompts=prompts, limiter=limiter)
        # In a process of its own: an article that kills it does not take the others along.
        self._processes = self._summarizer.workers(1)

    async def open(self) -> None:
        """Loads the model's client, which takes a second, and starts the process.

        Raises:
            SummarizeError: there is no such client, or no process can be started.
        """
        await self._summarizer.model.aopen()
        await self._processes.__aenter__()

    async def summarize(self, packed: bytes) -> bytes:
        """Takes a pickled `Article`.

        Returns:
            A pickled pair: its `Meter`; and the summary as JSON with its provenance, or an error.
        """
        article: Article = pickle.loads(packed)  # noqa: S301  from the driver
        meter = Meter()
        outcome: tuple[str, Provenance] | Exception
        try:
            outcome = await self._summarizer.arender(article, self._processes, meter)
        except Exception as error:  # noqa: BLE001  the driver decides what follows
            outcome = portable(error)
        return pickle.dumps((meter, outcome))
