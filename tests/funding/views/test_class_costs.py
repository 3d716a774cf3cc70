"""Pages of what classes cost: those without money, one class, asking, settling, and its part."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from config.lib.pages import address_of
from courses.models import TrainingClass
from funding.models import Commitment
from funding.queries.class_money import list_classes_without_money
from schools.models import School
from tests import factories
from tests.admin_pages import signed_in
from tests.factories import DAY
from tests.funding.class_world import CostWorld
from tests.funding.views.test_funds import act, address, text_of
from tests.funding.world import DUES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asked_at_noon")]


@pytest.fixture
def world() -> CostWorld:
    made = CostWorld(amount=800)
    made.plan()
    return made


def test_the_clerk_finds_the_class_its_costs_and_why_there_is_no_money(world):
    page = address("class_costs", world.training_class.pk)
    assert page in text_of(signed_in(world.clerk).get(reverse("funding:classes")))

    text = text_of(signed_in(world.clerk).get(page))

    assert "尚未落实资金" in text
    assert "可用金额仅 0.00 元" in text
    assert address("ask_for_class", world.training_class.pk) in text


def test_the_page_of_the_class_says_so_too(world):
    page = address_of("training_class", world.training_class.pk)

    text = text_of(signed_in(world.clerk).get(page))

    assert "可用金额仅 0.00 元" in text
    assert address("class_costs", world.training_class.pk) in text


def test_the_clerk_asks_for_all_in_one_act(world):
    world.allocate(200)
    page = address("ask_for_class", world.training_class.pk)
    looked, done = act(world.clerk, page, costs="meals-0-2026", channel="")

    assert "200.00" in text_of(looked)
    assert done.status_code == 302
    assert Commitment.objects.filter(use="meals").count() == 1


def test_without_money_the_clerk_reads_how_much_is_there(world):
    page = address("ask_for_class", world.training_class.pk)
    looked, _done = act(world.clerk, page, costs="meals-0-2026", channel="")

    assert looked.status_code == 422
    assert "可用金额仅 0.00 元" in text_of(looked)


def test_the_approver_settles_and_sees_the_difference(world):
    world.allocate(200)
    world.ask("meals")
    world.approve_all()
    world.take_rolls()
    page = address("settle_class", world.training_class.pk)

    assert "-180.00" in text_of(signed_in(world.approver).get(page))
    costs = text_of(signed_in(world.approver).get(address("class_costs", world.training_class.pk)))
    assert page in costs
    _looked, done = act(world.approver, page)
    assert done.status_code == 302
    assert world.holds()["available"] == 180


def test_a_role_for_one_channel_sees_costs_of_that_channel(world):
    world.allocate(300, channel="dues", decision="部务会")
    world.ask("meals", channel="dues")
    user = world.person(Role.CUSTODIAN, channel=DUES)

    text = text_of(signed_in(user).get(address("class_costs", world.training_class.pk)))

    assert "伙食费" in text
    assert world.lecturer.name not in text


def test_a_class_without_costs_says_so(world):
    other = factories.make_class(world.school)
    text = text_of(signed_in(world.clerk).get(address("class_costs", other.pk)))

    assert "没有产生费用" in text


def test_many_classes_take_as_many_statements_as_one(world):
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            found = list_classes_without_money(School.objects.all(), DAY)
        assert len(found) == TrainingClass.objects.count()
        return len(captured)

    before = count()
    for number in range(3):
        made = factories.make_class(world.school)
        made.capacity = 5
        made.save()
        lecturer = factories.make_lecturer(world.school, name=f"韩{number}")
        factories.make_session(made, instructor=lecturer)

    assert count() == before
