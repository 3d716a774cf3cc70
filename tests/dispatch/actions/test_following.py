"""Class and engagement never disagree, whichever side changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.records import RecordError
from classes.actions.calling_off import call_off_class
from courses.models import Session
from courses.records import save_session
from dispatch.enums import EngagementState, LetterStage
from dispatch.models import Engagement
from tests import factories
from tests.dispatch.world import LATER, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def save(world: BookingWorld, session: Session, **facts: object) -> None:
    for name, value in facts.items():
        setattr(session, name, value)
    save_session(obj=session, by=acting(world.clerk), at=LATER, fields=list(facts))


def test_a_session_that_moves_takes_its_engagement_along_and_asks_again(world):
    letter = world.confirm()
    session = letter.training_class.sessions.get()
    later = timedelta(days=1)

    save(world, session, starts_at=session.starts_at + later, ends_at=session.ends_at + later)

    engagement = letter.engagements.live().get()
    assert (engagement.starts_at, engagement.ends_at) == (session.starts_at, session.ends_at)
    assert engagement.state == EngagementState.PROPOSED


def test_another_place_asks_nobody_again(world):
    letter = world.confirm()
    other = world.make_venue("三楼教室")

    save(world, letter.training_class.sessions.get(), venue=other)

    engagement = letter.engagements.live().get()
    assert engagement.venue == other
    assert engagement.state == EngagementState.ACCEPTED


def test_another_lecturer_on_the_page_of_the_class_gets_a_proposal(world):
    letter = world.confirm()
    other = world.make_lecturer("孙立")

    save(world, letter.training_class.sessions.get(), instructor=other)

    former, made = letter.engagements.order_by("pk")
    assert former.state == EngagementState.WITHDRAWN
    assert (made.instructor, made.state) == (other, EngagementState.PROPOSED)


def test_without_a_lecturer_the_engagement_is_withdrawn(world):
    letter = world.confirm()

    save(world, letter.training_class.sessions.get(), instructor=None)

    assert not letter.engagements.live().exists()


def test_a_class_that_is_called_off_frees_its_lecturers_and_ends_the_letter(world):
    letter = world.confirm()

    call_off_class(
        training_class_id=letter.training_class_id,
        reason="防汛",
        by=acting(world.clerk),
        at=LATER,
    )

    letter.refresh_from_db()
    assert letter.stage == LetterStage.CANCELLED
    assert letter.engagements.get().state == EngagementState.WITHDRAWN


@pytest.mark.parametrize("what", ["instructor", "venue"])
def test_what_is_engaged_for_a_letter_is_in_no_other_class(world, what):
    engagement = world.propose()
    session = factories.make_session(
        factories.make_class(world.school), starts_at=engagement.starts_at + timedelta(days=30)
    )
    facts = {"instructor": world.lecturer} if what == "instructor" else {"venue": world.venue}
    moved = {"starts_at": engagement.starts_at, "ends_at": engagement.ends_at}

    with pytest.raises(RecordError) as refused:
        save(world, session, **facts | moved)

    assert refused.value.field == what
    assert engagement.letter.number in refused.value.message


def test_a_live_engagement_says_what_its_session_says(world):
    letter = world.confirm()
    session = letter.training_class.sessions.get()
    other = world.make_lecturer("孙立")
    save(world, session, instructor=other)
    save(world, session, starts_at=session.starts_at - timedelta(hours=1))
    save(world, session, venue=world.make_venue("三楼教室"))

    for engagement in Engagement.objects.live():
        same = ("instructor_id", "venue_id", "course_id", "starts_at", "ends_at", "hours")
        session = Session.objects.get(pk=engagement.session_id)
        assert [getattr(engagement, n) for n in same] == [getattr(session, n) for n in same]
