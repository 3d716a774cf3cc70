"""Two people, or one impatient one, take a roll at the same time: on real connections."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from backstage.models import IdempotencyKey
from config.lib.periods import at_local, today
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.models import Attendance, AttendanceCorrection
from tests import factories
from tests.browsers import browser_of
from tests.connections import together
from tests.factories import ClassWorld

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
