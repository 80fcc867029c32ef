"""What a run has to do, and what it keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarize.article.article import Article
from summarize.batch.plan import Plan, difference, recipe_of
from summarize.batch.results import BatchError, BatchResult, Recipe
from summarize.batch.results_file import ResultsFile
from summarize.errors import ConfigurationError, DuplicateIdError, InputError
from summarize.models import ModelSettings, choose_model
from summarize.sources.inputs import Record, records_of

NOW = Recipe("openai/m", "prompt-1", "schema-1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def good(id_: str, text: str = "text") -> Record:
    return Record(id_, Article(text, id=id_), None)


def bad(id_: str) -> Record:
    return Record(id_, None, InputError(f"{id_}: is empty"))


def again(id_: str) -> Record:
    return Record(id_, None, DuplicateIdError(f"{id_}: was there before"))


def done(id_: str, text: str = "text", recipe: Recipe = NOW) -> BatchResult:
    provenance = {"model": recipe.model, "prompt": recipe.prompt, "schema": recipe.schema}
    article = {"sha256": Article(text, id=id_).sha256}
    return BatchResult(id_, json.dumps({"article": article, "provenance": provenance}))


def failed(id_: str, error: type[Exception] | str = "EndpointError") -> BatchResult:
    name = error if isinstance(error, str) else error.__name__
    return BatchResult(id_, error=BatchError(name, "why", True, 1))


def hold(path: Path, *results: BatchResult) -> None:
    path.write_text("".join(f"{result.to_json()}\n" for result in results))


def planned(path: Path, *records: Record, **options: Any) -> tuple[list[str], Plan]:
    """The ids that are to be done, and the plan after that."""
    with ResultsFile.opened(path) as results:
        plan = Plan(records, NOW, results, **options)
        return [task.record.id for task in plan], plan


def counts(plan: Plan) -> tuple[int, int, dict[str, int]]:
    return plan.kept, plan.kept_failures, dict(plan.redone)


def test_without_results_everything_is_done() -> None:
    records = [good("a"), bad("b"), again("a")]
    plan = Plan(records, NOW)
    tasks = list(plan)
    assert [task.record for task in tasks] == records
    assert [task.earlier for task in tasks] == [None] * 3
    assert counts(plan) == (0, 0, {})


def test_a_summary_of_the_same_text_and_recipe_is_kept(path: Path) -> None:
    hold(path, done("a"))
    todo, plan = planned(path, good("a"), good("b"))
    assert todo == ["b"]
    assert counts(plan) == (1, 0, {})


@pytest.mark.parametrize(
    ("earlier", "why"),
    [
        (done("a", "old text"), "another text"),
        (done("a", recipe=Recipe("openai/n", "prompt-1", "schema-1")), "another model (openai/n)"),
        (done("a", recipe=Recipe("openai/m", "prompt-2", "schema-1")), "another prompt"),
        (done("a", recipe=Recipe("openai/m", "prompt-1", "s")), "another schema or strategy"),
        (failed("a", InputError), "can be read now"),
        (failed("a", DuplicateIdError), None),
    ],
)
def test_why_it_is_done_again(path: Path, earlier: BatchResult, why: str | None) -> None:
    hold(path, earlier)
    with ResultsFile.opened(path) as results:
        plan = Plan([good("a")], NOW, results)
        (task,) = plan
        assert (task.earlier is None) is (why is None)
        assert counts(plan) == (0, 0, {why: 1} if why else {})


def test_a_summary_is_worth_more_than_the_news_that_the_text_is_gone(path: Path) -> None:
    hold(path, done("a"), done("b", "old", Recipe("n", "p", "s")))
    for retry in (False, True):
        todo, plan = planned(path, bad("a"), bad("b"), retry_failed=retry)
        assert todo == []
        assert counts(plan) == (2, 0, {})


@pytest.mark.parametrize("type_", ["EndpointError", "AnswerError", "KeyError", "WorkerError"])
def test_failures_are_tried_again_where_that_is_wanted(path: Path, type_: str) -> None:
    hold(path, failed("a", type_))
    todo, plan = planned(path, good("a"))
    assert (todo, counts(plan)) == ([], (0, 1, {}))
    todo, plan = planned(path, good("a"), retry_failed=True)
    assert (todo, counts(plan)) == (["a"], (0, 0, {"failed before": 1}))


def test_what_still_cannot_be_read_is_not_tried_again(path: Path) -> None:
    hold(path, failed("a", InputError), failed("b"))
    todo, plan = planned(path, bad("a"), bad("b"), retry_failed=True)
    assert (todo, counts(plan)) == ([], (0, 2, {}))


# Repeated ids


def test_repetitions_are_counted_over_a_resume(path: Path) -> None:
    records = [good("a"), again("a"), bad("b"), again("a"), again("b"), again("a")]
    hold(path, done("a"), failed("a", DuplicateIdError), failed("b", InputError))
    with ResultsFile.opened(path) as results:
        plan = Plan(records, NOW, results)
        tasks = list(plan)
        assert [task.record for task in tasks] == records[3:]
        assert counts(plan) == (1, 2, {})
        results.append(BatchResult(t.record.id, error=_error(t.record)) for t in tasks)
    content = path.read_bytes()
    todo, plan = planned(path, *records, retry_failed=True)
    assert (todo, counts(plan)) == ([], (1, 5, {}))
    assert path.read_bytes() == content


def _error(record: Record) -> BatchError:
    assert record.error
    return BatchError.of(record.error)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", ""])), max_size=10),
    st.lists(st.integers(0, 10), max_size=3),
)
def test_a_run_that_stops_anywhere_and_goes_on_does_each_record_once(
    tmp_path_factory: pytest.TempPathFactory, given_: list[tuple[str, str]], stops: list[int]
) -> None:
    path = tmp_path_factory.mktemp("plan") / "out.jsonl"
    articles = [{"id": id_, "text": text} for id_, text in given_]
    number = 0
    for stop in [*stops, len(articles)]:
        with ResultsFile.opened(path) as results:
            plan = Plan(records_of(articles), NOW, results)
            for _, task in zip(range(stop), plan, strict=False):
                results.append([_result(task.record)])
                number += 1
    assert number == len(articles)
    with ResultsFile.opened(path) as results:
        plan = Plan(records_of(articles), NOW, results)
        assert plan.is_done()
        assert plan.kept + plan.kept_failures == len(articles)
    assert path.read_bytes().count(b"\n") == len(articles)


def _result(record: Record) -> BatchResult:
    if record.article is None:
        return BatchResult(record.id, error=_error(record))
    return done(record.id, record.article.text)


# Laziness


def test_looking_whether_it_is_done_reads_to_the_first_record_to_be_done(path: Path) -> None:
    read: list[str] = []

    def records() -> Iterator[Record]:
        for id_ in "abcd":
            read.append(id_)
            yield good(id_)

    hold(path, done("a"), done("c"))
    with ResultsFile.opened(path) as results:
        plan = Plan(records(), NOW, results)
        assert read == []
        for _ in range(2):
            assert not plan.is_done()
            assert read == ["a", "b"]
        tasks = iter(plan)
        assert next(tasks).record.id == "b"
        assert read == ["a", "b"]
        assert [task.record.id for task in tasks] == ["d"]
        assert plan.is_done()
        assert counts(plan) == (2, 0, {})


@pytest.mark.parametrize("records", [[], [good("a")], [good("a"), bad("b")]])
def test_nothing_to_do(path: Path, records: Iterable[Record]) -> None:
    hold(path, done("a"), failed("b", InputError))
    with ResultsFile.opened(path) as results:
        plan = Plan(records, NOW, results)
        assert plan.is_done()
        assert list(plan) == []


def test_trouble_with_the_input_is_the_callers(path: Path) -> None:
    def records() -> Iterator[Record]:
        yield good("a")
        raise ConfigurationError("no room")

    with ResultsFile.opened(path) as results:
        plan = Plan(records(), NOW, results)
        tasks = iter(plan)
        assert next(tasks).record.id == "a"
        with pytest.raises(ConfigurationError):
            next(tasks)


# Recipes


def test_the_difference_that_counts_first() -> None:
    assert difference(NOW, NOW) == ""
    assert difference(Recipe("n", "p", "s"), NOW) == "another model (n)"
    assert difference(Recipe(NOW.model, "p", "s"), NOW) == "another prompt"
    assert difference(Recipe(NOW.model, NOW.prompt, "s"), NOW) == "another schema or strategy"


def test_the_recipe_is_what_the_provenance_will_say(tmp_path: Path) -> None:
    settings_ = choose_model("openai/m", environment={})
    recipe = recipe_of(settings_, None)
    assert recipe.model == "openai/m"
    assert recipe.prompt
    assert recipe.schema
    assert recipe == recipe_of(ModelSettings("openai/m", base_url="http://localhost/v1"), None)
    with pytest.raises(ConfigurationError):
        recipe_of(settings_, tmp_path)
