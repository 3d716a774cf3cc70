"""Who is told of what: the other side of a letter, and only the lecturers concerned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from backstage.models import Message
from backstage.notices import describe_message
from config.lib.dates import format_moment
from courses.enums import Preset
from courses.records import save_session
from dispatch.actions.desk import ask_school, decline_letter
from dispatch.actions.letters import (
    Item,
    Wished,
    answer_inquiry,
    cancel_letter,
    confirm_letter,
)
from dispatch.actions.proposals import (
    accept_engagements,
    decline_engagement,
    decline_engagements,
)
from dispatch.models import BookingLetter, Engagement
from tests import factories
from tests.dispatch.world import LATER, WISHED, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def told(user) -> list[str]:
    """The kinds of what a person was told, in order; of steps, the stage."""
    rows = Message.objects.filter(recipient=user).order_by("pk")
    return [row.facts.get("stage", row.kind) for row in rows]


def test_a_letter_tells_the_other_side_each_time(world):
    letter = world.submit()
    ask_school(letter_id=letter.pk, question="下午可以吗？", by=acting(world.officer), at=LATER)
    decline_letter(letter_id=letter.pk, reason="本月已满", by=acting(world.officer), at=LATER)

    assert told(world.officer) == ["submitted"]
    assert told(world.clerk) == ["inquiry", "declined"]


def test_a_school_hears_of_each_schedule_and_when_to_agree(world):
    engagement = world.propose()
    assert told(world.clerk) == ["scheduled"]
    world.schedule(engagement.letter, WISHED + timedelta(days=7), reason="讲师出差")
    assert told(world.clerk) == ["scheduled", "scheduled"]

    again = world.engage(engagement.letter)
    world.release(LATER + timedelta(hours=3))
    world.accept(again)

    assert told(world.clerk) == ["scheduled", "scheduled", "schedule_accepted"]


def test_a_school_waits_until_the_last_lecturer_accepted(world):
    letter = world.submit(preset=Preset.EVENING, items=[Item(course=world.course)] * 2)
    world.schedule(letter)
    rows = [world.engage(letter, number=row.number) for row in letter.engagements.all()]
    world.release()

    for row in rows:
        assert "schedule_accepted" not in told(world.clerk)
        world.accept(row)

    assert told(world.clerk)[-1] == "schedule_accepted"


def test_a_school_hears_that_its_class_loses_its_lecturer_and_gets_another(world):
    letter = world.confirm()
    before = told(world.clerk)
    lost, other = letter.engagements.get(), world.make_lecturer("孙立")
    user = world.lecturer.user

    decline_engagement(engagement_id=lost.pk, reason="出差", by=acting(user), at=LATER)
    found = world.engage(letter, other)
    world.release(LATER + timedelta(hours=3))
    world.accept(found, user=other.user)

    assert told(world.clerk)[len(before) :] == ["lecturer_changed"] * 2
    rows = Message.objects.filter(kind="lecturer_changed").order_by("pk")
    gap, name = (describe_message(row) for row in rows)
    assert gap.text == world.course.title, "why they declined is for the desk"
    assert "孙立" in name.title


def test_a_school_hears_that_the_desk_replaces_the_lecturer_of_its_class(world):
    letter = world.confirm()
    before = told(world.clerk)

    world.engage(letter, world.make_lecturer("孙立"))

    assert told(world.clerk)[len(before) :] == ["lecturer_changed"]


def test_a_draft_that_is_dropped_tells_nobody(world):
    letter = world.write()

    cancel_letter(letter_id=letter.pk, reason="重写", by=acting(world.clerk), at=LATER)

    assert not Message.objects.exists()


def test_a_lecturer_hears_nothing_before_the_release(world):
    letter = world.submit()
    world.schedule(letter)
    world.engage(letter)
    assert told(world.lecturer.user) == []

    world.release()

    assert told(world.lecturer.user) == ["engagement_proposed"]


class TestAProposalThatIsAnswered:
    """Its message counts as read once all that it asks about is answered."""

    def unread(self, world) -> int:
        return Message.objects.filter(recipient=world.lecturer.user).unread().count()

    def test_accepted_or_declined(self, world):
        first, second = world.propose_evenings()
        assert self.unread(world) == 1

        world.accept(first)
        assert self.unread(world) == 1
        decline_engagement(
            engagement_id=second.pk, reason="出差", by=acting(world.lecturer.user), at=LATER
        )

        assert self.unread(world) == 0

    def test_others_stay_unread(self, world):
        engagement = world.propose()
        other, later = world.submit(title="另一封"), WISHED + timedelta(days=1)
        world.schedule(other, later)
        world.propose(other)
        assert self.unread(world) == 2

        world.accept(engagement)

        assert self.unread(world) == 1


def test_a_release_tells_only_those_whom_it_concerns(world):
    world.propose()
    other = world.make_lecturer("孙立")
    letter = world.submit(dates=[Wished(WISHED + timedelta(days=7))])
    world.schedule(letter, WISHED + timedelta(days=7))
    world.engage(letter, other)

    world.release(LATER + timedelta(hours=3))

    assert told(world.lecturer.user) == told(other.user) == ["engagement_proposed"]


def test_a_substitution_tells_both_lecturers_and_nobody_else(world):
    engagement = world.propose()
    bystander, other = world.make_lecturer("周静"), world.make_lecturer("孙立")
    world.engage(engagement.letter, other)
    world.release(LATER + timedelta(hours=3))

    assert told(world.lecturer.user) == ["engagement_proposed", "engagement_withdrawn"]
    assert told(other.user) == ["engagement_proposed"]
    assert told(bystander.user) == []


def test_the_desk_hears_of_a_session_without_a_lecturer(world):
    engagement = world.propose()

    decline_engagement(
        engagement_id=engagement.pk, reason="出差", by=acting(world.lecturer.user), at=LATER
    )

    assert told(world.officer) == ["submitted", "session_untaught"]


class TestSeveralSessionsOfOneLetter:
    """One act tells a lecturer once for each letter."""

    def test_are_proposed_in_one_message(self, world):
        rows = world.propose_evenings()

        [message] = Message.objects.filter(kind="engagement_proposed")
        assert message.recipient == world.lecturer.user
        with translation.override("en"):
            said = describe_message(message)
        assert "2 sessions" in said.title
        for row in rows:
            assert said.text.count(row.course.title) == 2
            with translation.override("en"):
                assert format_moment(row.starts_at) in said.text

    def test_are_called_off_in_one_message(self, world):
        rows = world.propose_evenings()

        cancel_letter(letter_id=rows[0].letter_id, reason="改期", by=acting(world.clerk), at=LATER)

        [message] = Message.objects.filter(kind="engagement_withdrawn")
        with translation.override("en"):
            assert "2 sessions" in describe_message(message).title

    def test_are_called_off_with_their_class_in_one_message(self, world):
        rows = world.propose_evenings()
        keys, by = [row.pk for row in rows], acting(world.lecturer.user)
        accept_engagements(engagement_ids=keys, by=by, at=LATER)
        letter = confirm_letter(letter_id=rows[0].letter_id, by=acting(world.clerk), at=LATER)

        cancel_letter(letter_id=letter.pk, reason="改期", by=acting(world.clerk), at=LATER)

        assert Message.objects.filter(kind="engagement_withdrawn").count() == 1

    def test_are_missed_at_the_desk_in_one_message(self, world):
        rows = world.propose_evenings()
        keys, by = [row.pk for row in rows], acting(world.lecturer.user)

        decline_engagements(engagement_ids=keys, reason="出差", by=by, at=LATER)

        [message] = Message.objects.filter(kind="session_untaught")
        assert message.recipient == world.officer
        with translation.override("en"):
            assert "2 sessions" in describe_message(message).title

    def test_make_one_message_for_each_lecturer(self, world):
        letter = world.submit_evenings()
        for number, lecturer in enumerate([world.lecturer, world.make_lecturer("孙立")], start=1):
            world.engage(letter, lecturer, number=number)

        world.release()

        assert Message.objects.filter(kind="engagement_proposed").count() == 2


class TestWithoutAnAccount:
    """Who has no account reads no message, so the desk is asked to tell them."""

    def test_the_desk_hears_of_a_proposal_that_a_school_made_by_a_substitution(self, world):
        session = world.confirm().training_class.sessions.get()
        other = world.make_lecturer("孙立")
        other.user = None
        other.save()

        session.instructor = other
        save_session(obj=session, by=acting(world.clerk), at=LATER, fields=["instructor"])

        message = Message.objects.get(kind="proposal_by_link")
        assert message.recipient == world.officer
        assert "孙立" in describe_message(message).title

    def test_of_one_who_has_an_account_the_desk_hears_nothing(self, world):
        session = world.confirm().training_class.sessions.get()

        session.instructor = world.make_lecturer("孙立")
        save_session(obj=session, by=acting(world.clerk), at=LATER, fields=["instructor"])

        assert "proposal_by_link" not in told(world.officer)


class TestSchoolsThatJoin:
    @pytest.fixture
    def guest(self):
        return factories.make_school("120111101", "津门湖街道")

    @pytest.fixture
    def clerk(self, guest):
        return factories.make_clerk(guest)

    def test_hear_whose_class_it_is_what_is_taught_and_when(self, world, guest, clerk):
        world.submit(joint_schools=[guest])

        with translation.override("en"):
            words = describe_message(Message.objects.get(recipient=clerk))

        assert words.title.startswith("杨柳青镇党校 books a joint class with your school")
        assert world.course.title in words.text
        assert "2 Jun 2026" in words.text

    @pytest.mark.parametrize(
        ("changes", "is_told"),
        [({"dates": [Wished(WISHED + timedelta(days=7))]}, True), ({"headcount": 50}, False)],
    )
    def test_hear_what_changes_for_them_with_an_answer(self, world, guest, clerk, changes, is_told):
        letter = world.submit(joint_schools=[guest])
        ask_school(letter_id=letter.pk, question="几号？", by=acting(world.officer), at=LATER)

        answer_inquiry(
            letter_id=letter.pk,
            answer="改期。",
            content=world.content(joint_schools=[guest], **changes),
            by=acting(world.clerk),
            at=LATER,
        )

        assert told(clerk) == ["joint_letter"] * (2 if is_told else 1)

    def test_hear_that_they_do_not_join_any_more(self, world, guest, clerk):
        letter = world.submit(joint_schools=[guest])
        ask_school(letter_id=letter.pk, question="坐得下吗？", by=acting(world.officer), at=LATER)

        answer_inquiry(
            letter_id=letter.pk,
            answer="自己办。",
            content=world.content(),
            by=acting(world.clerk),
            at=LATER,
        )

        with translation.override("en"):
            words = describe_message(Message.objects.filter(recipient=clerk).latest("pk"))
        assert words.title == ("杨柳青镇党校 holds its class without your school: 六月基层治理课")

    def test_hear_that_it_comes_to_nothing(self, world, guest, clerk):
        letter = world.submit(joint_schools=[guest])

        decline_letter(letter_id=letter.pk, reason="本月已满", by=acting(world.officer), at=LATER)

        assert told(clerk) == ["joint_letter", "declined"]

    def test_hear_days_and_courses_of_the_class(self, world, guest, clerk):
        world.propose(world.submit(joint_schools=[guest]))
        world.accept(Engagement.objects.get())

        confirm_letter(letter_id=BookingLetter.objects.get().pk, by=acting(world.clerk), at=LATER)

        with translation.override("en"):
            words = describe_message(Message.objects.get(recipient=clerk, kind="joint_class"))
        assert "杨柳青镇党校" in words.title
        assert world.course.title in words.text
        assert "2 Jun 2026" in words.text

    def test_of_a_letter_of_one_school_hear_nothing(self, world, clerk):
        world.submit()

        assert told(clerk) == []


def test_who_is_asked_again_reads_from_when_the_session_was_moved(world):
    letter = world.confirm()
    session = letter.training_class.sessions.get()
    before, later = session.starts_at, timedelta(days=1)
    session.starts_at, session.ends_at = before + later, session.ends_at + later

    save_session(obj=session, by=acting(world.clerk), at=LATER, fields=["starts_at", "ends_at"])

    asked = Message.objects.filter(recipient=world.lecturer.user, kind="engagement_proposed")
    with translation.override("en"):
        first, again = (describe_message(row).text for row in asked.order_by("pk"))
        assert f"Moved from {format_moment(before)}." in again
        assert "Moved" not in first
