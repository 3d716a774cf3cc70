"""The demo's season: booking letters at every stage, and a released plan with its answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle

from accounts.enums import Role
from accounts.models import User
from config.lib.periods import at_local
from courses.enums import Mode, Preset
from courses.models import Course
from dispatch.enums import EngagementState, LetterStage
from dispatch.models import (
    BookingItem,
    BookingLetter,
    BookingStep,
    Engagement,
    PlanLine,
    PlanVersion,
    WishedDate,
)
from instructors.enums import Corps
from instructors.models import Instructor
from schools.demo import DemoPlan, DemoSchools
from schools.demo.officers import Account, store_accounts
from schools.demo.plan import share_out
from schools.enums import Audience

# Open letters of the whole district; a smaller demo has its share of them.
STAGES = {
    LetterStage.DRAFT: 6,
    LetterStage.SUBMITTED: 24,
    LetterStage.INQUIRY: 4,
    LetterStage.ANSWERED: 4,
    LetterStage.SCHEDULED: 22,
}
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
    lecturers = list(_with_accounts())
    season = _Season(
        plan=plan,
        courses=list(Course.objects.filter(hours=4).order_by("code")),
        lecturers=lecturers,
        officer=User.objects.filter(role_grants__role=Role.DISTRICT_SCHOOL).order_by("pk")[0],
    )
    letters = list(_letters(season, schools))
    BookingLetter.objects.bulk_create(letters)
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
    _engage(season, letters, scheduled)


def _with_accounts() -> Iterator[Instructor]:
    """The demo lecturer, and lecturers of the professional corps who get an account to answer."""
    yield from Instructor.objects.filter(user__isnull=False)
    chosen = list(Instructor.objects.filter(corps=Corps.PROFESSIONAL, user=None)[: len(ANSWERS)])
    accounts = [
        Account(f"lecturer{place}", lecturer.name, is_demo=False)
        for place, lecturer in enumerate(chosen, start=2)
    ]
    for lecturer, user_id in zip(chosen, store_accounts(accounts), strict=True):
        lecturer.user_id = user_id
        lecturer.save(update_fields=["user"])
        yield lecturer


def _letters(season: _Season, schools: DemoSchools) -> Iterator[BookingLetter]:
    """Letters of all schools in turn, the stages as often as the district has them."""
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
        number = place // len(schools.network.schools) + 1  # the schools take turns
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


def _engage(season: _Season, letters: list[BookingLetter], scheduled: list[BookingLetter]) -> None:
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
