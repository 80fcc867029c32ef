"""Where a batch is worked on: in this process, or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from os import PathLike

from summarize.batch.run import Limits, Renderer
from summarize.errors import ConfigurationError
from summarize.models import ModelSettings
from summarize.models.network import room_for_connections
from summarize.models.rate_limiter import RateLimiter
from summarize.pipeline.summarizer import Summarizer
from summarize.progress import Progress, ProgressCallback, silent

__all__ = ["ENGINES", "Engine", "opened"]

# Past this process itself.
ENGINES = ("ray",)


@dataclass(frozen=True, slots=True)
class Engine:
    """What makes summaries, with the pace it keeps to and what it may use.

    Attributes:
        about: the machines it has, in words; empty where there is but this process.
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
    """The engine of that name for one run; None for this process.

    Args:
        name: "ray" or None.
        settings: of the model.
        limits: what the run may use.
        concurrency: articles in flight as asked for; None for what suits the engine.
        prompts: a folder of templates instead of the package's own.
        record: a folder to keep every request and answer in.
        replay: a folder to take every answer from; nothing is sent.
        report: told what is being done.

    Raises:
        SummarizeError: there is no such engine, or it or the model cannot be had.
    """
    if name is None:
        room = room_for_connections(limits.concurrency)
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
    from summarize.batch.cluster.run import Cluster

    with Cluster(settings, concurrency) as cluster:
        limits = replace(limits, concurrency=cluster.staff.concurrency)
        limiter = RateLimiter(limits.concurrency, rpm=limits.rpm, tpm=limits.tpm)
        yield Engine(cluster.summarizer(prompts, limiter, report), limiter, limits, cluster.about)
