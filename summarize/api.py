"""The Python calls: one article or many, plain or for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import ExitStack, aclosing, suppress
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias, Unpack

from summarize.article.article import Article
from summarize.batch.engines import opened
from summarize.batch.plan import Plan, recipe_of
from summarize.batch.results import BatchResult
from summarize.batch.results_file import ResultsFile
from summarize.errors import InputError
from summarize.models import CHOICE, choose_model
from summarize.pipeline.summarizer import RequestOptions, Summarizer
from summarize.schema import Summary
from summarize.sources.articles import read_file, read_text
from summarize.sources.decoding import display_name
from summarize.sources.inputs import holds_records, records_of

__all__ = [
    "BatchOptions",
    "ModelOptions",
    "asummarize_article",
    "asummarize_batch",
    "summarize_article",
    "summarize_batch",
]

# The options that limit a run.
LIMITS = ("concurrency", "rpm", "tpm", "max_tokens_total")

ArticleInput: TypeAlias = str | PathLike[str] | Article
BatchInput: TypeAlias = Iterable[ArticleInput | Mapping[str, object]]


class ModelOptions(RequestOptions, total=False):
    """Which model is asked, and how: keyword arguments of every call, none of them needed.

    Attributes:
        model: "local", "local:/path/to/file.gguf" or "provider/model"; without it, the model that
            the environment names, else the embedded one.
    """

    model: str | None


class BatchOptions(ModelOptions, total=False):
    """How a batch is run: keyword arguments, besides those of `ModelOptions`.

    Attributes:
        output: a JSONL file to keep results in as they come, and to go on from: what it holds
            already of the same text, model, prompt and schema is not done again.
        retry_failed: whether to try again what failed in an earlier run.
        concurrency: articles in flight; 8, or 1 with the embedded model; on Ray 32 a node, or as
            many embedded models as it has room for.
        rpm: requests a minute at most.
        tpm: tokens a minute at most, of prompts and answers.
        max_tokens_total: tokens after which no more articles are begun.
        engine: "ray" to spread the work over the Ray cluster that the program is connected to, else
            the one at `RAY_ADDRESS`, else one started for the run; this process without it.
    """

    output: str | PathLike[str] | None
    retry_failed: bool
    concurrency: int | None
    rpm: float | None
    tpm: float | None
    max_tokens_total: int | None
    engine: str | None


def summarize_article(article: ArticleInput, **options: Unpack[ModelOptions]) -> Summary:
    """Summarizes one article.

    Args:
        article: the text itself, the path of a file of text or HTML (as a `Path`), or an `Article`,
            such as `read_url` gives.
        options: `model` and others, see `ModelOptions`.

    Returns:
        The summary; `text[q.start:q.end] == q.text` for each of its quotes.

    Raises:
        SummarizeError: why there is none; `retryable` and `hint` say what can be done.
    """
    given = _article(article)
    with Summarizer(**options) as summarizer:
        return summarizer.summarize(given)


async def asummarize_article(article: ArticleInput, **options: Unpack[ModelOptions]) -> Summary:
    """As `summarize_article`, for asyncio."""
    given = _article(article)
    async with Summarizer(**options) as summarizer:
        return await summarizer.asummarize(given)


def summarize_batch(articles: BatchInput, **options: Unpack[BatchOptions]) -> Iterator[BatchResult]:
    """Summarizes many articles, many at a time.

    The work goes on in a thread of its own while the caller is busy with a result, up to as many
    results as articles are in flight. Leaving the loop ends the run.

    Args:
        articles: texts, paths of files of text or HTML (as `Path`s), `Article`s, or mappings with
            `text` and, if known, `id`, `title`, `url`, `published`, `outlet`, or what datasets of
            news call these. Read as they are needed, in a thread.
        options: `output`, `concurrency` and others, see `BatchOptions`; `model` and others, see
            `ModelOptions`.

    Yields:
        The result of each article, in the order in which they are finished; what an earlier run
        has done is in `output` alone. An article that fails is a result with an `error`.

    Raises:
        SummarizeError: no other article would fare better: the key is refused, nothing gets
            through, the output cannot be written. What was done is in `output`.
    """
    from anyio.from_thread import start_blocking_portal

    groups = _groups(articles, **options)
    waiting: asyncio.Task[Any] | None = None

    async def following() -> list[BatchResult] | None:
        nonlocal waiting
        waiting = asyncio.current_task()
        return await anext(groups, None)

    async def end() -> None:
        # Ctrl-C leaves the call, and not what was called.
        if waiting and waiting.cancel():
            await asyncio.wait([waiting])
        await groups.aclose()

    with start_blocking_portal() as portal:
        try:
            while (group := portal.call(following)) is not None:
                yield from group
        finally:
            portal.call(end)


async def asummarize_batch(
    articles: BatchInput, **options: Unpack[BatchOptions]
) -> AsyncGenerator[BatchResult]:
    """As `summarize_batch`, for asyncio."""
    async with aclosing(_groups(articles, **options)) as groups:
        async for group in groups:
            for result in group:
                yield result


async def _groups(
    articles: BatchInput,
    *,
    output: str | PathLike[str] | None = None,
    retry_failed: bool = False,
    engine: str | None = None,
    **options: Any,
) -> AsyncGenerator[list[BatchResult]]:
    """Yields the results of a run, those together that came together."""
    settings = choose_model(**{name: options.pop(name, None) for name in CHOICE})
    with ExitStack() as stack:
        results = stack.enter_context(ResultsFile.opened(Path(output))) if output else None
        recipe = recipe_of(settings, options.get("prompts"))
        plan = Plan(records_of(articles), recipe, results, retry_failed=retry_failed)
        if plan.is_done():
            return
        write = results.append if results else None
        opening = opened(plan, settings, write, engine=engine, **options)
        # A cluster takes some seconds.
        enter = stack.enter_context
        batch = await asyncio.to_thread(enter, opening) if engine else enter(opening)
        async with aclosing(batch.groups()) as groups:
            async for group in groups:
                yield group


def _article(article: ArticleInput) -> Article:
    if isinstance(article, Article):
        return article
    if not isinstance(article, str):
        path = Path(article)
        if holds_records(path):
            why = f"{display_name(path)}: holds records, not one article"
            raise InputError(why, hint="give it to summarize_batch, in a list")
        return read_file(path)
    # Most texts can be no file's name.
    with suppress(OSError, ValueError):
        if Path(article).is_file():
            raise InputError(
                f"{article!r} is the name of a file, not the text of an article",
                hint=f"to read the file, give Path({article!r})",
            )
    return read_text(article)
