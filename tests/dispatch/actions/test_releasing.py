"""The release: which drafts go out, which stay, and what a version says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from dispatch.actions.letters import Wished
from dispatch.actions.releasing import release_plan
from dispatch.enums import EngagementState
from dispatch.errors import BookingError, EngagementError
from dispatch.models import Engagement, PlanVersion
from dispatch.queries.plan import last_version, list_changes
from instructors.models import Instructor
from tests.dispatch.world import LATER, WISHED, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db

SOON = LATER + timedelta(hours=3)


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def draft(world: BookingWorld, lecturer: Instructor, week: int) -> Engagement:
    """A lecturer in the draft for a letter of its own, `week` weeks on."""
    day = WISHED + timedelta(days=7 * week)
    letter = world.submit(dates=[Wished(day)])
    world.schedule(letter, day)
    return world.engage(letter, lecturer)


def test_proposes_what_is_new_with_a_day_to_answer_by(world):
    engagement = world.propose()

    assert engagement.state == EngagementState.PROPOSED
    assert engagement.answer_by.date() >= LATER.date() + timedelta(days=3)
    version = PlanVersion.objects.get()
    assert version.number == 1
    assert version.lines.get().engagement == engagement


def test_nothing_new_is_no_version(world):
    world.propose()

    with pytest.raises(BookingError):
        world.release()

    assert PlanVersion.objects.count() == 1


def test_the_next_version_proposes_only_what_is_new(world):
    first = world.propose()
    letter = world.submit(dates=[Wished(WISHED + timedelta(days=7))])
    world.schedule(letter, WISHED + timedelta(days=7))
    second = world.engage(letter)
    later = LATER + timedelta(hours=3)

    world.release(later)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.proposed_at, second.proposed_at) == (LATER, later)
    assert PlanVersion.objects.first().lines.count() == 2


def test_a_lecturer_on_leave_meanwhile_is_not_proposed(world):
    letter = world.submit()
    world.schedule(letter)
    world.engage(letter)
    world.go_on_leave()

    with pytest.raises(EngagementError, match=world.lecturer.name):
        world.release()

    assert letter.engagements.get().state == EngagementState.DRAFT


def test_without_a_lecturer_there_is_nothing_to_release(world):
    world.schedule(world.submit())

    with pytest.raises(BookingError):
        world.release()


def test_is_of_the_academic_officer(world):
    with pytest.raises(PermissionDenied):
        release_plan(note="", by=acting(world.clerk), at=LATER)


def test_what_is_not_chosen_stays_in_the_draft(world):
    one, other = draft(world, world.lecturer, 0), draft(world, world.make_lecturer("孙立"), 1)

    made = world.release(chosen=[one])

    assert [row.pk for row in made.proposed] == [one.pk]
    assert [row.pk for row in made.left] == [other.pk]
    other.refresh_from_db()
    assert (other.state, other.proposed_at) == (EngagementState.DRAFT, None)
    assert [line.engagement for line in made.version.lines.all()] == [one]
    [change] = list_changes(last_version(), LATER)
    assert (change.after, change.is_known) == (other, False)


def test_one_that_is_blocked_stops_no_other(world):
    blocked, other = draft(world, world.lecturer, 0), draft(world, world.make_lecturer("孙立"), 1)
    world.go_on_leave()

    made = world.release()

    assert [row.pk for row in made.proposed] == [other.pk]
    [(row, why)] = made.blocked
    assert row == blocked
    assert why
    blocked.refresh_from_db()
    assert blocked.state == EngagementState.DRAFT


def test_nothing_chosen_is_no_version(world):
    draft(world, world.lecturer, 0)

    with pytest.raises(BookingError) as refused:
        world.release(chosen=[])

    assert refused.value.field == "chosen"
    assert not PlanVersion.objects.exists()


def test_a_version_takes_up_what_was_proposed_at_once_and_asks_nobody_again(world):
    letter = world.submit()
    world.schedule(letter)
    urgent = world.engage(letter, is_urgent=True)
    [change] = list_changes(None, LATER)
    assert change.is_known

    made = world.release(SOON, chosen=[])

    assert made.version.lines.get().engagement == urgent
    assert not made.proposed
    urgent.refresh_from_db()
    assert urgent.proposed_at == LATER


def test_a_draft_in_place_of_one_who_was_told_leaves_the_session_out_of_the_version(world):
    former = world.propose()
    world.engage(former.letter, world.make_lecturer("孙立"))

    made = world.release(SOON, chosen=[])

    assert not made.version.lines.exists()
