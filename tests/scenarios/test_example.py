"""The example in the prompt is checked before tokens are spent on it."""

import json

import pytest

from summarize.article.article import Article
from summarize.grounding.direct import DirectGrounding
from summarize.prompting.draft import BriefDraft, Draft, FullDraft
from summarize.prompting.strategy import STRATEGIES
from summarize.prompting.templates import load_prompts


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=list(STRATEGIES))
def test_the_example_record_is_wholly_borne_out_by_its_article(strategy):
    prompts = load_prompts()
    article, record = prompts.example if strategy.weighs else prompts.direct_example
    draft = strategy.draft.model_validate_json(record)
    grounded = DirectGrounding(Article.of(article)).ground(draft)

    assert grounded.unsupported == ()
    assert grounded.is_meeting
    assert grounded.meetings[0].places == ("Oslo",)
    assert grounded.meetings[0].date.text == "Monday"
    participants = [a.name for a in grounded.actors if a.part == "participant"]
    assert participants == ["Anna Keller", "Lars Holm", "Ingrid Vik"]
    assert [a.country for a in grounded.actors[:2]] == ["CHE", "NOR"]
    assert [a.name for a in grounded.actors if a.part == "mentioned"] == ["Norway", "Jon Berg"]
    assert [item.topic for item in grounded.agenda_items] == draft.topics
    # As the sentence begins: "The two sides signed …".
    pairs = list(zip(grounded.outcomes, draft.outcomes, strict=True))
    assert all(outcome.description.endswith(said.text) for outcome, said in pairs)
    assert [o.kind for o in grounded.outcomes] == [o.kind for o in draft.outcomes]


@pytest.mark.parametrize("form", [BriefDraft, Draft, FullDraft])
def test_the_example_is_written_as_the_model_is_asked_to(form):
    prompts = load_prompts()
    _, record = prompts.direct_example if form is FullDraft else prompts.example
    assert "\n" not in record
    assert form.model_validate_json(record).model_dump_json() == record


def test_the_example_is_no_longer_than_a_small_model_may_answer():
    _, record = load_prompts().example
    fields = BriefDraft.model_json_schema()["properties"]
    for name, items in json.loads(record).items():
        assert "maxItems" not in fields[name] or len(items) <= fields[name]["maxItems"]
