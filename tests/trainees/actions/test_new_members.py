"""One member is added by hand: from which day they count, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.encryption import decrypt
from config.lib.periods import at_local, period
from tests import factories
from tests.admin_pages import make_officer
from tests.factories import make_organisation
from tests.refusals import refused
from tests.trainees.actions.test_register import resident_id
from trainees.actions.new_members import PersonFacts, add_member
from trainees.enums import MembershipStatus
from trainees.errors import MemberFactError
from trainees.models import Member
from years.queries.hours import get_year_of

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 1)
AT = at_local(date(2026, 6, 1), 10)


class World:
    def __init__(self) -> None:
        self.school = factories.make_school()
        self.here = make_organisation(self.school)
        self.officer = make_officer(Role.ORGANISATION_DEPARTMENT)

    def add(self, **changes):
        names = set(changes) & {"name", "resident_id", "phone", "joined_on", "full_member_on"}
        person = {"name": "周涛", "resident_id": resident_id(12)}
        person |= {name: changes.pop(name) for name in names}
        facts = {
            "facts": PersonFacts(**person),
            "organisation": self.here,
            "membership_status": MembershipStatus.NORMAL,
            "on": DAY,
            "by": factories.acting(self.officer),
            "at": AT,
        }
        return add_member(**facts | changes)


def refusal(act, *who, **facts) -> MemberFactError:
    """The error of an act that is refused, in English."""
    with translation.override("en"), refused(MemberFactError) as caught:
        act(*who, **facts)
    return caught.value


@pytest.fixture
def world() -> World:
    return World()


def test_a_new_member_gets_a_number_and_what_the_id_number_says(world):
    member = world.add(phone="13800000001").member

    assert member.number == f"{world.school.code[-3:]}0000001"
    assert (member.sex, member.birth_date) == ("f", date(1970, 1, 1))
    assert decrypt(member.resident_id_encrypted) == resident_id(12)
    assert (member.name_initials, member.phone) == ("zt", "13800000001")


def test_the_next_one_gets_the_next_number(world):
    world.add()

    assert world.add(resident_id=resident_id(13)).member.number.endswith("0000002")


def test_they_belong_from_the_day_and_owe_for_the_whole_months_since(world):
    membership = world.add()

    assert membership.period == period(DAY)
    year = get_year_of(world.officer, membership.member, 2026, AT.date())
    assert year.verdict.owed == 21.5  # eight of twelve months of 32, rounded to half an hour


def test_the_trail_has_the_act_with_the_number_masked(world):
    membership = world.add()

    entry = AuditEntry.objects.get(act="add_member")
    assert entry.after["organisation_id"] == world.here.pk
    added = AuditEntry.objects.get(act="add_record", object_id=str(membership.member_id))
    assert added.after["resident_id"].count("*") == 13


def test_an_id_number_on_record_is_refused_without_a_name(world):
    world.add(name="郑重其")

    error = refusal(world.add, name="另一人")

    assert error.field == "resident_id"
    assert "on the register already" in str(error)
    assert "郑重其" not in str(error)
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"resident_id": resident_id(12)[:-1] + "X"}, "resident_id"),
        ({"resident_id": "1"}, "resident_id"),
        ({"on": date(2025, 12, 31)}, "on"),
        ({"on": date(2026, 6, 2)}, "on"),
        ({"joined_on": date(2026, 5, 2)}, "joined_on"),
        ({"joined_on": date(1969, 1, 1)}, "joined_on"),
        ({"full_member_on": date(2026, 6, 2)}, "full_member_on"),
        ({"joined_on": date(2020, 1, 2), "full_member_on": date(2020, 1, 1)}, "full_member_on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(world, changes, field):
    assert refusal(world.add, **changes).field == field
    assert not Member.objects.exists()


def test_an_organisation_that_ends_takes_nobody(world):
    world.here.period = period(factories.START, date(2026, 9, 1))
    world.here.save()

    assert refusal(world.add).field == "organisation"
