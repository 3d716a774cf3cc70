"""Monitor, study groups and pocket numbers of a class."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db.backends.postgresql.psycopg_any import NumericRange

from accounts.models import AuditEntry
from config.lib.periods import at_local
from tests import factories
from tests.factories import ClassWorld
from trainees.actions.class_order import Place, arrange_roster, number_pockets, split_evenly
from trainees.errors import RosterError
from trainees.models import Enrolment

pytestmark = pytest.mark.django_db
NOW = at_local(date(2026, 5, 18), 10)


@pytest.fixture
def world():
    return ClassWorld(size=3)


def arrange(world, places, monitor=None, by=None):
    return arrange_roster(
        training_class_id=world.training_class.pk,
        places={member.pk: Place(*place) for member, place in places.items()},
        monitor=monitor and monitor.pk,
        by=by or world.by,
        at=NOW,
    )


def order(world):
    rows = {one.member_id: one for one in Enrolment.objects.lasting()}
    return [
        (rows[m.pk].phone_pocket, rows[m.pk].study_group, rows[m.pk].is_monitor)
        for m in world.members
    ]


def test_pockets_pass_from_one_to_another_in_one_step(world):
    a, b, _c = world.members

    arrange(world, {a: (2, 1), b: (1, 1)}, monitor=b)

    assert order(world) == [(2, 1, False), (1, 1, True), (3, None, False)]
    entry = AuditEntry.objects.get(act="arrange_roster")
    assert entry.after == {"monitor": b.pk, "moved": 2}


def test_the_monitor_passes_from_one_to_another(world):
    a, b, _c = world.members
    arrange(world, {}, monitor=a)
    arrange(world, {}, monitor=b)

    assert [is_monitor for _p, _g, is_monitor in order(world)] == [False, True, False]


def test_without_a_change_nothing_is_written(world):
    assert arrange(world, {world.members[0]: (1, None)}) == 0
    assert not AuditEntry.objects.filter(act="arrange_roster").exists()


def test_a_pocket_is_for_one(world):
    with pytest.raises(RosterError):
        arrange(world, {world.members[0]: (3, None)})


def test_nor_is_it_that_of_one_who_left_after_the_first_session(world):
    Enrolment.objects.filter(member=world.members[2]).update(sessions=NumericRange(1, 2, "[)"))

    with pytest.raises(RosterError):
        arrange(world, {world.members[0]: (3, None)})


def test_who_left_meanwhile_is_named_in_vain(world):
    Enrolment.objects.filter(member=world.members[2]).update(sessions=NumericRange(1, 2, "[)"))

    with pytest.raises(RosterError):
        arrange(world, {world.members[2]: (9, None)})


def test_by_those_who_plan_the_class_alone(world):
    leader = factories.make_user()
    factories.grant(leader, "school_leader", world.school)

    with pytest.raises(PermissionDenied):
        arrange(world, {}, by=factories.acting(leader))


def test_groups_differ_by_one_member_at_most():
    assert split_evenly([1, 2, 3, 4, 5], 2) == {1: 1, 2: 1, 3: 1, 4: 2, 5: 2}
    assert split_evenly([1, 2], 3) == {1: 1, 2: 2}


def test_numbers_follow_the_order_past_those_taken():
    assert number_pockets([7, 8, 9], {2}) == {7: 1, 8: 3, 9: 4}
