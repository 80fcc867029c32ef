"""Event codes: a sentence for each rule of the manual's CONSULT and for each type of an outcome."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from dossier_records import actor, meeting, outcome

from summarize.across_articles import cameo, polecat
from summarize.across_articles.plover import Event, events_of, to_plover
from summarize.across_articles.plover_parties import party_of

PARTIES = {
    one.id: party_of(one)
    for one in (
        actor("kalin", "İbrahim Kalın", "TUR", "National Intelligence Organization (MİT) chief"),
        actor("sharaa", "Ahmad al-Sharaa", "SYR", "Syria's interim President"),
        actor("fidan", "Hakan Fidan", "TUR", "Turkish Foreign Minister"),
        actor("lavrov", "Sergey Lavrov", "RUS", "Russian Foreign Minister"),
        actor("guterres", "António Guterres", "PRT", "United Nations Secretary-General"),
        actor("kurti", "Albin Kurti", "XKX", "Prime Minister of Kosovo"),
        actor("kerry", "John Kerry", "USA", "former US Secretary of State"),
        actor("bagheri", "Mohammad Bagheri", "IRN", "Chief of Staff of Iran's armed forces"),
        actor("nobody", "Somebody", None),
        actor("guler", "Yaşar Güler", "TUR", "Defense Minister"),
        actor("barzani", "Masoud Barzani", "IRQ", "president of the Kurdistan Democratic Party"),
        actor("lapid", "Yair Lapid", "ISR", "opposition leader"),
        actor("abdi", "Mazloum Abdi", "SYR", "rebel commander"),
        actor("kim", "Kim Jong Un", "PRK", "head of state"),
        actor("khan", "General Khan", "PAK", "judge of an un-named court"),
        actor("macron", "Emmanuel Macron", "FRA", "French President"),
        actor("turkey", "Turkey", "TUR", kind="country"),
        actor("usa", "United States", "USA", kind="country"),
        actor("nato", "NATO", None, kind="organization"),
    )
}


def events(record) -> list[Event]:
    return list(events_of(record, PARTIES.get))


def names(parties: Sequence[object]) -> list[str]:
    return [party.name.split()[-1] for party in parties]


@pytest.mark.parametrize(
    ("record", "type_", "modes", "actors", "recipients"),
    [
        # Nobody clearly hosts.
        (meeting("kalin sharaa"), "CONSULT", (), "Kalın al-Sharaa", ""),
        # One side visits, the other hosts.
        (
            meeting("sharaa kalin", type_="visit", place="Damascus"),
            "CONSULT",
            ("visit",),
            "Kalın",
            "al-Sharaa",
        ),
        # Nobody of the host is named.
        (
            meeting("kalin", type_="visit", place="Iraq"),
            "CONSULT",
            ("visit",),
            "Kalın",
            "Iraq",
        ),
        # A third country hosts.
        (
            meeting("fidan lavrov", place="Doha"),
            "CONSULT",
            ("third-party",),
            "Fidan Lavrov",
            "",
        ),
        # Somewhere else's summit; an organization of states, or three countries, at their own.
        (meeting("fidan lavrov", type_="summit"), "CONSULT", (), "Fidan Lavrov", ""),
        (
            meeting("fidan guterres", type_="summit"),
            "CONSULT",
            ("multilateral",),
            "Fidan Guterres",
            "",
        ),
        (
            meeting("fidan lavrov", "They met on the sidelines of the summit."),
            "CONSULT",
            ("multilateral",),
            "Fidan Lavrov",
            "",
        ),
        (
            meeting("fidan lavrov sharaa", type_="summit", place="Ankara"),
            "CONSULT",
            ("visit", "multilateral"),
            "Lavrov al-Sharaa",
            "Fidan",
        ),
        (meeting("fidan lavrov", type_="call"), "CONSULT", ("phone",), "Fidan Lavrov", ""),
        # Planned is no CONSULT yet.
        (
            meeting("fidan lavrov", when="planned", type_="visit", place="Ankara"),
            "AGREE",
            (),
            "Fidan Lavrov",
            "",
        ),
        (
            meeting("fidan lavrov", "The ministers called off their talks."),
            "REJECT",
            ("meet",),
            "Fidan Lavrov",
            "",
        ),
        (
            meeting("fidan lavrov", "Moscow broke off the talks."),
            "SANCTION",
            ("withdraw",),
            "Fidan Lavrov",
            "",
        ),
    ],
)
def test_a_meeting_is_one_record(record, type_, modes, actors, recipients):
    (event,) = events(record)
    assert (event.type, event.modes) == (type_, modes)
    assert names(event.actors) == actors.split()
    assert names(event.recipients) == recipients.split()
    assert "diplomatic" in event.contexts


def test_what_is_cancelled_is_the_meeting():
    (event,) = events(meeting("fidan lavrov", "Fidan met Lavrov and cancelled a tariff."))
    assert event.type == "CONSULT"


def test_who_is_of_no_known_country_is_on_no_side_of_a_visit():
    (event,) = events(meeting("kalin sharaa nobody", type_="visit", place="Damascus"))
    assert (names(event.actors), names(event.recipients)) == (["Kalın"], ["al-Sharaa"])


def test_a_summoned_ambassador_did_not_consult():
    assert events(meeting("fidan lavrov", "Ankara summoned the ambassador.")) == []


def test_countries_stand_in_only_where_nobody_of_them_is_named():
    (event,) = events(meeting("usa fidan lavrov turkey"))
    assert names(event.actors) == ["Fidan", "Lavrov", "States"]
    (event,) = events(meeting("usa turkey"))
    assert names(event.actors) == ["States", "Turkey"]
    # Nobody consults alone.
    assert events(meeting("fidan")) == []


BOTH = ("fidan", "lavrov")


@pytest.mark.parametrize(
    ("kind", "text", "type_", "modes"),
    [
        ("agreement", "Fidan and Lavrov signed a treaty.", "SUPPORT", ()),
        ("agreement", "Fidan and Lavrov ratified the accord.", "SUPPORT", ()),
        ("agreement", "Fidan and Lavrov agreed to open consulates.", "AGREE", ()),
        ("agreement", "Fidan and Lavrov will sign a treaty in May.", "AGREE", ()),
        ("commitment", "Fidan promised more flights to Lavrov.", "AGREE", ()),
        ("commitment", "Lavrov promised to withdraw the troops.", "CONCEDE", ()),
        ("commitment", "Lavrov declared a ceasefire.", "CONCEDE", ()),
        ("follow_up", "Fidan and Lavrov meet again in May.", "AGREE", ()),
        ("decision", "Fidan and Lavrov will set up a commission.", "AGREE", ()),
        ("decision", "Lavrov's side released twelve prisoners.", "RETREAT", ("release",)),
        ("decision", "Lavrov said that Russia withdrew.", "RETREAT", ("withdraw",)),
        ("decision", "Fidan provided Lavrov with a loan.", "AID", ()),
        ("decision", "Fidan and Lavrov held joint exercises.", "COOPERATE", ()),
        ("decision", "Fidan and Lavrov looked at the sea.", None, ()),
        ("agreement", "Fidan and Lavrov restored diplomatic relations.", "SUPPORT", ()),
        ("decision", "Lavrov's side withdrew its objections.", "CONCEDE", ()),
        ("decision", "Lavrov said that Russia lifted the sanctions.", "RETREAT", ()),
        ("statement", "Fidan praised Lavrov.", "SUPPORT", ()),
        ("statement", "Fidan voiced full support for Lavrov.", "SUPPORT", ()),
        ("statement", "Fidan expressed his regret to Lavrov.", "CONCEDE", ()),
        ("statement", "Fidan urged Lavrov to stop the strikes.", "REQUEST", ("yield",)),
        ("statement", "Fidan asked Lavrov for help.", "REQUEST", ("assist",)),
        ("statement", "Fidan called on Lavrov to resume talks.", "REQUEST", ("meet",)),
        ("statement", "Fidan urged Lavrov to adopt reforms.", "REQUEST", ("change",)),
        ("statement", "Fidan condemned Lavrov.", "ACCUSE", ("disapprove",)),
        ("statement", "Fidan accused Lavrov of lying.", "ACCUSE", ("allege",)),
        ("statement", "Fidan refused to meet Lavrov.", "REJECT", ("meet",)),
        ("statement", "Fidan ruled out a reform.", "REJECT", ("change",)),
        ("statement", "Fidan warned that Lavrov would pay for it.", "THREATEN", ()),
        ("statement", "Fidan apologized to Lavrov.", "CONCEDE", ()),
        # Words alone are no event, nor what was not done, nor what nobody of the article did.
        ("statement", "Fidan stressed the importance of peace and urged calm.", None, ()),
        ("statement", "Fidan and Lavrov discussed trade.", None, ()),
        ("statement", "Fidan warned of floods.", None, ()),
        ("statement", "Fidan declined to comment on Lavrov.", None, ()),
        ("statement", "Fidan spoke of US-backed groups and Lavrov.", None, ()),
        ("statement", "Fidan faced criticism, and the demand for gas fell.", None, ()),
        ("statement", "Fidan did not condemn Lavrov.", None, ()),
        ("statement", "The press condemned Lavrov.", None, ()),
        ("statement", "Fidan's path would be to recognize Lavrov.", None, ()),
        ("statement", "Lavrov's plan backed nobody.", None, ()),
        ("agreement", "Fidan's men struck a camp near Lavrov.", None, ()),
        ("follow_up", "Fidan and Lavrov looked back.", None, ()),
    ],
)
def test_an_outcome_is_what_its_verb_says(kind, text, type_, modes):
    coded = events(meeting("fidan lavrov", outcomes=[outcome(kind, text, BOTH)]))[1:]
    if type_ is None:
        assert coded == []
        return
    (event,) = coded
    assert (event.type, event.modes) == (type_, modes)


def test_who_says_something_to_whom_is_read_in_the_sentence():
    said = outcome("statement", "Lavrov was condemned, and Fidan urged Lavrov to stop.", BOTH)
    (_, event) = events(meeting("fidan lavrov", outcomes=[said]))
    assert (names(event.actors), names(event.recipients)) == (["Lavrov"], ["Fidan"])


def test_only_who_took_part_and_their_countries_do_anything():
    agreed = outcome("agreement", "They agreed on Turkey and Macron.", ("turkey", "macron"))
    blamed = outcome("statement", "Fidan blamed Macron.", ("fidan", "macron"))
    blaming = outcome("statement", "Macron blamed Fidan.", ("fidan", "macron"))
    _, *coded = events(meeting("fidan lavrov", outcomes=[agreed, blamed, blaming]))
    assert [(one.type, names(one.actors), names(one.recipients)) for one in coded] == [
        ("AGREE", ["Turkey"], []),
        ("ACCUSE", ["Fidan"], ["Macron"]),
    ]


def test_a_day_that_is_not_known_is_between_two():
    record = meeting("kalin sharaa", day=None, window=("2025-09-15", "2025-09-17"))
    (event,) = events(record)
    assert (to_plover(event)["date"], to_plover(event)["enddate"]) == record.window
    assert polecat.row_of(event)["Event Date"] == "2025-09-17"


@pytest.mark.parametrize(
    ("id_", "country", "sectors"),
    [
        ("kalin", "TUR", ("SPY",)),
        ("sharaa", "SYR", ("GOV",)),
        ("guterres", "UNO", ()),
        ("kurti", "KOS", ("GOV",)),
        ("kerry", "USA", ("ELI", "GOV")),
        ("bagheri", "IRN", ("MIL",)),
        ("nato", "IGO", ()),
        ("kim", "PRK", ("GOV",)),
        ("guler", "TUR", ("GOV", "MIL")),
        ("barzani", "IRQ", ("PTY",)),
        ("lapid", "ISR", ("PTY", "OPP")),
        ("abdi", "SYR", ("REB",)),
        ("khan", "PAK", ("JUD",)),
    ],
)
def test_actors_have_a_country_and_sectors(id_, country, sectors):
    party = PARTIES[id_]
    assert (party.country, party.sectors) == (country, sectors)


def test_agendas_become_contexts_in_the_manuals_order():
    topics = ["the fight against terror", "trade and the gas pipeline", "intelligence sharing"]
    topics.append("chemical weapons")
    (event,) = events(meeting("fidan lavrov", topics=topics))
    assert event.contexts == (
        "diplomatic",
        "intelligence",
        "economic",
        "natural_resource",
        "terrorism",
        "cbrn",
    )


def test_a_record_has_the_manuals_fields_and_the_way_back_to_the_sentence():
    text = "Kalın visited Damascus."
    (event,) = events(meeting("kalin sharaa", text, type_="visit", place="Damascus"))
    record = to_plover(event)
    assert record["event"] == ["CONSULT"]
    assert record["mode"] == ["visit"]
    assert (record["quad_code"], record["event_scale"]) == (1, 4)
    assert record["actor"][0]["code"] == "TUR"
    assert record["actor"][0]["sector"] == "SPY"
    assert record["recipient"][0]["office"] == "Syria's interim President"
    assert record["event_loc"] == {"extracted_place": "Damascus", "country_code": "SYR"}
    assert record["text_info"] == {"start": 0, "end": len(text)}
    assert record["cite_info"]["url"] == "https://example.org/x"
    assert record["link"] == "m0"


def test_polecats_columns_are_forty_and_a_cell_is_one_line():
    (event,) = events(meeting("kalin sharaa", type_="visit", place="Damascus"))
    row = polecat.row_of(event)
    assert len(polecat.COLUMNS) == 40
    assert list(row) == list(polecat.COLUMNS)
    assert row["Actor Name"] == "İbrahim Kalın"
    assert row["Recipient Country"] == "SYR"
    assert row["Event Mode"] == "visit"
    assert row["Latitude"] == "None"
    assert row["Actor Title"] == "National Intelligence Organization (MİT) chief"


@pytest.mark.parametrize(
    ("record", "pairs"),
    [
        (
            meeting("kalin sharaa", type_="visit", place="Damascus"),
            {("TURSPY", "SYRGOV", "042"), ("SYRGOV", "TURSPY", "043")},
        ),
        (
            meeting("fidan lavrov", type_="call"),
            {("TURGOV", "RUSGOV", "041"), ("RUSGOV", "TURGOV", "041")},
        ),
        (meeting("kalin fidan"), set()),
        (
            meeting("fidan lavrov", when="planned"),
            {("TURGOV", "RUSGOV", "030"), ("RUSGOV", "TURGOV", "030")},
        ),
    ],
)
def test_cameos_pairs_are_of_two_countries(record, pairs):
    (event,) = events(record)
    assert {row[2:5] for row in cameo.rows_of(event)} == pairs
