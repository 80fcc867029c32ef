"""Grounds the draft of a large model: its words are looked for in the article, nothing else.

Whether there was a meeting, who took part and what counts as an outcome is the model's word. An
item is unsupported only when its words are not in the article, or when it is no item: a pronoun, or
what was said before. Nobody is added to those who took part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from summarize.article.article import Article
from summarize.grounding.actors import Candidate, candidates_of, claim, claim_all, gather_mentions
from summarize.grounding.countries import countries_in, country_code, country_names
from summarize.grounding.grounded import NOT_FOUND, Grounded
from summarize.grounding.mentions import named_entities
from summarize.grounding.names import is_pronoun
from summarize.grounding.places import Places
from summarize.prompting.draft import (
    Draft,
    DraftParticipant,
    DraftResult,
    FullDraft,
    says_something,
)
from summarize.schema import ItemField, Unsupported

_NO_MEETING = "the model says that the article reports no meeting"


class DirectGrounding:
    """Grounds drafts in one article.

    Args:
        article: as it was given.
    """

    def __init__(self, article: Article) -> None:
        self.places = Places(article)
        self._named = named_entities(article.reading)
        # What `unfound` has worked out of a draft, for `ground` to go on with.
        self._claimed: tuple[Draft, list[Candidate], list[Unsupported]] | None = None

    def candidates(self) -> list[Candidate]:
        """Everybody whom the article names, before a draft says who took part."""
        return candidates_of(self._named)

    def unfound(self, draft: Draft) -> list[str]:
        """The names, topics and outcomes of a draft that the article does not have."""
        _, refused = self._claim(draft)
        values = [entry.value for entry in refused if entry.reason == NOT_FOUND]
        said = [*draft.topics, *(outcome.text for outcome in draft.outcomes)]
        values += [words for words in said if says_something(words) and not self.places.find(words)]
        return list(dict.fromkeys(values))

    def ground(self, draft: Draft) -> Grounded:
        """What of the draft the article has, with quotes."""
        if draft.event == "none" or not self.places.reading.sentences:
            return self.no_meeting(draft, _NO_MEETING)
        candidates, aside = self._claim(draft)
        self._claimed = None
        for candidate in candidates:
            candidate.part = "participant" if candidate.claimed else "mentioned"
        others = draft.others if isinstance(draft, FullDraft) else ()
        # All have to be known before their mentions are gathered.
        taking_part = [
            self._find_all("meetings", one.participants, candidates, aside) for one in others
        ]
        parties = [
            self._find_all("outcomes", outcome.parties, candidates, aside)
            if isinstance(outcome, DraftResult)
            else ()
            for outcome in draft.outcomes
        ]
        for one, people in zip(others, taking_part, strict=True):
            for person in people if one.when == "reported" else ():
                person.part = "participant"
        candidates = gather_mentions(candidates, self.places.finder)
        self._set_countries(draft, candidates)
        candidates.sort(key=lambda candidate: candidate.part != "participant")
        when = draft.when if isinstance(draft, FullDraft) else "reported"
        claimed = [candidate for candidate in candidates if candidate.claimed]
        meetings = [self.places.meeting(draft, when, claimed, aside)]
        topics = self.places.topics(draft, aside)
        outcomes = self.places.outcomes(draft, aside)
        outcomes = [replace(item, parties=parties[item.rank or 0]) for item in outcomes]
        for one, people in zip(others, taking_part, strict=True):
            found = self.places.meeting(one, one.when, people, aside)
            said, results = self.places.topics(one, aside), self.places.outcomes(one, aside)
            told = found.sentences or self.places.sentences_of((*said, *results))[:1]
            if not told:
                value = " ".join(filter(None, (one.when, one.event, one.place, one.date)))
                aside.append(Unsupported(field="meetings", value=value, reason=NOT_FOUND))
                continue
            meetings.append(replace(found, sentences=told))
            topics += [replace(item, meeting=len(meetings)) for item in said]
            outcomes += [replace(item, meeting=len(meetings)) for item in results]
        outcomes = [
            replace(
                item, parties=item.parties or tuple(c for c in candidates if c.is_in(item.span))
            )
            for item in outcomes
        ]
        return self.places.grounded(meetings, candidates, topics, outcomes, aside)

    def no_meeting(self, draft: Draft, reason: str) -> Grounded:
        """Nothing but who is mentioned; what the draft says of a meeting is set aside."""
        candidates = gather_mentions(self.candidates(), self.places.finder)
        return self.places.no_meeting(candidates, draft, reason)

    def _claim(self, draft: Draft) -> tuple[list[Candidate], list[Unsupported]]:
        """Everybody named, the participants of a draft claimed; and those not in the article."""
        if self._claimed is None or self._claimed[0] is not draft:
            candidates, finder = self.candidates(), self.places.finder
            refused = claim_all(candidates, draft.participants, finder, trusts_roles=True)
            self._claimed = (draft, candidates, refused)
        return self._claimed[1:]

    def _find_all(
        self,
        field: ItemField,
        names: Iterable[str],
        candidates: list[Candidate],
        aside: list[Unsupported],
    ) -> tuple[Candidate, ...]:
        """The actors that the model names besides the participants; new ones are added."""
        what = "a party" if field == "outcomes" else "a participant"
        people: list[Candidate] = []
        for name in filter(says_something, names):
            known = next((c for c in candidates if name in c.said_as), None)
            if known is None and not is_pronoun(name):
                known = claim(candidates, name, "", self.places.finder)
            if known is None:
                aside.append(Unsupported(field=field, value=name, reason=f"{what} {NOT_FOUND}"))
            elif known not in people:
                people.append(known)
        return tuple(people)

    def _set_countries(self, draft: Draft, candidates: Sequence[Candidate]) -> None:
        """The countries that the model named, and whether words beside the mentions name them."""
        article = self.places.reading.text
        for said in draft.participants:
            country = said.country if isinstance(said, DraftParticipant) else ""
            # A model may write the code itself.
            code = country_code(country, article) or country
            holder = next((c for c in candidates if c.claimed and said.name in c.said_as), None)
            if code in country_names() and holder and holder.kind != "country":
                holder.said_country = code
                sentences = {self.places.reading.sentence_at(m.start).span for m in holder.mentions}
                holder.is_country_inferred = holder.told_country(article) != code and not any(
                    one.code == code
                    for start, end in sentences
                    for one in countries_in(article[start:end], article)
                )
