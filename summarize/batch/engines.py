"""Where a batch runs: in this process, or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from os import PathLike

from summarize.batch.run import Limits, Renderer
from summarize.errors import ConfigurationError
from summarize.models import ModelSettings
from summarize.models.endpoints import find_endpoint
from summarize.models.network import max_connections
from summarize.models.rate_limiter import RateLimiter
from summarize.pipeline.summarizer import Summarizer
from summarize.progress import Progress, ProgressCallback, silent

__all__ = ["ENGINES", "Engine", "opened"]

# Besides this process itself.
ENGINES = ("ray",)


@dataclass(frozen=True, slots=True)
class Engine:
    """What makes summaries, with its rate limiter and what it may use.

    Attributes:
        about: the machines it has, for messages; empty for this process alone.
    """

    summarizer: Renderer
    limiter: RateLimiter
    limits: Limits
    about: str = ""


@contextmanager
def opened(
    name: str | None,
    settings: ModelSettings,
    limits: Limits,
    *,
    concurrency: int | None = None,
    prompts: str | PathLike[str] | None = None,
    record: str | PathLike[str] | None = None,
    replay: str | PathLike[str] | None = None,
    report: ProgressCallback = silent,
) -> Iterator[Engine]:
    """Opens an engine for one run.

    Args:
        name: "ray", or None for this process.
        settings: of the model.
        limits: what the run may use.
        concurrency: articles in flight as asked for; None for what suits the engine.
        prompts: a folder of templates instead of the package's own.
        record: a folder to keep every request and answer in.
        replay: a folder to take every answer from; nothing is sent.
        report: called with progress.

    Raises:
        SummarizeError: there is no such engine, or it or the model cannot be used.
    """
    if name is None:
        room = max_connections(limits.concurrency)
        if room < limits.concurrency:
            note = f"{room} articles at a time: this machine allows no more open files (ulimit -n)"
            report(Progress("adapting", note=note))
            limits = replace(limits, concurrency=room)
        limiter = RateLimiter(limits.concurrency, rpm=limits.rpm, tpm=limits.tpm)
        with Summarizer(
            settings, prompts=prompts, record=record, replay=replay, report=report, limiter=limiter
        ) as summarizer:
            yield Engine(summarizer, limiter, limits)
        return
    if name not in ENGINES:
        raise ConfigurationError(f"{name!r} is no engine", hint=f"choose {' or '.join(ENGINES)}")
    if record is not None or replay is not None:
        option = "--record" if record is not None else "--replay"
        raise ConfigurationError(
            f"{option} does not go with the engine {name}: requests are sent by other machines",
            hint=f"leave out {option}, or --engine",
        )
    from summarize.batch.cluster.connection import connected
    from summarize.batch.cluster.pool_size import pool_size
    from summarize.batch.cluster.run import ClusterSummarizer

    if not settings.is_local:
        # A key that is missing here is missing everywhere.
        find_endpoint(settings, replay=False, report=silent)
    with connected() as cluster:
        nodes = cluster.nodes()
        size = pool_size(nodes, settings, concurrency)
        limits = replace(limits, concurrency=size.concurrency)
        limiter = RateLimiter(size.concurrency, rpm=limits.rpm, tpm=limits.tpm)
        summarizer_ = ClusterSummarizer(
            cluster, size, settings, prompts=prompts, limiter=limiter, rpm=limits.rpm, report=report
        )
        about = (
            f"Ray, {cluster.where}: {size.workers} worker{'' if size.workers == 1 else 's'} on "
            f"{len(nodes)} node{'' if len(nodes) == 1 else 's'}, {size.concurrency} in flight"
        )
        yield Engine(summarizer_, limiter, limits, about)
