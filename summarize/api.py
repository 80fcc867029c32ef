"""The Python calls."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from summarize.article import Article
from summarize.errors import InputError
from summarize.progress import ProgressCallback, silent
from summarize.schema import Summary
from summarize.sources import read_file, read_text
from summarize.summarizer import Summarizer

__all__ = ["asummarize_article", "summarize_article"]


def summarize_article(
    article: str | PathLike[str] | Article,
    *,
    model: str | None = None,
    base_url: str | None = None,
    prompts: str | PathLike[str] | None = None,
    record: str | PathLike[str] | None = None,
    replay: str | PathLike[str] | None = None,
    timeout: float | None = None,
    report: ProgressCallback = silent,
) -> Summary:
    """Summarizes one article.

    Args:
        article: the text itself, the path of a text file (as a `Path`), or an `Article`.
        model: "local", "local:/path/to/file.gguf" or "provider/model"; None to choose by the
            environment, else the embedded model.
        base_url: of an OpenAI-compatible endpoint.
        prompts: a folder of templates instead of the package's own.
        record: a folder to keep requests and answers in.
        replay: a folder to take the answers from; nothing is sent.
        timeout: seconds for one request.
        report: told what is being done.

    Returns:
        The summary; `text[q.start:q.end] == q.text` for each of its quotes.

    Raises:
        SummarizeError: why there is none; `retryable` and `hint` say what can be done.
    """
    given = _article(article)
    with Summarizer(
        model,
        base_url=base_url,
        timeout=timeout,
        prompts=prompts,
        record=record,
        replay=replay,
        report=report,
    ) as summarizer:
        return summarizer.summarize(given)


async def asummarize_article(
    article: str | PathLike[str] | Article,
    *,
    model: str | None = None,
    base_url: str | None = None,
    prompts: str | PathLike[str] | None = None,
    record: str | PathLike[str] | None = None,
    replay: str | PathLike[str] | None = None,
    timeout: float | None = None,
    report: ProgressCallback = silent,
) -> Summary:
    """As `summarize_article`, for asyncio."""
    given = _article(article)
    async with Summarizer(
        model,
        base_url=base_url,
        timeout=timeout,
        prompts=prompts,
        record=record,
        replay=replay,
        report=report,
    ) as summarizer:
        return await summarizer.asummarize(given)


def _article(article: str | PathLike[str] | Article) -> Article:
    if isinstance(article, Article):
        return article
    if not isinstance(article, str):
        return read_file(Path(article))
    if len(article) <= _MAX_PATH and _is_file(article):
        raise InputError(
            f"{article!r} is the name of a file, not the text of an article",
            hint=f"to read the file, give Path({article!r})",
        )
    return read_text(article)


# Characters; a longer string is no file's name on Linux.
_MAX_PATH = 4096


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False
