"""The pages of the plan: whom a release asks, and what a version says."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.lib.periods import at_local, local_date
from dispatch.enums import EngagementState, LetterStage
from dispatch.models import Engagement, PlanVersion
from instructors.models import Instructor, LecturerLeave
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import BookingWorld

pytestmark = pytest.mark.django_db

RELEASE = "dispatch:release_plan"


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def drafted(world: BookingWorld, lecturer: Instructor, days: int = 40) -> Engagement:
    """A draft, so many days after today: pages act at the moment of the test."""
    letter = factories.make_booking_letter(world.school, stage=LetterStage.SCHEDULED)
    moment = at_local(local_date(timezone.now()) + timedelta(days=days), 9)
    return factories.make_engagement(letter, lecturer, starts_at=moment)


def send(browser, step: str, **data: object):
    sent = {"idempotency_key": uuid4(), "step": step, "note": "", **data}
    return browser.post(reverse(RELEASE), sent)


def test_the_release_names_each_lecturer_with_a_tick_and_asks_the_ticked(world):
    desk = browser_of(world.officer, "en")
    one, other = drafted(world, world.lecturer), drafted(world, world.make_lecturer("孙立"), 41)

    page = desk.get(reverse(RELEASE))
    assert page.context["form"].ticked == {one.pk, other.pk}

    check = send(desk, "check", chosen=[other.pk]).content.decode()
    assert "孙立 is asked" in check
    assert f"{world.lecturer} is asked" not in check
    send(desk, "do", chosen=[other.pk])

    for row in (one, other):
        row.refresh_from_db()
    assert (one.state, other.state) == (EngagementState.DRAFT, EngagementState.PROPOSED)


def test_the_release_says_why_a_draft_stays(world):
    blocked = drafted(world, world.lecturer)
    day = local_date(blocked.starts_at)
    world.go_on_leave(day)

    reply = browser_of(world.officer).get(reverse(RELEASE))

    [(row, why)] = reply.context["drafts"]
    assert row == blocked
    assert why in reply.content.decode()
    assert f'value="{blocked.pk}"' not in reply.content.decode()
    assert LecturerLeave.objects.exists()


def test_a_tick_of_a_draft_that_is_gone_is_passed_over(world):
    one, gone = drafted(world, world.lecturer), drafted(world, world.make_lecturer("孙立"), 41)
    Engagement.objects.filter(pk=gone.pk).update(state=EngagementState.WITHDRAWN, reason="改期")

    send(browser_of(world.officer), "do", chosen=[one.pk, gone.pk])

    one.refresh_from_db()
    assert one.state == EngagementState.PROPOSED


def test_a_lecturer_is_asked_at_once_from_the_panel(world):
    row = drafted(world, None)
    other = drafted(world, world.make_lecturer("孙立"), 41)
    address = reverse("dispatch:engage_lecturer", args=[row.letter_id, 1])
    sent = {"instructor": world.lecturer.pk, "reason": "x", "idempotency_key": uuid4()}

    browser_of(world.officer).post(address, sent | {"now": "1"})

    for one in (row, other):
        one.refresh_from_db()
    assert (row.state, other.state) == (EngagementState.PROPOSED, EngagementState.DRAFT)
    assert not PlanVersion.objects.exists()


def test_the_release_of_many_costs_what_one_does(world):
    desk = browser_of(world.officer)
    counts, shown = [], []
    for count in (1, 60):
        for place in range(count):
            lecturer = factories.make_lecturer(world.school, f"讲师{count}-{place}")
            drafted(world, lecturer, 20 + place % 9)
        desk.get(reverse(RELEASE))
        with CaptureQueriesContext(connection) as statements:
            reply = desk.get(reverse(RELEASE))
        counts.append(len(statements))
        shown.append(len(reply.context["drafts"]))

    assert shown == [1, 61]
    assert counts[0] == counts[1]
