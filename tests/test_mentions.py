"""People, organizations and dates in running text."""

import pytest

from summarize.article import Article
from summarize.dates import names_day, resolve_date
from summarize.mentions import named_entities, people
from summarize.names import kind_of, same_person, split_role


def named(sentence: str) -> list[tuple[str, str | None]]:
    reading = Article.of(f"A headline\n\n{sentence} The weather was fine.").reading
    return [(person.name, person.role) for person in people(reading)]


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
        ("The head of the Ankara Center for Crisis spoke.", []),
        ("The United States and the European Union agreed.", []),
        ("Representatives of Shia, Sunni and Turkmen groups came.", []),
    ],
)
def test_people_with_their_offices(sentence, expected):
    assert named(sentence) == expected


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
        ("Joint Armed Forces Gen. Mark Milley spoke.", set()),
    ],
)
def test_organizations(sentence, expected):
    reading = Article.of(f"A headline\n\n{sentence}\n\nThe weather was fine.").reading
    assert {found.forms for found in named_entities(reading).organizations} == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Kalın", "İbrahim Kalin", True),
        ("Sharaa", "Ahmad al-Sharaa", True),
        ("President Rashid", "Abdul Latif Rashid", True),
        ("Erdogan", "Recep Tayyip Erdoğan", True),
        ("Ahmad Rashid", "Abdul Rashid", False),
        ("Latif", "Abdul Latif Rashid", False),
        ("", "Abdul Rashid", False),
    ],
)
def test_names_of_one_person(one, other, same):
    assert same_person(one, other) is same
    assert same_person(other, one) is same


@pytest.mark.parametrize(
    ("text", "role", "name"),
    [
        ("Iraqi President Abdul Latif Rashid", "Iraqi President", "Abdul Latif Rashid"),
        ("Gen. Mohammed Baqeri", "Gen.", "Mohammed Baqeri"),
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
        ("Haitian National Police", "organization"),
        ("representatives of Shia, Sunni and Turkmen groups", "group"),
        ("PKK", "group"),
        ("border security", None),
        ("Sinjar province", None),
        ("Ankara", None),
        ("conflict between Turkey and the Kurdistan Workers’ Party (PKK)", None),
    ],
)
def test_what_a_name_is_the_name_of(name, kind):
    assert kind_of(name, claimed=False) == kind


@pytest.mark.parametrize(
    ("text", "published", "day"),
    [
        ("Sept. 17", None, None),
        ("Sept. 17", "2025-09-18", "2025-09-17"),
        ("Sept. 17", "2026-02-01", "2025-09-17"),
        ("September 17, 2025", None, "2025-09-17"),
        ("March 23-25, 2025", None, "2025-03-23"),
        ("Wednesday", "2020-01-11", "2020-01-08"),
        ("Monday", "2020-01-13", "2020-01-13"),
        ("yesterday", "2024-10-16", "2024-10-15"),
        ("today", "2024-10-16", "2024-10-16"),
        ("Feb. 29", "2023-03-05", None),
        ("this week", "2020-01-11", None),
        ("2019", "2020-01-01", None),
        ("Sept. 17", "9999-12-31", "9999-09-17"),
    ],
)
def test_a_date_is_a_day_only_where_the_article_settles_it(text, published, day):
    assert resolve_date(text, published) == day


@pytest.mark.parametrize(
    ("text", "names"),
    [("Sept. 17", True), ("on Monday", True), ("yesterday", True), ("first-ever visit", False)],
)
def test_words_that_name_a_day(text, names):
    assert names_day(text) is names
