"""Demo data: supervision notes, ratings by trainees, and class materials."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle, islice

from django.db.models import Max, QuerySet

from accounts.enums import ActorChannel, Role
from accounts.models import User
from accounts.origin import Actor
from classes.actions.materials import add_material
from classes.enums import RollState
from classes.models import RatingAnswer, RatingGiven, RatingRound, RatingRule, SupervisionNote
from config.lib.periods import at_local
from courses.models import Session, TrainingClass
from rolls.enums import ATTENDED
from rolls.models import Attendance
from schools.demo import DemoPlan, DemoSchools
from schools.demo.network import JINMENHU, YANGLIUQING
from studies.demo.records import draw_scene

# Schools with a demo account for their clerk.
_SCHOOLS = (YANGLIUQING, JINMENHU)
_NOTES = (
    ("课堂秩序良好，手机全部入袋，讲师结合本村案例讲解。", "互动环节可再增加。"),
    ("到课情况较好，后排音响声音偏小，投影清晰。", "请党校检查会议室音响。"),
    ("讲师准备充分，案例贴近网格工作，学员记录认真。", ""),
)
# Content, teaching, usefulness, organisation, remark.
_ANSWERS = (
    (5, 5, 5, 4, "案例很实在，希望多安排现场教学。"),
    (4, 5, 4, 4, ""),
    (5, 4, 5, 3, "会议室有点冷。"),
    (3, 4, 3, 4, ""),
    (5, 5, 4, 5, ""),
    (4, 4, 4, 4, "时间安排合适。"),
    (5, 5, 5, 5, ""),
)
_MATERIAL = "课程提纲"


def seed_quality(plan: DemoPlan, schools: DemoSchools) -> None:
    """Notes on the last sessions, ratings of closed classes, materials for the next ones."""
    of_schools = Session.objects.filter(training_class__school__code__in=_SCHOOLS)
    over = of_schools.filter(roll__state=RollState.SUBMITTED, held_on__lt=plan.on)
    _store_notes(over.order_by("-starts_at", "-pk")[: len(_NOTES)])
    rule = RatingRule.objects.order_by("period").last()
    if rule is not None:
        last = plan.on - timedelta(days=rule.days + 1)
        ended = TrainingClass.objects.filter(school__code__in=_SCHOOLS).alias(
            last_on=Max("sessions__held_on")
        )
        closed = ended.filter(last_on__lte=last).order_by("-last_on", "-pk")
        for place, ended_class in enumerate(closed[:4]):
            _store_rating(ended_class, rule, len(_ANSWERS) + place)
    ahead = of_schools.filter(held_on__gte=plan.on).order_by("starts_at", "pk")
    taught = {session.training_class for session in ahead.select_related("training_class")[:3]}
    for training_class in sorted(taught, key=lambda taught_class: taught_class.pk):
        _add_material(training_class, plan, schools)


def _store_notes(sessions: QuerySet[Session]) -> None:
    grants = User.objects.filter(role_grants__role=Role.DISTRICT_SCHOOL)
    supervisor = grants.order_by("pk").first()
    SupervisionNote.objects.bulk_create(
        SupervisionNote(
            session=session,
            supervisor=supervisor,
            version=1,
            visited_at=session.starts_at,
            observed=observed,
            advice=advice,
            filed_at=session.ends_at + timedelta(hours=1),
        )
        for session, (observed, advice) in zip(sessions, _NOTES, strict=False)
    )


def _store_rating(training_class: TrainingClass, rule: RatingRule, most: int) -> None:
    """Store the ratings of a class by at most `most` of its attendees."""
    attended = Attendance.objects.filter(
        session__training_class=training_class, status__in=ATTENDED
    )
    members = attended.order_by("member").values_list("member", flat=True).distinct()
    chosen = list(members[:most])
    last_on = training_class.sessions.aggregate(last=Max("held_on"))["last"]
    RatingRound.objects.create(
        training_class=training_class,
        last_day=last_on + timedelta(days=rule.days),
        least=rule.least,
    )
    RatingGiven.objects.bulk_create(
        RatingGiven(training_class=training_class, member_id=member) for member in chosen
    )
    RatingAnswer.objects.bulk_create(
        RatingAnswer(
            training_class=training_class,
            content=content,
            teaching=teaching,
            usefulness=usefulness,
            organisation=organisation,
            text=text,
        )
        for content, teaching, usefulness, organisation, text in islice(
            cycle(_ANSWERS), len(chosen)
        )
    )


def _add_material(training_class: TrainingClass, plan: DemoPlan, schools: DemoSchools) -> None:
    clerk = User.objects.get(pk=schools.clerks[training_class.school_id])
    add_material(
        training_class_id=training_class.pk,
        title="",
        data=draw_scene(plan.on),
        name=f"{_MATERIAL}.png",
        by=Actor(clerk, ActorChannel.WEB),
        at=at_local(plan.on, 8),
    )
