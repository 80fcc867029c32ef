"""Makes actors of the names in articles.

Names of one actor are found by what they are compared as (`names`) and by their countries. A name
that is less than others, such as a surname, joins the one actor that it can mean, and stands alone
where it can mean several.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from summarize.across_articles import weights
from summarize.across_articles.clusters import Component, Partition, components, spanning
from summarize.across_articles.decisions import DossierDecision, KnownPerson
from summarize.across_articles.names import compare_persons, is_common_noun, is_short, name_parts
from summarize.across_articles.records import ActorRecord, Office, QuoteIn, Reason, Spelling
from summarize.across_articles.store import Store, hash_id, keys_of

__all__ = ["resolve_actors"]


class _Form(NamedTuple):
    key: int
    id: str
    class_: str
    name: str
    country: str
    actor: int | None
    apart: int
    person: int | None

    @property
    def is_nobody(self) -> bool:
        """Whether each mention of it is of others."""
        return self.class_ == "body" and is_common_noun(self.name)

    @property
    def level(self) -> tuple[int, bool]:
        """The more it says, the higher."""
        if self.class_ == "person":
            return len(name_parts(self.name)), bool(self.country)
        return 1 + (not is_short(self.name)), bool(self.country)


_FORMS = "SELECT key, id, class, name, country, actor, apart, person FROM form"


def resolve_actors(
    store: Store, people: Sequence[KnownPerson], decisions: Iterable[DossierDecision]
) -> list[str]:
    """Assigns the names that are new, or touched by new ones, to actors, and composes these.

    Returns a message for each decision about names that no article has.
    """
    _add_people(store, people)
    problems = _decide(store, decisions)
    _compare_new(store)
    store.execute("INSERT OR IGNORE INTO touched_form SELECT form FROM new_form")
    forms: dict[int, _Form] = {}

    def form(key: int) -> _Form:
        if key not in forms:
            (row,) = store.rows(f"{_FORMS} WHERE key = ?", key)
            forms[key] = _Form(*row)
        return forms[key]

    starts = [key for (key,) in store.each("SELECT form FROM touched_form ORDER BY form")]
    for component in components(store, "form", starts, 0, lambda key: form(key).id):
        _assign(store, component, {key: form(key) for key in component.members})
        forms.clear()
    _compose_touched(store, people)
    return problems


def _add_people(store: Store, people: Sequence[KnownPerson]) -> None:
    store.execute("UPDATE form SET person = NULL WHERE person NOTNULL")
    store.execute("DELETE FROM decided")
    for number, person in enumerate(people):
        keys = [
            store.form("person", name, person.country) for name in (person.name, *person.aliases)
        ]
        for key in keys:
            store.execute("UPDATE form SET person = ? WHERE key = ?", number, key)
            store.execute("INSERT INTO decided VALUES ('form', ?, ?, 1)", keys[0], key)
    if store.has_changed("people", repr(people)):
        store.execute("INSERT OR IGNORE INTO touched_form SELECT key FROM form")


def _decide(store: Store, decisions: Iterable[DossierDecision]) -> list[str]:
    problems = []
    about = [one for one in decisions if one.actors]
    for decision in about:
        groups = []
        for name in decision.actors:
            found = store.rows("SELECT key FROM form WHERE id = ? OR name = ?", name, name)
            if not found:
                problems.append(f"{name}: no article has this name; a decision is not applied")
            groups.append([key for (key,) in found])
        is_same = decision.decision == "same"
        rows = [
            ("form", one, other, is_same)
            for number, group in enumerate(groups)
            for others in groups[number + 1 :]
            for one in group
            for other in others
        ]
        store.insert("decided", rows, 4)
    if store.has_changed("actor decisions", repr(about)):
        store.execute("INSERT OR IGNORE INTO touched_form SELECT key FROM form")
    return problems


def _compare_new(store: Store) -> None:
    """Compares each new form with those that have a key it looks for."""
    new = store.rows("SELECT key, class, name, country FROM form JOIN new_form ON form = key")
    for key, class_, name, country in new:
        sought = sorted(keys_of(class_, name, country).sought)
        for other, other_name, other_country in store.rows(
            "SELECT DISTINCT key, name, country FROM form WHERE key != ? AND key IN (SELECT form"
            f" FROM form_key WHERE form_key.key IN ({', '.join('?' * len(sought))}))",
            key,
            *sought,
        ):
            if not country or not other_country or country == other_country:
                names = sorted((name, other_name))
                _add_pair(store, key, other, class_, names, country == other_country)
        for (other,) in store.rows("SELECT other FROM alias WHERE one = ? AND other != one", key):
            _insert(store, key, other, weights.ALIAS, "an article uses both names")


def _add_pair(
    store: Store, one: int, other: int, class_: str, names: Sequence[str], is_same_country: bool
) -> None:
    if class_ == "person":
        compared = compare_persons(names[0], names[1])
        score, words = compared.score, compared.words
    else:
        score, words = 1.0, f"{' and '.join(names)} are one name"
    if score > 0:
        _insert(store, one, other, score - weights.NO_COUNTRY * (not is_same_country), words)


def _insert(store: Store, one: int, other: int, score: float, words: str) -> None:
    rows = [(*sorted((one, other)), max(score, 0), words)]
    store.insert("form_pair", rows, 4)


def _assign(store: Store, component: Component, forms: dict[int, _Form]) -> None:
    """Divides the forms of a component among actors."""

    def may_unite(one: Collection[int], other: Collection[int]) -> bool:
        both = [forms[key] for key in (*one, *other)]
        if len({form.country for form in both if form.country}) > 1:
            return False
        if len({form.person for form in both if form.person is not None}) > 1:
            return False
        names = [{forms[key].name for key in keys} for keys in (one, other)]
        return both[0].class_ != "person" or all(
            compare_persons(*sorted((a, b))).score > 0
            # A name that the other has, too, is not questioned: people may have decided so.
            for a in names[0]
            for b in names[1]
            if a not in names[1] and b not in names[0]
        )

    partition = Partition(component, may_unite)
    apart = {key for key, form in forms.items() if form.is_nobody}
    levels = {key: form.level for key, form in forms.items()}
    for level in sorted(set(levels.values()), reverse=True):
        at_level = {key for key in component.members if levels[key] == level}
        for _, one, other in component.pairs:
            if one in at_level and other in at_level:
                partition.unite(one, other)
        _join_higher(component, partition, at_level, levels, apart)
    for members in partition.sets:
        for key in members:
            after = (min(members), int(key in apart))
            before = (forms[key].actor, forms[key].apart)
            if after != before:
                store.execute("UPDATE form SET actor = ?, apart = ? WHERE key = ?", *after, key)
                store.execute(
                    "INSERT OR IGNORE INTO changed SELECT report FROM participant WHERE form = ?",
                    key,
                )
            touched = [(one,) for one in (after[0], before[0]) if one]
            store.insert("touched_actor", touched, 1)


def _join_higher(
    component: Component,
    partition: Partition,
    at_level: set[int],
    levels: dict[int, tuple[int, bool]],
    apart: set[int],
) -> None:
    """Has each group of a level join the one group above that it can mean."""
    above: dict[int, dict[int, int]] = {}
    for _, one, other in component.pairs:
        low, high = sorted((one, other), key=lambda key: levels[key])
        if low in at_level and levels[high] > levels[low] and partition.may_unite(low, high):
            group = min(partition.set_of(low))
            above.setdefault(group, {})[min(partition.set_of(high))] = high
    for group, found in sorted(above.items()):
        if len(found) == 1:
            partition.unite(group, *found.values())
        else:
            parts, has_country = levels[group]
            if parts == 1 or not has_country:
                apart |= partition.set_of(group)


def _compose_touched(store: Store, people: Sequence[KnownPerson]) -> None:
    store.execute(
        "INSERT OR IGNORE INTO touched_actor SELECT actor FROM form JOIN touched_form"
        " ON form = key WHERE actor IS NOT NULL"
    )
    for (key,) in store.rows("SELECT actor FROM touched_actor ORDER BY actor"):
        forms = [_Form(*row) for row in store.rows(f"{_FORMS} WHERE actor = ?", key)]
        before = store.value("SELECT id FROM actor WHERE key = ?", key)
        store.execute("DELETE FROM actor WHERE key = ?", key)
        for form in forms:
            mentions = store.rows("SELECT key FROM mention WHERE form = ?", form.key)
            for (mention,) in mentions:
                store.execute("DELETE FROM actor WHERE key = ?", -mention)
                if form.apart:
                    _compose(store, -mention, [form], people)
        together = [form for form in forms if not form.apart]
        after = _compose(store, key, together, people) if together else None
        if before and before != after:
            store.execute(
                "INSERT OR IGNORE INTO touched_meeting SELECT meeting FROM report"
                " WHERE meeting IS NOT NULL AND article IN"
                " (SELECT article FROM mention JOIN form ON form.key = form WHERE actor = ?)",
                key,
            )


def _compose(
    store: Store, key: int, forms: Sequence[_Form], people: Sequence[KnownPerson]
) -> str | None:
    """Keeps the record of an actor; returns its id, or None if no article names it."""
    where = f"m.key = {-key}" if key < 0 else f"m.form IN ({', '.join(str(f.key) for f in forms)})"
    spelled = store.rows(
        "SELECT s.name, count(DISTINCT m.article) n, total(s.main), s.start, s.end, s.text,"
        " m.article, m.item, min(m.place) FROM mention m JOIN spelling s ON s.mention = m.key"
        f" WHERE {where} GROUP BY s.name ORDER BY total(s.main) DESC, n DESC, s.name"
    )
    if not spelled:
        return None
    number, first, last = store.rows(
        f"SELECT count(DISTINCT article), min(day), max(day) FROM mention m WHERE {where}"
    )[0]
    kind = store.value(
        f"SELECT kind FROM mention m WHERE {where} GROUP BY kind ORDER BY count(*) DESC, kind"
    )
    said = store.rows(
        "SELECT role, article, item, key, min(place) FROM mention m"
        f" WHERE role IS NOT NULL AND {where} GROUP BY role"
    )
    days = {
        role: (early, late)
        for role, early, late in store.rows(
            "SELECT role, min(day), max(day) FROM mention m"
            f" WHERE role IS NOT NULL AND {where} GROUP BY role"
        )
    }
    ids = store.article_ids({row[6] for row in spelled} | {row[1] for row in said})
    offices = []
    for role, article, item, mention, _ in said:
        start, end, text = store.rows(
            "SELECT start, end, text FROM spelling WHERE mention = ? AND main", mention
        )[0]
        quote = QuoteIn(article=ids[article], item=item, start=start, end=end, text=text)
        first_day, last_day = days[role]
        offices.append(Office(title=role, first=first_day, last=last_day, quote=quote))
    wikidata = None
    for person in {form.person for form in forms if form.person is not None}:
        known = people[person]
        wikidata = known.wikidata
        if known.office:
            offices.append(
                Office(title=known.office, first=known.since, last=known.until, quote=None)
            )
    keys = ", ".join(str(form.key) for form in forms)
    pairs = store.rows(
        f"SELECT one, other, words FROM form_pair WHERE one IN ({keys}) AND other IN ({keys})"
        " AND score >= 0 ORDER BY score DESC, words"
    )
    country = next((form.country for form in forms if form.country), None)
    id_ = min(form.id for form in forms)
    if key < 0:
        id_ = hash_id("a", id_, ids[spelled[0][6]], spelled[0][7])
    record = ActorRecord(
        id=id_,
        name=spelled[0][0],
        kind=kind,
        country=country,
        spellings=tuple(Spelling(name=row[0], articles=row[1]) for row in spelled),
        offices=tuple(sorted(offices, key=lambda one: (one.first or "9", one.title))),
        wikidata=wikidata,
        articles=number,
        first=first,
        last=last,
        quotes=tuple(
            QuoteIn(article=ids[article], item=item, start=start, end=end, text=text)
            for _, _, _, start, end, text, article, item, _ in spelled
        ),
        reasons=tuple(
            Reason(comparator="names", score=1, words=words) for *_, words in spanning(pairs)
        ),
    )
    store.execute(
        "INSERT INTO actor VALUES (?, ?, ?, ?, ?, ?)",
        *(key, id_, record.name, forms[0].class_, country, record.model_dump_json()),
    )
    return id_
