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
from dispatch.actions.desk import decline_letter
from dispatch.actions.proposals import decline_engagement
from dispatch.enums import EngagementState, LetterStage
from dispatch.models import Engagement, PlanVersion
from instructors.models import Instructor, LecturerLeave
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import LATER, BookingWorld
from tests.factories import acting

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


class TestVersions:
    def test_say_what_they_changed(self, world):
        former = world.propose()
        other = world.make_lecturer("孙立")
        world.engage(former.letter, other)
        world.release(LATER + timedelta(hours=1))

        reply = browser_of(world.officer).get(reverse("dispatch:plan_version", args=[2]))

        [change] = reply.context["changes"]
        assert (change.kind, change.after.instructor) == ("changed", other)
        first = browser_of(world.officer).get(reverse("dispatch:plan_version", args=[1]))
        assert [change.kind for change in first.context["changes"]] == ["added"]

    def test_go_on_over_pages(self, world):
        PlanVersion.objects.bulk_create(
            PlanVersion(number=number, released_at=LATER, released_by=world.officer)
            for number in range(1, 62)
        )
        desk, seen = browser_of(world.officer), []
        for page in (1, 2, 3, 4):
            rows = desk.get(reverse("dispatch:plan"), {"page": page}).context["page_obj"]
            seen += [version.number for version in rows]

        assert set(seen) == set(range(1, 62))


class TestASessionThatIsGone:
    """It is called off, or waits for the next lecturer: these are not the same."""

    def lose(self, world, *, days: int = 40) -> Engagement:
        row = drafted(world, world.lecturer, days)
        send(browser_of(world.officer), "do", chosen=[row.pk])
        row.refresh_from_db()
        return row

    def test_waits_for_the_next_lecturer_after_a_refusal(self, world):
        row = self.lose(world)
        user = world.lecturer.user
        decline_engagement(engagement_id=row.pk, reason="出差", by=acting(user), at=timezone.now())

        reply = browser_of(world.officer).get(reverse("dispatch:plan"))

        [change] = reply.context["changes"]
        assert change.kind == "open"
        assert "出差" in change.why
        panel = reverse("dispatch:engage_lecturer", args=[row.letter_id, row.number])
        assert panel in reply.content.decode()

    def test_is_called_off_with_its_letter(self, world):
        row = self.lose(world)
        decline_letter(
            letter_id=row.letter_id,
            reason="停课",
            by=acting(world.officer),
            at=timezone.now(),
        )

        [change] = browser_of(world.officer).get(reverse("dispatch:plan")).context["changes"]

        assert change.kind == "off"

    def test_costs_the_same_for_one_and_for_many(self, world):
        desk, counts = browser_of(world.officer), []
        for count in (1, 20):
            rows = [drafted(world, world.make_lecturer(f"讲{count}-{n}")) for n in range(count)]
            send(desk, "do", chosen=[row.pk for row in rows])
            Engagement.objects.filter(pk__in=[row.pk for row in rows]).update(
                state=EngagementState.LAPSED
            )
            desk.get(reverse("dispatch:plan"))
            with CaptureQueriesContext(connection) as statements:
                reply = desk.get(reverse("dispatch:plan"))
            counts.append(len(statements))

        assert len(reply.context["changes"]) == 20
        assert counts[0] == counts[1]


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
