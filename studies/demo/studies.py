"""Demo data: branch study (themed Party days and Party lessons) and its participants."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from config.lib.copying import copy_rows, reserve_ids
from config.lib.periods import at_local
from courses.demo import CAP_DAYS_BEFORE
from hours.models import Source
from schools.demo import DemoPlan, DemoSchools
from studies.enums import ReviewStep, ReviewVerdict, StudyKind, StudyState
from studies.hours_source import KEY, training_of
from studies.models import Study, StudyParticipant, StudyReview, StudySubmission
from trainees.demo.people import Person
from trainees.demo.posts import Focus

# Habits of branches: usual minutes of a themed day, chance of a second meeting in a month, that
# meeting's usual minutes, and branches in a hundred. Not all minutes make a full quarter of an
# hour, so that rounding down shows.
_HABITS = (
    ((240, 240, 225), 0.72, (180, 230, 240), 50),
    ((180, 200, 240), 0.35, (90, 120, 170), 30),
    ((120, 150, 180), 0.2, (60, 90, 70), 20),
)
_SECOND_KINDS = (StudyKind.PARTY_LESSON, StudyKind.BRANCH_MEETING, StudyKind.GROUP_MEETING)
_TOPICS = {
    StudyKind.THEMED_DAY: (
        "重温入党誓词 牢记初心使命", "学习贯彻党的二十大精神", "走进红色教育基地",
        "环境清整志愿服务", "学习《党章》专题", "重温入党志愿书", "国家安全教育",
        "安全生产学习", "观看专题片《榜样》", "走访慰问老党员", "乡村振兴专题学习",
    ),
    StudyKind.PARTY_LESSON: (
        "书记讲党课", "学习新时代党的创新理论", "党的纪律专题党课", "党史专题党课",
    ),
    StudyKind.BRANCH_MEETING: ("支部党员大会：学习与讨论", "支部党员大会：传达上级精神"),
    StudyKind.GROUP_MEETING: ("党小组会：交流学习体会", "党小组会：读书分享"),
}  # fmt: skip
_PLACES = ("党群服务中心", "党员活动室", "会议室", "文化广场", "红色教育基地")
_RECORDED_AT = (20, 30)
_PASSED_AT = (21, 30)
# Versions: recorded, submitted, passed by the school; one more if a commissioner passed it first.
_ROUND = 1
_VERSION = 3
_COMMUNITY_REVIEWS = """
WITH passed AS (
    INSERT INTO studies_studyreview (study_id, round, step, verdict, reason, recorded_by_id,
                                      reviewed_at, reviewed_by_id)
    SELECT study.id, study.round, 'community', 'passed', '', study.recorded_by_id,
           study.recorded_at + interval '30 minutes', commissioner.user_id
    FROM studies_study study
    JOIN schools_placement place
      ON place.organisation_id = study.organisation_id AND place.period @> study.held_on
    JOIN schools_rolegrant commissioner
      ON commissioner.role = 'organisation_commissioner' AND commissioner.period @> study.held_on
     AND commissioner.organisation_id IN (place.organisation_id, place.parent_id)
    WHERE study.id BETWEEN %(first)s AND %(last)s
    ORDER BY study.id, commissioner.id
    RETURNING study_id
)
UPDATE studies_study SET version = version + 1 WHERE id IN (SELECT study_id FROM passed)
"""

# The branch of the demo's member meets on fixed days, three hours each time. They came to the
# first four (12 hours), one of which is the day of the two classes, and not to the last two.
_FOCUS_DAYS_BEFORE = (165, 140, 120, 70, CAP_DAYS_BEFORE, 40, 12)
_FOCUS_ATTENDED = frozenset((165, 140, 120, 70, CAP_DAYS_BEFORE))
_FOCUS_MINUTES = 180
_LAST_YEAR_DAYS = ((10, 12, 30), (11, 18, 30))


@dataclass(slots=True)
class StudyRow:
    """A study and the ids of its participants."""

    id: int
    branch: int
    kind: StudyKind
    topic: str
    place: str
    day: date
    minutes: int
    present: list[int]


def seed_studies(
    plan: DemoPlan, schools: DemoSchools, people: list[Person], focus: Focus
) -> list[StudyRow]:
    """Store the studies, earliest first, and return them with their participants."""
    members: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        members[person.branch].append(person)
        if person.moved_to is not None:
            members[person.moved_to].append(person)
    studies = [
        study
        for branch, of_branch in members.items()
        for study in _studies_of_branch(plan, branch, of_branch, focus)
    ]
    studies.sort(key=lambda study: (study.day, study.branch, study.kind))
    for study, pk in zip(studies, reserve_ids(Study, len(studies)), strict=True):
        study.id = pk
    sources = reserve_ids(Source, len(studies))
    copy_rows(
        Source,
        ["id", "kind", "training"],
        (
            (source, KEY, training_of(study.id))
            for source, study in zip(sources, studies, strict=True)
        ),
    )
    copy_rows(
        Study,
        [
            "id", "organisation_id", "kind", "topic", "place", "held_on", "days", "minutes",
            "state", "source_id", "version", "round", "recorded_at", "recorded_by_id",
        ],
        (
            (
                study.id, schools.organisations[study.branch].id, study.kind.value, study.topic,
                study.place, study.day, 1, study.minutes, StudyState.APPROVED.value,
                source, _VERSION, _ROUND, at_local(study.day, *_RECORDED_AT),
                schools.second_clerk_for(study.branch),
            )
            for source, study in zip(sources, studies, strict=True)
        ),
    )  # fmt: skip
    copy_rows(
        StudyParticipant,
        ["study_id", "member_id", "organisation_id"],
        (
            (study.id, member, schools.organisations[study.branch].id)
            for study in studies
            for member in study.present
        ),
    )
    _seed_reviews(schools, studies)
    return studies


def _seed_reviews(schools: DemoSchools, studies: list[StudyRow]) -> None:
    """Each is submitted at once and passed the same evening, first by a commissioner if any."""
    recorders = [schools.second_clerk_for(study.branch) for study in studies]
    copy_rows(
        StudySubmission,
        ["study_id", "round", "submitted_at", "submitted_by_id"],
        (
            (study.id, _ROUND, at_local(study.day, *_RECORDED_AT), recorder)
            for study, recorder in zip(studies, recorders, strict=True)
        ),
    )
    if studies:
        with connection.cursor() as cursor:
            cursor.execute(_COMMUNITY_REVIEWS, {"first": studies[0].id, "last": studies[-1].id})
    copy_rows(
        StudyReview,
        [
            "study_id", "round", "step", "verdict", "reason", "recorded_by_id", "reviewed_at",
            "reviewed_by_id",
        ],
        (
            (
                study.id, _ROUND, ReviewStep.SCHOOL.value, ReviewVerdict.PASSED.value, "",
                recorder, at_local(study.day, *_PASSED_AT), schools.clerk_for(study.branch),
            )
            for study, recorder in zip(studies, recorders, strict=True)
        ),
    )  # fmt: skip


def _studies_of_branch(
    plan: DemoPlan, branch: int, people: list[Person], focus: Focus
) -> Iterator[StudyRow]:
    rng = plan.rng("studies", branch)
    people = [person for person in people if person is not focus.member]
    meetings = _focus_meetings(plan) if branch == focus.branch else _meetings(plan, rng)
    for day, kind, minutes, with_focus in meetings:
        present = [
            person.id
            for person in people
            if person.branch_on(day) == branch and rng.random() < person.diligence
        ]
        if with_focus:
            present.append(focus.member.id)
        if present:
            topic, place = rng.choice(_TOPICS[kind]), rng.choice(_PLACES)
            yield StudyRow(0, branch, kind, topic, place, day, minutes, present)


type _Meeting = tuple[date, StudyKind, int, bool]


def _meetings(plan: DemoPlan, rng: random.Random) -> Iterator[_Meeting]:
    """Two meetings late last year; then a themed day every month, and mostly a second meeting."""
    habit = rng.choices(_HABITS, [habit[-1] for habit in _HABITS])[0]
    themed_minutes, second_chance, second_minutes, _ = habit
    for number, first, last in _LAST_YEAR_DAYS:
        day = date(plan.year - 1, number, rng.randint(first, last))
        if day < plan.window_start:
            yield day, StudyKind.THEMED_DAY, rng.choice(themed_minutes), False
    month = plan.window_start.replace(day=1)
    while month < plan.on:
        themed = month.replace(day=rng.randint(3, 14))
        second = month.replace(day=rng.randint(15, 27))
        if plan.window_start <= themed < plan.on:
            yield themed, StudyKind.THEMED_DAY, rng.choice(themed_minutes), False
        if rng.random() < second_chance and plan.window_start <= second < plan.on:
            yield second, rng.choice(_SECOND_KINDS), rng.choice(second_minutes), False
        month = (month + timedelta(days=31)).replace(day=1)


def _focus_meetings(plan: DemoPlan) -> Iterator[_Meeting]:
    for month, first, _ in _LAST_YEAR_DAYS:
        day = date(plan.year - 1, month, first)
        if day < plan.window_start:
            yield day, StudyKind.THEMED_DAY, _FOCUS_MINUTES, True
    for days in _FOCUS_DAYS_BEFORE:
        attended = days in _FOCUS_ATTENDED
        yield plan.days_before(days), StudyKind.THEMED_DAY, _FOCUS_MINUTES, attended
