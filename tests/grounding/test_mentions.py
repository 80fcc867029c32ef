"""People, organizations and dates in running text."""

import time

import pytest

from summarize.article.article import Article
from summarize.article.boilerplate import dateline_end
from summarize.article.reading import Reading
from summarize.grounding.mentions import named_entities, people_in
from summarize.grounding.names import kind_of, split_role, words_of


def reading(sentences: str) -> Reading:
    return Article.of(f"A headline\n\n{sentences}\n\nThe weather was fine.").reading


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "Turkish Foreign Minister Hakan Fidan arrived.",
            [("Hakan Fidan", "Turkish Foreign Minister")],
        ),
        (
            "He met Minister of Intelligence Esmail Khatib and Security Chief Ali Akbar Ahmadian.",
            [
                ("Esmail Khatib", "Minister of Intelligence"),
                ("Ali Akbar Ahmadian", "Security Chief"),
            ],
        ),
        (
            "National Intelligence Organization (MİT) chief İbrahim Kalın paid a visit.",
            [("İbrahim Kalın", "National Intelligence Organization (MİT) chief")],
        ),
        (
            "They met Syria's interim President Ahmad al-Sharaa.",
            [("Ahmad al-Sharaa", "Syria's interim President")],
        ),
        (
            "They met Nouri Al-Maliki, the former Iraqi prime minister, in Baghdad.",
            [("Nouri Al-Maliki", "former Iraqi prime minister")],
        ),
        (
            "Egyptian foreign minister Sameh Shoukry, Nikos Dendias and Jean-Yves Le Drian met.",
            [
                ("Sameh Shoukry", "Egyptian foreign minister"),
                ("Nikos Dendias", None),
                ("Jean-Yves Le Drian", None),
            ],
        ),
        ("Defense Minister Israel Katz spoke.", [("Israel Katz", "Defense Minister")]),
        ("House Judiciary Chairman Jim Jordan left.", [("Jim Jordan", "House Judiciary Chairman")]),
        ("First Lady Emine Erdoğan spoke.", [("Emine Erdoğan", "First Lady")]),
        ("Crown Prince Mohammed bin Salman left.", [("Mohammed bin Salman", "Crown Prince")]),
        ("On Sunday President Patrice Talon signed.", [("Patrice Talon", "President")]),
        (
            (
                "Danish Fisheries Minister So\u0308ren\xa0Aa\u200bkjær\u2011Holt met Icelandic"
                " Foreign Minister Þo\u0301rdi\u0301s\xa0\u2067Hall\u200dgrímsen\u2069."
            ),
            [
                ("So\u0308ren Aakjær\u2011Holt", "Danish Fisheries Minister"),
                ("Þo\u0301rdi\u0301s Hallgrímsen", "Icelandic Foreign Minister"),
            ],
        ),
        ("The head of the Ankara Center for Crisis spoke.", []),
        ("The United States and the European Union agreed.", []),
        ("Representatives of Shia, Sunni and Turkmen groups came.", []),
    ],
)
def test_people_with_their_offices(sentence, expected):
    (text,) = reading(sentence).text.split("\n")[1:-1]
    assert [(person.forms[0], person.role) for person in people_in(text)] == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "They fight the Kurdistan Workers’ Party (PKK).",
            {("Kurdistan Workers’ Party", "PKK"), ("Kurdistan Workers’ Party",), ("PKK",)},
        ),
        ("He called the UN Security Council.", {("UN Security Council",)}),
        (
            "Turkey's National Intelligence Organization (MIT) came.",
            {
                ("National Intelligence Organization", "MIT"),
                ("National Intelligence Organization",),
                ("MIT",),
            },
        ),
        ("It went to the United States and the European Union.", {("European Union",)}),
        ("It ended. During the night NATO met.", {("NATO",)}),
        ("The US sent a CEO at 10:00 GMT.", set()),
        ("BAGHDAD", set()),
        ("PORT SELIN — The PKK met.", {("PKK",)}),
        ("SALTA, Jan. 5 (Reuters) - They met.", set()),
        ("REYKJAVI\u0301K — They met.", set()),
        ("The JSON and HTML of the URL name INST and SYS.", set()),
        ("It is of the Ma\u0301r Institute.", {("Ma\u0301r Institute",)}),
        ("Joint Armed Forces Gen. Mark Milley spoke.", set()),
    ],
)
def test_organizations(sentence, expected):
    found = named_entities(reading(sentence))
    assert {one.forms for one in found if one.kind in {"organization", "group"}} == expected


@pytest.mark.parametrize(
    ("sentences", "countries"),
    [
        ("Jim Jordan met Chad Smith.", ()),
        ("Defense Minister Israel Katz spoke.", ()),
        ("Israel Defense Minister Israel Katz spoke of Israel.", ("Israel",)),
        ("In Jordan they met. Jordan agreed.", ("Jordan",)),
        ("Jordan, Chad and Israel signed.", ("Jordan", "Chad", "Israel")),
        ("Chad President Ann Roe came. She left Chad.", ("Chad",)),
        ("Visiting Georgia, he met King Abdullah of Jordan.", ("Georgia", "Jordan")),
        ("Georgia Governor Ann Roe met them.", ()),
        ("They sailed the South China Sea to the Gulf of Mexico.", ()),
        ("Iran and Iranians: Iran signed.", ("Iran",)),
    ],
)
def test_countries_are_no_parts_of_names(sentences, countries):
    found = named_entities(reading(sentences))
    assert tuple(one.forms[0] for one in found if one.kind == "country") == countries


@pytest.mark.parametrize(
    ("text", "role", "name"),
    [
        ("Iraqi President Abdul Latif Rashid", "Iraqi President", "Abdul Latif Rashid"),
        ("Gen. Mohammed Baqeri", "Gen.", "Mohammed Baqeri"),
        ("Defense Minister Israel Katz", "Defense Minister", "Israel Katz"),
        ("Israel Defense Minister Ann Roe", "Israel Defense Minister", "Ann Roe"),
        ("Chad Foreign Minister Ann Roe", "Chad Foreign Minister", "Ann Roe"),
        ("Hakan Fidan", None, "Hakan Fidan"),
        ("representatives of Shia groups", None, "representatives of Shia groups"),
        ("National Security Council", None, "National Security Council"),
    ],
)
def test_office_and_name_apart(text, role, name):
    assert split_role(text) == (role, name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Türkiye", "country"),
        ("Hakan Fidan", "person"),
        ("Chad Smith", "person"),
        ("Jim Jordan", "person"),
        ("Israel Katz", "person"),
        ("Haitian National Police", "organization"),
        ("representatives of Shia, Sunni and Turkmen groups", "group"),
        ("PKK", "group"),
        ("So\u0308ren\xa0Aakjær\u2011Holt", "person"),
        ("Þo\u0301rdi\u0301s Hallgrímsen", "person"),
        ("De\u0301le\u0301gation of Iceland", "group"),
        ("border security", None),
        ("Sinjar province", None),
        ("Ankara", None),
    ],
)
def test_what_a_name_is_the_name_of(name, kind):
    assert kind_of(name, claimed=False) == kind


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("So\u0308ren Aakjær\u2011Holt’s", ["So\u0308ren", "Aakjær\u2011Holt"]),
        ("al\u2011Sharaa", ["al\u2011Sharaa"]),
        ("नरेन्द्र मोदी", ["नरेन्द्र", "मोदी"]),
        ("a1 b_c -d e-", ["a", "b", "c", "d", "e"]),
    ],
)
def test_words_with_marks_and_what_does_not_show(text, words):
    found = words_of(text)
    assert [word.text for word in found] == words
    assert all(text[word.start : word.end] == word.text for word in found)


def test_the_key_of_a_word_is_folded():
    assert [word.key for word in words_of("Attaché Co\u0301rdoba\u2011Paz")] == [
        "attache",
        "cordoba-paz",
    ]


@pytest.mark.parametrize("unit", ["A\u0301", "A-", "A\u2011\u200d", "A \u0301"])
def test_words_take_linear_time(unit):
    started = time.process_time()
    words_of(unit * 50_000)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("paragraph", "rest"),
    [
        ("PORT SELIN — Veldmark met.", "Veldmark met."),
        ("WASHINGTON, Jan. 5 (Reuters) - He met.", "He met."),
        ("SÃO PAULO – He met.", "He met."),
        ("ANKARA -- He met.", "He met."),
        ("Port Selin — He met.", "Port Selin — He met."),
        ("NATO and the EU — all of them — met.", "NATO and the EU — all of them — met."),
        ("US-China talks - He met.", "US-China talks - He met."),
    ],
)
def test_datelines(paragraph, rest):
    assert paragraph[dateline_end(paragraph) :] == rest
