"""The board as a tool: a session gets its lecturer where the week is seen."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from config.lib.periods import at_local, local_date
from dispatch.enums import EngagementState, LetterStage
from dispatch.models import Engagement
from dispatch.queries.board import BoardItem
from instructors.models import Instructor
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import BookingWorld

pytestmark = pytest.mark.django_db

# Pages act at the moment of the test.
DAY = local_date(timezone.now()) + timedelta(days=40)
BOARD = reverse("dispatch:board")


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


@pytest.fixture
def row(world) -> Engagement:
    """A session without a lecturer."""
    return engaged(world, None)


def engaged(world: BookingWorld, lecturer: Instructor | None, **facts: object) -> Engagement:
    letter = factories.make_booking_letter(world.school, stage=LetterStage.SCHEDULED)
    return factories.make_engagement(letter, lecturer, **({"starts_at": at_local(DAY, 9)} | facts))


def show(world: BookingWorld, **query: str) -> HttpResponse:
    return browser_of(world.officer, "en").get(BOARD, {"day": DAY.isoformat(), **query})


def items_of(reply: HttpResponse) -> list[BoardItem]:
    return [item for line in reply.context["lines"] for day in line.days for item in day]


def give(world: BookingWorld, session: str, lecturer: Instructor, reason: str = "") -> HttpResponse:
    sent = {"idempotency_key": uuid4(), "session": session, "instructor": lecturer.pk}
    address = f"{BOARD}?day={DAY.isoformat()}&by=lecturer"
    return browser_of(world.officer, "en").post(address, sent | {"reason": reason})


def test_a_session_gets_a_lecturer_by_the_form(world, row):
    [item] = items_of(show(world))

    reply = give(world, item.value, world.lecturer)

    assert reply.url == f"{BOARD}?day={DAY.isoformat()}&by=lecturer"
    row.refresh_from_db()
    assert (row.instructor, row.state) == (world.lecturer, EngagementState.DRAFT)


def test_a_warning_asks_for_a_reason_and_keeps_what_was_chosen(world, row):
    row.course.instructors.add(world.make_lecturer("周静"))
    [item] = items_of(show(world))

    reply = give(world, item.value, world.lecturer)

    assert reply.status_code == 422
    assert reply.context["form"].errors.keys() == {"reason"}
    assert reply.context["form"]["session"].value() == item.value
    assert give(world, item.value, world.lecturer, "已电话沟通").status_code == 302
    assert row.overrides.count() == 1


def test_a_session_that_a_colleague_filled_meanwhile_is_not_filled_again(world, row):
    [item] = items_of(show(world))
    other = world.make_lecturer("孙立")
    give(world, item.value, other)

    reply = give(world, item.value, world.lecturer, "x")

    assert reply.status_code == 422
    assert reply.context["form"].errors.keys() == {"session"}
    row.refresh_from_db()
    assert row.instructor == other


def test_an_item_leads_to_its_candidates_and_can_be_dragged(world, row):
    page = show(world).content.decode()

    assert f'href="{reverse("dispatch:engage_lecturer", args=[row.letter_id, 1])}"' in page
    assert 'draggable="true"' in page


def test_the_line_of_a_lecturer_takes_what_is_dropped(world):
    engaged(world, world.lecturer)

    assert f'data-lecturer="{world.lecturer.pk}"' in show(world).content.decode()
    by_school = show(world, by="school").content.decode()
    assert "data-lecturer" not in by_school
    assert 'draggable="true"' not in by_school


class TestFilters:
    def test_of_a_state(self, world, row):
        accepted = engaged(
            world, world.lecturer, state=EngagementState.ACCEPTED, starts_at=at_local(DAY, 14)
        )

        def found(state: str) -> list[Engagement]:
            return [item.engagement for item in items_of(show(world, board_state=state))]

        assert found("needs") == [row]
        assert found("accepted") == [accepted]
        assert found("draft") == []

    def test_of_a_school(self, world, row):
        other = factories.make_school("120111005", "津门湖街道")

        assert items_of(show(world, school=str(world.school.pk)))
        assert not items_of(show(world, school=str(other.pk)))

    def test_of_a_corps_beside_what_has_no_lecturer(self, world, row):
        engaged(world, world.lecturer, starts_at=at_local(DAY, 14))

        assert len(items_of(show(world, board_corps="professional"))) == 2
        [item] = items_of(show(world, board_corps="lead_study"))
        assert item.engagement == row

    def test_stay_when_the_week_changes(self, world):
        reply = show(world, board_state="needs", by="school")

        for address in (reply.context["before"], reply.context["after"]):
            assert "board_state=needs" in address
            assert "by=school" in address


def test_the_session_of_a_class_whose_engagement_was_withdrawn_needs_a_lecturer(world):
    moment = at_local(DAY, 9)
    session = factories.make_session(factories.make_class(world.school), starts_at=moment)
    letter = factories.make_booking_letter(
        world.school, stage=LetterStage.CONFIRMED, training_class=session.training_class
    )
    factories.make_engagement(
        letter,
        world.lecturer,
        state=EngagementState.WITHDRAWN,
        starts_at=moment,
        session=session,
    )

    [item] = items_of(show(world))

    assert item.needs_lecturer
