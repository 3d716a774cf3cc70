"""Members put themselves on the roster of an open class, and leave it before it begins."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry
from classes.actions.enrolments import enrol_self, withdraw_self
from classes.errors import RosterError
from classes.models import Enrolment
from classes.queries.timetable import list_own_classes
from config.lib.periods import at_local
from courses.models import TrainingClass
from tests import factories

pytestmark = pytest.mark.django_db
BEFORE = at_local(date(2026, 11, 24), 10)
FIRST = date(2026, 12, 1)


class World:
    """An open class with two places and two sessions; four members with accounts."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        branch = factories.make_organisation(self.school)
        self.members = [factories.make_member(branch, user=factories.make_user()) for _ in range(4)]
        self.training_class = factories.make_class(self.school)
        TrainingClass.objects.update(is_open=True, capacity=2)
        for n in range(2):
            factories.make_session(
                self.training_class, starts_at=at_local(FIRST + timedelta(days=n), 9)
            )

    def enrol(self, member, at=BEFORE):
        by = factories.acting(member.user)
        return enrol_self(training_class_id=self.training_class.pk, by=by, at=at)

    def withdraw(self, member, at=BEFORE):
        by = factories.acting(member.user)
        return withdraw_self(training_class_id=self.training_class.pk, by=by, at=at)

    def roster(self):
        lasting = Enrolment.objects.lasting().order_by("phone_pocket")
        return list(lasting.values_list("phone_pocket", "member"))

    def waiting(self):
        return list(self.training_class.waiting_list.values_list("member", flat=True))


@pytest.fixture
def world():
    return World()


def test_a_member_gets_a_place_and_a_pocket(world):
    done = world.enrol(world.members[0])

    assert done.placed == [world.members[0]]
    assert world.roster() == [(1, world.members[0].pk)]
    entry = AuditEntry.objects.get(act="enrol_self")
    assert entry.actor == world.members[0].user
    assert entry.after["enrolled"] == [world.members[0].pk]


def test_a_second_time_changes_nothing(world):
    world.enrol(world.members[0])

    assert world.enrol(world.members[0]).known == [world.members[0]]
    assert AuditEntry.objects.filter(act="enrol_self").count() == 1


def test_who_comes_when_it_is_full_waits_in_order(world):
    for member in world.members:
        world.enrol(member)

    assert world.waiting() == [member.pk for member in world.members[2:]]
    positions = [list_own_classes(member, BEFORE)[0].position for member in world.members]
    assert positions == [None, None, 1, 2]


def test_who_leaves_gives_the_place_to_the_first_who_waits(world):
    for member in world.members:
        world.enrol(member)

    done = world.withdraw(world.members[0])

    assert done.let_in.promoted == [world.members[2]]
    assert {member for _pocket, member in world.roster()} == {
        world.members[1].pk,
        world.members[2].pk,
    }
    assert list_own_classes(world.members[3], BEFORE)[0].position == 1
    assert list_own_classes(world.members[0], BEFORE) == []


def test_who_waits_leaves_the_line(world):
    for member in world.members[:3]:
        world.enrol(member)

    assert world.withdraw(world.members[2]) is None
    assert world.waiting() == []


def test_leaving_twice_writes_one_entry(world):
    world.enrol(world.members[0])
    world.withdraw(world.members[0])
    world.withdraw(world.members[0])

    assert AuditEntry.objects.filter(act="withdraw_self").count() == 1


def test_who_left_may_come_back(world):
    world.enrol(world.members[0])
    world.withdraw(world.members[0])
    world.enrol(world.members[0])

    assert world.roster() == [(1, world.members[0].pk)]


def test_a_class_that_is_not_open_takes_nobody_this_way(world):
    TrainingClass.objects.update(is_open=False)

    with pytest.raises(RosterError):
        world.enrol(world.members[0])


def test_nor_one_that_has_begun(world):
    world.enrol(world.members[0])
    for act in (world.enrol, world.withdraw):
        with pytest.raises(RosterError):
            act(world.members[0], at=at_local(FIRST, 9))


def test_nor_one_for_another_audience(world):
    TrainingClass.objects.update(audience="secretaries")

    with pytest.raises(RosterError):
        world.enrol(world.members[0])


def test_a_member_of_another_school_of_the_district_may_join(world):
    other = factories.make_school("120111005", "津门湖街道")
    guest = factories.make_member(factories.make_organisation(other), user=factories.make_user())

    assert world.enrol(guest).placed == [guest]


def test_who_is_no_member_may_not(world):
    with pytest.raises(PermissionDenied):
        enrol_self(
            training_class_id=world.training_class.pk,
            by=factories.acting(factories.make_clerk(world.school)),
            at=BEFORE,
        )
