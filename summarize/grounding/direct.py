"""Grounds the draft of a large model: its words are looked for in the article, nothing else.

Whether there was a meeting, who took part and what counts as an outcome is the model's word. An
item is unsupported only when its words are not in the article, or when it is no item: a pronoun, or
what was said before. Nobody is added to those who took part.
"""

from __future__ import annotations

from summarize.article.article import Article
from summarize.grounding.actors import claim, named_in, take_role
from summarize.grounding.candidates import Candidate, gather_mentions
from summarize.grounding.countries import country_code, country_names, same_country
from summarize.grounding.grounded import Grounded
from summarize.grounding.mentions import Entities, named_entities
from summarize.grounding.places import NOT_FOUND, PRONOUN, Places, is_pronoun
from summarize.prompting.draft import (
    Draft,
    DraftOutcome,
    DraftParticipant,
    DraftResult,
    says_something,
)
from summarize.schema import AgendaItem, Event, ItemField, Outcome, Unsupported

__all__ = ["DirectGrounding", "no_meeting"]

_NO_MEETING = "the model says that the article reports no meeting"


class DirectGrounding:
    """Grounds drafts in one article.

    Args:
        article: as it was given.
    """

    def __init__(self, article: Article) -> None:
        self.places = Places(article)
        self.entities = named_entities(article.reading)
        # What `unfound` has worked out of a draft, for `ground` to go on with.
        self._known: tuple[Draft, list[Candidate], list[Unsupported]] | None = None

    def unfound(self, draft: Draft) -> list[str]:
        """The names, topics and outcomes of a draft that the article does not have."""
        candidates, refused = self._actors(draft)
        self._known = (draft, candidates, list(refused))
        values = [entry.value for entry in refused if entry.reason == NOT_FOUND]
        said = [*draft.topics, *(outcome.text for outcome in draft.outcomes)]
        values += [words for words in said if says_something(words) and not self.places.find(words)]
        return list(dict.fromkeys(values))

    def ground(self, draft: Draft) -> Grounded:
        """What of the draft the article has, with quotes."""
        if draft.event == "none":
            return no_meeting(self.places, self.entities, draft, _NO_MEETING)
        known, self._known = self._known, None
        candidates, aside = known[1:] if known and known[0] is draft else self._actors(draft)
        parties = [self._parties(outcome, candidates, aside) for outcome in draft.outcomes]
        gather_mentions(candidates, self.places.finder)
        candidates = [c for c in candidates if c.mentions]
        self._set_countries(draft, candidates)
        candidates.sort(key=lambda c: (c.part != "participant", c.mentions[0]))
        ids = {id(candidate): f"a{i}" for i, candidate in enumerate(candidates, start=1)}
        agenda = list(self.places.items("agenda_items", draft.topics, aside))
        results = [outcome.text for outcome in draft.outcomes]
        outcomes = list(self.places.items("outcomes", results, aside))
        return Grounded(
            is_meeting=True,
            event=self.places.event(draft, aside),
            actors=self.places.actors(candidates),
            agenda_items=tuple(
                AgendaItem(
                    id=f"g{i}",
                    topic=self.places.words(item.span),
                    quotes=(self.places.sentence(item.span),),
                )
                for i, item in enumerate(agenda, start=1)
            ),
            outcomes=tuple(
                Outcome(
                    id=f"o{i}",
                    kind=draft.outcomes[item.number].kind,
                    description=self.places.words(item.span),
                    parties=tuple(
                        dict.fromkeys(
                            ids[id(party)]
                            for party in (
                                parties[item.number]
                                or [c for c in candidates if c.is_in(item.span)]
                            )
                            if id(party) in ids
                        )
                    ),
                    quotes=(self.places.sentence(item.span),),
                )
                for i, item in enumerate(outcomes, start=1)
            ),
            unsupported=tuple(dict.fromkeys(aside)),
        )

    # Actors

    def _actors(self, draft: Draft) -> tuple[list[Candidate], list[Unsupported]]:
        """Everybody that the article names; those of the draft as participants."""
        candidates = named_in(self.entities)
        refused = []
        for said in draft.participants:
            if not says_something(said.name):
                continue
            finder = self.places.finder
            known = (
                None if is_pronoun(said.name) else claim(candidates, said.name, said.role, finder)
            )
            if known:
                take_role(known, said.role, finder)
                continue
            reason = PRONOUN if is_pronoun(said.name) else NOT_FOUND
            refused.append(Unsupported(field="actors", value=said.name, reason=reason))
        for candidate in candidates:
            candidate.part = "participant" if candidate.claimed else "mentioned"
        return candidates, refused

    def _set_countries(self, draft: Draft, candidates: list[Candidate]) -> None:
        """The countries that the model named, and whether words beside the mentions name them."""
        for said in draft.participants:
            country = said.country if isinstance(said, DraftParticipant) else ""
            # A model may write the code itself.
            code = country_code(country, self.places.reading.text) or (
                country if country in country_names() else None
            )
            holder = next((c for c in candidates if c.claimed and said.name in c.said_as), None)
            if code and holder and holder.kind != "country":
                holder.said_country = code
                holder.is_country_inferred = holder.told_country != code and not any(
                    next(
                        same_country(
                            code, self.places.sentence_text(mention), self.places.reading.text
                        ),
                        None,
                    )
                    for mention in holder.mentions
                )

    def _parties(
        self, outcome: DraftOutcome, candidates: list[Candidate], aside: list[Unsupported]
    ) -> list[Candidate]:
        """The actors that the model names as an outcome's; those not known yet are added."""
        names = outcome.parties if isinstance(outcome, DraftResult) else ()
        parties = []
        for name in filter(says_something, names):
            known = next((c for c in candidates if name in c.said_as), None)
            if known is None and not is_pronoun(name):
                known = claim(candidates, name, "", self.places.finder, took_part=False)
                if known:
                    take_role(known, "", self.places.finder)
            if known:
                parties.append(known)
            else:
                aside.append(
                    Unsupported(field="outcomes", value=name, reason=f"a party {NOT_FOUND}")
                )
        return parties


def no_meeting(places: Places, entities: Entities, draft: Draft, reason: str) -> Grounded:
    """Nothing but who is mentioned; what a draft says of a meeting is set aside."""
    candidates = named_in(entities)
    gather_mentions(candidates, places.finder)
    candidates = [candidate for candidate in candidates if candidate.mentions]
    candidates.sort(key=lambda candidate: candidate.mentions[0])
    said: list[tuple[ItemField, str]] = [
        *(("actors", person.name) for person in draft.participants),
        *(("agenda_items", topic) for topic in draft.topics),
        *(("outcomes", outcome.text) for outcome in draft.outcomes),
    ]
    return Grounded(
        is_meeting=False,
        event=Event(type="none", places=(), date=None),
        actors=places.actors(candidates),
        agenda_items=(),
        outcomes=(),
        unsupported=tuple(
            dict.fromkeys(
                Unsupported(field=field, value=value, reason=reason)
                for field, value in said
                if says_something(value)
            )
        ),
    )
