"""Whose turn a dispute is, as its page says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

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
