"""Members are told what was answered to their dispute, and what was decided on their appeal."""

import pytest
from django.urls import reverse

from tests.browsers import browser_of
from tests.hours.actions.test_disputes import DisputeWorld
from tests.told import addresses, told

pytestmark = pytest.mark.django_db


def test_the_member_is_told_of_answer_and_decision_and_reads_why_on_the_page():
    world = DisputeWorld()
    dispute = world.dispute()
    assert told(world.member.user) == []
    world.answer(dispute, text="点名册如此")
    world.appeal(dispute)
    world.decide(dispute)

    titles = [title for title, _text in told(world.member.user)]
    assert [title.split(" about ")[0] for title in titles] == ["Your dispute", "Your appeal"]
    assert all(title.endswith(": stays as it is") for title in titles)
    [page, _same] = addresses(world.member.user)
    assert page == reverse("years:dispute", args=[dispute.pk])
    assert "点名册如此" in browser_of(world.member.user).get(page).text
    assert told(world.clerk) == told(world.officer) == told(world.other.user) == []
