"""Makes a dossier of summaries, or adds summaries to one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from summarize.across_articles import weights
from summarize.across_articles.actors import resolve_actors
from summarize.across_articles.adding import add_summaries
from summarize.across_articles.composing import compose_meetings
from summarize.across_articles.decisions import read_decisions, read_people
from summarize.across_articles.follow_ups import find_follow_ups
from summarize.across_articles.meetings import resolve_meetings
from summarize.across_articles.outputs import (
    ACTORS,
    FILES,
    MEETINGS,
    MORE_FILES,
    MoreFormat,
    write_outputs,
)
from summarize.across_articles.records import ActorRecord, MeetingRecord
from summarize.across_articles.store import FILE, Store
from summarize.batch.results import BatchResult
from summarize.batch.summaries import read_results
from summarize.errors import ConfigurationError, OutputError, check_library
from summarize.report.table_files import move_files, work_folder
from summarize.schema import Summary

__all__ = ["Dossier", "dossier"]


@dataclass(frozen=True)
class Dossier:
    """A dossier in its folder.

    Attributes:
        folder: where it is.
        new_articles: how many were added, or had changed.
        article_count: of all articles.
        meeting_count: of all meetings.
        actor_count: of all actors.
    """

    folder: Path
    new_articles: int
    article_count: int
    meeting_count: int
    actor_count: int

    @property
    def meetings(self) -> Iterator[MeetingRecord]:
        """The meetings in order of time, read from the disk."""
        with (self.folder / MEETINGS).open(encoding="utf-8") as lines:
            yield from map(MeetingRecord.model_validate_json, lines)

    @property
    def actors(self) -> Iterator[ActorRecord]:
        """The actors by their names, read from the disk."""
        with (self.folder / ACTORS).open(encoding="utf-8") as lines:
            yield from map(ActorRecord.model_validate_json, lines)


def dossier(
    summaries: Iterable[Summary | BatchResult | str | PathLike[str]],
    output: str | PathLike[str],
    *,
    people: str | PathLike[str] | None = None,
    decisions: str | PathLike[str] | None = None,
    threshold: float = weights.THRESHOLD,
    also: Collection[MoreFormat] = (),
    on_message: Callable[[str], None] = lambda _: None,
) -> Dossier:
    """Makes a dossier, or adds to the one in the folder: actors and meetings across articles.

    Args:
        summaries: summaries, results of a batch (failures are left out), or files of both.
        output: the folder; what is not of a dossier in it stays.
        people: a file of people with their names and Wikidata ids, CSV or JSONL.
        decisions: a file of what people decided about actors and meetings, JSONL.
        threshold: least probability of reports that are merged, above 0.1 and below 1.
        also: more files: "polecat" and "cameo" (events), "ftm" (entities of FollowTheMoney),
            "parquet" (tables).
        on_message: called with a message for each decision that could not be applied.

    Raises:
        SummarizeError: a file cannot be read, or the folder not be written. It is as it was.
    """
    if not weights.KEPT < threshold < 1:
        raise ConfigurationError(
            f"threshold {threshold}: is not above {weights.KEPT} and below 1",
            hint=f"without one it is {weights.THRESHOLD}",
        )
    check_library("rigour", "a dossier", "dossier")
    known = read_people(Path(people)) if people else []
    decided = read_decisions(Path(decisions)) if decisions else []
    if "parquet" in also:
        check_library("pyarrow.parquet", "Parquet", "parquet", "leave out --parquet")
    files = [*FILES, *(name for one in also for name in MORE_FILES[one])]
    folder = Path(output)
    try:
        with work_folder(folder, files) as work:
            is_new = not (folder / FILE).exists()
            with Store.opened((work if is_new else folder) / FILE) as store:
                new = add_summaries(store, _summaries(summaries))
                problems = resolve_actors(store, known, decided)
                problems += resolve_meetings(store, decided, threshold)
                for problem in problems:
                    on_message(problem)
                compose_meetings(store)
                find_follow_ups(store)
                meetings, actors = write_outputs(store, work, also)
                articles = store.value("SELECT count(*) FROM article")
                store.commit()
            move_files(work, folder, [*files, *([FILE] if is_new else [])])
    except OSError as error:
        why = f"{folder}: cannot be written ({error.strerror or error})"
        raise OutputError(why, hint="check who may write there, and the free space") from error
    return Dossier(folder, new, articles, meetings, actors)


def _summaries(
    given: Iterable[Summary | BatchResult | str | PathLike[str]],
) -> Iterator[Summary]:
    for one in given:
        if isinstance(one, Summary):
            yield one
        elif isinstance(one, BatchResult):
            if one.summary:
                yield one.summary
        else:
            yield from _summaries(read_results(one))
