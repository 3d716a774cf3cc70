"""The day of these tests, and evidence of study that rolls alone do not make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from config.lib.periods import at_local
from courses.models import TrainingClass
from schools.models import Organisation, School
from tests import factories
from trainees.actions.attendance import submit_roll
from trainees.models import Assessment, BranchStudy, CreditEntry, CreditRule, Member

TODAY = date(2026, 11, 24)
NOW = at_local(TODAY, 15).astimezone(UTC)  # as the clock gives it


@pytest.fixture
def on_that_day(monkeypatch) -> datetime:
    """Views and commands read this moment from the clock."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return NOW


@pytest.fixture
def browser_of() -> Callable[[User], Client]:
    """A browser in which a person is signed in, reading English so that it needs no catalogue."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, "accounts.backends.PhoneOrNumberBackend")
        client.cookies["language"] = "en"
        return client

    return sign_in


def hold(
    training_class: TrainingClass,
    marks: dict[Member, str],
    *,
    on: date,
    hours: str = "4",
    hour: int = 9,
    submitted: bool = True,
):
    """A session on the day `on`, whose roll says `marks`. Whoever is marked is on the roster."""
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
    """The clerk of `school`; made when first asked for."""
    grant = school.role_grants.filter(role="school_clerk").select_related("user").first()
    return grant.user if grant else factories.make_clerk(school)


def study(
    organisation: Organisation,
    *members: Member,
    on: date,
    school: School,
    minutes: int = 120,
    kind: str = "themed_day",
) -> BranchStudy:
    """A branch study with the hours of everyone who was there, posted as the ledger posts them."""
    by = clerk_of(school)
    held = BranchStudy.objects.create(
        organisation=organisation,
        kind=kind,
        topic="主题党日",
        place="党员活动室",
        held_on=on,
        minutes=minutes,
        recorded_at=at_local(on, 20),
        recorded_by=by,
    )
    hours = Decimal(minutes * 4 // 60) / 4
    for member in members:
        assessment = Assessment.objects.create(
            member=member,
            study=held,
            version=1,
            credit_year=on.year,
            occurred_on=on,
            category="collective",
            gross_hours=hours,
            cut_hours=0,
            cut_reason="none",
            rule=CreditRule.objects.get(category="collective"),
            assessed_at=held.recorded_at,
            assessed_by=by,
        )
        CreditEntry.objects.create(
            member=member,
            school=school,
            organisation=organisation,
            credit_year=on.year,
            category="collective",
            occurred_on=on,
            hours=hours,
            assessment=assessment,
            source_key=f"study:{held.pk}:{member.pk}:1",
            posted_at=held.recorded_at,
            posted_by=by,
        )
    return held
