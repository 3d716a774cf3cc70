"""Monitor, study groups, seats and pocket numbers of a class."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db.backends.postgresql.psycopg_any import NumericRange

from accounts.models import AuditEntry
from classes.actions.class_order import (
    Order,
    Place,
    arrange_roster,
    number_in_order,
    order_of,
    split_evenly,
)
from classes.errors import OrderConflict, OrderConflictError, RosterError
from classes.models import Enrolment
from config.lib.periods import at_local
from rolls.actions.attendance import record_attendance, submit_roll
from tests import factories
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db
NOW = at_local(date(2026, 5, 18), 10)


@pytest.fixture
def world():
    return ClassWorld(size=3)


def arrange(world, places, monitor=None, by=None, seen=None, at=NOW):
    """By one who sees what is stored, unless he has `seen` something else."""
    return arrange_roster(
        training_class_id=world.training_class.pk,
        wanted=Order(
            {member.pk: Place(*place) for member, place in places.items()}, monitor and monitor.pk
        ),
        seen=seen or see(world),
        by=by or world.by,
        at=at,
    )


def see(world):
    return order_of(Enrolment.objects.known_to(world.training_class))


def order(world):
    rows = {enrolment.member_id: enrolment for enrolment in Enrolment.objects.lasting()}
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


def test_seats_pass_from_one_to_another_and_are_for_one(world):
    a, b, _c = world.members
    arrange(world, {a: (1, None, 5), b: (2, None, 6)})
    arrange(world, {a: (1, None, 6), b: (2, None, 5)})

    seats = dict(Enrolment.objects.values_list("member", "seat"))
    assert (seats[a.pk], seats[b.pk]) == (6, 5)
    with pytest.raises(RosterError, match="座位"):
        arrange(world, {a: (1, None, 5)})


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


class TestTwoWhoArrangeOneClass:
    def test_keep_what_each_has_changed(self, world):
        a, b, _c = world.members
        seen = see(world)
        arrange(world, {a: (1, 5)}, monitor=b)

        arrange(world, {a: (1, None), b: (2, 6)}, seen=seen)

        assert order(world) == [(1, 5, False), (2, 6, True), (3, None, False)]

    def test_do_not_undo_one_another_unseen_on_a_seat(self, world):
        a, b, _c = world.members
        seen = see(world)
        arrange(world, {a: (1, None, 9)})

        with pytest.raises(OrderConflictError) as caught:
            arrange(world, {a: (1, None, 8)}, seen=seen)
        assert caught.value.conflicts == [OrderConflict(f"seat-{a.pk}", 9)]

        arrange(world, {a: (1, None), b: (2, None, 10)}, seen=seen)
        seats = dict(Enrolment.objects.values_list("member", "seat"))
        assert (seats[a.pk], seats[b.pk]) == (9, 10)

    def test_do_not_undo_one_another_unseen(self, world):
        a, b, c = world.members
        seen = see(world)
        arrange(world, {a: (9, None)}, monitor=b)

        with pytest.raises(OrderConflictError) as caught:
            arrange(world, {a: (8, None)}, monitor=c, seen=seen)

        assert caught.value.conflicts == [
            OrderConflict(f"pocket-{a.pk}", 9),
            OrderConflict("monitor", b.pk),
        ]
        assert (caught.value.changed_by, caught.value.at) == (world.clerk.display_name, NOW)
        assert order(world)[0] == (9, None, False)


class TestAPocketOnASubmittedRoll:
    """The sheet was signed in the order of pockets, so its lines keep their numbers."""

    @pytest.fixture(autouse=True)
    def _submitted(self, world):
        Enrolment.objects.filter(member=world.members[2]).update(sessions=NumericRange(2, None))
        submit_roll(
            session_id=world.session.pk,
            marks={member.pk: "present" for member in world.members[:2]},
            seen={},
            by=world.by,
            at=world.session.ends_at,
        )

    def test_stays_as_it_was_signed(self, world):
        with pytest.raises(RosterError, match="签到时为准"):
            arrange(world, {world.members[0]: (7, None)})

        assert order(world)[0] == (1, None, False)

    def test_leaves_the_group_free_and_who_is_on_none(self, world):
        a, _b, c = world.members

        arrange(world, {a: (1, 4), c: (7, None)})

        assert order(world) == [(1, 4, False), (2, None, False), (7, None, False)]


class TestAPocketThatHoldsAPhone:
    """The person who was let in to a session that is not over has a phone in the wall."""

    @pytest.fixture(autouse=True)
    def _let_in(self, world):
        a, b, c = world.members
        record_attendance(
            session_id=world.session.pk,
            marks={a.pk: "present", b.pk: "late", c.pk: "absent"},
            seen={},
            by=world.by,
            at=world.session.starts_at,
        )

    def test_is_not_renumbered_under_it(self, world):
        a, b, _c = world.members
        for enrolment, pocket in ((a, 7), (b, None)):
            with pytest.raises(RosterError, match="手机"):
                arrange(world, {enrolment: (pocket, None)}, at=world.session.starts_at)

    def test_leaves_the_group_free_and_who_did_not_come(self, world):
        a, _b, c = world.members

        arrange(world, {a: (1, 4), c: (7, None)}, at=world.session.starts_at)

        assert order(world) == [(1, 4, False), (2, None, False), (7, None, False)]

    def test_is_given_to_nobody_else_also_of_one_who_left(self, world):
        a, _b, c = world.members
        Enrolment.objects.filter(member=a).update(sessions=NumericRange(1, 2))
        Enrolment.objects.filter(member=c).update(sessions=NumericRange(2, None))

        with pytest.raises(RosterError):
            arrange(world, {c: (1, None)}, at=world.session.starts_at)

    def test_is_free_once_the_session_is_over(self, world):
        arrange(world, {world.members[0]: (7, None)}, at=world.session.ends_at)

        assert order(world)[0] == (7, None, False)

    def test_says_nothing_of_who_has_no_number(self, world):
        a = world.members[0]
        Enrolment.objects.filter(member=a).update(phone_pocket=None)

        arrange(world, {a: (7, None)}, at=world.session.starts_at)

        assert order(world)[0] == (7, None, False)


def test_groups_differ_by_one_member_at_most():
    assert split_evenly([1, 2, 3, 4, 5], 2) == {1: 1, 2: 1, 3: 1, 4: 2, 5: 2}
    assert split_evenly([1, 2], 3) == {1: 1, 2: 2}


def test_numbers_follow_the_order_past_those_taken():
    assert number_in_order([7, 8, 9], {2}) == {7: 1, 8: 3, 9: 4}


def test_the_person_who_comes_when_all_999_are_taken_has_none():
    assert number_in_order([7, 8], set(range(1, 999))) == {7: 999, 8: None}
