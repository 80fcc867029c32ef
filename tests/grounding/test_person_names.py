"""Names that mean one person in other spellings, and names that two people share."""

from __future__ import annotations

import itertools
import time

import pytest
from drafts import drafted
from hypothesis import example, given, settings
from hypothesis import strategies as st

from summarize.article.article import Article
from summarize.grounding.direct import DirectGrounding
from summarize.grounding.person_names import are_two_people, same_person

# In each line, one person in the spellings of several agencies.
ONE = [
    ("Mohamed bin Zayed", "Mohamed bin Zayed Al Nahyan", "Mohammed bin Zayed al-Nahyan",
     "Sheikh Mohamed bin Zayed", "Muhammad bin Zayed"),
    ("Luiz Inácio Lula da Silva", "Lula", "Lula da Silva", "Luiz Inacio Lula da Silva"),
    ("Kim Jong Un", "Kim Jong-un", "Kim Jong-Un", "Kim", "Kim Jongun"),
    ("Abdel Fattah al-Sisi", "Abdel-Fattah El-Sisi", "Abdul Fatah al-Sisi", "Sisi", "El-Sisi",
     "Abd al-Fattah as-Sisi", "Abdelfattah Elsisi", "Abdel Fattah Al Sisi",
     "Abd-el-Fattah el-Sissi"),
    ("Volodymyr Zelensky", "Volodymyr Zelenskyy", "Volodymyr Zelenskiy", "Zelenskyi"),
    ("Recep Tayyip Erdoğan", "Recep Tayyip Erdogan", "Erdogan", "Tayyip Erdogan"),
    ("Xi Jinping", "Xi Jin-ping", "Xi", "President Xi Jinping"),
    ("Abdul Latif Rashid", "Abdullatif Rashid", "Abdel-Latif Rashid", "Latif Rashid", "Rashid"),
    ("Mohammed Shia’ Al Sudani", "Mohammed Shia al-Sudani", "Mohamed Shia al-Sudani"),
    ("Ahmad al-Sharaa", "Ahmed al-Sharaa", "Ahmed Al-Shara", "Sharaa", "Ahmad Ash-Sharaa"),
    ("Mohammed bin Salman", "Mohamed bin Salman", "bin Salman",
     "Mohammed bin Salman bin Abdulaziz Al Saud"),
    ("Ismail Haniyeh", "Ismail Haniya", "Esmail Haniyeh"),
    ("Abbas Araghchi", "Abbas Araqchi", "Araghchi"),
    ("Sergei Lavrov", "Sergey Lavrov", "Lavrov"),
    ("Shavkat Mirziyoyev", "Shavkat Mirziyoev"),
    ("Ilham Aliyev", "Ilham Aliev", "Elham Aliyev"),
    ("Sadyr Japarov", "Sadyr Zhaparov"),
    ("Masoud Pezeshkian", "Massoud Pezeshkian"),
    ("Lee Jae-myung", "Lee Jae Myung"),
    ("Nicolás Maduro", "Nicolas Maduro Moros"),
    ("Robert F. Kennedy Jr.", "Robert Kennedy Jr.", "Kennedy"),
    ("J. D. Vance", "J.D. Vance", "JD Vance", "Vance"),
    ("George W. Bush", "George Walker Bush", "George Bush", "Bush"),
    ("King Abdullah II", "King Abdullah", "Abdallah II"),
    ("İbrahim Kalın", "Ibrahim Kalin", "Kalın"),
    ("Annalena Baerbock", "Baerbock"),
    ("Jean-Noël Barrot", "Jean Noel Barrot"),
]  # fmt: skip
# In each line, people of whom no two are one.
TWO = [
    ("Emine Erdoğan", "Recep Tayyip Erdoğan", "Bilal Erdogan"),
    ("Kim Jong Un", "Kim Yo Jong", "Kim Jong Il", "Kim Jong-nam"),
    ("George W. Bush", "George H. W. Bush", "Jeb Bush"),
    ("George Walker Bush", "George Herbert Walker Bush"),
    ("Mohamed bin Zayed", "Abdullah bin Zayed", "Mohamed bin Rashid", "Zayed bin Sultan"),
    ("Mohamed bin Zayed Al Nahyan", "Mansour bin Zayed Al Nahyan", "Zayed Al Nahyan"),
    ("Mohammed bin Salman", "King Salman", "Khalid bin Salman"),
    ("Mohammed bin Salman", "Khalid bin Salman", "Salman bin Abdulaziz"),
    ("Ferdinand Marcos Jr.", "Ferdinand Marcos Sr.", "Ferdinand Marcos", "Imelda Marcos"),
    ("Robert F. Kennedy", "Robert F. Kennedy Jr.", "John F. Kennedy"),
    ("Bashar al-Assad", "Hafez al-Assad", "Maher al-Assad"),
    ("Hun Sen", "Hun Manet"),
    ("Saad Hariri", "Rafik Hariri"),
    ("Hassan Rouhani", "Hussein Rouhani"),
    ("Mahmoud Abbas", "Mohammed Abbas"),
    ("Ali Hassan", "Hassan Ali"),
    ("Ahmad Rashid", "Abdul Rashid"),
    ("Latif", "Abdul Latif Rashid"),
    ("Maria Keller", "Marie Keller", "Mara Keller", "Mario Keller"),
    ("Anna Keller", "Anne Keller"),
    ("J. Smith", "Mary Smith"),
    ("Ali Cohen", "Eli Cohen"),
    ("King Charles III", "King Charles II"),
    ("Juan Keller", "Jan Keller", "Jon Keller"),
    ("", "Abdul Rashid"),
    ("Daniel Roe", "Daniela Roe", "Danielle Roe"),
    ("Samir Roe", "Samar Roe"),
    ("Diana Roe", "Dana Roe"),
]
PEOPLE = [spellings[0] for spellings in ONE]


@pytest.mark.parametrize("names", ONE, ids=lambda names: names[0])
def test_other_spellings_of_one_person(names):
    for one, other in itertools.permutations(names, 2):
        assert same_person(one, other), (one, other)


@pytest.mark.parametrize("names", TWO, ids=lambda names: names[0])
def test_people_who_share_a_name_are_two(names):
    for one, other in itertools.permutations(names, 2):
        assert not same_person(one, other), (one, other)


def test_people_who_share_nothing_are_two():
    for one, other in itertools.combinations(PEOPLE, 2):
        assert not same_person(one, other), (one, other)


@pytest.mark.parametrize(
    ("one", "other", "are_two"),
    [
        ("Emine Erdoğan", "Recep Tayyip Erdoğan", True),
        ("Tayyip Erdogan", "Recep Tayyip Erdoğan", False),
        ("Erdogan", "Ann Roe", False),
        ("", "Ann Roe", False),
    ],
)
def test_two_people_are_told_by_full_names(one, other, are_two):
    assert are_two_people(one, other) is are_two


@settings(deadline=None, max_examples=200)
@given(
    *(
        st.one_of(
            st.text(max_size=30),
            st.lists(
                st.sampled_from([w for names in (*ONE, *TWO) for n in names for w in n.split()]),
                max_size=5,
            ).map(" ".join),
        )
        for _ in range(2)
    )
)
@example("ABDULA0AD0AA0AD0AA0AD", "BIN0AA0AD0AA0AD0AA0AD")
def test_of_any_two_names_both_say_the_same(one, other):
    assert same_person(one, other) == same_person(other, one)
    assert not (are_two_people(one, other) and same_person(one, other))


@pytest.mark.parametrize("unit", ["Abd-al-", "A. ", "bin Abdul ", "Kim-", "Aa ", "yay"])
def test_names_take_linear_time(unit):
    name = unit * (50_000 // len(unit))
    started = time.process_time()
    same_person(name, f"B {name}")
    same_person(name, name[:-5])
    assert time.process_time() - started < 2


def actors(lead: str, *claimed: str) -> list[tuple[str, str]]:
    text = f"Leaders meet\n\n{lead}\n\nThe weather was fine."
    found = DirectGrounding(Article(text, id="x")).ground(drafted(*claimed)).actors
    return [(actor.name, actor.part) for actor in found if actor.kind == "person"]


@pytest.mark.parametrize("names", [names for names in ONE if "." not in names[0]])
def test_one_actor_for_several_spellings(names):
    first, second = names[:2]
    lead = f"Foreign Minister Ann Roe met President {first} in Bern. President {second} agreed."
    claimed = [(first, "Ann Roe"), (second, "Ann Roe"), (first, second, "Ann Roe")]
    for said in claimed:
        found = actors(lead, *said)
        assert len(found) == 2
        assert all(part == "participant" for _, part in found)


@pytest.mark.parametrize(
    ("lead", "claimed", "expected"),
    [
        (
            (
                "President Erdoğan met Ann Roe in Bern. First Lady Emine Erdoğan met her, too."
                " President Recep Tayyip Erdoğan agreed."
            ),
            ("Erdoğan", "Emine Erdoğan", "Recep Tayyip Erdoğan"),
            {"Emine Erdoğan", "Recep Tayyip Erdoğan"},
        ),
        (
            (
                "First Lady Emine Erdoğan came with President Recep Tayyip Erdoğan."
                " President Erdoğan agreed."
            ),
            ("Emine Erdoğan", "Recep Tayyip Erdoğan"),
            {"Emine Erdoğan", "Recep Tayyip Erdoğan"},
        ),
        (
            "President George W. Bush met former President George H. W. Bush in Bern.",
            ("George W. Bush", "George H. W. Bush"),
            {"George W. Bush", "George H. W. Bush"},
        ),
        (
            "DPRK leader Kim Jong Un met diplomat Kim Yo Jong in Bern. Leader Kim Jong-un left.",
            ("Kim Jong-un", "Kim Yo Jong"),
            {"Kim Jong Un", "Kim Yo Jong"},
        ),
        (
            (
                "President Mohamed bin Zayed Al Nahyan met Foreign Minister Abdullah bin Zayed in"
                " Bern. President Mohamed bin Zayed left."
            ),
            ("Mohamed bin Zayed", "Abdullah bin Zayed"),
            {"Mohamed bin Zayed Al Nahyan", "Abdullah bin Zayed"},
        ),
    ],
)
def test_actors_who_share_a_name(lead, claimed, expected):
    assert {name for name, _ in actors(lead, *claimed)} - {"Ann Roe"} == expected


def test_the_office_tells_which_of_two_a_model_means():
    text = "A headline\n\nFirst Lady Emine Erdoğan came with President Recep Tayyip Erdoğan."
    draft = drafted("Erdoğan")
    person = draft.participants[0].model_copy(update={"role": "President"})
    draft = draft.model_copy(update={"participants": [person]})
    found = DirectGrounding(Article(text, id="x")).ground(draft).actors
    assert {actor.name for actor in found if actor.part == "participant"} == {
        "Recep Tayyip Erdoğan"
    }
