"""The pace of a run, and when a question is sent again: a real event loop, and little time."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext, suppress
from typing import Any, TypeVar

import pytest
from endpoint import ARTICLE, Answer, Request, StandIn, draft, status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from summarize.errors import (
    AnswerError,
    AuthenticationError,
    EndpointError,
    RateLimitError,
    SummarizeError,
)
from summarize.models import Message, Meter, ModelSettings, Question, RetryPolicy, rate_limiter
from summarize.models.error_mapping import SilentError, UnreachableError, WebPageError
from summarize.models.model import Model
from summarize.models.rate_limiter import RateLimiter, StoppedError, aretrying
from summarize.progress import Progress, silent
from summarize.prompting.draft import Draft

T = TypeVar("T")
# Far more than anything here takes, and less than a test that hangs may.
LIMIT = 20.0


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    async def limited() -> T:
        return await asyncio.wait_for(coroutine, LIMIT)

    return asyncio.run(limited())


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of hundredths of seconds."""
    monkeypatch.setattr(rate_limiter, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(rate_limiter, "_LONGEST_PAUSE", 0.04)


def refused(retry_after: float | None = None) -> RateLimitError:
    error = RateLimitError("slow down")
    error.retry_after = retry_after
    return error


async def request(
    limiter: RateLimiter,
    seconds: float = 0.0,
    *,
    tokens: int = 0,
    error: BaseException | None = None,
    characters: int = 100,
    meter: Meter | None = None,
    began: Callable[[], None] = lambda: None,
) -> None:
    """One request: so long on its way, so many tokens, and this outcome."""
    meter = meter or Meter()
    async with limiter.turn(characters, meter):
        meter.attempts += 1
        began()
        await asyncio.sleep(seconds)
        meter.prompt_tokens += tokens
        if error:
            raise error


async def outcomes(*requests: Awaitable[None]) -> list[type | None]:
    ended = await asyncio.gather(*requests, return_exceptions=True)
    return [None if end is None else type(end) for end in ended]


def again() -> Meter:
    """Of an article that a request was sent for."""
    return Meter(attempts=1)


# So many at a time


@pytest.mark.parametrize("concurrency", [1, 4])
def test_no_more_are_in_flight_than_may_be(concurrency: int) -> None:
    active = most = 0

    async def one(limiter: RateLimiter) -> None:
        nonlocal active, most
        async with limiter.turn(10, Meter()):
            active += 1
            most = max(most, active)
            await asyncio.sleep(0.002)
            active -= 1

    async def all_of_them() -> RateLimiter:
        limiter = RateLimiter(concurrency)
        await asyncio.gather(*(one(limiter) for _ in range(40)))
        return limiter

    limiter = run(all_of_them())
    assert most == concurrency
    assert limiter.answered == 40
    assert limiter.window == concurrency


@pytest.mark.parametrize("concurrency", [1, 3])
def test_first_come_first_served(concurrency: int) -> None:
    order: list[int] = []

    async def all_of_them() -> None:
        limiter = RateLimiter(concurrency)

        def one(number: int) -> Coroutine[Any, Any, None]:
            error = refused(0.01) if number == 5 else None
            return request(limiter, 0.001, error=error, began=lambda: order.append(number))

        await outcomes(*(one(number) for number in range(30)))

    run(all_of_them())
    assert order == list(range(30))


# So many a minute


def test_requests_a_minute() -> None:
    times: list[float] = []

    async def all_of_them() -> None:
        limiter = RateLimiter(50, rpm=6000)
        await asyncio.gather(
            *(request(limiter, began=lambda: times.append(time.monotonic())) for _ in range(30))
        )

    run(all_of_them())
    # One each 10 ms, and one that makes up for a timer that went off late.
    for first, later in itertools.combinations(range(30), 2):
        assert times[later] - times[first] > (later - first - 1) * 0.01 - 0.002
    assert times[-1] - times[0] < 1


def test_tokens_a_minute_are_those_measured() -> None:
    async def elapsed(tokens: int) -> float:
        # 1,000 tokens a second.
        limiter = RateLimiter(8, tpm=60_000)
        started = time.monotonic()
        # The first is taken for 402 tokens, which are given back.
        await request(limiter, tokens=tokens, characters=10)
        await asyncio.gather(*(request(limiter, tokens=tokens, characters=10) for _ in range(10)))
        assert limiter.tokens == 11 * tokens
        return time.monotonic() - started

    assert 0.28 < run(elapsed(30)) < 0.8
    assert run(elapsed(1)) < 0.2


def test_what_a_request_will_take() -> None:
    async def learning() -> None:
        limiter = RateLimiter(1)
        assert limiter.expected(1000) == 600
        await request(limiter, characters=1000, tokens=300)
        assert limiter.expected(2000) == 600
        # One that failed tells nothing, unless it had an answer.
        with pytest.raises(EndpointError):
            await request(limiter, characters=5000, error=EndpointError("gone"))
        assert limiter.expected(2000) == 600
        with pytest.raises(AnswerError):
            await request(limiter, characters=1000, tokens=100, error=AnswerError("no JSON"))
        assert limiter.expected(2000) == 400
        assert limiter.tokens == 400

    run(learning())


# When the endpoint asks to slow down


def test_everybody_waits_as_long_as_the_endpoint_asks() -> None:
    async def refusing() -> None:
        limiter = RateLimiter(4)
        with pytest.raises(RateLimitError):
            await request(limiter, error=refused(0.2))
        paused = time.monotonic()
        assert 0.15 < limiter.pause <= 0.2
        began: list[float] = []
        await asyncio.gather(
            *(request(limiter, began=lambda: began.append(time.monotonic())) for _ in range(4))
        )
        assert 0.18 < min(began) - paused < 0.4
        assert limiter.pause == 0

    run(refusing())


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("retry_after", [None, 0.0, 0.02])
def test_a_burst_of_refusals_halves_the_window_once(retry_after: float | None) -> None:
    async def refusing() -> None:
        limiter = RateLimiter(16)
        for window in (8, 4, 2, 1, 1):
            in_flight = limiter.window
            burst = (request(limiter, 0.01, error=refused(retry_after)) for _ in range(in_flight))
            assert set(await outcomes(*burst)) == {RateLimitError}
            assert limiter.window == window

    run(refusing())


@pytest.mark.usefixtures("quick")
def test_the_window_grows_back_with_answers() -> None:
    async def growing() -> None:
        limiter = RateLimiter(64)
        for _ in range(6):
            await outcomes(request(limiter, error=refused()))
        assert limiter.window == 1
        rounds = 0
        while limiter.window < 64:
            await asyncio.gather(*(request(limiter) for _ in range(limiter.window)))
            rounds += 1
        assert 8 <= rounds <= 20
        await request(limiter)
        assert limiter.window == 64

    run(growing())


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("asked", "expected"),
    # "At once" is believed once.
    [(None, [0.01, 0.02, 0.04, 0.04, 0, 0.01]), (0.0, [0, 0.02, 0.04, 0.04, 0, 0])],
)
def test_pauses_grow_until_somebody_gets_through(
    asked: float | None, expected: list[float]
) -> None:
    async def refusing() -> list[float]:
        limiter, pauses = RateLimiter(1), []
        for error in (*[refused(asked)] * 4, None, refused(asked)):
            await outcomes(request(limiter, error=error))
            pauses.append(round(limiter.pause, 2))
        return pauses

    assert run(refusing()) == expected


@pytest.mark.parametrize(
    ("error", "is_answer"),
    [
        (None, True),
        (AnswerError("no JSON"), True),
        (AuthenticationError("no"), True),
        (refused(0), False),
        (EndpointError("failed"), False),
        (WebPageError("a page"), False),
        (RuntimeError("defect"), False),
    ],
)
def test_what_is_an_answer(error: Exception | None, is_answer: bool) -> None:
    async def asking() -> RateLimiter:
        limiter = RateLimiter(2)
        assert await outcomes(request(limiter, error=error)) == [error and type(error)]
        return limiter

    limiter = run(asking())
    assert limiter.answered == is_answer
    assert (limiter.last_answer is not None) is is_answer


# Stopping


def test_stopping_lets_go_who_would_have_to_wait_for_a_first_request() -> None:
    async def stopping() -> None:
        limiter = RateLimiter(1)
        running = asyncio.create_task(request(limiter, 0.1))
        first = [asyncio.create_task(request(limiter)) for _ in range(3)]
        begun = asyncio.create_task(request(limiter, meter=again()))
        await asyncio.sleep(0.02)
        limiter.stop()
        await asyncio.sleep(0.02)
        # At once, without waiting for what is in flight.
        assert [type(task.exception()) for task in first] == [StoppedError] * 3
        assert not running.done()
        assert not begun.done()
        # What has begun is finished.
        await asyncio.gather(running, begun)
        assert limiter.answered == 2
        with pytest.raises(StoppedError):
            await request(limiter)

    run(stopping())


def test_stopping_ends_pauses() -> None:
    async def stopping() -> None:
        limiter = RateLimiter(4)
        await outcomes(request(limiter, error=refused(30)))
        waiting = [asyncio.create_task(request(limiter, meter=m)) for m in (Meter(), again())]
        waiting.append(asyncio.create_task(limiter.sleep(30)))
        await asyncio.sleep(0.02)
        limiter.stop()
        assert await outcomes(*waiting) == [StoppedError] * 3
        assert await outcomes(request(limiter, meter=again())) == [StoppedError]
        assert await outcomes(limiter.sleep(30), limiter.sleep(0)) == [StoppedError, None]

    run(stopping())


# Cancelling


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.integers(1, 6),
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.001, 0.003]),
            st.sampled_from(["ok", "refused", "refused at once", "failed", "cancelled"]),
        ),
        max_size=30,
    ),
)
@pytest.mark.usefixtures("quick")
def test_whatever_happens_everybody_gets_a_turn(
    concurrency: int, plan: list[tuple[float, str]]
) -> None:
    errors = {"refused": None, "refused at once": 0.0}
    active = most = 0

    async def one(limiter: RateLimiter, seconds: float, kind: str) -> None:
        nonlocal active, most
        async with limiter.turn(100, Meter()):
            active += 1
            most = max(most, active)
            try:
                await asyncio.sleep(seconds)
            finally:
                active -= 1
            if kind in errors:
                raise refused(errors[kind])
            if kind == "failed":
                raise EndpointError("failed")

    async def all_of_them() -> None:
        limiter = RateLimiter(concurrency)
        tasks = [asyncio.create_task(one(limiter, seconds, kind)) for seconds, kind in plan]
        await asyncio.sleep(0.001)
        for task, (_, kind) in zip(tasks, plan, strict=True):
            if kind == "cancelled":
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert 1 <= limiter.window <= concurrency
        assert (limiter._active, active) == (0, 0)
        assert most <= concurrency
        await request(limiter)

    run(all_of_them())


# When a question is sent again

HASTE = RetryPolicy(attempts=3, slow_attempts=2, first_wait=0.01, longest_wait=0.02, jitter=0.0)


def patience(**changes: Any) -> RetryPolicy:
    values = {name: getattr(HASTE, name) for name in RetryPolicy.__dataclass_fields__}
    return RetryPolicy(**{**values, **changes})


async def asked(
    answers: Callable[[int], BaseException | None],
    limiter: RateLimiter | None,
    patient: RetryPolicy = HASTE,
    report: Callable[[Progress], None] = silent,
) -> int:
    """How many requests it took; raises what was given up with."""
    meter = Meter()

    async def once() -> int:
        async with limiter.turn(100, meter) if limiter else nullcontext():
            meter.attempts += 1
            if error := answers(meter.attempts):
                error.attempts = meter.attempts  # type: ignore[attr-defined]
                raise error
            return meter.attempts

    return await aretrying(patient, report, limiter)(once)


async def answered_once(concurrency: int = 4) -> RateLimiter:
    limiter = RateLimiter(concurrency)
    await request(limiter)
    return limiter


@pytest.mark.usefixtures("quick")
def test_refusals_do_not_count_as_long_as_others_get_through() -> None:
    async def storm() -> int:
        limiter = RateLimiter(2)

        def answers(number: int) -> RateLimitError | None:
            if number % 2:
                limiter._speed_up()
            return refused(0) if number < 12 else None

        return await asked(answers, limiter)

    assert run(storm()) == 12


def test_a_storm_may_last_for_any_number_of_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limiter, "_LONGEST_PAUSE", 0.0)

    async def storm() -> int:
        limiter = RateLimiter(2)

        def answers(number: int) -> SummarizeError | None:
            limiter._speed_up()
            if number > 1101:
                return None
            return EndpointError("failed") if number > 1100 else refused()

        return await asked(answers, limiter)

    assert run(storm()) == 1102


@pytest.mark.parametrize("is_paced", [True, False])
def test_who_asks_for_too_long_is_not_asked_again(is_paced: bool) -> None:
    async def refusing() -> None:
        limiter = await answered_once() if is_paced else None
        requests: list[int] = []

        def answers(number: int) -> RateLimitError:
            requests.append(number)
            return refused(rate_limiter._LONGEST_ASKED + 1)

        with pytest.raises(RateLimitError):
            await asked(answers, limiter)
        assert requests == [1]

    run(refusing())


@pytest.mark.parametrize("error", [UnreachableError, SilentError, EndpointError])
def test_an_endpoint_that_never_answered_is_not_waited_for(error: type[EndpointError]) -> None:
    async def unreachable() -> int:
        with pytest.raises(error) as caught:
            await asked(lambda _: error("gone"), RateLimiter(4))
        return caught.value.attempts

    expected = HASTE.attempts if error is EndpointError else HASTE.slow_attempts
    assert run(unreachable()) == expected


def test_an_endpoint_that_answered_may_come_back() -> None:
    async def outage() -> int:
        limiter, back = await answered_once(), time.monotonic() + 0.3
        gone = UnreachableError("gone")
        return await asked(
            lambda _: gone if time.monotonic() < back else None, limiter, patience(outage=5)
        )

    assert run(outage()) > HASTE.attempts


def test_an_outage_is_not_waited_for_without_an_end() -> None:
    async def outage() -> tuple[float, int]:
        limiter, started = await answered_once(), time.monotonic()
        with pytest.raises(UnreachableError) as caught:
            await asked(lambda _: UnreachableError("gone"), limiter, patience(outage=0.2))
        return time.monotonic() - started, caught.value.attempts

    seconds, attempts = run(outage())
    assert 0.18 < seconds < 0.6
    assert attempts > HASTE.slow_attempts


def test_what_was_in_flight_when_the_endpoint_went_away_is_waited_for_too() -> None:
    async def outage() -> int:
        limiter = await answered_once()

        def answers(number: int) -> EndpointError | None:
            if number == 1:
                # Somebody else's last answer came after this question had been sent.
                limiter._speed_up()
                return EndpointError("broke the connection")
            return UnreachableError("gone") if number < 10 else None

        return await asked(answers, limiter, patience(outage=5))

    assert run(outage()) == 10


def test_what_fails_while_others_get_through_is_its_own_fault() -> None:
    async def failing() -> int:
        limiter = await answered_once()

        def answers(_: int) -> UnreachableError:
            limiter._speed_up()
            return UnreachableError("gone")

        with pytest.raises(UnreachableError) as caught:
            await asked(answers, limiter, patience(outage=5))
        return caught.value.attempts

    assert run(failing()) == HASTE.slow_attempts


def test_only_what_is_down_for_all_is_an_outage() -> None:
    async def failing(error: type[EndpointError]) -> int:
        limiter = await answered_once()
        with pytest.raises(error) as caught:
            await asked(lambda _: error("failed"), limiter, patience(outage=5))
        return caught.value.attempts

    assert run(failing(EndpointError)) == HASTE.attempts
    assert run(failing(SilentError)) == HASTE.slow_attempts


def test_a_web_page_is_asked_about_again_in_a_run_only() -> None:
    async def pages(limiter: RateLimiter | None, patient: RetryPolicy = HASTE) -> int:
        requests: list[int] = []

        def answers(number: int) -> WebPageError | None:
            requests.append(number)
            return WebPageError("a page") if number < 10 else None

        with suppress(WebPageError):
            await asked(answers, limiter, patient)
        return len(requests)

    assert run(pages(None)) == 1
    assert run(pages(RateLimiter(1))) == HASTE.slow_attempts

    async def in_a_run() -> int:
        # A proxy says that the server is down.
        return await pages(await answered_once(), patience(outage=5))

    assert run(in_a_run()) == 10


def test_stopping_ends_the_wait_for_the_next_request() -> None:
    async def stopping() -> float:
        limiter, started = RateLimiter(1), time.monotonic()
        slow = patience(first_wait=30, longest_wait=30)
        question = asyncio.create_task(asked(lambda _: EndpointError("failed"), limiter, slow))
        await asyncio.sleep(0.05)
        limiter.stop()
        with pytest.raises(StoppedError):
            await question
        assert limiter._active == 0
        return time.monotonic() - started

    assert run(stopping()) < 1


def test_what_is_waited_for_is_told() -> None:
    async def failing(error: SummarizeError) -> list[Progress]:
        told: list[Progress] = []
        await asked(lambda n: error if n < 2 else None, RateLimiter(1), report=told.append)
        return told

    (told,) = run(failing(EndpointError("it failed", hint="wait")))
    assert (told.stage, told.total, told.note) == ("waiting", 0.01, "it failed")
    # The pace tells of the whole run's pauses.
    assert run(failing(refused(0))) == []


# Against an endpoint

QUESTION = Question((Message("user", ARTICLE),), Draft)


async def all_asked(endpoint: StandIn, limiter: RateLimiter, number: int) -> list[type | None]:
    model = Model(
        ModelSettings("openai/stand-in", base_url=endpoint.url, timeout=5, retry_policy=HASTE),
        limiter=limiter,
    )
    try:
        asking = (model.aask(QUESTION, Meter()) for _ in range(number))
        ended = await asyncio.gather(*asking, return_exceptions=True)
        return [type(end) if isinstance(end, BaseException) else None for end in ended]
    finally:
        await model.aclose()


@pytest.fixture
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-stand-in-0123456789")


@pytest.mark.usefixtures("quick", "_key")
def test_an_endpoint_of_small_capacity_is_served_to_the_last_question() -> None:
    def script(_: Request) -> Answer:
        if endpoint.in_flight >= 3:
            return status(429)
        return draft()

    limiter = RateLimiter(24)
    with StandIn(script, latency=0.005) as endpoint:
        assert run(all_asked(endpoint, limiter, 60)) == [None] * 60
        assert len(endpoint.requests) < 200
    assert limiter.tokens == 60 * 110


def test_what_is_waited_for_comes_or_the_run_is_stopped() -> None:
    async def waited() -> None:
        limiter, event = RateLimiter(1), asyncio.Event()
        assert not await limiter.wait(event, 0.01)
        # Whoever is woken first may take it back.
        both = [asyncio.create_task(limiter.wait(event, 5)) for _ in range(2)]
        await asyncio.sleep(0.01)
        event.set()
        event.clear()
        assert await asyncio.gather(*both) == [True, True]
        waiting = asyncio.create_task(limiter.wait(event, 5))
        await asyncio.sleep(0.01)
        limiter.stop()
        with pytest.raises(StoppedError):
            await waiting

    asyncio.run(waited())
