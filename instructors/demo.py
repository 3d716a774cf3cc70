"""The demo's lecturers: 240 in the three corps, each with a current letter of appointment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain, count, repeat

from django.conf import settings

from config.lib.copying import copy_rows, reserve_ids
from config.lib.names import pinyin_forms
from config.lib.periods import at_local, period
from config.lib.shares import share_out
from instructors.enums import Corps, NominationState, Title
from instructors.models import AppointmentLetter, Instructor, Nomination
from schools.demo import DemoPlan, DemoSchools, SchoolRow
from schools.demo.names import person_name
from schools.demo.officers import Account, store_accounts

# Schools nominate only the backbone corps, not the district's other two.
CORPS_SIZES = {Corps.LEAD_STUDY: 20, Corps.PROFESSIONAL: 60, Corps.BACKBONE: 160}
TERM_YEARS = 3
ONE_ENDS_SOON_OF = 20
UNKNOWN_HOMES, HOME_AT_SCHOOL = 0.05, 0.85

_EMPLOYERS = {Corps.LEAD_STUDY: "天津市党支部书记学院", Corps.PROFESSIONAL: "西青区委党校"}
_BACKBONE_EMPLOYERS = (
    "{}机关",
    "{}党群服务中心",
    "{}退役军人服务站",
    "{}社区卫生服务中心",
    "{}中学",
)
# The percentage of lecturers with each title, by corps.
_TITLES = {
    Corps.LEAD_STUDY: {Title.PROFESSOR: 40, Title.ASSOCIATE_PROFESSOR: 50, Title.NONE: 10},
    Corps.PROFESSIONAL: {Title.PROFESSOR: 10, Title.ASSOCIATE_PROFESSOR: 45, Title.NONE: 45},
    Corps.BACKBONE: {Title.ASSOCIATE_PROFESSOR: 4, Title.NONE: 96},
}


_REASONS = (
    "连续六年主持村民议事会，调解邻里纠纷二百余起，可讲授基层议事协商。",
    "社区网格员出身，整理网格走访案例四十篇，可讲授网格化治理实务。",
    "退役军人，参加抗洪抢险立三等功，可讲授先进模范事迹。",
)
_NOMINATED = [
    "school_id",
    "name",
    "title",
    "employer",
    "reasons",
    "nominated_at",
    "nominated_by_id",
    "state",
    "reason",
]


@dataclass(frozen=True, slots=True)
class InstructorRow:
    """A stored lecturer; `school_id` is the school that nominated a backbone lecturer."""

    id: int
    name: str
    corps: Corps
    title: Title
    employer: str
    school_id: int | None
    has_account: bool = False


def seed_instructors(plan: DemoPlan, schools: DemoSchools) -> list[InstructorRow]:
    """Store this app's part of the demo and return the lecturers."""
    rows = list(_list_instructors(plan, schools))
    first = next(row for row in rows if row.corps is Corps.BACKBONE)
    users = {}
    if settings.DEMO:
        users = {first.id: store_accounts([Account("lecturer", first.name, is_demo=True)])[0]}
    homes = _choose_homes(plan, schools, rows)
    copy_rows(
        Instructor,
        [
            *("id", "name", "name_pinyin", "name_initials", "corps", "title", "employer"),
            *("nominated_by_id", "home_township_id", "user_id"),
        ],
        [
            (
                *(r.id, r.name, *pinyin_forms(r.name), r.corps.value, r.title.value, r.employer),
                *(r.school_id, homes[r.id], users.get(r.id)),
            )
            for r in rows
        ],
    )
    copy_rows(
        AppointmentLetter,
        ["number", "instructor_id", "period", "signed_on"],
        _list_letters(plan, rows),
    )
    copy_rows(Nomination, _NOMINATED, _list_nominations(plan, schools))
    return [replace(row, has_account=row.id in users) for row in rows]


def _list_instructors(plan: DemoPlan, schools: DemoSchools) -> Iterator[InstructorRow]:
    rng = plan.rng("instructors")
    ids = iter(reserve_ids(Instructor, sum(CORPS_SIZES.values())))
    network = schools.network
    nominated = share_out(CORPS_SIZES[Corps.BACKBONE], [1] * len(network.schools))
    for corps, size in CORPS_SIZES.items():
        nominators: Iterable[SchoolRow | None] = repeat(None, size)
        if corps is Corps.BACKBONE:
            nominators = chain.from_iterable(map(repeat, network.schools, nominated))
        for school in nominators:
            template = rng.choice(_BACKBONE_EMPLOYERS) if school else _EMPLOYERS[corps]
            titles = _TITLES[corps]
            yield InstructorRow(
                next(ids),
                person_name(rng, rng.choice("mf")),
                corps,
                rng.choices(list(titles), list(titles.values()))[0],
                template.format(school.name.removesuffix("党校")) if school else template,
                school.id if school else None,
            )


def _choose_homes(
    plan: DemoPlan, schools: DemoSchools, rows: list[InstructorRow]
) -> dict[int, int | None]:
    """The home township of each lecturer: mostly that of the school, none for the city's academy.

    A few of the others moved away, or nobody asked yet.
    """
    rng, network = plan.rng("homes"), schools.network
    townships = {township.code: township.id for township in network.townships}
    of_school = {school.id: townships[school.code] for school in network.schools}
    homes: dict[int, int | None] = {}
    for row in rows:
        chance = rng.random()
        anywhere = rng.choice(list(townships.values()))
        if row.corps is Corps.LEAD_STUDY or chance < UNKNOWN_HOMES:
            homes[row.id] = None
        elif row.school_id and chance < HOME_AT_SCHOOL:
            homes[row.id] = of_school[row.school_id]
        else:
            homes[row.id] = anywhere
    return homes


def _list_letters(
    plan: DemoPlan, instructors: list[InstructorRow]
) -> Iterator[tuple[str, int, object, date]]:
    """Each lecturer's letter in force since last year; for some, also the letter before it."""
    rng, places = plan.rng("letters"), count(1)
    numbers = {year: count(1) for year in (plan.year - 1 - TERM_YEARS, plan.year - 1)}
    for lecturer in instructors:
        years = numbers if rng.random() < 0.25 else [plan.year - 1]
        ends_soon = next(places) % ONE_ENDS_SOON_OF == 0
        for year in years:
            start, end = date(year, 1, 1), date(year + TERM_YEARS, 1, 1)
            if ends_soon and year == plan.year - 1:
                end = plan.on + timedelta(days=45)
            yield (
                f"西青聘字〔{year}〕第{next(numbers[year]):03d}号",
                lecturer.id,
                period(start, end),
                date(year - 1, 12, 20),
            )


def _list_nominations(plan: DemoPlan, schools: DemoSchools) -> Iterator[tuple[object, ...]]:
    """Nominations of the last days, which wait for the organisation department."""
    rng = plan.rng("nominations")
    for days, (school, reasons) in enumerate(
        zip(schools.network.schools, _REASONS, strict=False), start=1
    ):
        yield (
            school.id,
            person_name(rng, rng.choice("mf")),
            Title.NONE.value,
            rng.choice(_BACKBONE_EMPLOYERS).format(school.name.removesuffix("党校")),
            reasons,
            at_local(plan.days_before(days), 10),
            schools.clerks[school.id],
            NominationState.WAITING.value,
            "",
        )
