"""What users give besides summaries: people with their ids, and decisions about who is who."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from summarize.across_articles.records import Day
from summarize.errors import InputError, first_problem
from summarize.sources.decoding import cannot_read, display_name, filled_lines, parse_line

_EMPTY = BeforeValidator(lambda value: value or None)
_Text = Annotated[str | None, _EMPTY]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)


def _list_of(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return value or []


class KnownPerson(_Value):
    """A person of `--people`: in CSV a row, aliases with semicolons between them."""

    name: str = Field(min_length=1)
    aliases: Annotated[tuple[str, ...], BeforeValidator(_list_of)] = ()
    wikidata: Annotated[str | None, _EMPTY, Field(pattern=r"^Q\d+$")] = None
    country: Annotated[str | None, _EMPTY, Field(pattern=r"^[A-Z]{3}$")] = None
    office: _Text = None
    since: Annotated[Day | None, _EMPTY] = Field(default=None, alias="from")
    until: Annotated[Day | None, _EMPTY] = Field(default=None, alias="to")


class DossierDecision(_Value):
    """A person's decision that actors, or reports of meetings, are one or are not.

    Attributes:
        actors: names as articles have them, or ids of actors.
        meetings: reports, each the id of an article and that of the meeting in its summary.
    """

    decision: Literal["same", "different"]
    actors: tuple[str, ...] = ()
    meetings: tuple[tuple[str, str], ...] = ()

    @model_validator(mode="after")
    def _is_about_two(self) -> DossierDecision:
        if max(len(self.actors), len(self.meetings)) < 2 or (self.actors and self.meetings):
            raise ValueError("is about two actors or more, or two meetings or more")
        return self


_Read = TypeVar("_Read", bound=BaseModel)


def read_people(path: Path) -> list[KnownPerson]:
    """Reads people from CSV (by the ending .csv) or JSONL.

    Raises:
        InputError: it cannot be read, or a line is no person.
    """
    if path.suffix.lower() != ".csv":
        return list(_lines(path, KnownPerson))
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(enumerate(csv.DictReader(stream), start=2))
    except (OSError, ValueError) as error:
        raise cannot_read(display_name(path), error) from error
    return [_valid(KnownPerson, row, f"{display_name(path)}, line {line}") for line, row in rows]


def read_decisions(path: Path) -> list[DossierDecision]:
    """Reads decisions from JSONL.

    Raises:
        InputError: it cannot be read, or a line is no decision.
    """
    return list(_lines(path, DossierDecision))


def _lines(path: Path, type_: type[_Read]) -> Iterator[_Read]:
    name = display_name(path)
    try:
        with path.open("rb") as stream:
            for number, line in filled_lines(stream):
                place = f"{name}, line {number}"
                yield _valid(type_, parse_line(line, place, hint="docs/dossier.md has both"), place)
    except OSError as error:
        raise cannot_read(name, error) from error


def _valid(type_: type[_Read], value: Any, place: str) -> _Read:
    try:
        return type_.model_validate(value)
    except ValidationError as invalid:
        why = f"{place}: {first_problem(invalid, 'record')}"
        raise InputError(why, hint="see docs/dossier.md") from invalid
