"""What home says of a member's leader hours, and whose turn a dispute is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone, translation

from accounts.enums import Role
from backstage.tasklist import list_tasks
from config.lib.periods import period, today
from tests import factories
from tests.evidence import study
from tests.factories import ClassWorld
from tests.hours.actions.test_disputes import EVENING, DisputeWorld

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def labels(user) -> list[str]:
    return [task.label for task in list_tasks(user, timezone.now())]


class TestOwnHours:
    @pytest.fixture
    def world(self):
        return ClassWorld(size=3)

    @pytest.fixture
    def leader(self, world):
        leader = factories.make_leader(world.organisation)
        leader.user = factories.make_user()
        leader.save()
        return leader

    def test_who_is_a_new_secretary_is_told_of_the_training_and_its_last_day(self, leader):
        assert "Attend a concentrated training" not in labels(leader.user)
        leader.posts.update(period=period(today()))

        (task,) = [task for task in list_tasks(leader.user, timezone.now()) if task.due]
        assert task.label == "Attend a concentrated training"
        assert task.detail == "newly appointed secretaries"
        assert "to be attended by" in task.due

    def test_who_has_the_hours_is_told_that_a_training_is_missing(self, world, leader):
        for day in range(1, 8):
            study(
                world.organisation,
                leader,
                on=date(today().year, 1, day),
                school=world.school,
                minutes=480,
            )

        assert "Attend a concentrated training this year" in labels(leader.user)


class TestDisputes:
    @pytest.fixture
    def world(self) -> DisputeWorld:
        return DisputeWorld()

    def labels(self, user, days=2):
        # Another day, another request: the roles of the account are read anew.
        user = type(user).objects.get(pk=user.pk)
        return {task.label: task for task in list_tasks(user, EVENING + timedelta(days=days))}

    def test_a_clerk_answers_and_is_late_after_seven_days(self, world):
        world.dispute(days=1)

        task = self.labels(world.clerk)["Answer 1 dispute"]
        assert (task.due, task.late) == ("since Thu 21 May 2026", False)
        assert task.url.endswith("/disputes/?stage=open")
        assert not self.labels(world.clerk, 8)["Answer 1 dispute"].late
        assert self.labels(world.clerk, 9)["Answer 1 dispute"].late

    def test_a_clerk_who_is_the_member_does_not(self, world):
        world.dispute()
        factories.grant(world.member.user, Role.SCHOOL_CLERK, world.school)

        assert not [label for label in self.labels(world.member.user) if "Answer" in label]

    def test_the_organisation_department_decides(self, world):
        dispute = world.dispute()
        world.answer(dispute)
        assert not [label for label in self.labels(world.officer, 4) if "appeal" in label]
        world.appeal(dispute, days=4)

        task = self.labels(world.officer, 5)["Decide 1 appeal"]
        assert (task.due, task.url.endswith("?stage=appealed")) == ("since Sun 24 May 2026", True)
        assert "Answer 1 dispute" not in self.labels(world.clerk, 5)

    def test_the_member_is_told_for_thirty_days(self, world):
        dispute = world.dispute()
        told = "Your dispute was answered"
        assert told not in self.labels(world.member.user)
        world.answer(dispute, days=3)

        assert self.labels(world.member.user, 4)[told].url.endswith(f"/disputes/{dispute.pk}/")
        assert told in self.labels(world.member.user, 32)
        assert told not in self.labels(world.member.user, 34)
        assert told not in self.labels(world.other.user, 4)
