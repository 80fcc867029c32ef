"""What becomes of right answers: how much of a perfect reader's drafts the summaries keep.

Run it as `python benchmarks/perfect_draft.py --gold GOLD --articles NEWS` (both options may be
given several times, in pairs; the gold is as for `summarize evaluate`). No model is asked. For each
article a draft is made from its gold in the article's own words: names as they stand, for a topic
the piece of its evidence with its keyword, for an outcome its evidence. The draft goes through the
package as the answer of a large model (strategy `direct`); where the model would be asked a second
time, it withdraws nothing and adds nothing. Drafts and summaries are scored alike; the difference
is what the package takes away from a model that reads well.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from quality import Item, read, summary_of

from summarize.article.article import Article
from summarize.evaluation.gold import Gold, GoldMeeting, GoldOutcome, GoldTopic
from summarize.evaluation.gold_summaries import NO_PROVENANCE
from summarize.evaluation.scoring import MEAN_PARTS, Evaluation, evaluate
from summarize.models import Reply
from summarize.pipeline.pipeline import Pipeline
from summarize.prompting.draft import Corrections, FullDraft
from summarize.prompting.strategy import DIRECT
from summarize.prompting.templates import load_prompts
from summarize.schema import Summary

# Words of a topic and characters of an outcome, as models write them.
_TOPIC_WORDS = 14
_OUTCOME_CHARACTERS = 220
# As for a hosted model: every article is read at once.
_CONTEXT_TOKENS = 100_000


def draft_of(gold: Gold) -> FullDraft:
    """What a perfect reader would answer."""
    present = [a for a in gold.actors if gold.is_meeting and a.part == "participant"]
    return FullDraft.model_validate(
        {
            "event": "other" if gold.is_meeting else "none",
            "place": "",
            "date": "",
            "participants": [{"name": a.name, "role": ""} for a in present],
            "topics": [_piece(topic) for topic in gold.agenda_items],
            "outcomes": [_result(outcome) for outcome in gold.outcomes],
            "others": [_other(meeting) for meeting in gold.other_meetings or ()],
        }
    )


def _piece(topic: GoldTopic) -> str:
    """The part of a topic's evidence with one of its keywords."""
    parts = re.split(r"[,;:]|\band\b", topic.evidence)
    found = next((part for part in parts if topic.fits(part)), topic.evidence)
    return " ".join(found.strip(' ."”“').split()[:_TOPIC_WORDS])


def _other(meeting: GoldMeeting) -> dict[str, Any]:
    """Another meeting; where nobody is named, the words that tell of it are its topic."""
    words = " ".join(meeting.evidence.split()[:_TOPIC_WORDS])
    return {
        "when": "reported" if meeting.when == "parallel" else meeting.when,
        "event": "other",
        "place": "",
        "date": "",
        "participants": meeting.participants,
        "topics": [] if meeting.participants else [words],
        "outcomes": [],
    }


def _result(outcome: GoldOutcome) -> dict[str, Any]:
    words = " ".join(outcome.evidence.split())
    cut = words[:_OUTCOME_CHARACTERS]
    return {"kind": "statement", "text": cut if cut == words else cut.rpartition(" ")[0]}


def summarized(article: Article, draft: FullDraft) -> Summary:
    """The summary that the package makes of a draft."""
    pipeline = Pipeline(article, load_prompts(), _CONTEXT_TOKENS, DIRECT)
    while question := pipeline.question:
        value = Corrections(copied=[]) if question.answer is Corrections else draft
        pipeline.take(Reply(value, value.model_dump_json()))
    return pipeline.summary(NO_PROVENANCE)


def written_down(article: Article, draft: FullDraft, gold: Gold) -> Summary:
    """The draft itself in the form of a summary, to be scored beside it."""
    # Countries do not count, on either side.
    counted = {actor.name for actor in gold.actors if actor.kind != "country"}

    def items() -> Iterator[Item]:
        for person in draft.participants:
            if person.name in counted:
                yield Item("participant", person.name, ())
        for topic in draft.topics:
            yield Item("agenda_item", topic, ())
        for outcome in draft.outcomes:
            yield Item("outcome", outcome.text, ())

    return summary_of(article, items())


def row(name: str, evaluation: Evaluation) -> str:
    """A line of the table."""
    scores = (
        f"{evaluation.scores[p].precision:.2f} {evaluation.scores[p].recall:.2f}"
        for p in (*MEAN_PARTS, "other_meetings")
    )
    return f"{name:10} {evaluation.mean_f1:7.3f}  {'   '.join(scores)}   {evaluation.invented}"


def main() -> None:
    """Prints both scores, and the mean F1 of the one as a share of the other's."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for option in ("--gold", "--articles"):
        parser.add_argument(option, type=Path, action="append", required=True, metavar="FOLDER")
    parser.add_argument("--min-share", type=float, default=0.0, metavar="X", help="exit 1 below it")
    options = parser.parse_args()
    golds, articles = read(zip(options.gold, options.articles, strict=True))
    drafts = {id_: draft_of(gold) for id_, gold in golds.items()}
    said: Mapping[str, Summary] = {
        id_: written_down(articles[id_], draft, golds[id_]) for id_, draft in drafts.items()
    }
    kept = {id_: summarized(articles[id_], draft) for id_, draft in drafts.items()}
    before, after = (evaluate(golds, articles, s) for s in (said, kept))
    print(f"{len(golds)} articles, {before.no_meetings} without a meeting")
    parts = (f"{part} P, R" for part in (*MEAN_PARTS, "other_meetings"))
    print(f"{'':10} mean F1  {'   '.join(parts)}   invented")
    print(row("drafts", before))
    print(row("summaries", after))
    share = after.mean_f1 / before.mean_f1
    print(f"kept: {share:.3f}")
    sys.exit(share < options.min_share)


if __name__ == "__main__":
    main()
