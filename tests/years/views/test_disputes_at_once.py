"""Two people answer or withdraw one dispute at the same time: on real connections."""

from contextlib import suppress
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from hours.actions.disputes import withdraw_dispute
from hours.errors import DisputeError
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import submit_roll
from rolls.errors import RollError
from rolls.models import Attendance
from tests import factories
from tests.browsers import browser_of
from tests.connections import overlapping, together
from tests.factories import NOON, ClassWorld

pytestmark = pytest.mark.django_db(transaction=True)


class Answerer:
    """A clerk with the form of an answer to one dispute, in English."""

    def __init__(self, clerk, dispute, verdict):
        self.client = browser_of(clerk)
        self.url = reverse("years:answer_dispute", args=[dispute.pk])
        self.body = {"verdict": verdict, "text": "已核对", "idempotency_key": str(uuid4())}

    def __call__(self):
        return self.client.post(self.url, self.body)


@pytest.fixture
def world() -> ClassWorld:
    return ClassWorld()


def submit(world: ClassWorld, *marks: str) -> None:
    submit_roll(
        session_id=world.session.pk, marks=world.marks(*marks), seen={}, by=world.by, at=NOON
    )


@pytest.fixture
def dispute(world):
    """Of a member who was marked absent; the mark is corrected meanwhile."""
    submit(world, "absent", "present")
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
    submit(world, "absent")
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
