"""The demo's season: booking letters at every stage, and a released plan with its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle, islice

from accounts.enums import Role
from accounts.models import User
from config.lib.periods import at_local
from config.lib.shares import share_out
from courses.enums import Format, Mode, Preset
from courses.models import Course, Session, TrainingClass
from dispatch.enums import EngagementState, LetterStage
from dispatch.models import (
    BookingItem,
    BookingLetter,
    BookingRule,
    BookingStep,
    Engagement,
    PlanLine,
    PlanVersion,
    WishedDate,
)
from instructors.enums import Corps
from instructors.models import Instructor
from schools.demo import DemoPlan, DemoSchools
from schools.demo.network import YANGLIUQING
from schools.demo.officers import Account, store_accounts
from schools.enums import Audience

# Open letters of the whole district; a smaller demo has its share of them.
STAGES = {
    LetterStage.DRAFT: 6,
    LetterStage.SUBMITTED: 24,
    LetterStage.INQUIRY: 4,
    LetterStage.ANSWERED: 4,
    LetterStage.SCHEDULED: 22,
}
# Letters whose class is to come, or was held; those of a smaller demo are fewer.
AGREED = {LetterStage.CONFIRMED: 6, LetterStage.TAUGHT: 4, LetterStage.EVALUATED: 12}
# What the lecturers of scheduled letters said, in turn; the last ones are not chosen yet.
ANSWERS = (
    *[EngagementState.PROPOSED] * 8,
    *[EngagementState.ACCEPTED] * 7,
    *[EngagementState.DECLINED] * 3,
    *[EngagementState.DRAFT] * 4,
)
_PLACES = ("村民文化广场", "社区党群服务中心", "村委会会议室", "老年大学教室")
# As the format's rule has it, so that the school can agree.
_PACK = timedelta(minutes=210)
_QUESTIONS = "当天场地有活动，能否改在下午？"
_WORDS = ("案例贴近本镇实际，党员反映好。", "时间紧，讨论不够。", "")
_REASONS = ("当日外出调研", "已承担市里课程", "身体不适，近期不便授课")


@dataclass(frozen=True)
class _Season:
    """What the letters are made from. Classes of the demo end before its first day."""

    plan: DemoPlan
    courses: list[Course]
    lecturers: list[Instructor]
    officer: User

    def day(self, place: int) -> date:
        """A weekday from the third week on; twenty letters share a day at most."""
        day = self.plan.on + timedelta(days=16 + place)
        return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day

    def moment(self, days: int) -> datetime:
        """An hour of a day `days` ago."""
        return at_local(self.plan.days_before(days), 10)


def seed_dispatch(plan: DemoPlan, schools: DemoSchools) -> None:
    """Store this app's part of the demo."""
    lecturers = list(_with_accounts(plan.on + timedelta(days=100)))
    season = _Season(
        plan=plan,
        courses=list(Course.objects.filter(hours=4).order_by("code")),
        lecturers=lecturers,
        officer=User.objects.filter(role_grants__role=Role.DISTRICT_SCHOOL).order_by("pk")[0],
    )
    BookingRule.objects.filter(telephone="").update(telephone="022-27391234")
    agreed = list(_agreed(season, schools))
    letters = list(_letters(season, schools, Counter(row.letter.school_id for row in agreed)))
    BookingLetter.objects.bulk_create([*(row.letter for row in agreed), *letters])
    for place, letter in enumerate(letters):
        BookingItem.objects.create(
            letter=letter, position=1, course=season.courses[place % len(season.courses)]
        )
        WishedDate.objects.bulk_create(
            WishedDate(letter=letter, rank=rank, day=season.day(place + 7 * (rank - 1)))
            for rank in (1, 2, 3)
        )
        BookingStep.objects.bulk_create(_steps(season, letter))
    scheduled = [letter for letter in letters if letter.stage == LetterStage.SCHEDULED]
    version = _engage(season, letters, scheduled)
    for row in agreed:
        _store_agreed(season, row, version)


def _with_accounts(last: date) -> Iterator[Instructor]:
    """The demo lecturer, and lecturers of the professional corps who get an account to answer.

    Their letters of appointment hold until the day `last` and longer.
    """
    yield from Instructor.objects.filter(user__isnull=False)
    rows = Instructor.objects.filter(corps=Corps.PROFESSIONAL, user=None)
    ending = Instructor.objects.without_letter_after(last)
    chosen = list(rows.exclude(pk__in=ending.values("pk"))[: len(ANSWERS)])
    accounts = [
        Account(f"lecturer{place}", lecturer.name, is_demo=False)
        for place, lecturer in enumerate(chosen, start=2)
    ]
    for lecturer, user_id in zip(chosen, store_accounts(accounts), strict=True):
        lecturer.user_id = user_id
        lecturer.save(update_fields=["user"])
        yield lecturer


def _letters(
    season: _Season, schools: DemoSchools, before: Counter[int]
) -> Iterator[BookingLetter]:
    """Letters of all schools in turn, the stages as often as the district has them.

    They are numbered after those that a school wrote before.
    """
    plan = season.plan
    total = max(len(ANSWERS) // 2, round(sum(STAGES.values()) * plan.scale))
    stages = [
        stage
        for stage, count in zip(STAGES, share_out(total, list(STAGES.values()), 1), strict=True)
        for _ in range(count)
    ]
    rng, rows = plan.rng("booking"), cycle(schools.network.schools)
    for place, (stage, school) in enumerate(zip(stages, rows, strict=False)):
        written = season.moment(3 + (place + 1) % 9)
        # The schools take turns.
        number = before[school.id] + place // len(schools.network.schools) + 1
        yield BookingLetter(
            number=f"{school.code}-Y{plan.year}-{number:03}",
            school_id=school.id,
            title=f"{school.place}{rng.choice(('冬训', '轮训', '专题课', '夜校'))}",
            preset=Preset.PACK,
            mode=Mode.OUTREACH,
            audience=rng.choice(list(Audience)),
            headcount=rng.randint(30, 180),
            place=f"{school.place}{rng.choice(_PLACES)}",
            stage=stage,
            written_at=written,
            written_by_id=schools.clerks[school.id],
            submitted_at=None if stage == LetterStage.DRAFT else written + timedelta(hours=1),
            owner=season.officer if stage in {LetterStage.SCHEDULED, LetterStage.INQUIRY} else None,
        )


def _steps(season: _Season, letter: BookingLetter) -> Iterator[BookingStep]:
    """What was said until the letter stood where it stands."""
    if letter.submitted_at is None:
        return
    said = [(LetterStage.SUBMITTED, "", letter.written_by_id, letter.submitted_at)]
    asked = letter.submitted_at + timedelta(hours=5)
    if letter.stage in {LetterStage.INQUIRY, LetterStage.ANSWERED}:
        said.append((LetterStage.INQUIRY, _QUESTIONS, season.officer.pk, asked))
    if letter.stage == LetterStage.ANSWERED:
        answered = asked + timedelta(hours=3)
        said.append((LetterStage.ANSWERED, "可以，下午两点开始。", letter.written_by_id, answered))
    if letter.stage == LetterStage.SCHEDULED:
        said.append((LetterStage.SCHEDULED, "", season.officer.pk, asked))
    for stage, word, user_id, moment in said:
        yield BookingStep(
            letter=letter, stage=stage, word=word, taken_by_id=user_id, taken_at=moment
        )


def _engage(
    season: _Season, letters: list[BookingLetter], scheduled: list[BookingLetter]
) -> PlanVersion:
    """One session for each scheduled letter, and the version of the plan that has them."""
    released = season.moment(1)
    version = PlanVersion.objects.create(
        number=1, note="第一期", released_at=released, released_by=season.officer
    )
    for place, letter in enumerate(scheduled):
        state = ANSWERS[place % len(ANSWERS)]
        starts_at = at_local(season.day(letters.index(letter)), 9)
        lecturer = season.lecturers[place % len(season.lecturers)]
        engagement = Engagement.objects.create(
            letter=letter,
            number=1,
            course=season.courses[letters.index(letter) % len(season.courses)],
            instructor=None if state == EngagementState.DRAFT else lecturer,
            starts_at=starts_at,
            ends_at=starts_at + _PACK,
            hours=4,
            state=state,
            **_answer(season, state, released, lecturer, place),
        )
        if state != EngagementState.DRAFT:
            PlanLine.objects.create(
                version=version,
                engagement=engagement,
                letter=letter,
                number=1,
                course=engagement.course,
                instructor=lecturer,
                starts_at=engagement.starts_at,
                ends_at=engagement.ends_at,
            )
    return version


@dataclass(frozen=True)
class _Agreed:
    """A letter whose class there is, with the sessions of the class."""

    letter: BookingLetter
    sessions: list[Session]


def _agreed(season: _Season, schools: DemoSchools) -> Iterator[_Agreed]:
    """Letters behind classes of the demo: the next ones, and some that are long over."""
    plan = season.plan
    numbers: Counter[int] = Counter()
    for stage, classes in _classes_by_stage(plan).items():
        for training_class in classes:
            sessions = list(
                training_class.sessions.select_related("instructor", "venue").order_by("number")
            )
            written = sessions[0].starts_at - timedelta(days=24)
            school_id = training_class.school_id
            numbers[school_id] += 1
            yield _Agreed(
                BookingLetter(
                    number=f"{training_class.school.code}-Y{plan.year}-{numbers[school_id]:03}",
                    school_id=school_id,
                    title=training_class.title,
                    preset=Preset.PACK,
                    mode=training_class.mode,
                    audience=training_class.audience,
                    headcount=sessions[0].venue.capacity if sessions[0].venue else 40,
                    venue=sessions[0].venue,
                    place=sessions[0].place,
                    stage=stage,
                    written_at=written,
                    written_by_id=schools.clerks[school_id],
                    submitted_at=written + timedelta(hours=1),
                    owner=season.officer,
                    training_class=training_class,
                ),
                sessions,
            )


def _classes_by_stage(plan: DemoPlan) -> dict[LetterStage, list[TrainingClass]]:
    """Half-day classes with a lecturer, as many of each stage as a demo of this size has."""
    packs = TrainingClass.objects.filter(format=Format.PACK, sessions__number=1)
    packs = packs.exclude(sessions__instructor=None).exclude(sessions__number=2)
    packs = packs.select_related("school").order_by("sessions__starts_at", "pk")
    # The last session there is called off later.
    there = Session.objects.filter(training_class__school__code=YANGLIUQING)
    packs = packs.exclude(sessions=there.order_by("starts_at", "pk").last())
    soon = at_local(plan.on + timedelta(days=1), 0), at_local(plan.window_end, 0)
    over = at_local(plan.days_before(90), 0), at_local(plan.days_before(30), 0)
    found = {
        times: iter(packs.filter(sessions__starts_at__range=times, code__contains=f"-{plan.year}-"))
        for times in (soon, over)
    }
    return {
        stage: list(
            islice(
                found[soon if stage == LetterStage.CONFIRMED else over],
                max(1, round(count * plan.scale)),
            )
        )
        for stage, count in AGREED.items()
    }


def _store_evaluation(letter: BookingLetter, clerk: int | None, at: datetime) -> None:
    """What the school says of a class that was taught."""
    number = int(letter.number.rpartition("-")[2])
    BookingStep.objects.create(
        letter=letter,
        stage=LetterStage.EVALUATED,
        word=_WORDS[number % len(_WORDS)],
        rating=3 + number % 3,
        taken_by_id=clerk,
        taken_at=at,
    )


def _store_agreed(season: _Season, row: _Agreed, version: PlanVersion) -> None:
    """Items, dates, steps and engagements of a letter that was agreed to."""
    letter, first = row.letter, row.sessions[0]
    BookingItem.objects.create(letter=letter, position=1, course_id=first.course_id)
    WishedDate.objects.create(letter=letter, rank=1, day=first.held_on)
    asked = letter.written_at + timedelta(days=2)
    taught = row.sessions[-1].ends_at + timedelta(days=1)
    clerk = letter.written_by_id
    steps: list[tuple[LetterStage, int | None, datetime]] = [
        (LetterStage.SUBMITTED, clerk, letter.written_at + timedelta(hours=1)),
        (LetterStage.SCHEDULED, season.officer.pk, asked),
        (LetterStage.CONFIRMED, clerk, asked + timedelta(days=3)),
    ]
    if letter.stage != LetterStage.CONFIRMED:
        steps.append((LetterStage.TAUGHT, None, taught))
    BookingStep.objects.bulk_create(
        BookingStep(letter=letter, stage=stage, taken_by_id=user_id, taken_at=moment)
        for stage, user_id, moment in steps
    )
    if letter.stage == LetterStage.EVALUATED:
        _store_evaluation(letter, clerk, taught + timedelta(days=2))
    for session in row.sessions:
        lecturer = session.instructor
        if lecturer is None:
            continue
        engagement = Engagement.objects.create(
            letter=letter,
            number=session.number,
            course_id=session.course_id,
            instructor=lecturer,
            venue_id=session.venue_id,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            hours=session.hours,
            state=EngagementState.ACCEPTED,
            proposed_at=asked,
            answer_by=asked + timedelta(days=3),
            answered_at=asked + timedelta(days=1),
            answered_by_id=lecturer.user_id,
            answered_by_link=lecturer.user_id is None,
            session=session,
        )
        if letter.stage == LetterStage.CONFIRMED:
            PlanLine.objects.create(
                version=version,
                engagement=engagement,
                letter=letter,
                number=session.number,
                course_id=session.course_id,
                instructor=lecturer,
                starts_at=session.starts_at,
                ends_at=session.ends_at,
            )


def _answer(
    season: _Season, state: EngagementState, at: datetime, lecturer: Instructor, place: int
) -> dict[str, object]:
    """When it was proposed, and what the lecturer said."""
    if state == EngagementState.DRAFT:
        return {}
    facts: dict[str, object] = {
        "proposed_at": at,
        "answer_by": at_local(season.plan.on + timedelta(days=4), 18),
    }
    if state != EngagementState.PROPOSED:
        facts |= {"answered_at": at + timedelta(hours=2), "answered_by": lecturer.user}
    if state == EngagementState.DECLINED:
        facts["reason"] = _REASONS[place % len(_REASONS)]
    return facts
