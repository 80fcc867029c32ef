"""The annotated articles: what readers found in them, as offsets, names and labels.

`gold.jsonl` has a line an article. The articles are other people's text and not part of the
project; `--articles` names folders that hold them as `ID.txt`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from summarize.article.article import Article
from summarize.evaluation.gold import (
    Gold,
    GoldActor,
    GoldMeeting,
    GoldOutcome,
    GoldTopic,
    read_gold,
)
from summarize.sources.articles import read_file

__all__ = ["GOLD", "Annotated", "read_annotations", "read_invented", "read_written"]

GOLD = Path(__file__).with_name("gold.jsonl")
# Articles of the project's own, in the style of news agencies, each with a trap for models.
INVENTED = Path(__file__).parent.parent / "tests" / "hostile"
# Articles written to learn of other meetings, and of nothing else.
WRITTEN = Path(__file__).with_name("other_meetings.jsonl")


@dataclass(frozen=True)
class Annotated:
    """An article and what a reader found in it.

    Attributes:
        outlet: who published it.
        is_held_out: it is scored once, at the end, and nothing is learned of it.
        kinds: of the outcomes, in order.
    """

    article: Article
    gold: Gold
    outlet: str
    is_held_out: bool
    kinds: tuple[str, ...]

    @property
    def id(self) -> str:
        """Of the article."""
        return self.article.id


def read_annotations(folders: Iterable[Path], file: Path = GOLD) -> list[Annotated]:
    """The annotated articles that the folders hold."""
    texts = {path.stem: path.read_text("utf-8") for f in folders for path in f.glob("*.txt")}
    lines = map(json.loads, file.read_text("utf-8").splitlines())
    return [_annotated(line, texts[line["id"]]) for line in lines if line["id"] in texts]


def read_invented(folder: Path = INVENTED) -> list[Annotated]:
    """The project's own articles, with their gold."""
    gold = read_gold(folder / "gold")
    articles = {path.stem: read_file(path) for path in sorted((folder / "articles").iterdir())}
    return [
        Annotated(
            article=Article(articles[id_].text, id=id_),
            gold=found,
            outlet="invented",
            is_held_out=False,
            kinds=("",) * len(found.outcomes),
        )
        for id_, found in gold.items()
    ]


def read_written(file: Path = WRITTEN) -> list[tuple[Article, Gold]]:
    """The project's own short articles that tell of other meetings, with who met and those."""
    found = []
    for line in map(json.loads, file.read_text("utf-8").splitlines()):
        gold = Gold(
            actors=tuple(
                GoldActor(name=name, kind="person", part="participant")
                for name in line["participants"]
            ),
            agenda_items=(),
            outcomes=(),
            is_meeting=True,
            other_meetings=tuple(
                GoldMeeting(**one | {"participants": tuple(one["participants"])})
                for one in line["other_meetings"]
            ),
        )
        found.append((Article(line["text"], id=line["id"]), gold))
    return found


def _annotated(line: dict[str, Any], text: str) -> Annotated:
    if hashlib.sha256(text.encode()).hexdigest() != line["sha256"]:
        raise SystemExit(f"{line['id']}: another text than the one that was annotated")

    def items(field: str) -> Iterator[dict[str, Any]]:
        for item in line[field]:
            start, end = item["evidence"]
            said = " ".join(text[start:end].split())
            yield {"keywords": tuple(item["keywords"]), "evidence": said}

    actors = (a | {"aliases": tuple(a.get("aliases", ()))} for a in line["actors"])
    return Annotated(
        article=Article(text, id=line["id"]),
        gold=Gold(
            actors=tuple(GoldActor(**actor) for actor in actors),
            agenda_items=tuple(
                GoldTopic(**i, topic=", ".join(i["keywords"])) for i in items("agenda_items")
            ),
            outcomes=tuple(
                GoldOutcome(**i, description=", ".join(i["keywords"])) for i in items("outcomes")
            ),
            is_meeting=line["is_meeting"],
            other_meetings=_other_meetings(line, text),
        ),
        outlet=line["outlet"],
        is_held_out=line["held_out"],
        kinds=tuple(item["kind"] for item in line["outcomes"]),
    )


def _other_meetings(line: dict[str, Any], text: str) -> tuple[GoldMeeting, ...] | None:
    """The further meetings; None where the reader was not asked for them."""
    if "other_meetings" not in line:
        return None
    return tuple(
        GoldMeeting(
            when=one["when"],
            evidence=" ".join(text[slice(*one["evidence"])].split()),
            participants=tuple(one["participants"]),
        )
        for one in line["other_meetings"]
    )
