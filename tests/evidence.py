"""A fixed day for tests, and helpers to create rolls and studies with posted hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from config.lib.periods import at_local
from courses.models import TrainingClass
from hours.actions.ledger import post_hours
from hours.enums import AssessmentCause
from rolls.actions.attendance import submit_roll
from schools.models import Organisation, School
from studies.enums import StudyState
from studies.hours_source import STUDY
from studies.models import Study, StudyParticipant
from tests import factories
from tests.admin_pages import make_officer
from trainees.actions.member_merges import merge_members, propose_merge, undo_merge
from trainees.models import Member, MemberMerge

TODAY = date(2026, 11, 24)
NOW = at_local(TODAY, 15).astimezone(UTC)  # in UTC, as timezone.now() returns it


def hold(
    training_class: TrainingClass,
    marks: dict[Member, str],
    *,
    on: date,
    hours: str = "4",
    hour: int = 9,
    submitted: bool = True,
):
    """A session on the day `on` with these marks on its roll. Marked members join the roster."""
    for member in marks:
        if not training_class.enrolments.filter(member=member).exists():
            factories.enrol(training_class, member)
    session = factories.make_session(training_class, starts_at=at_local(on, hour), hours=hours)
    if submitted:
        absent = dict.fromkeys(training_class.enrolments.values_list("member", flat=True), "absent")
        submit_roll(
            session_id=session.pk,
            marks=absent | {member.pk: status for member, status in marks.items()},
            seen={},
            by=factories.acting(clerk_of(training_class.school)),
            at=(session.ends_at + timedelta(hours=1)).astimezone(UTC),
        )
    return session


def clerk_of(school: School) -> User:
    """The clerk of `school`; created on first use."""
    grant = school.role_grants.filter(role="school_clerk").select_related("user").first()
    return grant.user if grant else factories.make_clerk(school)


def study(
    organisation: Organisation,
    *members: Member,
    on: date,
    school: School,
    minutes: int = 120,
    kind: str = "themed_day",
    days: int = 1,
    starts_at: time | None = None,
) -> Study:
    """An approved branch study; the ledger posts the hours of its participants."""
    by = clerk_of(school)
    held = Study.objects.create(
        organisation=organisation,
        kind=kind,
        topic="主题党日",
        place="党员活动室",
        held_on=on,
        days=days,
        minutes=minutes,
        starts_at=starts_at,
        round=1,
        recorded_at=at_local(on, 20),
        recorded_by=by,
    )
    held.state, held.source = StudyState.APPROVED, factories.make_source("study", held.pk)
    held.save(update_fields=["state", "source"])
    for member in members:
        StudyParticipant.objects.create(study=held, member=member, organisation=organisation)
    with transaction.atomic():
        post_hours(
            claims=STUDY.claim,
            values={
                "study": held.pk,
                "there": [member.pk for member in members],
                "category": held.category,
                "is_withdrawn": False,
            },
            members=[member.pk for member in members],
            days=[on + timedelta(days=n) for n in range(days)],
            cause=AssessmentCause.RESTORED,
            by=by,
            at=held.recorded_at,
        )
    return held


def merge_rows(kept: Member, given_up: Member, *, at: datetime = NOW) -> MemberMerge:
    """Two officers make one person of both rows."""
    first, second = (factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT)) for _ in range(2))
    proposed = propose_merge(
        kept_id=kept.pk, given_up_id=given_up.pk, reason="同一人，两次登记", by=first, at=at
    )
    merge_members(merge_id=proposed.pk, by=second, at=at)
    return proposed


def part_rows(merge: MemberMerge, *, at: datetime = NOW) -> None:
    """They are two people after all."""
    officer = factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT))
    undo_merge(merge_id=merge.pk, reason="两个人", by=officer, at=at)
