"""The desk: schedules, lecturers, and versions of the plan."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User
from backstage.models import Message
from config.lib.periods import local_date
from courses.enums import Preset
from dispatch.actions.desk import (
    ask_school,
    decline_letter,
    engage_lecturer,
    hand_over_letter,
    take_letter,
)
from dispatch.actions.letters import Item, Wished, cancel_letter, confirm_letter
from dispatch.actions.proposals import decline_engagement
from dispatch.enums import EngagementState, LetterStage
from dispatch.errors import BookingError, EngagementError, StaleError
from dispatch.models import BookingLetter, EngagementOverride, PlanVersion
from dispatch.queries.letters import token_of_schedule
from tests import factories
from tests.dispatch.world import LATER, WISHED, BookingWorld
from tests.factories import acting
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


class TestScheduling:
    def test_drafts_an_engagement_for_each_session(self, world):
        other = world.make_course("T-02", "practice")
        letter = world.submit(
            preset=Preset.EVENING, items=[Item(course=world.course), Item(course=other)]
        )

        world.schedule(letter)

        rows = letter.engagements.order_by("number")
        assert [row.course for row in rows] == [world.course, other]
        assert all(row.state == EngagementState.DRAFT and row.venue == world.venue for row in rows)
        letter.refresh_from_db()
        assert letter.stage == LetterStage.SCHEDULED

    def test_a_day_that_was_not_wished_wants_a_reason(self, world):
        letter = world.submit()

        with pytest.raises(BookingError) as refused:
            world.schedule(letter, WISHED + timedelta(days=3), reason="")
        assert refused.value.field == "reason"

        world.schedule(letter, WISHED + timedelta(days=3), reason="讲师只有此日")
        assert letter.engagements.count() == 1

    def test_a_venue_is_booked_once(self, world):
        world.schedule(world.submit())

        with pytest.raises((BookingError, EngagementError)):
            world.schedule(world.submit())

    def test_a_new_schedule_withdraws_the_former_one(self, world):
        engagement = world.propose()

        world.schedule(engagement.letter, WISHED + timedelta(days=7), reason="学校改期")

        engagement.refresh_from_db()
        assert engagement.state == EngagementState.WITHDRAWN
        assert engagement.letter.engagements.live().get().instructor is None

    def test_is_of_the_academic_officer(self, world):
        letter = world.submit()
        world.officer = world.clerk

        with pytest.raises(PermissionDenied):
            world.schedule(letter)


class TestEngaging:
    def test_puts_the_lecturer_into_the_draft(self, world):
        letter = world.submit()
        world.schedule(letter)

        engagement = world.engage(letter)

        assert engagement.instructor == world.lecturer
        assert engagement.state == EngagementState.DRAFT

    def test_a_lecturer_who_teaches_elsewhere_is_refused(self, world):
        letter = world.submit()
        world.schedule(letter)
        elsewhere = factories.make_class(factories.make_school("120111005", "津门湖街道"))
        starts_at = letter.engagements.get().starts_at
        factories.make_session(elsewhere, starts_at=starts_at, instructor=world.lecturer)

        with pytest.raises(EngagementError) as refused:
            world.engage(letter)

        assert refused.value.field == "instructor"

    def test_a_warning_is_overridden_with_a_reason_that_is_kept(self, world):
        world.course.instructors.add(world.make_lecturer("孙立"))
        letter = world.submit()
        world.schedule(letter)
        kwargs = {"letter_id": letter.pk, "number": 1, "instructor_id": world.lecturer.pk}
        kwargs |= {"by": acting(world.officer), "at": LATER}

        with pytest.raises(EngagementError) as refused:
            engage_lecturer(**kwargs)
        assert refused.value.field == "reason"

        engage_lecturer(reason="曾两次讲过此课", **kwargs)
        kept = EngagementOverride.objects.get()
        assert (kept.reason, kept.instructor) == ("曾两次讲过此课", world.lecturer)

    def test_another_lecturer_in_place_of_one_who_declined(self, world):
        engagement = world.propose()
        decline_engagement(
            engagement_id=engagement.pk,
            reason="出差",
            by=acting(world.lecturer.user),
            at=LATER,
        )
        other = world.make_lecturer("孙立")

        made = world.engage(engagement.letter, other)

        assert made.pk != engagement.pk
        assert (made.instructor, made.state) == (other, EngagementState.DRAFT)

    def test_an_urgent_one_is_proposed_at_once_and_no_other_draft_with_it(self, world):
        other = world.submit(dates=[Wished(WISHED + timedelta(days=7))])
        world.schedule(other, WISHED + timedelta(days=7))
        waiting = world.engage(other, world.make_lecturer("孙立"))
        letter = world.submit()
        world.schedule(letter)

        made = world.engage(letter, is_urgent=True)

        for row in (made, waiting):
            row.refresh_from_db()
        assert (made.state, made.proposed_at) == (EngagementState.PROPOSED, LATER)
        assert waiting.state == EngagementState.DRAFT
        assert [entry.act for entry in AuditEntry.objects.about(made)][:1] == ["propose_engagement"]
        assert not PlanVersion.objects.exists()

    def test_in_place_of_one_who_accepted_the_class_has_none_until_the_new_one_accepts(self, world):
        letter = world.confirm()
        other = world.make_lecturer("孙立")

        made = world.engage(letter, other)

        session = letter.training_class.sessions.get()
        assert session.instructor is None
        world.release(LATER + timedelta(hours=1))
        world.accept(made, user=other.user)
        session.refresh_from_db()
        assert session.instructor == other


def test_a_letter_is_declined_with_a_reason(world):
    letter = world.submit()

    with pytest.raises(BookingError):
        decline_letter(letter_id=letter.pk, reason=" ", by=acting(world.officer), at=LATER)
    decline_letter(letter_id=letter.pk, reason="本月已满", by=acting(world.officer), at=LATER)

    letter.refresh_from_db()
    assert letter.stage == LetterStage.DECLINED


def test_a_draft_is_the_schools_own(world):
    letter = world.write()

    with pytest.raises(BookingError):
        take_letter(letter_id=letter.pk, by=acting(world.officer), at=LATER)


def test_an_officer_takes_a_letter_over(world):
    letter = world.submit()

    take_letter(letter_id=letter.pk, by=acting(world.officer), at=LATER)

    letter.refresh_from_db()
    assert letter.owner == world.officer


class TestOneLecturerForSeveralSessions:
    def test_stands_in_the_draft_of_each(self, world):
        letter = world.submit_evenings()

        world.engage_all(letter)

        assert {row.instructor for row in letter.engagements.all()} == {world.lecturer}

    def test_is_chosen_for_the_named_ones_only(self, world):
        letter = world.submit_evenings()

        world.engage_all(letter, numbers=[2])

        lecturers = [row.instructor for row in letter.engagements.order_by("number")]
        assert lecturers == [None, world.lecturer]

    def test_is_refused_for_all_where_one_is_blocked(self, world):
        letter = world.submit_evenings()
        last = letter.engagements.order_by("number").last()
        world.go_on_leave(local_date(last.starts_at))

        with refused(EngagementError):
            world.engage_all(letter)

        assert not letter.engagements.filter(instructor__isnull=False).exists()

    def test_a_warning_is_kept_with_each_session(self, world):
        world.course.instructors.add(world.make_lecturer("周静"))
        letter = world.submit_evenings()

        with refused(EngagementError):
            world.engage_all(letter, reason="")
        world.engage_all(letter)

        assert EngagementOverride.objects.count() == 2

    def test_replaces_those_who_were_asked_and_tells_them_once(self, world):
        rows = world.propose_evenings()
        letter = rows[0].letter

        world.engage_all(letter, world.make_lecturer("孙立"), is_urgent=True)

        states = [row.state for row in letter.engagements.live()]
        assert states == [EngagementState.PROPOSED] * 2
        told = Message.objects.filter(recipient=world.lecturer.user, kind="engagement_withdrawn")
        assert told.count() == 1

    def test_is_not_chosen_over_a_colleague_who_did_meanwhile(self, world):
        letter = world.submit_evenings()
        seen = token_of_schedule(letter)
        world.engage(letter, world.make_lecturer("孙立"))

        with refused(StaleError):
            world.engage_all(letter, seen=seen)


class TestWhoWorksOnALetter:
    @pytest.fixture
    def letter(self, world) -> BookingLetter:
        return world.submit()

    @pytest.fixture
    def colleague(self) -> User:
        user = factories.make_user(display_name="万鸿林")
        factories.grant(user, "district_school")
        return user

    @pytest.mark.parametrize("deed", ["ask", "schedule", "engage"])
    def test_does_who_works_on_one_that_is_nobodys(self, world, letter, deed):
        if deed == "ask":
            ask_school(letter_id=letter.pk, question="何时？", by=acting(world.officer), at=LATER)
        else:
            world.schedule(letter)
        if deed == "engage":
            BookingLetter.objects.update(owner=None)
            world.engage(letter)

        letter.refresh_from_db()
        assert letter.owner == world.officer

    def test_stays_who_does_when_a_colleague_helps(self, world, letter, colleague):
        take_letter(letter_id=letter.pk, by=acting(colleague), at=LATER)

        world.schedule(letter)

        letter.refresh_from_db()
        assert letter.owner == colleague

    def test_is_not_taken_from_a_colleague_by_the_way(self, world, letter, colleague):
        take_letter(letter_id=letter.pk, by=acting(colleague), at=LATER)

        with pytest.raises(StaleError, match="万鸿林"):
            take_letter(letter_id=letter.pk, by=acting(world.officer), at=LATER)

    def test_is_handed_over_and_both_are_told(self, world, letter, colleague):
        take_letter(letter_id=letter.pk, by=acting(world.officer), at=LATER)
        given = {"to_id": colleague.pk, "seen_owner": str(world.officer.pk)}

        hand_over_letter(letter_id=letter.pk, **given, by=acting(world.officer), at=LATER)

        letter.refresh_from_db()
        assert letter.owner == colleague
        told = Message.objects.filter(kind="letter_handed_over")
        assert [row.recipient for row in told] == [colleague]

    def test_a_colleague_from_whom_it_is_taken_is_told(self, world, letter, colleague):
        take_letter(letter_id=letter.pk, by=acting(colleague), at=LATER)
        given = {"to_id": world.officer.pk, "seen_owner": str(colleague.pk)}

        hand_over_letter(letter_id=letter.pk, **given, by=acting(world.officer), at=LATER)

        told = Message.objects.filter(kind="letter_handed_over")
        assert [row.recipient for row in told] == [colleague]

    def test_is_handed_over_only_as_the_page_saw_it(self, world, letter, colleague):
        take_letter(letter_id=letter.pk, by=acting(colleague), at=LATER)

        with pytest.raises(StaleError, match="万鸿林"):
            hand_over_letter(
                letter_id=letter.pk,
                to_id=world.officer.pk,
                seen_owner="",
                by=acting(world.officer),
                at=LATER,
            )

    def test_only_dispatches(self, world, letter):
        given = {"to_id": world.clerk.pk, "seen_owner": ""}

        with pytest.raises(BookingError):
            hand_over_letter(letter_id=letter.pk, **given, by=acting(world.officer), at=LATER)


def test_acts_that_lock_several_sessions_do_so_by_key(world):
    """In one order, since two such acts that lock the same sessions would else wait forever."""
    items = [Item(course=world.course), Item(course=world.make_course("T-02", "practice"))]
    letter = world.submit(preset=Preset.EVENING, items=items)
    with CaptureQueriesContext(connection) as captured:
        world.schedule(letter)
        world.schedule(letter)
        world.engage(letter)
        world.release()
        with refused(BookingError):
            confirm_letter(letter_id=letter.pk, by=acting(world.clerk), at=LATER)
        cancel_letter(letter_id=letter.pk, reason="改期", by=acting(world.clerk), at=LATER)

    locks = [
        query["sql"]
        for query in captured
        if 'FOR UPDATE OF "dispatch_engagement"' in query["sql"]
        or 'FOR NO KEY UPDATE OF "dispatch_engagement"' in query["sql"]
    ]
    of_several = [sql for sql in locks if " LIMIT 1 " not in sql]
    assert len(of_several) >= 5
    for sql in of_several:
        assert 'ORDER BY "dispatch_engagement"."id" ASC' in sql
