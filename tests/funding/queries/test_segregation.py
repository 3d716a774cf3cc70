"""One person with two roles for money is reported, whichever of their accounts hold them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from config.lib.periods import period
from funding.queries.segregation import list_double_holders, segregation_tasks
from schools.models import RoleGrant
from schools.records import find_held_apart
from tests import factories
from tests.browsers import browser_of
from tests.factories import DAY, NOON, START, grant
from tests.funding.world import DUES, FISCAL, FundWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> FundWorld:
    return FundWorld()


def second_account(world: FundWorld, of: User) -> User:
    """Another account of the same person: one is the member's, the other has name and phone."""
    member = factories.make_member(factories.make_organisation(world.school))
    member.phone, member.name, member.user = "13900000001", of.display_name, of
    member.save()
    other = factories.make_user(display_name=of.display_name)
    other.phone = member.phone
    other.save()
    return other


def held(user: User, on=DAY) -> list[set[str]]:
    return [{one.role for one in found.grants} for found in list_double_holders(user, on)]


def test_four_people_and_a_clerk_are_not_reported(world):
    world.person(Role.CUSTODIAN, DUES)

    assert held(world.officer) == []
    assert segregation_tasks(world.officer, NOON) == []


def test_two_accounts_of_a_person_are_one(world):
    other = second_account(world, world.approver)
    grant(other, Role.PAYER, world.school, channel=DUES)

    assert held(world.officer) == [{"approver", "payer"}]
    [task] = segregation_tasks(world.officer, NOON)
    assert task.url == reverse("funding:double_roles")
    page = browser_of(world.officer).get(task.url).text
    assert other.username in page
    assert world.approver.username in page


def test_a_clerk_with_a_role_for_the_money_of_the_school(world):
    neighbour = factories.make_school("120111005", "津门湖街道")
    grant(world.clerk, Role.CUSTODIAN, neighbour, channel=FISCAL)
    assert held(world.officer) == []
    RoleGrant.objects.filter(user=world.clerk, role=Role.CUSTODIAN).delete()

    grant(world.clerk, Role.CUSTODIAN, world.school, channel=FISCAL)

    assert held(world.officer) == [{"school_clerk", "custodian"}]


def test_an_auditor_is_told_of_the_own_schools(world):
    grant(world.clerk, Role.CUSTODIAN, world.school, channel=FISCAL)
    neighbour = factories.make_school("120111005", "津门湖街道")
    elsewhere = world.person(Role.AUDITOR, FISCAL, neighbour)

    assert held(world.auditor) == [{"school_clerk", "custodian"}]
    assert held(elsewhere) == []
    assert segregation_tasks(world.clerk, NOON) == []


def test_costs_the_same_for_any_number_of_grants(world):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            list_double_holders(world.officer, DAY)
        return len(queries)

    few = cost()
    for channel in (FISCAL, DUES):
        for role in (Role.CUSTODIAN, Role.APPROVER, Role.PAYER):
            world.person(role, channel)

    assert cost() == few


def test_the_second_role_is_refused_under_another_account_too(world):
    other = second_account(world, world.approver)
    new = RoleGrant(
        user=other, role=Role.PAYER, school=world.school, channel=DUES, period=period(START)
    )

    assert find_held_apart(new)
    assert not find_held_apart(
        RoleGrant(
            user=other, role=Role.APPROVER, school=world.school, channel=DUES, period=period(START)
        )
    )
