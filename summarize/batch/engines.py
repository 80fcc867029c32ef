"""Where a batch runs: in this process, or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Unpack

from summarize.batch.plan import Plan
from summarize.batch.run import Batch, Output
from summarize.errors import ConfigurationError
from summarize.models import ModelSettings
from summarize.models.endpoints import find_endpoint
from summarize.models.network import max_connections
from summarize.models.rate_limiter import RateLimiter
from summarize.pipeline.summarizer import RequestOptions, Summarizer, check_options
from summarize.progress import Progress, silent
from summarize.prompting.templates import load_prompts

# Few enough for a first run against an endpoint of unknown limits.
_CONCURRENCY = 8


@contextmanager
def opened(
    plan: Plan,
    settings: ModelSettings,
    output: Output | None = None,
    *,
    engine: str | None = None,
    concurrency: int | None = None,
    rpm: float | None = None,
    tpm: float | None = None,
    max_tokens_total: int | None = None,
    **options: Unpack[RequestOptions],
) -> Iterator[Batch]:
    """Makes a run ready; its options are those of `summarize.api.BatchOptions`.

    `output` is called with results before they count. `engine` is "ray", or None for this process,
    where the embedded model takes one article at a time.

    Raises:
        SummarizeError: a limit is not above 0, or the engine or the model cannot be used.
    """
    check_options(options)
    limits = {"concurrency": concurrency, "rpm": rpm, "tpm": tpm}
    for name, number in {**limits, "max_tokens_total": max_tokens_total}.items():
        if number is not None and not number > 0:
            raise ConfigurationError(f"{name} of {number} cannot work", hint="give more than 0")
    report = options.get("report", silent)
    batch = partial(Batch, plan, max_tokens=max_tokens_total, output=output)
    if engine is None:
        # Two at a time would share the cores, and the state that every article begins from.
        wanted = 1 if settings.is_local else concurrency or _CONCURRENCY
        most = max_connections(wanted)
        if most < wanted:
            note = f"{most} articles at a time: this machine allows no more open files (ulimit -n)"
            report(Progress("adapting", note=note))
        limiter = RateLimiter(most, rpm=rpm, tpm=tpm)
        with Summarizer(settings, limiter=limiter, **options) as summarizer:
            yield batch(summarizer.rendering, limiter, most)
        return
    if engine != "ray":
        raise ConfigurationError(f"{engine!r} is no engine", hint="choose ray")
    if options.get("record") or options.get("replay"):
        raise ConfigurationError(
            "requests that other machines send are neither recorded nor replayed",
            hint="leave out the engine ray, or the recording",
        )
    from summarize.batch.cluster.connection import connected, pool_size
    from summarize.batch.cluster.summarizer import ClusterSummarizer
    from summarize.batch.cluster.worker import provider_variables

    if not settings.is_local:
        # A key that is missing here is missing everywhere.
        find_endpoint(settings, replay=False, report=silent)
    templates = load_prompts(options.get("prompts"))
    with connected() as (ray, where):
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        size = pool_size(nodes, settings, concurrency)
        workers = f"{size.workers} worker{'' if size.workers == 1 else 's'}"
        note = f"Ray, {where}: {workers}, {size.concurrency} in flight"
        report(Progress("adapting", note=note))
        limiter = RateLimiter(size.concurrency, rpm=rpm, tpm=tpm)
        share_of_rpm = rpm and rpm / size.workers
        setup = (settings, templates, provider_variables(settings), size.share, share_of_rpm)
        rendering = ClusterSummarizer(ray, size, setup, limiter, report).rendering
        yield batch(rendering, limiter, size.concurrency)
