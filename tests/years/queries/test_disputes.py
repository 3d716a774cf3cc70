"""Whose turn a dispute is: on its page, and on the home pages of those concerned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from accounts.enums import Role
from backstage.tasklist import list_tasks
from config.lib.periods import local_date
from hours.models import Dispute
from tests import factories
from tests.factories import DAY
from tests.hours.actions.test_disputes import EVENING, DisputeWorld
from years.queries.disputes import get_dispute_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> DisputeWorld:
    return DisputeWorld()


def turns(user, dispute, days: int) -> set[str]:
    """What the page offers to `user` so many days after the roll."""
    page = get_dispute_page(user, dispute.pk, local_date(EVENING + timedelta(days=days)))
    names = ("may_answer", "may_decide", "may_appeal", "may_withdraw")
    return {name for name in names if getattr(page, name)}


class TestThePage:
    def test_offers_each_step_to_whose_turn_it_is(self, world):
        dispute = world.dispute()
        everyone = (world.member.user, world.clerk, world.officer)

        def offered(days):
            return [turns(user, dispute, days) for user in everyone]

        assert offered(2) == [{"may_withdraw"}, {"may_answer"}, set()]
        world.answer(dispute, days=3)
        assert offered(4) == [{"may_appeal"}, set(), set()]
        assert offered(34) == [set(), set(), set()]
        world.appeal(dispute, days=5)
        assert offered(6) == [{"may_withdraw"}, set(), {"may_decide"}]
        world.decide(dispute)
        assert offered(7) == [set(), set(), set()]

    def test_shows_the_line_as_it_stands_now_with_the_version_disputed_below(self, world):
        dispute = world.dispute()
        world.correct()

        page = get_dispute_page(world.clerk, dispute.pk, DAY)
        assert (page.line.hours, page.line.earlier[0].assessment_id) == (4, dispute.assessment_id)

    def test_of_missing_hours_has_no_line(self, world):
        page = get_dispute_page(world.clerk, world.missing().pk, DAY)

        assert (page.line, page.dispute.subject) == (None, "支部主题党日")

    def test_is_seen_by_the_member_and_by_the_school_that_answers(self, world):
        dispute = world.dispute()
        stranger = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        for person in (stranger, world.other.user):
            with pytest.raises(Dispute.DoesNotExist):
                get_dispute_page(person, dispute.pk, DAY)


class TestTasks:
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
        label = "Your dispute was answered"
        assert label not in self.labels(world.member.user)
        world.answer(dispute, days=3)

        assert self.labels(world.member.user, 4)[label].url.endswith(f"/disputes/{dispute.pk}/")
        assert label in self.labels(world.member.user, 32)
        assert label not in self.labels(world.member.user, 34)
        assert label not in self.labels(world.other.user, 4)
