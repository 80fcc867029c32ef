"""Processes that read and ground articles, while this one speaks to the endpoint.

Python computes on one core at a time. An endpoint that takes hundreds of articles a second is kept
busy only if this process does nothing but ask.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from typing import Any, Self

from summarize.article.article import Article
from summarize.errors import SummarizeError
from summarize.models import Question
from summarize.pipeline.pipeline import Answer
from summarize.pipeline.worker_process import LENGTH
from summarize.prompting.strategy import Strategy
from summarize.prompting.templates import Prompts
from summarize.schema import Provenance

_PROCESS = "summarize.pipeline.worker_process"
# Windows has no SIGKILL.
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
# A process that dies over an article may have died of those before it.
_MAX_DEATHS = 3


class WorkerError(SummarizeError):
    """The processes that work on an article end, again and again."""

    retryable = True


class WorkerPool:
    """A fixed number of processes for pipelines. Use it as an asynchronous context manager."""

    def __init__(
        self, number: int, prompts: Prompts, context_tokens: int, strategy: Strategy
    ) -> None:
        setup = pickle.dumps((prompts, context_tokens, strategy))
        self._workers = [_WorkerProcess(setup) for _ in range(number)]
        self._keys = count()

    async def __aenter__(self) -> Self:
        try:
            for worker in self._workers:
                await worker.start()
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
        job = pickle.dumps((key, article, list(answers), provenance))
        deaths = 0
        while deaths < _MAX_DEATHS:
            try:
                step: Question[Any] | str | Exception = await worker.ask(job)
            except _EndError as error:
                # It was killed, for want of memory, say. All that is known is in the answers.
                deaths += error.is_over_this
                continue
            if isinstance(step, Exception):
                raise step
            return step
        raise WorkerError(
            "the process that works on the article was killed", hint="is there enough memory?"
        )


class _EndError(Exception):
    """The process ended, while it worked on this article or before."""

    def __init__(self, *, is_over_this: bool) -> None:
        self.is_over_this = is_over_this


class _WorkerProcess:
    """One process; it answers in the order in which it is asked."""

    def __init__(self, setup: bytes) -> None:
        self._setup = setup
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Starts the process, unless it runs.

        Raises:
            WorkerError: the system starts no more processes.
        """
        async with self._starting:
            if self._reading and not self._reading.done():
                return
            await self.close()
            # It finds its modules where this one does.
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sys.path))}
            command = (sys.executable, "-P", "-m", _PROCESS)
            pipe = asyncio.subprocess.PIPE
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *command, stdin=pipe, stdout=pipe, env=environment
                )
            except OSError as error:
                raise WorkerError(
                    f"no process can be started to work on articles ({error.strerror})",
                    hint="is there enough memory?",
                ) from error
            self._reading = asyncio.create_task(self._read(self._process))
            await self._send(self._setup)

    async def ask(self, job: bytes) -> Any:
        """Returns what the process makes of a pickled job; raises an _EndError if it ends."""
        await self.start()
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await self._send(job)
        return await future

    async def _send(self, data: bytes) -> None:
        stdin = self._process and self._process.stdin
        # That it has ended shows in the answer.
        if stdin and not stdin.is_closing():
            stdin.write(data)
            with suppress(OSError):
                await stdin.drain()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101
        try:
            # Until it ends, or what it writes makes no sense any more.
            with suppress(Exception):
                while True:
                    head = await process.stdout.readexactly(LENGTH.size)
                    data = await process.stdout.readexactly(LENGTH.unpack(head)[0])
                    answer = pickle.loads(data)  # noqa: S301  from a process of ours
                    future = self._waiting.popleft()
                    if not future.done():
                        future.set_result(answer)
        finally:
            # It answers in order: it ended over the first; the others' turn had not come.
            for number, future in enumerate(self._waiting):
                if not future.done():
                    future.set_exception(_EndError(is_over_this=number == 0))
                    # Marks it as seen: the task that asked may be gone.
                    future.exception()
            self._waiting.clear()

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
