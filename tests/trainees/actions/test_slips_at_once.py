"""A slip is issued while a role begins or ends: on real connections."""

from contextlib import suppress
from threading import Event
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import ActivationCode
from config.lib.periods import period, today
from schools.models import RoleGrant
from schools.records import save_role_grant
from tests import factories
from tests.admin_pages import make_officer
from tests.connections import together, wait_for_a_lock
from trainees.actions.slips import issue_member_slips, issue_staff_slip
from trainees.errors import SlipError

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_slip_and_a_role_at_once_leave_the_officer_no_open_code():
    school = factories.make_school()
    member = factories.make_member(factories.make_organisation(school))
    by = factories.acting(factories.make_clerk(school))
    member.user = factories.make_user()
    member.save()
    security = factories.acting(make_officer(Role.SECURITY_ADMINISTRATOR))
    grant = RoleGrant(user=member.user, role=Role.DISTRICT_SCHOOL, period=period(today()))

    def issue():
        with suppress(SlipError):
            issue_member_slips(member_ids=[member.pk], key=uuid4(), by=by, at=timezone.now())

    together(issue, lambda: save_role_grant(obj=grant, by=security, fields=[]))

    assert not ActivationCode.objects.filter(ended_at=None).exists()


def test_a_staff_slip_waits_for_the_role_to_end_and_is_refused():
    member = factories.make_member(factories.make_organisation(factories.make_school()))
    member.user = make_officer(Role.DISTRICT_SCHOOL)
    member.save()
    grant = RoleGrant.objects.get(user=member.user)
    grant.period = period(factories.START, today())
    first, second = (make_officer(Role.SECURITY_ADMINISTRATOR) for _ in range(2))
    locked, refusals = Event(), []

    def end():
        with transaction.atomic():
            save_role_grant(obj=grant, by=factories.acting(first), fields=["period"])
            locked.set()
            wait_for_a_lock()

    def issue():
        locked.wait()
        by = factories.acting(second)
        try:
            issue_staff_slip(user=member.user, key=uuid4(), by=by, at=timezone.now())
        except SlipError as refusal:
            refusals.append(refusal)

    together(end, issue)

    assert len(refusals) == 1
    assert not ActivationCode.objects.filter(user=member.user).exists()
