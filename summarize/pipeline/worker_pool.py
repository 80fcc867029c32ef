"""Processes that read and ground articles, while this one speaks to the endpoint.

Python computes on one core at a time. An endpoint that takes hundreds of articles a second is kept
busy only if this process does nothing but ask.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import signal
import struct
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Self

from summarize.article.article import Article
from summarize.errors import SummarizeError
from summarize.models import Question
from summarize.pipeline.pipeline import Answer
from summarize.prompting.strategy import Strategy
from summarize.prompting.templates import Prompts
from summarize.schema import Provenance

__all__ = ["WorkerError", "WorkerPool"]

# The length of the pickle that follows, in bytes; as in `worker_process.py`.
_LENGTH = struct.Struct("!Q")
# Windows has no SIGKILL.
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
# A process that dies over an article may have died of those before it.
_MAX_DEATHS = 3


class WorkerError(SummarizeError):
    """The processes that work on an article end, again and again."""

    retryable = True


class WorkerPool:
    """A fixed number of processes. Use it as an asynchronous context manager.

    Args:
        number: of processes.
        prompts: the templates.
        context_tokens: how many tokens the model reads at once.
        strategy: how much help it gets.
    """

    def __init__(
        self, number: int, prompts: Prompts, context_tokens: int, strategy: Strategy
    ) -> None:
        self._setup = _packed((prompts, context_tokens, strategy))
        self._workers = [_WorkerProcess() for _ in range(number)]
        self._keys = count()

    async def __aenter__(self) -> Self:
        try:
            for worker in self._workers:
                await worker.start(self._setup)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(worker.close() for worker in self._workers))

    def key(self) -> int:
        """Returns a number for an article, for all its steps."""
        return next(self._keys)

    async def step(
        self, key: int, article: Article, answers: Sequence[Answer], provenance: Provenance
    ) -> Question[Any] | str:
        """Returns the next question about an article after these answers, or its summary as JSON.

        Raises:
            SummarizeError: why there is none.
        """
        worker = self._workers[key % len(self._workers)]
        job = _packed((key, article, list(answers), provenance))
        deaths = 0
        while deaths < _MAX_DEATHS:
            try:
                answer = await worker.ask(job)
            except EOFError as error:
                # It was killed, for want of memory, say. All that is known is in the answers.
                deaths += isinstance(error, _DeathError)
                await worker.start(self._setup)
                continue
            if isinstance(answer, Exception):
                raise answer
            step: Question[Any] | str = answer
            return step
        raise WorkerError(
            "the process that works on the article was killed", hint="is there enough memory?"
        )


class _DeathError(EOFError):
    """The process ended while it worked on this very article."""


class _WorkerProcess:
    """One process; it answers in the order in which it is asked."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._starting = asyncio.Lock()

    async def start(self, setup: bytes) -> None:
        """Starts the process, unless it runs.

        Raises:
            WorkerError: the system starts no more processes.
        """
        async with self._starting:
            if self._process and self._process.returncode is None and not self._is_gone:
                return
            await self.close()
            script = Path(__file__).with_name("worker_process.py")
            pipe = asyncio.subprocess.PIPE
            try:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-P", str(script), stdin=pipe, stdout=pipe
                )
            except OSError as error:
                raise WorkerError(
                    f"no process can be started to work on articles ({error.strerror})",
                    hint="is there enough memory?",
                ) from error
            assert self._process.stdin is not None  # noqa: S101
            modules = json.dumps(sys.path, default=str)
            self._process.stdin.write(modules.encode() + b"\n" + setup)
            self._reading = asyncio.create_task(self._read(self._process))

    @property
    def _is_gone(self) -> bool:
        return self._reading is None or self._reading.done()

    async def ask(self, job: bytes) -> Any:
        """Returns what the process makes of a packed job.

        Raises:
            EOFError: it has ended.
        """
        if self._process is None or self._process.stdin is None or self._is_gone:
            raise EOFError
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        # That it has ended shows in the answer.
        if not self._process.stdin.is_closing():
            self._process.stdin.write(job)
            with suppress(OSError):
                await self._process.stdin.drain()
        return await future

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101
        try:
            # Until it ends, or what it writes makes no sense any more.
            with suppress(Exception):
                while True:
                    head = await process.stdout.readexactly(_LENGTH.size)
                    data = await process.stdout.readexactly(_LENGTH.unpack(head)[0])
                    answer = pickle.loads(data)  # noqa: S301  from a process of ours
                    future = self._waiting.popleft()
                    if not future.done():
                        future.set_result(answer)
        finally:
            # It answers in order: it ended over the first; the others' turn had not come.
            end: EOFError = _DeathError()
            while self._waiting:
                future = self._waiting.popleft()
                if not future.done():
                    future.set_exception(end)
                    # Marks it as seen: the task that asked may be gone.
                    future.exception()
                end = EOFError()

    async def close(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            # `process.kill` may reap it, so that asyncio never learns of its end.
            with suppress(ProcessLookupError):
                os.kill(process.pid, _KILL)
        if self._reading:
            await self._reading
        await process.wait()


def _packed(value: object) -> bytes:
    data = pickle.dumps(value)
    return _LENGTH.pack(len(data)) + data
