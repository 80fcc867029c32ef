"""The example in the prompt is checked before tokens are spent on it."""

from summarize.article import Article
from summarize.draft import Draft
from summarize.grounding import Grounding
from summarize.prompts import load_prompts


def test_the_example_record_is_wholly_borne_out_by_its_article():
    article, record = load_prompts().example
    draft = Draft.model_validate_json(record)
    grounding = Grounding(Article.of(article))
    grounded = grounding.ground(draft)

    assert grounding.unfound(draft) == []
    assert grounded.unsupported == ()
    assert grounded.is_meeting
    assert grounded.event.places == ("Oslo",)
    assert grounded.event.date.text == "Monday"
    participants = [a.name for a in grounded.actors if a.part == "participant"]
    assert participants == ["Anna Keller", "Lars Holm", "Ingrid Vik"]
    assert [a.country for a in grounded.actors[:2]] == ["CHE", "NOR"]
    assert [a.name for a in grounded.actors if a.part == "mentioned"] == ["Norway", "Jon Berg"]
    assert [item.topic for item in grounded.agenda_items] == draft.topics
    assert [o.description for o in grounded.outcomes] == [o.text for o in draft.outcomes]
    assert [o.kind for o in grounded.outcomes] == [o.kind for o in draft.outcomes]


def test_the_example_is_written_as_the_model_is_asked_to():
    _, record = load_prompts().example
    assert "\n" not in record
    assert Draft.model_validate_json(record).model_dump_json() == record
