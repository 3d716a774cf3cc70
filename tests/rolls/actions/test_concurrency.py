"""Two people, or one impatient one, at the same time: on real connections."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from threading import Event
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.activation import ActivationError, activate_account, issue_codes
from accounts.enums import Role
from accounts.models import ActivationCode, PrivacyNotice
from backstage.models import IdempotencyKey
from config.lib.periods import at_local, period, today
from hours.actions.disputes import withdraw_dispute
from hours.errors import DisputeError
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.errors import RollError
from rolls.models import Attendance, AttendanceCorrection
from schools.actions.organisations import move_organisation
from schools.enums import OrganisationKind
from schools.errors import SchoolsError
from schools.models import RoleGrant
from schools.records import save_role_grant
from tests import factories
from tests.admin_pages import make_officer
from tests.browsers import browser_of
from tests.connections import overlapping, together, wait_for_a_lock
from tests.factories import NOON, ClassWorld
from trainees.actions.slips import issue_member_slips, issue_staff_slip
from trainees.errors import SlipError

pytestmark = pytest.mark.django_db(transaction=True)


class Sender:
    """A signed-in clerk with a form for one session."""

    def __init__(self, clerk, session, members, status="present"):
        self.client = browser_of(clerk, None)
        self.url = reverse("rolls:roll", args=[session.pk])
        self.body = {f"mark-{m.pk}": status for m in members} | {
            "act": "submit",
            "idempotency_key": str(uuid4()),
        }

    def __call__(self):
        return self.client.post(self.url, self.body)


@pytest.fixture
def world():
    """A class whose session began today at midnight, so that its roll can be submitted."""
    world = ClassWorld(size=20)
    world.session = factories.make_session(
        world.training_class, starts_at=at_local(today(), 0), hours="6"
    )
    return world


def test_one_form_sent_twenty_times_acts_once_and_is_answered_alike(world):
    send = Sender(world.clerk, world.session, world.members)

    replies = together(*[send] * 20)

    assert {(reply.status_code, reply.headers["Location"]) for reply in replies} == {
        (302, f"{send.url}?done=submit")
    }
    assert CreditEntry.objects.count() == 20
    assert IdempotencyKey.objects.count() == 1
    assert not list_findings()


def test_a_key_with_another_body_is_a_conflict(world):
    send = Sender(world.clerk, world.session, world.members)
    send()
    send.body[f"mark-{world.members[0].pk}"] = "absent"

    assert send().status_code == 409
    assert CreditEntry.objects.count() == 20


def test_two_clerks_at_once_post_once(world):
    other = factories.make_clerk(world.school)
    replies = together(
        Sender(world.clerk, world.session, world.members),
        Sender(other, world.session, world.members, "late"),
    )

    assert Counter(reply.status_code for reply in replies) == {302: 1, 422: 1}
    assert Attendance.objects.count() == CreditEntry.objects.count() == 20
    assert not list_findings()


def test_two_rolls_of_one_day_never_exceed_the_daily_cap(world):
    second_class = factories.make_class(world.school)
    factories.enrol(second_class, *reversed(world.members))
    yesterday = today() - timedelta(days=1)
    first, second = (
        factories.make_session(training_class, starts_at=at_local(yesterday, hour), hours="6")
        for training_class, hour in ((world.training_class, 7), (second_class, 15))
    )

    replies = together(
        Sender(world.clerk, first, world.members),
        Sender(world.clerk, second, world.members),
    )

    assert [reply.status_code for reply in replies] == [302, 302]
    for member in world.members:
        assert CreditEntry.objects.filter(member=member).sum_hours() == Decimal(8)
    assert not list_findings()


def test_two_corrections_of_one_mark_are_made_one_after_the_other(world):
    Sender(world.clerk, world.session, world.members)()
    mark = Attendance.objects.first()
    url = reverse("rolls:correction", args=[mark.pk])

    def correct(status):
        client = browser_of(world.clerk, None)
        body = {
            "new_status": status,
            "seen_version": "1",
            "reason": "核对",
            "idempotency_key": str(uuid4()),
        }
        return lambda: client.post(url, body)

    replies = together(correct("absent"), correct("absent"))

    assert sorted(reply.status_code for reply in replies) == [302, 422]
    assert AttendanceCorrection.objects.count() == 1
    assert CreditEntry.objects.filter(member=mark.member).sum_hours() == 0
    assert not list_findings()


def test_two_moves_at_once_make_no_circle():
    officer = factories.make_user()
    school = factories.make_school()
    kind = OrganisationKind.COMMITTEE
    first, other = (
        factories.make_below(factories.make_top(), kind, name, school) for name in "甲乙"
    )

    def move(organisation, parent):
        def act():
            try:
                return move_organisation(
                    organisation_id=organisation.pk,
                    parent_id=parent.pk,
                    on=today(),
                    by=factories.acting(officer),
                    at=timezone.now(),
                )
            except SchoolsError as refusal:
                return refusal.field

        return act

    answers = together(move(first, other), move(other, first))

    assert "parent" in answers
    assert sum(answer != "parent" for answer in answers) == 1


def test_a_code_that_is_replaced_while_it_is_used_makes_no_deadlock(world):
    user, notice = factories.make_user(has_read=False), PrivacyNotice.objects.get(version=1)

    def issue():
        return issue_codes(users=[user], key=uuid4(), by=world.by, at=NOON)

    def use(code):
        with suppress(ActivationError):
            activate_account(
                code_id=code.pk,
                new_password="another staple 7",
                notice=notice,
                by=factories.acting(user),
                at=NOON,
            )

    for _ in range(20):
        issue()
        code = ActivationCode.objects.get(user=user, ended_at=None)
        together(lambda code=code: use(code), issue)

    assert ActivationCode.objects.filter(user=user, ended_at=None).count() == 1


def test_a_slip_and_a_role_at_once_leave_the_officer_no_open_code(world):
    member, by = world.members[0], world.by
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


class Answerer:
    """A clerk with the form of an answer to one dispute, in English."""

    def __init__(self, clerk, dispute, verdict):
        self.client = browser_of(clerk)
        self.url = reverse("years:answer_dispute", args=[dispute.pk])
        self.body = {"verdict": verdict, "text": "已核对", "idempotency_key": str(uuid4())}

    def __call__(self):
        return self.client.post(self.url, self.body)


@pytest.fixture
def dispute(world):
    """Of a member who was marked absent; the mark is corrected meanwhile."""
    submit = Sender(world.clerk, world.session, world.members[:1], "absent")
    submit.body |= {f"mark-{member.pk}": "present" for member in world.members[1:]}
    submit()
    mark = Attendance.objects.get(member=world.members[0])
    dispute = factories.make_dispute(mark)
    factories.correct_mark(mark, "present", by=world.by, at=timezone.now())
    return dispute


@pytest.mark.parametrize("run", [together, overlapping])
def test_a_dispute_is_answered_once_and_the_second_is_told(world, dispute, run):
    other = factories.make_clerk(world.school)
    replies = run(Answerer(world.clerk, dispute, "corrected"), Answerer(other, dispute, "stands"))

    refused, taken = sorted(replies, key=lambda reply: reply.status_code, reverse=True)
    assert (taken.status_code, refused.status_code) == (302, 422)
    assert "no longer waits for an answer of the school" in refused.content.decode()
    assert dispute.entries.filter(step="answered").count() == 1
    dispute.refresh_from_db()
    assert dispute.state == "answered"
    assert CreditEntry.objects.filter(member=dispute.member).sum_hours() == 4
    assert not list_findings()


def test_an_answer_and_a_withdrawal_at_once_leave_one_of_them(world, dispute):
    member = dispute.member
    member.user = factories.make_user()
    member.save(update_fields=["user"])

    def withdraw():
        with suppress(DisputeError):
            withdraw_dispute(
                dispute_id=dispute.pk, by=factories.acting(member.user), at=timezone.now()
            )

    together(Answerer(world.clerk, dispute, "corrected"), withdraw)

    assert dispute.entries.exclude(step="opened").count() == 1


def test_a_correction_made_by_two_for_one_dispute_counts_once(world):
    """Two clerks correct the mark and answer; one of each wins."""
    Sender(world.clerk, world.session, world.members, "absent")()
    mark = Attendance.objects.get(member=world.members[0])
    dispute = factories.make_dispute(mark)

    def correct_and_answer(clerk):
        def act():
            with suppress(RollError):
                factories.correct_mark(
                    mark, "present", by=factories.acting(clerk), at=timezone.now()
                )
            return Answerer(clerk, dispute, "corrected")()

        return act

    clerks = (world.clerk, factories.make_clerk(world.school))
    replies = together(*(correct_and_answer(clerk) for clerk in clerks))

    assert sorted(reply.status_code for reply in replies) == [302, 422]
    assert CreditEntry.objects.filter(member=dispute.member).sum_hours() == 4
    assert CreditEntry.objects.filter(member=dispute.member).count() == 1
    assert not list_findings()
