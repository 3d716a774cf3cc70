"""What lecturers answer, and what becomes of silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import ActorChannel
from accounts.models import AuditEntry
from accounts.origin import Actor
from courses.models import Session
from dispatch.actions.letters import confirm_letter
from dispatch.actions.proposals import (
    accept_engagement,
    accept_engagements,
    decline_engagement,
    decline_engagements,
    lapse_engagements,
)
from dispatch.enums import EngagementState
from dispatch.errors import EngagementError
from dispatch.models import Engagement
from dispatch.queries.candidates import blocks_of
from tests.dispatch.world import LATER, PORTAL, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def test_a_lecturer_accepts(world):
    engagement = world.propose()

    world.accept(engagement)

    engagement.refresh_from_db()
    assert engagement.state == EngagementState.ACCEPTED
    assert engagement.answered_by == world.lecturer.user


def test_a_lecturer_who_cannot_come_any_more_does_not_accept(world):
    engagement = world.propose()
    world.go_on_leave()

    with pytest.raises(EngagementError) as refused:
        world.accept(engagement)

    assert refused.value.message == blocks_of(engagement) != ""
    engagement.refresh_from_db()
    assert engagement.state == EngagementState.PROPOSED


@pytest.mark.parametrize("who", ["clerk", "officer"])
def test_nobody_else_answers(world, who):
    engagement = world.propose()

    with pytest.raises(PermissionDenied):
        world.accept(engagement, user=getattr(world, who))


def test_a_lecturer_declines_with_a_reason(world):
    engagement = world.propose()
    kwargs = {"engagement_id": engagement.pk, "by": acting(world.lecturer.user), "at": LATER}

    with pytest.raises(EngagementError):
        decline_engagement(reason=" ", **kwargs)
    decline_engagement(reason="出差", **kwargs)

    engagement.refresh_from_db()
    assert (engagement.state, engagement.reason) == (EngagementState.DECLINED, "出差")


def test_an_answer_is_given_once(world):
    engagement = world.propose()
    kwargs = {"engagement_id": engagement.pk, "by": acting(world.lecturer.user), "at": LATER}
    decline_engagement(reason="出差", **kwargs)

    with pytest.raises(EngagementError):
        accept_engagement(**kwargs)


def test_a_lecturer_of_a_class_who_cannot_come_leaves_it_without_one(world):
    letter = world.confirm()
    engagement = letter.engagements.get()

    decline_engagement(
        engagement_id=engagement.pk, reason="生病", by=acting(world.lecturer.user), at=LATER
    )

    assert letter.training_class.sessions.get().instructor is None


def test_nobody_signed_in_answers_for_a_lecturer_without_an_account_alone(world):
    stranger = Actor(None, ActorChannel.STRANGER)
    engagement = world.propose()
    with pytest.raises(PermissionDenied):
        accept_engagement(engagement_id=engagement.pk, by=stranger, at=LATER)

    world.lecturer.user = None
    world.lecturer.save()
    with pytest.raises(PermissionDenied):
        accept_engagement(engagement_id=engagement.pk, by=PORTAL, at=LATER)
    accept_engagement(engagement_id=engagement.pk, by=stranger, at=LATER)

    engagement.refresh_from_db()
    assert (engagement.state, engagement.answered_by_link) == (EngagementState.ACCEPTED, True)
    assert AuditEntry.objects.get(act="accept_engagement").channel == ActorChannel.STRANGER


def test_silence_lapses_after_its_day(world):
    engagement = world.propose()
    late = engagement.answer_by + timedelta(seconds=1)

    assert lapse_engagements(by=PORTAL, at=engagement.answer_by - timedelta(hours=1)) == 0
    assert lapse_engagements(by=PORTAL, at=late) == 1

    engagement.refresh_from_db()
    assert engagement.state == EngagementState.LAPSED
    with pytest.raises(EngagementError):
        accept_engagement(engagement_id=engagement.pk, by=acting(world.lecturer.user), at=late)


class TestSeveralOfALetter:
    @pytest.fixture
    def rows(self, world) -> list[Engagement]:
        rows = world.propose_evenings()
        return rows

    def test_are_accepted_together(self, world, rows):
        keys = [row.pk for row in rows]

        accept_engagements(engagement_ids=keys, by=acting(world.lecturer.user), at=LATER)

        assert {row.state for row in Engagement.objects.all()} == {EngagementState.ACCEPTED}

    def test_are_declined_singly(self, world, rows):
        given = {"reason": "出差", "by": acting(world.lecturer.user), "at": LATER}

        decline_engagements(engagement_ids=[rows[1].pk], **given)

        states = [row.state for row in Engagement.objects.order_by("number")]
        assert states == [EngagementState.PROPOSED, EngagementState.DECLINED]

    def test_are_all_refused_where_one_cannot_be_answered(self, world, rows):
        by = acting(world.lecturer.user)
        accept_engagement(engagement_id=rows[0].pk, by=by, at=LATER)

        with pytest.raises(EngagementError):
            accept_engagements(engagement_ids=[row.pk for row in rows], by=by, at=LATER)

        rows[1].refresh_from_db()
        assert rows[1].state == EngagementState.PROPOSED

    def test_are_answered_by_their_lecturer_alone(self, world, rows):
        other = world.make_lecturer("孙立")

        with pytest.raises(PermissionDenied):
            accept_engagements(
                engagement_ids=[row.pk for row in rows], by=acting(other.user), at=LATER
            )

    def test_of_a_class_are_declined_with_all_their_sessions(self, world, rows):
        keys = [row.pk for row in rows]
        by = acting(world.lecturer.user)
        accept_engagements(engagement_ids=keys, by=by, at=LATER)
        confirm_letter(letter_id=rows[0].letter_id, by=acting(world.clerk), at=LATER)

        decline_engagements(engagement_ids=keys, reason="出差", by=by, at=LATER)

        assert [session.instructor for session in Session.objects.all()] == [None, None]
