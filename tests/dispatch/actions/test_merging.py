"""A school merges: its letters go on at the other, with engagements, and keep their history."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from accounts.models import AuditEntry
from dispatch.actions.letters import cancel_letter, confirm_letter
from dispatch.enums import EngagementState, LetterStage
from dispatch.models import BookingLetter, Engagement
from schools.actions.schools import merge_schools
from tests import factories
from tests.dispatch.world import LATER, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> BookingWorld:
    world = BookingWorld()
    factories.make_organisation(world.school)
    world.remaining = factories.make_school("120111005", "津门湖街道")
    world.remaining_clerk = factories.make_clerk(world.remaining)
    return world


def merge(school, into):
    return merge_schools(
        school_id=school.pk, into_id=into.pk, on=date(2026, 5, 6),
        by=acting(factories.make_department_officer()), at=LATER,
    )  # fmt: skip


class TestLetters:
    def test_each_that_is_not_finished_passes_and_the_others_stay(self, world):
        finished = {LetterStage.EVALUATED, LetterStage.DECLINED, LetterStage.CANCELLED}
        classes = {LetterStage.CONFIRMED, LetterStage.TAUGHT, LetterStage.EVALUATED}
        letters = {
            stage: factories.make_booking_letter(
                world.school, stage=stage,
                training_class=factories.make_class(world.school) if stage in classes else None,
            )
            for stage in LetterStage
        }  # fmt: skip

        merged = merge(world.school, world.remaining)

        for stage, letter in letters.items():
            letter.refresh_from_db()
            owner = world.school if stage in finished else world.remaining
            assert letter.school == owner, stage
        (told,) = [text for text in merged.consequences if "Booking letters" in text]
        assert told.endswith(": 7.")
        entries = AuditEntry.objects.filter(
            act="change_record", object_type="dispatch.bookingletter"
        )
        assert entries.count() == 7
        assert entries.first().after == {"school_id": world.remaining.pk}

    def test_number_and_steps_are_its_history(self, world):
        letter = world.submit()
        steps = list(letter.steps.values_list("pk", "stage"))

        merge(world.school, world.remaining)

        after = BookingLetter.objects.get()
        assert (after.number, list(after.steps.values_list("pk", "stage"))) == (
            letter.number,
            steps,
        )

    def test_a_live_engagement_goes_on_and_the_other_school_agrees(self, world):
        engagement = world.propose()
        merge(world.school, world.remaining)
        world.accept(engagement)

        letter = confirm_letter(
            letter_id=engagement.letter_id, by=acting(world.remaining_clerk), at=LATER
        )

        assert letter.training_class.school == world.remaining
        session = letter.training_class.sessions.get()
        assert (session.venue, session.engagements.get()) == (world.venue, engagement)

    def test_a_class_and_its_letter_pass_together_and_are_cancelled_there(self, world):
        letter = world.confirm()
        merge(world.school, world.remaining)

        letter.refresh_from_db()
        assert letter.school == letter.training_class.school == world.remaining
        cancel_letter(
            letter_id=letter.pk, reason="合并后不再开班", by=acting(world.remaining_clerk), at=LATER
        )

        assert Engagement.objects.get().state == EngagementState.WITHDRAWN
        assert letter.training_class.sessions.get().is_called_off

    def test_without_letters_nothing_is_said(self, world):
        merged = merge(world.school, world.remaining)

        assert not [text for text in merged.consequences if "Booking" in text]


class TestJoint:
    def joining(self, letter):
        return [row.school for row in letter.joint_schools.all()]

    def test_the_other_school_joins_in_its_place(self, world):
        third = factories.make_school("120111006", "王稳庄镇")
        letter = world.submit(joint_schools=[third])

        merged = merge(third, world.remaining)

        assert self.joining(letter) == [world.remaining]
        assert "joins instead: 1." in " ".join(merged.consequences)
        entry = AuditEntry.objects.get(act="change_record", object_type="dispatch.bookingletter")
        assert entry.before == {"joint_schools": [third.name]}

    def test_no_school_joins_twice_or_its_own(self, world):
        third = factories.make_school("120111006", "王稳庄镇")
        both = world.submit(joint_schools=[third, world.remaining])
        own = factories.make_booking_letter(world.remaining)
        own.joint_schools.create(school=third)

        merge(third, world.remaining)

        assert (self.joining(both), self.joining(own)) == ([world.remaining], [])

    def test_a_letter_that_passes_to_a_school_that_joins_is_its_own(self, world):
        letter = world.submit(joint_schools=[world.remaining])

        merge(world.school, world.remaining)

        assert self.joining(letter) == []

    def test_a_finished_letter_keeps_who_joined(self, world):
        third = factories.make_school("120111006", "王稳庄镇")
        letter = factories.make_booking_letter(world.school, stage=LetterStage.DECLINED)
        letter.joint_schools.create(school=third)

        merge(third, world.remaining)

        assert self.joining(letter) == [third]
