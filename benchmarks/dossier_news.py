# ruff: noqa: E501, ISC004
"""Made summaries of meetings, of which it is known who is who and what is one meeting.

The names of the two halves have nothing in common. An article writes a name in one of several ways,
another script among them, leaves participants, countries or the day out, is a day off, copies
another one, and mentions earlier meetings or tells of planned ones. Hard cases are made on purpose:
two people of one surname with the same counterpart on one day, weekly talks of the same two, a call
and a visit on one day, and the same names in other countries.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from summarize.schema import (
    Actor,
    AgendaItem,
    ArticleInfo,
    Meeting,
    MeetingDate,
    Outcome,
    Provenance,
    Quote,
    Summary,
    Usage,
)

START = date(2020, 1, 1)
MEETINGS_A_DAY = 10
# Of people: who have a namesake in another country, or somebody of their surname in theirs.
NAMESAKES, SAME_SURNAME = 0.03, 0.15

# Given names and surnames with the ways in which news writes them; half of each for each half.
_ARABIC = (
    "Ahmed Ahmad أحمد|Mohammed Muhammad Mohamed محمد|Khaled Khalid خالد|Yousef Youssef Yusuf يوسف|"
    "Mustafa Mostafa مصطفى|Fuad Fouad فؤاد|Tariq Tarek طارق|Ibrahim Ebrahim إبراهيم|"
    "Hassan Hasan حسن|Hussein Hussain حسين|Omar Umar عمر|Ali علي|Nasser Naser ناصر|Faisal Faysal فيصل|"
    "Jamal Gamal جمال|Salim Saleem سليم",
    "al-Sharaa al-Shara الشرع|al-Sudani Al-Sudany السوداني|al-Maliki Al-Maliki المالكي|"
    "al-Kadhimi al-Kazimi الكاظمي|Rashid Rasheed رشيد|al-Safadi al-Safady الصفدي|"
    "al-Jubeir al-Jubair الجبير|Shoukry Shukri شكري|al-Halbousi al-Halbusi الحلبوسي|"
    "al-Khasawneh al-Khasawnah الخصاونة|Madbouly Madbuli مدبولي|al-Mekdad al-Miqdad المقداد|"
    "al-Araji al-Aaraji الأعرجي|Abdelatty Abdelati عبدالعاطي|al-Budaiwi al-Budaywi البديوي|"
    "al-Khulaifi al-Khulayfi الخليفي",
)
_PERSIAN = (
    "Abbas عباس|Javad Jawad جواد|Mohsen Muhsin محسن|Hossein Hosein حسین|Esmail Ismail اسماعیل|"
    "Mehdi Mahdi مهدی|Kazem Kazim کاظم|Reza Riza رضا|Saeed Said سعید|Akbar اکبر|Amir امیر|"
    "Majid Majeed مجید|Hamid Hameed حمید|Nasser Naser ناصر|Behrouz Behruz بهروز|Davoud Davud داوود",
    "Araghchi Araqchi عراقچی|Bagheri Baqeri باقری|Zarif ظریف|Khatib Khateeb خطیب|"
    "Amirabdollahian Amir-Abdollahian امیرعبداللهیان|Pezeshkian پزشکیان|Qalibaf Ghalibaf قالیباف|"
    "Ahmadian احمدیان|Shamkhani شمخانی|Larijani لاریجانی|Velayati ولایتی|Kharrazi Kharazi خرازی|"
    "Rouhani Ruhani روحانی|Raisi Raeisi رئیسی|Vahidi وحیدی|Jahangiri جهانگیری",
)
_TURKIC = (
    "Hakan Hakan|İbrahim Ibrahim|Mevlüt Mevlut|Yaşar Yasar|Süleyman Suleyman|Fuat Fuad|Ömer Omer|"
    "Çağatay Cagatay|Gülşen Gulsen|Özgür Ozgur|Şükrü Sukru|Barış Baris|Tuğrul Tugrul|İlhan Ilhan|"
    "Doğan Dogan|Hulusi Hulusi",
    "Fidan Fidan|Kalın Kalin|Çavuşoğlu Cavusoglu|Güler Guler|Şimşek Simsek|Özdemir Ozdemir|"
    "Yılmaz Yilmaz|Tunç Tunc|Dağ Dag|Işık Isik|Gökçe Gokce|Akar Akar|Çelik Celik|Kılıç Kilic|"
    "Bozdağ Bozdag|Oktay Oktay",
)
_RUSSIAN = (
    "Sergei Sergey Сергей|Dmitry Dmitri Дмитрий|Alexander Aleksandr Александр|Mikhail Михаил|"
    "Andrei Andrey Андрей|Yuri Yury Юрий|Nikolai Nikolay Николай|Vladimir Владимир|"
    "Alexei Aleksey Алексей|Yevgeny Evgeny Евгений|Igor Игорь|Oleg Олег|Viktor Victor Виктор|"
    "Maxim Maksim Максим|Valentin Валентин|Konstantin Константин",
    "Lavrov Лавров|Ryabkov Riabkov Рябков|Ushakov Ушаков|Peskov Песков|Medvedev Медведев|"
    "Shoigu Shoygu Шойгу|Patrushev Патрушев|Belousov Белоусов|Mishustin Мишустин|"
    "Kozlov Козлов|Overchuk Оверчук|Siluanov Силуанов|Dmitriev Dmitriyev Дмитриев|Grushko Грушко|"
    "Vershinin Вершинин|Nebenzya Nebenzia Небензя",
)
_GIVEN = (
    "John|Robert|Anna|Catherine|Mark|David|Emma|Laura|George|Peter|Thomas|Claire|Daniel|Helen|"
    "Steven|Marie"
)
_SURNAMES = {
    "USA": "Miller Baker Sullivan Carter Hayes Collins Whitaker Bennett Ramsey Dalton Pierce Mercer",
    "GBR": "Hughes Walker Ashworth Pemberton Clarke Whitby Hartley Radcliffe Lowell Mowbray Finch Abbott",
    "DEU": "Schneider Fischer Baumann Kessler Vogt Lindner Reinhardt Albrecht Seidel Brandt Krause Ziegler",
    "FRA": "Dubois Moreau Lefebvre Girard Fontaine Chevalier Marchand Perrin Gauthier Renaud Delmas Colbert",
    "ITA": "Rossi Conti Bianchi Ferraro Mancini Lombardi Gallo Marchetti Rinaldi Fabbri Testa Vitale",
    "POL": "Novak Kowalski Zielinski Dabrowski Wojcik Mazur Krawczyk Sobczak Pawlak Gorski Sikora Zawada",
    "NOR": "Larsen Nielsen Haugen Solberg Bakken Eriksen Dahl Strand Moen Lunde Berge Tangen",
    "CAN": "Murphy Kelly Tremblay Gagnon Lavoie Bouchard Fraser Campbell Sinclair Macleod Beaton Drummond",
}  # fmt: skip
_WESTERN = {country: (_GIVEN, names.replace(" ", "|")) for country, names in _SURNAMES.items()}
_COUNTRIES = {
    "IRQ": (_ARABIC, "Baghdad"), "SYR": (_ARABIC, "Damascus"), "EGY": (_ARABIC, "Cairo"),
    "SAU": (_ARABIC, "Riyadh"), "JOR": (_ARABIC, "Amman"), "QAT": (_ARABIC, "Doha"),
    "IRN": (_PERSIAN, "Tehran"), "TUR": (_TURKIC, "Ankara"), "AZE": (_TURKIC, "Baku"),
    "RUS": (_RUSSIAN, "Moscow"), "BLR": (_RUSSIAN, "Minsk"), "KAZ": (_RUSSIAN, "Astana"),
    "USA": (_WESTERN["USA"], "Washington"), "GBR": (_WESTERN["GBR"], "London"), "DEU": (_WESTERN["DEU"], "Berlin"),
    "FRA": (_WESTERN["FRA"], "Paris"), "ITA": (_WESTERN["ITA"], "Rome"), "POL": (_WESTERN["POL"], "Warsaw"),
    "NOR": (_WESTERN["NOR"], "Oslo"), "CAN": (_WESTERN["CAN"], "Ottawa"),
}  # fmt: skip
_OFFICES = "foreign minister|president|prime minister|intelligence chief|defense minister|envoy"
_TOPICS = (
    "grain exports through the strait|gas prices for the coming winter|border security and customs|"
    "a prisoner exchange|the reconstruction of the port|joint naval exercises|visa rules for students|"
    "the nuclear inspections|water rights on the river|a railway across the border|fishing quotas|"
    "the fight against smugglers|satellite launches|wheat tariffs|an arms embargo|refugee returns"
).split("|")  # fmt: skip
_OUTCOMES = (
    ("agreement", "The two sides agreed on {}"),
    ("commitment", "{} promised to settle the question of {}"),
    ("follow_up", "Experts will meet in two weeks to work on {}"),
    ("statement", "{} stressed the importance of {}"),
)
_SENTENCES = (
    "{a} held {type} with {b} in {place} on {topic}.",
    "{b} received {a} in {place} for {type}, officials in both capitals confirmed.",
    "In {place}, {a} and {b} spoke about {topic}, according to a statement.",
    "{type} between {a} and {b} took place behind closed doors in {place}, a source close to the delegations said.",
    "{a} sat down with {b}; {topic} topped the list, state media reported.",
)  # fmt: skip
_TYPES = ("visit", "talks", "talks", "talks", "call", "summit")


@dataclass(frozen=True)
class Person:
    """A person, and how articles write the name."""

    id: str
    country: str
    given: tuple[str, ...]
    surname: tuple[str, ...]
    office: str

    def written(self, rng: random.Random) -> tuple[str, str | None]:
        """A way to write the name, and the country if it is said."""
        country = self.country if rng.random() < 0.8 else None
        if rng.random() < 0.04:
            return self.surname[0], country
        other_script = [one for one in (self.given[-1], self.surname[-1]) if ord(one[0]) > 0x370]
        if len(other_script) == 2 and rng.random() < 0.15:
            return " ".join(other_script), country
        given, surname = (
            rng.choice([names[0], names[0], *(one for one in names if ord(one[0]) < 0x370)])
            for names in (self.given, self.surname)
        )
        return f"{given} {surname}", country


@dataclass(frozen=True)
class Event:
    """A meeting."""

    id: str
    day: date
    people: tuple[Person, ...]
    place: str
    type: str
    topics: tuple[str, ...]


@dataclass
class News:
    """Made summaries, with who and what each item is.

    Attributes:
        summaries: in the order of their days.
        actors: of the mentions of people: who it is, by article and item.
        meetings: of the reports: which meeting it is, by article and item.
    """

    summaries: list[Summary] = field(default_factory=list)
    actors: dict[tuple[str, str], str] = field(default_factory=dict)
    meetings: dict[tuple[str, str], str] = field(default_factory=dict)


def people_of(half: int, rng: random.Random) -> dict[str, list[Person]]:
    """The people of a half, by country; a few have a surname in common, or a namesake abroad."""
    people: dict[str, list[Person]] = {}
    taken: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for country, ((givens, surnames), _) in _COUNTRIES.items():
        given, surname = (
            [tuple(one.split(" ")) for one in names.split("|")][half::2]
            for names in (givens, surnames)
        )
        names = []
        for family in surname:
            free = [(one, family) for one in given if (one, family) not in taken]
            names += rng.sample(free, min(len(free), 1 + (rng.random() < SAME_SURNAME)))
        names += [one for one in sorted(taken) if one[1] in surname and rng.random() < NAMESAKES]
        taken.update(names)
        people[country] = [
            Person(f"{country}{n}", country, g, s, rng.choice(_OFFICES.split("|")))
            for n, (g, s) in enumerate(names)
        ]
    return people


def events(half: int, rng: random.Random) -> Iterator[Event]:
    """Meetings without end, day by day, hard cases among them."""
    people = people_of(half, rng)
    number = 0

    def event(day: date, who: tuple[Person, ...], type_: str = "") -> Event:
        nonlocal number
        number += 1
        place = _COUNTRIES[rng.choice(who).country][1]
        topics = tuple(rng.sample(_TOPICS, 3))
        return Event(f"e{number}", day, who, place, type_ or rng.choice(_TYPES), topics)

    day = START
    weekly = [
        tuple(rng.choice(people[country]) for country in rng.sample(sorted(people), 2))
        for _ in range(7)
    ]
    while True:
        yield event(day, weekly[day.weekday()], "talks")
        for _ in range(MEETINGS_A_DAY):
            one, other = rng.sample(sorted(people), 2)
            who = [rng.choice(people[one]), rng.choice(people[other])]
            if rng.random() < 0.3:
                who += rng.sample([p for p in people[one] + people[other] if p not in who], 2)
            if rng.random() < 0.05:
                yield event(day, tuple(who), "visit")
                yield event(day, tuple(who), "call")
                continue
            yield event(day, tuple(who))
            if rng.random() < 0.5:
                # Somebody of the same surname meets the same counterpart.
                same = [p for p in people[one] if p.surname == who[0].surname and p not in who]
                if same:
                    yield event(day, (same[0], who[1]))
        day += timedelta(1)


def made_news(articles: int, half: int, seed: int = 0) -> Iterator[tuple[Summary, News]]:
    """Yields summaries, each with the news so far, of which only the truth is kept."""
    rng = random.Random(f"{half} {seed}")
    news = News()
    past: list[Event] = []
    number = 0
    for event in events(half, rng):
        copies: list[tuple[Summary, dict[str, str], dict[str, str]]] = []
        for _ in range(min(12, 1 + int(rng.expovariate(0.4)))):
            if number >= articles:
                return
            number += 1
            id_ = f"h{half}n{number:07}"
            if copies and rng.random() < 0.2:
                summary, actors, meetings = rng.choice(copies)
                info = summary.article.model_copy(update={"id": id_, "outlet": "copier.example"})
                summary = summary.model_copy(update={"article": info})
            else:
                summary, actors, meetings = _article(id_, event, past, rng)
                copies.append((summary, actors, meetings))
            news.actors |= {(id_, item): who for item, who in actors.items()}
            news.meetings |= {(id_, item): what for item, what in meetings.items()}
            yield summary, news
        past = [*past[-40:], event]


def _article(
    id_: str, event: Event, past: list[Event], rng: random.Random
) -> tuple[Summary, dict[str, str], dict[str, str]]:
    is_planned = rng.random() < 0.08
    published = event.day + timedelta(-rng.randint(1, 4) if is_planned else rng.choice((0, 0, 1)))
    told = [(event, "planned" if is_planned else "reported")]
    earlier = [one for one in past if one.day < published and set(one.people) & set(event.people)]
    if earlier and rng.random() < 0.3:
        told.append((rng.choice(earlier), "earlier"))
    lines: list[str] = []

    def quoted(words: str) -> tuple[Quote, ...]:
        start = sum(len(line) + 1 for line in lines)
        lines.append(words)
        return (Quote(start=start, end=start + len(words), text=words),)

    actors: list[Actor] = []
    who: dict[str, str] = {}
    items: dict[Person, str] = {}

    def add(person: Person) -> str:
        if person not in items:
            item = items[person] = f"a{len(actors) + 1}"
            name, country = person.written(rng)
            aliases = (name.split()[-1],) if rng.random() < 0.3 and " " in name else ()
            actor = Actor(
                id=item, name=name, aliases=aliases, kind="person", role=person.office,
                country=country, part="participant", quotes=quoted(name),
            )  # fmt: skip
            actors.append(actor)
            who[item] = person.id
        return items[person]

    meetings, topics, outcomes = [], [], []
    for number, (one, when) in enumerate(told, 1):
        present = list(one.people)
        if len(present) > 2 and rng.random() < 0.3:
            present.remove(rng.choice(present))
        participants = tuple(add(person) for person in present)
        names = [actors[int(item[1:]) - 1].name for item in participants]
        words = rng.choice(_SENTENCES).format(
            a=names[0], b=names[1], type=one.type, place=one.place, topic=rng.choice(one.topics)
        )
        day = None
        if when != "reported" or rng.random() < 0.4:
            is_said = rng.random() < (0.9 if when == "earlier" else 0.95)
            off = rng.choice((-1, 1)) if rng.random() < 0.06 else 0
            day = str(one.day + timedelta(off)) if is_said else None
        type_ = one.type
        if type_ != "call" and rng.random() < 0.15:
            type_ = rng.choice(("talks", "visit"))
        meeting = Meeting(
            id=f"m{number}", type=type_, when=when, participants=participants,
            places=(one.place,) if rng.random() < 0.7 and one.type != "call" else (),
            date=MeetingDate(text=day, iso=day) if day else None, quotes=quoted(words),
        )  # fmt: skip
        meetings.append(meeting)
    for topic in rng.sample(event.topics, rng.randint(1, 3)):
        said = AgendaItem(id=f"g{len(topics)}", topic=topic, quotes=quoted(f"On {topic}."))
        topics.append(said)
    for kind, template in rng.sample(_OUTCOMES, rng.randint(0, 2)):
        filled = [rng.choice(event.topics)] * template.count("{}")
        if len(filled) > 1:
            filled[0] = actors[0].name
        description = template.format(*filled)
        outcome = Outcome(
            id=f"o{len(outcomes)}", kind=kind, description=description,
            parties=meetings[0].participants, quotes=quoted(description),
        )  # fmt: skip
        outcomes.append(outcome)
    for code in dict.fromkeys(person.country for person in event.people):
        country = Actor(
            id=f"a{len(actors) + 1}", name=code, aliases=(), kind="country", role=None,
            country=code, part="mentioned", quotes=quoted(code),
        )  # fmt: skip
        actors.append(country)
    text = "\n".join(lines)
    summary = Summary(
        article=ArticleInfo(
            id=id_, source=None, title=lines[0], outlet=f"outlet{rng.randrange(200)}.example",
            published=str(published), sha256=sha256(text.encode()).hexdigest(),
            characters=len(text),
        ),
        is_meeting=True,
        meetings=tuple(meetings),
        actors=tuple(actors),
        agenda_items=tuple(topics),
        outcomes=tuple(outcomes),
        summary="",
        unsupported=(),
        provenance=Provenance(
            model="made", prompt="p@1", schema_="s", created="2026-01-01T00:00:00Z", seconds=0,
            attempts=1, usage=Usage(), package="summarize",
        ),
    )  # fmt: skip
    return summary, who, {f"m{n}": one.id for n, (one, _) in enumerate(told, 1)}
